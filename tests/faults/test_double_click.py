"""F26: one thing asked for twice at once happens once; and what happens twice is whole both times."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select

from recovery_college.access.rules import Actor
from recovery_college.audit.services import verify_chain
from recovery_college.courses.models import Cohort
from recovery_college.graduation import services
from recovery_college.graduation.models import Certificate, CertificateBatch, SerialCounter
from recovery_college.graduation.tasks import go_on_with_certificates
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import SignInSession
from tests.faults.knocking import do
from tests.house.test_access_matrix import token_of
from tests.house.world import ANONYMOUS, PASSWORD, World

TIMES = 4


def at_once(deed: Callable[[int], int], times: int = TIMES) -> list[int]:
    """Do it in as many threads that start together; what each answered."""
    start = threading.Barrier(times)
    answers = [0] * times

    def one(number: int) -> None:
        start.wait()
        answers[number] = deed(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def batches(world: World) -> int:
    """How many batches of the cohort are under way."""
    with world.session() as s:
        return (
            s.scalar(
                select(func.count())
                .select_from(CertificateBatch)
                .where(
                    CertificateBatch.cohort_id == world.mine.values["cohort_id"],
                    CertificateBatch.finished_at.is_(None),
                )
            )
            or 0
        )


def test_issuing_pressed_many_times_starts_one_batch(world: World) -> None:
    do(world, "graduation.certificates_issue", "admin")  # so that the form is known and templates are warm
    world.refresh()
    answers = at_once(lambda number: do(world, "graduation.certificates_issue", "admin")[1].status_code)
    assert answers == [303] * TIMES
    assert batches(world) == 1


def test_two_batches_are_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: a batch is started without looking for the one under way."""

    def careless(actor: Actor, cohort: Cohort) -> CertificateBatch:
        with transaction() as s:
            batch = CertificateBatch(
                cohort_id=cohort.id,
                started_by=actor.audit_id,
                started_role="admin",
                started_at=clock.now(),
                total=1,
            )
            s.add(batch)
        return batch

    monkeypatch.setattr(services, "start_batch", careless)
    for _ in range(2):
        do(world, "graduation.certificates_issue", "admin")
    assert batches(world) == 2


def test_one_batch_worked_on_by_many_gives_each_one_certificate(world: World) -> None:
    _, answer = do(world, "graduation.certificates_issue", "admin")
    batch_id = UUID((answer.location or "").rpartition("/")[2])

    def work(number: int) -> int:
        with world.app.app_context():
            go_on_with_certificates(batch_id)
        return 0

    with world.session() as s:
        before = s.scalar(select(func.count()).select_from(Certificate)) or 0
    at_once(work)
    with world.session() as s:
        numbers = list(s.scalars(select(Certificate.number).order_by(Certificate.number)))
        assert len(numbers) == before + 1
        assert numbers == list(range(1, len(numbers) + 1))
        assert s.get_one(SerialCounter, 1).last == len(numbers)
        assert verify_chain(s).problem is None


def test_signing_in_twice_at_once_opens_two_whole_sessions(world: World) -> None:
    said = {"email": "tutor.mine@canary.example", "password": PASSWORD}

    def sign_in(number: int) -> int:
        client = world.client(ANONYMOUS)
        answer = client.post("/sign-in", data={**said, "csrf_token": token_of(client, ANONYMOUS)})
        assert client.get("/account").status_code == 200
        return answer.status_code

    with world.session() as s:
        before = s.scalar(select(func.count()).select_from(SignInSession)) or 0
    assert at_once(sign_in, 2) == [303, 303]
    with world.session() as s:
        assert s.scalar(select(func.count()).select_from(SignInSession)) == before + 2
        assert verify_chain(s).problem is None
