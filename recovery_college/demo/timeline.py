"""The demo's past: deeds and events told in any order, done in the order of their moments, with the clock held."""

from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy.orm import Session

from recovery_college.audit.rules import Detail, Doer, Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.kernel import clock

Deed = Callable[[Session], object]


class Timeline:
    """What happened when: deeds that call a room's service, and events of what was written in bulk.

    What is told of later today, by whoever makes the demo before breakfast, has happened just now.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._happened: list[tuple[datetime, Event | Deed]] = []

    def tell(
        self, at: datetime, actor: Doer, action: str, kind: str, subject: object, **details: Detail
    ) -> None:
        """Add the event of something whose rows are written in bulk."""
        self._happened.append((min(at, self._now), event_of(actor, action, kind, subject, **details)))

    def do(self, at: datetime, deed: Deed) -> None:
        """Add a call of a service, which writes its own rows and events."""
        self._happened.append((min(at, self._now), deed))

    def pass_by(self, s: Session, until: datetime) -> None:
        """Let everything up to a moment happen, in the caller's transaction; the rest waits for the next call."""
        past = sorted((one for one in self._happened if one[0] <= until), key=itemgetter(0))
        self._happened = [one for one in self._happened if one[0] > until]
        for at, together in groupby(past, key=itemgetter(0)):
            with clock.held_at(at):
                _happen(s, [what for _, what in together])


def _happen(s: Session, what: list[Event | Deed]) -> None:
    told: list[Event] = []
    for one in what:
        if isinstance(one, Event):
            told.append(one)
            continue
        record_many(s, told)
        told = []
        one(s)
    record_many(s, told)
