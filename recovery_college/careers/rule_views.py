"""The page of the band rule: what it says, since when, and what the next version would change (V2)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers.band_rule import set_go_live
from recovery_college.careers.bands import bands_in_words
from recovery_college.careers.considerations import Refused
from recovery_college.careers.forms import RuleForm, VersionedForm
from recovery_college.careers.queries import go_live_effect
from recovery_college.careers.room import room
from recovery_college.careers.rule_draft import Preview, RuleDraft, changes_by_kind, faults_of_draft
from recovery_college.careers.rule_forms import RuleDraftForm, mark_of_draft
from recovery_college.careers.rule_queries import (
    WrittenRule,
    changed_vacancies,
    preview_for,
    rules_visible_to,
)
from recovery_college.careers.rule_services import RuleChanged, withdraw_rule, write_rule
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.wording import day

CHANGES_SHOWN = 100
RULE = "/vacancies/rule"


@room.page(RULE, permission=Permission.VACANCY_SEE)
def rule_show() -> ResponseReturnValue:
    """The rule: which bands, since when, from which posting day it counts, and its versions."""
    return _rule_page(None)


@room.page(RULE, permission=Permission.VACANCY_EDIT, see=Permission.VACANCY_SEE, methods=("POST",))
def rule_go_live() -> ResponseReturnValue:
    """Say from which posting day the rule counts here."""
    form = RuleForm()
    if not form.validate_on_submit():
        return _rule_page(form), 422
    changed = set_go_live(the_actor(), form.go_live_on.data)
    flash(f"The day is saved. It changed {changed:,} vacanc{'y' if changed == 1 else 'ies'}.", "success")
    return redirect(url_for("careers.rule_show"), 303)


def _rule_page(form: RuleForm | None) -> str:
    actor = the_actor()
    versions = rules_visible_to(actor)
    stored, days = _rule_today(versions), terms_now().days_to_consider
    return render_template(
        "careers/rule_show.html",
        stored=stored,
        days_words=f"{days} working day{'' if days == 1 else 's'}",
        versions=versions,
        words=bands_in_words,
        effect=go_live_effect(actor),
        may_edit=may(actor, Permission.VACANCY_EDIT),
        newest=VersionedForm(formdata=None, version=str(versions[0].rule.version)),
        form=form or RuleForm(formdata=None, go_live_on=stored.go_live_on),
    )


def _rule_today(versions: list[WrittenRule]) -> WrittenRule:
    return next(each for each in versions if each.is_today)


@room.page(
    f"{RULE}/new", permission=Permission.VACANCY_EDIT, see=Permission.VACANCY_SEE, methods=("GET", "POST")
)
def rule_new() -> ResponseReturnValue:
    """Write the next version: first what it would change is shown, then it is written."""
    actor = the_actor()
    latest = rules_visible_to(actor)[0]
    form = RuleDraftForm(
        after=str(latest.rule.version),
        bands=[band.value for band in latest.rule.bands],
        exclusions="\n".join(latest.rule.exclusions),
    )
    if not form.is_submitted():
        return _draft_page(form, latest, None)
    if not form.validate():
        return _draft_page(form, latest, None), 422
    draft = form.draft()
    if form.looked_at.data == mark_of_draft(draft):
        try:
            version = write_rule(actor, draft, form.seen_version())
        except RuleChanged:
            raise _changed(draft, latest) from None
        except Refused as refusal:
            form.show_errors(refusal.errors)
            return _draft_page(form, latest, None), 422
        first = day(draft.valid_from) if draft.valid_from else ""
        flash(f"Version {version} is written. It counts from {first}.", "success")
        return redirect(url_for("careers.rule_show"), 303)
    if form.seen_version() != latest.rule.version:
        raise _changed(draft, latest)
    faults = faults_of_draft(draft, latest.rule, clock.today())
    if faults:
        form.show_errors(faults)
        return _draft_page(form, latest, None), 422
    form.looked_at.data = mark_of_draft(draft)
    return _draft_page(form, latest, preview_for(actor, draft))


def _draft_page(form: RuleDraftForm, latest: WrittenRule, preview: Preview | None) -> str:
    if preview is None:
        form.looked_at.data = ""
    changes = preview.changes if preview else ()
    return render_template(
        "careers/rule_new.html",
        form=form,
        latest=latest,
        preview=preview,
        kinds=changes_by_kind(changes),
        shown=changed_vacancies(the_actor(), changes, CHANGES_SHOWN),
        hidden=max(0, sum(change.asked.count for change in changes) - CHANGES_SHOWN),
        words=bands_in_words,
    )


def _changed(draft: RuleDraft, latest: WrittenRule) -> ChangedMeanwhile:
    theirs = [
        (f"Version {latest.rule.version}", bands_in_words(latest.rule.bands)),
        ("From", day(latest.rule.valid_from)),
    ]
    yours = [("Your bands", bands_in_words(draft.bands)), ("Why", draft.why)]
    return ChangedMeanwhile(theirs, yours, url_for("careers.rule_new"))


@room.page(
    f"{RULE}/withdraw", permission=Permission.VACANCY_EDIT, see=Permission.VACANCY_SEE, methods=("POST",)
)
def rule_withdraw() -> ResponseReturnValue:
    """Take back the newest version before its first day."""
    form = VersionedForm()
    if form.validate():
        number = form.seen_version()
        try:
            withdraw_rule(the_actor(), number)
        except RuleChanged:
            flash("The versions changed meanwhile. Look at them again.", "error")
        except Refused as refusal:
            flash(str(refusal), "error")
        else:
            flash(f"Version {number} is withdrawn. The one before it goes on.", "success")
    return redirect(url_for("careers.rule_show"), 303)
