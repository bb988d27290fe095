"""Opening and closing claims of prior learning, and setting a programme's limit (A13). One verb, one transaction.

What comes of a claim follows from the ordinary decisions on its criteria.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import HOME, tell_answered
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment, Qualification
from recovery_college.courses.queries import cohort_visible_to
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.rpl_models import RplClaim, RplClaimCriterion, RplLimit
from recovery_college.fairness.rpl_queries import claim_known_to, limit_of, room_of
from recovery_college.fairness.rpl_rules import why_no_claim
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused

LONGEST_TEXT = 4000


class RplRefused(DeedRefused):
    """Why nothing was saved."""


class NoSuchClaim(LookupError):
    """The claim, the student or the qualification is not there, or the actor may not know of it."""


class StaleLimit(Exception):
    """Somebody else set the limit after the page was drawn."""

    def __init__(self, percent: int) -> None:
        super().__init__()
        self.percent = percent


def open_claim(actor: Actor, key: UUID, enrolment_id: UUID, criteria: Collection[UUID], words: str) -> UUID:
    """Ask for some criteria to be assessed on prior learning: by the student, or by a tutor of the cohort.

    Sent twice is asked once. Raises NoSuchClaim, RplRefused (with the explanation at the limit).
    """
    with transaction() as s:
        place = s.scalar(
            select(Enrolment)
            .where(Enrolment.id == enrolment_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if place is None or actor.person_id is None or not _may_open(actor, place):
            raise NoSuchClaim
        there = s.scalar(select(RplClaim.id).where(RplClaim.key == key))
        if there is not None:
            return there
        if place.status is EnrolmentStatus.WITHDRAWN:
            raise RplRefused(
                "The place on this course has ended, so nothing more can be claimed.", "criteria"
            )
        space = room_of(place)
        problem = why_no_claim(
            space.units, space.already, criteria, space.percent, met=space.met, locked=space.locked
        )
        if problem:
            raise RplRefused(problem, "criteria")
        _check("words", words.strip(), "Write what you did or learned before")
        made = RplClaim(
            key=key, enrolment_id=enrolment_id, words=words.strip(), opened_by=actor.person_id,
            opened_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        s.add_all(RplClaimCriterion(claim_id=made.id, criterion_id=one) for one in sorted(set(criteria)))
        record(
            s, actor, "claimed prior learning", "prior learning claim", made.id,
            enrolment=str(enrolment_id), criteria=len(set(criteria)),
        )  # fmt: skip
        return made.id


def _may_open(actor: Actor, place: Enrolment) -> bool:
    if may(actor, Permission.OWN_FAIRNESS):
        return place.person_id == actor.person_id
    known = (
        may(actor, Permission.PRIOR_LEARNING_OPEN) and cohort_visible_to(actor, place.cohort_id) is not None
    )
    return known and place.person_id != actor.person_id


def close_claim(actor: Actor, claim_id: UUID, words: str = "") -> None:
    """Close a claim: the student takes it back, or a tutor says which other way suits better. Twice is once.

    Decisions that were made on its criteria stand. Raises NoSuchClaim, RplRefused.
    """
    with transaction() as s:
        file = claim_known_to(actor, claim_id, lock=True)
        own = file is not None and file.person_id == actor.person_id
        if file is None or actor.person_id is None or not (own or may(actor, Permission.PRIOR_LEARNING_OPEN)):
            raise NoSuchClaim
        if not file.is_live:
            return
        if not own:
            _check(
                "words", words.strip(), "Write a few kind words to the student: which other way would suit"
            )
        row = s.get_one(RplClaim, claim_id)
        row.closed_at, row.closed_by = clock.now(), actor.person_id
        row.closed_words = words.strip() or None
        record(s, actor, "closed", "prior learning claim", claim_id, own=own)
        if not own:
            tell_answered(s, file.person_id, HOME)


def set_limit(actor: Actor, qualification_id: UUID, percent: int, seen: int) -> None:
    """Set how much of a programme may be met by prior learning. Claims that are there stay.

    `seen`: the version the page showed. Raises NoSuchClaim, RplRefused, StaleLimit.
    """
    with transaction() as s:
        if not may(actor, Permission.PRIOR_LEARNING_LIMIT):
            raise NoSuchClaim
        lock = select(Qualification.id).where(Qualification.id == qualification_id).with_for_update()
        if s.scalar(lock) is None:
            raise NoSuchClaim
        now, version = limit_of(qualification_id)
        if now == percent:
            return
        if version != seen:
            raise StaleLimit(now)
        if not 0 <= percent <= 99:
            raise RplRefused("Enter a number from 0 to 99: never the whole qualification", "percent")
        row = s.get(RplLimit, qualification_id)
        if row is None:
            s.add(RplLimit(qualification_id=qualification_id, percent=percent, version=1))
        else:
            row.percent, row.version = percent, row.version + 1
        record(s, actor, "set limit", "prior learning", qualification_id, percent=percent, was=now)


def _check(field: str, text: str, owed: str) -> None:
    if not text:
        raise RplRefused(owed, field)
    if len(text) > LONGEST_TEXT:
        raise RplRefused(f"Use {LONGEST_TEXT:,} characters or fewer", field)
