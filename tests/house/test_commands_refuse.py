"""Each console command with bad input: exit 1 or 2, one clear line on standard error, never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from recovery_college import cli
from recovery_college.commands import plain
from recovery_college.kernel.db import db
from recovery_college.kernel.settings import Settings

REFUSED, WRONG_USE = 1, 2
COMMAND = [sys.executable, "-c", "from recovery_college.cli import main; main()"]


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def wrong(self) -> list[str]:
        """What about it is not as promised."""
        found = []
        lines = self.err.strip().splitlines()
        if "Traceback" in self.out + self.err:
            found.append("a traceback")
        if self.code not in (REFUSED, WRONG_USE):
            found.append(f"exit {self.code}")
        if self.code == REFUSED and len(lines) != 1 and not self.out:
            found.append(f"{len(lines)} lines")
        told = [line for line in lines if line.startswith(("Error: ", "Commands:"))] or lines
        if self.code == WRONG_USE and (len(told) != 1 or len(lines) < 2):
            found.append("no word of what is wrong")
        if self.code == REFUSED and lines and len(lines[-1]) < len("Broken pipe"):
            found.append("hardly a sentence")
        return found


@pytest.fixture
def files(tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Places to name: a folder, an empty file, one that is no table, one that cannot be read, a full disk."""
    for name in [name for name in os.environ if name.startswith("RC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RC_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(plain, "create_app", lambda settings=None: app)
    (tmp_path / "empty.csv").touch()
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "page.xml").write_text("<!DOCTYPE html><html><body>Sign in</body></html>")
    return {
        "FOLDER": str(tmp_path),
        "EMPTY": str(tmp_path / "empty.csv"),
        "NOISE": str(tmp_path / "noise.csv"),
        "PAGE": str(tmp_path / "page.xml"),
        "MISSING": str(tmp_path / "missing.csv"),
        "UNREADABLE": "/proc/self/mem",  # root may open any file; of this one it gets nothing but an error
        "FULL": "/dev/full",
    }


def run(arguments: str, files: dict[str, str]) -> Answer:
    """Call the command in this process."""
    db.session.rollback()
    words = [files.get(word, word) for word in arguments.split()]
    result = CliRunner().invoke(cli.main, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return Answer(result.exit_code, result.stdout, result.stderr)


WRONG = [
    "nonsense",
    "init now",
    "init --colour red",
    "upgrade now",
    "serve --port 0",
    "serve --port eighty",
    "serve --workers 0",
    "serve --workers many",
    "worker now",
    "doctor --loud",
    "create-user",
    "create-user --email a@b.example --name A",
    "create-user --email a@b.example --name A --role king",
    "set-password",
    "demo --port 70000",
    "seed",
    "seed --cohorts -1 --students 1 --vacancies 1",
    "seed --cohorts 1 --students many --vacancies 1",
    "audit",
    "audit look",
    "audit verify --anchor 12",
    "audit verify --anchor 12:abc",
    f"audit verify --anchor ²:{'a' * 64}",
    "import",
    "import students",
    "import nonsense NOISE",
    "import students MISSING",
    "import students FOLDER",
    "import students EMPTY --band 3",
    "import vacancies EMPTY --band 99",
    "import students EMPTY --loud",
    "import students EMPTY NOISE",
    "export",
    "export nonsense",
    "export students --format doc",
    "export students --out FOLDER",
    "export vacancies --cohort C1",
    "certificates",
    "certificates issue",
    "certificates issue --cohort C1 --out EMPTY",
    "certificates verify",
    "certificates verify MISSING",
    "certificates verify FOLDER",
    "reminders",
    "recount --loud",
    "reminders send now",
    "feeds",
    "feeds list all",
    "feeds fetch",
    "feeds fetch nothing --loud",
]
REFUSALS = [
    "create-user --email nobody --name A --role tutor",
    "create-user --email a@b.example --name \u202eA --role tutor",
    "create-user --email a@b.example --name \udcff --role tutor",
    "export students --cohort \udcff",
    "serve --host \udcff",
    "set-password --email nobody@b.example",
    "audit verify --anchor 999999:" + "a" * 64,
    "import students EMPTY",
    "import students NOISE",
    "import students PAGE",
    "import vacancies PAGE",
    "import students UNREADABLE",
    "export students --cohort C99",
    "export students --out FULL",
    "export students --out /no/such/folder/x.csv",
    "certificates issue --cohort C99",
    "certificates verify EMPTY",
    "certificates verify UNREADABLE",
    "feeds fetch nothing-of-that-name",
]


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_use_is_said(files: dict[str, str], arguments: str) -> None:
    answer = run(arguments, files)
    assert (answer.code, answer.wrong) == (WRONG_USE, [])


@pytest.mark.parametrize("arguments", REFUSALS)
def test_what_cannot_be_done_is_said(files: dict[str, str], arguments: str) -> None:
    answer = run(arguments, files)
    assert (answer.code, answer.wrong) == (REFUSED, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RC_DATABASE_URL", "nonsense"),
        ("RC_DATABASE_URL", "sqlite:///"),
        ("RC_PUBLIC_BASE_URL", "ftp://x"),
        ("RC_BRAND", "gold"),
        ("RC_SERIAL_PREFIX", "no good"),
    ],
)
@pytest.mark.parametrize("command", ["init", "doctor", "set-password --email a@b.example"])
def test_a_wrong_setting_is_named(
    files: dict[str, str], name: str, value: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    answer = run(command, files)
    assert answer.code == REFUSED
    assert name in answer.err
    assert "Traceback" not in answer.err


def test_every_command_is_tried() -> None:
    def names(group: click.Group, before: str = "") -> Iterator[str]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from names(command, f"{before}{name} ")
            else:
                yield f"{before}{name}"

    tried = [*WRONG, *REFUSALS]
    assert [
        name for name in names(cli.main) if not any(f"{one} ".startswith(f"{name} ") for one in tried)
    ] == []


def test_a_command_that_is_not_plain_is_found(files: dict[str, str]) -> None:
    """The known-bad twin: what Python says of an error by itself, and a command that says nothing."""
    trace = Answer(
        1, "", "Traceback (most recent call last):\n  File x\nOSError: [Errno 5] Input/output error\n"
    )
    assert trace.wrong == ["a traceback", "3 lines"]
    assert Answer(0, "", "").wrong == ["exit 0"]
    assert Answer(2, "", "usage: x\n").wrong == ["no word of what is wrong"]
    assert Answer(1, "", "No.\n").wrong == ["hardly a sentence"]


@pytest.fixture
def installed(app: Flask, settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation that is ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RC_")}
    given = {"DATA_DIR": tmp_path, "DATABASE_URL": settings.database, "SECRET_KEY": settings.secret_key}
    return environment | {f"RC_{name}": str(value) for name, value in given.items()}


def test_nobody_who_reads_and_no_room(installed: dict[str, str]) -> None:
    """What only a process of its own can meet: Python writes once more when it ends."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as broken, open("/dev/full", "wb") as full:
        begun = [
            (
                subprocess.Popen(
                    [*COMMAND, "export", "students"], env=installed, stdout=place, stderr=subprocess.PIPE
                ),
                words,
            )
            for place, words in ((broken, "Broken pipe"), (full, "No space left on device"))
        ]
        for process, words in begun:
            _, said = process.communicate(timeout=60)
            answer = Answer(process.returncode, "", said.decode())
            assert (answer.wrong, answer.err.strip()) == ([], words)


@pytest.mark.loopback
def test_a_port_that_is_taken(
    files: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RC_SECRET_KEY", settings.secret_key)
    monkeypatch.setattr(cli, "serve_forever", lambda *_: pytest.fail("it went on to serve"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = run(f"serve --port {port}", files)
    assert (answer.code, answer.wrong) == (REFUSED, [])
    assert port in answer.err
