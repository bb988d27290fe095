"""The list of reasons why a post is not a PSW role, kept as data: added to and retired, never deleted."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.consideration import OTHER_REASON
from recovery_college.careers.considerations import Refused, VacancyNotFound
from recovery_college.careers.models import Consideration, ConsiderationReason
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.ids import new_id

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class KeptReason:
    """A reason with how often it was given, and from when it is not offered."""

    code: str
    words: str
    retired_on: date | None
    given: int

    @property
    def may_retire(self) -> bool:
        """Whether it can be retired: "Another reason" stays, so that nobody is left without an answer."""
        return self.code != OTHER_REASON


def kept_reasons(actor: Actor) -> list[KeptReason]:
    """Every reason in its order, retired ones too; nothing for who does not keep the list."""
    if not may(actor, Permission.REASONS_KEEP):
        return []
    given = (
        select(func.count(Consideration.id))
        .where(Consideration.reason_code == ConsiderationReason.code)
        .correlate(ConsiderationReason)
        .scalar_subquery()
    )
    rows = session().execute(
        select(ConsiderationReason, given).order_by(ConsiderationReason.position, ConsiderationReason.code)
    )
    return [KeptReason(row.code, row.words, row.retired_on, int(count)) for row, count in rows]


def add_reason(actor: Actor, words: str) -> str:
    """Offer one more reason from today, before "Another reason", and return its code. Only HR.

    Raises Refused when there is one in these words: a retired one is offered again instead.
    """
    words = " ".join(words.split())
    if not may(actor, Permission.REASONS_KEEP):
        raise VacancyNotFound
    if not words:
        raise Refused("Write the reason", {"words": "Write the reason as managers should read it."})
    if len(words) > LONGEST_REASON:
        text = f"Shorten the reason to {LONGEST_REASON} characters or fewer. It has {len(words)}."
        raise Refused(text, {"words": text})
    with transaction() as s:
        for row in s.scalars(select(ConsiderationReason)):
            if row.words.casefold() == words.casefold():
                text = "There is this reason already." + (
                    " It is retired: offer it again." if row.retired_on else ""
                )
                raise Refused(text, {"words": text})
        last = s.scalar(
            select(func.max(ConsiderationReason.position)).where(ConsiderationReason.code != OTHER_REASON)
        )
        code = f"{_slug(words)}-{new_id().hex[-6:]}"
        position = (last or 0) + 1
        s.add(ConsiderationReason(code=code, words=words, needs_text=False, position=position))
        s.execute(
            update(ConsiderationReason)
            .where(ConsiderationReason.code == OTHER_REASON, ConsiderationReason.position <= position)
            .values(position=position + 1)
        )
        s.flush()
        record(s, actor, "added consideration reason", "consideration reason", code)
    return code


def retire_reason(actor: Actor, code: str) -> None:
    """Offer a reason no longer, from today. What was answered with it stays as it was. Only HR."""
    with transaction() as s:
        row = _reason(actor, code)
        if row.code == OTHER_REASON:
            raise Refused("“Another reason” stays, so that every manager finds an answer.")
        if row.retired_on is None:
            row.retired_on = clock.today()
            record(s, actor, "retired consideration reason", "consideration reason", code)


def offer_reason_again(actor: Actor, code: str) -> None:
    """Offer a retired reason again. Only HR."""
    with transaction() as s:
        row = _reason(actor, code)
        if row.retired_on is not None:
            row.retired_on = None
            record(s, actor, "offered consideration reason again", "consideration reason", code)


def _reason(actor: Actor, code: str) -> ConsiderationReason:
    row = session().get(ConsiderationReason, code) if may(actor, Permission.REASONS_KEEP) else None
    if row is None:
        raise VacancyNotFound
    return row


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")[:30].strip("-") or "reason"
