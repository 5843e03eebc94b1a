"""What leads nowhere in a world that can be used: names of things that are not there, scripts that never speak.

A world may have such ends on purpose (a service that opens a missing file); more often somebody misspelt a name.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from vss_sim.model.computer import Description, Machine, Provider, ShadowCopy
from vss_sim.model.disk import FileEntry
from vss_sim.model.disks import Disks, locate, new_disks
from vss_sim.model.environment import expand, variables
from vss_sim.model.metadata import FileSet, WriterComponent
from vss_sim.model.names import VERBATIM, parse
from vss_sim.model.scripted_happenings import ScriptedHappening
from vss_sim.model.scripts import Timed
from vss_sim.model.values import guid, meant_by
from vss_sim.model.writers import Writer
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.events import OPTIMIZATION_WRITER
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.win32 import FileError

_OF_VOLUMES: Final = ("AddToSnapshotSet", "DoSnapshotSet", "IsVolumeSnapshotted", "RecoverSet")
"""The calls in which a provider is asked about a volume of the machine itself; in others it is about copies there."""

_NEAR: Final = 0.75
"""Drive letters are not near each other."""


class LooseEnd(NamedTuple):
    """The place of a key in the world (`machines[0].writers[1].hostedIn`), and what does not fit there."""

    place: str
    says: str


def loose_ends(description: Description) -> Iterator[LooseEnd]:
    """All of them, in the order of the machines."""
    luns, originals = _luns(description), _originals(description)
    for number, machine in enumerate(description.machines):
        at, disks = f"machines[{number}]", new_disks(number, machine)
        yield from _of_machine(at, machine, disks, originals)
        for place, script in enumerate(machine.happenings):
            yield from _of_happening(f"{at}.happenings[{place}]", script, disks, luns)
    for number, line in enumerate(description.then):
        yield from _of_then(f"then[{number}]", line)


def _of_then(at: str, line: dict[str, Any]) -> Iterator[LooseEnd]:
    """A happening of a rehearsal that nobody knows, or of which something is not told."""
    what = line.get("happens")
    if what is None:
        return
    if what not in HAPPENINGS:
        known = meant_by(str(what), HAPPENINGS) or f"there are {', '.join(HAPPENINGS)}"
        yield LooseEnd(f"{at}.happens", f"there is no happening {what!r:.60}; {known.strip()}")
        return
    for key in HAPPENINGS[what].keys:
        if key not in line and key != "process":
            yield LooseEnd(at, f"{what!r} needs {key!r}")


def _luns(description: Description) -> set[str] | None:
    """The names by which LUNs can be masked; None: hardware providers make others while the world runs."""
    machines = description.machines
    if any(provider.type is ProviderType.HARDWARE for machine in machines for provider in machine.providers):
        return None
    names = {lun.lun for lun in description.storage.luns}
    names |= {volume.lun for machine in machines for volume in machine.volumes if volume.lun is not None}
    copies = [copy for machine in machines for copy in machine.snapshots]
    return names | {name for copy in copies for name in (copy.snapshot_id, copy.set_id)}


def _originals(description: Description) -> list[str]:
    """The volumes of which a machine may have shadow copies, as any of those that come to it from another one."""
    machines = description.machines
    names = [volume.name for machine in machines for volume in machine.volumes]
    return list(dict.fromkeys([*names, *(copy.volume for machine in machines for copy in machine.snapshots)]))


def _of_happening(at: str, script: ScriptedHappening, disks: Disks, luns: set[str] | None) -> Iterator[LooseEnd]:
    """What is to happen to a file, a LUN or a volume that is not there when the world begins."""
    if script.path is not None and not _is_file(script.path, disks):
        yield LooseEnd(f"{at}.path", f"{script.path!r} is no file of this machine when the world begins")
    if script.lun is not None and luns is not None:
        yield from _missing(f"{at}.lun", script.lun, "LUN", luns)
    root = _root(script.volume) if script.volume is not None else None
    if root is not None and root not in disks.roots:
        yield LooseEnd(f"{at}.volume", f"there is no volume {script.volume!r} on this machine")


def _of_machine(at: str, machine: Machine, disks: Disks, originals: list[str]) -> Iterator[LooseEnd]:
    yield from _of_volumes(at, machine)
    yield from _of_services(at, machine, disks)
    yield from _of_writers(at, machine, disks)
    if machine.registry.files_not_to_snapshot and not any(
        guid(one.writer_id) == OPTIMIZATION_WRITER for one in machine.writers
    ):
        says = f"nobody deletes them: the shadow copy optimization writer, {OPTIMIZATION_WRITER}, is no writer here"
        yield LooseEnd(f"{at}.registry.filesNotToSnapshot", says)
    for number, provider in enumerate(machine.providers):
        yield from _of_provider(f"{at}.providers[{number}]", provider, machine, originals)
    for number, copy in enumerate(machine.snapshots):
        yield from _of_snapshot(f"{at}.snapshots[{number}]", copy, machine)
    yield from _silent(f"{at}.answers", machine.answers)
    yield from _silent(f"{at}.win32Faults", machine.win32_faults)
    yield from _silent(f"{at}.happenings", machine.happenings)
    services = [service.name for service in machine.services]
    for number, fault in enumerate(machine.win32_faults):
        yield from _missing(f"{at}.win32Faults[{number}].service", fault.service, "service", services)


def _missing(place: str, name: str | None, kind: str, known: Iterable[str]) -> Iterator[LooseEnd]:
    """A name that nothing has; names are compared without case."""
    names = list(known)
    if name is None or name.casefold() in {other.casefold() for other in names}:
        return
    close = get_close_matches(name, names, 1, _NEAR)
    there = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(map(repr, names))}" if names else ""
    yield LooseEnd(place, f"there is no {kind} {name!r}{there}")


def _silent(place: str, scripts: Iterable[Timed]) -> Iterator[LooseEnd]:
    for number, script in enumerate(scripts):
        if script.times == 0:
            yield LooseEnd(f"{place}[{number}].times", "this script never speaks")


def _of_volumes(at: str, machine: Machine) -> Iterator[LooseEnd]:
    names = [volume.name for volume in machine.volumes]
    for number, volume in enumerate(machine.volumes):
        place = f"{at}.volumes[{number}]"
        yield from _missing(f"{place}.virtualDiskOn", volume.virtual_disk_on, "volume", names)
        yield from _silent(f"{place}.slowFlushes", volume.slow_flushes)


def _of_services(at: str, machine: Machine, disks: Disks) -> Iterator[LooseEnd]:
    for number, service in enumerate(machine.services):
        for path in service.opens:
            if not _is_file(path, disks):
                says = f"{path!r} is no file of this machine, so {service.name} does not hold it"
                yield LooseEnd(f"{at}.services[{number}].opens", says)


def _is_file(path: str, disks: Disks) -> bool:
    try:
        return isinstance(locate(disks, parse(path, long_paths=True)).entry, FileEntry)
    except FileError:
        return False


def _of_writers(at: str, machine: Machine, disks: Disks) -> Iterator[LooseEnd]:
    services = [service.name for service in machine.services]
    instances: set[str] = set()
    known = variables(machine.environment)
    for number, writer in enumerate(machine.writers):
        place = f"{at}.writers[{number}]"
        if writer.instance_id in instances:
            yield LooseEnd(f"{place}.instanceId", "another writer of the machine has this instance id")
        instances.update(filter(None, (writer.instance_id,)))
        yield from _missing(f"{place}.hostedIn", writer.hosted_in, "service", services)
        method = writer.restore_method
        yield from _missing(f"{place}.restoreMethod", method.service if method else None, "service", services)
        yield from _of_components(place, writer, machine)
        yield from _of_replies(place, writer)
        for key, sets in _file_sets(writer):
            for place_of_set, files in enumerate(sets):
                yield from _of_file_set(f"{place}.{key}[{place_of_set}]", files)
                root = _root(expand(files.path, known))
                if root is not None and root not in disks.roots:
                    yield LooseEnd(f"{place}.{key}", f"{files.path!r} lies on no volume of this machine")


def _of_components(place: str, writer: Writer, machine: Machine) -> Iterator[LooseEnd]:
    seen: set[tuple[str, str]] = set()
    for number, component in enumerate(writer.components):
        key = (component.logical_path, component.name)
        at = f"{place}.components[{number}]"
        if key in seen:
            yield LooseEnd(at, f"another component has the name {component.name!r} under the same logical path")
        seen.add(key)
        yield from _of_dependencies(at, component, machine)


def _of_dependencies(at: str, component: WriterComponent, machine: Machine) -> Iterator[LooseEnd]:
    for number, wanted in enumerate(component.dependencies):
        others = [writer for writer in machine.writers if writer.writer_id == wanted.writer_id]
        if not others:
            yield LooseEnd(f"{at}.dependencies[{number}].writerId", f"no writer here has the id {wanted.writer_id}")
            continue
        there = [(one.logical_path, one.name) for writer in others for one in writer.components]
        if (wanted.logical_path, wanted.component_name) not in there:
            near = [f"{name!r} under {path!r}" for path, name in there]
            says = f"there is no component {wanted.component_name!r} under {wanted.logical_path!r}"
            known = f"; that writer has {', '.join(near)}" if near else "; that writer has none"
            yield LooseEnd(f"{at}.dependencies[{number}].componentName", says + known)


def _of_replies(place: str, writer: Writer) -> Iterator[LooseEnd]:
    names = [component.name for component in writer.components]
    yield from _silent(f"{place}.replies", writer.replies)
    for number, reply in enumerate(writer.replies):
        at = f"{place}.replies[{number}]"
        yield from _missing(f"{at}.component", reply.component, "component", names)
        for step, call in enumerate(reply.calls):
            yield from _missing(f"{at}.calls[{step}].component", call.component, "component", names)


def _file_sets(writer: Writer) -> Iterator[tuple[str, tuple[FileSet, ...]]]:
    """Where file sets stand that name files to save, and which."""
    for number, component in enumerate(writer.components):
        yield f"components[{number}].files", component.files
        yield f"components[{number}].databaseFiles", component.database_files
        yield f"components[{number}].databaseLogFiles", component.database_log_files


def _of_file_set(at: str, files: FileSet) -> Iterator[LooseEnd]:
    """A path with wildcards, a specification with folders: they mean no file (rule path-no-wild-in-path)."""
    plain = files.path.removeprefix(VERBATIM)
    if "*" in plain or "?" in plain:
        yield LooseEnd(f"{at}.path", f"{files.path!r} has a wildcard, which only a file specification may have")
    if "\\" in files.filespec:
        yield LooseEnd(f"{at}.filespec", f"{files.filespec!r} has a backslash; folders belong into the path")


def _of_provider(at: str, provider: Provider, machine: Machine, originals: list[str]) -> Iterator[LooseEnd]:
    names = [volume.name for volume in machine.volumes]
    for name in provider.volumes or ():
        yield from _missing(f"{at}.volumes", name, "volume", names)
    for number, failure in enumerate(provider.failures):
        known = names if failure.to in _OF_VOLUMES else originals
        yield from _missing(f"{at}.failures[{number}].volume", failure.volume, "volume", known)
    for number, reply in enumerate(provider.replies):
        for name in reply.misses:
            yield from _missing(f"{at}.replies[{number}].misses", name, "volume", originals)
    yield from _silent(f"{at}.failures", provider.failures)
    yield from _silent(f"{at}.replies", provider.replies)


def _of_snapshot(at: str, copy: ShadowCopy, machine: Machine) -> Iterator[LooseEnd]:
    if "VSS_VOLSNAP_ATTR_NOT_SURFACED" in copy.attributes:
        return  # it waits for its import, and its volume may be another machine's
    yield from _missing(f"{at}.volume", copy.volume, "volume", [volume.name for volume in machine.volumes])


def _root(path: str) -> str | None:
    """What a path begins with, as it is compared; None for a share, and for what is no absolute path."""
    try:
        root = parse(path if path.endswith("\\") else f"{path}\\", long_paths=True).root
    except FileError:
        return None
    return None if root.startswith("\\\\") else root
