"""Reading what somebody would like, for themselves and for comparing with posts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Role
from recovery_college.careers.consent_models import CandidateBlock, VacancyAnswer, VacancyApplication
from recovery_college.careers.consent_rules import ApplicationWay, VacancyAnswerKind
from recovery_college.careers.matching_rules import PostFacts
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.preference_models import (
    CandidatePreference,
    CandidateSite,
    CandidateStatement,
    VacancyPattern,
)
from recovery_college.careers.preference_rules import (
    MOST_PLACES,
    AlertFrequency,
    Day,
    SiteEase,
    TimeOfDay,
    Wishes,
    words_in,
)
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.terms_rules import DEFAULT
from recovery_college.careers.vacancy_list import is_over_today
from recovery_college.courses.models import Site
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person, RoleGrant
from recovery_college.people.queries import name_of


def wishes_of(person_ids: Sequence[UUID]) -> dict[UUID, Wishes]:
    """The wishes of these people, in two queries; who said nothing is not in the answer."""
    rows = session().scalars(select(CandidatePreference).where(CandidatePreference.person_id.in_(person_ids)))
    sites = _sites_of(person_ids)
    return {row.person_id: wishes_in(row, sites.get(row.person_id, {})) for row in rows}


def _sites_of(person_ids: Sequence[UUID]) -> dict[UUID, dict[str, SiteEase]]:
    """The places these people named, and how well they get there."""
    found: dict[UUID, dict[str, SiteEase]] = {}
    for person_id, site, ease in session().execute(
        select(CandidateSite.person_id, CandidateSite.site, CandidateSite.ease).where(
            CandidateSite.person_id.in_(person_ids)
        )
    ):
        found.setdefault(person_id, {})[site] = ease
    return found


def wishes_in(row: CandidatePreference, sites: dict[str, SiteEase]) -> Wishes:
    """A row and its places as the rule takes them."""
    return Wishes(
        least_hours=row.least_hours,
        most_hours=row.most_hours,
        areas=frozenset(words_in(row.areas, ServiceArea)),
        settings=frozenset(words_in(row.settings, Setting)),
        contracts=frozenset(words_in(row.contracts, ContractKind)),
        days=frozenset(words_in(row.days, Day)),
        times=frozenset(words_in(row.times, TimeOfDay)),
        job_share=row.job_share,
        earliest_start=row.earliest_start,
        sites=sites,
    )


def posts_as_facts(vacancies: Iterable[Vacancy]) -> dict[UUID, PostFacts]:
    """What these vacancies offer, in two queries."""
    found = {vacancy.id: vacancy for vacancy in vacancies}
    patterns = {
        row.vacancy_id: row
        for row in session().scalars(select(VacancyPattern).where(VacancyPattern.vacancy_id.in_(list(found))))
    }
    weeks = terms_now().start_weeks
    return {
        vacancy_id: facts_in(vacancy, patterns.get(vacancy_id), weeks)
        for vacancy_id, vacancy in found.items()
    }


def facts_in(
    vacancy: Vacancy, pattern: VacancyPattern | None, start_weeks: int = DEFAULT.start_weeks
) -> PostFacts:
    """A vacancy as the rule takes it."""
    return PostFacts(
        weekly_hours=vacancy.weekly_hours,
        area=vacancy.service_area,
        setting=vacancy.setting,
        contract=vacancy.contract,
        site=vacancy.site,
        days=frozenset(words_in(pattern.days, Day)) if pattern else frozenset(),
        times=frozenset(words_in(pattern.times, TimeOfDay)) if pattern else frozenset(),
        job_share=pattern.job_share if pattern else False,
        closes_on=vacancy.closes_on,
        start_weeks=start_weeks,
    )


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What somebody said to one vacancy, and how they chose to go on."""

    vacancy_id: UUID
    title: str
    team: str
    is_open: bool
    answer: VacancyAnswerKind | None
    at: datetime
    ways: frozenset[ApplicationWay]


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """A team or a manager somebody would rather not be shown to."""

    id: UUID
    name: str
    is_team: bool
    since_at: datetime


@dataclass(frozen=True, slots=True)
class OwnWishes:
    """One's own wishes with the version of the page; a version of 0 where nothing was said yet."""

    wishes: Wishes
    version: int
    looking: bool
    counted: bool
    alerts: AlertFrequency


