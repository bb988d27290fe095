"""The marking grid as HTML. Cells are joined here and not in a template: one macro a cell costs 9 to 24 times
as much (docs/performance.md). Everything a person typed passes through `_safe`.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from markupsafe import Markup, escape

from recovery_college.assessment.cell_facts import CellFacts
from recovery_college.assessment.cells import CellKind
from recovery_college.assessment.marking import Grid, GridCell, GridStudent, GridUnit
from recovery_college.assessment.rules import Outcome

SHOWS = {"needs": "Needs me", "not-yet": "Not yet", "drafts": "Drafts"}
"""The filters above the grid: the word in the address, and the words of the link."""


@dataclass(frozen=True, slots=True)
class GridView:
    """What of the grid is asked for: a filter of SHOWS or "", one unit or all, and the units folded."""

    path: str
    show: str = ""
    unit: UUID | None = None
    folded: frozenset[str] = frozenset()

    def address(self, *, show: str | None = None, unit: str | None = None, fold: str = "") -> str:
        """The grid's address with one thing changed; `fold` folds that unit, or unfolds it."""
        shown = self.show if show is None else show
        chosen = (str(self.unit) if self.unit else "") if unit is None else unit
        folded = sorted(self.folded ^ {fold} if fold else self.folded)
        query = [f"show={shown}"] if shown else []
        query += [f"unit={chosen}"] if chosen else []
        query += [f"fold={one}" for one in folded]
        return self.path + ("?" + "&".join(query) if query else "")


def counts_of(grid: Grid) -> Counter[str]:
    """How many cells each filter would show, and `all`."""
    kinds = Counter([cell[0] for student in grid.students for cell in student.cells if cell is not None])
    counts: Counter[str] = Counter({"all": kinds.total(), "needs": 0, "not-yet": 0, "drafts": 0, "ready": 0})
    for kind, number in kinds.items():
        counts.update(dict.fromkeys(kind.counts_as, number))
        counts["ready"] += number if kind.ready else 0
    return counts


def met_of(cells: Sequence[GridCell | None]) -> tuple[int, int]:
    """How many of these cells are met by released decisions, and how many there are."""
    own = [cell[2] for cell in cells if cell is not None]
    return sum(own), len(own)


@cache
def _pieces(kind: CellKind, quiet: bool) -> tuple[str, str]:
    """What stands before a cell's address and after its name; the same for every cell of a kind."""
    shape = {Outcome.MET: "met", Outcome.NOT_YET_MET: "not-yet", None: "nothing"}[kind.outcome]
    if kind.outcome is None and kind.needs_tutor:
        shape = "needs"
    if kind.handed_in and kind.outcome is None:
        shape = "handed-in"
    marks = sorted(kind.counts_as) + (["quiet"] if quiet else []) + (["locked"] if kind.locked else [])
    classes = " ".join(["rc-cell", f"rc-cell--{shape}", *(f"rc-is-{mark}" for mark in marks)])
    corner = "locked" if kind.locked else "draft" if kind.draft else "unsigned" if kind.unsigned else ""
    drawn = f'<use href="#rc-{shape}"/>' + (f'<use href="#rc-{corner}"/>' if corner else "")
    before = f'<td><a class="{classes}" href="'
    after = f', {kind.words}"><svg aria-hidden="true" viewBox="0 0 32 32">{drawn}</svg></a></td>'
    return before, after


def cell_html(facts: CellFacts, path: str) -> Markup:
    """One cell as the grid draws it, for the answer to a save. `path` is the grid's address."""
    before, after = _pieces(facts.kind, False)
    label = f"{_safe(facts.student)}, {_safe(facts.unit_code)} {_safe(facts.number)}"
    address = f"{path}/{facts.enrolment_id}/{facts.criterion_id}"
    return Markup(f'{before}{address}" data-seen="{facts.stamp}" aria-label="{label}{after}')  # noqa: S704


