"""Who forks, is copied, goes back to a world of before or leaves the way meanwhile comes to the same on a known way."""

from collections.abc import Callable, Iterator
from copy import copy
from random import Random
from typing import Any, Final

from msgspec.structs import replace

from tests.requester_support import simulation
from vss_sim.engine.inputs import BadCall
from vss_sim.requester.known_ways import MEMORY
from vss_sim.requester.simulation import Simulation

REQUESTER: Final = "IVssBackupComponents::"
PROGRAMS: Final = 60
LENGTH: Final = 60
TIMES: Final = 3
STATE: Final = {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": 1}
CALLS: Final[dict[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    "bc": (
        (f"{REQUESTER}InitializeForBackup", {}),
        (f"{REQUESTER}SetBackupState", STATE),
        (f"{REQUESTER}GatherWriterMetadata", {}),
        (f"{REQUESTER}StartSnapshotSet", {}),
        (f"{REQUESTER}AddToSnapshotSet", {"pwszVolumeName": "C:\\", "ProviderId": None}),
        (f"{REQUESTER}PrepareForBackup", {}),
        (f"{REQUESTER}DoSnapshotSet", {}),
        (f"{REQUESTER}SaveAsXML", {}),
        (f"{REQUESTER}Nothing", {}),
    ),
    "async": (("IVssAsync::Wait", {}), ("IVssAsync::QueryStatus", {}), ("IUnknown::Release", {})),
}
FILE: Final = {"lpFileName": "C:\\a.txt"}


def _call(there: Simulation, drawn: Random) -> object:
    """A call on one of the objects, or one that makes an object."""
    handles = [*there.world.objects]
    if not handles or drawn.random() < 1 / 8:
        done = there.call("CreateVssBackupComponents")
    else:
        handle = drawn.choice(handles)
        name, arguments = drawn.choice(CALLS[handle.rstrip("0123456789")])
        try:
            done = there.call(name, handle, arguments)
        except BadCall as error:
            return str(error)
    return done.answer, {**done.out}, done.events, done.refusal, done.passed, done.world


def _write(there: Simulation, drawn: Random) -> object:
    return there.call("WriteFile", None, {**FILE, "content": f"{drawn.random()}"}).answer


DEEDS: Final[tuple[Callable[[Simulation, Random], object], ...]] = (
    *[_call] * 10,
    _write,
    lambda there, drawn: {**there.call("ReadFile", None, FILE).out},
    lambda there, drawn: there.happens("time passes", seconds=drawn.randrange(20)),
    lambda there, drawn: there.record.take(there.world.description),
)


def _done(there: list[Simulation], drawn: Random) -> Iterator[object]:
    """What is done to simulations, of which there are more and more, and what comes of it."""
    worlds, place = [there[0].world], 0
    for _ in range(LENGTH):
        now = there[place]
        worlds.append(now.world)
        deed = drawn.choice(["fork", "copy", "another", "back", *["deed"] * 12])
        if deed == "fork":
            there.append(now.fork())
        elif deed == "copy":
            there.append(copy(now))
        elif deed == "another":
            place = drawn.randrange(len(there))
        elif deed == "back":
            now.world = drawn.choice(worlds)
        else:
            yield drawn.choice(DEEDS)(now, drawn)


def _worked_out(there: Simulation) -> Simulation:
    """The same, on no known way."""
    there.world = replace(there.world)
    return there


def _run(seed: int, begun: Callable[[Simulation], Simulation]) -> tuple[object, ...]:
    there = [begun(simulation())]
    said = [*_done(there, Random(seed))]
    return said, [one.world for one in there], [[*one.lines()] for one in there]


def test_whatever_is_done_between_calls_they_come_to_the_same() -> None:
    """For who learns a way, who goes it, and who goes it again, beside others who go part of it."""
    expected = [_run(seed, _worked_out) for seed in range(PROGRAMS)]
    MEMORY.forget()
    for _ in range(TIMES):
        for seed in range(PROGRAMS):
            assert _run(seed, lambda there: there) == expected[seed]
