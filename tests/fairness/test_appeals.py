"""Appeals by their services: the whole way, by person, in the database too (A10, A15)."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.rules import Outcome, UnitState, Verdict
from recovery_college.assessment.staff_models import ConflictOfInterest, Countersignature
from recovery_college.courses.models import CohortTutor
from recovery_college.fairness import appeal_services
from recovery_college.fairness.appeal_files import AppealFile
from recovery_college.fairness.appeal_models import Appeal, AppealOutcome, AppealReviewer
from recovery_college.fairness.appeal_queries import appeal_visible_to, appeals_waiting
from recovery_college.fairness.appeal_rules import AppealFinding, AppealState
from recovery_college.fairness.appeal_services import (
    AppealRefused,
    NoSuchAppeal,
    StaleAppeal,
    ask_second_review,
    decide_again,
    make_appeal,
    name_reviewer,
    record_finding,
    take_appeal_back,
    tell_awarding_organisation,
)
from recovery_college.fairness.own_appeal_queries import appealable, own_appeal
from recovery_college.fairness.reviewer_queries import candidates, others_like
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.claims import a_claim, a_verified_cohort, signers_of
from tests.factories.courses import a_tutor_of, an_enrolment, criteria_of, units_of
from tests.factories.fairness import a_decision_by, a_learner, an_appeal, find, name
from tests.factories.people import signed_in
from tests.factories.staff import a_qualification

UPHELD, PARTLY, NOT = AppealFinding.UPHELD, AppealFinding.PARTLY, AppealFinding.NOT_UPHELD
pytestmark = pytest.mark.usefixtures("app")


def as_seen(actor: SignedIn, appeal_id: UUID) -> AppealFile:
    file = appeal_visible_to(actor, appeal_id)
    assert file is not None
    return file


def count(model: type) -> int:
    return session().scalar(select(func.count()).select_from(model)) or 0


def test_the_student_is_told_that_there_is_an_answer_and_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the answer or not at all, once, and without a word of what was asked or found."""
    heard, admin, reviewer = an_appeal("canary-words"), signed_in(Role.ADMIN), signed_in(Role.IQA)
    with transaction() as s:
        s.get_one(Person, heard.place.person_id).email = "amina@fenside.example"
    name(heard.appeal_id, reviewer, admin)
    file = as_seen(reviewer, heard.appeal_id)
    answer = (reviewer, heard.appeal_id, NOT, "canary-reasons", "canary-next", None, [], file.stamp)
    with monkeypatch.context() as patch:
        patch.setattr(appeal_services, "record", broken)
        with pytest.raises(RuntimeError):
            record_finding(*answer)
    assert (count(AppealOutcome), count(OutgoingMail)) == (0, 0)
    assert [record_finding(*answer), record_finding(*answer)] == [True, False]
    mail = session().scalars(select(OutgoingMail)).one()
    assert mail.recipient == "amina@fenside.example"
    assert not any(
        word in (mail.subject + mail.body).casefold() for word in ("canary", "upheld", "criterion", "appeal")
    )


def broken(*_: object, **__: object) -> None:
    raise RuntimeError


def test_upheld_leads_to_a_new_decision_beside_the_first() -> None:
    heard, admin, reviewer = an_appeal(), signed_in(Role.ADMIN), signed_in(Role.IQA)
    assert [file.state for file in appeals_waiting(admin)] == [AppealState.NOBODY_YET]
    name(heard.appeal_id, reviewer, admin)
    assert [file.id for file in appeals_waiting(reviewer)] == [heard.appeal_id]
    find(heard.appeal_id, reviewer, UPHELD)
    assert as_seen(admin, heard.appeal_id).state is AppealState.DECISION_OWED
    second = a_tutor_of(heard.place.cohort, name="Nia")
    file = as_seen(second, heard.appeal_id)
    made = decide_again(second, heard.appeal_id, Outcome.MET, "It was there.", file.stamp)
    assert decide_again(second, heard.appeal_id, Outcome.MET, "It was there.", file.stamp) == made
    rows = session().scalars(select(Decision).order_by(Decision.id)).all()
    assert [(row.id, row.outcome, row.attempt, row.revision) for row in rows] == [
        (heard.decision_id, Outcome.NOT_YET_MET, 1, 1), (made, Outcome.MET, 1, 2),
    ]  # fmt: skip
    assert rows[1].released_at is not None
    own = own_appeal(heard.student, heard.appeal_id)
    assert own is not None
    assert (own.state, own.now) == (AppealState.ANSWERED, Outcome.MET)


