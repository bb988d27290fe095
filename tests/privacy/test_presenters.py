"""The audit trail in plain words."""

import pytest
from flask import Flask

from recovery_college.privacy.presenters import Detail, choice_words, deed_words, details_of


@pytest.mark.parametrize(
    ("action", "kind", "words"),
    [
        ("viewed", "unit work", "Looked at a student’s work on a unit"),
        ("took back", "appeal", "Took back an appeal"),
        ("set claim aside", "claim", "Set claim aside"),
        ("viewed", "a kind to come", "Looked at a kind to come"),
    ],
)
def test_a_deed_says_what_was_done_to_what(action: str, kind: str, words: str) -> None:
    assert deed_words(action, kind) == words


def test_the_list_to_choose_from_keeps_the_word_that_is_filtered_by() -> None:
    assert choice_words("viewed") == "Looked at (viewed)"
    assert choice_words("signed claim") == "Signed claim"


def test_details_are_read_one_by_one(app: Flask) -> None:
    one = "0192f4a0-0000-7000-8000-00000000000a"
    with app.test_request_context():
        found = details_of(f'{{"by_hand":true,"count":3,"sha256":"{"ab" * 32}","unit":"{one}","why":null}}')
    assert found == [
        Detail("By hand", "yes"),
        Detail("Count", "3"),
        Detail("Sha256", "abababababab…"),
        Detail("Unit", "0192f4a0…", f"/audit?subject={one}"),
        Detail("Why", "none"),
    ]
