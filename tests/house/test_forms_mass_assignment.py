"""Every form x every column: what the form does not ask for, it does not take.

Each deed is done twice in the same world, once as the form asks and once with every column of every table sent
along. What is there afterwards must be the same, but for ids and moments.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from flask import request
from sqlalchemy import Boolean, Date, DateTime, Integer, Numeric, Uuid, select
from werkzeug.routing import Rule

from recovery_college.access.rules import Role
from recovery_college.assessment import decision_views, services
from recovery_college.kernel import clock
from recovery_college.kernel.db import Base, transaction
from recovery_college.people.models import Person
from tests.faults.knocking import changed, deeds, everything, rule_of
from tests.house.filled import Filled
from tests.house.test_access_matrix import ask, file_for, plausible
from tests.house.world import World

# Made anew each time, so never the same twice.
FRESH = frozenset(
    {"hash", "previous_hash", "token_hash", "password_hash", "code", "sha256", "storage_key", "pdf"}
)
SKIPPED = frozenset(
    {"audit_event", "audit_head", "audit_key", "wrong_try", "certificate_pdf", "alembic_version"}
)
# Words some list knows, so that they would be taken if anything took them.
WORDS = {
    "role": "sysadmin",
    "status": "graduated",
    "state": "revoked",
    "flag": "no",
    "outcome": "met",
    "verdict": "confirmed",
}

# Ids inside JSON and inside the words of a mail are as fresh as those in columns of their own.
AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# A form with a file has a thousand parts at most (the server's own limit), so it is sent more than once.
MOST_PARTS = 900


def evil(world: World) -> dict[str, str]:
    """A value that would do harm for the name of every column there is."""
    said: dict[str, str] = {}
    other = str(world.theirs.actors[Role.TUTOR].person_id)
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            said[column.name] = value_for(column.type, other)
            said[f"{table.name}.{column.name}"] = said[column.name]
    return {**said, **WORDS, "is_admin": "1", "_user_id": "1", "actor": "admin", "permission": "public"}


def value_for(kind: Any, person_id: str) -> str:
    """Something the column would take."""
    if isinstance(kind, Uuid):
        return person_id
    if isinstance(kind, Boolean):
        return "true"
    if isinstance(kind, Date | DateTime):
        return "2001-02-03"
    if isinstance(kind, Integer | Numeric):
        return "7"
    return "evil words"


Settled = dict[str, list[tuple[Any, ...]]]


class Deeds:
    """What is there after a deed. Only tables a deed changed are read with care: there are a hundred of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._raw = everything(world, SKIPPED)
        self._settled = settled(world, self._raw)

    def after(self) -> Settled:
        """Every row now."""
        return {**self._settled, **settled(self._world, changed(self._raw, everything(self._world, SKIPPED)))}


def settled(world: World, names: Collection[str]) -> Settled:
    """Every row of these tables, with what is fresh each time written as what it is."""
    found: Settled = {}
    with world.session() as s:
        for table in Base.metadata.sorted_tables:
            if table.name not in names:
                continue
            columns = [column.name for column in table.columns]
            rows = [
                tuple(
                    "fresh" if name in FRESH else plain(value)
                    for name, value in zip(columns, row, strict=True)
                )
                for row in s.execute(select(table))
            ]
            found[table.name] = sorted(rows, key=repr)
    return found


def plain(value: Any) -> Any:
    """A value without what differs from one run to the next."""
    if isinstance(value, UUID):
        return "id"
    if isinstance(value, datetime.datetime):
        return "moment"
    return AN_ID.sub("id", repr(value)) if isinstance(value, dict | list | str) else value


def taken(world: World, deed: Deeds, rule: Rule, who: str, data: Filled) -> dict[str, set[tuple[Any, ...]]]:
    """The rows that differ when every column is sent along: by table, on either side."""
    outcomes = []
    # One moment for all of them: mails and calendars write it into their words.
    moment = clock.now()
    more = {
        name: value for name, value in evil(world).items() if name not in data and not asked_for(name, data)
    }
    for extra in ({}, *batches(more, MOST_PARTS if file_for(world, rule) else len(more))):
        world.refresh()
        with clock.held_at(moment):
            _, answer = ask(world, rule, "POST", who, {**data, **extra})
            answer.close()
        outcomes.append((answer.status_code, deed.after()))
    (plain_status, before), *others = outcomes
    differing: dict[str, set[tuple[Any, ...]]] = {}
    for evil_status, after in others:
        for name, rows in after.items():
            if set(rows) != set(before[name]):
                differing.setdefault(name, set()).update(set(rows) ^ set(before[name]))
        if plain_status != evil_status:
            differing.setdefault("status", set()).add((plain_status, evil_status))
    return differing


def batches(more: dict[str, str], most: int) -> list[dict[str, str]]:
    """All of it, so many at a time."""
    items = list(more.items())
    return [dict(items[start : start + most]) for start in range(0, len(items), max(most, 1))]


def asked_for(name: str, data: Filled) -> bool:
    """Whether the form asks for it in parts, as a date."""
    return any(field.startswith(f"{name}-") for field in data)


def test_no_form_takes_what_it_does_not_ask_for(world: World) -> None:
    found, deed = {}, Deeds(world)
    for rule, who in deeds(world):
        world.refresh()  # the form is read where nothing was done yet, and kept for whoever knocks next
        data = plausible(world, rule)[who]
        differing = taken(world, deed, rule, who, data)
        if differing:
            found[rule.endpoint] = differing
    assert found == {}


def test_a_form_that_takes_all_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: a service that writes every field of the request onto a person."""
    real = services.record_decision

    def careless(*args: Any, **rest: Any) -> Any:
        with transaction() as s:
            person = s.scalars(select(Person).order_by(Person.family_name, Person.given_name)).first()
            for name, value in request.form.items():
                if name == "is_made_up":
                    setattr(person, name, value == "true")
        return real(*args, **rest)

    monkeypatch.setattr(decision_views, "record_decision", careless)
    rule = rule_of(world, "assessment.decision_record")
    assert "person" in taken(world, Deeds(world), rule, "tutor", plausible(world, rule)["tutor"])
