"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from vss_sim.spec.systems import System, system_named
from vss_sim.trace.values import parse_guid


@frozen
class World:
    """Machine → its operating system; a log that names no machine is of the only one there is."""

    systems: Mapping[str, System]
    hosts: Mapping[tuple[str, str], str] = {}
    """Machine and class of a writer → the service that it lives in, by its name in small letters."""

    def host(self, machine: str | None, writer: str | None) -> str | None:
        """The service that a writer lives in, where that is known."""
        found = {service for (name, kind), service in self.hosts.items() if kind == writer and machine in (None, name)}
        return found.pop() if len(found) == 1 else None

    def system(self, machine: str | None) -> System | None:
        """The operating system of a machine, where it is known."""
        if machine is None and len(self.systems) == 1:
            return next(iter(self.systems.values()))
        return self.systems.get(machine or "")


UNKNOWN_WORLD: Final = World({})


def world_of(described: object) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    systems = ((name, _system(machine.get("os"))) for name, machine in machines_in(described))
    known = {name: system for name, system in systems if system is not None}
    return World(known, dict(_hosts(described)))


def _hosts(described: object) -> Iterator[tuple[tuple[str, str], str]]:
    for name, machine in machines_in(described):
        writers = machine.get("writers")
        for writer in writers if isinstance(writers, list) else ():
            service = writer.get("hostedIn") if isinstance(writer, Mapping) else None
            kind = parse_guid(writer.get("writerId")) if service else None
            if isinstance(service, str) and kind is not None:
                yield (name, kind), service.casefold()


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
