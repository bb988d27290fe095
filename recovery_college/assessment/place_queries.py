"""Places on courses: one's own, and an enrolment as the facts that the rules take."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload

from recovery_college.assessment.deadline_models import ReminderMute, TimeRequest
from recovery_college.assessment.deadline_rules import TimeAnswer
from recovery_college.assessment.evidence_models import EvidenceDraft
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment, EnrolmentPause
from recovery_college.courses.queries import Place
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of
from recovery_college.people.rules import display_name


def place_from(enrolment: Enrolment) -> Place:
    """An enrolment read with its person, as the facts the rules take."""
    person = enrolment.person
    return Place(
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        cohort_id=enrolment.cohort_id,
        student_ref=person.student_ref or "",
        name=name_of(person),
        family_name=person.family_name,
        status=enrolment.status,
        enrolled_on=enrolment.enrolled_on,
        ended_on=enrolment.ended_on,
    )


def own_enrolments(person_id: UUID) -> list[Enrolment]:
    """A person's enrolments with cohort, qualification and site, the newest cohort first. One query."""
    statement = (
        select(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id)
        .options(
            joinedload(Enrolment.person),
            joinedload(Enrolment.cohort).joinedload(Cohort.qualification),
            joinedload(Enrolment.cohort).joinedload(Cohort.site),
        )
        .order_by(Cohort.starts_on.desc(), Cohort.ref)
    )
    return list(session().scalars(statement))


def the_one_to_show(enrolments: Sequence[Enrolment], chosen: str = "") -> Enrolment | None:
    """The enrolment to open: the chosen one, else a running one, else the newest; None when there is none."""
    for enrolment in enrolments:
        if str(enrolment.id) == chosen:
            return enrolment
    running = (one for one in enrolments if one.status in (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED))
    return next(running, enrolments[0] if enrolments else None)


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """One's own place in a cohort, with its tutors' names and what else is read in the same query."""

    enrolment: Enrolment
    tutors: tuple[str, ...]
    has_draft: bool
    asked_pause: bool
    is_muted: bool
    pause_words: str | None
    """What a tutor wrote who would like to talk before a pause; None when nobody does."""
    asked_back: bool = False

    @property
    def is_paused(self) -> bool:
        """Whether the place rests now."""
        return self.enrolment.status is EnrolmentStatus.PAUSED


def own_places(person_id: UUID) -> list[OwnPlace]:
    """A person's places, the newest cohort first: tutors, a draft, a wish to pause, muted reminders. One query."""
    tutor = aliased(Person)
    drafted = exists().where(
        EvidenceDraft.enrolment_id == Enrolment.id, EvidenceDraft.written_by == Enrolment.person_id
    )
    asked = exists().where(
        TimeRequest.enrolment_id == Enrolment.id,
        TimeRequest.due_date_id.is_(None),
        TimeRequest.answer.is_(None),
    )
    back = exists().where(
        EnrolmentPause.enrolment_id == Enrolment.id,
        EnrolmentPause.to_on.is_(None),
        EnrolmentPause.asked_back_at.is_not(None),
    )
    muted = exists().where(ReminderMute.person_id == Enrolment.person_id)
    talk = (
        select(TimeRequest.words)
        .where(
            TimeRequest.enrolment_id == Enrolment.id,
            TimeRequest.due_date_id.is_(None),
            TimeRequest.answer == TimeAnswer.TALK_FIRST,
        )
        .order_by(TimeRequest.answered_at.desc())
        .limit(1)
        .correlate(Enrolment)
        .scalar_subquery()
    )
    rows = session().execute(
        select(
            Enrolment,
            tutor.given_name,
            tutor.family_name,
            tutor.preferred_name,
            drafted,
            asked,
            muted,
            talk,
            back,
        )
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .outerjoin(CohortTutor, CohortTutor.cohort_id == Cohort.id)
        .outerjoin(tutor, CohortTutor.person_id == tutor.id)
        .where(Enrolment.person_id == person_id)
        .options(
            joinedload(Enrolment.person),
            joinedload(Enrolment.cohort).joinedload(Cohort.qualification),
            joinedload(Enrolment.cohort).joinedload(Cohort.site),
        )
        .order_by(Cohort.starts_on.desc(), Cohort.ref, tutor.family_name)
    )
    found: dict[UUID, OwnPlace] = {}
    for (
        enrolment,
        given,
        family,
        preferred,
        has_draft,
        asked_pause,
        is_muted,
        pause_words,
        asked_back,
    ) in rows:
        before = found.get(enrolment.id)
        names = (display_name(given, family, preferred),) if given else ()
        found[enrolment.id] = OwnPlace(
            enrolment,
            ((*before.tutors, *names) if before else names),
            bool(has_draft),
            bool(asked_pause),
            bool(is_muted),
            pause_words,
            bool(asked_back),
        )
    return list(found.values())
