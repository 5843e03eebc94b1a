"""What a call costs, beside what a user would take instead for a table of states: measured in one run, as ratios.

The unit is a step written by hand with a `dict`: `self.state = TABLE[self.state][event]`. The others take the same
sequence of events: `transitions`, `python-statemachine`, `automat` and the table of `h11`.

Run `python -m tests.benchmarks.call_cost`; `--write docs/performance.md` puts the figures there.
"""

import io
import runpy
import timeit
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, Final

import automat
import h11._state as h11_state
import statemachine
import transitions
from h11._events import Data, EndOfMessage, Request, Response

from tests.benchmarks.page import parser_for, put
from tests.benchmarks.protocol_core import Track, verb
from vss_sim.documents.world_file import read_world
from vss_sim.requester.known_ways import MEMORY
from vss_sim.requester.simulation import Simulation

ROUNDS: Final = 40
_EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "examples" / "backup_and_restore.py"
PATH: Final = ("initialize", "declare", "begin_set", "add_volume", "tell_writers", "make_set", "finish", "let_go")
STATES: Final = ("new", "backup", "declared", "started", "filled", "prepared", "created", "completed")
TABLE: Final = {
    state: {event: STATES[(place + 1) % len(STATES)]}
    for place, (state, event) in enumerate(zip(STATES, PATH, strict=True))
}


class DictStep:
    """A machine as one writes it in five minutes."""

    def __init__(self) -> None:
        self.state = STATES[0]

    def step(self, event: str) -> None:
        """Go on by one event."""
        self.state = TABLE[self.state][event]