def grid_html(grid: Grid, view: GridView) -> Markup:
    """The table: names and headings, and a link for each cell. Empty when the filter leaves nothing."""
    units = [unit for unit in grid.units if view.unit in (None, unit.id)]
    columns = _columns(grid, units, view)
    students = _students(grid, columns, view)
    if not students or not columns:
        return Markup("")
    folded = {unit.id for unit in units if unit.code in view.folded}
    body = _body(students, units, columns, folded, view)
    return Markup(  # noqa: S704
        '<table class="rc-grid" id="rc-grid"><caption class="nhsuk-u-visually-hidden">Students and criteria'
        f"</caption><thead>{_head(units, columns, folded, view)}</thead><tbody>{body}</tbody></table>"
    )


def people_html(grid: Grid, view: GridView) -> Markup:
    """The students as a list, each with how much is met: what a phone shows instead of the table."""
    out = []
    for student in grid.students:
        met, total = met_of(student.cells)
        out.append(
            f'      <li><a href="{view.path}?student={student.enrolment_id}">{_safe(student.name)}</a> '
            f"<span>{met} of {total} met</span></li>\n"
        )
    return Markup("".join(out))  # noqa: S704


def columns_to_choose(grid: Grid) -> list[dict[str, str]]:
    """Every criterion as an entry of a select: its id, and its words."""
    return [
        {"value": str(criterion.id), "text": f"{unit.code} {criterion.number}"}
        for unit in grid.units
        for criterion in unit.criteria
    ]


def _columns(grid: Grid, units: Sequence[GridUnit], view: GridView) -> set[int]:
    """The places of the columns to draw: all of the chosen units, or those with something to show."""
    places = {unit.first + n for unit in units for n in range(len(unit.criteria))}
    if not view.show:
        return places
    return {
        place for place in places if any(_shows(student.cells[place], view.show) for student in grid.students)
    }


def _students(grid: Grid, columns: Collection[int], view: GridView) -> list[GridStudent]:
    if not view.show:
        return grid.students
    return [one for one in grid.students if any(_shows(one.cells[place], view.show) for place in columns)]


def _shows(cell: GridCell | None, show: str) -> bool:
    return cell is not None and show in cell.kind.counts_as


def _drawn(unit: GridUnit, columns: Collection[int]) -> list[int]:
    return [place for place in range(unit.first, unit.first + len(unit.criteria)) if place in columns]


def _head(
    units: Sequence[GridUnit], columns: Collection[int], folded: Collection[UUID], view: GridView
) -> str:
    """Three rows of headings: units, outcomes, criteria. A folded unit is one heading."""
    tops, middles, lows = [], [], []
    for unit in units:
        drawn = _drawn(unit, columns)
        if not drawn:
            continue
        code, title = _safe(unit.code), _safe(unit.title)
        fold = _safe(view.address(fold=unit.code))
        if unit.id in folded:
            tops.append(
                f'<th scope="col" rowspan="3" class="rc-grid__unit rc-grid__unit--folded" title="{title}">'
                f'<a class="rc-grid__fold" href="{fold}" aria-label="Unfold {code} {title}">{code} &#9656;</a></th>'
            )
            continue
        tops.append(
            f'<th scope="colgroup" colspan="{len(drawn)}" class="rc-grid__unit"><span class="rc-grid__title">'
            f'<a class="rc-grid__fold" href="{fold}" aria-label="Fold {code} {title} to one column">&#9662; {code}</a>'
            f'<span class="rc-grid__words">{title}</span></span></th>'
        )
        by_outcome: dict[str, int] = {}
        texts: dict[str, str] = {}
        for place in drawn:
            key, number, words, outcome_number, outcome_text = unit.criteria[place - unit.first]
            by_outcome[outcome_number] = by_outcome.get(outcome_number, 0) + 1
            texts[outcome_number] = outcome_text
            number = _safe(number)
            lows.append(
                f'<th scope="col" title="{_safe(words)}"><a href="{view.path}?criterion={key}" '
                f'aria-label="{code} {number}, all students">{number}</a></th>'
            )
        for number, width in by_outcome.items():
            words, number = _safe(texts[number]), _safe(number)
            middles.append(
                f'<th scope="colgroup" colspan="{width}" title="{words}" class="rc-grid__outcome">'
                f'<span class="rc-grid__title"><span class="rc-grid__fold">{number}</span>'
                f'<span class="rc-grid__words">{words}</span></span></th>'
            )
    if not lows:  # every unit is folded: one row of headings
        return f'<tr><th scope="col" class="rc-grid__corner">Student</th>{"".join(tops)}</tr>'.replace(
            ' rowspan="3"', ""
        )
    corner = '<th scope="col" rowspan="3" class="rc-grid__corner">Student</th>'
    return f"<tr>{corner}{''.join(tops)}</tr><tr>{''.join(middles)}</tr><tr>{''.join(lows)}</tr>"


