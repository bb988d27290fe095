"""The audit trail in plain words. The words it is kept and filtered by stay as they were written."""

import json
import re
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from recovery_college.kernel.wording import begun

# What a deed is done to, where its word alone would tell little.
KINDS = {
    "account": "an account",
    "action": "an action",
    "appeal": "an appeal",
    "candidate": "what somebody shares for a job",
    "certificate": "a certificate",
    "claim": "a claim",
    "concern": "a concern",
    "conflicts of interest": "conflicts of interest",
    "consents": "the list of consents",
    "criterion": "a criterion",
    "decision": "a criterion",
    "decisions": "decisions about a student’s work",
    "evidence": "evidence",
    "person": "a person",
    "pipeline": "the pipeline",
    "prior learning": "prior learning",
    "prior learning claim": "a claim of prior learning",
    "registrations": "registrations",
    "staff record": "a staff record",
    "student": "a student’s record",
    "support request": "a wish for support",
    "transcript": "a transcript",
    "unit": "a unit",
    "unit work": "a student’s work on a unit",
    "vacancy": "a vacancy",
    "what helps": "what helps a student",
}
# Deeds whose word says what was done, but not to what.
BARE = frozenset(
    {
        "answered", "asked back", "asked leave", "closed", "confirmed", "countersigned", "decided", "ended",
        "exported", "handed in", "introduced", "named", "opened", "paused", "quality assured", "raised",
        "took back", "undid", "viewed", "wrote",
    }
)  # fmt: skip
# Deeds said better than by the word they are kept by.
DEEDS = {
    "viewed": "Looked at",
    "added entry": "Added to a concern",
    "appealed": "Asked for a decision to be looked at again",
    "asked back": "Asked for changes to",
    "asked leave": "Asked whether the external may see",
    "answered leave": "Answered whether the external may see evidence",
    "changed who may see them": "Changed who may see them as a candidate",
    "checked while it runs": "Checked a unit while it is taught",
    "decided": "Decided about",
    "decided together": "Decided about several criteria together",
    "undid together": "Took back decisions made together",
    "goes on with vacancy": "Said that a vacancy goes on",
    "handed in": "Handed in",
    "looks for a post": "Said that they look for a post",
    "made team": "Added a team",
    "made site": "Added a site",
    "made one-time link": "Made a one-time link for signing in",
    "muted reminders": "Turned reminders off",
    "unmuted reminders": "Turned reminders on",
    "opted for interview": "Said yes to an interview that is offered",
    "overrode flag": "Changed whether a vacancy is a possible PSW role",
    "packed": "Made a pack for the external",
    "worked out standings": "Worked out which rule each vacancy falls under",
}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{40,}")


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail of an event: its words, and where it is an id the address of all events about that record."""

    name: str
    words: str
    href: str = ""


def deed_words(action: str, kind: str = "") -> str:
    """What was done, in plain words; with `kind` also to what, where the word for the deed does not say it."""
    said = DEEDS.get(action) or begun(action)
    return f"{said} {KINDS.get(kind, kind)}" if kind and action in BARE else said


def choice_words(action: str) -> str:
    """A deed in the list to choose from: plain words, and the word it is kept by where that is another."""
    said = deed_words(action)
    return said if said.casefold() == action.casefold() else f"{said} ({action})"


def details_of(details: str) -> list[Detail]:
    """The details of an event, one by one. Ids and digests are cut short: the file to take away has them whole."""
    found = json.loads(details)
    return [_detail(begun(name.replace("_", " ")), value) for name, value in found.items()]


def _detail(name: str, value: object) -> Detail:
    if value is None or value == "":
        return Detail(name, "none")
    if isinstance(value, bool):
        return Detail(name, "yes" if value else "no")
    text = str(value)
    if ID.fullmatch(text):
        return Detail(name, f"{text[:8]}…", url_for("privacy.audit_trail", subject=str(UUID(text))))
    return Detail(name, f"{text[:12]}…" if DIGEST.fullmatch(text) else text)
