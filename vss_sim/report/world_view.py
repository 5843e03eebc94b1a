"""A world as a person looks at it: machines, volumes, files, services, writers with their components, providers.

Long lists are cut off and counted, unless everything is asked for; what a text of the world would do to a terminal is
written as an escape.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from vss_sim.model.computer import Description, File, Machine, Volume
from vss_sim.model.metadata import AlternateLocationMapping, FileSet, WriterComponent
from vss_sim.model.names import component_path
from vss_sim.model.scripts import Timed
from vss_sim.model.writers import Writer
from vss_sim.report.text import counted
from vss_sim.report.words import printable

_STEP: Final = "  "
_FILES: Final = 30
_SETS: Final = 6
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB")
_THOUSAND: Final = 1000


def world_view(description: Description, *, everything: bool = False) -> str:
    """The overview as text; `everything`: no list is cut off."""
    return "\n".join(map(printable, _View(everything=everything).world(description))) + "\n"


def _size(number: int) -> str:
    """Bytes in the largest unit that leaves a whole part."""
    value, unit = float(number), 0
    while value >= _THOUSAND and unit < len(_UNITS) - 1:
        value, unit = value / _THOUSAND, unit + 1
    if not unit:
        return "1 byte" if number == 1 else f"{number} bytes"
    return f"{value:.3g} {_UNITS[unit]}" if value < _THOUSAND else f"{value:,.0f} {_UNITS[unit]}"


def _indented(lines: Iterable[str], steps: int = 1) -> Iterator[str]:
    return (_STEP * steps + line for line in lines)


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A title with its lines below it; no lines, no title."""
    found = list(lines)
    if found:
        yield title
        yield from _indented(found)


