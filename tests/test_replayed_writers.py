"""The writers' side of the cases: the simulator answers what writers and their programs call as each case says.

`tests/writers_replayed.py` makes the calls of a case's writers the script of its world.
"""

from pathlib import Path
from typing import Final

import pytest

from conformance.case import read_case
from conformance.results import Verdict
from conformance.tables import call_named
from tests.support import CASES
from tests.writers_replayed import differences, handled, played
from vss_sim.spec.writer_lives import calls_of_programs

NOT_REPLAYED: Final = {
    "components/backup-metadata-set-by-a-requester": "a requester's call of a setter is none that the simulator makes",
    "restore-target/dropped-target-accepted": "a name that Windows has dropped is none of the enumeration",
}
"""Case → why its writers cannot be made again."""


def _with_writers(path: Path) -> bool:
    """Whether a case shows calls of a writer or of its program."""
    case = read_case(path)
    calls = {call.name for _, line in case.lines if "call" in line and (call := call_named(line["call"])) is not None}
    return not calls.isdisjoint(calls_of_programs()) or bool(handled(case).calls)


REPLAYED: Final = [path for path in CASES if _with_writers(path) and read_case(path).id not in NOT_REPLAYED]


@pytest.mark.parametrize("path", REPLAYED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_writers_are_answered_as_the_case_says(path: Path) -> None:
    """Each call in its handler, each call of a program, and what the requester reads of it afterwards."""
    result, script, answers = played(path)
    assert list(differences(script, answers)) == []
    assert result.verdict is Verdict.PASSED, result.fault or result.reason


def test_many_cases_show_what_writers_call() -> None:
    """A test over nothing proves nothing."""
    calls = sum(len(asked) for path in REPLAYED for asked in handled(read_case(path)).calls.values())
    assert (len(REPLAYED), calls) > (150, 300)
    assert {read_case(path).id for path in CASES} > NOT_REPLAYED.keys()


def test_another_answer_is_seen() -> None:
    """A case whose line says something else than the simulator answers does not agree with it."""
    path = next(path for path in REPLAYED if path.stem == "metadata-built-in-identify")
    _, script, answers = played(path)
    first = next(iter(script.calls.values()))[0]
    first.line["returns"] = "E_FAIL"
    assert "expected E_FAIL" in next(differences(script, answers))
