"""How fast the conformance suite goes against `vss-sim serve`: calls a second over the wire, and whether it is linear.

Run `python -m tests.benchmarks.conform_rate`; `--write docs/performance.md` puts the figures there.
"""

import sys
from collections.abc import Iterator
from typing import Final

from conformance.case import Selection, find_cases
from conformance.results import Run
from conformance.runner import Setting, run
from tests.benchmarks.page import parser_for, put

COMMAND: Final = (sys.executable, "-m", "vss_sim", "serve")
ROUNDS: Final = 3


def best(cases: Selection, jobs: int) -> Run:
    """The fastest run of some."""
    chosen = cases.of(find_cases())
    runs = [run(COMMAND, chosen, Setting(jobs=jobs)) for _ in range(ROUNDS)]
    return min(runs, key=lambda one: one.seconds)


def lines() -> Iterator[str]:
    """The table."""
    yield "| cases | jobs | calls | seconds | calls a second |"
    yield "|---:|---:|---:|---:|---:|"
    for part, jobs in ((4, 2), (2, 2), (1, 2), (1, 1)):
        done = best(Selection(shard=(1, part)), jobs)
        rate = done.calls / done.seconds
        yield f"| {len(done.results):,} | {jobs} | {done.calls:,} | {done.seconds:.2f} | {rate:,.0f} |"


def main() -> None:
    """Measure, print, and write the figures where that is asked for."""
    put("conformance", "\n".join(lines()), parser_for(__doc__ or "").parse_args().write)


if __name__ == "__main__":
    main()
