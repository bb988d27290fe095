"""Text as it may be stored: nothing in it that no person typed on purpose."""

import re

# Control characters, and the invisible ones that turn the direction of the words after them around.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# Nothing but what nobody can see is empty, though no blank is in it.
_NOT_SEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0]*"
)


def clean_text(typed: str) -> str:
    """Return what was typed, trimmed, without control characters (PostgreSQL refuses NUL)."""
    clean = _NOT_TEXT.sub("", typed.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return "" if _NOT_SEEN.fullmatch(clean) else clean
