"""axe-core in a Playwright page: `assert axe_violations(page) == []`."""

from pathlib import Path
from typing import Any

AXE = (Path(__file__).resolve().parent.parent / "data" / "axe.min.js").read_text("utf-8")
# Faults we leave, each on exactly these elements, because mending them would make the page worse to use.
EXCEPTIONS = {
    # Screen readers do say that a radio opens a question; ARIA does not allow the attribute yet.
    # https://github.com/alphagov/govuk-frontend/issues/979, https://github.com/w3c/aria/issues/1404
    "aria-allowed-attr": ".nhsuk-radios__input[aria-expanded]",
}
WIDTHS = (1280, 320)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_violations(page: Any) -> list[str]:
    """Return what axe-core 4.14.1 finds on the page as it is now: rule, what to do, and where.

    The script goes in through the debugger, so the page's own content security policy stays in force.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    faults = []
    for rule in found["violations"]:
        left = EXCEPTIONS.get(rule["id"])
        for node in rule["nodes"]:
            target = str(node["target"][0])
            if left and page.evaluate(
                "([at, left]) => document.querySelector(at).matches(left)", [target, left]
            ):
                continue
            faults.append(f"{rule['id']}: {rule['help']}: {target}")
    return faults


WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def faults(page: Any) -> list[str]:
    """Return all that is wrong with a page: what axe finds, overflow to the side, and what the browser says.

    `page.troubles` gathers what the browser says (tests/browser/conftest.py).
    """
    wide = page.evaluate(WIDE)
    for _ in range(40):  # the script draws the menu anew when the page is made narrow
        if not wide:
            break
        page.wait_for_timeout(50)
        wide = page.evaluate(WIDE)
    loud = [line for line in page.troubles if "the server responded with a status of" not in line]
    return [*axe_violations(page), *(["wider than the screen"] if wide else []), *loud]


def faults_at_both_widths(page: Any) -> list[str]:
    """Return what is wrong with a page on a desk, and after it was made as narrow as a phone.

    A page made narrow is the page a phone draws: styles follow the width, and the menu is drawn anew.
    """
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {fault}" for fault in faults(page)]
    return found