def test_the_assessor_hears_nothing_and_decides_nothing_anew() -> None:
    heard, admin = an_appeal(), signed_in(Role.ADMIN)
    file = as_seen(admin, heard.appeal_id)
    whole = {one.person_id: one.why_not for one in candidates(admin, file)}
    assert whole[heard.assessor.person_id]
    assert whole[admin.person_id] is None
    assert heard.assessor.person_id is not None
    with pytest.raises(AppealRefused, match="assessed or countersigned part of this unit"):
        name_reviewer(admin, heard.appeal_id, heard.assessor.person_id, file.stamp)
    find_by = signed_in(Role.IQA)
    name(heard.appeal_id, find_by, admin)
    find(heard.appeal_id, find_by, PARTLY)
    file = as_seen(heard.assessor, heard.appeal_id)
    with pytest.raises(AppealRefused, match="no part in this unit"):
        decide_again(heard.assessor, heard.appeal_id, Outcome.MET, "", file.stamp)


def test_a_second_account_of_the_same_person_does_not_help() -> None:
    """By person, not by account or role (A10)."""
    heard = an_appeal()
    person = session().get_one(Person, heard.assessor.person_id)
    other_account = signed_in(Role.ADMIN, person=person)
    assert as_seen(other_account, heard.appeal_id).why_not(other_account.person_id)
    with pytest.raises(AppealRefused):
        name(heard.appeal_id, other_account)


def test_who_checked_the_unit_does_not_hear_it() -> None:
    heard, iqa = an_appeal(), signed_in(Role.IQA)
    unit = units_of(heard.place.cohort.qualification)[0]
    with transaction() as s:
        s.add(
            IqaVerdict(
                enrolment_id=heard.place.id, unit_id=unit.id, verdict=Verdict.RETURNED, action="x",
                act_by_on=clock.today(), verified_by=iqa.person_id, recorded_at=clock.now(),
            )
        )  # fmt: skip
    with pytest.raises(AppealRefused, match="quality-assured"):
        name(heard.appeal_id, iqa)


def test_two_stages_are_heard_by_two_people() -> None:
    heard, admin = an_appeal(), signed_in(Role.ADMIN)
    first, second = signed_in(Role.IQA), signed_in(Role.ADMIN)
    with pytest.raises(AppealRefused):
        ask_second_review(heard.student, heard.appeal_id, "Please")
    name(heard.appeal_id, first, admin)
    find(heard.appeal_id, first, NOT)
    for _ in range(2):
        ask_second_review(heard.student, heard.appeal_id, "Please")
    file = as_seen(admin, heard.appeal_id)
    assert (file.stage.stage, file.state) == (2, AppealState.NOBODY_YET)
    with pytest.raises(AppealRefused, match="first review"):
        name(heard.appeal_id, first, admin)
    name(heard.appeal_id, second, admin)
    find(heard.appeal_id, second, UPHELD)
    assert as_seen(admin, heard.appeal_id).state is AppealState.DECISION_OWED
    with pytest.raises(AppealRefused):
        ask_second_review(heard.student, heard.appeal_id, "Once more")


@pytest.mark.parametrize("who", ["assessor", "countersigner", "verifier", "student", "first reviewer"])
@pytest.mark.parametrize("table", ["appeal_reviewer", "appeal_outcome"])
def test_raw_sql_lets_nobody_hear_their_own(who: str, table: str) -> None:
    heard = an_appeal()
    countersigner, verifier, first, free = (signed_in(Role.IQA) for _ in range(4))
    assert countersigner.person_id
    a_qualification(countersigner.person_id)
    with transaction() as s:
        s.add(
            Countersignature(
                decision_id=heard.decision_id,
                signed_by=countersigner.person_id,
                signed_at=clock.now(),
                note="",
            )
        )
    unit = units_of(heard.place.cohort.qualification)[0]
    with transaction() as s:
        s.add(
            IqaVerdict(
                enrolment_id=heard.place.id, unit_id=unit.id, verdict=Verdict.RETURNED, action="x",
                act_by_on=clock.today(), verified_by=verifier.person_id, recorded_at=clock.now(),
            )
        )  # fmt: skip
    name(heard.appeal_id, first)
    find(heard.appeal_id, first, NOT)
    ask_second_review(heard.student, heard.appeal_id, "")
    person = {
        "assessor": heard.assessor.person_id, "countersigner": countersigner.person_id, "verifier": verifier.person_id,
        "student": heard.student.person_id, "first reviewer": first.person_id,
    }[who]  # fmt: skip

    def add(person_id: UUID | None) -> None:
        common = {"appeal_id": heard.appeal_id, "stage": 2}
        with transaction() as s:
            if table == "appeal_reviewer":
                values = {"id": uuid4(), "person_id": person_id, "named_by": "x", "named_at": clock.now()}
                s.execute(AppealReviewer.__table__.insert().values(**common, **values))
            else:
                said = {"finding": "not upheld", "reasons": "x", "next_steps": "y", "others_affected": None}
                values = {"decided_by": person_id, "decided_at": clock.now(), **said}
                s.execute(AppealOutcome.__table__.insert().values(**common, **values))

    file = as_seen(signed_in(Role.ADMIN), heard.appeal_id)
    assert file.why_not(person)
    assert file.why_not(free.person_id) is None
    with pytest.raises(DBAPIError, match=r"independent \(A10\)"):
        add(person)
    add(free.person_id)  # the twin: who had no part in it


