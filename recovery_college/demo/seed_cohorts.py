"""Seeded cohorts with their students, attendance, decisions, verdicts and graduations, one cohort at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.courses.models import Attendance
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.demo.cohorts import (
    WEEK,
    CohortPlan,
    Course,
    MadeCohort,
    add_cohort,
    add_place,
    on,
    session_days,
)
from recovery_college.demo.names import made_up_name
from recovery_college.demo.rows import Rows
from recovery_college.demo.seed_candidates import add_candidate
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.people.models import Person

WEEKS, WEEK_NOW = 12, 6
FIRST_DAY = date(2010, 9, 6)
FEEDBACK = "Say in two or three sentences why you would share it with this person, and it is met."
DAY = timedelta(days=1)


class Sized(Protocol):
    """How many there are to be."""

    @property
    def cohorts(self) -> int:
        """Cohorts."""

    @property
    def students(self) -> int:
        """Students of each."""


@dataclass(frozen=True, slots=True)
class SeedStaff:
    """Who teaches, two a cohort in turn, and who quality-assures."""

    tutors: tuple[UUID, ...]
    iqa: UUID

    def of(self, number: int) -> tuple[UUID, UUID]:
        """The two tutors of a cohort."""
        return self.tutors[number % len(self.tutors)], self.tutors[(number + 1) % len(self.tutors)]


def start_days(count: int, today: date) -> list[date]:
    """First days, oldest first, all Mondays: the last cohort is in week 6, the one before ended a month ago.

    The others lie evenly between 2010 and then, at most thirteen weeks apart.
    """
    monday = today - timedelta(days=today.weekday())
    running, finished = monday - WEEK * (WEEK_NOW - 1), monday - WEEK * (WEEKS + 4)
    apart = min(WEEK * 13, (finished - FIRST_DAY) / max(1, count - 2))
    before = [finished - apart * number for number in range(count - 2, 0, -1)]
    days = [*(day - timedelta(days=day.weekday()) for day in before), finished, running]
    return days[-count:] if count else []


def add_seed_cohorts(
    rows: Rows,
    course: Course,
    sites: tuple[UUID, ...],
    staff: SeedStaff,
    size: Sized,
    today: date,
    random: Random,
) -> Iterator[None]:
    """Gather the cohorts, oldest first; the caller writes between them."""
    days = start_days(size.cohorts, today)
    for number, start in enumerate(days):
        back = len(days) - 1 - number
        cohort = add_cohort(
            rows,
            course,
            CohortPlan(
                f"SEED-{number + 1:04d}",
                f"Seeded cohort {number + 1}",
                sites[number % len(sites)],
                start,
                start + WEEK * (WEEKS - 1) + timedelta(days=4),
                session_days(start, WEEKS, (1,)),
                capacity=max(1, size.students),
            ),
            staff.of(number),
        )
        one = _OneCohort(rows, course, cohort, staff.of(number), staff.iqa, today, random)
        for place in range(size.students):
            one.add_student(number * size.students + place + 1, place, back)
        yield


class _OneCohort:
    """The students of one cohort: `back` is 0 for the running one, 1 for the finished, more for earlier."""

    def __init__(
        self,
        rows: Rows,
        course: Course,
        cohort: MadeCohort,
        tutors: tuple[UUID, UUID],
        iqa: UUID,
        today: date,
        random: Random,
    ) -> None:
        self.rows, self.course, self.cohort, self.random = rows, course, cohort, random
        self.tutors, self.iqa, self.today = tutors, iqa, today
        self.start = cohort.plan.starts_on
        self.held = [day for day in cohort.plan.sessions if day < today]
        self.marked_at = [on(day, 12, 40) for day in self.held]
        self.decided_at = [on(self.start + WEEK * (1 + 2 * unit) + DAY * 3, 16) for unit in range(5)]

    def add_student(self, number: int, place: int, back: int) -> None:
        """Gather one student with all that is known of them."""
        given, family = made_up_name(self.random)
        person_id = self.rows.add(
            Person, student_ref=f"SEED-{number:06d}", given_name=given, family_name=family,
            preferred_name="", pronouns="", certificate_name="", email=f"s{number:06d}@seed.example",
            date_of_birth=date.fromordinal(date(1960, 1, 1).toordinal() + self.random.randrange(15_000)),
            uln="", created_at=on(self.start), is_made_up=True,
        )  # fmt: skip
        is_before = back > 1
        role = Role.GRADUATE if is_before else Role.STUDENT
        email = f"s{number:06d}@seed.example"
        add_candidate(self.rows, person_id, email, role, on(self.start), self.today, Random(number))  # noqa: S311
        enrolment_id = add_place(
            self.rows, self.course, self.cohort, person_id,
            status=EnrolmentStatus.COMPLETED if is_before else EnrolmentStatus.ENROLLED,
            ended_on=self.cohort.plan.ends_on if is_before else None,
        )  # fmt: skip
        self._attend(enrolment_id)
        if back == 0:
            self._mark_half(enrolment_id, place)
            return
        for unit in range(len(self.course.units)):
            self._decide(enrolment_id, unit, 8, place)
            self._verify(enrolment_id, unit, place)
        if is_before:
            self.rows.add(
                Graduation, person_id=person_id, enrolment_id=enrolment_id, cohort_ref=self.cohort.plan.ref,
                graduated_on=self.cohort.plan.ends_on + WEEK * 2, source=GraduationSource.BEFORE,
                source_note="Seeded, made up",
            )  # fmt: skip

    def _attend(self, enrolment_id: UUID) -> None:
        """At most two sessions missed of twelve: enough for everybody to graduate."""
        missed = {self.random.randrange(12) for _ in range(2)}
        for number, (day, at) in enumerate(zip(self.held, self.marked_at, strict=True)):
            self.rows.add(
                Attendance, enrolment_id=enrolment_id, session_on=day, recorded_at=at,
                mark=Mark.APOLOGY if number in missed else Mark.PRESENT,
            )  # fmt: skip

    def _mark_half(self, enrolment_id: UUID, place: int) -> None:
        """Two units and a half: the first verified, the last four criteria drafts, here and there a "not yet"."""
        self._decide(enrolment_id, 0, 8, place)
        self._verify(enrolment_id, 0, place)
        self._decide(enrolment_id, 1, 8, place, not_yet=place % 4)
        self._decide(enrolment_id, 2, 4, place, is_draft=True)

    def _decide(
        self,
        enrolment_id: UUID,
        unit: int,
        count: int,
        place: int,
        *,
        not_yet: int = 0,
        is_draft: bool = False,
    ) -> None:
        at: datetime = self.decided_at[unit]
        tutor = self.tutors[(place + unit) % 2]
        for number, criterion_id in enumerate(self.course.units[unit][1][:count]):
            is_met = number >= not_yet
            self.rows.link(
                Decision,
                {
                    "enrolment_id": enrolment_id,
                    "criterion_id": criterion_id,
                    "attempt": 1,
                    "revision": 1,
                    "outcome": Outcome.MET if is_met else Outcome.NOT_YET_MET,
                    "feedback": "" if is_met else FEEDBACK,
                    "decided_on": at.date(),
                    "decided_by": tutor,
                    "recorded_at": at,
                    "released_at": None if is_draft else at + DAY,
                    "released_by": None if is_draft else tutor,
                    "is_imported": False,
                },
            )

    def _verify(self, enrolment_id: UUID, unit: int, place: int) -> None:
        is_sampled = (place + unit) % 4 == 0
        self.rows.add(
            IqaVerdict, enrolment_id=enrolment_id, unit_id=self.course.units[unit][0],
            verdict=Verdict.CONFIRMED if is_sampled else Verdict.SAMPLE_CLOSED,
            comment="Agreed." if is_sampled else "", action="", act_by_on=None, verified_by=self.iqa,
            recorded_at=self.decided_at[unit] + WEEK,
        )  # fmt: skip