class _View:
    """How much of a world is shown."""

    def __init__(self, *, everything: bool) -> None:
        self._everything = everything

    def _first(self, lines: Sequence[str], most: int, word: str) -> Iterator[str]:
        if self._everything or len(lines) <= most + 1:
            yield from lines
            return
        yield from islice(lines, most)
        yield f"... and {len(lines) - most:,} more {word}"

    def world(self, description: Description) -> Iterator[str]:
        for machine in description.machines:
            yield f"{machine.name}: {machine.os}{', in safe mode' if machine.safe_mode else ''}"
            yield from _indented(self._machine(machine))
        yield from _titled("storage", (f"{key}: {_json(value)}" for key, value in _pairs(description.storage)))
        yield from _titled("then", (_json(step) for step in description.then))

    def _machine(self, machine: Machine) -> Iterator[str]:
        yield from _titled("volumes", map(_volume, machine.volumes))
        for volume in machine.volumes:
            yield from _titled(f"files on {volume.name}", self._first(list(_tree(volume)), _FILES, "lines"))
        yield from _titled("services", map(_service, machine.services))
        yield from _titled("writers", (line for writer in machine.writers for line in self._writer(writer)))
        yield from _titled("providers", (line for provider in machine.providers for line in _provider(provider)))
        yield from _titled("shadow copies", map(_rest, machine.snapshots))
        yield from _titled("scripted answers", (_script(answer.to, answer, "to") for answer in machine.answers))
        yield from _titled("happenings", (_script(one.happens, one, "happens") for one in machine.happenings))
        yield from _titled("failing calls", (_script(fault.to, fault, "to") for fault in machine.win32_faults))
        yield from _titled("environment", (f"%{name}% = {value}" for name, value in machine.environment.items()))
        groups = ", ".join(machine.requester.groups) or "no group"
        yield f"requester {machine.requester.account}, in {groups}, with {', '.join(machine.requester.privileges)}"
        yield from _titled("registry", (f"{key}: {_json(value)}" for key, value in _pairs(machine.registry)))
        yield from (f"{key}: {_json(value)}" for key, value in _pairs(machine) if key not in _TOLD_OF_A_MACHINE)

    def _writer(self, writer: Writer) -> Iterator[str]:
        yield f"{writer.name} {writer.writer_id}"
        yield from _indented(self._about_writer(writer))

    def _about_writer(self, writer: Writer) -> Iterator[str]:
        runs = [writer.usage, writer.source, writer.level, *writer.backup_schema]
        runs += ["express"] if writer.express else []
        runs += [f"in the service {writer.hosted_in}"] if writer.hosted_in else []
        runs += [] if writer.running else ["does not run at first"]
        runs += [f"instance {writer.instance_name or writer.instance_id}"] if _is_named(writer) else []
        yield ", ".join(runs)
        if writer.restore_method is not None:
            yield f"restore: {', '.join(_said(writer.restore_method))}"
        elif not writer.express:
            yield "restore: no method declared"
        yield from self._sets("restored instead", map(_mapping, writer.alternate_location_mappings))
        yield from self._sets("excluded", map(_set, writer.exclude_files))
        yield from self._sets("deleted from the shadow copy", map(_set, writer.exclude_from_snapshot_files))
        yield from _titled("components", self._components(writer.components))
        others = ("invalid_metadata", "shutting_down", "freeze_timeout", "max_sessions", "status_seconds")
        usual = Writer(name="", writer_id=writer.writer_id)
        odd = [name for name in others if getattr(writer, name) != getattr(usual, name)]
        yield from (f"{name.replace('_', ' ')}: {_json(getattr(writer, name))}" for name in odd)
        yield from _titled("script", (_script(reply.on, reply, "on") for reply in writer.replies))

    def _sets(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        yield from _titled(title, self._first(list(lines), _SETS, "file sets"))

    def _components(self, components: Sequence[WriterComponent]) -> Iterator[str]:
        """Components below the logical paths and the components that they are under."""
        paths = {component_path(component.logical_path, component.name) for component in components}
        shown: set[str] = set()
        for component in sorted(
            components, key=lambda one: component_path(one.logical_path, one.name).casefold().split("\\")
        ):
            above = component.logical_path.split("\\") if component.logical_path else []
            for depth in range(len(above)):
                path = "\\".join(above[: depth + 1])
                if path not in shown and path not in paths:
                    yield f"{_STEP * depth}{above[depth]}\\"
                shown.add(path)
            yield from _indented(self._component(component), len(above))

    def _component(self, component: WriterComponent) -> Iterator[str]:
        chosen = {
            (True, True): "selectable for backup and restore",
            (True, False): "selectable for backup",
            (False, True): "selectable for restore",
            (False, False): "not selectable",
        }[component.selectable, component.selectable_for_restore]
        kind = component.type.removeprefix("VSS_CT_").lower()
        flags = "".join(f", {flag}" for flag in component.component_flags)
        caption = f" - {component.caption}" if component.caption else ""
        yield f"{component.name} ({kind}, {chosen}{flags}){caption}"
        files = [_set(one) for one in component.files]
        files += [f"{_set(one)} (database)" for one in component.database_files]
        files += [f"{_set(one)} (log)" for one in component.database_log_files]
        yield from _indented(self._first(files, _SETS, "file sets"), 2)
        for wanted in component.dependencies:
            path = f"{wanted.logical_path}\\{wanted.component_name}".lstrip("\\")
            yield f"{_STEP * 2}needs {path} of {wanted.writer_id}"


def _is_named(writer: Writer) -> bool:
    return writer.instance_name is not None or writer.instance_id is not None


def _volume(volume: Volume) -> str:
    files = [file for path, file in volume.files.items() if not path.endswith("\\")]
    used = sum(file.bytes for file in files)
    said = [f"{volume.file_system}", volume.drive_type, _size(volume.capacity)]
    said.append(f"{_size(used)} in {counted(len(files), 'file')}" if files else "no files")
    odd = ("name", "capacity", "fileSystem", "driveType", "files")
    said += [f"{key} {_json(value)}" for key, value in _pairs(volume) if key not in odd]
    return f"{volume.name} {', '.join(said)}"


def _tree(volume: Volume) -> Iterator[str]:
    """Files below their folders, each folder once."""
    shown: set[tuple[str, ...]] = set()
    start = len(volume.name)
    paths = sorted(volume.files, key=lambda path: path.upper().split("\\"))
    for path in paths:
        names = path[start:].split("\\")
        for depth in range(1, len(names)):
            above = tuple(name.upper() for name in names[:depth])
            if above not in shown:
                shown.add(above)
                yield f"{_STEP * (depth - 1)}{names[depth - 1]}\\"
        if names[-1]:
            yield f"{_STEP * (len(names) - 1)}{names[-1]}  {_file(volume.files[path])}"


def _file(file: File) -> str:
    if file.link_to is not None:
        return f"leads to {file.link_to}"
    said = [_size(file.bytes)]
    said += [name.replace("_", " ") for name in ("in_use", "read_only", "hidden", "system") if getattr(file, name)]
    said += [f"denied to {', '.join(file.denied_to)}"] if file.denied_to else []
    return ", ".join(said)


def _service(service: Any) -> str:
    stop = "" if service.stoppable else ", cannot be stopped"
    holds = f", holds {', '.join(service.opens)}" if service.opens else ""
    return f"{service.name}: {service.state}{stop}{holds}"


def _said(described: msgspec.Struct) -> Iterator[str]:
    """The keys that are not as usual, each with its value; the first key is its value alone."""
    for number, (key, value) in enumerate(_pairs(described)):
        text = value if isinstance(value, str) else _json(value)
        yield text if number == 0 else f"{key} {text}"


def _set(files: FileSet) -> str:
    below = ", and below" if files.recursive else ""
    elsewhere = f", found in {files.alternate_path}" if files.alternate_path else ""
    return f"{files.path.removesuffix(chr(92))}\\{files.filespec}{below}{elsewhere}"


def _mapping(mapping: AlternateLocationMapping) -> str:
    below = ", and below" if mapping.recursive else ""
    return f"{mapping.path}\\{mapping.filespec}{below}, to {mapping.destination}"


def _provider(provider: Any) -> Iterator[str]:
    odd = [f", {key} {_json(value)}" for key, value in _pairs(provider) if key not in _TOLD_OF_A_PROVIDER]
    yield f"{provider.name} ({provider.type}){''.join(odd)}"
    yield from _indented(_script(failure.to, failure, "to") for failure in provider.failures)
    yield from _indented(_script(reply.on, reply, "on") for reply in provider.replies)


_TOLD_OF_A_MACHINE: Final = (
    *("name", "os", "safeMode", "volumes", "services", "writers", "providers", "snapshots", "answers", "win32Faults"),
    *("environment", "requester", "registry", "happenings"),
)
_TOLD_OF_A_PROVIDER: Final = ("name", "type", "providerId", "failures", "replies")


def _script(about: str, script: Timed, key: str) -> str:
    """What a script is about, and everything that it says."""
    said = [f"{name} {value if isinstance(value, str) else _json(value)}" for name, value in _pairs(script)]
    return f"{about}: {', '.join(one for one in said if not one.startswith(f'{key} '))}"


def _rest(described: msgspec.Struct) -> str:
    return ", ".join(_said(described))


def _pairs(described: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """The keys that are not as usual."""
    builtins: dict[str, Any] = msgspec.to_builtins(described)
    return iter(builtins.items())


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8")
