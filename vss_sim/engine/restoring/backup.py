"""A backup by components: what the writers declare, from one shadow copy set, file by file.

It makes every call that VSS asks for, in order, and reads files below the devices of the shadow copies. It adds what
has no selectable component above it, so that every other component is implied.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from attrs import frozen

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.engine.ranges import Range, names_a_file, parse_ranges, ranges_file_of, ranges_in
from vss_sim.engine.restoring.documents import (
    Explicit,
    FileSet,
    StoredComponent,
    StoredWriter,
    explicit_components,
    joined,
    read_writer,
)
from vss_sim.engine.restoring.media import Saved, SavedFile
from vss_sim.engine.restoring.program import BC, PIECE, Caller, Program, data_of, listing
from vss_sim.model.names import fold, matches
from vss_sim.model.objects import Handle
from vss_sim.spec.enums import BackupType
from vss_sim.spec.win32 import FileError, Win32Error

LARGEST: Final = 64 << 20
"""A file with more bytes is not backed up here: its bytes would be made and kept, every one."""


@frozen
class _Chosen:
    """A component that is added, with the components that it implies."""

    writer: StoredWriter
    component: StoredComponent
    members: tuple[StoredComponent, ...]

    @property
    def arguments(self) -> dict[str, Any]:
        one = self.component
        return {
            "instanceId": self.writer.instance_id,
            "writerId": self.writer.writer_id,
            "ct": one.type,
            "wszLogicalPath": one.logical_path or None,
            "wszComponentName": one.name,
        }

    @property
    def file_sets(self) -> Iterator[FileSet]:
        return (file_set for member in self.members for file_set in member.file_sets)


def back_up(caller: Caller, machine: str | None = None, *, backup_type: BackupType = BackupType.FULL) -> Saved:
    """Back up every component of every writer of a machine (None: the first).

    Raises:
        VssSaidNo: VSS refused a call, or an operation failed.
        NotSimulated: a file cannot be saved here.
    """
    program = Program(caller, machine)
    bc = program.ask("CreateVssBackupComponents")["ppBackup"]
    program.ask(BC + "InitializeForBackup", bc, bstrXML=None)
    program.ask(BC + "SetContext", bc, lContext="VSS_CTX_BACKUP")
    program.ask(
        BC + "SetBackupState",
        bc,
        bSelectComponents=True,
        bBackupBootableSystemState=False,
        backupType=backup_type,
        bPartialFileSupport=True,
    )
    program.finish(BC + "GatherWriterMetadata", bc)
    writers, texts = _writers(program, bc)
    chosen = [one for writer in writers for one in explicit_of(writer)]
    for one in chosen:
        program.ask(BC + "AddComponent", bc, **one.arguments)
    devices = _shadow_copies(program, bc, chosen)
    files = _files(program, bc, chosen, devices)
    for one in chosen:
        program.ask(BC + "SetBackupSucceeded", bc, **one.arguments, bSucceded=True)
    program.finish(BC + "BackupComplete", bc)
    read_status(program, bc)
    document = program.ask(BC + "SaveAsXML", bc)["pbstrXML"]
    program.release(bc)
    return Saved(document, texts, files)


def _writers(program: Program, bc: Handle) -> tuple[list[StoredWriter], tuple[object, ...]]:
    writers, texts = [], []
    for number in range(program.ask(BC + "GetWriterMetadataCount", bc)["pcWriters"]):
        handle = program.ask(BC + "GetWriterMetadata", bc, iWriter=number)["ppMetadata"]
        writers.append(read_writer(program, handle))
        texts.append(program.ask("IVssExamineWriterMetadata::SaveAsXML", handle)["pbstrXML"])
        program.release(handle)
    program.ask(BC + "FreeWriterMetadata", bc)
    return writers, tuple(texts)


def explicit_of(writer: StoredWriter) -> Iterator[_Chosen]:
    """The components of a writer that have no selectable one above them, each with what it implies."""
    for one in writer.components:
        if any(above.selectable and above.is_above(one) for above in writer.components):
            continue
        yield _Chosen(writer, one, members_of(writer, one))


def members_of(writer: StoredWriter, definer: StoredComponent) -> tuple[StoredComponent, ...]:
    """The component set that a component defines: all below it, if it is selectable (rule sel-set-definition)."""
    below = (one for one in writer.components if definer.is_above(one)) if definer.selectable else ()
    return definer, *below


def read_status(program: Program, bc: Handle) -> dict[str, str]:
    """Ask the writers how they are: writer → its state, of those that failed."""
    program.finish(BC + "GatherWriterStatus", bc)
    failed = {}
    for number in range(program.ask(BC + "GetWriterStatusCount", bc)["pcWriters"]):
        out = program.ask(BC + "GetWriterStatus", bc, iWriter=number)
        if str(out["phResultFailure"]) != "S_OK" and getattr(out["phResultFailure"], "name", "") != "S_OK":
            failed[str(out["pidWriter"])] = str(out["pnStatus"])
    program.ask(BC + "FreeWriterStatus", bc)
    return failed


def volume_of(program: Program, path: str) -> str | None:
    """The volume that a path lies on, as GetVolumePathName would tell; None where there is none."""
    desk = Desk(program.caller.world, program.index)
    folder = path
    while folder:
        try:
            place = find(desk, folder if len(folder) > _DRIVE else folder + "\\").key[0]
        except FileError:
            folder = folder.rpartition("\\")[0]
            continue
        return desk.machine.volumes[place].name if isinstance(place, int) else None
    return None


_DRIVE: Final = 2


def _shadow_copies(program: Program, bc: Handle, chosen: list[_Chosen]) -> dict[str, str]:
    """Volume → the device of its shadow copy."""
    places = {source_of(file_set) for one in chosen for file_set in one.file_sets}
    found = {volume_of(program, place) for place in places}
    volumes = sorted(volume for volume in found if volume is not None)
    if volumes:
        program.ask(BC + "StartSnapshotSet", bc)
    copies = {
        volume: program.ask(BC + "AddToSnapshotSet", bc, pwszVolumeName=volume, ProviderId=None)["pidSnapshot"]
        for volume in volumes
    }
    program.finish(BC + "PrepareForBackup", bc)
    read_status(program, bc)
    if not volumes:
        return {}
    program.finish(BC + "DoSnapshotSet", bc)
    read_status(program, bc)
    devices = {}
    for volume, copy in copies.items():
        properties = program.ask(BC + "GetSnapshotProperties", bc, SnapshotId=copy)["pProp"]
        devices[volume] = str(properties["m_pwszSnapshotDeviceObject"])
    return devices


def source_of(file_set: FileSet) -> str:
    """Where a backup finds the files of a set (rule path-alternate-source)."""
    return file_set.other_place or file_set.place


def _files(program: Program, bc: Handle, chosen: list[_Chosen], devices: dict[str, str]) -> tuple[SavedFile, ...]:
    saved: dict[str, SavedFile] = {}
    document = {(one.writer_id, *one.key): one for one in explicit_components(program, bc, "partial files")}
    for one in chosen:
        explicit = document[one.writer.writer_id, *one.component.key]
        partial = dict(_partial(program, explicit, saved))
        for file_set in one.file_sets:
            for path, source in _of_a_set(program, one.writer, file_set, devices):
                if fold(path) not in saved:
                    saved[fold(path)] = _read(program, path, source, partial.pop(fold(path), None))
        for ranges, path in ((ranges, joined(*name)) for name, ranges in _named(explicit, partial)):
            on_the_copy = _on_the_copy(program, path, devices)
            if on_the_copy is not None:
                saved[fold(path)] = _read(program, path, on_the_copy, ranges)
    return tuple(saved.values())


def _partial(
    program: Program, explicit: Explicit, saved: dict[str, SavedFile]
) -> Iterator[tuple[str, tuple[Range, ...]]]:
    """The partial files of a component with their ranges; a ranges file is saved, too (rule pf-ranges-file-saved)."""
    for one in explicit.partial:
        ranges = parse_ranges(one.ranges)
        if names_a_file(one.ranges):
            path = program.expanded(ranges_file_of(one.ranges))
            listed = _read(program, path, path, None)
            saved.setdefault(fold(path), listed)
            ranges = ranges_in(listed.read(0, listed.size))
        if ranges is None:
            raise NotSimulated(f"{one.name}: {one.ranges!r} is neither a list of ranges nor a ranges file")
        yield fold(joined(one.path, one.name)), ranges


def _named(
    explicit: Explicit, left: dict[str, tuple[Range, ...]]
) -> Iterator[tuple[tuple[str, str], tuple[Range, ...]]]:
    """The partial files that no file set of the component has (they are new)."""
    for one in explicit.partial:
        path = fold(joined(one.path, one.name))
        if path in left:
            yield (one.path, one.name), left[path]


def _on_the_copy(program: Program, path: str, devices: dict[str, str]) -> str | None:
    volume = volume_of(program, path)
    if volume is None or volume not in devices:
        return None
    return devices[volume] + "\\" + path[len(volume) :]


def _of_a_set(
    program: Program, writer: StoredWriter, file_set: FileSet, devices: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """The files of a set: the path that each is saved under, and where it is read."""
    source = source_of(file_set)
    device = _on_the_copy(program, source, devices)
    if device is None:
        return
    waiting = [(file_set.place, device.rstrip("\\"))]
    while waiting:
        path, place = waiting.pop()
        for entry in listing(program, place):
            name, attributes = entry["cFileName"], entry["dwFileAttributes"]
            if "FILE_ATTRIBUTE_REPARSE_POINT" in attributes:
                if file_set.recursive:
                    raise NotSimulated(f"{path}\\{name}: a backup here does not follow reparse points in a file set")
            elif "FILE_ATTRIBUTE_DIRECTORY" in attributes:
                if file_set.recursive:
                    waiting.append((f"{path}\\{name}", f"{place}\\{name}"))
            elif matches(name, file_set.filespec) and not _excluded(writer.excluded, path, name):
                if entry["nFileSize"] > LARGEST:
                    raise NotSimulated(f"{path}\\{name}: files of more than {LARGEST >> 20} MiB are not backed up here")
                yield f"{path}\\{name}", f"{place}\\{name}"


def _excluded(excluded: Iterable[FileSet], folder: str, name: str) -> bool:
    """Whether the writer leaves a file out, by its normal path (rule path-exclude-by-default-path)."""
    here = fold(folder)
    for one in excluded:
        top = fold(one.place)
        inside = here == top or (one.recursive and here.startswith(top + "\\"))
        if inside and matches(name, one.filespec):
            return True
    return False


def _read(program: Program, path: str, source: str, ranges: tuple[Range, ...] | None) -> SavedFile:
    """A file from its shadow copy: the whole, or the ranges that its writer named.

    Raises:
        NotSimulated: it cannot be read.
    """
    code, out = program.win(
        "CreateFile",
        lpFileName=source,
        dwDesiredAccess="GENERIC_READ",
        dwShareMode="FILE_SHARE_READ",
        dwCreationDisposition="OPEN_EXISTING",
        dwFlagsAndAttributes="FILE_FLAG_BACKUP_SEMANTICS",
    )
    if code is not Win32Error.ERROR_SUCCESS:
        raise NotSimulated(f"{path}: the backup cannot read it on the shadow copy ({code.name})")
    handle = out["hFile"]
    size = program.size_of(handle)
    pieces = []
    for offset, length in ranges if ranges is not None else ((0, size),):
        for start in range(offset, offset + length, PIECE):
            wanted = min(PIECE, offset + length - start)
            code, read = program.win("ReadFile", hFile=handle, offset=start, nNumberOfBytesToRead=wanted)
            if code is Win32Error.ERROR_SUCCESS and read["lpNumberOfBytesRead"]:
                pieces.append((start, data_of(read)))
    program.does("CloseHandle", hObject=handle)
    return SavedFile(path, tuple(pieces), size, ranges)
