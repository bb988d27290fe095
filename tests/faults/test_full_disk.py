"""F5, F6: the disk for files is full, or a file may not grow: told, typed text kept, nothing half there."""

from __future__ import annotations

import errno
import gc
import io
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from recovery_college.kernel.storage import StorageProblem, _Folder
from tests.factories.evidence import A_PDF
from tests.faults.test_uploads import TYPED, found, rows_first, stored, the_form
from tests.house.world import World

Trouble = Callable[[World], AbstractContextManager[None]]
ROOM = 64 * 1024
LIMIT = 8 * 1024 * 1024


@contextmanager
def little_room(folder: Path) -> Iterator[None]:
    """A real disk of 64 kB is mounted there; who may not mount one gets the answer such a disk gives."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", _no_room)
        patch.setattr(tempfile, "TemporaryFile", _no_room)
        yield


def _no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def full(world: World) -> Iterator[None]:
    """The disk for evidence is full."""
    folder: Path = world.app.extensions["settings"].data_dir / "files" / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    with little_room(folder):
        yield


@contextmanager
def no_room_for_temporary_files(world: World) -> Iterator[None]:
    """The disk is full on which files lie while they come in."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", folder)
        with little_room(Path(folder)):
            yield


@contextmanager
def no_file_may_grow(world: World) -> Iterator[None]:
    """The system lets no file of this process grow beyond a size that the database keeps below."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(scope="module")
def large() -> bytes:
    """A file that none of them has room for."""
    return A_PDF * (LIMIT // len(A_PDF) + 20_000)


def sending(world: World, content: bytes) -> Callable[[], Any]:
    """Everything made ready while all is well; called, it hands the file in and gives the answer."""
    path, said, client = the_form(world)
    builder = EnvironBuilder(method="POST", data={**said, "files": (io.BytesIO(content), "scan.pdf")})
    environ = builder.get_environ()
    with environ["wsgi.input"] as stream:
        body, kind = stream.read(), environ["CONTENT_TYPE"]
    builder.close()
    return lambda: client.post(path, data=body, content_type=kind)


@pytest.mark.parametrize("trouble", [full, no_room_for_temporary_files, no_file_may_grow])
def test_it_is_told_and_nothing_is_left_half(world: World, trouble: Trouble, large: bytes) -> None:
    send = sending(world, large)
    pieces, there = found(world), stored(world)
    with trouble(world):
        answer = send()
        left = stored(world)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, TYPED in page) == (503, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert "Traceback" not in page
    assert found(world) == pieces
    assert left <= there
    assert send().status_code == 303  # and afterwards it works
    for path in stored(world) - there:
        path.unlink()


@pytest.mark.parametrize("trouble", [no_room_for_temporary_files, no_file_may_grow])
@pytest.mark.filterwarnings("ignore:Exception ignored in")  # the plain request leaves its file open, too
def test_a_plain_request_loses_what_was_typed(
    world: World, trouble: Trouble, large: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: Flask's own request gives up reading in the middle of the file."""
    monkeypatch.setattr(world.app, "request_class", Request)
    send = sending(world, large)
    with trouble(world):
        answer = send()
    assert (answer.status_code, TYPED in answer.get_data(as_text=True)) == (503, False)
    del answer, send
    gc.collect()


def test_rows_before_files_are_found(world: World, large: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: the row is there and its file is not."""
    rows_first(monkeypatch)
    send, pieces = sending(world, large), found(world)
    with full(world):
        assert send().status_code == 503
    assert found(world) != pieces


def test_a_file_written_in_its_place_is_found_half(
    world: World, large: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: no file beside the target and no renaming, so half of it lies under its final name."""

    def in_place(self: _Folder, key: str, source: IO[bytes]) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(source.read())
        except OSError as problem:
            raise StorageProblem("no room") from problem

    def no_tidying(self: _Folder, key: str) -> None: ...

    monkeypatch.setattr(_Folder, "_write", in_place)
    monkeypatch.setattr(_Folder, "delete", no_tidying)
    send, there = sending(world, large), stored(world)
    with full(world):
        send()
        assert [path.stat().st_size < len(large) for path in stored(world) - there] == [True]
