"""What a vacancy is, and the band 2-4 rule as dated, versioned data (domain V2, P6).

Pure: no database, no clock. The rule says yes, no or unknown and why; it never decides for a manager.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from recovery_college.careers.bands import Band, BandReading, BandSource, bands_in_words, in_order

FULL_TIME_HOURS = Decimal("37.5")
"""Weekly hours of 1.0 whole-time equivalent (P6)."""
MOST_WEEKLY_HOURS = Decimal(60)
_HOURS_TEXT = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]{1,2})?)(?: ?(?:h|hrs?|hours?)(?: (?:a|per) week)?)?", re.IGNORECASE
)


class ServiceArea(StrEnum):
    """Whom the service is for."""

    YOUNG_PEOPLE = "young people"
    ADULT = "adult"
    OLDER_PEOPLE = "older people"


class Setting(StrEnum):
    """Where the work is."""

    WARD = "ward"
    COMMUNITY = "community"


class ContractKind(StrEnum):
    """The kind of contract offered."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed-term"
    BANK = "bank"
    APPRENTICESHIP = "apprenticeship"


class VacancySource(StrEnum):
    """Where a vacancy came from."""

    HAND = "by hand"
    TABLE = "table"
    NHS_JOBS = "NHS Jobs"


class VacancyStatus(StrEnum):
    """Where the vacancy stands; closed and withdrawn are ends."""

    DRAFT = "draft"
    ADVERTISED = "advertised"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to the vacancy."""
        return self in OVER


OVER = (VacancyStatus.CLOSED, VacancyStatus.WITHDRAWN)


class PswFlag(StrEnum):
    """The answer of the rule. Unknown is a question to a person, never a quiet no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RuleVersion:
    """One version of the rule: which bands are meant, which titles are left out, and when it holds.

    `exclusions` are words or phrases; a title holding one as whole words (any case) is left out.
    `valid_to` is the last day of the version, None while it is open.
    """

    version: int
    bands: tuple[Band, ...]
    valid_from: date
    valid_to: date | None = None
    exclusions: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether this version is the rule of that day; both ends count."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


RULE_V1 = RuleVersion(
    version=1, bands=(Band.BAND_2, Band.BAND_3, Band.BAND_4), valid_from=date(2010, 1, 1), valid_to=None
)
"""Rule v1 (V2): a vacancy is a possible PSW role if any of its bands is 2, 3 or 4. No exclusions."""


@dataclass(frozen=True)
class Flag:
    """The rule's answer for one vacancy, with the version that gave it and the reason in a sentence."""

    answer: PswFlag
    rule_version: int
    why: str


_SAID_BY = {
    BandSource.BAND_FIELD: "as given with the vacancy",
    BandSource.TITLE: "read from the title",
    BandSource.BAND_QUERIED: "the band searched for on NHS Jobs",
    BandSource.PERSON: "as a person read it",
}


class NoRuleInForce(LookupError):
    """No version, or more than one, holds on a day: the table of rules has a hole or an overlap."""


def rule_in_force(rules: Sequence[RuleVersion], on: date) -> RuleVersion:
    """Return the one version that holds on the day a vacancy is flagged (not the day it was posted).

    Raises NoRuleInForce with a sentence for administrators when none holds, or more than one does.
    """
    holding = [rule for rule in rules if rule.holds_on(on)]
    if len(holding) != 1:
        found = "no version" if not holding else f"more than one version ({_version_list(holding)})"
        raise NoRuleInForce(
            f"For {on.day} {on:%B %Y} there is {found} of the band rule. Correct their dates."
        )
    return holding[0]


def is_possible_psw_role(reading: BandReading, rule: RuleVersion, title: str = "") -> Flag:
    """Apply one version of the rule to a band reading (V2); the same input always gives the same answer.

    The title is only compared with the rule's exclusions: it never raises a flag by itself.
    """
    meant = bands_in_words(rule.bands).replace("Band", "band", 1)
    if not reading.known:
        written = f' ("{_short(reading.text)}")' if reading.text else ""
        why = f"The band could not be read{written}, so a person is asked for it."
        return Flag(PswFlag.UNKNOWN, rule.version, why)
    if reading.source is BandSource.NOT_AGENDA_FOR_CHANGE:
        why = f'The post is paid outside Agenda for Change ("{_short(reading.text)}"), so it has no band.'
        return Flag(PswFlag.NO, rule.version, why)
    said = f"{bands_in_words(reading.bands)}, {_SAID_BY.get(reading.source, 'read')}"
    hits = in_order(set(reading.bands) & set(rule.bands))
    if not hits:
        why = f"{said}: rule {rule.version} asks about {meant} only."
        return Flag(PswFlag.NO, rule.version, why)
    if phrase := next((phrase for phrase in rule.exclusions if _holds_phrase(title, phrase)), None):
        why = f'{said}, but the title holds "{phrase}", which rule {rule.version} leaves out.'
        return Flag(PswFlag.NO, rule.version, why)
    return Flag(PswFlag.YES, rule.version, f"{said}: rule {rule.version} asks about {meant}.")


def status_on(
    stored: VacancyStatus, posted_on: date | None, closes_on: date | None, today: date
) -> VacancyStatus:
    """Return where a vacancy stands today: its dates move it on without anybody touching it.

    A draft is advertised from its posting day; an advert is closed the day after its closing date.
    """
    if stored.is_over:
        return stored
    if closes_on is not None and closes_on < today:
        return VacancyStatus.CLOSED
    if posted_on is not None and posted_on <= today:
        return VacancyStatus.ADVERTISED
    return stored


class WeeklyHoursError(ValueError):
    """Weekly hours that cannot be right; the message can be shown beside the field."""


def check_weekly_hours(hours: Decimal) -> Decimal:
    """Return the hours when they are more than 0 and at most 60 a week, else raise WeeklyHoursError."""
    if not hours.is_finite() or not 0 < hours <= MOST_WEEKLY_HOURS:
        raise WeeklyHoursError(
            f"Weekly hours must be more than 0 and no more than {MOST_WEEKLY_HOURS}, like 37.5 or 15."
        )
    return hours


def read_weekly_hours(text: str) -> Decimal | None:
    """Read weekly hours such as "37.5" or "15 hours a week"; None for empty text (hours not given).

    Raises WeeklyHoursError with a sentence for anything else, for more than two decimals, and out of range.
    """
    words = " ".join(text.split())
    if not words:
        return None
    found = _HOURS_TEXT.fullmatch(words)
    if found is None:
        raise WeeklyHoursError("Enter weekly hours as a number with at most two decimals, like 37.5 or 15.")
    return check_weekly_hours(Decimal(found[1]))


def wte(hours: Decimal) -> Decimal:
    """Whole-time equivalent of weekly hours, to two decimals, halves up (P6). Add hours, not these."""
    return (hours / FULL_TIME_HOURS).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _short(text: str) -> str:
    """Text of at most 80 characters, so that a reason stays a sentence."""
    return text if len(text) <= 80 else f"{text[:79]}…"


def _version_list(rules: Sequence[RuleVersion]) -> str:
    return ", ".join(str(rule.version) for rule in rules)


def _holds_phrase(title: str, phrase: str) -> bool:
    """Whether the phrase stands in the title as whole words, whatever the case and spacing."""
    words = [re.escape(word) for word in phrase.casefold().split()]
    if not words:
        return False
    whole = r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)"
    return re.search(whole, title.casefold()) is not None
