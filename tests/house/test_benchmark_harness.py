"""The measuring stick itself: interleaving, allowances, exceptions and the exit code."""

from benchmarks.__main__ import benchmark_names, main
from benchmarks.harness import (
    EXCEPTIONS,
    count_at_most,
    interleaved,
    listed_exceptions,
    seconds_at_most,
    table,
    times_faster,
    times_the_floor,
    verdict,
)


def test_sides_are_called_turn_by_turn_and_timed_apart() -> None:
    calls: list[str] = []
    now = [0.0]

    def side(name: str, seconds: float) -> None:
        calls.append(name)
        now[0] += seconds

    medians = interleaved(
        [lambda: side("ours", 1), lambda: side("other", 3)], rounds=4, clock=lambda: now[0], warm_up=0
    )
    assert medians == [1, 3]
    assert calls == ["ours", "other", "other", "ours"] * 2


def test_a_time_is_allowed_a_tenth_and_a_count_nothing() -> None:
    def faster(ratio: float) -> bool:
        return times_faster(1, "k", "w", ours=1, other=ratio, at_least=2, each="").met

    assert faster(1.81)
    assert not faster(1.79)
    assert times_the_floor(3, "k", "w", ours=2.7, floor=1, at_most=2.5, each="").met
    assert not times_the_floor(3, "k", "w", ours=2.8, floor=1, at_most=2.5, each="").met
    assert seconds_at_most(10, "k", "w", seconds=3.2, at_most=3).met
    assert count_at_most(3, "k", "w", count=10, at_most=10, unit="queries").met
    assert not count_at_most(3, "k", "w", count=11, at_most=10, unit="queries").met


def test_below_a_bar_fails_unless_the_page_lists_it_with_a_reason() -> None:
    page = "# P\n\n## Below the bar, and why\n\n- `slow`: the disk.\n- `no-reason`:\n\n"
    page += "## Next\n\n- `else`: not here.\n"
    excused = listed_exceptions(page)
    assert excused == {"slow": "the disk."}
    slow = count_at_most(3, "slow", "pages", count=11, at_most=10, unit="queries")
    other = count_at_most(3, "other", "pages", count=11, at_most=10, unit="queries")
    fine = count_at_most(3, "fine", "pages", count=9, at_most=10, unit="queries")
    assert verdict([slow, fine], excused) == 0
    assert verdict([slow, other], excused) == 1
    assert verdict([fine], {}) == 0
    assert "excused" in table([slow], excused)
    assert "BELOW" in table([other], excused)


def test_the_page_of_exceptions_can_be_read_and_names_are_checked() -> None:
    assert isinstance(listed_exceptions(EXCEPTIONS.read_text("utf-8")), dict)
    assert "certificates" in benchmark_names()
    assert main(["no-such-benchmark"]) == 2
