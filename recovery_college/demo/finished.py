"""The demo's cohort that has just ended: graduates with certificates, some ready, some one thing away."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.demo.cohorts import (
    SITES,
    WEEK,
    CohortPlan,
    Course,
    MadeCohort,
    add_attendance,
    add_cohort,
    add_place,
    on,
    session_days,
)
from recovery_college.demo.marking import ASKED, Marking
from recovery_college.demo.people import Register, sign_in_of
from recovery_college.demo.rows import Rows
from recovery_college.demo.running import Teachers

WEEKS = 12
STUDENTS = 14
ISSUED, READY = 6, 4
"""Places 0 to 5 have certificates, the first of them the graduate who signs in; 6 to 9 wait for theirs."""
WAITS_FOR_IQA, NOT_YET_MET, BEHIND, WITHDRAWN = 10, 11, 12, 13
NAMES = (
    ("Rhiannon", "Gruffydd"),
    ("Mateusz", "Ślusarczyk"),
    ("Femi", "Adeyinka"),
    ("Orla", "MacDonagh"),
    ("נועה", "לוי"),
    ("Sunita", "Chakraborty"),
    ("Tom", "Ffoulkes"),
    ("Blessing", "Eze"),
    ("Aleksandra", "Żółkiewska"),
    ("Hugh", "St John"),
    ("Parveen", "Akhtar"),
    ("Lowri", "ap Ieuan"),
    ("Sam", "Tindall"),
)


@dataclass(frozen=True, slots=True)
class Finished:
    """The cohort, who of it signs in, and when what happened."""

    cohort: MadeCohort
    graduate: UUID
    issued_at: datetime
    verified_late_at: datetime


def add_finished(
    rows: Rows,
    register: Register,
    course: Course,
    sites: dict[str, UUID],
    teachers: Teachers,
    marking: Marking,
    today: date,
    random: Random,
) -> Finished:
    """Gather the cohort as it stood on the day the first certificates were issued."""
    monday = today - timedelta(days=today.weekday())
    start = monday - WEEK * 17
    end = start + WEEK * (WEEKS - 1) + timedelta(days=3)
    plan = CohortPlan(
        "FEN-11", "Cohort 11", sites[SITES[1]], start, end, session_days(start, WEEKS, (1, 3)), cancelled=9
    )
    cohort = add_cohort(rows, course, plan, (teachers.tutor.person_id, teachers.peer.person_id))
    signs_in = sign_in_of("graduate")
    for place, name in enumerate(((signs_in.given, signs_in.family), *NAMES)):
        email = signs_in.email if place == 0 else ""
        person_id = register.student(on(start - timedelta(days=10)), name, email=email)
        left = place == WITHDRAWN
        ended_on = start + WEEK * 5 if left else None
        enrolment_id = add_place(
            rows, course, cohort, person_id,
            status=EnrolmentStatus.WITHDRAWN if left else EnrolmentStatus.ENROLLED, ended_on=ended_on,
        )  # fmt: skip
        _add_register(rows, cohort, enrolment_id, place, random)
        _mark(marking, teachers, cohort, place)
    return Finished(
        cohort, cohort.people[0], on(end + timedelta(days=18), 10, 5), on(today - timedelta(days=6), 15)
    )


def _add_register(rows: Rows, cohort: MadeCohort, enrolment_id: UUID, place: int, random: Random) -> None:
    """At most three sessions missed by who graduates, and nine by who came to too few."""
    held = [n for n in range(len(cohort.plan.sessions)) if n != cohort.plan.cancelled]
    missed = set(random.sample(held, 9 if place == BEHIND else place % 4))
    for number in held:
        add_attendance_mark = 0.0 if number in missed else 1.0
        day = cohort.plan.sessions[number]
        until = cohort.plan.starts_on + WEEK * 5
        if place == WITHDRAWN and day > until:
            break
        add_attendance(
            rows, cohort, enrolment_id, date.max, random, keen=add_attendance_mark, since=day, until=day
        )
    if cohort.plan.cancelled is not None and place != WITHDRAWN:
        day = cohort.plan.sessions[cohort.plan.cancelled]
        add_attendance(rows, cohort, enrolment_id, date.max, random, since=day, until=day)


def _mark(marking: Marking, teachers: Teachers, cohort: MadeCohort, place: int) -> None:
    """Decide every unit two weeks after it was taught, release the day after, verify a week later."""
    start, place_id = cohort.plan.starts_on, cohort.places[place]
    units = {WITHDRAWN: 2, BEHIND: 4}.get(place, 5)
    for unit in range(units):
        by = teachers.peer if (place + unit) % 3 == 2 else teachers.tutor
        at = on(start + WEEK * (2 + 2 * unit) + timedelta(days=place % 4), 15)
        criteria = list(range(8))
        if place % 5 == 2 and unit == 2:
            marking.decide(place_id, unit, 4, Outcome.NOT_YET_MET, by, at, at + DAY, feedback=ASKED[unit % 4])
            marking.decide(place_id, unit, 4, Outcome.MET, by, at + WEEK, at + WEEK + DAY, attempt=2)
            criteria.remove(4)
        if (place, unit) in ((NOT_YET_MET, 4), (BEHIND, 3)):
            marking.decide(place_id, unit, 5, Outcome.NOT_YET_MET, by, at, at + DAY, feedback=ASKED[3])
            criteria.remove(5)
        marking.meet(place_id, unit, criteria, by, at, at + DAY)
        if (place, unit) in ((NOT_YET_MET, 4), (BEHIND, 3), (WAITS_FOR_IQA, 4)):
            continue
        if unit == 4 and ISSUED <= place < ISSUED + READY:
            continue  # verified only after the first certificates were issued
        sampled = (place + unit) % 3 == 0
        marking.judge(
            place_id, unit, Verdict.CONFIRMED if sampled else Verdict.SAMPLE_CLOSED, teachers.iqa,
            at + WEEK + DAY * 2, sampled=(1, 5) if sampled else (), comment="Agreed." if sampled else "",
        )  # fmt: skip


DAY = timedelta(days=1)


def verify_the_rest(marking: Marking, teachers: Teachers, finished: Finished) -> None:
    """Gather the verdicts after which the next four are ready."""
    for place in finished.cohort.places[ISSUED : ISSUED + READY]:
        marking.judge(place, 4, Verdict.CONFIRMED, teachers.iqa, finished.verified_late_at, comment="Agreed.")
