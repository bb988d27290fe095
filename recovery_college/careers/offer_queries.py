"""Offers and checks, one answer for each audience: HR sees states and dates, a manager clear or not yet (P4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.candidacy_facts import visible
from recovery_college.careers.candidacy_models import Candidacy, VacancyHiring
from recovery_college.careers.candidacy_rules import WITH_OFFER, Stage
from recovery_college.careers.check_rules import CheckKind, CheckState, Room, checks_to_go, places_of
from recovery_college.careers.models import Post, Vacancy, VacancyBand
from recovery_college.careers.offer_models import EmploymentCheck, Offer, PostOrigin
from recovery_college.careers.pipeline_queries import names_shown
from recovery_college.careers.preference_models import VacancyPattern
from recovery_college.graduation.models import Graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page, page_of


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check as HR sees it. There is no field for a document or what a check says."""

    kind: CheckKind
    state: CheckState
    state_on: date | None
    chase_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class ChecksInShort:
    """The checks as a manager and the candidate see them: how many are still to come, never which or why."""

    to_go: int

    @property
    def are_clear(self) -> bool:
        """Whether all six are clear."""
        return self.to_go == 0


@dataclass(frozen=True, slots=True)
class ChaseRow:
    """A check that HR may want to ask about, in the list sorted by when."""

    candidacy_id: UUID
    name: str
    title: str
    kind: CheckKind
    state: CheckState
    state_on: date | None
    chase_on: date | None
    is_due: bool


def checks_of(actor: Actor, candidacy_id: UUID) -> list[CheckRow]:
    """All six checks of a candidacy, for HR alone; an untouched one has not started."""
    if not may(actor, Permission.CHECK_KEEP):
        return []
    found = {
        row.kind: row
        for row in session().scalars(
            select(EmploymentCheck).where(EmploymentCheck.candidacy_id == candidacy_id)
        )
    }
    return [
        CheckRow(kind, row.state, row.state_on, row.chase_on, row.version)
        if (row := found.get(kind)) is not None
        else CheckRow(kind, CheckState.NOT_STARTED, None, None, 0)
        for kind in CheckKind
    ]


def states_of(s: Session, candidacy_id: UUID) -> Mapping[CheckKind, CheckState]:
    """The recorded states, for the gate."""
    rows = s.execute(
        select(EmploymentCheck.kind, EmploymentCheck.state).where(
            EmploymentCheck.candidacy_id == candidacy_id
        )
    )
    return {row[0]: row[1] for row in rows}


def checks_in_short(candidacy_id: UUID) -> ChecksInShort:
    """Clear or not yet. The caller has been let in to the candidacy."""
    return ChecksInShort(len(checks_to_go(states_of(session(), candidacy_id))))


def offer_of(candidacy_id: UUID) -> Offer | None:
    """The offer of a candidacy, if one was made. The caller has been let in to the candidacy."""
    return session().get(Offer, candidacy_id)


def room_of(s: Session, vacancy_id: UUID, but: UUID | None = None) -> Room:
    """What a vacancy has room for, counting posts begun by it and offers that stand; not that of candidacy `but`."""
    vacancy = s.get_one(Vacancy, vacancy_id)
    hiring = s.get(VacancyHiring, vacancy_id)
    pattern = s.get(VacancyPattern, vacancy_id)
    offered = s.execute(
        select(func.coalesce(func.sum(Offer.weekly_hours), 0), func.count())
        .join(Candidacy, Candidacy.id == Offer.candidacy_id)
        .where(
            Candidacy.vacancy_id == vacancy_id,
            Candidacy.stage.in_(WITH_OFFER),
            Candidacy.id != but if but is not None else Candidacy.id.is_not(None),
        )
    ).one()
    posts = s.execute(
        select(func.coalesce(func.sum(Post.weekly_hours), 0), func.count())
        .join(PostOrigin, PostOrigin.post_id == Post.id)
        .where(PostOrigin.vacancy_id == vacancy_id, Post.left_on.is_(None))
    ).one()
    funded = hiring.funded_hours if hiring and hiring.funded_hours is not None else vacancy.weekly_hours
    return Room(
        funded,
        places_of(hiring.places if hiring else None, bool(pattern and pattern.job_share)),
        Decimal(str(offered[0])) + Decimal(str(posts[0])),
        offered[1] + posts[1],
    )


@dataclass(frozen=True, slots=True)
class AdvertisedTerms:
    """What an advert says of the post, where it says one thing: an offer begins from it."""

    band: str | None
    contract: str | None


