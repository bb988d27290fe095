"""The demo's graduates on their way to a post: wishes, consents, a yes here and there, one having a break."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.careers.consent_rules import (
    COUNTED,
    ApplicationWay,
    Consent,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
)
from recovery_college.careers.consent_services import (
    answer_vacancy,
    ask_to_go_on,
    block,
    save_consents,
)
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.preference_rules import AlertFrequency, Day, SiteEase, TimeOfDay, Wishes
from recovery_college.careers.preference_services import (
    save_pattern,
    save_statement,
    save_wishes,
    set_alerts,
    set_looking,
)
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.demo.cohorts import SITES, on
from recovery_college.demo.people import DemoActor, SignIn, account_of
from recovery_college.demo.timeline import Timeline

HERE, THERE = SITES
YOUNG, ADULT, OLDER = ServiceArea
EASY, FAR = SiteEase.EASILY, SiteEase.IF_NEED_BE
WEEK = frozenset(list(Day)[:5])
FOUR_DAYS = frozenset(list(Day)[:4])
"""Nobody here takes a full week alone: what is advertised for one, two could share."""
FIRST_HALF, LAST_HALF = frozenset(list(Day)[:3]), frozenset(list(Day)[2:5])
FIELDS = (
    ConsentField.NAME,
    ConsentField.STATEMENT,
    ConsentField.HOURS,
    ConsentField.PLACES,
    ConsentField.DAYS,
    ConsentField.GRADUATION,
)
TO_MANAGERS: frozenset[Consent] = frozenset((one, ConsentPurpose.MANAGER) for one in FIELDS)
TO_COLLEGE: frozenset[Consent] = frozenset((one, ConsentPurpose.INTRODUCE) for one in FIELDS)
YES, NO, WITHDRAWN = VacancyAnswerKind.YES, VacancyAnswerKind.NO, VacancyAnswerKind.WITHDRAWN
POST, SHARED, OLDER_POST, WARD_POST = (
    "Peer support worker",
    "Peer support worker, early intervention",
    "Support worker, older people",
    "Ward peer support worker",
)


@dataclass(frozen=True, slots=True)
class Hopes:
    """One person's wishes, what they share, and what they said to which vacancies, in order."""

    wishes: Wishes
    shares: frozenset[Consent] = frozenset({COUNTED})
    statement: str = ""
    said: tuple[tuple[str, VacancyAnswerKind | ApplicationWay], ...] = ()
    alerts: AlertFrequency = AlertFrequency.NEVER
    looks: bool = True
    away_from: str = ""


def _hours(least: str, most: str) -> tuple[Decimal, Decimal]:
    return Decimal(least), Decimal(most)


