"""The letter that says there is an answer: with the answer or not at all, and nobody learns from it to what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import current_app
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment import answer_letters
from recovery_college.assessment.evidence_rules import RequestAnswer
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import record_decision, release_decisions
from recovery_college.assessment.take_back_services import answer_request, ask_back
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.fairness import rpl_services, support_services
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.fairness.rpl_services import close_claim, open_claim
from recovery_college.fairness.support_rules import SupportAnswer
from recovery_college.fairness.support_services import answer_support
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.reporting.home_queries import home_of
from tests.factories.courses import a_tutor_of, criteria_of, units_of
from tests.factories.evidence import an_evidence
from tests.factories.fairness import a_learner, a_request, an_appeal, find, name
from tests.factories.people import signed_in

pytestmark = pytest.mark.usefixtures("app")
Asked = tuple[SignedIn, Enrolment, Callable[[], object]]
SECRETS = (
    "canary",
    "help",
    "adjust",
    "consider",
    "prior",
    "learned",
    "appeal",
    "decision",
    "unit",
    "criteri",
)


def what_helps(answer: SupportAnswer = SupportAnswer.NOT_THIS_WAY) -> Asked:
    student, place = a_learner()
    request_id, admin = a_request(student, place, "canary-wish"), signed_in(Role.ADMIN)
    more = {"helps": "canary-helps"} if answer is SupportAnswer.AGREED else {"words": "canary-words"}
    return student, place, lambda: answer_support(admin, request_id, answer, "0.0", **more)  # type: ignore[arg-type]


def prior_learning() -> Asked:
    student, place = a_learner()
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0]
    claim_id, tutor = (
        open_claim(student, uuid4(), place.id, [criterion.id], "canary-before"),
        a_tutor_of(place.cohort),
    )
    return student, place, lambda: close_claim(tutor, claim_id, "canary-kind")


def prior_learning_decided(*, holds: bool = False) -> Asked:
    """Answered by ordinary decisions: one that is seen at once, or drafts that are released together."""
    student, place = a_learner()
    criteria = [one.id for one in criteria_of(units_of(place.cohort.qualification)[0])][:2]
    tutor, cohort_id = a_tutor_of(place.cohort), place.cohort_id
    open_claim(student, uuid4(), place.id, criteria, "canary-before")
    with transaction() as s:
        s.get_one(Cohort, cohort_id).holds_decisions = holds

    def decide(criterion_id: UUID, outcome: Outcome, seen: int = 0) -> int:
        return record_decision(tutor, place.id, criterion_id, outcome, "canary-words", seen).after.seen

    def answer() -> None:
        if session().scalars(select(Decision.id).where(Decision.enrolment_id == place.id)).first() is None:
            before = letters()
            decide(criteria[0], Outcome.MET)
            assert letters() == before  # half an answer is none yet
            seen = decide(criteria[1], Outcome.NOT_YET_MET)
            if holds:
                assert letters() == before
            else:
                decide(criteria[1], Outcome.MET, seen)  # a change of mind is no second answer
        release_decisions(tutor, cohort_id)

    return student, place, answer


def letters() -> int:
    return session().query(OutgoingMail).count()


def appeal() -> Asked:
    heard, admin, reviewer = an_appeal("canary-appeal"), signed_in(Role.ADMIN), signed_in(Role.IQA)
    name(heard.appeal_id, reviewer, admin)
    return heard.student, heard.place, lambda: find(heard.appeal_id, reviewer, AppealFinding.NOT_UPHELD)


def asked_back() -> Asked:
    student, place = a_learner()
    criterion, tutor = criteria_of(units_of(place.cohort.qualification)[0])[0].id, a_tutor_of(place.cohort)
    item = an_evidence(place.id, [criterion], title="canary-title")
    ask_back(student, item.id)
    files = current_app.extensions["storage"]
    kept = (tutor, files, item.id, RequestAnswer.KEPT, "canary-kept")
    return student, place, lambda: answer_request(*kept)


def letter_of(asked: Asked) -> str:
    """The one letter an answer sends, with its person's name and address taken out."""
    _, place, answer = asked
    address = f"{uuid4().hex}@fenside.example"
    with transaction() as s:
        person = s.get_one(Person, place.person_id)
        person.email, person.preferred_name = address, "Sam"
    answer()
    answer()  # a double click
    mail = session().scalars(select(OutgoingMail).where(OutgoingMail.recipient == address)).one()
    return f"{mail.subject}\n{mail.body}"


def check_they_cannot_be_told_apart(letters: list[str]) -> None:
    """Whoever reads one over a shoulder learns neither what was asked nor what was answered."""
    assert len(set(letters)) == 1
    assert not [word for word in SECRETS if word in letters[0].casefold()]


def test_no_letter_says_what_was_asked_or_answered() -> None:
    letters = [
        letter_of(one())
        for one in (
            what_helps, lambda: what_helps(SupportAnswer.AGREED), prior_learning, appeal, asked_back,
            prior_learning_decided, lambda: prior_learning_decided(holds=True),
        )
    ]  # fmt: skip
    assert "There is an answer for you" in letters[0]
    check_they_cannot_be_told_apart(letters)


def test_the_check_finds_a_letter_that_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def telling(s: object, person_id: object, _: str = "") -> None:
        answer_letters.tell_answered(s, person_id, "/what-helps-me")  # type: ignore[arg-type]

    monkeypatch.setattr(support_services, "tell_answered", telling)
    letters = [letter_of(what_helps()), letter_of(prior_learning())]
    with pytest.raises(AssertionError):
        check_they_cannot_be_told_apart(letters)
    with pytest.raises(AssertionError):
        check_they_cannot_be_told_apart(letters[:1])


@pytest.mark.parametrize(
    ("made", "service"), [(what_helps, support_services), (prior_learning, rpl_services)]
)
def test_an_answer_that_is_not_kept_sends_none(
    made: Callable[[], Asked], service: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, answer = made()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(service, "record", broken)
    with pytest.raises(RuntimeError):
        answer()
    assert session().scalars(select(OutgoingMail)).all() == []


def test_taking_back_ones_own_sends_none_and_an_answer_waits_on_the_first_page() -> None:
    student, place, answer = what_helps()
    answer()
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0]
    close_claim(student, open_claim(student, uuid4(), place.id, [criterion.id], "Before"))
    with transaction() as s:
        s.get_one(Person, place.person_id).email = ""
    assert lines(student) == {"/what-helps-me"}
    claim_id = open_claim(student, uuid4(), place.id, [criterion.id], "Before")
    close_claim(a_tutor_of(place.cohort), claim_id, "Another way")
    assert lines(student) == {"/what-helps-me", "/my-prior-learning"}
    assert lines(a_learner()[0]) == set()
    with clock.held_at(clock.now() + timedelta(days=15)):
        assert lines(student) == set()
    owner, _, keep = asked_back()
    before = {one.href for one in home_of(owner).needs}
    keep()
    assert [one.text for one in home_of(owner).needs if one.href not in before] == [
        "answer about work you asked back"
    ]


def test_what_decisions_answer_waits_on_the_first_page() -> None:
    student, _, answer = prior_learning_decided()
    assert lines(student) == set()
    answer()
    assert lines(student) == {"/my-prior-learning"}
    with clock.held_at(clock.now() + timedelta(days=15)):
        assert lines(student) == set()


def lines(who: SignedIn) -> set[str]:
    return {one.href for one in home_of(who).needs} & {"/what-helps-me", "/my-prior-learning"}
