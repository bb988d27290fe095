"""/audit and /audit/check: who did what; the system administrator sees what concerns security only."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from recovery_college.access.rules import Role
from recovery_college.audit.rules import event_hash
from recovery_college.audit.services import record, verify_chain
from recovery_college.kernel.db import is_sqlite, session, transaction
from recovery_college.kernel.tables import read_table
from tests.factories.people import signed_in
from tests.page_client import PageClient


@pytest.fixture
def trail(app: Flask) -> None:
    """A deed about a cohort and one about an account."""
    tutor = signed_in(Role.TUTOR, name="Maya")
    with transaction() as s:
        record(s, tutor, "looked around", "cohort", uuid4(), counted=17)
        record(s, tutor, "knocked", "account", tutor.account_id)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_works(client: PageClient, trail: None, role: Role) -> None:
    page = client.wear(signed_in(role)).get("/audit")
    assert "Looked around" in page.words
    assert "Knocked" in page.words
    assert "Maya Example" in page.words
    assert "Counted: 17" in page.words


def test_the_system_administrator_sees_security_only(client: PageClient, trail: None) -> None:
    client.wear(signed_in(Role.SYSADMIN))
    page = client.get("/audit")
    assert "Knocked" in page.words
    assert "Counted" not in page.words
    assert "Counted" not in client.get("/audit?action=looked+around").words
    assert "looked around" not in page.text.casefold()  # not even as something to choose


def test_no_link_leads_where_the_system_administrator_may_not_go(client: PageClient, trail: None) -> None:
    page = client.wear(signed_in(Role.SYSADMIN)).get("/audit")
    for link in {link for link in page.links if link.startswith("/")}:
        assert client.get(link).status < 400, link


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get("/audit").response.location == "/sign-in?next=/audit"


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.AUDITOR, Role.ADMIN, Role.SYSADMIN)])
def test_other_role_refused(client: PageClient, trail: None, role: Role) -> None:
    client.wear(signed_in(role))
    assert client.get("/audit").status == 403
    assert client.get("/audit/check").status == 403


def test_filters_by_action_and_subject_and_says_so(client: PageClient, trail: None) -> None:
    client.wear(signed_in(Role.AUDITOR))
    page = client.get("/audit?action=knocked")
    assert "filtered" in page.words
    assert "Counted" not in page.words
    assert "No event matches" in client.get(f"/audit?subject={uuid4()}").words


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "before=99999999999999999999", "action=%00", "actor='--", "days=x"]
)
def test_nonsense_in_the_address_is_no_bug(client: PageClient, trail: None, query: str) -> None:
    assert client.wear(signed_in(Role.AUDITOR)).get(f"/audit?{query}").status in (200, 400)


def test_older_events_are_a_page_further(client: PageClient, app: Flask) -> None:
    actor = signed_in(Role.AUDITOR)
    with transaction() as s:
        for number in range(120):
            record(s, actor, f"deed {number}", "account", actor.account_id)
    page = client.wear(actor).get("/audit")
    assert "Deed 119" in page.words
    seen = 0
    while (onward := next((link for link in page.links if "before=" in link), "")) and seen < 5:
        page = client.get(onward)
        seen += 1
    assert "Signed in" in page.words
    assert seen == 2


def test_check_tells_a_whole_chain_from_a_changed_one(client: PageClient, trail: None) -> None:
    client.wear(signed_in(Role.AUDITOR))
    assert verify_chain(session()).problem is None
    whole = client.get("/audit/check").words
    with transaction() as s:
        if is_sqlite(s.connection().engine):
            s.execute(text("DROP TRIGGER audit_event_no_update"))
        else:
            s.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        s.execute(text("UPDATE audit_event SET action = 'never happened' WHERE seq = 2"))
    changed = client.get("/audit/check").words
    assert "Event 2 was changed after it was written" in changed
    assert changed != whole


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_it_goes_out_whole_and_can_be_checked_elsewhere(
    client: PageClient, trail: None, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recovery_college.privacy.queries.ROWS_A_PART", 2)
    client.wear(signed_in(role))
    assert "/audit/export.csv" in client.get("/audit").links
    rows = [row.values for row in read_table(client.get("/audit/export.csv").response.data).rows]
    previous = "0" * 64
    for number, row in enumerate(rows, start=1):
        moment = datetime.fromisoformat(row["at"])
        own = event_hash(
            previous, number, moment, row["actor"], row["role"], row["action"], row["about"], row["about_id"],
            row["details"],
        )  # fmt: skip
        assert (row["number"], row["previous_hash"], row["hash"]) == (str(number), previous, own)
        previous = own
    assert "Exported audit trail" in client.get("/audit").words
    assert client.get("/audit/export.xlsx?action=knocked").response.data.startswith(b"PK")
    assert len(read_table(client.get("/audit/export.csv?action=knocked").response.data).rows) == 1
    assert client.get("/audit/export.pdf").status == 404


def test_more_than_excel_takes_is_said(
    client: PageClient, trail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recovery_college.privacy.views.MOST_ROWS_FOR_EXCEL", 1)
    client.wear(signed_in(Role.AUDITOR))
    page = client.get("/audit/export.xlsx")
    assert page.response.location == "/audit"
    assert "take the CSV" in client.get("/audit").words


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.AUDITOR, Role.ADMIN)])
def test_others_do_not_take_it_out(client: PageClient, trail: None, role: Role) -> None:
    assert client.wear(signed_in(role)).get("/audit/export.csv").status == 404
