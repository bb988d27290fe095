"""The audit trail, for auditors and administrators."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, may
from recovery_college.audit.services import verify_chain
from recovery_college.kernel.db import session
from recovery_college.privacy.queries import actions_known, trail_visible_to

room = Room("privacy", __name__)


@room.page("/audit", permission=Permission.SIGNED_IN)
def audit_trail() -> ResponseReturnValue:
    """Who did what, newest first."""
    actor = the_actor()
    if not (may(actor, Permission.AUDIT_SEE) or may(actor, Permission.AUDIT_SECURITY_SEE)):
        abort(403)
    before = _number("before")
    days = _number("days")
    chosen = {name: request.args.get(name, "").strip()[:80] for name in ("action", "subject", "actor")}
    lines, onward = trail_visible_to(
        actor,
        before=before,
        action=chosen["action"],
        subject=chosen["subject"],
        actor_id=chosen["actor"],
        days=days,
    )
    return render_template(
        "privacy/audit_trail.html",
        lines=lines,
        onward=onward,
        before=before,
        days=days,
        chosen=chosen,
        actions=actions_known(actor),
        checks=may(actor, Permission.AUDIT_SEE),
    )


@room.page("/audit/check", permission=Permission.AUDIT_SEE)
def audit_check() -> ResponseReturnValue:
    """Check the whole chain now."""
    return render_template("privacy/audit_check.html", report=verify_chain(session()))


def _number(name: str) -> int | None:
    """A whole number a database can compare with, or None for anything else in the address."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None