def own_wishes(actor: Actor) -> OwnWishes:
    """What the actor would like of a post."""
    row = session().get(CandidatePreference, actor.person_id) if actor.person_id else None
    if row is None or actor.person_id is None:
        return OwnWishes(Wishes(), 0, True, False, AlertFrequency.NEVER)
    wishes = wishes_in(row, _sites_of([actor.person_id]).get(actor.person_id, {}))
    return OwnWishes(wishes, row.version, row.looking, row.counted, row.alerts)


def own_statement(actor: Actor) -> tuple[str, int]:
    """The actor's statement for employers, and its version."""
    row = session().get(CandidateStatement, actor.person_id) if actor.person_id else None
    return (row.text, row.version) if row else ("", 0)


def own_answers(actor: Actor) -> list[OwnAnswer]:
    """Every vacancy the actor answered or went on with, the newest first; its last word each."""
    today = clock.today()
    later = aliased(VacancyAnswer)
    newer = exists().where(
        later.person_id == VacancyAnswer.person_id,
        later.vacancy_id == VacancyAnswer.vacancy_id,
        later.number > VacancyAnswer.number,
    )
    answers: dict[UUID, tuple[VacancyAnswerKind, datetime]] = {
        vacancy_id: (answer, at)
        for vacancy_id, answer, at in session().execute(
            select(VacancyAnswer.vacancy_id, VacancyAnswer.answer, VacancyAnswer.at).where(
                VacancyAnswer.person_id == actor.person_id, ~newer
            )
        )
    }
    ways: dict[UUID, dict[ApplicationWay, datetime]] = {}
    for vacancy_id, way, at in session().execute(
        select(VacancyApplication.vacancy_id, VacancyApplication.way, VacancyApplication.at).where(
            VacancyApplication.person_id == actor.person_id
        )
    ):
        ways.setdefault(vacancy_id, {})[way] = at
    rows = session().execute(
        select(Vacancy.id, Vacancy.title, Team.name, ~is_over_today(today))
        .outerjoin(Team, Team.id == Vacancy.team_id)
        .where(Vacancy.id.in_({*answers, *ways}))
    )
    found = []
    for vacancy_id, title, team, is_open in rows:
        said = answers.get(vacancy_id)
        chosen = ways.get(vacancy_id, {})
        at = max([*([said[1]] if said else []), *chosen.values()])
        answer = said[0] if said else None
        found.append(OwnAnswer(vacancy_id, title, team or "", bool(is_open), answer, at, frozenset(chosen)))
    return sorted(found, key=lambda one: one.at, reverse=True)


def own_blocks(actor: Actor) -> list[OwnBlock]:
    """Teams and managers the actor would rather not be shown to, by name."""
    rows = session().execute(
        select(CandidateBlock, Team.name, Person)
        .outerjoin(Team, Team.id == CandidateBlock.team_id)
        .outerjoin(Person, Person.id == CandidateBlock.manager_id)
        .where(CandidateBlock.person_id == actor.person_id, CandidateBlock.ended_at.is_(None))
    )
    found = [
        OwnBlock(row.id, team or name_of(person), team is not None, row.since_at)
        for row, team, person in rows
    ]
    return sorted(found, key=lambda one: (not one.is_team, one.name))


def places_known(actor: Actor) -> list[str]:
    """Places to choose from: where posts were advertised in the last year, the college's, and one's own."""
    since = clock.today() - timedelta(days=365)
    used = session().execute(
        select(Vacancy.site, func.count())
        .where(Vacancy.posted_on >= since, Vacancy.site != "")
        .group_by(Vacancy.site)
        .order_by(func.count().desc(), Vacancy.site)
        .limit(MOST_PLACES)
    )
    own = session().scalars(select(CandidateSite.site).where(CandidateSite.person_id == actor.person_id))
    college = session().scalars(select(Site.name).limit(MOST_PLACES))
    return sorted({*(site for site, _ in used), *own, *college}, key=str.casefold)


def teams_and_managers() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Teams and recruiting managers to choose from, as (id, name)."""
    teams = session().execute(select(Team.id, Team.name).order_by(Team.name))
    managers = session().scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.MANAGER, RoleGrant.ended_at.is_(None))
    )
    people = sorted(((str(one.id), name_of(one)) for one in managers), key=lambda one: one[1].casefold())
    return [(str(team_id), name) for team_id, name in teams], people


def pattern_of(vacancy_id: UUID) -> VacancyPattern | None:
    """What people said of a vacancy's days, if anybody did."""
    return session().get(VacancyPattern, vacancy_id)
