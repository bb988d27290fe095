"""The bank of comments: the college's and one's own, put into feedback by hand, changed, put away, brought back."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.comment_queries import comments_for
from recovery_college.assessment.comment_services import (
    NoSuchComment,
    StaleComment,
    add_comment,
    change_comment,
    retire_comment,
)
from recovery_college.assessment.models import Decision
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel.db import session
from tests.factories.marking import MarkedCohort, a_marked_cohort, another_tutor
from tests.factories.people import signed_in
from tests.page_client import PageClient


def bank(made: MarkedCohort, criterion: int = 0) -> str:
    return f"{made.path}/comments/{made.criteria[criterion]}"


def test_works(client: PageClient) -> None:
    made = a_marked_cohort()
    page = client.wear(made.tutor).get(bank(made))
    assert "You have kept none for this criterion yet." in page.words
    assert client.send(bank(made), {"text": " Put both side by side <b> ", "shared": "no"}).status == 303
    assert client.send(bank(made), {"text": "Say when you would", "shared": "yes"}).status == 303
    page = client.get(bank(made))
    assert "Put both side by side <b>" in page.words
    assert "Say when you would" in page.words
    assert [one.text for one in comments_for(made.tutor, made.criteria[1])] == []
    said = session().scalars(select(AuditEvent).where(AuditEvent.action == "added comment")).all()
    assert len(said) == 2
    assert not any("side" in event.details for event in said)


def test_own_comments_are_nobody_else_s(client: PageClient) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    own = add_comment(made.tutor, made.cohort_id, made.criteria[0], "Mine alone", shared=False)
    add_comment(made.tutor, made.cohort_id, made.criteria[0], "For all", shared=True)
    assert [one.text for one in comments_for(kit, made.criteria[0])] == ["For all"]
    assert "Mine alone" not in client.wear(kit).get(made.cell()).text
    assert client.get(f"{bank(made)}/{own}").status == 404
    with pytest.raises(NoSuchComment):
        change_comment(kit, made.cohort_id, own, "Taken", 1)
    with pytest.raises(NoSuchComment):
        retire_comment(kit, made.cohort_id, own)
    assert comments_for(signed_in(Role.IQA), made.criteria[0]) == ()


def test_it_goes_into_the_feedback_and_is_not_sent_by_itself(client: PageClient) -> None:
    made = a_marked_cohort()
    comment = add_comment(made.tutor, made.cohort_id, made.criteria[0], "Say when you would", shared=True)
    page = client.wear(made.tutor).get(made.cell())
    assert "Comments to use again (1)" in page.words
    token = page.hidden("csrf_token")
    data = {"csrf_token": token, "seen": "0", "feedback": "Well begun.", "insert": str(comment)}
    page = client.post(made.cell(), data=data)
    assert page.status == 200
    assert page.tree is not None
    (box,) = page.tree.iter("textarea")
    assert (box.text or "").strip() == "Well begun.\nSay when you would"
    assert session().scalars(select(Decision)).all() == []
    assert client.post(made.cell(), data=data | {"insert": str(uuid4())}).status == 404


def test_shows_errors(client: PageClient) -> None:
    made = a_marked_cohort()
    page = client.wear(made.tutor).send(bank(made), {"text": "  ", "shared": "no"})
    assert page.status == 422
    assert "Write the comment" in page.words
    page = client.send(bank(made), {"text": "x" * 2001, "shared": "no"})
    assert page.status == 422
    assert "x" * 2001 in page.text
    assert comments_for(made.tutor, made.criteria[0]) == []


def test_change_put_away_and_bring_back(client: PageClient) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    one = add_comment(made.tutor, made.cohort_id, made.criteria[0], "Say when", shared=True)
    address = f"{bank(made)}/{one}"
    client.wear(made.tutor)
    old = client.get(address)
    assert client.wear(kit).send(address, {"text": "Say when and why", "version": "1"}).status == 303
    token = client.wear(made.tutor).get(address).hidden("csrf_token")
    page = client.post(
        address, data={"csrf_token": token, "text": "Say how", "version": old.hidden("version")}
    )
    assert page.status == 409
    assert "Say when and why" in page.words
    assert "Say how" in page.words
    assert client.send(address, {"deed": "retire"}).status == 303
    assert comments_for(made.tutor, made.criteria[0]) == []
    assert "Put away (1)" in client.get(bank(made)).words
    assert client.send(address, {"deed": "back"}).status == 303
    assert [row.text for row in comments_for(kit, made.criteria[0])] == ["Say when and why"]
    with pytest.raises(StaleComment):
        change_comment(made.tutor, made.cohort_id, one, "Other", 1)


def test_kept_twice_is_kept_once(client: PageClient) -> None:
    made = a_marked_cohort()
    first = add_comment(made.tutor, made.cohort_id, made.criteria[0], "Say when", shared=False)
    assert add_comment(made.tutor, made.cohort_id, made.criteria[0], "Say when ", shared=False) == first
    assert len(comments_for(made.tutor, made.criteria[0])) == 1


def test_needs_sign_in(client: PageClient) -> None:
    made = a_marked_cohort()
    assert client.get(bank(made)).status == 303


@pytest.mark.parametrize(("role", "status"), [(Role.IQA, 403), (Role.ADMIN, 403), (Role.STUDENT, 404)])
def test_other_role_refused(client: PageClient, role: Role, status: int) -> None:
    made = a_marked_cohort()
    assert client.wear(signed_in(role)).get(bank(made)).status == status


def test_other_cohort_not_found(client: PageClient) -> None:
    made, theirs = a_marked_cohort(), a_marked_cohort()
    client.wear(made.tutor)
    assert client.get(bank(theirs)).status == 404
    assert client.get(f"{made.path}/comments/{theirs.criteria[0]}").status == 404
    with pytest.raises(NoSuchComment):
        add_comment(made.tutor, made.cohort_id, theirs.criteria[0], "Mine", shared=True)
