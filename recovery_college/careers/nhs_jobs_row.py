"""One vacancy of an NHS Jobs feed: its texts checked field by field and turned into a row (domain V6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from recovery_college.careers.rules import ContractKind
from recovery_college.imports.mapping import day_as_ours
from recovery_college.imports.rules import column_in_words
from recovery_college.kernel.html_text import text_of_html

FIELD_LENGTHS: Mapping[str, int] = {
    "id": 100,
    "reference": 100,
    "title": 300,
    "description": 50_000,
    "employer": 300,
    "type": 100,
    "salary": 300,
    "closeDate": 40,
    "postDate": 40,
    "url": 2_000,
    "locations": 200,
}
"""The elements that are read, and the most characters each may hold."""

_CALLED = {"closeDate": "Closing date", "postDate": "Posting date"}
_A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_DAY = "0001-01-01"
"""What some services write where there is no day."""
_LIKELY_YEARS = range(2000, 2101)
_CONTRACTS = {
    "permanent": ContractKind.PERMANENT,
    "substantive": ContractKind.PERMANENT,
    "fixedterm": ContractKind.FIXED_TERM,
    "fixedtermcontract": ContractKind.FIXED_TERM,
    "temporary": ContractKind.FIXED_TERM,
    "bank": ContractKind.BANK,
    "apprenticeship": ContractKind.APPRENTICESHIP,
    "apprentice": ContractKind.APPRENTICESHIP,
}


def element_in_words(element: str) -> str:
    """An element of the feed, or a column of ours, as a page speaks of it."""
    return _CALLED.get(element) or column_in_words(element)


@dataclass(frozen=True)
class FeedProblem:
    """Something wrong at one place: the vacancy is left out (`refused`), or read without this value."""

    line: int
    element: str
    value: str
    reason: str
    refused: bool = True

    @property
    def sentence(self) -> str:
        """The reason after what it is about, as a page says it."""
        return f"{element_in_words(self.element)}: {self.reason}"


@dataclass(frozen=True)
class NhsJobsVacancy:
    """One vacancy as advertised. Text is plain text and must be escaped on pages like any other.

    `reference` is the id where the feed names none. `contract` is None where the type is none of ours
    (`contract_text` keeps it). Dates are days in England. `line` is where it begins in its file.
    """

    source_id: str
    reference: str
    title: str
    description: str
    employer: str
    contract_text: str
    contract: ContractKind | None
    salary: str
    closes_on: date | None
    posted_on: date | None
    url: str | None
    locations: tuple[str, ...]
    line: int
    unread: tuple[str, ...] = ()
    """The dates that stand there and could not be read: of those it says nothing, which is not "none"."""

    def same_content(self, other: "NhsJobsVacancy") -> bool:
        """Whether both say the same, wherever they stand in the file."""
        return replace(self, line=0) == replace(other, line=0)


def read_vacancy(
    texts: Mapping[str, str], locations: tuple[str, ...], line: int
) -> tuple[NhsJobsVacancy | None, tuple[FeedProblem, ...]]:
    """Turn the texts of one `vacancyDetails` into a row, or None with the reasons.

    An id and a title are needed. A date that cannot be read, or an address that is not https, is left out with a
    remark: neither is a reason to lose a vacancy from the rule.
    """
    problems: list[FeedProblem] = []
    source_id, title = _line(texts.get("id", "")), _line(texts.get("title", ""))
    if not source_id:
        problems.append(FeedProblem(line, "id", "", "The vacancy has no id."))
    if not title:
        problems.append(FeedProblem(line, "title", "", "The vacancy has no title."))
    days: dict[str, date | None] = {}
    unread: list[str] = []
    for element in ("closeDate", "postDate"):
        text = texts.get(element, "")
        try:
            days[element] = read_feed_date(text)
        except ValueError as error:
            days[element] = None
            reason = f"{error} The vacancy is read without it."
            problems.append(FeedProblem(line, element, text[:80], reason, refused=False))
            unread.append(element)
    address = texts.get("url", "")
    url = address if is_https_address(address) else None
    if address and url is None:
        reason = "The address is not a https:// address, so the vacancy is read without it."
        problems.append(FeedProblem(line, "url", address[:80], reason, refused=False))
    if any(problem.refused for problem in problems):
        return None, tuple(problems)
    contract_text = _line(texts.get("type", ""))
    row = NhsJobsVacancy(
        source_id=source_id,
        reference=_line(texts.get("reference", "")) or source_id,
        title=title,
        description=text_of_html(texts.get("description", "")),
        employer=_line(texts.get("employer", "")),
        contract_text=contract_text,
        contract=read_contract(contract_text),
        salary=_line(texts.get("salary", "")),
        closes_on=days["closeDate"],
        posted_on=days["postDate"],
        url=url,
        locations=locations,
        line=line,
        unread=tuple(unread),
    )
    return row, tuple(problems)


def read_feed_date(text: str) -> date | None:
    """Read a day such as `2026-12-04`, `2026-12-04T00:00:00`, `2026-07-25T10:00:00Z` or `04/12/2026 23:59`; None if
    there is none.

    A time with a zone is an instant: in summer 23:30Z is already the next day here. A time without one is English
    local time. Raises ValueError with a sentence for any other form, impossible days and years outside 2000 to 2100.
    """
    if not text or text.startswith(_NO_DAY):
        return None
    try:
        said = day_as_ours(text) if text.isascii() else ""
        day = date.fromisoformat(said) if _A_DAY.fullmatch(said) else None
    except ValueError:
        day = None
    if day is None or day.year not in _LIKELY_YEARS:
        raise ValueError("The date is not a day like 2026-12-04 or a time like 2026-12-04T00:00:00.")
    return day


def read_contract(text: str) -> ContractKind | None:
    """Read the kind of contract from the feed's words ("Fixed-Term"); None when it is none of ours."""
    return _CONTRACTS.get("".join(letter for letter in text.casefold() if letter.isalpha()))


def is_https_address(text: str) -> bool:
    """Whether the text is an address that may be linked: https, a host, no user name, nothing unprintable."""
    if not text.isascii() or not text.isprintable() or any(letter in text for letter in ' "<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def _line(text: str) -> str:
    """Text on one line with single spaces."""
    return " ".join(text.split())
