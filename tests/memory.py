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


def grown(work: Callable[[], object], times: int, warm_up: int) -> float:
    """MiB that doing `work` so many times adds, after a warm-up that fills what is kept for good."""
    for _ in range(warm_up):
        work()
    before = resident()
    for _ in range(times):
        work()
    return resident() - before
