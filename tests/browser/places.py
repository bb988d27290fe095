"""Where the demo's rows are: the addresses that the browser tests visit, by the names they use for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import exists, select

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimReply
from recovery_college.assessment.claim_rules import Reply
from recovery_college.assessment.deadline_models import DueDate, TimeRequest
from recovery_college.assessment.engagement_models import EqaAction, EqaLeave, EqaPick
from recovery_college.assessment.engagement_rules import Finding
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceRequest,
    EvidenceWords,
)
from recovery_college.assessment.evidence_rules import EvidenceKind
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.marking_models import BulkMark, FeedbackComment
from recovery_college.assessment.models import Decision, EqaEngagement, IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.staff_models import ConflictOfInterest, StaffQualification
from recovery_college.assessment.steps import WAITS
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_rules import Stage as CandidacyStage
from recovery_college.careers.consent_models import VacancyAnswer
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.consent_services import answer_now
from recovery_college.careers.feed_models import VacancyFeed
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.offer_models import PostOrigin
from recovery_college.careers.past_models import PastInvitation
from recovery_college.careers.past_queries import is_past_graduate
from recovery_college.careers.second_read_models import SecondRead
from recovery_college.careers.team_models import TeamVisit
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    Enrolment,
    Qualification,
    Unit,
    UnitGroup,
)
from recovery_college.demo.people import DemoActor
from recovery_college.fairness.appeal_models import Appeal, AppealOutcome, AppealReviewer
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.fairness.concern_models import Concern
from recovery_college.fairness.rpl_models import RplClaim
from recovery_college.fairness.support_models import SupportRequest
from recovery_college.graduation.models import Certificate, CertificateBatch, CertificateState, Graduation
from recovery_college.imports.models import ImportSource
from recovery_college.imports.services import import_upload, keep_to_match, keep_upload, upload_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Account, Person
from recovery_college.people.signin import make_one_time_link, token_hash_of
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.engagement_services import object_to_pick, open_engagement, pick_units
from recovery_college.quality.improvement_models import QualityAction, StandardisationMeeting
from recovery_college.quality.leave_services import ask_leave
from recovery_college.quality.plan_queries import stored_plan
from recovery_college.quality.plan_services import set_pick_aside
from recovery_college.quality.report_services import add_action, save_report
from recovery_college.quality.resubmission_services import ask_for_more
from recovery_college.quality.sampling import Stage

GOOD = "reference,title,band\nAXE-1,Support worker,Band 3\nAXE-2,Link worker,Band 12\n"
BAD = GOOD + ",A title without a reference,Band 3\nAXE-1,Support worker,Band 3\n"


def places_of(app: Flask) -> dict[str, str]:
    """The rows of the demo that show each state, by name. Makes what it lacks: uploads, a link, a visit."""
    with app.test_request_context():
        rows = {**_courses(), **_claims(), **_fairness(), **_certificates(), **_vacancies()}
        return {**rows, **_people(), **_uploads(app), **_more_asked(), **_engagements()}


def one(statement: Any) -> Any:
    """The first row, which must be there."""
    found = session().scalars(statement.limit(1)).first()
    assert found is not None, str(statement)
    return found


def _courses() -> dict[str, str]:
    running, finished, planned = (
        one(select(Cohort).where(Cohort.ref == ref)) for ref in ("FEN-12", "FEN-11", "FEN-13")
    )
    released = one(
        select(Decision)
        .join(Enrolment, Enrolment.id == Decision.enrolment_id)
        .where(Enrolment.cohort_id == running.id, Decision.released_at.is_not(None), Decision.attempt > 1)
    )
    student = session().get_one(Enrolment, released.enrolment_id)
    graduate = one(select(Enrolment).where(Enrolment.cohort_id == finished.id))
    board = quality_board(running)
    banked = one(select(FeedbackComment).where(FeedbackComment.owner_id.is_(None)))
    iqa = one(select(Account).where(Account.email == "iqa@demo.example")).person_id
    unreachable = one(
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == running.id, Person.id.not_in(select(Account.person_id)))
    )
    with transaction() as s:
        s.get_one(Person, unreachable.person_id).email = ""
    verdict = one(
        select(IqaVerdict)
        .join(Enrolment, Enrolment.id == IqaVerdict.enrolment_id)
        .where(
            Enrolment.cohort_id == running.id,
            Enrolment.status == "enrolled",
            IqaVerdict.verdict == Verdict.RETURNED,
        )
    )
    waiting = next(cell for cell in board.cells_in(WAITS) if iqa not in cell.deciders)
    signs_in = one(
        select(Enrolment)
        .join(Account, Account.person_id == Enrolment.person_id)
        .where(Account.email == "student@demo.example")
    )
    row = next(row for row in grid_of(running).students if row.enrolment_id == signs_in.id)
    criteria = [criterion for unit in board.units for criterion in unit.criteria]
    undecided = next(
        criterion.id
        for criterion, cell in zip(criteria, row.cells, strict=True)
        if cell is None or cell.kind.words == "nothing yet"
    )
    stuck = one(
        select(Evidence)
        .join(EvidenceWords, EvidenceWords.evidence_id == Evidence.id)
        .where(EvidenceWords.title == "What I would not do")
    )
    about = one(select(EvidenceCriterion).where(EvidenceCriterion.evidence_id == stuck.id))
    left = one(select(Enrolment).where(Enrolment.cohort_id == running.id, Enrolment.status == "withdrawn"))
    answered = one(select(Decision).where(Decision.enrolment_id == left.id, Decision.revision > 1))
    version, draft = (
        one(select(Qualification).where(Qualification.version == name)) for name in ("DEMO 1", "DEMO 2")
    )
    draft_unit = one(select(Unit).where(Unit.qualification_id == draft.id, Unit.code == "DEMO-1"))
    draft_options = one(
        select(UnitGroup).where(UnitGroup.qualification_id == draft.id, UnitGroup.name == "Options")
    )
    draft_criterion = one(
        select(AssessmentCriterion)
        .where(AssessmentCriterion.unit_id == draft_unit.id)
        .order_by(AssessmentCriterion.number)
    )
    return {
        "next_of_student": f"{signs_in.id}/{undecided}",
        "banked": str(banked.criterion_id),
        "comment": f"{banked.criterion_id}/{banked.id}",
        "together": str(one(select(BulkMark)).id),
        "waiting": f"{waiting.place.enrolment_id}/{waiting.unit.id}",
        "waiting_unit": str(_closable(running)),
        "unreachable": str(unreachable.id),
        "running": str(running.id),
        "finished": str(finished.id),
        "planned": str(planned.id),
        "qualification": str(version.id),
        "next_version": str(draft.id),
        "draft_unit": str(draft_unit.id),
        "draft_criterion": str(draft_criterion.id),
        "draft_outcome": str(draft_criterion.outcome_id),
        "draft_options": str(draft_options.id),
        "place": str(student.id),
        "paused": str(
            one(select(Enrolment.id).where(Enrolment.cohort_id == running.id, Enrolment.status == "paused"))
        ),
        "student": str(student.person_id),
        "graduate_person": str(graduate.person_id),
        "graduate_place": str(graduate.id),
        "cell": f"{released.enrolment_id}/{released.criterion_id}",
        "unit": str(board.units[0].id),
        "stuck": str(stuck.id),
        "stuck_cell": f"{stuck.enrolment_id}/{about.criterion_id}",
        "left_place": str(left.id),
        "left_person": str(left.person_id),
        "left_cell": f"{left.id}/{answered.criterion_id}",
        **_staff(),
        **_evidence(running, signs_in),
        "returned": f"{verdict.enrolment_id}/{verdict.unit_id}",
    }


def _evidence(running: Cohort, own: Enrolment) -> dict[str, str]:
    """What the student handed in and was written about them, what is asked back, and what is due."""

    def piece(*about: Any) -> str:
        return str(one(select(Evidence).where(*about)).id)

    mine = (Evidence.enrolment_id == own.id,)
    requests = (
        select(TimeRequest)
        .join(Enrolment, TimeRequest.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == running.id, TimeRequest.answer.is_(None))
    )
    return {
        "own_place": str(own.id),
        "own_evidence": piece(*mine, Evidence.is_sensitive),
        "own_waiting": piece(*mine, Evidence.kind == EvidenceKind.ASSIGNMENT),
        "observed": piece(*mine, Evidence.kind == EvidenceKind.OBSERVATION),
        "asked_back": str(one(select(EvidenceRequest)).evidence_id),
        "due_date": str(one(select(DueDate).where(DueDate.cohort_id == running.id)).id),
        "more_time": str(one(requests.where(TimeRequest.due_date_id.is_not(None))).id),
        "pause": str(one(requests.where(TimeRequest.due_date_id.is_(None))).id),
    }


def _staff() -> dict[str, str]:
    """The tutor's staff record, a qualification to settle, a declared conflict."""
    tutor = one(select(Account).where(Account.email == "tutor@demo.example")).person_id
    towards = one(select(StaffQualification).where(StaffQualification.awarded_on.is_(None)))
    return {
        "assessor": str(tutor),
        "settle": f"{towards.person_id}/qualification/{towards.id}",
        "conflict": str(one(select(ConflictOfInterest)).id),
        "action": str(one(select(QualityAction).where(QualityAction.done_at.is_(None))).id),
        "meeting": str(one(select(StandardisationMeeting)).id),
    }


