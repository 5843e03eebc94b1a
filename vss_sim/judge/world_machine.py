"""What the world in the header of a log tells of one machine: its writers as they were saved, its files and services.

A world is optional, and so is everything in it; what it leaves out is not known. A writer there stands for the metadata
that was stored of it, unless the log reads another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field

from vss_sim.judge.paths import folder_of, path_of
from vss_sim.judge.restoring.restores import FileSet, MappedSet, WriterComponent, WriterDocument
from vss_sim.judge.world import machines_in
from vss_sim.model.shown import shown
from vss_sim.trace.values import parse_guid

_HEADER: Final = (1, "the world in the header describes the writer")
_FILE_LISTS: Final = ("files", "databaseFiles", "databaseLogFiles")
_MOST: Final = 65536
_SETS_TARGET: Final = "SetRestoreTarget"


class WorldWriter(Struct, frozen=True):
    """A writer of the world: its document, the service it runs in, and the targets that it is scripted to set."""

    document: WriterDocument
    hosted_in: str | None
    targets: Mapping[str, str]
    """Component name → the target that its replies to PreRestore set; "" is every component."""
    unknown_target: bool


class WorldMachine(Struct, frozen=True):
    """A machine of the world."""

    writers: Mapping[str, WorldWriter] = field(default_factory=dict)
    files: Mapping[str, bool] = field(default_factory=dict)
    """Path → whether it is a folder."""
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Name of a file → where files of this name are."""
    volumes: frozenset[str] = frozenset()
    """The volumes whose files are told."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Service → its state."""
    groups: frozenset[str] | None = None
    """The groups of the requester's account, where they are told."""

    def there(self, path: str) -> bool | None:
        """Whether the file was there when the log began; None where that is not told."""
        if path in self.files:
            return True
        return False if any(path.startswith(volume) for volume in self.volumes) else None

    def named(self, name: str) -> Sequence[str]:
        """The files of this name that were there when the log began."""
        return self.paths.get(name, ())


NOTHING_KNOWN: Final = WorldMachine()


def world_machines(described: object) -> dict[str, WorldMachine]:
    """Machine → what the world tells of it; a single machine also stands under no name."""
    found = {name: _machine(machine) for name, machine in machines_in(described)}
    if len(found) == 1:
        found[""] = next(iter(found.values()))
    return found


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _machine(machine: Mapping[str, Any]) -> WorldMachine:
    files: dict[str, bool] = {}
    volumes: set[str] = set()
    for volume in _dicts(machine.get("volumes")):
        told, name = volume.get("files"), path_of(volume.get("name"))
        if isinstance(told, Mapping) and name is not None and len(files) + len(told) < _MOST:
            volumes.add(name + "\\")
            files.update((path_of(path) or "", str(path).endswith("\\")) for path in told)
    writers = ((parse_guid(one.get("writerId")), _writer(one)) for one in _dicts(machine.get("writers")))
    services = {
        str(one.get("name", "")).casefold(): str(one.get("state", "running")) for one in _dicts(machine.get("services"))
    }
    requester = machine.get("requester")
    groups = requester.get("groups") if isinstance(requester, Mapping) else None
    return WorldMachine(
        writers={writer: found for writer, found in writers if writer is not None},
        files=files,
        paths=_by_name(path for path, is_folder in files.items() if not is_folder),
        volumes=frozenset(volumes),
        services=services,
        groups=frozenset(str(one).casefold() for one in groups) if isinstance(groups, list) else None,
    )


def _by_name(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(path.rpartition("\\")[2], []).append(path)
    return found


def _writer(described: Mapping[str, Any]) -> WorldWriter:
    hosted = described.get("hostedIn")
    targets: dict[str, str] = {}
    unknown = False
    for reply in _dicts(described.get("replies")):
        if reply.get("on") != "PreRestore":
            continue
        if isinstance(reply.get("setRestoreTarget"), str):
            targets.setdefault(str(reply.get("component") or "").casefold(), reply["setRestoreTarget"])
        unknown = unknown or any(str(one.get("call", "")).endswith(_SETS_TARGET) for one in _dicts(reply.get("calls")))
    return WorldWriter(document_of(described, _HEADER), hosted if isinstance(hosted, str) else None, targets, unknown)


def document_of(described: Mapping[str, Any], told: tuple[int, str]) -> WriterDocument:
    """The metadata of a writer as the keys of a world have it; `told` is where."""
    document = WriterDocument(told)
    way = described.get("restoreMethod")
    if isinstance(way, Mapping):
        document.method_told = told
        document.method = str(way.get("method", "VSS_RME_UNDEFINED"))
        service = way.get("service")
        document.service = service if isinstance(service, str) and service else None
        document.service_unnamed = document.service is None
        document.writer_restore = str(way.get("writerRestore", "VSS_WRE_ALWAYS"))
        document.reboots = bool(way.get("rebootRequired", False))
    else:
        document.method_told, document.method = told, None
    mappings = _dicts(described.get("alternateLocationMappings"))
    document.mappings = len(mappings)
    for mapping in mappings:
        one = MappedSet()
        one.path, one.filespec = folder_of(str(mapping.get("path", ""))), shown(str(mapping.get("filespec", "")))
        one.recursive, one.destination = bool(mapping.get("recursive", False)), path_of(mapping.get("destination"))
        document.mapped.append(one)
    components = _dicts(described.get("components"))
    document.component_count = len(components)
    for component in components:
        for file_set in _file_sets(document, component):
            document.add(file_set)
            if file_set.alternate is not None:
                document.alternates.append(file_set)
    return document


def _file_sets(document: WriterDocument, described: Mapping[str, Any]) -> Iterator[FileSet]:
    component = WriterComponent(document)
    component.key = shown(str(described.get("logicalPath") or "")), shown(str(described.get("name", "")))
    component.selectable = bool(described.get("selectable", True))
    component.selectable_for_restore = bool(described.get("selectableForRestore", False))
    document.components[component.key] = component
    found = [one for name in _FILE_LISTS for one in _dicts(described.get(name))]
    component.file_count = len(found)
    for file_set in found:
        one = FileSet(component)
        one.path, one.filespec = folder_of(str(file_set.get("path", ""))), shown(str(file_set.get("filespec", "")))
        one.recursive, one.alternate = bool(file_set.get("recursive", False)), path_of(file_set.get("alternatePath"))
        yield one
