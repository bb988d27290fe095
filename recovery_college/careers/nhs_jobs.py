"""Reading NHS Jobs search results in XML (domain V6): hostile files refused, memory flat, every loss named.

The format has no published schema; the shapes accepted are those of the sample and of public consumers: root
`nhsJobs` or `nhsSearch`, `vacancyDetails` below it, locations in `locations/location` or
`locations/locations`. **It carries no band.** The file is pushed through the parser in chunks and no tree is
built, so memory does not grow with what is ignored. A DTD or an entity of one's own is refused outright.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from recovery_college.careers.nhs_jobs_row import FIELD_LENGTHS, FeedProblem, NhsJobsVacancy, read_vacancy
from recovery_college.kernel.html_text import tag_kept

ROOTS = ("nhsJobs", "nhsSearch")
_CHUNK = 64 * 1024
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_ENDED_TOO_SOON = (3, 5, 6)  # expat: no element found, unclosed token, partial character
_UNDEFINED_ENTITY = 11
_INVALID_TOKEN = 4
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")


class FeedError(ValueError):
    """The file as a whole cannot be read; the message says why and what to do, and can be shown to people."""


@dataclass(frozen=True)
class FeedLimits:
    """How much is read before the file is refused. A search page holds a hundred vacancies at most."""

    most_bytes: int = 20 * 1024 * 1024
    most_elements: int = 400_000
    most_vacancies: int = 20_000
    most_depth: int = 16
    most_locations: int = 200


@dataclass(frozen=True)
class NhsJobsFeed:
    """One file, read to its end: rows to import, and what was wrong with which line.

    `total_results` and `total_pages` are what the file claims about the whole search, None when it says
    nothing: one file is never a complete fetch unless the caller has all pages.
    """

    rows: tuple[NhsJobsVacancy, ...]
    problems: tuple[FeedProblem, ...]
    total_results: int | None
    total_pages: int | None


class _HasLine(Protocol):
    CurrentLineNumber: int


@dataclass
class _Open:
    """The vacancy being read."""

    line: int
    texts: dict[str, str] = field(default_factory=dict)
    locations: list[str] = field(default_factory=list)
    problems: list[FeedProblem] = field(default_factory=list)


class _Target:
    """Takes the parser's events and keeps only the open vacancy and what is ready to be handed on."""

    def __init__(self, limits: FeedLimits) -> None:
        self.limits = limits
        self.ready: list[NhsJobsVacancy | FeedProblem] = []
        self.totals: dict[str, int] = {}
        self.position: _HasLine | None = None
        self._path: list[str] = []
        self._elements = 0
        self._vacancies = 0
        self._vacancy: _Open | None = None
        self._parts: list[str] = []
        self._length = 0
        self._in_tags = 0
        self._line = 0

    @property
    def has_begun(self) -> bool:
        """Whether any element was seen."""
        return self._elements > 0

    def _here(self) -> int:
        return self.position.CurrentLineNumber if self.position else 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element; attributes carry nothing in this format."""
        name = tag.rpartition("}")[2]
        self._elements += 1
        if self._elements > self.limits.most_elements:
            raise FeedError(
                f"The file holds more than {self.limits.most_elements:,} elements, which no NHS Jobs search "
                "has. Fetch the results again, fewer pages at a time."
            )
        if not self._path and name not in ROOTS:
            if name.lower() == "html":
                raise FeedError(_WEB_PAGE)
            raise FeedError(
                f'The file starts with "{name[:40]}", not with "nhsJobs" or "nhsSearch". Choose a file of '
                "NHS Jobs search results in XML."
            )
        self._path.append(name)
        depth = len(self._path)
        if depth > self.limits.most_depth:
            raise FeedError(f"The file nests elements too deeply at line {self._here()}. {_FETCH_AGAIN}")
        if depth == 2 and name == "vacancyDetails":
            self._vacancies += 1
            if self._vacancies > self.limits.most_vacancies:
                raise FeedError(
                    f"The file holds more than {self.limits.most_vacancies:,} vacancies. Import it in parts."
                )
            self._vacancy = _Open(self._here())
        if depth <= 3 or (depth == 4 and self._path[2] == "locations"):
            self._parts, self._length, self._in_tags, self._line = [], 0, 0, self._here()
        elif self._path[2] == "description":
            self._keep_tag(tag_kept(name))

    def data(self, text: str) -> None:
        """Keep text of known fields only, and no more of it than the field may hold."""
        if len(self._path) < 2:
            return
        if self._length <= self._longest():
            self._parts.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        """Close an element; a closed vacancy becomes a row or its problems."""
        name = tag.rpartition("}")[2]
        depth = len(self._path)
        if self._vacancy is None:
            if depth == 2 and name in ("totalResults", "totalPages"):
                number = "".join(self._parts).strip()
                if number.isascii() and number.isdigit() and len(number) < 10:
                    self.totals[name] = int(number)
        elif depth in (3, 4) and self._path[2] == "locations":
            self._add_location(self._vacancy)
        elif depth > 3 and self._path[2] == "description":
            self._keep_tag(tag_kept(name, ends=True))
        elif depth == 3 and name in FIELD_LENGTHS:
            self._add_text(self._vacancy, name)
        elif depth == 2:
            row, problems = read_vacancy(
                self._vacancy.texts, tuple(self._vacancy.locations), self._vacancy.line
            )
            named = {problem.element for problem in self._vacancy.problems}
            problems = (
                *self._vacancy.problems,
                *(problem for problem in problems if problem.element not in named),
            )
            self.ready.extend(problems)
            if row is not None and not any(problem.refused for problem in problems):
                self.ready.append(row)
            self._vacancy = None
        self._path.pop()

    def close(self) -> None:
        """Nothing is left open: the parser itself refuses a file without its end."""

    def _longest(self) -> int:
        if self._vacancy is None or len(self._path) < 3:
            return 20
        return FIELD_LENGTHS.get(self._path[2], 0)

    def _keep_tag(self, tag: str) -> None:
        """Keep where a paragraph of an advert begins and ends. Tags are no part of the length of its text."""
        if tag and self._length <= self._longest():
            self._parts.append(tag)
            self._in_tags += len(tag)

    def _text(self) -> str:
        text, self._parts, self._length = "".join(self._parts), [], 0
        return text.strip()

    def _add_location(self, vacancy: _Open) -> None:
        place = " ".join(self._text().split())
        if not place or place in vacancy.locations:
            return
        if len(vacancy.locations) >= self.limits.most_locations or len(place) > FIELD_LENGTHS["locations"]:
            reason = "There are too many locations, or one is too long. The rest of the vacancy was read."
            vacancy.problems.append(FeedProblem(self._line, "locations", place[:80], reason, refused=False))
            return
        vacancy.locations.append(place)

    def _add_text(self, vacancy: _Open, name: str) -> None:
        text = self._text()
        if len(text) - self._in_tags > FIELD_LENGTHS[name]:
            reason = f"The text is longer than {FIELD_LENGTHS[name]:,} characters."
            is_advert = name == "description"  # no reason to lose a vacancy from the rule
            if is_advert:
                reason += " The vacancy is read with its beginning."
                vacancy.texts.setdefault(name, text[: FIELD_LENGTHS[name]])
            problem = FeedProblem(self._line, name, text[:80], reason, refused=not is_advert)
            vacancy.problems.append(problem)
        elif vacancy.texts.setdefault(name, text) != text:
            reason = "The vacancy holds this element twice with different content."
            vacancy.problems.append(FeedProblem(self._line, name, text[:80], reason))


_FETCH_AGAIN = "Fetch the results again and import the new file."
_WEB_PAGE = (
    "This is a web page, not NHS Jobs search results in XML. The site may have shown an error or a sign-in "
    "page: fetch the results again and check the address."
)


def read_nhs_jobs(source: BinaryIO | bytes, limits: FeedLimits | None = None) -> NhsJobsFeed:
    """Read a whole file of NHS Jobs search results into rows and problems.

    The same id again with the same content is one row; with other content the later one is refused. Raises
    FeedError with a sentence for people when the file as a whole is empty, cut off, too large, hostile or not
    this format: then nothing of it is to be imported.
    """
    target = _Target(limits or FeedLimits())
    rows: dict[str, NhsJobsVacancy] = {}
    problems: list[FeedProblem] = []
    for item in _events(source, target):
        if isinstance(item, FeedProblem):
            problems.append(item)
            continue
        first = rows.setdefault(item.source_id, item)
        if not first.same_content(item):
            reason = f"The same id stands on line {first.line} with different content."
            problems.append(FeedProblem(item.line, "id", item.source_id, reason))
    return NhsJobsFeed(
        tuple(rows.values()),
        tuple(problems),
        target.totals.get("totalResults"),
        target.totals.get("totalPages"),
    )


def iter_nhs_jobs(
    source: BinaryIO | bytes, limits: FeedLimits | None = None
) -> Iterator[NhsJobsVacancy | FeedProblem]:
    """Yield rows and problems in the order of the file, keeping none; repeated ids are not looked for.

    Raises FeedError as read_nhs_jobs does, possibly after rows were handed out: import in one transaction.
    """
    yield from _events(source, _Target(limits or FeedLimits()))


def _events(source: BinaryIO | bytes, target: _Target) -> Iterator[NhsJobsVacancy | FeedProblem]:
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    parser = DefusedXMLParser(target=target, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    target.position = parser.parser
    read = 0
    while chunk := stream.read(_CHUNK):
        if not read:
            _check_start(chunk)
        read += len(chunk)
        if read > target.limits.most_bytes:
            megabytes = target.limits.most_bytes / 1_048_576
            raise FeedError(f"The file is larger than {megabytes:g} MB. Fetch fewer pages at a time.")
        with _said_plainly(target):
            parser.feed(chunk)
        yield from target.ready
        target.ready.clear()
    if not read:
        raise FeedError(f"The file is empty. {_FETCH_AGAIN}")
    with _said_plainly(target):
        parser.close()
    yield from target.ready
    target.ready.clear()


@contextmanager
def _said_plainly(target: _Target) -> Iterator[None]:
    """Turn what the parser raises about the file into a FeedError that says what to do.

    Encodings are looked up before the first element only, so a later LookupError or ValueError is a fault of
    ours and is not covered up.
    """
    try:
        yield
    except FeedError:
        raise
    except DefusedXmlException as error:
        raise FeedError(
            "The file brings its own document type or entities, which NHS Jobs never does and which can be "
            "used to attack a reader. It was not read."
        ) from error
    except ParseError as error:
        raise FeedError(_why_not_parsed(error)) from error
    except (LookupError, ValueError) as error:
        if target.has_begun:
            raise
        raise FeedError(
            "The file names a character encoding that cannot be read. Save it as UTF-8 and import it again."
        ) from error


def _why_not_parsed(error: ParseError) -> str:
    line = error.position[0]
    if error.code in _ENDED_TOO_SOON:
        return f"The file is cut off at line {line}. {_FETCH_AGAIN}"
    if error.code == _UNDEFINED_ENTITY:
        return f"The file uses an entity that XML does not know at line {line}. {_FETCH_AGAIN}"
    if error.code == _INVALID_TOKEN:
        return (
            f"The file is not well-formed XML at line {line}: it may be in another character code than the one it "
            "names. Fetch the results again, or save the file as UTF-8, and import it again."
        )
    return f"The file is not well-formed XML at line {line}. {_FETCH_AGAIN}"


def from_older_code(content: bytes) -> bytes | None:
    """A file that claims to be UTF-8, by word or by silence, and is in the code of Windows; None for all others."""
    said = _ENCODING.search(content[:200])
    if b"\0" in content or (said and said[1].lower() not in (b"utf-8", b"utf8")):
        return None
    try:
        content.decode()
    except UnicodeDecodeError:
        pass
    else:
        return None
    try:
        return content.decode("cp1252").encode()
    except UnicodeDecodeError:
        return None


def _check_start(chunk: bytes) -> None:
    """Name the usual wrong files by their first bytes, before the parser says something less clear."""
    if chunk.startswith(_UTF16_MARKS):
        return
    start = chunk.removeprefix(_UTF8_MARK).lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise FeedError(_WEB_PAGE)
    if start.startswith(b"pk\x03\x04"):
        raise FeedError(
            "This is a spreadsheet or a zip file. Import it as a vacancies sheet, not as NHS Jobs XML."
        )
    if not start.startswith(b"<"):
        raise FeedError("This is not an XML file. Choose a file of NHS Jobs search results in XML.")
