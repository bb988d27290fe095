"""Serials, verification codes and the match of a typed name (G3, G4), from outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.graduation.checking import (
    CODE_ALPHABET,
    name_matches,
    parse_verification_code,
    serial_number,
    verification_code,
)


def test_a_serial_is_prefix_and_six_digits() -> None:
    assert serial_number("RC", 123) == "RC-000123"
    assert serial_number("FEN7", 999_999) == "FEN7-999999"


@pytest.mark.parametrize(
    ("prefix", "number"), [("RC", 0), ("RC", -1), ("RC", 1_000_000), ("", 1), ("R-C", 1), ("rc", 1)]
)
def test_what_is_no_serial_is_refused(prefix: str, number: int) -> None:
    with pytest.raises(ValueError, match=r"prefix|six digits"):
        serial_number(prefix, number)


def test_a_code_is_four_groups_of_four() -> None:
    assert verification_code(bytes(10)) == "0000-0000-0000-0000"
    assert verification_code(b"\xff" * 10) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert verification_code(bytes(9) + b"\x01") == "0000-0000-0000-0001"


@pytest.mark.parametrize("size", [0, 9, 11])
def test_a_code_needs_all_its_bits(size: int) -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        verification_code(bytes(size))


@given(st.binary(min_size=10, max_size=10))
def test_a_code_keeps_every_bit_and_reads_back_however_it_is_typed(random_bytes: bytes) -> None:
    code = verification_code(random_bytes)
    value = 0
    for letter in code.replace("-", ""):
        value = value * 32 + CODE_ALPHABET.index(letter)
    assert value == int.from_bytes(random_bytes, "big")
    assert parse_verification_code(code) == code
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert parse_verification_code(f" {sloppy}\n") == code


@given(st.text(max_size=25))
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = parse_verification_code(text)
    assert code is None or parse_verification_code(code) == code


@pytest.mark.parametrize(
    "text", ["", "0000-0000-0000-000", "0000-0000-0000-00000", "UUUU-UUUU-UUUU-UUUU", "٠" * 16]
)
def test_other_text_is_no_code(text: str) -> None:
    assert parse_verification_code(text) is None


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("siân llyr", "Siân Llŷr"),
        ("Sian Llyr", "Siân Llŷr"),
        ("Sia\u0302n Lly\u0302r", "Siân Llŷr"),
        ("MALGORZATA LOS", "Małgorzata Łoś"),
        ("Jose  Nunez ", "José Núñez"),
        ("Ann O'Neill", "Ann O’Neill"),
        ("Ann O`Neill", "Ann O´Neill"),
        ("Mary-Jane Poe", "Mary‑Jane Poe"),
        ("Soren Aegir", "Søren Ægir"),
        ("Strasse", "Straße"),
        ("ISIK", "Işık"),
        ("Istanbul", "İstanbul"),
        ("Αννα", "Άννα"),
        ("\u200fנועה כהן", "נועה כהן"),
        ("مريم السعدي", "مريم السعدي"),
        ("Ann\u00a0Lee", "Ann Lee"),
    ],
)
def test_the_name_on_the_paper_matches_as_people_type_it(typed: str, printed: str) -> None:
    assert name_matches(typed, printed)
    assert name_matches(printed, typed)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("", "Ann Lee"),
        ("", ""),
        ("\u0301", "\u0301"),
        ("Ann", "Ann Lee"),
        ("Ann Lees", "Ann Lee"),
        ("Anne Lee", "Ann Lee"),
        ("Lee Ann", "Ann Lee"),
        ("AnnLee", "Ann Lee"),
        ("Ann ONeill", "Ann O'Neill"),
        ("Mary Jane", "Mary-Jane"),
        ("Андреи", "Андрей"),
        ("かき", "かぎ"),
        ("रमश", "रमेश"),
        ("%", "Ann Lee"),
    ],
)
def test_another_name_never_matches(typed: str, printed: str) -> None:
    assert not name_matches(typed, printed)
    assert not name_matches(printed, typed)


plain = st.text(alphabet="abcdefghijklmnopqrstuvwxyz' -", max_size=20)


@given(plain, plain)
def test_plain_names_match_exactly_when_their_words_are_the_same(one: str, other: str) -> None:
    assert name_matches(one.upper(), other) == (one.split() == other.split() != [])


@given(st.text(max_size=20))
def test_a_name_matches_itself_or_is_nothing(name: str) -> None:
    assert name_matches(name, name) == name_matches(f" {name} ", name)


def test_a_mark_at_the_start_of_a_name_is_dropped_with_or_without_a_space_before_it() -> None:
    assert name_matches(" \u1dc00 ", "\u1dc00")
    assert name_matches("0", " \u1dc00")
