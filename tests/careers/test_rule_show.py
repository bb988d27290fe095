"""/vacancies/rule: versions written with a preview, never reworded, and never rewriting what was flagged (V2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.careers.band_rule import rule_of_today, stored_rules
from recovery_college.careers.bands import Band, BandReading, BandSource, in_order
from recovery_college.careers.considerations import Refused
from recovery_college.careers.rule_draft import Asked, RuleDraft, faults_of_draft, preview_of
from recovery_college.careers.rule_queries import preview_for
from recovery_college.careers.rule_services import RuleChanged, withdraw_rule, write_rule
from recovery_college.careers.rules import RULE_V1, PswFlag, RuleVersion, is_possible_psw_role
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from tests.factories.careers import a_manager, a_vacancy, import_rows, vacancy_of
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient

PATH = "/vacancies/rule"
NEW = f"{PATH}/new"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
FIRST = date(2027, 4, 1)


def draft(
    *bands: str, first: date | None = FIRST, left_out: tuple[str, ...] = (), why: str = "Agreed"
) -> RuleDraft:
    return RuleDraft(tuple(Band(band) for band in bands), left_out, first, why)


def typed(bands: list[str], first: date, **rest: str) -> dict[str, Any]:
    return {
        "bands": bands, "valid_from-day": str(first.day), "valid_from-month": str(first.month),
        "valid_from-year": str(first.year), "why": "The board agreed it", "exclusions": "", **rest,
    }  # fmt: skip


BANDS = st.sets(st.sampled_from(list(Band)), min_size=1).map(in_order)
ASKED = st.builds(
    Asked,
    title=st.sampled_from(["Support worker", "Team leader", "Nurse team leader", ""]),
    bands=BANDS,
    band_source=st.sampled_from([BandSource.BAND_FIELD, BandSource.PERSON, BandSource.UNREADABLE]),
    is_over=st.booleans(),
    count=st.integers(1, 9),
)


@given(BANDS, BANDS, st.lists(ASKED, max_size=8))
def test_a_preview_says_what_each_version_says_of_each_vacancy(
    before: tuple[Band, ...], after: tuple[Band, ...], asked: list[Asked]
) -> None:
    old = RuleVersion(1, before, date(2020, 1, 1))
    new = RuleVersion(2, after, date(2027, 1, 1), exclusions=("team leader",))

    def answer(one: Asked, rule: RuleVersion) -> PswFlag:
        known = one.band_source is not BandSource.UNREADABLE
        return is_possible_psw_role(
            BandReading(one.bands, known, one.band_source, ""), rule, one.title
        ).answer

    seen = preview_of(old, new, asked)
    assert seen.open_before == sum(o.count for o in asked if not o.is_over and answer(o, old) is PswFlag.YES)
    assert seen.open_after == sum(o.count for o in asked if not o.is_over and answer(o, new) is PswFlag.YES)
    assert seen.over_after - seen.over_before == sum(
        c.asked.count * (1 if c.comes_in else -1) for c in seen.changes if c.asked.is_over
    )
    changed = [o for o in asked if answer(o, old) is not answer(o, new)]
    assert sorted(map(repr, changed)) == sorted(repr(c.asked) for c in seen.changes)


@pytest.mark.parametrize(
    ("wrong", "box"),
    [
        (draft(), "bands"),
        (draft("3", first=None), "valid_from"),
        (draft("3", first=date(2026, 11, 23)), "valid_from"),
        (draft("3", why=""), "why"),
        (draft("3", why="x" * 501), "why"),
        (draft("3", left_out=("x" * 81,)), "exclusions"),
        (draft("2", "3", "4"), "bands"),
    ],
)
def test_a_draft_that_cannot_be_written_says_where(wrong: RuleDraft, box: str) -> None:
    assert list(faults_of_draft(wrong, RULE_V1, date(2026, 11, 23))) == [box]


def test_a_new_version_counts_from_its_first_day_and_rewrites_nothing(app: Flask) -> None:
    hr = signed_in(Role.HR)
    with clock.held_at(NOW):
        old = a_vacancy(band="2", reference="OLD", weekly_hours="20")
        assert write_rule(hr, draft("3", left_out=("ward clerk",)), after=1) == 2
        assert write_rule(hr, draft("3", left_out=("ward clerk",)), after=1) == 2, "sent twice"
        assert a_vacancy(band="2").rule_version == 1
        with pytest.raises(RuleChanged):
            write_rule(hr, draft("4"), after=1)
        with pytest.raises(Refused):
            write_rule(hr, draft("4", first=FIRST), after=2)
    with clock.held_at(datetime(2027, 3, 31, 22, tzinfo=UTC)):
        assert rule_of_today(stored_rules(session()), clock.today()).rule.version == 1
    with clock.held_at(datetime(2027, 4, 1, 9, tzinfo=UTC)):
        late = a_vacancy(band="2")
        assert (late.flag.value, late.rule_version) == ("no", 2)
        assert (a_vacancy(band="3").flag.value, a_vacancy(band="3", title="Ward clerk").flag.value) == (
            "yes",
            "no",
        )
        import_rows({"reference": "OLD", "title": "Health Care Assistant", "weekly_hours": "30"})
        old = vacancy_of("OLD")
        assert (old.flag.value, old.rule_version) == ("yes", 1), "hours changed, not the band"
        with pytest.raises(Refused):
            withdraw_rule(hr, 2)


def test_a_version_to_come_can_be_withdrawn_and_only_by_hr(app: Flask) -> None:
    hr = signed_in(Role.HR)
    with clock.held_at(NOW):
        write_rule(hr, draft("3"), after=1)
        with pytest.raises(RuleChanged):
            withdraw_rule(hr, 1)
        for other in (a_manager(), signed_in(Role.ADMIN)):
            with pytest.raises(PermissionError):
                withdraw_rule(other, 2)
            with pytest.raises(PermissionError):
                write_rule(other, draft("4"), after=2)
            assert preview_for(other, draft("4")) is None
        with pytest.raises(PermissionError):
            write_rule(CONSOLE, draft("4"), after=2)
        withdraw_rule(hr, 2)
        stored = stored_rules(session())
        assert list(stored) == [1]
        assert stored[1].rule.valid_to is None


def test_the_database_keeps_versions_as_they_were_written(app: Flask) -> None:
    hr = signed_in(Role.HR)
    with clock.held_at(NOW):
        write_rule(hr, draft("3"), after=1)
        write_rule(hr, draft("4", first=FIRST + timedelta(days=30)), after=2)
    statements = [
        "UPDATE psw_rule SET bands = '[\"5\"]' WHERE version = 1",
        "UPDATE psw_rule SET exclusions = '[\"x\"]' WHERE version = 2",
        "UPDATE psw_rule SET valid_from = '2011-01-01' WHERE version = 1",
        "DELETE FROM psw_rule WHERE version = 1",
        "UPDATE psw_rule_note SET why = 'x'",
        "DELETE FROM psw_rule_note WHERE version = 2",
    ]
    if db.engine.dialect.name == "postgresql":
        statements.append("TRUNCATE psw_rule_note")
    for statement in statements:
        with pytest.raises(DBAPIError), transaction() as s:
            s.execute(text(statement))
    with transaction() as s:  # the twin: what may change does
        s.execute(text("UPDATE psw_rule SET go_live_on = '2026-01-01' WHERE version = 2"))
        s.execute(text("DELETE FROM psw_rule_note WHERE version = 3"))
        s.execute(text("DELETE FROM psw_rule WHERE version = 3"))


def test_the_preview_comes_before_the_writing(client: PageClient, app: Flask) -> None:
    a_vacancy(title="Ward work", band="2")
    a_vacancy(title="Nursing work", band="5")
    client.wear(signed_in(Role.HR))
    told = client.get(PATH)
    assert "Possible PSW roles that count 1" in told.words
    assert [one.text for one in told.tree.iter("span") if one.get("class") == "rc-table__value"][-1] == "1"  # type: ignore[union-attr]
    first = clock.today() + timedelta(days=30)
    page = client.send(NEW, typed(["3", "5"], first, after="1"))
    assert page.status == 200
    for words in (
        "Nothing is written yet",
        "Nursing work",
        "Would be asked about",
        "Would not be asked about",
    ):
        assert words in page.words
    assert list(stored_rules(session())) == [1]
    seen, token = page.hidden("looked_at"), page.hidden("csrf_token")
    kept = {"csrf_token": token, "after": "1", "looked_at": seen}
    changed = client.post(NEW, data={**typed(["3", "6"], first), **kept})
    assert changed.status == 200, "another draft is shown first"
    assert list(stored_rules(session())) == [1]
    assert client.post(NEW, data={**typed(["3", "5"], first), **kept}).status == 303
    words = client.get(PATH).words
    for part in ("2 (to come)", "The board agreed it", "1 (today)", "Withdraw version 2"):
        assert part in words
    assert client.post(NEW, data={**typed(["3", "6"], first), **kept, "looked_at": ""}).status == 409
    assert client.send(f"{PATH}/withdraw", {"version": "2"}, form_at=PATH).status == 303
    assert "Withdraw version 2" not in client.get(PATH).words


def test_shows_errors_and_keeps_what_was_typed(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.HR))
    page = client.send(NEW, {**typed([], clock.today()), "exclusions": "Ward clerk", "after": "1"})
    assert page.status == 422
    for words in ("Choose the bands the rule asks about", "must be after today", "Ward clerk"):
        assert words in page.text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.AUDITOR])
def test_others_in_recruitment_read_the_rule(client: PageClient, app: Flask, role: Role) -> None:
    client.wear(signed_in(role))
    page = client.get(PATH)
    assert "Bands 2, 3 and 4" in page.words
    assert "Save the day" not in page.words
    assert client.get(NEW).status == 403


@pytest.mark.parametrize("role", [Role.STUDENT, Role.TUTOR, Role.SYSADMIN])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    assert client.wear(signed_in(role)).get(PATH).status == 403


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PATH).response.location == f"/sign-in?next={PATH}"
