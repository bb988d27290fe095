"""Rows of vacancies for an actor: who may know of which, where each stands today, all in one statement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    tuple_,
)
from sqlalchemy import type_coerce as as_type
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.band_rule import is_breach
from recovery_college.careers.bands import Band, bands_in_words, in_order
from recovery_college.careers.consideration import ConsiderationAnswer, ConsiderationState, working_days_left
from recovery_college.careers.deputy_facts import answers_for, is_their_manager
from recovery_college.careers.models import (
    Consideration,
    ConsiderationReason,
    Directorate,
    PswRule,
    Team,
    Vacancy,
    VacancyBand,
)
from recovery_college.careers.rules import OVER, PswFlag, VacancyStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import is_sqlite, session
from recovery_college.kernel.working_days import BankHolidaysNotKnown, england_bank_holidays
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

LIVE = aliased(Consideration)
MANAGER = aliased(Person)
DECIDER = aliased(Person)
LAST_DAY = date(9999, 12, 31)
_LETTERS = 3
_WORDS = table("vacancy_words", column("id", Integer), column("vacancy_id"))
_SEARCH = table("vacancy_search", column("rowid", Integer))
_PLAIN_WORDS = "regexp_replace(vacancy.title || ' ' || vacancy.reference, '[^[:alnum:]]+', ' ', 'g')"
_POSTGRESQL_WORDS: ColumnElement[Any] = literal_column(f"to_tsvector('simple', {_PLAIN_WORDS})")
_WELCOME = (ConsiderationAnswer.PSW_POST, ConsiderationAnswer.OPEN_TO_BOTH)


@dataclass(frozen=True, slots=True)
class VacancyRow:
    """A vacancy as somebody in recruitment sees it. What the actor may not see of the answer is not in it."""

    vacancy: Vacancy
    bands: tuple[Band, ...]
    team: str
    directorate: str
    manager: str
    status: VacancyStatus
    state: ConsiderationState | None
    advertised_before_considered: bool
    answer: ConsiderationAnswer | None
    reason: str
    decided_on: date | None
    decided_by: str
    returned_why: str
    days_left: int | None

    @property
    def bands_in_words(self) -> str:
        """The bands as people say them; empty when there are none."""
        return bands_in_words(self.bands)


def sees_answers(actor: Actor) -> bool:
    """Whether single answers may be seen; the console is the operator and exports them."""
    return actor.person_id is None or may(actor, Permission.CONSIDERATION_SEE)


def visible(actor: Actor, today: date) -> ColumnElement[bool]:
    """The vacancies this actor may know of: a manager's own, a student's open PSW posts, else all or none."""
    if may(actor, Permission.VACANCY_SEE):
        if actor.role is Role.MANAGER:
            return answers_for(actor, today)
        return true()
    if may(actor, Permission.PSW_POSTS_SEE):
        return is_open_to_peers(today)
    return false()


def is_open_to_peers(today: date) -> ColumnElement[bool]:
    """A post advertised now that its manager opened to peer support workers; over `joined`."""
    return and_(
        status_today(today) == VacancyStatus.ADVERTISED.value,
        LIVE.answer.in_(_WELCOME),
        LIVE.returned_at.is_(None),
        Vacancy.flag == PswFlag.YES,
    )


def decides(actor: Actor, vacancy: Vacancy) -> bool:
    """Whether this actor answers about the vacancy: it is theirs, or they stand in for its manager today."""
    return may(actor, Permission.CONSIDERATION_RECORD) and is_their_manager(actor, vacancy, clock.today())


def status_today(today: date) -> ColumnElement[str]:
    """`rules.status_on` in SQL; a test holds both to the same answers."""
    stored = as_type(Vacancy.status, String)
    return case(
        (Vacancy.status.in_(OVER), stored),
        (Vacancy.closes_on < today, VacancyStatus.CLOSED.value),
        (Vacancy.posted_on <= today, VacancyStatus.ADVERTISED.value),
        else_=stored,
    )


def is_over_today(today: date) -> ColumnElement[bool]:
    """`VacancyStatus.is_over` in SQL."""
    return status_today(today).in_([one.value for one in OVER])


def is_older_than_rule() -> ColumnElement[bool]:
    """`consideration.posted_before_rule` in SQL, never null."""
    return func.coalesce(Vacancy.posted_on < PswRule.go_live_on, False)


def state_today(today: date) -> ColumnElement[str]:
    """`consideration.consideration_state` in SQL; a test holds both to the same answers."""
    return case(
        (Vacancy.flag == PswFlag.NO, ConsiderationState.NOT_NEEDED.value),
        (Vacancy.flag == PswFlag.UNKNOWN, ConsiderationState.BAND_NEEDED.value),
        (and_(LIVE.id.is_not(None), LIVE.returned_at.is_(None)), as_type(LIVE.answer, String)),
        (is_older_than_rule(), ConsiderationState.BEFORE_THE_RULE.value),
        (is_over_today(today), ConsiderationState.CLOSED_UNDECIDED.value),
        (LIVE.returned_at.is_not(None), ConsiderationState.RETURNED.value),
        (Vacancy.consideration_due_on < today, ConsiderationState.OVERDUE.value),
        else_=ConsiderationState.DUE.value,
    )


def joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Join what the state depends on: the rule that flagged and the live answer."""
    return statement.outerjoin(PswRule, PswRule.version == Vacancy.rule_version).outerjoin(
        LIVE, and_(LIVE.vacancy_id == Vacancy.id, LIVE.superseded_at.is_(None))
    )


