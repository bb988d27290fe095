"""A real server that kills itself, as `kill -9` would, at one moment of saving a decision.

python -m tests.faults.dying_server DATABASE_URL DATA_FOLDER PORT MOMENT
MOMENT: "before" the commit, "after" it (before the answer is sent), "half" (a careless service that commits the
decision apart from its line in the trail: the known-bad twin), "upload" (a file is stored, its rows are not), or
"never".
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from waitress import serve

from recovery_college.app import create_app
from recovery_college.assessment import evidence_services, services
from recovery_college.assessment.models import Decision
from recovery_college.kernel.settings import load_settings


def die(*_: Any) -> None:
    """End at once, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: str) -> None:
    """Make the process die at that moment of the next decision."""
    saved: list[bool] = []

    @event.listens_for(Session, "after_flush")
    def note(session: Session, _: Any) -> None:
        saved.extend(isinstance(row, Decision) for row in session.new)

    if moment in ("before", "after"):

        @event.listens_for(Session, f"{moment}_commit")
        def at_commit(session: Session) -> None:
            if any(saved):
                die()

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


def main(url: str, folder: str, port: str, moment: str) -> None:
    """Serve until stopped or dead."""
    app = create_app(
        load_settings(
            data_dir=Path(folder),
            database_url=url,
            secret_key="a key for tests only, long enough to pass",
            public_base_url="http://127.0.0.1:8000",
        )
    )
    arm(moment)
    serve(app, host="127.0.0.1", port=int(port), threads=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