def actor(key: str, role: Role) -> DemoActor:
    """One of the demo's people, wearing a role."""
    account = one(select(Account).where(Account.email == f"{key}@demo.example"))
    return DemoActor(account.person_id, key, role)


def _closable(cohort: Cohort) -> UUID:
    """A unit whose sample the demo's quality assurer may close, once nobody else is picked by name."""
    iqa = actor("iqa", Role.IQA)
    board = quality_board(cohort)
    found = next(
        plan
        for plan in board.plans
        if plan.waiting
        and plan.sampled > 1
        and not any(iqa.person_id in cell.deciders for cell in plan.waiting)
    )
    stored = stored_plan(cohort.id)
    for pick in stored.picks if stored else ():
        if pick.unit_id == found.unit.id and pick.live and pick.stage is Stage.SUMMATIVE:
            set_pick_aside(iqa, cohort.id, pick.id, "Enough was looked at.")
    return found.unit.id


def _more_asked() -> dict[str, str]:
    """A request for one more resubmission, and a pick of the running cohort's plan."""
    running = one(select(Cohort).where(Cohort.ref == "FEN-12"))
    decided = one(
        select(Decision)
        .join(Enrolment, Enrolment.id == Decision.enrolment_id)
        .where(Enrolment.cohort_id == running.id, Decision.released_at.is_not(None), Decision.attempt > 1)
    )
    asked = ask_for_more(
        actor("tutor", Role.TUTOR), running.id, decided.enrolment_id, decided.criterion_id,
        "They were away for a week.",
    )  # fmt: skip
    plan = stored_plan(running.id)
    assert plan is not None
    return {"more_request": str(asked), "planned_pick": str(next(one.id for one in plan.picks if one.live))}


