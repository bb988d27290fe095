"""Files are whole or absent, survive a power cut, and keys cannot leave the folder (F5, F6, F21)."""

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from recovery_college.kernel.storage import Storage, StorageMissing, StorageProblem, new_key


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files")


@pytest.fixture
def no_file_may_grow() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_works(storage: Storage) -> None:
    key = new_key("certificates", ".pdf")
    assert not storage.exists(key)
    storage.put(key, b"first")
    storage.put(key, b"second")
    assert storage.exists(key)
    assert storage.get(key) == b"second"
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    with pytest.raises(StorageMissing):
        storage.get(key)


def test_a_file_goes_in_and_out_piece_by_piece(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, content = tmp_path / "source", os.urandom(700_000)
    source.write_bytes(content)
    storage.put("a/first", b"")
    calls = calls_of(lambda: storage.put_file("a/b.zip", source), monkeypatch)
    assert calls == ["content", "rename", "folder"]
    pieces = list(storage.stream("a/b.zip"))
    assert b"".join(pieces) == content
    assert len(pieces) > 2
    with pytest.raises(StorageMissing):
        storage.stream("a/c.zip")


def test_a_bucket_streams_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recovery_college.kernel.storage.from_url", lambda url, **_: MemoryStore())
    bucket, source = Storage("s3://bucket"), tmp_path / "source"
    content = os.urandom(700_000)
    source.write_bytes(content)
    bucket.put_file("a/b.zip", source)
    assert b"".join(bucket.stream("a/b.zip")) == content
    with pytest.raises(StorageMissing):
        bucket.stream("a/c.zip")


def test_an_address_of_a_folder_is_the_folder(tmp_path: Path) -> None:
    Storage(f"file://{tmp_path}").put("a/b.txt", b"x")
    assert Storage(tmp_path).get("a/b.txt") == b"x"


def test_nothing_else_is_left_and_only_the_owner_reads(storage: Storage, tmp_path: Path) -> None:
    storage.put("a/b.pdf", b"x")
    names = [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))]
    assert names == ["files", "files/a", "files/a/b.pdf"]
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a/..",
        "a//b",
        "a/",
        "A/b",
        "a b",
        "a\nb",
        "a\n",
        "a\x00b",
        "é",
        ".x",
    ],
)
def test_a_key_cannot_leave_the_folder(storage: Storage, key: str) -> None:
    for use in (storage.get, storage.delete, storage.exists):
        with pytest.raises(ValueError, match="key"):
            use(key)
    with pytest.raises(ValueError, match="key"):
        storage.put(key, b"")


@given(st.text(max_size=30))
def test_what_is_taken_as_a_key_stays_below_the_folder(key: str) -> None:
    root = Path("/nowhere/files")
    try:
        Storage(root).exists(key)
    except ValueError:
        return
    assert Path(os.path.normpath(root / key)).is_relative_to(root)


def test_new_keys_are_long_and_never_the_same() -> None:
    keys = {new_key("uploads") for _ in range(1000)}
    assert len(keys) == 1000
    assert {len(key) for key in keys} == {len("uploads/") + 40}


def calls_of(put: object, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that make a file last, in order."""
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(number: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "content")
        fsync(number)

    def note_replace(self: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", note_fsync)
        patch.setattr(Path, "replace", note_replace)
        put()  # type: ignore[operator]
    return calls


def test_content_reaches_the_disk_before_its_name_does(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("a/first", b"")
    assert calls_of(lambda: storage.put("a/b", b"x"), monkeypatch) == ["content", "rename", "folder"]
    assert calls_of(lambda: storage.put("new/b", b"x"), monkeypatch) == [
        "folder",
        "content",
        "rename",
        "folder",
    ]


def test_without_it_nothing_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = LocalStore(tmp_path)
    assert calls_of(lambda: plain.put("b", b"x"), monkeypatch) == []


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(StorageProblem, match=r"RC_STORAGE_URL.*a file, not a folder"):
        Storage(tmp_path / "files").put("a/b", b"x")


def test_no_permission_is_said_plainly(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.put("a/b", b"old")

    def refuse(path: object, flags: int, mode: int = 0) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageProblem, match="cannot be written to: the service's user may not"):
        storage.put("a/b", b"new")
    assert storage.get("a/b") == b"old"


@pytest.mark.usefixtures("no_file_may_grow")
def test_a_file_cut_short_leaves_the_old_one_whole(storage: Storage, tmp_path: Path) -> None:
    storage.put("a/b", b"old")
    with pytest.raises(StorageProblem, match="larger than this machine allows"):
        storage.put("a/b", b"new" * 100)
    assert storage.get("a/b") == b"old"
    assert [path.name for path in (tmp_path / "files/a").iterdir()] == ["b"]


@pytest.mark.parametrize("url", ["ftp://host/folder", "http://host/x", "s3://"])
def test_an_address_we_cannot_use_is_said_at_the_start(url: str) -> None:
    with pytest.raises(StorageProblem, match="RC_STORAGE_URL"):
        Storage(url)


def test_the_app_has_its_files_in_the_data_folder(app: Flask, data_folder: Path) -> None:
    app.extensions["storage"].put("a/b", b"x")
    assert (data_folder / "files/a/b").read_bytes() == b"x"