def _body(
    students: Sequence[GridStudent],
    units: Sequence[GridUnit],
    columns: Collection[int],
    folded: Collection[UUID],
    view: GridView,
) -> str:
    """The rows. A plain loop over strings: this is the page's hot spot."""
    plan = []
    for unit in units:
        drawn = _drawn(unit, columns)
        parts = [
            (place, f'/{unit.criteria[place - unit.first].id}" data-seen="', _label(unit, place))
            for place in drawn
        ]
        if drawn:
            plan.append((unit, unit.id in folded, parts))
    out: list[str] = []
    add = out.append
    pieces = _PiecesFor(view.show)
    for student in students:
        name, key, cells = _safe(student.name), str(student.enrolment_id), student.cells
        met, total = met_of(cells)
        row_path, spoken = f"{view.path}/{key}", f'" aria-label="{name}, '
        status = (
            "" if student.status == "enrolled" else f'<span class="rc-grid__status">{student.status}</span>'
        )
        add(
            f'<tr id="s-{key}"><th scope="row"><a href="{view.path}?student={key}">'
            f'{name}</a> <span class="rc-grid__met">{met}<span class="nhsuk-u-visually-hidden"> of </span>'
            f'<span aria-hidden="true">/</span>{total}<span class="nhsuk-u-visually-hidden"> met</span></span>'
            f"{status}</th>"
        )
        for unit, is_folded, parts in plan:
            if is_folded:
                done, out_of = met_of(cells[unit.first : unit.first + len(unit.criteria)])
                add(f'<td class="rc-grid__folded">{done}/{out_of}</td>' if out_of else _NOT_TAKEN)
                continue
            for place, address, label in parts:
                cell = cells[place]
                if cell is None:
                    add(_NOT_TAKEN)
                    continue
                kind, _, _, stamp = cell
                before, after = pieces[kind]
                add(f"{before}{row_path}{address}{stamp}{spoken}{label}{after}")
        add("</tr>")
    return "".join(out)


class _PiecesFor(dict[CellKind, tuple[str, str]]):
    """The pieces of each kind under one filter, by identity: what it does not ask for is drawn quietly."""

    def __init__(self, show: str) -> None:
        super().__init__()
        self._show = show

    def __missing__(self, kind: CellKind) -> tuple[str, str]:
        self[kind] = pieces = _pieces(kind, bool(self._show) and self._show not in kind.counts_as)
        return pieces


_NOT_TAKEN = '<td class="rc-grid__none"><span class="nhsuk-u-visually-hidden">Not registered</span></td>'


def _label(unit: GridUnit, place: int) -> str:
    return f"{_safe(unit.code)} {_safe(unit.criteria[place - unit.first].number)}"


def _safe(words: str) -> str:
    """What `escape` gives, as a plain string; most words have nothing in them to escape."""
    return str(escape(words)) if _TO_ESCAPE(words) else words


_TO_ESCAPE = re.compile("[&<>\"']").search
