"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from vss_sim.spec.systems import System, system_named


@frozen
class World:
    """Machine → its operating system, as a system and by its whole name, and the cluster whose node it is.

    A log that names no machine is of the only one there is.
    """

    systems: Mapping[str, System]
    names: Mapping[str, str]
    clusters: Mapping[str, str]

    def system(self, machine: str | None) -> System | None:
        """The operating system of a machine, where it is known."""
        if machine is None and len(self.systems) == 1:
            return next(iter(self.systems.values()))
        return self.systems.get(machine or "")

    def os(self, machine: str | None) -> str | None:
        """The name of that system, its edition included."""
        if machine is None and len(self.names) == 1:
            return next(iter(self.names.values()))
        return self.names.get(machine or "")

    def cluster(self, machine: str | None) -> str | None:
        """The cluster whose node a machine is."""
        return self.clusters.get(machine or "")


UNKNOWN_WORLD: Final = World({}, {}, {})


def world_of(described: object) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    found = machines_in(described)
    systems = {name: system for name, machine in found if (system := _system(machine.get("os"))) is not None}
    names = {name: str(machine["os"]) for name, machine in found if name in systems}
    clusters = {name: str(machine["cluster"]) for name, machine in found if machine.get("cluster") is not None}
    return World(systems, names, clusters)


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
