"""What the database knows about its own tables, so that it chooses its indexes by what is in them.

PostgreSQL counts by itself (autovacuum). SQLite never does unless it is told to. Told here: each night, and after
whatever fills or remakes tables at a stroke (an upgrade, the demo, `seed`, a large import). `PRAGMA optimize` alone
would not do: before SQLite 3.46 it looks only at tables that its own connection has asked about, and the connection
of a nightly job has asked about none.
"""

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from recovery_college.kernel.db import db, is_sqlite
from recovery_college.kernel.tasks import Sweep, sweep

MANY = 1_000
"""From so many rows at a stroke on it is worth counting at once."""

FEW = 200
"""A table with fewer rows is left uncounted: SQLite would read all of it each time, also when it has grown since.

So is what a word search keeps beside its words (FTS5): counted while it is small, each word it takes later costs
a look through all of it. 20,000 vacancies took 18 s to import after an upgrade of an empty database, 6 s without.
"""


def count_tables() -> None:
    """Have SQLite count its tables anew. Call it outside any transaction.

    It looks at a thousand entries of an index at most (`analysis_limit`), so that nobody waits for its lock. Where
    others hold the lock too long, what was imported before stays imported, and the night counts.
    """
    with db.engine.connect() as connection:
        if not is_sqlite(connection):
            return
        few = text("DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < :few OR tbl LIKE '%search%'")
        try:
            with connection.begin():
                connection.execute(text("ANALYZE"))
                connection.execute(few, {"few": FEW})
        except OperationalError:
            structlog.get_logger(__name__).warning("tables not counted")
        connection.invalidate()  # it alone would remember the counts that were taken out


@sweep(minutes=1440)
def count_tables_nightly() -> None:
    """Count anew what the day has brought. A connection that is open learns of it within the hour (app.py)."""
    count_tables()


JOBS: tuple[Sweep, ...] = (count_tables_nightly,)
