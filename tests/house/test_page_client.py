"""The page client must see each fault: every check here has a page that keeps the promise and a bad twin."""

import pytest
from flask import Flask, Response

from tests.page_client import PageClient, PageFault

HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
GOOD = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Cohorts - College</title></head><body>
<main><h1>Cohorts</h1><a href="#name">Skip</a>
<form method="post" action="/cohorts"><input type="hidden" name="csrf_token" value="t">
<label for="name">Name</label><input id="name" name="name" aria-describedby="name-hint">
<p id="name-hint">As on a badge</p>
<button>Save name</button></form></main></body></html>"""
SUMMARY = '<main><div class="nhsuk-error-summary"><p>There is a problem</p></div>'

BAD_TWINS = {
    "invalid HTML": ("<main>", "<main><p><div></p>", "HTML: "),
    "no doctype": ("<!DOCTYPE html>\n", "", "HTML: "),
    "unclosed": ("</button>", "", "HTML: "),
    "two headings": ("</h1>", "</h1><h1>Again</h1>", "2 h1 headings"),
    "no heading": ("<h1>Cohorts</h1>", "<h2>Cohorts</h2>", "0 h1 headings"),
    "empty heading": ("<h1>Cohorts</h1>", "<h1> </h1>", "h1 is empty"),
    "empty title": ("Cohorts - College", " - College", "title is empty"),
    "error title alone": ("<title>", "<title>Error: ", "no error summary"),
    "error summary alone": ("<main>", SUMMARY, "does not begin with"),
    "same id twice": ('id="name-hint"', 'id="name"', "used twice"),
    "description missing": ('id="name-hint"', 'id="other"', "aria-describedby points at"),
    "link to nowhere": ('href="#name"', 'href="#nome"', "not there"),
    "no label": ('<label for="name">Name</label>', "", "has no label"),
    "empty label": ('<label for="name">Name</label>', '<label for="name"> </label>', "has no label"),
    "no token": ('<input type="hidden" name="csrf_token" value="t">', "", "no csrf_token"),
    "empty token": ('value="t"', 'value=""', "no csrf_token"),
    "token in address": ('method="post"', 'method="get"', "in the address"),
    "form leaves": ('action="/cohorts"', 'action="https://evil.example/"', "sent elsewhere"),
    "form leaves quietly": ('action="/cohorts"', 'action="//evil.example/"', "sent elsewhere"),
    "button leaves": ("<button>", '<button formaction="https://evil.example/">', "button sends elsewhere"),
    "inline script": ("<main>", "<script>1</script><main>", "inline script"),
    "inline style": ("<main>", '<main style="color:red">', "inline style"),
    "style element": ("</title>", "</title><style>p{}</style>", "inline style"),
    "event handler": ("<button>", '<button onclick="x()">', "onclick on button"),
    "script link": ('href="#name"', 'href="javascript:x()"', "holds a script"),
    "foreign image": ("<h1>", '<img alt="" src="https://evil.example/a.png"><h1>', "loads from elsewhere"),
}


def client_of(text: str, headers: dict[str, str], status: int = 200) -> PageClient:
    app = Flask(__name__)
    app.add_url_rule(
        "/", view_func=lambda: Response(text, status, headers, mimetype="text/html"), endpoint="page"
    )
    return PageClient(app.test_client())


def test_a_good_page_passes_and_can_be_read() -> None:
    page = client_of(GOOD, HEADERS).get("/")
    assert (page.status, page.title, page.h1) == (200, "Cohorts - College", "Cohorts")
    assert page.links == ["#name"]
    assert page.hidden("csrf_token") == "t"
    assert "As on a badge" in page.words


def test_an_error_page_with_both_summary_and_title_passes() -> None:
    text = GOOD.replace("<title>", "<title>Error: ").replace("<main>", SUMMARY)
    assert client_of(text, HEADERS).get("/").title.startswith("Error: ")


@pytest.mark.parametrize("name", BAD_TWINS)
def test_each_bad_twin_is_seen(name: str) -> None:
    old, new, expected = BAD_TWINS[name]
    assert GOOD.count(old) >= 1
    with pytest.raises(PageFault, match=expected):
        client_of(GOOD.replace(old, new, 1), HEADERS).get("/")


@pytest.mark.parametrize(
    ("name", "expected"), list(zip(HEADERS, ("security policy", "nosniff", "no-store"), strict=True))
)
def test_each_missing_header_is_seen(name: str, expected: str) -> None:
    headers = {key: value for key, value in HEADERS.items() if key != name}
    with pytest.raises(PageFault, match=expected):
        client_of(GOOD, headers).get("/")


def test_a_loose_policy_is_seen() -> None:
    loose = {**HEADERS, "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'"}
    with pytest.raises(PageFault, match="security policy"):
        client_of(GOOD, loose).get("/")


def test_error_answers_are_judged_too() -> None:
    with pytest.raises(PageFault, match="0 h1"):
        client_of(GOOD.replace("h1", "h2"), HEADERS, 404).get("/")
