"""Evidence in the browser: hand in, save a draft, read, take back, ask back; who may and who may not."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_drafts import sweep_gone_drafts
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceDraft,
    EvidenceFile,
    EvidenceRequest,
    EvidenceWords,
    GoneDraft,
)
from recovery_college.assessment.evidence_queries import submitted_criteria
from recovery_college.assessment.evidence_rules import EvidenceKind
from recovery_college.assessment.evidence_services import sweep_files
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.settings import Settings
from tests.factories.evidence import A_PDF, an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict, another_tutor
from tests.factories.people import signed_in
from tests.kernel.test_uploads import PDF, docx, huge
from tests.page_client import Page, PageClient

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    return a_marked_cohort()


def new_at(made: MarkedCohort, student: int = 0) -> str:
    return f"/my-progress/{made.enrolments[student]}/hand-in"


def as_student(client: PageClient, made: MarkedCohort, student: int = 0) -> PageClient:
    return client.wear(signed_in(Role.STUDENT, person=made.people[student]))


def filled(made: MarkedCohort, **more: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "seen": "0",
        "title": "Listening at the reading group",
        "kind": "reflective account",
        "criteria": [str(made.criteria[0]), str(made.criteria[1])],
        "body": "I let the silence be.",
        "ai_use": "none",
        "own_work": "yes",
        "no_names": "yes",
        "deed": "hand in",
        **more,
    }


def hand_in(client: PageClient, made: MarkedCohort, **more: Any) -> Page:
    return client.send(new_at(made), filled(made, **more), content_type="multipart/form-data")


def count(model: type[Any]) -> int:
    return session().scalar(select(func.count()).select_from(model)) or 0


def stored(settings: Settings) -> list[Path]:
    folder = settings.data_dir / "files" / "evidence"
    return [path for path in folder.rglob("*") if path.is_file()]


def a_file(content: bytes = A_PDF, name: str = "my work.pdf") -> dict[str, tuple[io.BytesIO, str]]:
    return {"files": (io.BytesIO(content), name)}


def test_works(client: PageClient, made: MarkedCohort, data_folder: Path, settings: Settings) -> None:
    answer = hand_in(as_student(client, made), made, **a_file())
    assert answer.status == 303
    page = client.get(str(answer.response.location))
    assert page.h1.endswith("Listening at the reading group")
    assert "Handed in. Your tutor can see it now." in page.words
    assert "I let the silence be." in page.words
    assert submitted_criteria(made.enrolments) == {
        (made.enrolments[0], made.criteria[0]),
        (made.enrolments[0], made.criteria[1]),
    }
    (kept,) = stored(settings)
    assert "my work" not in kept.name
    assert kept.read_bytes() == A_PDF
    link = next(link for link in page.links if "/files/" in link)
    file = client.get(link).response
    assert file.data == A_PDF
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert "my work.pdf" in file.headers["Content-Disposition"].replace("%20", " ")
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_needs_sign_in(client: PageClient, made: MarkedCohort) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1])
    for path in (new_at(made), f"/evidence/{item.id}", f"/cohorts/{made.cohort_id}/evidence"):
        assert "/sign-in" in str(client.get(path).response.location)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HR, Role.AUDITOR, Role.SYSADMIN, Role.EQA, Role.ADMIN])
def test_other_role_refused(client: PageClient, made: MarkedCohort, data_folder: Path, role: Role) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1], file_name="a.pdf")
    client.wear(signed_in(role))
    for path in (f"/evidence/{item.id}", f"/evidence/{item.id}/files/{item.file_id}", new_at(made)):
        assert client.get(path).status in (403, 404)
    listed = client.get(f"/cohorts/{made.cohort_id}/evidence")
    assert listed.status == (200 if role is Role.ADMIN else 403 if role is Role.EQA else 404)
    if role is Role.ADMIN:
        assert "Reflective account" in listed.words
        assert "What I learned" not in listed.text
        assert f"/evidence/{item.id}" not in listed.links


def test_other_student_and_other_tutor_not_found(client: PageClient, made: MarkedCohort) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1])
    for who in (signed_in(Role.STUDENT, person=made.people[1]), signed_in(Role.TUTOR)):
        client.wear(who)
        assert client.get(f"/evidence/{item.id}").status == 404
    assert as_student(client, made, 1).get(new_at(made)).status == 404


ERRORS = [
    ({"title": ""}, "Give it a name"),
    ({"kind": ""}, "Choose what it is"),
    ({"kind": "observation"}, "Choose from the list"),
    ({"criteria": []}, "Choose at least one criterion"),
    ({"criteria": [str(uuid4())]}, "Choose from the list"),
    ({"body": ""}, "Write something here, or add a file or a link"),
    ({"body": "", "link": "javascript:alert(1)"}, "Enter a whole address"),
    ({"body": "", "link": "my work"}, "Enter a whole address"),
    ({"ai_use": ""}, "Say whether you used an AI tool"),
    ({"ai_use": "some", "ai_note": ""}, "Say which tool"),
    ({"own_work": []}, "Tick this if it is your own work"),
    ({"no_names": []}, "Take out names"),
]


@pytest.mark.parametrize(("said", "words"), ERRORS, ids=[words for _, words in ERRORS])
def test_shows_errors(client: PageClient, made: MarkedCohort, said: dict[str, Any], words: str) -> None:
    page = hand_in(as_student(client, made), made, **said)
    assert page.status == 422
    assert words in page.words
    assert count(Evidence) == 0
    if said.get("title") != "":
        assert "Listening at the reading group" in page.text
    if said.get("body") != "":
        assert "I let the silence be." in page.text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("../../x", b"x", "nothing we know"),
        ("a.pdf.exe", b"MZ\x90", "ends in .exe"),
        ("empty.pdf", b"", "is empty"),
        ("two kinds at once.pdf", PDF[:-1] + docx() + b"%%EOF", "second file"),
        ("large.png", huge(50_000, 50_000), "too many pixels"),
        ("a.pdf", b"<html>", "is of a kind we cannot take|not what its name says"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing(
    client: PageClient,
    made: MarkedCohort,
    data_folder: Path,
    settings: Settings,
    name: str,
    content: bytes,
    words: str,
) -> None:
    page = hand_in(as_student(client, made), made, **a_file(content, name))
    assert page.status == 422
    assert any(word in page.words for word in words.split("|"))
    assert "I let the silence be." in page.text
    assert (count(Evidence), stored(settings)) == (0, [])


def test_a_double_click_and_back_hand_in_once(
    client: PageClient, made: MarkedCohort, data_folder: Path, settings: Settings
) -> None:
    """F26, F27: the form's key is the same, so it is the same piece."""
    key = str(uuid4())
    as_student(client, made)
    first = hand_in(client, made, key=key, **a_file())
    again = hand_in(client, made, key=key, body="Changed after Back", **a_file())
    assert first.response.location == again.response.location
    assert (count(Evidence), len(stored(settings))) == (1, 1)


