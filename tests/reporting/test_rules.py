"""Small numbers about people are told so that nobody can be picked out (D2)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.reporting.rules import rounded, share, share_of_rounded, suppressed, total_shown


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], []),
        ([0, 0], [0, 0]),
        ([1], [None]),
        ([7, 3, 20], [None, None, 20]),
        ([7, 20, 31], [None, None, 30]),
        ([8, 12, 13], [10, 10, 15]),
        ([7, 0], [None, 0]),
    ],
)
def test_by_example(counts: list[int], shown: list[int | None]) -> None:
    assert suppressed(counts) == shown


def test_a_total_that_would_tell_is_hidden() -> None:
    assert total_shown([7, 0], suppressed([7, 0])) is None
    assert total_shown([7, 20], suppressed([7, 20])) == 27
    assert total_shown([20, 0], suppressed([20, 0])) == 20


def test_shares() -> None:
    assert share(1, 3) == Decimal("33.3")
    assert share(0, 0) is None
    assert share_of_rounded(52, 61) == Decimal("83.3")  # 50 of 60


COUNTS = st.lists(st.integers(0, 400), max_size=12)


@given(COUNTS)
def test_no_small_number_is_shown_and_none_is_hidden_alone_beside_a_total(counts: list[int]) -> None:
    shown = suppressed(counts)
    assert len(shown) == len(counts)
    for count, told in zip(counts, shown, strict=True):
        assert told is None or told % 5 == 0
        assert not (1 <= count <= 7) or told is None
        assert count or told == 0
    if total_shown(counts, shown) is not None:
        assert shown.count(None) != 1


@given(st.integers(0, 10_000))
def test_rounding_moves_by_two_at_most(count: int) -> None:
    assert abs(rounded(count) - count) <= 2
