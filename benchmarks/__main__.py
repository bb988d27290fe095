"""Run every benchmark, or those named: `python -m benchmarks [certificates ...]`."""

import gc
import importlib
import sys
from pathlib import Path

from benchmarks.harness import EXCEPTIONS, Comparison, listed_exceptions, table, verdict


def benchmark_names() -> list[str]:
    """Return what follows `bench_` in the files of this folder."""
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def main(wanted: list[str]) -> int:
    """Measure, print one table and return the exit code: 0 all met, 1 one is not, 2 no such benchmark."""
    known = benchmark_names()
    if unknown := sorted(set(wanted) - set(known)):
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    rows: list[Comparison] = []
    for name in wanted or known:
        print(f"measuring {name} ...", file=sys.stderr)
        # What the benchmarks before have left behind is not for this one's collector to look through.
        gc.collect()
        gc.freeze()
        rows += importlib.import_module(f"benchmarks.bench_{name}").rows()
    rows.sort(key=lambda row: row.bar)
    excused = listed_exceptions(EXCEPTIONS.read_text("utf-8"))
    print(table(rows, excused))
    return verdict(rows, excused)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
