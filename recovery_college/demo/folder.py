"""The demo's own folder: its database, key and password, apart from everything real; made once a day at most."""

import fcntl
import ipaddress
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from recovery_college.app import create_app
from recovery_college.demo.college import COLLEGE_NAME, ORG_NAME, make_demo
from recovery_college.demo.people import set_password
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, transaction
from recovery_college.kernel.schema import schema_revisions, upgrade_schema
from recovery_college.kernel.settings import Settings
from recovery_college.kernel.statistics import count_tables
from recovery_college.people.signin import password_problem

NOTE = "demo.json"
"""Written last: a folder without it holds a demo that was not finished."""
PASSWORD = "password"  # noqa: S105 a file's name
OURS = ("recovery-college.sqlite3*", "files", "jobs.lock", NOTE)
"""What is made anew. The key and the password stay, so that nobody has to learn a new one."""


class DemoRefused(Exception):
    """The demo cannot be served like that; the text says why and what to do."""


def demo_settings(settings: Settings, host: str, port: int) -> Settings:
    """The settings of the demo: its own SQLite, key, files and outbox, whatever the real ones are.

    Raises DemoRefused for an address that other machines reach, unless the person chose a good password and
    named the host.
    """
    if not _is_loopback(host):
        problem = password_problem(settings.demo_password, "") if settings.demo_password else "Choose one"
        if problem or not settings.trusted_hosts:
            raise DemoRefused(
                f"On {host} other machines could reach the demo, and everybody in it has one password. To show it "
                "to others on purpose, set RC_DEMO_PASSWORD to a password of your own of 12 characters or more, and "
                "RC_TRUSTED_HOSTS to the name they will type. Else leave out --host."
            )
    # On every address of this machine people type the first name they were told.
    shown = settings.trusted_hosts.split(",")[0].strip() if not _is_loopback(host) else host
    return settings.model_copy(
        update={
            "data_dir": settings.data_dir.resolve() / "demo",
            "database_url": "",
            "tasks_url": "",
            "storage_url": "",
            "secret_key": "",
            "mail_url": "outbox",
            "mail_from": "",
            "public_base_url": f"http://{shown}:{port}",
            "org_name": ORG_NAME,
            "college_name": COLLEGE_NAME,
            "contact_email": "college@demo.example",
            "accredited_by": "",
            "employers": "",
            "serial_prefix": "RC",
            "parts": "all",
        }
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def open_demo(
    settings: Settings, *, reset: bool = False, keep: bool = False
) -> Iterator[tuple[Flask, str, bool]]:
    """The demo's app, its password, and whether it was made just now; the folder is ours until the block ends.

    It is made anew when asked, when it was not finished, when its database is of another version, and when it
    is of another day (its dates follow from the day it is made) unless `keep`. Raises DemoRefused while
    another process serves a demo that would have to be made anew.
    """
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "demo.lock").open("ab") as lock:
        settings.ensure_key()
        password = _password(folder, settings.demo_password)
        app = create_app(settings)
        app.extensions["is_demo"] = True
        makes = reset or not _is_usable(app, folder, keep)
        _take(lock.fileno(), alone=makes)
        if makes:
            with app.app_context():
                db.engine.dispose()
            _empty(folder)
            upgrade_schema(app)
            make_demo(app, password)
            with app.app_context():
                count_tables()
            (folder / NOTE).write_text(json.dumps({"made_on": clock.today().isoformat()}), "utf-8")
        else:
            with app.app_context(), transaction() as s:
                set_password(s, password)
        _take(lock.fileno(), alone=False)
        yield app, password, makes


def _take(lock: int, *, alone: bool) -> None:
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoRefused(
            "The demo is being served or made by another process, so it cannot be made anew now. Stop that one first."
        ) from None


def _is_usable(app: Flask, folder: Path, keep: bool) -> bool:
    """Whether the demo in the folder is whole, of this version, and of today (or kept on purpose)."""
    try:
        made_on = json.loads((folder / NOTE).read_text("utf-8"))["made_on"]
    except (FileNotFoundError, ValueError, KeyError):
        return False
    at, newest = schema_revisions(app)
    return at == newest and (keep or made_on == clock.today().isoformat())


def _empty(folder: Path) -> None:
    """Take out what an earlier demo left, and nothing else."""
    for pattern in OURS:
        for path in folder.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _password(folder: Path, chosen: str) -> str:
    """The chosen password, or the one in the demo's folder, made at random the first time (0600)."""
    if chosen:
        return chosen
    path = folder / PASSWORD
    if not path.exists():
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(12), "utf-8")
    return path.read_text("utf-8").strip()
