"""Each of the demo's people walks along every link they are shown: every page answers, and axe finds nothing.

Of the pages of one kind (one rule of address, with the same questions after it) each person opens the first few
they come to. What is folded is unfolded first, so that axe sees it as well. Exceptions are named in axe.py.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error
from werkzeug.exceptions import HTTPException

from recovery_college.demo.people import SIGN_INS
from tests.browser.axe import faults_at_both_widths
from tests.browser.conftest import Guests

pytestmark = [pytest.mark.browser, pytest.mark.trust]

OF_A_KIND = 3
LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"


def kind_of(guests: Guests, address: str) -> tuple[str, ...] | None:
    """The rule and the names of the questions of an address of ours; None for a file or another's address."""
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" != guests.address:
        return None
    try:
        rule, _ = guests.app.url_map.bind("").match(parts.path, return_rule=True)
    except HTTPException:
        return ("no such page", parts.path)
    return None if rule.endpoint == "static" else (rule.rule, *sorted(parse_qs(parts.query)))


def opened(page: Any, address: str) -> int | None:
    """The status of the page at this address; None where it is a file to keep."""
    try:
        answer = page.goto(address)
    except Error as error:
        if "Download is starting" in error.message or "ERR_ABORTED" in error.message:
            return None
        raise
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return None
    return int(answer.status)


@pytest.mark.parametrize("who", [one.key for one in SIGN_INS])
def test_everything_they_are_led_to_is_clean(actors: Guests, who: str) -> None:
    page = actors.new_tab(who)
    ways, led_to = deque([f"{actors.address}/"]), {f"{actors.address}/"}
    seen: Counter[tuple[str, ...]] = Counter()
    wrong: dict[str, list[str]] = {}
    while ways:
        address = ways.popleft()
        kind = kind_of(actors, address)
        if kind is None or seen[kind] >= OF_A_KIND:
            continue
        page.troubles.clear()
        status = opened(page, address)
        seen[kind] += 1
        if status is None:
            continue
        found = [] if status == 200 else [f"answers {status}"]
        for link in page.evaluate(LINKS):
            way = link.partition("#")[0]
            if way not in led_to:
                led_to.add(way)
                ways.append(way)
        page.evaluate(UNFOLD)
        found += faults_at_both_widths(page)
        if found:
            wrong[address.removeprefix(actors.address)] = found
    assert len(seen) > 5, "the walk ended at the door"
    assert not wrong, wrong
