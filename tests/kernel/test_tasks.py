"""Jobs are done once, in a thread beside the pages; what is lost on the way is found by a sweep (F2)."""

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.mail import OutgoingMail, queue_mail
from recovery_college.kernel.settings import Settings, SettingsProblem, load_settings
from recovery_college.kernel.tasks import EnqueuedTooEarly, Sweep, Task, Tasks, enqueue, sweep, task
from recovery_college.kernel.worker import OPTIONS, _Alone, start_worker_thread

ONE = UUID("01980000-0000-7000-8000-000000000001")
KILLED_AFTER_ENQUEUE = """
import os, signal, sys
from uuid import UUID
from recovery_college.app import create_app
from recovery_college.kernel.settings import load_settings
from recovery_college.kernel.tasks import enqueue, init_tasks, task
settings = load_settings(database_url=sys.argv[1], data_dir=sys.argv[2], secret_key=sys.argv[3])
app = create_app(settings)
init_tasks(app, settings, [task("go on")(print)])
with app.app_context():
    assert enqueue(app, "go on", UUID(sys.argv[4]))
    os.kill(os.getpid(), signal.SIGKILL)
"""

WORKER = """
import sys
from pathlib import Path
from recovery_college.app import create_app
from recovery_college.kernel.settings import load_settings
from recovery_college.kernel.tasks import init_tasks, task
from recovery_college.kernel.worker import run_worker
settings = load_settings(database_url=sys.argv[1], data_dir=sys.argv[2], secret_key=sys.argv[3])
app = create_app(settings)
init_tasks(app, settings, [task("go on")(lambda one: Path(sys.argv[2], str(one)).touch())])
run_worker(app)
"""


