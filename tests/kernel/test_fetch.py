"""Fetching from another service: whom it asks, how long it waits, and what it takes from one that misbehaves (F31)."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from recovery_college.kernel.fetch import FetchLimits, FetchProblem, Host, fetch, read_hosts, seconds_to_wait
from tests.factories.feed_server import (
    Answer,
    FeedServer,
    cut,
    dripping,
    endless,
    feed_server,
    hanging_up,
    moved,
    packed,
    saying,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LIMITS = FetchLimits(
    most_bytes=200_000, connect_seconds=2, silent_seconds=2, whole_seconds=0.8, longest_wait=60
)
pytestmark = pytest.mark.loopback


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as one:
        yield one


def got(
    server: FeedServer, *plan: Answer, limits: FetchLimits = LIMITS, waits: list[float] | None = None
) -> bytes:
    server.plan = list(plan)
    sleep = (waits if waits is not None else []).append
    return fetch(server.address, (Host("127.0.0.1", server.port),), limits, sleep=sleep, now=lambda: NOW)


def test_takes_what_it_is_given_packed_or_not(server: FeedServer) -> None:
    assert got(server, saying(200, b"<a/>")) == b"<a/>"
    assert got(server, packed(b"<b/>" * 40_000)) == b"<b/>" * 40_000


def test_waits_as_long_as_it_is_asked_to_and_then_asks_again(server: FeedServer) -> None:
    waits: list[float] = []
    date = "Fri, 27 Nov 2026 12:00:07 GMT"
    plan = (saying(429, Retry_After="3"), saying(503, Retry_After=date), saying(500), saying(200, b"x"))
    assert got(server, *plan, waits=waits) == b"x"
    assert waits == [3.0, 7.0, 4.0]


def test_gives_up_after_some_tries_or_when_asked_to_wait_too_long(server: FeedServer) -> None:
    waits: list[float] = []
    with pytest.raises(FetchProblem, match="it is busy"):
        got(server, *[saying(503)] * 9, waits=waits)
    assert (len(server.asked), waits) == (4, [1.0, 2.0, 4.0])
    with pytest.raises(FetchProblem, match="left alone for 20 minutes"):
        got(server, saying(429, Retry_After="1200"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (saying(404), "answers 404"),
        (saying(200, b"x" * 300_000), "larger than"),
        (endless, "larger than"),
        (packed(b"\0" * 40_000_000), "larger than"),
        (packed(gzip.compress(b"x") * 10), None),
        (saying(200, b"not gzip", Content_Encoding="gzip"), "damaged"),
        (saying(200, gzip.compress(b"x" * 90_000)[:-20], Content_Encoding="gzip"), "cut off"),
        (saying(200, b"x", Content_Encoding="br"), "not asked for"),
        (cut(b"x" * 1000), "cut off"),
        (dripping, "takes too long"),
        (hanging_up, "broke off"),
        (saying(302), "to no address"),
    ],
)  # fmt: skip
def test_takes_nothing_from_one_that_misbehaves(
    server: FeedServer, answer: Answer, words: str | None
) -> None:
    if words is None:
        got(server, answer)
        return
    with pytest.raises(FetchProblem, match=words):
        got(server, *[answer] * 5)


def test_a_redirect_is_judged_like_a_first_address(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert got(server, moved("/elsewhere"), saying(200, b"y")) == b"y"
    for to, words in (
        ("http://127.0.0.1:9/", "not among the services"),
        ("http://169.254.169.254/latest/meta-data", "not among the services"),
        ("http://user:secret@127.0.0.1/", "user name"),
        ("file:///etc/passwd", "not a web address"),
        ("//[::1", "not a web address"),
    ):
        with pytest.raises(FetchProblem, match=words) as refused:
            got(server, moved(to))
        assert "sends on to" in str(refused.value), "nobody typed that address"
    with pytest.raises(FetchProblem, match="without end"):
        got(server, *[moved("/again")] * 9)


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.5",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is on the list, and its owner points it at us."""
    family = socket.AF_INET6 if ":" in number else socket.AF_INET

    def found(*args: Any, **rest: Any) -> list[Any]:
        return [(family, socket.SOCK_STREAM, 6, "", (number, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with pytest.raises(FetchProblem, match="private network"):
        fetch(
            "https://www.jobs.nhs.uk/x", read_hosts("www.jobs.nhs.uk"), LIMITS, sleep=print, now=lambda: NOW
        )


def test_only_https_leaves_this_machine() -> None:
    for address, words in (
        ("http://www.jobs.nhs.uk/x", "not among"),
        ("http://www.jobs.nhs.uk:443/x", "not a https"),
        ("https://www.jobs.nhs.uk:8443/x", "not among"),
        ("https://jobs.nhs.uk.evil.example/x", "not among"),
    ):
        with pytest.raises(FetchProblem, match=words):
            fetch(address, read_hosts("www.jobs.nhs.uk"), LIMITS, sleep=print, now=lambda: NOW)


def test_hosts_are_read_from_a_setting() -> None:
    assert read_hosts(" WWW.jobs.nhs.uk, 127.0.0.1:8099,") == (
        Host("www.jobs.nhs.uk"),
        Host("127.0.0.1", 8099),
    )
    for wrong in ("https://x", "a b", "x:0", "x:99999", "-x"):
        with pytest.raises(ValueError, match="no host"):
            read_hosts(wrong)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5.0), ("Fri, 27 Nov 2026 12:01:00 GMT", 60.0), ("Fri, 27 Nov 2026 11:00:00 GMT", 0.0),
     ("", None), (None, None), ("soon", None), ("-1", None), ("9" * 40, None)],
)  # fmt: skip
def test_what_retry_after_asks_for(text: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(text, NOW) == seconds
