"""Asking for what helps, taking it back, and answering (A14). One verb, one transaction, one audit event."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import HOME, tell_answered
from recovery_college.assessment.deadline_facts import dues_of
from recovery_college.assessment.deadline_models import ExtraDays
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment
from recovery_college.courses.queries import units_registered
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.support_models import SupportDecision, SupportRequest
from recovery_college.fairness.support_queries import (
    SupportFile,
    extra_days_of,
    own_support_file,
    support_file,
)
from recovery_college.fairness.support_rules import (
    MOST_EXTRA_DAYS,
    AoPermission,
    SupportAnswer,
    SupportKind,
    why_not_answered,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused

LONGEST_TEXT = 2000


class SupportRefused(DeedRefused):
    """Why nothing was saved."""


class NoSuchSupport(LookupError):
    """The request or the place on a course is not there, or the actor may not know of it."""


class StaleSupport(Exception):
    """Somebody answered, or the student took it back, after the page was drawn."""

    def __init__(self, file: SupportFile) -> None:
        super().__init__()
        self.file = file


def ask_for_support(
    actor: Actor, key: UUID, enrolment_id: UUID, kind: SupportKind, wish: str, unit_id: UUID | None = None
) -> UUID:
    """Ask for a reasonable adjustment or a special consideration for oneself. Sent twice is asked once.

    A special consideration names the unit that was assessed. No reason is asked and none is kept. Raises
    NoSuchSupport, SupportRefused.
    """
    with transaction() as s:
        enrolment = s.get(Enrolment, enrolment_id)
        if enrolment is None or actor.person_id is None or enrolment.person_id != actor.person_id:
            raise NoSuchSupport
        if not may(actor, Permission.OWN_FAIRNESS):
            raise NoSuchSupport
        asked = s.scalar(select(SupportRequest.id).where(SupportRequest.key == key))
        if asked is not None:
            return asked
        if enrolment.status is EnrolmentStatus.WITHDRAWN:
            raise SupportRefused(
                "You have left this course. Talk to the college about what would help.", "wish"
            )
        if (
            kind is SupportKind.CONSIDERATION
            and unit_id not in units_registered([enrolment_id])[enrolment_id]
        ):
            raise SupportRefused("Choose the unit it is about", "unit")
        _check_length("wish", wish)
        if not wish.strip():
            raise SupportRefused("Write what would help", "wish")
        made = SupportRequest(
            key=key,
            enrolment_id=enrolment_id,
            kind=kind,
            unit_id=unit_id if kind is SupportKind.CONSIDERATION else None,
            wish=wish.strip(),
            asked_by=actor.person_id,
            asked_at=clock.now(),
        )
        s.add(made)
        record(s, actor, "asked for support", "support request", made.id, kind=kind.value)
        return made.id


def take_support_back(actor: Actor, request_id: UUID) -> None:
    """Take one's own request back: what was agreed ends with it. Twice is once. Raises NoSuchSupport."""
    with transaction() as s:
        file = own_support_file(actor, request_id, lock=True)
        if file is None:
            raise NoSuchSupport
        if file.taken_back_at is None:
            s.get_one(SupportRequest, request_id).taken_back_at = clock.now()
            s.flush()
            _let_days_stand(s, file.enrolment_id)
            record(s, actor, "took back", "support request", request_id)


def answer_support(
    actor: Actor,
    request_id: UUID,
    answer: SupportAnswer,
    seen: str,
    *,
    helps: str = "",
    extra_days: int | None = None,
    permission: AoPermission = AoPermission.NOT_NEEDED,
    permission_on: date | None = None,
    words: str = "",
) -> bool:
    """Answer a request; False when the same answer was there already (sent twice).

    `seen`: the stamp of the request the page showed. Raises NoSuchSupport, SupportRefused, StaleSupport.
    """
    with transaction() as s:
        file = support_file(actor, request_id, lock=True)
        if file is None or actor.person_id is None:
            raise NoSuchSupport
        agreed = answer is SupportAnswer.AGREED
        helps, words = (helps.strip() if agreed else ""), words.strip()
        days = extra_days if agreed else None
        if not agreed:
            permission, permission_on = AoPermission.NOT_NEEDED, None
        wanted = (answer, helps, days, permission, permission_on, words)
        latest = file.latest
        if latest is not None and file.stamp != seen and latest.decided_by == actor.person_id:
            said = (
                latest.answer, latest.helps, latest.extra_days, latest.permission, latest.permission_on,
                latest.words,
            )  # fmt: skip
            if said == wanted:
                return False
        if file.stamp != seen:
            raise StaleSupport(file)
        problem = why_not_answered(
            answer, file.state, helps=helps, words=words, permission=permission,
            decider=actor.person_id, student=file.person_id,
        )  # fmt: skip
        if problem:
            field, sentence = problem
            raise SupportRefused(sentence, field)
        _check_rest(helps, days, permission, permission_on, words)
        now = max([clock.now(), *(one.decided_at + timedelta(microseconds=1) for one in file.answers)])
        s.add(
            SupportDecision(
                request_id=request_id, answer=answer, helps=helps, extra_days=days, permission=permission,
                permission_on=permission_on, words=words, decided_by=actor.person_id,
                decided_on=clock.today(), decided_at=now,
            )
        )  # fmt: skip
        s.flush()
        record(
            s, actor, "answered", "support request", request_id,
            answer=answer.value, permission=permission.value, extra_days=days,
            due_dates=_move_dates(s, file.enrolment_id),
        )  # fmt: skip
        tell_answered(s, file.person_id, HOME)
        return True


def _move_dates(s: Session, enrolment_id: UUID) -> int:
    """Let the days that are agreed now stand; how many due dates they move."""
    before = dues_of([enrolment_id])[enrolment_id]
    _let_days_stand(s, enrolment_id)
    now_due = {due.id: due.due_on for due in dues_of([enrolment_id])[enrolment_id]}
    return sum(now_due[due.id] != due.due_on for due in before)


def _let_days_stand(s: Session, enrolment_id: UUID) -> None:
    """Tell the room of due dates how many days more every date has for this student: what is agreed now (A14)."""
    s.execute(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update())
    days = extra_days_of([enrolment_id]).get(enrolment_id)
    standing = s.scalars(
        select(ExtraDays).where(ExtraDays.enrolment_id == enrolment_id, ExtraDays.ended_at.is_(None))
    ).one_or_none()
    if standing is not None:
        if standing.days == days:
            return
        standing.ended_at = clock.now()
        s.flush()
    if days:
        s.add(ExtraDays(enrolment_id=enrolment_id, days=days, since_on=clock.today(), since_at=clock.now()))
        s.flush()


def _check_rest(
    helps: str, days: int | None, permission: AoPermission, permission_on: date | None, words: str
) -> None:
    _check_length("helps", helps)
    _check_length("words", words)
    if days is not None and not 1 <= days <= MOST_EXTRA_DAYS:
        raise SupportRefused(f"Enter a number from 1 to {MOST_EXTRA_DAYS}, or leave it empty", "extra_days")
    if permission is AoPermission.NOT_NEEDED:
        if permission_on is not None:
            raise SupportRefused("Leave the date empty when no permission is needed", "permission_on")
    elif permission_on is None:
        raise SupportRefused("Enter the date of the permission, like 27 3 2026", "permission_on")
    elif permission_on > clock.today():
        raise SupportRefused("The date is in the future. Enter today or an earlier date", "permission_on")


def _check_length(field: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise SupportRefused(f"Use {LONGEST_TEXT:,} characters or fewer", field)
