"""States of this room as words with a colour and a shape."""

from recovery_college.fairness.appeal_rules import AppealState
from recovery_college.fairness.support_rules import SupportState

Tag = tuple[str, str, str]

SUPPORT_FOR_STUDENT: dict[SupportState, Tag] = {
    SupportState.ASKED: ("Asked, we will answer", "blue", "clock"),
    SupportState.TALK_FIRST: ("Let us talk", "blue", "clock"),
    SupportState.AGREED: ("Agreed", "green", "tick"),
    SupportState.WAITS_FOR_AO: ("Agreed, waits for permission", "blue", "clock"),
    SupportState.NOT_THIS_WAY: ("Not this way", "grey", "arrow"),
    SupportState.ENDED: ("Ended", "grey", "pause"),
    SupportState.TAKEN_BACK: ("You took it back", "grey", "pause"),
}
SUPPORT_FOR_STAFF: dict[SupportState, Tag] = {
    **SUPPORT_FOR_STUDENT,
    SupportState.ASKED: ("Waits for an answer", "blue", "clock"),
    SupportState.TALK_FIRST: ("To be talked about", "blue", "clock"),
    SupportState.TAKEN_BACK: ("Taken back", "grey", "pause"),
}
APPEAL_FOR_STUDENT: dict[AppealState, Tag] = {
    AppealState.NOBODY_YET: ("We are finding somebody", "blue", "clock"),
    AppealState.REVIEW: ("Being looked at", "blue", "clock"),
    AppealState.DECISION_OWED: ("Answered, a new decision comes", "blue", "clock"),
    AppealState.AO_TO_TELL: ("Answered", "green", "tick"),
    AppealState.ANSWERED: ("Answered", "green", "tick"),
    AppealState.TAKEN_BACK: ("You took it back", "grey", "pause"),
}
APPEAL_FOR_STAFF: dict[AppealState, Tag] = {
    AppealState.NOBODY_YET: ("Nobody hears it yet", "yellow", "clock"),
    AppealState.REVIEW: ("Being heard", "blue", "clock"),
    AppealState.DECISION_OWED: ("New decision owed", "yellow", "arrow"),
    AppealState.AO_TO_TELL: ("Awarding organisation to tell", "yellow", "flag"),
    AppealState.ANSWERED: ("Answered", "green", "tick"),
    AppealState.TAKEN_BACK: ("Taken back", "grey", "pause"),
}


def days_left_words(left: int) -> str:
    """How long there is: "3 working days left", "due today", "2 working days overdue"."""
    days = f"{abs(left)} working {'day' if abs(left) == 1 else 'days'}"
    if left == 0:
        return "due today"
    return f"{days} left" if left > 0 else f"{days} overdue"
