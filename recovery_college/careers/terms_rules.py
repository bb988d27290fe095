"""What each Trust sets for itself around vacancies: days, shares, and whether redeployment comes first. Pure.

Each is a decision of the product with a default and limits (V3, V4, V5, P2), so none of them stands in code.
"""

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms in force. Days to consider, to remind, to escalate and to reply are working days."""

    days_to_consider: int = 5
    soon_days: int = 2
    reminder_after: int = 1
    deputy_after: int = 2
    psw_lead_after: int = 4
    hr_lead_after: int = 6
    sample_share: int = 10
    sample_least: int = 5
    reply_days: int = 10
    start_weeks: int = 12
    redeployment_first: bool = False


DEFAULT = Terms()
"""What holds until a Trust says otherwise."""

LIMITS: dict[str, tuple[int, int]] = {
    "days_to_consider": (1, 20),
    "soon_days": (1, 5),
    "reminder_after": (1, 10),
    "deputy_after": (2, 20),
    "psw_lead_after": (3, 30),
    "hr_lead_after": (4, 40),
    "sample_share": (1, 100),
    "sample_least": (1, 50),
    "reply_days": (1, 40),
    "start_weeks": (1, 52),
}
"""The least and the most each may be. The table of the database holds the same."""

STEPS = ("reminder_after", "deputy_after", "psw_lead_after", "hr_lead_after")
"""The days after the last day, in the order in which people are told."""


def check_terms(terms: Terms) -> dict[str, str]:
    """What is wrong, by name; {} if they may be saved. Who is told later is told on a later day (V4)."""
    errors = {
        name: f"Enter a whole number from {least} to {most}"
        for name, (least, most) in LIMITS.items()
        if not least <= getattr(terms, name) <= most
    }
    for earlier, later in pairwise(STEPS):
        if later not in errors and getattr(terms, later) <= getattr(terms, earlier):
            errors[later] = "Enter a later day than for the step before it"
    return errors
