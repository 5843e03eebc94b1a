"""A slip of the pen is told at its line wherever that stands, in an early line or in one that takes the short cut."""

import json
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.support import CASES, TRACES, Entry, entries_of
from vss_sim.judge import blocks
from vss_sim.judge.blocks import FIRST_LINES
from vss_sim.judge.checker import Checker
from vss_sim.judge.exact_lines import ExactLines
from vss_sim.judge.findings import Finding, Tally
from vss_sim.judge.unknown_names import UNKNOWN_NAME
from vss_sim.judge.unknown_values import Kind, kinds_of
from vss_sim.spec.methods import call_names, signatures
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import UNDECODABLE, TraceError

Slip = Callable[[Entry, str, int], Entry | None]
"""An entry, the full name of its call and a number → the same with a slip; None where that has no place there."""

_WARM: Final = 3 * FIRST_LINES
_AT_ONCE: Final = 24
"""Of so many unknown names in one log each is told."""


def _said(entries: list[Entry], *, short_cut: bool) -> tuple[Tally | str, list[Finding]]:
    findings: list[Finding] = []
    checker = Checker(findings.append, short_cut=short_cut)
    try:
        checker.feed_block(b"\n".join([json.dumps(entry).encode() for entry in entries]), 1)
    except TraceError as error:
        return str(error), findings
    return checker.finish(), findings


def _with(entry: Entry, side: str, **more: object) -> Entry:
    return {**entry, side: {**(entry.get(side) or {}), **more}}


def _key(entry: Entry, full_name: str, number: int) -> Entry | None:
    return {**entry, f"retruns{number}": "S_OK"}


def _argument(entry: Entry, full_name: str, number: int) -> Entry | None:
    return _with(entry, "in", nobodys=1)


def _argument_of_another(entry: Entry, full_name: str, number: int) -> Entry | None:
    return _with(entry, "in", wszUserProcedure=None)


def _result(entry: Entry, full_name: str, number: int) -> Entry | None:
    return _with(entry, "out", nobodys="x") if entry.get("out") else None


def _result_of_another(entry: Entry, full_name: str, number: int) -> Entry | None:
    return _with(entry, "out", pbstrUserProcedure="x") if entry.get("out") else None


def _value(side: str, kinds: tuple[Kind, ...], value: object) -> Slip:
    def slip(entry: Entry, full_name: str, number: int) -> Entry | None:
        of_kind = kinds_of(full_name, given=side == "in")
        given = entry.get(side) or {}
        names = [name for name in given if of_kind.get(name) in kinds and given[name] is not None]
        return _with(entry, side, **{names[-1]: value}) if names else None

    return slip


NUMBERS: Final = (Kind.CONSTANT, Kind.NUMBER)
SLIPS: Final[dict[str, Slip]] = {
    "key": _key,
    "argument": _argument,
    "argument of another call": _argument_of_another,
    "result": _result,
    "result of another call": _result_of_another,
    "constant": _value("in", NUMBERS, "VSS_CTX_BAKUP"),
    "truth": _value("in", (Kind.TRUTH,), "ture"),
    "GUID": _value("in", (Kind.GUID,), "{5affb034-969f-4919-8875}"),
    "constant handed out": _value("out", NUMBERS, "VSS_WS_STABEL"),
    "number handed out": _value("out", NUMBERS, 1.5),
    "GUID handed out": _value("out", (Kind.GUID,), "{5affb034-969f-4919-8875-88f830d0efgh}"),
    "text handed out": _value("out", (Kind.TEXT,), 5),
    "handle handed out": _value("out", (Kind.HANDLE,), 5),
    "code handed out": _value("out", (Kind.CODE,), "VSS_S_ASYNC_FINISH"),
}


