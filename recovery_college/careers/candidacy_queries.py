"""Candidacies for an actor: a manager's own vacancies, all for HR, one's own; and nobody's without their standing yes.

Whether a yes stands, a team is blocked or the line manager is the recruiting manager is asked in the same statement
as the rows, so that what is withdrawn is gone on the next click (P1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.candidacy_models import (
    Candidacy,
    CandidacyEvent,
    CandidacyNote,
    DeclaredLineManager,
    EventKind,
    Interview,
    InterviewHelp,
    VacancyHiring,
)
from recovery_college.careers.candidacy_rules import (
    PATIENCE,
    WITH_OFFER,
    EndReason,
    Stage,
    days_waited,
    has_waited_too_long,
    is_anonymous,
    name_shown,
)
from recovery_college.careers.candidate_facts import keeps_away, leads_the_candidate, still_a_candidate
from recovery_college.careers.check_rules import CheckKind, CheckState
from recovery_college.careers.consent_models import VacancyAnswer
from recovery_college.careers.consent_queries import NAME_TO_MANAGERS, consents_of, is_given, shown_profiles
from recovery_college.careers.consent_rules import CandidateProfile, ConsentPurpose, VacancyAnswerKind
from recovery_college.careers.deputy_facts import hires_for
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.offer_models import EmploymentCheck, Offer
from recovery_college.careers.rules import VacancyStatus
from recovery_college.careers.vacancy_list import name_of, status_today
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person

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


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    kind: str
    old: str
    new: str
    words: str
    by: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note, with who wrote it."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class CandidacyView:
    """A candidacy as its manager or HR sees it: consented fields of the person and nothing else of them."""

    id: UUID
    person_id: UUID
    number: int
    name: str
    is_anonymous: bool
    profile: CandidateProfile | None
    stage: Stage
    stage_on: date
    days: int
    has_waited: bool
    wants_interview: bool
    meets_criteria: bool | None
    end_reason: EndReason | None
    end_text: str
    next_step: str
    next_step_on: date | None
    version: int
    vacancy_id: UUID
    title: str
    reference: str
    team_id: UUID | None
    team: str
    interview: Interview | None
    start_on: date | None


def yes_stands() -> ColumnElement[bool]:
    """Whether the newest word of the person on the vacancy is yes."""
    later = aliased(VacancyAnswer)
    return exists().where(
        VacancyAnswer.person_id == Candidacy.person_id,
        VacancyAnswer.vacancy_id == Candidacy.vacancy_id,
        VacancyAnswer.answer == VacancyAnswerKind.YES,
        ~exists().where(
            later.person_id == VacancyAnswer.person_id,
            later.vacancy_id == VacancyAnswer.vacancy_id,
            later.number > VacancyAnswer.number,
        ),
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """The candidacies this actor may know of (trust.md): never their own, and never without a standing yes."""
    if actor.person_id is None or not may(actor, Permission.PIPELINE_SEE):
        return false()
    over = (VacancyStatus.CLOSED.value, VacancyStatus.WITHDRAWN.value)
    shown = and_(
        Candidacy.person_id != actor.person_id,
        ~leads_the_candidate(actor.person_id),
        yes_stands(),
        ~keeps_away(Candidacy.person_id),
        or_(Candidacy.stage == Stage.IN_POST, still_a_candidate(Candidacy.person_id)),
        or_(
            Candidacy.stage != Stage.NOT_PROGRESSING,
            status_today(clock.today()).not_in(over),
        ),
    )
    if actor.role is Role.MANAGER:
        return and_(hires_for(actor), shown)
    return shown


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


def has_waited(today: date) -> ColumnElement[bool]:
    """`candidacy_rules.has_waited_too_long` in SQL; a test holds both to the same answers."""
    longest = {stage: date.fromordinal(today.toordinal() - days) for stage, days in PATIENCE.items()}
    too_long = or_(
        *(and_(Candidacy.stage == stage, Candidacy.stage_on < day) for stage, day in longest.items())
    )
    return and_(
        Candidacy.stage.in_(list(PATIENCE)),
        case((Candidacy.next_step_on.is_not(None), Candidacy.next_step_on < today), else_=too_long),
    )


def board_for(actor: Actor, chosen: PipelineFilter) -> list[Column]:
    """The board: each stage with its count and the cards that have waited longest. Four queries, whatever the size."""
    rows = (
        _rows(actor, chosen).where(Candidacy.stage.in_([one for one in Stage if one in _COLUMNS])).subquery()
    )
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
        for stage in _COLUMNS
    ]


_COLUMNS: tuple[Stage, ...] = tuple(Stage)[:8]


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


def vacancies_with_candidates(actor: Actor) -> list[tuple[UUID, str, str, int]]:
    """Id, title, reference and how many candidacies are under way, for the actor's vacancies with any."""
    live = [stage for stage in Stage if not stage.is_over]
    rows = session().execute(
        select(Vacancy.id, Vacancy.title, Vacancy.reference, func.count())
        .join(Candidacy, Candidacy.vacancy_id == Vacancy.id)
        .where(visible(actor), Candidacy.stage.in_(live))
        .group_by(Vacancy.id, Vacancy.title, Vacancy.reference)
        .order_by(Vacancy.title, Vacancy.reference)
        .limit(100)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def candidacy_visible_to(actor: Actor, candidacy_id: UUID) -> CandidacyView | None:
    """One candidacy, or None for one that is not there and one the actor may not know of."""
    found = (
        session()
        .execute(
            select(Candidacy, Vacancy, VacancyHiring.anonymous, Team.name)
            .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
            .outerjoin(VacancyHiring, VacancyHiring.vacancy_id == Candidacy.vacancy_id)
            .outerjoin(Team, Team.id == Vacancy.team_id)
            .where(Candidacy.id == candidacy_id, visible(actor))
        )
        .first()
    )
    if found is None:
        return None
    row, vacancy, anonymous, team = found
    hidden = is_anonymous(row.stage, bool(anonymous))
    named = None if hidden else _profile(row.person_id, ConsentPurpose.MANAGER)
    # HR needs to know who it is, and sees of their wishes what was given for being introduced: not the manager's.
    is_managers = actor.role is Role.MANAGER
    profile = named if hidden or is_managers else _profile(row.person_id, ConsentPurpose.INTRODUCE)
    today = clock.today()
    return CandidacyView(
        row.id,
        row.person_id,
        row.number,
        name_shown(named.name if named else None, row.number, row.stage, bool(anonymous)),
        hidden,
        profile,
        row.stage,
        row.stage_on,
        days_waited(row.stage_on, today),
        has_waited_too_long(row.stage, row.stage_on, today, row.next_step_on),
        row.wants_interview,
        row.meets_criteria,
        row.end_reason,
        row.end_text,
        row.next_step,
        row.next_step_on,
        row.version,
        vacancy.id,
        vacancy.title,
        vacancy.reference,
        vacancy.team_id,
        team or "",
        session().get(Interview, row.id),
        session().scalar(select(Offer.start_on).where(Offer.candidacy_id == row.id)),
    )


def _profile(person_id: UUID, purpose: ConsentPurpose) -> CandidateProfile | None:
    return next(iter(shown_profiles({person_id}, purpose)), None)


def happenings_of(actor: Actor, view: CandidacyView) -> list[Happening]:
    """What happened to a candidacy, newest first. The candidate's own name stays hidden where it is.

    Which check stands where is for who keeps checks (P4); a manager reads "clear" or "not yet" elsewhere.
    """
    shown = true() if may(actor, Permission.CHECK_KEEP) else CandidacyEvent.kind != EventKind.CHECK
    rows = session().execute(
        select(CandidacyEvent, Person)
        .outerjoin(Person, Person.id == CandidacyEvent.by_id)
        .where(CandidacyEvent.candidacy_id == view.id, shown)
        .order_by(CandidacyEvent.at.desc(), CandidacyEvent.id.desc())
        .limit(200)
    )
    return [
        Happening(
            event.at,
            event.kind.value,
            event.was,
            event.became,
            event.words,
            "" if person is None else view.name if person.id == view.person_id else name_of(person),
        )
        for event, person in rows
    ]


def notes_of(view: CandidacyView) -> list[Note]:
    """The notes about a candidacy, newest first."""
    rows = session().execute(
        select(CandidacyNote, Person)
        .join(Person, Person.id == CandidacyNote.by_id)
        .where(CandidacyNote.candidacy_id == view.id)
        .order_by(CandidacyNote.at.desc())
        .limit(200)
    )
    return [Note(note.at, name_of(person), note.text) for note, person in rows]


def help_asked(actor: Actor, view: CandidacyView) -> str:
    """What the candidate asks for on the day. For the interviewer alone, and only once there is a shortlist."""
    if actor.role is not Role.MANAGER or view.stage not in (Stage.SHORTLISTED, Stage.INTERVIEW):
        return ""
    found = session().get(InterviewHelp, view.id)
    return found.text if found else ""


def hiring_of(vacancy_id: UUID) -> VacancyHiring | None:
    """How a vacancy hires, where somebody has said."""
    return session().get(VacancyHiring, vacancy_id)


def waiting_for(actor: Actor) -> int:
    """How many candidacies have waited too long."""
    rows = _rows(actor, PipelineFilter(waiting=True)).subquery()
    return session().scalar(select(func.count()).select_from(rows)) or 0


@dataclass(frozen=True, slots=True)
class OwnCandidacy:
    """A candidacy as the candidate sees it: every stage, and no reason, note or name they did not get."""

    id: UUID
    vacancy_id: UUID
    title: str
    stage: Stage
    stage_on: date
    next_step: str
    next_step_on: date | None
    wants_interview: bool
    reference: str
    interview: Interview | None
    help: str
    checks_to_go: int | None
    happenings: tuple[tuple[datetime, str], ...]


def own_candidacies(actor: Actor) -> list[OwnCandidacy]:
    """One's own candidacies, those under way first. Three queries."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return []
    s = session()
    rows = s.execute(
        select(Candidacy, Vacancy.title, Vacancy.reference, Interview, InterviewHelp.text)
        .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
        .outerjoin(Interview, Interview.candidacy_id == Candidacy.id)
        .outerjoin(InterviewHelp, InterviewHelp.candidacy_id == Candidacy.id)
        .where(Candidacy.person_id == actor.person_id)
        .order_by(Candidacy.opened_at.desc())
    ).all()
    cleared = s.execute(
        select(EmploymentCheck.candidacy_id, func.count())
        .where(
            EmploymentCheck.candidacy_id.in_([row[0].id for row in rows]),
            EmploymentCheck.state == CheckState.CLEAR,
        )
        .group_by(EmploymentCheck.candidacy_id)
    )
    clear = {row[0]: row[1] for row in cleared}
    moves: dict[UUID, list[tuple[datetime, str]]] = {}
    for event in s.scalars(
        select(CandidacyEvent)
        .where(
            CandidacyEvent.candidacy_id.in_([row[0].id for row in rows]),
            CandidacyEvent.kind.in_([EventKind.OPENED, EventKind.MOVED]),
        )
        .order_by(CandidacyEvent.at.desc())
    ):
        moves.setdefault(event.candidacy_id, []).append((event.at, event.became))
    found = [
        OwnCandidacy(
            row.id,
            row.vacancy_id,
            title,
            row.stage,
            row.stage_on,
            row.next_step,
            row.next_step_on,
            row.wants_interview,
            reference,
            meeting,
            asked or "",
            len(CheckKind) - clear.get(row.id, 0) if row.stage in WITH_OFFER else None,
            tuple(moves.get(row.id, ())),
        )
        for row, title, reference, meeting, asked in rows
    ]
    return sorted(found, key=lambda one: one.stage.is_over)


def declared_manager_of(actor: Actor) -> str:
    """The address one declared as one's line manager's."""
    found = session().get(DeclaredLineManager, actor.person_id) if actor.person_id else None
    return found.email if found else ""
