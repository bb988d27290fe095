"""What HR does to vacancies, and a manager to their own: enter, change, override, return."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers import presenters
from recovery_college.careers.considerations import (
    Refused,
    VacancyChanged,
    VacancyNotFound,
    return_consideration,
)
from recovery_college.careers.forms import (
    BandForm,
    FlagForm,
    ManagerForm,
    ReturnForm,
    VacancyForm,
    VersionedForm,
)
from recovery_college.careers.manager_imports import MANAGERS
from recovery_college.careers.post_imports import POSTS
from recovery_college.careers.room import room
from recovery_college.careers.rules import PswFlag
from recovery_college.careers.vacancies import (
    assign_manager,
    link_managers,
    override_flag,
    read_band,
    save_vacancy,
)
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.careers.vacancy_list import VacancyRow
from recovery_college.careers.views import known_vacancy
from recovery_college.imports.pages import add_import_pages
from recovery_college.kernel.errors import ChangedMeanwhile

GET_AND_POST = ("GET", "POST")

add_import_pages(room, "/vacancies/import", (VACANCIES, MANAGERS), Permission.VACANCY_IMPORT)
add_import_pages(room, "/posts/import", (POSTS,), Permission.POST_IMPORT, name="post_import")


@room.page("/vacancies/new", permission=Permission.VACANCY_ENTER, methods=GET_AND_POST)
def vacancy_new() -> ResponseReturnValue:
    """Enter a vacancy by hand; a recruiting manager's is their own."""
    form = VacancyForm()
    names_manager = _names_manager(form)
    if form.validate_on_submit():
        try:
            vacancy_id, told = save_vacancy(the_actor(), form.said(), is_elsewhere=form.is_elsewhere())
        except Refused as refusal:
            form.show_errors(refusal.errors)
        else:
            flash("The vacancy is saved.", "success")
            for words in told:
                flash(words, "info")
            return redirect(url_for("careers.vacancy_show", vacancy_id=vacancy_id), 303)
    page = render_template("careers/vacancy_new.html", form=form, names_manager=names_manager)
    return page, 422 if form.is_submitted() else 200


def _names_manager(form: VacancyForm) -> bool:
    """Whether the form asks who the recruiting manager is: not one who is it."""
    if may(the_actor(), Permission.VACANCY_EDIT):
        return True
    del form.manager_email
    return False


@room.page(
    "/vacancies/<uuid:vacancy_id>/edit",
    permission=Permission.VACANCY_ENTER,
    see=Permission.VACANCY_SEE,
    methods=GET_AND_POST,
)
def vacancy_edit(vacancy_id: UUID) -> ResponseReturnValue:
    """Change a vacancy."""
    row = known_vacancy(the_actor(), vacancy_id)
    vacancy = row.vacancy
    form = VacancyForm(obj=vacancy, team=row.team, directorate=row.directorate, band=vacancy.band_text)
    names_manager = _names_manager(form)

    def save() -> None:
        for words in save_vacancy(
            the_actor(), form.said(), vacancy_id, form.seen_version(), is_elsewhere=form.is_elsewhere()
        )[1]:
            flash(words, "info")

    return answered(row, form, "vacancy_edit", "The vacancy is changed.", save, names_manager=names_manager)


@room.page("/vacancies/<uuid:vacancy_id>/band", permission=Permission.VACANCY_EDIT, methods=GET_AND_POST)
def vacancy_band(vacancy_id: UUID) -> ResponseReturnValue:
    """Read the band that the rule could not."""
    row = known_vacancy(the_actor(), vacancy_id)
    form = BandForm(version=row.vacancy.version, bands=[band.value for band in row.bands])

    def save() -> None:
        chosen = form.chosen()
        if chosen is None:
            text = "Choose bands, or None, but not both"
            raise Refused(text, {"bands": text})
        read_band(the_actor(), vacancy_id, chosen, form.seen_version())

    return answered(row, form, "vacancy_band", "The band is saved and the rule asked again.", save)


@room.page("/vacancies/<uuid:vacancy_id>/manager", permission=Permission.VACANCY_EDIT, methods=GET_AND_POST)
def vacancy_manager(vacancy_id: UUID) -> ResponseReturnValue:
    """Say who is asked."""
    row = known_vacancy(the_actor(), vacancy_id)
    form = ManagerForm(version=row.vacancy.version, email=row.vacancy.manager_email)

    def save() -> None:
        assign_manager(the_actor(), vacancy_id, form.email.data or "", form.seen_version())

    return answered(row, form, "vacancy_manager", "The recruiting manager is saved.", save)


@room.page(
    "/vacancies/<uuid:vacancy_id>/flag",
    permission=Permission.FLAG_OVERRIDE,
    see=Permission.VACANCY_SEE,
    methods=GET_AND_POST,
)
def vacancy_flag(vacancy_id: UUID) -> ResponseReturnValue:
    """Set the flag against the rule, with a reason."""
    row = known_vacancy(the_actor(), vacancy_id)
    form = FlagForm(version=row.vacancy.version, reason=row.vacancy.flag_overridden)

    def save() -> None:
        flag = PswFlag(form.flag.data or "")
        override_flag(the_actor(), vacancy_id, flag, form.reason.data or "", form.seen_version())

    return answered(row, form, "vacancy_flag", "The flag is set, with your reason beside it.", save)


@room.page(
    "/vacancies/<uuid:vacancy_id>/return",
    permission=Permission.CONSIDERATION_RETURN,
    see=Permission.CONSIDERATION_SEE,
    methods=GET_AND_POST,
)
def consideration_return(vacancy_id: UUID) -> ResponseReturnValue:
    """Give an answer back to its manager."""
    row = known_vacancy(the_actor(), vacancy_id)
    form = ReturnForm(version=row.vacancy.version)

    def save() -> None:
        return_consideration(the_actor(), vacancy_id, form.why.data or "", form.seen_version())

    return answered(row, form, "consideration_return", "The manager is asked to look again.", save)


@room.page("/vacancies/link-managers", permission=Permission.VACANCY_EDIT, methods=("POST",))
def vacancy_link_managers() -> ResponseReturnValue:
    """Look again whether the managers of waiting vacancies can sign in by now."""
    found = link_managers(the_actor())
    text = f"{found} vacanc{'y has' if found == 1 else 'ies have'} a manager to ask now."
    flash(text if found else "None of these managers signs in here yet. Invite them first.", "info")
    return redirect(url_for("careers.vacancy_list", queue="nobody"), 303)


def answered(
    row: VacancyRow,
    form: VersionedForm,
    template: str,
    said: str,
    save: Callable[[], None],
    **facts: object,
) -> ResponseReturnValue:
    """Draw the form; when it was sent and is right, save and go back to the vacancy."""
    back = url_for("careers.vacancy_show", vacancy_id=row.vacancy.id)
    if request.method == "POST" and form.validate():
        try:
            save()
        except VacancyNotFound:
            abort(404)
        except VacancyChanged:
            theirs = [("Vacancy", row.vacancy.title), ("In short", presenters.short_facts(row))]
            raise ChangedMeanwhile(theirs, form.typed(), back) from None
        except Refused as refusal:
            if not refusal.errors:
                flash(str(refusal), "error")
                return redirect(back, 303)
            form.show_errors(refusal.errors)
        else:
            flash(said, "success")
            return redirect(back, 303)
    page = render_template(f"careers/{template}.html", row=row, vacancy=row.vacancy, form=form, **facts)
    return page, 422 if form.is_submitted() else 200
