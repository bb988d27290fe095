"""What a certificate is checked by (G3, G4): serial, verification code, and the name on the paper. Pure."""

import re
import unicodedata
import zlib

SERIAL_DIGITS = 6
_PREFIX = re.compile(r"[A-Z0-9]{1,12}")

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 characters, five bits each, without I, L, O and U, which are misread (Crockford's base 32)."""
CODE_BYTES = 10
"""Random bytes in a code: 80 bits."""
_CODE_LENGTH = CODE_BYTES * 8 // 5


def serial_number(prefix: str, number: int) -> str:
    """Write the serial of the college's n-th certificate: RC-000123 (G3).

    ValueError for a prefix other than 1 to 12 capital letters and digits, or a number six digits cannot hold.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("The serial prefix must be 1 to 12 capital letters or digits, like RC.")
    if not 1 <= number < 10**SERIAL_DIGITS:
        raise ValueError(f"Certificate number {number} does not fit six digits from 000001 to 999999.")
    return f"{prefix}-{number:0{SERIAL_DIGITS}d}"


def verification_code(random_bytes: bytes) -> str:
    """Write ten random bytes (80 bits, unguessable) as a code to type: XXXX-XXXX-XXXX-XXXX (G4).

    The bytes must come from a cryptographic source; ValueError for any other length.
    """
    if len(random_bytes) != CODE_BYTES:
        raise ValueError(f"A verification code is made of exactly {CODE_BYTES} random bytes.")
    value = int.from_bytes(random_bytes, "big")
    letters = "".join(CODE_ALPHABET[value >> shift & 31] for shift in range(CODE_BYTES * 8 - 5, -1, -5))
    return _grouped(letters)


def parse_verification_code(text: str) -> str | None:
    """Bring a typed code into its one form, or None if it cannot be one.

    Small letters, spaces and hyphens are forgiven; O is read as 0, I and L as 1.
    """
    letters = re.sub(r"[\s\-\u2010-\u2015\u2212]", "", text).upper()
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    if len(letters) != _CODE_LENGTH or not set(letters) <= set(CODE_ALPHABET):
        return None
    return _grouped(letters)


def _grouped(letters: str) -> str:
    """Set a code in groups of four."""
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


_SHAPES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02bb\u02b9\u2032\u0060\u00b4\uff07", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        # Joiners and direction marks are not seen on paper.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u061c\u2060\ufeff"),
    }
)
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"} | {"æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode does not take apart, as people type them on a British keyboard."""


def name_matches(typed: str, certificate_name: str) -> bool:
    """Whether the name typed by a checker is the name on the certificate (G4).

    Capitals, spacing, the shapes of apostrophes and hyphens, and accents of Latin and Greek letters do not
    matter (é is e, ł is l); in other scripts marks are part of the letter. Nothing never matches.
    """
    folded = _folded(typed)
    return folded != "" and folded == _folded(certificate_name)


def _folded(name: str) -> str:
    """Reduce a name to what must agree."""
    text = unicodedata.normalize("NFKD", name.translate(_SHAPES)).casefold()
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFKD", text):
        if unicodedata.combining(character):
            if base.startswith(("LATIN", "GREEK")) or not base:
                continue
        else:
            base = "" if character.isspace() else unicodedata.name(character, "?")
        kept.append(character)
    return " ".join("".join(kept).translate(_LETTERS).split())


def serials_named_in(pdf: bytes) -> tuple[str, ...]:
    """The serials a PDF file's own streams name, found without a PDF reader: enough to say "altered".

    A stream that cannot be unpacked, as in a damaged file, is passed over.
    """
    found: dict[str, None] = {}
    for stream in _STREAM.finditer(pdf):
        try:
            text = zlib.decompressobj().decompress(stream[1], _MOST_UNPACKED)
        except zlib.error:
            continue
        for serial in _SERIAL_IN_FILE.findall(text.replace(b"\0", b"")):
            found[serial.decode("ascii")] = None
    return tuple(found)


_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_SERIAL_IN_FILE = re.compile(rb"\b[A-Z0-9]{1,12}-[0-9]{6}\b")
_MOST_UNPACKED = 1_000_000
