"""The demo's external quality assurance: an earlier visit with its report, and one that is open now (A11)."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.assessment.engagement_models import EqaAction, EqaPick
from recovery_college.assessment.engagement_rules import Finding
from recovery_college.assessment.models import EqaEngagement, EqaEngagementCohort
from recovery_college.demo.cohorts import WEEK, Course, MadeCohort, on
from recovery_college.demo.people import DemoActor
from recovery_college.demo.rows import Rows
from recovery_college.demo.timeline import Timeline
from recovery_college.quality.engagement_services import object_to_pick, pick_units
from recovery_college.quality.leave_services import ask_leave
from recovery_college.quality.report_services import add_action, note_action, save_report

DAY = timedelta(days=1)
DATE_EACH = "Date each observation, and say how long it was."
SAY_ENOUGH = "Say in the feedback on “not yet met” what would be enough."
PICKS = ((1, 0), (1, 1), (5, 0))
"""Places of the finished cohort with a unit each: the second has a private piece, the college objects to the third."""


class DemoExternal:
    """What the external and the college did, in its order."""

    def __init__(
        self,
        rows: Rows,
        timeline: Timeline,
        people: dict[str, DemoActor],
        course: Course,
        finished: MadeCohort,
        private: UUID,
        today: date,
    ) -> None:
        self.rows, self.timeline, self.course, self.today = rows, timeline, course, today
        self.eqa, self.iqa = people["eqa"], people["iqa"]
        self.finished, self.private = finished, private

    def add(self) -> None:
        """Gather the two engagements, and tell what happened in them."""
        self._earlier(self.finished.plan.starts_on + WEEK * 6)
        self._open(self.today - 4 * DAY)

    def _engagement(
        self, purpose: str, opens_on: date, ends_on: date, cohorts: tuple[MadeCohort, ...]
    ) -> UUID:
        one = self.rows.add(
            EqaEngagement, person_id=self.eqa.person_id, opens_on=opens_on, ends_on=ends_on, purpose=purpose,
            version=1, ended_at=None, created_by=self.iqa.audit_id,
        )  # fmt: skip
        for cohort in cohorts:
            self.rows.link(EqaEngagementCohort, {"engagement_id": one, "cohort_id": cohort.id})
        self.timeline.tell(
            on(opens_on - DAY, 9), self.iqa, "opened engagement", "engagement", one, cohorts=len(cohorts)
        )
        return one

    def _earlier(self, opens_on: date) -> None:
        """A visit while the finished cohort ran: two actions, one done, one past its day."""
        visit = self._engagement("Visit while Cohort 11 ran", opens_on, opens_on + 8 * DAY, (self.finished,))

        def report(s: Session) -> None:
            add_action(self.eqa, visit, DATE_EACH, opens_on + 30 * DAY)
            add_action(self.eqa, visit, SAY_ENOUGH, self.today - 6 * DAY)
            save_report(
                self.eqa, visit, "The states of all students, and four observations.",
                "Feedback is kind, and says what the student did.",
                "Two observations had no date. Some “not yet met” do not say what would be enough.",
                Finding.ACTIONS, 0, send=True,
            )  # fmt: skip

        def note(s: Session) -> None:
            words = "The form for observations asks for both since then. The old ones were completed."
            note_action(self.iqa, self._action(s, visit, DATE_EACH), words, True, 0)

        self.timeline.do(on(opens_on + 6 * DAY, 15), report)
        self.timeline.do(on(opens_on + 24 * DAY, 11), note)

    def _action(self, s: Session, visit: UUID, words: str) -> UUID:
        return s.scalars(
            select(EqaAction.id).where(EqaAction.engagement_id == visit, EqaAction.words == words)
        ).one()

    def _open(self, opens_on: date) -> None:
        """A visit that is open now: three picks, an objection that waits, a private piece asked for."""
        visit = self._engagement("Visit before the claim", opens_on, self.today + 10 * DAY, (self.finished,))
        units = [unit_id for unit_id, _ in self.course.units]
        chosen = [(self.finished.places[place], units[unit]) for place, unit in PICKS]

        def pick(s: Session) -> None:
            words = "One student across two units, and another assessor’s view of the first"
            pick_units(self.eqa, visit, self.finished.id, chosen, words)

        def object_(s: Session) -> None:
            words = "This student’s unit was looked into last year as well. Would another’s serve you better?"
            object_to_pick(self.iqa, visit, self._pick(s, visit, *chosen[2]), words)

        def ask(s: Session) -> None:
            ask_leave(self.eqa, visit, self._pick(s, visit, *chosen[1]), self.private)

        self.timeline.do(on(opens_on + DAY, 10), pick)
        self.timeline.do(on(opens_on + 2 * DAY, 16), object_)
        self.timeline.do(on(self.today - DAY, 17), ask)

    def _pick(self, s: Session, visit: UUID, enrolment_id: UUID, unit_id: UUID) -> UUID:
        return s.scalars(
            select(EqaPick.id).where(
                EqaPick.engagement_id == visit,
                EqaPick.unit_id == unit_id,
                EqaPick.enrolment_id == enrolment_id,
            )
        ).one()
