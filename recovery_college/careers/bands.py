"""Agenda for Change pay bands, and how a band is read from what people write (domain V1).

A band decides whether a manager is asked to consider a Peer Support Worker, so a wrong guess is worse than
a question. Everything that is not plainly a band is answered "unreadable" and goes to a person.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAX_TEXT = 500
"""Characters of a band field or title that are looked at and kept: more is no band field."""


class Band(StrEnum):
    """The Agenda for Change bands, lowest first; members keep that order when iterated."""

    BAND_1 = "1"
    BAND_2 = "2"
    BAND_3 = "3"
    BAND_4 = "4"
    BAND_5 = "5"
    BAND_6 = "6"
    BAND_7 = "7"
    BAND_8A = "8a"
    BAND_8B = "8b"
    BAND_8C = "8c"
    BAND_8D = "8d"
    BAND_9 = "9"

    @property
    def rank(self) -> int:
        """Place in the pay order, 0 for band 1: compare ranks, never the text."""
        return _ORDER.index(self)


_ORDER: tuple[Band, ...] = tuple(Band)
_ALL_OF_8 = (Band.BAND_8A, Band.BAND_8B, Band.BAND_8C, Band.BAND_8D)


class BandSource(StrEnum):
    """Where a reading comes from; stored with the vacancy and shown to people beside the band.

    `BAND_QUERIED` is the band an NHS Jobs search asked for: the feed itself carries none.
    """

    BAND_FIELD = "band field"
    TITLE = "title"
    BAND_QUERIED = "band queried"
    PERSON = "a person"
    NOT_AGENDA_FOR_CHANGE = "not Agenda for Change"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class BandReading:
    """What was read. `known` with no bands means: known to be outside Agenda for Change (VSM, doctors)."""

    bands: tuple[Band, ...]
    known: bool
    source: BandSource
    text: str
    """The words the reading rests on, as written (at most MAX_TEXT characters)."""


# A band is one digit, or 8 with its letter; nothing may be glued to it ("3b", "37", "3.5", "3,937", "3%").
_ITEM = r"(?:8[a-d]|[1-9])(?!\w)(?!\.[0-9])(?!,[0-9]{2})(?![ ]?%)(?!\+)"
_BAND_WORD = r"(?<!\w)bands?(?:[ :.(-]{0,3})0?(?=[0-9])"
_RANGE = r"[ ]?-[ ]?|[ ](?:(?:up|rising|moving|progressing|progression)[ ])?(?:to|through)[ ]"
_PAIR = r"[ ]?/[ ]?|[ ]?&[ ]?|[ ](?:or|and)[ ]"
_COMMA = r"[ ]?,[ ]?(?:(?:or|and|&)[ ])?"
_UNIT = (
    r"(?![ ]?(?:x|days?|hours?|hrs?|months?|mths?|weeks?|weekly|wks?|years?|yrs?|wte|fte|"
    r"sessions?|nights?|shifts?)(?!\w))"
)
_MORE = rf"(?:band[ ]?)?{_ITEM}{_UNIT}"
_BARE_LIST = re.compile(rf"{_ITEM}(?:(?:{_RANGE}|{_PAIR}|{_COMMA})(?:bands?[ ]?)?{_ITEM})*")
_SINGULAR = re.compile(rf"{_ITEM}(?:(?:{_RANGE}|{_PAIR}){_MORE})*")
_PLURAL = re.compile(rf"{_ITEM}(?:(?:{_RANGE}|{_PAIR}|{_COMMA}){_MORE})*")
_ANCHOR = re.compile(_BAND_WORD)
_STEP = re.compile(rf"({_RANGE})|(?:{_COMMA}|{_PAIR})")
_NAMED_ITEM = re.compile(r"(?:bands?[ ]?)?(8[a-d]|[1-9])")
# What may not follow a phrase: it would change what the phrase says ("3-1234", "3 to 12", "3 or above").
_BAD_TAIL = re.compile(
    r"[-/.,][0-9]|[ ](?:to|through|or|and|&)[ ](?:band[ ]?)?[0-9]|\+"
    r"|[ ](?:or|and|&)[ ](?:above|over|below|under|higher|lower|up)(?!\w)"
)
_BAD_LEAD = re.compile(r"(?:up to|below|under|above|over|not|from outside)[ ]$")
# "Band 5 - 2 wards": a spaced hyphen, a number, then words. Range or not? Ask a person.
_SPACED_RANGE_THEN_WORDS = re.compile(rf"{_ITEM}[ ]-[ ]{_ITEM}[ ][a-z]")
_SPACED_HYPHEN = re.compile(r"[ ]-[ ]")

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_DIGIT_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_DIGIT_NAMES, start=1)}
_WORDED = re.compile(rf"(?<!\w)(bands? )({'|'.join(_NUMBER_WORDS)})(?!\w)")
_RANGE_LETTER = re.compile(r"(?<![0-9])8 ?-? ?range ([a-d])(?!\w)")
_SHARED_8 = re.compile(r"(?<!\w)8([a-d]) ?([-/]) ?([a-d])(?!\w)")
_NOISE = re.compile(r"(?<!\w)(?:nhs|afc|agenda for change|pay|annex (?:21|u)|bands?)(?!\w)|[():;|]")
_WHOLE_NUMBER = re.compile(r"0?([1-9])(?:\.0{1,2})?")
_LISTED = re.compile(r"(?<=[0-9a-d]) ?[;+] ?(?=(?:bands? ?)?[0-9])")
_LOOSE_LETTER = re.compile(r"(?<!\w)8 ([a-d])(?!\w)")
_BETWEEN = re.compile(r"(?<!\w)between (bands? ?)(8[a-d]|[1-9]) and (?=(?:bands? ?)?[1-9])")

# Codes of other systems, read only where they are the whole band field: anything more makes them a reference.
_CODE = re.compile(r"(?:nhs ?\| ?)?x[nr]0([1-7]) ?\|?|afc ?-?0?(8[a-d]|[1-9])|b0?(8[a-d]|[1-9])")
_ESR_CODE = re.compile(r"(?<!\w)x[nr]0([1-7])(?!\w)")
_ROMAN_DIGITS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = rf"(?:{'|'.join(sorted(_ROMAN_DIGITS, key=len, reverse=True))})(?!\w)"
_ROMANS = re.compile(
    rf"(?<!\w)bands?:? {_ROMAN}(?:(?: ?[-/&,] ?| (?:to|or|and) )(?:bands? )?{_ROMAN})*(?![-/]?[0-9])"
)

_CLEARLY_NOT_AFC = re.compile(
    r"(?<!\w)(?:vsm|very senior managers?|(?:non|not|outside)[ -]?(?:nhs )?(?:afc|agenda for change)"
    r"|medical (?:and|&) dental|medical/dental|m ?& ?d)(?!\w)"
)
_NOT_AFC_GRADES = re.compile(
    r"(?<!\w)(?:consultants?|special(?:i)?ty doctors?|specialist doctors?|associate specialists?"
    r"|sas doctors?|resident doctors?|junior doctors?|foundation doctors?|trust(?: grade)? doctors?"
    r"|special(?:i)?ty registrars?|clinical fellows?|salaried gp|general practitioners?"
    r"|chief executives?|executive directors?|non[ -]executive directors?)(?!\w)"
)


class _NotABand(ValueError):
    """The text says "band" and then something that is none: a question for a person."""


def read_bands(band_text: str | None, title: str | None = "") -> BandReading:
    """Read the bands of a vacancy from its band field, else from a "Band n" phrase in its title (V1).

    Nothing else is ever looked at: references, salaries and postcodes hold digits that are not bands.
    "Band 8" without a letter holds 8a to 8d, since each of those is possible and none is near the rule's
    bands. A range holds every band between its ends, in whichever order they stand. A field that names an
    impossible band ("Band 12"), or contradicts itself or the title about Agenda for Change, is unreadable:
    people decide. Never raises.

    Codes of other systems are read where they are all the band field says: "AFC03"; "B3" as staff write it; "XN03"
    and "XR03" of the Electronic Staff Record, which has them for bands 1 to 7 of staff without and within the old
    review body ("NHS|XN03|Non Review Body Band 3"). Its codes above 07 are no band numbers (8a to 9 have their own
    count), so they stay with a person, as does "Grade 3": older scales had grades too, with other pay. No published
    list of these codes was found; people in NHS pay teams read them so. With anything behind it "B3" is a reference
    or a postcode, and never read. Roman numbers are read after the word in the field ("Band IV"), not in a title.
    """
    field_words, title_words = (band_text or "").strip()[:MAX_TEXT], (title or "").strip()[:MAX_TEXT]
    field, heading = _romans_as_digits(_plain(field_words)), _plain(title_words)
    unreadable = BandReading((), False, BandSource.UNREADABLE, field_words or title_words)
    outside = bool(_CLEARLY_NOT_AFC.search(field))
    try:
        bands = _coded_bands(field) or _bare_bands(field) or _phrase_bands(field)
        if bands:
            if outside or any(Band(code) not in bands for code in _ESR_CODE.findall(field)):
                return unreadable
            return BandReading(bands, True, BandSource.BAND_FIELD, field_words)
        title_bands = _phrase_bands(heading)
    except _NotABand:
        return unreadable
    if outside or _NOT_AFC_GRADES.search(field):
        if title_bands:
            return unreadable
        return BandReading((), True, BandSource.NOT_AGENDA_FOR_CHANGE, field_words)
    if title_bands:
        return BandReading(title_bands, True, BandSource.TITLE, title_words)
    return unreadable


def in_order(bands: Iterable[Band]) -> tuple[Band, ...]:
    """Each band once, lowest first: the form in which bands are stored, compared and exported."""
    return tuple(sorted(set(bands), key=lambda band: band.rank))


def bands_in_words(bands: tuple[Band, ...]) -> str:
    """Say bands as people do: "Band 3", "Bands 3 and 4", "Bands 2, 3 and 4"; empty text for none."""
    names = [band.value for band in in_order(bands)]
    if not names:
        return ""
    if len(names) == 1:
        return f"Band {names[0]}"
    return f"Bands {', '.join(names[:-1])} and {names[-1]}"


def _plain(text: str) -> str:
    """Lower case, one kind of dash, single spaces, number words after "band" as digits."""
    text = " ".join(text.translate(_DASHES).casefold().split())
    text = _WORDED.sub(lambda found: found[1] + _NUMBER_WORDS[found[2]], text)
    text = _RANGE_LETTER.sub(r"8\1", text)
    text = _BETWEEN.sub(r"\1\2 to ", text)
    return _SHARED_8.sub(r"8\1\g<2>8\3", text)


def _romans_as_digits(field: str) -> str:
    """ "Band IV" as "band 4": numbers as the field's word for bands is followed by them, and nowhere else."""
    return _ROMANS.sub(
        lambda found: re.sub(rf"(?<!\w){_ROMAN}", lambda one: str(_ROMAN_DIGITS.index(one[0]) + 1), found[0]),
        field,
    )


