"""Every scenario of a restore, and of shadow copies on one machine and two, runs as a case, its mistake as another.

`restore_walkthroughs.tsv` and `shadow_copy_walkthroughs.tsv` say which.

That the cases say what they say is held by test_cases.py, that the simulator answers them so by test_replayed_cases.py.
"""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT, entries_of

CASES_AT: Final = ROOT / "conformance" / "cases"
TABLES: Final = ("restore_walkthroughs.tsv", "shadow_copy_walkthroughs.tsv")
ROWS: Final = [
    tuple(line.split("\t"))
    for table in TABLES
    for line in Path(__file__).with_name(table).read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def header(case: str) -> dict[str, object]:
    """The header of a case."""
    with (CASES_AT / f"{case}.jsonl").open(encoding="utf-8") as lines:
        found: dict[str, object] = json.loads(lines.readline())
    return found


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_scenario_has_its_cases(row: tuple[str, ...]) -> None:
    """One that conforms, and one with the mistake."""
    walkthrough, _, kept, broken = row
    assert walkthrough.startswith("W")
    assert header(kept)["verdict"] == "conforms"
    assert header(broken)["verdict"] in ("violates", "warns", "noted")


def test_no_walkthrough_is_missing() -> None:
    """From the frame of a restore to dependencies, with transport, exposure, fast recovery and sets without writers."""
    assert {row[0] for row in ROWS} == {f"W{number:02d}" for number in range(8, 29)}


def test_a_transport_is_a_log_of_two_machines() -> None:
    """The cases of the import scenarios name both, so that a log of both is judged together."""
    whole = [row[2] for row in ROWS if row[0] in ("W22", "W23")]
    named = {case: {entry.get("machine") for entry in entries_of(CASES_AT / f"{case}.jsonl")} for case in whole}
    assert [case for case, machines in named.items() if len(machines - {None}) > 1]
    assert named["import/backed-up-on-machine-two-and-back"] == {"one", "two"}
