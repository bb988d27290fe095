"""What the database knows of the vacancies, teams and managers that given rows speak of: read once, in chunks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band, in_order
from recovery_college.careers.look_alike_rules import NEAR, Facts, alike_among
from recovery_college.careers.models import Consideration, Directorate, Team, Vacancy, VacancyBand
from recovery_college.careers.rules import VacancySource
from recovery_college.careers.vacancy_row import GivenVacancy
from recovery_college.people.models import Account, RoleGrant

Item = TypeVar("Item")
CHUNK = 2_000
MOST_NAMED = 20
"""Look-alikes and names that are told one by one; more are counted."""

_FACTS = tuple(
    column.key
    for column in Vacancy.__table__.columns
    if column.key not in ("id", "version", "created_at", "updated_at")
)


@dataclass
class Known:
    """What was found, by the words the rows use."""

    by_reference: dict[str, Vacancy]
    by_source_id: dict[str, Vacancy]
    bands: dict[UUID, tuple[Band, ...]]
    live: dict[UUID, Consideration]
    considered_on: dict[UUID, date]
    teams: dict[str, Team]
    team_names: dict[UUID, str]
    directorates: dict[str, Directorate]
    managers: dict[str, UUID]


def what_is_known(s: Session, given: Sequence[GivenVacancy]) -> Known:
    """Read everything the rows speak of. The number of queries grows with the chunks, not with the rows."""
    vacancies: dict[UUID, Vacancy] = {}
    references = {row.reference for row in given} | {row.source_id for row in given if row.source_id}
    for chunk in _chunks(references):
        statement = select(Vacancy).where(Vacancy.reference.in_(chunk)).order_by(Vacancy.id)
        for found in s.scalars(statement.with_for_update()):
            vacancies[found.id] = found
    for chunk in _chunks({row.source_id for row in given if row.source_id}):
        statement = select(Vacancy).where(
            Vacancy.source == VacancySource.NHS_JOBS, Vacancy.source_id.in_(chunk)
        )
        for found in s.scalars(statement.order_by(Vacancy.id).with_for_update()):
            vacancies[found.id] = found
    bands: dict[UUID, list[Band]] = {}
    live: dict[UUID, Consideration] = {}
    considered_on: dict[UUID, date] = {}
    for ids in _chunks(vacancies):
        for vacancy_id, band in s.execute(
            select(VacancyBand.vacancy_id, VacancyBand.band).where(VacancyBand.vacancy_id.in_(ids))
        ):
            bands.setdefault(vacancy_id, []).append(band)
        for one in s.scalars(select(Consideration).where(Consideration.vacancy_id.in_(ids))):
            if one.superseded_at is None:
                live[one.vacancy_id] = one
            considered_on[one.vacancy_id] = min(
                one.decided_on, considered_on.get(one.vacancy_id, one.decided_on)
            )
    teams = list(s.scalars(select(Team)))
    return Known(
        {each.reference: each for each in vacancies.values()},
        {each.source_id: each for each in vacancies.values() if each.source_id},
        {vacancy_id: in_order(found_bands) for vacancy_id, found_bands in bands.items()},
        live,
        considered_on,
        {team.name.casefold(): team for team in teams},
        {team.id: team.name for team in teams},
        {each.name.casefold(): each for each in s.scalars(select(Directorate))},
        managers_by_email(s, {str(row.said.get("manager_email") or "") for row in given} - {""})
        | managers_by_email(s, {each.manager_email for each in vacancies.values()} - {""}),
    )


def managers_by_email(s: Session, addresses: Iterable[str]) -> dict[str, UUID]:
    """The persons who are recruiting managers now, by the addresses of their open accounts."""
    found: dict[str, UUID] = {}
    for chunk in _chunks({address.casefold() for address in addresses}):
        rows = s.execute(
            select(Account.email, Account.person_id)
            .join(RoleGrant, RoleGrant.person_id == Account.person_id)
            .where(
                Account.email.in_(chunk),
                Account.closed_at.is_(None),
                RoleGrant.role == Role.MANAGER,
                RoleGrant.ended_at.is_(None),
            )
        )
        for address, person_id in rows:
            found[address] = person_id
    return found


def facts_of(vacancy: Vacancy) -> dict[str, Any]:
    """The columns of a vacancy that say something about it, to compare before and after."""
    return {name: getattr(vacancy, name) for name in _FACTS}


def look_alikes(s: Session, rows: Sequence[dict[str, Any]], team_names: dict[UUID, str]) -> list[str]:
    """Say which new vacancies look like another one: shown, never merged."""
    new = {row["reference"]: row for row in rows if row["closes_on"] is not None}
    if not new:
        return []
    days = {row["closes_on"] for row in new.values()}
    columns = (Vacancy.reference, Vacancy.title, Vacancy.team_id, Vacancy.site, Vacancy.closes_on)
    near = s.execute(select(*columns).where(Vacancy.closes_on.between(min(days) - NEAR, max(days) + NEAR)))
    compared = {
        reference: Facts(reference, title, team_id, site, closes_on)
        for reference, title, team_id, site, closes_on in near
        if closes_on is not None
    }
    for reference, row in new.items():  # in a rehearsal they are not stored
        compared[reference] = Facts(
            reference, row["title"], row["team_id"], row.get("site") or "", row["closes_on"]
        )
    group_of = {str(one.key): group for group in alike_among(compared.values()) for one in group}
    told: list[str] = []
    count = 0
    for reference, row in new.items():
        if reference not in group_of:
            continue
        count += 1
        if count <= MOST_NAMED:
            alike = sorted(str(one.key) for one in group_of[reference] if one.key != reference)
            team = team_names.get(row["team_id"], "no team named")
            told.append(
                f"{reference} looks like {named(alike)}: {row['title']}, {team}, closing within a week"
            )
    return (
        [*told, f"and {count - MOST_NAMED:,} more look like another vacancy"] if count > MOST_NAMED else told
    )


def named(names: Sequence[str]) -> str:
    """The names, the first twenty of them."""
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    known = list(items)
    for start in range(0, len(known), CHUNK):
        yield known[start : start + CHUNK]
