"""What ids and lists hold against an implementation: two things have two ids, and an id stays."""

from typing import Any, Final

import pytest

from conformance.case import Case, find_cases
from conformance.dialogue import put
from conformance.results import Verdict, rule_verdicts
from tests.complete_cases import InProcess

Line = dict[str, Any]
CASES: Final = {case.id: case for case in find_cases()}


def test_two_things_have_two_ids() -> None:
    """Who hands out the id of the first shadow copy for the second has not made two."""
    case = next(case for case in CASES.values() if _adds(case) > 1 and case.verdict == "conforms")
    partner = InProcess()
    first: list[str] = []

    def say(message: Line) -> Line:
        reply = partner.say(message)
        if str(message.get("call")).endswith("::AddToSnapshotSet"):
            first.append(reply["out"]["pidSnapshot"])
            reply = {**reply, "out": {"pidSnapshot": first[0]}}
        return reply

    fault = put(case, say).fault
    assert fault is not None
    assert fault.call.endswith("::AddToSnapshotSet")
    assert fault.says == f"pidSnapshot is {first[0]!r}; expected 'an id of its own'"
    assert len(first) == 2


@pytest.mark.parametrize("starts_anew", [True, False])
def test_a_writer_that_was_started_anew_has_an_id_of_its_own(*, starts_anew: bool) -> None:
    """Rule svc-instance-id-new: whose writer lives on, or comes back under its old id, breaks it."""
    name, partner = "service/writer-that-was-started-anew-gets-no-postrestore", InProcess()
    old = CASES[name].world["machines"][0]["writers"][0]["instanceId"]
    new: list[str] = []

    def say(message: Line) -> Line:
        if not starts_anew and str(message.get("happens", "")).startswith("service "):
            return {"id": message["id"]}
        reply = partner.say(message)
        out = reply.get("out") or {}
        new.extend(value for key, value in out.items() if key == "pidInstance" and value != old)
        return {**reply, "out": {**out, "pidInstance": old}} if out.get("pidInstance") in new else reply

    result = put(CASES[name], say)
    assert bool(new) is starts_anew
    assert [one.rule for one in rule_verdicts([result]) if one.verdict == "broken"] == ["svc-instance-id-new"]
    assert result.fault is not None
    assert result.fault.says == f"pidInstance is {old!r}; expected 'an id of its own'"


def _adds(case: Case) -> int:
    return sum(str(line.get("call")).endswith("::AddToSnapshotSet") for _, line in case.lines)


def test_an_enumerator_lists_in_any_order() -> None:
    """In which order Query lists, no page says; what is listed, they do."""
    for places, verdict in (((1, 0), Verdict.PASSED), ((0, 0), Verdict.FAILED)):
        partner = InProcess()

        def say(message: Line, partner: InProcess = partner, places: tuple[int, ...] = places) -> Line:
            reply = partner.say(message)
            listed = (reply.get("out") or {}).get("rgelt")
            return {**reply, "out": {**reply["out"], "rgelt": [listed[place] for place in places]}} if listed else reply

        assert put(CASES["import/import-waited-for"], say).verdict is verdict


def test_an_id_that_changes_is_told_with_the_one_that_was_handed_out_before() -> None:
    """Not with the case's own, which the implementation never saw."""
    partner = InProcess()
    handed: dict[str, str] = {}

    def say(message: Line) -> Line:
        reply = partner.say(message)
        out = reply.get("out") or {}
        handed.update({key: value for key, value in out.items() if key == "pSnapshotSetId"})
        if "pProp" in out:
            out["pProp"] = {**out["pProp"], "m_SnapshotSetId": "{99999999-9999-4999-8999-999999999999}"}
        return reply

    fault = put(CASES["snapshots/properties-of-a-created-copy"], say).fault
    assert fault is not None
    assert f"expected '{handed['pSnapshotSetId']}'" in fault.says
