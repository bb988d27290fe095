"""The rule of combination as a clerk checks it on paper: written from the field's rules, importing nothing of ours.

A specification is a dict: "groups" (each: "mandatory", "units", "min_credit", "min_units"), "min_credit" of the
whole, "level" and "min_credit_at_level". A unit is (code, level, credit). A mandatory group without minimums asks
for all of its units; a minimum that is empty or 0 asks nothing; there is no part credit of a unit.
"""

Unit = tuple[str, int, int]
Paper = dict[str, object]


def is_fulfilled(paper: Paper, achieved: set[str]) -> bool:
    """Whether these units are enough for the qualification."""
    everything: list[Unit] = []
    for group in paper["groups"]:  # type: ignore[attr-defined]
        ticked = [unit for unit in group["units"] if unit[0] in achieved]
        everything += ticked
        asks_a_number = bool(group["min_credit"]) or bool(group["min_units"])
        if group["mandatory"] and not asks_a_number and len(ticked) != len(group["units"]):
            return False
        if group["min_units"] and len(ticked) < group["min_units"]:
            return False
        if group["min_credit"] and credit_of(ticked) < group["min_credit"]:
            return False
    if paper["min_credit"] and credit_of(everything) < paper["min_credit"]:  # type: ignore[operator]
        return False
    if paper["level"] and paper["min_credit_at_level"]:
        high = [unit for unit in everything if unit[1] >= paper["level"]]  # type: ignore[operator]
        if credit_of(high) < paper["min_credit_at_level"]:  # type: ignore[operator]
            return False
    return True


def credit_of(units: list[Unit]) -> int:
    """The credit of whole units."""
    return sum(credit for _, _, credit in units)