def test_the_key_of_another_is_no_key(client: PageClient, made: MarkedCohort) -> None:
    """Nobody learns of, or changes, another's evidence by its form's key."""
    key = str(uuid4())
    hand_in(as_student(client, made), made, key=key)
    as_student(client, made, 1)
    said = filled(made, key=key)
    page = client.send(new_at(made, 1), said)
    assert (page.status, "Open it again" in page.words) == (422, True)
    assert count(Evidence) == 1


def test_a_link_opens_the_draft_about_its_criteria_or_begins_something_new(
    client: PageClient, made: MarkedCohort
) -> None:
    as_student(client, made)
    asked = f"{new_at(made)}?criterion={made.criteria[2]}&criterion=nonsense"
    chosen = 'value="{}" checked'.format
    assert chosen(made.criteria[2]) in client.get(asked).text
    save(client, made, 0, "About something else")
    new = client.get(asked)
    assert chosen(made.criteria[2]) in new.text
    assert chosen(made.criteria[0]) not in new.text
    assert "You have a draft: About something else, saved" in new.words
    assert chosen(made.criteria[0]) in client.get(f"{new_at(made)}?criterion={made.criteria[0]}").text
    assert f"{new_at(made)}?draft={DRAFT}" in new.links


def test_several_drafts_are_kept_beside_each_other(client: PageClient, made: MarkedCohort) -> None:
    """Each is saved while one types, found again, handed in or thrown away, and leaves the others as they were."""
    as_student(client, made)
    other, third = UUID(int=8), UUID(int=9)
    for number, one in enumerate((DRAFT, other, third)):
        with clock.held_at(clock.now() + timedelta(minutes=number)):
            assert save(client, made, 0, f"Draft number {number}", draft=one).status == 200
    latest = client.get(new_at(made))
    assert "Draft number 2" in latest.text
    assert latest.hidden("draft") == str(third)
    assert "Your other drafts: Draft number 1, saved" in latest.words
    named = client.get(f"{new_at(made)}?draft={other}")
    assert (named.hidden("draft"), named.hidden("seen")) == (str(other), "1")
    blank = client.get(f"{new_at(made)}?draft=new")
    assert blank.hidden("draft") not in {str(one) for one in (DRAFT, other, third)}
    assert "Your drafts:" in blank.words
    refused = client.send(new_at(made), {**filled(made), "title": "", "draft": str(other)})
    assert (refused.status, refused.hidden("draft")) == (422, str(other))
    hand_in(client, made, draft=str(other))
    for _ in range(2):  # sent twice it is gone once
        assert client.send(new_at(made), {"deed": "throw away", "draft": str(third)}).status == 303
    assert session().scalars(select(EvidenceDraft.id)).all() == [DRAFT]
    assert "Throw this draft away" in client.get(new_at(made)).words
    # Another's draft is none of theirs: neither opened, written on, nor thrown away.
    as_student(client, made, 1)
    assert client.get(f"{new_at(made, 1)}?draft={DRAFT}").hidden("draft") != str(DRAFT)
    mine = {"deed": "draft", "draft": str(DRAFT), "seen": "1", "body": "x", "title": "", "criteria": []}
    assert client.send(new_at(made, 1), mine).status == 404
    client.send(new_at(made, 1), {"deed": "throw away", "draft": str(DRAFT)})
    assert count(EvidenceDraft) == 1


