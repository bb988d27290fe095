"""The pages of one claim: its sheet, its signatures, queries and notes, on screen and on paper."""

from io import BytesIO
from uuid import UUID

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_rules import Capacity
from recovery_college.audit.services import record_view
from recovery_college.claims import claim_services as services
from recovery_college.claims.board_queries import Board, board_of
from recovery_college.claims.claim_documents import claim_document
from recovery_college.claims.claim_queries import LineRow, Run
from recovery_college.claims.exports import RAC_COLUMNS, sheet_rows
from recovery_college.claims.forms import AnswerForm, NoteForm, SetAsideForm, SignForm
from recovery_college.claims.presenters import reply_words, run_tag, uln_words
from recovery_college.claims.query_services import answer_query
from recovery_college.claims.room import room
from recovery_college.claims.rules import capacity_of, summary
from recovery_college.claims.sheet_queries import Sheet, changed_after, sheet_of, what_changed
from recovery_college.claims.views import BELOW, table_answer, the_cohort
from recovery_college.claims.waiting_queries import may_sign
from recovery_college.courses.models import Cohort
from recovery_college.courses.specification import unit_label
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.pdf import pdf_maker
from recovery_college.kernel.running_app import the_settings

ONE = f"{BELOW}/<uuid:claim_id>"


def _run(cohort_id: UUID, claim_id: UUID) -> tuple[Cohort, Board, Run]:
    cohort = the_cohort(cohort_id)
    board = board_of(cohort)
    run = or_404(board.run(claim_id))
    return cohort, board, run


@room.page(ONE, permission=Permission.CLAIM_SEE)
def claim_show(cohort_id: UUID, claim_id: UUID) -> ResponseReturnValue:
    """One claim: what it holds, who signed, what the awarding organisation answered."""
    cohort, board, run = _run(cohort_id, claim_id)
    return claim_page(the_actor(), cohort, board, run, SignForm(formdata=None), NoteForm(formdata=None))


def claim_page(actor: Actor, cohort: Cohort, board: Board, run: Run, sign: SignForm, note: NoteForm) -> str:
    """Draw the page of one claim; the form that was sent is `form`, so that its errors come on top."""
    sheet = sheet_of(run)
    sign.seen.data = run.digest
    signs = may(actor, Permission.CLAIM_SIGN) and run.is_open
    return render_template(
        "claims/claim_show.html",
        cohort=cohort,
        run=run,
        sheet=sheet,
        tag=run_tag(run),
        holds=summary(len(sheet.students), len(sheet.units), len(run.lines)),
        changed=what_changed(sheet, board) if run.is_open else [],
        changed_after=changed_after(sheet, board) if run.locked_at else [],
        signatures=[(one.value, _signature(run, one)) for one in Capacity],
        signs=signs,
        capacity=capacity_of(actor.role, actor.person_id, run.reviewer_id) if signs else None,
        why_not=may_sign(actor, run) if signs else None,
        form=note if note.is_submitted() and note.errors else sign,
        sign=sign,
        note_form=note,
        notes=may(actor, Permission.CLAIM_NOTE),
        prepares=may(actor, Permission.CLAIM_PREPARE),
        reply_words=reply_words,
        uln_words=uln_words,
        unit_label=unit_label,
        silent=[line for line in run.lines if line.locked and line.reply is None],
    )


def _signature(run: Run, capacity: Capacity) -> object:
    return next((one for one in run.signatures if one.capacity is capacity), None)


@room.page(f"{ONE}/sign", permission=Permission.CLAIM_SIGN, see=Permission.CLAIM_SEE, methods=("POST",))
def claim_sign(cohort_id: UUID, claim_id: UUID) -> ResponseReturnValue:
    """Sign. The last signature locks the claim."""
    actor = the_actor()
    cohort, board, run = _run(cohort_id, claim_id)
    form = SignForm()
    here = url_for("claims.claim_show", cohort_id=cohort_id, claim_id=claim_id)
    if form.validate_on_submit():
        try:
            signed = services.sign_claim(actor, cohort_id, claim_id, form.seen.data or "")
        except services.NoSuchClaim:
            abort(404)
        except services.StaleClaim as stale:
            now = [("Now", "The claim is not the one your page showed.")]
            raise ChangedMeanwhile(now, [("You asked", "Sign the claim")], here) from stale
        except services.ClaimRefused as refusal:
            form.blame(refusal)
        else:
            last = " It is locked: all three have signed." if signed.locked else ""
            flash(f"You have signed {run.label} as {signed.capacity}.{last}", "success")
            return redirect(here, 303)
    return claim_page(actor, cohort, board, run, form, NoteForm(formdata=None)), 422


