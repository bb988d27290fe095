"""One rich world for the house tests: everybody signed in, each with something of their own, twice over.

Everything exists on two sides. Whoever is scoped (student, graduate, tutor, external quality assurer, recruiting
manager) has what is on the side "mine" and must not learn of the side "theirs". Every sensitive field holds a
word found nowhere else, so that a crawl can tell who saw it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.app import create_app
from recovery_college.assessment.deadline_models import TimeRequest
from recovery_college.assessment.deadline_rules import AskedFor
from recovery_college.assessment.evidence_models import EvidenceDraft, EvidenceRequest
from recovery_college.assessment.evidence_rules import EvidenceKind
from recovery_college.assessment.marking_models import (
    BulkMark,
    BulkMarkDecision,
    DecisionUndo,
    FeedbackComment,
)
from recovery_college.assessment.models import (
    Decision,
    EqaEngagement,
    EqaEngagementCohort,
    IqaVerdict,
    IqaVerdictCriterion,
)
from recovery_college.assessment.resubmission_models import ResubmissionRequest
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.staff_models import (
    ConflictOfInterest,
    CpdEntry,
    StaffQualification,
    StaffRecord,
)
from recovery_college.assessment.staff_rules import Award
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_own_services import ask_for_help, declare_line_manager
from recovery_college.careers.candidacy_rules import Move
from recovery_college.careers.candidacy_rules import Stage as CandidacyStage
from recovery_college.careers.candidacy_services import (
    Meeting,
    add_note,
    move_candidacy,
    plan_interview,
    set_next_step,
)
from recovery_college.careers.check_rules import CheckKind, CheckState, TeamStep
from recovery_college.careers.considerations import extend_consideration, record_consideration
from recovery_college.careers.deputy_models import TeamManager
from recovery_college.careers.deputy_services import ROLE_FOR, name_deputy, name_for_duty
from recovery_college.careers.draft_services import save_answer_draft
from recovery_college.careers.escalation_models import CareersDuty
from recovery_college.careers.feed_rules import NHS_JOBS_ADDRESS, BandFetch, Search
from recovery_college.careers.feed_services import finish_fetch, save_feed, start_fetch, take_band
from recovery_college.careers.manager_imports import MANAGERS
from recovery_college.careers.models import Funding, Post, Team, Vacancy
from recovery_college.careers.nhs_jobs_row import NhsJobsVacancy
from recovery_college.careers.offer_services import make_offer, record_check
from recovery_college.careers.past_models import PastInvitation
from recovery_college.careers.past_services import answer_past
from recovery_college.careers.post_services import record_follow_up
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.second_read_models import SecondRead, SecondReadSample
from recovery_college.careers.second_read_rules import Finding as ReadFinding
from recovery_college.careers.second_read_rules import ReadOutcome, quarter_of
from recovery_college.careers.second_read_services import (
    draw_sample,
    record_finding,
    reply_to_finding,
    settle_read,
)
from recovery_college.careers.team_services import StepSaid, ask_for_visit, save_step
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.courses.models import Cohort, CohortTutor, CourseSession, Enrolment, Qualification, Unit
from recovery_college.courses.version_services import copy_version
from recovery_college.graduation import services as graduation
from recovery_college.graduation.models import CertificateBatch, Graduation, GraduationSource
from recovery_college.imports.kind import ImportKind, run_import
from recovery_college.imports.mapping import ColumnMap
from recovery_college.imports.services import keep_upload
from recovery_college.imports.source_services import keep_source
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.mail import queue_mail
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import Settings, load_settings
from recovery_college.kernel.tables_out import write_table
from recovery_college.kernel.wording import in_london
from recovery_college.people.models import Account, Person, SignInSession
from recovery_college.people.signin import SignedIn, _open_session, make_one_time_link, token_hash_of
from recovery_college.quality.improvement_models import QualityAction
from recovery_college.quality.improvement_rules import Finding, Seen
from recovery_college.quality.improvement_services import (
    record_interim_check,
    record_meeting,
    record_observation,
)
from recovery_college.quality.pack_services import make_pack, start_pack
from recovery_college.quality.plan_models import SamplingPick, SamplingPlan
from recovery_college.quality.sampling import Stage
from tests.databases import Database, SqliteDatabase
from tests.factories.candidacies import a_candidacy
from tests.factories.careers import a_vacancy, vacancy_of
from tests.factories.claim_world import add_claims
from tests.factories.courses import a_cohort, a_session, an_enrolment, criteria_of, units_of
from tests.factories.engagements import a_leave, a_pick, a_sent_report, an_objection
from tests.factories.evidence import a_due_date, an_evidence
from tests.factories.graduation import Finished, a_finished_cohort
from tests.factories.people import CONSOLE, a_person, an_account
from tests.house.candidate_world import candidate_world
from tests.house.fair_world import fair_world

SIDES = ("mine", "theirs")
PASSWORD = "three quiet words"
SCOPED = (Role.STUDENT, Role.GRADUATE, Role.TUTOR, Role.EQA, Role.MANAGER)
ANONYMOUS = "anonymous"
# Who imports in which room; elsewhere the administrator.
IMPORTS = {"careers": Role.HR, "assessment": Role.TUTOR}
WHO = (ANONYMOUS, *(role.value for role in Role))
# Who knows such a value may use it: it is its own key.
KEYS = frozenset({"token", "code"})
MALFORMED: dict[str, str] = {"uuid": "not-an-id", "default": "%00", "path": "..%2f..%2fetc%2fpasswd"}


@dataclass
class Side:
    """What lies on one side: a value for each name in an address, and a canary for each sensitive field."""

    name: str
    actors: dict[Role, SignedIn] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    own: dict[tuple[Role, str], Any] = field(default_factory=dict)
    canaries: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def canary(self, what: str, *words: str) -> str:
        """A word for a sensitive field, found nowhere else."""
        self.canaries[what] = words or (f"canary {what} {self.name}",)
        return self.canaries[what][0]

    def value(self, name: str, role: str, endpoint: str) -> Any:
        """The value for one name in an address, as this role would find it on this side."""
        for key in ((role, name), (endpoint, name)):
            if key in self.own:
                return self.own[key]
        if name not in self.values:
            raise LookupError(
                f"{endpoint} has <{name}> in its address: tell tests/house/world.py which row that is"
            )
        return self.values[name]


@dataclass
class World:
    """The app, its database, and both sides."""

    app: Flask
    database: Database
    mine: Side
    theirs: Side
    files: dict[Path, bytes] = field(default_factory=dict)
    """What lies in storage: the uploads that wait."""
    filled: dict[str, Any] = field(default_factory=dict)
    """What each role would send to an endpoint, once it is known (tests/house/test_access_matrix.py)."""

    def rules(self) -> list[Rule]:
        """Every rule of the app, in the order of its address."""
        return sorted(self.app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))

    def path(self, rule: Rule, role: str, side: Side | None = None, **changed: Any) -> str:
        """The address of a rule with the ids of rows that are there."""
        side = side or self.mine
        values = {name: side.value(name, role, rule.endpoint) for name in rule.arguments} | changed
        with self.app.test_request_context():
            return str(self.app.url_map.bind("").build(rule.endpoint, values))

    def lets_in(self, rule: Rule, who: str) -> bool:
        """Whether the gate lets a role through to the view."""
        needs: Permission = self.app.extensions["needs"][rule.endpoint][0]
        return may(self.mine.actors[Role(who)], needs)

    def client(self, who: str) -> FlaskClient:
        """A browser in which this role (or nobody) is signed in. The database is left alone."""
        client = self.app.test_client()
        if who != ANONYMOUS:
            with client.session_transaction() as cookie:
                cookie["_user_id"] = self.mine.actors[Role(who)].get_id()
                cookie["_fresh"] = True
                cookie["csrf_token"] = "0123456789abcdef"
        return client

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The database, to look at."""
        with self.app.app_context(), Session(db.engine) as s:
            yield s

    def refresh(self) -> None:
        """Put every row back to where it was."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.database.refresh("world")
        for path, content in self.files.items():
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


_made: dict[int, World] = {}


def build_world(app: Flask, database: Database) -> World:
    """Make both sides in the app's database and keep it as the template "world": once, whoever asks."""
    if id(app) in _made:
        return _made[id(app)]
    database.refresh()
    folder = app.extensions["settings"].data_dir / "files"
    shutil.rmtree(folder, ignore_errors=True)  # what other tests stored belongs to no row of this world
    with app.app_context():
        sides = [_side(app, name) for name in SIDES]
        with transaction() as s:
            # Nobody's session may end while a long run is under way.
            s.execute(update(SignInSession).values(last_seen_at=clock.now() + timedelta(hours=3)))
        db.session.remove()
        db.engine.dispose()
    database.keep_as_template("world")
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    _made[id(app)] = World(app, database, *sides, files=files)
    return _made[id(app)]


