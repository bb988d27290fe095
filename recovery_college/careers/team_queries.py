"""How ready a team is, and whom HR may ask to visit it (P4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.check_rules import StepFact, StepState, TeamStep, step_state, steps_to_go
from recovery_college.careers.deputy_facts import knows_team
from recovery_college.careers.models import Post, Team, Vacancy
from recovery_college.careers.team_models import TeamNamed, TeamPreparation, TeamVisit
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

MOST_VISITS = 50
"""A team is visited once or twice before its first peer support worker: so many mean that something went wrong."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a team's preparation, as it stands today."""

    step: TeamStep
    state: StepState
    owner: str
    due_on: date | None
    done_on: date | None
    named: str
    impossible_why: str
    version: int

    @property
    def is_late(self) -> bool:
        """Whether its day has passed."""
        return self.state is StepState.PLANNED and self.due_on is not None and self.due_on < clock.today()


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit somebody agreed to, or an open question. The name is there only once they agreed, or for HR."""

    id: UUID
    name: str
    visit_on: date | None
    agreed: bool | None


def team_visible_to(actor: Actor, team_id: UUID) -> Team | None:
    """A team: of a manager who leads it or recruits for it, and of their deputy; any for HR and the college."""
    if not may(actor, Permission.TEAM_SEE):
        return None
    statement = select(Team).where(Team.id == team_id)
    if actor.role is Role.MANAGER:
        statement = statement.where(knows_team(actor, clock.today()))
    return session().scalar(statement)


def waits_for_team(vacancy: Vacancy) -> bool:
    """Whether the vacancy's manager named its team and HR has not confirmed that yet."""
    named = session().get(TeamNamed, vacancy.id)
    return named is not None and named.team_id == vacancy.team_id


def steps_of(s: Session, team_id: UUID) -> list[StepRow]:
    """Every step of a team's preparation, the untouched ones too."""
    today = clock.today()
    found = {
        row.step: row for row in s.scalars(select(TeamPreparation).where(TeamPreparation.team_id == team_id))
    }
    rows = []
    for step in TeamStep:
        row = found.get(step)
        fact = None if row is None else StepFact(row.done_on, row.due_on, row.named, row.impossible_why)
        state = step_state(step, fact, today)
        if row is None:
            rows.append(StepRow(step, state, "", None, None, "", "", 0))
        else:
            rows.append(
                StepRow(
                    step,
                    state,
                    row.owner,
                    row.due_on,
                    row.done_on,
                    row.named,
                    row.impossible_why,
                    row.version,
                )
            )
    return rows


def preparation_to_go(s: Session, team_id: UUID | None) -> list[TeamStep]:
    """What a start in this team still waits for; everything, where no team is known."""
    if team_id is None:
        return list(TeamStep)
    states: Mapping[TeamStep, StepState] = {row.step: row.state for row in steps_of(s, team_id)}
    return steps_to_go(states)


def visits_of(actor: Actor, team_id: UUID) -> list[VisitRow]:
    """Visits to a team that are agreed; for HR also who was asked."""
    shown = true() if may(actor, Permission.VISIT_ASK) else TeamVisit.agreed.is_(True)
    rows = session().execute(
        select(TeamVisit, Person)
        .join(Person, Person.id == TeamVisit.person_id)
        .where(TeamVisit.team_id == team_id, TeamVisit.ended_at.is_(None), shown)
        .order_by(TeamVisit.asked_at.desc(), TeamVisit.id)
        .limit(MOST_VISITS)
    )
    return [VisitRow(visit.id, name_of(person), visit.visit_on, visit.agreed) for visit, person in rows]


def visitors_for(actor: Actor, team_id: UUID) -> list[tuple[UUID, str, str]]:
    """Peer support workers in post in other teams, whom HR may ask: person, name, team."""
    if not may(actor, Permission.VISIT_ASK):
        return []
    today = clock.today()
    rows = session().execute(
        select(Person, Team.name)
        .join(Post, Post.person_id == Person.id)
        .join(Team, Team.id == Post.team_id)
        .where(
            Post.team_id != team_id,
            Post.started_on <= today,
            or_(Post.left_on.is_(None), Post.left_on > today),
        )
        .order_by(Team.name, Person.family_name, Person.given_name)
    )
    found: dict[UUID, tuple[UUID, str, str]] = {}
    for person, team in rows:
        found.setdefault(person.id, (person.id, name_of(person), team))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """A team that would like one's visit."""

    id: UUID
    team: str
    visit_on: date | None
    agreed: bool | None


def own_visits(actor: Actor) -> list[OwnVisit]:
    """The visits one is asked for."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return []
    rows = session().execute(
        select(TeamVisit, Team.name)
        .join(Team, Team.id == TeamVisit.team_id)
        .where(TeamVisit.person_id == actor.person_id, TeamVisit.ended_at.is_(None))
        .order_by(TeamVisit.asked_at.desc())
    )
    return [OwnVisit(visit.id, team, visit.visit_on, visit.agreed) for visit, team in rows]
