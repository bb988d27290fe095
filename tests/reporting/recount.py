"""A plain recount of how the rule was kept, from the tables alone. Imports nothing of the product on purpose.

Written from the contract and the domain's rules (V3, V5), not from the code: two who count the same way from
the same words must come to the same figures.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

Rows = list[Mapping[str, Any]]
Figures = dict[tuple[str, str], Counter[str]]
NOT_RECORDED = "Not recorded"


def recount(ask: Callable[[str], Rows], today: date) -> Figures:
    """Count every vacancy, over all and by directorate, service area, manager and month.

    `ask` runs plain SQL and gives rows by name of column. The key is the heading and the row's name, as in the
    spreadsheet; ("All", "All") holds everything.
    """
    go_live = {row["version"]: _day(row["go_live_on"]) for row in ask("SELECT * FROM psw_rule")}
    directorates = {str(row["id"]): row["name"] for row in ask("SELECT * FROM directorate")}
    people = {str(row["id"]): row for row in ask("SELECT * FROM person")}
    answers: dict[str, Rows] = {}
    for row in ask("SELECT * FROM consideration ORDER BY decided_at"):
        answers.setdefault(str(row["vacancy_id"]), []).append(row)
    figures: Figures = {("All", "All"): Counter()}
    for vacancy in ask("SELECT * FROM vacancy"):
        if vacancy["flag"] == "no":
            continue
        given = answers.get(str(vacancy["id"]), [])
        since = go_live.get(vacancy["rule_version"])
        counted = ["band"] if vacancy["flag"] == "unknown" else _counted(vacancy, given, since, today)
        for key in (
            ("All", "All"),
            ("Directorate", directorates.get(str(vacancy["directorate_id"]), NOT_RECORDED)),
            ("Service area", (vacancy["service_area"] or NOT_RECORDED).capitalize()),
            ("Recruiting manager", _name(people.get(str(vacancy["manager_id"])))),
            ("Month", _month(vacancy["flagged_on"])),
        ):
            figures.setdefault(key, Counter()).update(counted)
    return figures


def _counted(vacancy: Mapping[str, Any], given: Rows, since: date | None, today: date) -> list[str]:
    posted, closes = _day(vacancy["posted_on"]), _day(vacancy["closes_on"])
    due = _day(vacancy["consideration_due_on"])
    live = next((one for one in given if one["superseded_at"] is None), None)
    stands = live is not None and live["returned_at"] is None
    older = posted is not None and since is not None and posted < since
    over = vacancy["status"] in ("closed", "withdrawn") or (closes is not None and closes < today)
    if live is not None and stands:
        if due is None:
            outcome = "before"
        else:
            outcome = "on time" if _day(live["decided_on"]) <= due else "late"  # type: ignore[operator]
    elif older:
        outcome = "before"
    elif over or (due is not None and today > due):
        outcome = "never"
    else:
        outcome = "not due"
    return ["flagged", outcome, *(["breach"] if _breach(vacancy, given, since, today) else [])]


def _breach(vacancy: Mapping[str, Any], given: Rows, since: date | None, today: date) -> bool:
    """Out before anybody had considered it: noted when it came in, or as its dates say today."""
    if vacancy["advertised_before_considered"]:
        return True
    posted = _day(vacancy["posted_on"])
    closes = _day(vacancy["closes_on"])
    if posted is None and vacancy["status"] == "advertised" and (closes is None or closes >= today):
        posted = today  # on a jobs site, since nobody knows when
    if posted is None or posted > today or (since is not None and posted < since):
        return False
    first = min((_day(one["decided_on"]) for one in given), default=None)  # type: ignore[type-var]
    return first is None or first > posted


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])


def _name(person: Mapping[str, Any] | None) -> str:
    if person is None:
        return NOT_RECORDED
    return f"{person['preferred_name'] or person['given_name']} {person['family_name']}"


def _month(flagged_on: Any) -> str:
    on = _day(flagged_on)
    return f"{on:%B %Y}" if on else NOT_RECORDED
