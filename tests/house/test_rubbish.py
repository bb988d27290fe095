"""Rubbish sent to the routes: whatever stands in an address or a form, nobody meets a bug's page.

`make trust` sends every kind of rubbish to every box of every form; `make test` the worst of it to some.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from recovery_college.assessment.services import LONGEST_FEEDBACK
from recovery_college.graduation import views as graduation_views
from tests.faults.knocking import deeds, do, rule_of
from tests.house.test_access_matrix import ask, plausible
from tests.house.world import ANONYMOUS, WHO, World

WORST = ("-1", "9" * 5000, "9999-12-31_ffffffffffffffffffffffffffffffff", "\ufffd\u202e😀'\"\\%&(")
MORE = ("", "0", "9" * 30, "2026-13", "²", "１２", "NaN", "1e3", "0001", "9999", "\u200b", "<b>{{ 7*7 }}</b>")
LONG = tuple("é" * length for length in (250, 300, 1000, 2000, 4000, 5000))
NAMED = re.compile(r'(?:args|values)(?:\.get(?:list)?\(|\[)"([\w-]+)"')
DATES = tuple(f"{name}-{part}" for name in ("since", "until") for part in ("day", "month", "year"))
GUESSED = ("page", "after", "before", "sort", "month", "days", "unit", *DATES)
BODIES = (
    ("application/json", b'{"a": 1}'),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a\r\n'),
    ("application/x-www-form-urlencoded; charset=utf-16", b"\xff\xfe=\xff"),
    ("", b"a=b"),
)


def reading_the_address(world: World) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """The pages of files that read something behind the question mark, and the names they look for."""
    for rule in world.rules():
        source = inspect.getsource(sys.modules[world.app.view_functions[rule.endpoint].__module__])
        if "GET" in (rule.methods or ()) and "request.args" in source:
            yield rule, (*GUESSED, *NAMED.findall(source))


def broken_by(world: World, rubbish: Iterable[str], room: str = "") -> list[str]:
    """The pages that rubbish in the address breaks, for the first role that may open them."""
    found = []
    for rule, names in reading_the_address(world):
        if not rule.endpoint.startswith(room):
            continue
        who = next(one for one in WHO[1:] if world.lets_in(rule, one))
        client, path = world.client(who), world.path(rule, who)
        for value in rubbish:
            # All at once, and the names apart that choose one thing and are not found.
            chosen = {"student", "criterion", "figure", "cohort"}
            for given in (set(names) - chosen, *({one} for one in chosen & set(names))):
                answer = client.get(path, query_string=MultiDict(dict.fromkeys(given, value)))
                if answer.status_code >= 500:
                    found.append(f"{rule.rule} as {who}: {value[:20]}")
                answer.close()
    return sorted(set(found))


def test_rubbish_in_the_address_breaks_no_page(world: World) -> None:
    assert broken_by(world, WORST[:2]) == []


def test_a_page_that_takes_any_number_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: a number nobody bounded, which no column holds and Python refuses to read."""
    monkeypatch.setattr(graduation_views, "number_given", lambda text: int(text) if text else None)
    assert "/certificates as tutor: 99999999999999999999" in broken_by(world, WORST[1:2], "graduation.")


def broken_in_forms(world: World, rubbish: Iterable[str]) -> list[str]:
    """The deeds that rubbish in their form breaks: in one box after the other, once and twice."""
    found = []
    for rule, who in deeds(world):
        world.refresh()
        data = plausible(world, rule)[who]
        for name, value in product(data, rubbish):
            for said in (value, [value, "twice"]):
                _, answer = ask(world, rule, "POST", who, {**data, name: said})
                if answer.status_code >= 500:
                    found.append(f"{rule.endpoint} as {who}: {name} = {value[:20]!r}")
                answer.close()
                if answer.status_code < 400:
                    world.refresh()
    return sorted(set(found))


@pytest.mark.parametrize(
    ("endpoint", "who", "box"),
    [
        ("assessment.marking_release", "tutor", "decision"),
        ("quality.countersign_cohort", "iqa", "decision"),
        ("careers.candidacy_interview", "manager", "minutes"),
        ("careers.candidacy_offer", "manager", "band"),
        ("careers.team_visit", "hr", "person"),
        ("careers.vacancy_edit", "hr", "weekly_hours"),
        ("courses.cohort_edit", "admin", "starts_on-year"),
    ],
)
def test_rubbish_in_a_form_breaks_no_page(world: World, endpoint: str, who: str, box: str) -> None:
    for value in (*WORST, "", "1", "9999", "NaN"):
        _, answer = do(world, endpoint, who, **{box: [value, value]})
        assert answer.status_code in (303, 409, 422), (value[:20], answer.status_code)


@pytest.mark.trust
def test_rubbish_in_any_box_breaks_no_page(world: World) -> None:
    assert broken_by(world, (*WORST, *MORE)) == []
    assert broken_in_forms(world, (*WORST, *MORE, *LONG)) == []


def test_other_methods_and_content_types_break_no_page(world: World) -> None:
    """Nothing but our own form's kinds is read, and no other method does anything."""
    found = []
    for rule in world.rules():
        who = next(one for one in (*WHO[1:], ANONYMOUS) if one == ANONYMOUS or world.lets_in(rule, one))
        client, path = world.client(who), world.path(rule, who)
        answers = [client.open(path, method="PUT")]
        if "POST" in (rule.methods or ()):
            kind, body = BODIES[len(rule.rule) % len(BODIES)]
            answers.append(client.post(path, data=body, content_type=kind))
        for answer in answers:
            if answer.status_code not in (400, 403, 404, 405):
                found.append(f"{answer.request.method} {rule.rule} as {who}: {answer.status_code}")
            answer.close()
    assert found == []


def test_a_long_comment_is_refused_at_its_box_and_kept(world: World) -> None:
    text = "Three hours of writing. " * 45_000
    _, answer = do(world, "assessment.decision_record", "tutor", feedback=text)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"Feedback must be {LONGEST_FEEDBACK:,} characters or fewer" in page
    assert text.strip() in page
    rule = rule_of(world, "assessment.decision_record")
    _, over = ask(world, rule, "POST", "tutor", {"feedback": text * 3})
    assert (over.status_code, "longer than this page can take" in over.get_data(as_text=True)) == (413, True)
