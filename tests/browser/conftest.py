"""One Chromium and one server for all browser tests of a worker, and the demo college with everybody signed in."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import sync_playwright
from sqlalchemy import update
from werkzeug.serving import WSGIRequestHandler, make_server

from recovery_college.demo.college import make_demo
from recovery_college.demo.people import PEER_TUTOR, SIGN_INS
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.settings import Settings
from recovery_college.people.models import SignInSession
from tests.databases import Database
from tests.page_client import PageClient

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser")  # the quickest first
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "otter lantern gravel"
Opens = Callable[..., Any]


class QuietHandler(WSGIRequestHandler):
    """Says nothing, and knows how many requests are under way."""

    running = 0
    lock = threading.Lock()

    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""

    def run_wsgi(self) -> None:
        """Answer one request."""
        self._count(1)
        try:
            super().run_wsgi()
        finally:
            self._count(-1)

    @classmethod
    def _count(cls, by: int) -> None:
        with cls.lock:
            cls.running += by


def settle() -> None:
    """Wait until no request is under way: only then may the database be put back."""
    calm = 0
    for _ in range(1_000):
        time.sleep(0.01)
        calm = calm + 1 if QuietHandler.running == 0 else 0
        if calm == 3:
            return
    raise AssertionError("a request takes longer than ten seconds")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium a worker: starting it takes longer than most tests."""
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
        assert found, "no Chromium: `make setup-dev` installs one"
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


def serve(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def address(one_app: Flask) -> Iterator[str]:
    """The app on a port of this machine; which rows it shows, the database's fixture decides."""
    yield from serve(one_app)


def new_page(context: Any) -> Any:
    """A tab that remembers in `troubles` what the browser complains of."""
    page = context.new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda line: page.troubles.append(line.text) if line.type == "error" else None)
    return page


@pytest.fixture
def opens(app: Flask, browser: Any, address: str) -> Iterator[Opens]:
    """opens(actor, path, width=1280, scripts=True): a page of the app, signed in."""
    contexts = []

    def open_page(actor: Any, path: str, width: int = 1280, scripts: bool = True) -> Any:
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = actor.get_id(), True
        session().rollback()
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=address
        )
        contexts.append(context)
        context.add_cookies([{"name": "rc", "value": client.get_cookie("rc").value, "url": address}])
        page = new_page(context)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    settle()


@dataclass
class KeptDemo:
    """The demo as it was made: a database template, its files, and a cookie for each who signs in."""

    app: Flask
    database: Database
    files: Path
    data_dir: Path
    cookies: dict[str, str]

    def put_back(self) -> None:
        """Every row and file as it was made."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.database.refresh("demo")
        shutil.rmtree(self.data_dir, ignore_errors=True)
        shutil.copytree(self.files, self.data_dir)


@pytest.fixture(scope="session")
def kept_demo(
    one_app: Flask, database: Database, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> KeptDemo:
    """The demo college, made once a worker, with everybody signed in for hours."""
    database.refresh()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    make_demo(one_app, PASSWORD)
    cookies = {}
    for who in (*SIGN_INS, PEER_TUTOR):
        client = PageClient(one_app)
        assert client.send("/sign-in", {"email": who.email, "password": PASSWORD}).status == 303
        cookie = client.client.get_cookie("rc")
        assert cookie is not None
        cookies[who.key] = cookie.value
    with one_app.app_context():
        with transaction() as s:
            s.execute(update(SignInSession).values(last_seen_at=clock.now() + timedelta(hours=3)))
        db.session.remove()
        db.engine.dispose()
    database.keep_as_template("demo")
    files = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(settings.data_dir, files)
    return KeptDemo(one_app, database, files, settings.data_dir, cookies)


class Guests:
    """The demo's people in the browser: guests.tab("hr", 320) is a signed-in tab, kept for the next who asks."""

    def __init__(self, kept: KeptDemo, browser: Any, address: str) -> None:
        self.app = kept.app
        self.cookies = kept.cookies
        self.browser = browser
        self.address = address
        self.contexts: list[Any] = []
        self.tabs: dict[tuple[str, int], Any] = {}

    def tab(self, key: str, width: int = 1280) -> Any:
        """The tab of this person at this width; nobody's for an empty key."""
        if (key, width) not in self.tabs:
            self.tabs[key, width] = self.new_tab(key, width)
        page = self.tabs[key, width]
        page.troubles.clear()
        return page

    def new_tab(self, key: str, width: int = 1280, **rest: Any) -> Any:
        """A tab of its own, signed in without the form (in a context of its own)."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, base_url=self.address, **rest
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        if key:
            context.add_cookies([{"name": "rc", "value": self.cookies[key], "url": self.address}])
        return new_page(context)

    def leave(self) -> None:
        """Close every tab."""
        for context in self.contexts:
            context.close()
        settle()


def _guests(kept: KeptDemo, browser: Any, address: str) -> Iterator[Guests]:
    kept.put_back()
    kept.app.extensions["is_demo"] = True
    guests = Guests(kept, browser, address)
    yield guests
    guests.leave()
    kept.app.extensions["is_demo"] = False
    with kept.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def guests(kept_demo: KeptDemo, browser: Any, address: str) -> Iterator[Guests]:
    """The demo for tests that only look: one for all tests of a file."""
    yield from _guests(kept_demo, browser, address)


@pytest.fixture
def actors(kept_demo: KeptDemo, browser: Any, address: str) -> Iterator[Guests]:
    """The demo for a test that changes it: its own."""
    yield from _guests(kept_demo, browser, address)
