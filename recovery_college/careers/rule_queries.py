"""Reading the versions of the band rule, and what a draft of the next one would change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, false, func, literal, or_, select, true
from sqlalchemy import type_coerce as as_type

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.band_rule import rule_of_today, stored_rules
from recovery_college.careers.bands import Band
from recovery_college.careers.models import Vacancy, VacancyBand
from recovery_college.careers.rule_draft import Asked, Change, Preview, RuleDraft, looks_at_titles, preview_of
from recovery_college.careers.rule_models import PswRuleNote
from recovery_college.careers.rules import PswFlag, RuleVersion
from recovery_college.careers.vacancy_list import is_over_today, visible
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """One version as everybody in recruitment may read it; who wrote it is for HR and auditors."""

    rule: RuleVersion
    go_live_on: date | None
    is_today: bool
    is_to_come: bool
    why: str
    written_by: str
    written_at: datetime | None
    flagged: int | None


@dataclass(frozen=True, slots=True)
class ChangedVacancy:
    """A vacancy about which two versions differ."""

    id: UUID
    title: str
    bands: tuple[Band, ...]
    is_over: bool
    comes_in: bool


def rules_visible_to(actor: Actor) -> list[WrittenRule]:
    """Every version, newest first; none for who may not see vacancies."""
    if not may(actor, Permission.VACANCY_SEE):
        return []
    s, today = session(), clock.today()
    stored = stored_rules(s)
    now = rule_of_today(stored, today).rule.version
    notes = {
        note.version: (note, person)
        for note, person in s.execute(
            select(PswRuleNote, Person).join(Person, Person.id == PswRuleNote.written_by)
        )
    }
    sees_more = may(actor, Permission.VACANCY_EDIT) or may(actor, Permission.AUDIT_SEE)
    flagged = _flagged_by_version() if sees_more else {}
    rows = []
    for version in sorted(stored, reverse=True):
        note, person = notes.get(version, (None, None))
        rows.append(
            WrittenRule(
                rule=stored[version].rule,
                go_live_on=stored[version].go_live_on,
                is_today=version == now,
                is_to_come=stored[version].rule.valid_from > today,
                why=note.why if note else "",
                written_by=name_of(person) if sees_more else "",
                written_at=note.written_at if note and sees_more else None,
                flagged=flagged.get(version, 0) if sees_more else None,
            )
        )
    return rows


def _flagged_by_version() -> dict[int, int]:
    flagged = select(Vacancy.rule_version, func.count(Vacancy.id)).where(Vacancy.flag == PswFlag.YES)
    statement = flagged.group_by(Vacancy.rule_version)
    return {version: number for version, number in session().execute(statement) if version is not None}


def preview_for(actor: Actor, draft: RuleDraft) -> Preview | None:
    """What the draft would flag that the newest version does not, and the other way round; HR only."""
    if not may(actor, Permission.VACANCY_EDIT):
        return None
    stored = stored_rules(session())
    latest = stored[max(stored)].rule
    following = draft.as_version(latest.version + 1)
    return preview_of(latest, following, _asked(actor, looks_at_titles(latest, following)))


def changed_vacancies(actor: Actor, changes: Sequence[Change], most: int) -> list[ChangedVacancy]:
    """Some of the vacancies about which two versions differ, open ones first: at most so many."""
    if not may(actor, Permission.VACANCY_EDIT) or not changes:
        return []
    found: list[ChangedVacancy] = []
    today = clock.today()
    bands, over = _bands_as_number(), _is_over(today)
    for is_over, comes_in in ((False, True), (False, False), (True, True), (True, False)):
        kinds = [one.asked for one in changes if (one.asked.is_over, one.comes_in) == (is_over, comes_in)][
            :most
        ]
        if not kinds or len(found) >= most:
            continue
        alike = or_(
            *(
                and_(
                    func.coalesce(bands.c.bands, 0) == _as_number(kind.bands),
                    Vacancy.band_source == kind.band_source,
                    Vacancy.title == kind.title if kind.title else true(),
                )
                for kind in kinds
            )
        )
        statement = (
            select(Vacancy.id, Vacancy.title, bands.c.bands)
            .outerjoin(bands, bands.c.vacancy_id == Vacancy.id)
            .where(visible(actor, today), Vacancy.flag_overridden == "", over == is_over, alike)
            .order_by(Vacancy.posted_on.desc(), Vacancy.id)
            .limit(most - len(found))
        )
        found += [
            ChangedVacancy(vacancy_id, title, _as_bands(number or 0), is_over, comes_in)
            for vacancy_id, title, number in session().execute(statement)
        ]
    return found


def _asked(actor: Actor, by_title: bool) -> Iterator[Asked]:
    """Every vacancy the actor may know of, counted by what a rule looks at; what HR set by hand stays out of it."""
    today = clock.today()
    bands = _bands_as_number()
    what: list[Any] = [
        Vacancy.title if by_title else literal(""),
        func.coalesce(bands.c.bands, 0),
        as_type(Vacancy.band_source, Vacancy.band_source.type),
        _is_over(today),
    ]
    statement = (
        select(*what, func.count())
        .select_from(Vacancy)
        .outerjoin(bands, bands.c.vacancy_id == Vacancy.id)
        .where(visible(actor, today), Vacancy.flag_overridden == "")
        .group_by(*(what if by_title else what[1:]))
    )
    for row in session().execute(statement):
        title, number, source, is_over, count = tuple(row)
        yield Asked(title, _as_bands(number), source, bool(is_over), count)


def _bands_as_number() -> Subquery:
    """Each vacancy's bands as one number, a binary place a band: quick to group by, whatever the database."""
    place = case(*((VacancyBand.band == band, 1 << band.rank) for band in Band), else_=0)
    return (
        select(VacancyBand.vacancy_id, func.sum(place).label("bands"))
        .group_by(VacancyBand.vacancy_id)
        .subquery()
    )


def _as_bands(number: int) -> tuple[Band, ...]:
    return tuple(band for band in Band if int(number) >> band.rank & 1)


def _as_number(bands: Sequence[Band]) -> int:
    return sum(1 << band.rank for band in bands)


def _is_over(today: date) -> ColumnElement[bool]:
    return case((is_over_today(today), true()), else_=false())
