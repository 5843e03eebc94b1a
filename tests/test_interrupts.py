"""A call is made as a whole or not at all, wherever Ctrl-C comes between two instructions of ours."""

import gc
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Final

import pytest

import vss_sim
from tests.requester_support import simulation, with_a_set
from vss_sim.model.computer import Description, Machine, ScriptedHappening
from vss_sim.requester.known_ways import MEMORY
from vss_sim.requester.simulation import Simulation

_OURS: Final = vss_sim.__file__.removesuffix("__init__.py")
_STEP: Final = 11
"""Every so many instructions an interrupt is tried: a prime number, so that loops are met at all of their places."""
_RETURNS: Final = 3
"""So many instructions may be left when all is done: one function returns what the other returned."""
_FILE: Final = {"lpFileName": "C:\\a.txt"}
Act = Callable[[Simulation], object]


class _Watch:
    """Counts instructions of ours, and raises before the one of this place, counted from the first."""

    def __init__(self, place: int) -> None:
        self._left = place

    def passes(self, frame: FrameType) -> bool:
        """Whether the instruction is made: what is raised while a generator is closed goes nowhere."""
        self._left -= 1
        return self._left > 0 or frame.f_lineno is None


if sys.version_info >= (3, 12):

    @contextmanager
    def _watched(watch: _Watch) -> Iterator[None]:
        """Instructions are told by `sys.monitoring`: a trace function would not see those of a first call."""
        tool, event = 4, sys.monitoring.events.INSTRUCTION

        def before(code: CodeType, _: int) -> object:
            if not code.co_filename.startswith(_OURS):
                return sys.monitoring.DISABLE
            if not watch.passes(sys._getframe(1)):
                sys.monitoring.set_events(tool, 0)
                raise KeyboardInterrupt
            return None

        sys.monitoring.use_tool_id(tool, __name__)
        sys.monitoring.register_callback(tool, event, before)
        sys.monitoring.set_events(tool, event)
        try:
            yield
        finally:
            sys.monitoring.set_events(tool, 0)
            sys.monitoring.free_tool_id(tool)

else:

    @contextmanager
    def _watched(watch: _Watch) -> Iterator[None]:
        """Instructions are told to a trace function."""

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            if not frame.f_code.co_filename.startswith(_OURS):
                return None
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
            if event == "opcode" and not watch.passes(frame):
                sys.settrace(None)
                raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)


def _interrupted(act: Act, there: Simulation, place: int) -> bool:
    """Do something, and raise before an instruction of ours, counted from the first; whether it came so far."""
    try:
        with _watched(_Watch(place)):
            act(there)
    except KeyboardInterrupt:
        return True
    return False


def _off_the_way(begun: Simulation) -> Simulation:
    """One that came from elsewhere: there is no way to learn."""
    there: Simulation = pickle.loads(pickle.dumps(begun))  # noqa: S301 - made here
    return there


def _as_the_first(begun: Simulation) -> Simulation:
    """Nobody went on from here before."""
    there = begun.fork()
    if there._known is not None:
        there._known.calls.clear()
    MEMORY._lot = 0.0  # which calls are weighed is drawn: each time as the time before
    return there


def _where_another_went(begun: Simulation) -> Simulation:
    """Somebody left the way here by another call."""
    there = _as_the_first(begun)
    if there._known is not None:
        there._known.calls["another",] = None
    return there


_FORKS: Final = (_off_the_way, _as_the_first, _where_another_went, Simulation.fork)


def _everywhere(begun: Simulation, act: Act) -> int:
    """Interrupt at many places, on a known way and on none; returns how often where that took longest."""
    return max(_on_a_way(begun, act, fork) for fork in _FORKS)


def _on_a_way(begun: Simulation, act: Act, fork: Callable[[Simulation], Simulation]) -> int:
    """Interrupt at many places: the world and the record are as before, and what was wanted can be done after it.

    At the very last instruction it is done. Returns how often it was interrupted.
    """
    before = begun.world, [*begun.lines()]
    once = begun.fork()
    act(once)
    expected = once.world, [*once.lines()]
    assert expected[1] != before[1]
    number = 0
    while True:
        there = fork(begun)
        if not _interrupted(act, there, 1 + number * _STEP):
            return number
        number += 1
        assert gc.isenabled()
        found = there.world, [*there.lines()]
        if found == expected:  # nothing is left but to return what came of it
            for later in range(1, _RETURNS + 1):
                there = fork(begun)
                if not _interrupted(act, there, 1 + (number - 1) * _STEP + later):
                    return number
                assert (there.world, [*there.lines()]) == expected
            pytest.fail("much is left to do after a call is made")
        assert found == before
        act(there)
        assert (there.world, [*there.lines()]) == expected


def _call(name: str, on: str | None = None, **arguments: Any) -> Act:
    return lambda there: there.call(name, on, arguments)


