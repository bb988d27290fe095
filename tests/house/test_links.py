"""Links in the documents lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, tracked_files

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
DOCUMENTS = [path for path in tracked_files() if path.suffix == ".md"]


def anchor(heading: str) -> str:
    """A heading as the address of its place: lower case, spaces as hyphens, punctuation left out."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors_of(document: Path) -> set[str]:
    """The places of a page that a link may name."""
    return {anchor(heading) for heading in HEADING.findall(document.read_text(encoding="utf-8"))}


def broken_links(document: Path) -> list[str]:
    """Links to files or headings of this repository that are not there. Addresses elsewhere are not tried."""
    broken = []
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, place = target.partition("#")
        file = document.parent / name if name else document
        if not file.exists() or (place and place not in anchors_of(file)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_lead_somewhere(document: Path) -> None:
    assert broken_links(document) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(
        "# What is there\n[a](a.md) [b](b.md) [c](#what-is-there) [d](#not) [e](https://x.example)\n"
    )
    assert broken_links(document) == ["b.md", "#not"]
