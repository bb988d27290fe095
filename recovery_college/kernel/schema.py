"""The schema: bringing a database to the newest migration, and asking whether it is there."""

from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade as migrate_upgrade

from recovery_college.kernel.db import db
from recovery_college.kernel.paths import migrations_folder
from recovery_college.kernel.statistics import count_tables
from recovery_college.kernel.tasks import create_queue_tables

# The job queue keeps its own tables beside ours; huey names them so, on SQLite and on PostgreSQL.
QUEUE_TABLES = frozenset(
    {"kv", "schedule", "task", "counter", "huey_kv", "huey_schedule", "huey_task", "huey_counter"}
)

SEARCH_TABLES = ("vacancy_words", "vacancy_search")
SEARCH_INDEXES = frozenset({"ix_vacancy_search"})


def belongs_to_us(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Alembic's filter: leave the job queue's tables alone, and what only finds words by the database's own means."""
    if kind == "index" and name in SEARCH_INDEXES:
        return False
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return table not in QUEUE_TABLES and not (table or "").startswith(SEARCH_TABLES)


class MadeByNewer(Exception):
    """The database is at a migration that this version does not know; the text says what to do."""


def refuse_newer(at: str | None) -> None:
    """Leave a database alone that a newer version has changed: this one would misread it. Raises MadeByNewer."""
    known = {script.revision for script in ScriptDirectory(str(migrations_folder())).walk_revisions()}
    if at is not None and at not in known:
        raise MadeByNewer(
            f"The database is at {at}, which this version does not know: a newer version of the software made "
            "it so. Install that version again, or go back to a copy from before."
        )


def upgrade_schema(app: Flask) -> None:
    """Bring the database to the newest migration, and make the job queue's tables where they are missing.

    An SQLite file is made readable by its owner alone: it holds people's records, and the folder may be shared.
    """
    with app.app_context():
        if db.engine.dialect.name == "sqlite" and db.engine.url.database:
            file = Path(db.engine.url.database)
            file.touch(mode=0o600)
            file.chmod(0o600)
        refuse_newer(schema_revisions(app)[0])
        migrate_upgrade(directory=str(migrations_folder()))
        count_tables()  # a table that was made anew has lost what was counted
    create_queue_tables(app)


def schema_revisions(app: Flask) -> tuple[str | None, str | None]:
    """The revision the database is at, and the newest there is."""
    with app.app_context(), db.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at, ScriptDirectory(str(migrations_folder())).get_current_head()
