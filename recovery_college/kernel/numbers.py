"""Whole numbers in addresses and hidden boxes: what a database can hold, or none."""


def number_given(text: str | None, digits: int = 18) -> int | None:
    """The number that stands in plain digits, or None. A longer one is none of ours, and no column holds it."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def number_in(box: object, otherwise: int = 0, digits: int = 9) -> int:
    """The number a page's hidden box carries; `otherwise`, which no row has, where it was tampered with."""
    found = number_given(str(box or ""), digits)
    return otherwise if found is None else found
