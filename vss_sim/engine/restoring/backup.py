"""A backup by components: what the writers declare, from one shadow copy set, file by file.

It makes every call that VSS asks for, in order, and reads files below the devices of the shadow copies. It adds what
has no selectable component above it, so that every other component is implied. What it builds on, an incremental or a
differential backup tells to the writers that stamp theirs (rule inc-stamp-passed).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from vss_sim.engine.restoring.chains import ChainError, base_for, see_mixed
from vss_sim.engine.restoring.documents import (
    Explicit,
    FileSet,
    StoredComponent,
    StoredWriter,
    explicit_components,
    read_writer,
)
from vss_sim.engine.restoring.media import Saved
from vss_sim.engine.restoring.program import BC, Caller, Program
from vss_sim.engine.restoring.saving import Saving, volumes_of
from vss_sim.engine.selection.file_sets import type_for
from vss_sim.model.names import fold
from vss_sim.model.objects import Handle
from vss_sim.model.values import guid
from vss_sim.spec.backup_types import INCREMENTS
from vss_sim.spec.creation import filetime
from vss_sim.spec.enums import BackupSchema, BackupType


class _Chosen(Struct, frozen=True):
    """A component that is added, with the components that it implies."""

    writer: StoredWriter
    component: StoredComponent
    members: tuple[StoredComponent, ...]

    @property
    def named(self) -> dict[str, Any]:
        """What names it to most calls."""
        one = self.component
        return {
            "writerId": self.writer.writer_id,
            "ct": one.type,
            "wszLogicalPath": one.logical_path or None,
            "wszComponentName": one.name,
        }

    @property
    def arguments(self) -> dict[str, Any]:
        """What names it to those that ask for its writer's instance, too."""
        return {"instanceId": self.writer.instance_id, **self.named}

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by from one backup to the next."""
        return _key(self.writer.writer_id, self.component.logical_path, self.component.name)

    @property
    def file_sets(self) -> Iterator[FileSet]:
        return (file_set for member in self.members for file_set in member.file_sets)


def _key(writer_id: str, logical_path: str, name: str) -> tuple[str, str, str]:
    return guid(writer_id), fold(logical_path), fold(name)


def back_up(
    caller: Caller,
    machine: str | None = None,
    *,
    backup_type: BackupType = BackupType.FULL,
    earlier: Sequence[Saved] = (),
    options: str | None = None,
) -> Saved:
    """Back up every component of every writer of a machine (None: the first).

    `earlier` are the backups that were made of it, in their order; `options` are told to the writer of each component.

    Raises:
        ChainError: a backup of this type cannot be made after the earlier ones.
        VssSaidNo: VSS refused a call, or an operation failed.
    """
    base = base_for(backup_type, earlier)
    program = Program(caller, machine)
    stamps = _stamps_of(program, base) if base is not None and backup_type in INCREMENTS else {}
    bc = _begun(program, backup_type)
    writers, texts = _writers(program, bc)
    for writer in writers:
        see_mixed(writer, backup_type, earlier)
    chosen, left_out = _with_what_they_depend_on([one for writer in writers for one in explicit_of(writer)])
    for one in chosen:
        program.ask(BC + "AddComponent", bc, **one.arguments)
        if options is not None:
            program.ask(BC + "SetBackupOptions", bc, **one.named, wszBackupOptions=options)
        if base is not None:
            _build_upon(program, bc, one, base, backup_type, stamps)
    devices = _shadow_copies(program, bc, chosen)
    taken = filetime(caller.world.clock)
    saving = Saving(program, devices, backup_type, base.taken if base is not None else 0)
    saved = _saved_whole(program, bc, chosen, saving)
    return Saved(
        backup_components=_completed(program, bc),
        writers=texts,
        files=tuple(saving.files.values()),
        folders=tuple(saving.folders.values()),
        missed=tuple(saving.missed),
        backup_type=backup_type,
        taken=taken,
        components=saved,
        notes=(*left_out, *saving.notes),
    )


def _completed(program: Program, bc: str) -> str:
    """The document of a backup that is told to have succeeded, and is over."""
    program.finish(BC + "BackupComplete", bc)
    read_status(program, bc)
    text: str = program.ask(BC + "SaveAsXML", bc)["pbstrXML"]
    program.release(bc)
    return text


def _begun(program: Program, backup_type: BackupType) -> str:
    """A backup components object for a backup by components, which has gathered the writers' metadata."""
    bc: str = program.ask("CreateVssBackupComponents")["ppBackup"]
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
    return bc


