"""The writers' side of the cases: the simulator answers what writers and their programs call as each case says.

The suite itself asks (`conformance/handlers.py`); here also the cases that are put to nobody, a writer being at fault.
"""

from pathlib import Path
from typing import Any, Final

import pytest

from conformance.case import Case, read_case
from conformance.dialogue import put
from conformance.handlers import Reported, script_of, scripted
from conformance.results import Verdict
from conformance.tables import call_named
from tests.complete_cases import InProcess
from tests.support import CASES
from tests.writers_replayed import played
from vss_sim.spec.writer_lives import calls_of_programs

NOT_REPLAYED: Final = {
    "restore-target/dropped-target-accepted": "VSS takes VSS_RT_NEW there, which it has dropped: no page has"
    " a number for it any more, so no program can pass it here",
}
"""Case → why its writers cannot be made again."""


def _with_writers(path: Path) -> bool:
    """Whether a case shows calls of a writer or of its program."""
    case = read_case(path)
    calls = {call.name for _, line in case.lines if "call" in line and (call := call_named(line["call"])) is not None}
    return not calls.isdisjoint(calls_of_programs()) or bool(case.script.calls)


REPLAYED: Final = [path for path in CASES if _with_writers(path) and read_case(path).id not in NOT_REPLAYED]


@pytest.mark.parametrize("path", REPLAYED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_writers_are_answered_as_the_case_says(path: Path) -> None:
    """Each call in its handler, each call of a program, and what the requester reads of it afterwards."""
    result = played(path)
    assert result.verdict is Verdict.PASSED, result.fault or result.reason


def test_many_cases_show_what_writers_call() -> None:
    """A test over nothing proves nothing."""
    calls = sum(len(asked) for path in REPLAYED for asked in read_case(path).script.calls.values())
    assert (len(REPLAYED), calls) > (190, 350)
    assert {read_case(path).id for path in CASES} > NOT_REPLAYED.keys()


def _built() -> Case:
    return read_case(next(path for path in REPLAYED if path.stem == "metadata-built-in-identify"))


def test_another_answer_is_seen() -> None:
    """An implementation that answers a writer otherwise fails the case, at the line of the call."""
    case = _built()
    first = next(iter(case.script.calls.values()))[0]
    fault = _answered(
        case, lambda item: {**item, "returns": "E_FAIL"} if item.get("call") == first.line["call"] else item
    )
    assert (fault.line, fault.call) == (first.number, first.line["call"])
    assert "it answered E_FAIL; expected S_OK" in fault.says


def test_a_call_that_is_not_reported_is_seen() -> None:
    """What it was to report, and where; no rule is broken by that."""
    case = _built()
    fault = _answered(case, lambda item: None if "call" in item else item)
    assert fault.unheard
    assert "which its writer makes at Identify, with the answer; it reported nothing" in fault.says


def _answered(case: Case, change: Any) -> Any:
    partner = InProcess()

    def say(message: dict[str, Any]) -> dict[str, Any]:
        reply = partner.say(message)
        events = [changed for item in reply.get("events", ()) if (changed := change(item)) is not None]
        return {**reply, "events": events} if "events" in reply else reply

    result = put(case, say)
    assert result.verdict is Verdict.FAILED
    return result.fault


def test_one_that_has_no_writers_is_asked_the_rest() -> None:
    """A case about a call of a writer is skipped, with the word that is missing; others go on without their writers."""
    partner = InProcess()

    def say(message: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in partner.say(message).items() if key != "takes"}

    case = read_case(next(path for path in CASES if path.stem == "backup-stamp-of-nothing"))
    skipped = put(case, say)
    assert skipped.verdict is Verdict.SKIPPED
    assert '"takes": ["writers"]' in skipped.reason
    whole = read_case(next(path for path in CASES if path.stem == "writer-fills-its-component-in-a-backup"))
    assert whole.script.calls
    assert put(whole, say).verdict is Verdict.PASSED


def test_what_a_case_shows_is_the_script_of_its_world() -> None:
    """Each occurrence of an event has a reply of its own; what is built in Identify, the description leaves out."""
    case = _built()
    (writer,) = scripted(case.world, script_of(case.lines))["machines"][0]["writers"][:1]
    assert "components" not in writer
    (reply,) = writer["replies"]
    assert (reply["on"], reply["skip"], reply["times"]) == ("Identify", 0, 1)
    assert [call["call"] for call in reply["calls"]] == [
        one.line["call"] for asked in case.script.calls.values() for one in asked
    ]


def test_calls_go_with_their_event() -> None:
    """The second event of a kind is not the first."""
    heard = Reported()
    for item in (
        {"event": "Freeze", "writer": "{W}"},
        {"call": "A"},
        {"event": "Freeze", "writer": "{W}"},
        {"call": "B"},
    ):
        heard.heard(item)
    assert heard.of(("Freeze", "", 0)) == [{"call": "A"}]
    assert heard.of(("Freeze", "", 1)) == [{"call": "B"}]
    assert heard.of(("Freeze", "", 2)) is None
