"""The board and one candidacy, for its manager and HR. Everything is a link or a button; nothing must be dragged."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record_view
from recovery_college.careers import candidacy_presenters as presenters
from recovery_college.careers.candidacy_forms import (
    HiringForm,
    InterviewForm,
    MessageForm,
    MoveForm,
    NextStepForm,
    NoteForm,
    StageForm,
)
from recovery_college.careers.candidacy_models import Interview
from recovery_college.careers.candidacy_queries import (
    CandidacyView,
    candidacy_visible_to,
    happenings_of,
    help_asked,
    hiring_of,
    notes_of,
)
from recovery_college.careers.candidacy_rules import (
    MESSAGE_AT,
    EndReason,
    Move,
    OutcomeMessage,
    Stage,
    is_by_button,
    message_text,
    next_stage,
)
from recovery_college.careers.candidacy_services import (
    CandidacyChanged,
    CandidacyNotFound,
    Meeting,
    add_note,
    call_off_interview,
    move_candidacy,
    plan_interview,
    save_hiring,
    send_message,
    set_next_step,
)
from recovery_college.careers.considerations import Refused, VacancyChanged, VacancyNotFound
from recovery_college.careers.deputy_facts import is_hiring_manager
from recovery_college.careers.deputy_queries import stands_in_for
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.interview_mail import calendar_of
from recovery_college.careers.matching_presenters import profile_as_facts
from recovery_college.careers.pipeline_queries import (
    PipelineFilter,
    board_for,
    listed_for,
    vacancies_with_candidates,
    vacancy_chosen,
)
from recovery_college.careers.room import room
from recovery_college.careers.views import known_vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile, NotHere
from recovery_college.kernel.forms import Form
from recovery_college.kernel.paging import page_asked_for
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.wording import day, moment
from recovery_college.people.queries import address_of

GET_AND_POST = ("GET", "POST")
SEE, MOVE = Permission.PIPELINE_SEE, Permission.CANDIDACY_MOVE
_INVITED = "The interview is planned, and the invitation is on its way. You can write to the person as well."
_NOT_INVITED = "The interview is planned. They gave no email address, so nothing was sent: call them."


@room.page("/pipeline", permission=SEE)
def pipeline() -> ResponseReturnValue:
    """The board by stage; or, with a stage or “waiting” chosen, a list of those."""
    actor = the_actor()
    chosen = _chosen()
    vacancies, page = vacancies_with_candidates(actor, page_asked_for("vacancies"))
    facts: dict[str, Any] = {
        "chosen": chosen,
        "vacancies": vacancies,
        "page": page,
        "turned": "vacancies" in request.args,
        "vacancy": vacancy_chosen(actor, chosen.vacancy_id) if chosen.vacancy_id else None,
        "form": StageForm(),
        "next_stage": next_stage,
        "is_by_button": is_by_button,
        "may_move": may(actor, MOVE),
        "present": presenters,
        "stands_in_for": stands_in_for(actor),
    }
    if chosen.stage is not None or chosen.waiting:
        cards, more = listed_for(actor, chosen, request.args.get("after", ""))
        shown, columns = len(cards), []
    else:
        columns, cards, more = board_for(actor, chosen), [], ""
        shown = sum(len(column.cards) for column in columns)
    if shown:
        record_view(actor, "pipeline", "board", cards=shown)
    return render_template("careers/pipeline.html", columns=columns, cards=cards, more=more, **facts)


def _chosen() -> PipelineFilter:
    """What the address narrows the board to; unknown words narrow nothing."""
    try:
        vacancy_id = UUID(request.args.get("vacancy", ""))
    except ValueError:
        vacancy_id = None
    word = request.args.get("stage", "")
    stage = Stage(word) if word in set(Stage) else None
    return PipelineFilter(vacancy_id, stage, request.args.get("waiting") == "yes")


def _board_as_it_was() -> str:
    """The board that a card was moved from, as narrow as it was."""
    chosen = _chosen()
    waiting = "yes" if chosen.waiting else None
    return url_for("careers.pipeline", vacancy=chosen.vacancy_id, stage=chosen.stage, waiting=waiting)


def known_candidacy(actor: Actor, candidacy_id: UUID) -> CandidacyView:
    """The candidacy, or the same 404 for one that is not there and one the actor may not know of."""
    view = candidacy_visible_to(actor, candidacy_id)
    if view is None:
        raise no_such_candidate()
    return view


def no_such_candidate(vacancy_id: UUID | None = None) -> NotHere:
    """What a person reads when a candidate takes back their yes while the page is open, or was never there."""
    onward = (url_for("careers.pipeline"), "Back to the board")
    if vacancy_id is not None:
        onward = (url_for("careers.candidate_list", vacancy_id=vacancy_id), "Graduates for this vacancy")
    return NotHere(
        "This candidate is not shown",
        (
            "A person may take back their yes at any time and need give no reason. Their page then closes at once.",
            "Nothing was saved just now. There is nothing you need to do.",
        ),
        onward,
    )


@room.page("/candidacies/<uuid:candidacy_id>", permission=SEE)
def candidacy_show(candidacy_id: UUID) -> ResponseReturnValue:
    """One candidacy: where it stands, what comes next, and what happened. Each look is recorded."""
    actor = the_actor()
    view = known_candidacy(actor, candidacy_id)
    asked = help_asked(actor, view)
    record_view(actor, "candidate", view.person_id, candidacy=str(view.id), help=bool(asked))
    onward = next_stage(view.stage)
    happenings, history_page = happenings_of(actor, view, page_asked_for("history"))
    notes, notes_page = notes_of(view, page_asked_for("notes"))
    return render_template(
        "careers/candidacy_show.html",
        view=view,
        asked=asked,
        facts=presenters.facts_of(view),
        profile_facts=profile_as_facts(view.profile)[1:] if view.profile else [],
        entries=presenters.timeline_of(happenings),
        history_page=history_page,
        notes=notes,
        notes_page=notes_page,
        onward=onward if onward is not None and is_by_button(onward) else None,
        may_move=may(actor, MOVE) and not view.stage.is_over,
        may_plan=view.stage in (Stage.SHORTLISTED, Stage.INTERVIEW),
        message=MESSAGE_AT.get(view.stage),
        form=StageForm(version=view.version),
    )


@room.page("/candidacies/<uuid:candidacy_id>/move", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_move(candidacy_id: UUID) -> ResponseReturnValue:
    """Move the card: the one button sends only where to; the page asks for the reason where one is owed."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = MoveForm(view.stage, view.wants_interview, version=view.version)
    if not form.to.choices:
        flash("This candidacy is over, so there is nowhere to move it.", "info")
        return redirect(url_for("careers.candidacy_show", candidacy_id=candidacy_id), 303)

    board = _board_as_it_was() if request.form.get("back") == "board" else ""
    if request.method == "POST" and form.seen_version() != view.version:
        # Moved meanwhile: what their page offered may be offered no more, and that would be no fault of theirs.
        if form.to.data == view.stage.value:
            flash(f"{view.name} is at “{view.stage.words}” already.", "info")
            here = url_for("careers.candidacy_show", candidacy_id=candidacy_id)
            return redirect(f"{board}#card-{view.id}" if board else here, 303)
        if form.to.data not in form.to.values():
            again = url_for("careers.candidacy_show", candidacy_id=candidacy_id)
            raise ChangedMeanwhile(presenters.rows_of(view), form.typed(), again)

    def save() -> None:
        reason = form.reason.data or ""
        criteria = form.meets_criteria.data if "meets_criteria" in form else None
        move = Move(
            Stage(form.to.data or ""),
            EndReason(reason) if reason and form.to.data == Stage.NOT_PROGRESSING else None,
            form.text.data or "",
            None if not criteria else criteria == "yes",
        )
        move_candidacy(the_actor(), candidacy_id, move, form.seen_version())
        flash(f"{view.name} is moved to “{move.to.words}”.", "success")

    return answered(view, form, "candidacy_move", save, board=board)


