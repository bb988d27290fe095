"""Whole numbers in addresses and hidden boxes: what a database can hold, or none."""


def number_given(text: str | None, digits: int = 18) -> int | None:
    """The number that stands in plain digits, or None. A longer one is none of ours, and no column holds it."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