def _saved_whole(
    program: Program, bc: Handle, chosen: list[_Chosen], saving: Saving
) -> tuple[tuple[str, str, str], ...]:
    """Save the files of each component, and tell its writer how that went; those of which nothing is missed."""
    document = {_key(one.writer_id, *one.key): one for one in explicit_components(program, bc, "backup")}
    saved = []
    for one in chosen:
        succeeded = saving.component(document[one.key], one.file_sets, one.writer)
        program.ask(BC + "SetBackupSucceeded", bc, **one.arguments, bSucceded=succeeded)
        saved += [one.key] if succeeded else []
    return tuple(saved)


def _stamps_of(program: Program, base: Saved) -> dict[tuple[str, str, str], str]:
    """The stamps that writers left in an earlier backup, by component, as its document tells them."""
    bc = program.ask("CreateVssBackupComponents")["ppBackup"]
    program.ask(BC + "InitializeForRestore", bc, bstrXML=base.backup_components)
    found: list[Explicit] = list(explicit_components(program, bc, "stamps"))
    program.release(bc)
    return {_key(one.writer_id, *one.key): one.stamp for one in found if one.stamp is not None}


def _build_upon(
    program: Program,
    bc: Handle,
    one: _Chosen,
    base: Saved,
    backup_type: BackupType,
    stamps: dict[tuple[str, str, str], str],
) -> None:
    """Tie a component to the backup that it builds on (rules inc-base-exists, inc-stamp-passed, inc-stamp-opaque).

    Raises:
        ChainError: the base does not have it.
    """
    if type_for(one.writer.schema, backup_type.value) != backup_type.value:
        return
    if one.key not in base.components:
        raise ChainError(
            f"{one.component.name!r} of {one.writer.name!r} is not in the backup of type {base.backup_type.value} that "
            f"one of type {backup_type.value} builds on: it needs a full backup first (rule inc-base-exists)"
        )
    if one.writer.schema & BackupSchema.TIMESTAMPED and one.key in stamps:
        program.ask(BC + "SetPreviousBackupStamp", bc, **one.named, wszPreviousBackupStamp=stamps[one.key])


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


def _with_what_they_depend_on(chosen: list[_Chosen]) -> tuple[list[_Chosen], list[str]]:
    """Those whose targets are backed up too, and a note on each of the others (rules dep-both, dep-drop-together)."""
    notes: list[str] = []
    while True:
        there = {_key(one.writer.writer_id, *member.key) for one in chosen for member in one.members}
        lacking = {one.key: name for one in chosen for name in _targets_not_in(there, one)}
        if not lacking:
            return chosen, notes
        notes += [
            f"{one.component.name}: not backed up, for it depends on {lacking[one.key]}, which is not"
            for one in chosen
            if one.key in lacking
        ]
        chosen = [one for one in chosen if one.key not in lacking]


def _targets_not_in(there: set[tuple[str, str, str]], one: _Chosen) -> Iterator[str]:
    """The names of what a component depends on that is not there; another computer's is no matter of this backup."""
    for member in one.members:
        for on in member.dependencies:
            if not on.remote and _key(on.writer_id, on.logical_path, on.name) not in there:
                yield on.name


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


def _shadow_copies(program: Program, bc: Handle, chosen: list[_Chosen]) -> dict[str, str]:
    """Volume → the device of its shadow copy."""
    volumes = sorted({name for one in chosen for file_set in one.file_sets for name in volumes_of(program, file_set)})
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
