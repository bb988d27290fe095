"""A version of the band rule that is being written: what is wrong with it, and what it would change (V2).

Pure. A version never changes once it is written, and what was flagged before keeps the version that flagged it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from recovery_college.careers.bands import Band, BandReading, BandSource, in_order
from recovery_college.careers.rules import PswFlag, RuleVersion, is_possible_psw_role

MOST_EXCLUSIONS = 50
LONGEST_EXCLUSION = 80
LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What somebody wants the next version to say."""

    bands: tuple[Band, ...]
    exclusions: tuple[str, ...]
    valid_from: date | None
    why: str

    def as_version(self, number: int) -> RuleVersion:
        """The draft as the version of this number."""
        return RuleVersion(number, self.bands, self.valid_from or date.max, None, self.exclusions)


@dataclass(frozen=True, slots=True)
class Asked:
    """Vacancies that a rule cannot tell apart, and how many. `title` counts only where titles are left out."""

    title: str
    bands: tuple[Band, ...]
    band_source: BandSource
    is_over: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """Vacancies about which two versions differ; `comes_in` is what the newer one says."""

    asked: Asked
    comes_in: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What two versions say of the vacancies here, counted apart for open ones and those that are over."""

    open_before: int
    open_after: int
    over_before: int
    over_after: int
    unknown: int
    changes: tuple[Change, ...]


def read_exclusions(text: str) -> tuple[str, ...]:
    """The phrases of a text box, one a line, each once in any case."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple({line.casefold(): line for line in lines if line}.values())


def faults_of_draft(draft: RuleDraft, latest: RuleVersion, today: date) -> dict[str, str]:
    """What is wrong with a draft, by box; nothing when it may be written after the latest version."""
    faults: dict[str, str] = {}
    if not draft.bands:
        faults["bands"] = "Choose the bands the rule asks about"
    if len(draft.exclusions) > MOST_EXCLUSIONS:
        faults["exclusions"] = f"Write {MOST_EXCLUSIONS} phrases or fewer, each on a line of its own"
    elif any(len(phrase) > LONGEST_EXCLUSION for phrase in draft.exclusions):
        faults["exclusions"] = f"Write each phrase in {LONGEST_EXCLUSION} characters or fewer"
    if draft.valid_from is None:
        faults["valid_from"] = "Enter the first day of the new version"
    elif draft.valid_from <= today:
        faults["valid_from"] = "The first day must be after today, so that no answer given today changes"
    elif draft.valid_from <= latest.valid_from:
        day = f"{latest.valid_from.day} {latest.valid_from:%B %Y}"
        faults["valid_from"] = f"Version {latest.version} begins on {day}. Choose a later day, or withdraw it"
    if not draft.why:
        faults["why"] = "Write why the rule changes"
    elif len(draft.why) > LONGEST_WHY:
        faults["why"] = f"Write why in {LONGEST_WHY} characters or fewer"
    same = set(draft.bands) == set(latest.bands) and _folded(draft.exclusions) == _folded(latest.exclusions)
    if not faults and same:
        faults["bands"] = f"This says the same as version {latest.version}. Change the bands or the titles"
    return faults


def looks_at_titles(*versions: RuleVersion) -> bool:
    """Whether any of these versions leaves titles out."""
    return any(version.exclusions for version in versions)


def preview_of(before: RuleVersion, after: RuleVersion, vacancies: Iterable[Asked]) -> Preview:
    """Ask both versions about each vacancy. Open ones come first among the changes."""
    counts = {(is_over, side): 0 for is_over in (False, True) for side in (0, 1)}
    unknown = 0
    changes: list[Change] = []
    for one in vacancies:
        known = one.band_source is not BandSource.UNREADABLE
        reading = BandReading(in_order(one.bands), known, one.band_source, "")
        was = is_possible_psw_role(reading, before, one.title).answer
        will = is_possible_psw_role(reading, after, one.title).answer
        unknown += one.count if will is PswFlag.UNKNOWN and not one.is_over else 0
        counts[one.is_over, 0] += one.count if was is PswFlag.YES else 0
        counts[one.is_over, 1] += one.count if will is PswFlag.YES else 0
        if was is not will:
            changes.append(Change(one, will is PswFlag.YES))
    changes.sort(
        key=lambda change: (change.asked.is_over, not change.comes_in, change.asked.title.casefold())
    )
    return Preview(
        counts[False, 0], counts[False, 1], counts[True, 0], counts[True, 1], unknown, tuple(changes)
    )


def changes_by_kind(changes: Iterable[Change]) -> Mapping[tuple[bool, bool], int]:
    """How many vacancies change by (is over, comes in)."""
    counted = {(is_over, comes_in): 0 for is_over in (False, True) for comes_in in (False, True)}
    for change in changes:
        counted[change.asked.is_over, change.comes_in] += change.asked.count
    return counted


def _folded(phrases: Iterable[str]) -> set[str]:
    return {" ".join(phrase.split()).casefold() for phrase in phrases}
