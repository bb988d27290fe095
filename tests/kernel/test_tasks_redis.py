"""Jobs kept in Redis: the same promises as in the database, tried against a real server that is killed meanwhile."""

from __future__ import annotations

import gc
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from huey import RedisHuey

from recovery_college.kernel import tasks as kernel_tasks
from recovery_college.kernel.settings import Settings, SettingsProblem
from recovery_college.kernel.tasks import Sweep, Task, Tasks, enqueue, sweep, task
from recovery_college.kernel.worker import start_worker_thread
from tests.factories.mail_server import free_port, silent
from tests.factories.redis_server import RedisServer

pytestmark = pytest.mark.loopback
ONE = UUID("01980000-0000-7000-8000-000000000001")
WithJobs = Callable[..., Flask]


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def server(one_server: RedisServer) -> RedisServer:
    with one_server.client() as client:
        client.flushall()
    return one_server


@pytest.fixture
def with_jobs(
    app: Flask, settings: Settings, data_folder: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> WithJobs:
    """The app with these jobs, its queue in Redis (or at another address)."""

    def given(*jobs: Task | Sweep, url: str = server.url) -> Flask:
        there = settings.model_copy(update={"tasks_url": url})
        monkeypatch.setitem(app.extensions, "tasks", Tasks(app, there, jobs))
        return app

    return given


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def queued(app: Flask) -> int:
    with app.extensions["tasks"].queue() as queue:
        return int(queue.pending_count())


def test_a_job_is_done_once_whoever_is_there(with_jobs: WithJobs) -> None:
    done: list[tuple[object, ...]] = []
    app = with_jobs(task("go on")(lambda *ids: done.append(ids)))
    for number in range(20):
        assert enqueue(app, "go on", number)
    assert (queued(app), done) == (20, [])
    with start_worker_thread(app), start_worker_thread(app):
        until(lambda: len(done) >= 20)
        time.sleep(0.2)
    assert sorted(done) == [(number,) for number in range(20)]
    assert queued(app) == 0


def test_what_was_taken_survives_a_kill_of_redis_and_the_worker_goes_on(
    with_jobs: WithJobs, server: RedisServer
) -> None:
    done: list[tuple[object, ...]] = []
    app = with_jobs(task("go on")(lambda *ids: done.append(ids)))
    assert enqueue(app, "go on", 1)
    server.kill()
    server.start()
    assert queued(app) == 1
    with start_worker_thread(app):
        until(lambda: done == [(1,)])
        server.kill()  # while the worker waits for the next one
        time.sleep(0.3)
        server.start()
        assert enqueue(app, "go on", 2)
        until(lambda: done == [(1,), (2,)])


def test_while_it_is_down_the_work_is_saved_and_the_sweep_finds_it(
    with_jobs: WithJobs, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[str] = []
    app = with_jobs(task("go on")(print), sweep(minutes=1)(lambda: found.append("work")))
    server.kill()
    start = time.monotonic()
    assert not enqueue(app, "go on", ONE)
    assert time.monotonic() - start < 1
    assert "job_not_queued" in capsys.readouterr().err
    server.start()
    with start_worker_thread(app):
        until(lambda: bool(found))


def test_one_that_takes_the_connection_and_says_nothing_keeps_nobody_waiting(
    with_jobs: WithJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_tasks, "BUSY_SECONDS", 0.3)
    with silent() as port:
        app = with_jobs(task("go on")(print), url=f"redis://127.0.0.1:{port}/0")
        start = time.monotonic()
        assert not enqueue(app, "go on", ONE)
        assert time.monotonic() - start < 2


def test_huey_alone_would_have_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: the address handed to huey as it is, without our wait."""
    with silent() as port:
        queue = RedisHuey(url=f"redis://127.0.0.1:{port}/0")
        ended = threading.Event()

        def ask() -> None:
            with suppress(Exception):  # the server has hung up at last
                queue.pending_count()
            ended.set()

        thread = threading.Thread(target=ask)
        thread.start()
        waited = not ended.wait(1.5)
    # Whoever was kept waiting is told by the closing of the connection.
    queue.storage.pool.disconnect()
    thread.join(30)
    assert waited


def test_a_message_that_we_did_not_sign_is_not_even_read(with_jobs: WithJobs, data_folder: Path) -> None:
    """Its pickle would run code; the twin is the same message signed, which does."""
    done: list[tuple[object, ...]] = []
    app = with_jobs(task("go on")(lambda *ids: done.append(ids)))
    harm = data_folder / "harm"

    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.mkdir, (harm,)

    with app.extensions["tasks"].queue() as queue:
        queue.storage.enqueue(pickle.dumps(Harm()) + b":" + b"0" * 40)
    enqueue(app, "go on")
    with start_worker_thread(app):
        until(lambda: bool(done))
        assert not harm.exists()
        with app.extensions["tasks"].queue() as queue:
            queue.storage.enqueue(queue.serializer.serialize(Harm()))
        until(harm.exists)


def test_no_connection_is_left_open(with_jobs: WithJobs, server: RedisServer) -> None:
    gc.disable()  # collecting would close them too, at some time
    try:
        app = with_jobs(task("go on")(print))
        before = server.connections()
        for number in range(5):
            assert enqueue(app, "go on", number)
        with start_worker_thread(app):
            until(lambda: queued(app) == 0)
        assert server.connections() == before
    finally:
        gc.enable()


def test_without_the_package_it_is_said_what_to_install(
    with_jobs: WithJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_tasks, "find_spec", lambda name: None)
    with pytest.raises(SettingsProblem, match="pip install redis"):
        with_jobs(url=f"redis://127.0.0.1:{free_port()}/0")
