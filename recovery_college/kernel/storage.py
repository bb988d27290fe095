"""Keeping files: a local folder whose every write survives a power cut, or a bucket (S3, Google, Azure).

A key looks like `certificates/2027/0f3c….pdf`. Keys are made by the product, never from what a person typed.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Protocol

from obstore.exceptions import BaseError
from obstore.store import from_url

from recovery_college.kernel.durable import PIECE, sync_folder, write_durably

KEY = re.compile(r"[a-z0-9_][a-z0-9_.-]*(/[a-z0-9_][a-z0-9_.-]*)*")
LONGEST_KEY = 200
BUCKETS = ("s3://", "gs://", "az://")
CONNECT_WITHIN, ANSWER_WITHIN, GIVE_UP_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=60),
    timedelta(seconds=15),
)
"""How long a bucket may take. obstore alone would try for three minutes, and the person at the page would wait."""
NO_BUCKET = "NoSuchBucket"


class StorageProblem(Exception):
    """The place for files cannot be used; the text tells the person who runs the service why."""


class StorageMissing(Exception):
    """There is no file with that key."""


def new_key(prefix: str, ending: str = "") -> str:
    """Return `prefix/` with 160 random bits that nobody can guess, and an ending such as `.pdf`."""
    return _checked(f"{prefix}/{secrets.token_hex(20)}{ending}")


def _checked(key: str) -> str:
    """Refuse a key that could leave the folder or mean two things. It is the caller's mistake: ValueError."""
    if len(key) > LONGEST_KEY or ".." in key or not KEY.fullmatch(key):
        raise ValueError("a key is lower-case words, digits, -, _ and . between slashes")
    return key


class _Place(Protocol):
    def put(self, key: str, content: bytes) -> None: ...
    def put_file(self, key: str, path: Path) -> None: ...
    def get(self, key: str) -> bytes: ...
    def stream(self, key: str) -> Iterator[bytes]: ...
    def delete(self, key: str) -> None: ...
    def exists(self, key: str) -> bool: ...
    def listed(self, prefix: str) -> Iterator[tuple[str, datetime]]: ...


