"""One learner's story: the student's own page, and what staff see of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import ceil
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_list import criteria_in_words
from recovery_college.assessment.evidence_queries import EvidenceMetadata, evidence_metadata
from recovery_college.assessment.evidence_rules import STAFF_KINDS, may_hand_in
from recovery_college.assessment.history_queries import DecisionRow
from recovery_college.assessment.next_step import OwnCriterion, StepKind
from recovery_college.assessment.place_queries import own_places, place_from, the_one_to_show
from recovery_college.assessment.progress_queries import OwnWork, own_work
from recovery_college.assessment.queries import UnitResult
from recovery_college.assessment.rules import CriterionState, Outcome, Retry, UnitState, Verdict
from recovery_college.assessment.steps import QualityStep
from recovery_college.assessment.story_queries import Chapter, Story, story_of
from recovery_college.audit.services import record_view
from recovery_college.claims.left_queries import left_for
from recovery_college.claims.left_rules import Left, StudentLeft
from recovery_college.claims.presenters import where_to_mend
from recovery_college.courses.attendance_queries import attendance_of
from recovery_college.courses.models import Cohort
from recovery_college.courses.queries import Place
from recovery_college.courses.rules import AttendanceSummary, EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import Syllabus
from recovery_college.graduation.queries import certificates_by_enrolment, own_graduations
from recovery_college.graduation.record_views import since_lines
from recovery_college.graduation.rules import (
    Eligibility,
    EligibilityLine,
    LineKind,
    UnitStanding,
    eligibility,
)
from recovery_college.graduation.views import room
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.wording import day, in_london

PATH_STATES = {
    CriterionState.MET: "done",
    CriterionState.NOT_YET_MET: "again",
    CriterionState.SUBMITTED: "looking",
    CriterionState.DRAFT: "ahead",
    CriterionState.NOT_SUBMITTED: "ahead",
}
RETRY_STATES = {Retry.USED: "talk", Retry.REFUSED: "talk", Retry.ASKED: "asked"}
"""How "not yet met" is drawn where there is no other try just now (A5)."""

FAIR_WAYS = (
    ("/what-helps", "What helps", Permission.SUPPORT_SEE),
    ("/prior-learning", "Prior learning", Permission.PRIOR_LEARNING_SEE),
    ("/concern", "Raise a concern", Permission.CONCERN_RAISE),
)
"""Below a cohort: its address, its words, and what it needs."""

EARLIEST = datetime.min.replace(tzinfo=UTC)
VERDICT_WORDS = {
    Verdict.CONFIRMED: "confirmed by quality assurance",
    Verdict.RETURNED: "returned to the assessor",
    Verdict.SAMPLE_CLOSED: "verified with its sample",
}


@room.page("/my-progress", permission=Permission.OWN_PROGRESS)
def my_progress() -> ResponseReturnValue:
    """The student's own page: what is done, the one next step, what tutors said, attendance, whom to ask."""
    person_id = the_actor().person_id
    places = own_places(person_id) if person_id else []
    enrolments = [one.enrolment for one in places]
    shown = the_one_to_show(enrolments, request.args.get("course", ""))
    if shown is None:
        return render_template("graduation/my_progress.html", shown=None)
    cohort, work = shown.cohort, own_work(shown)
    paths = paths_of(work)
    place = place_from(shown)
    attendance = attendance_of(cohort, [place], clock.today())[shown.id]
    judged = judge(cohort, place, work.syllabus, work.results, attendance)
    graduations = own_graduations(shown.person_id) if judged.eligible else []
    return render_template(
        "graduation/my_progress.html",
        shown=shown,
        cohort=cohort,
        work=work,
        paths=paths,
        key_states={"done", "looking", "ahead", *(step["state"] for *_, steps in paths for step in steps)},
        talks=work.step.kind is StepKind.TALK,
        others=[one for one in enrolments if one.id != shown.id],
        attendance=attendance,
        needs=needed_words(judged, place, attendance, cohort.min_attendance, ahead_of(work.results)),
        is_complete=judged.eligible,
        graduated=next((one for one in graduations if one[0].enrolment_id == shown.id), None),
        own=next(one for one in places if one.enrolment is shown),
        has_begun=clock.today() >= cohort.starts_on,
        today=clock.today(),
        hands_in=may(the_actor(), Permission.EVIDENCE_HAND_IN) and may_hand_in(shown.status, ()) is None,
        is_enrolled=shown.status is EnrolmentStatus.ENROLLED,
        has_left=shown.status is EnrolmentStatus.WITHDRAWN,
    )


