"""A real HTTP server on this machine that answers as told: well, badly, slowly, without end."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

Handler = BaseHTTPRequestHandler
Answer = Callable[[Handler, Mapping[str, str]], None]


@dataclass
class FeedServer:
    """Where it is, what it is asked, and what it answers: the next of `plan`, else `usual`."""

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    plan: list[Answer] = field(default_factory=list)
    usual: Answer | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}/search_xml"


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """A server that runs for the block."""
    state = FeedServer()

    class Talk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            asked["path"] = self.path
            state.asked.append(asked)
            answer = state.plan.pop(0) if state.plan else state.usual
            assert answer is not None
            self.close_connection = True
            try:
                answer(self, asked)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: Handler, body: bytes, status: int = 200, **headers: str) -> None:
    """A whole answer. Headers are named with underscores."""
    handler.send_response(status)
    for name, value in {
        "Content_Length": str(len(body)),
        "Content_Type": "application/xml",
        **headers,
    }.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def xml_of(vacancies: list[Mapping[str, str]], pages: int = 1, total: int | None = None) -> bytes:
    """A page of search results."""
    rows = "".join(
        "<vacancyDetails>"
        + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in one.items())
        + "</vacancyDetails>"
        for one in vacancies
    )
    count = len(vacancies) if total is None else total
    text = f"<nhsJobs>{rows}<totalPages>{pages}</totalPages><totalResults>{count}</totalResults></nhsJobs>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def searching(by_band: dict[str, list[Mapping[str, str]]], a_page: int = 100) -> Answer:
    """Answer as NHS Jobs does: the vacancies of the band asked for, page by page."""

    def answer(handler: Handler, asked: Mapping[str, str]) -> None:
        found = by_band.get(asked.get("payBand", ""), [])
        page, pages = int(asked["page"]), max(1, -(-len(found) // a_page))
        send(handler, xml_of(found[(page - 1) * a_page : page * a_page], pages, len(found)))

    return answer


def saying(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Answer with this status."""
    return lambda handler, asked: send(handler, body, status, **headers)


def moved(to: str) -> Answer:
    """Send on to another address."""
    return saying(302, Location=to)


def packed(body: bytes) -> Answer:
    """The body under gzip."""
    return saying(200, gzip.compress(body), Content_Encoding="gzip")


def cut(body: bytes) -> Answer:
    """Half of what was promised."""

    def answer(handler: Handler, asked: Mapping[str, str]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])

    return answer


def endless(handler: Handler, asked: Mapping[str, str]) -> None:
    """Go on for ever."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"<nhsJobs>")
    while True:
        handler.wfile.write(b"<vacancyDetails>" + b" " * 65_000)


def dripping(handler: Handler, asked: Mapping[str, str]) -> None:
    """A letter now and then, never silent for long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    stop = threading.Event()
    while not stop.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def hanging_up(handler: Handler, asked: Mapping[str, str]) -> None:
    """Close without a word."""
    handler.connection.close()
