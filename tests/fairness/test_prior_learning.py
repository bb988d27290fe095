"""Recognition of prior learning (A13): within the programme's limit, and never the whole qualification."""

from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_rules import EvidenceKind
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import Enrolment
from recovery_college.fairness.rpl_models import RplClaim
from recovery_college.fairness.rpl_queries import claims_known_to, claims_waiting, limit_of, own_claims
from recovery_college.fairness.rpl_rules import RplUnit, plain_percent, share_by_rpl, why_no_claim
from recovery_college.fairness.rpl_services import (
    NoSuchClaim,
    RplRefused,
    StaleLimit,
    close_claim,
    open_claim,
    set_limit,
)
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from tests.factories.courses import a_cohort, a_qualification, a_tutor_of, criteria_of, units_of
from tests.factories.fairness import a_decision_by, a_learner
from tests.factories.people import signed_in
from tests.page_client import PageClient

units = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=1, max_size=5).map(
    lambda found: [
        RplUnit(credit, frozenset(f"{place}.{number}" for number in range(size)))
        for place, (credit, size) in enumerate(found)
    ]
)


@given(units, st.data(), st.integers(0, 100))
def test_never_above_the_limit_and_never_the_whole(
    specification: list[RplUnit], data: st.DataObject, percent: int
) -> None:
    every = sorted(one for unit in specification for one in unit.criteria)
    picks = st.frozensets(st.sampled_from(every)) if every else st.just(frozenset[str]())
    already, wanted = data.draw(picks), data.draw(picks)
    refused = why_no_claim(specification, already, wanted, percent)
    together = already | wanted
    share = share_by_rpl(specification, together)
    assert 0 <= share <= 1
    if refused is None:
        assert wanted
        assert together < frozenset(every)
        assert share * 100 <= percent
        assert not wanted & already
    elif wanted and not wanted & already and together < frozenset(every):
        assert share * 100 > percent
        assert f"{percent}%" in refused


@given(units, st.data())
def test_claiming_more_is_never_a_smaller_share(specification: list[RplUnit], data: st.DataObject) -> None:
    every = sorted(one for unit in specification for one in unit.criteria)
    some = data.draw(st.frozensets(st.sampled_from(every))) if every else frozenset()
    assert share_by_rpl(specification, some) <= share_by_rpl(specification, every)
    assert share_by_rpl(specification, every) in (0, 1)


def test_a_share_is_never_rounded_down_to_what_is_allowed() -> None:
    assert plain_percent(Fraction(1, 2)) == "50%"
    assert plain_percent(Fraction(5001, 10000)) == "50.1%"


def a_course() -> tuple[object, Enrolment, list[UUID]]:
    """A student on a course of two units of three criteria each, which weigh the same."""
    student, place = a_learner(a_cohort(a_qualification(units=2, criteria=3)))
    found = [one.id for unit in units_of(place.cohort.qualification) for one in criteria_of(unit)]
    return student, place, found


@pytest.mark.usefixtures("app")
def test_the_limit_is_explained_and_moves_with_the_setting() -> None:
    student, place, criteria = a_course()
    open_claim(student, uuid4(), place.id, criteria[:2], "Ten years of volunteering")  # type: ignore[arg-type]
    with pytest.raises(RplRefused, match=r"66\.7% of the credit .* allows up to 50%"):
        open_claim(student, uuid4(), place.id, criteria[2:4], "More")  # type: ignore[arg-type]
    open_claim(student, uuid4(), place.id, criteria[2:3], "More")  # type: ignore[arg-type]
    admin, qualification_id = signed_in(Role.ADMIN), place.cohort.qualification_id
    set_limit(admin, qualification_id, 99, 0)
    assert limit_of(qualification_id) == (99, 1)
    set_limit(admin, qualification_id, 99, 0)
    with pytest.raises(StaleLimit):
        set_limit(admin, qualification_id, 20, 0)
    open_claim(student, uuid4(), place.id, criteria[3:5], "More")  # type: ignore[arg-type]
    with pytest.raises(RplRefused, match="whole qualification"):
        open_claim(student, uuid4(), place.id, criteria[5:], "All of it")  # type: ignore[arg-type]


