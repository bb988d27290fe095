"""The demo's staff records and quality assurance, done by the rooms' own services with the clock held at their day."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.models import IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import record_decision, release_decisions
from recovery_college.assessment.staff_rules import Award
from recovery_college.demo.cohorts import Course, MadeCohort, on
from recovery_college.demo.people import DemoActor
from recovery_college.demo.running import ANSWERED_AFTER_LEAVING, LATE_COMER, WITHDRAWN, Teachers
from recovery_college.demo.timeline import Timeline
from recovery_college.quality.board_queries import unit_file
from recovery_college.quality.conflict_services import declare_conflict
from recovery_college.quality.improvement_rules import Finding, Seen
from recovery_college.quality.improvement_services import (
    record_interim_check,
    record_meeting,
    record_observation,
)
from recovery_college.quality.plan_queries import stored_plan
from recovery_college.quality.plan_services import add_pick, make_plan, set_pick_aside
from recovery_college.quality.resubmission_services import ask_for_more
from recovery_college.quality.sampling import Stage
from recovery_college.quality.staff_services import add_development, record_qualification, save_competence
from recovery_college.quality.verdict_services import record_verdict

ASSESSING = "Level 3 Certificate in Assessing Vocational Achievement"
VERIFYING = "Level 4 Award in the Internal Quality Assurance of Assessment"
TRIED_TWICE = (6, 6)
"""The place in the running cohort, and the criterion of its first unit, for which one more try is asked."""
COUNTERSIGNED_PLACE = 4
"""The place in the running cohort whose second unit the peer tutor has begun to decide."""


class DemoStaff:
    """Who holds what; the peer tutor works towards it, so the tutor countersigns; a conflict is declared."""

    def __init__(
        self,
        timeline: Timeline,
        people: Mapping[str, DemoActor],
        teachers: Teachers,
        course: Course,
        cohort: MadeCohort,
        today: date,
    ) -> None:
        self.timeline, self.course, self.cohort, self.today = timeline, course, cohort, today
        self.admin, self.tutor, self.iqa = people["admin"], teachers.tutor, teachers.iqa
        self.peer = teachers.peer.wearing(teachers.tutor.role)

    def add(self) -> None:
        """Tell what happened, each thing at its time."""
        yesterday = self.today - timedelta(days=1)
        self.timeline.do(on(yesterday, 11), self._set_aside)
        self.timeline.do(on(yesterday, 17, 40), self._asked_more)
        self.timeline.do(on(self.today - timedelta(days=300), 9), self._held)
        self.timeline.do(on(self.today - timedelta(days=30), 9), self._developed)
        self.timeline.do(on(self.today - timedelta(days=9), 15), self._improved)
        self.timeline.do(on(self.cohort.plan.starts_on + timedelta(days=2), 15), self._planned)
        self.timeline.do(on(yesterday, 17), self._added)
        self.timeline.do(on(yesterday, 16, 50), self._training)
        self.timeline.do(on(yesterday, 17, 20), self._decided)

    def _held(self, s: Session) -> None:
        """The qualifications of the tutor and the quality assurer."""
        for person, kind, title, days in (
            (self.tutor, Award.ASSESSOR, ASSESSING, 1500),
            (self.tutor, Award.TEACHING, "Level 5 Diploma in Teaching", 1100),
            (self.iqa, Award.ASSESSOR, ASSESSING, 2900),
            (self.iqa, Award.IQA, VERIFYING, 2100),
        ):
            record_qualification(self.admin, person.person_id, kind, title, self.today - timedelta(days=days))
        words = "Nine years of peer support on wards and in the community."
        save_competence(self.admin, self.tutor.person_id, words, True, 0)

    def _developed(self, s: Session) -> None:
        """What they went on to learn."""
        for person, days, hours, what in (
            (self.tutor, 200, "3", "Giving feedback that helps: a workshop of the awarding organisation"),
            (self.tutor, 40, "2.5", "Standardisation of unit 1 with two other colleges"),
            (self.iqa, 90, "6", "Sampling by risk: a day of the quality assurers’ network"),
        ):
            done_on = self.today - timedelta(days=days)
            add_development(self.admin, person.person_id, done_on, Decimal(hours), what)

    def _training(self, s: Session) -> None:
        """The peer tutor works towards the award, and declares a conflict."""
        record_qualification(self.admin, self.peer.person_id, Award.ASSESSOR, ASSESSING, None)
        late_comer = self.cohort.people[LATE_COMER]
        declare_conflict(
            self.peer, self.cohort.id, self.peer.person_id, late_comer, "We shared a flat two years ago."
        )

    def _decided(self, s: Session) -> None:
        """Two decisions of the peer tutor, which the tutor is to countersign."""
        place = self.cohort.places[COUNTERSIGNED_PLACE]
        made = []
        for criterion, words in enumerate(
            ("A clear account of both sides.", "You name the sources you used.")
        ):
            criterion_id = self.course.units[1][1][criterion]
            saved = record_decision(self.peer, place, criterion_id, Outcome.MET, words, 0)
            made.append(saved.after.seen)
        release_decisions(self.peer, self.cohort.id, made)

    def _planned(self, s: Session) -> None:
        """The plan of the sample."""
        make_plan(
            self.iqa, self.cohort.id, seed=407, new_percent=50, usual_percent=20, least_students=2,
            why="Start of the course.", drawn_before=0,
        )  # fmt: skip

    def _added(self, s: Session) -> None:
        """A pick of what the peer tutor decides alone."""
        unit_id = self.course.units[1][0]
        place = self.cohort.places[COUNTERSIGNED_PLACE]
        plan = stored_plan(self.cohort.id)
        if plan is not None and (place, unit_id) not in plan.live(Stage.SUMMATIVE):
            add_pick(
                self.iqa,
                self.cohort.id,
                place,
                unit_id,
                Stage.SUMMATIVE,
                "The first unit this assessor decides alone.",
            )

    def _improved(self, s: Session) -> None:
        """Two interim checks, an observation and a standardisation meeting."""
        unit_id = self.course.units[1][0]
        record_interim_check(
            self.iqa, self.cohort.id, self.cohort.places[0], unit_id, Finding.SOUND,
            "The feedback says what would make it met, and the student has acted on it.", "", None,
        )  # fmt: skip
        record_interim_check(
            self.iqa, self.cohort.id, self.cohort.places[10], unit_id, Finding.ACTION,
            "Two decisions rest on the same paragraph.", "See a second piece of evidence for 2.1.",
            self.today - timedelta(days=1),
        )  # fmt: skip
        record_observation(
            self.iqa, self.tutor.person_id, self.today - timedelta(days=12), Seen.FEEDBACK,
            "Begins with what is done; the student leaves knowing the one next step.",
            "Let the student say it back in their own words.", "", None,
        )  # fmt: skip
        record_meeting(
            self.iqa, self.today - timedelta(days=12), "Feedback in unit 1",
            "“Compare” asks for two things side by side. One of them alone is not yet met.",
            [self.course.units[0][0]], [self.tutor.person_id, self.peer.person_id, self.iqa.person_id],
            "Look again at what you decided on 2.2.", self.today + timedelta(days=6),
        )  # fmt: skip

    def _set_aside(self, s: Session) -> None:
        """Picks of the plan that are given up, with a reason."""
        plan = stored_plan(self.cohort.id)
        assert plan is not None
        why = "Another unit of the same assessor was looked at instead."
        one = next(pick for pick in plan.picks if pick.live and pick.stage is Stage.INTERIM)
        set_pick_aside(self.iqa, self.cohort.id, one.id, why)
        # Whichever units the draw picked, the first unit's sample can be closed.
        looked_at = _looked_at(s, self.cohort)
        for pick in plan.live(Stage.SUMMATIVE).values():
            if pick.unit_id == self.course.units[0][0] and (pick.enrolment_id, pick.unit_id) not in looked_at:
                set_pick_aside(self.iqa, self.cohort.id, pick.id, why)

    def _asked_more(self, s: Session) -> None:
        """One more try, asked for."""
        criterion_id = self.course.units[0][1][TRIED_TWICE[1]]
        words = "They were ill for the two sessions about this, and have begun a new account."
        ask_for_more(self.tutor, self.cohort.id, self.cohort.places[TRIED_TWICE[0]], criterion_id, words)


def add_answer_after_leaving(
    timeline: Timeline, teachers: Teachers, course: Course, cohort: MadeCohort, today: date
) -> None:
    """The return of a unit whose student had left is answered, and confirmed: they keep its credit (ADR 21)."""
    tutor, iqa, place = teachers.tutor, teachers.iqa, cohort.places[WITHDRAWN]
    unit_id, criteria = course.units[0]
    criterion_id = criteria[ANSWERED_AFTER_LEAVING]

    def answered(s: Session) -> None:
        facts = cell_facts(tutor, place, criterion_id)
        assert facts is not None
        words = "Choice is in the second paragraph: they asked before they helped."
        saved = record_decision(tutor, place, criterion_id, Outcome.MET, words, facts.seen)
        release_decisions(tutor, cohort.id, [saved.after.seen])

    def confirmed(s: Session) -> None:
        file = unit_file(iqa, cohort.id, place, unit_id)
        assert file is not None
        words = "The answer stands on what was handed in. Keeps this unit."
        record_verdict(
            iqa, place, unit_id, Verdict.CONFIRMED, [criterion_id], words, "", None, file.cell.stamp,
            cohort_id=cohort.id,
        )  # fmt: skip

    timeline.do(on(today - timedelta(days=4), 10), answered)
    timeline.do(on(today - timedelta(days=3), 11), confirmed)


def _looked_at(s: Session, cohort: MadeCohort) -> set[tuple[UUID, UUID]]:
    """The units that a quality assurer looked at: (enrolment, unit)."""
    rows = s.execute(
        select(IqaVerdict.enrolment_id, IqaVerdict.unit_id).where(
            IqaVerdict.enrolment_id.in_(cohort.places), IqaVerdict.verdict != Verdict.SAMPLE_CLOSED
        )
    )
    return {(enrolment_id, unit_id) for enrolment_id, unit_id in rows}


def plan_finished(timeline: Timeline, teachers: Teachers, cohort: MadeCohort) -> None:
    """The plan of the cohort that has ended, and what became of the picks that nobody looked at."""
    iqa = teachers.iqa
    why = "The sample was closed: enough of this assessor and of this unit had been looked at."

    def planned(s: Session) -> None:
        make_plan(
            iqa, cohort.id, seed=1103, new_percent=50, usual_percent=20, least_students=2,
            why="Start of the course.", drawn_before=0,
        )  # fmt: skip

    def closed(s: Session) -> None:
        plan = stored_plan(cohort.id)
        assert plan is not None
        looked_at = _looked_at(s, cohort)
        for pick in plan.picks:
            if pick.stage is Stage.SUMMATIVE and (pick.enrolment_id, pick.unit_id) not in looked_at:
                set_pick_aside(iqa, cohort.id, pick.id, why)

    timeline.do(on(cohort.plan.starts_on + timedelta(days=2), 15), planned)
    timeline.do(on(cohort.plan.ends_on + timedelta(days=3), 16), closed)