def paths_of(work: OwnWork) -> list[tuple[str, str, list[dict[str, str]]]]:
    """Each unit as the path component takes it: title, where it stands, its criteria as steps."""
    return [
        (
            f"{unit.label} {unit.title}",
            unit.words,
            [{"reference": one.number, "text": one.text, "state": path_state(one)} for one in unit.criteria],
        )
        for unit in work.units
    ]


def path_state(one: OwnCriterion) -> str:
    """Where a criterion is on its student's path."""
    return RETRY_STATES[one.retry] if one.is_stuck else PATH_STATES[one.state]


def judge(
    cohort: Cohort,
    place: Place,
    syllabus: Syllabus,
    results: tuple[UnitResult, ...],
    attendance: AttendanceSummary,
) -> Eligibility:
    """Where graduation stands (G1), in a student's eyes: a unit with all met is being checked, no more."""
    standings = {}
    for result in results:
        all_met = not result.not_met and result.state is UnitState.IN_PROGRESS
        state = UnitState.ASSESSED if all_met else result.state
        standings[result.unit.code] = UnitStanding(state, result.not_met)
    return eligibility(
        today=clock.today(),
        ends_on=cohort.ends_on,
        status=place.status,
        attendance=attendance,
        min_attendance=cohort.min_attendance,
        spec=syllabus.specification,
        standings=standings,
    )


def ahead_of(results: Sequence[UnitResult]) -> Mapping[str, int]:
    """The units in which nothing is decided or handed in yet, by code: how many criteria each has."""
    untouched = {CriterionState.NOT_SUBMITTED, CriterionState.DRAFT}
    return {
        one.unit.code: len(one.unit.criteria)
        for one in results
        if one.state is UnitState.IN_PROGRESS and untouched.issuperset(one.for_student.values())
    }


def needed_words(
    judged: Eligibility,
    place: Place,
    attendance: AttendanceSummary,
    minimum: int,
    ahead: Mapping[str, int],
) -> list[str]:
    """What graduation still needs, said to the student; of a unit not begun no list of its criteria."""

    def said(line: EligibilityLine) -> str:
        if line.kind is LineKind.ENROLMENT:
            left = place.status is EnrolmentStatus.WITHDRAWN
            return "You have left this course." if left else f"Your place is {place.status}."
        if line.kind is LineKind.ATTENDANCE:
            if attendance.whole_course is None:
                return f"The course asks you to come to {minimum}% of its sessions."
            enough = ceil(Decimal(minimum) * attendance.planned / 100)
            return (
                f"Come to at least {enough} of the {attendance.planned} sessions of the whole course "
                f"({minimum}%). So far you came to {attendance.attended}."
            )
        if line.unit in ahead:
            return f"{unit_label(line.unit)} is still ahead of you, with its {ahead[line.unit]} criteria."
        text = line.text.replace("the student is", "you are")
        return text.replace("is waiting for internal quality assurance", "is being checked by the college")

    return [said(line) for line in judged.lines if not line.ok]


@room.page("/students/<uuid:person_id>", permission=Permission.STUDENT_SEE)
def student_show(person_id: UUID) -> ResponseReturnValue:
    """One learner's whole story, as far as this member of staff may know it. Each look is recorded."""
    actor = the_actor()
    story = or_404(story_of(actor, person_id))
    record_view(actor, "student", person_id)
    today = clock.today()
    chapters = []
    for chapter in story.chapters:
        attendance = attendance_of(chapter.cohort, [chapter.place], today)[chapter.place.enrolment_id]
        chapters.append((chapter, attendance, standing_of(chapter, attendance)))
    opens = may(actor, Permission.CERTIFICATE_OPEN)
    ids = [chapter.place.enrolment_id for chapter in story.chapters]
    reads_words = may(actor, Permission.FEEDBACK_SEE)
    handed_in = evidence_metadata(actor, ids) if may(actor, Permission.EVIDENCE_LIST) else ()
    return render_template(
        "graduation/student_show.html",
        evidence=evidence_of(story, handed_in),
        lists_evidence=may(actor, Permission.EVIDENCE_LIST),
        opens_evidence=may(actor, Permission.EVIDENCE_SEE),
        writes_evidence=may(actor, Permission.EVIDENCE_WRITE) and person_id != actor.person_id,
        story=story,
        chapters=chapters,
        certificates=certificates_by_enrolment(ids) if opens else {},
        timeline_entries=timeline_of(story, handed_in, reads_words=reads_words),
        left=left_by_place(actor, story),
        reads_words=reads_words,
        sees_contact=may(actor, Permission.CONTACT_SEE),
        changes_record=may(actor, Permission.PROFILE_EDIT),
        since=since_lines(actor, ids) if may(actor, Permission.CONTACT_SEE) else [],
        marks=may(actor, Permission.DECISION_RECORD),
        fair_ways=[(href, words) for href, words, needs in FAIR_WAYS if may(actor, needs)],
        is_own=person_id == actor.person_id,
        unit_label=unit_label,
        steps=QualityStep,
    )


