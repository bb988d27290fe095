"""Jobs beside the pages. A job carries a name and ids, nothing else; what there is to do stands in our tables.

The queue (huey) only says "go on with batch N", after the transaction that wrote batch N. Should that word be
lost, because a process died between, a sweep finds the work in the tables. So tasks and sweeps must be safe to
run twice, and go on where the last one stopped.
"""

import hmac
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import structlog
from flask import Flask
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from recovery_college.kernel.db import session
from recovery_college.kernel.settings import Settings, SettingsProblem

log = structlog.get_logger(__name__)

Id = UUID | int
QUEUE = "recovery-college"
BUSY_SECONDS = 5


class EnqueuedTooEarly(RuntimeError):
    """A job was enqueued inside a transaction: it could run before the work it is about is there."""


@dataclass(frozen=True)
class Task:
    """A job by name. Call it to run it here and now, as tests do."""

    name: str
    run: Callable[..., None]

    def __call__(self, *ids: Id) -> None:
        """Run it."""
        self.run(*ids)


@dataclass(frozen=True)
class Sweep:
    """A job that comes by itself every so many minutes, counted from midnight UTC."""

    name: str
    minutes: int
    run: Callable[[], None]

    def __call__(self) -> None:
        """Run it."""
        self.run()


def task(name: str) -> Callable[[Callable[..., None]], Task]:
    """Make the function a task: it gets the ids, runs in an application context, and may run twice."""
    return lambda run: Task(name, run)


def sweep(*, minutes: int) -> Callable[[Callable[[], None]], Sweep]:
    """Make the function a sweep; `minutes` must divide a day. It runs in an application context."""
    if minutes < 1 or 1440 % minutes:
        raise ValueError("a sweep comes every so many minutes of a day")
    return lambda run: Sweep(f"{run.__module__}.{run.__qualname__}", minutes, run)


class Tasks:
    """What can be done, and where the queue is."""

    def __init__(self, app: Flask, settings: Settings, jobs: Sequence[Task | Sweep]) -> None:
        self._app = app
        self._key = hmac.digest(settings.key().encode(), b"jobs", "sha256")
        self._open = _opener(settings.tasks_url or settings.database)
        self.sweeps = [job for job in jobs if isinstance(job, Sweep)]
        self.tasks = {job.name: job for job in jobs if isinstance(job, Task)}
        if len(jobs) != len({job.name for job in jobs}):
            raise ValueError("two jobs have one name")

    @contextmanager
    def queue(self, *, create_tables: bool = False) -> Iterator[Huey]:
        """The queue, on a connection of its own that is closed at the end of the block."""
        # Signed, because huey's messages are pickles: nobody who can write into the queue alone runs code here.
        queue = self._open(
            name=QUEUE, results=False, serializer=SignedSerializer(self._key), create_tables=create_tables
        )

        @queue.task(name="go_on")  # type: ignore[untyped-decorator]
        def go_on(name: str, *ids: Id) -> None:
            found = self.tasks.get(name)
            if found is None:
                log.error("job_unknown", job=name)
            else:
                self._run(found, ids)

        for one in self.sweeps:
            self._add_sweep(queue, one)
        try:
            yield queue
        finally:
            queue.storage.close()

    def _add_sweep(self, queue: Huey, one: Sweep) -> None:
        def is_due(at: datetime) -> bool:
            return (at.hour * 60 + at.minute) % one.minutes == 0

        # A sweep that could not start before the next one is due is dropped: the next does its work.
        @queue.periodic_task(is_due, name=one.name.replace(".", "_"), expires=one.minutes * 60)  # type: ignore[untyped-decorator]
        def come_by() -> None:
            self._run(one, ())

    def _run(self, job: Task | Sweep, ids: tuple[Id, ...]) -> None:
        try:
            with self._app.app_context():
                job(*ids)
        except Exception as error:  # noqa: BLE001 whatever it was, the next job must run
            # The lines of code only, as kernel/errors.py does: the words may hold what a person typed.
            where = traceback.format_tb(error.__traceback__)
            log.error("job_broke_off", job=job.name, kind=type(error).__name__, where=where)
        else:
            tell = log.info if isinstance(job, Task) else log.debug
            tell("job_done", job=job.name)

    def put(self, name: str, ids: tuple[Id, ...]) -> None:
        """Append a job to the queue."""
        with self.queue() as queue:
            (go_on,) = [kind for kind in queue._registry._registry.values() if kind.__name__ == "go_on"]
            queue.enqueue(go_on((name, *ids)))


