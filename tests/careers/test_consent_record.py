"""Who answers for consents reads them; the college writes down availability and tells the person (trust.md)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.availability_services import set_availability
from recovery_college.careers.consent_services import save_consents
from recovery_college.careers.preference_models import CandidatePreference
from recovery_college.careers.preference_services import NotACandidate
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.mail import OutgoingMail
from tests.factories.candidates import a_candidate, shows_all
from tests.factories.people import signed_in
from tests.page_client import PageClient


def test_each_reads_what_is_theirs_and_an_auditor_no_name(client: PageClient) -> None:
    greta, quiet = shows_all(a_candidate("Greta")), a_candidate("Quill")
    here = f"/consents/{greta.person_id}"
    client.wear(signed_in(Role.AUDITOR))
    pages = [client.get("/consents"), client.get(here)]
    assert "Greta" not in pages[0].text + pages[1].text
    assert greta.person_id is not None
    assert f"Person ending {greta.person_id.hex[-8:]}" in pages[0].words
    assert "For a manager, after a yes" in pages[1].words
    assert client.get(f"{here}/availability").status == 403
    for role in (Role.HR, Role.ADMIN):
        client.wear(signed_in(role))
        page = client.get("/consents")
        assert "Greta" in page.words
        assert "Quill" not in page.words, "gave no name to the college"
    for role in (Role.MANAGER, Role.TUTOR):
        client.wear(signed_in(role))
        assert client.get("/consents").status == 403
        assert client.get(here).status == 404
    client.wear(signed_in(Role.HR))
    assert client.get(f"/consents/{clock.now():%H}").status == 404
    looked = session().scalars(
        select(AuditEvent).where(
            AuditEvent.subject_kind == "candidate", AuditEvent.subject_id == str(greta.person_id)
        )
    )
    assert any(event.role == "auditor" for event in looked)
    assert quiet.person_id is not None


def test_the_college_writes_down_availability_and_they_are_told(client: PageClient, app: Flask) -> None:
    greta, admin = shows_all(a_candidate()), signed_in(Role.ADMIN)
    page = f"/consents/{greta.person_id}/availability"
    client.wear(admin)
    assert "Write down when they are available" in client.get(f"/consents/{greta.person_id}").words
    version = session().get_one(CandidatePreference, greta.person_id).version
    assert client.send(page, {"version": version}).status == 422
    start = clock.today() + timedelta(days=30)
    day = {f"earliest_start-{part}": getattr(start, part) for part in ("day", "month", "year")}
    assert client.send(page, {"version": version, "looking": "no", **day}).status == 303
    session().expire_all()
    row = session().get_one(CandidatePreference, greta.person_id)
    assert (row.looking, row.earliest_start, row.counted) == (False, start, True)
    told = session().scalars(select(OutgoingMail).where(OutgoingMail.purpose == "availability")).one()
    assert "have a break" in told.body
    assert client.send(page, {"version": version, "looking": "no"}).status == 303, "said twice is said once"
    assert client.send(page, {"version": version, "looking": "yes"}).status == 409


def test_only_the_college_and_only_for_who_let_it_know_them(app: Flask) -> None:
    greta, quiet, admin = shows_all(a_candidate()), a_candidate("Quill"), signed_in(Role.ADMIN)
    assert greta.person_id is not None
    assert quiet.person_id is not None
    said = {"looking": False, "earliest_start": None, "version": 1}
    for role in (Role.HR, Role.MANAGER, Role.AUDITOR):
        with pytest.raises(NotACandidate):
            set_availability(signed_in(role), greta.person_id, **said)
    with pytest.raises(NotACandidate):
        set_availability(admin, quiet.person_id, **said)
    save_consents(greta, ())
    with pytest.raises(NotACandidate):
        set_availability(admin, greta.person_id, **said)
