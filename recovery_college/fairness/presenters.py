"""States of this room as words with a colour and a shape."""

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