def best(work: Callable[[], object], steps: int) -> float:
    """The best time of a step in nanoseconds over some rounds."""
    number = max(1, 20_000 // steps)
    return min(timeit.repeat(work, number=number, repeat=ROUNDS)) / number / steps * 1e9


def dict_step() -> float:
    """The unit."""
    machine = DictStep()
    step = machine.step

    def work() -> None:
        for event in PATH:
            step(event)

    return best(work, len(PATH))


def of_transitions() -> float:
    """The library `transitions`."""
    machine = transitions.Machine(states=list(STATES), initial=STATES[0], auto_transitions=False)
    for state, row in TABLE.items():
        for event, after in row.items():
            machine.add_transition(event, state, after)
    steps = [getattr(machine, event) for event in PATH]

    def work() -> None:
        for step in steps:
            step()

    return best(work, len(PATH))


def of_statemachine() -> float:
    """The library `python-statemachine`."""
    states = {name: statemachine.State(name, initial=name == STATES[0]) for name in STATES}
    members: dict[str, Any] = dict(states)
    for state, row in TABLE.items():
        for event, after in row.items():
            members[event] = states[state].to(states[after])
    machine = type("Backup", (statemachine.StateMachine,), members)()
    steps = [partial(machine.send, event) for event in PATH]

    def work() -> None:
        for step in steps:
            step()

    return best(work, len(PATH))


def of_automat() -> float:
    """The library `automat`."""
    methodical: Any = automat.MethodicalMachine()
    states = {name: methodical.state(initial=name == STATES[0])(_named(lambda self: None, name)) for name in STATES}
    inputs = {event: methodical.input()(_named(lambda self: None, event)) for event in PATH}
    for state, row in TABLE.items():
        for event, after in row.items():
            states[state].upon(inputs[event], enter=states[after], outputs=[])
    machine = type("Backup", (), {"_machine": methodical, **inputs})()
    steps = [getattr(machine, event) for event in PATH]

    def work() -> None:
        for step in steps:
            step()

    return best(work, len(PATH))


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    return function


def of_h11() -> float:
    """The table inside of `h11`, over one request and response after the other."""
    events = (
        (h11_state.CLIENT, Request),
        (h11_state.SERVER, Response),
        (h11_state.CLIENT, EndOfMessage),
        (h11_state.SERVER, Data),
        (h11_state.SERVER, EndOfMessage),
    )
    machine = h11_state.ConnectionState()

    def work() -> None:
        for role, event in events:
            machine.process_event(role, event)
        machine.start_next_cycle()

    return best(work, len(events))


def of_core(*, refused: bool) -> float:
    """The protocol core: argument checks, the table, a full record."""
    verbs = [
        (verb("InitializeForBackup", "no document"), None),
        (verb("SetBackupState", "volumes"), "VSS_BT_COPY"),
        (verb("StartSnapshotSet"), None),
        (verb("AddToSnapshotSet"), "C:\\"),
        (verb("IsVolumeSupported"), "C:\\"),
        (verb("AbortBackup"), None),
        (verb("Release"), None),
    ]
    track = Track()
    start = track.state
    if refused:
        verbs = [(verb("StartSnapshotSet"), None), (verb("AddToSnapshotSet"), "C:\\"), (verb("SaveAsXML"), None)]

    def work() -> None:
        track.state = start
        call = track.call
        for one, value in verbs:
            call(one, value)
        track.record.clear()

    work()
    return best(work, len(verbs))


def a_backup(simulation: Simulation) -> int:
    """A whole backup by the public interface; the number of its calls."""
    call = simulation.call
    before = len(simulation.record)
    bc = call("CreateVssBackupComponents").out["ppBackup"]
    call("IVssBackupComponents::InitializeForBackup", bc, {"bstrXML": None})
    call("IVssBackupComponents::SetContext", bc, {"lContext": 0})
    call("IVssBackupComponents::SetBackupState", bc, _STATE)
    for operation, parameter, first in _OPERATIONS:
        for name, arguments in first:
            call(name, bc, arguments)
        handle = call(operation, bc).out[parameter]
        call("IVssAsync::Wait", handle)
        call("IVssAsync::QueryStatus", handle)
        call("IUnknown::Release", handle)
    call("IUnknown::Release", bc)
    return len(simulation.record) - before


_STATE: Final = {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": "VSS_BT_COPY"}
_OPERATIONS: Final[tuple[tuple[str, str, tuple[tuple[str, dict[str, Any]], ...]], ...]] = (
    ("IVssBackupComponents::GatherWriterMetadata", "pAsync", ()),
    (
        "IVssBackupComponents::PrepareForBackup",
        "ppAsync",
        (
            ("IVssBackupComponents::StartSnapshotSet", {}),
            ("IVssBackupComponents::AddToSnapshotSet", {"pwszVolumeName": "C:\\", "ProviderId": None}),
        ),
    ),
    ("IVssBackupComponents::DoSnapshotSet", "ppAsync", ()),
    ("IVssBackupComponents::BackupComplete", "ppAsync", ()),
)


def of_calls(*, known: bool) -> float:
    """A call of the public interface, over whole backups: one as the other, or of which nobody has made the like."""

    def begun() -> Simulation:
        if not known:
            MEMORY.forget()
        return Simulation()

    calls = [a_backup(begun()) for _ in range(2)][-1]
    return best(lambda: a_backup(begun()), calls) - best(begun, calls)


def of_learned_calls() -> float:
    """The same for the second simulation of a world, which learns for the next ones."""

    def begun() -> Simulation:
        MEMORY.forget()
        Simulation()
        return Simulation()

    calls = a_backup(begun())
    return best(lambda: a_backup(begun()), calls) - best(begun, calls)


def of_a_program(*, known: bool) -> float:
    """A call of a program that has writers to ask: the backup of `docs/examples/backup_and_restore.py`."""
    namespace = runpy.run_path(str(_EXAMPLE))
    description = read_world(namespace["WORLD"].read_text(encoding="utf-8"))

    def work() -> int:
        if not known:
            MEMORY.forget()
        simulation = Simulation(description)
        with redirect_stdout(io.StringIO()):
            namespace["back_up"](simulation)
        return simulation.record.calls()

    return best(work, [work() for _ in range(2)][-1])


def bytes_a_call() -> float:
    """What the record of a whole backup takes, a call."""
    simulation = Simulation()
    calls = a_backup(simulation)
    return simulation.record.size() / calls


def measured() -> list[tuple[str, float, str]]:
    """Each figure: what it is of, how many steps of the unit it takes, and what it should not exceed."""
    unit = dict_step()
    return [
        ("a step by hand with a `dict`", 1.0, ""),
        ("protocol core, accepted call", of_core(refused=False) / unit, "3"),
        ("protocol core, refused call", of_core(refused=True) / unit, "3"),
        ("public Python call, over a whole backup that was made before", of_calls(known=True) / unit, "20"),
        ("the same, in the first simulation of its world", of_calls(known=False) / unit, "20"),
        ("the same, in the second, which learns", of_learned_calls() / unit, "20"),
        ("call of a program with two writers, whose backup was made before", of_a_program(known=True) / unit, ""),
        ("the same, in the first simulation of its world", of_a_program(known=False) / unit, ""),
        ("`h11`'s table", of_h11() / unit, ""),
        ("`automat`", of_automat() / unit, ""),
        ("`transitions`", of_transitions() / unit, ""),
        ("`python-statemachine`", of_statemachine() / unit, ""),
    ]


def lines() -> Iterator[str]:
    """The table."""
    yield "| what | steps of the unit | at most |"
    yield "|---|---:|---:|"
    for what, ratio, most in measured():
        yield f"| {what} | {ratio:.1f} | {most} |"
    yield f"| bytes of record a call | {bytes_a_call():.0f} | 110 |"


def main() -> None:
    """Measure, print, and write the figures where that is asked for."""
    put("calls", "\n".join(lines()), parser_for(__doc__ or "").parse_args().write)


if __name__ == "__main__":
    main()
