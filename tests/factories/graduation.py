"""A cohort whose course is over, with students who may graduate and students who may not."""

from dataclasses import dataclass
from datetime import timedelta

from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.rules import Mark
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Person
from tests.factories.courses import (
    a_cohort,
    a_mark,
    a_qualification,
    a_session,
    an_enrolment,
    criteria_of,
    units_of,
)
from tests.factories.people import a_person


@dataclass
class Finished:
    """The cohort, its tutor and IQA, and its enrolments."""

    cohort: Cohort
    tutor: Person
    iqa: Person
    ready: list[Enrolment]
    not_yet: Enrolment


def a_finished_cohort(
    ready: int = 2, names: tuple[str, ...] = (), feedback: str = "", optional: int = 0
) -> Finished:
    """Two sessions held; `ready` students came and have every unit verified; one more has nothing decided.

    All are registered for the `optional` units as well, of which one is needed and the first one verified.
    """
    today = clock.today()
    tutor, iqa = a_person("Tomos", "Tutor"), a_person("Ida", "Assurer")
    qualification = a_qualification(units=2, criteria=2, optional_units=optional)
    cohort = a_cohort(
        qualification,
        tutors=[tutor],
        starts_on=today - timedelta(weeks=12),
        ends_on=today - timedelta(days=3),
    )
    days = [today - timedelta(weeks=10), today - timedelta(weeks=9)]
    for day in days:
        a_session(cohort, day)
    units, enrolments = units_of(qualification), []
    for number in range(ready + 1):
        name = names[number] if number < len(names) else f"Student {number}"
        person = a_person(name.split(" ")[0], name.split(" ", 1)[1], certificate_name=name)
        enrolment = an_enrolment(cohort, person, enrolled_on=today - timedelta(weeks=12), units=units)
        for day in days:
            a_mark(enrolment, day, Mark.PRESENT)
        enrolments.append(enrolment)
    moment = clock.now() - timedelta(days=5)
    with transaction() as s:
        for enrolment in enrolments[:ready]:
            for unit in units[:3]:
                for criterion in criteria_of(unit):
                    s.add(
                        Decision(
                            enrolment_id=enrolment.id,
                            criterion_id=criterion.id,
                            attempt=1,
                            revision=1,
                            outcome=Outcome.MET,
                            feedback=feedback,
                            decided_on=moment.date(),
                            decided_by=tutor.id,
                            recorded_at=moment,
                            released_at=moment,
                            released_by=tutor.id,
                        )
                    )
                s.flush()
                s.add(
                    IqaVerdict(
                        enrolment_id=enrolment.id,
                        unit_id=unit.id,
                        verdict=Verdict.CONFIRMED,
                        verified_by=iqa.id,
                        recorded_at=moment + timedelta(hours=1),
                    )
                )
    return Finished(cohort, tutor, iqa, enrolments[:ready], enrolments[-1])
