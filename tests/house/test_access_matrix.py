"""Every route x every role x nobody: the real request, compared with the committed access_matrix.csv.

A cell is the status of the answer; "sign-in" when it leads to the sign-in page; "303" when it leads to a page
that the same person gets; "303>404" when it leads to one they do not get. After a change of access, read the
difference and write it down: python -m tests.house.test_access_matrix --write
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from recovery_college.access.rules import GRANTS, Permission, Role
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.kernel import clock
from tests.factories.claim_world import DIGEST
from tests.house.filled import Filled, form_for
from tests.house.world import ANONYMOUS, PASSWORD, WHO, World, example_of, kinds_of, own_world

MATRIX = Path(__file__).with_name("access_matrix.csv")
HOW = "Look at who may use it, then write it down: python -m tests.house.test_access_matrix --write"
Row = tuple[str, str]
Cells = dict[Row, dict[str, str]]
_tokens: dict[tuple[int, str], str] = {}

# What a person would write into a form other than the first thing that fits.
DATA: dict[str, Filled] = {
    "quality.engagement_object": {"words": "Too few of another unit."},
    "careers.vacancy_hiring": {"places": "1"},
    "careers.post_follow_up": {
        "asked_on-day": str(clock.today().day),
        "asked_on-month": str(clock.today().month),
        "asked_on-year": str(clock.today().year),
    },
    "careers.manager_assign": {"to_email": "manager.mine@canary.example"},
    "people.sign_in_page": {"email": "tutor.mine@canary.example", "password": PASSWORD},
    "assessment.decision_record": {"missing": []},
    "careers.vacancy_manager": {"email": "manager.mine@canary.example"},
    "careers.deputy_list": {
        "manager_email": "manager.theirs@canary.example",
        "deputy_email": "stand-in.mine@canary.example",
        "ends_on-day": "",
        "ends_on-month": "",
        "ends_on-year": "",
    },
    "careers.consideration_extend": {
        "to_on-day": str((clock.today() + timedelta(days=40)).day),
        "to_on-month": str((clock.today() + timedelta(days=40)).month),
        "to_on-year": str((clock.today() + timedelta(days=40)).year),
    },
    "claims.claim_sign": {"seen": DIGEST},
    "courses.qualification_new": {"min_credit": "", "min_credit_at_level": "", "at_level": ""},
    "courses.qualification_edit": {"min_credit": "", "min_credit_at_level": "", "at_level": ""},
    "courses.group_new": {"min_units": "", "min_credit": ""},
    "courses.group_edit": {"min_units": "", "min_credit": ""},
    "courses.unit_new": {"credit": "3", "glh": "", "reference": ""},
    "courses.unit_edit": {"glh": "", "reference": ""},
    "courses.cohort_new": {
        "capacity": "9",
        "starts_on-day": "2",
        "starts_on-year": str(clock.today().year - 1),
    },
    "courses.part_move": {"at": "0", "to": "down"},
    "fairness.concern_entry": {
        "kind": "note",
        "outcome": "",
        "happened_on-day": "3",
        "happened_on-month": "4",
        "happened_on-year": "2026",
    },
    "fairness.claim_limit": {"percent": "40"},
    # No date where no permission is needed.
    "fairness.support_answer": {
        "extra_days": "3",
        "permission_on-day": "",
        "permission_on-month": "",
        "permission_on-year": "",
    },
}


def methods_of(rule: Rule) -> list[str]:
    """The methods of a rule that we name ourselves."""
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def rows_of(world: World) -> list[tuple[Rule, str]]:
    """Every rule with each of its methods."""
    return [(rule, method) for rule in world.rules() for method in methods_of(rule)]


def ask(world: World, rule: Rule, method: str, who: str, data: Filled) -> tuple[FlaskClient, TestResponse]:
    """Make the request as this role, with a valid token."""
    client = world.client(who)
    path = world.path(rule, who)
    if method == "GET":
        return client, client.get(path)
    return client, client.post(
        path, data={**data, **file_for(world, rule), "csrf_token": token_of(client, who)}
    )


def file_for(world: World, rule: Rule) -> dict[str, tuple[BytesIO, str]]:
    """The file an import's upload needs."""
    if not rule.endpoint.endswith("import_upload"):
        return {}
    kind = kinds_of(world.app, rule.endpoint)[world.mine.value("kind", "admin", rule.endpoint)]
    return {"file": (BytesIO(example_of(kind, world.mine)), "rows.csv")}


def token_of(client: FlaskClient, who: str) -> str:
    """A token for forms, from a page everybody in this role gets: asked once, as every client of a role has one key."""
    key = (id(client.application), who)
    if who != ANONYMOUS and key in _tokens:
        return _tokens[key]
    page = client.get("/sign-in" if who == ANONYMOUS else "/account/password").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, f"no token for {who}"
    _tokens[key] = found[1]
    return found[1]


def cell_of(client: FlaskClient, answer: TestResponse) -> str:
    """The answer in a word (see above)."""
    if answer.status_code not in (301, 302, 303, 307, 308):
        return str(answer.status_code)
    where = answer.location or ""
    if where.split("?")[0] == "/sign-in":
        return "sign-in"
    for _ in range(3):
        after = client.get(where)
        if after.status_code not in (301, 302, 303, 307, 308):
            return str(answer.status_code) + ("" if after.status_code == 200 else f">{after.status_code}")
        where = after.location or ""
    return f"{answer.status_code}>around"


