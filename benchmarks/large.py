"""The large college that grid figures are taken in: 20,000 students, 1,000,000 decisions, built once and kept.

It lies in .make/ under a name made from the migrations and this file, so that a change of either builds it anew
(about a minute). Each run works on a copy. Guards are taken off while it is filled and put back before it is kept.
"""

import hashlib
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

from recovery_college.app import create_app
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import db
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.paths import migrations_folder
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import Settings, load_settings
from tests.factories.marking import MarkedCohort, a_marked_cohort

COHORTS, STUDENTS, CRITERIA = 1_250, 16, 40
UNITS = ((4, 4),) * 5
KEPT = Path(__file__).parent.parent / ".make"


def settings_at(folder: Path) -> Settings:
    """Settings of an app whose database and files are in this folder."""
    return load_settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'bench.sqlite3'}",
        tasks_url="",
        secret_key="a key for the benchmark only, thrown away with it",
    )


def copy_of_the_large_database(folder: Path) -> None:
    """Put a copy of it into the folder, as bench.sqlite3; build it first when there is none."""
    kept = KEPT / f"bench-{_fingerprint()}.sqlite3"
    if not kept.exists():
        KEPT.mkdir(exist_ok=True)
        for old in KEPT.glob("bench-*.sqlite3"):
            old.unlink()
        making = folder / "bench.sqlite3"
        _build(folder)
        shutil.move(making, kept)
    shutil.copyfile(kept, folder / "bench.sqlite3")


def _fingerprint() -> str:
    files = [*sorted((migrations_folder() / "versions").glob("*.py")), Path(__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _build(folder: Path) -> None:
    app = create_app(settings_at(folder))
    upgrade_schema(app)
    with app.app_context():
        pattern = a_marked_cohort(1, units=UNITS)
        db.session.remove()
        db.engine.dispose()
    raw = sqlite3.connect(folder / "bench.sqlite3", isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    raw.execute("BEGIN")
    for name, _ in guards:
        raw.execute(f'DROP TRIGGER "{name}"')
    _fill(raw, pattern)
    for name in (
        "account.email",
        "site.name",
        "cohort.ref",
        "qualification.title",
    ):  # free for those made later
        table, _, column = name.partition(".")
        raw.execute(f"UPDATE {table} SET {column} = 'large ' || {column}")
    for _, sql in guards:
        raw.execute(sql)
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()


def _fill(raw: sqlite3.Connection, pattern: MarkedCohort) -> None:
    """Many cohorts like the one made: a quarter of the criteria has a second attempt. Parents before children."""
    today, at = clock.today().isoformat(), clock.now().replace(tzinfo=None).isoformat(" ")
    criteria = [one.hex for one in pattern.criteria]
    unit_ids = [one.hex for one in pattern.units]
    tutor = pattern.tutor.person_id.hex
    columns = [row[1] for row in raw.execute("PRAGMA table_info(cohort)")]
    like = dict(
        zip(
            columns,
            raw.execute("SELECT * FROM cohort WHERE id = ?", (pattern.cohort_id.hex,)).fetchone(),
            strict=True,
        )
    )
    began = (clock.today() - timedelta(weeks=6)).isoformat()
    for number in range(COHORTS):
        cohort = new_id().hex
        own = {**like, "id": cohort, "ref": f"L{number}", "title": f"Large {number}"}
        _add(raw, "cohort", [own])
        people = [new_id().hex for _ in range(STUDENTS)]
        places = [new_id().hex for _ in range(STUDENTS)]
        _add(
            raw,
            "person",
            [
                {"id": one, "given_name": f"Sam{n}", "family_name": f"Xu{number}", "preferred_name": "",
                 "certificate_name": "", "email": "", "uln": "", "created_at": at, "is_made_up": 1}
                for n, one in enumerate(people)
            ],
        )  # fmt: skip
        _add(
            raw,
            "enrolment",
            [
                {"id": place, "cohort_id": cohort, "person_id": one,
                 "status": EnrolmentStatus.ENROLLED.value,
                 "enrolled_on": began}
                for place, one in zip(places, people, strict=True)
            ],
        )  # fmt: skip
        _add(
            raw,
            "enrolment_unit",
            [{"enrolment_id": place, "unit_id": unit} for place in places for unit in unit_ids],
        )
        _add(
            raw,
            "decision",
            [
                {"enrolment_id": place, "criterion_id": criterion, "attempt": attempt, "revision": 1,
                 "outcome": Outcome.MET.value, "feedback": "", "decided_on": today, "decided_by": tutor,
                 "recorded_at": at, "released_at": at, "released_by": tutor, "is_imported": 0}
                for place in places
                for n, criterion in enumerate(criteria)
                for attempt in ((1, 2) if n % 4 == 0 else (1,))
            ],
        )  # fmt: skip


def _add(raw: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> None:
    names = list(rows[0])
    marks = ", ".join("?" * len(names))
    raw.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [tuple(row.values()) for row in rows]
    )