@pytest.mark.usefixtures("app")
def test_a_claim_names_its_criteria_in_the_order_of_the_specification() -> None:
    # eleven outcomes, so that 10.1 would stand before 2.1 were they ordered as text
    student, place = a_learner(a_cohort(a_qualification(units=3, criteria=31)))
    criteria = criteria_of(units_of(place.cohort.qualification)[0])
    open_claim(student, uuid4(), place.id, [one.id for one in reversed(criteria)], "All of it")  # type: ignore[arg-type]
    (claim,) = own_claims(student)  # type: ignore[arg-type]
    assert [one.number for one in claim.criteria] == [one.number for one in criteria]


@pytest.mark.usefixtures("app")
def test_what_comes_of_it_follows_from_the_ordinary_decisions() -> None:
    student, place, criteria = a_course()
    tutor, key = a_tutor_of(place.cohort), uuid4()
    made = open_claim(tutor, key, place.id, criteria[:2], "A course in 2019")
    assert open_claim(tutor, key, place.id, criteria[:2], "A course in 2019") == made
    assert [file.waiting for file in claims_waiting(tutor, claims_known_to(tutor))] == [2]
    a_decision_by(tutor, place, criteria[0], Outcome.MET)
    a_decision_by(tutor, place, criteria[1], Outcome.NOT_YET_MET)
    assert claims_waiting(tutor, claims_known_to(tutor)) == []
    (own,) = own_claims(student)  # type: ignore[arg-type]
    assert (own.met, own.waiting, len(own.criteria)) == (1, 0, 2)
    with pytest.raises(RplRefused, match="another claim"):
        open_claim(tutor, uuid4(), place.id, criteria[:1], "Again")


@pytest.mark.usefixtures("app")
def test_who_may_open_and_close() -> None:
    student, place, criteria = a_course()
    other, _ = a_learner()
    strangers = (other, a_tutor_of(), signed_in(Role.IQA), signed_in(Role.ADMIN))
    for who in strangers:
        with pytest.raises(NoSuchClaim):
            open_claim(who, uuid4(), place.id, criteria[:1], "Words")
    made = open_claim(student, uuid4(), place.id, criteria[:1], "Words")  # type: ignore[arg-type]
    for who in strangers:
        with pytest.raises(NoSuchClaim):
            close_claim(who, made, "Words")
    person = session().get_one(Person, place.person_id)
    with pytest.raises(NoSuchClaim):
        open_claim(signed_in(Role.TUTOR, person=person), uuid4(), place.id, criteria[1:2], "Words")
    with pytest.raises(RplRefused, match="kind words"):
        close_claim(a_tutor_of(place.cohort), made, "")
    close_claim(student, made)  # type: ignore[arg-type]
    close_claim(student, made)  # type: ignore[arg-type]
    assert open_claim(student, uuid4(), place.id, criteria[:1], "Once more") != made  # type: ignore[arg-type]


