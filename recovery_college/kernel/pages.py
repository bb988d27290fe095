"""The ground every page stands on: strict templates, NHS.UK components, wording, and safe headers."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request, stream_template
from jinja2 import FileSystemLoader, StrictUndefined

from recovery_college.kernel import wording
from recovery_college.kernel.forms import error_summary, has_errors
from recovery_college.kernel.nhsuk import Nhsuk, compile_components
from recovery_college.kernel.paths import static_folder, templates_folder

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NO_PAGES = frozenset({"documents", "email"})
"""Folders of templates that others draw: they have filters of their own."""
A_YEAR = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


def _now() -> datetime:
    return datetime.now(UTC)


def init_pages(app: Flask, now: Callable[[], datetime] = _now) -> None:
    """Give the app our templates, filters, globals and response headers.

    `now` is the clock `ago` reads (an aware datetime); tests and the demo pass their own.
    """
    app.jinja_loader = FileSystemLoader(templates_folder())
    app.static_folder = str(static_folder())
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        nhsuk=Nhsuk(),
        asset=asset_url,
        error_summary=error_summary,
        has_errors=has_errors,
        brand=str(app.config.get("BRAND", "plain")),
    )
    environment.filters.update(
        day=wording.day,
        clock=wording.clock,
        moment=wording.moment,
        hours=wording.hours,
        percent=wording.percent,
        begun=wording.begun,
        number=lambda value: wording.plain_number(value, 2),
        ago=lambda at: wording.ago(at, now()),
    )
    app.after_request(add_headers)


def warm_up(app: Flask) -> None:
    """Compile every page and component, about a second's work, so that nobody's first page waits for it."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        if name.partition("/")[0] not in NO_PAGES:
            app.jinja_env.get_template(name)
    compile_components()


def page_in_pieces(template: str, **context: Any) -> Response:
    """A large page, each piece of its template encoded by itself.

    As one string a page takes two or four times the memory, and several times as long to encode, for one letter in
    it that is not plain English: a name, or a quotation mark.
    """
    return Response(b"".join([piece.encode() for piece in stream_template(template, **context)]))


@lru_cache(maxsize=256)
def _address(filename: str, _changed: int) -> str:
    fingerprint = sha256((static_folder() / filename).read_bytes()).hexdigest()[:12]
    return f"/static/{quote(filename)}?v={fingerprint}"


def asset_url(filename: str) -> str:
    """Return the address of a static file with its fingerprint, so that browsers may keep it for a year.

    Raises FileNotFoundError for a file that is not there: a page must not ask for what does not exist.
    """
    return _address(filename, os.stat(f"{static_folder()}/{filename}").st_mtime_ns)


def add_headers(response: Response) -> Response:
    """Set the security headers on every answer, and forbid storing whatever is not a static file.

    Pages hold health data by implication, so no cache on a shared ward computer may keep them (trust.md 4).
    """
    given = {name.lower() for name, _ in response.headers}
    for name, value in SECURITY_HEADERS.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        for_ever = "v" in request.args or request.path.startswith("/static/vendor/")
        response.headers["Cache-Control"] = A_YEAR if for_ever else AN_HOUR
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