def test_the_student_is_told_why_nothing_can_be_handed_in(client: PageClient, made: MarkedCohort) -> None:
    as_student(client, made)
    sent = filled(made, csrf_token=client.get(new_at(made)).hidden("csrf_token"))
    save(client, made, 0, "What I began")
    with transaction() as s:
        s.get_one(Enrolment, made.enrolments[0]).status = EnrolmentStatus.WITHDRAWN
    page = client.get(new_at(made))
    assert "You have left this course" in page.words
    # What they wrote is theirs: the draft, and what they were about to hand in.
    assert "What I began" in page.words
    late = client.post(new_at(made), data=sent, content_type="multipart/form-data")
    assert (late.status, "I let the silence be." in late.words, count(Evidence)) == (422, True, 0)


def test_a_verified_unit_is_not_offered(client: PageClient, made: MarkedCohort) -> None:
    for criterion in range(3):
        a_decision(made, 0, criterion)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    as_student(client, made)
    page = client.get(new_at(made))
    assert str(made.criteria[0]) not in page.text
    assert str(made.criteria[3]) in page.text
    assert hand_in(client, made).status == 422


# Drafts.


DRAFT = UUID(int=7)


def save(
    client: PageClient, made: MarkedCohort, seen: int, body: str, *, json: bool = True, draft: UUID = DRAFT
) -> Page:
    headers = {"Accept": "application/json"} if json else {}
    said = {
        "deed": "draft",
        "draft": str(draft),
        "seen": str(seen),
        "body": body,
        "title": "",
        "criteria": [str(made.criteria[0])],
    }
    return client.send(new_at(made), said, headers=headers)


