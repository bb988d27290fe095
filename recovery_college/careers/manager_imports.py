"""`import managers`: who recruits, for which team, and who stands in for them. A file from HR confirms them.

It makes a person and an account that nobody can sign in to before HR hands out a one-time link.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.careers.deputy_models import Deputy, TeamManager
from recovery_college.careers.manager_services import link_waiting_deputies
from recovery_college.careers.models import Vacancy
from recovery_college.careers.team_intake import NamedTeams
from recovery_college.careers.vacancies import link_waiting_managers
from recovery_college.courses.imports.cells import name, one_line
from recovery_college.courses.imports.lookups import parts, refusal
from recovery_college.courses.imports.notes import Notes
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, email
from recovery_college.kernel import clock
from recovery_college.kernel.db import Rehearsal, add_rows
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.services import split_name


@dataclass
class _Known:
    """A manager, or somebody else with an account, as the database knows them."""

    person_id: UUID
    given_name: str = ""
    family_name: str = ""
    student_ref: str | None = None
    is_closed: bool = False
    roles: set[Role] = field(default_factory=set)
    teams: dict[UUID, UUID] = field(default_factory=dict)
    deputies: dict[str, UUID] = field(default_factory=dict)


@dataclass
class _Writes:
    """What is to be written, gathered: the number of statements does not grow with the rows."""

    people: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    renamed: list[dict[str, Any]] = field(default_factory=list)
    teams: list[dict[str, Any]] = field(default_factory=list)
    teams_ended: list[UUID] = field(default_factory=list)
    deputies: list[dict[str, Any]] = field(default_factory=list)
    deputies_ended: list[UUID] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)


def apply_managers(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a recruiting manager for each row. A column that is not in the file stays as it was."""
    known = _known(s, [row.values["email"] for row in rows])
    notes, refusals, writes = Notes(), list[Refusal](), _Writes()
    teams = NamedTeams(s)
    good = [row for row in rows if _is_good(row, known, actor, refusals)]
    teams.make(row.values["team"] for row in good if row.values["team"])
    confirmed = {address: one.person_id for address, one in known.items() if Role.MANAGER in one.roles}
    for row in good:
        address = row.values["email"]
        one = known.get(address)
        if one is None:
            one = known[address] = _new(row, writes, actor)
        else:
            _rename(row, one, writes, notes)
        if Role.MANAGER not in one.roles:
            _grant(one, writes, actor)
        confirmed[address] = one.person_id
        _lead_team(row, one, teams, writes)
    _deputies(s, good, known, confirmed, actor, writes, notes)
    waiting = _waiting_for(s, [row.values["email"] for row in good])
    _write(s, actor, writes, teams)
    if not isinstance(s, Rehearsal):
        link_waiting_managers(s, actor)
        link_waiting_deputies(s, [row.values["email"] for row in good])
    if waiting:
        word = "vacancy that waited for them has" if waiting == 1 else "vacancies that waited for them have"
        notes.add(f"{waiting:,} {word} a manager to ask now")
    made = {entry["id"] for entry in writes.people}
    updated = len(writes.changed - made)
    unchanged = len(good) - len(made) - updated
    return Outcome(len(made), updated, unchanged, refusals, [*teams.told(), *notes.sentences()])


def _is_good(row: CheckedRow, known: dict[str, _Known], actor: Actor, refusals: list[Refusal]) -> bool:
    one = known.get(row.values["email"])
    if one is None and not row.values["name"]:
        refusals.append(refusal(row, "name", "Add the name: nobody signs in with this address yet"))
    elif one is not None and one.is_closed:
        refusals.append(refusal(row, "email", "This account is closed. Ask the system administrator"))
    elif one is not None and one.person_id == actor.person_id and Role.MANAGER not in one.roles:
        refusals.append(refusal(row, "email", "You cannot give a role to yourself. Ask another person"))
    elif row.values["deputy_email"] == row.values["email"]:
        refusals.append(refusal(row, "deputy_email", "Name somebody else: nobody is their own deputy"))
    else:
        return True
    return False