def plausible(world: World, rule: Rule) -> dict[str, Filled]:
    """What each role would send, from the form they see; who sees none sends what the first who does would.

    The form is looked for on the page at the same address, then on the nearest page above it.
    """
    if rule.endpoint in world.filled:
        return dict(world.filled[rule.endpoint])
    seen: dict[str, Filled] = {}
    for who in WHO[1:]:
        filled = _filled(world, who, world.path(rule, who)) if world.lets_in(rule, who) else None
        if filled is not None:
            seen[who] = filled
    first = next(iter(seen.values()), {})
    said = {**DATA.get(rule.endpoint, {}), **rows_said(world, rule)}
    world.filled[rule.endpoint] = {who: {**seen.get(who, first), **said} for who in WHO}
    return plausible(world, rule)


def rows_said(world: World, rule: Rule) -> Filled:
    """What a form says of rows of the world, where the page above it does not show it."""
    mine = world.mine
    if rule.endpoint == "assessment.bulk_met":
        cell = f"{mine.values['enrolment_id']}:{mine.values['criterion_id']}:0"
        return {"cell": cell, "confirmed": "yes"}
    if rule.endpoint == "careers.candidacy_begin":
        with world.session() as s:
            return {"version": str(s.get_one(Candidacy, mine.own[rule.endpoint, "candidacy_id"]).version)}
    return {}


def _filled(world: World, who: str, path: str) -> Filled | None:
    client, at = world.client(who), path
    while at:
        answer = client.get(at)
        filled = form_for(answer.get_data(as_text=True), path, at) if answer.status_code == 200 else None
        if filled is not None:
            return filled
        at = at.rpartition("/")[0]
    return None


def actual(world: World) -> Cells:
    """The matrix as the app answers now."""
    cells: Cells = {}
    for rule, method in rows_of(world):
        row = cells.setdefault((rule.rule, method), {})
        data = plausible(world, rule) if method == "POST" else {}
        for who in WHO:
            client, answer = ask(world, rule, method, who, data.get(who, {}))
            row[who] = cell_of(client, answer)
            answer.close()
            if method != "GET" and answer.status_code < 400:
                world.refresh()
    return cells


def agreed(path: Path = MATRIX) -> Cells:
    """The committed matrix."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {(row.pop("rule"), row.pop("method")): row for row in csv.DictReader(file)}


def write(cells: Cells, path: Path = MATRIX) -> None:
    """Write the matrix down."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["rule", "method", *WHO])
        out.writerows([*row, *(found[who] for who in WHO)] for row, found in sorted(cells.items()))


def differences(was: Cells, now: Cells) -> Iterator[str]:
    """In words, what the app answers otherwise than agreed."""
    for row in sorted({*was, *now}):
        name = f"{row[1]} {row[0]}"
        if row not in was:
            answers = ", ".join(f"{who} {cell}" for who, cell in now[row].items())
            yield f"{name} is new and nobody has agreed who may use it: {answers}"
        elif row not in now:
            yield f"{name} is gone"
        else:
            for who in WHO:
                if was[row].get(who) != now[row][who]:
                    yield f"{name} for {who}: {was[row].get(who)} was agreed, {now[row][who]} it is"


@pytest.fixture(scope="module")
def cells(one_world: World) -> Cells:
    one_world.refresh()
    return actual(one_world)


def test_every_cell_is_as_agreed(cells: Cells) -> None:
    found = list(differences(agreed(), cells))
    assert not found, "\n".join([*found, HOW])


# What must come first stands in tests of the rooms: six checks and a team made ready (tests/careers/test_offers.py);
# a pick to which nobody objected yet (tests/quality/).
GATED = [
    ("/candidacies/<uuid:candidacy_id>/start", "POST"),
    ("/engagements/<uuid:engagement_id>/picks/<uuid:pick_id>/object", "POST"),
]


def test_every_route_works_for_somebody(cells: Cells) -> None:
    closed = [row for row, found in cells.items() if not {"200", "303"} & set(found.values())]
    assert closed == GATED


def test_nobody_meets_a_bug_or_a_dead_end(cells: Cells) -> None:
    bad = {
        (row, who): cell
        for row, found in cells.items()
        for who, cell in found.items()
        if re.search(r"5\d\d|>", cell)
    }
    assert bad == {}


def test_nobody_without_a_session_gets_past_the_public_pages(one_world: World, cells: Cells) -> None:
    needs = one_world.app.extensions["needs"]
    for rule, method in rows_of(one_world):
        if needs[rule.endpoint][0] is not Permission.PUBLIC:
            assert cells[rule.rule, method][ANONYMOUS] == "sign-in", rule.rule


def test_a_route_that_nobody_agreed_on_is_told(cells: Cells) -> None:
    known = dict(agreed())
    known.pop(("/audit", "GET"))
    assert any("GET /audit is new and nobody has agreed" in line for line in differences(known, cells))


def test_a_permission_too_many_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: let recruiting managers see the trail, and the matrix says so."""
    monkeypatch.setitem(GRANTS, Role.MANAGER, GRANTS[Role.MANAGER] | {Permission.AUDIT_SEE})
    rule = next(rule for rule in world.rules() if rule.rule == "/audit/check")
    client, answer = ask(world, rule, "GET", "manager", {})
    was = agreed()[rule.rule, "GET"]
    now = {**was, "manager": cell_of(client, answer)}
    assert list(differences({(rule.rule, "GET"): was}, {(rule.rule, "GET"): now})) == [
        "GET /audit/check for manager: 403 was agreed, 200 it is"
    ]


if __name__ == "__main__":
    with own_world() as made:
        found_now = actual(made)
    for line in differences(agreed(), found_now):
        print(line)  # noqa: T201 this is a command
    if "--write" in sys.argv[1:]:
        write(found_now)
