"""Which follow-ups are to be asked, and by whom: the leads of the team; where nobody leads it the manager whose vacancy
the post came from; else HR (P7).

A deputy is neither asked nor reminded, as they are of answers (V4). Who is in post is known, like who is a candidate,
to the manager and not to whoever stands in for them (`deputy_facts.hires_for`), and a mail about a page that they may
not open would help nobody. Nor is anything lost by waiting: each one stays on the manager's page until the next comes,
for three months at least. HR may ask meanwhile, from the team's page, and is asked where nobody recruits any more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from recovery_college.access.rules import Role
from recovery_college.careers.check_rules import months_after
from recovery_college.careers.deputy_models import TeamManager
from recovery_college.careers.follow_up_rules import (
    AGAIN_AFTER,
    FOLLOW_UP_MONTHS,
    asked_until,
    follow_up_to_ask,
    last_start,
)
from recovery_college.careers.models import Post, Team, Vacancy
from recovery_college.careers.offer_models import PostFollowUp, PostFollowUpReminder, PostOrigin
from recovery_college.people.models import RoleGrant


def is_to_ask(months: int, today: date) -> ColumnElement[bool]:
    """The posts whose holder is to be asked this one today: `follow_up_to_ask` over the table.

    Of who left, on whatever day that was written down for, nothing is asked from their last day on.
    """
    return and_(
        Post.started_on <= last_start(today, months),
        Post.started_on > last_start(today, asked_until(months)),
        or_(Post.left_on.is_(None), Post.left_on > today),
        ~exists().where(PostFollowUp.post_id == Post.id, PostFollowUp.months == months),
    )


def any_to_ask(today: date) -> ColumnElement[bool]:
    """The posts of which one of the three is to be asked today."""
    return or_(*(is_to_ask(months, today) for months in FOLLOW_UP_MONTHS))


def leads_team() -> Select[UUID]:
    """Who leads the team of a post, still recruits here, and is not its holder: nobody asks themselves."""
    return (
        select(TeamManager.person_id)
        .where(
            TeamManager.team_id == Post.team_id,
            TeamManager.ended_on.is_(None),
            TeamManager.person_id != Post.person_id,
            _still_recruits(TeamManager.person_id),
        )
        .correlate(Post)
    )


def recruited() -> Select[UUID | None]:
    """The manager of the vacancy a post came from, who still recruits here, and is not its holder."""
    return (
        select(Vacancy.manager_id)
        .join(PostOrigin, PostOrigin.vacancy_id == Vacancy.id)
        .where(
            PostOrigin.post_id == Post.id,
            Vacancy.manager_id != Post.person_id,
            _still_recruits(Vacancy.manager_id),
        )
        .correlate(Post)
    )


def _still_recruits(person_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return exists().where(
        RoleGrant.person_id == person_id, RoleGrant.role == Role.MANAGER, RoleGrant.ended_at.is_(None)
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A follow-up that is to be asked: where, and since when. It holds no name, as it goes into a mail."""

    post_id: UUID
    holder_id: UUID
    team: str
    months: int
    due_on: date


def due_by_lead(s: Session, today: date) -> dict[UUID | None, list[Due]]:
    """What is to be asked by whoever leads each team, the longest in post first; under None what nobody
    leads and no manager here recruited for."""
    leads = aliased(TeamManager)
    rows = s.execute(
        select(
            Post.id,
            Post.person_id,
            Post.started_on,
            Team.name,
            func.coalesce(leads.person_id, recruited().scalar_subquery()),
        )
        .join(Team, Team.id == Post.team_id)
        .outerjoin(leads, and_(leads.team_id == Post.team_id, leads.person_id.in_(leads_team())))
        .where(any_to_ask(today), leads.ended_on.is_(None))
        .order_by(Post.started_on, Post.id)
    )
    found: dict[UUID | None, dict[UUID, Due]] = defaultdict(dict)
    for post_id, holder_id, started_on, team, person_id in rows:
        months = follow_up_to_ask(started_on, (), today)
        if months is not None:
            found[person_id][post_id] = Due(
                post_id, holder_id, team, months, months_after(started_on, months)
            )
    return {person_id: list(due.values()) for person_id, due in found.items()}


def told_lately(s: Session, today: date) -> set[tuple[UUID, int, UUID]]:
    """Post, which follow-up, and who was written to about it so lately that it is too soon to write again."""
    lately = PostFollowUpReminder.told_on > today - AGAIN_AFTER
    columns = (PostFollowUpReminder.post_id, PostFollowUpReminder.months, PostFollowUpReminder.told_id)
    return {
        (post_id, months, told_id) for post_id, months, told_id in s.execute(select(*columns).where(lately))
    }
