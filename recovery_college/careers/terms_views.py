"""The page where HR sets the Trust's terms around vacancies."""

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.considerations import Refused
from recovery_college.careers.room import room
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.terms_forms import LABELS, TermsForm
from recovery_college.careers.terms_rules import Terms
from recovery_college.careers.terms_services import TermsChanged, set_terms, terms_set
from recovery_college.kernel.errors import ChangedMeanwhile

GROUPS = (
    ("Deciding", ("days_to_consider", "redeployment_first")),
    (
        "Who is told, and when",
        ("soon_days", "reminder_after", "deputy_after", "psw_lead_after", "hr_lead_after"),
    ),
    ("Second read", ("sample_share", "sample_least", "reply_days")),
    ("Suggesting jobs", ("start_weeks",)),
)


@room.page("/considerations/terms", permission=Permission.TERMS_SET, methods=("GET", "POST"))
def terms_edit() -> ResponseReturnValue:
    """The terms in force, and what they were before."""
    now, history = terms_now(), terms_set(the_actor())
    form = TermsForm(version=history[0].number if history else 0, **asdict(now))
    if form.validate_on_submit():
        try:
            set_terms(the_actor(), form.said(), form.seen_version())
        except TermsChanged:
            raise ChangedMeanwhile(
                in_words(now, form.said()), in_words(form.said(), now), url_for("careers.terms_edit")
            ) from None
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[box].errors = [sentence]
        else:
            flash("Saved. It holds from now on.", "success")
            return redirect(url_for("careers.terms_edit"), 303)
    changes = [
        (row, in_words(row.terms, history[place + 1].terms if place + 1 < len(history) else None))
        for place, row in enumerate(history)
    ]
    page = render_template("careers/terms_edit.html", form=form, groups=GROUPS, changes=changes)
    return page, 422 if form.is_submitted() else 200


def in_words(terms: Terms, before: Terms | None = None) -> list[tuple[str, str]]:
    """Each term with its value; only those that differ, where there is something to compare with."""
    names = {name: label for name, (label, _) in LABELS.items()}
    names["redeployment_first"] = "Redeployment first"
    return [
        (label, _word(getattr(terms, name)))
        for name, label in names.items()
        if before is None or getattr(terms, name) != getattr(before, name)
    ]


def _word(value: int | bool) -> str:
    return ("No", "Yes")[value] if isinstance(value, bool) else str(value)
