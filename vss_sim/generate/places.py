"""The computer on which generated cases run, and what their calls pass: what most programs pass, where it exists."""

from functools import cache
from typing import Any, Final

from vss_sim.documents.backup_components import write_backup_components
from vss_sim.model.computer import (
    SYSTEM_PROVIDER,
    Description,
    Machine,
    Provider,
    ScriptedAnswer,
    ShadowCopy,
    Writer,
)
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent, PartialFile, WriterComponents
from vss_sim.model.metadata import FileSet, WriterComponent
from vss_sim.model.world import record_of
from vss_sim.spec.enums import ComponentType, ProviderType
from vss_sim.spec.methods import Direction, Signature

WRITER: Final = "{33333333-0000-4000-8000-000000000001}"
INSTANCE: Final = "{44444444-0000-4000-8000-000000000001}"
HARDWARE: Final = Provider(
    name="Hardware provider",
    type=ProviderType.HARDWARE,
    provider_id="{55555555-0000-4000-8000-000000000001}",
    attributes=("VSS_VOLSNAP_ATTR_TRANSPORTABLE",),
    capabilities=("VSS_PRV_CAPABILITY_LUN_RESYNC",),
)
TRAVELLING: Final = ShadowCopy(
    snapshot_id="{66666666-0000-4000-8000-000000000001}",
    set_id="{66666666-0000-4000-8000-000000000002}",
    context="VSS_CTX_APP_ROLLBACK",
    attributes=("VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_NOT_SURFACED"),
    provider_id=HARDWARE.provider_id or "",
    originating_machine="other",
)
"""A shadow copy that waits on the storage for its import."""
KEPT: Final = ShadowCopy(
    snapshot_id="{66666666-0000-4000-8000-000000000003}", set_id="{66666666-0000-4000-8000-000000000004}"
)
"""A persistent shadow copy that was there before."""
OWNED: Final = ShadowCopy(
    snapshot_id="{66666666-0000-4000-8000-000000000005}",
    set_id="{66666666-0000-4000-8000-000000000006}",
    attributes=("VSS_VOLSNAP_ATTR_HARDWARE_ASSISTED",),
    provider_id=HARDWARE.provider_id or "",
    originating_machine="one",
)
"""One of the hardware provider, made in an earlier backup: it can be broken, and a volume made equal to it again."""
DOCUMENT: Final = "<the document of the backup>"
"""Stands in a case for the document that an earlier backup saved, on the machine from which a shadow copy travels."""
RESTORED: Final = "<the document of the backup that is restored>"
"""Stands for one that an earlier backup of this machine saved."""
_COMPONENT: Final = WriterComponent(
    type=ComponentType.FILEGROUP,
    name="Database",
    selectable=True,
    selectable_for_restore=True,
    files=(FileSet(path="C:\\db", filespec="*"),),
)
_WRITER: Final = Writer(
    name="Sample Writer",
    writer_id=WRITER,
    instance_id=INSTANCE,
    components=(_COMPONENT,),
    backup_schema=("VSS_BS_COPY",),
)


def world(answers: tuple[ScriptedAnswer, ...] = (), *, bare: bool = False) -> Description:
    """One machine with a writer, the system's and a hardware provider, three shadow copies; `bare`: without them."""
    if bare:
        return Description(machines=(Machine(answers=answers),))
    providers = (SYSTEM_PROVIDER, HARDWARE)
    machine = Machine(writers=(_WRITER,), providers=providers, snapshots=(TRAVELLING, KEPT, OWNED), answers=answers)
    return Description(machines=(machine,))


@cache
def documents() -> dict[str, str]:
    """Each document by what stands for it: of an earlier backup of the component, with a shadow copy of it."""
    return {DOCUMENT: _saved(TRAVELLING), RESTORED: _saved(OWNED)}


def _saved(copy: ShadowCopy) -> str:
    component = DocumentComponent(
        type=ComponentType.FILEGROUP,
        logical_path="",
        name="Database",
        backup_succeeded=True,
        partial_files=(PartialFile(path="C:\\db", filename="data.mdf", ranges="0:4096"),),
    )
    saved = WriterComponents(writer_id=WRITER, instance_id=INSTANCE, components=(component,))
    return write_backup_components(
        BackupComponentsDocument(
            select_components=True, snapshot_set_id=copy.set_id, snapshots=(record_of(copy),), writers=(saved,)
        )
    )


