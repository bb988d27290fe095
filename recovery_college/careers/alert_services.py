"""Writing to graduates about new posts that fit what they would like: as often as they chose, each post once (P1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.services import record
from recovery_college.careers.candidate_facts import still_a_candidate
from recovery_college.careers.consent_models import VacancyAnswer
from recovery_college.careers.matching_facts import (
    PREF,
    is_counted,
    misses_nothing,
    misses_of_people,
    misses_of_posts,
    open_ids,
)
from recovery_college.careers.models import Vacancy
from recovery_college.careers.post_match_queries import kept_away
from recovery_college.careers.preference_models import CandidateAlert, CandidatePreference, VacancyPattern
from recovery_college.careers.preference_queries import posts_as_facts, wishes_of
from recovery_college.careers.preference_rules import AlertFrequency
from recovery_college.careers.vacancy_list import is_open_to_peers, joined
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, session, transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.running_app import the_settings
from recovery_college.people.models import Person
from recovery_college.people.queries import address_of, name_of

PURPOSE = "job alert"
WEEK = timedelta(days=7)
MOST_TOLD = 10
"""Posts in one message: the page has them all."""
MOST_ASKED = 5_000
"""Ids named in one statement."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """What a round did: people written to, and those without an address."""

    sent: int
    unreachable: int


def send_alerts(actor: Actor) -> Alerted:
    """Write today's messages into the outbox, a person at a time. Run twice, nobody is told twice."""
    today = clock.today()
    posts = _open_posts(today)
    people = _who_is_due(posts, today) if posts else []
    titles = {one.id: one.title for one in posts}
    session().rollback()
    sent = unreachable = 0
    for person_id in people:
        with transaction() as s:
            done = _tell(s, actor, person_id, titles, today)
        sent, unreachable = sent + (done is True), unreachable + (done is False)
    return Alerted(sent, unreachable)


def _open_posts(today: date) -> list[Vacancy]:
    statement = joined(select(Vacancy).select_from(Vacancy)).where(
        Vacancy.id.in_(open_ids(today)), is_open_to_peers(today)
    )
    return list(session().scalars(statement.order_by(Vacancy.closes_on, Vacancy.id)))


def _who_is_due(posts: Sequence[Vacancy], today: date) -> list[UUID]:
    """Who chose every day and has heard nothing today, and who chose once a week and has heard nothing for a week.

    Of more people than there are posts only those are named whom one of the posts suits that they do not know: the
    rest is not looked at one by one.
    """
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
    everybody = select(PREF.person_id).where(due, is_counted(), still_a_candidate(PREF.person_id))
    people = list(session().scalars(everybody.order_by(PREF.person_id)))
    if len(people) <= len(posts):
        return people
    suited: set[UUID] = set()
    for vacancy_id, facts in posts_as_facts(posts).items():
        known = or_(
            *(
                exists().where(of.person_id == PREF.person_id, of.vacancy_id == vacancy_id)
                for of in (CandidateAlert, VacancyAnswer)
            )
        )
        suits = misses_nothing(misses_of_people(facts, today))
        suited.update(session().scalars(everybody.where(suits, ~known)))
    return [one for one in people if one in suited]


def _tell(s: Session, actor: Actor, person_id: UUID, titles: Mapping[UUID, str], today: date) -> bool | None:
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
    fitting = _that_fit(s, person_id, list(titles), today)
    new = [(one, title) for one, title in titles.items() if one in fitting]
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
        [{"person_id": person_id, "vacancy_id": one, "told_on": today} for one, _ in new],
    )
    record(s, actor, "told of jobs", "candidate", person_id, count=len(new))
    return True


def _that_fit(s: Session, person_id: UUID, vacancy_ids: Sequence[UUID], today: date) -> set[UUID]:
    """Which of these posts fit this person, as their page compares them; not those they were told of, have answered,
    or would rather keep away from."""
    known = (
        exists().where(of.person_id == person_id, of.vacancy_id == Vacancy.id)
        for of in (CandidateAlert, VacancyAnswer)
    )
    fits = misses_nothing(misses_of_posts(wishes_of([person_id])[person_id], today))
    statement = (
        select(Vacancy.id)
        .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
        .where(fits, *(~one for one in known), ~kept_away(person_id))
    )
    return {
        one
        for start in range(0, len(vacancy_ids), MOST_ASKED)
        for one in s.scalars(statement.where(Vacancy.id.in_(vacancy_ids[start : start + MOST_ASKED])))
    }


def _words(person: Person, new: Sequence[tuple[UUID, str]]) -> tuple[str, str]:
    """Subject and text. The subject names no job: others may see it on a locked phone."""
    settings = the_settings()
    base = settings.public_base_url
    lines = [f"{title}\n{base}/my-future/jobs/{one}" for one, title in new[:MOST_TOLD]]
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
