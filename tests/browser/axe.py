"""axe-core in a Playwright page: `assert axe_violations(page) == []`."""

from pathlib import Path
from typing import Any

AXE = (Path(__file__).resolve().parent.parent / "data" / "axe.min.js").read_text("utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_violations(page: Any) -> list[str]:
    """Return what axe-core 4.14.1 finds on the page as it is now: rule, what to do, and where.

    The script goes in through the debugger, so the page's own content security policy stays in force.
    """
    page.evaluate(AXE)
    found = page.evaluate(
        "standards => axe.run(document, {runOnly: {type: 'tag', values: standards}, resultTypes: ['violations']})",
        STANDARDS,
    )
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in found["violations"]
    ]
