"""The pages of claims: the list, a cohort's claim, registration, preparing, and what is left to award."""

from collections.abc import Sequence
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, Role, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record_view
from recovery_college.claims.board_queries import Board, board_of
from recovery_college.claims.claim_services import ClaimRefused, NoSuchClaim, StaleClaim, prepare_claim
from recovery_college.claims.forms import PrepareForm, RegistrationForm
from recovery_college.claims.left_queries import left_on
from recovery_college.claims.presenters import run_tag, uln_words, where_to_mend
from recovery_college.claims.registration_services import register_students, registration_stamp
from recovery_college.claims.reply_imports import RAC_REPLY
from recovery_college.claims.room import room
from recovery_college.claims.rules import CLAIM_RULE, HELD, identity_problems, problem_summary, summary
from recovery_college.claims.waiting_queries import cohort_claims
from recovery_college.courses.models import Cohort
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.imports.pages import add_import_pages
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.tables_out import MEDIA_TYPES, Cell, write_table
from recovery_college.people.queries import name_of, people_with_role

add_import_pages(room, "/claims/import", (RAC_REPLY,), Permission.CLAIM_PREPARE)
BELOW = "/cohorts/<uuid:cohort_id>/claim"
REGISTRATION_COLUMNS = (
    "cohort",
    "student_ref",
    "certificate_name",
    "date_of_birth",
    "uln",
    "registered_on",
    "problem",
)


def the_cohort(cohort_id: UUID) -> Cohort:
    """The cohort, or 404 for who may not know of it."""
    return or_404(cohort_known_to(the_actor(), cohort_id))


@room.page("/claims", permission=Permission.CLAIM_SEE)
def claims_list() -> ResponseReturnValue:
    """Every cohort with something to claim or a run, the most urgent first."""
    actor = the_actor()
    return render_template(
        "claims/claims_list.html",
        rows=cohort_claims(actor),
        prepares=may(actor, Permission.CLAIM_PREPARE),
        rule=CLAIM_RULE,
    )


@room.page(BELOW, permission=Permission.CLAIM_SEE)
def cohort_claim(cohort_id: UUID) -> ResponseReturnValue:
    """A cohort's claim: the clock, what can be claimed and what stands in the way, and its runs."""
    actor, cohort = the_actor(), the_cohort(cohort_id)
    board = board_of(cohort)
    left = left_on(board, actor)
    return render_template(
        "claims/cohort_claim.html",
        cohort=cohort,
        board=board,
        has_ended=cohort.ends_on < clock.today(),
        opens=may(actor, Permission.STUDENT_SEE),
        ready=summary_of(board),
        problems=problem_summary(board.problem_counts),
        held=HELD,
        tags={run.id: run_tag(run) for run in board.runs},
        prepares=may(actor, Permission.CLAIM_PREPARE),
        accredited=sum(one.left.accredited for one in left),
        awarded=sum(one.left.awarded for one in left),
        open_lines=sum(len(one.left.lines) for one in left),
        unit_label=unit_label,
        rule=CLAIM_RULE,
    )


def summary_of(board: Board) -> str:
    """What can be claimed now: "12 students, 5 units, 60 ticks"."""
    ready = board.ready
    units = {unit.id for _, found in ready for unit in found}
    return summary(len(ready), len(units), sum(len(found) for _, found in ready))


@room.page(f"{BELOW}/left", permission=Permission.CLAIM_SEE)
def cohort_left(cohort_id: UUID) -> ResponseReturnValue:
    """What is left to award, student by student; each line leads to where it is mended."""
    actor, cohort = the_actor(), the_cohort(cohort_id)
    board = board_of(cohort)
    rows = [
        (
            one,
            [(line, where_to_mend(actor, line, one.place, board.syllabus)) for line in one.left.lines],
            one.place.status is EnrolmentStatus.WITHDRAWN,
        )
        for one in left_on(board, actor)
    ]
    return render_template(
        "claims/cohort_left.html",
        cohort=cohort,
        rows=rows,
        opens=may(actor, Permission.STUDENT_SEE),
        clock=board.clock,
        has_ended=cohort.ends_on < clock.today(),
    )


