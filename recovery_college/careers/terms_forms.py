"""The form of the Trust's terms around vacancies."""

from typing import Any

from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.terms_rules import LIMITS, Terms
from recovery_college.kernel.forms import IntegerField, YesNoField

LABELS = {
    "days_to_consider": ("Working days a manager has to decide", "Counted from the day a vacancy is flagged"),
    "soon_days": ("The manager is reminded before the last day", "Working days before it"),
    "reminder_after": ("The manager is reminded after the last day", "Working days after it"),
    "deputy_after": ("Then their deputy is told", "Working days after the last day"),
    "psw_lead_after": ("Then the PSW lead", "Working days after the last day"),
    "hr_lead_after": ("Then the HR lead", "Working days after the last day"),
    "sample_share": (
        "Of 100 answers, how many are read again",
        "Of the answers “Not a PSW role” of a quarter",
    ),
    "sample_least": ("How many are read again at least", "Where there are as many"),
    "reply_days": ("Working days a manager has to reply to a finding", ""),
    "start_weeks": (
        "Weeks from the last day to apply to the first day at work",
        "What the earliest start of a graduate is compared with",
    ),
}
"""What each term is called, with a hint."""


def _number(name: str) -> IntegerField:
    label, hint = LABELS[name]
    least, most = LIMITS[name]
    words = f"{hint}, from {least} to {most}" if hint else f"From {least} to {most}"
    return IntegerField(
        label, hint=words, least=least, most=most, required=f"{label} must be from {least} to {most}"
    )


class TermsForm(VersionedForm):
    """Every term, as it is now."""

    days_to_consider = _number("days_to_consider")
    soon_days = _number("soon_days")
    reminder_after = _number("reminder_after")
    deputy_after = _number("deputy_after")
    psw_lead_after = _number("psw_lead_after")
    hr_lead_after = _number("hr_lead_after")
    sample_share = _number("sample_share")
    sample_least = _number("sample_least")
    reply_days = _number("reply_days")
    start_weeks = _number("start_weeks")
    redeployment_first = YesNoField(
        "Is a colleague who needs a new post looked for before a manager decides?",
        required="Choose yes or no",
    )

    def said(self) -> Terms:
        """The terms as typed, once the boxes are valid."""
        given: dict[str, Any] = {name: self[name].data for name in LIMITS}
        return Terms(**given, redeployment_first=bool(self.redeployment_first.data))
