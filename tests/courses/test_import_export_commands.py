"""`recovery-college import` and `export`, as scripts and people call them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from recovery_college import cli
from recovery_college.commands import plain
from recovery_college.kernel.db import db
from recovery_college.kernel.tables import read_table
from recovery_college.kinds import EXPORTS, IMPORTS
from recovery_college.people.signin import use_link
from tests.courses.files import a_small_college, criterion, csv_of, student


@pytest.fixture(autouse=True)
def same_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command opens the app under test."""
    monkeypatch.setattr(plain, "create_app", lambda settings=None: app)


@pytest.fixture
def students(tmp_path: Path) -> Path:
    path = tmp_path / "students.csv"
    path.write_bytes(csv_of([student("S1"), student("S2", uln="1234567890"), student("S3", colour="red")]))
    return path


def run(*arguments: object) -> Result:
    db.session.rollback()
    result = CliRunner().invoke(cli.main, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def test_json_has_exactly_what_was_promised(students: Path) -> None:
    result = run("import", "students", students, "--json")
    report: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == 1
    assert list(report) == ["ok", "created", "updated", "unchanged", "refused", "warnings"]
    assert [list(one) for one in report["refused"]] == [["line", "column", "value", "reason"]]
    assert (report["ok"], report["created"], report["refused"][0]["line"]) == (False, 0, 3)
    assert "colour" in report["warnings"][0]


def test_good_rows_alone(students: Path) -> None:
    result = run("import", "students", students, "--accept-good-rows")
    assert result.exit_code == 1
    assert "2 made, 0 changed, 0 unchanged, 1 row refused." in result.stdout
    assert "Refused line 3, column uln “1234567890”: " in result.stdout
    assert [row.values["student_ref"] for row in read_table(run("export", "students").stdout_bytes).rows] == [
        "S1",
        "S3",
    ]


def test_nothing_comes_in_without_leave(students: Path) -> None:
    assert "Nothing is imported: 1 row refused." in run("import", "students", students).stdout
    assert read_table(run("export", "students").stdout_bytes).rows == []


def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_bytes(csv_of([criterion()]))
    result = run("import", "qualification", path, "--dry-run")
    assert (result.exit_code, "It would be: 1 made" in result.stdout) == (0, True)
    result = run("import", "qualification", path)
    assert (result.exit_code, result.stdout) == (0, "1 made, 0 changed, 0 unchanged.\n")
    assert run("import", "qualification", path).stdout == "0 made, 0 changed, 1 unchanged.\n"


def test_a_big_file_says_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(csv_of([student(f"S{number}", given_name="A" * 100) for number in range(3_000)]))
    result = run("import", "students", path, "--json")
    assert json.loads(result.stdout)["created"] == 3_000
    assert "3,000 rows read" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("import", "students", "/no/such/file.csv"), 2),
        (("import", "students", "/"), 2),
        (("import", "nonsense", __file__), 2),
        (("import", "students"), 2),
        (("import", "students", __file__, "--band", "3"), 2),
        (("import", "students", __file__), 1),
        (("export", "nonsense"), 2),
        (("export", "students", "--format", "doc"), 2),
        (("export", "students", "--cohort", "C99"), 1),
        (("export", "students", "--out", "/no/such/folder/x.csv"), 1),
    ],
)
def test_wrong_use_is_said_plainly(arguments: tuple[str, ...], code: int) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert len(result.output) > 20


def test_a_value_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(csv_of([student(email="\x1b[2Ja\x9b2K\u202e")]))
    output = run("import", "students", path).stdout
    assert not {"\x1b", "\x9b", "\u202e"} & set(output)


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_an_empty_college_exports_headers(kind: str) -> None:
    result = run("export", kind)
    assert (result.exit_code, result.stdout) == (0, ",".join(EXPORTS[kind].columns) + "\n")


def test_the_file_says_its_format(tmp_path: Path) -> None:
    a_small_college()
    for ending, start in (("csv", b"student_ref,"), ("xlsx", b"PK"), ("json", b"[")):
        path = tmp_path / f"students.{ending}"
        assert run("export", "students", "--out", path).exit_code == 0
        assert path.read_bytes().startswith(start)
        if ending != "json":
            assert run("import", "students", path).stdout.endswith("0 made, 0 changed, 2 unchanged.\n")


def test_one_cohort_alone() -> None:
    a_small_college()
    assert len(read_table(run("export", "enrolments", "--cohort", "C1").stdout_bytes).rows) == 2


@pytest.mark.parametrize("command", ["import", "export"])
def test_help_names_every_kind_and_an_example(command: str) -> None:
    words = run(command, "--help").stdout
    assert "Example: recovery-college" in words
    kinds = IMPORTS if command == "import" else EXPORTS
    assert all(kind in words for kind in kinds)


def test_vacancies_take_the_band_that_was_searched_for() -> None:
    sample = Path(__file__).parent.parent / "data" / "nhs_jobs_sample.xml"
    result = run("import", "vacancies", sample, "--band", "3", "--json")
    assert (result.exit_code, json.loads(result.stdout)["ok"]) == (0, True)
    rows = read_table(run("export", "vacancies").stdout_bytes).rows
    assert {row.values["bands"] for row in rows} == {"3"}
    assert run("import", "vacancies", sample, "--band", "Band 3").exit_code == 0
    assert run("import", "vacancies", sample, "--band", "99").exit_code == 2


def test_vacancies_belong_to_no_cohort() -> None:
    assert run("export", "vacancies", "--cohort", "C1").exit_code == 2


def test_a_link_is_printed_until_a_password_is_chosen(app: Flask) -> None:
    asked = ("create-user", "--email", "t@fenside.example", "--name", "T Utor", "--role")
    assert "/welcome/" in run(*asked, "tutor").stdout
    again = run(*asked, "iqa").stdout
    use_link(again.split("/welcome/")[1].strip(), "heron on the old bridge")
    assert "signs in already and now has the role admin" in run(*asked, "admin").stdout
