"""What the pointers into the Backup Components Document tell: a writer's components, and each of them."""

from collections.abc import Callable
from typing import Any, Final

from vss_sim.engine.answers import OF_THE_METHOD, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.reading import FILEDESC, beyond, text, told
from vss_sim.model.document import DocumentComponent, WriterComponents
from vss_sim.model.objects import BackupObject, DocumentPointer, ReadObject
from vss_sim.spec.enums import RestoreTarget
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import IN_A_RESTORE, RESULTS_KNOWN
from vss_sim.spec.protocol.documents import DOCUMENT_METHODS
from vss_sim.spec.table import Profile
from vss_sim.spec.writer_calls import ONLY_WRITERS, is_setter

Arguments = dict[str, Any]
Teller = Callable[[Desk, BackupObject, DocumentComponent, Arguments], Answer]

COMPONENT: Final = "IVssComponent"
WRITER_COMPONENTS: Final = "IVssWriterComponents"


def writer_components(desk: Desk, pointer: DocumentPointer, name: str, arguments: Arguments) -> Answer:
    """The methods of a writer's components."""
    owner = desk.objects[pointer.owner]
    assert isinstance(owner, BackupObject)  # noqa: S101 - a pointer is made by such an object only
    writer: WriterComponents = owner.document.writers[pointer.writer]
    if name == "GetComponentCount":
        return told(pcComponents=len(writer.components))
    if name == "GetWriterInfo":
        return told(pidInstance=writer.instance_id, pidWriter=writer.writer_id)
    index = arguments["iComponent"]
    if index >= len(writer.components):
        words = beyond("iComponent", index, len(writer.components), "components of the writer")
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)
    made = DocumentPointer(
        machine=pointer.machine,
        process=pointer.process,
        family=COMPONENT,
        owner=pointer.owner,
        made_at=owner.pointers,
        writer=pointer.writer,
        component=index,
    )
    return told(ppComponent=desk.make("component", made))


def component(desk: Desk, pointer: DocumentPointer, full_name: str, arguments: Arguments) -> Answer:
    """The methods of one component; what changes it is for writers, in their handlers."""
    name = full_name.rpartition("::")[2]
    if is_setter(full_name):
        return _refused_to_requesters(full_name)
    owner = desk.objects[pointer.owner]
    assert isinstance(owner, BackupObject)  # noqa: S101 - a pointer is made by such an object only
    place = pointer.component or 0
    return TELLERS[name](desk, owner, owner.document.writers[pointer.writer].components[place], arguments)


def _refused_to_requesters(full_name: str) -> Answer:
    """A setter of a component on a requester's object: VSS_E_BAD_STATE by its page, or reserved for all."""
    row = DOCUMENT_METHODS.get(full_name)
    if row is not None and row.reserved:
        return no(HResult.E_NOTIMPL, row.reserved, "it is reserved, and not supported")
    own = [limit.need.rules[0] for limit in row.limits if not limit.need.met] if row is not None else []
    return no(HResult.VSS_E_BAD_STATE, own[0] if own else ONLY_WRITERS, "a requester calls it; only writers may")


def _text(parameter: str, field: str) -> Teller:
    """A text that may not be set: S_FALSE, then."""
    return lambda desk, owner, part, arguments: text(parameter, getattr(part, field))


def _value(parameter: str, field: str) -> Teller:
    return lambda desk, owner, part, arguments: told(**{parameter: getattr(part, field)})


def _count(parameter: str, field: str) -> Teller:
    return lambda desk, owner, part, arguments: told(**{parameter: len(getattr(part, field))})


def _record(parameter: str, field: str, what: str, results: dict[str, str]) -> Teller:
    """One entry of a list, result by result."""

    def tell(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
        things, index = getattr(part, field), arguments[parameter]
        if index >= len(things):
            words = beyond(parameter, index, len(things), f"{what} of the component")
            return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)
        return told(**{result: getattr(things[index], name) for result, name in results.items()})

    return tell


def _mapping(parameter: str, field: str, what: str) -> Teller:
    """One entry of a list, as a file description."""

    def tell(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
        things, index = getattr(part, field), arguments[parameter]
        if index >= len(things):
            words = beyond(parameter, index, len(things), f"{what} of the component")
            return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)
        made = ReadObject(machine=desk.machine_index, process=desk.process, family=FILEDESC, content=things[index])
        return told(ppFiledesc=desk.make("WMFiledesc", made))

    return tell


