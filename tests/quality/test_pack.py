"""The engagement's pack: one PDF and the evidence of the picks, whole or not at all, gone with the engagement (A11)."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.engagement_models import EqaLeave, EqaPack
from recovery_college.assessment.engagement_rules import LeaveAnswer
from recovery_college.assessment.models import EqaEngagement
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.storage import Storage, StorageProblem
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.quality.pack_services import make_pack, start_pack
from recovery_college.quality.pack_tasks import sweep_packs, take_up_packs
from tests.factories.engagements import a_pick, a_sent_report, an_engagement
from tests.factories.evidence import an_evidence
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict
from tests.page_client import Page, PageClient


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort(3)
    assess(cohort, 0, feedback="Kind and clear \N{GRINNING FACE}.")
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


@pytest.fixture
def eqa(app: object) -> SignedIn:
    return signed_in(Role.EQA, name="Eve")


@pytest.fixture
def visit(made: MarkedCohort, eqa: SignedIn) -> UUID:
    visit = an_engagement(eqa.person_id, [made.cohort_id], purpose="Autumn visit")
    a_pick(visit, made.enrolments[0], made.units[0], eqa.person_id, "High credit")
    return visit


@pytest.fixture
def files(app: Flask) -> Storage:
    found: Storage = app.extensions["storage"]
    return found


def kept(files: Storage, before: set[str]) -> list[str]:
    return [key for key, _ in files.listed("packs") if key not in before]


def made_by(actor: SignedIn, visit: UUID) -> UUID:
    pack_id = start_pack(actor, visit)
    make_pack(pack_id)
    return pack_id


def the_pack() -> EqaPack:
    session().rollback()
    return session().scalars(select(EqaPack).order_by(EqaPack.started_at.desc()).limit(1)).one()


def opened(page: Page) -> zipfile.ZipFile:
    assert page.status == 200
    return zipfile.ZipFile(io.BytesIO(page.response.get_data()))


def paper(pack: zipfile.ZipFile) -> str:
    document = pypdfium2.PdfDocument(pack.read("pack.pdf"))
    return " ".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", " ")


def test_it_holds_the_paper_and_the_evidence_of_the_picks(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, iqa: SignedIn, visit: UUID
) -> None:
    give_verdict(iqa, made, comment="Sound.")
    a_sent_report(signed_in(Role.EQA).person_id, [made.cohort_id], iqa.person_id, action="Date each.")
    ref = "S-0042"
    with transaction() as s:
        s.get_one(Person, made.people[0].id).student_ref = ref
    name = made.people[0].family_name
    item = an_evidence(
        made.enrolments[0],
        [made.criteria[0]],
        body="I listened well.",
        file_name=f"{name}../../x.PDF",
        content=b"file",
    )
    an_evidence(made.enrolments[0], [made.criteria[0]], body="canary-private", is_sensitive=True)
    an_evidence(made.enrolments[1], [made.criteria[0]], body="canary-other")
    here = f"/engagements/{visit}/pack"
    client.wear(eqa)
    assert client.send(here, {"seen": ""}).status == 303
    assert client.send(here, {"seen": ""}).status == 303
    page = client.get(here)
    assert "0 of 1" in page.words
    assert "data-rc-again" in page.text
    assert session().scalar(select(func.count()).select_from(EqaPack)) == 1
    make_pack(the_pack().id)
    assert "Take the pack away" in client.get(here).words
    pack = opened(client.get(f"{here}.zip"))
    assert pack.testzip() is None
    assert pack.namelist() == ["pack.pdf", f"{ref}/01.txt", f"{ref}/01-1.pdf"]
    assert b"I listened well." in pack.read(f"{ref}/01.txt")
    assert pack.read(f"{ref}/01-1.pdf") == b"file"
    assert not any(name in one for one in pack.namelist())
    words = paper(pack)
    for one in (
        "Autumn visit",
        "High credit",
        "Kind and clear ?.",
        "Sound.",
        "Date each.",
        "marked as private",
    ):
        assert one in words
    assert "canary" not in words
    session().rollback()
    seen = select(AuditEvent.role).where(
        AuditEvent.action == "viewed",
        AuditEvent.subject_kind == "evidence",
        AuditEvent.subject_id == str(item.id),
    )
    assert session().scalars(seen).all() == ["eqa"]
    assert session().scalars(select(AuditEvent.role).where(AuditEvent.action == "exported")).all() == ["eqa"]


def test_leave_lets_a_private_piece_in_and_takes_the_pack_away_again(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID, files: Storage
) -> None:
    item = an_evidence(made.enrolments[0], [made.criteria[0]], body="canary-private", is_sensitive=True)
    with transaction() as s:
        leave = EqaLeave(
            engagement_id=visit, evidence_id=item.id, asked_at=clock.now(), answer=LeaveAnswer.YES,
            answered_at=clock.now(),
        )  # fmt: skip
        s.add(leave)
    made_by(eqa, visit)
    here = f"/engagements/{visit}/pack"
    pack = opened(client.wear(eqa).get(f"{here}.zip"))
    assert any(b"canary-private" in pack.read(one) for one in pack.namelist())
    with transaction() as s:
        s.add(
            EqaLeave(
                engagement_id=visit, evidence_id=item.id, asked_at=clock.now(), answer=LeaveAnswer.NO,
                answered_at=clock.now(),
            )
        )  # fmt: skip
    assert client.get(f"{here}.zip").status == 303
    assert "may not be seen any more" in client.get(here).words
    key = the_pack().storage_key
    sweep_packs()
    assert not files.exists(key)
    assert the_pack().storage_key == ""
    made_by(eqa, visit)
    pack = opened(client.get(f"{here}.zip"))
    assert not any(b"canary-private" in pack.read(one) for one in pack.namelist())


def test_it_goes_when_the_engagement_ends(
    client: PageClient, eqa: SignedIn, iqa: SignedIn, visit: UUID, files: Storage
) -> None:
    made_by(iqa, visit)
    key = the_pack().storage_key
    with transaction() as s:
        s.get_one(EqaEngagement, visit).ends_on = clock.today() - timedelta(days=1)
    here = f"/engagements/{visit}/pack"
    assert client.wear(eqa).get(f"{here}.zip").status == 404
    assert client.wear(iqa).get(f"{here}.zip").status == 303
    assert client.send(here, {"seen": ""}, form_at="/account/password").status == 422
    sweep_packs()
    assert not files.exists(key)


def test_a_stopped_worker_leaves_no_half_pack_and_the_sweep_makes_it_whole(
    eqa: SignedIn, visit: UUID, files: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {key for key, _ in files.listed("packs")}
    pack_id = start_pack(eqa, visit)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_file", stop)
        with pytest.raises(KeyboardInterrupt):
            make_pack(pack_id)
    session().rollback()
    assert the_pack().finished_at is None
    assert kept(files, before) == []
    take_up_packs()
    assert the_pack().finished_at is None  # somebody may be at it still
    with transaction() as s:
        s.get_one(EqaPack, pack_id).moved_at = clock.now() - timedelta(minutes=3)
    take_up_packs()
    assert the_pack().storage_key
    assert kept(files, before) == [the_pack().storage_key]
    make_pack(pack_id)
    assert len(kept(files, before)) == 1


def test_of_two_workers_one_file_is_kept(
    eqa: SignedIn, visit: UUID, files: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {key for key, _ in files.listed("packs")}
    pack_id = start_pack(eqa, visit)
    put = Storage.put_file

    def slow(self: Storage, key: str, path: object) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Storage, "put_file", put)
            make_pack(pack_id)
        put(self, key, path)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_file", slow)
        make_pack(pack_id)
    assert kept(files, before) == [the_pack().storage_key]


def test_trouble_is_said_and_it_can_be_started_again(
    client: PageClient, eqa: SignedIn, visit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageProblem("full")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_file", full)
        with pytest.raises(StorageProblem):
            made_by(eqa, visit)
    page = client.wear(eqa).get(f"/engagements/{visit}/pack")
    assert "could not be made" in page.words
    assert "Make it again" in page.words
    made_by(eqa, visit)
    assert client.get(f"/engagements/{visit}/pack.zip").status == 200


def test_an_administrator_starts_it_and_does_not_take_it_away(
    client: PageClient, eqa: SignedIn, visit: UUID
) -> None:
    made_by(eqa, visit)
    client.wear(signed_in(Role.ADMIN))
    here = f"/engagements/{visit}/pack"
    assert "only the external and quality assurers take it away" in client.get(here).words
    assert client.get(f"{here}.zip").status == 403
    assert client.send(here, {"seen": ""}).status == 303
    assert client.wear(signed_in(Role.EQA)).get(here).status == 404
    assert client.wear(signed_in(Role.AUDITOR)).get(here).status in (403, 404)
