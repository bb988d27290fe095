"""The demo's claims for the finished cohort: one answered with a query, one to sign, and students to mend first."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.assessment.claim_models import ClaimReply
from recovery_college.assessment.claim_rules import Reply
from recovery_college.audit.services import event_of, record_many
from recovery_college.claims.board_queries import board_of
from recovery_college.claims.claim_services import prepare_claim, sign_claim
from recovery_college.claims.registration_queries import registrations_of
from recovery_college.claims.registration_services import register_students, registration_stamp
from recovery_college.courses.models import Cohort
from recovery_college.demo.cohorts import on
from recovery_college.demo.finished import ISSUED, WITHDRAWN, Finished
from recovery_college.demo.people import DemoActor
from recovery_college.demo.timeline import Timeline
from recovery_college.kernel import clock
from recovery_college.people.models import Person

ULNS = {0: "9276308686", 1: "1234567899", 3: "6105479815"}
"""Made-up learner numbers that pass the check, by place; the others are not yet known."""
NOT_REGISTERED, NAME_CHANGED = 9, 8
DAY = timedelta(days=1)


class DemoClaims:
    """What the college and the awarding organisation did about the finished cohort, in its order."""

    def __init__(
        self, timeline: Timeline, people: dict[str, DemoActor], finished: Finished, today: date
    ) -> None:
        self.timeline, self.people, self.finished, self.today = timeline, people, finished, today
        self.claims: list[UUID] = []

    def add(self) -> None:
        """Tell of everything; the timeline lets it happen."""
        ended = self.finished.cohort.plan.ends_on
        do = self.timeline.do
        do(on(ended + 10 * DAY, 11), self._register)
        do(on(ended + 14 * DAY, 10), lambda s: self._prepare(s, [*range(ISSUED), WITHDRAWN]))
        for days, who in ((15, "tutor"), (16, "iqa"), (17, "reviewer")):
            do(on(ended + days * DAY, 14), lambda s, who=who: self._sign(s, 0, who))  # type: ignore[misc]
        do(on(ended + 32 * DAY, 9), self._answer)
        do(on(self.today - 4 * DAY, 9), self._change_name)
        do(on(self.today - 3 * DAY, 10), lambda s: self._prepare(s, [ISSUED, ISSUED + 1]))
        do(on(self.today - 2 * DAY, 15), lambda s: self._sign(s, 1, "reviewer"))

    @property
    def _cohort_id(self) -> UUID:
        return self.finished.cohort.id

    def _register(self, s: Session) -> None:
        for place, uln in ULNS.items():
            s.get_one(Person, self.finished.cohort.people[place]).uln = uln
        s.flush()
        places = [one for n, one in enumerate(self.finished.cohort.places) if n != NOT_REGISTERED]
        seen = {one: registration_stamp(found) for one, found in registrations_of(places).items()}
        register_students(self.people["admin"], self._cohort_id, places, clock.today(), seen)

    def _prepare(self, s: Session, places: Sequence[int]) -> None:
        board = board_of(s.get_one(Cohort, self._cohort_id))
        chosen = {self.finished.cohort.places[place] for place in places}
        ticks = {pair for pair in board.ticks if pair[0] in chosen}
        admin, reviewer = self.people["admin"], self.people["reviewer"].person_id
        self.claims.append(prepare_claim(admin, self._cohort_id, ticks, reviewer, board.stamp))

    def _sign(self, s: Session, which: int, who: str) -> None:
        board = board_of(s.get_one(Cohort, self._cohort_id))
        run = board.run(self.claims[which])
        assert run is not None
        sign_claim(self.people[who], self._cohort_id, run.id, run.digest)

    def _answer(self, s: Session) -> None:
        """All awarded but one, which is queried, and one that the reply does not name."""
        board = board_of(s.get_one(Cohort, self._cohort_id))
        run = board.run(self.claims[0])
        assert run is not None
        admin = self.people["admin"]
        lines = sorted(run.lines, key=lambda line: (line.enrolment_id, line.unit_id))
        fourth = self.finished.cohort.places[3]
        queried = next(line for line in lines if line.enrolment_id == fourth)
        silent = next(line for line in lines if line.enrolment_id == self.finished.cohort.places[5])
        events = []
        for line in lines:
            if line is silent:
                continue
            result = Reply.QUERIED if line is queried else Reply.AWARDED
            awarded_on = clock.today() - DAY if result is Reply.AWARDED else None
            s.add(
                ClaimReply(
                    line_id=line.id, result=result, awarded_on=awarded_on, recorded_by=admin.audit_id,
                    recorded_at=clock.now(),
                )
            )  # fmt: skip
            details = {"line": str(line.id), "result": result.value}
            events.append(event_of(admin, "recorded reply", "claim", run.id, **details))
        record_many(s, events)

    def _change_name(self, s: Session) -> None:
        person = s.scalars(select(Person).where(Person.id == self.finished.cohort.people[NAME_CHANGED])).one()
        person.certificate_name = f"{person.given_name} {person.family_name}-Byrne"
        s.flush()
