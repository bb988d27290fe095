"""The words other recruitment systems use, read as ours (V6). Pure: text in, our text out, or None for no word of ours.

Only files whose columns a person matched are read so. What says nothing we have a word for is left out and named: a
vacancy is never lost from the rule because its hours are “various”. Nothing is guessed: two meanings are none.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from recovery_college.careers.rules import FULL_TIME_HOURS, ContractKind, ServiceArea, Setting

WordT = TypeVar("WordT", bound=StrEnum)
_UNITS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_NUMBERS = {word: number for number, word in enumerate(_UNITS, start=1)}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_PARTS = {
    "half": "5",
    "a half": "5",
    "one half": "5",
    "a quarter": "25",
    "one quarter": "25",
    "three quarters": "75",
}
_SIGNS = {"½": ".5", "¼": ".25", "¾": ".75"}
_IN_WORDS = re.compile(
    rf"(?<!\w)(?:({'|'.join(_TENS)})(?:[ -]({'|'.join(_UNITS[:9])}))?|({'|'.join(reversed(_UNITS))}))(?!\w)"
)
_AND_A_PART = re.compile(
    rf"(?<![\w.])([0-9]+) (?:and|&) ({'|'.join(sorted(_PARTS, key=len, reverse=True))})(?!\w)"
)
_BESIDE = re.compile(
    r"(?<!\w)(?:(?:part|full)[ -]?time|job[ -]?share|permanent|contracted|basic|flexible|working|weekly"
    r"|(?:(?:a|per|each) |/ ?)?(?:week|wk)|p/?w|p\.w\.)(?!\w)|[(),;:|/-]"
)
_A_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,2})?"
_HOURS = re.compile(
    rf"(?P<hours>{_A_NUMBER})(?: ?(?:h|hrs?|hours?)(?: (?:and )?(?P<minutes>[0-5]?[0-9]) ?(?:m|mins?|minutes?))?)?"
    r"(?: (?:[01]?\.[0-9]{1,4}|1) ?(?:wte|fte))?"
)
_CLOCK = re.compile(r"(?<![0-9:.])([0-9]{1,2})(?::| ?h ?)([0-5][0-9])(?![0-9:.])")
_SHARE = re.compile(
    r"(?:(?P<one>[01]?\.[0-9]{1,4}|1)\.? ?(?:wte|fte)|(?:wte|fte) (?P<other>[01]?\.[0-9]{1,4}|1))"
)
_FULL_TIME = re.compile(r"full[ -]?time(?: (?:only|permanent))?")
_MAIL = re.compile(r"[^@\s;,<>\"'()]+@[^@\s;,<>\"'()]+\.[^@\s.;,<>\"'()]+")


def hours_in_words(text: str) -> str | None:
    """Weekly hours such as "Part time - 22.5 hours per week", "37 hrs 30 mins", "0.6 WTE" or "Full time"."""
    words = " ".join(text.casefold().translate(_DASHES).split())
    for sign, part in _SIGNS.items():
        words = words.replace(f" {sign}", part).replace(sign, part)
    words = re.sub(r"(?<=[0-9]),(?=[0-9]{1,2}(?![0-9]))", ".", words)
    if _FULL_TIME.fullmatch(words):
        return _plain(FULL_TIME_HOURS)
    words = _CLOCK.sub(r"\1 hours \2 minutes", _AND_A_PART.sub(_with_part, _IN_WORDS.sub(_in_digits, words)))
    words = " ".join(_BESIDE.sub(" ", words).split())
    if found := _HOURS.fullmatch(words):
        hours = Decimal(found["hours"])
        if found["minutes"] and hours != int(hours):
            return None
        if 0 < hours <= 1 and found[0] == found["hours"]:
            return None  # a share of full time as likely as an hour
        return _plain(hours + Decimal(found["minutes"] or 0) / 60)
    if found := _SHARE.fullmatch(words):
        return _plain(Decimal(found["one"] or found["other"]) * FULL_TIME_HOURS)
    return None


def contract_in_words(text: str) -> str | None:
    """A kind of contract such as "Fixed term: 12 months" or "Permanent, part time"."""
    if re.search(r"(?<!\w)non[ -]?permanent", text.casefold()):
        return None
    return _the_one(text, _CONTRACTS)


def setting_in_words(text: str) -> str | None:
    """Ward or community, such as "Inpatient" or "Outpatients and community"."""
    return _the_one(text, _SETTINGS)


def service_in_words(text: str) -> str | None:
    """Whom the service is for, such as "CAMHS" or "Older Adults Mental Health"."""
    older = re.sub(r"(older|elderly) (?:adult|people|person)s?", r"\1", text.casefold())
    return _the_one(older, _SERVICES)


def email_in_words(text: str) -> str | None:
    """The one address in a cell such as "Sam Smith <sam.smith@example.nhs.uk>"; a name alone is none."""
    found = {one.casefold() for one in _MAIL.findall(text)}
    return found.pop() if len(found) == 1 else None


def address_in_words(text: str) -> str | None:
    """A web address, also one that is written without its beginning."""
    text = text.strip()
    if re.match(r"(?i)www\.[^\s/]+\.[^\s/]+", text):
        text = f"https://{text}"
    return text if re.match(r"(?i)https?://[^\s/?#]", text) else None


_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_CONTRACTS: Mapping[ContractKind, str] = {
    ContractKind.PERMANENT: r"permanent|substantive|perm",
    ContractKind.FIXED_TERM: r"fixed[ -]?term|ftc|temporary|temp|maternity cover",
    ContractKind.BANK: r"bank",
    ContractKind.APPRENTICESHIP: r"apprentice(?:ship)?",
}
_SETTINGS: Mapping[Setting, str] = {
    Setting.WARD: r"wards?|in-?patients?(?: unit)?",
    Setting.COMMUNITY: r"community|out-?patients?",
}
_SERVICES: Mapping[ServiceArea, str] = {
    ServiceArea.YOUNG_PEOPLE: r"camhs?|cyp(?:mhs)?|child(?:ren)?(?:[’']?s)?|young|youth|adolescents?",
    ServiceArea.ADULT: r"adults?|amh|working[ -]age",
    ServiceArea.OLDER_PEOPLE: r"older|elderly|opmhs?|later[ -]life",
}


def _the_one(text: str, kinds: Mapping[WordT, str]) -> str | None:
    """The one of these whose words stand in the text; None when there is none, or more than one."""
    words = " ".join(text.casefold().split())
    found = [kind for kind, said in kinds.items() if re.search(rf"(?<!\w)(?:{said})(?!\w)", words)]
    return found[0].value if len(found) == 1 else None


def _in_digits(found: re.Match[str]) -> str:
    if found[3]:
        return str(_NUMBERS[found[3]])
    return str(_TENS[found[1]] + _NUMBERS.get(found[2] or "", 0))


def _with_part(found: re.Match[str]) -> str:
    return f"{found[1]}.{_PARTS[found[2]]}"


def _plain(hours: Decimal) -> str:
    return format(hours.quantize(Decimal("0.01")).normalize(), "f")
