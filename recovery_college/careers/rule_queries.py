"""Reading the versions of the band rule, and what a draft of the next one would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.band_rule import rule_of_today, stored_rules
from recovery_college.careers.bands import Band
from recovery_college.careers.models import Vacancy, VacancyBand
from recovery_college.careers.rule_draft import AskedVacancy, Preview, RuleDraft, preview_of
from recovery_college.careers.rule_models import PswRuleNote
from recovery_college.careers.rules import RuleVersion, VacancyStatus
from recovery_college.careers.vacancy_list import name_of, status_today, visible
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person


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
    statement = select(Vacancy.rule_version, func.count(Vacancy.id)).group_by(Vacancy.rule_version)
    return {version: number for version, number in session().execute(statement) if version is not None}


def preview_for(actor: Actor, draft: RuleDraft) -> Preview | None:
    """What the draft would flag that the newest version does not, and the other way round; HR only."""
    if not may(actor, Permission.VACANCY_EDIT):
        return None
    stored = stored_rules(session())
    latest = stored[max(stored)].rule
    return preview_of(latest, draft.as_version(latest.version + 1), _asked(actor))


def _asked(actor: Actor) -> Iterator[AskedVacancy]:
    """Every vacancy the actor may know of, as the rule sees it; what HR set by hand stays out of it."""
    s, today = session(), clock.today()
    bands: dict[object, list[Band]] = {}
    for vacancy_id, band in s.execute(select(VacancyBand.vacancy_id, VacancyBand.band)):
        bands.setdefault(vacancy_id, []).append(band)
    over = (VacancyStatus.CLOSED.value, VacancyStatus.WITHDRAWN.value)
    statement = select(Vacancy.id, Vacancy.title, Vacancy.band_source, status_today(today)).where(
        visible(actor, today), Vacancy.flag_overridden == ""
    )
    for vacancy_id, title, source, status in s.execute(statement):
        found = bands.get(vacancy_id, ())
        yield AskedVacancy(vacancy_id, title, tuple(sorted(found)), source, status in over)
