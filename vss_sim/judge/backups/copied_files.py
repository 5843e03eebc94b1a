r"""The files that a requester copies, against the file sets of the components it saves.

A file is copied from the device object of a shadow copy; which volume that shows, the log tells, and so which file it
is under its normal path. Files of no writer are nobody's concern (rule path-unowned-files). Which file set a file
belongs to is known where the log read it; paths with environment variables are taken as on a usual machine.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.engine.selection.components import ancestors, is_below, key_of
from vss_sim.engine.selection.file_sets import WILD, is_copied, type_for
from vss_sim.judge.backups.seen import FACTS, ComponentFacts, FileSetFacts, Seen, WriterFacts
from vss_sim.judge.backups.selection import demands_shadow_copy
from vss_sim.judge.file_deeds import file_read
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import MEMORY, History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import device_of, on_shadow_copy
from vss_sim.judge.recorded import marked_as_saved
from vss_sim.judge.win32_words import succeeded
from vss_sim.model.environment import expand
from vss_sim.model.names import matches
from vss_sim.model.shown import joined, shown, written
from vss_sim.spec.state import Phase
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_ROOT: Final = re.compile(r"[a-z]:\\")
_DEPTH: Final = 64
EXCLUDED_ALWAYS: Final = "c:\\programdata\\microsoft\\windows\\drm\\"
"""Where the state of digital rights management is.

