"""Cohorts, their people and timetable; qualifications; and the tables that come in and go out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from recovery_college.access.gate import the_actor
from recovery_college.access.room import Room
from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.audit.services import record
from recovery_college.courses.attendance_queries import attendance_of, attended_by_day, sessions_of
from recovery_college.courses.exports import EXPORTS, register_table
from recovery_college.courses.imports import KINDS
from recovery_college.courses.models import Attendance, Cohort, CourseSession, Enrolment, Qualification, Site
from recovery_college.courses.presenters import (
    PHASE_TAGS,
    STATUS_TAGS,
    cohort_so_far,
    in_phases,
    session_state,
    so_far_words,
    week_words,
    whole_course_words,
)
from recovery_college.courses.queries import (
    cohort_visible_to,
    cohorts_visible_to,
    people_with_accounts,
    place_of,
    places_in,
    places_taken,
    tutors_of,
)
from recovery_college.courses.rules import CohortPhase, EnrolmentStatus, cohort_phase
from recovery_college.courses.services import invite_student
from recovery_college.courses.student_queries import students_found
from recovery_college.imports.kind import run_export
from recovery_college.imports.pages import add_import_pages
from recovery_college.kernel import clock
from recovery_college.kernel.db import aside, session
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.tables_out import MEDIA_TYPES, Format, write_table
from recovery_college.people.models import Person
from recovery_college.people.services import PeopleRefusal

room = Room("courses", __name__)
add_import_pages(room, "/courses/import", KINDS, Permission.COURSE_IMPORT)
LONGEST_WANTED = 100

# The ways on from a cohort: rooms above this one add the pages, and a way is shown once its page is there.
WAYS = (
    ("courses.cohort_students", "Students", "Who takes part, and how often they came", Permission.STUDENT_SEE),
    ("courses.cohort_timetable", "Timetable", "Every session, held and to come", Permission.COHORT_SEE),
    ("assessment.marking", "Marking", "What is met, and what waits for a decision", Permission.FEEDBACK_SEE),
    (
        "assessment.evidence_of_cohort",
        "Evidence",
        "What students handed in, and what waits longest",
        Permission.EVIDENCE_LIST,
    ),
    ("assessment.due_dates", "Due dates", "What is due when, and who has more time", Permission.DEADLINE_SET),
    ("fairness.claim_cohort", "Prior learning", "What students could do before", Permission.PRIOR_LEARNING_SEE),
    ("fairness.concern_raise", "Raise a concern", "About how work was made", Permission.CONCERN_RAISE),
    ("fairness.support_cohort", "What helps", "What was agreed with its students", Permission.SUPPORT_SEE),
    ("quality.quality_cohort", "Quality assurance", "Where every unit stands", Permission.QUALITY_SEE),
    ("claims.cohort_claim", "Claim", "What can be claimed, and what is left to award", Permission.CLAIM_SEE),
    ("graduation.cohort_graduation", "Graduation", "Who is ready, and what is missing", Permission.GRADUATION_SEE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """A link to a page below a cohort."""

    href: str
    text: str
    what: str


def _ways(actor: Actor, cohort: Cohort) -> list[Way]:
    return [
        Way(url_for(endpoint, cohort_id=cohort.id), text, what)
        for endpoint, text, what, permission in WAYS
        if endpoint in current_app.view_functions and may(actor, permission)
    ]


def engaged_cohorts(actor: Actor) -> Collection[UUID]:
    """The cohorts of an external assurer's open engagements. app.py hands the question to the room above."""
    found: Collection[UUID] = current_app.extensions["engaged_cohorts"](actor)
    return found


def _cohort(cohort_id: UUID) -> Cohort:
    actor = the_actor()
    return or_404(cohort_visible_to(actor, cohort_id, engaged_cohorts(actor)))


