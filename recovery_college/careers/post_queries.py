"""A post as its holder, the team's manager, HR and the college see it (P7)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, true

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.bands import Band
from recovery_college.careers.check_rules import months_after
from recovery_college.careers.deputy_facts import hires_for
from recovery_college.careers.deputy_models import TeamManager
from recovery_college.careers.follow_up_facts import any_to_ask, leads_team, recruited
from recovery_college.careers.follow_up_rules import FOLLOW_UP_MONTHS, follow_up_to_ask
from recovery_college.careers.models import Funding, Post, Team, Vacancy
from recovery_college.careers.offer_models import PostFollowUp, PostOrigin
from recovery_college.careers.rules import ContractKind
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page, page_of
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with the days somebody asks how it goes. No health, no evidence, no checks."""

    id: UUID
    name: str
    is_own: bool
    team_id: UUID
    team: str
    band: Band
    weekly_hours: Decimal
    contract: ContractKind
    funding: Funding
    is_job_share: bool
    started_on: date
    left_on: date | None
    leaving_kind: str
    line_supervisor: str
    peer_supervisor: str
    training_due_on: date | None
    follow_ups: tuple[tuple[int, date], ...]


def count_posts(actor: Actor, team_id: UUID) -> int:
    """How many posts of a team an actor may know of."""
    if not may(actor, Permission.POST_SEE) or actor.person_id is None:
        return 0
    statement = (
        select(func.count(Post.id))
        .select_from(Post)
        .outerjoin(PostOrigin, PostOrigin.post_id == Post.id)
        .where(Post.team_id == team_id, _known_to(actor))
    )
    return session().scalar(statement) or 0


def posts_for(
    actor: Actor, *, post_id: UUID | None = None, team_id: UUID | None = None, page: Page | None = None
) -> list[PostView]:
    """The posts an actor may know of, running ones first: one's own, those of a manager's teams, or all."""
    if not may(actor, Permission.POST_SEE) or actor.person_id is None:
        return []
    statement = (
        select(Post, Person, Team.name, PostOrigin)
        .join(Person, Person.id == Post.person_id)
        .join(Team, Team.id == Post.team_id)
        .outerjoin(PostOrigin, PostOrigin.post_id == Post.id)
        .where(_known_to(actor))
        .order_by(Post.left_on.is_not(None), Post.started_on.desc(), Post.id)
    )
    if page is not None:
        statement = statement.offset(page.skipped).limit(page.size)
    if post_id is not None:
        statement = statement.where(Post.id == post_id)
    if team_id is not None:
        statement = statement.where(Post.team_id == team_id)
    return [
        PostView(
            post.id,
            name_of(person),
            person.id == actor.person_id,
            post.team_id,
            team,
            post.band,
            post.weekly_hours,
            post.contract,
            post.funding,
            post.is_job_share,
            post.started_on,
            post.left_on,
            post.leaving_kind,
            origin.line_supervisor if origin else "",
            origin.peer_supervisor if origin else "",
            origin.training_due_on if origin else None,
            tuple((months, months_after(post.started_on, months)) for months in FOLLOW_UP_MONTHS),
        )
        for post, person, team, origin in session().execute(statement)
    ]


def _known_to(actor: Actor) -> ColumnElement[bool]:
    if actor.role in (Role.STUDENT, Role.GRADUATE):
        return Post.person_id == actor.person_id
    if actor.role is not Role.MANAGER:
        return true()
    leads = exists().where(
        TeamManager.team_id == Post.team_id,
        TeamManager.person_id == actor.person_id,
        TeamManager.ended_on.is_(None),
    )
    return or_(leads, exists().where(Vacancy.id == PostOrigin.vacancy_id, hires_for(actor)))


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One of the days somebody asks how it goes, with what was said when it was asked."""

    months: int
    due_on: date
    asked_on: date | None = None
    words: str = ""
    version: int = 0


def follow_ups_of(view: PostView) -> list[FollowUp]:
    """The three of them, asked or still to come; for whoever may know of the post."""
    rows = session().scalars(select(PostFollowUp).where(PostFollowUp.post_id == view.id))
    asked = {row.months: row for row in rows}
    return [
        FollowUp(months, on, row.asked_on, row.words, row.version)
        if (row := asked.get(months)) is not None
        else FollowUp(months, on)
        for months, on in view.follow_ups
    ]


def is_in_post(view: PostView) -> bool:
    """Whether somebody is in the post today."""
    return view.left_on is None or view.left_on > clock.today()


@dataclass(frozen=True, slots=True)
class ToAsk:
    """Somebody in post whom it is time to ask how it goes. Their name is for whoever may know of the post."""

    post_id: UUID
    name: str
    team: str
    months: int
    due_on: date


def follow_ups_to_ask(actor: Actor, asked_page: int = 1) -> tuple[list[ToAsk], Page]:
    """Whom this actor is to ask how it goes, the longest due first: of the teams they lead, or recruited for where
    nobody leads; for HR and the college whom no manager here is to ask.

    What was asked is gone from it, and so is who left. Two queries.
    """
    page = page_of(asked_page, count_to_ask(actor))
    if not page.count:
        return [], page
    today = clock.today()
    rows = session().execute(
        select(Post.id, Post.started_on, Person, Team.name)
        .join(Person, Person.id == Post.person_id)
        .join(Team, Team.id == Post.team_id)
        .where(any_to_ask(today), _asked_by(actor))
        .order_by(Post.started_on, Post.id)
        .offset(page.skipped)
        .limit(page.size)
    )
    found = []
    for post_id, started_on, person, team in rows:
        months = follow_up_to_ask(started_on, (), today)
        if months is not None:
            found.append(ToAsk(post_id, name_of(person), team, months, months_after(started_on, months)))
    return found, page


def count_to_ask(actor: Actor) -> int:
    """How many people this actor is to ask how it goes: as many as `follow_ups_to_ask` lists."""
    if not may(actor, Permission.POST_CHANGE) or actor.person_id is None:
        return 0
    return (
        session().scalar(select(func.count(Post.id)).where(any_to_ask(clock.today()), _asked_by(actor))) or 0
    )


def _asked_by(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.MANAGER:
        leads = leads_team().where(TeamManager.person_id == actor.person_id).exists()
        return or_(leads, ~leads_team().exists() & recruited().where(hires_for(actor)).exists())
    return ~leads_team().exists() & ~recruited().exists() & (Post.person_id != actor.person_id)