Page: https://learn.microsoft.com/windows/win32/vss/locating-additional-system-files
"""


class Named(NamedTuple):
    """A file set that has a file: of which component, and whether by the place that it is read from."""

    component: ComponentFacts
    file_set: FileSetFacts
    normal: str
    by_alternate: bool


class FileIndex:
    """The file sets and exclude lists that were read, by their folders."""

    def __init__(self, seen: Seen) -> None:
        self.made_of = seen.kept
        self._sets: dict[str, list[tuple[ComponentFacts, FileSetFacts, str, bool]]] = {}
        self._excludes: dict[str, list[tuple[WriterFacts, FileSetFacts]]] = {}
        for writer in seen.writers.values():
            for one in writer.excludes:
                self._excludes.setdefault(_folder(one.path), []).append((writer, one))
            for component in writer.components.values():
                for one in component.file_sets:
                    self._put(component, one)

    def _put(self, component: ComponentFacts, one: FileSetFacts) -> None:
        normal = _folder(one.path)
        self._sets.setdefault(normal, []).append((component, one, normal, False))
        if one.alternate is not None:
            self._sets.setdefault(_folder(one.alternate), []).append((component, one, normal, True))

    def naming(self, path: str) -> Iterator[Named]:
        """The file sets that have the file of this path, by their normal or by their alternate place."""
        folder, _, name = path.rpartition("\\")
        for here in _up(folder):
            for component, one, normal, by_alternate in self._sets.get(here, ()):
                if (here == folder or one.recursive) and one.filespec is not None and matches(name, one.filespec):
                    yield Named(component, one, joined(normal, _under(here, path)), by_alternate)

    def excluding(self, path: str, writer: WriterFacts) -> FileSetFacts | None:
        """The exclude set of the writer that has the file of this normal path."""
        folder, _, name = path.rpartition("\\")
        for here in _up(folder):
            for owner, one in self._excludes.get(here, ()):
                if owner is writer and (here == folder or one.recursive) and matches(name, one.filespec or ""):
                    return one
        return None


def _folder(path: str | None) -> str:
    return shown(expand(path or "").rstrip("\\"))


def _under(folder: str, path: str) -> str:
    """What follows a folder in a path below it, as the path was written."""
    depth = path[len(folder) :].count("\\")
    return "".join(f"\\{name}" for name in written(path).split("\\")[-depth:])


def _up(folder: str) -> Iterator[str]:
    """A folder and those above it."""
    for _ in range(_DEPTH):
        yield folder
        above, backslash, _ = folder.rpartition("\\")
        if not backslash:
            return
        folder = above


def judge_copied(history: History, step: Step, name: str) -> None:
    """Judge the copying of one file, from a shadow copy or from where it lives."""
    path = file_read(step, name)
    if path is None:
        return
    machine, place = history.machine(step.line), on_shadow_copy(path)
    if place is None:
        _judge_live(history, step, shown(path))
        return
    device, rest = place
    obj = machine.devices.get(device)
    if obj is None or obj.process != str(step.line.process or ""):
        return
    if _is_misspelled(history, step, rest) or not succeeded(step):
        return
    volume = machine.device_volumes.get(device, "")
    if obj.seen is not None and _ROOT.fullmatch(volume):
        _judge_file(history, step, obj, obj.seen, joined(volume, written(rest).removeprefix("\\")))


def _is_misspelled(history: History, step: Step, rest: str) -> bool:
    """A path is put together as file sets ask for it; what is wrong with it is told."""
    folder, _, name = rest.rpartition("\\")
    if WILD & set(name):
        says = f"{name!r} is copied as if it were a file; it stands for every file that it fits"
        history.note(step, Level.WARNING, "path-wildcards", says)
    elif "\\\\" in folder + "\\":
        says = "there are two backslashes in a row; the path of a file set may end with one, or may not"
        history.note(step, Level.WARNING, "path-trailing-backslash", says)
    else:
        return False
    return True


def _judge_file(history: History, step: Step, obj: BackupObject, seen: Seen, path: str) -> None:
    if path.startswith(EXCLUDED_ALWAYS):
        says = f"{written(path)} is of the state of digital rights management, which is not saved"
        history.note(step, Level.WARNING, "path-drm-excluded", says)
    _judge_way(history, step, path)
    named = [one for one in _index(seen).naming(path) if _is_in(obj, one.component)]
    seen.served.update(id(one.component) for one in named)
    _remember(seen, path, *(one.normal for one in named if one.by_alternate))
    if not any(_judge_named(history, step, obj, _index(seen), one) for one in named):
        _judge_whole(history, step, seen, path)


def _judge_way(history: History, step: Step, path: str) -> None:
    """What the header of the log tells to be a mounted folder or a junction is not gone through on a shadow copy."""
    machine = step.line.machine
    mount = next((one for one in history.world.mounted(machine) if path.startswith(one + "\\")), None)
    if mount is not None:
        there = f"{written(path)} lies on the volume that is mounted in {written(mount)}"
        says = f"{there}, which has a shadow copy of its own or none"
        history.note(step, Level.WARNING, "path-mounted-not-through-snapshot", says)
    junctions = history.world.compatibility_junctions(machine)
    junction = next((one for one in junctions if path.startswith(one + "\\")), None)
    if junction is not None:
        says = f"{written(path)} is copied through the compatibility junction {written(junction)}"
        history.note(step, Level.WARNING, "path-compat-junctions", says)


def _index(seen: Seen) -> FileIndex:
    """The index of what was read so far."""
    index = seen.files
    if not isinstance(index, FileIndex) or index.made_of != seen.kept:
        index = seen.files = FileIndex(seen)
    return index


def _remember(seen: Seen, *paths: str) -> None:
    if len(seen.copied) < FACTS:
        seen.copied.update(paths)
    else:
        seen.copied_complete = False


def _is_in(obj: BackupObject, component: ComponentFacts) -> bool:
    """Whether a component is in the backup: it was added, or something selectable above it."""
    owner, own = component.owner, key_of(component.path, component.name or "")
    added = {key_of(key[1], key[2]) for key in obj.components if key[0] == owner.writer}
    if own in added:
        return True
    known = {key_of(*key): one for key, one in owner.components.items()}
    return any(one in added and one in known and known[one].selectable for one in ancestors(own))


def _judge_named(history: History, step: Step, obj: BackupObject, index: FileIndex, one: Named) -> bool:
    component, file_set = one.component, one.file_set
    file = f"{written(one.normal)} of {component.name!r}"
    excluded = index.excluding(one.normal, component.owner)
    if excluded is not None:
        says = f"{file} is copied, and its writer excludes {excluded.filespec!r} there"
        also = ("path-exclude-by-default-path",) if one.by_alternate else ()
        history.note(step, Level.WARNING, "sel-exclude-wins", says, also=also)
    elif file_set.alternate is not None and not one.by_alternate:
        says = f"{file} is to be read from {file_set.alternate}"
        also = ("create-md-filegroup-alternate-path",)
        history.note(step, Level.WARNING, "path-alternate-source", says, also=also)
    elif not _is_wanted(file_set, obj.backup_type, component.owner.schema):
        says = (
            f"{written(one.normal)} of {component.name!r} is copied, and its mask asks for no copy in {obj.backup_type}"
        )
        history.note(step, Level.INFO, "sel-mask-beats-selectability", says)
    else:
        return False
    return True


def _is_wanted(file_set: FileSetFacts, backup_type: str | None, schema: int | None) -> bool:
    """Whether a backup of the type copies the files of a set; what is not known may be so."""
    if file_set.mask is None or backup_type is None:
        return True
    kind = type_for(schema, backup_type)
    return is_copied(file_set.mask, kind, is_log=file_set.is_log)


def _judge_whole(history: History, step: Step, seen: Seen, path: str) -> None:
    """Of a partial file the ranges are saved, whatever its file set says."""
    partial = seen.partial.get(path)
    if partial is not None:
        says = f"the whole of {written(path)} is copied, and its writer asks for its ranges only"
        history.note(step, Level.INFO, "pf-only-ranges", says, partial[1], also=("pf-override-set",))


def _judge_live(history: History, step: Step, path: str) -> None:
    """A file whose mask demands a shadow copy is not read where it lives, once there is one."""
    process = str(step.line.process or "")
    for obj in history.machine(step.line).creators:
        if obj.process != process or obj.seen is None or holds(obj.state, Phase.CREATED.bit) is not Certainty.YES:
            continue
        for one in _index(obj.seen).naming(path):
            if _is_in(obj, one.component) and demands_shadow_copy(one.file_set, obj.backup_type):
                of = f"{written(path)} of {one.component.name!r}"
                says = f"{of} is copied from the volume, and its mask demands a shadow copy"
                also = ("path-alternate-from-snapshot",) if one.by_alternate else ()
                history.note(step, Level.WARNING, "sn-not-live-volume", says, also=also)
                return


def learn_volume(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Which volume the device object of a shadow copy shows."""
    del obj
    machine = history.machine(step.line)
    facts = machine.shadows.get(parse_guid(step.arguments.get("SnapshotId")) or "")
    device = device_of(step.results.get("pProp"))
    if certain and device is not None and facts is not None and facts.volume is not None:
        if len(machine.device_volumes) >= MEMORY:
            machine.device_volumes.clear()
        machine.device_volumes[device] = facts.volume


