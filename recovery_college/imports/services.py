"""Keeping an uploaded file between its check and its import."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from recovery_college.access.rules import Actor
from recovery_college.imports.kind import (
    COLUMNS_OPTION,
    MOST_ROWS_UPLOADED,
    ImportKind,
    OpenedFile,
    check_file,
    open_file,
    read_file,
    run_checked,
    table_of,
)
from recovery_college.imports.mapping import ColumnMap
from recovery_college.imports.models import ImportUpload
from recovery_college.imports.rules import Checked, Refusal, Report
from recovery_college.imports.source_services import SOURCE_OPTION, keep_source, note_attempt, note_imported
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.plain_text import clean_text
from recovery_college.kernel.storage import Storage, new_key
from recovery_college.kernel.tables import Table

FOLDER = "imports"
ROWS_SHOWN = 10
REFUSALS_SHOWN = 200
WARNINGS_SHOWN = 50
WAITS_DAYS = 7
"""How long a file waits to be imported; then it is forgotten, for it is full of people and nobody came back to it."""


class UploadProblem(ValueError):
    """The file cannot be taken at all; the sentence belongs at the file field."""


def keep_upload(
    storage: Storage,
    kind: ImportKind,
    actor: Actor,
    content: bytes,
    file_name: str,
    options: Mapping[str, str],
    opened: OpenedFile | None = None,
) -> UUID:
    """Check a file, find out what importing it would do, and keep both until the person decides.

    `opened` is its content where the caller has read it. Raise TableProblem for a file that is no table and
    UploadProblem for one of other columns or no rows.
    """
    opened = opened or open_file(kind, content, file_name, options)
    shown, report = _looked_at(kind, actor, table_of(kind, opened, options), options)
    return _keep(storage, kind, actor, content, file_name, options, shown, report)


def keep_to_match(
    storage: Storage,
    kind: ImportKind,
    actor: Actor,
    content: bytes,
    file_name: str,
    options: Mapping[str, str],
) -> UUID:
    """Keep a file of another system until a person has matched its columns."""
    return _keep(storage, kind, actor, content, file_name, options, None, None)


def match_upload(
    kind: ImportKind,
    actor: Actor,
    upload: ImportUpload,
    opened: OpenedFile,
    chosen: ColumnMap,
    source_name: str,
) -> None:
    """Check an upload under the columns chosen, and remember them when the source has a name.

    `opened` is its file as it was read. Raise UploadProblem when there is nothing to import.
    """
    options = {str(name): str(value) for name, value in upload.options.items()}
    options = {**options, SOURCE_OPTION: "", COLUMNS_OPTION: chosen.as_text()}
    shown, report = _looked_at(kind, actor, table_of(kind, opened, options), options)
    with transaction() as s:
        if source_name.strip():
            source_id = keep_source(actor, kind, source_name, chosen)
            options[SOURCE_OPTION] = str(source_id)
            note_attempt(s, source_id, upload.file_name, report, upload.id)
        upload.options, upload.report = options, shown


def _looked_at(
    kind: ImportKind, actor: Actor, table: Table, options: Mapping[str, str]
) -> tuple[dict[str, Any], Report]:
    """What a file holds, and what importing it would do."""
    rows = len(table.rows) + len(table.problems)
    if rows > MOST_ROWS_UPLOADED:
        raise UploadProblem(
            f"The file has {rows:,} rows, and this page takes {MOST_ROWS_UPLOADED:,} at a time. Part it into "
            "smaller files, or ask your system administrator to import it from the console"
        )
    checked = check_file(kind, table)
    wrong = [refusal.reason for refusal in checked.refusals if refusal.line == 1 and not checked.rows]
    if wrong and not any(row.line == 1 for row in table.rows):
        raise UploadProblem(". ".join(wrong[:5]))
    if not table.rows and not table.problems:
        raise UploadProblem("The file has a header and no rows under it")
    report = run_checked(kind, actor, checked, dry_run=True, options=options)
    return _shown(table, checked, report), report


def _keep(
    storage: Storage,
    kind: ImportKind,
    actor: Actor,
    content: bytes,
    file_name: str,
    options: Mapping[str, str],
    shown: dict[str, Any] | None,
    report: Report | None,
) -> UUID:
    key = new_key(FOLDER)
    storage.put(key, content)
    with transaction() as s:
        upload = ImportUpload(
            kind=kind.name,
            file_name=clean_text(PurePath(file_name.replace("\\", "/")).name)[:255] or "table",
            storage_key=key,
            options=dict(options),
            uploaded_by=actor.audit_id,
            uploaded_at=clock.now(),
            report=shown,
        )
        s.add(upload)
        s.flush()
        if report is not None and options.get(SOURCE_OPTION):
            note_attempt(s, UUID(options[SOURCE_OPTION]), upload.file_name, report, upload.id)
        return upload.id


def upload_of(actor: Actor, kind: ImportKind, upload_id: UUID) -> ImportUpload | None:
    """The upload, for the person who made it and nobody else."""
    found = session().get(ImportUpload, upload_id)
    if found is None or found.uploaded_by != actor.audit_id or found.kind != kind.name:
        return None
    return found


def import_upload(
    storage: Storage, kind: ImportKind, actor: Actor, upload: ImportUpload, *, accept_good_rows: bool
) -> bool:
    """Import what was checked; whether it was imported. If not, the upload now holds the new report.

    An upload that is imported already is left alone. Once imported, the file and every value that was refused
    are forgotten: line, column and reason stay for the last page. Raise StorageMissing when the file is gone.
    """
    if upload.done_at is not None:
        return True
    content = storage.get(upload.storage_key)
    options = {str(name): str(value) for name, value in upload.options.items()}
    table = read_file(kind, content, upload.file_name, options)
    checked = check_file(kind, table)
    report = run_checked(kind, actor, checked, accept_good_rows=accept_good_rows, options=options)
    leaves_out = accept_good_rows and kind.rows_stand_alone
    done = report.ok or (leaves_out and all(refusal.line > 0 for refusal in report.refused))
    if not done:
        again = run_checked(kind, actor, checked, dry_run=True, options=options)
        with transaction():
            upload.report = _shown(table, checked, again)
        return False
    with transaction() as s:
        upload.done_at = clock.now()
        if options.get(SOURCE_OPTION):
            note_imported(s, UUID(options[SOURCE_OPTION]), upload.id, report)
        bare = tuple(Refusal(one.line, one.column, "", one.reason) for one in report.refused[:REFUSALS_SHOWN])
        upload.report = {
            "report": replace(report, refused=bare, warnings=_first_warnings(report)).as_json(),
            "bad": len({refusal.line for refusal in report.refused}),
        }
    storage.delete(upload.storage_key)
    return True


def forget_uploads(storage: Storage, before: datetime) -> None:
    """Forget the uploads made before a moment, and their files: also one whose row never came to be."""
    lost = [key for key, at in storage.listed(FOLDER) if at < before]
    with transaction() as s:
        forgotten = delete(ImportUpload).where(ImportUpload.uploaded_at < before)
        keys = list(s.scalars(forgotten.returning(ImportUpload.storage_key)))
    for key in {*lost, *keys}:
        storage.delete(key)


def _shown(table: Table, checked: Checked, report: Report) -> dict[str, Any]:
    """What the check page needs, as JSON: the report, the first good rows as they will be, the bad as they are."""
    bad = {refusal.line for refusal in report.refused}
    good = [row for row in checked.rows if row.line not in bad]
    columns = [name for name in table.columns if not good or name in good[0].values]
    refused = report.refused[:REFUSALS_SHOWN]
    shown_bad = {refusal.line for refusal in refused}
    values = {(one.line, one.column): one.value for one in refused}
    as_it_is = [row for row in table.rows if row.line in shown_bad]
    return {
        "report": replace(report, refused=refused, warnings=_first_warnings(report)).as_json(),
        "bad": len(bad),
        "good": len(good),
        "columns": columns,
        "first": [
            [str(row.line), *(value_text(row.values[name]) for name in columns)] for row in good[:ROWS_SHOWN]
        ],
        "kept": [
            {
                "line": row.line,
                "cells": [
                    [values.get((row.line, name), row.values.get(name, "")[:200]), (row.line, name) in values]
                    for name in columns
                ],
            }
            for row in as_it_is
        ],
    }


def _first_warnings(report: Report) -> tuple[str, ...]:
    more = len(report.warnings) - WARNINGS_SHOWN
    return (
        (*report.warnings[:WARNINGS_SHOWN], f"And {more:,} more like these") if more > 0 else report.warnings
    )


def value_text(value: Any) -> str:
    """A value as it will be, in the words of the file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    text = value.isoformat("minutes") if hasattr(value, "hour") else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
