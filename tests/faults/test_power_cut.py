"""F4: the power is cut at any moment. What was called saved is there; what was not is whole or absent."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from recovery_college.kernel.db import _prepare_sqlite
from recovery_college.kernel.settings import Settings, load_settings
from recovery_college.kernel.storage import Storage
from tests.faults.power import FileDisk, SqliteDisk

OLD, NEW = b"the old paper", b"the new paper, as long as it is"


def put(root: Path) -> None:
    """Evidence is handed in, in a folder that is there."""
    Storage(root).put("evidence/a.pdf", NEW)


def put_into_new_folders(root: Path) -> None:
    """Evidence is handed in, the first of a college."""
    Storage(root / "files").put("evidence/a.pdf", NEW)


def put_a_file(root: Path) -> None:
    """A pack is kept that was made beside."""
    source = root.parent / "source"
    source.write_bytes(NEW)
    Storage(root).put_file("packs/a.zip", source)


@pytest.mark.parametrize("save", [put, put_into_new_folders, put_a_file])
def test_a_file_is_whole_or_absent_and_stays_once_it_is_saved(
    tmp_path: Path, save: Callable[[Path], None]
) -> None:
    disk = FileDisk(made(tmp_path))
    with disk.watched():
        save(disk.root)
    papers = {path for tree in disk.moments[-1] for path in tree}
    (paper,) = papers
    assert {tree[paper] for moment in disk.moments for tree in moment if paper in tree} == {NEW}
    assert disk.moments[-1] == [{paper: NEW}]
    assert len(disk.moments) > 6


def test_a_file_that_is_replaced_is_the_old_or_the_new(tmp_path: Path) -> None:
    root = made(tmp_path)
    put_old(root)
    disk = FileDisk(root)
    with disk.watched():
        put(root)
    assert {tree.get("evidence/a.pdf") for moment in disk.moments for tree in moment} == {OLD, NEW}
    assert disk.moments[-1] == [{"evidence/a.pdf": NEW}]


def test_a_key_is_there_for_good_or_not_at_all(tmp_path: Path) -> None:
    """Sessions and signatures hang on it: an empty key would be worse than none."""
    root = made(tmp_path)
    disk = FileDisk(root)
    settings = load_settings(data_dir=root)
    with disk.watched():
        settings.ensure_key()
    key = settings.key().encode()
    assert {tree.get("secret-key") for moment in disk.moments for tree in moment} == {None, key}
    assert disk.moments[-1] == [{"secret-key": key}]


def careless(root: Path) -> None:
    """As most code writes a file."""
    (root / "evidence").mkdir(exist_ok=True)
    (root / "evidence" / "a.pdf.part").write_bytes(NEW)
    (root / "evidence" / "a.pdf.part").replace(root / "evidence" / "a.pdf")


def test_a_careless_file_is_found(tmp_path: Path) -> None:
    """The known-bad twin: written beside and renamed, but never synced: the name is there and nothing in it."""
    root = made(tmp_path)
    put_old(root)
    disk = FileDisk(root)
    with disk.watched():
        careless(root)
    found = {tree.get("evidence/a.pdf") for tree in disk.moments[-1]}
    assert {OLD, b"", NEW} <= found


def test_a_careless_key_is_found(tmp_path: Path) -> None:
    """The known-bad twin: the key as it was written before, in its place."""
    disk = FileDisk(made(tmp_path))
    with disk.watched():
        path = disk.root / "secret-key"
        path.touch(mode=0o600)
        path.write_bytes(NEW)
    assert {tree.get("secret-key") for tree in disk.moments[-1]} >= {None, b"", NEW}


def test_a_key_that_a_power_cut_emptied_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    settings: Settings = load_settings(data_dir=tmp_path)
    settings.ensure_key()
    assert len(settings.key()) > 40


def made(folder: Path) -> Path:
    root = folder / "data"
    root.mkdir()
    return root


def put_old(root: Path) -> None:
    Storage(root).put("evidence/a.pdf", OLD)


def lost(folder: Path, synchronous: str, commits: int, seed: int) -> tuple[int, int]:
    """How many disks a power cut could leave were tried, and on how many something acknowledged is not there.

    A commit writes a decision and its line in the trail. On every disk the database must be sound, and both
    tables hold the same work, the first so many, without a gap.
    """
    place = folder / "database"
    place.mkdir()
    disk = SqliteDisk(place)
    connection = apsw.Connection(str(place / "a.sqlite3"), vfs="power")
    try:
        # Alone on its file, so that no memory shared with others has to be watched too.
        for pragma in (
            "locking_mode=EXCLUSIVE",
            f"journal_mode={ours(folder, 'journal_mode')}",
            "wal_autocheckpoint=12",
        ):
            connection.pragma(*pragma.split("="))
        connection.pragma("synchronous", synchronous)
        for table in ("decision", "audit_event"):
            connection.execute(f"CREATE TABLE {table} (number INTEGER PRIMARY KEY, words TEXT)")
        disk.begin()
        for number in range(1, commits + 1):
            connection.execute("BEGIN IMMEDIATE")
            for table in ("decision", "audit_event"):
                connection.execute(f"INSERT INTO {table} VALUES (?, ?)", (number, "x" * 700))
            connection.execute("COMMIT")
            disk.done = number
            disk.note()
    finally:
        connection.close()
    chance, tried, missing = random.Random(seed), 0, 0
    for moment in disk.moments:
        for share in (0.0, 0.5):
            tried += 1
            missing += numbers_on(moment.left(chance, share), folder / f"disk-{tried}") < moment.done
    return tried, missing


def numbers_on(files: dict[str, bytes], folder: Path) -> int:
    """How much of the work is on a disk; it is all whole."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    database = sqlite3.connect(folder / "a.sqlite3")
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        decisions, lines = (
            [number for (number,) in database.execute(f"SELECT number FROM {table} ORDER BY number")]
            for table in ("decision", "audit_event")
        )
    finally:
        database.close()
    assert decisions == lines == list(range(1, len(decisions) + 1))
    return len(decisions)


def ours(folder: Path, pragma: str) -> str:
    """What the product sets on each of its connections."""
    connection = sqlite3.connect(folder / "ours.sqlite3")
    try:
        _prepare_sqlite(connection, None)  # type: ignore[arg-type]
        (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    finally:
        connection.close()
    return str(value)


def test_what_sqlite_acknowledged_is_there(tmp_path: Path) -> None:
    tried, missing = lost(tmp_path, ours(tmp_path, "synchronous"), commits=8, seed=1)
    assert (tried > 100, missing) == (True, 0)


def test_without_full_syncing_it_is_lost(tmp_path: Path) -> None:
    """The known-bad twin: `synchronous=NORMAL`, as many advise; the database stays sound, and the work is gone."""
    tried, missing = lost(tmp_path, "NORMAL", commits=8, seed=1)
    assert missing > tried / 4


@pytest.mark.trust
@pytest.mark.parametrize("seed", range(4))
def test_what_sqlite_acknowledged_is_there_however_often(tmp_path: Path, seed: int) -> None:
    assert lost(tmp_path, ours(tmp_path, "synchronous"), commits=60, seed=seed)[1] == 0