def uncopied(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """A set is marked as saved: the files its parts name were copied, where the log shows what is copied at all."""
    del history
    seen, key = obj.seen, component_key(line.in_)
    if seen is None or key is None or not seen.copied or not seen.copied_complete or not marked_as_saved(line.in_):
        return
    definer = key_of(key[1], key[2])
    for writer in seen.writers.values():
        parts = [one for one in writer.components.values() if writer.writer == key[0]]
        if not any(id(one) in seen.served for one in parts if key_of(one.path, one.name or "") == definer):
            continue
        for part in parts:
            own = key_of(part.path, part.name or "")
            missing = next((path for path in _named(part, obj.backup_type) if path not in seen.copied), None)
            if missing is not None and is_below(own, definer) and _is_in(obj, part):
                says = f"{written(missing)} of {part.name!r}, which goes with {key[2]!r}, was not copied"
                grounds = tuple(Ground(*mark) for known, mark in obj.components.items() if known[:3] == key)
                yield Finding(number, Level.WARNING, At.REQUESTER, "sel-sub-implied", says, grounds)
                return


def _named(component: ComponentFacts, backup_type: str | None) -> Iterator[str]:
    """The files that a component names one by one and a backup of the type copies, by their normal paths."""
    for one in component.file_sets:
        wanted = _is_wanted(one, backup_type, component.owner.schema)
        if wanted and one.path is not None and one.filespec and not WILD & set(one.filespec):
            yield joined(_folder(one.path), "\\", one.filespec)
