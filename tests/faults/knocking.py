"""Doing one thing in the world as somebody who may, and looking at what is there afterwards."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from recovery_college.audit.models import AuditEvent
from recovery_college.kernel.db import Base
from tests.house.test_access_matrix import agreed, ask, plausible
from tests.house.world import ANONYMOUS, WHO, World

# What looking and knocking leave behind, whatever comes of it.
TRACES = frozenset({"sign_in_session", "wrong_try", "alembic_version"})

Rows = dict[str, list[tuple[Any, ...]]]


def everything(world: World, without: frozenset[str] = TRACES) -> Rows:
    """Every row of every table but the traces, as the driver gives it: a crawl asks for this hundreds of times."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name not in without]
    with world.session() as s:
        cursor = s.connection().connection.cursor()
        found: Rows = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = cursor.fetchall()
        return found


def changed(before: Rows, after: Rows) -> set[str]:
    """The tables whose rows differ, in whatever order they lie; in most tables nothing was written at all."""
    return {
        name
        for name, rows in after.items()
        if rows != before[name] and sorted(map(repr, rows)) != sorted(map(repr, before[name]))
    }


def rule_of(world: World, endpoint: str) -> Rule:
    """The rule of an endpoint."""
    return next(rule for rule in world.rules() if rule.endpoint == endpoint)


def deeds(world: World) -> list[tuple[Rule, str]]:
    """Every route that takes a POST, with the first role that may."""
    matrix = agreed()
    found = []
    for rule in world.rules():
        row = matrix.get((rule.rule, "POST"), {}) if "POST" in (rule.methods or ()) else {}
        allowed = [who for who in (*WHO[1:], ANONYMOUS) if row.get(who) in ("200", "303")]
        if allowed:
            found.append((rule, allowed[0]))
    return found


def do(world: World, endpoint: str, who: str, **said: Any) -> tuple[FlaskClient, TestResponse]:
    """Post what a person would, with some of it said otherwise."""
    rule = rule_of(world, endpoint)
    return ask(world, rule, "POST", who, {**plausible(world, rule)[who], **said})


def actions(world: World) -> list[str]:
    """The actions in the trail, in order."""
    with world.session() as s:
        return list(s.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))
