"""The pages of what helps: the student's own, a cohort's for its tutors, and the college's answers (A14)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.place_queries import own_enrolments
from recovery_college.audit.services import record_view
from recovery_college.courses.models import Enrolment
from recovery_college.courses.queries import units_registered
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.fairness import support_services as services
from recovery_college.fairness.presenters import SUPPORT_FOR_STAFF, SUPPORT_FOR_STUDENT
from recovery_college.fairness.room import room
from recovery_college.fairness.support_forms import AnswerForm, AskForm
from recovery_college.fairness.support_queries import (
    SupportFile,
    help_in_cohort,
    own_support,
    support_file,
    support_files,
)
from recovery_college.fairness.support_rules import (
    WAITS_FOR_COLLEGE,
    AoPermission,
    SupportAnswer,
    SupportKind,
    SupportState,
)
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.forms import Form


@room.page("/what-helps-me", permission=Permission.OWN_FAIRNESS)
def my_support() -> ResponseReturnValue:
    """What was arranged for the student, what they asked for, and how to ask for more."""
    actor = the_actor()
    files = own_support(actor)
    return render_template(
        "fairness/my_support.html",
        arranged=[file for file in files if file.state is SupportState.AGREED],
        waiting=[file for file in files if file.state in WAITS_FOR_COLLEGE],
        over=[
            file
            for file in files
            if file.state is not SupportState.AGREED and file.state not in WAITS_FOR_COLLEGE
        ],
        may_ask=bool(_open_places()),
        tags=SUPPORT_FOR_STUDENT,
        form=Form(formdata=None),
    )


@room.page("/what-helps-me/ask", permission=Permission.OWN_FAIRNESS, methods=("GET", "POST"))
def my_support_ask() -> ResponseReturnValue:
    """Ask for something that would help. No reason is asked."""
    places = _open_places()
    if not places:
        abort(404)
    form = AskForm()
    form.offer(*_choices(places))
    if request.method == "GET":
        form.course.data = str(places[0].id)
        asked = request.args.get("kind", "")
        form.kind.data = asked if asked in form.kind.values() else None
    elif form.validate():
        try:
            services.ask_for_support(
                the_actor(), form.the_key(), UUID(form.course.data), SupportKind(form.kind.data),
                form.wish.data or "", UUID(form.unit.data) if form.is_consideration else None,
            )  # fmt: skip
        except services.NoSuchSupport:
            abort(404)
        except services.SupportRefused as refusal:
            form.blame(refusal)
        else:
            flash("Thank you for telling us. The college will answer you here.", "success")
            return redirect(url_for("fairness.my_support"), 303)
    page = render_template("fairness/my_support_ask.html", form=form, one_course=len(places) == 1)
    return page, 422 if form.errors else 200


def _open_places() -> list[Enrolment]:
    person_id = the_actor().person_id
    found = own_enrolments(person_id) if person_id else []
    return [one for one in found if one.status is not EnrolmentStatus.WITHDRAWN]


def _choices(places: list[Enrolment]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    courses = [(str(one.id), one.cohort.title) for one in places]
    registered = units_registered([one.id for one in places])
    units: dict[str, str] = {}
    for one in places:
        for unit in syllabus_of(one.cohort.qualification_id).units:
            if unit.id in registered[one.id]:
                units[str(unit.id)] = f"{unit_label(unit.code)} {unit.title}"
    return courses, list(units.items())


@room.page(
    "/what-helps-me/<uuid:request_id>/take-back", permission=Permission.OWN_FAIRNESS, methods=("POST",)
)
def my_support_take_back(request_id: UUID) -> ResponseReturnValue:
    """Take one's own request back."""
    try:
        services.take_support_back(the_actor(), request_id)
    except services.NoSuchSupport:
        abort(404)
    flash("You have taken it back. You can ask again at any time.", "success")
    return redirect(url_for("fairness.my_support"), 303)