def test_a_draft_is_saved_while_one_types_and_is_there_again(client: PageClient, made: MarkedCohort) -> None:
    as_student(client, made)
    answer = save(client, made, 0, "First thoughts").response
    assert answer.json is not None
    assert answer.json["version"] == 1
    assert answer.json["saved"]
    again = client.get(new_at(made))
    assert "First thoughts" in again.text
    assert "Draft saved" in again.words
    assert again.hidden("seen") == "1"
    assert save(client, made, 1, "Second thoughts").response.json == {
        "saved": clock_words(),
        "version": 2,
    }
    hand_in(client, made, draft=str(DRAFT))
    assert count(EvidenceDraft) == 0


def clock_words() -> str:
    from recovery_college.kernel.wording import clock as words

    saved = session().scalar(select(EvidenceDraft.saved_at))
    assert saved is not None
    return words(saved)


def test_the_same_again_changes_nothing(client: PageClient, made: MarkedCohort) -> None:
    as_student(client, made)
    save(client, made, 0, "Words")
    assert save(client, made, 0, "Words").response.json["version"] == 1  # type: ignore[index]


def throw_away(client: PageClient, made: MarkedCohort) -> None:
    assert client.send(new_at(made), {"deed": "throw away", "draft": str(DRAFT)}).status == 303


@pytest.mark.parametrize("seen", [0, 1])
def test_a_draft_that_went_stays_gone_when_a_save_of_it_was_under_way(
    client: PageClient, made: MarkedCohort, seen: int
) -> None:
    """Thrown away before its first save came, or after: what the page sends late brings nothing back."""
    as_student(client, made)
    if seen:
        save(client, made, 0, "Typed")
    throw_away(client, made)
    throw_away(client, made)
    late = save(client, made, seen, "Typed on")
    assert late.status == 410
    assert count(EvidenceDraft) == 0
    assert "Typed" not in client.get(new_at(made)).text
    fresh = UUID(late.response.json["draft"])  # type: ignore[index]
    assert save(client, made, 0, "Typed on", draft=fresh).status == 200
    hand_in(client, made, draft=str(fresh))
    assert save(client, made, 1, "Typed on", draft=fresh).status == 410
    assert count(EvidenceDraft) == 0


def test_who_presses_save_on_a_draft_that_went_keeps_what_they_see(
    client: PageClient, made: MarkedCohort
) -> None:
    as_student(client, made)
    throw_away(client, made)
    answer = save(client, made, 0, "Typed", json=False)
    assert answer.status == 303
    assert str(DRAFT) not in str(answer.response.location)
    assert "Typed" in client.get(str(answer.response.location)).text


def test_without_the_memory_of_it_a_draft_comes_back(client: PageClient, made: MarkedCohort) -> None:
    """The known-bad twin: a draft that is only deleted is there again with the save that was under way."""
    as_student(client, made)
    throw_away(client, made)
    with transaction() as s:
        s.execute(delete(GoneDraft))
    save(client, made, 0, "Typed on")
    assert count(EvidenceDraft) == 1


def test_what_is_gone_is_forgotten_once_nothing_can_be_under_way(
    client: PageClient, made: MarkedCohort
) -> None:
    as_student(client, made)
    throw_away(client, made)
    sweep_gone_drafts()
    assert count(GoneDraft) == 1
    with clock.held_at(clock.now() + timedelta(days=2)):
        sweep_gone_drafts()
    assert count(GoneDraft) == 0


