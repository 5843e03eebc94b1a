"""What the header of a log tells of the computers: the operating system of each machine, where it is told."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from vss_sim.model.shown import shown
from vss_sim.spec.systems import System, system_named
from vss_sim.trace.values import parse_guid

_NOTHING: Final[Mapping[str, Any]] = {}
_HARDWARE: Final = "VSS_PROV_HARDWARE"


class World(Struct, frozen=True):
    """Machine → its operating system, as a system and by its whole name, and the cluster whose node it is.

    `volumes` are those that it describes. A log that names no machine is of the only one there is.
    """

    systems: Mapping[str, System]
    names: Mapping[str, str]
    clusters: Mapping[str, str]
    volumes: Mapping[str, Mapping[str, Mapping[str, Any]]]
    hosts: Mapping[tuple[str, str], str] = {}
    """Machine and class of a writer → the service that it lives in, by its name in small letters."""
    providers: Mapping[str, frozenset[str]] = {}
    """Machine → the types of its providers, where these are told."""
    hardware: Mapping[str, frozenset[str]] = {}
    """Machine → the ids of its hardware providers, where all of them are told."""

    def has_no_hardware_provider(self, machine: str | None) -> bool:
        """Whether the providers of a machine are told, and none of them is one of hardware."""
        if machine is None and len(self.names) <= 1 and len(self.providers) == 1:
            return _HARDWARE not in next(iter(self.providers.values()))
        return _HARDWARE not in self.providers.get(machine or "", {_HARDWARE})

    def hardware_providers(self, machine: str | None) -> frozenset[str] | None:
        """The ids of the hardware providers of a machine; None where one of them is not told."""
        return self.hardware.get(machine or "")

    def host(self, machine: str | None, writer: str | None) -> str | None:
        """The service that a writer lives in, where that is known."""
        found = {service for (name, kind), service in self.hosts.items() if kind == writer and machine in (None, name)}
        return found.pop() if len(found) == 1 else None

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
        if machine is None and len(self.clusters) == 1 and len(self.names) <= 1:
            return next(iter(self.clusters.values()))
        return self.clusters.get(machine or "")

    def volume(self, machine: str | None, name: str) -> Mapping[str, Any]:
        """What is described of a volume; nothing where the machine has none of this name."""
        return self.volumes_of(machine).get(name.casefold(), _NOTHING)

    def mounted(self, machine: str | None) -> Mapping[str, str]:
        """The folders there in which volumes are mounted, as paths are compared, each with its volume."""
        return {
            shown(str(point).rstrip("\\")): name
            for name, volume in self.volumes_of(machine).items()
            for point in volume.get("mountPoints") or ()
        }

    def compatibility_junctions(self, machine: str | None) -> frozenset[str]:
        """The reparse points there that are hidden and of the system, which are never entered."""
        return frozenset(
            shown(path)
            for volume in self.volumes_of(machine).values()
            for path, file in (volume.get("files") or {}).items()
            if isinstance(file, Mapping) and file.get("linkTo") and file.get("hidden") and file.get("system")
        )

    def leads_elsewhere(self, machine: str | None, path: str) -> bool | None:
        """Whether a folder there was a reparse point, or one with a volume mounted in it; None: no volumes are told."""
        volumes = self.volumes_of(machine).values()
        files = (one for volume in volumes for one in (volume.get("files") or {}).items())
        links = (shown(one) for one, file in files if isinstance(file, Mapping) and file.get("linkTo"))
        return (path in self.mounted(machine) or path in links) if volumes else None

    def volumes_of(self, machine: str | None) -> Mapping[str, Mapping[str, Any]]:
        """The volumes of a machine by their names in lower case, where they are told."""
        if machine is None and len(self.volumes) == 1:
            return next(iter(self.volumes.values()))
        return self.volumes.get(machine or "", _NOTHING)


UNKNOWN_WORLD: Final = World({}, {}, {}, {})


def world_of(described: object) -> World:
    """The world as a header describes it; one that is a file of its own is not known here."""
    found = machines_in(described)
    systems = {name: system for name, machine in found if (system := _system(machine.get("os"))) is not None}
    names = {name: str(machine["os"]) for name, machine in found if name in systems}
    clusters = {name: str(machine["cluster"]) for name, machine in found if machine.get("cluster") is not None}
    volumes = {
        name: _volumes(machine["volumes"]) for name, machine in found if isinstance(machine.get("volumes"), list)
    }
    providers = {
        name: _types(machine["providers"]) for name, machine in found if isinstance(machine.get("providers"), list)
    }
    hardware = {
        name: ids
        for name, machine in found
        if isinstance(machine.get("providers"), list) and (ids := _hardware_ids(machine["providers"])) is not None
    }
    return World(systems, names, clusters, volumes, dict(_hosts(described)), providers, hardware)


def _volumes(described: list[Any]) -> dict[str, Mapping[str, Any]]:
    return {shown(str(one.get("name", ""))): one for one in described if isinstance(one, Mapping)}


def _types(described: list[Any]) -> frozenset[str]:
    """The types of providers; one whose type a world leaves out is the system's."""
    return frozenset(str(one.get("type")) for one in described if isinstance(one, Mapping))


def _hardware_ids(described: list[Any]) -> frozenset[str] | None:
    """The ids of the hardware providers; None where one of them has none."""
    hardware = (one for one in described if isinstance(one, Mapping) and one.get("type") == _HARDWARE)
    ids = [parse_guid(one.get("providerId")) for one in hardware]
    return None if None in ids else frozenset(one for one in ids if one is not None)


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
