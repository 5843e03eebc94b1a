"""What the calls of a restore do to the document: what is selected, how and where it is restored, what became of it."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.editing import Place, changed, component_at, find, not_in_document
from vss_sim.engine.reading import beyond
from vss_sim.engine.resync import add_snapshot_to_recovery_set, recover_set
from vss_sim.model.document import DocumentComponent, RestoreSubcomponent
from vss_sim.model.metadata import AlternateLocationMapping
from vss_sim.model.objects import BackupObject
from vss_sim.model.values import GUID_NULL, Guid, guid
from vss_sim.spec.hresult import HResult

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]


def _place(obj: BackupObject, arguments: Arguments) -> Place | Answer:
    path, name = arguments["wszLogicalPath"], arguments["wszComponentName"]
    place = find(obj.document, arguments["writerId"], path, name)
    return not_in_document(path, name) if place is None else place


def _setting(changes: Callable[[Arguments], dict[str, Any]]) -> Callable[[Desk, BackupObject, Arguments], Done]:
    """A call that stores something with a component of the document."""

    def store(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
        place = _place(obj, arguments)
        if isinstance(place, Answer):
            return obj, place
        return replace(obj, document=changed(obj.document, place, **changes(arguments))), OK

    return store


def set_restore_state(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The type of the restore."""
    return replace(obj, document=replace(obj.document, restore_type=arguments["restoreType"])), OK


def set_selected_for_restore(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A component is selected, or not any more; its writer must run here (rule set-selected-live-writer).

    An instance that is named gets it, whoever wrote it (rule set-selected-ex-instance-match).
    """
    place = _place(obj, arguments)
    if isinstance(place, Answer):
        return obj, place
    writer_id, instance = arguments["writerId"], arguments.get("instanceId", GUID_NULL)
    if not _runs(desk, writer_id, instance):
        words = f"no instance of the writer {writer_id} runs on this machine"
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, "set-selected-live-writer", words)
    selected = arguments["bSelectedForRestore"]
    key = component_at(obj.document, place).key
    moved = tuple(one for one in obj.moved if one[:2] != (writer_id, key))
    if selected and instance != GUID_NULL:
        moved = (*moved, (writer_id, key, instance))
    document = changed(obj.document, place, selected_for_restore=selected)
    return replace(obj, document=document, moved=moved), OK


def _runs(desk: Desk, writer_id: Guid, instance: Guid) -> bool:
    return any(
        guid(known.writer.writer_id) == writer_id and known.running and instance in (GUID_NULL, known.instance_id)
        for known in desk.state.writers
    )


def add_restore_subcomponent(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A subcomponent that was implied in the backup is restored by itself."""
    place = _place(obj, arguments)
    if isinstance(place, Answer):
        return obj, place
    component = component_at(obj.document, place)
    chosen = RestoreSubcomponent(
        logical_path=arguments["wszSubComponentLogicalPath"] or "",
        name=arguments["wszSubComponentName"],
        repair=arguments["bRepair"],
    )
    more = (*component.restore_subcomponents, chosen)
    return replace(obj, document=changed(obj.document, place, restore_subcomponents=more)), OK


def add_alternative_location_mapping(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A mapping that was used is written down."""
    return _listed(obj, arguments, "alternate_location_mappings", "wszFilespec", "wszDestination")


def add_new_target(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The files of a file set will go to another place."""
    return _listed(obj, arguments, "new_targets", "wszFileName", "wszAlternatePath")


def _listed(obj: BackupObject, arguments: Arguments, field: str, filespec: str, destination: str) -> Done:
    place = _place(obj, arguments)
    if isinstance(place, Answer):
        return obj, place
    mapping = AlternateLocationMapping(
        path=arguments["wszPath"] or "",
        filespec=arguments[filespec] or "",
        recursive=arguments["bRecursive"],
        destination=arguments[destination] or "",
    )
    component: DocumentComponent = component_at(obj.document, place)
    more = (*getattr(component, field), mapping)
    return replace(obj, document=changed(obj.document, place, **{field: more})), OK


def set_ranges_file_path(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Where the ranges file of a partial file was restored."""
    place = _place(obj, arguments)
    if isinstance(place, Answer):
        return obj, place
    partial = list(component_at(obj.document, place).partial_files)
    index = arguments["iPartialFile"]
    if index >= len(partial):
        words = beyond("iPartialFile", index, len(partial), "partial files of the component")
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, "set-ranges-index", words)
    partial[index] = replace(partial[index], ranges_file=arguments["wszRangesFile"])
    return replace(obj, document=changed(obj.document, place, partial_files=tuple(partial))), OK


RESTORE_CALLS: Final = {
    "SetRestoreState": set_restore_state,
    "SetSelectedForRestore": set_selected_for_restore,
    "SetSelectedForRestoreEx": set_selected_for_restore,
    "AddRestoreSubcomponent": add_restore_subcomponent,
    "AddAlternativeLocationMapping": add_alternative_location_mapping,
    "AddNewTarget": add_new_target,
    "SetRangesFilePath": set_ranges_file_path,
    "AddSnapshotToRecoverySet": add_snapshot_to_recovery_set,
    "RecoverSet": recover_set,
    "SetRestoreOptions": _setting(lambda given: {"restore_options": given["wszRestoreOptions"]}),
    "SetAdditionalRestores": _setting(lambda given: {"additional_restores": given["bAdditionalRestores"]}),
    "SetFileRestoreStatus": _setting(lambda given: {"file_restore_status": given["status"]}),
    "SetAuthoritativeRestore": _setting(lambda given: {"authoritative_restore": given["bAuth"]}),
    "SetRollForward": _setting(
        lambda given: {"roll_forward": given["rollType"], "roll_forward_point": given["wszRollForwardPoint"]},
    ),
    "SetRestoreName": _setting(lambda given: {"restore_name": given["wszRestoreName"]}),
}
"""Method → what it does."""