def _engagements() -> dict[str, str]:
    """The demo's engagement, and a visit to the running cohort: picks, an objection, a question, a report."""
    eqa, iqa = actor("eqa", Role.EQA), actor("iqa", Role.IQA)
    demo_visit = one(select(EqaEngagement).where(EqaEngagement.ends_on >= clock.today()))
    own = one(select(Account).where(Account.email == "student@demo.example")).person_id
    place = one(select(Enrolment).where(Enrolment.person_id == own))
    private = one(select(Evidence).where(Evidence.enrolment_id == place.id, Evidence.is_sensitive))
    units = (
        select(AssessmentCriterion.unit_id)
        .join(EvidenceCriterion, EvidenceCriterion.criterion_id == AssessmentCriterion.id)
        .join(Evidence, Evidence.id == EvidenceCriterion.evidence_id)
    )
    private_unit = one(units.where(Evidence.id == private.id))
    open_unit = one(
        units.where(Evidence.enrolment_id == place.id, AssessmentCriterion.unit_id != private_unit)
    )
    today = clock.today()
    visit, token = open_engagement(
        iqa, "eqa@demo.example", "", [place.cohort_id], today, today + timedelta(days=5), "Autumn visit"
    )
    assert token is None
    pairs = [(place.id, private_unit), (place.id, open_unit)]
    pick_units(eqa, visit, place.cohort_id, pairs, "One of each kind of evidence")
    picks = {
        unit: str(
            session()
            .scalars(select(EqaPick.id).where(EqaPick.engagement_id == visit, EqaPick.unit_id == unit))
            .one()
        )
        for unit in (private_unit, open_unit)
    }
    object_to_pick(iqa, visit, UUID(picks[open_unit]), "Not assessed yet.")
    ask_leave(eqa, visit, UUID(picks[private_unit]), private.id)
    add_action(eqa, visit, "Say in each piece of feedback what would be enough.", today + timedelta(days=30))
    save_report(
        eqa, visit, "Two units of one student.", "Feedback is kind.", "", Finding.ACTIONS, 0, send=True
    )
    return {
        "engagement": str(demo_visit.id),
        "visit": str(visit),
        "private_pick": picks[private_unit],
        "objected_pick": picks[open_unit],
        "leave": str(one(select(EqaLeave).where(EqaLeave.engagement_id == visit)).id),
        "eqa_action": str(one(select(EqaAction).where(EqaAction.engagement_id == visit)).id),
        "day": str(today.day),
        "month": str(today.month),
        "year": str(today.year),
    }