def test_a_declared_conflict_keeps_somebody_from_hearing_it() -> None:
    """With the student or with the assessor, whichever of the two declared it; until it is ended (A10)."""
    heard, friend, free = an_appeal(), signed_in(Role.IQA), signed_in(Role.IQA)
    conflicts = []
    for pair in ((friend.person_id, heard.place.person_id), (heard.assessor.person_id, friend.person_id)):
        row = ConflictOfInterest(
            person_id=pair[0],
            with_person_id=pair[1],
            reason="Cousins",
            declared_by="x",
            declared_at=clock.now(),
        )
        with transaction() as s:
            s.add(row)
        with pytest.raises(AppealRefused, match="conflict of interest"):
            name(heard.appeal_id, friend)
        with pytest.raises(DBAPIError, match=r"conflict of interest \(A10\)"), transaction() as s:
            s.add(
                AppealReviewer(
                    appeal_id=heard.appeal_id, stage=1, person_id=friend.person_id, named_by="x",
                    named_at=clock.now(),
                )
            )  # fmt: skip
        with transaction() as s:
            kept = s.get_one(ConflictOfInterest, row.id)
            kept.ended_at, kept.ended_by = clock.now(), "x"
        conflicts.append(row)
    name(heard.appeal_id, free)
    name(heard.appeal_id, friend)


def test_there_is_no_appeal_on_a_draft() -> None:
    student, place = a_learner()
    tutor = a_tutor_of(place.cohort)
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0]
    draft_id = a_decision_by(tutor, place, criterion.id, released=False)
    assert appealable(student) == []
    with pytest.raises(NoSuchAppeal):
        make_appeal(student, place.id, criterion.id, draft_id, "")
    with pytest.raises(DBAPIError, match="Only a released decision"), transaction() as s:
        s.add(
            Appeal(
                enrolment_id=place.id, decision_id=draft_id, made_by=student.person_id, made_at=clock.now()
            )
        )


def test_nobody_appeals_for_somebody_else() -> None:
    heard = an_appeal()
    other, _ = a_learner()
    with pytest.raises(NoSuchAppeal):
        make_appeal(other, heard.place.id, heard.criterion_id, heard.decision_id, "")
    assert own_appeal(other, heard.appeal_id) is None
    with pytest.raises(NoSuchAppeal):
        take_appeal_back(other, heard.appeal_id)


def test_sent_twice_is_one_appeal_and_a_stale_page_is_told() -> None:
    heard = an_appeal()
    again = make_appeal(heard.student, heard.place.id, heard.criterion_id, heard.decision_id, "again")
    assert again == heard.appeal_id
    take_appeal_back(heard.student, heard.appeal_id)
    take_appeal_back(heard.student, heard.appeal_id)
    with pytest.raises(StaleAppeal):
        make_appeal(heard.student, heard.place.id, heard.criterion_id, heard.decision_id + 1, "")
    other = make_appeal(heard.student, heard.place.id, heard.criterion_id, heard.decision_id, "")
    assert other != heard.appeal_id
    assert count(Appeal) == 2


def test_a_finding_is_recorded_once_and_a_stale_one_is_told() -> None:
    heard, reviewer = an_appeal(), signed_in(Role.IQA)
    name(heard.appeal_id, reviewer)
    stamp = as_seen(reviewer, heard.appeal_id).stamp
    assert record_finding(reviewer, heard.appeal_id, NOT, "Why", "Next", None, (), stamp)
    assert not record_finding(reviewer, heard.appeal_id, NOT, "Why", "Next", None, (), stamp)
    with pytest.raises(StaleAppeal):
        record_finding(reviewer, heard.appeal_id, UPHELD, "Why", "Next", False, (), stamp)
    assert count(AppealOutcome) == 1
    other = signed_in(Role.IQA)
    with pytest.raises(NoSuchAppeal):
        record_finding(other, heard.appeal_id, NOT, "Why", "Next", None, (), stamp)


