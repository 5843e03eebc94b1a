"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from attrs import frozen

from vss_sim.spec.systems import System, system_named


@frozen
class World:
    """Machine → its operating system, as a system and by its whole name, and the cluster whose node it is.

    `mounts` has the folders in which volumes are mounted, in lower case, each with its volume; `junctions` those that
    are there for compatibility. A log that names no machine is of the only one there is.
    """

    systems: Mapping[str, System]
    names: Mapping[str, str]
    clusters: Mapping[str, str]
    mounts: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    junctions: Mapping[str, frozenset[str]] = MappingProxyType({})

    def system(self, machine: str | None) -> System | None:
        """The operating system of a machine, where it is known."""
        return _of(self.systems, machine)

    def os(self, machine: str | None) -> str | None:
        """The name of that system, its edition included."""
        return _of(self.names, machine)

    def cluster(self, machine: str | None) -> str | None:
        """The cluster whose node a machine is."""
        return self.clusters.get(machine or "")

    def mounted(self, machine: str | None) -> Mapping[str, str]:
        """The folders in which volumes are mounted there, each with its volume."""
        return _of(self.mounts, machine) or {}

    def compatibility_junctions(self, machine: str | None) -> frozenset[str]:
        """The junctions there that are never entered."""
        return _of(self.junctions, machine) or frozenset()


_Of = TypeVar("_Of")


def _of(known: Mapping[str, _Of], machine: str | None) -> _Of | None:
    """What is known of a machine."""
    if machine is None and len(known) == 1:
        return next(iter(known.values()))
    return known.get(machine or "")


UNKNOWN_WORLD: Final = World({}, {}, {})


def world_of(described: object) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    found = machines_in(described)
    systems = {name: system for name, machine in found if (system := _system(machine.get("os"))) is not None}
    names = {name: str(machine["os"]) for name, machine in found if name in systems}
    clusters = {name: str(machine["cluster"]) for name, machine in found if machine.get("cluster") is not None}
    mounts = {name: folders for name, machine in found if (folders := _mounts(machine))}
    junctions = {name: links for name, machine in found if (links := _junctions(machine))}
    return World(systems, names, clusters, mounts, junctions)


def _volumes(machine: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    volumes = machine.get("volumes")
    return [one for one in volumes if isinstance(one, Mapping)] if isinstance(volumes, list) else []


def _mounts(machine: Mapping[str, Any]) -> dict[str, str]:
    """The folders in which volumes are mounted."""
    found: dict[str, str] = {}
    for volume in _volumes(machine):
        points = volume.get("mountPoints")
        for point in points if isinstance(points, list) else ():
            found[str(point).casefold().rstrip("\\")] = str(volume.get("name", "")).casefold()
    return found


def _junctions(machine: Mapping[str, Any]) -> frozenset[str]:
    """The reparse points that are hidden and of the system."""
    files = (volume.get("files") for volume in _volumes(machine))
    return frozenset(
        path.casefold()
        for found in files
        if isinstance(found, Mapping)
        for path, file in found.items()
        if isinstance(file, Mapping) and file.get("linkTo") and file.get("hidden") and file.get("system")
    )


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
