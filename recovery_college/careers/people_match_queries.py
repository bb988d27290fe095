"""Whom a post suits: one pass over the table of wishes, by the conditions of matching_facts (P1, P2)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select
from sqlalchemy import literal as said

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.candidate_facts import gives, still_a_candidate
from recovery_college.careers.consent_models import CandidateBlock
from recovery_college.careers.consent_rules import Consent
from recovery_college.careers.deputy_facts import is_their_manager
from recovery_college.careers.job_share_rules import Share, Sharers, pairs_of, sharers_of, whole_of
from recovery_college.careers.matching_facts import PREF, is_counted, misses_of_people, missing_in
from recovery_college.careers.matching_rules import FEW, Fit, PostFacts, Wish, fit_summary
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_queries import posts_as_facts
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

NAME = (Person.given_name, Person.family_name, Person.preferred_name)
LOOKED_AT = 200
"""How many who fit or nearly do are looked at before a kind that is rare among them is looked for by itself."""


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """Somebody whom a post suits or nearly does, by name, and what is missing."""

    person_id: UUID
    name: str
    missing: tuple[Wish, ...]


def fit_of_vacancy(actor: Actor, vacancy_id: UUID) -> Fit | None:
    """Whether graduates fit, for the vacancy's own manager and for HR: words, never a number or a name (P1).

    Counts who agreed to be counted and is looking now, so withdrawing changes it on the next request. It takes no
    notice of blocks: else a manager could compare two posts and infer one. None where the actor may not know.
    """
    vacancy = session().get(Vacancy, vacancy_id)
    if vacancy is None or not _may_ask(actor, vacancy):
        return None
    today = clock.today()
    post = posts_as_facts([vacancy])[vacancy.id]
    counts = counts_up_to(post, today)
    fitting = counts.pop((), 0)
    pair = fitting == 0 and two_could_share(post, today)
    return fit_summary(post, fitting, {missing[0] for missing in counts}, sum(counts.values()), pair)


def _may_ask(actor: Actor, vacancy: Vacancy) -> bool:
    if actor.role is Role.MANAGER:
        return is_their_manager(actor, vacancy, clock.today())
    return may(actor, Permission.CANDIDATE_MATCH)


def counts_up_to(post: PostFacts, today: date, enough: int = FEW) -> dict[tuple[Wish, ...], int]:
    """How many people this post suits (nothing missing), and how many miss just one thing, by what it is.

    A count that reaches `enough` is told as at least that: words need no more (`how_many`), so where many fit the
    first of them answer, and only what is rare among those is looked for further. Counted in the database: not one
    id leaves it, and none need to.
    """
    misses, people = _missing_at_most_one(post, today)
    order, conditions = list(misses), list(misses.values())
    first = select(people.c.mask).where(*_are_near(people)).limit(LOOKED_AT)
    counts = Counter(session().scalars(first))
    if counts.total() == LOOKED_AT:
        masks = [0, *(1 << place for place in range(len(order)))]
        rare = [mask for mask in masks if counts[mask] < enough]
        for mask in rare:
            exactly = _exactly(conditions, mask)
            some = select(PREF.person_id).where(is_counted(), *exactly, still_a_candidate(PREF.person_id))
            statement = select(func.count()).select_from(some.limit(enough).subquery())
            counts[mask] = session().scalar(statement) or 0
    return {missing_in(order, mask): int(count) for mask, count in counts.items() if count}


def people_for(
    post: PostFacts, today: date, consent: Consent | None = None, only: UUID | None = None
) -> list[PersonMatch]:
    """Everybody who agreed to be counted, is looking, and whom this post suits, or all but one thing of it.

    Narrowed to who gives `consent`, and to one person, where they are named: the rest is not read.
    """
    misses, people = _missing_at_most_one(post, today)
    order = list(misses)
    told = {mask: missing_in(order, mask) for mask in (0, *(1 << place for place in range(len(order))))}
    statement = (
        select(people.c.person_id, people.c.mask, *NAME)
        .join(Person, Person.id == people.c.person_id)
        .where(people.c.mask >= 0)
    )
    if only is not None:
        statement = statement.where(people.c.person_id == only)
    if consent is not None:
        statement = statement.where(gives(people.c.person_id, consent))
    statement = statement.where(still_a_candidate(people.c.person_id))
    return [
        PersonMatch(person_id, display_name(*name), told[mask])
        for person_id, mask, *name in session().execute(statement)
    ]


def suits_others(post: PostFacts, today: date, but: Collection[UUID]) -> bool:
    """Whether this post suits anybody, or all but one thing of it, who is not among those named."""
    _, people = _missing_at_most_one(post, today)
    first = select(people.c.person_id).where(*_are_near(people)).limit(len(but) + 1)
    return any(one not in but for one in session().scalars(first))


def _missing_at_most_one(post: PostFacts, today: date) -> tuple[dict[Wish, ColumnElement[bool]], Subquery]:
    """Each person with what they miss as a number, a bit a wish: 0 for nothing, -1 for more than one thing.

    Whoever misses two things is not looked at further, so what costs most is asked last and of few.
    """
    misses = misses_of_people(post, today)
    conditions = list(misses.values())
    mask = case(
        *(
            (missed, case((or_(*conditions[place + 1 :]), -1), else_=1 << place))
            if conditions[place + 1 :]
            else (missed, said(1 << place))
            for place, missed in enumerate(conditions)
        ),
        else_=0,
    )
    return misses, select(PREF.person_id, mask.label("mask")).where(is_counted()).subquery()


def _are_near(people: Subquery) -> tuple[ColumnElement[bool], ...]:
    return people.c.mask >= 0, still_a_candidate(people.c.person_id)


def _exactly(conditions: Sequence[ColumnElement[bool]], mask: int) -> list[ColumnElement[bool]]:
    """What is missed by this number and nothing else; what is missed first, as fewest have it."""
    missed = [one for place, one in enumerate(conditions) if mask >> place & 1]
    return [*missed, *(~one for place, one in enumerate(conditions) if not mask >> place & 1)]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who would share one post, and could find another for the rest of it."""

    pairs: list[tuple[UUID, UUID]]
    """The first pairs of who may be named."""
    halves: set[UUID]
    """Everybody who could be half of a pair."""


