"""Files that are whole or absent, whatever happens, and survive a power cut (docs/adr/0002)."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

PIECE = 256 * 1024
"""Bytes of a file that are in memory at a time where it is streamed."""


def write_durably(target: Path, source: IO[bytes]) -> None:
    """Write a file only its owner may read, in folders only they may enter. Raises OSError, and leaves nothing then.

    It is written beside the target and renamed, each step on the disk before the next: content, name, folder.
    """
    make_durably(target.parent)
    temporary = target.with_name(f"{target.name}.{secrets.token_hex(6)}.part")
    try:
        with open(temporary, "xb", opener=_private) as file:
            shutil.copyfileobj(source, file, PIECE)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):  # a full or vanished disk may refuse this too; the cause is raised
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def make_durably(folder: Path) -> None:
    """Make the folder and those above it, each entry fsynced in the one that holds it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's own list of names survive a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _private(path: str, flags: int) -> int:
    """Open a file only its owner may read."""
    return os.open(path, flags, 0o600)