def advertised_terms(s: Session, vacancy_id: UUID) -> AdvertisedTerms:
    """The vacancy's contract, and its band where there is just one."""
    vacancy = s.get_one(Vacancy, vacancy_id)
    bands = s.scalars(select(VacancyBand.band).where(VacancyBand.vacancy_id == vacancy_id)).all()
    return AdvertisedTerms(
        bands[0].value if len(bands) == 1 else None,
        vacancy.contract.value if vacancy.contract else None,
    )


def chase_list(actor: Actor, *, only_due: bool = False, asked_page: int = 1) -> tuple[list[ChaseRow], Page]:
    """A page of the checks that are not clear, of candidacies that wait for checks: due ones first. Five queries."""
    if not may(actor, Permission.CHECK_KEEP):
        return [], page_of(1, 0)
    s = session()
    statement, due = _not_clear(actor)
    if only_due:
        statement = statement.where(due)
    page = page_of(asked_page, s.scalar(select(func.count()).select_from(statement.subquery())) or 0)
    rows = s.execute(
        statement.add_columns(due.label("is_due"))
        .order_by(
            due.desc(),
            func.coalesce(EmploymentCheck.chase_on, date.max),
            Candidacy.stage_on,
            Candidacy.id,
            statement.selected_columns.place,
        )
        .offset(page.skipped)
        .limit(page.size)
    ).all()
    names = names_shown([row.person_id for row in rows])
    return [
        ChaseRow(
            row.id,
            names.get(row.person_id, f"Candidate {row.number}"),
            row.title,
            row.wanted,
            row.state or CheckState.NOT_STARTED,
            row.state_on,
            row.chase_on,
            bool(row.is_due),
        )
        for row in rows
    ], page


def checks_due(actor: Actor) -> int:
    """How many checks HR may ask about today: as many as `chase_list` lists as due. One query."""
    if not may(actor, Permission.CHECK_KEEP):
        return 0
    statement, due = _not_clear(actor)
    return session().scalar(select(func.count()).select_from(statement.where(due).subquery())) or 0


def _not_clear(actor: Actor) -> tuple[Select[*tuple[Any, ...]], ColumnElement[bool]]:
    """The checks that are not clear, and when one is due. A check with no row of its own has not started."""
    word = EmploymentCheck.kind.type
    kinds = union_all(
        *(
            select(literal(kind, word).label("wanted"), literal(place).label("place"))
            for place, kind in enumerate(CheckKind)
        )
    ).subquery()
    state = func.coalesce(EmploymentCheck.state, CheckState.NOT_STARTED)
    statement = (
        select(
            Candidacy.id,
            Candidacy.person_id,
            Candidacy.number,
            Vacancy.title,
            kinds.c.wanted,
            kinds.c.place,
            EmploymentCheck.state,
            EmploymentCheck.state_on,
            EmploymentCheck.chase_on,
        )
        .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
        .join(kinds, true())
        .outerjoin(
            EmploymentCheck,
            and_(EmploymentCheck.candidacy_id == Candidacy.id, EmploymentCheck.kind == kinds.c.wanted),
        )
        .where(visible(actor), Candidacy.stage.in_((Stage.OFFER, Stage.CHECKS)), state != CheckState.CLEAR)
    )
    asked_by = func.coalesce(EmploymentCheck.chase_on, date.max)
    return statement, or_(state == CheckState.NOT_STARTED, asked_by <= clock.today())


@dataclass(frozen=True, slots=True)
class TrainingDue:
    """Somebody appointed before graduating, and by when they are due to be trained (P5)."""

    post_id: UUID
    name: str
    due_on: date
    is_late: bool


def training_due(actor: Actor, asked_page: int = 1) -> tuple[list[TrainingDue], Page]:
    """A page of who was appointed before graduating, is in post and has not graduated yet, soonest first; for HR."""
    if not may(actor, Permission.CHECK_KEEP):
        return [], page_of(1, 0)
    today = clock.today()
    s = session()
    in_training = (
        PostOrigin.training_due_on.is_not(None),
        or_(Post.left_on.is_(None), Post.left_on > today),
        ~exists().where(Graduation.person_id == Post.person_id),
    )
    of_post = Post.id == PostOrigin.post_id
    count = s.scalar(select(func.count(Post.id)).join(PostOrigin, of_post).where(*in_training))
    page = page_of(asked_page, count or 0)
    rows = s.execute(
        select(PostOrigin.post_id, PostOrigin.training_due_on, Post.person_id)
        .join(Post, of_post)
        .where(*in_training)
        .order_by(PostOrigin.training_due_on, PostOrigin.post_id)
        .offset(page.skipped)
        .limit(page.size)
    ).all()
    names = names_shown([row.person_id for row in rows])
    return [
        TrainingDue(
            row.post_id,
            names.get(row.person_id, "A colleague"),
            row.training_due_on,
            row.training_due_on < today,
        )
        for row in rows
    ], page
