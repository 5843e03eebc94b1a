"""A backup by components: what the writers declare, from one shadow copy set, file by file.

It makes every call that VSS asks for, in order, and reads files below the devices of the shadow copies. It adds what
has no selectable component above it, so that every other component is implied.
"""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from vss_sim.engine.restoring.documents import (
    FileSet,
    StoredComponent,
    StoredWriter,
    explicit_components,
    read_writer,
)
from vss_sim.engine.restoring.media import Saved
from vss_sim.engine.restoring.program import BC, Caller, Program
from vss_sim.engine.restoring.saving import Saving, volumes_of
from vss_sim.model.objects import Handle
from vss_sim.spec.enums import BackupType


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
    saving = Saving(program, devices)
    document = {(one.writer_id, *one.key): one for one in explicit_components(program, bc, "partial files")}
    for one in chosen:
        explicit = document[one.writer.writer_id, *one.component.key]
        succeeded = saving.component(explicit, one.file_sets, one.writer.excluded)
        program.ask(BC + "SetBackupSucceeded", bc, **one.arguments, bSucceded=succeeded)
    program.finish(BC + "BackupComplete", bc)
    read_status(program, bc)
    text = program.ask(BC + "SaveAsXML", bc)["pbstrXML"]
    program.release(bc)
    files, folders = tuple(saving.files.values()), tuple(saving.folders.values())
    return Saved(text, texts, files, folders, tuple(saving.missed))


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