def _fairness() -> dict[str, str]:
    """The demo's appeals, requests, claim and concern."""
    student = one(select(Account).where(Account.email == "student@demo.example")).person_id
    place = one(select(Enrolment).where(Enrolment.person_id == student))
    appeals = select(Appeal).join(AppealOutcome, AppealOutcome.appeal_id == Appeal.id)
    decided = one(
        select(Decision).where(
            Decision.enrolment_id == place.id,
            Decision.outcome == Outcome.MET,
            Decision.released_at.is_not(None),
        )
    )
    heard = one(
        select(AppealReviewer).where(~exists().where(AppealOutcome.appeal_id == AppealReviewer.appeal_id))
    )
    return {
        "own_place": str(place.id),
        "own_decided": f"{place.id}/{decided.criterion_id}",
        "own_appeal": str(one(select(Appeal).where(Appeal.enrolment_id == place.id)).id),
        "upheld": str(one(appeals.where(AppealOutcome.finding == AppealFinding.UPHELD)).id),
        "heard": str(heard.appeal_id),
        "new_appeal": str(
            one(select(Appeal).where(~exists().where(AppealReviewer.appeal_id == Appeal.id))).id
        ),
        "support": str(one(select(SupportRequest).where(SupportRequest.enrolment_id != place.id)).id),
        "prior_claim": str(one(select(RplClaim)).id),
        "concern": str(one(select(Concern).join(Enrolment).where(Enrolment.cohort_id == place.cohort_id)).id),
        "own_concern": str(
            one(select(Concern).join(Enrolment).where(Enrolment.cohort_id != place.cohort_id)).id
        ),
    }


def _claims() -> dict[str, str]:
    """The finished cohort's claims: the answered one with its query, and the one to sign."""
    answered, to_sign = session().scalars(select(Claim).order_by(Claim.run)).all()
    queried = one(
        select(ClaimLine)
        .join(ClaimReply, ClaimReply.line_id == ClaimLine.id)
        .where(ClaimReply.result == Reply.QUERIED)
    )
    return {"answered": str(answered.id), "to_sign": str(to_sign.id), "queried": str(queried.id)}


def _certificates() -> dict[str, str]:
    live, old = (
        one(select(Certificate).where(Certificate.state == state))
        for state in (CertificateState.VALID, CertificateState.SUPERSEDED)
    )
    owner = one(select(Account).where(Account.email == "graduate@demo.example"))
    own = one(
        select(Certificate)
        .join(Graduation, Graduation.id == Certificate.graduation_id)
        .where(Graduation.person_id == owner.person_id, Certificate.state == CertificateState.VALID)
    )
    batch = one(select(CertificateBatch))
    return {
        "serial": live.serial, "code": live.code, "old_serial": old.serial, "old_code": old.code,
        "own_serial": own.serial, "own_code": own.code, "batch": f"{batch.cohort_id}/graduation/batches/{batch.id}",
    }  # fmt: skip


