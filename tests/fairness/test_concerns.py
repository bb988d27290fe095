"""Concerns: named people only, nobody judged unheard, nothing that tells others it exists (A15)."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.fairness.concern_models import Concern, ConcernEntry
from recovery_college.fairness.concern_queries import (
    concern_known_to,
    concerns_known_to,
    concerns_waiting,
    open_concerns,
    own_concerns,
)
from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind, why_no_entry
from recovery_college.fairness.concern_services import (
    ConcernRefused,
    NoSuchConcern,
    StaleConcern,
    add_entry,
    answer_concern,
    end_person,
    name_person,
    raise_concern,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.courses import a_tutor_of
from tests.factories.fairness import a_learner
from tests.factories.people import signed_in
from tests.page_client import PageClient

FOUND, NOTHING = ConcernOutcome.FOUND, ConcernOutcome.NOTHING_IN_IT
people = st.integers(0, 4)


@given(
    st.sampled_from(EntryKind), st.lists(st.sampled_from(EntryKind), max_size=5),
    st.none() | st.sampled_from(ConcernOutcome), people, people, people,
)  # fmt: skip
def test_nobody_is_judged_unheard_or_by_who_raised_it(
    kind: EntryKind, earlier: list[EntryKind], outcome: ConcernOutcome | None, writer: int, raiser: int,
    student: int,
) -> None:  # fmt: skip
    problem = why_no_entry(kind, earlier, outcome, "words", writer=writer, raised_by=raiser, student=student)
    if problem is None and kind is EntryKind.OUTCOME:
        assert writer not in (raiser, student)
        assert outcome is not None
        assert EntryKind.OUTCOME not in earlier
        assert outcome is NOTHING or {EntryKind.TOLD, EntryKind.ANSWER} <= set(earlier)
    if problem is None and writer == student:
        assert kind is EntryKind.ANSWER


def a_concern(raiser: SignedIn | None = None) -> tuple[UUID, SignedIn, Enrolment]:
    """A concern about a student, raised by an administrator unless said."""
    student, place = a_learner()
    raiser = raiser or signed_in(Role.ADMIN)
    return raise_concern(raiser, uuid4(), place.cohort_id, place.id, "Two essays are alike."), student, place


def stamp(actor: SignedIn, concern_id: UUID) -> str:
    file = concern_known_to(actor, concern_id)
    assert file is not None
    return file.stamp


def add(actor: SignedIn, concern_id: UUID, kind: EntryKind, outcome: ConcernOutcome | None = None) -> bool:
    return add_entry(actor, concern_id, kind, "Words", clock.today(), stamp(actor, concern_id), outcome)


@pytest.mark.usefixtures("app")
def test_the_whole_way() -> None:
    concern_id, student, place = a_concern()
    admin, investigator = signed_in(Role.ADMIN), signed_in(Role.IQA)
    assert open_concerns([place.id]) == {place.id}
    assert own_concerns(student) == []
    assert investigator.person_id is not None
    name_person(admin, concern_id, investigator.person_id)
    name_person(admin, concern_id, investigator.person_id)
    assert [file.id for file in concerns_waiting(investigator)] == [concern_id]
    with pytest.raises(ConcernRefused, match="Tell the student first"):
        add(investigator, concern_id, EntryKind.OUTCOME, FOUND)
    add(investigator, concern_id, EntryKind.TOLD)
    (own,) = own_concerns(student)
    assert (own.allegation, own.has_answered) == ("Two essays are alike.", False)
    answer_concern(student, concern_id, "We worked together in the library.")
    answer_concern(student, concern_id, "We worked together in the library.")
    add(investigator, concern_id, EntryKind.NOTE)
    assert {entry.kind for entry in own_concerns(student)[0].entries} == {EntryKind.TOLD, EntryKind.ANSWER}
    add(investigator, concern_id, EntryKind.OUTCOME, ConcernOutcome.ADVICE)
    add(investigator, concern_id, EntryKind.AO_TOLD)
    assert open_concerns([place.id]) == frozenset()
    with pytest.raises(ConcernRefused):
        answer_concern(student, concern_id, "One thing more.")
    assert session().scalar(select(func.count(ConcernEntry.id))) == 5


@pytest.mark.usefixtures("app")
def test_nobody_else_can_learn_that_it_exists(client: PageClient) -> None:
    concern_id, student, place = a_concern()
    tutor = a_tutor_of(place.cohort)
    paths = [f"/concerns/{concern_id}", f"/concerns/{concern_id}/people"]
    for who in (tutor, student, *(signed_in(role) for role in Role if role is not Role.ADMIN)):
        client.wear(who)
        for path in paths:
            assert client.get(path).status == 404, (who.role, path)
        if who.role in (Role.TUTOR, Role.IQA):
            assert "No concern is open for you" in client.get("/concerns").words
    assert concerns_known_to(tutor) == []
    assert "Two essays" not in client.wear(student).get("/my-concerns").words
    assert client.get(f"/my-concerns/{concern_id}").status == 404
    told = session().scalars(select(AuditEvent).where(AuditEvent.subject_kind == "concern")).all()
    assert told
    assert not any(str(place.id) in event.details or str(place.person_id) in event.details for event in told)


@pytest.mark.usefixtures("app")
def test_a_tutor_who_raises_one_does_not_see_it_again(client: PageClient) -> None:
    _, place = a_learner()
    tutor = a_tutor_of(place.cohort)
    path = f"/cohorts/{place.cohort_id}/concern"
    client.wear(tutor)
    refused = client.send(path, {"student": str(place.id), "allegation": "", "key": str(uuid4())})
    assert (refused.status, "Write what you saw" in refused.words) == (422, True)
    sent = {"student": str(place.id), "allegation": "Two essays are alike.", "key": str(uuid4())}
    assert client.send(path, sent).status == 303
    assert client.send(path, sent).status == 303
    assert session().scalar(select(func.count(Concern.id))) == 1
    assert concerns_known_to(tutor) == []
    assert len(concerns_known_to(signed_in(Role.ADMIN))) == 1
    with pytest.raises(NoSuchConcern):
        raise_concern(a_tutor_of(), uuid4(), place.cohort_id, place.id, "Words")


@pytest.mark.usefixtures("app")
def test_who_is_no_longer_named_no_longer_knows(client: PageClient) -> None:
    concern_id, _, _ = a_concern()
    admin, investigator = signed_in(Role.ADMIN), signed_in(Role.TUTOR)
    assert investigator.person_id is not None
    name_person(admin, concern_id, investigator.person_id)
    page = client.wear(investigator).get(f"/concerns/{concern_id}")
    assert "Two essays are alike." in page.words
    assert client.get(f"/concerns/{concern_id}/people").status == 404
    end_person(admin, concern_id, investigator.person_id)
    end_person(admin, concern_id, investigator.person_id)
    assert client.get(f"/concerns/{concern_id}").status == 404


@pytest.mark.usefixtures("app")
def test_pages_add_entries_and_keep_what_was_typed(client: PageClient) -> None:
    concern_id, student, _ = a_concern()
    path = f"/concerns/{concern_id}"
    client.wear(signed_in(Role.ADMIN))
    seen = client.get(path).hidden("seen")
    today = clock.today()
    day = {
        "happened_on-day": str(today.day),
        "happened_on-month": str(today.month),
        "happened_on-year": str(today.year),
    }
    bad = client.send(
        path, {"seen": seen, "kind": "outcome", "outcome": "malpractice found", "words": "Kept", **day}
    )
    assert bad.status == 422
    assert "Kept" in bad.text
    sent = {"seen": seen, "kind": "student told", "words": "We met on Monday.", **day}
    assert client.send(path, sent).status == 303
    assert client.send(path, sent).status == 303
    assert session().scalar(select(func.count(ConcernEntry.id))) == 1
    stale = client.send(path, {"seen": seen, "kind": "note", "words": "My typed words", **day})
    assert (stale.status, "My typed words" in stale.words) == (409, True)
    page = client.wear(student).get(f"/my-concerns/{concern_id}")
    assert "We met on Monday." in page.words
    assert client.send(f"/my-concerns/{concern_id}", {"words": ""}).status == 422
    assert client.send(f"/my-concerns/{concern_id}", {"words": "It is mine."}).status == 303


@pytest.mark.usefixtures("app")
def test_a_stale_entry_is_told() -> None:
    concern_id, _, _ = a_concern()
    admin, other = signed_in(Role.ADMIN), signed_in(Role.ADMIN)
    seen = stamp(admin, concern_id)
    add(other, concern_id, EntryKind.NOTE)
    with pytest.raises(StaleConcern):
        add_entry(admin, concern_id, EntryKind.TOLD, "Words", clock.today(), seen)


@pytest.mark.usefixtures("app")
def test_an_administrator_who_is_the_student_knows_nothing_and_is_not_named() -> None:
    concern_id, student, place = a_concern()
    person = session().get_one(Person, place.person_id)
    himself = signed_in(Role.ADMIN, person=person)
    assert concern_known_to(himself, concern_id) is None
    with pytest.raises(ConcernRefused):
        name_person(signed_in(Role.ADMIN), concern_id, place.person_id)
    assert student.person_id == himself.person_id


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("who", ["raiser", "student", "somebody else"])
def test_raw_sql_lets_nobody_decide_their_own(who: str) -> None:
    raiser = signed_in(Role.ADMIN)
    concern_id, student, _ = a_concern(raiser)
    writer = {"raiser": raiser, "student": student, "somebody else": signed_in(Role.ADMIN)}[who]
    row = ConcernEntry(
        concern_id=concern_id, kind=EntryKind.OUTCOME, words="x", outcome=NOTHING, happened_on=clock.today(),
        written_by=writer.person_id, written_at=clock.now(),
    )  # fmt: skip
    if who == "somebody else":
        with transaction() as s:
            s.add(row)
        return
    with pytest.raises(DBAPIError, match=r"\(A10\)"), transaction() as s:
        s.add(row)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE concern SET allegation = 'x'", "DELETE FROM concern", "UPDATE concern_entry SET words = 'x'",
     "DELETE FROM concern_entry", "DELETE FROM concern_person", "UPDATE concern_person SET named_by = 'x'"],
)  # fmt: skip
def test_the_record_is_only_added_to(statement: str) -> None:
    concern_id, _, _ = a_concern()
    admin, other = signed_in(Role.ADMIN), signed_in(Role.IQA)
    assert other.person_id is not None
    name_person(admin, concern_id, other.person_id)
    add(admin, concern_id, EntryKind.NOTE)
    with pytest.raises(DBAPIError), transaction() as s:
        s.execute(text(statement))
