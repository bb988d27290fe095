"""F32, F33: a worker without memory, and a server told to stop: what is under way is whole or absent, and told."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.dying_server import UNDER_WAY
from tests.faults.test_killed_server import Server, a_decision, found, running, send
from tests.house.world import World

pytestmark = pytest.mark.loopback
STOPPED_WITHIN = 20


@pytest.fixture
def under_way(world: World) -> Path:
    """The file that says that a decision is being saved."""
    path: Path = world.app.extensions["settings"].data_dir / UNDER_WAY
    path.unlink(missing_ok=True)
    return path


def told_to_stop(world: World, under_way: Path, how: str) -> tuple[int, int]:
    """Tell the server to stop while it saves; the answer's status, and what the process ended with."""
    sending, answers = a_decision(world), []
    with running(world, "slow", how) as server:
        thread = threading.Thread(target=lambda: answers.append(sending.to(server.port)))
        thread.start()
        wait_until_under_way(under_way, server)
        server.process.terminate()
        thread.join(STOPPED_WITHIN)
        ended = server.process.wait(STOPPED_WITHIN)
    return answers[0], ended


def wait_until_under_way(path: Path, server: Server) -> None:
    deadline = time.monotonic() + 15
    while not path.exists():
        assert time.monotonic() < deadline
        assert server.process.poll() is None
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["service", pytest.param("laptop", marks=pytest.mark.trust)])
def test_the_request_under_way_is_answered_and_the_server_ends_well(
    world: World, under_way: Path, how: str
) -> None:
    lines = found(world)[1]
    assert told_to_stop(world, under_way, how) == (303, 0)
    assert found(world) == (1, lines + 1, None)


def test_a_server_that_ends_at_once_leaves_the_person_without_an_answer(
    world: World, under_way: Path
) -> None:
    """The known-bad twin: waitress alone, to which SIGTERM is the end."""
    lines = found(world)[1]
    assert told_to_stop(world, under_way, "bare") == (0, -signal.SIGTERM)
    assert found(world) == (0, lines, None)


@pytest.mark.trust
def test_a_worker_that_the_system_kills_for_its_memory_is_replaced(world: World, under_way: Path) -> None:
    """The kernel ends a process that eats memory as `kill -9` does: the others go on, and nothing is half there."""
    sending, lines, answers = a_decision(world), found(world)[1], []
    with running(world, "slow", "service") as server:
        thread = threading.Thread(target=lambda: answers.append(sending.to(server.port)))
        thread.start()
        wait_until_under_way(under_way, server)
        at_work = busiest(server)
        os.kill(at_work, signal.SIGKILL)
        thread.join(STOPPED_WITHIN)
        assert answers == [0]
        assert {send(server.port, "GET", "/health/ready")[0] for _ in range(5)} == {200}
        assert found(world) == (0, lines, None)
        assert sending.to(server.port) == 303  # and sent again it is there
        assert found(world) == (1, lines + 1, None)
        assert replaced(server, at_work)


@pytest.mark.trust
def test_one_process_alone_that_is_killed_serves_nobody(world: World, under_way: Path) -> None:
    """The known-bad twin: no arbiter that starts another."""
    sending, answers = a_decision(world), []
    with running(world, "slow") as server:
        thread = threading.Thread(target=lambda: answers.append(sending.to(server.port)))
        thread.start()
        wait_until_under_way(under_way, server)
        server.process.kill()
        thread.join(STOPPED_WITHIN)
        assert answers == [0]
        with pytest.raises(ConnectionError):
            send(server.port, "GET", "/health/ready")


def busiest(server: Server) -> int:
    """The worker that holds the connection of the request."""
    for worker in psutil.Process(server.process.pid).children():
        if any(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == server.port
               for one in worker.net_connections("tcp")):  # fmt: skip
            return worker.pid
    raise AssertionError("no worker holds the request")


def replaced(server: Server, gone: int) -> bool:
    """Whether there are two workers again, the killed one not among them."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        there = [one.pid for one in psutil.Process(server.process.pid).children()]
        if len(there) == 2 and gone not in there:
            return True
        time.sleep(0.1)
    return False


def test_a_request_without_memory_is_told_and_the_next_is_served(world: World) -> None:
    """The small version of the two above: the interpreter itself says that there is no more."""
    sending, lines = a_decision(world), found(world)[1]
    with running(world, "hungry") as server:
        assert sending.to(server.port) == 500
        assert send(server.port, "GET", "/health/ready")[0] == 200
    assert found(world) == (0, lines, None)
