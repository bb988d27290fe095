"""The audit trail, for auditors and administrators; and who looked, for the person looked at."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, may
from recovery_college.audit.services import record, verify_chain
from recovery_college.kernel.db import aside, session
from recovery_college.kernel.numbers import number_given
from recovery_college.kernel.tables_out import MEDIA_TYPES, csv_lines, write_table
from recovery_college.privacy import presenters
from recovery_college.privacy.queries import (
    TRAIL_COLUMNS,
    TrailFilter,
    actions_known,
    looks_at,
    role_in_words,
    trail_length,
    trail_rows,
    trail_visible_to,
)

MOST_ROWS_FOR_EXCEL = 100_000

room = Room("privacy", __name__)


@room.page("/audit", permission=Permission.SIGNED_IN)
def audit_trail() -> ResponseReturnValue:
    """Who did what, newest first."""
    actor = the_actor()
    if not (may(actor, Permission.AUDIT_SEE) or may(actor, Permission.AUDIT_SECURITY_SEE)):
        abort(403)
    before, chosen = _number("before"), _chosen()
    lines, onward = trail_visible_to(actor, chosen, before)
    given = _as_arguments(chosen)
    return render_template(
        "privacy/audit_trail.html",
        lines=lines,
        words=presenters,
        role_in_words=role_in_words,
        onward=onward,
        given=given,
        chosen=chosen,
        actions=actions_known(actor),
        checks=may(actor, Permission.AUDIT_SEE),
        takes_out=may(actor, Permission.AUDIT_EXPORT),
    )


@room.page("/audit/export.<form>", permission=Permission.AUDIT_EXPORT)
def audit_export(form: str) -> ResponseReturnValue:
    """The trail to take away, as it is hashed. CSV of any length; Excel while it has room for the rows."""
    actor, chosen = the_actor(), _chosen()
    length = trail_length(actor, chosen)
    if form == "xlsx" and length > MOST_ROWS_FOR_EXCEL:
        flash(
            f"These are {length:,} events, more than an Excel file takes here. Narrow them, or take the CSV.",
            "error",
        )
        return redirect(url_for("privacy.audit_trail", **_as_arguments(chosen)), 303)
    if form not in ("csv", "xlsx"):
        abort(404)
    with aside() as s:
        record(s, actor, "exported audit trail", "export", "audit", rows=length)
    rows = trail_rows(actor, chosen)
    content: Any = (
        stream_with_context(csv_lines(TRAIL_COLUMNS, rows))
        if form == "csv"
        else write_table("xlsx", TRAIL_COLUMNS, rows)
    )
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-trail.{form}"'
    return answer


@room.page("/privacy/who-looked", permission=Permission.WHO_LOOKED)
def who_looked() -> ResponseReturnValue:
    """Who looked at one's own record, newest first."""
    before = _number("before")
    looks, onward = looks_at(the_actor(), before)
    return render_template("privacy/who_looked.html", looks=looks, onward=onward, is_first=before is None)


@room.page("/audit/check", permission=Permission.AUDIT_SEE)
def audit_check() -> ResponseReturnValue:
    """Check the whole chain now."""
    return render_template("privacy/audit_check.html", report=verify_chain(session()))


def _chosen() -> TrailFilter:
    given = {name: request.args.get(name, "").strip()[:80] for name in ("action", "subject", "actor")}
    return TrailFilter(given["action"], given["subject"], given["actor"], _number("days"))


def _as_arguments(chosen: TrailFilter) -> dict[str, Any]:
    given = {
        "action": chosen.action,
        "subject": chosen.subject,
        "actor": chosen.actor_id,
        "days": chosen.days,
    }
    return {name: value for name, value in given.items() if value}


def _number(name: str) -> int | None:
    """A whole number a database can compare with, or None for anything else in the address."""
    return number_given(request.args.get(name), digits=9)
