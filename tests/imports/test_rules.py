"""Checking rows: each reader with its known-bad twins, missing and unknown columns, repeated keys."""

from collections.abc import Callable
from datetime import date, time
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.imports import rules
from recovery_college.imports.rules import CellProblem, Column, Refusal, Report, check_table
from recovery_college.kernel.tables import read_table


class Mark(StrEnum):
    PRESENT = "present"
    NOT_YET = "not yet met"


COLUMNS = (
    Column("ref", rules.text(20), required=True),
    Column("day", rules.iso_date),
    Column("mark", rules.choice(Mark)),
)


def checked(
    text: str, key: tuple[str, ...] = ("ref",), columns: tuple[Column, ...] = COLUMNS
) -> rules.Checked:
    return check_table(read_table(text.encode()), columns, key)


@pytest.mark.parametrize(
    ("reader", "given_text", "value"),
    [
        (rules.text(5), "Zoë\r\nA", "Zoë\nA"),
        (rules.email, "Ann@Example.NHS.uk", "ann@example.nhs.uk"),
        (rules.emails, "a@b.uk; C@d.uk;;a@b.uk", ("a@b.uk", "c@d.uk")),
        (rules.iso_date, "2026-03-27", date(2026, 3, 27)),
        (rules.iso_date, "2028-02-29", date(2028, 2, 29)),
        (rules.clock_time, "9:05", time(9, 5)),
        (rules.clock_time, "23:59:00", time(23, 59)),
        (rules.whole_number(0, 30), "030", 30),
        (rules.choice(Mark), " Not  Yet Met ", Mark.NOT_YET),
        (rules.web_address, "https://example.nhs.uk/a?b=c#d", "https://example.nhs.uk/a?b=c#d"),
    ],
)
def test_a_reader_reads(reader: Callable[[str], Any], given_text: str, value: object) -> None:
    assert reader(given_text) == value


@pytest.mark.parametrize(
    ("reader", "given_text", "said"),
    [
        (rules.text(5), "abcdef", "5 characters or fewer"),
        (rules.text(5), "\x01", "nothing that can be read"),
        (rules.email, "ann at example", "not an email address"),
        (rules.email, "a@b", "not an email address"),
        (rules.email, "<a@b.uk>", "not an email address"),
        (rules.email, "a" * 250 + "@b.uk", "not an email address"),
        (rules.emails, "a@b.uk, c@d.uk", "not an email address"),
        (rules.iso_date, "2026-02-31", "2026-02-31 is not a real date"),
        (rules.iso_date, "27/03/2026", "like 2026-03-27"),
        (rules.iso_date, "2026-3-7", "like 2026-03-27"),
        (rules.iso_date, "٢٠٢٦-03-27", "like 2026-03-27"),
        (rules.iso_date, "0001-01-01", "from 1900 to 2199"),
        (rules.clock_time, "24:00", "24-hour clock"),
        (rules.clock_time, "2:30pm", "24-hour clock"),
        (rules.clock_time, "09:30:15", "24-hour clock"),
        (rules.whole_number(1, 30), "31", "from 1 to 30"),
        (rules.whole_number(1, 30), "0", "from 1 to 30"),
        (rules.whole_number(), "1.5", "whole number"),
        (rules.whole_number(), "²", "whole number"),
        (rules.choice(Mark), "met", "present, not yet met"),
        (rules.web_address, "javascript:alert(1)", "https://"),
        (rules.web_address, "https://", "https://"),
        (rules.web_address, "http://a@b.uk/", "https://"),
        (rules.web_address, "https://a.uk/ b", "https://"),
    ],
)
def test_a_reader_refuses_in_words(reader: Callable[[str], Any], given_text: str, said: str) -> None:
    with pytest.raises(CellProblem) as problem:
        reader(given_text)
    assert said in str(problem.value)


READERS = [
    rules.text(50), rules.email, rules.emails, rules.iso_date, rules.clock_time, rules.whole_number(),
    rules.choice(Mark), rules.web_address,
]  # fmt: skip


@given(st.sampled_from(READERS), st.text(max_size=40) | st.from_regex(r"[0-9:/.\-]{1,12}", fullmatch=True))
def test_any_text_is_read_or_refused_and_nothing_else(reader: Callable[[str], Any], given_text: str) -> None:
    try:
        value = reader(given_text)
    except CellProblem:
        value = None
    assert not isinstance(value, str) or value == value.strip()


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_is_read_as_written(day: date) -> None:
    assert rules.iso_date(day.isoformat()) == day


def test_good_rows_have_a_value_for_every_column() -> None:
    found = checked("ref,day\nS1,2026-03-27\n S2 ,\n")
    assert found.refusals == []
    assert [(row.line, row.values) for row in found.rows] == [
        (2, {"ref": "S1", "day": date(2026, 3, 27), "mark": None}),
        (3, {"ref": "S2", "day": None, "mark": None}),
    ]
    assert found.rows[1].raw == {"ref": " S2 ", "day": ""}


