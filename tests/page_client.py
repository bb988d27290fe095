"""A test client that judges every HTML page it fetches, so each page's own test need not repeat it.

client = PageClient(app)
page = client.get("/cohorts")        # raises PageFault with every fault found
page.status, page.text, page.h1, page.links, page.response
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask, current_app, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from recovery_college.kernel.db import db

# Parse errors we accept, each with its reason. None so far.
TOLERATED: frozenset[str] = frozenset()

LABELLED = {"input", "select", "textarea"}
NO_LABEL_NEEDED = {"hidden", "submit", "button", "image", "reset"}


class PageFault(AssertionError):
    """A fetched page breaks a promise all pages keep."""


@dataclass
class Page:
    """A fetched page: the answer, its text and its tree."""

    response: TestResponse
    text: str
    tree: Element | None = field(repr=False, default=None)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def title(self) -> str:
        return _words(next(_all(self.tree, "title")))

    @property
    def h1(self) -> str:
        return _words(next(_all(self.tree, "h1")))

    @property
    def words(self) -> str:
        """The text a person reads in the main part of the page."""
        return _words(next(_all(self.tree, "main")))

    @property
    def links(self) -> list[str]:
        return [link.get("href", "") for link in _all(self.tree, "a")]

    def hidden(self, name: str) -> str:
        """The value of a hidden input, such as csrf_token or version."""
        for box in _all(self.tree, "input"):
            if box.get("name") == name and box.get("type") == "hidden":
                return box.get("value", "")
        raise PageFault(f"no hidden input {name}")


class PageClient:
    """Flask's test client, with every HTML answer checked by `faults_of`."""

    def __init__(self, app: Flask | FlaskClient) -> None:
        self.client = app.test_client() if isinstance(app, Flask) else app

    def wear(self, actor: Any) -> PageClient:
        """Sign in as this actor (tests.factories.people.signed_in), without the form."""
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"] = actor.get_id()
            cookie["_fresh"] = True
        return self

    def send(self, path: str, data: dict[str, Any] | None = None, *, form_at: str = "", **rest: Any) -> Page:
        """Open the page with the form (`form_at`, or `path` itself), then post with its token."""
        token = self.get(form_at or path).hidden("csrf_token")
        return self.post(path, data={"csrf_token": token, **(data or {})}, **rest)

    def get(self, path: str, **rest: Any) -> Page:
        return self._open(path, method="GET", **rest)

    def post(self, path: str, **rest: Any) -> Page:
        return self._open(path, method="POST", **rest)

    def _open(self, path: str, **rest: Any) -> Page:
        # Each request gets a context of its own, and the test's own session lets go of the database.
        if has_app_context() and "sqlalchemy" in current_app.extensions:
            db.session.rollback()
        with self.client.application.app_context():
            response = self.client.open(path, **rest)
        page = Page(response, response.get_data(as_text=True) if _is_html(response) else "")
        redirected = 300 <= response.status_code < 400
        faults = header_faults(response)
        if _is_html(response) and not redirected:
            page.tree, errors = parse(page.text)
            faults += errors + faults_of(page.tree)
        if faults:
            raise PageFault(f"{rest['method']} {path}: " + "; ".join(faults))
        return page


