"""The way from "I am interested" to a post, stage by stage (P3). Pure: no database, no clock.

Nothing is skipped, a person who is not progressing is owed a reason, and only the person withdraws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    """Where a candidacy stands. The first eight are in order; the last two are ends."""

    INTERESTED = "interested"
    APPLIED = "applied"
    SHORTLISTED = "shortlisted"
    INTERVIEW = "interview"
    OFFER = "conditional offer"
    CHECKS = "checks"
    START_AGREED = "start agreed"
    IN_POST = "in post"
    WITHDREW = "withdrew"
    NOT_PROGRESSING = "not progressing"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to the candidacy."""
        return self in (Stage.IN_POST, Stage.WITHDREW, Stage.NOT_PROGRESSING)

    @property
    def is_early(self) -> bool:
        """Whether the shortlist is still to come: names may be hidden until then."""
        return self in (Stage.INTERESTED, Stage.APPLIED)

    @property
    def words(self) -> str:
        """The stage as a heading."""
        return self.value.capitalize()


PATH: tuple[Stage, ...] = tuple(Stage)[:8]
"""The stages in their order."""
LIVE: tuple[Stage, ...] = PATH[:-1]
WITH_OFFER: tuple[Stage, ...] = (Stage.OFFER, Stage.CHECKS, Stage.START_AGREED)


class EndReason(StrEnum):
    """Why somebody is not progressing, in words they may be shown."""

    OTHER_CHOSEN = "another person was chosen"
    CRITERIA = "the essential criteria are not met yet"
    HOURS = "the hours or days do not fit"
    NO_REPLY = "we could not reach them"
    NO_POST = "the post is no longer there"
    CHECKS = "the checks could not be cleared"
    OTHER = "another reason"


LONGEST_REASON = 500
LEAST_MINUTES, MOST_MINUTES = 5, 480
"""How long an interview may take."""
MOST_PLACES = 20
"""How many people one vacancy may take."""
HIRE_THEN_TRAIN_MONTHS = 6
"""Who is appointed before graduating is due to be trained within six months (P5)."""

# Days after which somebody has waited too long in a stage: a question to the manager, never a decision.
PATIENCE: dict[Stage, int] = {
    Stage.INTERESTED: 7,
    Stage.APPLIED: 10,
    Stage.SHORTLISTED: 10,
    Stage.INTERVIEW: 14,
    Stage.OFFER: 10,
    Stage.CHECKS: 28,
    Stage.START_AGREED: 42,
}


def next_stage(stage: Stage) -> Stage | None:
    """The one stage that follows, or None at an end."""
    if stage.is_over:
        return None
    return PATH[PATH.index(stage) + 1]


def stage_before(stage: Stage) -> Stage | None:
    """The one stage before, for putting a slip right; None where there is no way back."""
    if stage.is_over or stage is Stage.INTERESTED:
        return None
    return PATH[PATH.index(stage) - 1]


def moves_from(stage: Stage) -> tuple[Stage, ...]:
    """Where a manager may move a card: on by one, back by one, or not progressing. Never further (P3)."""
    if stage.is_over:
        return ()
    found = [one for one in (next_stage(stage), stage_before(stage)) if one is not None]
    return (*found, Stage.NOT_PROGRESSING)


def is_by_button(stage: Stage) -> bool:
    """Whether going on to this stage needs nothing more said; offers and start dates have pages of their own."""
    return stage in (Stage.APPLIED, Stage.SHORTLISTED, Stage.INTERVIEW, Stage.CHECKS)


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody wants to do with a card."""

    to: Stage
    reason: EndReason | None = None
    text: str = ""
    meets_criteria: bool | None = None


def check_move(stage: Stage, move: Move, *, asked_for_interview: bool = False) -> dict[str, str]:
    """What is wrong with a move, by box; nothing when it may be made (P3).

    `asked_for_interview`: they opted in to "offer an interview" (Disability Confident). Before the interview, such
    a person who meets the essential criteria is offered one. No proof is asked.
    """
    if move.to not in moves_from(stage):
        return {"to": f"From “{stage.words}” this is not the next step. Nothing is skipped"}
    errors: dict[str, str] = {}
    text = move.text.strip()
    if len(text) > LONGEST_REASON:
        errors["text"] = f"Use {LONGEST_REASON} characters or fewer"
    if move.to is Stage.NOT_PROGRESSING:
        if move.reason is None:
            errors["reason"] = "Choose why they are not progressing"
        elif move.reason is EndReason.OTHER and not text:
            errors["text"] = "Write the reason in a sentence"
        if asked_for_interview and stage in PATH[:3]:
            if move.meets_criteria is None:
                errors["meets_criteria"] = "Say whether they meet the essential criteria"
            elif move.meets_criteria and move.reason is not EndReason.NO_POST:
                errors["to"] = (
                    "They asked to be offered an interview and meet the essential criteria, so they are "
                    "offered one"
                )
    elif move.to is stage_before(stage) and not text:
        errors["text"] = "Write why it goes back"
    elif move.to in (Stage.OFFER, Stage.START_AGREED, Stage.IN_POST):
        errors["to"] = "This step has a page of its own, because more is needed"
    return errors


def days_waited(since: date, today: date) -> int:
    """Whole days in a stage."""
    return max((today - since).days, 0)


def has_waited_too_long(stage: Stage, since: date, today: date, next_step_on: date | None) -> bool:
    """Whether somebody waits longer than they should: the stage's days are over, or a promised day has passed."""
    if stage not in PATIENCE:
        return False
    if next_step_on is not None:
        return next_step_on < today
    return days_waited(since, today) > PATIENCE[stage]


