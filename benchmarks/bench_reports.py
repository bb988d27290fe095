"""Bar 5: the reports of 100,000 vacancies, counted where they stand, against counting them one by one.

Live is the rule applied to every vacancy (`compliance`), as the report was counted before standings were kept. Both
sides give the same figures, or nothing is measured.
"""

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.harness import Comparison, interleaved, seconds_at_most, times_the_floor
from recovery_college.access.console import console_actor
from recovery_college.access.rules import Actor, Role
from recovery_college.app import create_app
from recovery_college.careers.compliance import (
    ComplianceCounts,
    Dimension,
    Narrowing,
    compliance_by,
    compliance_total,
    trend_of,
)
from recovery_college.careers.compliance_facts import facts_visible_to
from recovery_college.careers.compliance_queries import (
    compliance_report,
    compliance_strip,
    vacancies_behind,
)
from recovery_college.demo.seed import Size, seed_college
from recovery_college.kernel import clock
from recovery_college.kernel.db import db
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings
from recovery_college.reporting.home_queries import home_of
from recovery_college.reporting.hours_queries import hours_to_fill
from recovery_college.reporting.impact_queries import impact_for

COLLEGE = Size(cohorts=200, students=16, vacancies=100_000, seed=1)
LATE = Narrowing("late", Dimension.DIRECTORATE, "")


def rows() -> list[Comparison]:
    """Seed once, then measure both sides of each ratio in the same run."""
    with tempfile.TemporaryDirectory(prefix="rc-bench-reports-") as folder:
        app = create_app(
            load_settings(
                data_dir=Path(folder), database_url="", tasks_url="", secret_key="a key for a benchmark only"
            )
        )
        upgrade_schema(app)
        with app.app_context():
            seed_college(console_actor(), COLLEGE)
            found = _measured(_hr())
            db.session.remove()
            db.engine.dispose()
    return found


def _hr() -> Actor:
    return cast(
        Actor,
        SimpleNamespace(role=Role.HR, roles=(Role.HR,), person_id=new_id(), audit_id="bench", name="HR"),
    )


def _measured(hr: Actor) -> list[Comparison]:
    today = clock.today()

    def live_report() -> tuple[ComplianceCounts, Any, Any]:
        facts = facts_visible_to(hr)
        rows = {each: compliance_by(each, facts, today) for each in Dimension}
        return compliance_total(facts, today), rows, trend_of(rows[Dimension.MONTH], today)

    def our_report() -> tuple[ComplianceCounts, Any, Any]:
        report = compliance_report(hr)
        return report.total, report.rows, trend_of(report.rows[Dimension.MONTH], today)

    def live_strip() -> ComplianceCounts:
        return compliance_total(facts_visible_to(hr), today)

    def live_behind() -> int:
        return sum(LATE.counts(fact, today) for fact in facts_visible_to(hr))

    assert our_report() == live_report(), "the figures differ: nothing is measured"
    assert compliance_strip(hr) == live_strip(), "the figures differ: nothing is measured"
    assert vacancies_behind(hr, LATE).count == live_behind(), "the figures differ: nothing is measured"
    found = []
    for key, what, ours, live in (
        ("reports-consideration", "the consideration report, all of it", our_report, live_report),
        ("reports-strip", "the line of figures on HR's home", lambda: compliance_strip(hr), live_strip),
        ("reports-behind", "the vacancies behind a figure", lambda: vacancies_behind(hr, LATE), live_behind),
    ):
        mine, other = interleaved([ours, live], rounds=3, warm_up=0)
        name = f"{what}: counted against one by one"
        found.append(times_the_floor(5, key, name, ours=mine, floor=other, at_most=0.1, each=""))
    for key, what, ask, most in (
        ("reports-home", "all of HR's home with 100,000 vacancies", lambda: home_of(hr), 0.3),
        ("reports-impact", "the impact report", lambda: impact_for(hr), 0.05),
        ("reports-hours", "the hours that could be filled", lambda: hours_to_fill(hr), 1.0),
    ):
        found.append(seconds_at_most(5, key, what, seconds=interleaved([ask], rounds=5)[0], at_most=most))
    return found
