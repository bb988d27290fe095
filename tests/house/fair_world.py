"""What helps, appeals, prior learning and concerns in the world of the house tests, on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment
from recovery_college.fairness.appeal_queries import appeal_visible_to
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.fairness.appeal_services import make_appeal, record_finding
from recovery_college.fairness.concern_queries import concern_known_to
from recovery_college.fairness.concern_rules import EntryKind
from recovery_college.fairness.concern_services import add_entry, name_person, raise_concern
from recovery_college.fairness.rpl_services import close_claim, open_claim
from recovery_college.fairness.support_rules import SupportAnswer, SupportKind
from recovery_college.fairness.support_services import answer_support, ask_for_support
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.signin import SignedIn
from tests.factories.courses import criteria_of, units_of
from tests.factories.fairness import a_decision_by, a_learner, name
from tests.factories.graduation import Finished
from tests.factories.people import signed_in

if TYPE_CHECKING:
    from tests.house.world import Side


# Who may come across what (tests/house/test_canary.py). What helps is for the student, for the college which
# decides it, and for the tutors who do it (A14). A student's words in an appeal are for who arranges the hearing
# and who hears, which on each side is the tutor; what was found is for quality assurance as well (A15).
ASKED = frozenset({"wish", "support words", "help agreed"})
APPEAL = frozenset({"appeal words", "finding reasons", "finding next"})
CLAIMED = frozenset({"prior learning", "prior learning closed"})
# A concern is for administrators and who is named, which on each side is the quality assurer, and for its student
# once told: never for the tutor.
TOLD = frozenset({"allegation", "concern told"})
FAIR_SEES: dict[str, frozenset[str]] = {
    "student": ASKED | APPEAL | CLAIMED | TOLD,
    "tutor": APPEAL | CLAIMED | {"help agreed"},
    "iqa": CLAIMED | TOLD | {"concern note", "finding reasons", "finding next"},
    "admin": ASKED | APPEAL | CLAIMED | TOLD | {"concern note"},
}
FAIR_MET = (
    ("tutor", "help agreed"),
    ("student", "wish"),
    ("admin", "support words"),
    ("student", "finding reasons"),
    ("tutor", "appeal words"),
    ("admin", "appeal words"),
    ("iqa", "finding next"),
    ("student", "prior learning closed"),
    ("tutor", "prior learning"),
    ("student", "allegation"),
    ("iqa", "concern note"),
    ("admin", "concern note"),
)


def fair_world(side: Side, finished: Finished) -> None:
    """The student of this side has something of each kind in their running cohort."""
    student = side.actors[Role.STUDENT]
    own = (
        session()
        .scalars(
            select(Enrolment)
            .join(Cohort, Enrolment.cohort_id == Cohort.id)
            .where(Enrolment.person_id == student.person_id, Cohort.ref == f"RUN-{side.name}")
        )
        .one()
    )
    _support(side, own)
    _appeals(side, own)
    _prior_learning(side, own)
    _concerns(side, own)


def _own(side: Side, names: tuple[str, ...], key: str, value: Any) -> None:
    for endpoint in names:
        side.own[f"fairness.{endpoint}", key] = value


def _support(side: Side, own: Enrolment) -> None:
    """Something that was agreed for the student, and something that waits for an answer."""
    student, admin = side.actors[Role.STUDENT], side.actors[Role.ADMIN]
    wish = side.canary("wish")
    agreed = ask_for_support(student, uuid4(), own.id, SupportKind.ADJUSTMENT, wish)
    helps, words = side.canary("help agreed"), side.canary("support words")
    answer_support(admin, agreed, SupportAnswer.AGREED, "0.0", helps=helps, words=words)
    waiting = ask_for_support(student, uuid4(), own.id, SupportKind.ADJUSTMENT, wish)
    _own(side, ("support_show", "support_answer"), "request_id", agreed)
    _own(side, ("my_support_take_back",), "request_id", waiting)
    _own(side, ("support_cohort",), "cohort_id", own.cohort_id)


def _appeals(side: Side, own: Enrolment) -> None:
    """The student has an appeal that nobody hears yet, one that their tutor answered, and a decision to ask about.

    A file of decisions waits for the first criterion of the second unit, so none is made there.
    """
    student, admin, tutor = (side.actors[role] for role in (Role.STUDENT, Role.ADMIN, Role.TUTOR))
    words = side.canary("appeal words")
    first, second = units_of(own.cohort.qualification)
    by_tutor, free = criteria_of(first)[0].id, criteria_of(second)[1].id
    assessor = signed_in(Role.TUTOR, name=f"Assessor {side.name}")
    with transaction() as s:
        s.add(CohortTutor(cohort_id=own.cohort_id, person_id=assessor.person_id))
    answered = make_appeal(student, own.id, free, a_decision_by(assessor, own, free), words)
    name(answered, tutor, admin)
    _find(side, answered, AppealFinding.NOT_UPHELD)
    a_decision_by(assessor, own, free, attempt=2)
    decided = (
        session()
        .scalars(
            select(Decision.id).where(Decision.enrolment_id == own.id, Decision.criterion_id == by_tutor)
        )
        .one()
    )
    pending = make_appeal(student, own.id, by_tutor, decided, words)
    _own(side, ("my_appeal", "my_appeal_further", "appeal_show"), "appeal_id", answered)
    _own(side, ("my_appeal_take_back", "appeal_name"), "appeal_id", pending)
    _own(side, ("my_appeal_new",), "enrolment_id", own.id)
    _own(side, ("my_appeal_new",), "criterion_id", free)
    _of_another(side, own.cohort, assessor)


def _of_another(side: Side, cohort: Cohort, assessor: SignedIn) -> None:
    """Another student's appeals: one the tutor hears, and one that is upheld, on which they owe the decision."""
    student, place = a_learner(cohort, name=f"Una {side.name}")
    criteria = [one.id for one in criteria_of(units_of(cohort.qualification)[1])]
    words = side.canaries["appeal words"][0]
    upheld, heard = (
        make_appeal(student, place.id, one, a_decision_by(assessor, place, one), words) for one in criteria
    )
    for one in (upheld, heard):
        name(one, side.actors[Role.TUTOR], side.actors[Role.ADMIN])
    _find(side, upheld, AppealFinding.UPHELD)
    _own(side, ("appeal_decision", "appeal_told"), "appeal_id", upheld)
    _own(side, ("appeal_finding",), "appeal_id", heard)


