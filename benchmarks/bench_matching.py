"""Bar 6: one vacancy against 20,000 people, and one graduate against 100,000 vacancies, on SQLite.

The first is what pages run: words for a manager, and for HR everybody whom it suits or nearly does. The floor is a
bare scan of the table of wishes: two comparisons, nothing joined. The other side of the second is the same statement
with the indexes for open posts taken away.
"""

import tempfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from sqlalchemy import func, select, text

from benchmarks.harness import Comparison, interleaved, times_the_floor
from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.careers.consent_models import CandidateConsent
from recovery_college.careers.consent_queries import NAME_TO_INTRODUCE
from recovery_college.careers.matching_facts import PREF
from recovery_college.careers.matching_rules import FEW, PostFacts
from recovery_college.careers.people_match_queries import counts_up_to, people_for, suits_others
from recovery_college.careers.post_match_queries import masks_of_posts
from recovery_college.careers.preference_rules import SiteEase, Wishes
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.demo.people import DemoActor
from recovery_college.demo.rows import Rows
from recovery_college.demo.seed import Size, seed_college
from recovery_college.demo.seed_candidates import add_candidate
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings
from recovery_college.people.models import Person

PEOPLE, VACANCIES = 20_000, 100_000
INDEXES = ("ix_vacancy_open", "ix_vacancy_closes_on", "ix_vacancy_flag", "ix_vacancy_due")
"""Those by which open posts could be found: without the first alone, SQLite takes the next."""
POST = PostFacts(
    Decimal("22.5"), ServiceArea.ADULT, Setting.WARD, ContractKind.PERMANENT, "Northmere",
)  # fmt: skip
WISHES = Wishes(
    least_hours=Decimal(15),
    most_hours=Decimal("22.5"),
    areas=frozenset({ServiceArea.ADULT, ServiceArea.OLDER_PEOPLE}),
    contracts=frozenset({ContractKind.PERMANENT, ContractKind.FIXED_TERM}),
    sites={"Northmere": SiteEase.EASILY, "Southmere": SiteEase.IF_NEED_BE},
)


def rows() -> list[Comparison]:
    """Fill a database, and measure both directions."""
    with tempfile.TemporaryDirectory(prefix="rc-bench-matching-") as folder:
        app = create_app(
            load_settings(
                data_dir=Path(folder), database_url="", tasks_url="", secret_key="a key for a benchmark only"
            )
        )
        upgrade_schema(app)
        with app.app_context():
            person = _fill()
            actor = DemoActor(person, "A graduate", Role.GRADUATE)
            try:
                return [*_people(), _posts(actor)]
            finally:
                db.session.remove()
                db.engine.dispose()


def _fill() -> object:
    seed_college(console_actor(), Size(cohorts=0, students=0, vacancies=VACANCIES, seed=6))
    random, now, today = Random(6), clock.now(), clock.today()
    rows = Rows(random, now - timedelta(days=900))
    with transaction() as s:
        for number in range(PEOPLE):
            person_id = rows.add(
                Person, student_ref=None, given_name="A", family_name=f"Graduate {number}", preferred_name="",
                certificate_name="", email="", date_of_birth=None, uln="", created_at=now, is_made_up=True,
            )  # fmt: skip
            add_candidate(rows, person_id, f"g{number}@seed.example", Role.GRADUATE, now, today, random)
            if number % 10 == 0:
                field, purpose = NAME_TO_INTRODUCE
                rows.add(
                    CandidateConsent, person_id=person_id, field=field, purpose=purpose, number=1, given=True,
                    at=now,
                )  # fmt: skip
            if rows.waiting > 20_000:
                rows.write(s)
        rows.write(s)
    with transaction() as s:
        s.execute(text("ANALYZE"))
    return person_id


def _people() -> list[Comparison]:
    today = clock.today()
    floor = (
        select(func.count())
        .select_from(PREF)
        .where(PREF.least_hours <= POST.weekly_hours, PREF.most_hours >= POST.weekly_hours)
    )
    rare = replace(POST, site="A place nobody named", contract=None)
    found = people_for(POST, today, NAME_TO_INTRODUCE)
    assert counts_up_to(POST, today)[()] >= FEW, "nobody fits: nothing would be measured"
    sides = [
        lambda: session().scalar(floor),
        lambda: counts_up_to(POST, today),
        lambda: counts_up_to(rare, today),
        lambda: suits_others(
            POST, today, {one.person_id for one in people_for(POST, today, NAME_TO_INTRODUCE)}
        ),
    ]
    bare, words, scarce, everybody = interleaved(sides, rounds=41)
    what = f"one vacancy against {PEOPLE:,} people"
    return [
        times_the_floor(
            6, f"matching-{key}", f"{what}: {told}", ours=ours, floor=bare, at_most=4.0, each=each
        )
        for key, told, ours, each in (
            ("people", "in words", words, "a vacancy"),
            ("rare", "in words, in a place few get to", scarce, "a vacancy"),
            ("list", "the list for HR", everybody, f"a vacancy; {len(found):,} agreed to be introduced"),
        )
    ]


def _posts(actor: DemoActor) -> Comparison:
    today = clock.today()
    _, statement = masks_of_posts(actor, WISHES, today)
    statement = statement.limit(100)
    run = lambda: session().execute(statement).all()  # noqa: E731
    assert len(run()) > 8, "nothing is open: nothing would be measured"
    made = [
        session().scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
        for name in INDEXES
    ]
    without, with_index = [], []
    for _ in range(5):
        with_index.append(interleaved([run], rounds=5)[0])
        _execute(*(f"DROP INDEX {name}" for name in INDEXES))
        without.append(interleaved([run], rounds=5)[0])
        _execute(*made)
    ours, other = sorted(with_index)[2], sorted(without)[2]
    return times_the_floor(
        6,
        "matching-posts",
        f"one graduate against {VACANCIES:,} vacancies",
        ours=ours,
        floor=other,
        at_most=0.3,
        each="a graduate, against the same without the indexes",
    )


def _execute(*statements: str | None) -> None:
    with transaction() as s:
        for statement in statements:
            s.execute(text(statement or ""))