def init_tasks(app: Flask, settings: Settings, jobs: Sequence[Task | Sweep]) -> None:
    """Give the app its jobs: each room lists its own. Raises SettingsProblem for an RC_TASKS_URL we cannot use."""
    app.extensions["tasks"] = Tasks(app, settings, jobs)


def create_queue_tables(app: Flask) -> None:
    """Make the queue's own tables where they are missing."""
    with app.extensions["tasks"].queue(create_tables=True):
        pass


def enqueue(app: Flask, name: str, *ids: Id) -> bool:
    """Ask for the named task, with ids only; call it after the transaction that wrote the work.

    Returns False, with a line in the log, when the queue does not answer: the work is saved, and a sweep
    will find it.
    """
    tasks: Tasks = app.extensions["tasks"]
    if name not in tasks.tasks:
        raise LookupError(f"no task is called {name!r}")
    if not all(isinstance(one, UUID | int) for one in ids):
        raise TypeError("a job carries ids only")
    _let_go()
    try:
        tasks.put(name, ids)
    except Exception as trouble:  # noqa: BLE001 each kind of queue has errors of its own; none may undo what is saved
        log.error("job_not_queued", job=name, kind=type(trouble).__name__)
        return False
    return True


def _let_go() -> None:
    """End a read the request has open: on SQLite it would hold the lock that the queue needs."""
    here = session()
    if here.info.get("in_transaction") or here.new or here.dirty or here.deleted:
        raise EnqueuedTooEarly("enqueue after the transaction, not in it")
    here.commit()


def _opener(url: str) -> Callable[..., Huey]:
    """Return what opens the queue at `url`."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise SettingsProblem("RC_TASKS_URL is not an address like redis://host:6379/0.") from None
    kind = address.get_backend_name()
    if kind == "sqlite" and address.database:
        # The same care as our own connections: a journal beside the file, every commit on disk, a short wait.
        return _with(SqliteHuey, filename=address.database, fsync=True, timeout=BUSY_SECONDS, cache_mb=1)
    if kind == "postgresql":
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        return _with(PostgresHuey, dsn=plain, connect_timeout=BUSY_SECONDS)
    if kind in ("redis", "rediss"):
        return _redis(url)
    raise SettingsProblem("RC_TASKS_URL must be empty, or start with redis://, postgresql:// or sqlite:///.")


def _with(kind: type[Huey], **where: Any) -> Callable[..., Huey]:
    return lambda **rest: kind(**where, **rest)


def _redis(url: str) -> Callable[..., Huey]:
    """Redis, with the same short wait: left to itself its client waits for ever, and a request with it."""
    if find_spec("redis") is None:
        raise SettingsProblem(
            "RC_TASKS_URL names Redis, but the Python package redis is not installed: pip install redis."
        )
    redis = import_module("redis")
    once = import_module("redis.retry").Retry(import_module("redis.backoff").NoBackoff(), 0)
    waits = {"socket_connect_timeout": BUSY_SECONDS, "socket_timeout": BUSY_SECONDS, "retry": once}

    def opened(*, create_tables: bool, **rest: Any) -> Huey:
        pool = redis.ConnectionPool.from_url(url, **waits)
        queue = RedisHuey(connection_pool=pool, **rest)
        # huey closes none of them. Those in use belong to other threads, which close theirs when they end.
        queue.storage.close = lambda: pool.disconnect(inuse_connections=False)
        return queue

    try:
        redis.ConnectionPool.from_url(url)
    except ValueError:
        raise SettingsProblem("RC_TASKS_URL is not an address like redis://host:6379/0.") from None
    return opened
