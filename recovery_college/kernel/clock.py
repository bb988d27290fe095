"""The one place that asks what time it is, so that tests and the demo can hold the clock still."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """The present moment, in UTC, with its zone."""
    if _source is not None:
        return _source()
    return datetime.now(UTC)


def today() -> date:
    """Today's date as people in England see it (Europe/London)."""
    return now().astimezone(LONDON).date()


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (with a zone) inside the block; for tests and reproducible seeds."""
    global _source
    before = _source
    fixed = moment.astimezone(UTC)
    _source = lambda: fixed  # noqa: E731
    try:
        yield
    finally:
        _source = before