def _coded_bands(field: str) -> tuple[Band, ...]:
    """The band of a field that is one code of another system, else none."""
    code = _CODE.fullmatch(field)
    return _bands_of(next(filter(None, code.groups()))) if code else ()


def _bare_bands(field: str) -> tuple[Band, ...]:
    """Bands of a field that holds nothing but bands and the usual words round them, else none."""
    if _CLEARLY_NOT_AFC.search(field) or field.startswith("-"):
        return ()
    bare = " ".join(_NOISE.sub(" ", _LISTED.sub(", ", field)).split()).strip(" -")
    bare = _LOOSE_LETTER.sub(r"8\1", bare)
    if whole := _WHOLE_NUMBER.fullmatch(bare):
        bare = whole[1]
    return _bands_of(bare) if _BARE_LIST.fullmatch(bare) else ()


def _phrase_bands(text: str) -> tuple[Band, ...]:
    """Every band named by a "Band n" phrase in the text; raises _NotABand when a phrase cannot be trusted."""
    found: set[Band] = set()
    read_to = 0
    for anchor in _ANCHOR.finditer(text):
        if anchor.start() < read_to:
            continue
        grammar = _PLURAL if anchor[0].startswith("bands") else _SINGULAR
        phrase = grammar.match(text, anchor.end())
        if phrase is None or _BAD_TAIL.match(text, phrase.end()) or _BAD_LEAD.search(text[: anchor.start()]):
            raise _NotABand
        if _SPACED_HYPHEN.search(phrase[0]) and _SPACED_RANGE_THEN_WORDS.match(text, anchor.end()):
            raise _NotABand
        found.update(_bands_of(phrase[0]))
        read_to = phrase.end()
    return in_order(found)


def _bands_of(words: str) -> tuple[Band, ...]:
    """Turn matched text such as "2/3" or "3 to band 5" into bands; a range fills in what lies between."""
    found: set[Band] = set()
    previous: tuple[Band, ...] = ()
    position, is_range = 0, False
    while position < len(words):
        if step := _STEP.match(words, position):
            is_range, position = step[1] is not None, step.end()
            continue
        item = _NAMED_ITEM.match(words, position)
        if item is None:
            raise _NotABand
        current = _ALL_OF_8 if item[1] == "8" else (Band(item[1]),)
        ends = [band.rank for band in (*previous, *current)] if is_range else [band.rank for band in current]
        found.update(_ORDER[min(ends) : max(ends) + 1])
        previous, position = current, item.end()
    return in_order(found)
