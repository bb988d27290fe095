"""`recovery-college demo` and `seed`, as people type them."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, has_app_context
from sqlalchemy import func, select

from recovery_college import cli
from recovery_college.commands import plain
from recovery_college.courses.models import Cohort
from recovery_college.demo.people import PEER_TUTOR, SIGN_INS
from recovery_college.kernel.db import db, session
from tests.factories.courses import a_cohort, a_qualification, an_enrolment
from tests.factories.people import a_person

COMMAND = [sys.executable, "-c", "from recovery_college.cli import main; main()"]


@contextmanager
def served(folder: Path, port: int, **environment: str) -> Iterator[Path]:
    """The demo in a process of its own, until the block ends; yields the file with what it prints."""
    said = folder / f"said-{time.monotonic_ns()}.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "demo", "--port", str(port)],
            env=os.environ | {"RC_DATA_DIR": str(folder), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            end = time.monotonic() + 120
            while not answers(f"http://127.0.0.1:{port}/health/ready"):
                assert process.poll() is None, said.read_text()
                assert time.monotonic() < end, said.read_text()
                time.sleep(0.1)
            yield said
        finally:
            process.terminate()
            process.wait(timeout=30)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.loopback
def test_demo_prints_who_signs_in_and_serves_and_is_reused(tmp_path: Path, port: int) -> None:
    with served(tmp_path, port) as said:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10) as answer:
            assert "made up" in answer.read().decode()
        words = said.read_text()
    for who in (*SIGN_INS, PEER_TUTOR):
        assert who.email in words
        assert all(role.label in words for role in who.roles)
    assert f"http://127.0.0.1:{port}" in words
    assert "Traceback" not in words
    found = re.search(r"Password for all of them: (\S+)", words)
    assert found
    assert found[1] == (tmp_path / "demo" / "password").read_text()
    with served(tmp_path, port) as said:
        assert "as it was left" in said.read_text()
        assert found[1] in said.read_text()


@pytest.fixture
def same_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command opens the app under test."""
    monkeypatch.setattr(plain, "create_app", lambda settings=None: app)


def run(*arguments: str) -> Result:
    if has_app_context():
        db.session.rollback()
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


@pytest.mark.loopback
def test_demo_says_when_the_port_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RC_DATA_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("demo", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "Choose another with --host or --port" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.loopback
def test_demo_does_not_open_to_other_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setenv("RC_DATA_DIR", str(tmp_path))
    result = run("demo", "--host", "0.0.0.0", "--port", str(port))
    assert result.exit_code == 1
    assert "RC_DEMO_PASSWORD" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("same_database")
def test_seed_says_what_it_made() -> None:
    result = run("seed", "--cohorts", "2", "--students", "3", "--vacancies", "5")
    assert result.exit_code == 0, result.stderr
    assert "Made 2 cohorts of 3 students and 5 vacancies" in result.stdout
    assert session().scalar(select(func.count(Cohort.id))) == 2


@pytest.mark.usefixtures("same_database")
def test_seed_refuses_real_people_in_a_sentence() -> None:
    an_enrolment(a_cohort(a_qualification()), a_person("Real", "Student"))
    result = run("seed", "--cohorts", "2", "--students", "3", "--vacancies", "5")
    assert result.exit_code == 1
    assert "There are real students or graduates here" in result.stderr


@pytest.mark.usefixtures("same_database")
@pytest.mark.parametrize("wrong", [("--cohorts", "-1"), ("--students", "x"), ("--vacancies", "1000001")])
def test_seed_with_an_odd_number_is_wrong_usage(wrong: tuple[str, str]) -> None:
    asked = {"--cohorts": "1", "--students": "1", "--vacancies": "1", wrong[0]: wrong[1]}
    result = run("seed", *[part for pair in asked.items() for part in pair])
    assert result.exit_code == 2
