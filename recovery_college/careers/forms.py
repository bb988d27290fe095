"""Forms about one vacancy: the manager's answer, and what HR says of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from recovery_college.careers.bands import MAX_TEXT, Band
from recovery_college.careers.consideration import LONGEST_OTHER_TEXT, Reason, Redeployment
from recovery_college.careers.considerations import LONGEST_RETURN
from recovery_college.careers.nhs_jobs_row import is_https_address
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.careers.vacancy_row import NAMES
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    DecimalField,
    EmailField,
    Form,
    HiddenField,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
)
from recovery_college.kernel.numbers import number_in

BAND_TEXT = min(300, MAX_TEXT)
_NOT_AFC = "none"


def words_of(kind: Any) -> list[tuple[str, str]]:
    """The members of a list of words as choices."""
    return [(member.value, member.value.capitalize()) for member in kind]


class VersionedForm(Form):
    """A form that knows which version of the vacancy its page showed."""

    version = HiddenField()

    def seen_version(self) -> int:
        """The version on the page; 0, which is never current, when it was tampered with."""
        return number_in(self.version.data)


class ConsiderationForm(VersionedForm):
    """Could a peer support worker do this job? What is wrong is said by the rules, box by box."""

    answer = RadiosField(
        "What do you decide?",
        choices=(
            ("psw post", "Yes, advertise it as a PSW post", "PSW stands for peer support worker"),
            ("open to both", "Open to both", "People with and without lived experience are welcome"),
            ("not a psw role", "Not a PSW role"),
        ),
    )
    redeployment = RadiosField(
        "Was a colleague who needs a new post looked for first?",
        choices=(
            (Redeployment.NOBODY.value, "Yes, and it suits nobody"),
            (Redeployment.KEPT.value, "Yes, and the post is kept for a colleague"),
            (Redeployment.NOT_YET.value, "Not yet"),
        ),
    )
    seen = HiddenField()
    reason = SelectField("Why is it not a PSW role?", choices=())
    other_text = TextAreaField(
        "Say why, in a sentence or two",
        called="The reason",
        max_length=LONGEST_OTHER_TEXT,
        rows=3,
        hint="Only if you chose “Another reason”",
    )

    def __init__(
        self, reasons: Sequence[Reason], on: date, *, redeployment_first: bool = False, **rest: Any
    ) -> None:
        super().__init__(**rest)
        self.reason.choices = [(one.code, one.words) for one in reasons if one.is_offered_on(on)]
        if not redeployment_first:
            del self.redeployment

    def seen_draft(self) -> int:
        """The version of the draft that the page began from."""
        return number_in(self.seen.data)

    def drafted(self) -> dict[str, str]:
        """What is kept of it as a draft."""
        names = ("answer", "redeployment", "reason", "other_text")
        return {name: str(self[name].data or "") for name in names if name in self}


class BandForm(VersionedForm):
    """The band a person read."""

    bands = CheckboxesField(
        "Which bands is it?",
        choices=[
            *((band.value, f"Band {band.value}") for band in Band),
            (_NOT_AFC, "None", "It is not paid on Agenda for Change, like a doctor or a director"),
        ],
        required="Choose the band, or None",
        hint="Choose every band that the advert names",
    )

    def chosen(self) -> list[Band] | None:
        """The bands, no bands for "None", or None when both were ticked."""
        ticked = list(self.bands.data)
        if _NOT_AFC in ticked:
            return [] if len(ticked) == 1 else None
        return [Band(word) for word in ticked]


class ManagerForm(VersionedForm):
    """Who is asked."""

    email = EmailField(
        "Recruiting manager's email address",
        required="Enter the manager's email address",
        autocomplete="off",
        hint="The address they sign in with",
    )


class FlagForm(VersionedForm):
    """HR's own answer against the rule."""

    flag = RadiosField(
        "Is this a possible PSW role?",
        choices=(("yes", "Yes"), ("no", "No")),
        required="Say whether it is a possible PSW role",
    )
    reason = TextAreaField(
        "Why is the rule's answer not right here?",
        max_length=300,
        rows=3,
        required="Write why the rule's answer is not right here",
    )


class ReturnForm(VersionedForm):
    """Why an answer goes back to its manager."""

    why = TextAreaField(
        "What should the manager look at again?",
        max_length=LONGEST_RETURN,
        rows=4,
        required="Write what the manager should look at again",
        hint="They see this text beside the vacancy",
    )


class RuleForm(Form):
    """From when the rule counts."""

    go_live_on = DateField(
        "Vacancies posted from this day count",
        called="The day",
        hint="Leave it empty to count every vacancy. For example, 1 4 2026",
    )


class VacancyForm(VersionedForm):
    """A vacancy typed by hand: the columns of the import."""

    reference = TextField("Reference", max_length=80, width=20, required="Enter the vacancy's reference")
    title = TextField("Job title", max_length=300, required="Enter the job title")
    band = TextField(
        "Band", max_length=BAND_TEXT, width=20, hint="As the advert says it, like 3, Band 2/3 or VSM"
    )
    weekly_hours = DecimalField("Weekly hours", least="0.01", most="60", suffix="hours a week")
    service_area = RadiosField("Who is the service for?", choices=words_of(ServiceArea))
    setting = RadiosField("Where is the work?", choices=words_of(Setting))
    site = TextField("Site", max_length=200)
    directorate = TextField("Directorate", max_length=120, hint="Made if it is not known yet")
    team = TextField("Team", max_length=120, hint="Made if it is not known yet")
    employer = TextField("Employer", max_length=200)
    contract = SelectField("Contract", choices=words_of(ContractKind), blank="Not known yet")
    posted_on = DateField("First day of the advert", hint="Leave it empty while the vacancy is a draft")
    elsewhere = CheckboxesField(
        "Is the advert out already?",
        choices=[
            ("yes", "Yes, on a jobs site or a board", "It is then counted as advertised before considered")
        ],
    )
    closes_on = DateField("Last day to apply")
    manager_email = EmailField("Recruiting manager's email address", autocomplete="off")
    url = TextField("Address of the advert", max_length=1000, hint="It starts with https://")
    description = TextAreaField("Text of the advert", max_length=50_000, rows=8)

    def validate_url(self, field: TextField) -> None:
        """Only an address that may be linked."""
        if not is_https_address(field.data):
            raise ValidationError("Enter an address that starts with https://")

    def is_elsewhere(self) -> bool:
        """Whether the advert is out already, whatever was decided."""
        return "yes" in self.elsewhere.data

    def said(self) -> dict[str, Any]:
        """What was typed, as the import takes it."""
        kinds = {"service_area": ServiceArea, "setting": Setting, "contract": ContractKind}
        said = {name: self[name].data for name in NAMES if name in self}
        for name, kind in kinds.items():
            said[name] = kind(said[name]) if said[name] else None
        for name in ("reference", "title", "band", "site", "directorate", "team", "employer"):
            said[name] = " ".join(said[name].split()) if said[name] else None
        return said
