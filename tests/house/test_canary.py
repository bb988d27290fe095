"""The canary crawl: a word found nowhere else in each sensitive field; every page, file and paper as every role.

What each role came across is compared with SEES, which is trust.md's table in the words of the fields. Whoever is
scoped must meet nothing of the other side, whatever the field.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from werkzeug.test import TestResponse

from recovery_college.access.rules import Role
from tests.house.candidate_world import CANDIDATE_MET, CANDIDATE_SEES
from tests.house.fair_world import FAIR_MET, FAIR_SEES
from tests.house.world import ANONYMOUS, KEYS, SCOPED, WHO, Side, World

MOST_PAGES = 600
CERTIFICATES = frozenset({"student certificate code", "graduate certificate code"})
EMAILS = frozenset(f"{role.value} account email" for role in Role)
STUDENT = frozenset({"certificate name 0", "certificate name 1"})
CONTACT = frozenset({"student email 0", "student email 1"})
STAFF = frozenset(
    {
        "staff qualification", "staff development", "staff competence", "practice words", "plan why",
        "plan reason", "meeting agreed",
    }
)  # fmt: skip
QUALITY = frozenset({"interim comment", "interim action", "more reason"})
WORK = frozenset(
    {"feedback to countersign", "released feedback", "draft feedback", "verdict comment", "verdict action"}
)

EVIDENCE = frozenset({"evidence title", "evidence words", "evidence file name", "observation words"})

# Who may come across what: trust.md's table, field by field. A name on a certificate is seen by whom the table
# gives the certificate; a date of birth and a learner number by whom it gives the student's profile.
PROFILE = frozenset(
    {"date of birth 0", "date of birth 1", "uln 0", "uln 1", "pronouns 0", "pronouns 1"}
)  # fmt: skip
# What the external wrote and was told: theirs, and the college's. What came of it: the tutors' as well.
ACTIONS = frozenset({"external action", "action note"})
VISIT = ACTIONS | {"pick reason", "objection", "report words"}
# What a pick opens (A11). A piece marked as private is not among it until its student says so.
PICKED = frozenset({"observation words", "evidence title", "evidence words", "evidence file name"})
PRIVATE = frozenset({"private title", "private words"})
SEES: dict[str, frozenset[str]] = {
    ANONYMOUS: frozenset(),
    "student": EVIDENCE
    | frozenset(
        {
            "released feedback",
            "certificate name 0",
            "student account email",
            "evidence draft",
            "student certificate code",
        }
        | PRIVATE
    ),
    "graduate": frozenset({"released feedback", "graduate account email", "graduate certificate code"}),
    "tutor": WORK
    | QUALITY
    | EVIDENCE
    | STAFF
    | {"feedback taken back", "own comment", "college comment"}
    | CONTACT
    | CERTIFICATES
    | STUDENT
    | PROFILE
    | ACTIONS
    | PRIVATE
    | {"tutor account email", "upload file name", "conflict reason"},
    "iqa": WORK
    | QUALITY
    | EVIDENCE
    | STAFF
    | VISIT
    | PRIVATE
    | {"feedback taken back"}
    | {"conflict reason", "iqa account email"},
    "eqa": STAFF | ACTIONS | PICKED | {"pick reason", "objection", "eqa account email"},
    "manager": frozenset({"manager account email", "manager email", "reason text"}),
    "hr": frozenset(
        {"hr account email", "manager account email", "manager email", "reason text", "upload file name"}
        | {"waiting address", "deputy address"}
    ),
    "admin": CONTACT
    | CERTIFICATES
    | STUDENT
    | PROFILE
    | STAFF
    | VISIT
    | {
        "admin account email",
        "tutor account email",
        "upload file name",
        "conflict reason",
        "waiting address",
    },
    "auditor": STAFF | VISIT | {"auditor account email", "reason text", "waiting address"},
    "sysadmin": EMAILS,
}
# A candidacy is its manager's and HR's, and the candidate's own; what helps on the day is the interviewer's alone.
CANDIDACY = frozenset({"next step words", "interview place"})
SEES["manager"] |= CANDIDACY | {"candidacy note", "interview help"}
SEES["hr"] |= CANDIDACY | {"candidacy note"}
SEES["graduate"] |= CANDIDACY | {"interview help", "line manager"}
# How a team prepares is for who sees the team; what a past graduate answered for the college, and who holds the link.
for _who in ("manager", "hr", "admin"):
    SEES[_who] |= {"team owner", "supervisor name"}
SEES["admin"] |= {"past places"}
# What was said of how it goes in a post: who cares for it, and its holder.
for _who in ("manager", "hr", "admin", "graduate"):
    SEES[_who] |= {"follow-up words"}
# More time and its reason are for whoever sees answers; a draft of one is its writer's alone.
for _who in ("manager", "hr", "auditor"):
    SEES[_who] |= {"extension why", "finding words", "reply words", "outcome words"}
SEES["manager"] |= {"answer draft"}
SEES = {
    who: seen | FAIR_SEES.get(who, frozenset()) | CANDIDATE_SEES.get(who, frozenset())
    for who, seen in SEES.items()
}

# What a claim shows (A12): names and learner numbers as registered, notes, and why one was set aside.
CLAIM = frozenset({"registered name", "registered uln", "claim note", "set aside reason"})
for _who in ("tutor", "iqa", "eqa", "admin", "auditor"):
    SEES[_who] |= CLAIM
SEES["admin"] |= {"registered date of birth", "query answer"}
# It is a student's own date of birth, which their tutor sees in the profile.
SEES["tutor"] |= {"registered date of birth"}
# A claim names its students as the certificate does; who names who hears an appeal reads what it is about.
for _who in ("iqa", "eqa", "auditor"):
    SEES[_who] |= {"certificate name 0", "certificate name 1"}
SEES["admin"] |= {"released feedback"}
SEES["tutor"] |= {"registered date of birth"}  # the profile is theirs to read

# A planned session is for who may see the cohort and for its students, a message for whom it is written to.
# Auditors see certificates; a claim tells the exact name to whoever quality-assures.
for _who in ("tutor", "iqa", "eqa", "admin"):
    SEES[_who] |= {"session title"}
for _who in ("iqa", "eqa", "auditor"):
    SEES[_who] |= STUDENT
SEES["student"] |= {"mail text", "session title"}
SEES["auditor"] |= CERTIFICATES
# The certificate of a student of the sample, with what was said of the picked unit.
SEES["student"] |= {"pronouns 0", "student email 0", "date of birth 0", "uln 0"}  # their own record
SEES["eqa"] |= {"student certificate code", "released feedback"}


def crawl(world: World, who: str, dead: dict[str, str] | None = None) -> dict[str, set[str]]:
    """The texts this role can reach by links from where they start, each with its address.

    `dead` is told of each link that leads where its reader may not go, with the page that has it.
    """
    dead = {} if dead is None else dead
    offered: dict[str, str] = {}
    client = world.client(who)
    waiting = deque(["/", *starts(world, who)])
    seen: dict[str, set[str]] = {}
    shapes: dict[str, int] = {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        shape = re.sub(r"[0-9a-f-]{36}|RC-\d+|=[^&]*", "*", path)
        if path in seen or shapes.get(shape, 0) >= 12 or path.startswith("/static/"):
            continue
        shapes[shape] = shapes.get(shape, 0) + 1
        with client.get(path) as answer:
            seen[path] = set(texts_of(answer))
            found = links_of(path, answer)
            if path in offered and answer.status_code in (403, 404):
                dead[path] = offered[path]
            for link in found if answer.status_code == 200 else ():
                offered.setdefault(link, path)
        waiting.extend(link for link in found if link not in seen)
    return seen


def starts(world: World, who: str) -> list[str]:
    """Every page without a choice in its address, and those of the rows on one's own side."""
    rules = [rule for rule in world.rules() if "GET" in (rule.methods or ()) and not rule.arguments & KEYS]
    return [world.path(rule, who) for rule in rules if rule.endpoint != "static"]


