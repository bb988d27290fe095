"""Issuing certificates: one a graduation, numbers without a gap, frozen, whole or absent (G2, G3)."""

import hashlib
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.graduation import services
from recovery_college.graduation.models import Certificate, CertificatePdf, CertificateState, Graduation
from recovery_college.graduation.tasks import go_on_with_certificates, take_up_certificates
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import roles_of
from tests.factories.graduation import a_finished_cohort
from tests.factories.people import CONSOLE, signed_in


def certificates() -> list[Certificate]:
    session().expire_all()
    return list(session().scalars(select(Certificate).order_by(Certificate.number)))


def test_issues_to_who_is_eligible_and_says_why_not(app: Flask) -> None:
    finished = a_finished_cohort(ready=2)
    report = services.issue_for_cohort(CONSOLE, finished.cohort)
    assert [c.serial for c in report.issued] == ["RC-000001", "RC-000002"]
    assert [(st.place.enrolment_id, bool(why)) for st, why in report.not_eligible] == [
        (finished.not_yet.id, True)
    ]
    enrolment = session().get_one(Enrolment, finished.ready[0].id)
    assert enrolment.status is EnrolmentStatus.COMPLETED
    assert Role.GRADUATE in roles_of(session(), enrolment.person_id)


def test_file_is_frozen_with_its_hash(app: Flask) -> None:
    finished = a_finished_cohort(ready=1)
    (made,) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    pdf = session().get_one(CertificatePdf, made.id).pdf
    assert pdf.startswith(b"%PDF")
    assert hashlib.sha256(pdf).hexdigest() == made.sha256
    for statement in (
        "UPDATE certificate_pdf SET pdf = pdf",
        "DELETE FROM certificate_pdf",
        "UPDATE certificate SET serial = 'RC-000009'",
        "UPDATE certificate SET sha256 = 'x'",
        "DELETE FROM certificate",
        "DELETE FROM graduation",
    ):
        session().rollback()
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))


def test_the_paper_names_the_units_completed_and_a_single_name_as_it_is(app: Flask) -> None:
    finished = a_finished_cohort(ready=1, optional=2)
    with transaction() as s:
        person = s.get_one(Person, finished.ready[0].person_id)
        person.given_name, person.family_name, person.certificate_name = "Sukarno", "", ""
    (made,) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    for paper in (made, services.reissue_certificate(CONSOLE, made.serial, "The name changed")):
        assert [title for title, _, _ in paper.facts["units"]] == [
            "Unit title 1",
            "Unit title 2",
            "Unit title 3",
        ]
        assert paper.facts["certificate_name"] == "Sukarno"


def test_twice_issues_once(app: Flask) -> None:
    finished = a_finished_cohort(ready=2)
    services.issue_for_cohort(CONSOLE, finished.cohort)
    again = services.issue_for_cohort(CONSOLE, finished.cohort)
    assert again.issued == ()
    assert len(again.had_already) == 2
    assert len(certificates()) == 2


def test_two_windows_at_once_issue_once(app: Flask) -> None:
    finished = a_finished_cohort(ready=3)
    session().rollback()
    together = threading.Barrier(2)
    trouble: list[BaseException] = []

    def window() -> None:
        try:
            with app.app_context():
                together.wait()
                services.issue_for_cohort(CONSOLE, finished.cohort)
        except BaseException as error:  # noqa: BLE001 told to the test below
            trouble.append(error)

    threads = [threading.Thread(target=window) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert [c.number for c in certificates()] == [1, 2, 3]
    assert session().scalar(select(func.count()).select_from(Graduation)) == 3


def test_number_of_a_paper_that_cannot_be_drawn_is_not_lost(app: Flask) -> None:
    """No font here has these characters: no certificate, and no gap."""
    finished = a_finished_cohort(ready=2, names=("王 小明", "Siân O'Brien-Łukasz"))
    report = services.issue_for_cohort(CONSOLE, finished.cohort)
    assert [c.number for c in report.issued] == [1]
    ((_, why),) = report.refused
    assert "could not be drawn" in why


def test_stopped_half_way_leaves_no_gap_and_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = a_finished_cohort(ready=3)
    batch = services.start_batch(CONSOLE, finished.cohort)
    whole = services._make_paper

    def stops_at_the_second(*args: object, **kwargs: object) -> Certificate:
        if certificates_made() == 1:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)  # type: ignore[arg-type]

    def certificates_made() -> int:
        return session().scalar(select(func.count()).select_from(Certificate)) or 0

    monkeypatch.setattr(services, "_make_paper", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        go_on_with_certificates(batch.id)
    assert [c.number for c in certificates()] == [1]
    monkeypatch.setattr(services, "_make_paper", whole)
    session().rollback()
    with clock.held_at(clock.now() + timedelta(minutes=3)):
        take_up_certificates()
    assert [c.number for c in certificates()] == [1, 2, 3]
    take_up_certificates()
    assert len(certificates()) == 3


def test_started_twice_is_one_batch(app: Flask) -> None:
    finished = a_finished_cohort(ready=1)
    assert (
        services.start_batch(CONSOLE, finished.cohort).id == services.start_batch(CONSOLE, finished.cohort).id
    )


def test_nobody_issues_their_own(app: Flask) -> None:
    finished = a_finished_cohort(ready=1)
    student = session().get_one(Person, finished.ready[0].person_id)
    actor = signed_in(Role.ADMIN, person=student)
    with pytest.raises(services.CertificateRefused, match="your own"):
        services.issue_certificate(actor, finished.ready[0].id)
    assert certificates() == []


def test_reissue_supersedes_and_revoke_keeps_the_record(app: Flask) -> None:
    finished = a_finished_cohort(ready=1)
    (first,) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    with transaction() as s:
        s.get_one(Person, finished.ready[0].person_id).certificate_name = "New Name"
    new = services.reissue_certificate(CONSOLE, first.serial, "The name changed")
    old, live = certificates()
    assert (old.state, live.state) == (CertificateState.SUPERSEDED, CertificateState.VALID)
    assert live.serial == new.serial == "RC-000002"
    assert live.facts["certificate_name"] == "New Name"
    services.revoke_certificate(CONSOLE, live.serial, "Issued in error")
    assert certificates()[1].state is CertificateState.REVOKED
    with pytest.raises(services.CertificateRefused):
        services.reissue_certificate(CONSOLE, live.serial, "again")
    assert [c.number for c in certificates()] == [1, 2]


def test_audited_in_the_same_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = a_finished_cohort(ready=1)

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(services, "record", broken)
        with pytest.raises(ZeroDivisionError):
            services.issue_certificate(CONSOLE, finished.ready[0].id)
    assert certificates() == []
    services.issue_certificate(CONSOLE, finished.ready[0].id)
    assert certificates()[0].number == 1
    actions = list(session().scalars(select(AuditEvent.action)))
    assert actions.count("issued certificate") == 1


def test_file_tells_what_it_is(app: Flask) -> None:
    finished = a_finished_cohort(ready=1)
    (made,) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    pdf = session().get_one(CertificatePdf, made.id).pdf
    assert services.verify_file(pdf).word == "valid"
    assert services.verify_file(pdf + b"x").word == "altered"
    assert services.verify_file(b"%PDF other").word == "not ours"
    services.revoke_certificate(CONSOLE, made.serial, "Issued in error")
    assert services.verify_file(pdf).word == "revoked"
