"""Which way doors open: import-linter's contracts, and what it cannot see."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT, contract, imported, layer_names, modules, pure_names

NAMELESS = {"helpers", "helper", "utils", "util", "common", "misc", "manager", "base", "stuff", "tools"}
ROOM_NAMES = [container.removeprefix(f"{PACKAGE}.") for container in contract("layers")["containers"]]
WEB_AND_TABLES = {
    "alembic", "flask", "flask_login", "flask_migrate", "flask_sqlalchemy", "flask_wtf", "huey", "jinja2",
    "psycopg", "sqlalchemy", "weasyprint", "werkzeug", "wtforms",
}  # fmt: skip
CLOCK = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("time", "time"),
}


def unknown_files(package: Path) -> list[str]:
    """Files in rooms that are no layer and no declared noun, and nameless files anywhere."""
    known = {name for layer in layer_names() for name in layer} | {"__init__"}
    found = []
    for name, file in modules(package):
        parts = file.relative_to(package).with_suffix("").parts
        in_room = len(parts) > 1 and parts[0] in ROOM_NAMES
        if NAMELESS & set(parts) or (in_room and parts[1] not in known):
            found.append(name)
    return found


def impure(package: Path) -> list[str]:
    """What rules and pure nouns import or call that is not pure: web, tables, impure files, the clock."""
    found = []
    for name, file in modules(package):
        if file.stem not in pure_names() or file.parent.name not in ROOM_NAMES:
            continue
        for target in imported(file):
            if target.split(".")[0] in WEB_AND_TABLES or target.startswith("."):
                found.append(f"{name} imports {target}")
            module = ".".join(target.split(".")[:3])
            own = target.startswith(f"{PACKAGE}.") and target.count(".") >= 2
            if own and target.split(".")[1] in ROOM_NAMES and module.split(".")[-1] not in pure_names():
                found.append(f"{name} imports {target}")
        found += [f"{name} asks the clock: {call}" for call in _clock_calls(file)]
    return found


def _clock_calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).split(".")[-1]
            if (owner, node.attr) in CLOCK:
                yield f"{owner}.{node.attr} in line {node.lineno}"


def importers_of(package: Path, library: str) -> set[str]:
    """The modules that import a library, at the top of the file or within a function."""
    return {
        name
        for name, file in modules(package)
        if any(target.split(".")[0] == library for target in imported(file))
    }


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a folder that holds pyproject.toml and the package."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return subprocess.CompletedProcess(command, run.returncode, run.stdout + run.stderr)


@pytest.fixture
def small_house(tmp_path: Path) -> Path:
    """A house of empty rooms under our contracts, to be spoiled by a test."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in ["", "kernel", *ROOM_NAMES]:
        folder = tmp_path / PACKAGE / room
        folder.mkdir(exist_ok=True, parents=True)
        (folder / "__init__.py").touch()
    return tmp_path


def spoil(house: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (house / PACKAGE / name).write_text(text, encoding="utf-8")
    return house / PACKAGE


def test_imports_run_downwards() -> None:
    run = lint(ROOT)
    assert run.returncode == 0, run.stdout


def test_empty_rooms_keep_the_contracts(small_house: Path) -> None:
    run = lint(small_house)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"people/services.py": "", "kernel/clock.py": "from recovery_college.people import services\n"},
            "recovery_college.kernel is not allowed to import recovery_college.people",
        ),
        (
            {"audit/services.py": "", "access/gate.py": "import recovery_college.audit.services\n"},
            "recovery_college.access is not allowed to import recovery_college.audit",
        ),
        (
            {"courses/views.py": "", "courses/services.py": "import recovery_college.courses.views\n"},
            "recovery_college.courses.services is not allowed to import recovery_college.courses.views",
        ),
        (
            {"courses/models.py": "", "courses/rules.py": "import recovery_college.courses.models\n"},
            "recovery_college.courses.rules is not allowed to import recovery_college.courses.models",
        ),
        (
            {"assessment/rules.py": "", "careers/services.py": "import recovery_college.assessment.rules\n"},
            "recovery_college.careers is not allowed to import recovery_college.assessment",
        ),
        (
            {"courses/rules.py": "import flask\n"},
            "recovery_college.courses.rules is not allowed to import flask",
        ),
        (
            {"courses/rules.py": "from sqlalchemy import select\n"},
            "recovery_college.courses.rules is not allowed to import sqlalchemy",
        ),
        ({"courses/helpers.py": ""}, "recovery_college.courses.helpers"),
        ({"utils.py": ""}, "recovery_college.utils"),
    ],
    ids=[
        "upwards",
        "sideways",
        "layer",
        "rules-to-models",
        "evidence",
        "flask",
        "sqlalchemy",
        "helpers",
        "utils",
    ],
)
def test_a_door_that_opens_upwards_is_seen(small_house: Path, files: dict[str, str], said: str) -> None:
    spoil(small_house, files)
    run = lint(small_house)
    assert run.returncode == 1
    assert said in re.sub(r"\s+", " ", run.stdout)


def test_every_file_has_a_layer_or_is_a_declared_noun() -> None:
    assert unknown_files(ROOT / PACKAGE) == [], "name it in its layer: [tool.importlinter]"


@pytest.mark.parametrize("name", ["courses/helpers.py", "careers/thing.py", "kernel/utils.py", "common.py"])
def test_a_file_without_a_layer_is_seen(small_house: Path, name: str) -> None:
    package = spoil(small_house, {"courses/services.py": "", "kernel/clock.py": "", name: ""})
    assert unknown_files(package) == [f"{PACKAGE}.{name.removesuffix('.py').replace('/', '.')}"]


def test_every_room_is_held_by_the_contract() -> None:
    folders = {folder.name for folder in (ROOT / PACKAGE).iterdir() if (folder / "__init__.py").exists()}
    assert folders - {"kernel"} == set(ROOM_NAMES)


def test_rules_are_pure() -> None:
    assert impure(ROOT / PACKAGE) == []


@pytest.mark.parametrize(
    "text",
    [
        "import flask_login\n",
        "from sqlalchemy.orm import Session\n",
        "from . import models\n",
        "from recovery_college.courses import models\n",
        "from recovery_college.people.models import Person\n",
        "def f():\n    import werkzeug\n",
        "from datetime import date\nTODAY = date.today()\n",
        "import datetime\nNOW = datetime.datetime.now(datetime.UTC)\n",
    ],
)
@pytest.mark.parametrize("file", ["courses/rules.py", "careers/bands.py"])
def test_an_impure_rule_is_seen(small_house: Path, file: str, text: str) -> None:
    package = spoil(small_house, {file: text})
    assert impure(package) != []


def test_only_the_kernel_imports_weasyprint() -> None:
    importers = importers_of(ROOT / PACKAGE, "weasyprint")
    assert {name for name in importers if not f"{name}.".startswith(f"{PACKAGE}.kernel.pdf.")} == set()


def test_a_second_importer_of_weasyprint_is_seen(small_house: Path) -> None:
    lazy = "def draw():\n    from weasyprint import HTML\n    return HTML\n"
    package = spoil(small_house, {"kernel/pdf.py": "import weasyprint\n", "graduation/documents.py": lazy})
    assert importers_of(package, "weasyprint") == {f"{PACKAGE}.kernel.pdf", f"{PACKAGE}.graduation.documents"}
