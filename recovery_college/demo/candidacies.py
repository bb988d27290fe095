"""The demo's candidacies: graduates at every stage, a team that is ready and one that is not, and a first day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_own_services import ask_for_help
from recovery_college.careers.candidacy_rules import EndReason, Move, Stage
from recovery_college.careers.candidacy_services import (
    Meeting,
    add_note,
    move_candidacy,
    plan_interview,
    set_next_step,
)
from recovery_college.careers.check_rules import CheckKind, CheckState, TeamStep, months_after
from recovery_college.careers.consent_rules import ApplicationWay
from recovery_college.careers.consent_services import ask_to_go_on
from recovery_college.careers.models import Funding, Post, Vacancy
from recovery_college.careers.offer_services import agree_start, make_offer, record_check, start_post
from recovery_college.careers.post_services import record_follow_up
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.team_services import StepSaid, answer_visit, ask_for_visit, save_step
from recovery_college.demo.cohorts import on
from recovery_college.demo.earlier import MadeTeam
from recovery_college.demo.people import DemoActor, SignIn, account_of
from recovery_college.demo.timeline import Timeline
from recovery_college.people.models import Person

OPEN_POST, FILLED_POST = "Peer engagement worker", "Recovery worker"
NOT_READY, READY = "Children’s team north", "Early intervention team"
FOLLOW_UPS = {
    1: "Made up: settling in, and glad of the team. The hours suit.",
    4: "Made up: runs a group by now, and would like to learn about leaving well.",
}
"""After how many months somebody asked, and what was said in a line."""
CLEARED = (CheckKind.IDENTITY, CheckKind.RIGHT_TO_WORK, CheckKind.QUALIFICATIONS, CheckKind.EMPLOYMENT)


@dataclass(frozen=True)
class DemoCandidacies:
    """Tells the timeline who said yes to which post and what became of it, all by the services people use."""

    timeline: Timeline
    manager: DemoActor
    hr: DemoActor
    graduates: Sequence[UUID]
    visitor: UUID
    teams: dict[str, MadeTeam]
    today: date

    def add(self, signs_in: UUID) -> None:
        """Everything, in the order of its days."""
        one, two, three, four, five, six = self.graduates[:6]
        self._sign_up()
        self._follow_ups()
        self._started(one)
        self._team(NOT_READY, done=(TeamStep.AWARENESS,), at=12)
        self._applies(two, OPEN_POST, 26)
        self._to(two, OPEN_POST, (Stage.SHORTLISTED, Stage.INTERVIEW), 19)
        self._offers(two, OPEN_POST, "15", 13)
        self._checks(two, OPEN_POST, CLEARED, 9)
        self._applies(three, OPEN_POST, 22)
        self._to(three, OPEN_POST, (Stage.SHORTLISTED,), 8)
        self._applies(four, OPEN_POST, 15)
        self._applies(five, OPEN_POST, 16)
        self._do(
            11, five, OPEN_POST,
            lambda s, row: move_candidacy(
                self.manager, row.id,
                Move(Stage.NOT_PROGRESSING, EndReason.HOURS, "They need mornings only"), row.version,
            ),
        )  # fmt: skip
        self._applies(signs_in, OPEN_POST, 14)
        self._to(signs_in, OPEN_POST, (Stage.SHORTLISTED,), 7)
        starts_at = on(self.today + timedelta(days=3), 14)
        self._do(
            4, signs_in, OPEN_POST,
            lambda s, row: plan_interview(
                self.manager, row.id, Meeting(starts_at, 45, "Northgate, room 2"), row.version
            ),
        )  # fmt: skip
        step, by = "Prepare the questions", self.today + timedelta(days=1)
        self._do(
            4, signs_in, OPEN_POST,
            lambda s, row: set_next_step(self.manager, row.id, step, by, row.version),
        )  # fmt: skip
        self._do(
            3, signs_in, OPEN_POST,
            lambda s, row: ask_for_help(_as_graduate(signs_in), row.id, "The questions in writing, please"),
        )  # fmt: skip
        self._do(
            3, signs_in, OPEN_POST,
            lambda s, row: add_note(self.manager, row.id, "Asked whether mornings would suit. They would."),
        )  # fmt: skip
        self.timeline.do(
            on(self.today - timedelta(days=2)),
            lambda s: ask_to_go_on(_as_graduate(six), _vacancy(s, OPEN_POST).id, ApplicationWay.INTRODUCTION),
        )

    def _sign_up(self) -> None:
        """Only who has an account of their own can say yes to a post."""
        console = console_actor()
        for number, person_id in enumerate((self.visitor, *self.graduates[:6]), start=1):
            who = SignIn(f"candidate{number}", "A", "Graduate", (Role.GRADUATE,), "")

            def opened(s: Session, who: SignIn = who, person_id: UUID = person_id) -> None:
                account_of(s, who, person_id, console)

            self.timeline.do(on(self.today - timedelta(days=60), 10, number), opened)

    def _started(self, person: UUID) -> None:
        """From a yes seven weeks ago to the first day last week, in a team that was made ready."""
        self._applies(person, FILLED_POST, 50)
        self._to(person, FILLED_POST, (Stage.SHORTLISTED, Stage.INTERVIEW), 44)
        self._offers(person, FILLED_POST, "37.5", 38)
        self._team(READY, done=tuple(TeamStep), at=33)
        self._checks(person, FILLED_POST, tuple(CheckKind), 20)
        first = self.today - timedelta(days=6)
        self._do(
            10, person, FILLED_POST, lambda s, row: agree_start(self.manager, row.id, first, row.version)
        )
        self._do(6, person, FILLED_POST, lambda s, row: start_post(self.hr, row.id, row.version))

    def _follow_ups(self) -> None:
        """Who was last to begin before this system is asked how it goes, each time it is due."""

        def ask(s: Session, months: int) -> None:
            post = s.scalars(_last_begun(self.today)).first()
            if post is not None and (due := months_after(post.started_on, months)) < self.today:
                record_follow_up(self.hr, post.id, months, due, FOLLOW_UPS[months], 0)

        for months in FOLLOW_UPS:
            self.timeline.do(on(self.today - timedelta(days=5), 9, months), partial(ask, months=months))

    def _team(self, name: str, done: tuple[TeamStep, ...], at: int) -> None:
        team_id = self.teams[name].id
        day = self.today - timedelta(days=at)
        visitor = _as_graduate(self.visitor)

        def prepare(s: Session) -> None:
            visit = ask_for_visit(self.hr, team_id, self.visitor, None)
            if TeamStep.VISIT in done:
                answer_visit(visitor, visit, True)
            for step in TeamStep:
                named = {TeamStep.LINE_SUPERVISOR: "Helen Marsh", TeamStep.PEER_SUPERVISOR: "Nia Pritchard"}
                if step in done:
                    said = StepSaid(self.manager.name, day, day, named.get(step, ""))
                elif step is TeamStep.LINE_SUPERVISOR:
                    continue
                else:
                    said = StepSaid(self.manager.name, self.today + timedelta(days=14))
                save_step(self.manager, team_id, step, said, 0)

        self.timeline.do(on(day, 12), prepare)

    def _applies(self, person: UUID, post: str, days_ago: int) -> None:
        def apply(s: Session) -> None:
            ask_to_go_on(_as_graduate(person), _vacancy(s, post).id, ApplicationWay.HERE)

        self.timeline.do(on(self.today - timedelta(days=days_ago)), apply)

    def _to(self, person: UUID, post: str, stages: tuple[Stage, ...], days_ago: int) -> None:
        for place, stage in enumerate(stages):
            self._do(
                days_ago - 2 * place, person, post,
                lambda s, row, stage=stage: move_candidacy(self.manager, row.id, Move(stage), row.version),
            )  # fmt: skip

    def _offers(self, person: UUID, post: str, hours: str, days_ago: int) -> None:
        self._do(
            days_ago, person, post,
            lambda s, row: make_offer(
                self.manager, row.id, weekly_hours=Decimal(hours), band=Band.BAND_3,
                contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE, version=row.version,
            ),
        )  # fmt: skip
        self._to(person, post, (Stage.CHECKS,), days_ago - 1)

    def _checks(self, person: UUID, post: str, clear: tuple[CheckKind, ...], days_ago: int) -> None:
        for kind in clear:
            self._do(
                days_ago, person, post,
                lambda s, row, kind=kind: record_check(self.hr, row.id, kind, CheckState.CLEAR, None, 0),
            )  # fmt: skip
        if CheckKind.CRIMINAL_RECORD not in clear:
            again = self.today - timedelta(days=1)
            self._do(
                days_ago, person, post,
                lambda s, row: record_check(
                    self.hr, row.id, CheckKind.CRIMINAL_RECORD, CheckState.ASKED, again, 0
                ),
            )  # fmt: skip

    def _do(self, days_ago: int, person: UUID, post: str, deed: Callable[..., object]) -> None:
        def happen(s: Session) -> None:
            vacancy = _vacancy(s, post)
            row = s.scalars(
                select(Candidacy)
                .where(Candidacy.person_id == person, Candidacy.vacancy_id == vacancy.id)
                .execution_options(populate_existing=True)
            ).one()
            deed(s, row)

        self.timeline.do(on(self.today - timedelta(days=days_ago), 15), happen)


def _as_graduate(person_id: UUID) -> DemoActor:
    return DemoActor(person_id, "Graduate", Role.GRADUATE)


def _last_begun(today: date) -> Select[Post]:
    """Running posts that began before this system, the newest first; told apart by name, as people would."""
    return (
        select(Post)
        .join(Person, Person.id == Post.person_id)
        .where(Post.left_on.is_(None), Post.started_on < today - timedelta(days=60))
        .order_by(Post.started_on.desc(), Person.family_name, Person.given_name)
    )


def _vacancy(s: Session, title: str) -> Vacancy:
    return s.scalars(select(Vacancy).where(Vacancy.title == title)).one()