def test_others_of_the_same_assessor_and_criterion_are_listed() -> None:
    heard, reviewer = an_appeal(), signed_in(Role.IQA)
    alike, by_other, elsewhere = (an_enrolment(heard.place.cohort) for _ in range(3))
    criteria = criteria_of(units_of(heard.place.cohort.qualification)[0])
    a_decision_by(heard.assessor, alike, heard.criterion_id, Outcome.MET)
    a_decision_by(a_tutor_of(heard.place.cohort), by_other, heard.criterion_id)
    a_decision_by(heard.assessor, elsewhere, criteria[1].id)
    name(heard.appeal_id, reviewer)
    file = as_seen(reviewer, heard.appeal_id)
    assert [one[0] for one in others_like(file)] == [alike.id]
    with pytest.raises(AppealRefused, match="Say whether other students"):
        record_finding(reviewer, heard.appeal_id, UPHELD, "Why", "Next", None, (), file.stamp)
    with pytest.raises(AppealRefused, match="Choose from the list"):
        record_finding(reviewer, heard.appeal_id, UPHELD, "Why", "Next", True, [by_other.id], file.stamp)
    with pytest.raises(AppealRefused, match="Tick the students"):
        record_finding(reviewer, heard.appeal_id, UPHELD, "Why", "Next", True, [], file.stamp)
    record_finding(reviewer, heard.appeal_id, UPHELD, "Why", "Next", True, [alike.id], file.stamp)
    assert [one[0] for one in as_seen(reviewer, heard.appeal_id).stage.others] == [alike.id]


def test_a_tutor_of_the_cohort_knows_of_it_but_reads_no_word_of_the_student() -> None:
    heard = an_appeal("My tutor and I had a quarrel.")
    colleague = a_tutor_of(heard.place.cohort)
    file = as_seen(colleague, heard.appeal_id)
    assert (file.reads_words, [stage.words for stage in file.stages]) == (False, [""])
    assert appeal_visible_to(a_tutor_of(), heard.appeal_id) is None
    stranger = a_tutor_of()
    name(heard.appeal_id, stranger)
    assert as_seen(stranger, heard.appeal_id).stages[0].words == "My tutor and I had a quarrel."


def test_an_administrator_who_is_the_student_arranges_nothing() -> None:
    heard = an_appeal()
    person = session().get_one(Person, heard.place.person_id)
    assert appeal_visible_to(signed_in(Role.ADMIN, person=person), heard.appeal_id) is None


def test_a_claimed_unit_is_never_amended_the_awarding_organisation_is_told() -> None:
    """A12: what was found stands, no decision is added, and the day the organisation was told is noted."""
    made = a_verified_cohort(1)
    a_claim(made, signers_of(made), [(0, 0)], stage="locked")
    student = signed_in(Role.STUDENT, person=made.people[0])
    seen = next(one.decision.id for one in appealable(student) if one.criterion_id == made.criteria[0])
    appeal_id = make_appeal(student, made.enrolments[0], made.criteria[0], seen, "")
    admin, reviewer = signed_in(Role.ADMIN), signed_in(Role.IQA)
    name(appeal_id, reviewer, admin)
    find(appeal_id, reviewer, UPHELD)
    file = as_seen(admin, appeal_id)
    assert (file.unit_state, file.state) == (UnitState.CLAIMED, AppealState.AO_TO_TELL)
    other = signed_in(Role.TUTOR)
    with transaction() as s:
        s.add(CohortTutor(cohort_id=made.cohort_id, person_id=other.person_id))
    with pytest.raises(AppealRefused, match="No new decision is owed"):
        decide_again(other, appeal_id, Outcome.NOT_YET_MET, "x", as_seen(other, appeal_id).stamp)
    with pytest.raises(AppealRefused, match="future"):
        tell_awarding_organisation(admin, appeal_id, clock.today() + timedelta(days=1))
    tell_awarding_organisation(admin, appeal_id, clock.today())
    tell_awarding_organisation(admin, appeal_id, clock.today())
    assert as_seen(admin, appeal_id).state is AppealState.ANSWERED


def test_it_is_due_in_working_days() -> None:
    heard = an_appeal()
    file = as_seen(signed_in(Role.ADMIN), heard.appeal_id)
    assert file.days_left == 10
    later = clock.now() + timedelta(days=60)
    with clock.held_at(later):
        assert as_seen(signed_in(Role.ADMIN), heard.appeal_id).days_left < -20


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE appeal SET made_at = made_at, decision_id = decision_id + 1",
        "DELETE FROM appeal",
        "UPDATE appeal_stage SET words = 'other'",
        "DELETE FROM appeal_stage",
        "UPDATE appeal_outcome SET reasons = 'other'",
        "DELETE FROM appeal_outcome",
        "UPDATE appeal_reviewer SET named_by = 'other'",
        "DELETE FROM appeal_reviewer",
    ],
)
def test_the_record_is_only_added_to(statement: str) -> None:
    heard, reviewer = an_appeal(), signed_in(Role.IQA)
    name(heard.appeal_id, reviewer)
    find(heard.appeal_id, reviewer, NOT)
    with pytest.raises(DBAPIError), transaction() as s:
        s.execute(text(statement))
