"""What a person sees when something goes wrong: plain words, what they typed, and never a traceback."""

import errno
import secrets
import traceback
from collections.abc import Sequence
from typing import TypeVar

import structlog
from flask import Flask, Response, abort, current_app, make_response, render_template, request
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import Conflict, HTTPException, NotFound, SecurityError

from recovery_college.kernel.db import begin_reading, db
from recovery_college.kernel.logging import rule_asked
from recovery_college.kernel.pdf import PdfStopped, PdfUnavailable
from recovery_college.kernel.storage import StorageProblem

log = structlog.get_logger(__name__)

DRAWN = frozenset({400, 401, 403, 404, 409, 413, 429, 500, 503})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
SECRET_WORDS = ("password", "token", "secret", "otp")
NOBODY_TYPED = frozenset({"seen", "deed", "key", "draft", "then"})
"""Names of what a form carries along for itself: which version it showed, which button was pressed."""
RETRY_AFTER_SECONDS = 30
LONGEST_KEPT = 20_000

Rows = Sequence[tuple[str, str]]
FoundT = TypeVar("FoundT")


class ChangedMeanwhile(Conflict):
    """Somebody else saved this while the page was open. Raise it with both sides as (label, value) rows.

    `again` is the address of the page as it is now (root-relative).
    """

    def __init__(self, theirs: Rows, yours: Rows, again: str = "") -> None:
        super().__init__()
        self.theirs = list(theirs)
        self.yours = list(yours)
        self.again = again


class NotHere(NotFound):
    """A 404 whose page says what may have become of it, the same for what never was and what one may not know of.

    `onward` is where to go on: an address (root-relative) and its words.
    """

    def __init__(self, heading: str, sentences: Sequence[str], onward: tuple[str, str]) -> None:
        super().__init__()
        self.heading = heading
        self.sentences = tuple(sentences)
        self.onward = onward


def or_404(found: FoundT | None) -> FoundT:
    """What a query found. Nothing is a page that is not there: the actor may not know of it, or it never was."""
    if found is None:
        abort(404)
    return found


def init_errors(app: Flask) -> None:
    """Answer every HTTP error, a database that cannot be reached, and every bug with a page of ours."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(InterfaceError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(InternalError, _internal)
    app.register_error_handler(StorageProblem, _unavailable)
    app.register_error_handler(PdfStopped, _unavailable)
    app.register_error_handler(PdfUnavailable, _unavailable)
    app.register_error_handler(OSError, _file_trouble)
    app.register_error_handler(Exception, _bug)


def typed_text() -> list[tuple[str, str]]:
    """Return what the person typed into this request's form as (label, value), without secrets or blanks."""
    try:
        fields = list(request.form.items(multi=True))
    except (HTTPException, OSError):
        return []
    return [
        (
            name.replace("_", " ").replace("-", " ").strip().capitalize(),
            value.replace("\0", "")[:LONGEST_KEPT],
        )
        for name, value in fields
        if value.strip()
        and name not in NOBODY_TYPED
        and not any(word in name.lower() for word in SECRET_WORDS)
    ]


def _http_error(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    if isinstance(error, SecurityError):
        # Asked for under a name that is not ours: no address can be built, so no page can be drawn.
        return Response(
            "This service does not answer to that address. Check the link.\n", 400, mimetype="text/plain"
        )
    if code in (500, 502, 504):
        return _bug(error)
    facts: dict[str, object] = {"typed": typed_text() if code in (400, 401, 404, 503) else []}
    if isinstance(error, ChangedMeanwhile):
        facts = {"theirs": error.theirs, "yours": error.yours, "again": error.again}
    elif isinstance(error, NotHere):
        facts = {"not_here": error}
    elif code == 409:
        facts = {"theirs": [], "yours": typed_text(), "again": ""}
    elif code == 413:
        facts["largest_mb"] = current_app.extensions.get("largest", {}).get(request.endpoint, 0) // 1024**2
    wait = getattr(error, "retry_after", None)
    if code in (429, 503):
        facts["wait"] = int(wait) if isinstance(wait, int | float) else RETRY_AFTER_SECONDS
    answer = draw_error(code if code in DRAWN else _nearest(code), facts)
    answer.status_code = code
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    if code in (429, 503):
        answer.headers["Retry-After"] = str(facts["wait"])
    return answer


def _nearest(code: int) -> int:
    """Return the page that says it best: a gone page is not found, other refusals are a bad request."""
    if code in (405, 410):
        return 404
    return 400 if code < 500 else 503


def _unavailable(error: Exception) -> Response:
    log.error("storage_unavailable", rule=rule_asked(), method=request.method, kind=type(error).__name__)
    if "sqlalchemy" in current_app.extensions:
        # The page is drawn from what can be read: asking for the write lock again would double the wait.
        db.session.rollback()
        begin_reading()
    answer = draw_error(503, {"typed": typed_text(), "wait": RETRY_AFTER_SECONDS})
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _internal(error: InternalError) -> Response:
    """PostgreSQL names a database that takes no writes (25006) among its internal errors."""
    return _unavailable(error) if getattr(error.orig, "sqlstate", "") == "25006" else _bug(error)


def _file_trouble(error: OSError) -> Response:
    return _unavailable(error) if error.errno in NO_ROOM else _bug(error)


def _bug(error: Exception) -> Response:
    # The lines of code only: an exception's own words may hold what a person typed, and no log may.
    reference = "-".join(secrets.token_hex(2).upper() for _ in range(2))
    log.error(
        "unexpected_error",
        reference=reference,
        rule=rule_asked(),
        method=request.method,
        kind=type(error).__name__,
        where=traceback.format_tb(error.__traceback__),
    )
    return draw_error(500, {"reference": reference, "typed": typed_text()})


def draw_error(code: int, facts: dict[str, object]) -> Response:
    """Draw errors/<code>.html with the usual header; without the signed-in part when even that fails.

    The facts about the visitor come from the database, which may be the very thing that is down.
    """
    template = f"errors/{code}.html"
    try:
        page = render_template(template, **facts)
    except Exception as trouble:  # noqa: BLE001 whatever broke, the person still gets a page
        log.warning("error_page_without_visitor", code=code, kind=type(trouble).__name__)
        settings = current_app.extensions.get("settings")
        names = {name: getattr(settings, name, "") for name in ("org_name", "college_name", "contact_email")}
        bare = current_app.jinja_env.get_template(template)
        page = bare.render(get_flashed_messages=lambda **_: [], **names, **facts)
    return make_response(page, code)
