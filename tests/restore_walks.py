"""What walks through a restore share: a restore with which something interferes, and what it did, as its log has it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.restoring import (
    FILES,
    MAPPING,
    WRITER,
    Machine,
)
from vss_sim import Simulation
from vss_sim.engine.desk import Step
from vss_sim.engine.restoring.requests import EVERYTHING, Request
from vss_sim.engine.restoring.restore import restore

Line = dict[str, Any]
F1, F2, F3 = FILES
MAPS: Final = {"alternateLocationMappings": [MAPPING]}
DB: Final = {"services": [{"name": "Db", "opens": [F1]}]}


class Interfering:
    """A caller at whose calls something else happens on the machine; it says what every call came to."""

    def __init__(self, simulation: Simulation, after: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._simulation = simulation
        self._after = after

    @property
    def world(self) -> Any:
        """The world of now."""
        return self._simulation.world

    def call(self, name: str, on: str | None = None, arguments: Any = (), **where: Any) -> Step:
        """Make the call, and let happen what happens then."""
        done = self._simulation.call(name, on, arguments, **where)
        self._after(name, dict(arguments))
        return done


def interfered(
    machine: Machine, after: Callable[[str, Mapping[str, Any]], None], request: Request = EVERYTHING
) -> Machine:
    """Restore while something else happens."""
    machine.before = machine.on_disk()
    machine.restored = restore(Interfering(machine.simulation, after), machine.saved, request)  # type: ignore[arg-type]
    return machine


def calls(machine: Machine, *names: str) -> list[Line]:
    """The calls of these names in the restore, in order."""
    lines = machine.trace()
    start = next(n for n, line in enumerate(lines) if line.get("call", "").endswith("InitializeForRestore"))
    return [line for line in lines[start:] if line.get("call", "").rpartition("::")[2] in names]


def order(machine: Machine) -> list[str]:
    """What the restore did, by names: calls, and the events that writers got."""
    lines = machine.trace()
    start = next(n for n, line in enumerate(lines) if line.get("call", "").endswith("InitializeForRestore"))
    return [line.get("call", line.get("event", "")).rpartition("::")[2] for line in lines[start:]]


def events(machine: Machine) -> list[str]:
    """The events that writers got in the restore, in order."""
    return [name for name in order(machine) if name in ("PreRestore", "PostRestore") and name]


def heard(machine: Machine) -> list[str]:
    """The events of the restore that the sample writer heard."""
    found = [line["event"] for line in machine.trace() if line.get("writer") == WRITER]
    return [event for event in found if event in ("PreRestore", "PostRestore")]


def statuses(machine: Machine) -> list[str]:
    """What SetFileRestoreStatus was told."""
    return [line["in"]["status"] for line in calls(machine, "SetFileRestoreStatus")]
