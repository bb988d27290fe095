"""The demo's requests for what helps, prior learning, appeals and a concern, done by the rooms' own services."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision
from recovery_college.courses.models import Enrolment
from recovery_college.demo.cohorts import Course, MadeCohort, on
from recovery_college.demo.finished import BEHIND, Finished
from recovery_college.demo.people import DemoActor
from recovery_college.demo.running import Teachers
from recovery_college.demo.timeline import Timeline
from recovery_college.fairness.appeal_models import Appeal
from recovery_college.fairness.appeal_queries import appeal_visible_to
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.fairness.appeal_services import make_appeal, name_reviewer, record_finding
from recovery_college.fairness.concern_models import Concern
from recovery_college.fairness.concern_queries import concern_known_to
from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind
from recovery_college.fairness.concern_services import add_entry, name_person, raise_concern
from recovery_college.fairness.rpl_services import open_claim
from recovery_college.fairness.support_models import SupportRequest
from recovery_college.fairness.support_rules import SupportAnswer, SupportKind
from recovery_college.fairness.support_services import answer_support, ask_for_support
from recovery_college.kernel.ids import new_id

SIGNS_IN, NEW, HEARD, ASKED_ABOUT, UPHELD, EXTRA_DAYS = 0, 8, 5, 9, 10, 3
"""Places in the running cohort: the student who signs in, those with an appeal or a question, who has more days."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """What every deed needs."""

    admin: DemoActor
    iqa: DemoActor
    tutor: DemoActor
    course: Course
    cohort: MadeCohort

    def student(self, place: int) -> DemoActor:
        """The student in a place, as themselves."""
        return DemoActor(self.cohort.people[place], "", Role.STUDENT)

    def appeal(self, s: Session, place: int, unit: int, criterion: int, words: str) -> UUID:
        """The student in a place asks for the decision on a criterion to be looked at again."""
        enrolment_id = self.cohort.places[place]
        criterion_id = self.course.units[unit][1][criterion]
        decision_id = s.scalars(
            select(Decision.id)
            .where(
                Decision.enrolment_id == enrolment_id,
                Decision.criterion_id == criterion_id,
                Decision.released_at.is_not(None),
            )
            .order_by(Decision.attempt.desc(), Decision.revision.desc())
            .limit(1)
        ).one()
        return make_appeal(self.student(place), enrolment_id, criterion_id, decision_id, words)

    def hear(self, s: Session, place: int) -> UUID:
        """The college asks the quality assurer to hear that place's appeal."""
        appeal_id = s.scalars(select(Appeal.id).where(Appeal.enrolment_id == self.cohort.places[place])).one()
        file = appeal_visible_to(self.admin, appeal_id)
        assert file is not None
        name_reviewer(self.admin, appeal_id, self.iqa.person_id, file.stamp)
        return appeal_id

    def answer(self, s: Session, place: int, finding: AppealFinding, reasons: str, after: str) -> None:
        """The quality assurer says what they found."""
        appeal_id = self.hear(s, place)
        file = appeal_visible_to(self.iqa, appeal_id)
        assert file is not None
        affected = None if finding is AppealFinding.NOT_UPHELD else False
        record_finding(self.iqa, appeal_id, finding, reasons, after, affected, (), file.stamp)


def add_fairness(
    timeline: Timeline,
    people: Mapping[str, DemoActor],
    teachers: Teachers,
    course: Course,
    cohort: MadeCohort,
    finished: Finished,
    today: date,
) -> None:
    """What was asked and answered in the running cohort, with something waiting for everybody concerned."""
    stage = _Stage(people["admin"], teachers.iqa, teachers.tutor, course, cohort)
    _support(timeline, stage, today)
    _appeals(timeline, stage, today)
    _concern(timeline, stage, today)
    _cleared(timeline, stage, finished.graduate, today)
    _held(timeline, stage, finished.cohort, today)

    def claim(s: Session) -> None:
        criteria = course.units[2][1][:2]
        words = (
            "I ran a carers’ group at the library for six years, and can show its programme and two letters."
        )
        open_claim(stage.student(SIGNS_IN), new_id(), cohort.places[SIGNS_IN], criteria, words)

    timeline.do(on(today - timedelta(days=2), 12), claim)


def _support(timeline: Timeline, stage: _Stage, today: date) -> None:
    def ask(place: int, wish: str, days: int, hour: int) -> None:
        def deed(s: Session) -> None:
            enrolment_id = stage.cohort.places[place]
            ask_for_support(stage.student(place), new_id(), enrolment_id, SupportKind.ADJUSTMENT, wish)

        timeline.do(on(today - timedelta(days=days), hour), deed)

    def agree(s: Session) -> None:
        request_id = s.scalars(
            select(SupportRequest.id).where(SupportRequest.enrolment_id == stage.cohort.places[SIGNS_IN])
        ).one()
        answer_support(
            stage.admin, request_id, SupportAnswer.AGREED, "0.0",
            helps="Handouts in 18 point, sent two days before each session.",
            words="Thank you for telling us. It begins next week.",
        )  # fmt: skip

    def more_days(s: Session) -> None:
        request_id = s.scalars(
            select(SupportRequest.id).where(SupportRequest.enrolment_id == stage.cohort.places[EXTRA_DAYS])
        ).one()
        answer_support(
            stage.admin, request_id, SupportAnswer.AGREED, "0.0",
            helps="A week more for everything written.", extra_days=7,
            words="Your dates have moved. You do not have to ask for each.",
        )  # fmt: skip

    ask(EXTRA_DAYS, "More time for what I write.", 20, 10)
    timeline.do(on(today - timedelta(days=18), 11), more_days)
    ask(SIGNS_IN, "Handouts in large print, and a little before the session.", 24, 10)
    timeline.do(on(today - timedelta(days=22), 11), agree)
    ask(SIGNS_IN, "A quiet corner for the practice conversations.", 1, 13)
    ask(4, "A break of ten minutes every hour.", 3, 9)