def is_anonymous(stage: Stage, until_shortlist: bool) -> bool:
    """Whether the manager sees "Candidate 4" and no name: before the shortlist, and of who did not go on."""
    return until_shortlist and (stage.is_early or stage is Stage.NOT_PROGRESSING)


def name_shown(name: str | None, number: int, stage: Stage, until_shortlist: bool) -> str:
    """The name, or "Candidate 4" where it is hidden or not consented to."""
    if name is None or is_anonymous(stage, until_shortlist):
        return f"Candidate {number}"
    return name


class OutcomeMessage(StrEnum):
    """Kind messages, one an outcome; each is shown before it is sent."""

    RECEIVED = "received"
    SHORTLISTED = "shortlisted"
    INTERVIEW = "interview"
    OFFER = "offer"
    START = "start"
    NOT_PROGRESSING = "not progressing"


MESSAGE_AT: dict[Stage, OutcomeMessage] = {
    Stage.APPLIED: OutcomeMessage.RECEIVED,
    Stage.SHORTLISTED: OutcomeMessage.SHORTLISTED,
    Stage.INTERVIEW: OutcomeMessage.INTERVIEW,
    Stage.OFFER: OutcomeMessage.OFFER,
    Stage.CHECKS: OutcomeMessage.OFFER,
    Stage.START_AGREED: OutcomeMessage.START,
    Stage.NOT_PROGRESSING: OutcomeMessage.NOT_PROGRESSING,
}

_BODIES: dict[OutcomeMessage, Sequence[str]] = {
    OutcomeMessage.RECEIVED: (
        "Thank you for your interest in this post. Your application has arrived and we will read it with care.",
        "You need do nothing for now. You can see where you stand, and change your mind, at any time.",
    ),
    OutcomeMessage.SHORTLISTED: (
        "Good news: you are on the shortlist for this post.",
        "We will write again about the next step. If anything would help you take part, you can tell us on "
        "your page.",
    ),
    OutcomeMessage.INTERVIEW: (
        "We would like to meet you for an interview{when}.",
        "If anything would help you on the day, tell us on your page. You need not say why.",
    ),
    OutcomeMessage.OFFER: (
        "We would like to offer you this post. It is a conditional offer: some checks come first.",
        "Human resources will tell you what is needed. Please do not give notice elsewhere before your start "
        "date is agreed.",
    ),
    OutcomeMessage.START: (
        "Your start date is agreed{when}. We look forward to working with you.",
        "Your team will be ready for you. If a question comes up before then, just ask.",
    ),
    OutcomeMessage.NOT_PROGRESSING: (
        "Thank you for your time and for what you shared with us. This time we are not going further together.",
        "It says nothing about your worth or about other posts. We are glad to tell you more if you ask, and "
        "the college can help you with the next one.",
    ),
}


def message_text(
    kind: OutcomeMessage, given_name: str, title: str, when: str, address: str, sender: str
) -> str:
    """The words to look at, change and send. `when` is a day in words or nothing; `address` is the person's page."""
    body = "\n\n".join(_BODIES[kind]).replace("{when}", f" on {when}" if when else "")
    hello = f"Dear {given_name}," if given_name else "Hello,"
    return f"{hello}\n\nThis is about the post “{title}”.\n\n{body}\n\nYour page: {address}\n\n{sender}\n"
