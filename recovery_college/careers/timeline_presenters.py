"""What happened to a vacancy and what comes next, as the entries of its timeline."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from recovery_college.careers.deputy_queries import Told
from recovery_college.careers.escalation_rules import Reached, Step
from recovery_college.careers.models import Vacancy
from recovery_college.careers.presenters import ANSWERS, POSSIBLE
from recovery_college.careers.queries import GivenTime, PastAnswer
from recovery_college.careers.rules import PswFlag, VacancySource, VacancyStatus
from recovery_college.careers.vacancy_list import VacancyRow
from recovery_college.kernel.wording import day, moment

CAME_IN = {
    VacancySource.HAND: "Entered by hand",
    VacancySource.TABLE: "Came in with a file",
    VacancySource.NHS_JOBS: "Came in from NHS Jobs",
}
_STEPS = {
    Step.SOON: "A reminder",
    Step.REMINDER: "A reminder after the last day",
    Step.DEPUTY: "The deputy is asked",
    Step.PSW_LEAD: "The PSW lead is told",
    Step.HR_LEAD: "The HR lead is told",
}


def told_words(one: Told) -> str:
    """A step in words: who was told, or why nobody was."""
    if one.reached is Reached.NOBODY:
        return f"{_STEPS[one.step]}: there is nobody to tell"
    no_address = " (no address to write to)" if one.reached is Reached.NO_ADDRESS else ""
    return f"{_STEPS[one.step]}: {one.name}{no_address}"


Entry = tuple[str, dict[str, Any]]
"""What a timeline is sorted by, and what it shows."""


def timeline_of(
    row: VacancyRow,
    past: list[PastAnswer],
    today: date,
    extensions: Sequence[GivenTime] = (),
    told: Sequence[Told] = (),
) -> list[dict[str, Any]]:
    """What happened to a vacancy, newest first, and what comes next."""
    vacancy = row.vacancy
    entries: list[Entry] = [
        (
            one.at.isoformat(),
            {
                "when": moment(one.at),
                "what": f"{one.by} gave more time: until {day(one.to_on)}",
                "more": one.why,
            },
        )
        for one in extensions
    ]
    entries += [(one.at.isoformat(), {"when": moment(one.at), "what": told_words(one)}) for one in told]
    for one in past:
        entries += _answer_entries(one)
    entries += _vacancy_entries(vacancy, today)
    happened = [entry for _, entry in sorted(entries, key=lambda one: one[0], reverse=True)]
    to_come = _next_entry(row)
    return [to_come, *happened] if to_come else happened


def _answer_entries(one: PastAnswer) -> list[Entry]:
    """An answer, its being given back, and what took its place."""
    entries: list[Entry] = [
        (
            one.decided_at.isoformat(),
            {
                "when": moment(one.decided_at),
                "what": f"{one.decided_by} decided: {ANSWERS[one.answer]}",
                "more": one.reason,
            },
        )
    ]
    if one.returned_at is not None:
        said = {"when": moment(one.returned_at), "what": "HR returned the answer", "more": one.returned_why}
        entries.append((one.returned_at.isoformat(), said))
    if one.superseded_at is not None:
        why = {
            "when": moment(one.superseded_at),
            "what": f"{one.superseded_why}: that answer no longer counts",
        }
        entries.append((one.superseded_at.isoformat(), why))
    return entries


def _vacancy_entries(vacancy: Vacancy, today: date) -> list[Entry]:
    """What the vacancy itself tells: when it came in, was flagged and advertised, and left its source."""
    entries: list[Entry] = []
    if vacancy.flagged_on is not None and vacancy.flag is PswFlag.YES:
        entries.append(
            (f"{vacancy.flagged_on.isoformat()}T~", {"when": day(vacancy.flagged_on), "what": POSSIBLE})
        )
    if vacancy.posted_on is not None:
        word = "Advertised" if vacancy.posted_on <= today else "Will be advertised"
        entries.append((vacancy.posted_on.isoformat(), {"when": day(vacancy.posted_on), "what": word}))
    if vacancy.left_feed_on is not None:
        left = {"when": day(vacancy.left_feed_on), "what": "It left NHS Jobs, so it is closed"}
        entries.append((f"{vacancy.left_feed_on.isoformat()}T~", left))
    came = {"when": moment(vacancy.created_at), "what": CAME_IN[vacancy.source]}
    entries.append((vacancy.created_at.isoformat(), came))
    return entries


def _next_entry(row: VacancyRow) -> dict[str, Any] | None:
    """What comes next: the answer that is due, else the last day of the advert."""
    vacancy = row.vacancy
    if row.state is not None and row.state.waits_for_manager and vacancy.consideration_due_on is not None:
        what = "The recruiting manager decides whether a peer support worker could do this job"
        if vacancy.manager_id is None:
            what = "An answer is due, and nobody is asked yet"
        return {"when": day(vacancy.consideration_due_on), "what": what, "next": True}
    if row.status is VacancyStatus.ADVERTISED and vacancy.closes_on is not None:
        return {"when": day(vacancy.closes_on), "what": "The advert closes", "next": True}
    return None
