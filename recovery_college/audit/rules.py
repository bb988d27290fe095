"""How an event is hashed into the chain. Pure, so that an outside checker can be written from this page."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

FIRST_HASH = "0" * 64
Detail = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, before it has a place in the chain. `details` holds ids, counts and words of lists only."""

    actor: str
    role: str
    action: str
    subject_kind: str
    subject_id: str
    details: Mapping[str, Detail]


class Doer(Protocol):
    """Who does something: known here only by an opaque id and the word of the role worn."""

    @property
    def audit_id(self) -> str:
        """What the trail knows the doer by: an id that tells nothing, so that it may outlast the person’s record."""

    @property
    def role(self) -> StrEnum:
        """The role worn."""


class Link(Protocol):
    """A stored event, as the checker needs it."""

    seq: int
    at: datetime
    actor: str
    role: str
    action: str
    subject_kind: str
    subject_id: str
    details: str
    previous_hash: str
    hash: str


def canonical_details(details: Mapping[str, Detail]) -> str:
    """The details as JSON with sorted keys and no spaces, so that equal details hash equally."""
    return json.dumps(dict(details), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def event_hash(
    previous_hash: str,
    seq: int,
    at: datetime,
    actor: str,
    role: str,
    action: str,
    subject_kind: str,
    subject_id: str,
    details: str,
) -> str:
    """SHA-256 in hex over the previous hash and every field, as a JSON list in UTF-8."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [previous_hash, seq, moment, actor, role, action, subject_kind, subject_id, details]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of the chain found. `problem` is None when it is whole."""

    events: int
    head: str
    problem: str | None


def check_chain(
    links: Iterable[Link], head_seq: int, head_hash: str, anchors: Mapping[int, str] | None = None
) -> ChainReport:
    """Walk the chain from its first event. `anchors` are heads noted outside: event number -> hash.

    Tampering is evident, not impossible: who rewrites the whole chain and the head is found out only by
    an anchor kept elsewhere.
    """
    seq, previous = 0, FIRST_HASH
    waiting = dict(anchors or {})
    for link in links:
        seq += 1
        if link.seq != seq:
            return ChainReport(
                seq - 1, previous, f"Event {seq} is missing: the next one found is {link.seq}."
            )
        expected = event_hash(
            previous,
            link.seq,
            link.at,
            link.actor,
            link.role,
            link.action,
            link.subject_kind,
            link.subject_id,
            link.details,
        )
        if link.previous_hash != previous or link.hash != expected:
            return ChainReport(seq - 1, previous, f"Event {seq} was changed after it was written.")
        if seq in waiting and waiting.pop(seq) != expected:
            return ChainReport(seq, expected, f"Event {seq} is not the one the anchor was taken from.")
        previous = expected
    if (seq, previous) != (head_seq, head_hash):
        return ChainReport(
            seq, previous, f"The last {head_seq - seq} events are missing: the head says {head_seq}."
        )
    if waiting:
        return ChainReport(seq, previous, f"The chain ends at {seq}; the anchor names event {min(waiting)}.")
    return ChainReport(seq, previous, None)