def test_every_bad_cell_is_named() -> None:
    found = checked("ref,day,mark\n,31/02/2026,met\nS2,2026-03-27,present\nS3,2026-02-31,\n")
    assert [(one.line, one.column, one.value) for one in found.refusals] == [
        (2, "ref", ""),
        (2, "day", "31/02/2026"),
        (2, "mark", "met"),
        (4, "day", "2026-02-31"),
    ]
    assert [row.line for row in found.rows] == [3]


def test_a_missing_required_column_is_refused_at_the_header() -> None:
    found = checked("day,mark\n2026-03-27,wrong\n")
    assert [(one.line, one.column) for one in found.refusals] == [(1, "ref")]
    assert found.rows == []


def test_unknown_columns_are_one_warning() -> None:
    assert checked("ref,shoe size,hat\nS1,8,7\n").warnings == [
        "The columns are not known and left out: “shoe_size”, “hat”"
    ]
    assert checked("ref\nS1\n").warnings == []


def test_a_row_that_is_repeated_counts_once() -> None:
    found = checked("ref,day\nS1,2026-03-27\nS2,\nS3,2026-03-27\nS1,2026-03-27\n")
    assert [row.line for row in found.rows if row.values["ref"] == "S1"] == [2]
    assert found.warnings == ["Line 5 is the same as line 2 and counts once"]


def test_keys_that_look_alike_both_count_with_a_warning() -> None:
    found = checked("ref,day\nS1,2026-03-27\ns 1,\nS2,\n")
    assert len(found.rows) == 3
    assert found.refusals == []
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("Lines 2 and 3 differ only in capital letters or spaces")


def test_the_same_key_with_other_content_is_refused_on_both_lines() -> None:
    found = checked("ref,day\nS1,2026-03-27\nS2,\nS1,2026-03-28\nS1,2026-03-29\n")
    assert [row.values["ref"] for row in found.rows] == ["S2"]
    assert [(one.line, one.column, one.value) for one in found.refusals] == [
        (2, "ref", "S1"),
        (4, "ref", "S1"),
        (5, "ref", "S1"),
    ]
    assert "line 4" in found.refusals[0].reason
    assert "line 2" in found.refusals[1].reason


def test_a_good_row_waits_for_the_bad_row_of_its_key() -> None:
    found = checked("ref,day\nA,2026-02-31\nA ,2026-02-28\nB,2026-02-28\n")
    assert [row.line for row in found.rows] == [4]
    assert [(one.line, one.column) for one in found.refusals] == [(2, "day"), (3, "ref")]
    assert "stands in line 2 with other content" in found.refusals[1].reason


def test_empty_keys_do_not_name_each_other() -> None:
    columns = (Column("ref", rules.text(20)), Column("day", rules.iso_date))
    found = checked("ref,day\n,2026-02-31\n,2026-02-28\n", columns=columns)
    assert [row.line for row in found.rows] == [3]


def test_a_key_of_two_columns() -> None:
    same = "ref,day,mark\nS1,2026-03-27,present\nS1,2026-03-28,present\n"
    assert checked(same, ("ref", "day")).refusals == []
    assert len(checked(same, ("ref",)).refusals) == 2
    assert checked(same, ()).refusals == []


def test_rows_of_another_width_are_refused() -> None:
    found = checked("ref,day\nS1\nS2,\n")
    assert [(one.line, one.column, one.value) for one in found.refusals] == [(2, "", "S1")]
    assert [row.values["ref"] for row in found.rows] == ["S2"]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "2026-03-27", "x"])), max_size=12))
def test_every_row_is_taken_refused_or_said_to_be_repeated(rows: list[tuple[str, str]]) -> None:
    found = checked("ref,day\n" + "".join(f"{ref},{day}\n" for ref, day in rows))
    taken, refused = {row.line for row in found.rows}, rules.refused_lines(found.refusals)
    assert taken & refused == set()
    repeated = sum("counts once" in warning for warning in found.warnings)
    assert len(rows) - repeated <= len(taken | refused) <= len(rows)
    refs = [row.values["ref"] for row in found.rows]
    assert len(refs) == len(set(refs))


def test_the_report_as_json() -> None:
    report = Report(False, 1, 2, 3, (Refusal(4, "day", "x", "Why"),), ("Look",))
    assert report.as_json() == {
        "ok": False,
        "created": 1,
        "updated": 2,
        "unchanged": 3,
        "refused": [{"line": 4, "column": "day", "value": "x", "reason": "Why"}],
        "warnings": ["Look"],
    }