_BY_CHOICE: Final[dict[str, dict[str, Any]]] = {
    "no document": {"bstrXML": None},
    "a saved document": {"bstrXML": DOCUMENT},
    "with writers": {"lContext": "VSS_CTX_APP_ROLLBACK"},
    "without writers": {"lContext": "VSS_CTX_NAS_ROLLBACK"},
    "VSS_CTX_ALL": {"lContext": "VSS_CTX_ALL"},
    "components": {"bSelectComponents": True},
    "volumes": {"bSelectComponents": False},
    "selected": {"bSelectedForRestore": True},
    "not selected": {"bSelectedForRestore": False},
}
_BY_NAME: Final[dict[str, Any]] = {
    "bstrXML": DOCUMENT,
    "instanceId": INSTANCE,
    "writerId": WRITER,
    "wszComponentName": "Database",
    "wszLogicalPath": None,
    "pwszVolumeName": "C:\\",
    "pwszVolume": "C:\\",
    "SnapshotId": KEPT.snapshot_id,
    "snapshotId": KEPT.snapshot_id,
    "SnapshotSetId": KEPT.set_id,
    "SnapshotSetID": KEPT.set_id,
    "SourceObjectId": KEPT.snapshot_id,
    "eSourceObjectType": "VSS_OBJECT_SNAPSHOT",
    "eQueriedObjectType": "VSS_OBJECT_NONE",
    "eReturnedObjectsType": "VSS_OBJECT_SNAPSHOT",
    "lAttributes": "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY",
    "wszExpose": "X:\\",
    "wszPathFromRoot": None,
    "wszRestoreOptions": '"*"="Authoritative"',
    "bSucceded": True,
    "rgWriterClassId": [WRITER],
    "rgWriterInstanceId": [INSTANCE],
    "cClassId": 1,
    "cInstanceId": 1,
    "lContext": "VSS_CTX_BACKUP",
    "wszPath": "C:\\db",
    "wszFilespec": "*",
    "wszFileName": "*",
    "wszAlternativePath": "C:\\elsewhere",
    "wszAlternatePath": "C:\\elsewhere",
    "wszSubComponentLogicalPath": "",
    "wszSubComponentName": "Database",
}
_BY_TYPE: Final[dict[str, Any]] = {
    "VSS_ID": "GUID_NULL",
    "const VSS_ID*": [],
    "VSS_COMPONENT_TYPE": "VSS_CT_FILEGROUP",
    "VSS_BACKUP_TYPE": "VSS_BT_FULL",
    "VSS_RESTORE_TYPE": "VSS_RTYPE_BY_COPY",
    "VSS_ROLLFORWARD_TYPE": "VSS_RF_ALL",
    "VSS_FILE_RESTORE_STATUS": "VSS_RS_ALL",
    "BSTR": None,
    "LPCWSTR": "text",
    "VSS_PWSZ": "text",
}


_BY_METHOD: Final[dict[str, dict[str, Any]]] = {
    "InitializeForRestore": {"bstrXML": RESTORED},
    "BreakSnapshotSet": {"SnapshotSetId": OWNED.set_id},
    "BreakSnapshotSetEx": {"SnapshotSetID": OWNED.set_id},
    "AddSnapshotToRecoverySet": {"snapshotId": OWNED.snapshot_id, "pwszDestinationVolume": None},
}


def arguments(signature: Signature, choice: str | None = None) -> dict[str, Any]:
    """What a call passes; what has a default in C++ is left out."""
    special = {**_BY_METHOD.get(signature.name, {}), **_BY_CHOICE.get(choice or "", {})}
    found: dict[str, Any] = {}
    for parameter in signature.parameters:
        if parameter.name in special:
            found[parameter.name] = special[parameter.name]
        elif parameter.direction is not Direction.OUT and parameter.default is None:
            found[parameter.name] = _BY_NAME.get(parameter.name, _BY_TYPE.get(parameter.type, 0))
    return found
