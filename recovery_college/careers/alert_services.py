"""Writing to graduates about new posts that fit what they would like: as often as they chose, each post once (P1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.services import record
from recovery_college.careers.candidate_facts import still_a_candidate
from recovery_college.careers.consent_models import CandidateBlock, VacancyAnswer
from recovery_college.careers.matching_facts import PREF, is_counted, open_ids
from recovery_college.careers.matching_rules import PostFacts, match
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidateAlert, CandidatePreference
from recovery_college.careers.preference_queries import posts_as_facts, wishes_of
from recovery_college.careers.preference_rules import AlertFrequency
from recovery_college.careers.vacancy_list import is_open_to_peers, joined, name_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, session, transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.people.models import Person
from recovery_college.people.queries import address_of

PURPOSE = "job alert"
WEEK = timedelta(days=7)
MOST_TOLD = 10
"""Posts in one message: the page has them all."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """What a round did: people written to, and those without an address."""

    sent: int
    unreachable: int


def send_alerts(actor: Actor) -> Alerted:
    """Write today's messages into the outbox, a person at a time. Run twice, nobody is told twice."""
    today = clock.today()
    posts = _open_posts(today)
    people = _who_is_due(today) if posts else []
    session().rollback()
    sent = unreachable = 0
    for person_id in people:
        with transaction() as s:
            done = _tell(s, actor, person_id, posts, today)
        sent, unreachable = sent + (done is True), unreachable + (done is False)
    return Alerted(sent, unreachable)


def _open_posts(today: date) -> list[tuple[Vacancy, PostFacts]]:
    statement = joined(select(Vacancy).select_from(Vacancy)).where(
        Vacancy.id.in_(open_ids(today)), is_open_to_peers(today)
    )
    vacancies = list(session().scalars(statement.order_by(Vacancy.closes_on, Vacancy.id)))
    facts = posts_as_facts(vacancies)
    return [(vacancy, facts[vacancy.id]) for vacancy in vacancies]


def _who_is_due(today: date) -> list[UUID]:
    """Who chose every day and has heard nothing today, and who chose once a week and has heard nothing for a week."""
    last = (
        select(func.max(CandidateAlert.told_on))
        .where(CandidateAlert.person_id == PREF.person_id)
        .scalar_subquery()
    )
    heard = func.coalesce(last, date(1, 1, 1))
    due = or_(
        (PREF.alerts == AlertFrequency.DAILY) & (heard < today),
        (PREF.alerts == AlertFrequency.WEEKLY) & (heard <= today - WEEK),
    )
    return list(
        session().scalars(
            select(PREF.person_id)
            .where(due, is_counted(), still_a_candidate(PREF.person_id))
            .order_by(PREF.person_id)
        )
    )


def _tell(
    s: Session, actor: Actor, person_id: UUID, posts: list[tuple[Vacancy, PostFacts]], today: date
) -> bool | None:
    """Write to one person: True when told, False when there is no address, None when there is nothing to tell."""
    # Two rounds at once would both find a post untold: the second waits here, and finds it told.
    row = s.scalar(
        select(CandidatePreference)
        .where(CandidatePreference.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or not (row.counted and row.looking):
        return None
    known = _known_or_kept_away(s, person_id, [vacancy.id for vacancy, _ in posts])
    wishes = wishes_of([person_id])[person_id]
    new = [
        vacancy
        for vacancy, facts in posts
        if vacancy.id not in known
        and vacancy.manager_id != person_id
        and not match(wishes, facts, today).missing
    ]
    if not new:
        return None
    address = address_of(person_id)
    if not is_address(address):
        return False
    subject, body = _words(s.get_one(Person, person_id), new)
    queue_mail(s, address, subject, body, PURPOSE)
    add_rows(
        s,
        CandidateAlert,
        [{"person_id": person_id, "vacancy_id": one.id, "told_on": today} for one in new],
    )
    record(s, actor, "told of jobs", "candidate", person_id, count=len(new))
    return True


def _known_or_kept_away(s: Session, person_id: UUID, vacancy_ids: Iterable[UUID]) -> set[UUID]:
    """Posts this person was told of, has answered, or would rather keep away from."""
    told = select(CandidateAlert.vacancy_id).where(CandidateAlert.person_id == person_id)
    answered = select(VacancyAnswer.vacancy_id).where(VacancyAnswer.person_id == person_id)
    away = (
        select(Vacancy.id)
        .join(
            CandidateBlock,
            or_(CandidateBlock.team_id == Vacancy.team_id, CandidateBlock.manager_id == Vacancy.manager_id),
        )
        .where(
            CandidateBlock.person_id == person_id,
            CandidateBlock.ended_at.is_(None),
            Vacancy.id.in_(list(vacancy_ids)),
        )
    )
    return {*s.scalars(told), *s.scalars(answered), *s.scalars(away)}


def _words(person: Person, new: list[Vacancy]) -> tuple[str, str]:
    """Subject and text. The subject names no job: others may see it on a locked phone."""
    settings = current_app.extensions["settings"]
    base = settings.public_base_url
    lines = [f"{one.title}\n{base}/my-future/jobs/{one.id}" for one in new[:MOST_TOLD]]
    if len(new) > MOST_TOLD:
        lines.append(f"And {len(new) - MOST_TOLD} more:\n{base}/my-future/jobs")
    body = (
        f"Hello {name_of(person).split(' ')[0]},\n\nThis may suit you. Nobody there knows of you: they see your "
        "name only if you say yes.\n\n"
        + "\n\n".join(lines)
        + "\n\nYou can choose how often we write, or have "
        f"a break:\n{base}/my-future/alerts\n\n{settings.college_name}\n"
    )
    return "Something that may suit you", body