def left_by_place(actor: Actor, story: Story) -> dict[UUID, tuple[StudentLeft, list[tuple[Left, str]]]]:
    """What is left to award on each course of a learner, each line with the way to where it is done."""
    chapters = {chapter.place.enrolment_id: chapter for chapter in story.chapters}
    works = [(one.place, one.syllabus, [cell.result for cell in one.cells]) for one in chapters.values()]
    return {
        enrolment_id: (
            left,
            [
                (
                    line,
                    where_to_mend(actor, line, chapters[enrolment_id].place, chapters[enrolment_id].syllabus),
                )
                for line in left.lines
            ],
        )
        for enrolment_id, left in left_for(actor, works).items()
    }


def standing_of(chapter: Chapter, attendance: AttendanceSummary) -> Eligibility:
    """Where graduation stands, in staff's words."""
    return eligibility(
        today=clock.today(),
        ends_on=chapter.cohort.ends_on,
        status=chapter.place.status,
        attendance=attendance,
        min_attendance=chapter.cohort.min_attendance,
        spec=chapter.syllabus.specification,
        standings={
            cell.unit.code: UnitStanding(
                cell.result.state, cell.result.not_met, cell.result.awaits_countersignature
            )
            for cell in chapter.cells
        },
    )


def evidence_of(
    story: Story, handed_in: Sequence[EvidenceMetadata]
) -> dict[UUID, list[tuple[EvidenceMetadata, str]]]:
    """By enrolment each piece of evidence, the latest first, with the criteria it is about in words."""
    found: dict[UUID, list[tuple[EvidenceMetadata, str]]] = {}
    for chapter in story.chapters:
        criteria = chapter.syllabus.criteria
        units = {unit.id: unit_label(unit.code) for unit in chapter.syllabus.units}
        for one in handed_in:
            if one.enrolment_id == chapter.place.enrolment_id:
                about = [row for key, row in criteria.items() if key in one.criteria]
                words = criteria_in_words((units[row.unit_id], row.number) for row in about)
                found.setdefault(one.enrolment_id, []).append((one, words))
    return found


def timeline_of(
    story: Story, handed_in: Sequence[EvidenceMetadata] = (), *, reads_words: bool
) -> list[dict[str, str]]:
    """What happened, latest first. Drafts and written words only for who may read decisions."""
    found: list[tuple[date, datetime, str, str]] = []
    for chapter in story.chapters:
        place, title = chapter.place, chapter.cohort.title
        found.append((place.enrolled_on, EARLIEST, f"Enrolled: {title}", ""))
        if place.ended_on:
            found.append((place.ended_on, EARLIEST, f"{place.status.value.capitalize()}: {title}", ""))
        for one in handed_in:
            if one.enrolment_id == place.enrolment_id:
                by_staff = one.kind in STAFF_KINDS
                what = f"{one.kind.value.capitalize()} {'written' if by_staff else 'handed in'}"
                found.append((in_london(one.handed_in_at).date(), one.handed_in_at, what, ""))
                if one.closed_at:
                    back = f"{one.kind.value.capitalize()} taken back"
                    found.append((in_london(one.closed_at).date(), one.closed_at, back, ""))
        for cell in chapter.cells:
            label = unit_label(cell.unit.code)
            days: dict[date, list[DecisionRow]] = {}
            for row in cell.decisions:
                if row.released_at or reads_words:
                    days.setdefault(row.decided_on, []).append(row)
            for on, rows in days.items():
                last = max(row.recorded_at for row in rows)
                found.append((on, last, f"{label}: {counted_words(rows)}", ""))
            for said in cell.verdicts:
                words = said.action or said.comment if reads_words else ""
                on = said.recorded_at.astimezone(clock.LONDON).date()
                what = f"{label} {VERDICT_WORDS[said.verdict]}, {said.by_name}"
                found.append((on, said.recorded_at, what, words))
    found.sort(key=lambda one: one[:2], reverse=True)
    return [{"when": day(on), "what": what, "more": words} for on, _, what, words in found]


def counted_words(rows: list[DecisionRow]) -> str:
    """How a day's decisions went: "2 met, 1 not yet met, 1 not released"."""
    counts = {
        "met": sum(row.outcome is Outcome.MET for row in rows),
        "not yet met": sum(row.outcome is Outcome.NOT_YET_MET for row in rows),
        "not released": sum(row.released_at is None for row in rows),
    }
    return ", ".join(f"{number} {words}" for words, number in counts.items() if number)