def rows_statement(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    """Everything a VacancyRow needs but its bands, for the vacancies the actor may know of."""
    first_on = (
        select(func.min(Consideration.decided_on))
        .where(Consideration.vacancy_id == Vacancy.id)
        .correlate(Vacancy)
        .scalar_subquery()
    )
    statement = select(
        Vacancy,
        LIVE,
        Team.name,
        Directorate.name,
        MANAGER,
        DECIDER,
        ConsiderationReason.words,
        PswRule.go_live_on,
        status_today(today),
        state_today(today),
        first_on,
    ).select_from(Vacancy)
    return (
        joined(statement)
        .outerjoin(Team, Team.id == Vacancy.team_id)
        .outerjoin(Directorate, Directorate.id == Vacancy.directorate_id)
        .outerjoin(MANAGER, MANAGER.id == Vacancy.manager_id)
        .outerjoin(DECIDER, DECIDER.id == LIVE.decided_by)
        .outerjoin(ConsiderationReason, ConsiderationReason.code == LIVE.reason_code)
        .where(visible(actor, today))
    )


def rows_of(
    statement: Select[*tuple[Any, ...]], actor: Actor, today: date, *, all_bands: bool = False
) -> list[VacancyRow]:
    """Run a rows_statement: two queries, however many rows. `all_bands` reads every band, for long lists."""
    found = session().execute(statement).all()
    bands = _bands(None if all_bands else [record[0].id for record in found])
    return [_row(record, bands.get(record[0].id, ()), actor, today) for record in found]


def due_or_last() -> ColumnElement[date]:
    """The day of the deadline to sort by; without one comes last."""
    return func.coalesce(Vacancy.consideration_due_on, literal(LAST_DAY, Date))


def newest_first(
    statement: Select[*tuple[Any, ...]], actor: Actor, today: date, mark: str, count: int
) -> list[VacancyRow]:
    """So many rows after a page's last one, newest first. An unreadable mark is the first page.

    What is not posted yet comes first. Both parts are read from their index, so a deep page costs what the first does.
    """
    day, vacancy_id = _mark(mark) or (LAST_DAY, None)
    rows: list[VacancyRow] = []
    if day == LAST_DAY:
        drafts = statement.where(Vacancy.posted_on.is_(None), _before(Vacancy.id, vacancy_id))
        rows = rows_of(drafts.order_by(Vacancy.id.desc()).limit(count), actor, today)
        vacancy_id = None
    if len(rows) < count:
        last = tuple_(literal(day, Date), literal(vacancy_id, Vacancy.id.type)) if vacancy_id else None
        posted = (
            Vacancy.posted_on.is_not(None) if last is None else tuple_(Vacancy.posted_on, Vacancy.id) < last
        )
        older = statement.where(posted).order_by(Vacancy.posted_on.desc(), Vacancy.id.desc())
        rows += rows_of(older.limit(count - len(rows)), actor, today)
    return rows


def found_newest_first(
    conditions: Sequence[ColumnElement[bool]], actor: Actor, today: date, mark: str, count: int
) -> list[VacancyRow]:
    """The same where words are looked for: the few that hold them are sorted by themselves, then read."""
    day, vacancy_id = _mark(mark) or (LAST_DAY, None)
    posted = func.coalesce(Vacancy.posted_on, literal(LAST_DAY, Date))
    after: ColumnElement[bool] = true()
    if vacancy_id is not None:
        after = tuple_(posted, Vacancy.id) < tuple_(literal(day, Date), literal(vacancy_id, Vacancy.id.type))
    narrow = joined(select(Vacancy.id).select_from(Vacancy)).where(visible(actor, today), *conditions, after)
    ids = list(session().scalars(narrow.order_by(posted.desc(), Vacancy.id.desc()).limit(count)))
    rows = rows_of(rows_statement(actor, today).where(Vacancy.id.in_(ids)), actor, today) if ids else []
    place = {one: number for number, one in enumerate(ids)}
    return sorted(rows, key=lambda row: place[row.vacancy.id])


def _before(column_of: Any, value: UUID | None) -> ColumnElement[bool]:
    return true() if value is None else column_of < value


def after_mark(mark: str) -> ColumnElement[bool]:
    """Rows after a page's last one, the nearest deadline first."""
    read = _mark(mark)
    if read is None:
        return true()
    day, vacancy_id = read
    return or_(due_or_last() > day, and_(due_or_last() == day, Vacancy.id > vacancy_id))


def mark_of(day: date | None, vacancy_id: UUID) -> str:
    """The place of a row in a list, for the address of the next page."""
    return f"{(day or LAST_DAY).isoformat()}_{vacancy_id.hex}"


def words_match(words: str) -> ColumnElement[bool]:
    """Title, reference or team hold the words, in any case; found by an index, not by reading every vacancy.

    On SQLite any part of a title or reference is found, from three letters on; on PostgreSQL, words by their
    beginnings. Of teams there are few.
    """
    of_team = select(Team.id).where(Team.name.icontains(words, autoescape=True))
    return or_(Vacancy.id.in_(_ids_with_words(words)), Vacancy.team_id.in_(of_team))


def _ids_with_words(words: str) -> Select[UUID]:
    """The ids of vacancies whose title or reference holds the words."""
    if not is_sqlite(session().connection()):
        parts = re.findall(r"[^\W_]+", words)
        if parts:
            asked = func.to_tsquery("simple", " & ".join(f"{part}:*" for part in parts))
            return select(Vacancy.id).where(_POSTGRESQL_WORDS.bool_op("@@")(asked))
    elif len(words) >= _LETTERS and "\0" not in words:
        phrase = '"' + words.replace('"', '""') + '"'
        found = select(_SEARCH.c.rowid).where(text("vacancy_search MATCH :phrase").bindparams(phrase=phrase))
        return select(as_type(_WORDS.c.vacancy_id, Vacancy.id.type)).where(_WORDS.c.id.in_(found))
    held = (column.icontains(words, autoescape=True) for column in (Vacancy.title, Vacancy.reference))
    return select(Vacancy.id).where(or_(*held))


def _mark(mark: str) -> tuple[date, UUID] | None:
    day, _, rest = mark.partition("_")
    try:
        return date.fromisoformat(day), UUID(hex=rest)
    except ValueError:
        return None


def _bands(vacancy_ids: Sequence[UUID] | None) -> dict[UUID, tuple[Band, ...]]:
    statement = select(VacancyBand.vacancy_id, VacancyBand.band)
    if vacancy_ids is not None:
        statement = statement.where(VacancyBand.vacancy_id.in_(vacancy_ids))
    found: dict[UUID, list[Band]] = {}
    for vacancy_id, band in session().execute(statement):
        found.setdefault(vacancy_id, []).append(band)
    return {vacancy_id: in_order(bands) for vacancy_id, bands in found.items()}


def _row(record: Any, bands: tuple[Band, ...], actor: Actor, today: date) -> VacancyRow:
    vacancy, live, team, directorate, manager, decider, words, go_live_on, status, state, first_on = record
    now, shown = VacancyStatus(status), sees_answers(actor)
    stands = ConsiderationState(state)
    decided = live if shown and live is not None and live.returned_at is None else None
    breach = is_breach(vacancy.flag, now, vacancy.posted_on, go_live_on, first_on, today)
    return VacancyRow(
        vacancy=vacancy,
        bands=bands,
        team=team or "",
        directorate=directorate or "",
        manager=name_of(manager),
        status=now,
        state=stands if shown else None,
        advertised_before_considered=vacancy.advertised_before_considered or breach,
        answer=decided.answer if decided else None,
        reason=(decided.reason_text or words or "") if decided else "",
        decided_on=decided.decided_on if decided else None,
        decided_by=name_of(decider) if decided else "",
        returned_why=live.returned_why if shown and live is not None and live.returned_at else "",
        days_left=_days_left(vacancy.consideration_due_on, today) if stands.waits_for_manager else None,
    )


def _days_left(due_on: date | None, today: date) -> int | None:
    if due_on is None:
        return None
    try:
        return working_days_left(today, due_on, england_bank_holidays())
    except BankHolidaysNotKnown:
        return None
