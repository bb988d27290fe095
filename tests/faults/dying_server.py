"""A real server to which something happens at one moment of a request; by default it kills itself.

python -m tests.faults.dying_server DATABASE_URL DATA_FOLDER PORT MOMENT [HOW]
MOMENT: "before" the commit of a decision, "after" it (before the answer is sent), "half" (a careless service that
commits the decision apart from its line in the trail: the known-bad twin), "upload" (a file is stored, its rows are
not), "never"; or no death: "slow" (a decision says in the data folder that it is under way, and takes its time),
"hungry" (memory runs out while it is saved), "deferred" (SQLite's BEGIN without IMMEDIATE: the known-bad twin).
HOW: "service" as `serve` does, "laptop" as `demo` does, or "bare" (waitress alone, the default).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from waitress import serve

from recovery_college.app import create_app
from recovery_college.assessment import evidence_services, services
from recovery_college.assessment.models import Decision
from recovery_college.kernel.server import serve_forever, serve_one_process
from recovery_college.kernel.settings import load_settings

SLOW_SECONDS = 0.8
UNDER_WAY = "a-decision-is-under-way"


def die(*_: Any) -> None:
    """End at once, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: str, folder: Path) -> None:
    """Make it happen at that moment of the next decision."""
    saved: list[bool] = []

    @event.listens_for(Session, "after_flush")
    def note(session: Session, _: Any) -> None:
        saved.extend(isinstance(row, Decision) for row in session.new)

    if moment in ("before", "after"):

        @event.listens_for(Session, f"{moment}_commit")
        def at_commit(session: Session) -> None:
            if any(saved):
                die()

    if moment == "slow":

        @event.listens_for(Session, "before_commit")
        def take_time(session: Session) -> None:
            if any(saved):
                (folder / UNDER_WAY).touch()
                time.sleep(SLOW_SECONDS)

    if moment == "hungry":

        @event.listens_for(Session, "before_commit")
        def no_memory(session: Session) -> None:
            if any(saved):
                raise MemoryError

    if moment == "deferred":
        said = Connection.exec_driver_sql

        def late(self: Connection, statement: str, *rest: Any, **more: Any) -> Any:
            return said(self, statement.replace("BEGIN IMMEDIATE", "BEGIN"), *rest, **more)

        Connection.exec_driver_sql = late  # type: ignore[method-assign]

    if moment == "upload":

        def killed(*_: Any) -> None:
            """The file is stored, and its rows are about to be written."""
            die()

        evidence_services._write = killed  # type: ignore[assignment]

    if moment == "half":

        def careless(session: Session, *args: Any, **details: Any) -> None:
            session.commit()
            die()

        services.record_many = careless  # type: ignore[assignment]


def main(url: str, folder: str, port: str, moment: str, how: str = "bare") -> None:
    """Serve until stopped or dead."""
    app = create_app(
        load_settings(
            data_dir=Path(folder),
            database_url=url,
            secret_key="a key for tests only, long enough to pass",
            public_base_url="http://127.0.0.1:8000",
        )
    )
    arm(moment, Path(folder))
    if how == "service":
        serve_forever(app, "127.0.0.1", int(port), workers=2)
    elif how == "laptop":
        serve_one_process(app, "127.0.0.1", int(port))
    else:
        serve(app, host="127.0.0.1", port=int(port), threads=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