GRADUATE = Hopes(
    Wishes(
        *_hours("15", "22.5"),
        areas=frozenset({ADULT, OLDER}),
        contracts=frozenset({ContractKind.PERMANENT, ContractKind.FIXED_TERM}),
        days=FOUR_DAYS,
        times=frozenset({TimeOfDay.MORNING, TimeOfDay.AFTERNOON}),
        job_share=True,
        sites={HERE: EASY, THERE: FAR},
    ),
    frozenset({COUNTED}) | TO_MANAGERS | TO_COLLEGE,
    "I ran a walking group for three years and learned to listen without hurrying. I like early starts, plain "
    "talk and a team that laughs.",
    ((POST, YES), (WARD_POST, NO), (OLDER_POST, ApplicationWay.INTRODUCTION)),
    AlertFrequency.WEEKLY,
)
STUDENT = Hopes(
    Wishes(*_hours("7.5", "18.75"), areas=frozenset({YOUNG, ADULT}), days=WEEK, sites={THERE: EASY}),
    statement="I am still in training, and glad to learn beside a team that takes its first peer worker.",
)
OTHERS = (
    Hopes(Wishes(*_hours("15", "30"), sites={HERE: EASY}), frozenset({COUNTED}) | TO_COLLEGE | TO_MANAGERS,
          "Gardener, father of two, patient.", ((POST, ApplicationWay.HERE),)),
    Hopes(Wishes(*_hours("7.5", "20"), job_share=True, days=FIRST_HALF), frozenset({COUNTED}) | TO_COLLEGE),
    Hopes(Wishes(*_hours("7.5", "18.75"), job_share=True, days=LAST_HALF), frozenset({COUNTED}) | TO_COLLEGE),
    Hopes(Wishes(*_hours("22.5", "37.5"), areas=frozenset({OLDER})), frozenset({COUNTED}) | TO_COLLEGE),
    Hopes(Wishes(*_hours("30", "37.5"), settings=frozenset({Setting.WARD}))),
    Hopes(Wishes(*_hours("15", "37.5"), days=FOUR_DAYS, sites={THERE: EASY}), frozenset({COUNTED}) | TO_MANAGERS, "",
          ((POST, YES), (POST, WITHDRAWN))),
    Hopes(Wishes(*_hours("4", "15"), areas=frozenset({YOUNG}))),
    Hopes(Wishes(*_hours("15", "22.5")), frozenset({COUNTED}), away_from="Heron Ward"),
    Hopes(Wishes(*_hours("15", "30")), frozenset({COUNTED}), looks=False),
    Hopes(Wishes(*_hours("18.75", "37.5"), days=FOUR_DAYS, contracts=frozenset({ContractKind.PERMANENT}))),
    Hopes(Wishes(*_hours("20", "37.5"), days=FOUR_DAYS, areas=frozenset({ADULT}))),
)  # fmt: skip


def add_candidates(
    timeline: Timeline,
    people: dict[str, DemoActor],
    graduate: DemoActor,
    student: DemoActor,
    earlier: tuple[tuple[UUID, date], ...],
    today: date,
) -> None:
    """Let them say what they would like, share what they share, and answer the posts that are open."""
    _pattern(timeline, people["manager"], today)
    for number, hopes in enumerate((GRADUATE, STUDENT)):
        _add(timeline, (graduate, student)[number], hopes, number, today)
    console = console_actor()
    for number, hopes in enumerate(OTHERS, start=2):
        person_id, _ = earlier[-1 - number * 5]
        who = SignIn(f"future{number}", "A", "Graduate", (Role.GRADUATE,), "")

        def opened(s: Session, who: SignIn = who, person_id: UUID = person_id) -> None:
            account_of(s, who, person_id, console)

        timeline.do(on(today - timedelta(days=20), 10, number), opened)
        _add(timeline, DemoActor(person_id, "A graduate", Role.GRADUATE), hopes, number, today)


def _pattern(timeline: Timeline, manager: DemoActor, today: date) -> None:
    def said(s: Session) -> None:
        save_pattern(manager, _vacancy(s, SHARED), list(Day)[:5], [], True, 0)

    timeline.do(on(today - timedelta(days=6), 16), said)


def _add(timeline: Timeline, actor: DemoActor, hopes: Hopes, number: int, today: date) -> None:
    def told(s: Session) -> None:
        save_wishes(actor, hopes.wishes, 0)
        save_consents(actor, hopes.shares)
        if hopes.statement:
            save_statement(actor, hopes.statement, 0)
        set_alerts(actor, hopes.alerts)
        set_looking(actor, hopes.looks)
        if hopes.away_from:
            block(actor, team_id=s.scalar(select(Team.id).where(Team.name == hopes.away_from)))

    timeline.do(on(today - timedelta(days=5), 9, number), told)
    for turn, (title, what) in enumerate(hopes.said):
        timeline.do(on(today - timedelta(days=3), 11 + turn, number), _saying(actor, title, what))


def _saying(
    actor: DemoActor, title: str, what: VacancyAnswerKind | ApplicationWay
) -> Callable[[Session], None]:
    def say(s: Session) -> None:
        if isinstance(what, ApplicationWay):
            ask_to_go_on(actor, _vacancy(s, title), what)
        else:
            answer_vacancy(actor, _vacancy(s, title), what)

    return say


def _vacancy(s: Session, title: str) -> UUID:
    return s.scalars(select(Vacancy.id).where(Vacancy.title == title)).one()