@contextmanager
def own_world() -> Iterator[World]:
    """A world outside pytest, on SQLite in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="rc-world-") as folder:
        database = SqliteDatabase(Path(folder))
        app = create_app(world_settings(Path(folder) / "data", database))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        upgrade_schema(app)
        with app.app_context():
            db.engine.dispose()
        database.keep_as_template()
        world = build_world(app, database)
        world.refresh()
        yield world
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def world_settings(data: Path, database: Database) -> Settings:
    """The settings of tests/conftest.py."""
    return load_settings(
        data_dir=data,
        database_url=database.url,
        secret_key="a key for tests only, long enough to pass",
        org_name="Fenside NHS Foundation Trust",
        college_name="Fenside Recovery College",
        public_base_url="http://127.0.0.1:8000",
    )


def _side(app: Flask, name: str) -> Side:
    side = Side(name)
    finished = a_finished_cohort(
        ready=3,
        names=(
            f"Greta {name.title()}",
            f"Stella {name.title()}",
            f"Wanda {name.title()}",
            f"Noor {name.title()}",
        ),
        feedback=side.canary("released feedback"),
    )
    _actors(side, finished)
    _course(side, finished)
    _certificates(side, finished)
    add_claims(side, finished)
    _what_staff_and_students_read(side)
    _careers(side)
    _second_reads(side)
    fair_world(side, finished)
    _uploads(app, side)
    return side


def _actors(side: Side, finished: Finished) -> None:
    """Somebody in each role; their duties and rows follow."""
    people = {
        Role.GRADUATE: session().get_one(Person, finished.ready[0].person_id),
        Role.STUDENT: session().get_one(Person, finished.ready[1].person_id),
        Role.TUTOR: finished.tutor,
        Role.IQA: a_person("Iris", side.name.title()),
    }
    for role in Role:
        person = people.get(role) or a_person(role.label.split()[-1].title(), side.name.title())
        address = side.canary(f"{role.value} account email", f"{role.value}.{side.name}@canary.example")
        account = an_account(person, role, email=address, password=PASSWORD)
        with transaction() as s:
            side.actors[role] = _open_session(s, account, role, "signed in")
    tutor = side.actors[Role.TUTOR]
    side.values["account_id"] = tutor.account_id
    side.values["person_id"] = tutor.person_id
    side.own["graduation.student_show", "person_id"] = finished.ready[1].person_id
    with transaction() as s:
        side.values["token"] = make_one_time_link(s, tutor.account_id)


def _course(side: Side, finished: Finished) -> None:
    """A finished cohort, a running one, a verdict, an open engagement; contact details of a student."""
    running = a_cohort(
        session().get_one(Cohort, finished.cohort.id).qualification,
        tutors=[finished.tutor],
        ref=f"RUN-{side.name}",
    )
    student = session().get_one(Person, finished.ready[1].person_id)
    waiting = session().get_one(Person, finished.not_yet.person_id)
    own = an_enrolment(running, student)
    units = units_of(running.qualification)
    first, second, *_ = criteria_of(units[0])
    born = date(1971, 3, 9) if side.name == "mine" else date(1968, 11, 4)
    with transaction() as s:
        for number, person in enumerate((student, waiting)):
            row = s.get_one(Person, person.id)
            row.student_ref = f"CANARYREF{side.name.upper()}{number}"
            row.preferred_name = ""
            row.certificate_name = side.canary(
                f"certificate name {number}", f"Certname{side.name}{number} Person"
            )
            row.pronouns = side.canary(f"pronouns {number}")
            row.email = side.canary(f"student email {number}", f"student{number}.{side.name}@canary.example")
            row.date_of_birth = born.replace(day=born.day + number)
            day = row.date_of_birth
            side.canary(f"date of birth {number}", day.isoformat(), f"{day.day} {day:%B %Y}")
            row.uln = side.canary(f"uln {number}", f"92763086{SIDES.index(side.name)}{number}")
        for enrolment in (s.get_one(Enrolment, own.id), s.get_one(Enrolment, finished.not_yet.id)):
            s.add(_decision(enrolment, first.id, finished.tutor, side.canaries["released feedback"][0], True))
            s.add(_decision(enrolment, second.id, finished.tutor, side.canary("draft feedback"), False))
        s.add(
            IqaVerdict(
                enrolment_id=finished.not_yet.id,
                unit_id=units[1].id,
                verdict=Verdict.RETURNED,
                comment=side.canary("verdict comment"),
                action=side.canary("verdict action"),
                act_by_on=clock.today() + timedelta(days=9),
                verified_by=finished.iqa.id,
                recorded_at=clock.now(),
            )
        )
        engagement = EqaEngagement(
            person_id=side.actors[Role.EQA].person_id,
            opens_on=clock.today() - timedelta(days=1),
            ends_on=clock.today() + timedelta(days=30),
            created_by="console:tests",
        )
        s.add(engagement)
        s.flush()
        for cohort_id in (finished.cohort.id, running.id):
            s.add(EqaEngagementCohort(engagement_id=engagement.id, cohort_id=cohort_id))
    for endpoint in ("courses.student_show", "graduation.student_show", "graduation.student_edit"):
        side.own[endpoint, "person_id"] = student.id
    _staff(side, running, units[1], finished)
    _improvement(side, running, own, units[0], finished)
    _waiting_for_quality(side, running, units[1], finished)
    _evidence(side, own, finished.tutor, [one.id for one in criteria_of(units[1])])
    _external(side, own, engagement.id, units[1], criteria_of(units[1])[0].id)
    _draft_version(side, running.qualification)
    _marking(side, finished, second.id, first.id)
    side.own["courses.place_units", "cohort_id"] = running.id
    side.own["courses.place_units", "enrolment_id"] = own.id
    side.values |= {
        "cohort_id": finished.cohort.id,
        "cohort_ref": finished.cohort.ref,
        "enrolment_id": finished.not_yet.id,
        "qualification_id": running.qualification_id,
        "unit_id": units[0].id,
        "criterion_id": first.id,
        "engagement_id": engagement.id,
        "running_id": running.id,
    }


def _marking(side: Side, finished: Finished, criterion_id: UUID, banked_id: UUID) -> None:
    """A decision that was made together with others, a draft that was taken back, and comments in the bank."""
    tutor = finished.tutor
    with transaction() as s:
        together = _decision(finished.ready[2], criterion_id, tutor, "", False)
        undone = _decision(finished.ready[2], criterion_id, tutor, side.canary("feedback taken back"), False)
        together.revision, undone.revision = 2, 3
        bulk = BulkMark(id=uuid4(), cohort_id=finished.cohort.id, made_by=tutor.id, made_at=clock.now())
        s.add_all([together, undone, bulk])
        s.flush()
        s.add(BulkMarkDecision(decision_id=together.id, bulk_id=bulk.id))
        s.add(DecisionUndo(decision_id=undone.id, undone_by=tutor.id, undone_at=clock.now()))
        own, shared = (
            FeedbackComment(
                criterion_id=banked_id, owner_id=owner, text=side.canary(what), version=1, written_by=tutor.id,
                written_at=clock.now(),
            )
            for what, owner in (("own comment", tutor.id), ("college comment", None))
        )  # fmt: skip
        s.add_all([own, shared])
    side.values |= {"bulk_id": bulk.id, "comment_id": own.id}


def _external(side: Side, own: Enrolment, engagement_id: UUID, unit: Unit, criterion: UUID) -> None:
    """A pick with an objection, a private piece the student is asked about, and an earlier report."""
    eqa, iqa = side.actors[Role.EQA].person_id, side.actors[Role.IQA].person_id
    assert eqa
    assert iqa
    pick_id = a_pick(engagement_id, own.id, unit.id, eqa, side.canary("pick reason"))
    an_objection(pick_id, iqa, side.canary("objection"))
    private = an_evidence(
        own.id,
        [criterion],
        title=side.canary("private title"),
        body=side.canary("private words"),
        is_sensitive=True,
    )
    asked = an_evidence(own.id, [criterion], title="Another private piece", is_sensitive=True)
    earlier = a_sent_report(
        eqa,
        [own.cohort_id],
        iqa,
        words=side.canary("report words"),
        action=side.canary("external action"),
        note=side.canary("action note"),
    )
    leave_id = a_leave(engagement_id, private.id)
    side.values["leave_id"] = leave_id
    make_pack(start_pack(side.actors[Role.EQA], engagement_id))
    for endpoint in ("pick_show", "object", "answer", "ask"):
        side.own[f"quality.engagement_{endpoint}", "pick_id"] = pick_id
    for endpoint in ("show", "note"):
        side.own[f"quality.eqa_action_{endpoint}", "action_id"] = earlier.action_id
    side.own["quality.engagement_ask", "evidence_id"] = asked.id
    for endpoint in ("engagement_sample", "engagement_pick"):
        side.own[f"quality.{endpoint}", "cohort_id"] = own.cohort_id


def _evidence(side: Side, own: Enrolment, tutor: Person, criteria: list[UUID]) -> None:
    """The student handed something in, sensitive and with a file, is writing more, and was observed."""
    item = an_evidence(
        own.id,
        criteria,
        title=side.canary("evidence title"),
        body=side.canary("evidence words"),
        is_sensitive=True,
        file_name=side.canary("evidence file name", f"canaryevidence{side.name}.pdf"),
    )
    seen = an_evidence(
        own.id,
        criteria,
        kind=EvidenceKind.OBSERVATION,
        made_by=tutor.id,
        title="Observation",
        body=side.canary("observation words"),
    )
    due = a_due_date(own.cohort_id, criteria[0], title=f"Reflective account {side.name}")
    with transaction() as s:
        s.add(
            EvidenceDraft(
                enrolment_id=own.id,
                written_by=own.person_id,
                fields={"title": side.canary("evidence draft"), "kind": "product"},
                saved_at=clock.now(),
            )
        )
    side.values |= {"evidence_id": item.id, "file_id": item.file_id, "due_id": due.id}
    asked = an_evidence(own.id, criteria, title=side.canaries["evidence title"][0])
    with transaction() as s:
        s.add(EvidenceRequest(evidence_id=asked.id, asked_at=clock.now()))
    side.own["assessment.evidence_answer", "evidence_id"] = asked.id
    side.own["assessment.evidence_confirm", "evidence_id"] = seen.id
    for endpoint in ("evidence_new", "evidence_write"):
        side.own[f"assessment.{endpoint}", "enrolment_id"] = own.id
        side.own[f"assessment.{endpoint}", "cohort_id"] = own.cohort_id
    wish = TimeRequest(enrolment_id=own.id, asked_for=AskedFor.PAUSE, asked_at=clock.now())
    with transaction() as s:
        s.add(wish)
    side.values["request_id"] = side.values.get("request_id", wish.id)
    side.own["assessment.time_answer", "request_id"] = wish.id
    for endpoint in (
        "evidence_of_cohort", "due_dates", "due_date_show", "due_date_extend", "time_answer", "place_pause",
    ):  # fmt: skip
        side.own[f"assessment.{endpoint}", "cohort_id"] = own.cohort_id
    for endpoint in ("time_ask", "pause_ask", "back_ask", "place_pause"):
        side.own[f"assessment.{endpoint}", "enrolment_id"] = own.id


EDITOR = (
    "qualification_edit", "group_new", "group_edit", "unit_new", "unit_show", "unit_edit", "unit_renumber",
    "outcome_new", "outcome_edit", "criterion_new", "criterion_edit", "part_move", "part_remove",
    "version_supersede",
)  # fmt: skip


def _draft_version(side: Side, old: Qualification) -> None:
    """A version nobody is on yet, for the editor; a version with students keeps the other pages."""
    actor = side.actors[Role.ADMIN]
    draft = session().get_one(Qualification, copy_version(actor, old.id, f"draft {side.name}"))
    unit = units_of(draft)[0]
    criterion = criteria_of(unit)[0]
    for endpoint in EDITOR:
        side.own[f"courses.{endpoint}", "qualification_id"] = draft.id
        side.own[f"courses.{endpoint}", "unit_id"] = unit.id
        side.own[f"courses.{endpoint}", "criterion_id"] = criterion.id
        side.own[f"courses.{endpoint}", "kind"] = "criterion"
    side.values |= {
        "new_id": draft.id,
        "group_id": unit.group_id,
        "outcome_id": criterion.outcome_id,
        "part_id": criterion.id,
    }


def _waiting_for_quality(side: Side, running: Cohort, unit: Unit, finished: Finished) -> None:
    """Four students of the running cohort have a whole unit met; two of them are looked at, two wait."""
    places = [an_enrolment(running) for _ in range(4)]
    criteria = criteria_of(unit)
    with transaction() as s:
        for number, place in enumerate(places):
            for criterion in criteria:
                met = _decision(
                    place, criterion.id, finished.tutor, side.canaries["released feedback"][0], True
                )
                met.outcome = Outcome.MET
                s.add(met)
            s.flush()
            if number < 2:
                verdict = IqaVerdict(
                    enrolment_id=place.id,
                    unit_id=unit.id,
                    verdict=Verdict.CONFIRMED,
                    comment=side.canaries["verdict comment"][0],
                    verified_by=finished.iqa.id,
                    recorded_at=clock.now(),
                )
                s.add(verdict)
                s.flush()
                s.add(IqaVerdictCriterion(verdict_id=verdict.id, criterion_id=criteria[0].id))
    for endpoint in ("quality_cohort", "quality_unit", "verdict_record", "quality_close"):
        side.own[f"quality.{endpoint}", "cohort_id"] = running.id
        side.own[f"quality.{endpoint}", "enrolment_id"] = places[3].id
        side.own[f"quality.{endpoint}", "unit_id"] = unit.id


def _staff(side: Side, running: Cohort, unit: Unit, finished: Finished) -> None:
    """Staff records; a colleague in training whose decision waits for a signature; a conflict of interest."""
    in_training = a_person("Perpetua", side.name.title())
    an_account(in_training, Role.TUTOR, email=f"perpetua.{side.name}@canary.example")
    near, place = an_enrolment(running), an_enrolment(running)
    tutor, iqa = finished.tutor.id, side.actors[Role.IQA].person_id
    kept = {"recorded_by": "console:tests", "recorded_at": clock.now()}
    awarded = clock.today() - timedelta(days=400)
    with transaction() as s:
        s.add(CohortTutor(cohort_id=running.id, person_id=in_training.id))
        for person_id, held in ((tutor, awarded), (iqa, awarded), (in_training.id, None)):
            title = side.canary("staff qualification", f"Canary Award {side.name}")
            s.add(
                StaffQualification(
                    person_id=person_id, kind=Award.ASSESSOR, title=title, awarded_on=held, **kept
                )
            )
        towards = StaffQualification(
            person_id=tutor, kind=Award.TEACHING, title=f"Teaching {side.name}", awarded_on=None, **kept
        )
        s.add(towards)
        what = side.canary("staff development")
        s.add(CpdEntry(person_id=tutor, done_on=clock.today(), hours=Decimal("2.5"), what=what, **kept))
        s.add(StaffRecord(person_id=tutor, competence=side.canary("staff competence")))
        conflict = ConflictOfInterest(
            person_id=tutor, with_person_id=near.person_id, reason=side.canary("conflict reason"),
            declared_by="console:tests", declared_at=clock.now(),
        )  # fmt: skip
        s.add(conflict)
        s.flush()
        feedback = side.canary("feedback to countersign")
        s.add(_decision(place, criteria_of(unit)[0].id, in_training, feedback, False))
    for endpoint in ("countersign_cohort", "conflicts_cohort", "conflict_end"):
        side.own[f"quality.{endpoint}", "cohort_id"] = running.id
    side.own["quality.staff_settle", "qualification_id"] = towards.id
    side.values["conflict_id"] = conflict.id


def _improvement(side: Side, running: Cohort, own: Enrolment, unit: Unit, finished: Finished) -> None:
    """A sampling plan with a pick, an interim check with its action, an observation, a meeting, a request."""
    iqa, tutor = side.actors[Role.IQA], finished.tutor.id
    criterion = criteria_of(unit)[0]
    with transaction() as s:
        plan = SamplingPlan(
            cohort_id=running.id, number=1, seed=7, new_percent=50, usual_percent=20, least_students=2,
            why=side.canary("plan why"), inputs="", made_by=iqa.person_id, made_at=clock.now(),
        )  # fmt: skip
        s.add(plan)
        s.flush()
        pick = SamplingPick(
            plan_id=plan.id, enrolment_id=own.id, unit_id=unit.id, stage=Stage.SUMMATIVE,
            reason=side.canary("plan reason"), added_by=iqa.person_id, added_at=clock.now(),
        )  # fmt: skip
        asked = ResubmissionRequest(
            enrolment_id=own.id, criterion_id=criterion.id, reason=side.canary("more reason"),
            asked_by=tutor, asked_at=clock.now(),
        )  # fmt: skip
        s.add_all([pick, asked])
    soon = clock.today() + timedelta(days=9)
    record_interim_check(
        iqa, running.id, own.id, unit.id, Finding.ACTION, side.canary("interim comment"),
        side.canary("interim action"), soon,
    )  # fmt: skip
    words = side.canary("practice words")
    record_observation(iqa, tutor, clock.today(), Seen.FEEDBACK, words, "", "", None)
    agreed = side.canary("meeting agreed")
    meeting = record_meeting(
        iqa, clock.today(), f"Meeting {side.name}", agreed, [unit.id], [tutor, iqa.person_id], "", None
    )
    side.values["meeting_id"] = meeting
    side.values["pick_id"] = pick.id
    side.values["action_id"] = session().scalar(
        select(QualityAction.id).where(QualityAction.what == side.canaries["interim action"][0])
    )
    for endpoint in (
        "plan_cohort", "plan_draw", "plan_add", "plan_aside", "interim_check", "more_ask", "more_answer",
        "coverage_cohort",
    ):  # fmt: skip
        side.own[f"quality.{endpoint}", "cohort_id"] = running.id
        side.own[f"quality.{endpoint}", "enrolment_id"] = own.id
        side.own[f"quality.{endpoint}", "unit_id"] = unit.id
        side.own[f"quality.{endpoint}", "criterion_id"] = criteria_of(unit)[1].id
    side.own["quality.more_answer", "request_id"] = asked.id


def _decision(
    enrolment: Enrolment, criterion: UUID, tutor: Person, feedback: str, released: bool
) -> Decision:
    return Decision(
        enrolment_id=enrolment.id,
        criterion_id=criterion,
        attempt=1,
        revision=1,
        outcome=Outcome.NOT_YET_MET,
        feedback=feedback,
        decided_on=clock.today(),
        decided_by=tutor.id,
        recorded_at=clock.now(),
        released_at=clock.now() if released else None,
        released_by=tutor.id if released else None,
    )


def _what_staff_and_students_read(side: Side) -> None:
    """A session that is planned, and a message to the student."""
    running = session().get_one(Cohort, side.values["running_id"])
    planned = a_session(running, clock.today() + timedelta(days=2))
    with transaction() as s:
        s.get_one(CourseSession, planned.id).title = side.canary("session title")
        address = side.canaries["student account email"][0]
        queue_mail(s, address, "A message", side.canary("mail text"), "certificate")


def _certificates(side: Side, finished: Finished) -> None:
    """The graduate and the student have certificates; a third student is ready; the batch is through."""
    for enrolment, role in ((finished.ready[0], Role.GRADUATE), (finished.ready[1], Role.STUDENT)):
        certificate = graduation.issue_certificate(CONSOLE, enrolment.id)
        assert certificate is not None
        side.own[role, "serial"] = certificate.serial
        side.values["serial"] = certificate.serial
        side.values["code"] = side.canary(f"{role.value} certificate code", certificate.code)
    # The external picked the student's first unit: their certificate is of the sample, the graduate's is not.
    eqa = side.actors[Role.EQA].person_id
    assert eqa
    a_pick(side.values["engagement_id"], finished.ready[1].id, side.values["unit_id"], eqa)
    side.own[Role.EQA, "serial"] = side.own[Role.STUDENT, "serial"]
    with transaction() as s:
        batch = CertificateBatch(
            cohort_id=finished.cohort.id,
            started_by=side.actors[Role.ADMIN].audit_id,
            started_role=Role.ADMIN.value,
            started_at=clock.now(),
            finished_at=clock.now(),
            total=2,
            refused=[],
        )
        s.add(batch)
    side.values |= {"batch_id": batch.id, "deed": "revoke", "filename": "src/app.css"}
    side.values |= {"kind": "students", "form": "csv", "name": "vacancies", "group": "reports"}
    side.own["graduation.my_export", "name"] = "my-decisions"
    side.values["graduation_id"] = session().scalar(
        select(Graduation.id).where(Graduation.enrolment_id == finished.ready[0].id)
    )


def _feed(side: Side) -> UUID:
    """A source on NHS Jobs that was fetched once, and what was seen in it."""
    hr = side.actors[Role.HR]
    search = Search(
        f"Source {side.name}", NHS_JOBS_ADDRESS, "", "", None, "", (Band.BAND_3,), every_day=False
    )
    feed_id = save_feed(hr, search)
    run_id = start_fetch(hr, feed_id)
    text = f"Fed vacancy {side.name}"
    row = NhsJobsVacancy(
        f"C-{side.name}", f"FED-{side.name}", text, "", "", "", None, "", None, clock.today(), None, (), 1
    )
    take_band(run_id, search, BandFetch("3", (row,), (), {}, 1, ""))
    finish_fetch(run_id)
    return feed_id


def _careers(side: Side) -> None:
    """A vacancy whose manager has not answered, and one whose manager has."""
    manager = side.actors[Role.MANAGER]
    due = a_vacancy(manager, reference=f"DUE-{side.name}", title=f"Vacancy due {side.name}")
    done = a_vacancy(manager, reference=f"DONE-{side.name}", title=f"Vacancy answered {side.name}")
    with transaction() as s:
        # The address a file gave for the manager, beside the account it led to.
        s.get_one(Vacancy, due.id).manager_email = side.canary(
            "manager email", f"boss.{side.name}@canary.example"
        )
    record_consideration(
        manager,
        done.id,
        "not a psw role",
        "other",
        side.canary("reason text"),
        vacancy_of(done.reference).version,
    )
    advertised = {
        "posted_on": clock.today().isoformat(),
        "closes_on": (clock.today() + timedelta(days=20)).isoformat(),
        # Where the other side's graduate would not work: see candidate_world.
        "site": f"Town {side.name}",
        "setting": "ward" if side.name == "mine" else "community",
    }
    title = f"Peer support worker {side.name}"
    where = {"team": f"Team {side.name}", "weekly_hours": "37.5"}
    post = a_vacancy(manager, reference=f"POST-{side.name}", title=title, **advertised, **where)
    record_consideration(manager, post.id, "psw post", None, "", vacancy_of(post.reference).version)
    with transaction() as s:
        s.get_one(Vacancy, done.id).still_right_asked = True
    _managers(side)
    side.values["feed_id"] = _feed(side)
    chosen = ColumnMap({"reference": "vacancy_ref", "title": "job_title"})
    side.values["source_id"] = keep_source(side.actors[Role.HR], VACANCIES, f"System {side.name}", chosen)
    _candidacies(side, post)
    side.values["vacancy_id"] = due.id
    later = clock.today() + timedelta(days=20)
    version = vacancy_of(due.reference).version
    extend_consideration(side.actors[Role.HR], due.id, later, side.canary("extension why"), version)
    begun = {"answer": "not a psw role", "reason": "other", "other_text": side.canary("answer draft")}
    save_answer_draft(manager, due.id, begun, 0)
    stands_in = f"stand-in.{side.name}@canary.example"
    an_account(a_person(f"Deputy {side.name}"), Role.MANAGER, email=stands_in)
    side.own["careers.deputy_end", "naming_id"] = name_deputy(manager, stands_in, clock.today(), None)
    for duty, role in ROLE_FOR.items():
        name_for_duty(side.actors[Role.HR], duty, side.actors[role].person_id)
    named = session().scalars(
        select(CareersDuty.id).where(CareersDuty.person_id == side.actors[Role.HR].person_id)
    )
    side.own["careers.duty_end", "naming_id"] = named.first()
    side.own["careers.reason_change", "code"] = "registration"
    side.own["careers.reason_change", "deed"] = "retire"
    for endpoint in ("consideration_return", "consideration_confirm"):
        side.own[f"careers.{endpoint}", "vacancy_id"] = done.id
    for role in (Role.STUDENT, Role.GRADUATE):
        # Everybody may know of a post for peer support workers, nobody of one that is not decided on.
        side.own[role, "vacancy_id"] = post.id if side.name == "mine" else due.id
    candidate_world(side, post.id)


def _candidacies(side: Side, post: Vacancy) -> None:
    """The graduate is on the shortlist with a time and something that helps; the student has applied."""
    manager, graduate, student = (side.actors[role] for role in (Role.MANAGER, Role.GRADUATE, Role.STUDENT))
    shortlisted = a_candidacy(graduate, post, CandidacyStage.SHORTLISTED, manager)
    step = side.canary("next step words")
    set_next_step(manager, shortlisted.id, step, clock.today() + timedelta(days=2), shortlisted.version)
    starts_at = clock.now() + timedelta(days=4)
    meeting = Meeting(starts_at, 45, side.canary("interview place"))
    plan_interview(manager, shortlisted.id, meeting, shortlisted.version + 1)
    add_note(manager, shortlisted.id, side.canary("candidacy note"))
    ask_for_help(graduate, shortlisted.id, side.canary("interview help"))
    declare_line_manager(graduate, side.canary("line manager", f"leads.{side.name}@canary.example"))
    applied = a_candidacy(student, post, CandidacyStage.INTERVIEW, manager)
    _hiring(side, post, applied)
    side.values |= {"candidacy_id": shortlisted.id, "own_candidacy_id": shortlisted.id}
    side.own[Role.STUDENT, "own_candidacy_id"] = applied.id
    side.own["careers.my_candidacy_calendar", "own_candidacy_id"] = shortlisted.id


def _hiring(side: Side, post: Vacancy, applied: Candidacy) -> None:
    """The student has an offer and a check; the graduate works in another team and is asked to visit this one."""
    manager, hr, graduate = (side.actors[role] for role in (Role.MANAGER, Role.HR, Role.GRADUATE))
    assert post.team_id
    assert graduate.person_id
    terms = {"weekly_hours": Decimal("18.75"), "band": Band.BAND_3, "contract": ContractKind.PERMANENT}
    make_offer(manager, applied.id, **terms, funding=Funding.SUBSTANTIVE, version=applied.version)
    move_candidacy(manager, applied.id, Move(CandidacyStage.CHECKS), applied.version + 1)
    record_check(hr, applied.id, CheckKind.IDENTITY, CheckState.ASKED, clock.today(), 0)
    with transaction() as s:
        other = Team(name=f"Other team {side.name}")
        s.add(other)
        s.flush()
        works = Post(
            person_id=graduate.person_id, team_id=other.id, **terms, funding=Funding.SUBSTANTIVE,
            started_on=clock.today() - timedelta(days=90),
        )  # fmt: skip
        s.add_all([works, TeamManager(team_id=other.id, person_id=manager.person_id, since_on=clock.today())])
        past = Person(
            given_name="Past", family_name=side.name, created_at=clock.now(), email=f"p@{side.name}.example"
        )
        s.add(past)
        s.flush()
        s.add(
            Graduation(
                person_id=past.id, cohort_ref="OLD", graduated_on=date(2015, 5, 1),
                source=GraduationSource.BEFORE,
            )
        )  # fmt: skip
        side.own["careers.past_answer", "token"] = f"past-link-of-{side.name}"
        s.add(
            PastInvitation(
                person_id=past.id, token_hash=token_hash_of(f"past-link-of-{side.name}"), sent_at=clock.now(),
                sent_by="console:tests",
            )
        )  # fmt: skip
    assert answer_past(f"past-link-of-{side.name}", None, side.canary("past places"), True)
    record_follow_up(manager, works.id, 1, clock.today(), side.canary("follow-up words"), 0)
    said = StepSaid(side.canary("team owner"), None, clock.today(), side.canary("supervisor name"))
    save_step(manager, post.team_id, TeamStep.LINE_SUPERVISOR, said, 0)
    side.values |= {
        "check": "identity",
        "step": "awareness training",
        "team_id": post.team_id,
        "visit_id": ask_for_visit(hr, post.team_id, graduate.person_id, None),
        "post_id": works.id,
        "months": "1",
    }
    for page in ("hiring", "offer", "check", "start", "begin"):
        side.own[f"careers.candidacy_{page}", "candidacy_id"] = applied.id


def _managers(side: Side) -> None:
    """A manager who was never here, with a deputy; and a vacancy whose manager HR has not confirmed."""
    waiting = side.canary("waiting address", f"waiting.{side.name}@canary.example")
    deputy = side.canary("deputy address", f"deputy.{side.name}@canary.example")
    a_vacancy(reference=f"WAIT-{side.name}", manager_email=waiting)
    newcomer = f"newcomer.{side.name}@canary.example"
    text = f"email,name,deputy_email\n{newcomer},Newcomer {side.name.title()},{deputy}\n"
    assert run_import(MANAGERS, CONSOLE, text.encode(), "managers.csv").ok
    with transaction() as s:
        person_id = s.scalars(select(Account.person_id).where(Account.email == newcomer)).one()
    side.own["careers.manager_link", "person_id"] = person_id
    side.values["address"] = waiting


def _second_reads(side: Side) -> None:
    """A quarter's sample, of another quarter on each side: an answer to read, one to reply to, one to settle."""
    manager, hr = side.actors[Role.MANAGER], side.actors[Role.HR]
    then = clock.now() - timedelta(days=100 * (SIDES.index(side.name) + 1))
    with clock.held_at(then):
        for number in range(4):
            reference = f"AGAIN-{number}-{side.name}"
            answered = a_vacancy(manager, reference=reference)
            version = answered.version
            record_consideration(manager, answered.id, "not a psw role", "funding", "", version)
    draw_sample(hr, quarter_of(in_london(then).date()))
    samples = select(SecondReadSample.id).where(SecondReadSample.drawn_by == hr.person_id)
    to_read, to_reply, to_settle, settled = session().scalars(
        select(SecondRead.id).where(SecondRead.sample_id.in_(samples)).order_by(SecondRead.place)
    )
    for one in (to_reply, to_settle, settled):
        record_finding(hr, one, ReadFinding.POSSIBLE, side.canary("finding words"))
    for one in (to_settle, settled):
        reply_to_finding(manager, one, side.canary("reply words"))
    settle_read(hr, settled, ReadOutcome.STANDS, side.canary("outcome words"))
    side.values["read_id"] = settled
    side.own["careers.second_read_find", "read_id"] = to_read
    side.own["careers.second_read_reply", "read_id"] = to_reply
    side.own["careers.second_read_settle", "read_id"] = to_settle


