"""A kind of import, as the room that owns the data gives it, and the one way to run it.

All or nothing: the whole file is one transaction with one audit event, and any refusal undoes it. Only when
`accept_good_rows` is asked for are the refused lines left out and the rest applied.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.services import record
from recovery_college.imports.mapping import mapped, read_map
from recovery_college.imports.rules import (
    Checked,
    CheckedRow,
    Column,
    Refusal,
    Report,
    check_table,
    refused_lines,
)
from recovery_college.kernel.db import aside, broken_constraint, rehearsal, session, transaction
from recovery_college.kernel.statistics import MANY, count_tables
from recovery_college.kernel.tables import Table, TableProblem, read_table
from recovery_college.kernel.tables_out import Cell, Format, write_table

Options = Mapping[str, str]
log = structlog.get_logger(__name__)
_MEANWHILE = "Somebody changed the same entries while this was being imported. Import the file again"
COLUMNS_OPTION = "columns"
"""How the columns of a file are matched with ours; empty when it has ours."""
NO_OPTIONS: Options = MappingProxyType({})
MOST_ROWS_UPLOADED = 20_000
"""Of one upload: somebody waits for its check, and others for its import, about five seconds for so many rows."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `apply` did: rows made, changed and found as they are; rows it refuses; and what to tell.

    It may write what it can and refuse the rest: the caller undoes the writing whenever a row is refused.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: Sequence[Refusal] = ()
    warnings: Sequence[str] = ()


Apply = Callable[[Session, Actor, list[CheckedRow], Options], Outcome]


@dataclass(frozen=True, slots=True)
class ImportOption:
    """Something the person says about the file when uploading it; `choices` are (value, words)."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ImportKind:
    """What can be imported under one name ("students"), and how.

    `apply` writes through the session it is given and never commits; for the same rows it must do the same,
    because it is called again without the refused lines. In a dry run that session is a `Rehearsal`, which keeps
    the writing to itself: `apply` gives new rows their ids, and works out what it tells from what it read before.
    `read` turns a file that is no table into one; it returns None for a file it does not know, which is then read
    as a table. `also` are columns that only our own export has: they are taken where they stand, and the template
    does not offer them; `worked_out` names those that follow from the others and are passed over without a word.
    `seen_at` is the endpoint of the page that shows what was imported, and `seen_as` the words of the link to it.
    Where the rows make one thing together, such as a qualification, `rows_stand_alone` is false and
    good rows are never imported without the refused ones. `maps`: files of other systems are taken as well, whose
    columns a person matches with ours once for each system.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    apply: Apply
    permission: Permission
    note: str = ""
    read: Callable[[bytes, str, Options], Table | None] | None = None
    endings: tuple[str, ...] = (".csv", ".xlsx", ".ods")
    options: tuple[ImportOption, ...] = ()
    also: tuple[Column, ...] = ()
    worked_out: frozenset[str] = frozenset()
    seen_at: str = ""
    seen_as: str = ""
    rows_stand_alone: bool = True
    maps: bool = False


@dataclass(frozen=True, slots=True)
class ExportKind:
    """What goes out under one name, and how: rows for an actor, of one cohort (by its reference) or of all.

    `by_cohort` is false where rows belong to no cohort; then the reference is never given.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Callable[[Actor, str | None], Iterable[Sequence[Cell]]]
    permission: Permission
    by_cohort: bool = True


def run_export(kind: ExportKind, actor: Actor, form: Format, cohort_ref: str | None = None) -> bytes:
    """The file of one kind, put on the record before it leaves: who took out how many rows of what."""
    rows = list(kind.rows(actor, cohort_ref))
    content = write_table(form, kind.columns, rows)
    with aside() as s:
        record(s, actor, f"exported {kind.name}", "export", kind.name, rows=len(rows), all=cohort_ref is None)
    return content


class _Undo(Exception):
    """Leave the transaction without keeping it."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that was read, once. `is_matched`: a person may have to match its columns with ours."""

    table: Table
    is_matched: bool


def open_file(kind: ImportKind, content: bytes, file_name: str, options: Options = NO_OPTIONS) -> OpenedFile:
    """Read a file under its own column names. Raise TableProblem for one that is no table."""
    table = kind.read(content, file_name, options) if kind.read else None
    if table is not None:
        return OpenedFile(table, False)
    return OpenedFile(read_table(content, file_name, of_others=kind.maps), kind.maps)


def table_of(kind: ImportKind, opened: OpenedFile, options: Options = NO_OPTIONS) -> Table:
    """The rows of an opened file under our column names, as far as they were matched."""
    chosen = read_map(options.get(COLUMNS_OPTION, "")) if opened.is_matched else None
    return mapped(opened.table, chosen, kind.columns) if chosen else opened.table


