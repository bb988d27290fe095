"""Making the demo college: whole or absent, its past done by the rooms' own services where they are quick."""

from datetime import datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.courses.models import Cohort
from recovery_college.demo.candidacies import DemoCandidacies
from recovery_college.demo.candidates import add_candidates
from recovery_college.demo.claims import DemoClaims
from recovery_college.demo.cohorts import (
    SITES,
    WEEK,
    CohortPlan,
    MadeCohort,
    add_cohort,
    add_place,
    add_qualification,
    add_sites,
    on,
    session_days,
)
from recovery_college.demo.considering import add_considering
from recovery_college.demo.earlier import add_earlier_cohorts, add_posts, add_reported_figures, add_teams
from recovery_college.demo.evidence import add_evidence, add_finished_evidence
from recovery_college.demo.external import DemoExternal
from recovery_college.demo.fairness import add_fairness
from recovery_college.demo.finished import Finished, add_finished, verify_the_rest
from recovery_college.demo.marking import Marking
from recovery_college.demo.marking_aids import add_marking_aids
from recovery_college.demo.next_version import add_next_version
from recovery_college.demo.people import (
    PEER_TUTOR,
    DemoActor,
    Register,
    SignIn,
    account_of,
    set_password,
    sign_in_of,
    staff,
)
from recovery_college.demo.quality import DemoStaff, add_answer_after_leaving, plan_finished
from recovery_college.demo.rows import Rows
from recovery_college.demo.running import Teachers, add_running
from recovery_college.demo.sources import add_sources
from recovery_college.demo.specification import DEMO_SPECIFICATION
from recovery_college.demo.timeline import Timeline
from recovery_college.demo.vacancies import add_vacancies
from recovery_college.graduation.models import Certificate, Graduation
from recovery_college.graduation.services import issue_for_cohort, reissue_certificate, start_batch
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Person

ORG_NAME = "Fenside NHS Foundation Trust"
COLLEGE_NAME = "Fenside Recovery College"
STAFF_DAYS_AGO = 420
RENAMED = 4
"""The place in the finished cohort of the graduate whose certificate was reissued."""
SHAPE = 2010
"""Seeds what is left to chance, so that two demos made on one day differ in nothing a person sees."""


def make_demo(app: Flask, password: str) -> None:
    """Fill an empty database with the demo college, in one transaction. Every date follows from today.

    What the rooms' services do quickly is done by them with the clock held at its day (accounts, vacancies,
    considerations, certificates); places, attendance and decisions are written in bulk, with the events that
    the services would have left.
    """
    with app.app_context(), transaction() as s:
        _Making(s, clock.now()).make(password)