class Notes:
    """What was done, by which thread."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.threads: set[str] = set()

    def take(self, *ids: object) -> None:
        assert current_app.name == "recovery_college"
        self.threads.add(threading.current_thread().name)
        self.done.append(ids)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def with_jobs(
    app: Flask, settings: Settings, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Flask]:
    """The app with these jobs instead of its own."""

    def given(*jobs: Task | Sweep) -> Flask:
        monkeypatch.setitem(app.extensions, "tasks", Tasks(app, settings, jobs))
        return app

    return given


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def queued(app: Flask) -> int:
    tasks: Tasks = app.extensions["tasks"]
    with tasks.queue() as queue:
        return int(queue.pending_count())


def test_works(with_jobs: Callable[..., Flask], notes: Notes) -> None:
    app = with_jobs(task("go on")(notes.take))
    assert enqueue(app, "go on", ONE, 7)
    assert notes.done == []
    with start_worker_thread(app):
        until(lambda: bool(notes.done))
    assert notes.done == [(ONE, 7)]
    assert notes.threads <= {"Worker-1", "Worker-2"}
    assert queued(app) == 0


def test_a_job_is_done_once_whoever_is_there(with_jobs: Callable[..., Flask], notes: Notes) -> None:
    app = with_jobs(task("go on")(notes.take))
    for number in range(30):
        assert enqueue(app, "go on", number)
    with start_worker_thread(app), start_worker_thread(app):
        until(lambda: len(notes.done) >= 30)
        time.sleep(0.3)
    assert sorted(notes.done) == [(number,) for number in range(30)]


def test_one_process_at_a_time_has_its_turn_and_the_next_takes_over(
    with_jobs: Callable[..., Flask], notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recovery_college.kernel.worker.TURN_SECONDS", 0.05)
    app = with_jobs(task("go on")(notes.take), sweep(minutes=1)(notes.take))
    first = start_worker_thread(app)
    until(lambda: notes.done == [()])
    second = start_worker_thread(app)
    time.sleep(0.5)
    assert notes.done == [()]
    first.stop()
    until(lambda: notes.done == [(), ()])
    second.stop()


def test_a_kill_between_enqueue_and_run_loses_nothing(
    with_jobs: Callable[..., Flask], notes: Notes, settings: Settings, data_folder: Path
) -> None:
    app = with_jobs(task("go on")(notes.take))
    given = [settings.database, str(data_folder), settings.secret_key, str(ONE)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_ENQUEUE, *given], capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert queued(app) == 1
    with start_worker_thread(app):
        until(lambda: notes.done == [(ONE,)])


def test_a_process_of_its_own_listens_before_its_first_job(
    with_jobs: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    listened = []
    with with_jobs().extensions["tasks"].queue() as queue:
        consumer = _Alone(queue, **OPTIONS)
        monkeypatch.setattr(
            consumer.scheduler, "start", lambda: listened.append(signal.getsignal(signal.SIGTERM))
        )
        monkeypatch.setattr(consumer, "worker_threads", [])
        before = {number: signal.getsignal(number) for number in consumer._signal_actions}
        try:
            consumer.start()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    assert listened == [consumer._handle_signal]


def test_a_process_of_its_own_does_jobs_and_ends_when_told(
    with_jobs: Callable[..., Flask], settings: Settings, data_folder: Path
) -> None:
    app = with_jobs(task("go on")(print))
    assert enqueue(app, "go on", ONE)
    given = [settings.database, str(data_folder), settings.secret_key]
    worker = subprocess.Popen([sys.executable, "-W", "error::ResourceWarning", "-c", WORKER, *given])
    try:
        until((data_folder / str(ONE)).exists)
    finally:
        worker.terminate()
    assert worker.wait(15) == 0
    assert queued(app) == 0


def test_a_kill_before_enqueue_is_made_good_by_the_sweep(
    with_jobs: Callable[..., Flask], notes: Notes
) -> None:
    def finish_what_is_there() -> None:
        with transaction() as s:
            for mail in s.scalars(select(OutgoingMail).where(OutgoingMail.purpose == "waiting")):
                mail.purpose = "found"
        notes.take()

    app = with_jobs(sweep(minutes=1)(finish_what_is_there))
    with transaction() as s:
        queue_mail(s, "ada@b.example", "Work", "", "waiting")
    db.session.remove()
    assert queued(app) == 0
    with start_worker_thread(app):
        until(lambda: bool(notes.done))
    assert session().scalars(select(OutgoingMail.purpose)).all() == ["found"]


def test_a_job_that_breaks_off_is_told_without_its_words(
    with_jobs: Callable[..., Flask],
    notes: Notes,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    typed = " ".join(["Ada", "Lovelace"])

    def break_off() -> None:
        raise LookupError(typed)

    app = with_jobs(task("break")(break_off), task("go on")(notes.take))
    enqueue(app, "break")
    enqueue(app, "go on")
    with start_worker_thread(app):
        until(lambda: bool(notes.done))
    told = capsys.readouterr().err + caplog.text
    assert "job_broke_off" in told
    assert "LookupError" in told
    assert "Lovelace" not in told


def test_a_message_that_we_did_not_sign_is_not_even_read(
    with_jobs: Callable[..., Flask], notes: Notes
) -> None:
    """Its pickle would run code; the twin below shows that a signed one is."""
    app = with_jobs(task("go on")(notes.take))
    tasks: Tasks = app.extensions["tasks"]
    harm = Path(app.extensions["settings"].data_dir) / "harm"

    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(harm),)

    with tasks.queue() as queue:
        queue.storage.enqueue(pickle.dumps(Harm()) + b":" + b"0" * 40)
    enqueue(app, "go on")
    with start_worker_thread(app):
        until(lambda: bool(notes.done))
    assert not harm.exists()
    with tasks.queue() as queue:
        queue.storage.enqueue(queue.serializer.serialize(Harm()))
    with start_worker_thread(app):
        until(harm.exists)


def test_a_job_carries_ids_only(with_jobs: Callable[..., Flask], notes: Notes) -> None:
    app = with_jobs(task("go on")(notes.take))
    with pytest.raises(TypeError, match="ids only"):
        enqueue(app, "go on", "Ada Lovelace")  # type: ignore[arg-type]
    with pytest.raises(LookupError, match="go off"):
        enqueue(app, "go off")
    assert queued(app) == 0


def test_a_job_is_refused_inside_the_transaction_it_is_about(
    with_jobs: Callable[..., Flask], notes: Notes
) -> None:
    app = with_jobs(task("go on")(notes.take))
    with transaction(), pytest.raises(EnqueuedTooEarly):
        enqueue(app, "go on", new_id())
    assert queued(app) == 0


def test_after_reading_in_the_same_request_a_job_is_taken_at_once(
    with_jobs: Callable[..., Flask], notes: Notes
) -> None:
    app = with_jobs(task("go on")(notes.take))
    with transaction() as s:
        queue_mail(s, "ada@b.example", "Work", "", "waiting")
    session().scalars(select(OutgoingMail)).all()
    start = time.monotonic()
    assert enqueue(app, "go on")
    assert time.monotonic() - start < 1


def test_a_queue_that_does_not_answer_undoes_nothing(
    with_jobs: Callable[..., Flask],
    notes: Notes,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = with_jobs()
    elsewhere = settings.model_copy(update={"tasks_url": f"sqlite:///{tmp_path}/queue.sqlite3"})
    tasks = Tasks(app, elsewhere, [task("go on")(notes.take)])
    monkeypatch.setitem(app.extensions, "tasks", tasks)
    monkeypatch.setattr("recovery_college.kernel.tasks.BUSY_SECONDS", 0)
    with tasks.queue(create_tables=True):
        pass
    holder = sqlite3.connect(tmp_path / "queue.sqlite3", isolation_level=None)
    tasks = Tasks(app, elsewhere, [task("go on")(notes.take)])
    monkeypatch.setitem(app.extensions, "tasks", tasks)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        assert not enqueue(app, "go on", ONE)
        holder.execute("ROLLBACK")
    finally:
        holder.close()
    assert "job_not_queued" in capsys.readouterr().err
    assert enqueue(app, "go on", ONE)


def test_writers_of_pages_are_not_held_up_by_the_queue(with_jobs: Callable[..., Flask], notes: Notes) -> None:
    app = with_jobs(task("go on")(notes.take))
    longest = 0.0
    with start_worker_thread(app):
        for number in range(40):
            start = time.monotonic()
            with transaction() as s:
                queue_mail(s, "ada@b.example", "Work", "", "waiting")
            assert enqueue(app, "go on", number)
            longest = max(longest, time.monotonic() - start)
        until(lambda: len(notes.done) == 40)
    assert longest < 1.5


def test_a_sweep_comes_so_often_as_divides_a_day() -> None:
    assert sweep(minutes=30)(lambda: None).minutes == 30
    for minutes in (0, 7, -1):
        with pytest.raises(ValueError, match="minutes of a day"):
            sweep(minutes=minutes)


def test_two_jobs_of_one_name_are_refused(app: Flask, settings: Settings) -> None:
    with pytest.raises(ValueError, match="one name"):
        Tasks(app, settings, [task("a")(print), task("a")(print)])


@pytest.mark.parametrize("url", ["redis://127.0.0.1/0?db=x", "ftp://h", "nonsense", "sqlite://"])
def test_a_place_we_cannot_use_is_said_at_the_start(app: Flask, url: str) -> None:
    with pytest.raises(SettingsProblem, match="RC_TASKS_URL"):
        Tasks(app, load_settings(secret_key="x" * 40, tasks_url=url), [])


def test_mail_is_sent_by_a_sweep(app: Flask) -> None:
    tasks: Tasks = app.extensions["tasks"]
    assert [(one.name, one.minutes) for one in tasks.sweeps if "mail" in one.name] == [
        ("recovery_college.kernel.mail.send_queued_mail", 1)
    ]
