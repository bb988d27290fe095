"""The forms of somebody's own future: wishes, statement, consents, blocks, alerts; and the days of a vacancy."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from recovery_college.careers.consent_rules import COUNTED, SHAREABLE, Consent, ConsentField, ConsentPurpose
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.preference_rules import (
    LONGEST_STATEMENT,
    AlertFrequency,
    Day,
    SiteEase,
    TimeOfDay,
    Wishes,
)
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    DecimalField,
    Form,
    RadiosField,
    SelectField,
    TextAreaField,
)

FIELD_WORDS: dict[ConsentField, tuple[str, str]] = {
    ConsentField.WISHES: ("Compare what I would like with open jobs", ""),
    ConsentField.NAME: ("My name", ""),
    ConsentField.EMAIL: ("My email address", ""),
    ConsentField.STATEMENT: ("My statement for employers", ""),
    ConsentField.HOURS: ("My hours", "The least and most hours a week, and whether I would share a job"),
    ConsentField.PLACES: ("My places", "Where I can get to"),
    ConsentField.TEAMS: ("My kinds of team", "Whom the service is for, ward or community"),
    ConsentField.DAYS: ("My days and times", ""),
    ConsentField.CONTRACTS: ("My kinds of contract", ""),
    ConsentField.START: ("When I could start", ""),
    ConsentField.GRADUATION: ("That I graduated, and the year", ""),
}
SHORT_WORDS = {
    ConsentField.WISHES: "what I would like",
    ConsentField.NAME: "name",
    ConsentField.EMAIL: "email address",
    ConsentField.STATEMENT: "statement",
    ConsentField.HOURS: "hours",
    ConsentField.PLACES: "places",
    ConsentField.TEAMS: "kinds of team",
    ConsentField.DAYS: "days and times",
    ConsentField.CONTRACTS: "kinds of contract",
    ConsentField.START: "start",
    ConsentField.GRADUATION: "year of graduating",
}
"""The same in a list of several."""
PURPOSES = {
    ConsentPurpose.COUNT: "to compare with open jobs",
    ConsentPurpose.INTRODUCE: "for the college and human resources",
    ConsentPurpose.MANAGER: "for a manager, after a yes",
}
"""What a consent is given for."""
_NAME_NEEDED = "Choose your name as well, or nothing: without a name nobody is shown anything"


def _capital(words: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value[:1].upper() + word.value[1:]) for word in words]


_AREAS = [
    (area.value, "Adults" if area is ServiceArea.ADULT else area.value.capitalize()) for area in ServiceArea
]


def _choice(field: ConsentField) -> tuple[str, str] | tuple[str, str, str]:
    words, hint = FIELD_WORDS[field]
    return (field.value, words, hint) if hint else (field.value, words)


class WishesForm(VersionedForm):
    """What I would like. Everything may be left open: then it is never a reason against a job."""

    least_hours = DecimalField("The least hours a week", least="0.5", most="60", suffix="hours")
    most_hours = DecimalField("The most hours a week", least="0.5", most="60", suffix="hours")
    job_share = RadiosField(
        "Would you share a job with somebody?",
        choices=(("yes", "Yes", "Two people do one job between them"), ("no", "No")),
    )
    areas = CheckboxesField("Whom would you like to work with?", choices=_AREAS)
    settings = CheckboxesField("Where would you like to work?", choices=_capital(Setting))
    easy_sites = CheckboxesField(
        "Which places can you get to easily?", hint="Choose none if any place is fine"
    )
    far_sites = CheckboxesField("Which places could you get to if need be?")
    days = CheckboxesField("Which days can you work?", choices=_capital(Day))
    times = CheckboxesField("Which times of day can you work?", choices=_capital(TimeOfDay))
    contracts = CheckboxesField("Which kinds of contract would you take?", choices=_capital(ContractKind))
    earliest_start = DateField(
        "When could you start, at the earliest?", hint="Leave it empty if you could start now"
    )

    def __init__(self, places: Sequence[str], wishes: Wishes, version: int) -> None:
        easily = [site for site, ease in wishes.sites.items() if ease is SiteEase.EASILY]
        super().__init__(
            data={
                "version": version,
                "least_hours": wishes.least_hours,
                "most_hours": wishes.most_hours,
                "job_share": "yes" if wishes.job_share else "no",
                "areas": wishes.areas,
                "settings": wishes.settings,
                "easy_sites": easily,
                "far_sites": [site for site in wishes.sites if site not in easily],
                "days": wishes.days,
                "times": wishes.times,
                "contracts": wishes.contracts,
                "earliest_start": wishes.earliest_start,
            }
        )
        for box in (self.easy_sites, self.far_sites):
            box.choices = [(site, site) for site in places]

    def said(self) -> Wishes:
        """What was chosen, as the rule takes it. A place ticked twice is one that is easy to get to."""
        return Wishes(
            least_hours=self.least_hours.data,
            most_hours=self.most_hours.data,
            areas=frozenset(map(ServiceArea, self.areas.data)),
            settings=frozenset(map(Setting, self.settings.data)),
            contracts=frozenset(map(ContractKind, self.contracts.data)),
            days=frozenset(map(Day, self.days.data)),
            times=frozenset(map(TimeOfDay, self.times.data)),
            job_share=self.job_share.data == "yes",
            earliest_start=self.earliest_start.data,
            sites={
                **dict.fromkeys(self.far_sites.data, SiteEase.IF_NEED_BE),
                **dict.fromkeys(self.easy_sites.data, SiteEase.EASILY),
            },
        )


class StatementForm(VersionedForm):
    """A few sentences for employers."""

    text = TextAreaField(
        "Your statement for employers",
        max_length=LONGEST_STATEMENT,
        rows=10,
        hint="You need not mention your health. What would you like a team to know about you?",
    )


class SharingForm(VersionedForm):
    """Consent, by purpose and field. `version` is how many words on consent were on record when it was opened."""

    count = CheckboxesField(
        "May we compare what you would like with open jobs?",
        choices=[
            (
                ConsentField.WISHES.value,
                "Yes, compare it",
                "You see jobs that may suit you. A manager is told “none just now”, “some” or “several”, "
                "and no name.",
            )
        ],
    )
    introduce = CheckboxesField(
        "What may the college and human resources see, to introduce you?",
        choices=[_choice(one) for one in SHAREABLE],
    )
    manager = CheckboxesField(
        "What may a manager see, once you say yes to their vacancy?",
        choices=[_choice(one) for one in SHAREABLE],
        hint="Only that manager, and only while the vacancy is open. A yes to a vacancy shares your name",
    )

    def __init__(self, given: Iterable[Consent], version: int) -> None:
        super().__init__(
            data={
                "version": version,
            }
            | {
                purpose.value: [field.value for field, what_for in sorted(given) if what_for is purpose]
                for purpose in ConsentPurpose
            }
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """A field without a name would be shown to nobody, and look as if it were."""
        fine = bool(super().validate(extra_validators))
        for box in (self.introduce, self.manager):
            if box.data and ConsentField.NAME.value not in box.data:
                box.errors = [_NAME_NEEDED]
                fine = False
        return fine

    def said(self) -> set[Consent]:
        """The consents chosen."""
        chosen = {
            (ConsentField(word), purpose)
            for purpose, box in (
                (ConsentPurpose.INTRODUCE, self.introduce),
                (ConsentPurpose.MANAGER, self.manager),
            )
            for word in box.data
        }
        return chosen | ({COUNTED} if self.count.data else set())


class BlockForm(Form):
    """A team or a manager. No reason is asked."""

    team = SelectField("A team", choices=(), blank="None")
    manager = SelectField("A manager", choices=(), blank="None")

    def __init__(self, teams: Sequence[tuple[str, str]], managers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.team.choices, self.manager.choices = teams, managers

    def validate(self, extra_validators: Any = None) -> bool:
        """One of the two."""
        fine = bool(super().validate(extra_validators))
        if fine and not (self.team.data or self.manager.data):
            self.team.errors = ["Choose a team or a manager"]
            return False
        return fine


class AlertForm(Form):
    """How often."""

    often = RadiosField(
        "How often may we write to you about new jobs that may suit you?",
        choices=(
            (AlertFrequency.DAILY.value, "Every day, if there is one"),
            (AlertFrequency.WEEKLY.value, "Once a week, if there is one"),
            (AlertFrequency.NEVER.value, "Never"),
        ),
        required="Choose how often",
    )


class LookingForm(Form):
    """Looking, or having a break."""


class PatternForm(VersionedForm):
    """What an advert does not say of the working days."""

    days = CheckboxesField(
        "On which days must the work be done?",
        choices=_capital(Day),
        hint="Choose none if it can be any day",
    )
    times = CheckboxesField(
        "At which times must it be done?",
        choices=_capital(TimeOfDay),
        hint="Choose none if it can be any time",
    )
    job_share = RadiosField(
        "Could two people share this job?",
        choices=(("yes", "Yes"), ("no", "No")),
        required="Say whether two people could share it",
    )
