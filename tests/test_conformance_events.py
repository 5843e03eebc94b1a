"""What events of writers hold against an implementation: one forgotten, one too many, one too early."""

import re
from collections.abc import Callable
from typing import Any, Final

import pytest

from conformance.case import find_cases
from conformance.dialogue import put
from conformance.results import Result, rule_verdicts
from conformance.tables import rules
from tests.complete_cases import InProcess

Line = dict[str, Any]
CASES: Final = {case.id: case for case in find_cases()}


def test_an_event_that_a_writer_did_not_get_is_named_where_it_stands() -> None:
    """At its own line of the case, not at the last one as if that were the start."""
    case, partner = CASES["events/both-prepared-and-frozen"], InProcess()

    def say(message: Line) -> Line:
        reply = partner.say(message)
        return {**reply, "events": [one for one in reply.get("events", ()) if one.get("event") != "Freeze"]}

    fault = put(case, say).fault
    assert fault is not None
    assert fault.call == "Freeze"
    assert dict(case.lines)[fault.line]["event"] == "Freeze"
    assert "did not get Freeze" in fault.says


def _telling(name: str, events: Callable[[list[Line]], list[Line]]) -> Result:
    """A case put to the simulator, which tells other events; calls of writers are not told."""
    partner = InProcess()

    def say(message: Line) -> Line:
        reply = partner.say(message)
        return {**reply, "events": events([one for one in reply.get("events", ()) if "event" in one])}

    return put(CASES[name], say)


def _broken(result: Result) -> list[str]:
    return [one.rule for one in rule_verdicts([result]) if one.verdict == "broken"]


def _writer_by_writer(events: list[Line]) -> list[Line]:
    return sorted(events, key=lambda one: str(one["writer"]))


def _back_end_first(events: list[Line]) -> list[Line]:
    frozen = iter([one for one in events if one["event"] == "Freeze"][::-1])
    return [next(frozen) if one["event"] == "Freeze" else one for one in events]


@pytest.mark.parametrize(
    ("name", "events", "rules_broken"),
    [
        ("events/both-prepared-and-frozen", _writer_by_writer, ["seq-do-event-order"]),
        ("events/freeze-from-front-end-to-system", _writer_by_writer, ["seq-do-event-order"]),
        ("events/freeze-from-front-end-to-system", _back_end_first, ["freeze-level-order", "seq-freeze-by-level"]),
        ("events/both-prepared-and-frozen", _back_end_first, []),
    ],
)
def test_between_writers_the_order_counts_that_vss_promises(
    name: str, events: Callable[[list[Line]], list[Line]], rules_broken: list[str]
) -> None:
    """No stage of a creation begins before all are through the last; Freeze goes by levels, and in one in any order."""
    result = _telling(name, events)
    assert (result.fault is not None) is bool(rules_broken)
    assert _broken(result) == rules_broken
    assert result.fault is None or re.search(
        r"writer .* got \w+ before writer .* got \w+, in reply to line \d+$", result.fault.says
    )


@pytest.mark.parametrize("name", sorted(case.id for case in CASES.values() if case.silence))
def test_an_event_too_many_breaks_the_rule_that_forbids_it(name: str) -> None:
    """Where a case says that it shows all of them; at the line where it came."""
    case = CASES[name]
    writer = case.world["machines"][0]["writers"][0]["writerId"]
    end = [line["event"] for _, line in case.lines if "event" in line][-1]
    for rule, events in case.silence.items():
        assert rule in case.rules
        assert rules()[rule].settled
        for event in events:
            more = [{"event": event, "writer": writer, "answer": True}]

            def last(told: list[Line], more: list[Line] = more) -> list[Line]:
                return [*told, *(more if any(one["event"] == end for one in told) else [])]

            result = _telling(name, last)
            assert result.fault is not None, event
            assert result.fault.says.endswith(f"got {event}, which is an event too many")
            assert len(_broken(result)) == 1
            assert _broken(result)[0] in case.silence
