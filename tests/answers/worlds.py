"""The worlds in which the answers are brought about, by name, and the documents that are read in them."""

from typing import Final

from msgspec.structs import replace

from vss_sim.documents.world_file import read_world
from vss_sim.engine import bits
from vss_sim.model.computer import SYSTEM_PROVIDER_ID, Description, Machine, ShadowCopy, Volume
from vss_sim.model.document import (
    BackupComponentsDocument,
    DifferencedFiles,
    DirectedTarget,
    DocumentComponent,
    Failure,
    PartialFile,
    RestoreSubcomponent,
    SnapshotRecord,
    WriterComponents,
)
from vss_sim.model.metadata import AlternateLocationMapping
from vss_sim.spec.enums import ComponentType, FileRestoreStatus, RestoreTarget, RollForwardType

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
INSTANCE: Final = "{5affb034-0000-4000-8000-000000000001}"
HARDWARE: Final = "{4a4a4a4a-0000-4000-8000-000000000001}"
UNKNOWN_ID: Final = "{deadbeef-0000-4000-8000-00000000cafe}"
SNAPSHOT: Final = "{22222222-0000-4000-8000-000000000001}"
SNAPSHOT_SET: Final = "{11111111-0000-4000-8000-000000000001}"
PASSING_SNAPSHOT: Final = "{22222222-0000-4000-8000-000000000002}"
ARRAY_SNAPSHOT: Final = "{22222222-0000-4000-8000-000000000003}"
ARRAY_SET: Final = "{11111111-0000-4000-8000-000000000003}"
ORPHAN: Final = "{22222222-0000-4000-8000-000000000004}"
REMOVABLE_SNAPSHOT: Final = "{22222222-0000-4000-8000-000000000005}"

_FILES: Final = {"path": "C:\\db", "filespec": "*"}
_WRITER: Final = {
    "name": "Sample Writer",
    "writerId": WRITER,
    "instanceId": INSTANCE,
    "hostedIn": "Database",
    "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
    "alternateLocationMappings": [{**_FILES, "destination": "C:\\alt"}],
    "excludeFiles": [_FILES],
    "excludeFromSnapshotFiles": [_FILES],
    "components": [
        {
            "name": "Database",
            "selectableForRestore": True,
            "files": [{**_FILES, "alternatePath": "C:\\dump"}, _FILES],
            "databaseFiles": [_FILES],
            "databaseLogFiles": [_FILES],
            "dependencies": [
                {"writerId": UNKNOWN_ID, "logicalPath": "tree", "componentName": "Other"},
                {"writerId": "GUID_NULL", "componentName": "Nobody's"},
            ],
        }
    ],
}
_BARE_WRITER: Final = {"name": "Bare Writer", "writerId": UNKNOWN_ID}
_SYSTEM: Final = {
    "name": "Microsoft Software Shadow Copy provider 1.0",
    "type": "VSS_PROV_SYSTEM",
    "providerId": SYSTEM_PROVIDER_ID,
}
_ARRAY: Final = {"name": "Array", "type": "VSS_PROV_HARDWARE", "providerId": HARDWARE, "volumes": ["D:\\"]}
_VOLUMES: Final = [
    {
        "name": "C:\\",
        "files": {"C:\\db\\data.mdf": {"content": "v1"}, "C:\\db\\log.ldf": {"content": "", "inUse": True}},
    },
    {"name": "D:\\", "lun": "one"},
    {"name": "E:\\", "driveType": "cdrom", "fileSystem": "CDFS"},
    {"name": "G:\\"},
    {"name": "V:\\", "virtualDiskOn": "G:\\"},
    {"name": "W:\\", "virtualDiskOn": "V:\\"},
]
_COPIES: Final = [
    {"snapshotId": SNAPSHOT, "setId": SNAPSHOT_SET},
    {"snapshotId": PASSING_SNAPSHOT, "setId": "{11111111-0000-4000-8000-000000000002}", "context": "VSS_CTX_BACKUP"},
    {"snapshotId": ARRAY_SNAPSHOT, "setId": ARRAY_SET, "volume": "D:\\", "providerId": HARDWARE,
     "context": "VSS_CTX_APP_ROLLBACK", "attributes": ["VSS_VOLSNAP_ATTR_HARDWARE_ASSISTED"]},
    {"snapshotId": ORPHAN, "setId": "{11111111-0000-4000-8000-000000000004}", "providerId": UNKNOWN_ID,
     "context": "VSS_CTX_APP_ROLLBACK"},
    {"snapshotId": REMOVABLE_SNAPSHOT, "setId": "{11111111-0000-4000-8000-000000000005}", "volume": "E:\\",
     "context": "VSS_CTX_APP_ROLLBACK"},
]  # fmt: skip
_USUAL: Final = {
    "services": [{"name": "Database"}, {"name": "EventSystem"}],
    "volumes": _VOLUMES,
    "writers": [_WRITER, _BARE_WRITER],
    "providers": [_SYSTEM, _ARRAY],
    "snapshots": _COPIES,
}


def _world(**more: object) -> Description:
    return read_world({"machines": [{**_USUAL, **more}]})


