"""`export vacancies` and `export considerations`: the columns of the contract, rows for an actor."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.bands import BandSource
from recovery_college.careers.models import Consideration, ConsiderationReason, Vacancy
from recovery_college.careers.queries import all_vacancies
from recovery_college.careers.vacancy_list import DECIDER, VacancyRow, joined, visible
from recovery_college.careers.vacancy_row import ALSO, NAMES, WORKED_OUT
from recovery_college.imports.kind import ExportKind
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.tables_out import Cell
from recovery_college.kernel.wording import in_london
from recovery_college.people.queries import name_of

VACANCY_COLUMNS: tuple[str, ...] = (
    *NAMES,
    *(column.name for column in ALSO),
    *WORKED_OUT,
)
CONSIDERATION_COLUMNS: tuple[str, ...] = (
    "reference",
    "title",
    "bands",
    "weekly_hours",
    "team",
    "setting",
    "answer",
    "reason",
    "reason_text",
    "considered_on",
    "considered_by",
    "due_on",
    "on_time",
    "rule_version",
    "live",
    "superseded_on",
    "superseded_why",
    "returned_on",
    "returned_why",
)


def may_export(actor: Actor) -> bool:
    """Whether the actor exports vacancies: the console, HR, and managers their own."""
    return actor.person_id is None or may(actor, Permission.VACANCY_EXPORT)


def export_vacancies(actor: Actor) -> tuple[Sequence[str], Iterator[Sequence[Cell]]]:
    """The header and a row a vacancy; what can be imported comes out so that it goes in unchanged."""
    rows = all_vacancies(actor) if may_export(actor) else []
    return VACANCY_COLUMNS, (_vacancy_cells(row) for row in rows)


def export_considerations(actor: Actor) -> tuple[Sequence[str], Iterator[Sequence[Cell]]]:
    """The header and a row for every answer ever given, with the vacancy as it was then."""
    if not may_export(actor):
        return CONSIDERATION_COLUMNS, iter(())
    statement = (
        joined(
            select(Consideration, Vacancy.reference, DECIDER, ConsiderationReason.words).select_from(Vacancy)
        )
        .join(Consideration, Consideration.vacancy_id == Vacancy.id)
        .join(DECIDER, DECIDER.id == Consideration.decided_by)
        .outerjoin(ConsiderationReason, ConsiderationReason.code == Consideration.reason_code)
        .where(visible(actor, clock.today()))
        .order_by(Vacancy.reference, Consideration.decided_at)
    )
    found = session().execute(statement).all()
    return CONSIDERATION_COLUMNS, (
        _consideration_cells(one, reference, name_of(decider), words or "")
        for one, reference, decider, words in found
    )


def _vacancy_cells(row: VacancyRow) -> list[Cell]:
    vacancy = row.vacancy
    read = vacancy.band_source is not BandSource.UNREADABLE
    band = vacancy.band_text or (row.bands_in_words if vacancy.band_source is BandSource.BAND_QUERIED else "")
    return [
        vacancy.reference,
        vacancy.title,
        band,
        _hours(vacancy),
        vacancy.service_area,
        vacancy.setting,
        vacancy.site,
        row.directorate,
        row.team,
        vacancy.employer,
        vacancy.contract,
        vacancy.posted_on,
        vacancy.closes_on,
        vacancy.manager_email,
        vacancy.url,
        vacancy.description,
        vacancy.source,
        row.status,
        ";".join(band.value for band in row.bands),
        read,
        vacancy.flag,
        vacancy.rule_version,
        why_of(vacancy),
        row.state,
        vacancy.consideration_due_on,
        row.advertised_before_considered,
        row.decided_on,
        row.decided_by,
        row.reason,
    ]


def why_of(vacancy: Vacancy) -> str:
    """Why the flag is as it is: the rule's sentence, and HR's reason where HR set it otherwise."""
    if vacancy.flag_overridden:
        return f"Set by HR: {vacancy.flag_overridden} (The rule said: {vacancy.why})"
    return vacancy.why


def _hours(vacancy: Vacancy) -> Cell:
    return vacancy.weekly_hours.normalize() if vacancy.weekly_hours is not None else None


def _consideration_cells(one: Consideration, reference: str, decider: str, words: str) -> list[Cell]:
    kept = one.snapshot
    return [
        reference,
        str(kept.get("title", "")),
        ";".join(kept.get("bands", ())),
        Decimal(kept["weekly_hours"]).normalize() if kept.get("weekly_hours") else None,
        str(kept.get("team") or ""),
        str(kept.get("setting") or ""),
        one.answer,
        words,
        one.reason_text,
        one.decided_on,
        decider,
        one.due_on,
        None if one.due_on is None else one.decided_on <= one.due_on,
        one.rule_version,
        one.superseded_at is None and one.returned_at is None,
        in_london(one.superseded_at).date() if one.superseded_at else None,
        one.superseded_why,
        in_london(one.returned_at).date() if one.returned_at else None,
        one.returned_why,
    ]


EXPORTS: Mapping[str, ExportKind] = {
    kind.name: kind
    for kind in (
        ExportKind(
            "vacancies",
            "Vacancies",
            VACANCY_COLUMNS,
            lambda actor, cohort_ref: export_vacancies(actor)[1],
            Permission.VACANCY_EXPORT,
            by_cohort=False,
        ),
        ExportKind(
            "considerations",
            "Considerations",
            CONSIDERATION_COLUMNS,
            lambda actor, cohort_ref: export_considerations(actor)[1],
            Permission.VACANCY_EXPORT,
            by_cohort=False,
        ),
    )
}
