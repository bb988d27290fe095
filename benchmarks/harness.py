"""How a bar is measured: both sides in one run, turn by turn, and the median of each.

Times drift by a third between runs of a shared machine; ratios of interleaved medians hold within a tenth, so
a bar on a time or a ratio of times is allowed a tenth. Counts (queries, requests, bytes) are allowed nothing.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

Clock = Callable[[], float]
CPU: Clock = time.process_time
"""Seconds of this process's processor time: what a comparison uses unless it waits for others."""
WALL: Clock = time.perf_counter
"""Seconds on the wall: for starts, several processes and anything that waits."""

ALLOWANCE = 0.10
EXCEPTIONS = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True)
class Comparison:
    """One line of the table: a measured figure against its bar.

    `bar` is the number in docs/performance.md and `key` the short name an exception there is listed under.
    `figure` must be at least or at most `limit`; `sides` says in words what was measured on each side.
    """

    bar: int
    key: str
    what: str
    figure: float
    unit: str
    limit: float
    direction: Literal["at least", "at most"]
    sides: str
    allowance: float = ALLOWANCE

    @property
    def met(self) -> bool:
        """Whether the figure reaches its bar, the allowance included."""
        if self.direction == "at least":
            return self.figure >= self.limit * (1 - self.allowance)
        return self.figure <= self.limit * (1 + self.allowance)


def interleaved(
    sides: Sequence[Callable[[], object]],
    rounds: int = 9,
    clock: Clock = CPU,
    warm_up: int = 1,
    of: Callable[[list[float]], float] = median,
) -> list[float]:
    """Return each side's median seconds a call. Every round calls each side once, the first turn rotating.

    With the wall clock `of=min` is the steadier choice: what others do on the machine only ever adds.
    """
    for _ in range(warm_up):
        for side in sides:
            side()
    times: list[list[float]] = [[] for _ in sides]
    for turn in range(rounds):
        for step in range(len(sides)):
            which = (turn + step) % len(sides)
            before = clock()
            sides[which]()
            times[which].append(clock() - before)
    return [of(each) for each in times]


def times_faster(
    bar: int, key: str, what: str, *, ours: float, other: float, at_least: float, each: str
) -> Comparison:
    """Return the line for "at least so many times faster": seconds for the same work on both sides."""
    sides = f"{1000 * ours:.1f} ms against {1000 * other:.1f} ms {each}"
    return Comparison(bar, key, what, other / ours, "x", at_least, "at least", sides)


def times_the_floor(
    bar: int, key: str, what: str, *, ours: float, floor: float, at_most: float, each: str
) -> Comparison:
    """Return the line for "ours costs at most so many times the floor"."""
    sides = f"{1000 * ours:.1f} ms against {1000 * floor:.1f} ms {each}"
    return Comparison(bar, key, what, ours / floor, "x", at_most, "at most", sides)


def count_at_most(bar: int, key: str, what: str, *, count: float, at_most: float, unit: str) -> Comparison:
    """Return the line for a count, such as queries a page. A count does not drift: no allowance."""
    return Comparison(bar, key, what, count, unit, at_most, "at most", "counted", 0.0)


def seconds_at_most(bar: int, key: str, what: str, *, seconds: float, at_most: float) -> Comparison:
    """Return the line for an absolute time, such as start to ready."""
    return Comparison(bar, key, what, seconds, "s", at_most, "at most", "median")


def listed_exceptions(text: str) -> dict[str, str]:
    """Return the keys that docs/performance.md excuses, with its reason for each.

    They stand under the heading "Below the bar, and why", a bullet each: - `key`: reason.
    """
    _, _, section = text.partition("## Below the bar, and why")
    section = section.partition("\n## ")[0]
    return {
        key: reason.strip() for key, reason in re.findall(r"^- `([\w-]+)`: +(\S.*)$", section, re.MULTILINE)
    }


def table(rows: Sequence[Comparison], excused: dict[str, str]) -> str:
    """Return the table that is printed, a line a comparison."""
    lines = [("bar", "what", "figure", "must be", "", "measured")]
    for row in rows:
        verdict = "met" if row.met else "excused" if row.key in excused else "BELOW"
        figure, limit = (f"{number:.4g} {row.unit}" for number in (row.figure, row.limit))
        lines.append((str(row.bar), row.what, figure, f"{row.direction} {limit}", verdict, row.sides))
    widths = [max(len(line[n]) for line in lines) for n in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def verdict(rows: Sequence[Comparison], excused: dict[str, str]) -> int:
    """Return the exit code: 1 if a bar is missed and docs/performance.md does not say why."""
    return int(any(not row.met and row.key not in excused for row in rows))