@room.page("/cohorts", permission=Permission.COHORT_SEE)
def cohorts_list() -> ResponseReturnValue:
    """Every cohort the actor may know of: running, planned, finished."""
    actor = the_actor()
    cohorts = cohorts_visible_to(actor, engaged_cohorts(actor))
    phases = in_phases(cohorts, places_taken([cohort.id for cohort in cohorts]), clock.today())
    return render_template(
        "courses/cohorts_list.html",
        phases=phases,
        may_import=may(actor, Permission.COURSE_IMPORT),
        may_edit=may(actor, Permission.COHORT_EDIT),
    )


@room.page("/students", permission=Permission.STUDENT_SEE)
def students_list() -> ResponseReturnValue:
    """Find a student by name or reference, among the students of the cohorts the actor may know of."""
    actor, wanted = the_actor(), request.args.get("find", "").strip()[:LONGEST_WANTED]
    found, count = students_found(actor, wanted, engaged_cohorts(actor))
    rows = [(one, [(place, STATUS_TAGS[place.status]) for place in one.places]) for one in found]
    return render_template(
        "courses/students_list.html",
        wanted=wanted,
        rows=rows,
        count=count,
        only_own=actor.role is Role.TUTOR,
    )


@room.page("/cohorts/<uuid:cohort_id>", permission=Permission.COHORT_SEE)
def cohort_show(cohort_id: UUID) -> ResponseReturnValue:
    """One cohort: what it is, who teaches, and the ways on."""
    actor, cohort, today = the_actor(), _cohort(cohort_id), clock.today()
    places = places_in([cohort.id])
    sees_attendance = may(actor, Permission.ATTENDANCE_SEE)
    so_far = cohort_so_far(places, attendance_of(cohort, places, today)) if sees_attendance else ""
    phase = cohort_phase(cohort.starts_on, cohort.ends_on, today)
    return render_template(
        "courses/cohort_show.html",
        cohort=cohort,
        tag=PHASE_TAGS[phase],
        when=week_words(cohort, today) if phase is CohortPhase.RUNNING else "",
        tutors=tutors_of(cohort.id),
        taken=sum(place.status is not EnrolmentStatus.WITHDRAWN for place in places),
        sees_attendance=sees_attendance,
        so_far=so_far,
        next_session=next((one for one in sessions_of(cohort.id) if one.session_on >= today), None),
        ways=_ways(actor, cohort),
        may_edit=may(actor, Permission.COHORT_EDIT),
    )


@room.page("/cohorts/<uuid:cohort_id>/students", permission=Permission.STUDENT_SEE, see=Permission.COHORT_SEE)
def cohort_students(cohort_id: UUID) -> ResponseReturnValue:
    """Who takes part, with both percentages of attendance (C3)."""
    cohort, today = _cohort(cohort_id), clock.today()
    places = places_in([cohort.id])
    attendance = attendance_of(cohort, places, today)
    invites = may(the_actor(), Permission.COLLEGE_PERSON_INVITE)
    known = people_with_accounts([place.person_id for place in places]) if invites else set()
    rows = [
        (
            place,
            STATUS_TAGS[place.status],
            so_far_words(attendance[place.enrolment_id]),
            whole_course_words(attendance[place.enrolment_id]),
            place.person_id in known,
        )
        for place in places
    ]
    return render_template(
        "courses/cohort_students.html",
        cohort=cohort,
        rows=rows,
        invites=invites,
        takes_out=may(the_actor(), Permission.REGISTER_EXPORT),
        may_edit=may(the_actor(), Permission.COHORT_EDIT),
        may_pause=may(the_actor(), Permission.DEADLINE_SET),
        planned_from_marks=any(summary.planned_from_marks for summary in attendance.values()),
        imports=may(the_actor(), Permission.COURSE_IMPORT),
    )


