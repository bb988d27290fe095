"""One's own future: what one would like of a post, the statement for employers, looking or having a break."""

from collections import Counter

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers import candidacy_presenters
from recovery_college.careers import matching_presenters as words
from recovery_college.careers.candidacy_own_queries import own_candidacies
from recovery_college.careers.consent_queries import consents_of
from recovery_college.careers.consent_rules import ConsentPurpose, VacancyAnswerKind, given_for
from recovery_college.careers.matching_rules import MatchKind
from recovery_college.careers.post_match_queries import counts_for, posts_for
from recovery_college.careers.preference_forms import (
    SHORT_WORDS,
    AlertForm,
    LookingForm,
    StatementForm,
    WishesForm,
)
from recovery_college.careers.preference_queries import (
    own_answers,
    own_blocks,
    own_statement,
    own_wishes,
    places_known,
)
from recovery_college.careers.preference_rules import AlertFrequency
from recovery_college.careers.preference_services import (
    PreferenceChanged,
    WishesRefused,
    save_statement,
    save_wishes,
    set_alerts,
    set_looking,
)
from recovery_college.careers.room import room
from recovery_college.graduation.queries import own_graduations
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile

FIRST = 3


@room.page("/my-future", permission=Permission.OWN_FUTURE)
def my_future() -> ResponseReturnValue:
    """What I would like, who can see me, jobs that may suit me; answers so far, and the certificate."""
    actor = the_actor()
    own = own_wishes(actor)
    person_id = actor.person_id
    given = consents_of([person_id]).get(person_id, frozenset()) if person_id else frozenset()
    shows = own.looking and own.counted
    counts = counts_for(actor, own.wishes) if shows else Counter()
    answers = own_answers(actor)
    decided = [
        one.vacancy_id for one in answers if one.answer in (VacancyAnswerKind.YES, VacancyAnswerKind.NO)
    ]
    posts = posts_for(actor, own.wishes, FIRST, but=decided) if shows else []
    return render_template(
        "careers/my_future.html",
        own=own,
        wishes=words.wishes_as_facts(own.wishes, url_for("careers.my_wishes")) if own.version else [],
        has_statement=bool(own_statement(actor)[0]),
        shared={
            purpose.value: [SHORT_WORDS[field] for field in SHORT_WORDS if field in given_for(given, purpose)]
            for purpose in ConsentPurpose
        },
        blocks=len(own_blocks(actor)),
        fitting=[one for one in posts if one.match.kind is MatchKind.FITS],
        nearly=counts[MatchKind.NEARLY],
        others_fit=counts[MatchKind.FITS] > 0,
        words=words,
        answers=answers,
        under_way=[one for one in own_candidacies(actor) if not one.stage.is_over],
        present=candidacy_presenters,
        graduations=own_graduations(person_id) if person_id else [],
        college_is_open="graduation" in current_app.blueprints,
        form=LookingForm(),
    )


@room.page("/my-future/wishes", permission=Permission.OWN_FUTURE, methods=("GET", "POST"))
def my_wishes() -> ResponseReturnValue:
    """Hours, places, kinds of team, days, contract, start."""
    actor = the_actor()
    own = own_wishes(actor)
    form = WishesForm(places_known(actor), own.wishes, own.version)
    if form.validate_on_submit():
        try:
            save_wishes(actor, form.said(), form.seen_version())
            flash("What you would like is saved.", "success")
            return redirect(url_for("careers.my_future"), 303)
        except WishesRefused as refusal:
            for box, sentence in refusal.errors.items():
                form[box].errors = [sentence]
        except PreferenceChanged:
            raise ChangedMeanwhile(
                [(one["key"], one["value"]) for one in words.wishes_as_facts(own.wishes, "")],
                [(one["key"], one["value"]) for one in words.wishes_as_facts(form.said(), "")],
                url_for("careers.my_wishes"),
            ) from None
    page = render_template("careers/my_wishes.html", form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/statement", permission=Permission.OWN_FUTURE, methods=("GET", "POST"))
def my_statement() -> ResponseReturnValue:
    """What employers may read."""
    actor = the_actor()
    text, version = own_statement(actor)
    form = StatementForm(data={"text": text, "version": version})
    if form.validate_on_submit():
        try:
            save_statement(actor, form.text.data or "", form.seen_version())
            flash("Your statement is saved.", "success")
            return redirect(url_for("careers.my_future"), 303)
        except PreferenceChanged:
            again = url_for("careers.my_statement")
            yours = [("Your statement", form.text.data or "")]
            raise ChangedMeanwhile([("Your statement", text)], yours, again) from None
    page = render_template("careers/my_statement.html", form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/<any(look, pause):deed>", permission=Permission.OWN_FUTURE, methods=("POST",))
def my_looking(deed: str) -> ResponseReturnValue:
    """Look for a post, or have a break from it."""
    set_looking(the_actor(), deed == "look")
    told = "You are looking for a job." if deed == "look" else "You are having a break. Nobody is told why."
    flash(told, "success")
    return redirect(url_for("careers.my_future"), 303)


@room.page("/my-future/alerts", permission=Permission.OWN_FUTURE, methods=("GET", "POST"))
def my_alerts() -> ResponseReturnValue:
    """How often to be written to about new posts."""
    actor = the_actor()
    own = own_wishes(actor)
    form = AlertForm(data={"often": own.alerts.value})
    if form.validate_on_submit():
        set_alerts(actor, AlertFrequency(form.often.data))
        flash("Your choice is saved.", "success")
        return redirect(url_for("careers.my_future"), 303)
    page = render_template("careers/my_alerts.html", form=form, own=own, today=clock.today())
    return page, 422 if form.is_submitted() else 200
