"""Enumerations, and the functions that need no object."""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OF_THE_METHOD, OK, Answer, as_it_is, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.provider_failures import failure_of_any
from vss_sim.engine.reading import METADATA
from vss_sim.engine.volumes import copies_of, find_volume, no_such_volume
from vss_sim.model.metadata import WriterMetadata, joined
from vss_sim.model.objects import BackupObject, Handle, ListObject, ReadObject
from vss_sim.spec.hresult import HResult

Arguments = dict[str, Any]


def next_items(desk: Desk, handle: Handle, listed: ListObject, arguments: Arguments) -> Answer:
    """The next `celt` items, which are the caller's; S_FALSE where fewer are left."""
    asked = arguments["celt"]
    items = listed.items[listed.position : listed.position + asked]
    desk.put(handle, replace(listed, position=listed.position + len(items)))
    code = HResult.S_OK if len(items) == asked else HResult.S_FALSE
    return Answer(code, {"rgelt": as_it_is(items), "pceltFetched": len(items)})


def skip_items(desk: Desk, handle: Handle, listed: ListObject, arguments: Arguments) -> Answer:
    """`celt` items are passed over; S_FALSE where fewer are left."""
    wanted = listed.position + arguments["celt"]
    desk.put(handle, replace(listed, position=min(wanted, len(listed.items))))
    return Answer(HResult.S_OK if wanted <= len(listed.items) else HResult.S_FALSE)


def reset(desk: Desk, handle: Handle, listed: ListObject, arguments: Arguments) -> Answer:
    """Back to the first item."""
    desk.put(handle, replace(listed, position=0))
    return OK


def clone(desk: Desk, handle: Handle, listed: ListObject, arguments: Arguments) -> Answer:
    """Another enumeration that stands where this one does."""
    return Answer(HResult.S_OK, {"ppenum": desk.make("enum", replace(listed, references=1))})


ENUMERATION_CALLS: Final = {"Next": next_items, "Skip": skip_items, "Reset": reset, "Clone": clone}


def create_backup_components(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """A new, uninitialised backup components object."""
    made = BackupObject(machine=desk.machine_index, process=process)
    return Answer(HResult.S_OK, {"ppBackup": desk.make("bc", made)})


def create_examine_writer_metadata(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """An examining object over a saved Writer Metadata Document."""
    document = arguments["bstrXML"]
    if not isinstance(document, WriterMetadata):
        words = "the text given is no Writer Metadata Document"
        return no(HResult.VSS_E_INVALID_XML_DOCUMENT, OF_THE_METHOD, words)
    made = ReadObject(machine=desk.machine_index, process=process, family=METADATA, content=document)
    return Answer(HResult.S_OK, {"ppMetadata": desk.make("metadata", made)})


def is_volume_snapshotted(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """Whether the volume has shadow copies, and what must not be done on it because of them.

    One counts from its commit on, while its set is being created, too (rule is-snapshotted-from-commit).
    """
    volume = find_volume(desk, arguments["pwszVolumeName"] or "")
    if volume is None:
        return no_such_volume(arguments["pwszVolumeName"])
    failure = failure_of_any(desk, "IsVolumeSnapshotted", volume.name)
    if failure is not None:
        return failure
    present = bool(copies_of(desk, volume))
    compatibility = joined(volume.snapshot_compatibility) if present else 0
    return Answer(HResult.S_OK, {"pbSnapshotsPresent": present, "plSnapshotCompatibility": compatibility})


def should_block_revert(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """Whether a writer's data on the volume forbids reverting it."""
    volume = find_volume(desk, arguments["wszVolumeName"] or "")
    return Answer(HResult.S_OK, {"pbBlock": volume is not None and volume.block_revert})


def free_snapshot_properties(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """The memory of the texts is given up."""
    return OK


FUNCTIONS: Final = {
    "CreateVssBackupComponents": create_backup_components,
    "CreateVssExamineWriterMetadata": create_examine_writer_metadata,
    "IsVolumeSnapshotted": is_volume_snapshotted,
    "ShouldBlockRevert": should_block_revert,
    "VssFreeSnapshotProperties": free_snapshot_properties,
}
