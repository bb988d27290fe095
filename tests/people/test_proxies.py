"""Wrong tries are counted by who made them, also behind the proxy that speaks https; nobody says themselves who."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request, request_started

from recovery_college.app import create_app
from recovery_college.kernel.settings import Settings

WEB = "https://college.example"


@contextmanager
def addresses(app: Flask) -> Iterator[list[str | None]]:
    """From where each request in the block came."""
    seen: list[str | None] = []

    def look(sender: Flask, **_: object) -> None:
        seen.append(request.remote_addr)

    with request_started.connected_to(look, app):
        yield seen


@pytest.mark.parametrize(
    ("address", "proxies", "said", "wanted"),
    [
        (WEB, 1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what stands before was made up by who asks
        (WEB, 2, "192.0.2.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (WEB, 2, "203.0.113.9", "127.0.0.1"),
        (WEB, 0, "203.0.113.9", "127.0.0.1"),
        (WEB, 1, "", "127.0.0.1"),
        ("http://127.0.0.1:8000", 1, "203.0.113.9", "127.0.0.1"),  # no proxy speaks there
    ],
)
def test_who_asks(settings: Settings, address: str, proxies: int, said: str, wanted: str) -> None:
    app = create_app(settings.model_copy(update={"public_base_url": address, "proxies": proxies}))
    with addresses(app) as seen:
        app.test_client().get("/health/live", base_url=address, headers={"X-Forwarded-For": said})
    assert seen == [wanted]
