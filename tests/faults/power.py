"""Cutting the power: what a disk may hold afterwards, when only what was synced is sure to be there.

`FileDisk` watches what code asks of the system while it writes files; `SqliteDisk` lies under SQLite. At every
moment each can say what might be left: all that was synced, and of the rest any part, all of it or nothing.
"""

from __future__ import annotations

import itertools
import os
import random
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

Listing = dict[str, int]


@dataclass
class FileDisk:
    """The files below a folder, as a power cut would leave them. A tree is {path: content}."""

    root: Path
    synced: dict[int, bytes] = field(default_factory=dict)
    names: dict[int, list[Listing]] = field(default_factory=dict)
    """Of each folder the names that are sure (first), and those it had since."""
    moments: list[list[dict[str, bytes]]] = field(default_factory=list)
    """At each moment all the trees there might be."""

    def __post_init__(self) -> None:
        for folder in [self.root, *(path for path in self.root.rglob("*") if path.is_dir())]:
            self.names[folder.stat().st_ino] = [_listing(folder)]
        for path in self.root.rglob("*"):
            if path.is_file():
                self.synced[path.stat().st_ino] = path.read_bytes()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at every call inside the block that changes a name or syncs."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("open", "fsync", "replace", "rename", "mkdir", "unlink"):
                patch.setattr(os, name, self._noting(name, getattr(os, name)))
            self._note()
            yield
            self._note()

    def _noting(self, name: str, call: Any) -> Any:
        def noted(*given: Any, **more: Any) -> Any:
            self._note()
            if name == "open" and given[1] & os.O_CREAT and not os.path.exists(given[0]):
                answer = call(*given, **more)
                self.synced.pop(os.fstat(answer).st_ino, None)  # a number that another file had before
            else:
                answer = call(*given, **more)
            if name == "fsync":
                self._sync(given[0])
            elif name == "mkdir":
                self.names[os.stat(given[0]).st_ino] = [{}]
            self._note()
            return answer

        return noted

    def _sync(self, number: int) -> None:
        about = os.fstat(number)
        path = Path(os.readlink(f"/proc/self/fd/{number}"))
        if stat.S_ISDIR(about.st_mode):
            self.names[about.st_ino] = [_listing(path)]
        else:
            self.synced[about.st_ino] = path.read_bytes()

    def _note(self) -> None:
        contents: dict[int, bytes] = {}
        folders = {self.root.stat().st_ino}
        for path in self.root.rglob("*"):
            inode = path.stat().st_ino
            if path.is_dir():
                folders.add(inode)
            else:
                contents[inode] = path.read_bytes()
        for folder in [self.root, *(path for path in self.root.rglob("*") if path.is_dir())]:
            known = self.names.setdefault(folder.stat().st_ino, [{}])
            if (now := _listing(folder)) != known[-1]:
                known.append(now)
        chosen = [[(inode, names) for names in self.names.get(inode, [{}])] for inode in sorted(folders)]
        files = sorted({*contents, *self.synced})
        kept = [
            [(inode, content) for content in _left_of(self.synced.get(inode), contents.get(inode))]
            for inode in files
        ]
        trees = []
        for some in itertools.product(*chosen):
            for bytes_of in itertools.product(*kept):
                tree = dict(_tree(self.root.stat().st_ino, dict(some), dict(bytes_of), ""))
                if tree not in trees:
                    trees.append(tree)
        self.moments.append(trees)


def _left_of(synced: bytes | None, now: bytes | None) -> list[bytes]:
    """What a file may hold: what was synced, what was written since, half of it, or nothing at all."""
    if synced is not None and now in (None, synced):
        return [synced]
    now = now or b""
    return [synced or b"", now[: len(now) // 2], now]


def _listing(folder: Path) -> Listing:
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def _tree(
    inode: int, folders: dict[int, Listing], contents: dict[int, bytes], above: str
) -> Iterator[tuple[str, bytes]]:
    for name, child in folders.get(inode, {}).items():
        if child in folders:
            yield from _tree(child, folders, contents, f"{above}{name}/")
        else:
            yield f"{above}{name}", contents.get(child, b"")


@dataclass
class Moment:
    """What SQLite had been told was synced by then, and what was written since; and how far the work was."""

    synced: dict[str, bytes]
    written: list[tuple[str, int, bytes]]
    done: int

    def left(self, chance: random.Random, share: float) -> dict[str, bytes]:
        """One of the disks there might be: each write since kept with that chance, one of them torn in half."""
        files = {name: bytearray(content) for name, content in self.synced.items()}
        for name, at, content in self.written:
            if chance.random() < share:
                part = content if chance.random() < 0.9 else content[: len(content) // 2]
                file = files.setdefault(name, bytearray())
                file.extend(bytes(max(0, at + len(part) - len(file))))
                file[at : at + len(part)] = part
        return {name: bytes(file) for name, file in files.items()}


class SqliteDisk(apsw.VFS):
    """The disk under one SQLite database; `done` is how much of the work was acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.done = folder, 0
        self.synced: dict[str, bytes] = {}
        self.written: list[tuple[str, int, bytes]] = []
        self.moments: list[Moment] = []
        super().__init__("power", "")

    def begin(self) -> None:
        """What is there now is taken as synced."""
        self.synced = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        self.written, self.moments = [], []

    def note(self) -> None:
        """Keep this moment."""
        self.moments.append(Moment(dict(self.synced), deepcopy(self.written), self.done))

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return _SqliteFile(self, name, flags)


class _SqliteFile(apsw.VFSFile):
    def __init__(self, disk: SqliteDisk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        self.path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        super().__init__("", name, flags)

    def xWrite(self, content: bytes, at: int) -> None:
        self.disk.note()
        self.disk.written.append((self.path.name, at, bytes(content)))
        super().xWrite(content, at)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self.disk.synced[self.path.name] = self.path.read_bytes()
        self.disk.written = [one for one in self.disk.written if one[0] != self.path.name]
        self.disk.note()