def _find(side: Side, appeal_id: UUID, finding: AppealFinding) -> None:
    tutor = side.actors[Role.TUTOR]
    file = appeal_visible_to(tutor, appeal_id)
    assert file is not None
    if "finding next" not in side.canaries:
        side.canary("finding reasons")
        side.canary("finding next")
    reasons, after = side.canaries["finding reasons"][0], side.canaries["finding next"][0]
    affected = None if finding is AppealFinding.NOT_UPHELD else False
    record_finding(tutor, appeal_id, finding, reasons, after, affected, (), file.stamp)


def _prior_learning(side: Side, own: Enrolment) -> None:
    """A claim that waits for decisions, and one that was closed with words to the student."""
    student, tutor = side.actors[Role.STUDENT], side.actors[Role.TUTOR]
    criteria = criteria_of(units_of(own.cohort.qualification)[0])
    words = side.canary("prior learning")
    # The first criterion of the unit is decided, and nobody else uses the last.
    closed = open_claim(student, uuid4(), own.id, [criteria[-1].id], words)
    close_claim(tutor, closed, side.canary("prior learning closed"))
    waiting = open_claim(student, uuid4(), own.id, [criteria[-1].id], words)
    _own(side, ("claim_show",), "claim_id", closed)
    _own(side, ("my_claim_take_back", "claim_close"), "claim_id", waiting)
    _own(side, ("claim_cohort", "claim_new"), "cohort_id", own.cohort_id)
    _own(side, ("my_claim_new", "claim_new"), "enrolment_id", own.id)


def _concerns(side: Side, own: Enrolment) -> None:
    """A concern the student was told of, which the quality assurer looks into; their tutor is not named."""
    admin, iqa = side.actors[Role.ADMIN], side.actors[Role.IQA]
    made = raise_concern(admin, uuid4(), own.cohort_id, own.id, side.canary("allegation"))
    assert iqa.person_id is not None
    name_person(admin, made, iqa.person_id)
    for kind, words in (
        (EntryKind.TOLD, side.canary("concern told")),
        (EntryKind.NOTE, side.canary("concern note")),
    ):
        file = concern_known_to(iqa, made)
        assert file is not None
        add_entry(iqa, made, kind, words, clock.today(), file.stamp)
    endpoints = ("concern_show", "concern_entry", "concern_people", "concern_person_end", "my_concern")
    _own(side, endpoints, "concern_id", made)
    _own(side, ("concern_person_end",), "person_id", iqa.person_id)
    _own(side, ("concern_raise",), "cohort_id", own.cohort_id)
