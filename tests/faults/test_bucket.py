"""F21 with files in a bucket: handed in and opened over S3's protocol; while the bucket is away it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from recovery_college.assessment.evidence_models import EvidenceFile
from recovery_college.kernel.storage import Storage
from tests.factories.evidence import A_PDF
from tests.factories.mail_server import free_port
from tests.factories.s3_server import BUCKET, s3_server
from tests.faults.test_full_disk import sending
from tests.faults.test_uploads import TYPED, found, rows_first
from tests.house.world import World

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(world: World, server: str, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The world with its files in a bucket."""
    storage = Storage(f"s3://{BUCKET}/college")
    monkeypatch.setitem(world.app.extensions, "storage", storage)
    return storage


def away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the bucket does not answer."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setitem(world.app.extensions, "storage", Storage(f"s3://{BUCKET}/college"))


def the_newest(world: World) -> EvidenceFile:
    with world.session() as s:
        return s.scalars(select(EvidenceFile).order_by(EvidenceFile.id.desc()).limit(1)).one()


def test_evidence_goes_into_the_bucket_and_out_again(
    world: World, bucket: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = A_PDF * 3000
    assert sending(world, content)().status_code == 303
    kept = the_newest(world)
    assert bucket.get(kept.storage_key) == content
    address = f"/evidence/{kept.evidence_id}/files/{kept.id}"
    opened = world.client("student").get(address)
    assert (opened.status_code, opened.get_data()) == (200, content)
    away(world, monkeypatch)
    closed = world.client("student").get(address)
    assert (closed.status_code, int(closed.headers["Retry-After"]) > 0) == (503, True)


def test_while_the_bucket_is_away_it_is_told_and_nothing_is_half_there(
    world: World, bucket: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, pieces = sending(world, A_PDF), found(world)
    with monkeypatch.context() as patch:
        away(world, patch)
        answer = send()
    assert (answer.status_code, TYPED in answer.get_data(as_text=True)) == (503, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert found(world) == pieces
    assert send().status_code == 303  # and afterwards it works


def test_rows_before_the_bucket_are_found(
    world: World, bucket: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: the row is there and its file is not."""
    rows_first(monkeypatch)
    send, pieces = sending(world, A_PDF), found(world)
    away(world, monkeypatch)
    assert send().status_code == 503
    assert found(world) != pieces
