"""Writing the record, always inside the transaction of the change it tells of."""

import hashlib
import hmac
import secrets
from collections.abc import Generator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, true, update
from sqlalchemy.orm import Session

from recovery_college.audit.models import AuditEvent, AuditHead, AuditKey
from recovery_college.audit.rules import (
    FIRST_HASH,
    ChainReport,
    Detail,
    Doer,
    Event,
    canonical_details,
    check_chain,
    event_hash,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import Rehearsal, add_rows, aside


def event_of(actor: Doer, action: str, subject_kind: str, subject_id: object, **details: Detail) -> Event:
    """An event by `actor` about one subject. Details are ids, counts and words of lists: never free text."""
    return Event(actor.audit_id, actor.role.value, action, subject_kind, str(subject_id), details)


def record(
    s: Session, actor: Doer, action: str, subject_kind: str, subject_id: object, **details: Detail
) -> None:
    """Append one event to the chain, in the caller's transaction `s`. If this fails, so does the change."""
    record_many(s, [event_of(actor, action, subject_kind, subject_id, **details)])


def record_many(s: Session, events: Sequence[Event]) -> None:
    """Append events to the chain in order, in the caller's transaction `s`. Call it last: it queues writers.

    What is only rehearsed has not happened, so there is nothing to append.
    """
    if not events or isinstance(s, Rehearsal):
        return
    s.flush()
    seq, previous = s.execute(_HEAD).one()
    at = clock.now()
    rows: list[dict[str, Any]] = []
    for event in events:
        seq += 1
        details = canonical_details(event.details)
        own = event_hash(
            previous,
            seq,
            at,
            event.actor,
            event.role,
            event.action,
            event.subject_kind,
            event.subject_id,
            details,
        )
        rows.append(
            {
                "seq": seq,
                "at": at,
                "actor": event.actor,
                "role": event.role,
                "action": event.action,
                "subject_kind": event.subject_kind,
                "subject_id": event.subject_id,
                "details": details,
                "previous_hash": previous,
                "hash": own,
            }
        )
        previous = own
    add_rows(s, AuditEvent, rows)
    s.execute(_MOVE_HEAD, {"to_seq": seq, "to_hash": previous})


_head = cast(Table, AuditHead.__table__)
# Made once: every change of the record asks them while others wait to write.
_HEAD = select(_head.c.seq, _head.c.hash).where(_head.c.id == 1).with_for_update()
_MOVE_HEAD = update(_head).where(_head.c.id == 1).values(seq=bindparam("to_seq"), hash=bindparam("to_hash"))


def record_view(actor: Doer, subject_kind: str, subject_id: object, **details: Detail) -> None:
    """Record that `actor` looked at something sensitive, in a short transaction beside the GET."""
    with aside() as s:
        record(s, actor, "viewed", subject_kind, subject_id, **details)


def keyed_digest(s: Session, subject_id: object, text: str) -> str:
    """A digest of `text` under the subject's own key: proves equality later, tells nothing, can be erased."""
    row = s.get(AuditKey, str(subject_id))
    if row is None:
        row = AuditKey(subject_id=str(subject_id), key=secrets.token_bytes(32))
        s.add(row)
        s.flush()
    return hmac.new(row.key, text.encode(), hashlib.sha256).hexdigest()


def verify_chain(s: Session, anchors: Mapping[int, str] | None = None) -> ChainReport:
    """Check the stored chain from the first event to its head, in constant memory, also while people write."""
    links = _links(s)
    try:
        first = next(links, None)
        if first is None:
            return ChainReport(0, FIRST_HASH, "The head of the trail is missing.")
        events = () if first.seq is None else chain((first,), links)
        return check_chain(events, first.head_seq, first.head_hash, anchors)
    finally:
        links.close()


def _links(s: Session) -> Generator[Any, None, None]:
    """Each event, with the head beside it; the head alone where there is none.

    One statement: PostgreSQL shows each what is committed when it begins, and an event that came between the head
    and the events would look like tampering.
    """
    events = cast(Table, AuditEvent.__table__)
    statement = (
        select(_head.c.seq.label("head_seq"), _head.c.hash.label("head_hash"), *events.columns)
        .select_from(_head.outerjoin(events, true()))
        .where(_head.c.id == 1)
        .order_by(events.c.seq)
    )
    with s.execute(statement.execution_options(yield_per=2000)) as found:
        yield from found
