"""A vacancy's side: who fits in words, who said yes by name, whom HR may introduce; and the days of the work."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers import matching_presenters as words
from recovery_college.careers.candidacy_views import no_such_candidate
from recovery_college.careers.consent_queries import names_are_hidden, profiles_as_manager_sees
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.deputy_facts import is_hiring_manager
from recovery_college.careers.matching_list import candidate_for, candidates_for, how_it_fits, said_in_words
from recovery_college.careers.matching_services import IntroductionRefused, introduce
from recovery_college.careers.people_match_queries import fit_of_vacancy
from recovery_college.careers.preference_forms import LookingForm, PatternForm
from recovery_college.careers.preference_queries import pattern_of
from recovery_college.careers.preference_rules import Day, TimeOfDay, words_in
from recovery_college.careers.preference_services import PreferenceChanged, save_pattern
from recovery_college.careers.room import room
from recovery_college.careers.views import known_vacancy
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.paging import page_asked_for


@room.page("/vacancies/<uuid:vacancy_id>/candidates", permission=Permission.CANDIDATE_SEE)
def candidate_list(vacancy_id: UUID) -> ResponseReturnValue:
    """Whom it may suit: a manager reads words, and names after a yes; HR whoever agreed to be introduced."""
    actor = the_actor()
    row = known_vacancy(actor, vacancy_id)
    fit = None if row.status.is_over else fit_of_vacancy(actor, vacancy_id)
    if fit is None and not row.status.is_over:
        abort(404)
    matches = may(actor, Permission.CANDIDATE_MATCH)
    return render_template(
        "careers/candidate_list.html",
        row=row,
        vacancy=row.vacancy,
        fit=fit,
        headline=words.HOW_MANY[fit.kind] if fit else "This vacancy is over",
        told=words.fit_words(fit) if fit else [],
        profiles=[] if matches else profiles_as_manager_sees(actor, vacancy_id),
        names_wait=not matches and names_are_hidden(vacancy_id),
        meets=is_hiring_manager(actor, row.vacancy),
        found=candidates_for(actor, row.vacancy, page_asked_for()) if matches else None,
        facts_of=words.profile_as_facts,
        words=words,
        how_it_fits=how_it_fits,
        matches=matches,
        may_introduce=may(actor, Permission.CANDIDATE_INTRODUCE),
        may_enter=may(actor, Permission.VACANCY_ENTER),
    )


@room.page("/vacancies/<uuid:vacancy_id>/candidates/<uuid:person_id>", permission=Permission.CANDIDATE_SEE)
def candidate_show(vacancy_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """One person with what they share, for as long as they share it."""
    actor = the_actor()
    row = known_vacancy(actor, vacancy_id)
    found = candidate_for(actor, row.vacancy, person_id)
    if found is None:
        raise no_such_candidate(vacancy_id)
    return render_template(
        "careers/candidate_show.html",
        row=row,
        vacancy=row.vacancy,
        found=found,
        profile=found.profile,
        facts=words.profile_as_facts(found.profile),
        said=said_in_words(found),
        may_introduce=may(actor, Permission.CANDIDATE_INTRODUCE) and found.can_be_introduced,
        form=LookingForm(),
    )


@room.page(
    "/vacancies/<uuid:vacancy_id>/candidates/<uuid:person_id>/introduce",
    permission=Permission.CANDIDATE_INTRODUCE,
    see=Permission.CANDIDATE_SEE,
    methods=("POST",),
)
def candidate_introduce(vacancy_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Suggest the vacancy to somebody, or tell its manager that they said yes."""
    actor = the_actor()
    row = known_vacancy(actor, vacancy_id)
    try:
        told = introduce(actor, row.vacancy, person_id)
    except IntroductionRefused:
        raise no_such_candidate(vacancy_id) from None
    flash(told, "success")
    return redirect(url_for("careers.candidate_list", vacancy_id=vacancy_id), 303)


@room.page("/vacancies/<uuid:vacancy_id>/days", permission=Permission.VACANCY_ENTER, methods=("GET", "POST"))
def vacancy_days(vacancy_id: UUID) -> ResponseReturnValue:
    """The days and times on which the work must be done, and whether two may share it."""
    actor = the_actor()
    row = known_vacancy(actor, vacancy_id)
    now = pattern_of(vacancy_id)
    form = PatternForm(
        data={
            "days": words_in(now.days, Day) if now else (),
            "times": words_in(now.times, TimeOfDay) if now else (),
            "job_share": ("yes" if now.job_share else "no") if now else None,
            "version": now.version if now else 0,
        }
    )
    if form.validate_on_submit():
        days, times = [Day(one) for one in form.days.data], [TimeOfDay(one) for one in form.times.data]
        share = form.job_share.data == "yes"
        try:
            save_pattern(actor, vacancy_id, days, times, share, form.seen_version())
        except VacancyNotFound:
            abort(404)
        except PreferenceChanged:
            theirs = _pattern_words(
                list(words_in(now.days, Day)) if now else [],
                list(words_in(now.times, TimeOfDay)) if now else [],
                bool(now and now.job_share),
            )
            again = url_for("careers.vacancy_days", vacancy_id=vacancy_id)
            raise ChangedMeanwhile(theirs, _pattern_words(days, times, share), again) from None
        flash("The days are saved.", "success")
        return redirect(url_for("careers.vacancy_show", vacancy_id=vacancy_id), 303)
    page = render_template("careers/vacancy_days.html", row=row, vacancy=row.vacancy, form=form)
    return page, 422 if form.is_submitted() else 200


def _pattern_words(days: list[Day], times: list[TimeOfDay], share: bool) -> list[tuple[str, str]]:
    return [
        ("Days", words.listed([one.value for one in days]) or "Any day"),
        ("Times of day", words.listed([one.value for one in times]) or "Any time"),
        ("Could be shared", "Yes" if share else "No"),
    ]