def _planted(entries: list[Entry], slip: Slip) -> Iterator[list[Entry]]:
    """The log many times over, and once more with slips, one in the last line of each call that has a place for it."""
    last = {entry["call"]: place for place, entry in enumerate(entries) if entry.get("call") in call_names()}
    slips: list[tuple[int, Entry]] = []
    for number, (call, place) in enumerate(last.items()):
        if call_names()[call] in signatures():
            other = slip(entries[place], call_names()[call], number)
            if other is not None and other != entries[place]:
                slips.append((place, other))
    warm = entries * (_WARM // len(entries) + 1)
    for start in range(0, len(slips), _AT_ONCE):
        slipped = list(entries)
        for place, other in slips[start : start + _AT_ONCE]:
            slipped[place] = {**other, "note": "slip"}
        yield [*warm, *slipped]


LOGS: Final = [
    *TRACES[::6],
    *(path for path in CASES if path.stem in {"alternate-location-mappings", "all-setters"}),
]


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_in_a_late_line_is_told_at_its_line(slip: Slip) -> None:
    """Also where the same line without it takes the short cut; and both ways say the same."""
    planted = 0
    for path in LOGS:
        for entries in _planted(entries_of(path), slip):
            said, findings = _said(entries, short_cut=True)
            assert (said, findings) == _said(entries, short_cut=False)
            slips = {number for number, entry in enumerate(entries, 2) if entry.get("note") == "slip"}
            assert slips <= {one.line for one in findings if one.rule == UNKNOWN_NAME}, path.stem
            planted += len(slips)
    assert planted


READ: Final = {"call": "IVssWMComponent::GetFile", "on": "c", "in": {"iFile": 0}, "returns": "S_OK"}


@pytest.mark.parametrize("value", [{"a": 1}, [0], 1.5, "two"])
def test_a_value_of_the_wrong_kind_is_told_after_any_number_of_odd_lines(value: object) -> None:
    """A recorder's own key on every line is told once; the lines are looked at no less for it."""
    odd = [{**READ, "duration": number} for number in range(_WARM)]
    entries: list[Entry] = [*odd, {**READ, "duration": 1, "in": {"iFile": value}}, READ]
    said, findings = _said(entries, short_cut=True)
    told = [one.line for one in findings if one.rule == UNKNOWN_NAME]
    if isinstance(value, str):
        assert told == [2, _WARM + 2]
    else:
        assert f'line {_WARM + 2}: "iFile" is' in str(said)
        assert told == [2]


@pytest.mark.parametrize("named", [{"iDependency": 0}, {"iFile": 0, "wszLogicalPath": None}])
def test_arguments_of_another_call_are_told_where_they_were_seen_with_that_call(named: Entry) -> None:
    """The second half of a line may be known from a line of another call."""
    other = {**READ, "call": "IVssWMComponent::GetDependency", "on": "d", "in": named}
    entries: list[Entry] = [*([READ] * _WARM), other, other, READ, {**READ, "in": named}, READ]
    _, findings = _said(entries, short_cut=True)
    assert _WARM + 5 in {one.line for one in findings if one.rule == UNKNOWN_NAME}


def test_a_key_of_the_recorder_on_every_line_does_not_take_the_short_cut_away() -> None:
    """Nor do names of arguments and results that nobody knows: once they were told, they are let pass."""
    lines = [{**READ, "duration": at, "in": {"iFile": at % 7, "iTry": at % 3}, "at": at / 8} for at in range(3000)]
    findings: list[Finding] = []
    checker = Checker(findings.append)
    text = b"\n".join([json.dumps(line).encode() for line in lines])
    last = checker.feed_block(text, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "read_line", _never)
        checker.feed_block(text, last)
    assert len([one for one in findings if one.rule == UNKNOWN_NAME]) == 2


def _never(text: bytes, number: int) -> Line:
    raise AssertionError(f"line {number} went the whole way: {text!r}")


@pytest.mark.parametrize(("length", "passes"), [(256, True), (257, False)])
def test_a_name_without_end_is_not_kept(length: int, passes: bool) -> None:
    """Lines with it go the whole way; what is remembered of a log does not grow with them."""
    lines = ExactLines()
    line = {**READ, "k" * length: 1}
    lines.meet(line)
    lines.look_closely()
    try:
        lines.decode(json.dumps(line).encode())
    except UNDECODABLE:
        assert not passes
    else:
        assert passes


def test_odd_names_by_the_thousand_cost_no_more_than_the_whole_way() -> None:
    """Another name on each line: no more types of lines are made than names are let pass."""
    lines = [{**READ, f"key{at}": at} for at in range(2000)]
    said, findings = _said(lines, short_cut=True)
    assert (said, findings) == _said(lines, short_cut=False)
    assert len(findings) < 50


@pytest.mark.parametrize("late", [0, _WARM])
@pytest.mark.parametrize("entry", [{"event": "Freeze", "wirter": "w"}, {"happens": "reboot", "machin": "one"}])
def test_a_key_that_nobody_knows_is_told_on_lines_of_events_and_happenings(entry: Entry, late: int) -> None:
    """However late they come."""
    _, findings = _said([*([READ] * late), READ, entry], short_cut=True)
    assert [one.line for one in findings if one.rule == UNKNOWN_NAME and "there is no key" in one.says] == [late + 3]


@pytest.mark.parametrize("late", [0, _WARM])
@pytest.mark.parametrize("short_cut", [True, False])
def test_the_calls_before_a_line_that_is_refused_are_counted(late: int, short_cut: bool) -> None:
    """Those of its block, too; and the lines."""
    findings: list[Finding] = []
    checker = Checker(findings.append, short_cut=short_cut)
    lines = [*([READ] * late), READ, READ, {"call": "IVssNobody::Knows"}, READ]
    with pytest.raises(TraceError):
        checker.feed_block(b"\n".join([json.dumps(line).encode() for line in lines]), 1)
    tally = checker.finish(complete=False)
    assert (tally.calls, tally.lines) == (late + 2, late + 4)