def parse(text: str) -> tuple[Element, list[str]]:
    """Parse as a browser would; return the tree and what an HTML5 validator would say of the syntax."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    errors = [
        f"HTML: {code} {details} at line {position[0]}"
        for position, code, details in parser.errors
        if code not in TOLERATED
    ]
    return tree, errors


def header_faults(response: TestResponse) -> list[str]:
    """Every answer carries the policy, and none may be stored, static files apart."""
    faults = []
    policy = response.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        faults.append("no strict content security policy")
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("no nosniff header")
    if "no-store" not in response.headers.get("Cache-Control", ""):
        faults.append("the answer may be stored: no no-store header")
    return faults


def faults_of(tree: Element) -> list[str]:
    """Return what is wrong with a page, in words; each check has a bad twin in tests/house."""
    return [
        *_heading_faults(tree),
        *_title_faults(tree),
        *_id_faults(tree),
        *_label_faults(tree),
        *_form_faults(tree),
        *_inline_faults(tree),
    ]


def _heading_faults(tree: Element) -> list[str]:
    headings = [_words(h1) for h1 in _all(tree, "h1")]
    if len(headings) != 1:
        return [f"{len(headings)} h1 headings, not one"]
    return [] if headings[0] else ["the h1 is empty"]


def _title_faults(tree: Element) -> list[str]:
    head = next(_all(tree, "head"))
    titles = [_words(title) for title in _all(head, "title")]
    title = titles[0] if titles else ""
    bare = f" {title.removeprefix('Error: ')}".split(" - ")[0].strip()
    faults = [] if bare else ["the title is empty"]
    summary = any("nhsuk-error-summary" in element.get("class", "").split() for element in tree.iter())
    if summary and not title.startswith("Error: "):
        faults.append('an error summary, but the title does not begin with "Error: "')
    if title.startswith("Error: ") and not summary:
        faults.append('the title begins with "Error: ", but there is no error summary')
    return faults


def _id_faults(tree: Element) -> list[str]:
    seen: set[str] = set()
    faults = []
    for element in tree.iter():
        name = element.get("id")
        if name is not None and (name in seen or not name or re.search(r"\s", name)):
            faults.append(f"id {name!r} is used twice, empty or has a space")
        seen.add(name or "")
    pointers = ("aria-describedby", "aria-labelledby", "aria-controls", "for")
    for element in tree.iter():
        for pointer in pointers:
            missing = [name for name in element.get(pointer, "").split() if name not in seen]
            faults += [f"{pointer} points at {name!r}, which is not there" for name in missing]
        href = element.get("href", "")
        if element.tag == "a" and href.startswith("#") and href[1:] not in seen:
            faults.append(f"a link to {href}, which is not there")
    return faults


def _label_faults(tree: Element) -> list[str]:
    labels = {label.get("for") for label in _all(tree, "label") if _words(label)}
    wrapped = {id(box) for label in _all(tree, "label") if _words(label) for box in label.iter()}
    faults = []
    for box in tree.iter():
        if box.tag not in LABELLED or box.get("type", "text") in NO_LABEL_NEEDED:
            continue
        named = box.get("id") in labels or id(box) in wrapped
        if not (named or box.get("aria-label") or box.get("aria-labelledby")):
            faults.append(f"{box.tag} {box.get('name')!r} has no label")
    return faults


def _form_faults(tree: Element) -> list[str]:
    faults = []
    for form in _all(tree, "form"):
        action = form.get("action", "")
        if not _is_local(action):
            faults.append(f"a form is sent elsewhere: {action}")
        tokens = [box.get("value") for box in _all(form, "input") if box.get("name") == "csrf_token"]
        posted = form.get("method", "get").lower() == "post"
        if posted and not any(tokens):
            faults.append(f"the form to {action or 'itself'} has no csrf_token")
        if tokens and not posted:
            faults.append(f"the form to {action or 'itself'} shows its csrf_token in the address")
    buttons = (box for box in tree.iter() if box.get("formaction") is not None)
    faults += [
        f"a button sends elsewhere: {box.get('formaction')}"
        for box in buttons
        if not _is_local(box.get("formaction", ""))
    ]
    return faults


def _is_local(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and not address.startswith(("//", "/\\", "\\"))


def _inline_faults(tree: Element) -> list[str]:
    faults = []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script" and ((element.text or "").strip() or not element.get("src")):
            faults.append("an inline script")
        if element.tag == "style" or element.get("style") is not None:
            faults.append(f"inline style on {element.tag}")
        faults += [f"{name} on {element.tag}" for name in element.attrib if str(name).startswith("on")]
        for name in ("href", "src", "action"):
            if element.get(name, "").strip().lower().startswith(("javascript:", "data:")):
                faults.append(f"{name} holds a script or data on {element.tag}")
        if element.tag in ("script", "link", "img") and not _is_local(
            element.get("src") or element.get("href", "")
        ):
            faults.append(f"{element.tag} loads from elsewhere")
    return faults


def _is_html(response: TestResponse) -> bool:
    return response.mimetype == "text/html" and response.status_code not in (204, 304)


def _all(tree: Element | None, tag: str) -> Any:
    if tree is None:
        raise PageFault("not an HTML page")
    return (element for element in tree.iter() if element.tag == tag)


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
