"""A process that kills itself in the middle of work that goes on by steps: a batch of certificates, a migration.

python -m tests.faults.dying_worker DATABASE_URL DATA_FOLDER certificates BATCH MOMENT
MOMENT: "between" a certificate's rows and its commit, or "apart" (a careless service that commits the number apart
from its paper: the known-bad twin); of the second certificate each.

python -m tests.faults.dying_worker DATABASE_URL DATA_FOLDER migration STATEMENTS [careless]
Dies after that many statements that change something; "careless" commits each (the known-bad twin).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from recovery_college.app import create_app
from recovery_college.graduation import services
from recovery_college.graduation.models import Certificate
from recovery_college.graduation.tasks import go_on_with_certificates
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings
from tests.faults.dying_server import die

READS = ("SELECT", "PRAGMA", "BEGIN", "SHOW")


def certificates(app: Flask, batch: str, moment: str) -> None:
    """Go on with a batch until death."""
    made: list[Certificate] = []

    @event.listens_for(Session, "after_flush")
    def note(session: Session, _: Any) -> None:
        made.extend(row for row in session.new if isinstance(row, Certificate))

    if moment == "between":

        @event.listens_for(Session, "before_commit")
        def at_commit(session: Session) -> None:
            if len(made) == 2:
                die()

    else:
        take = services._take_number

        def apart(session: Session) -> int:
            number = take(session)
            if number == 2:
                session.commit()
                die()
            return number

        services._take_number = apart
    with app.app_context():
        go_on_with_certificates(UUID(batch))


def migration(app: Flask, statements: str, careless: str = "") -> None:
    """Upgrade until death."""
    done: list[str] = []

    @event.listens_for(Engine, "after_cursor_execute")
    def count(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        if not statement.lstrip().upper().startswith(READS):
            done.append(statement)
            if careless:
                connection.connection.driver_connection.commit()
        if len(done) == int(statements):
            die()

    upgrade_schema(app)


def main(url: str, folder: str, what: str, *rest: str) -> None:
    """Do it."""
    app = create_app(
        load_settings(
            database_url=url, data_dir=Path(folder), secret_key="a key for tests only, long enough to pass"
        )
    )
    {"certificates": certificates, "migration": migration}[what](app, *rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