def _known(s: Session, addresses: Collection[str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    by_person: dict[UUID, _Known] = {}
    for part in parts(addresses):
        for address, closed_at, person in s.execute(
            select(Account.email, Account.closed_at, Person)
            .join(Person, Account.person_id == Person.id)
            .where(Account.email.in_(part))
        ):
            one = by_person.setdefault(
                person.id, _Known(person.id, person.given_name, person.family_name, person.student_ref)
            )
            one.is_closed = closed_at is not None
            found[address] = one
    for some in parts(by_person):
        for person_id, role in s.execute(
            select(RoleGrant.person_id, RoleGrant.role).where(
                RoleGrant.person_id.in_(some), RoleGrant.ended_at.is_(None)
            )
        ):
            by_person[person_id].roles.add(role)
        for row_id, person_id, team_id in s.execute(
            select(TeamManager.id, TeamManager.person_id, TeamManager.team_id).where(
                TeamManager.person_id.in_(some), TeamManager.ended_on.is_(None)
            )
        ):
            by_person[person_id].teams[team_id] = row_id
        for row_id, person_id, address in s.execute(
            select(Deputy.id, Deputy.manager_id, Deputy.deputy_email).where(
                Deputy.manager_id.in_(some), Deputy.ends_on.is_(None)
            )
        ):
            by_person[person_id].deputies[address] = row_id
    return found


def _new(row: CheckedRow, writes: _Writes, actor: Actor) -> _Known:
    given, family = split_name(row.values["name"])
    person_id, address, now = new_id(), row.values["email"], clock.now()
    writes.people.append(
        {
            "id": person_id,
            "given_name": given,
            "family_name": family,
            "email": address,
            "created_at": now,
            "is_made_up": False,
        }
    )
    writes.accounts.append({"id": new_id(), "person_id": person_id, "email": address, "created_at": now})
    writes.events.append(event_of(actor, "imported manager", "person", person_id))
    return _Known(person_id, given, family)


def _grant(one: _Known, writes: _Writes, actor: Actor) -> None:
    one.roles.add(Role.MANAGER)
    grant = {"person_id": one.person_id, "role": Role.MANAGER, "granted_at": clock.now()}
    writes.grants.append({"id": new_id(), **grant, "granted_by": actor.audit_id})
    writes.events.append(event_of(actor, "granted role", "person", one.person_id, role=Role.MANAGER.value))
    writes.changed.add(one.person_id)


def _rename(row: CheckedRow, one: _Known, writes: _Writes, notes: Notes) -> None:
    """A manager's name may be corrected here; of somebody who is known for something else it stays."""
    if not row.values["name"]:
        return
    given, family = split_name(row.values["name"])
    if (given, family) == (one.given_name, one.family_name):
        return
    if one.student_ref or one.roles - {Role.MANAGER}:
        notes.add("this person is known here under another name. It stays as it is", row.line)
        return
    one.given_name, one.family_name = given, family
    writes.renamed.append({"id": one.person_id, "given_name": given, "family_name": family})
    writes.changed.add(one.person_id)


def _lead_team(row: CheckedRow, one: _Known, teams: NamedTeams, writes: _Writes) -> None:
    if "team" not in row.raw:
        return
    wanted = teams.id_of(row.values["team"]) if row.values["team"] else None
    ended = [row_id for team_id, row_id in one.teams.items() if team_id != wanted]
    writes.teams_ended += ended
    if ended or (wanted is not None and wanted not in one.teams):
        writes.changed.add(one.person_id)
    if wanted is not None and wanted not in one.teams:
        writes.teams.append(
            {"id": new_id(), "team_id": wanted, "person_id": one.person_id, "since_on": clock.today()}
        )


def _deputies(
    s: Session,
    rows: Sequence[CheckedRow],
    known: dict[str, _Known],
    confirmed: dict[str, UUID],
    actor: Actor,
    writes: _Writes,
    notes: Notes,
) -> None:
    """Who stands in always, as the file says. A deputy for a leave is the manager's own affair and stays."""
    asked = [row for row in rows if "deputy_email" in row.raw]
    others = {row.values["deputy_email"] for row in asked} - {None} - set(confirmed)
    confirmed |= {
        address: one.person_id
        for address, one in _known(s, others).items()
        if Role.MANAGER in one.roles and not one.is_closed
    }
    for row in asked:
        one, wanted = known[row.values["email"]], row.values["deputy_email"]
        ended = [row_id for address, row_id in one.deputies.items() if address != wanted]
        writes.deputies_ended += ended
        if wanted and wanted not in one.deputies:
            writes.deputies.append(
                {
                    "id": new_id(),
                    "manager_id": one.person_id,
                    "deputy_email": wanted,
                    "deputy_id": confirmed.get(wanted),
                    "starts_on": clock.today(),
                    "given_by": actor.audit_id,
                    "given_at": clock.now(),
                }
            )
        if wanted and wanted not in confirmed:
            notes.add("the deputy is no recruiting manager yet. The address is kept and waits", row.line)
        if ended or (wanted and wanted not in one.deputies):
            writes.changed.add(one.person_id)
            writes.events.append(event_of(actor, "changed deputy", "person", one.person_id))


def _waiting_for(s: Session, addresses: Collection[str]) -> int:
    """How many vacancies came with one of these addresses and have nobody to ask."""
    return sum(
        s.scalar(
            select(func.count()).where(
                Vacancy.manager_id.is_(None), func.lower(Vacancy.manager_email).in_(part)
            )
        )
        or 0
        for part in parts(addresses)
    )


def _write(s: Session, actor: Actor, writes: _Writes, teams: NamedTeams) -> None:
    add_rows(s, Person, writes.people)
    add_rows(s, Account, writes.accounts)
    add_rows(s, RoleGrant, writes.grants)
    add_rows(s, TeamManager, writes.teams)
    add_rows(s, Deputy, writes.deputies)
    if writes.renamed:
        s.execute(update(Person), writes.renamed)
    today = clock.today()
    for model, column, ids in _ends(writes):
        s.execute(
            update(model)
            .where(model.id.in_(ids))
            .values({column: today})
            .execution_options(synchronize_session=False)
        )
    record_many(s, [*teams.events(actor), *writes.events])


def _ends(writes: _Writes) -> Iterator[tuple[Any, str, list[UUID]]]:
    for part in parts(writes.teams_ended):
        yield TeamManager, "ended_on", part
    for part in parts(writes.deputies_ended):
        yield Deputy, "ends_on", part


MANAGERS = ImportKind(
    name="managers",
    title="Recruiting managers",
    columns=(
        Column("email", email, required=True, help="The address they sign in with",
               example="ward.manager@example.nhs.uk"),
        Column("name", name("name"), help="Their whole name; needed for somebody who is new here",
               example="Morgan Ellis"),
        Column("team", one_line(120), help="The team they recruit for; made if it is not known yet",
               example="Ward S3"),
        Column("deputy_email", email, help="Who stands in for them, always; empty for nobody",
               example="deputy.manager@example.nhs.uk"),
    ),
    key=("email",),
    apply=apply_managers,
    permission=Permission.MANAGER_INVITE,
    note="One row for each manager. A column you leave out stays as it is; an empty cell empties it. "
    "Nobody can sign in until you give them a one-time link.",
    seen_at="careers.manager_list",
    seen_as="See the managers",
)  # fmt: skip
