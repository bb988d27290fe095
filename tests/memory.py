"""How much memory this process holds now: a peak would be blind to what came before the test."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> float:
    """MiB of memory in use, what nobody uses any more put back first."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


PRODUCT_COLLECTS = (700, 10, 10)
"""When Python looks for garbage unless it is told otherwise; the suite looks seldom, to be quick (conftest.py)."""


def grown(work: Callable[[], object], times: int, warm_up: int) -> float:
    """MiB that doing `work` so many times adds, after a warm-up that fills what is kept for good."""
    suite_collects = gc.get_threshold()
    gc.set_threshold(*PRODUCT_COLLECTS)
    try:
        for _ in range(warm_up):
            work()
        before = resident()
        for _ in range(times):
            work()
        return resident() - before
    finally:
        gc.set_threshold(*suite_collects)
