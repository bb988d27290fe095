"""Candidacies in words: facts, tags, timelines."""

from collections.abc import Sequence
from typing import Any

from recovery_college.careers.candidacy_models import EventKind, Interview, VacancyHiring
from recovery_college.careers.candidacy_own_queries import OwnCandidacy
from recovery_college.careers.candidacy_queries import CandidacyView, Happening
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.pipeline_queries import Card
from recovery_college.kernel.clock import LONDON
from recovery_college.kernel.wording import day, moment

OWN_WORDS: dict[str, str] = {
    Stage.INTERESTED.value: "You said yes to this vacancy",
    Stage.APPLIED.value: "Your application is with the team",
    Stage.SHORTLISTED.value: "You are on the shortlist",
    Stage.INTERVIEW.value: "You are invited to an interview",
    Stage.OFFER.value: "You have a conditional offer",
    Stage.CHECKS.value: "Checks are under way",
    Stage.START_AGREED.value: "Your start date is agreed",
    Stage.IN_POST.value: "You started",
    Stage.WITHDREW.value: "You withdrew",
    Stage.NOT_PROGRESSING.value: "It is not going further this time",
}


def days_words(days: int) -> str:
    """How long in a stage."""
    return "Since today" if days == 0 else f"{days} day{'' if days == 1 else 's'} here"


def stage_colour(stage: Stage) -> str:
    """The tag's colour; the words always stand beside it."""
    if stage is Stage.IN_POST:
        return "green"
    return "grey" if stage.is_over else "blue"


def next_words(card: Card | CandidacyView | OwnCandidacy) -> str:
    """What comes next, with its day."""
    if not card.next_step or card.next_step_on is None:
        return ""
    return f"{card.next_step}, by {day(card.next_step_on)}"


def facts_of(view: CandidacyView) -> list[dict[str, Any]]:
    """The summary of a candidacy."""
    facts: list[dict[str, Any]] = [
        {"key": "Post", "value": f"{view.title} ({view.reference})"},
        {"key": "Stage", "value": f"{view.stage.words}, {days_words(view.days).lower()}"},
    ]
    if view.next_step:
        facts.append({"key": "What comes next", "value": next_words(view)})
    if view.wants_interview and not view.stage.is_over:
        facts.append(
            {"key": "Interview", "value": "Asks to be offered one if the essential criteria are met"}
        )
    meeting = view.interview
    if meeting is not None:
        facts.append({"key": "Interview on", "value": meeting_words(meeting)})
    if view.start_on is not None:
        facts.append({"key": "Start", "value": day(view.start_on)})
    if view.end_reason is not None:
        told = view.end_reason.value.capitalize() + (f": {view.end_text}" if view.end_text else "")
        facts.append({"key": "Not progressing because", "value": told})
    return facts


def meeting_words(meeting: Interview) -> str:
    """When and where, or that it is off."""
    when = f"{moment(meeting.starts_at)}, {meeting.minutes} minutes, {meeting.place}"
    return f"Called off ({when})" if meeting.cancelled_at else when


_HAPPENED = {
    EventKind.NEXT_STEP.value: "Next step",
    EventKind.INTERVIEW.value: "Interview",
    EventKind.MESSAGE.value: "Message sent",
    EventKind.OFFER.value: "Offer",
    EventKind.CHECK.value: "Check",
    EventKind.START.value: "Start",
}


def timeline_of(found: Sequence[Happening]) -> list[dict[str, str]]:
    """Who did what when, with what was before and what is now."""
    entries = []
    for one in found:
        if one.kind == EventKind.OPENED:
            what = "Said yes to this vacancy"
        elif one.kind == EventKind.MOVED:
            what = f"From “{one.old}” to “{one.new}”"
        elif one.old and one.new:
            what = f"{_HAPPENED[one.kind]}: {one.new} (before: {one.old})"
        else:
            what = f"{_HAPPENED[one.kind]}: {one.new or 'taken away'}"
        entries.append(
            {
                "when": f"{moment(one.at)}{f', {one.by}' if one.by else ''}",
                "what": what,
                "more": one.words[:1].upper() + one.words[1:],
            }
        )
    return entries


def own_timeline(one: OwnCandidacy) -> list[dict[str, Any]]:
    """The candidate's own timeline, with the next step first."""
    entries: list[dict[str, Any]] = [
        {"when": moment(at), "what": OWN_WORDS.get(stage, stage)} for at, stage in one.happenings
    ]
    if one.next_step and one.next_step_on and not one.stage.is_over:
        said = {"what": "The next step, as the team wrote it", "more": one.next_step}
        entries.insert(0, {"when": f"By {day(one.next_step_on)}", **said, "next": True})
    return entries


def meeting_typed(meeting: Interview | None) -> dict[str, Any]:
    """What the form starts with."""
    if meeting is None:
        return {"minutes": 45}
    local = meeting.starts_at.astimezone(LONDON)
    return {
        "on": local.date(),
        "at": f"{local:%H:%M}",
        "minutes": meeting.minutes,
        "place": meeting.place,
    }


def rows_of(view: CandidacyView) -> list[tuple[str, str]]:
    """How the candidacy stands now, for two who changed it at once."""
    rows = [("Stage", view.stage.words)]
    if view.next_step:
        rows.append(("What comes next", next_words(view)))
    if view.interview is not None:
        rows.append(("Interview on", meeting_words(view.interview)))
    return rows


def hiring_rows(hiring: VacancyHiring | None) -> list[tuple[str, str]]:
    """How a vacancy hires now."""
    if hiring is None:
        return []
    return [
        ("Hide names until the shortlist?", "Yes" if hiring.anonymous else "No"),
        ("Hours a week that are funded", str(hiring.funded_hours or "those of the vacancy")),
        ("How many people it takes", str(hiring.places or "one, or two on a job share")),
    ]