def _vacancies() -> dict[str, str]:
    titles = {
        "due": "Community support worker",
        "decided": "Medical secretary",
        "handed_back": "Clinic assistant",
        "unread": "Wellbeing coach",
        "nobody": "Reception assistant",
        "never": "Staff nurse",
        "post": "Peer engagement worker",
        "drafted": "Assistant practitioner",
        "said_yes": "Peer support worker",
        "shared": "Peer support worker, early intervention",
    }
    rows = {
        name: str(one(select(Vacancy).where(Vacancy.title == title)).id) for name, title in titles.items()
    }
    graduate = one(select(Account).where(Account.email == "graduate@demo.example")).person_id
    closed = one(select(Vacancy).where(Vacancy.title == "Ward peer worker"))
    rows |= {"candidate": str(graduate), "said_yes_closed": str(closed.id)}
    with transaction() as s:  # a yes from before it closed
        if answer_now(s, graduate, closed.id) is None:
            s.add(
                VacancyAnswer(
                    person_id=graduate,
                    vacancy_id=closed.id,
                    answer=VacancyAnswerKind.YES,
                    number=1,
                    at=clock.now() - timedelta(days=30),
                )
            )
    rows["read_settled"] = str(one(select(SecondRead).order_by(SecondRead.place)).id)
    rows["read_last"] = str(one(select(SecondRead).order_by(SecondRead.place.desc())).id)
    return {
        **rows,
        **_candidacies(),
        "feed": str(one(select(VacancyFeed)).id),
        "system": str(one(select(ImportSource)).id),
    }


def _candidacies() -> dict[str, str]:
    """A candidacy with a meeting, one with checks; a team that is asked for; a post; what a past graduate opens."""
    signs_in = one(select(Account).where(Account.email == "graduate@demo.example")).person_id
    meets = one(select(Candidacy).where(Candidacy.person_id == signs_in))
    checked = one(select(Candidacy).where(Candidacy.stage == CandidacyStage.CHECKS))
    team = one(select(Team).where(Team.name == "Children’s team north"))
    hr = one(select(Account).where(Account.email == "hr@demo.example")).person_id
    past = one(select(Person).where(is_past_graduate()))
    with transaction() as s:
        visit = TeamVisit(team_id=team.id, person_id=signs_in, asked_by=hr, asked_at=clock.now())
        letter = PastInvitation(
            person_id=past.id,
            token_hash=token_hash_of("a-past-link"),
            sent_at=clock.now(),
            sent_by="console:tests",
        )
        s.add_all([visit, letter])
    return {
        "meets": str(meets.id),
        "checked": str(checked.id),
        "team": str(team.id),
        "own_visit": str(visit.id),
        "begun": str(one(select(PostOrigin)).post_id),
        "past_link": "a-past-link",
    }


def _people() -> dict[str, str]:
    account = one(select(Account).where(Account.email == "tutor@demo.example"))
    with transaction() as s:
        return {"account": str(account.id), "token": make_one_time_link(s, account.id)}


def _uploads(app: Flask) -> dict[str, str]:
    """A file of vacancies with two good rows, one with bad rows, and one that is imported."""
    account = one(select(Account).where(Account.email == "hr@demo.example"))
    hr = DemoActor(account.person_id, "HR", Role.HR)
    storage = app.extensions["storage"]
    options = {option.name: "" for option in VACANCIES.options}
    made = {}
    for name, text in (("good_file", GOOD), ("bad_file", BAD), ("done_file", GOOD.replace("AXE", "OLD"))):
        upload_id = keep_upload(storage, VACANCIES, hr, text.encode(), f"{name}.csv", options)
        made[name] = f"{VACANCIES.name}/{upload_id}"
    theirs = b"Vacancy Ref,Job Title,Recruiter\n368-1,Support worker,Sam\n"
    made["other_file"] = (
        f"{VACANCIES.name}/{keep_to_match(storage, VACANCIES, hr, theirs, 'trac.csv', options)}"
    )
    upload = upload_of(hr, VACANCIES, upload_id)
    assert upload is not None
    assert import_upload(storage, VACANCIES, hr, upload, accept_good_rows=False)
    return made
