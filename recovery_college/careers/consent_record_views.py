"""The record of consents for who answers for it, and availability as the college writes it down."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.audit.services import record_view
from recovery_college.careers.availability_forms import AvailabilityForm
from recovery_college.careers.availability_services import set_availability
from recovery_college.careers.consent_queries import NAME_TO_INTRODUCE
from recovery_college.careers.consent_record_queries import (
    availability_of,
    consent_record_of,
    consents_visible_to,
    count_consents,
)
from recovery_college.careers.consent_rules import Consent, ConsentField, ConsentPurpose, given_for
from recovery_college.careers.matching_presenters import listed
from recovery_college.careers.preference_forms import PURPOSES, SHORT_WORDS
from recovery_college.careers.preference_services import NotACandidate, PreferenceChanged
from recovery_college.careers.room import room
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.paging import page_asked_for, page_of
from recovery_college.kernel.wording import begun

WORDS = SHORT_WORDS | {ConsentField.WISHES: "what they would like"}
"""What is shared, as others speak of it."""


@room.page("/consents", permission=Permission.CONSENT_SEE)
def consent_list() -> ResponseReturnValue:
    """What everybody consents to now, by code or by the name they gave for it."""
    actor = the_actor()
    shown = page_of(page_asked_for(), count_consents(actor))
    rows = consents_visible_to(actor, shown)
    if rows:
        record_view(actor, "consents", "list", people=len(rows))
    return render_template(
        "careers/consent_list.html",
        rows=[
            (row, _words(row.given, ConsentPurpose.INTRODUCE), _words(row.given, ConsentPurpose.MANAGER))
            for row in rows
        ],
        counted=ConsentPurpose.COUNT,
        given_for=given_for,
        page=shown,
    )


@room.page("/consents/<uuid:person_id>", permission=Permission.CONSENT_SEE)
def consent_show(person_id: UUID) -> ResponseReturnValue:
    """Every word of one person on consent. Each look is recorded."""
    actor = the_actor()
    found = or_404(consent_record_of(actor, person_id))
    row, history = found
    record_view(actor, "candidate", person_id, consents=True)
    return render_template(
        "careers/consent_show.html",
        row=row,
        history=[
            (
                one.at,
                "Agreed" if one.given else "Took back",
                begun(WORDS[one.field]),
                begun(PURPOSES[one.purpose]),
            )
            for one in history
        ],
        may_write=may(actor, Permission.AVAILABILITY_SET) and NAME_TO_INTRODUCE in row.given,
    )


@room.page(
    "/consents/<uuid:person_id>/availability",
    permission=Permission.AVAILABILITY_SET,
    see=Permission.CONSENT_SEE,
    methods=("GET", "POST"),
)
def availability_edit(person_id: UUID) -> ResponseReturnValue:
    """Write down, on somebody's word, whether they look for a post and from when."""
    actor = the_actor()
    now = or_404(availability_of(actor, person_id))
    form = AvailabilityForm(version=now.version, looking="yes" if now.looking else "no")
    if form.validate_on_submit():
        try:
            changed = set_availability(
                actor,
                person_id,
                looking=form.looking.data == "yes",
                earliest_start=form.earliest_start.data,
                version=form.seen_version(),
            )
        except NotACandidate:
            abort(404)
        except PreferenceChanged:
            theirs = [("They look for a post", "Yes" if now.looking else "No")]
            again = url_for("careers.availability_edit", person_id=person_id)
            raise ChangedMeanwhile(theirs, form.typed(), again) from None
        flash(
            "It is written down, and they are told." if changed else "That is how it stands already.",
            "success",
        )
        return redirect(url_for("careers.consent_show", person_id=person_id), 303)
    if not form.is_submitted():
        record_view(actor, "candidate", person_id, availability=True)
    page = render_template("careers/availability_edit.html", form=form, now=now)
    return page, 422 if form.is_submitted() else 200


def _words(given: frozenset[Consent], purpose: ConsentPurpose) -> str:
    fields = given_for(given, purpose)
    return begun(listed([WORDS[one] for one in WORDS if one in fields])) or "Nothing"