@room.page("/cohorts/<uuid:cohort_id>/what-helps", permission=Permission.SUPPORT_SEE)
def support_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """What helps the students of a cohort: what a tutor is to do, and no more. Each look is recorded."""
    actor = the_actor()
    found = or_404(help_in_cohort(actor, cohort_id))
    cohort, helps = found
    for person_id in dict.fromkeys(one.person_id for one in helps):
        record_view(actor, "what helps", person_id)
    return render_template("fairness/support_cohort.html", cohort=cohort, helps=helps)


@room.page("/what-helps", permission=Permission.SUPPORT_DECIDE, see=Permission.SUPPORT_SEE)
def support_list() -> ResponseReturnValue:
    """Every request: what waits for the college first. It names people and states, not what they asked for."""
    files = support_files(the_actor())
    return render_template(
        "fairness/support_list.html",
        waiting=[file for file in reversed(files) if file.state in WAITS_FOR_COLLEGE],
        answered=[file for file in files if file.state not in WAITS_FOR_COLLEGE],
        tags=SUPPORT_FOR_STAFF,
    )


@room.page("/what-helps/<uuid:request_id>", permission=Permission.SUPPORT_DECIDE)
def support_show(request_id: UUID) -> ResponseReturnValue:
    """One request, its answers, and the form to answer. The look is recorded."""
    file = _file(request_id)
    record_view(the_actor(), "what helps", file.person_id)
    form = AnswerForm(formdata=None, seen=file.stamp, permission=AoPermission.NOT_NEEDED.value)
    if file.latest is not None and file.latest.answer is SupportAnswer.AGREED:
        form.helps.data, form.extra_days.data = file.latest.helps, file.latest.extra_days
    elif file.latest is None:
        form.helps.data = file.wish
    return _show(file, form)


@room.page("/what-helps/<uuid:request_id>", permission=Permission.SUPPORT_DECIDE, methods=("POST",))
def support_answer(request_id: UUID) -> ResponseReturnValue:
    """Answer a request."""
    file = _file(request_id)
    form = AnswerForm()
    form.offer(was_agreed=_was_agreed(file))
    if form.validate():
        try:
            services.answer_support(
                the_actor(), request_id, SupportAnswer(form.answer.data), form.seen.data or "",
                helps=form.helps.data or "", extra_days=form.extra_days.data,
                permission=AoPermission(form.permission.data or AoPermission.NOT_NEEDED),
                permission_on=form.permission_on.data, words=form.words.data or "",
            )  # fmt: skip
        except services.NoSuchSupport:
            abort(404)
        except services.SupportRefused as refusal:
            form.blame(refusal)
        except services.StaleSupport as stale:
            raise _changed(stale.file, form) from None
        else:
            flash(f"Saved. {file.student} sees your answer on their page.", "success")
            return redirect(url_for("fairness.support_list"), 303)
    return _show(file, form), 422


def _file(request_id: UUID) -> SupportFile:
    return or_404(support_file(the_actor(), request_id))


def _was_agreed(file: SupportFile) -> bool:
    return file.state in (SupportState.AGREED, SupportState.WAITS_FOR_AO)


def _show(file: SupportFile, form: AnswerForm) -> str:
    form.offer(was_agreed=_was_agreed(file))
    return render_template(
        "fairness/support_show.html",
        file=file,
        form=form,
        may_answer=file.state is not SupportState.TAKEN_BACK,
        tag=SUPPORT_FOR_STAFF[file.state],
    )


def _changed(file: SupportFile, form: AnswerForm) -> ChangedMeanwhile:
    theirs = [("Where it stands now", SUPPORT_FOR_STAFF[file.state][0])]
    if file.latest is not None:
        theirs += [("What will help", file.latest.helps), ("Answered by", file.latest.by_name)]
    yours = [
        ("Your answer", str(form.answer.data)),
        ("What will help", form.helps.data or ""),
        ("Words to the student", form.words.data or ""),
    ]
    again = url_for("fairness.support_show", request_id=file.id)
    return ChangedMeanwhile([pair for pair in theirs if pair[1]], [pair for pair in yours if pair[1]], again)