def _uploads(app: Flask, side: Side) -> None:
    """For each kind of import an uploaded file that waits, made by whoever may import it."""
    for endpoint in app.view_functions:
        kinds = kinds_of(app, endpoint)
        if not kinds:
            continue
        kind = next(iter(kinds.values()))
        side.own[endpoint, "kind"] = kind.name
        side.own[endpoint, "form"] = "csv"
        if not any(word in endpoint for word in ("upload", "columns", "check", "done")):
            continue
        actor = side.actors[IMPORTS.get(endpoint.partition(".")[0], Role.ADMIN)]
        side.own[endpoint, "upload_id"] = _upload(app, side, kind, actor)


def _upload(app: Flask, side: Side, kind: ImportKind, actor: Actor) -> UUID:
    name = side.canary("upload file name", f"canaryfile{side.name}.csv")
    options = {option.name: "" for option in kind.options}
    return keep_upload(app.extensions["storage"], kind, actor, example_of(kind, side), name, options)


def kinds_of(app: Flask, endpoint: str) -> dict[str, ImportKind]:
    """The kinds of table a page of an import takes, by name; none for any other page."""
    kinds: dict[str, ImportKind] = getattr(
        getattr(app.view_functions[endpoint], "__self__", None), "kinds", {}
    )
    return kinds


