"""Forms from the offer to the first day, and the end of a post."""

from typing import Any

from recovery_college.careers.bands import Band
from recovery_college.careers.check_rules import CheckKind, CheckState
from recovery_college.careers.forms import VersionedForm, words_of
from recovery_college.careers.models import Funding
from recovery_college.careers.post_services import LEAVING_KINDS, LONGEST_LINE
from recovery_college.careers.rules import ContractKind
from recovery_college.kernel.forms import DateField, DecimalField, Form, RadiosField, SelectField, TextField


class OfferForm(VersionedForm):
    """What is offered, on condition."""

    weekly_hours = DecimalField(
        "Hours a week", least="0.25", most="60", required="Enter the hours a week, like 22.5"
    )
    band = SelectField(
        "Band",
        choices=[(band.value, f"Band {band.value}") for band in Band],
        required="Choose the band of the post",
    )
    contract = RadiosField("Contract", choices=words_of(ContractKind), required="Choose the contract")
    funding = RadiosField(
        "Funding",
        choices=(
            (Funding.SUBSTANTIVE.value, "Substantive", "The money for this post is lasting"),
            (Funding.FIXED_TERM.value, "Fixed-term", "The money ends on a day"),
        ),
        required="Choose how it is funded",
    )


class CheckForm(VersionedForm):
    """Where one check stands."""

    kind = SelectField("Which check?", choices=[(kind.value, kind.value.capitalize()) for kind in CheckKind])
    state = RadiosField(
        "Where does it stand?", choices=words_of(CheckState), required="Choose where it stands"
    )
    chase_on = DateField(
        "When to ask again", called="The day to ask again", hint="Leave it empty if you need no reminder"
    )


class StartForm(VersionedForm):
    """The first day."""

    start_on = DateField("First day in post", required="Enter the first day, like 1 3 2027")


class LeaveForm(Form):
    """The last day."""

    left_on = DateField("Last day in post", required="Enter the last day, like 1 3 2027")
    kind = RadiosField(
        "Why does it end?",
        choices=[(kind, kind.capitalize()) for kind in LEAVING_KINDS],
        required="Choose why it ends",
        hint="One of these words is all that is kept. Nothing on health",
    )


class FollowUpForm(VersionedForm):
    """That somebody asked how it goes."""

    asked_on = DateField("On which day was it asked?", required="Enter the day, like 1 3 2027")
    words = TextField(
        "What was said, in a line",
        max_length=LONGEST_LINE,
        hint="They read it too. Nothing on health. You may leave it empty",
    )


def check_form(**rest: Any) -> CheckForm:
    """The form of one check, whose kind is in the address."""
    form = CheckForm(**rest)
    del form.kind
    return form
