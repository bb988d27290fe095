"""Bar 7: a manager's board of 118 graduates in one request, and of 5,000 in the same database.

Horilla's board of 118 candidates takes 9 requests, 2,566 queries and 2.0 s of CPU (4.2 s with 5,000) and draws 40
cards; ours is one signed-in request through Flask as a server makes it, its look recorded in the audit trail.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import create_environ

from benchmarks.harness import Comparison, count_at_most, interleaved, seconds_at_most, times_the_floor
from benchmarks.large import settings_at
from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_rules import PATH
from recovery_college.careers.consent_models import CandidateConsent, VacancyAnswer
from recovery_college.careers.consent_rules import ConsentField, ConsentPurpose, VacancyAnswerKind
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, db, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.signin import SignedIn
from tests.factories.candidates import an_open_post
from tests.factories.careers import a_manager

FEW, MANY = 118, 5_000
HORILLA_SECONDS = 2.0


def rows() -> list[Comparison]:
    """Measure both boards and count the queries."""
    folder = Path(tempfile.mkdtemp(prefix="rc-bench-board-"))
    try:
        app = create_app(settings_at(folder))
        upgrade_schema(app)
        with app.app_context():
            small, large = a_manager("Few"), a_manager("Many")
            for manager, count in ((small, FEW), (large, MANY)):
                _candidates(an_open_post(manager), count)
            engine = db.engine
        few, many = _board(app, small), _board(app, large)
        assert few().count(b'class="rc-card"') == many().count(b'class="rc-card"') == 12 * len(PATH)
        queries = max(_queries(engine, few), _queries(engine, many))
        seconds, seconds_many = interleaved([few, many], rounds=31, warm_up=3)
        return [
            count_at_most(
                7, "board-queries", "queries of a board, one request", count=queries, at_most=20, unit=""
            ),
            seconds_at_most(
                7,
                "board-cpu",
                f"a board of {FEW}: a twentieth of Horilla's CPU",
                seconds=seconds,
                at_most=HORILLA_SECONDS / 20,
            ),
            times_the_floor(
                7, "board-growth", f"a board of {MANY:,} against {FEW}", ours=seconds_many, floor=seconds,
                at_most=2.0, each="a board",
            ),
        ]  # fmt: skip
    finally:
        shutil.rmtree(folder)


def _candidates(post: Vacancy, count: int) -> None:
    """So many people who said yes, spread over the stages and over the last weeks."""
    now, today = clock.now(), clock.today()
    ids = [new_id() for _ in range(count)]
    with transaction() as s:
        add_rows(
            s,
            Person,
            [
                {"id": one, "given_name": f"Graduate{n}", "family_name": "Example", "created_at": now}
                for n, one in enumerate(ids)
            ],
        )
        add_rows(
            s,
            Account,
            [
                {"person_id": one, "email": f"g{one}@fenside.example", "created_at": now, "id": new_id()}
                for one in ids
            ],
        )
        add_rows(
            s,
            RoleGrant,
            [
                {
                    "id": new_id(),
                    "person_id": one,
                    "role": Role.GRADUATE,
                    "granted_at": now,
                    "granted_by": "b",
                }
                for one in ids
            ],
        )
        add_rows(
            s,
            CandidateConsent,
            [
                {
                    "id": new_id(), "person_id": one, "field": ConsentField.NAME,
                    "purpose": ConsentPurpose.MANAGER, "number": 1, "given": True, "at": now,
                }
                for one in ids
            ],
        )  # fmt: skip
        add_rows(
            s,
            VacancyAnswer,
            [
                {
                    "id": new_id(), "person_id": one, "vacancy_id": post.id, "number": 1, "at": now,
                    "answer": VacancyAnswerKind.YES,
                }
                for one in ids
            ],
        )  # fmt: skip
        add_rows(
            s,
            Candidacy,
            [
                {
                    "id": new_id(), "person_id": one, "vacancy_id": post.id, "number": n + 1, "opened_at": now,
                    "stage": PATH[n % len(PATH)], "stage_on": today - timedelta(days=n % 40),
                }
                for n, one in enumerate(ids)
            ],
        )  # fmt: skip


def _board(app: Flask, manager: SignedIn) -> Callable[[], bytes]:
    """One GET of the board as a server hands it to the app."""
    client: Any = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = manager.get_id(), True
    client.get("/account")
    environ = create_environ("/pipeline", headers={"Cookie": f"rc={client.get_cookie('rc').value}"})

    def ask() -> bytes:
        status: list[str] = []
        answer = app(dict(environ), lambda given, headers, error=None: status.append(given))
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
        assert status == ["200 OK"], status
        return body

    return ask


def _queries(engine: Engine, ask: Callable[[], object]) -> int:
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(said)
