"""A small cohort to mark: two units with three and two criteria, some students, an assigned tutor."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    CohortTutor,
    Enrolment,
    EnrolmentUnit,
    LearningOutcome,
    Qualification,
    Site,
    Unit,
    UnitGroup,
)
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.courses import numbers
from tests.factories.people import a_person, signed_in

NAMES = (("Amina", "O'Neill"), ("Ben", "Piątek"), ("Cai", "Prys"), ("Dee", "Quist"))


@dataclass
class MarkedCohort:
    """A cohort's ids, for tests."""

    cohort_id: UUID
    tutor: SignedIn
    enrolments: list[UUID]
    people: list[Person]
    criteria: list[UUID]
    units: list[UUID]
    tutors: list[SignedIn] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/cohorts/{self.cohort_id}/marking"

    def cell(self, student: int = 0, criterion: int = 0) -> str:
        return f"{self.path}/{self.enrolments[student]}/{self.criteria[criterion]}"


def a_marked_cohort(
    students: int = 3,
    *,
    holds: bool = True,
    units: tuple[tuple[int, ...], ...] = ((2, 1), (2,)),
    names: tuple[tuple[str, str], ...] = NAMES,
    weeks_left: int = 6,
) -> MarkedCohort:
    """A running cohort with an assigned tutor. `units`: for each unit the criteria of each outcome."""
    number = next(numbers)
    tutor = signed_in(Role.TUTOR, name="Jo")
    people = [
        a_person(*names[n]) if n < len(names) else a_person(f"Sam{n}", f"Xu{n:03}") for n in range(students)
    ]
    today = clock.today()
    with transaction() as s:
        site = Site(name=f"Cambridge {number}")
        qualification = Qualification(title="DEMO Peer support", version=str(number), min_credit=None)
        s.add_all([site, qualification])
        s.flush()
        group = UnitGroup(
            qualification_id=qualification.id, name="mandatory", is_mandatory=True, min_credit=None,
            min_units=None, position=1,
        )  # fmt: skip
        s.add(group)
        s.flush()
        criteria: list[UUID] = []
        unit_ids: list[UUID] = []
        for place, outcomes in enumerate(units, 1):
            unit = Unit(
                qualification_id=qualification.id, group_id=group.id, code=f"PSW{place}",
                title=f"Working from experience {place}", level=3, credit=3, glh=24, position=place,
            )  # fmt: skip
            s.add(unit)
            s.flush()
            unit_ids.append(unit.id)
            for o, how_many in enumerate(outcomes, 1):
                outcome = LearningOutcome(
                    unit_id=unit.id, number=str(o), text=f"Understand part {o} of unit {place}", position=o
                )
                s.add(outcome)
                s.flush()
                for c in range(1, how_many + 1):
                    criterion = AssessmentCriterion(
                        outcome_id=outcome.id, unit_id=unit.id, number=f"{o}.{c}",
                        text=f"Explain point {c} of part {o} of unit {place}", position=c,
                    )  # fmt: skip
                    s.add(criterion)
                    s.flush()
                    criteria.append(criterion.id)
        cohort = Cohort(
            ref=f"C{number}", title=f"Cohort {number}", qualification_id=qualification.id, site_id=site.id,
            starts_on=today - timedelta(weeks=6), ends_on=today + timedelta(weeks=weeks_left), capacity=16,
            holds_decisions=holds,
        )  # fmt: skip
        s.add(cohort)
        s.flush()
        s.add(CohortTutor(cohort_id=cohort.id, person_id=tutor.person_id))
        enrolments: list[UUID] = []
        for person in people:
            enrolment = Enrolment(
                cohort_id=cohort.id, person_id=person.id, status=EnrolmentStatus.ENROLLED,
                enrolled_on=today - timedelta(weeks=6), ended_on=None,
            )  # fmt: skip
            s.add(enrolment)
            s.flush()
            enrolments.append(enrolment.id)
            s.add_all(EnrolmentUnit(enrolment_id=enrolment.id, unit_id=unit_id) for unit_id in unit_ids)
    return MarkedCohort(cohort.id, tutor, enrolments, people, criteria, unit_ids, [tutor])


def another_tutor(made: MarkedCohort, name: str = "Kit") -> SignedIn:
    """A second tutor assigned to the cohort."""
    tutor = signed_in(Role.TUTOR, name=name)
    with transaction() as s:
        s.add(CohortTutor(cohort_id=made.cohort_id, person_id=tutor.person_id))
    made.tutors.append(tutor)
    return tutor


def a_decision(
    made: MarkedCohort,
    student: int = 0,
    criterion: int = 0,
    outcome: Outcome = Outcome.MET,
    *,
    feedback: str = "",
    attempt: int = 1,
    revision: int = 1,
    released: bool = True,
    on: date | None = None,
) -> int:
    """A stored decision by the cohort's tutor; its id."""
    with transaction() as s:
        decision = Decision(
            enrolment_id=made.enrolments[student], criterion_id=made.criteria[criterion], attempt=attempt,
            revision=revision, outcome=outcome, feedback=feedback, decided_on=on or clock.today(),
            decided_by=made.tutor.person_id, recorded_at=clock.now(),
            released_at=clock.now() if released else None,
            released_by=made.tutor.person_id if released else None,
        )  # fmt: skip
        s.add(decision)
    return decision.id


def a_verdict(made: MarkedCohort, student: int, unit: int, verdict: Verdict) -> None:
    """A verdict of quality assurance by somebody else."""
    verifier = signed_in(Role.IQA, name="Ira")
    with transaction() as s:
        s.add(
            IqaVerdict(
                enrolment_id=made.enrolments[student],
                unit_id=made.units[unit],
                verdict=verdict,
                verified_by=verifier.person_id,
                recorded_at=clock.now(),
                act_by_on=None,
            )
        )