@room.page(
    f"{ONE}/set-aside",
    permission=Permission.CLAIM_PREPARE,
    see=Permission.CLAIM_SEE,
    methods=("GET", "POST"),
)
def claim_set_aside(cohort_id: UUID, claim_id: UUID) -> ResponseReturnValue:
    """Give up an open claim, with a reason."""
    cohort, _, run = _run(cohort_id, claim_id)
    form = SetAsideForm()
    if form.validate_on_submit():
        try:
            services.set_aside(the_actor(), cohort_id, claim_id, form.reason.data or "")
        except services.NoSuchClaim:
            abort(404)
        except services.ClaimRefused as refusal:
            form.blame(refusal)
        else:
            flash(f"{run.label} is set aside. Its units can be claimed on another run.", "success")
            return redirect(url_for("claims.cohort_claim", cohort_id=cohort_id), 303)
    page = render_template("claims/claim_set_aside.html", cohort=cohort, run=run, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page(f"{ONE}/note", permission=Permission.CLAIM_NOTE, see=Permission.CLAIM_SEE, methods=("POST",))
def claim_note(cohort_id: UUID, claim_id: UUID) -> ResponseReturnValue:
    """Keep the external quality assurer's note."""
    actor = the_actor()
    cohort, board, run = _run(cohort_id, claim_id)
    form = NoteForm()
    if form.validate_on_submit():
        try:
            services.write_note(actor, cohort_id, claim_id, form.note.data or "")
        except services.NoSuchClaim:
            abort(404)
        except services.ClaimRefused as refusal:
            form.blame(refusal)
        else:
            flash("Your note is kept.", "success")
            return redirect(url_for("claims.claim_show", cohort_id=cohort_id, claim_id=claim_id), 303)
    return claim_page(actor, cohort, board, run, SignForm(formdata=None), form), 422


@room.page(
    f"{ONE}/queries/<uuid:line_id>",
    permission=Permission.CLAIM_PREPARE,
    see=Permission.CLAIM_SEE,
    methods=("GET", "POST"),
)
def query_answer(cohort_id: UUID, claim_id: UUID, line_id: UUID) -> ResponseReturnValue:
    """Answer what the awarding organisation queried about one student's unit."""
    cohort, _, run = _run(cohort_id, claim_id)
    line = next((one for one in run.lines if one.id == line_id), None)
    if line is None or line.reply_id is None:
        abort(404)
    form = AnswerForm()
    here = url_for("claims.claim_show", cohort_id=cohort_id, claim_id=claim_id)
    if form.validate_on_submit():
        try:
            seen = UUID(form.seen.data or "")
        except ValueError:
            abort(400)
        try:
            again = form.outcome.data == "again"
            answer_query(the_actor(), cohort_id, line_id, form.answer.data or "", again, seen)
        except services.NoSuchClaim:
            abort(404)
        except services.ClaimRefused as refusal:
            form.blame(refusal)
        else:
            flash("The answer is kept.", "success")
            return redirect(here, 303)
    if not form.is_submitted():
        form.seen.data = str(line.reply_id)
    page = render_template(
        "claims/query_answer.html", cohort=cohort, run=run, form=form, line=line, **_who(sheet_of(run), line)
    )
    return page, 422 if form.is_submitted() else 200


def _who(sheet: Sheet, line: LineRow) -> dict[str, str]:
    """The student and the unit a line is about, as the claim froze them."""
    student = next(one for one in sheet.students if one.enrolment_id == line.enrolment_id)
    unit = next(one for one in sheet.units if one.unit_id == line.unit_id)
    return {"student": student.certificate_name, "unit": f"{unit_label(unit.code)} {unit.title}"}


@room.page(f"{ONE}.pdf", permission=Permission.CLAIM_SEE)
def claim_pdf(cohort_id: UUID, claim_id: UUID) -> ResponseReturnValue:
    """The sheet on paper."""
    cohort, _, run = _run(cohort_id, claim_id)
    settings = the_settings()
    record_view(the_actor(), "claim", claim_id, as_pdf=True)
    document = claim_document(sheet_of(run), cohort, settings.college_name, settings.org_name)
    return send_file(
        BytesIO(pdf_maker().render_readable(document)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{run.label}.pdf",
    )


@room.page(f"{ONE}.csv", permission=Permission.CLAIM_SEE)
def claim_csv(cohort_id: UUID, claim_id: UUID) -> ResponseReturnValue:
    """The sheet as a table: a row a tick."""
    cohort, _, run = _run(cohort_id, claim_id)
    record_view(the_actor(), "claim", claim_id, as_csv=True)
    return table_answer(RAC_COLUMNS, list(sheet_rows(sheet_of(run), run, cohort.ref)), f"{run.label}.csv")
