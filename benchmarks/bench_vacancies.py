"""Bar 4 on 100,000 vacancies: a deep page, and a search by words; and 20,000 imported in one go, twice."""

import csv
import io
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import or_

from benchmarks.harness import Comparison, count_at_most, interleaved, seconds_at_most, times_the_floor
from recovery_college.access.console import console_actor
from recovery_college.access.rules import Actor, Role
from recovery_college.app import create_app
from recovery_college.careers.models import Vacancy
from recovery_college.careers.queries import PAGE, VacancyFilter, vacancies_visible_to
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.careers.vacancy_list import rows_of, rows_statement
from recovery_college.demo.seed import Size, seed_college
from recovery_college.demo.seed_vacancies import BANDS, HOURS, TITLES
from recovery_college.imports.kind import run_import
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings

COLLEGE = Size(cohorts=2, students=5, vacancies=100_000, seed=1)
RARE = "SEED-054321"
IMPORTED, MOST_SECONDS = 20_000, 10.0


def rows() -> list[Comparison]:
    """Seed once, then measure both sides of each ratio in the same run."""
    with tempfile.TemporaryDirectory(prefix="rc-bench-vacancies-") as folder:
        app = create_app(
            load_settings(
                data_dir=Path(folder), database_url="", tasks_url="", secret_key="a key for a benchmark only"
            )
        )
        upgrade_schema(app)
        with app.app_context():
            seed_college(console_actor(), COLLEGE)
            found = [*_lists(_hr()), *_imports()]
            db.session.remove()
            db.engine.dispose()
    return found


def _hr() -> Actor:
    return cast(
        Actor,
        SimpleNamespace(role=Role.HR, roles=(Role.HR,), person_id=new_id(), audit_id="bench", name="HR"),
    )


def _lists(hr: Actor) -> list[Comparison]:
    everything, rare = VacancyFilter(), VacancyFilter(words=RARE)
    deep = f"{(clock.today() - timedelta(days=650)).isoformat()}_{'f' * 32}"

    def by_like() -> Any:
        held = or_(Vacancy.title.icontains(RARE), Vacancy.reference.icontains(RARE))
        statement = rows_statement(hr, clock.today()).where(held)
        newest = statement.order_by(Vacancy.posted_on.desc(), Vacancy.id.desc()).limit(PAGE + 1)
        return rows_of(newest, hr, clock.today())

    first_page, deep_page, search, like = interleaved(
        [
            lambda: vacancies_visible_to(hr, everything),
            lambda: vacancies_visible_to(hr, everything, deep),
            lambda: vacancies_visible_to(hr, rare),
            by_like,
        ]
    )
    return [
        times_the_floor(
            4, "vacancies-deep-page", "vacancies: a deep page of 100,000", ours=deep_page, floor=first_page,
            at_most=2, each="a page",
        ),
        times_the_floor(
            4, "vacancies-search", "vacancies: words looked for in 100,000, against LIKE", ours=search, floor=like,
            at_most=0.1, each="a page",
        ),
    ]  # fmt: skip


def _imports() -> list[Comparison]:
    content = _file()
    seconds, reports = [], []
    for _ in range(2):
        before = time.process_time()
        reports.append(run_import(VACANCIES, console_actor(), content, "vacancies.csv"))
        seconds.append(time.process_time() - before)
        session().rollback()
    first, again = reports
    assert first.created == IMPORTED, first.refused[:3]
    return [
        seconds_at_most(
            10, "vacancies-import", "20,000 vacancies imported, bands read", seconds=seconds[0], at_most=MOST_SECONDS
        ),
        count_at_most(
            10, "vacancies-import-again", "the same file again: rows changed", count=again.created + again.updated,
            at_most=0, unit="rows",
        ),
    ]  # fmt: skip


def _file() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ("reference", "title", "band", "weekly_hours", "team", "posted_on", "closes_on", "manager_email")
    )
    first = date(2026, 1, 1)
    for number in range(IMPORTED):
        posted = first + timedelta(days=number % 300)
        writer.writerow(
            (
                f"NEW-{number:06}", TITLES[number % len(TITLES)], BANDS[number % len(BANDS)],
                HOURS[number % len(HOURS)], f"New team {number % 60}", posted, posted + timedelta(days=21),
                f"manager{number % 80}@bench.example",
            )
        )  # fmt: skip
    return out.getvalue().encode()