def test_another_window_is_not_overwritten(client: PageClient, made: MarkedCohort) -> None:
    as_student(client, made)
    save(client, made, 0, "In the first window")
    stale = save(client, made, 0, "In the second window")
    assert stale.status == 409
    assert stale.response.json == {"version": 1, "body": "In the first window"}
    page = save(client, made, 0, "In the second window", json=False)
    assert page.status == 409
    assert "In the first window" in page.words
    assert "In the second window" in page.words


def test_a_draft_without_javascript(client: PageClient, made: MarkedCohort) -> None:
    answer = save(as_student(client, made), made, 0, "Plain", json=False)
    assert answer.status == 303
    assert "It is not handed in yet" in client.get(new_at(made)).words


def test_a_draft_is_its_writers_alone(client: PageClient, made: MarkedCohort) -> None:
    save(as_student(client, made), made, 0, "Not for the tutor")
    for who in (made.tutor, signed_in(Role.IQA)):
        client.wear(who)
        for path in (f"/cohorts/{made.cohort_id}/evidence", f"/students/{made.people[0].id}"):
            assert "Not for the tutor" not in client.get(path).text


# Staff.


def write_at(made: MarkedCohort) -> str:
    return f"/cohorts/{made.cohort_id}/students/{made.enrolments[0]}/evidence"


def observed(made: MarkedCohort, **more: Any) -> dict[str, Any]:
    return filled(made, kind="observation", body="Amina listened well.", title="Role play", **more)


def test_a_tutor_writes_and_the_student_confirms(client: PageClient, made: MarkedCohort) -> None:
    answer = client.wear(made.tutor).send(write_at(made), observed(made))
    assert answer.status == 303
    path = str(answer.response.location)
    assert "has not confirmed this yet" in client.get(path).words
    page = as_student(client, made).get(path)
    assert "Is this how it was?" in page.words
    token = page.hidden("csrf_token")
    for _ in range(2):
        assert client.post(f"{path}/confirm", data={"csrf_token": token}).status == 303
    assert "You confirmed this" in client.get(path).words
    confirmed = select(func.count()).where(AuditEvent.action == "confirmed")
    assert session().scalar(confirmed) == 1


def test_a_tutor_of_another_cohort_writes_nothing(client: PageClient, made: MarkedCohort) -> None:
    client.wear(signed_in(Role.TUTOR))
    assert client.get(write_at(made)).status == 404
    other = a_marked_cohort()
    client.wear(other.tutor)
    path = f"/cohorts/{other.cohort_id}/students/{made.enrolments[0]}/evidence"
    assert client.get(path).status == 404


def test_a_tutor_does_not_observe_themselves(client: PageClient, made: MarkedCohort) -> None:
    """A10, by person: a tutor who is a student of the cohort too."""
    both = another_tutor(made)
    with transaction() as s:
        s.get_one(Enrolment, made.enrolments[0]).person_id = both.person_id
    assert client.wear(both).get(write_at(made)).status == 404


def test_each_look_of_staff_is_recorded(client: PageClient, made: MarkedCohort, data_folder: Path) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1], file_name="a.pdf", is_sensitive=True)
    looks = select(func.count()).where(AuditEvent.action == "viewed", AuditEvent.subject_kind == "evidence")
    as_student(client, made).get(f"/evidence/{item.id}")
    assert session().scalar(looks) == 0
    for number, who in enumerate((made.tutor, signed_in(Role.IQA)), 1):
        client.wear(who).get(f"/evidence/{item.id}")
        client.get(f"/evidence/{item.id}/files/{item.file_id}")
        session().rollback()
        assert session().scalar(looks) == 2 * number


def test_the_list_shows_what_waits_longest_first_in_two_queries(
    client: PageClient, made: MarkedCohort
) -> None:
    for student, days in ((0, 1), (1, 4), (2, 2)):
        an_evidence(made.enrolments[student], made.criteria[:1], at=clock.now() - timedelta(days=days))
    a_decision(made, 2, 0, Outcome.MET)
    page = client.wear(made.tutor).get(f"/cohorts/{made.cohort_id}/evidence?show=waiting")
    assert "Cai" not in page.words
    assert page.words.index("Ben") < page.words.index("Amina")
    assert "4 days ago" in page.words
    assert "Cai" in client.get(f"/cohorts/{made.cohort_id}/evidence").words