def _backup(method: str, **arguments: Any) -> tuple[Simulation, Act]:
    simulation()
    there = simulation()
    assert there._known is not None
    requester = with_a_set(there)
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    return there, _call(f"IVssBackupComponents::{method}", requester.handle, **arguments)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("DoSnapshotSet", {}),
        ("AddToSnapshotSet", {"pwszVolumeName": "D:\\", "ProviderId": None}),
        ("SaveAsXML", {}),
        ("StartSnapshotSet", {}),
    ],
)
def test_a_call_of_vss_that_is_interrupted_was_not_made(method: str, arguments: dict[str, Any]) -> None:
    """One that begins an operation, one that is accepted, one that hands out a document, one that is refused."""
    assert _everywhere(*_backup(method, **arguments)) > 5


def test_events_of_a_call_that_is_interrupted_were_not_raised() -> None:
    """A wait at whose end writers have heard of a shadow copy."""
    there, create = _backup("DoSnapshotSet")
    create(there)
    handle = next(reversed(there.world.objects))
    wait = _call("IVssAsync::Wait", handle, dwMilliseconds="INFINITE")
    begun = len([*there.lines()])
    once = there.fork()
    wait(once)
    assert any("event" in line for line in [*once.lines()][begun:])
    assert _everywhere(there, wait) > 20


@pytest.mark.parametrize(
    "act",
    [
        _call("WriteFile", **_FILE, content="new"),
        _call("WriteFile", **_FILE, content="x" * 5000),
        _call("WriteFile", content="new", **_FILE),
        _call("ReadFile", **_FILE),
        _call("DeleteFile", **_FILE),
        _call("CreateFile", **_FILE, dwDesiredAccess="GENERIC_READ", dwCreationDisposition="OPEN_EXISTING"),
        _call("CopyFile", lpExistingFileName="C:\\a.txt", lpNewFileName="C:\\b.txt", bFailIfExists=False),
    ],
)
def test_a_file_call_that_is_interrupted_was_not_made(act: Act) -> None:
    """Whichever way it goes, and whether or not the world was looked at since the file was written."""
    there = Simulation()
    there.call("WriteFile", None, {**_FILE, "content": "old"})
    assert _everywhere(there, act) > 1


def test_what_waits_to_come_into_the_world_survives_an_interrupted_call() -> None:
    """Files were written the short way, and nobody has looked since: at each place another simulation."""
    expected, number = None, 0
    while True:
        there = _written()
        if not _interrupted(_call("CreateVssBackupComponents"), there, 1 + number * _STEP):
            break
        if len(there.record) > 3:  # at the very last instruction it is done
            break
        number += 1
        there.call("CreateVssBackupComponents")
        found = there.world, [*there.lines()]
        assert found == (expected or found)
        expected = found
    assert number > 5


@pytest.mark.parametrize("call", [_call("CreateVssBackupComponents"), _call("WriteFile", **_FILE, content="new")])
def test_what_is_scripted_to_follow_belongs_to_the_interrupted_call(call: Act) -> None:
    """The script has not been heard, and nothing has happened."""
    scripts = (
        ScriptedHappening(after="CreateVssBackupComponents", happens="time passes", seconds=5),
        ScriptedHappening(after="WriteFile", happens="reboot"),
    )
    description = Description(machines=(Machine(happenings=scripts),))
    Simulation(description)
    assert _everywhere(Simulation(description), call) > 5


def test_what_happens_is_not_interrupted_half_way() -> None:
    """A reboot: the world and the record."""
    there, create = _backup("DoSnapshotSet")
    create(there)
    assert _everywhere(there, lambda world: world.happens("reboot")) > 5


@pytest.mark.parametrize("act", [Simulation.fork, lambda there: there.world])
def test_whoever_forks_or_looks_and_is_interrupted_has_changed_nothing(act: Act) -> None:
    """Between any two instructions: nothing was called, and nothing is told twice."""
    expected, number = None, 1
    while True:
        there = _written()
        if not _interrupted(act, there, number):
            break
        number += 1
        found = there.world, [*there.lines()]
        assert found == (expected or found)
        expected = found
    assert number > 300


def test_a_world_that_is_set_is_there_with_what_is_scripted_in_it_or_not_at_all() -> None:
    """Between any two instructions. The other world is of another description."""
    script = ScriptedHappening(after="CreateVssBackupComponents", happens="reboot")
    other = Simulation(Description(machines=(Machine(happenings=(script,)),))).world
    before, number = _written().world, 1
    while True:
        there = _written()
        if not _interrupted(lambda begun: setattr(begun, "world", other), there, number):
            break
        number += 1
        is_there = there.world == other
        assert is_there or there.world == before
        there.call("CreateVssBackupComponents")
        assert ("reboot" in [line.get("happens") for line in there.lines()]) is is_there
    assert number > 50


def _written() -> Simulation:
    """Files were written the short way, and nobody has looked since."""
    there = Simulation()
    for place in range(3):
        there.call("WriteFile", None, {**_FILE, "content": f"{place}"})
    return there
