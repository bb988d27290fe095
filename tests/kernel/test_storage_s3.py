"""Files in a bucket: the same promises as in a folder, tried over S3's own protocol."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import from_url

from recovery_college.kernel import clock, storage
from recovery_college.kernel.storage import Storage, StorageMissing, StorageProblem, new_key
from tests.factories.mail_server import free_port, silent
from tests.factories.s3_server import BUCKET, s3_server

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(server: str) -> Storage:
    return Storage(f"s3://{BUCKET}/a-folder")


def test_works(bucket: Storage) -> None:
    key = new_key("certificates", ".pdf")
    assert not bucket.exists(key)
    bucket.put(key, b"first")
    bucket.put(key, b"second")
    assert bucket.exists(key)
    assert bucket.get(key) == b"second"
    bucket.delete(key)
    bucket.delete(key)
    assert not bucket.exists(key)
    for use in (bucket.get, bucket.stream):
        with pytest.raises(StorageMissing):
            use(key)


def test_a_large_file_goes_in_and_out_piece_by_piece(bucket: Storage, tmp_path: Path) -> None:
    source, content = tmp_path / "source", os.urandom(12_000_000)  # several parts of an upload
    source.write_bytes(content)
    bucket.put_file("evidence/film.mp4", source)
    pieces = list(bucket.stream("evidence/film.mp4"))
    assert b"".join(pieces) == content
    assert len(pieces) > 2


def test_what_is_there_is_listed_by_the_keys_it_was_put_under(bucket: Storage) -> None:
    bucket.put("listed/a.txt", b"x")
    bucket.put("listed/b/c.txt", b"y")
    bucket.put("listed-not/d.txt", b"z")
    found = dict(bucket.listed("listed"))
    assert list(found) == ["listed/a.txt", "listed/b/c.txt"]
    assert all(abs(at - clock.now()) < timedelta(minutes=5) for at in found.values())


def test_a_folder_of_a_bucket_is_apart_from_the_next(bucket: Storage, server: str) -> None:
    bucket.put("a/b.txt", b"ours")
    other = Storage(f"s3://{BUCKET}/another")
    assert not other.exists("a/b.txt")
    assert Storage(f"s3://{BUCKET}").get("a-folder/a/b.txt") == b"ours"


def test_a_bucket_that_is_not_there_is_said_and_never_taken_for_a_missing_file(server: str) -> None:
    nowhere = Storage("s3://no-such-bucket")
    uses = (
        lambda: nowhere.put("a/b", b"x"),
        lambda: nowhere.get("a/b"),
        lambda: nowhere.stream("a/b"),
        lambda: nowhere.delete("a/b"),
        lambda: list(nowhere.listed("a")),
    )
    for use in uses:
        with pytest.raises(StorageProblem, match="no bucket of that name"):
            use()


def test_a_server_that_is_down_is_said_within_the_time_a_page_has(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    down = Storage(f"s3://{BUCKET}")
    start = time.monotonic()
    with pytest.raises(StorageProblem, match="did not answer") as told:
        down.put("a/b", b"x")
    assert time.monotonic() - start < storage.GIVE_UP_AFTER.total_seconds()
    assert "127.0.0.1" not in str(told.value)


def test_a_server_that_says_nothing_keeps_nobody_waiting(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "ANSWER_WITHIN", timedelta(seconds=0.3))
    monkeypatch.setattr(storage, "GIVE_UP_AFTER", timedelta(seconds=1))
    with silent() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        start = time.monotonic()
        with pytest.raises(StorageProblem, match="did not answer"):
            Storage(f"s3://{BUCKET}").get("a/b")
        assert time.monotonic() - start < 5


def test_obstore_alone_would_say_neither(server: str) -> None:
    """The known-bad twin: a missing bucket looks like a missing file, and is no error of obstore's own."""
    plain = from_url("s3://no-such-bucket")
    with pytest.raises(FileNotFoundError, match=storage.NO_BUCKET):
        plain.put("a/b", b"x")
