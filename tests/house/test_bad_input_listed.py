"""docs/bad-input.md is true: every item has a row and every test it names is there."""

import re

from tests.house.source import ROOT
from tests.house.test_faults_listed import REFERENCE, functions_of

PAGE = ROOT / "docs" / "bad-input.md"


def wrong_with(text: str) -> list[str]:
    """What is not so."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| B")
    ]
    wrong = (
        [] if [row[0] for row in rows] == [f"B{n + 1}" for n in range(len(rows))] else ["rows out of order"]
    )
    for number, *words, tests in rows:
        references = REFERENCE.findall(tests)
        if len(words) != 2 or not all(words) or not references or REFERENCE.sub("", tests).strip():
            wrong.append(f"{number}: an empty cell, or no test named")
        for name, function in references:
            known = functions_of(ROOT / name) if (ROOT / name).is_file() else {}
            if function not in known:
                wrong.append(f"{number}: there is no {function} in {name}")
    return wrong


def test_the_page_is_true() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert wrong_with(text) == []
    assert len(re.findall(r"^\| B\d+ ", text, re.M)) > 60


def test_what_is_not_true_is_found() -> None:
    """The known-bad twin: a page with faults of its own."""
    text = PAGE.read_text(encoding="utf-8")
    assert wrong_with(text.replace("| B3 |", "| B300 |")) == ["rows out of order"]
    gone = text.replace("::test_a_withdrawn_student`", "::test_of_long_ago`")
    (told,) = wrong_with(gone)
    assert told.endswith("there is no test_of_long_ago in tests/assessment/test_marking_misuse.py")
    assert "B1: an empty cell, or no test named" in wrong_with(
        re.sub(r"(\| B1 \|[^|]*\|)[^|]*", r"\1 ", text)
    )
