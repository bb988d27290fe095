"""Bar 10: rows a minute of `seed`, on the college that speed.md names, in the embedded database."""

import tempfile
import time
from pathlib import Path

from benchmarks.harness import Comparison
from recovery_college.access.console import console_actor
from recovery_college.app import create_app
from recovery_college.demo.seed import Size, seed_college
from recovery_college.kernel.db import db
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings

COLLEGE = Size(cohorts=200, students=16, vacancies=20_000, seed=1)
ROWS_A_MINUTE = 100_000


def rows() -> list[Comparison]:
    """Seed once: it takes seconds, and the bar is far away."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            load_settings(
                data_dir=Path(folder), database_url="", tasks_url="", secret_key="a key for a benchmark only"
            )
        )
        upgrade_schema(app)
        with app.app_context():
            before = time.perf_counter()
            written = seed_college(console_actor(), COLLEGE)
            seconds = time.perf_counter() - before
            db.session.remove()
            db.engine.dispose()
    return [
        Comparison(
            10,
            "seed-rows",
            f"seed of {COLLEGE.cohorts} cohorts and {COLLEGE.vacancies:,} vacancies",
            written / seconds * 60,
            "rows a minute",
            ROWS_A_MINUTE,
            "at least",
            f"{written:,} rows in {seconds:.1f} s",
        )
    ]
