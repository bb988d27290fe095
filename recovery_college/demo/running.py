"""The demo's running cohort, in its sixth week of twelve: every state of a cell and a unit that a tutor meets."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.courses.rules import EnrolmentStatus, Mark
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
from recovery_college.demo.people import DemoActor, Register, sign_in_of
from recovery_college.demo.rows import Rows

MET, NOT_YET = Outcome.MET, Outcome.NOT_YET_MET
WEEKS, WEEK_NOW = 12, 6
NAMES = (
    ("Cai", "Parry-Hughes"),
    ("ليلى", "حداد"),
    ("Benedict", "Wainwright"),
    ("Małgorzata", "Żuraw"),
    ("Amina", "Odukoya"),
    ("Dylan", "Ó Briain"),
    ("Zsófia", "Kertész"),
    ("Oluwaseun", "Bankole-Thompson"),
    ("Hawwa", "Suleiman"),
    ("Jo", "Fairbrother"),
    ("Llinos", "Dafis"),
    ("Kamal", "Ahsan"),
    ("Ivy", "Merriweather"),
)
"""Thirteen students beside the one who signs in."""
LATE_COMER, PAUSED, WITHDRAWN = 11, 12, 13
"""Their places in the register; the student who signs in is the first."""
ANSWERED_AFTER_LEAVING = 3
"""The criterion of the first unit that is decided again for the student who left."""


@dataclass(frozen=True, slots=True)
class Teachers:
    """Who teaches, who teaches beside, who quality-assures."""

    tutor: DemoActor
    peer: DemoActor
    iqa: DemoActor


def plan_running(site_id: UUID, today: date) -> CohortPlan:
    """Twelve weeks of which this one is the sixth, on two days a week; one of them today if that is a weekday."""
    monday = today - timedelta(days=today.weekday())
    start = monday - WEEK * (WEEK_NOW - 1)
    day = today.weekday() if today.weekday() < 5 else 1
    days = session_days(start, WEEKS, sorted((day, (day + 2) % 5)))
    end = start + WEEK * (WEEKS - 1) + timedelta(days=4)
    return CohortPlan("FEN-12", "Cohort 12", site_id, start, end, days, cancelled=5)


def add_running(
    rows: Rows,
    register: Register,
    course: Course,
    sites: dict[str, UUID],
    teachers: Teachers,
    marking: Marking,
    today: date,
    random: Random,
) -> tuple[MadeCohort, UUID]:
    """Gather the cohort; its student who signs in is returned beside it."""
    plan = plan_running(sites[SITES[0]], today)
    cohort = add_cohort(rows, course, plan, (teachers.tutor.person_id, teachers.peer.person_id))
    signs_in = sign_in_of("student")
    joined = on(plan.starts_on - timedelta(days=14))
    for place, name in enumerate(((signs_in.given, signs_in.family), *NAMES)):
        email = signs_in.email if place == 0 else ""
        person_id = register.student(joined, name, preferred="Layla" if place == 2 else "", email=email)
        _add_student(rows, course, cohort, person_id, place, today, random)
    _mark(cohort, teachers, marking, today)
    return cohort, cohort.people[0]


def _add_student(
    rows: Rows, course: Course, cohort: MadeCohort, person_id: UUID, place: int, today: date, random: Random
) -> None:
    start = cohort.plan.starts_on
    status, enrolled_on, ended_on, paused_from = EnrolmentStatus.ENROLLED, start, None, None
    if place == LATE_COMER:
        enrolled_on = start + WEEK * 3
    elif place == PAUSED:
        status, paused_from = EnrolmentStatus.PAUSED, start + WEEK * 4
    elif place == WITHDRAWN:
        status, ended_on = EnrolmentStatus.WITHDRAWN, start + WEEK * 4
    enrolment_id = add_place(
        rows, course, cohort, person_id,
        status=status, enrolled_on=enrolled_on, ended_on=ended_on, paused_from=paused_from,
        asked_back_at=on(today - timedelta(days=1), 18) if paused_from else None,
    )  # fmt: skip
    add_attendance(
        rows,
        cohort,
        enrolment_id,
        today,
        random,
        keen=0.7 if place == 8 else 0.95,
        since=enrolled_on,
        until=paused_from - timedelta(days=1) if paused_from else ended_on,
        marks={3: Mark.LATE} if place == 0 else None,
    )


def _mark(cohort: MadeCohort, teachers: Teachers, marking: Marking, today: date) -> None:
    """Decide what the tutors have decided by now: unit 1 in weeks 3 and 4, unit 2 since week 5."""
    start, places = cohort.plan.starts_on, cohort.places
    tutor, peer, iqa = teachers.tutor, teachers.peer, teachers.iqa
    early, told = (
        on(start + WEEK * 2 + timedelta(days=3), 16, 20),
        on(start + WEEK * 2 + timedelta(days=4), 9),
    )
    later, told_later = (
        on(start + WEEK * 3 + timedelta(days=2), 14),
        on(start + WEEK * 3 + timedelta(days=3), 9),
    )
    checked = on(start + WEEK * 4, 11)
    recent, told_recent = on(today - timedelta(days=3), 15, 10), on(today - timedelta(days=2), 9, 30)
    yesterday = on(today - timedelta(days=1), 16, 45)
    everything, half = range(8), range(4)

    # The student who signs in: unit 1 verified, unit 2 half way, one "not yet" with what to do, one draft.
    marking.meet(places[0], 0, everything, tutor, early, told)
    marking.judge(
        places[0], 0, Verdict.CONFIRMED, iqa, checked, comment="Sound decisions, feedback that helps."
    )
    marking.meet(places[0], 1, half, tutor, recent, told_recent)
    marking.decide(places[0], 1, 4, NOT_YET, tutor, recent, told_recent, feedback=ASKED[0])
    marking.decide(places[0], 1, 5, MET, tutor, yesterday, None)
    # Unit 1 assessed, waiting for quality assurance.
    marking.meet(places[1], 0, everything, tutor, later, told_later)
    marking.meet(places[1], 1, range(2), tutor, recent, told_recent)
    # Unit 1 verified, unit 2 assessed already; unit 3 begun.
    marking.meet(places[2], 0, everything, peer, early, told)
    marking.judge(places[2], 0, Verdict.CONFIRMED, iqa, checked, comment="Well evidenced throughout.")
    marking.meet(places[2], 1, everything, tutor, recent, told_recent)
    marking.meet(places[2], 2, range(3), peer, yesterday, None)
    # Unit 1 returned with an action that is still open.
    marking.meet(places[3], 0, everything, tutor, early, told)
    marking.judge(
        places[3], 0, Verdict.RETURNED, iqa, checked, sampled=(1, 4),
        comment="The evidence for 2.2 lists values but does not weigh them.",
        action="Ask for a short reflection that weighs two values, and decide 2.2 again.",
        act_by_on=today + timedelta(days=4),
    )  # fmt: skip
    # Unit 1 returned, decided again and waiting once more.
    marking.meet(places[4], 0, everything, tutor, early, told)
    marking.judge(
        places[4], 0, Verdict.RETURNED, iqa, checked, sampled=(2,),
        comment="1.3 rests on one sentence.", action="See a second example for 1.3.",
        act_by_on=today - timedelta(days=1),
    )  # fmt: skip
    marking.decide(places[4], 0, 2, MET, tutor, recent, told_recent, revision=2, feedback=PLAIN_AGAIN)
    # "Not yet" first, met at the second attempt; another still open.
    marking.meet(places[5], 0, (0, 1, 3, 4, 5), peer, early, told)
    marking.decide(places[5], 0, 2, NOT_YET, peer, early, told, feedback=ASKED[1])
    marking.decide(
        places[5], 0, 2, MET, peer, later, told_later, attempt=2, feedback="Just what was missing."
    )
    marking.decide(places[5], 0, 6, NOT_YET, tutor, later, told_later, feedback=ASKED[3])
    # A released "met" that the tutor is about to correct: the student sees the first until then.
    marking.meet(places[6], 0, range(6), tutor, early, told)
    marking.decide(places[6], 0, 3, NOT_YET, tutor, yesterday, None, revision=2, feedback=ASKED[2])
    marking.decide(
        places[6], 0, 6, NOT_YET, tutor, early, told, feedback="Say what you would not do, in three examples."
    )
    marking.decide(places[6], 0, 6, NOT_YET, tutor, recent, told_recent, attempt=2, feedback=ASKED[3])
    # Drafts in a row, one of them "not yet" without a word: it cannot be released like that.
    marking.meet(places[7], 0, half, peer, later, told_later)
    marking.meet(places[7], 0, (4, 5), tutor, yesterday, None)
    marking.decide(places[7], 0, 6, NOT_YET, tutor, yesterday, None)
    marking.decide(places[7], 0, 7, NOT_YET, tutor, yesterday, None, feedback=ASKED[2])
    # Behind, with little decided; then steady; then well ahead.
    marking.meet(places[8], 0, range(2), tutor, later, told_later)
    marking.decide(places[8], 0, 2, NOT_YET, tutor, later, told_later, feedback=ASKED[1])
    marking.meet(places[9], 0, everything, peer, later, told_later)
    marking.judge(places[9], 0, Verdict.SAMPLE_CLOSED, iqa, checked, sampled=())
    marking.meet(places[9], 1, range(5), tutor, recent, told_recent)
    marking.meet(places[10], 0, everything, tutor, early, told)
    marking.judge(places[10], 0, Verdict.CONFIRMED, iqa, checked, comment="Clear and fair.")
    marking.meet(places[10], 1, range(6), peer, recent, told_recent)
    marking.decide(places[10], 1, 6, NOT_YET, peer, recent, told_recent, feedback=ASKED[4])
    # Nothing yet for the one who came late; half a unit before the pause. The unit of the one who left was returned
    # on their last day: its assessor answers after it (demo/quality.py), so they keep the unit (ADR 21).
    marking.meet(places[PAUSED], 0, half, tutor, later, told_later)
    marking.meet(places[WITHDRAWN], 0, everything, tutor, early, told)
    marking.judge(
        places[WITHDRAWN], 0, Verdict.RETURNED, iqa, checked, sampled=(ANSWERED_AFTER_LEAVING,),
        comment="Your feedback on 2.1 says nothing about choice.",
        action="Look again at 2.1 in what was handed in, and decide it again.",
        act_by_on=start + WEEK * 6,
    )  # fmt: skip


PLAIN_AGAIN = "With the second example this stands on its own."
