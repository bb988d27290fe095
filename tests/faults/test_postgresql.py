"""F3, F9, F10: PostgreSQL is killed, restarted under the pool, or takes back a transaction. Run on PostgreSQL alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from flask import Response
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from recovery_college.assessment.models import Decision
from recovery_college.audit.services import verify_chain
from recovery_college.kernel.db import db, let_go
from tests.databases import PostgresqlDatabase
from tests.faults.knocking import changed, do, everything
from tests.faults.test_database_trouble import TYPED, faults_of, handlers, warm_up
from tests.house.world import World


@pytest.fixture
def server(world: World) -> Iterator[PostgresqlDatabase]:
    """The server under the world; running again afterwards, whatever was done to it."""
    assert isinstance(world.database, PostgresqlDatabase)
    warm_up(world)
    yield world.database
    world.database.up()
    with world.app.app_context():
        db.engine.dispose()


def decide(world: World, feedback: str = TYPED) -> int:
    """The status of a decision sent now."""
    return do(world, "assessment.decision_record", "tutor", feedback=feedback)[1].status_code


def kept(world: World) -> int:
    """How many decisions with these words there are; the trail is whole."""
    with world.session() as s:
        assert verify_chain(s).problem is None
        return s.scalar(select(func.count()).where(Decision.feedback == TYPED.strip())) or 0


def killed_after_a_decision(world: World, server: PostgresqlDatabase, synchronous: str) -> int:
    """Kill the server as soon as a decision is acknowledged; how many such decisions it has when it is back."""
    server.set("wal_writer_delay", "10s")
    server.set("synchronous_commit", synchronous)
    try:
        with world.app.app_context():
            db.engine.dispose()
        assert decide(world) == 303
        server.kill()
        assert faults_of(world) == []  # told while it is down
        server.up()
        return kept(world)
    finally:
        server.set("synchronous_commit", "off")


def test_f3_what_was_acknowledged_is_there_after_the_kill(world: World, server: PostgresqlDatabase) -> None:
    assert killed_after_a_decision(world, server, "on") == 1
    assert decide(world, "And it goes on") in (303, 409)


def test_f3_twin_commits_that_do_not_wait_for_the_disk_are_lost(
    world: World, server: PostgresqlDatabase
) -> None:
    """The known-bad twin: `synchronous_commit = off`."""
    assert killed_after_a_decision(world, server, "off") == 0


def restarted(world: World, server: PostgresqlDatabase) -> list[int]:
    """Fill the pool, restart the server, and what the first requests after it answer."""
    path = f"/cohorts/{world.mine.values['cohort_id']}/marking"
    assert world.client("tutor").get(path).status_code == 200
    server.down()
    assert faults_of(world) == []  # while it is down: told, and what was typed is kept
    assert world.client("tutor").get(path).status_code == 503
    assert world.client("tutor").get("/health/ready").status_code == 503
    server.up()
    return [decide(world), *(world.client("tutor").get(path).status_code for _ in range(4))]


def test_f9_after_a_restart_the_first_request_works(world: World, server: PostgresqlDatabase) -> None:
    assert restarted(world, server) == [303, 200, 200, 200, 200]
    assert kept(world) == 1


def test_f9_under_full_work_nobody_is_told_a_lie(world: World, server: PostgresqlDatabase) -> None:
    """Restarted with connections in the pool and no pause: each answer is a page or "try again", never a bug."""
    path, answers, done = f"/cohorts/{world.mine.values['cohort_id']}/marking", [], threading.Event()

    def read() -> None:
        client = world.client("tutor")
        while not done.is_set():
            answers.append(client.get(path).status_code)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    time.sleep(0.3)
    server.down()
    time.sleep(0.3)
    server.up()
    time.sleep(1)
    done.set()
    for reader in readers:
        reader.join(20)
    assert set(answers) == {200, 503}
    assert answers[-3:] == [200] * 3


def answer_as_the_server_goes(world: World, server: PostgresqlDatabase) -> int:
    """The status of a page whose answer is made when the server ends, before its connection is given back."""

    def go(response: Response) -> Response:
        server.down()
        return response

    hooks = world.app.after_request_funcs.setdefault(None, [])
    hooks.insert(0, go)  # the first is called last
    try:
        return world.client("tutor").get(f"/cohorts/{world.mine.values['cohort_id']}").status_code
    finally:
        hooks.remove(go)


def test_f9_an_answer_that_is_made_is_given(world: World, server: PostgresqlDatabase) -> None:
    assert answer_as_the_server_goes(world, server) == 200
    server.up()
    assert decide(world) == 303


def test_f9_twin_an_answer_is_lost_when_its_connection_cannot_be_given_back(
    world: World, server: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: the session ends as the library ends it."""
    hooks = [hook for hook in world.app.teardown_appcontext_funcs if hook is not let_go]
    monkeypatch.setattr(world.app, "teardown_appcontext_funcs", hooks)
    with pytest.raises(OperationalError):
        answer_as_the_server_goes(world, server)


def test_f9_twin_a_pool_that_does_not_look_hands_out_dead_connections(
    world: World, server: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: without `pool_pre_ping`."""
    path = f"/cohorts/{world.mine.values['cohort_id']}/marking"
    with world.app.app_context():
        db.engine.dispose()
        monkeypatch.setattr(db.engine.pool, "_pre_ping", False)
    assert world.client("tutor").get(path).status_code == 200
    server.down()
    server.up()
    assert world.client("tutor").get(path).status_code == 503


def deadlocked(world: World) -> list[str]:
    """Have a decision wait for another transaction that then waits for it; what is wrong with the answer."""
    found: list[list[str]] = []
    with world.app.app_context():
        engine = db.engine
    request = threading.Thread(target=lambda: found.append(faults_of(world)))
    with engine.connect() as other:
        other.execute(text("LOCK TABLE audit_head IN EXCLUSIVE MODE"))
        request.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with engine.connect() as watcher:
            for _ in range(200):
                if watcher.execute(waiting).scalar_one():
                    break
                time.sleep(0.01)
        other.execute(text("SELECT id FROM enrolment FOR UPDATE"))
        request.join(20)
        other.rollback()
    return found[0]


def test_f10_a_deadlock_is_told_and_nothing_is_lost(world: World, server: PostgresqlDatabase) -> None:
    before = everything(world)
    assert deadlocked(world) == []
    assert changed(before, everything(world)) == set()
    assert decide(world) == 303


def test_f10_a_serialization_failure_is_told_and_nothing_is_lost(
    world: World, server: PostgresqlDatabase
) -> None:
    def fail(cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("INSERT INTO decision"):
            raise psycopg.errors.SerializationFailure("could not serialize access")

    before = everything(world)
    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "do_execute", fail)
    try:
        assert faults_of(world) == []
    finally:
        event.remove(engine, "do_execute", fail)
    assert changed(before, everything(world)) == set()
    assert decide(world) == 303


def test_f10_twin_an_answer_that_hides_it_is_found(
    world: World, server: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: the deadlock is answered like any bug."""
    monkeypatch.setitem(handlers(world), OperationalError, lambda error: ("Something went wrong", 500))
    assert deadlocked(world) == ["status 500, not 503", "no Retry-After", "what was typed is gone"]
