"""Who may see what of a graduate, by their own consent, field by field and purpose by purpose (P1). Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from recovery_college.careers.preference_rules import Day, SiteEase, TimeOfDay, Wishes
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting


class ConsentField(StrEnum):
    """What may be shared. There is no field for health, evidence, decisions or adjustments."""

    WISHES = "wishes"
    NAME = "name"
    EMAIL = "email"
    STATEMENT = "statement"
    HOURS = "hours"
    PLACES = "places"
    TEAMS = "teams"
    DAYS = "days"
    CONTRACTS = "contracts"
    START = "start"
    GRADUATION = "graduation"


class ConsentPurpose(StrEnum):
    """What for."""

    COUNT = "count"
    INTRODUCE = "introduce"
    MANAGER = "manager"


class VacancyAnswerKind(StrEnum):
    """What somebody said to one vacancy. Only a yes shows anything to its manager."""

    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


class ApplicationWay(StrEnum):
    """How somebody wants to go on."""

    HERE = "here"
    BY_LINK = "by link"
    INTRODUCTION = "introduction"


class IntroductionKind(StrEnum):
    """What the college or HR did: suggested the post to the graduate, or told the manager of their yes."""

    SUGGESTED = "suggested"
    INTRODUCED = "introduced"


Consent = tuple[ConsentField, ConsentPurpose]

SHAREABLE: tuple[ConsentField, ...] = tuple(one for one in ConsentField if one is not ConsentField.WISHES)
"""What a person who reads a profile may see."""
POSSIBLE: frozenset[Consent] = frozenset(
    {(ConsentField.WISHES, ConsentPurpose.COUNT)}
    | {(one, purpose) for one in SHAREABLE for purpose in (ConsentPurpose.INTRODUCE, ConsentPurpose.MANAGER)}
)
COUNTED: Consent = (ConsentField.WISHES, ConsentPurpose.COUNT)


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """All that could be shared of somebody; it never leaves the careers room whole."""

    person_id: UUID
    name: str
    email: str
    statement: str
    wishes: Wishes
    graduated_year: int | None


@dataclass(frozen=True, slots=True)
class CandidateProfile:
    """A graduate as somebody else sees them. What is not consented to is None, and cannot be told from empty."""

    person_id: UUID
    name: str
    email: str | None = None
    statement: str | None = None
    least_hours: Decimal | None = None
    most_hours: Decimal | None = None
    job_share: bool | None = None
    sites: tuple[tuple[str, SiteEase], ...] | None = None
    areas: tuple[ServiceArea, ...] | None = None
    settings: tuple[Setting, ...] | None = None
    days: tuple[Day, ...] | None = None
    times: tuple[TimeOfDay, ...] | None = None
    contracts: tuple[ContractKind, ...] | None = None
    earliest_start: date | None = None
    graduated_year: int | None = None


FIELD_OF: dict[str, ConsentField] = {
    "name": ConsentField.NAME,
    "email": ConsentField.EMAIL,
    "statement": ConsentField.STATEMENT,
    "least_hours": ConsentField.HOURS,
    "most_hours": ConsentField.HOURS,
    "job_share": ConsentField.HOURS,
    "sites": ConsentField.PLACES,
    "areas": ConsentField.TEAMS,
    "settings": ConsentField.TEAMS,
    "days": ConsentField.DAYS,
    "times": ConsentField.DAYS,
    "contracts": ConsentField.CONTRACTS,
    "earliest_start": ConsentField.START,
    "graduated_year": ConsentField.GRADUATION,
}
"""Which consent opens which field of a profile."""


def given_for(consents: Iterable[Consent], purpose: ConsentPurpose) -> frozenset[ConsentField]:
    """The fields given for one purpose."""
    return frozenset(one for one, what_for in consents if what_for is purpose)


def profile_of(facts: CandidateFacts, given: Collection[ConsentField]) -> CandidateProfile | None:
    """The profile with what was given and nothing else; None when not even the name was."""
    if ConsentField.NAME not in given:
        return None
    wishes = facts.wishes
    everything = {
        "name": facts.name,
        "email": facts.email or None,
        "statement": facts.statement or None,
        "least_hours": wishes.least_hours,
        "most_hours": wishes.most_hours,
        "job_share": wishes.job_share,
        "sites": tuple(sorted(wishes.sites.items())),
        "areas": tuple(one for one in ServiceArea if one in wishes.areas),
        "settings": tuple(one for one in Setting if one in wishes.settings),
        "days": tuple(one for one in Day if one in wishes.days),
        "times": tuple(one for one in TimeOfDay if one in wishes.times),
        "contracts": tuple(one for one in ContractKind if one in wishes.contracts),
        "earliest_start": wishes.earliest_start,
        "graduated_year": facts.graduated_year,
    }
    shown = {name: value for name, value in everything.items() if FIELD_OF[name] in given}
    return CandidateProfile(person_id=facts.person_id, **shown)  # type: ignore[arg-type]
