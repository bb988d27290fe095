"""Who does the jobs: a thread beside the pages in exactly one process of this machine, or a process of its own."""

import fcntl
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from flask import Flask
from huey import Huey
from huey.consumer import Consumer

from recovery_college.kernel.db import db
from recovery_college.kernel.settings import Settings
from recovery_college.kernel.tasks import Tasks

log = structlog.get_logger(__name__)

# Two, so that mail goes out while a long batch runs.
THREADS = 2
STOP_SECONDS = 20
TURN_SECONDS = 5.0
OPTIONS: dict[str, Any] = {
    "workers": THREADS,
    "initial_delay": 0.1,
    "max_delay": 1.0,
    "scheduler_interval": 10,
    "shutdown_timeout": STOP_SECONDS,
    "graceful_signal": "TERM",
}


class _Quiet(Consumer):
    """A consumer inside somebody else's process: that process's signals are not ours to take."""

    _stop_flag_timeout = 1.0

    def _set_signal_handlers(self) -> None:
        """Leave them as they are."""


class _Alone(Consumer):
    """A consumer in a process of its own."""

    def start(self) -> None:
        """Listen to signals first: the library does so last, and who was told to end meanwhile would drop its job."""
        self._set_signal_handlers()
        super().start()


class WorkerThread:
    """Does jobs beside the pages, from `start` until `stop`, whenever it is this process's turn."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> Self:
        """Begin, without waiting."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Finish the job at hand, for at most STOP_SECONDS, and close every connection."""
        self._stop.set()
        self._thread.join(STOP_SECONDS + TURN_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def _work(self) -> None:
        settings: Settings = self._app.extensions["settings"]
        tasks: Tasks = self._app.extensions["tasks"]
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _Turn(settings.data_dir / "jobs.lock") as turn:
            while not turn.is_mine():
                if self._stop.wait(TURN_SECONDS):
                    return
            with tasks.queue() as queue:
                consumer = _Quiet(_closing(queue), **OPTIONS)
                consumer.start()
                while not self._stop.wait(10):
                    consumer.check_worker_health()
                consumer.stop(graceful=True)


class _Turn:
    """A lock among the processes of one machine, which the system gives back when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def is_mine(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()


def _closing(queue: Huey) -> Huey:
    """Have each thread close at its end what it opened, one after the other."""
    one_at_a_time = threading.Lock()

    @queue.on_shutdown("close")  # type: ignore[untyped-decorator]
    def close() -> None:
        with one_at_a_time:
            queue.storage.close()

    return queue


def start_worker_thread(app: Flask) -> WorkerThread:
    """Do the jobs in a thread of this process, one such process a machine. Call `stop()` on what is returned.

    Each process of a service may call it: one gets its turn, the next takes over within seconds when it ends.
    """
    return WorkerThread(app).start()


def run_worker(app: Flask) -> None:
    """Do jobs until SIGTERM or SIGINT, in this process and from its main thread, beside any others."""
    tasks: Tasks = app.extensions["tasks"]
    with app.app_context():
        db.engine.dispose()
    with tasks.queue() as queue:
        _Alone(_closing(queue), **OPTIONS).run()
