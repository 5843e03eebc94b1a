"""Every scenario of a restore runs as a case, and its typical mistake as another, as `restore_walkthroughs.tsv` says.

That the cases say what they say is held by test_cases.py, that the simulator answers them so by test_replayed_cases.py.
"""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT

TABLE: Final = Path(__file__).with_name("restore_walkthroughs.tsv")
ROWS: Final = [
    tuple(line.split("\t")) for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]


def header(case: str) -> dict[str, object]:
    """The header of a case."""
    with (ROOT / "conformance" / "cases" / f"{case}.jsonl").open(encoding="utf-8") as lines:
        found: dict[str, object] = json.loads(lines.readline())
    return found


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_scenario_has_its_cases(row: tuple[str, ...]) -> None:
    """One that conforms, and one with the mistake."""
    walkthrough, _, kept, broken = row
    assert walkthrough.startswith("W")
    assert header(kept)["verdict"] == "conforms"
    assert header(broken)["verdict"] in ("violates", "warns", "noted")


def test_no_walkthrough_of_a_restore_is_missing() -> None:
    """From the frame to the restore without a writer, alternate paths and dependencies."""
    assert {row[0] for row in ROWS} == {*(f"W{number:02d}" for number in range(8, 22)), "W27", "W28"}
