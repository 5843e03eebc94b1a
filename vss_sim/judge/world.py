"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from vss_sim.spec.systems import System, system_of


@frozen
class World:
    """Machine → its operating system; a log that names no machine is of the only one there is."""

    systems: Mapping[str, System]

    def system(self, machine: str | None) -> System | None:
        """The operating system of a machine, where it is known."""
        if machine is None and len(self.systems) == 1:
            return next(iter(self.systems.values()))
        return self.systems.get(machine or "")


UNKNOWN_WORLD: Final = World({})


def world_of(described: Mapping[str, Any] | str | None) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    if not isinstance(described, Mapping):
        return UNKNOWN_WORLD
    machines = described.get("machines")
    found: dict[str, System] = {}
    for machine in machines if isinstance(machines, list) else ():
        if isinstance(machine, Mapping) and isinstance(machine.get("os"), str):
            system = system_of(machine["os"])
            if system is not None:
                found[str(machine.get("name", ""))] = system
    return World(found)
