"""The systems files come from: how their columns are matched, remembered by name, and what became of each file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, may
from recovery_college.audit.services import record
from recovery_college.imports.kind import COLUMNS_OPTION, ImportKind
from recovery_college.imports.mapping import LONGEST_NAME, ColumnMap
from recovery_college.imports.models import ImportAttempt, ImportSource
from recovery_college.imports.rules import Report, refused_lines
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction

SOURCE_OPTION = "source"
ATTEMPTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Attempt:
    """One file of a source and what became of it."""

    at: datetime
    file_name: str
    created: int
    updated: int
    unchanged: int
    refused: int
    was_imported: bool
    trouble: str


@dataclass(frozen=True, slots=True)
class Source:
    """A system files come from, and how it stands."""

    id: UUID
    name: str
    columns: ColumnMap
    files: int
    imported: int
    refused_files: int
    refused_rows: int
    last_at: datetime | None


def sources_of(actor: Actor, kind: ImportKind, source_id: UUID | None = None) -> list[Source]:
    """The sources of a kind in the order of their names, or just one; none for who may not import it."""
    if actor.person_id is not None and not may(actor, kind.permission):
        return []
    s = session()
    counts = {
        row_id: (files, int(imported or 0), int(refused_files or 0), int(refused or 0), last)
        for row_id, files, imported, refused_files, refused, last in s.execute(
            select(
                ImportAttempt.source_id,
                func.count(),
                func.count(ImportAttempt.imported_at),
                func.count(func.nullif(ImportAttempt.trouble, "")),
                func.sum(ImportAttempt.refused),
                func.max(ImportAttempt.at),
            )
            .join(ImportSource, ImportSource.id == ImportAttempt.source_id)
            .where(ImportSource.kind == kind.name)
            .group_by(ImportAttempt.source_id)
        )
    }
    statement = select(ImportSource).where(ImportSource.kind == kind.name)
    if source_id is not None:
        statement = statement.where(ImportSource.id == source_id)
    return [
        Source(row.id, row.name, _map_of(row), *counts.get(row.id, (0, 0, 0, 0, None)))
        for row in s.scalars(
            statement.order_by(ImportSource.name_key).execution_options(populate_existing=True)
        )
    ]


def source_named(actor: Actor, kind: ImportKind, name: str) -> Source | None:
    """The source of this name, in any case."""
    return next((one for one in sources_of(actor, kind) if _key(one.name) == _key(name)), None)


def attempts_of(source: Source) -> list[Attempt]:
    """The last files of a source, newest first."""
    statement = select(ImportAttempt).where(ImportAttempt.source_id == source.id)
    rows = session().scalars(statement.order_by(ImportAttempt.at.desc()).limit(ATTEMPTS_SHOWN))
    return [
        Attempt(
            row.at, row.file_name, row.created, row.updated, row.unchanged, row.refused,
            row.imported_at is not None, row.trouble,
        )
        for row in rows
    ]  # fmt: skip


def options_of(source: Source, options: Mapping[str, str]) -> dict[str, str]:
    """The options of a file of this source: what was asked, its name, and how its columns are matched."""
    return {**options, SOURCE_OPTION: str(source.id), COLUMNS_OPTION: source.columns.as_text()}


def keep_source(actor: Actor, kind: ImportKind, name: str, columns: ColumnMap) -> UUID:
    """Remember under a name how a system's columns are matched; the same name again is matched anew."""
    name = " ".join(name.split())[:LONGEST_NAME]
    with transaction() as s:
        row = s.scalar(
            select(ImportSource)
            .where(ImportSource.kind == kind.name, ImportSource.name_key == _key(name))
            .with_for_update()
        )
        if row is None:
            row = ImportSource(
                kind=kind.name, name=name, name_key=_key(name), columns={}, made_at=clock.now()
            )
            s.add(row)
        theirs = {"theirs": dict(columns.theirs), "day_first": columns.day_first}
        if row.columns != theirs:
            row.columns, row.updated_at = theirs, clock.now()
            s.flush()
            record(s, actor, "matched columns of a source", "import source", row.id, kind=kind.name)
        return row.id


def note_attempt(
    s: Session,
    source_id: UUID,
    file_name: str,
    report: Report | None,
    upload_id: UUID | None = None,
    trouble: str = "",
) -> ImportAttempt:
    """Count a file that was checked; `trouble` is why the file as a whole could not be read.

    An upload whose columns are matched again is still one file, of the source it was last matched for.
    """
    of_upload = select(ImportAttempt).where(ImportAttempt.upload_id == upload_id)
    attempt = s.scalar(of_upload) if upload_id else None
    if attempt is None:
        attempt = ImportAttempt(upload_id=upload_id)
        s.add(attempt)
    attempt.source_id, attempt.at = source_id, clock.now()
    attempt.file_name, attempt.trouble = file_name[:255], trouble[:500]
    _count(attempt, report)
    return attempt


def note_file(source: Source, file_name: str, report: Report, *, accept_good_rows: bool) -> None:
    """Count a file that was imported, or refused, at the console."""
    whole = next((one.reason for one in report.refused if one.line == 0), "")
    with transaction() as s:
        attempt = note_attempt(s, source.id, file_name, report, trouble=whole)
        if report.ok or (accept_good_rows and not whole):
            attempt.imported_at = clock.now()


def note_imported(s: Session, source_id: UUID, upload_id: UUID, report: Report) -> None:
    """Count that the file of an upload was imported, and what came of it."""
    attempt = s.scalar(select(ImportAttempt).where(ImportAttempt.upload_id == upload_id))
    if attempt is not None and attempt.source_id == source_id:
        _count(attempt, report)
        attempt.imported_at = clock.now()


def _count(attempt: ImportAttempt, report: Report | None) -> None:
    attempt.created = report.created if report else 0
    attempt.updated = report.updated if report else 0
    attempt.unchanged = report.unchanged if report else 0
    attempt.refused = len(refused_lines(report.refused)) if report else 0


def _map_of(row: ImportSource) -> ColumnMap:
    kept = row.columns
    return ColumnMap({str(k): str(v) for k, v in kept["theirs"].items()}, bool(kept["day_first"]))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()[:LONGEST_NAME]