@room.page(
    "/cohorts/<uuid:cohort_id>/students/<uuid:enrolment_id>/invite",
    permission=Permission.COLLEGE_PERSON_INVITE,
    see=Permission.STUDENT_SEE,
    methods=("GET", "POST"),
)
def student_invite(cohort_id: UUID, enrolment_id: UUID) -> ResponseReturnValue:
    """Let a student sign in: the one-time link is shown once, to be passed on."""
    cohort, place, link, problem = _cohort(cohort_id), place_of(enrolment_id), "", ""
    if place is None or place.cohort_id != cohort.id:
        abort(404)
    if request.method == "POST":
        try:
            token = invite_student(the_actor(), place.person_id)
        except PeopleRefusal as refusal:
            problem = str(refusal)
        else:
            if token is None:
                flash(f"{place.name} has an account already and can sign in as a student.", "success")
                return redirect(url_for("courses.cohort_students", cohort_id=cohort.id), 303)
            base = the_settings().public_base_url
            link = base + url_for("people.welcome", token=token)
    page = render_template(
        "courses/student_invite.html", cohort=cohort, place=place, link=link, refused=problem
    )
    return page, 422 if problem else 200


@room.page(
    "/cohorts/<uuid:cohort_id>/register.<form>",
    permission=Permission.REGISTER_EXPORT,
    see=Permission.ATTENDANCE_SEE,
)
def register_export(cohort_id: UUID, form: str) -> ResponseReturnValue:
    """The register of a cohort to take away; put on the record before it leaves."""
    actor, cohort = the_actor(), _cohort(cohort_id)
    if form not in MEDIA_TYPES:
        abort(404)
    columns, rows = register_table(cohort)
    content = write_table(cast(Format, form), columns, rows)
    with aside() as s:
        record(s, actor, "exported register", "cohort", cohort.id, rows=len(rows))
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="register.{form}"'
    return answer


@room.page("/cohorts/<uuid:cohort_id>/timetable", permission=Permission.COHORT_SEE)
def cohort_timetable(cohort_id: UUID) -> ResponseReturnValue:
    """Every session of a cohort, and how many came to those that are over."""
    actor, cohort, today = the_actor(), _cohort(cohort_id), clock.today()
    sites = {site.id: site.name for site in session().scalars(select(Site))}
    sees_attendance = may(actor, Permission.ATTENDANCE_SEE)
    came = attended_by_day(cohort.id) if sees_attendance else {}
    rows = [
        (one, sites[one.site_id or cohort.site_id], session_state(one, today), came.get(one.session_on))
        for one in sessions_of(cohort.id)
    ]
    return render_template(
        "courses/cohort_timetable.html",
        cohort=cohort,
        rows=rows,
        sees_attendance=sees_attendance,
        today=today,
        imports=may(actor, Permission.COURSE_IMPORT),
    )


@room.page("/courses/import", permission=Permission.COURSE_IMPORT)
def imports_start() -> ResponseReturnValue:
    """The tables that come in, in the order they are needed, each with how much of it there is."""
    counted = {
        "qualification": select(func.count(Qualification.id)),
        "cohorts": select(func.count(Cohort.id)),
        "sessions": select(func.count(CourseSession.id)),
        "students": select(func.count(Person.id)).where(Person.student_ref.is_not(None)),
        "enrolments": select(func.count(Enrolment.id)),
        "attendance": select(func.count(Attendance.id)),
    }
    there = {name: session().scalar(statement) or 0 for name, statement in counted.items()}
    return render_template("courses/imports_start.html", kinds=KINDS, there=there, formats=list(MEDIA_TYPES))


@room.page("/courses/export/<kind>.<form>", permission=Permission.COURSE_EXPORT)
def table_export(kind: str, form: str) -> ResponseReturnValue:
    """A table to take away; `?cohort=` with a reference narrows it. Put on the record before it leaves."""
    found = EXPORTS.get(kind)
    if found is None or form not in MEDIA_TYPES:
        abort(404)
    ref = request.args.get("cohort")
    actor = the_actor()
    if ref is not None and not any(cohort.ref == ref for cohort in cohorts_visible_to(actor)):
        abort(404)
    answer = Response(run_export(found, actor, cast(Format, form), ref), content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}.{form}"'
    return answer
