"""Filling in a form as a person would: every box gets something plausible, every choice its first answer."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from recovery_college.kernel import clock
from tests.house.world import PASSWORD
from tests.page_client import parse

TYPED = {
    "text": "Plausible words",
    "search": "Plausible words",
    "email": "newcomer@canary.example",
    "password": PASSWORD,
    "number": "1",
    "tel": "01223 000000",
}

BY_NAME = {
    "weekly_hours": "22.5",
    "least_hours": "15",
    "most_hours": "22.5",
    "funded_hours": "22.5",
    "distance": "5",
    "hours": "2.5",
    "link": "https://work.canary.example/1",
    "url": "https://jobs.canary.example/1",
}
# Dates of what has happened: never in the future.
PAST = frozenset({"awarded_on", "done_on", "held_on", "observed_on", "checked_on"})

Filled = dict[str, str | list[str]]


def form_for(page: str, path: str, at: str = "") -> Filled | None:
    """The fields of the first form on a page (at `at`) that is posted to `path`, filled in, or None."""
    forms = forms_for(page, path, at)
    return forms[0] if forms else None


def forms_for(page: str, path: str, at: str = "") -> list[Filled]:
    """Every form on a page (at the address `at`) that is posted to `path`, filled in, tokens left out."""
    tree, _ = parse(page)
    found = []
    for form in tree.iter("form"):
        actions = {urlsplit(form.get("action", "")).path or at or path}
        actions |= {urlsplit(button.get("formaction", "")).path for button in form.iter("button")}
        if form.get("method", "get").lower() == "post" and path in actions:
            found.append(_fill(form))
    return found


def _fill(form: Element) -> Filled:
    filled: Filled = {}
    for box in form.iter():
        name = box.get("name") if isinstance(box.tag, str) else None
        if not name or name == "csrf_token":
            continue
        if box.tag == "textarea":
            filled[name] = (box.text or "").strip() or "Plausible words"
        elif box.tag == "select":
            options = [option.get("value", option.text or "") for option in box.iter("option")]
            if name.startswith("c_"):  # which column is which: the guess stands
                options = [
                    one.get("value", "") for one in box.iter("option") if one.get("selected") is not None
                ]
            filled.setdefault(name, next((value for value in options if value), ""))
        elif box.tag == "button" or box.get("type") == "submit":
            filled.setdefault(name, box.get("value", ""))
        elif box.tag == "input":
            _fill_input(filled, name, box)
    return filled


def _fill_input(filled: Filled, name: str, box: Element) -> None:
    kind = box.get("type", "text")
    value = box.get("value", "")
    if kind in ("radio", "checkbox"):
        if box.get("checked") is not None or name not in filled:
            filled[name] = value
    elif kind == "hidden":
        filled[name] = value
    elif kind != "file":
        filled[name] = (
            value or BY_NAME.get(name, "") or _date_part(name) or TYPED.get(kind, "Plausible words")
        )


def _date_part(name: str) -> str:
    year = clock.today().year + (-1 if name.rpartition("-")[0] in PAST else 1)
    parts = {"day": "3", "month": "4", "year": str(year)}
    return parts.get(name.rpartition("-")[2], "") if "-" in name else ""
