"""docs/faults.md is true: each fault has its row, each test and twin it names is there, and nothing is left out."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.house.source import ROOT

PAGE = ROOT / "docs" / "faults.md"
FAULTS = [f"F{number}" for number in range(1, 36)]
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NOT_YET = re.compile(r"^not yet: \w.{20,}$")


def rows_of(text: str) -> list[list[str]]:
    """The cells of each row whose first is a fault."""
    lines = [line for line in text.splitlines() if re.match(r"\| F\d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def functions_of(file: Path) -> dict[str, str]:
    """The test functions of a file with their docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    return {one.name: ast.get_docstring(one) or "" for one in found}


def wrong_with(text: str) -> list[str]:
    """What is not so."""
    rows = rows_of(text)
    wrong = [] if [row[0] for row in rows] == FAULTS else ["not every fault has one row, in order"]
    for fault, _, tests, twins in rows:
        if NOT_YET.match(tests) and not twins:
            continue
        for cell in (tests, twins):
            references = REFERENCE.findall(cell)
            if not references or REFERENCE.sub("", cell).strip():
                wrong.append(f"{fault}: names no test, or something beside")
            for name, function in references:
                known = functions_of(ROOT / name) if (ROOT / name).is_file() else {}
                if function not in known:
                    wrong.append(f"{fault}: there is no {function} in {name}")
                elif cell is twins and "twin" not in known[function].lower():
                    wrong.append(f"{fault}: {function} does not say that it is a twin")
    named = {name for name, _ in REFERENCE.findall(text)}
    for file in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        if file.relative_to(ROOT).as_posix() not in named:
            wrong.append(f"{file.name} is named nowhere")
    return wrong


def test_the_page_is_true() -> None:
    assert wrong_with(PAGE.read_text(encoding="utf-8")) == []


def test_what_is_not_true_is_found() -> None:
    """The known-bad twin of this test: a page with faults of its own."""
    text = PAGE.read_text(encoding="utf-8")
    assert wrong_with(text.replace("| F7 |", "| F99 |")) == ["not every fault has one row, in order"]
    gone = text.replace("test_half_of_it_is_found", "test_of_long_ago")
    assert wrong_with(gone) == ["F1: there is no test_of_long_ago in tests/faults/test_killed_server.py"]
    swapped = text.replace("::test_half_of_it_is_found", "::test_killed_before_the_commit_nothing_is_there")
    assert wrong_with(swapped)[0].endswith("does not say that it is a twin")
    assert "F29: names no test, or something beside" in wrong_with(text.replace("not yet: there is no", "-"))
    unnamed = text.replace("tests/faults/test_two_servers.py", "tests/faults/test_clock.py")
    assert "test_two_servers.py is named nowhere" in wrong_with(unnamed)
