"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from attrs import frozen

from vss_sim.spec.systems import System, system_named


@frozen
class World:
    """Machine → its operating system; a log that names no machine is of the only one there is."""

    systems: Mapping[str, System]
    mounts: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    """Machine → folder in which a volume is mounted, in lower case, → the volume."""
    junctions: Mapping[str, frozenset[str]] = MappingProxyType({})
    """Machine → its compatibility junctions."""

    def system(self, machine: str | None) -> System | None:
        """The operating system of a machine, where it is known."""
        return _of(self.systems, machine)

    def mounted(self, machine: str | None) -> Mapping[str, str]:
        """The folders in which volumes are mounted there, each with its volume."""
        return _of(self.mounts, machine) or {}

    def compatibility_junctions(self, machine: str | None) -> frozenset[str]:
        """The junctions there that are never entered."""
        return _of(self.junctions, machine) or frozenset()


_Of = TypeVar("_Of")


def _of(known: Mapping[str, _Of], machine: str | None) -> _Of | None:
    """What is known of a machine; a log that names none is of the only one there is."""
    if machine is None and len(known) == 1:
        return next(iter(known.values()))
    return known.get(machine or "")


UNKNOWN_WORLD: Final = World({})


def world_of(described: object) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    machines = machines_in(described)
    systems = ((name, _system(machine.get("os"))) for name, machine in machines)
    return World(
        {name: system for name, system in systems if system is not None},
        {name: found for name, machine in machines if (found := _mounts(machine))},
        {name: links for name, machine in machines if (links := _junctions(machine))},
    )


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