def read_file(kind: ImportKind, content: bytes, file_name: str, options: Options = NO_OPTIONS) -> Table:
    """Read a file of this kind. Raise TableProblem for one that is no table."""
    return table_of(kind, open_file(kind, content, file_name, options), options)


def check_file(kind: ImportKind, table: Table) -> Checked:
    """Read every cell of a table of this kind."""
    return check_table(table, (*kind.columns, *kind.also), kind.key, kind.worked_out)


def run_import(
    kind: ImportKind,
    actor: Actor,
    content: bytes,
    file_name: str,
    *,
    dry_run: bool = False,
    accept_good_rows: bool = False,
    options: Options = NO_OPTIONS,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Import a file, or with `dry_run` find out what importing it would do. Call it outside any transaction.

    Without `accept_good_rows` one refusal means nothing is imported (a dry run still counts what the good rows
    would do). `ok` is false whenever a row was refused, even if the good rows were imported; the console then
    exits with 1. A file that is no table is one refusal, at the line 0 of no column. `tell` hears how far it is.
    """
    try:
        table = read_file(kind, content, file_name, options)
    except TableProblem as problem:
        return Report(False, refused=(Refusal(0, "", file_name, str(problem)),))
    tell(f"{len(table.rows):,} rows read. Checking them ...")
    checked = check_file(kind, table)
    tell(f"{len(checked.rows):,} rows are good so far. {'Trying' if dry_run else 'Importing'} them ...")
    return run_checked(
        kind, actor, checked, dry_run=dry_run, accept_good_rows=accept_good_rows, options=options
    )


def run_checked(
    kind: ImportKind,
    actor: Actor,
    checked: Checked,
    *,
    dry_run: bool = False,
    accept_good_rows: bool = False,
    options: Options = NO_OPTIONS,
) -> Report:
    """The same for a file that is read and checked already."""
    if session().info.get("in_transaction"):
        raise RuntimeError("an import is a transaction of its own: inside another one it could not be undone")
    refusals = list(checked.refusals)
    # Of one thing made of all its rows, the rest without the refused ones is another thing, or none at all.
    rows = checked.rows if kind.rows_stand_alone or not refusals else []
    accept_good_rows = accept_good_rows and kind.rows_stand_alone
    while True:
        outcome, kept = _try(kind, actor, rows, refusals, dry_run, accept_good_rows, options)
        refusals += outcome.refusals
        bad = refused_lines(outcome.refusals)
        left = [row for row in rows if row.line not in bad]
        may_go_on = accept_good_rows or (dry_run and kind.rows_stand_alone)
        if kept or not outcome.refusals or not may_go_on or len(left) == len(rows):
            break
        rows = left
    if kept and len(rows) >= MANY:
        count_tables()
    nothing_done = not kept and not dry_run
    counts = Outcome() if nothing_done or outcome.refusals else outcome
    return Report(
        not refusals,
        counts.created,
        counts.updated,
        counts.unchanged,
        tuple(sorted(refusals, key=lambda one: one.line)),
        tuple(dict.fromkeys([*checked.warnings, *outcome.warnings])),
    )


def _try(
    kind: ImportKind,
    actor: Actor,
    rows: list[CheckedRow],
    refusals: list[Refusal],
    dry_run: bool,
    accept_good_rows: bool,
    options: Options,
) -> tuple[Outcome, bool]:
    """Apply the rows in one transaction; say what came of it and whether it was kept.

    A dry run is rehearsed: it holds no lock, so others save meanwhile, and the import itself looks at everything
    again inside its own transaction.
    """
    outcome = Outcome()
    if dry_run:
        if rows:
            with rehearsal() as apart:
                outcome = kind.apply(apart, actor, rows, options)
        return outcome, False
    try:
        with transaction() as s:
            # Lines that belong together may be refused together, so good rows are only those applied without
            # any refusal: with one, everything is undone and tried again without the lines refused.
            outcome = kind.apply(s, actor, rows, options) if rows else outcome
            s.flush()
            if outcome.refusals or (refusals and not accept_good_rows):
                raise _Undo
            if outcome.created or outcome.updated:
                record(
                    s,
                    actor,
                    f"imported {kind.name}",
                    "import",
                    kind.name,
                    created=outcome.created,
                    updated=outcome.updated,
                    unchanged=outcome.unchanged,
                    refused=len(refused_lines(refusals)),
                )
    except _Undo:
        return outcome, False
    except IntegrityError as error:
        log.warning("import_met_another_change", kind=kind.name, constraint=broken_constraint(error))
        return Outcome(refusals=[Refusal(0, "", "", _MEANWHILE)]), False
    return outcome, True
