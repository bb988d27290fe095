"""The consideration of a possible PSW role by its recruiting manager (domain V3): states, deadlines, checks.

Pure: today is an argument. Nothing here decides for a manager or takes an advert down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from recovery_college.careers.bands import Band
from recovery_college.careers.rules import PswFlag, Setting, VacancyStatus
from recovery_college.kernel.html_text import text_of_html
from recovery_college.kernel.working_days import BankHolidays, add_working_days, working_days_between

LONGEST_EXTENSION_DAYS = 60
"""Calendar days from today that HR may give at most: an answer may wait, but not for ever."""
DAYS_TO_CONSIDER = 5
"""Working days from the flag to the deadline unless the setting says otherwise."""
LONGEST_OTHER_TEXT = 500
OTHER_REASON = "other"


class ConsiderationAnswer(StrEnum):
    """What the recruiting manager decides."""

    PSW_POST = "psw post"
    OPEN_TO_BOTH = "open to both"
    NOT_A_PSW_ROLE = "not a psw role"


class Redeployment(StrEnum):
    """What came of asking whether a colleague who needs a new post comes first, where the Trust asks that."""

    NOBODY = "nobody"
    KEPT = "kept"
    NOT_YET = "not yet"


class ConsiderationState(StrEnum):
    """Where a vacancy stands, in exactly the words of the vacancies export."""

    NOT_NEEDED = "not needed"
    BAND_NEEDED = "band needed"
    BEFORE_THE_RULE = "before the rule"
    DUE = "due"
    OVERDUE = "overdue"
    RETURNED = "returned"
    PSW_POST = "psw post"
    OPEN_TO_BOTH = "open to both"
    NOT_A_PSW_ROLE = "not a psw role"
    CLOSED_UNDECIDED = "closed undecided"

    @property
    def is_decided(self) -> bool:
        """Whether a live answer stands."""
        return self in _DECIDED

    @property
    def waits_for_manager(self) -> bool:
        """Whether the recruiting manager is asked for something now."""
        return self in (ConsiderationState.DUE, ConsiderationState.OVERDUE, ConsiderationState.RETURNED)


_DECIDED = frozenset(ConsiderationState(answer.value) for answer in ConsiderationAnswer)


@dataclass(frozen=True)
class Reason:
    """One reason why a vacancy is not a PSW role. Retired reasons stay readable but cannot be chosen."""

    code: str
    words: str
    retired_on: date | None = None

    def is_offered_on(self, day: date) -> bool:
        """Whether the reason can be chosen that day; the day of retiring is the first without it."""
        return self.retired_on is None or day < self.retired_on


REASONS: tuple[Reason, ...] = (
    Reason("registration", "The post needs a professional registration or licence"),
    Reason("no-contact", "The post has no direct contact with people who use the service"),
    Reason(
        "qualification", "The post needs a set qualification or skill that the PSW training does not cover"
    ),
    Reason("psw-in-team", "The team has a PSW post already and needs this role beside it"),
    Reason("promised", "The post is kept for a colleague who is redeployed or returns from leave"),
    Reason("team-not-ready", "The team is not ready to support a PSW yet; preparation is being arranged"),
    Reason("funding", "The money for this post is tied to another role"),
    Reason(OTHER_REASON, "Another reason"),
)
"""The starter list; the college keeps the live one as data."""


@dataclass(frozen=True)
class VacancySnapshot:
    """The parts of a vacancy that a consideration rests on, as they stood at one moment."""

    title: str
    description: str
    bands: tuple[Band, ...]
    weekly_hours: Decimal | None
    team: str
    setting: Setting | None


def consideration_due_on(flagged_on: date, holidays: BankHolidays, days: int = DAYS_TO_CONSIDER) -> date:
    """Return the last day for the manager's answer: `days` English working days after the flag (V3).

    The day of the flag does not count. Raises BankHolidaysNotKnown beyond the table of bank holidays.
    """
    return add_working_days(flagged_on, days, holidays)


def working_days_left(today: date, due_on: date, holidays: BankHolidays) -> int:
    """Return working days left: 0 on the last day, negative once it is past (at least -1, on a weekend too).

    Raises BankHolidaysNotKnown beyond the table of bank holidays.
    """
    if today <= due_on:
        return working_days_between(today, due_on, holidays)
    return -max(1, working_days_between(due_on, today, holidays))


def posted_before_rule(posted_on: date | None, go_live_on: date | None) -> bool:
    """Whether the vacancy is older than the rule here: posted before the go-live day.

    Without a go-live day every vacancy counts, and one that is not posted yet is never older than the rule.
    """
    return go_live_on is not None and posted_on is not None and posted_on < go_live_on


def consideration_state(
    *,
    flag: PswFlag,
    status: VacancyStatus,
    posted_on: date | None,
    go_live_on: date | None,
    due_on: date | None,
    answer: ConsiderationAnswer | None,
    returned: bool,
    today: date,
) -> ConsiderationState:
    """Say where a vacancy stands (V3, in the words of the vacancies export).

    `answer` is the latest live one: None when there is none or a material change superseded it. `returned`
    means that HR gave that answer back to the manager, so it no longer stands. A vacancy without a due date
    (bank holidays not known) waits as due rather than silently passing. The last day itself is not overdue.
    """
    if flag is PswFlag.NO:
        return ConsiderationState.NOT_NEEDED
    if flag is PswFlag.UNKNOWN:
        return ConsiderationState.BAND_NEEDED
    if answer is not None and not returned:
        return ConsiderationState(answer.value)
    if posted_before_rule(posted_on, go_live_on):
        return ConsiderationState.BEFORE_THE_RULE
    if status.is_over:
        return ConsiderationState.CLOSED_UNDECIDED
    if returned:
        return ConsiderationState.RETURNED
    if due_on is not None and today > due_on:
        return ConsiderationState.OVERDUE
    return ConsiderationState.DUE


def advertised_before_considered(
    *,
    flag: PswFlag,
    advertised_on: date | None,
    first_considered_on: date | None,
    go_live_on: date | None,
    arrived_advertised: bool = False,
) -> bool:
    """Whether a possible PSW role was advertised before anyone considered it: the real breach measure (V3).

    `advertised_on` is None while it never was; `first_considered_on` is the first answer ever given, since a
    later change does not un-advertise. On the same day the answer counts as first, unless the vacancy
    arrived already advertised. Vacancies from before the rule are never counted.
    """
    if flag is not PswFlag.YES or advertised_on is None or posted_before_rule(advertised_on, go_live_on):
        return False
    if first_considered_on is None:
        return True
    if first_considered_on == advertised_on:
        return arrived_advertised
    return first_considered_on > advertised_on


def check_consideration(
    answer: ConsiderationAnswer | str | None,
    reason_code: str | None,
    other_text: str | None,
    *,
    on: date,
    reasons: Sequence[Reason] = REASONS,
) -> dict[str, str]:
    """Check a manager's answer; return a sentence per field (`answer`, `reason`, `other_text`), {} if right.

    Only "not a PSW role" needs a reason, and only "other" needs text. A reason left beside another answer
    is no error (a radio button cannot be cleared without JavaScript): the caller does not store it.
    """
    try:
        chosen = ConsiderationAnswer(answer) if answer else None
    except ValueError:
        chosen = None
    if chosen is None:
        return {"answer": "Choose what you decided: PSW post, open to both, or not a PSW role."}
    if chosen is not ConsiderationAnswer.NOT_A_PSW_ROLE:
        return {}
    reason = next((each for each in reasons if each.code == reason_code), None)
    if reason is None:
        return {"reason": "Choose the reason why this is not a PSW role."}
    if not reason.is_offered_on(on):
        return {"reason": f'The reason "{reason.words}" is no longer offered. Choose another one.'}
    text = (other_text or "").strip()
    if reason.code == OTHER_REASON and not text:
        return {"other_text": "Write the reason in a sentence or two."}
    if len(text) > LONGEST_OTHER_TEXT:
        return {
            "other_text": f"Shorten the text to {LONGEST_OTHER_TEXT} characters or fewer. It has {len(text)}."
        }
    return {}


def check_redeployment(
    said: Redeployment | str | None, answer: ConsiderationAnswer | str | None
) -> dict[str, str]:
    """Check what was said of redeployment, where the Trust asks it first; {} if an answer may follow it."""
    try:
        chosen = Redeployment(said) if said else None
    except ValueError:
        chosen = None
    if chosen is None:
        return {"redeployment": "Choose what came of asking about redeployment."}
    if chosen is Redeployment.NOT_YET:
        return {
            "redeployment": "Ask human resources about redeployment first. You can save a draft until then."
        }
    if chosen is Redeployment.KEPT and answer and answer != ConsiderationAnswer.NOT_A_PSW_ROLE:
        return {
            "answer": "A post that is kept for a colleague cannot be a PSW post. Choose “Not a PSW role”."
        }
    return {}


def check_extension(to_on: date | None, due_on: date, today: date) -> str:
    """Say what is wrong with a new last day for an answer; "" if nothing is."""
    if to_on is None:
        return "Enter the new last day, like 4 12 2026."
    if to_on <= max(due_on, today):
        later = "the day it is due now" if due_on >= today else "today"
        return f"The new last day must be after {later}."
    if (to_on - today).days > LONGEST_EXTENSION_DAYS:
        return f"The new last day must be within {LONGEST_EXTENSION_DAYS} days from today."
    return ""


def material_changes(before: VacancySnapshot, after: VacancySnapshot) -> tuple[str, ...]:
    """Name what changed among band, hours, team and setting, in that order; empty when nothing did (V3)."""
    pairs = (
        ("band", before.bands, after.bands),
        ("hours", before.weekly_hours, after.weekly_hours),
        ("team", _same_words(before.team), _same_words(after.team)),
        ("setting", before.setting, after.setting),
    )
    return tuple(name for name, old, new in pairs if old != new)


def is_material_change(before: VacancySnapshot, after: VacancySnapshot) -> bool:
    """Whether the change supersedes the decision and asks again (V3)."""
    return bool(material_changes(before, after))


def asks_still_right(before: VacancySnapshot, after: VacancySnapshot) -> bool:
    """Whether only title or description changed: the decision stands, and "still right?" is asked."""
    if is_material_change(before, after):
        return False
    old, new = (before.title, before.description), (after.title, after.description)
    return tuple(map(_same_words, old)) != tuple(map(_same_words, new))


def _same_words(text: str) -> str:
    """Text without differences of spacing, case and markup, which are no change to people."""
    return " ".join(text_of_html(text).split()).casefold()