class Storage:
    """Files by key, in the folder or bucket at `url` (a path, `file:///...`, `s3://`, `gs://` or `az://`)."""

    def __init__(self, url: str | Path) -> None:
        text = str(url)
        if text.startswith(BUCKETS):
            self._place: _Place = _Bucket(text)
        elif "://" in text and not text.startswith("file://"):
            raise StorageProblem("RC_STORAGE_URL must be a folder, or start with s3://, gs:// or az://.")
        else:
            self._place = _Folder(Path(text.removeprefix("file://")))

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`, whole or not at all; when this returns it survives a power cut."""
        self._place.put(_checked(key), content)

    def put_file(self, key: str, path: Path) -> None:
        """Keep what is in the file at `path`, as `put` does, without having all of it in memory."""
        self._place.put_file(_checked(key), path)

    def get(self, key: str) -> bytes:
        """Return what is kept under `key`. Raises StorageMissing."""
        return self._place.get(_checked(key))

    def stream(self, key: str) -> Iterator[bytes]:
        """Give what is kept under `key` piece by piece. Raises StorageMissing at once, not at the first piece."""
        return self._place.stream(_checked(key))

    def delete(self, key: str) -> None:
        """Remove what is kept under `key`; nothing happens when there is nothing, so it may be repeated."""
        self._place.delete(_checked(key))

    def exists(self, key: str) -> bool:
        """Return whether something is kept under `key`."""
        return self._place.exists(_checked(key))

    def listed(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Give each key below `prefix/` with when it was written, leftovers of a write cut short included."""
        return self._place.listed(_checked(prefix))


class _Folder:
    """A folder of this machine. obstore's LocalStore does not fsync (docs/adr/0002), so this is our own."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        self._write(key, BytesIO(content))

    def put_file(self, key: str, path: Path) -> None:
        with path.open("rb") as source:
            self._write(key, source)

    def _write(self, key: str, source: IO[bytes]) -> None:
        try:
            write_durably(self._root / key, source)
        except OSError as trouble:
            raise _in_words(trouble, "written to") from trouble

    def get(self, key: str) -> bytes:
        try:
            return (self._root / key).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise StorageMissing(key) from None
        except OSError as trouble:
            raise _in_words(trouble, "read") from trouble

    def stream(self, key: str) -> Iterator[bytes]:
        try:
            file = (self._root / key).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            raise StorageMissing(key) from None
        except OSError as trouble:
            raise _in_words(trouble, "read") from trouble
        return _pieces(file)

    def delete(self, key: str) -> None:
        path = self._root / key
        try:
            path.unlink()
            sync_folder(path.parent)
        except FileNotFoundError:
            return
        except OSError as trouble:
            raise _in_words(trouble, "written to") from trouble

    def exists(self, key: str) -> bool:
        return (self._root / key).is_file()

    def listed(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        try:
            for path in sorted((self._root / prefix).rglob("*")):
                with suppress(FileNotFoundError):  # somebody removed it meanwhile
                    if path.is_file():
                        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                        yield path.relative_to(self._root).as_posix(), at
        except OSError as trouble:
            raise _in_words(trouble, "read") from trouble


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Give a file piece by piece and close it, also when the reader goes away."""
    with file:
        while piece := file.read(PIECE):
            yield piece


def _in_words(trouble: OSError, doing: str) -> StorageProblem:
    reason = {
        errno.EACCES: "the service's user may not do that there",
        errno.EPERM: "the service's user may not do that there",
        errno.EROFS: "the disk is read-only",
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk's quota is used up",
        errno.EFBIG: "the file is larger than this machine allows",
        errno.EEXIST: "a part of its path is a file, not a folder",
        errno.ENOTDIR: "a part of its path is a file, not a folder",
    }.get(trouble.errno or 0, trouble.strerror or "the disk gave an error")
    return StorageProblem(f"The folder for files (RC_STORAGE_URL) cannot be {doing}: {reason}.")


class _Bucket:
    """A bucket behind obstore, which answers a put only when the store has it."""

    def __init__(self, url: str) -> None:
        with _said_plainly():
            self._store: Any = from_url(
                url,
                client_options={
                    "connect_timeout": CONNECT_WITHIN,
                    "timeout": ANSWER_WITHIN,
                    # What is given here sets aside what obstore reads from the environment, so it is said again.
                    "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1"),
                },
                retry_config={"max_retries": 2, "retry_timeout": GIVE_UP_AFTER},
            )

    def put(self, key: str, content: bytes) -> None:
        with _said_plainly():
            self._store.put(key, content)

    def put_file(self, key: str, path: Path) -> None:
        with _said_plainly():
            self._store.put(key, path)

    def stream(self, key: str) -> Iterator[bytes]:
        with _said_plainly(key):
            found = self._store.get(key)
        return self._pieces(found, key)

    def _pieces(self, found: Any, key: str) -> Iterator[bytes]:
        with _said_plainly(key):
            for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    def get(self, key: str) -> bytes:
        with _said_plainly(key):
            return bytes(self._store.get(key).bytes())

    def delete(self, key: str) -> None:
        with suppress(StorageMissing), _said_plainly(key):
            self._store.delete(key)

    def exists(self, key: str) -> bool:
        try:
            with _said_plainly(key):
                self._store.head(key)
        except StorageMissing:
            return False
        return True

    def listed(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        with _said_plainly():
            for batch in self._store.list(f"{prefix}/"):
                for one in batch:
                    yield str(one["path"]), one["last_modified"]


@contextmanager
def _said_plainly(key: str = "") -> Iterator[None]:
    """Turn what obstore raises into StorageProblem; into StorageMissing where the file of `key` may be missing.

    It has no class of its own for "not found": that is Python's FileNotFoundError, for a file and for a bucket.
    """
    try:
        yield
    except (BaseError, OSError) as trouble:
        if NO_BUCKET in str(trouble):
            raise StorageProblem("There is no bucket of that name (RC_STORAGE_URL).") from trouble
        if key and isinstance(trouble, FileNotFoundError):
            raise StorageMissing(key) from None
        raise _no_bucket(trouble) from trouble


def _no_bucket(trouble: Exception) -> StorageProblem:
    # Its own words may hold addresses and keys, so only its kind is passed on.
    return StorageProblem(
        f"The bucket for files (RC_STORAGE_URL) did not answer as it should: {type(trouble).__name__}."
    )