def _backup_succeeded(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
    """Before BackupComplete the result is undefined, and S_FALSE says so."""
    code = HResult.S_OK if owner.state & RESULTS_KNOWN else HResult.S_FALSE
    return Answer(code, {"pbSucceeded": bool(part.backup_succeeded)})


def _additional(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
    code = HResult.S_FALSE if part.additional_restores is None else HResult.S_OK
    return Answer(code, {"pbAdditionalRestores": bool(part.additional_restores)})


def _failure(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
    failure = part.failure
    if failure is None:
        return told(phr="S_OK", phrApplication="S_OK", pbstrApplicationMessage=None, pdwReserved=0)
    return told(
        phr=failure.hresult,
        phrApplication=failure.application,
        pbstrApplicationMessage=failure.message,
        pdwReserved=0,
    )


def _only_in_a_restore(teller: Teller, *profiles: Profile) -> Teller:
    """A method that is refused, in these profiles, on an object that was not initialised for restore."""

    def tell(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
        if desk.profile in profiles and not owner.state & IN_A_RESTORE:
            return no(HResult.VSS_E_BAD_STATE, OF_THE_METHOD, "the object was not initialised for restore")
        return teller(desk, owner, part, arguments)

    return tell


def _restore_target(desk: Desk, owner: BackupObject, part: DocumentComponent, arguments: Arguments) -> Answer:
    """A target that no writer set counts as the original one (rule restore-target-default-original)."""
    if part.restore_target is None and desk.profile is Profile.DOCUMENTED:
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, "restore-target-default-original", "no writer set a target")
    return told(pTarget=part.restore_target or RestoreTarget.ORIGINAL)


_RANGES: Final = {
    "pbstrSourcePath": "source_path",
    "pbstrSourceFileName": "source_filename",
    "pbstrSourceRangeList": "source_ranges",
    "pbstrDestinationPath": "destination_path",
    "pbstrDestinationFilename": "destination_filename",
    "pbstrDestinationRangeList": "destination_ranges",
}
_PARTIAL: Final = {
    "pbstrPath": "path",
    "pbstrFilename": "filename",
    "pbstrRange": "ranges_now",
    "pbstrMetadata": "metadata",
}
_DIFFERENCED: Final = {
    "pbstrPath": "path",
    "pbstrFilespec": "filespec",
    "pbRecursive": "recursive",
    "pbstrLsnString": "lsn",
    "pftLastModifyTime": "last_modify_time",
}
_SUBCOMPONENT: Final = {"pbstrLogicalPath": "logical_path", "pbstrComponentName": "name", "pbRepair": "repair"}

TELLERS: Final[dict[str, Teller]] = {
    "GetLogicalPath": lambda desk, owner, part, arguments: text("pbstrPath", part.logical_path or None),
    "GetComponentType": _value("pct", "type"),
    "GetComponentName": lambda desk, owner, part, arguments: text("pbstrName", part.name or None),
    "GetBackupSucceeded": _backup_succeeded,
    "GetAlternateLocationMappingCount": _count("pcMappings", "alternate_location_mappings"),
    "GetAlternateLocationMapping": _mapping("iMapping", "alternate_location_mappings", "mappings"),
    "GetBackupMetadata": _text("pbstrData", "backup_metadata"),
    "GetPartialFileCount": _count("pcPartialFiles", "partial_files"),
    "GetPartialFile": _record("iPartialFile", "partial_files", "partial files", _PARTIAL),
    "IsSelectedForRestore": _only_in_a_restore(
        _value("pbSelectedForRestore", "selected_for_restore"), Profile.DOCUMENTED
    ),
    "GetAdditionalRestores": _additional,
    "GetNewTargetCount": _count("pcNewTarget", "new_targets"),
    "GetNewTarget": _mapping("iNewTarget", "new_targets", "new targets"),
    "GetDirectedTargetCount": _count("pcDirectedTarget", "directed_targets"),
    "GetDirectedTarget": _record("iDirectedTarget", "directed_targets", "directed targets", _RANGES),
    "GetRestoreMetadata": _text("pbstrRestoreMetadata", "restore_metadata"),
    "GetRestoreTarget": _restore_target,
    "GetPreRestoreFailureMsg": _text("pbstrPreRestoreFailureMsg", "pre_restore_failure"),
    "GetPostRestoreFailureMsg": _text("pbstrPostRestoreFailureMsg", "post_restore_failure"),
    "GetBackupStamp": _text("pbstrBackupStamp", "backup_stamp"),
    "GetPreviousBackupStamp": _text("pbstrBackupStamp", "previous_backup_stamp"),
    "GetBackupOptions": _text("pbstrBackupOptions", "backup_options"),
    "GetRestoreOptions": _text("pbstrRestoreOptions", "restore_options"),
    "GetRestoreSubcomponentCount": _count("pcRestoreSubcomponent", "restore_subcomponents"),
    "GetRestoreSubcomponent": _record("iComponent", "restore_subcomponents", "subcomponents", _SUBCOMPONENT),
    "GetFileRestoreStatus": _only_in_a_restore(_value("pStatus", "file_restore_status"), *Profile),
    "GetDifferencedFilesCount": _count("pcDifferencedFiles", "differenced_files"),
    "GetDifferencedFile": _record("iDifferencedFile", "differenced_files", "differenced files", _DIFFERENCED),
    "GetPrepareForBackupFailureMsg": _text("pbstrFailureMsg", "prepare_failure"),
    "GetPostSnapshotFailureMsg": _text("pbstrFailureMsg", "post_snapshot_failure"),
    "GetAuthoritativeRestore": _value("pbAuth", "authoritative_restore"),
    "GetRollForward": lambda desk, owner, part, arguments: told(
        pRollType=part.roll_forward, pbstrPoint=part.roll_forward_point
    ),
    "GetRestoreName": _value("pbstrName", "restore_name"),
    "GetFailure": _failure,
}
"""Method → what it tells; its setters are a writer's, in its event handlers."""