# Taking back.


def back_at(evidence_id: UUID) -> str:
    return f"/evidence/{evidence_id}/take-back"


def test_evidence_is_taken_back_until_it_is_decided(
    client: PageClient, made: MarkedCohort, data_folder: Path, settings: Settings
) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1], file_name="a.pdf")
    as_student(client, made)
    for _ in range(2):
        assert client.send(back_at(item.id), {"deed": "take back"}, form_at=new_at(made)).status == 303
    assert (count(Evidence), count(EvidenceWords), count(EvidenceFile), stored(settings)) == (1, 0, 0, [])
    assert "Taken back" in client.get(f"/evidence/{item.id}").words
    assert client.get(f"/evidence/{item.id}/files/{item.file_id}").status == 404
    taken = session().scalar(select(func.count()).where(AuditEvent.action == "took back"))
    assert taken == 1


def test_afterwards_they_ask_and_a_tutor_answers(client: PageClient, made: MarkedCohort) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1], at=clock.now() - timedelta(hours=1))
    a_decision(made, 0, 0, Outcome.MET, released=False)
    own = as_student(client, made).get(f"/evidence/{item.id}")
    assert "Being looked at" in own.words  # a draft is not given away (A7)
    assert "Decided" not in own.words
    refused = client.send(back_at(item.id), {"deed": "take back"})
    assert "You can ask for it" in client.get(str(refused.response.location)).words
    assert count(EvidenceWords) == 1
    for _ in range(2):
        client.send(back_at(item.id), {"deed": "ask"}, form_at=new_at(made))
    assert count(EvidenceRequest) == 1
    client.wear(made.tutor)
    assert "asked back" in client.get(f"/cohorts/{made.cohort_id}/evidence?show=asked").words
    answer_at = f"/evidence/{item.id}/answer"
    assert client.send(answer_at, {"answer": "kept", "words": ""}).status == 422
    assert client.send(answer_at, {}).status == 422
    assert client.send(answer_at, {"answer": "given back", "words": "Of course."}).status == 303
    assert client.send(answer_at, {"answer": "kept", "words": "Too late."}).status == 303
    page = as_student(client, made).get(f"/evidence/{item.id}")
    assert "Answer: given back." in page.words
    assert "Of course." in page.words
    assert count(EvidenceWords) == 0


def test_what_staff_wrote_is_not_the_students_to_take(client: PageClient, made: MarkedCohort) -> None:
    item = an_evidence(
        made.enrolments[0], made.criteria[:1], kind=EvidenceKind.OBSERVATION, made_by=made.tutor.person_id
    )
    answer = as_student(client, made).send(back_at(item.id), {"deed": "take back"}, form_at=new_at(made))
    assert "Your tutor wrote this" in client.get(str(answer.response.location)).words
    assert count(EvidenceWords) == 1


# Files no row knows.


def test_the_sweep_removes_what_no_row_knows_and_nothing_else(
    app: Flask, made: MarkedCohort, data_folder: Path, settings: Settings
) -> None:
    storage = app.extensions["storage"]
    an_evidence(made.enrolments[0], made.criteria[:1], file_name="a.pdf")
    storage.put("evidence/0123456789.pdf", b"left by a process that died")
    storage.put("evidence/0123456789.pdf.abcdef.part", b"half of one")
    storage.put("imports/0123456789", b"not ours")
    assert sweep_files(storage) == 0  # too young: somebody may still be writing
    with clock.held_at(clock.now() + timedelta(days=2)):
        assert sweep_files(storage) == 2
        assert sweep_files(storage) == 0
    assert len(stored(settings)) == 1
    assert storage.exists("imports/0123456789")