def array_that(**more: object) -> Description:
    """A world with a hardware provider that is or does this."""
    return _world(providers=[_SYSTEM, {**_ARRAY, **more}])


def providers_that_fail(call: str, code: str) -> Description:
    """A world whose providers fail what they are asked for in this call."""
    failures = [{"to": call, "fails": code}]
    return _world(providers=[{**_SYSTEM, "failures": failures}, {**_ARRAY, "failures": failures}])


def writer_that_replies(**reply: object) -> Description:
    """A world whose writer answers so."""
    return _world(writers=[{**_WRITER, "replies": [reply]}])


WORLDS: Final[dict[str, Description]] = {
    "usual": _world(),
    "Windows XP": _world(os="Windows XP SP2"),
    "Windows Server 2003": _world(os="Windows Server 2003 SP1"),
    "Windows Server 2008": _world(os="Windows Server 2008"),
    "no event system": _world(services=[{"name": "Database"}, {"name": "EventSystem", "state": "stopped"}]),
    "invalid metadata": _world(writers=[{**_WRITER, "invalidMetadata": True}]),
    "a writer fails Freeze": writer_that_replies(on="Freeze", fails="VSS_E_WRITERERROR_TIMEOUT"),
    "many volumes": read_world({"machines": [{"volumes": [{"name": f"C:\\{n}\\"} for n in range(65)]}]}),
    "no array": _world(providers=[_SYSTEM]),
    "legacy array": array_that(capabilities=["VSS_PRV_CAPABILITY_LEGACY"]),
    "array without resync": array_that(capabilities=["VSS_PRV_CAPABILITY_PLEX"]),
    "array of every volume": array_that(volumes=["C:\\", "D:\\"]),
    "two volumes on a LUN": _world(volumes=[*_VOLUMES, {"name": "F:\\", "lun": "one"}]),
    "dynamic volume": _world(volumes=[*_VOLUMES, {"name": "F:\\", "dynamic": True}]),
    "safe mode": _world(safeMode=True),
    "slow gathering": _world(answers=[{"to": "GatherWriterMetadata", "seconds": 10}]),
}


def _with_512_copies() -> Description:
    copies = tuple(
        ShadowCopy(snapshot_id=f"{{33333333-0000-4000-8000-{number:012x}}}", set_id=SNAPSHOT_SET)
        for number in range(512)
    )
    return Description(machines=(Machine(volumes=(Volume(name="C:\\"),), snapshots=copies),))


WORLDS["512 copies"] = _with_512_copies()

_MAPPING: Final = AlternateLocationMapping(path="C:\\db", filespec="*", destination="C:\\new")
_FULL: Final = DocumentComponent(
    type=ComponentType.FILEGROUP,
    logical_path="tree",
    name="Database",
    backup_succeeded=True,
    backup_options="options",
    previous_backup_stamp="before",
    backup_stamp="now",
    backup_metadata="metadata",
    partial_files=(PartialFile(path="C:\\db", filename="data.mdf", ranges="0:4"),),
    differenced_files=(DifferencedFiles(path="C:\\db", filespec="*", recursive=False),),
    prepare_failure="at PrepareForBackup",
    post_snapshot_failure="at PostSnapshot",
    failure=Failure(hresult="S_OK"),
    selected_for_restore=True,
    restore_subcomponents=(RestoreSubcomponent(logical_path="tree\\Database", name="part"),),
    additional_restores=True,
    restore_options="options",
    restore_metadata="metadata",
    restore_target=RestoreTarget.ALTERNATE,
    directed_targets=(
        DirectedTarget(
            source_path="C:\\db",
            source_filename="a",
            source_ranges="0:4",
            destination_path="C:\\db",
            destination_filename="b",
            destination_ranges="0:4",
        ),
    ),
    new_targets=(_MAPPING,),
    alternate_location_mappings=(_MAPPING,),
    file_restore_status=FileRestoreStatus.ALL,
    pre_restore_failure="at PreRestore",
    post_restore_failure="at PostRestore",
    roll_forward=RollForwardType.ALL,
    restore_name="name",
)
_COMPONENTS: Final = (
    _FULL,
    DocumentComponent(type=ComponentType.FILEGROUP, logical_path="", name="Bare"),
    DocumentComponent(type=ComponentType.FILEGROUP, logical_path="", name=""),
)
_ARRAY_RECORD: Final = SnapshotRecord(
    snapshot_id=ARRAY_SNAPSHOT,
    original_volume="D:\\",
    provider_id=HARDWARE,
    attributes=bits.HARDWARE_ASSISTED,
    originating_machine="one",
    created=0,
)
_RECORDS: Final = (_ARRAY_RECORD, replace(_ARRAY_RECORD, snapshot_id=SNAPSHOT, attributes=0))
SAVED: Final = BackupComponentsDocument(
    select_components=True,
    writers=(WriterComponents(writer_id=WRITER, instance_id=INSTANCE, components=_COMPONENTS),),
    snapshots=_RECORDS,
)
"""What a backup saved: a component with everything, one with nothing, one without a name, two shadow copies."""

SAVED_METADATA: Final = WORLDS["usual"].machines[0].writers[0]
