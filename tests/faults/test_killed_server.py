"""F1: the web process is killed while a decision is sent. Acknowledged is there; unacknowledged is whole or absent."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from recovery_college.assessment.models import Decision
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.kernel.db import db
from tests.factories.mail_server import free_port
from tests.faults.knocking import rule_of
from tests.house.source import ROOT
from tests.house.test_access_matrix import plausible, token_of
from tests.house.world import World

pytestmark = pytest.mark.loopback


@dataclass(frozen=True)
class Server:
    """A real server in a process of its own."""

    port: int
    process: subprocess.Popen[bytes]


@contextmanager
def serving(world: World, moment: str) -> Iterator[int]:
    """The port of a real server on the world's database."""
    with running(world, moment) as server:
        yield server.port


@contextmanager
def running(world: World, moment: str, how: str = "bare") -> Iterator[Server]:
    """A real server on the world's database, served in that way."""
    port = free_port()
    with world.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        db.engine.dispose()
    folder = str(world.app.extensions["settings"].data_dir)
    command = [sys.executable, "-m", "tests.faults.dying_server", url, folder, str(port), moment, how]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Server(port, process)
    finally:
        process.kill()
        process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers."""
    for _ in range(300):
        assert process.poll() is None
        try:
            if send(port, "GET", "/health/ready")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def send(port: int, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {
            "Host": "127.0.0.1:8000",
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or ""
    finally:
        connection.close()


@dataclass(frozen=True)
class Sending:
    """A decision as a browser would send it."""

    path: str
    body: str
    cookie: str

    def to(self, port: int) -> int:
        """The status, 0 when no answer came."""
        try:
            return send(port, "POST", self.path, self.body, self.cookie)[0]
        except (http.client.HTTPException, OSError):
            return 0


def a_decision(world: World) -> Sending:
    """A tutor's decision, ready to be sent."""
    rule = rule_of(world, "assessment.decision_record")
    said = {**plausible(world, rule)["tutor"], "feedback": "Sent while the server died"}
    world.refresh()
    client = world.client("tutor")
    body = urlencode({**said, "csrf_token": token_of(client, "tutor")}, doseq=True)
    cookie = client.get_cookie("rc", domain="127.0.0.1") or client.get_cookie("rc")
    assert cookie is not None
    return Sending(world.path(rule, "tutor"), body, f"rc={cookie.value}")


def decide(world: World, moment: str) -> int:
    """Send a decision to a server that dies at that moment; the status, 0 when no answer came."""
    sending = a_decision(world)
    with serving(world, moment) as port:
        return sending.to(port)


def found(world: World) -> tuple[int, int, str | None]:
    """How many such decisions and lines of the trail there are, and what is wrong with the chain."""
    with world.session() as s:
        decisions = s.scalar(
            select(func.count())
            .select_from(Decision)
            .where(Decision.feedback == "Sent while the server died")
        )
        lines = s.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "decided"))
        return decisions or 0, lines or 0, verify_chain(s).problem


@pytest.fixture
def lines_before(world: World) -> int:
    return found(world)[1]


def test_killed_before_the_commit_nothing_is_there(world: World, lines_before: int) -> None:
    assert decide(world, "before") == 0
    assert found(world) == (0, lines_before, None)


def test_killed_after_the_commit_all_of_it_is_there(world: World, lines_before: int) -> None:
    assert decide(world, "after") == 0
    assert found(world) == (1, lines_before + 1, None)


def test_what_was_acknowledged_is_there_after_the_kill(world: World, lines_before: int) -> None:
    assert decide(world, "never") == 303
    assert found(world) == (1, lines_before + 1, None)


def test_half_of_it_is_found(world: World, lines_before: int) -> None:
    """The known-bad twin: a decision committed apart from its line."""
    assert decide(world, "half") == 0
    assert found(world)[:2] == (1, lines_before)
