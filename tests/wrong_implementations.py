"""Wrong implementations, as they look from outside: the simulator, with what goes in or comes out changed.

Each is wrong in one way that a real implementation could be wrong in, and names a rule that it breaks.
"""

from collections.abc import Iterator
from typing import Final

from tests.mistakes_of_implementations import (
    Wrong,
    answering,
    deaf,
    from_the_last,
    given,
    live,
    named_all_the_same,
    nothing_recovered,
    one_more,
    other,
    other_code,
    other_result,
    revert_cancelled,
    setting,
    state_first,
    to_writers,
    within,
    without,
    without_services,
    world,
    writers,
)

NOT_FOUND: Final = "VSS_E_OBJECT_NOT_FOUND"
_EVENTS: Final = (
    "Identify",
    "PrepareForBackup",
    "PrepareForSnapshot",
    "Freeze",
    "Thaw",
    "PostSnapshot",
    "BackupComplete",
    "BackupShutdown",
    "Abort",
    "PreRestore",
    "PostRestore",
)
_ID: Final = "{99999999-9999-4999-8999-999999999999}"


def wrong_implementations() -> Iterator[Wrong]:
    """All of them."""
    for event in _EVENTS:
        yield Wrong(f"{event} is forgotten", without(event))
    yield Wrong("events come in the wrong order", from_the_last)
    yield Wrong("operations are pending for ever", setting("QueryStatus", "pHrResult", "VSS_S_ASYNC_PENDING"))
    yield Wrong("operations never fail", setting("QueryStatus", "pHrResult", "VSS_S_ASYNC_FINISHED"))
    yield Wrong(
        "Cancel says S_OK", answering("Cancel", {"VSS_S_ASYNC_CANCELLED": "S_OK", "VSS_S_ASYNC_FINISHED": "S_OK"})
    )
    yield Wrong("all objects have one session", setting("GetSessionId", "idSession", _ID))
    yield Wrong("Wait fails", answering("Wait", {"S_OK": "E_UNEXPECTED"}))
    yield Wrong("no writer ever failed", setting("GetWriterStatus GetWriterStatusEx", "phResultFailure", "S_OK"))
    yield Wrong("no extended status shows a failure", setting("GetWriterStatusEx", "phrFailureWriter", "S_OK"))
    yield Wrong("every writer is stable", setting("GetWriterStatus GetWriterStatusEx", "pnStatus", "VSS_WS_STABLE"))
    for method, name in (
        ("GetWriterStatusCount", "pcWriters"),
        ("GetWriterMetadataCount", "pcWriters"),
        ("GetWriterComponentsCount", "pcComponents"),
        ("GetComponentCount", "pcComponents"),
        ("GetFileCounts", "pcComponents"),
        ("GetFileCounts", "pcIncludeFiles"),
        ("GetFileCounts", "pcExcludeFiles"),
        ("GetRestoreMethod", "pcMappings"),
        ("GetPartialFileCount", "pcPartialFiles"),
        ("GetDirectedTargetCount", "pcDirectedTarget"),
        ("GetNewTargetCount", "pcNewTarget"),
        ("GetRestoreSubcomponentCount", "pcRestoreSubcomponent"),
        ("GetDifferencedFilesCount", "pcDifferencedFiles"),
        ("GetAlternateLocationMappingCount", "pcMappings"),
        ("DeleteSnapshots", "plDeletedSnapshots"),
        ("Next", "pceltFetched"),
    ):
        yield Wrong(f"{method} counts one more ({name})", setting(method, name, one_more))
    for method, name, value in (
        ("GetRestoreMethod", "pMethod", "VSS_RME_RESTORE_AT_REBOOT"),
        ("GetRestoreMethod", "pwriterRestore", "VSS_WRE_NEVER"),
        ("GetRestoreMethod", "pbRebootRequired", other),
        ("GetRestoreTarget", "pTarget", "VSS_RT_ALTERNATE"),
        ("GetIdentity", "pUsage", "VSS_UT_OTHER"),
        ("GetIdentity", "pidWriter", _ID),
        ("GetIdentity", "pbstrWriterName", "Writer"),
        ("GetWriterInfo", "pidInstance", _ID),
        ("GetBackupSchema", "pdwSchemaMask", 1),
        ("GetBackupTypeMask", "pdwTypeMask", 0),
        ("GetPath", "pbstrPath", "C:\\"),
        ("GetFilespec", "pbstrFilespec", "*.*"),
        ("GetRecursive", "pbRecursive", other),
        ("IsVolumeSupported", "pbSupportedByThisProvider", other),
        ("IsVolumeSnapshotted", "pbSnapshotsPresent", other),
        ("ShouldBlockRevert", "pbBlock", other),
        ("ExposeSnapshot", "pwszExposed", "Q:\\"),
        ("GetAdditionalRestores", "pbAdditionalRestores", other),
        ("IsSelectedForRestore", "pbSelectedForRestore", other),
        ("GetBackupSucceeded", "pbSucceeded", other),
        ("GetFileRestoreStatus", "pStatus", "VSS_RS_FAILED"),
        ("GetBackupStamp", "pbstrBackupStamp", "stamp"),
        ("GetLogicalPath", "pbstrPath", "elsewhere"),
        ("GetComponentName", "pbstrName", "other"),
        ("StartSnapshotSet", "pSnapshotSetId", "{00000000-0000-0000-0000-000000000000}"),
        ("AddToSnapshotSet", "pidSnapshot", _ID),
        ("DeleteSnapshots", "pNondeletedSnapshotID", _ID),
        ("GetWriterStatus", "pidWriter", _ID),
        ("GetWriterStatus", "pbstrWriter", ""),
    ):
        yield Wrong(f"{method} hands out another {name}", setting(method, name, value))
    for method, structure, name, value in (
        ("GetSnapshotProperties", "pProp", "m_SnapshotId", _ID),
        ("GetSnapshotProperties", "pProp", "m_SnapshotSetId", _ID),
        ("GetSnapshotProperties", "pProp", "m_lSnapshotAttributes", 0),
        ("GetSnapshotProperties", "pProp", "m_eStatus", "VSS_SS_PREPARED"),
        ("GetSnapshotProperties", "pProp", "m_ProviderId", _ID),
        ("GetComponentInfo", "ppInfo", "bSelectable", other),
        ("GetComponentInfo", "ppInfo", "type", "VSS_CT_DATABASE"),
        ("GetComponentInfo", "ppInfo", "cFileCount", one_more),
        ("GetComponentInfo", "ppInfo", "bstrComponentName", "other"),
    ):
        yield Wrong(f"{method} tells another {name}", within(method, structure, name, value))
    for methods, before, instead in (
        ("", "E_INVALIDARG", "VSS_E_BAD_STATE"),
        ("", "VSS_E_BAD_STATE", "E_INVALIDARG"),
        ("", NOT_FOUND, "E_INVALIDARG"),
        ("", "VSS_E_OBJECT_ALREADY_EXISTS", "S_OK"),
        ("", "VSS_E_SNAPSHOT_SET_IN_PROGRESS", "S_OK"),
        ("", "E_ACCESSDENIED", "S_OK"),
        ("", "VSS_E_PROVIDER_NOT_REGISTERED", NOT_FOUND),
        ("", "VSS_E_VOLUME_NOT_SUPPORTED", "S_OK"),
        ("", "VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED", "S_OK"),
        ("", "VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED", "S_OK"),
        ("", "VSS_E_REVERT_IN_PROGRESS", "S_OK"),
        ("", "VSS_E_INVALID_XML_DOCUMENT", "E_INVALIDARG"),
        ("", "E_POINTER", "E_INVALIDARG"),
        ("", "E_NOTIMPL", "S_OK"),
        ("Next", "S_FALSE", "S_OK"),
        ("", "S_FALSE", "S_OK"),
        ("SaveAsXML", "S_OK", "VSS_E_BAD_STATE"),
        ("InitializeForRestore", "S_OK", "VSS_E_INVALID_XML_DOCUMENT"),
        ("AbortBackup", "S_OK", "VSS_E_BAD_STATE"),
        ("AddComponent", "S_OK", "VSS_E_OBJECT_ALREADY_EXISTS"),
    ):
        where = f"{methods}: " if methods else ""
        yield Wrong(f"{where}{instead} in place of {before}", answering(methods, {before: instead}))
    yield Wrong(
        "a mapping is recorded wrongly", before=given("AddAlternativeLocationMapping", "wszDestination", "C:\\wrong")
    )
    yield Wrong("a new target is recorded wrongly", before=given("AddNewTarget", "wszAlternatePath", "C:\\wrong"))
    yield Wrong("the success of a component is turned round", before=given("SetBackupSucceeded", "bSucceded", other))
    yield Wrong("the wrong component is selected", before=given("SetSelectedForRestore", "bSelectedForRestore", other))
    yield Wrong("the kind of backup is lost", before=given("SetBackupState", "backupType", "VSS_BT_OTHER"))
    yield Wrong("every context is that of a backup", before=given("SetContext", "lContext", "VSS_CTX_BACKUP"))
    yield Wrong("every status of files is good", before=given("SetFileRestoreStatus", "status", "VSS_RS_ALL"))
    yield Wrong("one more object is asked for", before=given("Next", "celt", one_more))
    yield Wrong("who calls is not looked at", before=world(lambda machine: machine.pop("requester", None)))
    yield Wrong("which Windows it is does not matter", before=world(lambda machine: machine.pop("os", None)))
    yield Wrong("the registry is not read", before=world(lambda machine: machine.pop("registry", None)))
    yield Wrong("services do not matter", before=without_services)
    yield Wrong(
        "providers are not asked",
        before=world(lambda machine: [one.pop("replies", None) for one in machine.get("providers", ())]),
    )
    yield Wrong("there is one provider", before=world(lambda machine: machine.pop("providers", None)))
    yield Wrong("what fails by script does not", before=world(lambda machine: machine.pop("answers", None)))
    yield Wrong("shadow copies of before are lost", before=world(lambda machine: machine.pop("snapshots", None)))
    yield Wrong("writers never fail", before=writers(lambda writer: writer.pop("replies", None)))
    yield Wrong("restore methods are lost", before=writers(lambda writer: writer.pop("restoreMethod", None)))
    yield Wrong("mappings are lost", before=writers(lambda writer: writer.pop("alternateLocationMappings", None)))
    yield Wrong("schemas are lost", before=writers(lambda writer: writer.pop("backupSchema", None)))
    yield Wrong("components are lost", before=writers(lambda writer: writer.pop("components", None)))
    yield Wrong("a restart changes nothing", before=deaf("reboot"))
    yield Wrong("services never stop", before=deaf("service stops"))
    yield Wrong("a LUN leaks: masked, it is seen all the same", before=deaf("LUN masked"))
    yield Wrong("a shadow copy shows the volume as it is now", before=live)
    yield Wrong("arguments are looked at after the state", remembers=state_first)
    yield Wrong("a revert can be cancelled", remembers=revert_cancelled)
    for name, after in (
        ("a failed exposure hands out a name", named_all_the_same),
        ("no shadow copy is recovered from", nothing_recovered),
        ("an express writer restores as it likes", answering("SetRestoreMethod", {"E_INVALIDARG": "S_OK"})),
    ):
        yield Wrong(name, after)
    for method in ("GetBackupMetadata", "IsPathAffected", "AreComponentsSelected", "IsWriterShuttingDown"):
        value = "text" if method == "GetBackupMetadata" else other
        yield Wrong(f"{method} tells a writer another thing", to_writers(method, other_result(value)))
    for before, instead in (
        ("VSS_E_BAD_STATE", "S_OK"),
        ("E_INVALIDARG", "S_OK"),
        ("VSS_E_OBJECT_NOT_FOUND", "S_OK"),
        ("S_OK", "E_UNEXPECTED"),
    ):
        yield Wrong(f"{instead} in place of {before} to a writer", to_writers("", other_code(before, instead)))
    yield Wrong("writers are initialised in safe mode", answering("Initialize InitializeEx", {"S_FALSE": "S_OK"}))
    yield Wrong("another account changes nothing", before=deaf("account changes"))
    yield Wrong("there are no writers", before=world(lambda machine: machine.pop("writers", None)))


