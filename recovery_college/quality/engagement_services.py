"""Opening, changing and ending an engagement; picking; objecting to a pick and answering (A11)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.engagement_models import EqaObjection, EqaPick
from recovery_college.assessment.engagement_rules import why_not_these_days
from recovery_college.assessment.models import Decision, EqaEngagement, EqaEngagementCohort, IqaVerdict
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.audit.services import record
from recovery_college.courses.models import CohortTutor, Enrolment, EnrolmentUnit
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.people.models import Account
from recovery_college.people.services import PeopleRefusal, clean_email, create_user
from recovery_college.quality.engagement_queries import engagement_visible_to, pick_of

LONGEST_WORDS = 4000


class EngagementRefused(DeedRefused):
    """Why it was not done."""


class NoSuchEngagement(LookupError):
    """The engagement, the pick or the row is not there, or the actor may not know of it or do this."""


class StaleEngagement(Exception):
    """Somebody changed the engagement after the page was drawn."""


def open_engagement(
    actor: Actor,
    email: str,
    name: str,
    cohort_ids: Collection[UUID],
    opens_on: date,
    ends_on: date,
    purpose: str,
) -> tuple[UUID, str | None]:
    """Open an engagement for an external quality assurer; somebody new gets an account and that role.

    Returns the engagement's id and, for somebody new, the token of their one-time link. Refused for who
    teaches, assessed, verified or is a student there: by person, not by account (A10).
    """
    with transaction() as s:
        if not may(actor, Permission.ENGAGEMENT_OPEN):
            raise NoSuchEngagement
        wanted = set(cohort_ids)
        if not wanted:
            raise EngagementRefused("Choose at least one cohort", "cohorts")
        if not wanted <= {cohort.id for cohort in cohorts_known_to(actor)}:
            raise EngagementRefused("Choose from the list", "cohorts")
        problem = why_not_these_days(opens_on, ends_on, clock.today())
        if problem:
            raise EngagementRefused(problem[1], problem[0])
        try:
            token = create_user(actor, email, name, Role.EQA)
        except PeopleRefusal as refusal:
            raise EngagementRefused(str(refusal), refusal.field or "email") from refusal
        person_id = s.scalars(select(Account.person_id).where(Account.email == clean_email(email))).one()
        _check_independent(s, person_id, wanted)
        engagement = EqaEngagement(
            person_id=person_id, opens_on=opens_on, ends_on=ends_on, purpose=purpose.strip(),
            created_by=actor.audit_id,
        )  # fmt: skip
        s.add(engagement)
        s.flush()
        s.add_all(EqaEngagementCohort(engagement_id=engagement.id, cohort_id=one) for one in wanted)
        record(
            s, actor, "opened engagement", "engagement", engagement.id, person=str(person_id),
            cohorts=len(wanted), opens_on=opens_on.isoformat(), ends_on=ends_on.isoformat(),
        )  # fmt: skip
        return engagement.id, token


def _check_independent(s: Session, person_id: UUID, cohort_ids: Collection[UUID]) -> None:
    """Refuse an external who has a hand in one of these cohorts (A10)."""
    here = Enrolment.cohort_id.in_(cohort_ids)
    checks = (
        (exists().where(here, Enrolment.person_id == person_id), "is a student of one of these cohorts"),
        (
            exists().where(CohortTutor.cohort_id.in_(cohort_ids), CohortTutor.person_id == person_id),
            "teaches one of these cohorts",
        ),
        (
            exists().where(here, Decision.enrolment_id == Enrolment.id, Decision.decided_by == person_id),
            "assessed work of these cohorts",
        ),
        (
            exists().where(
                here, IqaVerdict.enrolment_id == Enrolment.id, IqaVerdict.verified_by == person_id
            ),
            "quality-assured work of these cohorts",
        ),
    )
    for found, words in checks:
        if s.scalar(select(found)):
            raise EngagementRefused(
                f"This person {words}, so they cannot be its external quality assurer (rule A10)", "email"
            )


def change_last_day(actor: Actor, engagement_id: UUID, ends_on: date, seen: int) -> None:
    """Let an engagement run longer or shorter. Raises NoSuchEngagement, StaleEngagement, EngagementRefused."""
    with transaction() as s:
        one = _to_change(s, actor, engagement_id, seen)
        problem = why_not_these_days(one.opens_on, ends_on, clock.today())
        if problem:
            raise EngagementRefused(problem[1], "ends_on")
        if one.ends_on == ends_on:
            return
        one.ends_on, one.version = ends_on, one.version + 1
        record(s, actor, "changed engagement", "engagement", engagement_id, ends_on=ends_on.isoformat())


def end_engagement(actor: Actor, engagement_id: UUID, seen: int) -> None:
    """End an engagement now: from the next request on the external sees nothing more."""
    with transaction() as s:
        one = _to_change(s, actor, engagement_id, seen)
        one.ended_at, one.version = clock.now(), one.version + 1
        record(s, actor, "ended engagement", "engagement", engagement_id)


def _to_change(s: Session, actor: Actor, engagement_id: UUID, seen: int) -> EqaEngagement:
    if not may(actor, Permission.ENGAGEMENT_OPEN):
        raise NoSuchEngagement
    one = s.scalar(
        select(EqaEngagement)
        .where(EqaEngagement.id == engagement_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if one is None:
        raise NoSuchEngagement
    if one.ended_at is not None:
        raise EngagementRefused("This engagement has ended. Open a new one if more is to be seen")
    if one.version != seen:
        raise StaleEngagement
    return one


def pick_units(
    actor: Actor,
    engagement_id: UUID,
    cohort_id: UUID,
    pairs: Collection[tuple[UUID, UUID]],
    reason: str,
) -> int:
    """The external picks students' units, (enrolment, unit), into the sample; those picked before stay.

    Returns how many are new. Raises NoSuchEngagement, EngagementRefused.
    """
    with transaction() as s:
        engagement = engagement_visible_to(actor, engagement_id)
        theirs = engagement is not None and engagement.person_id == actor.person_id
        if not theirs or actor.person_id is None or not may(actor, Permission.ENGAGEMENT_PICK):
            raise NoSuchEngagement
        assert engagement is not None
        if cohort_id not in {one for one, _ in engagement.cohorts}:
            raise NoSuchEngagement
        if not pairs:
            raise EngagementRefused("Tick at least one unit of one student", "picks")
        if len(reason) > LONGEST_WORDS:
            raise EngagementRefused(f"Use {LONGEST_WORDS:,} characters or fewer", "reason")
        there = {
            (one, unit)
            for one, unit in s.execute(
                select(EnrolmentUnit.enrolment_id, EnrolmentUnit.unit_id)
                .join(Enrolment, EnrolmentUnit.enrolment_id == Enrolment.id)
                .where(Enrolment.cohort_id == cohort_id)
            )
        }
        if not set(pairs) <= there:
            raise EngagementRefused("Choose from the table", "picks")
        picked = select(EqaPick.enrolment_id, EqaPick.unit_id).where(EqaPick.engagement_id == engagement_id)
        known = {(one, unit) for one, unit in s.execute(picked)}
        new = sorted(set(pairs) - known)
        for enrolment_id, unit_id in new:
            s.add(
                EqaPick(
                    engagement_id=engagement_id, enrolment_id=enrolment_id, unit_id=unit_id,
                    reason=reason.strip(), picked_by=actor.person_id, picked_at=clock.now(),
                )
            )  # fmt: skip
        try:
            s.flush()
        except IntegrityError as error:
            if "(A10" not in str(error.orig):
                raise
            raise EngagementRefused(
                "You had a hand in one of these units, so somebody else must look at it (rule A10)", "picks"
            ) from error
        if new:
            record(
                s, actor, "picked sample", "engagement", engagement_id, cohort=str(cohort_id), units=len(new)
            )
        return len(new)


def object_to_pick(actor: Actor, engagement_id: UUID, pick_id: UUID, words: str) -> None:
    """The college objects to a pick, in writing. The pick stays open: nothing is closed in silence."""
    with transaction() as s:
        engagement = engagement_visible_to(actor, engagement_id)
        pick = pick_of(engagement, pick_id) if engagement else None
        if pick is None or actor.person_id is None or not may(actor, Permission.ENGAGEMENT_ANSWER):
            raise NoSuchEngagement
        words = _words(words, "Write why the college objects", "words")
        if s.scalar(
            select(exists().where(EqaObjection.pick_id == pick_id, EqaObjection.answered_at.is_(None)))
        ):
            raise EngagementRefused("The college's last objection to this pick waits for an answer", "words")
        s.add(
            EqaObjection(pick_id=pick_id, words=words, objected_by=actor.person_id, objected_at=clock.now())
        )
        record(s, actor, "objected to pick", "engagement", engagement_id, pick=str(pick_id))


def answer_objection(actor: Actor, engagement_id: UUID, pick_id: UUID, words: str) -> None:
    """The external answers the college's objection to one of their picks."""
    with transaction() as s:
        engagement = engagement_visible_to(actor, engagement_id)
        pick = pick_of(engagement, pick_id) if engagement else None
        if pick is None or actor.person_id is None or not may(actor, Permission.ENGAGEMENT_PICK):
            raise NoSuchEngagement
        words = _words(words, "Write your answer", "words")
        changed = s.execute(
            update(EqaObjection)
            .where(EqaObjection.pick_id == pick_id, EqaObjection.answered_at.is_(None))
            .values(answer=words, answered_by=actor.person_id, answered_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]
            raise EngagementRefused("This objection is answered already", "words")
        record(s, actor, "answered objection", "engagement", engagement_id, pick=str(pick_id))


def _words(words: str, owed: str, field: str) -> str:
    words = words.strip()
    if not words:
        raise EngagementRefused(owed, field)
    if len(words) > LONGEST_WORDS:
        raise EngagementRefused(f"Use {LONGEST_WORDS:,} characters or fewer", field)
    return words