class _Making:
    """One making, from the staff to the password."""

    def __init__(self, s: Session, now: datetime) -> None:
        self.s = s
        self.now = now
        self.today = clock.today()
        self.random = Random(SHAPE)  # noqa: S311 nothing is kept secret by it
        self.rows = Rows(SystemRandom(), now)
        self.register = Register(self.rows, self.random)
        self.timeline = Timeline(now)
        self.sites = add_sites(self.rows)
        self.course = add_qualification(self.rows, DEMO_SPECIFICATION)
        # A specification is frozen once it has students (A2), so it is written before them.
        self.rows.write(s)
        self.marking = Marking(self.rows, self.course, self.timeline, now)

    def make(self, password: str) -> None:
        """Gather, write, and let the past happen in its order."""
        long_ago = on(self.today - timedelta(days=STAFF_DAYS_AGO))
        with clock.held_at(long_ago):
            people = staff(self.s, console_actor())
        teams = add_teams(self.rows)
        earlier = add_earlier_cohorts(self.rows, self.register, self.course, self.sites, self.today)
        in_post = add_posts(self.rows, earlier.graduates, teams, self.today, self.random)
        add_reported_figures(self.rows, earlier.graduates)
        self.timeline.tell(
            long_ago, people["admin"], "recorded earlier graduates", "college", "graduates",
            count=len(earlier.graduates),
        )  # fmt: skip
        peer = self._open(PEER_TUTOR, earlier.peer_tutor, long_ago + timedelta(days=1)).wearing(Role.TUTOR)
        teachers = Teachers(people["tutor"], peer, people["iqa"])
        finished = self._finished(people, teachers)
        student, running = self._running(people, teachers)
        self._planned(people, teachers)
        private = add_finished_evidence(self.rows, self.timeline, self.course, finished.cohort, self.now)
        DemoExternal(
            self.rows, self.timeline, people, self.course, finished.cohort, private, self.today
        ).add()
        add_evidence(self.rows, self.timeline, self.course, running, teachers, self.today, self.now)
        DemoStaff(self.timeline, people, teachers, self.course, running, self.today).add()
        add_answer_after_leaving(self.timeline, teachers, self.course, running, self.today)
        plan_finished(self.timeline, teachers, finished.cohort)
        add_marking_aids(self.timeline, self.course, running, teachers, self.today)
        add_fairness(self.timeline, people, teachers, self.course, running, finished, self.today)
        DemoClaims(self.timeline, people, finished, self.today).add()
        add_vacancies(self.timeline, people, teams, self.today)
        add_considering(self.timeline, people, self.today)
        free = [one for one, _ in earlier.graduates if one not in in_post and one != earlier.peer_tutor]
        DemoCandidacies(
            self.timeline, people["manager"], people["hr"], free[-6:], in_post[3], teams, self.today
        ).add(finished.graduate)
        add_sources(self.timeline, people, self.today)
        begun = on(self.today - timedelta(days=8), 15)
        add_next_version(self.timeline, people["admin"], self.course.qualification_id, begun)
        self.rows.write(self.s)
        self.marking.tell(self.s)
        learner = self._open(sign_in_of("student"), student, on(running.plan.starts_on - timedelta(days=7)))
        graduated = self._graduate(finished)
        add_candidates(self.timeline, people, graduated, learner, earlier.graduates, self.today)
        self._certificates(people["admin"], finished)
        # The last verdicts came after the certificates: the four they are about are ready today.
        self.timeline.pass_by(self.s, finished.verified_late_at - timedelta(hours=1))
        verify_the_rest(self.marking, teachers, finished)
        self.rows.write(self.s)
        self.timeline.pass_by(self.s, self.now)
        set_password(self.s, password)

    def _open(self, who: SignIn, person_id: UUID, at: datetime) -> DemoActor:
        """Have an account opened at a moment for somebody who is a student or was one."""
        console = console_actor()
        self.timeline.do(at, lambda s: account_of(s, who, person_id, console))
        return DemoActor(person_id, f"{who.given} {who.family}", who.roles[0])

    def _finished(self, people: dict[str, DemoActor], teachers: Teachers) -> Finished:
        finished = add_finished(
            self.rows, self.register, self.course, self.sites, teachers, self.marking, self.today, self.random
        )
        self._tell_places(people["admin"], finished.cohort)
        return finished

    def _running(self, people: dict[str, DemoActor], teachers: Teachers) -> tuple[UUID, MadeCohort]:
        cohort, student = add_running(
            self.rows, self.register, self.course, self.sites, teachers, self.marking, self.today, self.random
        )
        self._tell_places(people["admin"], cohort)
        return student, cohort

    def _planned(self, people: dict[str, DemoActor], teachers: Teachers) -> None:
        """A cohort that begins in five weeks, half full."""
        start = self.today - timedelta(days=self.today.weekday()) + WEEK * 5
        end = start + WEEK * 11 + timedelta(days=3)
        plan = CohortPlan(
            "FEN-13", "Cohort 13", self.sites[SITES[1]], start, end, session_days(start, 12, (1, 3))
        )
        cohort = add_cohort(self.rows, self.course, plan, (teachers.tutor.person_id, teachers.peer.person_id))
        for _ in range(8):
            person_id = self.register.student(on(self.today - timedelta(days=9)))
            add_place(self.rows, self.course, cohort, person_id)
        self._tell_places(people["admin"], cohort, on(self.today - timedelta(days=9), 14))

    def _tell_places(self, admin: DemoActor, cohort: MadeCohort, at: datetime | None = None) -> None:
        self.timeline.tell(
            at or on(cohort.plan.starts_on - timedelta(days=10), 14),
            admin, "enrolled students", "cohort", cohort.id, students=len(cohort.places),
        )  # fmt: skip

    def _graduate(self, finished: Finished) -> DemoActor:
        """The account of the graduate who signs in, a little after the certificates."""
        at = finished.issued_at + timedelta(hours=3)
        return self._open(sign_in_of("graduate"), finished.graduate, at).wearing(Role.GRADUATE)

    def _certificates(self, admin: DemoActor, finished: Finished) -> None:
        """Issue to who was ready then, and reissue one in a new name."""

        def issue(s: Session) -> None:
            cohort = s.get_one(Cohort, finished.cohort.id)
            issue_for_cohort(admin, cohort, start_batch(admin, cohort))

        def rename(s: Session) -> None:
            person = s.get_one(Person, finished.cohort.people[RENAMED])
            person.certificate_name = f"{person.given_name} {person.family_name}-Rowe"
            graduated = select(Graduation.id).where(Graduation.person_id == person.id)
            serial = s.scalars(
                select(Certificate.serial).where(Certificate.graduation_id.in_(graduated))
            ).one()
            reissue_certificate(admin, serial, "The graduate’s name changed")

        self.timeline.do(finished.issued_at, issue)
        self.timeline.do(finished.issued_at + timedelta(days=5), rename)