@room.page(
    f"{BELOW}/registrations",
    permission=Permission.CLAIM_PREPARE,
    see=Permission.CLAIM_SEE,
    methods=("GET", "POST"),
)
def registrations(cohort_id: UUID) -> ResponseReturnValue:
    """Register students with the awarding organisation: what it is told, what it was told, and the difference."""
    actor, cohort = the_actor(), the_cohort(cohort_id)
    board = board_of(cohort)
    waiting = [
        one
        for one in board.students
        if not identity_problems(one.registered.record)
        and one.registered.record.sent != one.registered.registered
    ]
    form = RegistrationForm(registered_on=clock.today())
    form.students.choices = [
        (
            f"{one.place.enrolment_id}:{registration_stamp(one.registered)}",
            one.registered.record.sent.certificate_name,
            f"{one.place.student_ref}. ULN: {uln_words(one.registered.record.uln)}. "
            + ("Registered before with other details." if one.registered.registered else ""),
        )
        for one in waiting
    ]
    if form.is_submitted():
        known = {str(one.place.enrolment_id) for one in board.students}
        typed = [value.partition(":") for value in form.students.data or ()]
        # A tick of somebody whose record changed meanwhile is no longer in the list: that is 409, not 422.
        fresh = {value for value, *_ in form.students.choices}
        stale = [one for one, _, stamp in typed if one in known and f"{one}:{stamp}" not in fresh]
        done = {str(one.place.enrolment_id) for one in board.students} - {
            str(one.place.enrolment_id) for one in waiting
        }
        if stale and not set(stale) <= done:
            raise _registration_changed(cohort_id)
        if stale:  # registered by the same form a moment ago
            form.students.data = [value for value in form.students.data if value in fresh]
            if not form.students.data:
                return redirect(url_for("claims.registrations", cohort_id=cohort_id), 303)
    if form.validate_on_submit():
        seen = {UUID(one): stamp for one, _, stamp in (value.partition(":") for value in form.students.data)}
        try:
            count = register_students(actor, cohort_id, list(seen), form.registered_on.data, seen)
        except NoSuchClaim:
            abort(404)
        except StaleClaim as stale_form:
            raise _registration_changed(cohort_id) from stale_form
        except ClaimRefused as refusal:
            form.blame(refusal)
        else:
            noun = "student is" if count == 1 else "students are"
            flash(f"{count} {noun} registered.", "success")
            return redirect(url_for("claims.registrations", cohort_id=cohort_id), 303)
    if not form.is_submitted():
        record_view(actor, "registrations", cohort_id)
    page = render_template(
        "claims/registrations.html",
        cohort=cohort,
        board=board,
        form=form,
        waiting=waiting,
        uln_words=uln_words,
    )
    return page, 422 if form.is_submitted() else 200


def _registration_changed(cohort_id: UUID) -> ChangedMeanwhile:
    now = [("Now", "A student’s record is not what your page showed.")]
    yours = [("You asked", "Record the registration")]
    return ChangedMeanwhile(now, yours, url_for("claims.registrations", cohort_id=cohort_id))


@room.page(f"{BELOW}/registrations.csv", permission=Permission.CLAIM_PREPARE, see=Permission.CLAIM_SEE)
def registrations_csv(cohort_id: UUID) -> ResponseReturnValue:
    """The same as a table, to send to the awarding organisation."""
    actor, cohort = the_actor(), the_cohort(cohort_id)
    rows = []
    for one in board_of(cohort).students:
        record = one.registered.record
        problems = " ".join(problem.text for problem in one.problems)
        rows.append(
            (cohort.ref, one.place.student_ref, record.certificate_name, record.date_of_birth, record.uln,
             one.registered.registered_on, problems)
        )  # fmt: skip
    record_view(actor, "registrations", cohort_id, rows=len(rows))
    return table_answer(REGISTRATION_COLUMNS, rows, f"registrations-{cohort.ref}.csv")


def table_answer(columns: tuple[str, ...], rows: Sequence[Sequence[Cell]], name: str) -> Response:
    """A CSV file to take away."""
    answer = Response(write_table("csv", columns, rows), content_type=MEDIA_TYPES["csv"])
    safe = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-._") else "-" for letter in name
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return answer


@room.page(
    f"{BELOW}/prepare", permission=Permission.CLAIM_PREPARE, see=Permission.CLAIM_SEE, methods=("GET", "POST")
)
def claim_prepare(cohort_id: UUID) -> ResponseReturnValue:
    """Tick the units to claim, name the quality reviewer, and freeze it all into a run."""
    actor, cohort = the_actor(), the_cohort(cohort_id)
    board = board_of(cohort)
    form = PrepareForm()
    form.reviewer.choices = [(str(person.id), name_of(person)) for person in people_with_role(Role.IQA)]
    offered = {
        _value(student.place.enrolment_id, unit.id) for student, units in board.ready for unit in units
    }
    # Ticks of units on a run since are the same form sent again, or somebody else's claim: the service tells.
    on_a_run = {_value(*pair) for pair in board.live}
    form.ticks.choices = [(value, value) for value in offered | on_a_run]
    if not form.is_submitted():
        form.seen.data, form.ticks.data = board.stamp, sorted(offered)
    elif form.validate():
        pairs = [value.partition(":") for value in form.ticks.data]
        ticks = {(UUID(enrolment_id), UUID(unit_id)) for enrolment_id, _, unit_id in pairs}
        here = url_for("claims.claim_prepare", cohort_id=cohort_id)
        try:
            claim_id = prepare_claim(actor, cohort_id, ticks, UUID(form.reviewer.data), form.seen.data or "")
        except NoSuchClaim:
            abort(404)
        except StaleClaim as stale:
            now = [
                ("Now", f"Something changed since your page was drawn. To claim now: {summary_of(board)}.")
            ]
            raise ChangedMeanwhile(now, [("You ticked", summary_of_ticks(ticks))], here) from stale
        except ClaimRefused as refusal:
            form.blame(refusal)
        else:
            return redirect(url_for("claims.claim_show", cohort_id=cohort_id, claim_id=claim_id), 303)
    page = render_template(
        "claims/claim_prepare.html",
        cohort=cohort,
        board=board,
        form=form,
        value=_value,
        ready=summary_of(board),
        problems=problem_summary(board.problem_counts),
        held=HELD,
        unit_label=unit_label,
    )
    return page, 422 if form.is_submitted() else 200


def summary_of_ticks(ticks: set[tuple[UUID, UUID]]) -> str:
    """What was ticked, in the same words."""
    return summary(len({one for one, _ in ticks}), len({unit for _, unit in ticks}), len(ticks))


def _value(enrolment_id: UUID, unit_id: UUID) -> str:
    return f"{enrolment_id}:{unit_id}"