@room.page("/candidacies/<uuid:candidacy_id>/next-step", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_next_step(candidacy_id: UUID) -> ResponseReturnValue:
    """Say what comes next and by when."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = NextStepForm(version=view.version, step=view.next_step, on=view.next_step_on)

    def save() -> None:
        if form.on.data and form.on.data < clock.today() and form.on.data != view.next_step_on:
            raise Refused("Choose a day", {"on": "Choose today or a later day"})
        set_next_step(the_actor(), candidacy_id, form.step.data or "", form.on.data, form.seen_version())
        flash("The next step is saved.", "success")

    return answered(view, form, "candidacy_next_step", save)


@room.page("/candidacies/<uuid:candidacy_id>/note", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_note(candidacy_id: UUID) -> ResponseReturnValue:
    """Write a note."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = NoteForm()

    def save() -> None:
        add_note(the_actor(), candidacy_id, form.text.data or "")
        flash("The note is saved.", "success")

    return answered(view, form, "candidacy_note", save)


@room.page("/candidacies/<uuid:candidacy_id>/interview", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_interview(candidacy_id: UUID) -> ResponseReturnValue:
    """Plan the interview, or change it."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = InterviewForm(version=view.version, **presenters.meeting_typed(view.interview))

    def save() -> None:
        starts_at = form.starts_at()
        if starts_at is None:
            raise Refused("Check the time", {"at": str(form.at.errors[0])})
        meeting = Meeting(starts_at, form.minutes.data or 0, form.place.data or "")
        reached = plan_interview(the_actor(), candidacy_id, meeting, form.seen_version())
        flash(_INVITED if reached else _NOT_INVITED, "success" if reached else "info")

    return answered(view, form, "candidacy_interview", save)


@room.page("/candidacies/<uuid:candidacy_id>/interview/cancel", permission=MOVE, see=SEE, methods=("POST",))
def candidacy_interview_cancel(candidacy_id: UUID) -> ResponseReturnValue:
    """Call the interview off."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = VersionedForm()

    def save() -> None:
        call_off_interview(the_actor(), candidacy_id, form.seen_version())
        flash("The interview is called off.", "success")

    return answered(view, form, "", save)


@room.page("/candidacies/<uuid:candidacy_id>/interview.ics", permission=SEE)
def candidacy_calendar(candidacy_id: UUID) -> ResponseReturnValue:
    """The interview for one's calendar."""
    view = known_candidacy(the_actor(), candidacy_id)
    if view.interview is None:
        abort(404)
    return calendar_file(view.interview, view.reference)


def calendar_file(meeting: Interview, reference: str) -> Response:
    """The calendar file of an interview; its name tells nothing of the person."""
    answer = Response(calendar_of(meeting, reference), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="interview.ics"'
    return answer


@room.page("/candidacies/<uuid:candidacy_id>/message", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_message(candidacy_id: UUID) -> ResponseReturnValue:
    """Look at the kind words for where it stands, change them, and send."""
    view = known_candidacy(the_actor(), candidacy_id)
    kind = MESSAGE_AT.get(view.stage)
    if kind is None:
        flash("There is nothing to tell them at this stage.", "info")
        return redirect(url_for("careers.candidacy_show", candidacy_id=candidacy_id), 303)
    form = MessageForm(version=view.version, text=_words(view, kind))

    def save() -> None:
        send_message(the_actor(), candidacy_id, kind, form.text.data or "", form.seen_version())
        flash("The message is on its way.", "success")

    return answered(
        view, form, "candidacy_message", save, has_address=bool(address_of(view.person_id)), kind=kind
    )


def _words(view: CandidacyView, kind: OutcomeMessage) -> str:
    settings = the_settings()
    page = settings.public_base_url + url_for("careers.my_candidacies")
    when = ""
    meeting = view.interview
    if kind is OutcomeMessage.INTERVIEW and meeting is not None and meeting.cancelled_at is None:
        when = f"{moment(meeting.starts_at)}, {meeting.place}"
    if kind is OutcomeMessage.START and view.start_on is not None:
        when = day(view.start_on)
    given = "" if view.profile is None else view.profile.name.split(" ")[0]
    return message_text(kind, given, view.title, when, page, f"{the_actor().name}\n{settings.org_name}")


@room.page("/vacancies/<uuid:vacancy_id>/hiring", permission=MOVE, see=SEE, methods=GET_AND_POST)
def vacancy_hiring(vacancy_id: UUID) -> ResponseReturnValue:
    """How a vacancy hires: names hidden at first, what is funded, how many people."""
    row = known_vacancy(the_actor(), vacancy_id)
    if not (may(the_actor(), Permission.VACANCY_EDIT) or is_hiring_manager(the_actor(), row.vacancy)):
        abort(403)  # a deputy knows of the vacancy, and leaves its candidates alone
    hiring = hiring_of(vacancy_id)
    form = HiringForm(
        version=hiring.version if hiring else 0,
        anonymous=hiring.anonymous if hiring else False,
        funded_hours=hiring.funded_hours if hiring else None,
        places=hiring.places if hiring else None,
    )
    if form.validate_on_submit():
        try:
            save_hiring(
                the_actor(),
                vacancy_id,
                anonymous=bool(form.anonymous.data),
                funded_hours=form.funded_hours.data,
                places=form.places.data,
                version=form.seen_version(),
            )
        except VacancyNotFound:
            abort(404)
        except VacancyChanged:
            theirs = presenters.hiring_rows(hiring)
            again = url_for("careers.vacancy_hiring", vacancy_id=vacancy_id)
            raise ChangedMeanwhile(theirs, form.typed(), again) from None
        flash("How this vacancy hires is saved.", "success")
        return redirect(url_for("careers.pipeline", vacancy=vacancy_id), 303)
    page = render_template("careers/vacancy_hiring.html", form=form, vacancy=row.vacancy)
    return page, 422 if form.is_submitted() else 200


def answered(
    view: CandidacyView,
    form: Form,
    template: str,
    save: Callable[[], None],
    *,
    back_to: str = "careers.candidacy_show",
    board: str = "",
    **facts: object,
) -> ResponseReturnValue:
    """Draw the form; when it was sent and is right, save and go back to the candidacy, its hiring page or the board."""
    back = url_for(back_to, candidacy_id=view.id)
    if request.method == "POST" and (form.validate() or not template):
        try:
            save()
        except CandidacyNotFound:
            raise no_such_candidate() from None
        except CandidacyChanged:
            raise ChangedMeanwhile(presenters.rows_of(view), form.typed(), back) from None
        except Refused as refusal:
            boxes = {box: sentence for box, sentence in refusal.errors.items() if box in form}
            if not boxes or not template:
                flash(str(refusal), "error")
                return redirect(back, 303)
            for box, sentence in boxes.items():
                form[box].errors = [sentence]
        else:
            return redirect(f"{board}#card-{view.id}" if board else back, 303)
    if not template:
        abort(400)
    page = render_template(f"careers/{template}.html", view=view, form=form, **facts)
    return page, 422 if form.is_submitted() else 200
