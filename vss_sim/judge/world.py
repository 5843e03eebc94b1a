"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from vss_sim.spec.systems import System, system_named


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


def world_of(described: object) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    systems = ((name, _system(machine.get("os"))) for name, machine in machines_in(described))
    return World({name: system for name, system in systems if system is not None})


def machines_in(described: object) -> list[tuple[str, Mapping[str, Any]]]:
    """The machines of a world, each with its name."""
    machines = described.get("machines") if isinstance(described, Mapping) else None
    found = [machine for machine in machines if isinstance(machine, Mapping)] if isinstance(machines, list) else []
    return [(str(machine.get("name", "")), machine) for machine in found]


def _system(name: object) -> System | None:
    try:
        return system_named(name) if isinstance(name, str) else None
    except ValueError:
        return None
