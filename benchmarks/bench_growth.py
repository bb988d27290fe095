"""Bar 8: a college ten times as large changes no page of one cohort, one student or one vacancy.

Two seeded colleges, 200 and 2,000 cohorts, and in both the same cohort, student, vacancy and candidate, whose pages
are asked for turn by turn, signed in, as a server hands a request to the app.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from benchmarks.bench_grid import _mark, _request, _signed_in
from benchmarks.harness import Comparison, interleaved, times_the_floor
from benchmarks.large import settings_at
from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.consent_services import answer_vacancy
from recovery_college.courses.models import Enrolment
from recovery_college.demo.seed import Size, seed_college
from recovery_college.kernel.db import db, session
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.people.models import Person
from tests.factories.candidates import a_candidate, an_open_post, shows_all
from tests.factories.careers import a_manager
from tests.factories.marking import a_marked_cohort
from tests.factories.people import signed_in

SMALL = Size(cohorts=200, students=16, vacancies=2_000, seed=1)
TEN_TIMES = Size(cohorts=2_000, students=16, vacancies=20_000, seed=1)
Pages = dict[str, Callable[[], bytes]]


def rows() -> list[Comparison]:
    """Seed both, and ask for the same pages in each."""
    folder = Path(tempfile.mkdtemp(prefix="rc-bench-growth-"))
    try:
        small, large = (
            _pages(folder / name, size) for name, size in (("small", SMALL), ("large", TEN_TIMES))
        )
        found = []
        for key, what in (
            ("grid", "a cohort's marking grid"),
            ("cohort", "a cohort's page"),
            ("student", "a learner's page for staff"),
            ("progress", "a student's own page"),
            ("vacancy", "a vacancy's page"),
            ("consideration", "a consideration"),
            ("candidates", "who may suit a vacancy"),
        ):
            ours, floor = interleaved([large[key], small[key]], rounds=31, warm_up=3)
            name = f"{what}: ten times the college"
            found.append(
                times_the_floor(8, f"growth-{key}", name, ours=ours, floor=floor, at_most=1.3, each="a page")
            )
        return found
    finally:
        shutil.rmtree(folder)


def _pages(folder: Path, size: Size) -> Pages:
    folder.mkdir()
    app = create_app(settings_at(folder))
    upgrade_schema(app)
    with app.app_context():
        seed_college(console_actor(), size)
        made = a_marked_cohort(16)
        _mark(made)
        place = session().get_one(Enrolment, made.enrolments[0])
        person = session().get_one(Person, place.person_id)
        student = signed_in(Role.STUDENT, person=person)
        manager = a_manager()
        post = an_open_post(manager, weekly_hours="22.5", site="Cambridge", team="Ward S3")
        answer_vacancy(shows_all(a_candidate("Greta")), post.id, VacancyAnswerKind.YES)
        addresses = {
            "grid": (made.tutor, made.path),
            "cohort": (made.tutor, f"/cohorts/{made.cohort_id}"),
            "student": (made.tutor, f"/students/{person.id}"),
            "progress": (student, "/my-progress"),
            "vacancy": (manager, f"/vacancies/{post.id}"),
            "consideration": (manager, f"/vacancies/{post.id}/consideration"),
            "candidates": (manager, f"/vacancies/{post.id}/candidates"),
        }
        session().commit()
        db.session.remove()
    return {name: _asking(app, actor, path) for name, (actor, path) in addresses.items()}


def _asking(app: Flask, actor: object, path: str) -> Callable[[], bytes]:
    return _request(app, _signed_in(app, actor), path)
