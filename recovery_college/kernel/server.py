"""Serving: one process for a laptop or a demonstration, several for a service; jobs run beside the pages.

Told to stop, both take no new request, answer those under way, and end with 0.
"""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from recovery_college.kernel.db import db
from recovery_college.kernel.pages import warm_up
from recovery_college.kernel.pdf import read_library
from recovery_college.kernel.worker import STOP_SECONDS, start_worker_thread


def port_problem(host: str, port: int) -> str | None:
    """Say in a sentence why nothing can be served there, or None."""
    try:
        host.encode("idna")  # else a name that is none would end in a trace
        with socket.create_server((host, port)):
            return None
    except (OSError, UnicodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "that is no name of a machine"
        return (
            f"Nothing can be served on {host!r}, port {port} ({why}). Choose another with --host or --port."
        )


def serve_one_process(app: Flask, host: str, port: int) -> None:
    """Serve from this process until stopped (waitress: threads, no fork)."""
    jobs = start_worker_thread(app)
    # Beside the first requests: ready at once matters more here than the first page's half second.
    threading.Thread(target=_read_all, args=(app,), name="warm-up", daemon=True).start()
    try:
        _answer_until_told(app, host, port)
    finally:
        jobs.stop()


def _answer_until_told(app: Flask, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl+C. waitress's own loop would end at once, with requests half answered."""
    sockets: dict[int, Any] = {}
    server = create_server(
        app, map=sockets, host=host, port=port, threads=8, ident=None, clear_untrusted_proxy_headers=True
    )
    with suppress(KeyboardInterrupt), _sigterm() as told:
        while not told.is_set():
            wasyncore.loop(timeout=0.5, map=sockets, count=1)
    for one in [one for one in sockets.values() if isinstance(one, BaseWSGIServer)]:
        wasyncore.dispatcher.close(one)  # who listens; the threads still need the rest of it to answer
    last = time.monotonic() + STOP_SECONDS
    while _under_way(sockets) and time.monotonic() < last:
        wasyncore.loop(timeout=0.1, map=sockets, count=1)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def _under_way(sockets: dict[int, Any]) -> bool:
    """Whether somebody's request is coming in, being worked on, or its answer going out."""
    channels = [one for one in sockets.values() if isinstance(one, HTTPChannel)]
    return any(one.request or one.requests or one.total_outbufs_len for one in channels)


@contextmanager
def _sigterm() -> Iterator[threading.Event]:
    """An event that SIGTERM sets, inside the block."""
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)


def _read_all(app: Flask) -> None:
    """What the first page and the first paper of a process would wait for."""
    warm_up(app)
    read_library()


class _Service(BaseApplication):
    """gunicorn with our settings instead of a file's."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self.options = options
        self.application = app
        super().__init__()

    def load_config(self) -> None:
        """Hand over the options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application every worker serves."""
        return self.application


class _Log(Logger):
    """gunicorn's own lines go the way of all others (kernel/logging.py)."""

    def setup(self, cfg: Config) -> None:
        """Take away the handlers gunicorn sets."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def _forget_connections(arbiter: Any, worker: Any) -> None:
    """A forked worker must not share its parent's database connections."""
    with worker.app.application.app_context():
        db.engine.dispose(close=False)


def _start_jobs(worker: Any) -> None:
    """Every worker is ready to do jobs; the lock in kernel/worker.py lets one of them."""
    worker.jobs = start_worker_thread(worker.app.application)


def _stop_jobs(arbiter: Any, worker: Any) -> None:
    """Let the job at hand end, within gunicorn's own time for stopping."""
    if hasattr(worker, "jobs"):
        worker.jobs.stop()


def serve_forever(app: Flask, host: str, port: int, workers: int) -> None:
    """Serve with several worker processes until stopped; one of them does the jobs beside."""
    _read_all(app)  # once, before the workers are forked
    _Service(
        app,
        {
            "bind": f"{host}:{port}",
            "workers": workers,
            "threads": 4,
            "worker_class": "gthread",
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "timeout": 60,
            "accesslog": None,
            "logger_class": _Log,
            "control_socket_disable": True,
            "proc_name": "recovery-college",
            "post_fork": _forget_connections,
            "post_worker_init": _start_jobs,
            "worker_exit": _stop_jobs,
        },
    ).run()
