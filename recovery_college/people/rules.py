"""Rules about a person's names and learner number. Pure: no database, no clock."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

NAME_LENGTH = 200
"""The most characters a name may have."""

ULN_NOT_YET_KNOWN = "9999999999"
"""The value the field's papers use while a learner's number is not yet known (A4)."""

_OVERRIDES = frozenset("\u202d\u202e")
"""Direction overrides: they make a printed name read differently from the stored one."""

_UNTAKEN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode does not take apart, as people type them on a British keyboard."""
_WITHIN = re.compile("['`\u00b4\u2018\u2019\u02bb\u02bc\u00ad\u200b-\u200f.]")
_BETWEEN = re.compile("[-\u2010-\u2015,/]")

ULN_SHAPE = "Enter the unique learner number (ULN) as 10 digits, like 9276308686, or leave it empty."
ULN_IS_NHS_NUMBER = (
    "This passes the check of an NHS number, so it is not a unique learner number (ULN), and the college "
    "does not hold NHS numbers. Check each digit, or leave the ULN empty until it is known."
)
ULN_CHECK_FAILED = (
    "This is not a valid unique learner number (ULN): its last digit does not fit the others. "
    "Check it against the learner's record, or leave it empty until it is known."
)


def _weighted_remainder(digits: str) -> int:
    """Weigh the first nine digits 10, 9, ..., 2 and take the sum modulo 11."""
    return sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11


def uln_as_stored(text: str) -> str:
    """Take spaces and hyphens out of a typed learner number; nothing else is changed."""
    return re.sub(r"[\s\-\u2010\u2011]", "", text)


def passes_nhs_number_test(text: str) -> bool:
    """Say whether ten digits pass the NHS number's check, so that the value is never stored or repeated.

    Check digit: 11 minus the weighted remainder; 11 is written 0, 10 is never issued (NHS Data Dictionary).
    A ULN with its last digit one too high always passes, so the sentence asks to check each digit.
    """
    digits = uln_as_stored(text)
    if not re.fullmatch(r"[0-9]{10}", digits) or digits == ULN_NOT_YET_KNOWN:
        return False
    return (11 - _weighted_remainder(digits)) % 11 == int(digits[9])


def uln_problem(text: str) -> str | None:
    """Say in one sentence why a learner number is refused, or None (A4; HESA C17051).

    Empty is accepted (a ULN is optional), as is 9999999999, "not yet known". The sentence never repeats
    the value, because it may be an NHS number.
    """
    digits = uln_as_stored(text)
    if digits in ("", ULN_NOT_YET_KNOWN):
        return None
    if not re.fullmatch(r"[0-9]{10}", digits):
        return ULN_SHAPE
    if passes_nhs_number_test(digits):
        return ULN_IS_NHS_NUMBER
    # A remainder of 0 would ask for the digit 10, so no last digit makes such a number valid.
    if digits[0] == "0" or int(digits[9]) != 10 - _weighted_remainder(digits):
        return ULN_CHECK_FAILED
    return None


def name_as_stored(text: str) -> str:
    """Bring a typed name into one form: composed letters (NFC), single spaces, none at the ends."""
    return re.sub(r" {2,}", " ", unicodedata.normalize("NFC", text)).strip(" \u00a0")


def name_problem(text: str, what: str = "name") -> str | None:
    """Say in one sentence why a name is refused, or None. Letters of every script are welcome.

    `what` names the field in the sentence, such as "family name". Refused: nothing visible, more than
    200 characters, and characters that cannot be printed (controls, line breaks, direction overrides).
    """
    stored = name_as_stored(text)
    categories = {unicodedata.category(character) for character in stored}
    if categories & {"Cc", "Cs", "Zl", "Zp"} or _OVERRIDES & set(stored):
        return f"The {what} holds a hidden character, such as a tab or a line break. Type it again."
    if all(category[0] in "ZC" for category in categories):
        return f"Enter the {what}."
    if len(stored) > NAME_LENGTH:
        return f"The {what} must be {NAME_LENGTH} characters or fewer. It has {len(stored)}."
    return None


def display_name(given: str, family: str, preferred: str | None = None) -> str:
    """Give the name shown everywhere but on printed certificates and claims (C5).

    The preferred name takes the place of the given name; a person with one name only is shown by it.
    """
    first = name_as_stored(preferred or "") or name_as_stored(given)
    return " ".join(part for part in (first, name_as_stored(family)) if part)


def paper_name(given: str, family: str, certificate: str | None = None) -> str:
    """Give the name for certificates and claims (C5): the certificate name, else given and family name."""
    return name_as_stored(certificate or "") or display_name(given, family)


def are_one_name(one: str, other: str) -> bool:
    """Whether two whole names say the same, whatever their capitals and spaces."""
    return name_as_stored(one).casefold().split() == name_as_stored(other).casefold().split()


def folded(text: str) -> str:
    """Reduce names, or what is typed to find one, to what should agree: no capitals, accents, apostrophes, hyphens.

    For finding only, where one too many is shown and chosen from; never to say that two people are one.
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_UNTAKEN)
    return " ".join(_BETWEEN.sub(" ", _WITHIN.sub("", plain)).split())


def marks_of(
    given: str, family: str, born: date | None, email: str | None, uln: str | None
) -> Iterator[tuple[str, ...]]:
    """What two records of one person would share: each mark begins with the words for it. Shown, never merged."""
    if uln and uln != ULN_NOT_YET_KNOWN:
        yield ("ULN", uln)
    if email:
        yield ("email address", email.casefold())
    if born:
        yield ("name and date of birth", given.casefold(), family.casefold(), born.isoformat())