RULE_OF: Final = {
    "all objects have one session": "session-id-of-the-object",
    "Identify is forgotten": "seq-gather-raises-identify",
    "PrepareForBackup is forgotten": "prepare-backup-raises-event",
    "PrepareForSnapshot is forgotten": "seq-do-event-order",
    "Freeze is forgotten": "seq-do-event-order",
    "Thaw is forgotten": "seq-freeze-then-thaw-or-abort",
    "PostSnapshot is forgotten": "seq-do-completes-after-postsnapshot",
    "BackupComplete is forgotten": "backup-complete-raises-event",
    "BackupShutdown is forgotten": "seq-release-raises-shutdown",
    "Abort is forgotten": "abort-raises-abort",
    "PreRestore is forgotten": "seq-r-unselected-silent",
    "PostRestore is forgotten": "seq-r-unselected-silent",
    "events come in the wrong order": "seq-do-event-order",
    "operations are pending for ever": "async-query-result-codes",
    "operations never fail": "do-set-errors-two-places",
    "Cancel says S_OK": "async-cancel-after-end",
    "Wait fails": "async-wait-then-query",
    "no writer ever failed": "wr-status-shown",
    "no extended status shows a failure": "wr-status-shown",
    "every writer is stable": "wr-status-shown",
    "GetWriterStatusCount counts one more (pcWriters)": "wr-status-only-identified",
    "GetWriterMetadataCount counts one more (pcWriters)": "disable-classes-all-instances",
    "GetWriterComponentsCount counts one more (pcComponents)": "get-writer-components-count-meaning",
    "GetComponentCount counts one more (pcComponents)": "comp-only-explicit",
    "GetFileCounts counts one more (pcComponents)": "doc-wmd-one-writer",
    "GetFileCounts counts one more (pcIncludeFiles)": "doc-wmd-no-include-list",
    "GetFileCounts counts one more (pcExcludeFiles)": "doc-wmd-writer-level",
    "GetRestoreMethod counts one more (pcMappings)": "doc-wmd-writer-level",
    "GetPartialFileCount counts one more (pcPartialFiles)": "doc-bcd-state",
    "GetDirectedTargetCount counts one more (pcDirectedTarget)": "doc-bcd-state",
    "GetNewTargetCount counts one more (pcNewTarget)": "doc-bcd-state",
    "GetRestoreSubcomponentCount counts one more (pcRestoreSubcomponent)": "doc-bcd-explicit-only",
    "GetDifferencedFilesCount counts one more (pcDifferencedFiles)": "doc-bcd-state",
    "GetAlternateLocationMappingCount counts one more (pcMappings)": "comp-alt-mapping-used",
    "DeleteSnapshots counts one more (plDeletedSnapshots)": "sn-delete-sequential",
    "Next counts one more (pceltFetched)": "enum-next-end",
    "GetRestoreMethod hands out another pMethod": "doc-wmd-writer-level",
    "GetRestoreMethod hands out another pwriterRestore": "doc-wmd-writer-level",
    "GetRestoreMethod hands out another pbRebootRequired": "doc-wmd-writer-level",
    "GetRestoreTarget hands out another pTarget": "create-md-restore-method-single",
    "GetIdentity hands out another pUsage": "examine-identity",
    "GetIdentity hands out another pidWriter": "examine-identity",
    "GetIdentity hands out another pbstrWriterName": "examine-identity",
    "GetWriterInfo hands out another pidInstance": "writer-components-index",
    "GetBackupSchema hands out another pdwSchemaMask": "examine-schema-default",
    "GetBackupTypeMask hands out another pdwTypeMask": "path-mask-default",
    "GetPath hands out another pbstrPath": "doc-wmd-writer-level",
    "GetFilespec hands out another pbstrFilespec": "doc-wmd-writer-level",
    "GetRecursive hands out another pbRecursive": "doc-wmd-writer-level",
    "IsVolumeSupported hands out another pbSupportedByThisProvider": "is-volume-supported-ignores-limits",
    "IsVolumeSnapshotted hands out another pbSnapshotsPresent": "seq-release-deletes-autorelease",
    "ShouldBlockRevert hands out another pbBlock": "should-block-revert-source",
    "ExposeSnapshot hands out another pwszExposed": "sn-expose-survives-boot",
    "IsSelectedForRestore hands out another pbSelectedForRestore": "doc-bcd-state",
    "GetAdditionalRestores hands out another pbAdditionalRestores": "get-additional-restores-told",
    "GetBackupSucceeded hands out another pbSucceeded": "doc-bcd-state",
    "GetFileRestoreStatus hands out another pStatus": "doc-bcd-state",
    "GetBackupStamp hands out another pbstrBackupStamp": "get-backup-stamp-source",
    "GetBackupMetadata tells a writer another thing": "doc-bcd-state",
    "IsPathAffected tells a writer another thing": "writer-path-affected-set",
    "AreComponentsSelected tells a writer another thing": "doc-bcd-state",
    "IsWriterShuttingDown tells a writer another thing": "writer-shutting-down-told",
    "S_OK in place of VSS_E_BAD_STATE to a writer": "get-device-name-postsnapshot",
    "S_OK in place of E_INVALIDARG to a writer": "ans-invalid-argument",
    "S_OK in place of VSS_E_OBJECT_NOT_FOUND to a writer": "create-md-filegroup-type",
    "E_UNEXPECTED in place of S_OK to a writer": "wr-veto-code",
    "writers are initialised in safe mode": "writer-init-safe-mode",
    "GetLogicalPath hands out another pbstrPath": "comp-path-name-either",
    "GetComponentName hands out another pbstrName": "comp-path-name-either",
    "StartSnapshotSet hands out another pSnapshotSetId": "get-props-of-its-copy",
    "AddToSnapshotSet hands out another pidSnapshot": "get-props-of-its-copy",
    "DeleteSnapshots hands out another pNondeletedSnapshotID": "sn-delete-sequential",
    "GetWriterStatus hands out another pidWriter": "wr-status-shown",
    "GetWriterStatus hands out another pbstrWriter": "wr-status-shown",
    "GetSnapshotProperties tells another m_SnapshotId": "get-props-of-its-copy",
    "GetSnapshotProperties tells another m_SnapshotSetId": "get-props-of-its-copy",
    "GetSnapshotProperties tells another m_lSnapshotAttributes": "im-attr-imported",
    "GetSnapshotProperties tells another m_eStatus": "get-props-not-during-creation",
    "GetSnapshotProperties tells another m_ProviderId": "add-to-set-default-provider",
    "GetComponentInfo tells another bSelectable": "doc-wmd-one-writer",
    "GetComponentInfo tells another type": "doc-wmd-one-writer",
    "GetComponentInfo tells another cFileCount": "doc-wmd-writer-level",
    "GetComponentInfo tells another bstrComponentName": "doc-wmd-one-writer",
    "VSS_E_BAD_STATE in place of E_INVALIDARG": "query-args",
    "E_INVALIDARG in place of VSS_E_BAD_STATE": "init-restore-state",
    "E_INVALIDARG in place of VSS_E_OBJECT_NOT_FOUND": "set-backup-options-match-component",
    "S_OK in place of VSS_E_OBJECT_ALREADY_EXISTS": "sel-add-duplicate",
    "S_OK in place of VSS_E_SNAPSHOT_SET_IN_PROGRESS": "seq-one-creation-at-a-time",
    "S_OK in place of E_ACCESSDENIED": "sec-account",
    "S_OK in place of VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED": "obs-add-volume-sync-errors",
    "S_OK in place of VSS_E_REVERT_IN_PROGRESS": "revert-one-per-volume",
    "E_INVALIDARG in place of VSS_E_INVALID_XML_DOCUMENT": "init-document-untampered",
    "E_INVALIDARG in place of E_POINTER": "enum-next-free",
    "S_OK in place of E_NOTIMPL": "set-context-xp",
    "Next: S_OK in place of S_FALSE": "enum-next-end",
    "S_OK in place of S_FALSE": "obs-unset-is-s-false",
    "SaveAsXML: VSS_E_BAD_STATE in place of S_OK": "save-xml-backup-only",
    "InitializeForRestore: VSS_E_INVALID_XML_DOCUMENT in place of S_OK": "init-restore-document",
    "AbortBackup: VSS_E_BAD_STATE in place of S_OK": "seq-abort-noop",
    "AddComponent: VSS_E_OBJECT_ALREADY_EXISTS in place of S_OK": "sel-add-duplicate",
    "a mapping is recorded wrongly": "comp-alt-mapping-used",
    "a new target is recorded wrongly": "doc-bcd-state",
    "the success of a component is turned round": "doc-bcd-state",
    "the wrong component is selected": "doc-bcd-state",
    "the kind of backup is lost": "backup-type-undefined-error",
    "every context is that of a backup": "seq-writerless-forbidden",
    "one more object is asked for": "enum-next-end",
    "who calls is not looked at": "sec-account",
    "which Windows it is does not matter": "async-wait-2003-infinite",
    "the registry is not read": "sec-registry-deny",
    "services do not matter": "seq-infrastructure-down",
    "providers are not asked": "do-set-errors-two-places",
    "there is one provider": "sn-prov-not-supporting",
    "what fails by script does not": "seq-async-finished-code",
    "writers never fail": "wr-status-shown",
    "restore methods are lost": "doc-wmd-writer-level",
    "mappings are lost": "doc-wmd-writer-level",
    "schemas are lost": "examine-schema-default",
    "components are lost": "doc-wmd-one-writer",
    "services never stop": "seq-infrastructure-down",
    "VSS_E_OBJECT_NOT_FOUND in place of VSS_E_PROVIDER_NOT_REGISTERED": "sn-prov-unknown",
    "S_OK in place of VSS_E_VOLUME_NOT_SUPPORTED": "sn-revert-unsupported",
    "S_OK in place of VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED": "add-to-set-max-64",
    "every status of files is good": "doc-bcd-state",
    "shadow copies of before are lost": "sn-prov-unknown",
    "a restart changes nothing": "sn-getprops-unknown",
    "a LUN leaks: masked, it is seen all the same": "sn-breakex-revert-collision",
    "a shadow copy shows the volume as it is now": "sn-same-instant",
    "an express writer restores as it likes": "ans-invalid-argument",
    "arguments are looked at after the state": "obs-arguments-before-state",
    "a revert can be cancelled": "revert-status-no-cancel",
    "a failed exposure hands out a name": "expose-null-on-failure",
    "no shadow copy is recovered from": "recovery-set-args",
    "another account changes nothing": "sec-account",
    "there are no writers": "seq-writer-filter-default",
}
"""What is wrong → a rule that it breaks; a case that names the rule finds it out."""

FOUND_BESIDE: Final = {
    "PreRestore is forgotten": "that a writer gets it is inferred from VSS_WRE_ALWAYS (wre-always, assumed)",
    "PostRestore is forgotten": "that a writer gets it is inferred from VSS_WRE_ALWAYS (wre-always, assumed)",
    "Wait fails": "a call may fail unexpectedly (ans-unexpected): that nothing calls for it here, no page makes a rule",
    "E_UNEXPECTED in place of S_OK to a writer": "likewise, of what a writer calls",
    "GetWriterInfo hands out another pidInstance": "no rule says which instance it names, that of the backup or of now",
}
"""Those that fail a case about their rule at a line that breaks no rule, and why there is none to name."""

EQUIVALENT: Final = {
    "components are taken for volumes": "writers alone are told what SetBackupState said of components",
    "every deletion is forced": "no page says what DeleteSnapshots leaves undone unless it is forced",
}
"""What no requester can see, and is therefore made of nobody."""
