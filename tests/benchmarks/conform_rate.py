"""How fast the conformance suite goes against `vss-sim serve`: calls a second over the wire, and whether it is linear.

Run `python tests/benchmarks/conform_rate.py`; `--write docs/performance.md` puts the figures there.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from conformance.case import Selection, find_cases
from conformance.results import Run
from conformance.runner import Setting, run

COMMAND: Final = (sys.executable, "-m", "vss_sim", "serve")
BEGIN: Final = "<!-- conformance -->\n"
END: Final = "<!-- end of conformance -->\n"
ROUNDS: Final = 3


def best(cases: Selection, jobs: int) -> Run:
    """The fastest run of some."""
    chosen = cases.of(find_cases())
    runs = [run(COMMAND, chosen, Setting(jobs=jobs)) for _ in range(ROUNDS)]
    return min(runs, key=lambda one: one.seconds)


def table() -> str:
    """The figures, as Markdown."""
    lines = [BEGIN, "| cases | jobs | calls | seconds | calls a second |\n", "|---:|---:|---:|---:|---:|\n"]
    for part, jobs in ((4, 2), (2, 2), (1, 2), (1, 1)):
        done = best(Selection(shard=(1, part)), jobs)
        rate = done.calls / done.seconds
        cells = (f"{len(done.results):,}", f"{jobs}", f"{done.calls:,}", f"{done.seconds:.2f}", f"{rate:,.0f}")
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join([*lines, END])


def main() -> None:
    """Print the figures, or put them into a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=Path)
    page = parser.parse_args().write
    text = table()
    sys.stdout.write(text)
    if page is not None:
        whole = page.read_text(encoding="utf-8")
        before, rest = whole.split(BEGIN)
        page.write_text(before + text + rest.split(END)[1], encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
