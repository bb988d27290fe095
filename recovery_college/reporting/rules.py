"""Small numbers about people, told so that nobody can be picked out (D2). Pure."""

from collections.abc import Sequence
from decimal import Decimal

MOST_HIDDEN = 7
ROUNDED_TO = 5


def suppressed(counts: Sequence[int]) -> list[int | None]:
    """The counts of one column as they may be shown to who may not see the people: None is hidden.

    1 to 7 are hidden, others rounded to 5, and nought is nought. Beside a true total a single hidden count could
    be worked out by taking the others away, so the smallest other one is hidden with it.
    """
    shown: list[int | None] = [None if 1 <= one <= MOST_HIDDEN else rounded(one) for one in counts]
    if shown.count(None) == 1:
        others = [(count, place) for place, count in enumerate(counts) if shown[place]]
        if others:
            shown[min(others)[1]] = None
    return shown


def hidden_with(counts: Sequence[int], other: Sequence[int | None]) -> list[int | None]:
    """A column that follows from another one: hidden wherever that is, or where it is small itself."""
    own = suppressed(counts)
    return [None if theirs is None else mine for mine, theirs in zip(own, other, strict=True)]


def total_shown(counts: Sequence[int], shown: Sequence[int | None]) -> int | None:
    """The true total of a column, or None where it would give away the one count that is hidden."""
    return None if list(shown).count(None) == 1 else sum(counts)


def rounded(count: int) -> int:
    """To the nearest 5, a half upwards; the counts of domain D2 are never negative."""
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def share_of_rounded(part: int, whole: int) -> Decimal | None:
    """A percentage from rounded numbers, to one decimal; None without a whole."""
    return share(rounded(part), rounded(whole))


def share(part: int, whole: int) -> Decimal | None:
    """A percentage to one decimal; None without a whole."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else None