def example_of(kind: ImportKind, side: Side) -> bytes:
    """A file of one good row: the example of the template, but for what must name rows that are there."""
    said = {
        "rac-reply": {
            "cohort": side.values["cohort_ref"],
            "student_ref": f"CANARYREF{side.name.upper()}0",
            "unit_code": "U1",
            "awarded_on": clock.today().isoformat(),
        },
        "decisions": {
            "cohort": f"RUN-{side.name}",
            "student_ref": f"CANARYREF{side.name.upper()}0",
            "unit_code": "U2",
            "decided_on": clock.today().isoformat(),
            "assessor_email": f"tutor.{side.name}@canary.example",
        },
        "posts": {"student_ref": f"CANARYREF{side.name.upper()}0"},
    }.get(kind.name, {})
    row = [said.get(column.name, column.example) for column in kind.columns]
    return write_table("csv", [column.name for column in kind.columns], [row])


def unknown(rule: Rule, world: World, role: str) -> dict[str, Any]:
    """For each name in the address a well-formed value that no row has."""
    made: dict[str, Any] = {}
    for name in rule.arguments:
        value = world.mine.value(name, role, rule.endpoint)
        if isinstance(value, UUID):
            made[name] = uuid4()
        elif name == "serial":
            made[name] = "RC-999999"
        elif name == "code":
            made[name] = "0000-0000-0000-0000"
        elif name == "deed" or (name == "kind" and "<any(" in rule.rule):
            made[name] = value
        else:
            made[name] = "nothing-like-this"
    return made
