"""Every field: reads, refuses in words, and gives back what was typed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from recovery_college.kernel.plain_text import clean_text
from tests.kernel.gallery_app import EveryField, gallery_app

APP = gallery_app(csrf=False)
GOOD = {
    "name": "Zoë O'Neill",
    "email": "zoe@example.nhs.uk",
    "secret": " a secret ",
    "places": "12",
    "weekly_hours": "22.5",
    "seen_on-day": "27",
    "seen_on-month": "3",
    "seen_on-year": "2026",
    "decision": "both",
    "site": "cam",
    "agreed": "no",
}


@pytest.fixture
def in_request() -> Iterator[Flask]:
    with APP.test_request_context("/form", method="POST"):
        yield APP


def filled(**changes: Any) -> EveryField:
    form = EveryField(MultiDict({**GOOD, **changes}))
    form.validate()
    return form


def test_good_values_are_read(in_request: Flask) -> None:
    form = filled(days=["mon", "tue"])
    assert form.errors == {}
    assert form.secret.data == " a secret "
    assert (form.places.data, form.weekly_hours.data) == (12, Decimal("22.5"))
    assert form.seen_on.data == date(2026, 3, 27)
    assert (form.decision.data, form.why.data, form.agreed.data) == ("both", None, False)
    assert form.days.data == ["mon", "tue"]
    assert form.sheet.data is None


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " \t ", "Enter the name"),
        ("name", "\u200b \u2060\ufeff", "Enter the name"),
        ("name", "x" * 251, "Name on the certificate must be 250 characters or fewer"),
        ("email", "zoe", "Email address must be in the right format, like name@example.nhs.uk"),
        ("email", "a@b", "Email address must be in the right format, like name@example.nhs.uk"),
        ("secret", "", "Enter your password"),
        ("places", "twelve", "Places must be a whole number, like 12"),
        ("places", "1.5", "Places must be a whole number, like 12"),
        ("places", "١٢", "Places must be a whole number, like 12"),
        ("places", "9" * 5000, "Places must be a whole number, like 12"),
        ("places", "1,5", "Places must be a whole number, like 12"),
        ("places", "41", "Places must be from 1 to 40"),
        ("weekly_hours", "NaN", "Weekly hours must be a number, like 22.5"),
        ("weekly_hours", "1e3", "Weekly hours must be a number, like 22.5"),
        ("weekly_hours", "１２", "Weekly hours must be a number, like 22.5"),
        ("weekly_hours", "22,5", "Weekly hours must be a number, like 22.5"),
        ("weekly_hours", "22.555", "Weekly hours must have at most 2 decimals, like 22.5"),
        ("weekly_hours", "38", "Weekly hours must be from 0 to 37.5"),
        ("weekly_hours", "-1", "Weekly hours must be from 0 to 37.5"),
        ("decision", "", "Choose what you decided"),
        ("decision", "maybe", "Could a peer support worker do this job? Choose from the list"),
        ("days", "sun", "Days you can work must be from the list"),
        ("site", "", "Choose a site"),
        ("site", "lon", "Site must be from the list"),
        ("agreed", "", "Choose yes or no"),
        ("agreed", "perhaps", "Has the team been told? Choose yes or no"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    in_request: Flask, field: str, typed: str, sentence: str
) -> None:
    assert filled(**{field: typed}).errors == {field: [sentence]}


@pytest.mark.parametrize(
    ("day", "month", "year", "sentence", "first_wrong"),
    [
        ("", "", "", "Enter the date the evidence was seen", "day"),
        ("31", "02", "2026", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
        ("29", "2", "2025", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
        ("27", "", "2026", "Date the evidence was seen must include the month, like 27 3 2026", "month"),
        (
            "27",
            "",
            "",
            "Date the evidence was seen must include the month and the year, like 27 3 2026",
            "month",
        ),
        ("27", "3", "26", "Date the evidence was seen must have the year with 4 numbers, like 2026", "year"),
        ("27", "Maybe", "2026", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
        ("0", "3", "2026", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
        ("27", "3", "0000", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
        ("27", "3", "0001", "Date the evidence was seen must be in a year from 1900 to 2199", "year"),
        ("31", "12", "9999", "Date the evidence was seen must be in a year from 1900 to 2199", "year"),
        ("-1", "3", "2026", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
        ("<b>", "3", "2026", "Date the evidence was seen must be a real date, like 27 3 2026", "day"),
    ],
)
def test_dates_that_are_not(
    in_request: Flask, day: str, month: str, year: str, sentence: str, first_wrong: str
) -> None:
    form = filled(**{"seen_on-day": day, "seen_on-month": month, "seen_on-year": year})
    assert form.errors == {"seen_on": [sentence]}
    assert form.seen_on.data is None
    assert form.seen_on.error_target() == f"seen_on-{first_wrong}"
    drawn = str(form.seen_on)
    assert "<b>" not in drawn
    for part, typed in (("day", day), ("month", month), ("year", year)):
        if typed and "<" not in typed:
            assert f'name="seen_on-{part}" type="text" value="{typed}"' in drawn


@pytest.mark.parametrize("month", ["3", "03", "mar", "March", " MARCH "])
def test_a_month_may_be_a_word(in_request: Flask, month: str) -> None:
    assert filled(**{"seen_on-month": month}).seen_on.data == date(2026, 3, 27)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_real_date_comes_back(on: date) -> None:
    with APP.test_request_context("/form", method="POST"):
        form = filled(
            **{"seen_on-day": str(on.day), "seen_on-month": str(on.month), "seen_on-year": f"{on.year}"}
        )
        assert form.seen_on.data == on


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_no_text_in_the_date_boxes_breaks_the_form(day: str, month: str, year: str) -> None:
    with APP.test_request_context("/form", method="POST"):
        form = filled(**{"seen_on-day": day, "seen_on-month": month, "seen_on-year": year})
        assert form.seen_on.data is not None or form.seen_on.errors
        assert str(form.seen_on)


@given(st.text())
def test_clean_text_is_safe_to_store_and_stays_the_same(typed: str) -> None:
    cleaned = clean_text(typed)
    assert "\x00" not in cleaned
    assert "\r" not in cleaned
    assert clean_text(cleaned) == cleaned
    cleaned.encode("utf-8")


@given(st.text(min_size=1, max_size=200))
def test_typed_text_is_always_escaped_and_given_back(typed: str) -> None:
    with APP.test_request_context("/form", method="POST"):
        hostile = f'"><script>{typed}</script>'
        form = EveryField(MultiDict({"name": hostile, "why": hostile}))
        form.validate()
        for drawn in (str(form.name), str(form.why)):
            assert "<script" not in drawn
            assert "&lt;script&gt;" in drawn


def test_a_question_may_be_needed_only_after_another_answer(in_request: Flask) -> None:
    assert filled(decision="no").errors == {"why": ["Say why"]}
    assert filled(decision="no", why="The post needs a registered nurse").errors == {}


def test_a_password_is_never_given_back(in_request: Flask) -> None:
    assert "a secret" not in str(filled(secret=" a secret ").secret)


def test_lines_come_back_with_the_first_one_kept(in_request: Flask) -> None:
    form = EveryField(MultiDict({"why": "\r\nfirst\r\nsecond"}))
    assert form.why.data == "first\nsecond"
    assert "\n\r\nfirst\r\nsecond</textarea>" in str(form.why)


def test_stored_values_fill_the_form(in_request: Flask) -> None:
    form = EveryField(
        None, data={"seen_on": date(2026, 3, 7), "days": ["tue"], "agreed": False, "decision": "psw"}
    )
    assert 'name="seen_on-day" type="text" value="7"' in str(form.seen_on)
    assert 'value="tue" checked' in str(form.days)
    assert 'value="mon" checked' not in str(form.days)
    assert 'value="no" checked' in str(form.agreed)
    assert 'value="psw" checked' in str(form.decision)


def test_an_untouched_group_means_none_even_over_a_stored_value(in_request: Flask) -> None:
    form = EveryField(MultiDict({"name": "x"}), data={"days": ["tue"], "agreed": True})
    assert form.days.data == []
    assert form.agreed.data is None


def test_a_file_of_another_kind_is_refused_before_it_is_read() -> None:
    with APP.test_request_context(
        "/form", method="POST", data={**GOOD, "sheet": (io.BytesIO(b"MZ"), "payroll.exe")}
    ):
        form = EveryField()
        assert not form.validate()
        assert form.errors == {"sheet": ["Choose a file that ends in .csv or .xlsx"]}


def test_a_file_is_read_whatever_the_case_of_its_ending() -> None:
    with APP.test_request_context(
        "/form", method="POST", data={**GOOD, "sheet": (io.BytesIO(b"a,b"), "Students.CSV")}
    ):
        form = EveryField()
        assert form.validate(), form.errors
        assert form.sheet.data.read() == b"a,b"


def test_characters_that_turn_words_around_are_dropped_and_right_to_left_names_stay() -> None:
    assert clean_text("good \u202eyllaer\u2066") == "good yllaer"
    assert clean_text("ليلى حداد") == "ليلى حداد"
