"""F35: two servers on one database write at the same time; nobody is refused, and the trail is one whole chain."""

from __future__ import annotations

import threading
from itertools import count
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from recovery_college.audit.services import verify_chain
from recovery_college.careers.models import Vacancy
from tests.faults.knocking import actions
from tests.faults.test_killed_server import running, send
from tests.house.test_access_matrix import token_of
from tests.house.world import World

pytestmark = pytest.mark.loopback
WRITERS, EACH = 3, 12


def written(world: World, moment: str) -> list[int]:
    """Have writers at both servers enter vacancies all at once; each answer's status."""
    client = world.client("hr")
    token = token_of(client, "hr")
    cookie = client.get_cookie("rc", domain="127.0.0.1") or client.get_cookie("rc")
    assert cookie is not None
    numbers, answers = count(1), []
    start = threading.Barrier(2 * WRITERS)

    def write(port: int) -> None:
        start.wait(60)
        for _ in range(EACH):
            said = {
                "csrf_token": token,
                "reference": f"TWO-{next(numbers)}",
                "title": "Clerk",
                "band": "Band 3",
            }
            body = urlencode(said)
            answers.append(send(port, "POST", "/vacancies/new", body, f"rc={cookie.value}")[0])

    with running(world, moment) as first, running(world, moment) as second:
        threads = [
            threading.Thread(target=write, args=(server.port,))
            for server in (first, second)
            for _ in range(WRITERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    return answers


def vacancies(world: World) -> int:
    with world.session() as s:
        return s.scalar(select(func.count()).where(Vacancy.reference.startswith("TWO-"))) or 0


def test_both_write_and_nobody_is_refused(world: World) -> None:
    before = len(actions(world))
    assert written(world, "never") == [303] * (2 * WRITERS * EACH)
    assert vacancies(world) == 2 * WRITERS * EACH
    assert len(actions(world)) >= before + 2 * WRITERS * EACH
    with world.session() as s:
        assert verify_chain(s).problem is None


@pytest.mark.trust
def test_a_lock_taken_too_late_refuses_somebody(world: World) -> None:
    """The known-bad twin: a plain BEGIN reads first and then finds that the other server has written."""
    answers = written(world, "deferred")
    assert 503 in answers
    assert vacancies(world) == answers.count(303)  # and even then nothing is half there
