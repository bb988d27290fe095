"""The board and the lists of candidacies: a manager's own vacancies, or all for HR (P3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from recovery_college.access.rules import Actor
from recovery_college.careers.candidacy_facts import has_waited, visible
from recovery_college.careers.candidacy_models import Candidacy, VacancyHiring
from recovery_college.careers.candidacy_rules import PATH, Stage, days_waited, has_waited_too_long, name_shown
from recovery_college.careers.consent_queries import NAME_TO_MANAGERS, consents_of, is_given
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import A_PAGE, Page, page_of
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

MOST_CARDS = 12
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Card:
    """A candidacy on the board. It has no field for health, evidence, decisions or adjustments."""

    id: UUID
    name: str
    stage: Stage
    vacancy_id: UUID
    title: str
    reference: str
    next_step: str
    next_step_on: date | None
    days: int
    has_waited: bool
    version: int


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board: how many there are, and the first of them."""

    stage: Stage
    count: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class PipelineFilter:
    """What the board is narrowed to."""

    vacancy_id: UUID | None = None
    stage: Stage | None = None
    waiting: bool = False


def _rows(actor: Actor, chosen: PipelineFilter) -> Select[*tuple[Any, ...]]:
    """The columns a card needs, for the candidacies the actor may know of."""
    looked_for = func.coalesce(Candidacy.next_step_on, Candidacy.stage_on)
    statement = (
        select(
            Candidacy.id,
            Candidacy.number,
            Candidacy.stage,
            Candidacy.stage_on,
            Candidacy.next_step,
            Candidacy.next_step_on,
            Candidacy.version,
            Candidacy.person_id,
            Candidacy.vacancy_id,
            Vacancy.title,
            Vacancy.reference,
            func.coalesce(VacancyHiring.anonymous, False).label("anonymous"),
            looked_for.label("look_on"),
        )
        .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
        .outerjoin(VacancyHiring, VacancyHiring.vacancy_id == Candidacy.vacancy_id)
        .where(visible(actor))
    )
    if chosen.vacancy_id is not None:
        statement = statement.where(Candidacy.vacancy_id == chosen.vacancy_id)
    if chosen.stage is not None:
        statement = statement.where(Candidacy.stage == chosen.stage)
    if chosen.waiting:
        statement = statement.where(has_waited(clock.today()))
    return statement


def board_for(actor: Actor, chosen: PipelineFilter) -> list[Column]:
    """The board: each stage with its count and the cards that have waited longest. Four queries, whatever the size."""
    rows = _rows(actor, chosen).where(Candidacy.stage.in_([one for one in Stage if one in PATH])).subquery()
    place = (
        func.row_number().over(partition_by=rows.c.stage, order_by=(rows.c.look_on, rows.c.id)).label("place")
    )
    count = func.count().over(partition_by=rows.c.stage).label("found")
    ranked = select(rows, place, count).subquery()
    found = session().execute(
        select(ranked).where(ranked.c.place <= MOST_CARDS).order_by(ranked.c.stage, ranked.c.place)
    )
    drawn = list(found.mappings())
    cards = _cards(drawn)
    return [
        Column(
            stage,
            next((row["found"] for row in drawn if row["stage"] == stage), 0),
            tuple(card for card in cards if card.stage is stage),
        )
        for stage in PATH
    ]


def listed_for(actor: Actor, chosen: PipelineFilter, after: str = "") -> tuple[list[Card], str]:
    """One stage, or all who wait, as a list: the cards and where the next page begins ("" at the end)."""
    rows = _rows(actor, chosen).subquery()
    statement = select(rows).order_by(rows.c.look_on, rows.c.id).limit(MOST_LISTED + 1)
    place = _place(after)
    if place is not None:
        day, last = place
        statement = statement.where(or_(rows.c.look_on > day, and_(rows.c.look_on == day, rows.c.id > last)))
    found = list(session().execute(statement).mappings())
    more = ""
    if len(found) > MOST_LISTED:
        found = found[:MOST_LISTED]
        more = f"{found[-1]['look_on'].isoformat()}.{found[-1]['id']}"
    return _cards(found), more


def _place(after: str) -> tuple[date, UUID] | None:
    day, _, last = after.partition(".")
    try:
        return date.fromisoformat(day), UUID(last)
    except ValueError:
        return None


def _cards(found: Sequence[Any]) -> list[Card]:
    names = names_shown([row["person_id"] for row in found])
    today = clock.today()
    return [
        Card(
            row["id"],
            name_shown(names.get(row["person_id"]), row["number"], row["stage"], bool(row["anonymous"])),
            row["stage"],
            row["vacancy_id"],
            row["title"],
            row["reference"],
            row["next_step"],
            row["next_step_on"],
            days_waited(row["stage_on"], today),
            has_waited_too_long(row["stage"], row["stage_on"], today, row["next_step_on"]),
            row["version"],
        )
        for row in found
    ]


def names_shown(person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of those who let managers see them, now."""
    ids = list(set(person_ids))
    if not ids:
        return {}
    consents = consents_of(ids)
    people = session().scalars(select(Person).where(Person.id.in_(ids)))
    return {
        person.id: name_of(person) for person in people if is_given(consents, person.id, NAME_TO_MANAGERS)
    }


@dataclass(frozen=True, slots=True)
class VacancyChoice:
    """A vacancy the board can be narrowed to, with how many candidacies are under way."""

    id: UUID
    title: str
    reference: str
    count: int


def vacancies_with_candidates(actor: Actor, asked_page: int = 1) -> tuple[list[VacancyChoice], Page]:
    """A page of the actor's vacancies with any candidacy under way, by title. One query where one page holds all."""
    with_any = _with_candidates(actor)
    in_order = with_any.order_by(Vacancy.title, Vacancy.reference, Vacancy.id)
    s = session()
    first = s.execute(in_order.limit(A_PAGE + 1)).all() if asked_page <= 1 else []
    count = len(first)
    if asked_page > 1 or count > A_PAGE:
        count = s.scalar(select(func.count()).select_from(with_any.subquery())) or 0
    page = page_of(asked_page, count)
    rows = (
        first[: page.size]
        if asked_page <= 1
        else s.execute(in_order.offset(page.skipped).limit(page.size)).all()
    )
    return [VacancyChoice(*row) for row in rows], page


def vacancy_chosen(actor: Actor, vacancy_id: UUID) -> VacancyChoice | None:
    """One of them; None for one that nobody is a candidate for and one the actor may not know of."""
    row = session().execute(_with_candidates(actor).where(Vacancy.id == vacancy_id)).first()
    return VacancyChoice(*row) if row else None


def _with_candidates(actor: Actor) -> Select[*tuple[Any, ...]]:
    live = [stage for stage in Stage if not stage.is_over]
    return (
        select(Vacancy.id, Vacancy.title, Vacancy.reference, func.count())
        .join(Candidacy, Candidacy.vacancy_id == Vacancy.id)
        .where(visible(actor), Candidacy.stage.in_(live))
        .group_by(Vacancy.id, Vacancy.title, Vacancy.reference)
    )


def waiting_for(actor: Actor) -> int:
    """How many candidacies have waited too long."""
    rows = _rows(actor, PipelineFilter(waiting=True)).subquery()
    return session().scalar(select(func.count()).select_from(rows)) or 0
