"""The pages of appeals: the student's own, and those of who arranges, hears and decides."""

import pytest

from recovery_college.access.rules import Role
from recovery_college.fairness.appeal_queries import appeal_visible_to
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.fairness.own_appeal_queries import own_appeals
from tests.factories.courses import a_cohort, a_tutor_of, criteria_of, units_of
from tests.factories.fairness import a_decision_by, a_learner, an_appeal, find, name
from tests.factories.people import signed_in
from tests.page_client import PageClient
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("app")


def test_a_student_asks_follows_and_asks_once_more(client: PageClient) -> None:
    student, place = a_learner()
    assert "No decision yet" in client.wear(student).get("/my-appeals").words
    assessor, reviewer, admin = a_tutor_of(place.cohort), signed_in(Role.IQA), signed_in(Role.ADMIN)
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0]
    decision_id = a_decision_by(assessor, place, criterion.id)
    new = f"/my-appeals/new/{place.id}/{criterion.id}"
    assert new in client.wear(student).get("/my-appeals").links
    sent = client.send(new, {"seen": str(decision_id), "words": ""})
    assert sent.status == 303
    appeal_id = own_appeals(student)[0].id
    assert "finding somebody" in client.get(f"/my-appeals/{appeal_id}").words
    client.wear(admin)
    page = client.get(f"/appeals/{appeal_id}")
    assert "Who cannot, and why (1)" in page.words
    named = client.send(
        f"/appeals/{appeal_id}/reviewer",
        {"seen": page.hidden("seen"), "person": str(reviewer.person_id)},
        form_at=f"/appeals/{appeal_id}",
    )
    assert named.status == 303
    client.wear(reviewer)
    assert "10 working days left" in client.get("/appeals").words
    page = client.get(f"/appeals/{appeal_id}/finding")
    saved = client.send(
        f"/appeals/{appeal_id}/finding",
        {
            "seen": page.hidden("seen"),
            "finding": "not upheld",
            "reasons": "It was fair.",
            "next_steps": "Go on.",
        },
    )
    assert saved.status == 303
    own = client.wear(student).get(f"/my-appeals/{appeal_id}")
    assert "The decision stands" in own.words
    assert "It was fair." in own.words
    assert client.send(f"/my-appeals/{appeal_id}/second-review", {"words": "Please"}).status == 303
    assert "Second review" in client.get(f"/my-appeals/{appeal_id}").words


def test_a_student_takes_it_back(client: PageClient) -> None:
    heard = an_appeal()
    path = f"/my-appeals/{heard.appeal_id}"
    assert client.wear(heard.student).send(f"{path}/take-back", form_at=path).status == 303
    assert "You took it back" in client.get(path).words


def test_errors_keep_what_was_typed(client: PageClient) -> None:
    heard, reviewer = an_appeal(), signed_in(Role.IQA)
    name(heard.appeal_id, reviewer)
    path = f"/appeals/{heard.appeal_id}/finding"
    seen = client.wear(reviewer).get(path).hidden("seen")
    page = client.send(path, {"seen": seen, "finding": "upheld", "reasons": "Kept words", "next_steps": ""})
    assert page.status == 422
    assert "Write what happens next" in page.words
    assert "Kept words" in page.text
    page = client.send(path, {"seen": seen, "finding": "upheld", "reasons": "Kept words", "next_steps": "x"})
    assert (page.status, "Say whether other students are affected" in page.words) == (422, True)
    admin = signed_in(Role.ADMIN)
    page = client.wear(admin).send(
        f"/appeals/{heard.appeal_id}/reviewer",
        {"seen": "x", "person": ""},
        form_at=f"/appeals/{heard.appeal_id}",
    )
    assert (page.status, "Choose somebody" in page.words) == (422, True)


def test_a_stale_finding_shows_both(client: PageClient) -> None:
    heard, reviewer = an_appeal(), signed_in(Role.IQA)
    name(heard.appeal_id, reviewer)
    path = f"/appeals/{heard.appeal_id}/finding"
    seen = client.wear(reviewer).get(path).hidden("seen")
    a_decision_by_somebody = a_tutor_of(heard.place.cohort)
    assert a_decision_by_somebody
    page = client.send(
        path,
        {"seen": f"{seen}0", "finding": "not upheld", "reasons": "My typed words", "next_steps": "x"},
    )
    assert page.status == 409
    assert "My typed words" in page.words


def test_the_new_decision(client: PageClient) -> None:
    heard, reviewer = an_appeal(), signed_in(Role.IQA)
    second = a_tutor_of(heard.place.cohort, name="Nia")
    name(heard.appeal_id, reviewer)
    find(heard.appeal_id, reviewer, AppealFinding.UPHELD)
    path = f"/appeals/{heard.appeal_id}/decision"
    assert client.wear(heard.assessor).get(path).status == 403
    page = client.wear(second).get(path)
    refused = client.send(path, {"seen": page.hidden("seen"), "outcome": "not yet met", "feedback": ""})
    assert (refused.status, "Write what would make it met" in refused.words) == (422, True)
    done = client.send(path, {"seen": page.hidden("seen"), "outcome": "met", "feedback": "It was there."})
    assert done.status == 303
    own = client.wear(heard.student).get(f"/my-appeals/{heard.appeal_id}").words
    assert "It was decided again by Nia" in own


def test_others_get_nothing(client: PageClient) -> None:
    heard = an_appeal()
    path = f"/appeals/{heard.appeal_id}"
    for role in (Role.EQA, Role.MANAGER, Role.HR, Role.AUDITOR, Role.SYSADMIN, Role.STUDENT):
        assert client.wear(signed_in(role)).get(path).status == 404
    assert client.wear(a_tutor_of()).get(path).status == 404
    other, _ = a_learner()
    assert client.wear(other).get(f"/my-appeals/{heard.appeal_id}").status == 404
    assert client.get(f"/my-appeals/new/{heard.place.id}/{heard.criterion_id}").status == 404
    reviewer = signed_in(Role.IQA)
    assert client.wear(reviewer).get(f"{path}/finding").status == 403
    assert appeal_visible_to(reviewer, heard.appeal_id) is not None


def test_a_list_asks_as_often_whatever_its_length(client: PageClient) -> None:
    admin = signed_in(Role.ADMIN)
    counts = []
    for _ in range(2):
        for _ in range(2):
            an_appeal()
        client.wear(admin).get("/appeals")  # warm
        with statements() as asked:
            client.get("/appeals")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] < 40


def test_who_decides_anew_is_led_to_marking_only_where_they_may_go(client: PageClient) -> None:
    heard = an_appeal()
    reviewer = a_tutor_of(a_cohort())
    name(heard.appeal_id, reviewer)
    find(heard.appeal_id, reviewer, AppealFinding.UPHELD)
    marking = f"/cohorts/{heard.place.cohort_id}/marking/{heard.place.id}/{heard.criterion_id}"
    colleague = a_tutor_of(heard.place.cohort)
    page = client.wear(colleague).get(f"/appeals/{heard.appeal_id}/decision")
    assert marking in page.links
    assert client.get(marking).status == 200
    page = client.wear(reviewer).get(f"/appeals/{heard.appeal_id}/decision")
    assert page.status == 200
    assert marking not in page.links
    assert client.get(marking).status == 404
