"""What the service says about itself: JSON lines on standard error, by which a request can be followed.

No line holds what a person typed, a name, a query string, or a path that may end in a one-time token: routes
are told by their rule, errors by their kind and lines of code.
"""

import logging
import secrets
import sys
import time
import traceback
from types import TracebackType
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, Processor, WrappedLogger

log = structlog.get_logger(__name__)

# Libraries that tell of every step.
QUIET = ("huey", "alembic", "fontTools", "weasyprint", "waitress")
NOT_TOLD = frozenset({"static"})


def init_logging(app: Flask) -> None:
    """Send all lines, ours and the libraries', to standard error, and tell each request with an id.

    On a person's screen only warnings are shown, in plain text, so that a demonstration can be read.
    """
    screen = sys.stderr.isatty()
    level = logging.WARNING if screen else logging.INFO
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        without_words,
    ]
    drawn: Processor = structlog.dev.ConsoleRenderer() if screen else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*before, drawn],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _take_in_libraries(before, drawn, level)
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(lambda _: structlog.contextvars.clear_contextvars())


def without_words(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and lines of code: its own words may hold what somebody typed."""
    found: Any = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[0] is not None:
        kind: type[BaseException] = found[0]
        at: TracebackType | None = found[2]
        event["kind"] = kind.__name__
        event["where"] = traceback.format_tb(at)
    return event


class _ToStandardError(logging.Handler):
    """Writes where standard error is at that moment, which tests move."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)  # noqa: T201 this is the log


def _take_in_libraries(before: list[Processor], drawn: Processor, level: int) -> None:
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, _ToStandardError)]:
        root.removeHandler(old)
    handler = _ToStandardError(level)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, drawn],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *before],
        )
    )
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _begin() -> None:
    structlog.contextvars.clear_contextvars()
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _tell(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-ID"] = g.request_id
        if request.endpoint not in NOT_TOLD:
            took = round((time.perf_counter() - g.began) * 1000)
            status = response.status_code
            log.info("request", method=request.method, rule=rule_asked(), status=status, ms=took)
    return response


def rule_asked() -> str:
    """Return the rule of the page asked for, such as `/cohorts/<uuid:cohort_id>`; "" when there is none."""
    return request.url_rule.rule if request.url_rule is not None else ""
