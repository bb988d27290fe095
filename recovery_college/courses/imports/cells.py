"""Readers of the cells only this room has: names, references, learner numbers, lists of unit codes."""

import re

from recovery_college.imports.rules import CellProblem, Reader, text
from recovery_college.people.rules import (
    ULN_IS_NHS_NUMBER,
    name_as_stored,
    name_problem,
    uln_as_stored,
    uln_problem,
)

NOT_SHOWN = "(not shown)"
"""Stands in reports for a value that may be somebody's NHS number."""

_NO_CHARACTER = re.compile(r"[\ufffe\uffff]")


def one_line(longest: int) -> Reader:
    """Text on one line: titles, references, codes. Runs of spaces become one."""
    read_text = text(longest)

    def read(given: str) -> str:
        clean = " ".join(str(read_text(_NO_CHARACTER.sub("", given))).split())
        if not clean.isprintable():
            raise CellProblem("This holds a hidden character. Type it again")
        return clean

    return read


def wording(longest: int) -> Reader:
    """A sentence or more of a specification, kept as it is."""
    read_text = text(longest)

    def read(given: str) -> str:
        return str(read_text(_NO_CHARACTER.sub("", given)))

    return read


def name(what: str) -> Reader:
    """A person's name, in letters of any script (people.rules says what is refused)."""

    def read(given: str) -> str:
        clean = _NO_CHARACTER.sub("", given)
        problem = name_problem(clean, what)
        if problem:
            raise CellProblem(problem.rstrip("."))
        return name_as_stored(clean)

    return read


def uln(given: str) -> str:
    """A unique learner number (A4). An NHS number is refused and never repeated, in no report."""
    problem = uln_problem(given)
    if problem:
        raise CellProblem(problem.rstrip("."), NOT_SHOWN if problem == ULN_IS_NHS_NUMBER else None)
    return uln_as_stored(given)


def unit_code(given: str) -> str:
    """A unit's code. `;` parts the codes in a file of enrolments, so no code may hold one."""
    code = str(one_line(40)(given))
    if ";" in code:
        raise CellProblem("A unit code cannot hold a semicolon (;), which parts the codes in other files")
    return code


NO_UNITS = "none"
"""What stands for an enrolment that is registered for no unit: an empty cell means all mandatory ones."""


def unit_codes(given: str) -> tuple[str, ...]:
    """Unit codes with `;` between, each once."""
    return tuple(dict.fromkeys(str(one_line(40)(part)) for part in given.split(";") if part.strip()))


def number_label(given: str) -> str:
    """The number of an outcome or criterion, such as 1 or 1.2: at most 10 characters."""
    return str(one_line(10)(given))
