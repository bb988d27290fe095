"""What every test stands on: one app, a fresh database a test, no mail, no network but loopback by marker."""

import gc
import os
import shutil
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings

from recovery_college.app import create_app
from recovery_college.kernel.db import db
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import Settings, load_settings
from tests.databases import Database, PostgresqlDatabase, SqliteDatabase
from tests.page_client import PageClient

HUNTING = bool(os.environ.get("RC_TEST_HUNT"))
for name in [name for name in os.environ if name.startswith("RC_") and name != "RC_TEST_DATABASE"]:
    del os.environ[name]

# Property tests judge answers, not speed: a busy machine must not turn them red.
# The suite tries the same cases every time, so that it says the same of the same code; `make trust` hunts afresh.
hypothesis_settings.register_profile("college", deadline=None, derandomize=True, database=None)
hypothesis_settings.register_profile("hunt", deadline=None, max_examples=1_000)
hypothesis_settings.load_profile("hunt" if HUNTING else "college")

BACKEND = os.environ.get("RC_TEST_DATABASE", "sqlite")

# Their tests take longest, and some of their files are one long test. They are begun first: at the end every worker
# has something short left, and none is waited for alone.
LONG_ROOMS = ("house", "demo", "faults", "browser")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what fetches pages. On PostgreSQL try what asks a database: the rest says the same as on SQLite."""
    for item in items:
        if "client" in getattr(item, "fixturenames", ()):
            item.add_marker("page")
        if HUNTING or item.get_closest_marker("trust"):
            item.add_marker(pytest.mark.timeout(0))
    if hasattr(config, "workerinput"):
        in_file = Counter(item.path for item in items)
        is_long = {path: path.parent.name in LONG_ROOMS for path in in_file}
        items.sort(
            key=lambda item: (not is_long[item.path], in_file[item.path] * (1 if is_long[item.path] else -1))
        )
    if BACKEND != "postgresql":
        return
    without = [item for item in items if "database" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if "database" in getattr(item, "fixturenames", ())]


def pytest_collection_finish() -> None:
    """What was collected lives to the end: Python need not look through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """The real database this run is on (RC_TEST_DATABASE=sqlite | postgresql)."""
    kind = {"sqlite": SqliteDatabase, "postgresql": PostgresqlDatabase}[BACKEND]
    # Not pytest's own folder: another run started meanwhile would clear it away under a running server.
    with tempfile.TemporaryDirectory(prefix="rc-tests-", ignore_cleanup_errors=True) as folder:
        one = kind(Path(folder))
        yield one
        one.stop()


@pytest.fixture(scope="session")
def settings(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the app under test."""
    return load_settings(
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=database.url,
        secret_key="a key for tests only, long enough to pass",
        org_name="Fenside NHS Foundation Trust",
        college_name="Fenside Recovery College",
        public_base_url="http://127.0.0.1:8000",
    )


@pytest.fixture(scope="session")
def one_app(settings: Settings, database: Database) -> Flask:
    """The app, made once; its database has every migration and is kept as a template."""
    app = create_app(settings)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    upgrade_schema(app)
    with app.app_context():
        db.engine.dispose()
    database.keep_as_template()
    return app


@pytest.fixture
def app(one_app: Flask, database: Database) -> Iterator[Flask]:
    """The app with a fresh database, inside its context."""
    database.refresh()
    with one_app.app_context():
        yield one_app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A browser without a screen: every page it fetches is checked."""
    return PageClient(app.test_client())


@pytest.fixture
def data_folder(settings: Settings) -> Path:
    """The data folder, emptied."""
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    settings.data_dir.mkdir(parents=True)
    return settings.data_dir


_connect = socket.socket.connect
_LOCAL = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection, but for loopback where the marker asks (and the test's own PostgreSQL)."""
    may_loop = request.node.get_closest_marker("loopback") or request.node.get_closest_marker("browser")

    def connect(self: socket.socket, address: object) -> None:
        if self.family == getattr(socket, "AF_UNIX", None):
            return _connect(self, address)  # type: ignore[arg-type]
        host = address[0] if isinstance(address, tuple) else ""
        if may_loop and str(host).startswith(_LOCAL):
            return _connect(self, address)  # type: ignore[arg-type]
        raise RuntimeError(f"a test tried to connect to {address!r}; mark it loopback if it is local")

    monkeypatch.setattr(socket.socket, "connect", connect)