def links_of(path: str, answer: TestResponse) -> list[str]:
    """Where a page leads within the site."""
    if 300 <= answer.status_code < 400:
        found = [answer.location or ""]
    elif answer.mimetype == "text/html":
        found = re.findall(r'href="([^"#]+)', answer.get_data(as_text=True))
    else:
        return []
    whole = (urlsplit(urljoin(path, link.replace("&amp;", "&"))) for link in found)
    return [one.path + (f"?{one.query}" if one.query else "") for one in whole if not one.netloc]


def texts_of(answer: TestResponse) -> Iterable[str]:
    """Everything that can be read in an answer: the page, the sheet's cells, the paper's words and its facts."""
    yield from (f"{name}: {value}" for name, value in answer.headers.items())
    content = answer.get_data()
    if answer.mimetype == "application/pdf":
        yield from words_of(content)
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as sheet:
            for name in sheet.namelist():
                yield name
                yield from words_of(sheet.read(name))
    else:
        yield content.decode("utf-8", "replace").replace("&#39;", "'")


def words_of(content: bytes) -> Iterator[str]:
    """What a file says: a paper's words and the facts about it, or the file as it is."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:  # a student's own file, as it was handed in
        yield content.decode("utf-8", "replace")
        return
    yield " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    with pikepdf.open(io.BytesIO(content)) as facts:
        yield str(dict(facts.docinfo))
        yield bytes(facts.Root.Metadata.read_bytes()).decode() if "/Metadata" in facts.Root else ""


def met(pages: dict[str, set[str]], side: Side) -> dict[str, str]:
    """Each sensitive field of a side that was come across, with the first address it was met at."""
    found: dict[str, str] = {}
    for field, words in side.canaries.items():
        for path, texts in pages.items():
            if any(word in text for word in words for text in texts):
                found.setdefault(field, path)
    return found


# Some of what each role must come across: a crawl that reaches nothing would find nothing wrong.
REACHES = (
    ("tutor", "draft feedback"),
    *FAIR_MET,
    *CANDIDATE_MET,
    ("tutor", "student email 0"),
    ("iqa", "verdict action"),
    ("tutor", "evidence words"),
    ("iqa", "evidence file name"),
    ("student", "evidence title"),
    ("student", "evidence draft"),
    ("iqa", "feedback to countersign"),
    ("iqa", "interim comment"),
    ("tutor", "interim action"),
    ("eqa", "plan reason"),
    ("tutor", "conflict reason"),
    ("auditor", "staff development"),
    ("eqa", "observation words"),
    ("eqa", "meeting agreed"),
    ("auditor", "report words"),
    ("tutor", "action note"),
    ("student", "private title"),
    ("student", "released feedback"),
    ("graduate", "graduate certificate code"),
    ("manager", "reason text"),
    ("hr", "reason text"),
    ("admin", "upload file name"),
    ("sysadmin", "tutor account email"),
)


@pytest.mark.parametrize("who", WHO)
def test_each_role_meets_what_it_may_and_nothing_else(world: World, who: str) -> None:
    dead: dict[str, str] = {}
    pages = crawl(world, who, dead)
    assert dead == {}, "a page offers what its reader may not open"
    mine = met(pages, world.mine)
    too_much = {field: path for field, path in mine.items() if field not in SEES[who]}
    assert too_much == {}
    unmet = {field for reader, field in REACHES if reader == who} - set(mine)
    assert unmet == set(), "the crawl does not get as far as it did"
    if who == ANONYMOUS or Role(who) in SCOPED:
        assert met(pages, world.theirs) == {}


def leaky(app: Flask, template: str, body: str) -> ChoiceLoader:
    """The app's templates with one changed."""
    assert app.jinja_loader is not None
    return ChoiceLoader([DictLoader({template: body}), app.jinja_loader])


def test_a_template_that_leaks_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: somebody writes the draft onto a page that a manager gets."""
    leak = world.theirs.canaries["draft feedback"][0]
    body = f'<!doctype html><title>x</title><h1>x</h1><a href="/people">People</a>{leak}'
    dead: dict[str, str] = {}
    environment = world.app.jinja_env
    monkeypatch.setattr(environment, "loader", leaky(world.app, "people/account.html", body))
    environment.cache.clear()
    try:
        assert met(crawl(world, "manager", dead), world.theirs) == {"draft feedback": "/account"}
        assert dead == {"/people": "/account"}
    finally:
        environment.cache.clear()


def test_the_canaries_are_different_words(world: World) -> None:
    words = [
        word for side in (world.mine, world.theirs) for found in side.canaries.values() for word in found
    ]
    assert len(set(words)) == len(words)