def _appeals(timeline: Timeline, stage: _Stage, today: date) -> None:
    """One that nobody hears yet, one being heard, one not upheld, and one upheld that owes a new decision."""
    reasons = (
        "The plan is clear and honest. The criterion also asks who helps, and nobody is named in it yet."
    )
    after = "Add who helps, even with first names left out. Your tutor will look at it within a week."
    right = "Page 3 tells how one word in a letter kept somebody from asking, as the criterion asks. It was overlooked."
    again = "Another assessor decides this criterion again this week."
    steps = (
        (2, 11, lambda s: stage.appeal(s, SIGNS_IN, 1, 4, "")),
        (1, 15, lambda s: stage.answer(s, SIGNS_IN, AppealFinding.NOT_UPHELD, reasons, after)),
        (5, 10, lambda s: stage.appeal(s, HEARD, 0, 6, "I believe my reflection covers this.")),
        (3, 10, lambda s: stage.hear(s, HEARD)),
        (1, 9, lambda s: stage.appeal(s, UPHELD, 1, 6, "Please look at page 3.")),
        (1, 16, lambda s: stage.answer(s, UPHELD, AppealFinding.UPHELD, right, again)),
        (1, 18, lambda s: stage.appeal(s, NEW, 0, 2, "")),
    )
    for days, hour, deed in steps:
        timeline.do(on(today - timedelta(days=days), hour), deed)


def _concern(timeline: Timeline, stage: _Stage, today: date) -> None:
    """A tutor saw something; the quality assurer looks into it and has told the student."""
    enrolment_id = stage.cohort.places[ASKED_ABOUT]

    def raised(s: Session) -> None:
        words = (
            "Two paragraphs of the reflective account for Unit 2 stand word for word on a public web page."
        )
        raise_concern(stage.tutor, new_id(), stage.cohort.id, enrolment_id, words)

    def told(s: Session) -> None:
        concern_id = s.scalars(select(Concern.id).where(Concern.enrolment_id == enrolment_id)).one()
        name_person(stage.admin, concern_id, stage.iqa.person_id)
        words = "We talked for half an hour. I explained what was seen and that nothing is decided."
        _add(stage.iqa, concern_id, EntryKind.TOLD, words, today - timedelta(days=2))

    timeline.do(on(today - timedelta(days=5), 17), raised)
    timeline.do(on(today - timedelta(days=2), 14), told)


def _held(timeline: Timeline, stage: _Stage, cohort: MadeCohort, today: date) -> None:
    """A question about a student of the cohort that has ended: their units wait to be claimed meanwhile."""

    def raised(s: Session) -> None:
        words = (
            "The case study for Unit 3 describes the same morning, in the same words, as another student’s."
        )
        concern_id = raise_concern(stage.admin, new_id(), cohort.id, cohort.places[BEHIND], words)
        name_person(stage.admin, concern_id, stage.iqa.person_id)

    timeline.do(on(today - timedelta(days=3), 16), raised)


def _cleared(timeline: Timeline, stage: _Stage, graduate: UUID, today: date) -> None:
    """A question from long ago about the graduate's work, to which there was nothing."""
    day = today - timedelta(days=70)

    def happened(s: Session) -> None:
        place = s.scalars(
            select(Enrolment).where(Enrolment.person_id == graduate).order_by(Enrolment.enrolled_on.desc())
        ).first()
        assert place is not None
        words = "A page of the portfolio is in another hand."
        concern_id = raise_concern(stage.admin, new_id(), place.cohort_id, place.id, words)
        name_person(stage.admin, concern_id, stage.iqa.person_id)
        _add(stage.iqa, concern_id, EntryKind.TOLD, "We looked at the page together.", day)
        _add(stage.iqa, concern_id, EntryKind.ANSWER, "My scribe wrote it from my words, as was agreed.", day)
        nothing = ConcernOutcome.NOTHING_IN_IT
        _add(
            stage.iqa,
            concern_id,
            EntryKind.OUTCOME,
            "A scribe was agreed. Thank you for explaining.",
            day,
            nothing,
        )

    timeline.do(on(day, 15), happened)


def _add(
    actor: DemoActor,
    concern_id: UUID,
    kind: EntryKind,
    words: str,
    happened_on: date,
    outcome: ConcernOutcome | None = None,
) -> None:
    file = concern_known_to(actor, concern_id)
    assert file is not None
    add_entry(actor, concern_id, kind, words, happened_on, file.stamp, outcome)
