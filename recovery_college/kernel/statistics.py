"""What the database knows about its own tables, so that it chooses its indexes by what is in them.

PostgreSQL counts by itself (autovacuum). SQLite never does unless it is told to. Told here: each night, and after
whatever fills or remakes tables at a stroke (an upgrade, the demo, `seed`, a large import). `PRAGMA optimize` alone
would not do: before SQLite 3.46 it looks only at tables that its own connection has asked about, and the connection
of a nightly job has asked about none.
"""

from sqlalchemy import text

from recovery_college.kernel.db import is_sqlite, transaction
from recovery_college.kernel.tasks import Sweep, sweep

MANY = 1_000
"""From so many rows at a stroke on it is worth counting at once."""


def count_tables() -> None:
    """Have SQLite count its tables anew. Call it outside any transaction.

    It looks at a thousand entries of an index at most (`analysis_limit`), so that nobody waits for its lock.
    """
    with transaction() as s:
        if is_sqlite(s.connection()):
            s.execute(text("ANALYZE"))


@sweep(minutes=1440)
def count_tables_nightly() -> None:
    """Count anew what the day has brought. A connection that is open learns of it within the hour (app.py)."""
    count_tables()


JOBS: tuple[Sweep, ...] = (count_tables_nightly,)
