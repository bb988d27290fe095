"""Vacancies: the list, one vacancy, and downloads. Students and graduates see open PSW posts here."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers import presenters
from recovery_college.careers.consideration import ConsiderationAnswer, ConsiderationState
from recovery_college.careers.deputy_facts import is_hiring_manager
from recovery_college.careers.deputy_queries import told_about
from recovery_college.careers.exports import EXPORTS, why_of
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.queries import (
    VacancyFilter,
    bands_to_read,
    considerations_waiting,
    count_open_posts,
    extensions_of,
    nobody_to_ask,
    open_posts,
    past_answers,
    vacancies_visible_to,
    vacancy_visible_to,
)
from recovery_college.careers.role_text_queries import role_text
from recovery_college.careers.room import room as room
from recovery_college.careers.rules import PswFlag, VacancyStatus
from recovery_college.careers.team_queries import team_visible_to, waits_for_team
from recovery_college.careers.timeline_presenters import timeline_of
from recovery_college.careers.vacancy_list import VacancyRow, decides, sees_answers
from recovery_college.imports.kind import run_export
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.paging import page_asked_for, page_of
from recovery_college.kernel.tables_out import FORMATS, MEDIA_TYPES

TEAM_PAGE = "careers.team_show"
QUEUES = {"bands": "Bands to read", "nobody": "Nobody to ask"}
FLAGS = {
    PswFlag.YES.value: "Possible PSW role",
    PswFlag.NO.value: "Not asked by the rule",
    PswFlag.UNKNOWN.value: "Band not known",
}


def chosen_filter(actor: Actor) -> VacancyFilter:
    """What the address narrows the list to; unknown words, and what one may not see, narrow nothing."""

    def known(name: str, words: Collection[str]) -> str:
        value = request.args.get(name, "")
        return value if value in words else ""

    return VacancyFilter(
        words=request.args.get("q", "").strip()[:100],
        flag=known("flag", FLAGS),
        state=known("state", {state.value for state in ConsiderationState}) if sees_answers(actor) else "",
        status=known("status", {status.value for status in VacancyStatus}),
        queue=known("queue", QUEUES),
    )


@room.page("/vacancies", permission=Permission.PSW_POSTS_SEE)
def vacancy_list() -> ResponseReturnValue:
    """All the actor may know of, newest first; open PSW posts for students and graduates."""
    actor = the_actor()
    if not may(actor, Permission.VACANCY_SEE):
        here = page_of(page_asked_for(), count_open_posts(actor))
        return render_template("careers/open_posts.html", posts=open_posts(actor, page=here), page=here)
    chosen = chosen_filter(actor)
    page = vacancies_visible_to(actor, chosen, request.args.get("after", ""))
    given = _as_arguments(chosen)
    return render_template(
        "careers/vacancy_list.html",
        page=page,
        chosen=chosen,
        removable=_removable(chosen, given),
        next_page=url_for("careers.vacancy_list", **given, after=page.onward) if page.onward else None,
        first_page=url_for("careers.vacancy_list", **given) if request.args.get("after") else None,
        present=presenters,
        shows_answers=sees_answers(actor),
        flags=FLAGS,
        states=presenters.STATES,
        statuses=VacancyStatus,
        bands_waiting=bands_to_read(actor),
        nobody_waiting=nobody_to_ask(actor),
        may_edit=may(actor, Permission.VACANCY_EDIT),
        may_enter=may(actor, Permission.VACANCY_ENTER),
        may_import=may(actor, Permission.VACANCY_IMPORT),
        may_export=may(actor, Permission.VACANCY_EXPORT),
        is_own_list=may(actor, Permission.CONSIDERATION_RECORD),
        form=VersionedForm(),
    )


@room.page("/vacancies/import", permission=Permission.VACANCY_IMPORT)
def vacancy_import() -> ResponseReturnValue:
    """The first page of the import."""
    return redirect(url_for("careers.import_template", kind="vacancies"), 303)


@room.page("/vacancies/export/<name>.<form>", permission=Permission.VACANCY_EXPORT)
def vacancy_export(name: str, form: str) -> ResponseReturnValue:
    """What the actor may see, to take along: vacancies or considerations, as CSV or for Excel."""
    if name not in EXPORTS or form not in FORMATS:
        abort(404)
    content = run_export(EXPORTS[name], the_actor(), FORMATS[form])
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


@room.page("/vacancies/<uuid:vacancy_id>", permission=Permission.PSW_POSTS_SEE)
def vacancy_show(vacancy_id: UUID) -> ResponseReturnValue:
    """One vacancy: what it is, what the rule says and why, and what happened to it."""
    actor = the_actor()
    if not may(actor, Permission.VACANCY_SEE):
        posts = open_posts(actor, vacancy_id)
        if not posts:
            abort(404)
        return render_template("careers/open_post.html", post=posts[0])
    row = known_vacancy(actor, vacancy_id)
    past = past_answers(actor, vacancy_id)
    given_time = extensions_of(actor, vacancy_id)
    is_own = decides(actor, row.vacancy)
    team_open = bool(row.vacancy.team_id and team_visible_to(actor, row.vacancy.team_id))
    return render_template(
        "careers/vacancy_show.html",
        row=row,
        vacancy=row.vacancy,
        facts=presenters.facts_of(row, _changes(actor, vacancy_id), clock.today()),
        flag_tag=presenters.flag_tag(row.vacancy.flag),
        state_tag=presenters.state_tag(row),
        why=why_of(row.vacancy),
        days_left=presenters.days_left_words(row.days_left),
        entries=timeline_of(row, past, clock.today(), given_time, told_about(actor, vacancy_id)),
        answers=presenters.ANSWERS,
        is_own=is_own,
        shows_answers=sees_answers(actor),
        may_edit=may(actor, Permission.VACANCY_EDIT),
        may_enter=may(actor, Permission.VACANCY_ENTER),
        may_override=may(actor, Permission.FLAG_OVERRIDE) and row.vacancy.flag is not PswFlag.UNKNOWN,
        may_see_candidates=may(actor, Permission.CANDIDATE_SEE),
        may_return=may(actor, Permission.CONSIDERATION_RETURN) and row.answer is not None,
        may_extend=may(actor, Permission.CONSIDERATION_RETURN) and may_be_extended(row),
        given_time=given_time[0] if given_time else None,
        advert_words=role_text() if is_own and _is_welcome(row) else None,
        more_to_decide=considerations_waiting(actor).count if is_own and row.answer else 0,
        meets=may(actor, Permission.VACANCY_EDIT) or (is_own and is_hiring_manager(actor, row.vacancy)),
        prepare=_team_page(row) if is_own and team_open else None,
        team_open=team_open,
        team_waits=bool(row.vacancy.team_id and waits_for_team(row.vacancy)),
        form=VersionedForm(version=row.vacancy.version),
    )


def known_vacancy(actor: Actor, vacancy_id: UUID) -> VacancyRow:
    """The vacancy, or the same 404 for one that is not there and one the actor may not know of."""
    return or_404(vacancy_visible_to(actor, vacancy_id))


def _is_welcome(row: VacancyRow) -> bool:
    """Whether its manager decided that a peer support worker may do the job."""
    return row.answer in (ConsiderationAnswer.PSW_POST, ConsiderationAnswer.OPEN_TO_BOTH)


def _team_page(row: VacancyRow) -> str | None:
    """Where the team of a post for peer support workers is prepared."""
    if not _is_welcome(row) or row.vacancy.team_id is None:
        return None
    return url_for(TEAM_PAGE, team_id=row.vacancy.team_id)


def may_be_extended(row: VacancyRow) -> bool:
    """Whether somebody is asked for an answer by a day, so that the day can be moved."""
    return (
        row.state is not None
        and row.state.waits_for_manager
        and row.vacancy.manager_id is not None
        and row.vacancy.consideration_due_on is not None
    )


def _changes(actor: Actor, vacancy_id: UUID) -> dict[str, str]:
    if not may(actor, Permission.VACANCY_ENTER):
        return {}
    edit = url_for("careers.vacancy_edit", vacancy_id=vacancy_id)
    plain = ("Weekly hours", "Service area", "Setting", "Site", "Team", "Directorate", "Contract", "Closes")
    if not may(actor, Permission.VACANCY_EDIT):
        return dict.fromkeys(("Band", *plain), edit)
    return {
        "Band": url_for("careers.vacancy_band", vacancy_id=vacancy_id),
        "Recruiting manager": url_for("careers.vacancy_manager", vacancy_id=vacancy_id),
        **dict.fromkeys(plain, edit),
    }


def _as_arguments(chosen: VacancyFilter) -> dict[str, Any]:
    given = {
        "q": chosen.words,
        "flag": chosen.flag,
        "state": chosen.state,
        "status": chosen.status,
        "queue": chosen.queue,
    }
    return {name: value for name, value in given.items() if value}


def _removable(chosen: VacancyFilter, given: dict[str, Any]) -> list[dict[str, str]]:
    """Each chosen filter in words, with the address of the list without it."""
    words = {
        "q": f"“{chosen.words}”",
        "flag": FLAGS.get(chosen.flag, ""),
        "state": presenters.STATES[ConsiderationState(chosen.state)] if chosen.state else "",
        "status": chosen.status.capitalize(),
        "queue": QUEUES.get(chosen.queue, ""),
    }
    return [
        {
            "text": words[name],
            "remove": url_for(
                "careers.vacancy_list", **{other: value for other, value in given.items() if other != name}
            ),
        }
        for name in given
    ]