def sharing_of(
    post: PostFacts, today: date, named: Consent, but: Collection[UUID | None], most: int = 20
) -> Sharing:
    """Who could share this post (P2), all of them, and the first pairs of those who give `named` and are not `but`."""
    whole = whole_of(post)
    if whole is None:
        return Sharing([], set())
    columns = (PREF.person_id, PREF.least_hours, PREF.most_hours, PREF.days, PREF.times)
    statement = select(*columns, gives(PREF.person_id, named)).where(*_would_share(post, today))
    people: list[tuple[UUID, Share]] = []
    may_be_named: set[UUID] = set()
    for one, least, up_to, days, times, agrees in session().execute(
        statement.order_by(PREF.updated_at, PREF.person_id)
    ):
        people.append((one, whole.share(least, up_to, days, times)))
        if agrees and one not in but:
            may_be_named.add(one)
    known = sharers_of(whole, (share for _, share in people))
    halves = [(one, share) for one, share in people if known.has_other(share)]
    pairs = pairs_of(whole, [half for half in halves if half[0] in may_be_named], most)
    return Sharing(pairs, {one for one, _ in halves})


def two_could_share(post: PostFacts, today: date) -> bool:
    """Whether any two people could hold this post together. Not one id leaves the database."""
    whole = whole_of(post)
    if whole is None:
        return False
    columns = (PREF.least_hours, PREF.most_hours, PREF.days, PREF.times)
    statement = select(*columns, func.count()).where(*_would_share(post, today)).group_by(*columns)
    counts: Counter[Share] = Counter()
    for least, up_to, days, times, count in session().execute(statement):
        counts[whole.share(least, up_to, days, times)] += count
    return Sharers(whole, counts).any_pair()


def _would_share(post: PostFacts, today: date) -> list[ColumnElement[bool]]:
    """Whoever could take a part of it: what two divide between them is left to them."""
    all_else = [
        ~condition
        for wish, condition in misses_of_people(post, today).items()
        if wish not in (Wish.HOURS, Wish.DAYS, Wish.TIMES)
    ]
    part = func.coalesce(PREF.least_hours < post.weekly_hours, True)
    return [is_counted(), PREF.job_share.is_(True), part, *all_else, still_a_candidate(PREF.person_id)]


def blocked_from(vacancy_id: UUID) -> set[UUID]:
    """Whoever would rather not be shown to this vacancy's team or manager. Told to nobody: for leaving out."""
    theirs = or_(CandidateBlock.team_id == Vacancy.team_id, CandidateBlock.manager_id == Vacancy.manager_id)
    return set(
        session().scalars(
            select(CandidateBlock.person_id)
            .join(Vacancy, theirs)
            .where(Vacancy.id == vacancy_id, CandidateBlock.ended_at.is_(None))
        )
    )
