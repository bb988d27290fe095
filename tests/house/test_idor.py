"""Ids in addresses and bodies: one's own, another's, one that is not there, one that is no id.

Who is scoped must not tell another's row from one that never was: the same status, the same page. Who sees the
whole college gets another's row as they get their own, so that the rule above does not pass by refusing all.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.models import Decision
from recovery_college.courses.models import Enrolment
from recovery_college.graduation import queries
from recovery_college.graduation.models import Certificate
from tests.faults.knocking import changed, everything
from tests.house.filled import Filled
from tests.house.test_access_matrix import methods_of, plausible, token_of
from tests.house.world import KEYS, SCOPED, WHO, World, unknown

# Only who made it may see it, whatever their role.
PERSONAL = frozenset({"upload_id"})
# Known to the people named in it and to administrators, whatever else their role may know of.
NAMED = frozenset({"concern_id"})
# Not a row but a word of the address.
WORDS = frozenset({"check", "deed", "form", "kind", "filename", "months", "name", "step"})
# Nobody's own: who may see one may see all.
COMMON = frozenset({"qualification_id"})
MALFORMED = (
    "not-an-id",
    "0",
    "-1",
    "%00",
    "..%2F..%2Fetc%2Fpasswd",
    "' OR 1=1--",
    "A" * 3000,
    "%FF%FE",
    "{{7*7}}",
)
# What looking and knocking leave behind.
TRACES = frozenset({"audit_event", "audit_head", "sign_in_session", "wrong_try", "alembic_version"})


def parametrised(world: World) -> list[tuple[Rule, str]]:
    """Every rule with an id in it, by method."""
    return [(rule, method) for rule in world.rules() if rule.arguments - WORDS for method in methods_of(rule)]


def send(world: World, who: str, method: str, path: str, data: Filled) -> tuple[int, str]:
    """The status and the page, without what differs between any two answers."""
    client = world.client(who)
    if method == "GET":
        answer = client.get(path)
    else:
        answer = client.post(path, data={**data, "csrf_token": token_of(client, who)})
    with answer:
        page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        page = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page)
        return answer.status_code, page.replace(path, "")


def theirs_of(world: World, rule: Rule, who: str) -> dict[str, Any]:
    """The other side's values for every name in the address."""
    return {name: world.theirs.value(name, who, rule.endpoint) for name in rule.arguments}


def faults(world: World, rule: Rule, method: str, who: str, data: Filled) -> list[str]:
    """What is wrong with one route for one role, in words."""
    if not world.lets_in(rule, who):
        # The gate answers before any row is looked for; test_access_matrix.py asks it for rows that are there.
        return []
    name = f"{method} {rule.rule} for {who}"
    none = unknown(rule, world, who)
    missing = send(world, who, method, world.path(rule, who, **none), data)
    found = [] if missing[0] in (303, 403, 404) else [f"{name}: a row that is not there answers {missing[0]}"]
    if rule.arguments & KEYS:
        return found
    other = theirs_of(world, rule, who)
    own_status, _ = send(world, who, method, world.path(rule, who), data)
    their_answer = send(world, who, method, world.path(rule, who, **other), data)
    personal = rule.arguments & PERSONAL or (rule.arguments & NAMED and Role(who) is not Role.ADMIN)
    if (Role(who) in SCOPED and not rule.arguments & COMMON) or personal:
        if their_answer != missing:
            found.append(
                f"{name}: another's row answers {their_answer[0]}, none answers {missing[0]}, or the pages differ"
            )
    elif method == "GET" and their_answer[0] != own_status:
        found.append(f"{name}: {own_status} on one side, {their_answer[0]} on the other")
    ids = sorted(rule.arguments - WORDS)
    for one in ids if len(ids) > 1 else ():
        if other[one] == world.mine.value(one, who, rule.endpoint):
            continue
        mixed, _ = send(world, who, method, world.path(rule, who, **{one: other[one]}), data)
        if mixed < 400 or mixed >= 500:
            found.append(f"{name}: another's {one} under one's own answers {mixed}")
    return found


@pytest.mark.parametrize("who", WHO[1:])
def test_another_s_row_looks_like_no_row(world: World, who: str) -> None:
    found: list[str] = []
    for rule, method in parametrised(world):
        data = plausible(world, rule)[who] if method == "POST" else {}
        found += faults(world, rule, method, who, data)
        if method == "POST" and world.lets_in(rule, who):
            world.refresh()
    assert not found, "\n".join(found)


def test_a_scope_forgotten_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: certificates by serial number alone."""

    def careless(actor: Actor) -> Any:
        return select(Certificate)

    monkeypatch.setattr(queries, "certificates_scope", careless)
    rule = next(rule for rule in world.rules() if rule.endpoint == "graduation.certificate_pdf")
    assert faults(world, rule, "GET", "graduate", {}) == [
        "GET /certificates/<serial>.pdf for graduate: another's row answers 200, none answers 404, or the pages differ"
    ]


@pytest.mark.parametrize("who", [role.value for role in SCOPED])
def test_a_post_to_another_s_row_changes_nothing(world: World, who: str) -> None:
    before = everything(world, TRACES)
    posts = [rule for rule, method in parametrised(world) if method == "POST" and not rule.arguments & KEYS]
    for rule in posts:
        path = world.path(rule, who, **theirs_of(world, rule, who))
        status, _ = send(world, who, "POST", path, plausible(world, rule)[who])
        assert status >= 400, path
        if world.lets_in(rule, who):
            assert not changed(before, everything(world, TRACES)), path
    assert not changed(before, everything(world, TRACES))  # nor did any that the gate refused


def test_what_is_no_id_is_not_found(world: World) -> None:
    """Nothing but 400 and 404: never a bug, never a page."""
    met: set[int] = set()
    for rule, method in parametrised(world):
        for name in rule.arguments - WORDS:
            place = str(world.mine.value(name, "admin", rule.endpoint))
            for wrong in MALFORMED:
                path = world.path(rule, "admin").replace(place, wrong)
                status, _ = send(world, "admin", method, path, {})
                assert status in (400, 403, 404, 429), f"{method} {path[:200]}"
                met.add(status)
    assert 404 in met


def test_ids_in_a_body_are_scoped_too(world: World) -> None:
    """A tutor ticks another tutor's draft among those to release: it stays a draft."""
    path = f"/cohorts/{world.mine.values['cohort_id']}/marking/release"
    client = world.client("tutor")
    theirs = world.theirs.values["enrolment_id"]
    query = select(Decision.id).where(Decision.enrolment_id == theirs, Decision.released_at.is_(None))
    with world.session() as s:
        draft = s.scalars(query).one()
    client.post(path, data={"decision": [str(draft)], "csrf_token": token_of(client, "tutor")})
    with world.session() as s:
        assert s.scalars(query).one() == draft


def test_ids_in_a_query_are_scoped_too(world: World) -> None:
    mine, theirs = world.mine.values, world.theirs.values
    client = world.client("tutor")
    marking = f"/cohorts/{mine['cohort_id']}/marking"
    assert client.get(marking, query_string={"student": str(mine["enrolment_id"])}).status_code == 200
    assert client.get(marking, query_string={"student": str(theirs["enrolment_id"])}).status_code == 404
    quality = f"/cohorts/{mine['cohort_id']}/quality"
    assert family_name(world, theirs["enrolment_id"]) not in client.get(
        quality, query_string={"unit": str(theirs["unit_id"])}
    ).get_data(as_text=True)


def family_name(world: World, enrolment_id: UUID) -> str:
    """The family name of an enrolled student."""
    with world.session() as s:
        return s.get_one(Enrolment, enrolment_id).person.family_name