@pytest.mark.usefixtures("app")
def test_the_pages(client: PageClient) -> None:
    student, place, criteria = a_course()
    tutor, admin = a_tutor_of(place.cohort), signed_in(Role.ADMIN)
    assert "Nothing asked yet" in client.wear(student).get("/my-prior-learning").words
    new = f"/my-prior-learning/new/{place.id}"
    four = [str(one) for one in criteria[:4]]
    page = client.send(new, {"words": "Kept words", "criteria": four, "key": str(uuid4())})
    assert page.status == 422
    assert "allows up to 50%" in page.words
    assert "Kept words" in page.text
    assert client.send(new, {"words": "Kept words", "criteria": four[:2], "key": str(uuid4())}).status == 303
    own = client.get("/my-prior-learning")
    (there,) = (link for link in own.links if f"/my-progress/{place.id}/hand-in" in link)
    assert client.get(there).text.count(" checked") >= 2  # the criteria asked about are ticked
    (file,) = own_claims(student)  # type: ignore[arg-type]
    cohort = f"/cohorts/{place.cohort_id}/prior-learning"
    assert f"/prior-learning/{file.id}" in client.wear(tutor).get(cohort).links
    assert f"/prior-learning/{file.id}" in client.get("/prior-learning").links
    shown = client.get(f"/prior-learning/{file.id}")
    assert "To be decided" in shown.words
    bad = client.send(f"/prior-learning/{file.id}", {"words": ""})
    assert (bad.status, "kind words" in bad.words) == (422, True)
    assert client.send(f"/prior-learning/{file.id}", {"words": "A talk suits better."}).status == 303
    limit = f"/qualifications/{place.cohort.qualification_id}/prior-learning"
    assert client.get(limit).status == 403
    assert client.wear(a_tutor_of()).get(f"/prior-learning/{file.id}").status == 404
    assert client.get(cohort).status == 404
    client.wear(admin)
    assert client.send(limit, {"percent": "120", "seen": "0"}).status == 422
    assert client.send(limit, {"percent": "30", "seen": "0"}).status == 303
    assert client.send(limit, {"percent": "40", "seen": "0"}).status == 409
    assert session().scalar(select(func.count(RplClaim.id))) == 1


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE rpl_claim SET words = 'x'", "DELETE FROM rpl_claim_criterion", "DELETE FROM rpl_claim"],
)
def test_the_record_is_only_added_to(statement: str) -> None:
    student, place, criteria = a_course()
    open_claim(student, uuid4(), place.id, criteria[:1], "Words")  # type: ignore[arg-type]
    with pytest.raises(DBAPIError), transaction() as s:
        s.execute(text(statement))


def handing_in(criterion: UUID) -> dict[str, object]:
    return {
        "title": "My first aid course", "kind": EvidenceKind.RPL.value, "criteria": [str(criterion)],
        "key": str(uuid4()), "body": "I learned it in 2019.", "ai_use": "none", "own_work": "yes",
        "no_names": "yes", "deed": "hand in",
    }  # fmt: skip


def test_evidence_of_prior_learning_needs_a_claim_that_covers_it(client: PageClient) -> None:
    student, place = a_learner()
    asked, other = (one.id for one in criteria_of(units_of(place.cohort.qualification)[0])[:2])
    path = f"/my-progress/{place.id}/hand-in"
    page = client.wear(student).get(path)
    assert EvidenceKind.RPL.value not in page.text
    assert "/my-prior-learning" in page.links
    assert client.send(path, handing_in(asked)).status == 422
    open_claim(student, uuid4(), place.id, [asked], "I did this for six years.")
    assert EvidenceKind.RPL.value in client.get(path).text
    refused = client.send(path, handing_in(other))
    assert refused.status == 422
    assert "choose only criteria that you asked about" in refused.words
    assert "I learned it in 2019." in refused.text
    assert client.send(path, handing_in(asked)).status == 303
    assert own_claims(student)[0].evidence == 1


def test_the_ways_to_fairness_are_there_for_who_may_take_them(client: PageClient) -> None:
    student, place = a_learner()
    tutor, admin, iqa = a_tutor_of(place.cohort), signed_in(Role.ADMIN), signed_in(Role.IQA)
    limit = f"/qualifications/{place.cohort.qualification_id}/prior-learning"
    version = f"/qualifications/{place.cohort.qualification_id}"
    assert limit in client.wear(admin).get(version).links
    assert limit not in client.wear(tutor).get(version).links
    assert {"/what-helps-me", "/my-appeals", "/my-prior-learning"} <= set(
        client.wear(student).get("/my-progress").links
    )
    for who, ways in (
        (tutor, {"what-helps", "prior-learning", "concern"}),
        (admin, {"what-helps", "prior-learning", "concern"}),
        (iqa, {"prior-learning", "concern"}),
    ):
        links = client.wear(who).get(f"/students/{place.person_id}").links
        found = {
            way
            for way in ("what-helps", "prior-learning", "concern")
            if f"/cohorts/{place.cohort_id}/{way}" in links
        }
        assert found == ways
        assert all(client.get(f"/cohorts/{place.cohort_id}/{way}").status == 200 for way in ways)
