"""Wrong implementations, as they look from outside: the simulator, with what goes in or comes out changed.

Each is wrong in one way that a real implementation could be wrong in, and names a rule that it breaks.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final

from msgspec import Struct

from tests.complete_cases import InProcess

Line = dict[str, Any]
Before = Callable[[Line], Line]
After = Callable[[Line, Line], Line]

NOT_FOUND: Final = "VSS_E_OBJECT_NOT_FOUND"


def _as_it_is(message: Line) -> Line:
    return message


def _as_it_comes(_: Line, reply: Line) -> Line:
    return reply


class Wrong(Struct, frozen=True):
    """What is wrong with it, and how messages and replies are changed."""

    name: str
    after: After = _as_it_comes
    before: Before = _as_it_is
    remembers: Callable[[], After] | None = None
    """Makes an `after` that remembers what was said to one implementation."""

    @property
    def rule(self) -> str:
        """A rule that it breaks."""
        return RULE_OF[self.name]

    def say(self) -> Callable[[Line], Line]:
        """A fresh implementation of this kind."""
        partner = InProcess()
        after = self.after if self.remembers is None else self.remembers()
        return lambda message: after(message, partner.say(self.before(deepcopy(message))))


def _method(message: Line) -> str:
    return str(message.get("call", "")).rpartition("::")[2]


def out(methods: str, change: Callable[[Line], Any]) -> After:
    """What these methods (joined by a blank) hand out is changed."""
    names = methods.split()

    def after(message: Line, reply: Line) -> Line:
        if _method(message) in names and isinstance(reply.get("out"), dict):
            reply = {**reply, "out": dict(reply["out"])}
            change(reply["out"])
        return reply

    return after


def to_writers(methods: str, change: Callable[[Line], Line]) -> After:
    """What writers are answered in their handlers to these methods (none: to all) is changed."""
    names = methods.split()

    def after(_: Line, reply: Line) -> Line:
        if "events" not in reply:
            return reply
        told = [
            change(one) if _is_a_call(one) and (not names or _method(one) in names) else one for one in reply["events"]
        ]
        return {**reply, "events": told}

    return after


def _is_a_call(item: Line) -> bool:
    return "call" in item


def other_code(before: str, instead: str) -> Callable[[Line], Line]:
    """A code is another one."""
    return lambda line: {**line, "returns": instead} if line.get("returns") == before else line


def other_result(value: Any) -> Callable[[Line], Line]:
    """Each result is another one."""
    return lambda line: {
        **line,
        "out": {name: value(old) if callable(value) else value for name, old in line.get("out", {}).items()},
    }


def setting(methods: str, name: str, value: Any) -> After:
    """A result has another value, if it is there."""

    def change(found: Line) -> None:
        if name in found:
            found[name] = value(found[name]) if callable(value) else value

    return out(methods, change)


def within(methods: str, structure: str, name: str, value: Any) -> After:
    """A member of a structure has another value."""

    def change(found: Line) -> None:
        inner = found.get(structure)
        if isinstance(inner, dict) and name in inner:
            found[structure] = {**inner, name: value(inner[name]) if callable(value) else value}

    return out(methods, change)


def answering(methods: str, instead: dict[str, str]) -> After:
    """Codes of these methods (none: of all) are others."""
    names = methods.split()

    def after(message: Line, reply: Line) -> Line:
        code = reply.get("returns")
        if isinstance(code, str) and code in instead and (not names or _method(message) in names):
            return {**reply, "returns": instead[code]}
        return reply

    return after


def without(event: str) -> After:
    """An event is never raised."""

    def after(_: Line, reply: Line) -> Line:
        kept = [one for one in reply.get("events", ()) if one.get("event") != event]
        return {**reply, "events": kept} if "events" in reply else reply

    return after


def _reversed(_: Line, reply: Line) -> Line:
    return {**reply, "events": reply["events"][::-1]} if "events" in reply else reply


def given(methods: str, name: str, value: Any) -> Before:
    """An argument is taken for another one."""
    names = methods.split()

    def before(message: Line) -> Line:
        if _method(message) in names and name in (message.get("in") or {}):
            old = message["in"][name]
            message["in"] = {**message["in"], name: value(old) if callable(value) else value}
        return message

    return before


def world(change: Callable[[Line], Any]) -> Before:
    """Something of the computer is not heeded."""

    def before(message: Line) -> Line:
        if "start" in message:
            for machine in message["start"]["world"]["machines"]:
                change(machine)
        return message

    return before


def _writers(change: Callable[[Line], Any]) -> Before:
    def each(machine: Line) -> None:
        for writer in machine.get("writers", ()):
            change(writer)

    return world(each)


def _deaf(what: str) -> Before:
    """Something that happens does not."""

    def before(message: Line) -> Line:
        if message.get("happens") == what:
            return {"happens": "time passes", "seconds": 0, "id": message["id"]}
        return message

    return before


def _without_services(message: Line) -> Line:
    """There are no services, and what becomes of them is not heard."""
    if str(message.get("happens", "")).startswith("service "):
        return _deaf(message["happens"])(message)
    return world(lambda machine: machine.pop("services", None))(message)


def _state_first() -> After:
    """The state of an object is looked at before the arguments."""
    initialised: set[object] = set()

    def after(message: Line, reply: Line) -> Line:
        if _method(message).startswith("Initialize") and reply.get("returns") == "S_OK":
            initialised.add(message["on"])
        asked = str(message.get("call", "")).startswith("IVssBackupComponents") and message["on"] not in initialised
        if asked and not _method(message).startswith("Initialize") and reply.get("returns") == "E_INVALIDARG":
            return {**reply, "returns": "VSS_E_BAD_STATE"}
        return reply

    return after


def _revert_cancelled() -> After:
    """What watches a revert tells that it was cancelled, once somebody asked for that."""
    watches: set[object] = set()
    cancelled: set[object] = set()

    def after(message: Line, reply: Line) -> Line:
        if _method(message) == "QueryRevertStatus":
            watches.add((reply.get("out") or {}).get("ppAsync"))
        elif _method(message) == "Cancel" and message["on"] in watches:
            cancelled.add(message["on"])
        elif _method(message) == "QueryStatus" and message["on"] in cancelled:
            return {**reply, "out": {**reply["out"], "pHrResult": "VSS_S_ASYNC_CANCELLED"}}
        return reply

    return after


def _named_all_the_same(message: Line, reply: Line) -> Line:
    """An exposure that fails hands out the name that was asked for."""
    if _method(message) == "ExposeSnapshot" and reply.get("returns") != "S_OK":
        return {**reply, "out": {**reply.get("out", {}), "pwszExposed": message["in"]["wszExpose"]}}
    return reply


def _nothing_recovered(message: Line, reply: Line) -> Line:
    """GUID_NULL is taken into a recovery set."""
    named = (message.get("in") or {}).get("snapshotId")
    null = named is not None and not str(named).strip("{}0-")
    return {**reply, "returns": "S_OK"} if _method(message) == "AddSnapshotToRecoverySet" and null else reply


_DEVICE: Final = re.compile(r"(?i)^\\\\\?\\globalroot\\device\\harddiskvolumeshadowcopy1\\")


def _live(message: Line) -> Line:
    """The device of the first shadow copy is the volume C:."""
    given = message.get("in") or {}
    if "lpFileName" in given:
        message["in"] = {**given, "lpFileName": _DEVICE.sub(r"C:\\", str(given["lpFileName"]))}
    return message


def _one_more(value: Any) -> Any:
    return value + 1 if type(value) is int else value


def _other(value: Any) -> Any:
    return not value if type(value) is bool else value


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
    yield Wrong("events come in the wrong order", _reversed)
    yield Wrong("operations are pending for ever", setting("QueryStatus", "pHrResult", "VSS_S_ASYNC_PENDING"))
    yield Wrong("operations never fail", setting("QueryStatus", "pHrResult", "VSS_S_ASYNC_FINISHED"))
    yield Wrong(
        "Cancel says S_OK", answering("Cancel", {"VSS_S_ASYNC_CANCELLED": "S_OK", "VSS_S_ASYNC_FINISHED": "S_OK"})
    )
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
        yield Wrong(f"{method} counts one more ({name})", setting(method, name, _one_more))
    for method, name, value in (
        ("GetRestoreMethod", "pMethod", "VSS_RME_RESTORE_AT_REBOOT"),
        ("GetRestoreMethod", "pwriterRestore", "VSS_WRE_NEVER"),
        ("GetRestoreMethod", "pbRebootRequired", _other),
        ("GetRestoreTarget", "pTarget", "VSS_RT_ALTERNATE"),
        ("GetIdentity", "pUsage", "VSS_UT_OTHER"),
        ("GetIdentity", "pidWriter", _ID),
        ("GetIdentity", "pbstrWriterName", "Writer"),
        ("GetWriterInfo", "pidInstance", _ID),
        ("GetBackupSchema", "pdwSchemaMask", 1),
        ("GetBackupTypeMask", "pdwTypeMask", 0),
        ("GetPath", "pbstrPath", "C:\\"),
        ("GetFilespec", "pbstrFilespec", "*.*"),
        ("GetRecursive", "pbRecursive", _other),
        ("IsVolumeSupported", "pbSupportedByThisProvider", _other),
        ("IsVolumeSnapshotted", "pbSnapshotsPresent", _other),
        ("ShouldBlockRevert", "pbBlock", _other),
        ("ExposeSnapshot", "pwszExposed", "Q:\\"),
        ("GetAdditionalRestores", "pbAdditionalRestores", _other),
        ("IsSelectedForRestore", "pbSelectedForRestore", _other),
        ("GetBackupSucceeded", "pbSucceeded", _other),
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
        ("GetComponentInfo", "ppInfo", "bSelectable", _other),
        ("GetComponentInfo", "ppInfo", "type", "VSS_CT_DATABASE"),
        ("GetComponentInfo", "ppInfo", "cFileCount", _one_more),
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
    yield Wrong("the success of a component is turned round", before=given("SetBackupSucceeded", "bSucceded", _other))
    yield Wrong("the wrong component is selected", before=given("SetSelectedForRestore", "bSelectedForRestore", _other))
    yield Wrong("the kind of backup is lost", before=given("SetBackupState", "backupType", "VSS_BT_OTHER"))
    yield Wrong("every context is that of a backup", before=given("SetContext", "lContext", "VSS_CTX_BACKUP"))
    yield Wrong("every status of files is good", before=given("SetFileRestoreStatus", "status", "VSS_RS_ALL"))
    yield Wrong("one more object is asked for", before=given("Next", "celt", _one_more))
    yield Wrong("who calls is not looked at", before=world(lambda machine: machine.pop("requester", None)))
    yield Wrong("which Windows it is does not matter", before=world(lambda machine: machine.pop("os", None)))
    yield Wrong("the registry is not read", before=world(lambda machine: machine.pop("registry", None)))
    yield Wrong("services do not matter", before=_without_services)
    yield Wrong(
        "providers are not asked",
        before=world(lambda machine: [one.pop("replies", None) for one in machine.get("providers", ())]),
    )
    yield Wrong("there is one provider", before=world(lambda machine: machine.pop("providers", None)))
    yield Wrong("what fails by script does not", before=world(lambda machine: machine.pop("answers", None)))
    yield Wrong("shadow copies of before are lost", before=world(lambda machine: machine.pop("snapshots", None)))
    yield Wrong("writers never fail", before=_writers(lambda writer: writer.pop("replies", None)))
    yield Wrong("restore methods are lost", before=_writers(lambda writer: writer.pop("restoreMethod", None)))
    yield Wrong("mappings are lost", before=_writers(lambda writer: writer.pop("alternateLocationMappings", None)))
    yield Wrong("schemas are lost", before=_writers(lambda writer: writer.pop("backupSchema", None)))
    yield Wrong("components are lost", before=_writers(lambda writer: writer.pop("components", None)))
    yield Wrong("a restart changes nothing", before=_deaf("reboot"))
    yield Wrong("services never stop", before=_deaf("service stops"))
    yield Wrong("a LUN leaks: masked, it is seen all the same", before=_deaf("LUN masked"))
    yield Wrong("a shadow copy shows the volume as it is now", before=_live)
    yield Wrong("arguments are looked at after the state", remembers=_state_first)
    yield Wrong("a revert can be cancelled", remembers=_revert_cancelled)
    for name, after in (
        ("a failed exposure hands out a name", _named_all_the_same),
        ("no shadow copy is recovered from", _nothing_recovered),
        ("an express writer restores as it likes", answering("SetRestoreMethod", {"E_INVALIDARG": "S_OK"})),
    ):
        yield Wrong(name, after)
    for method in ("GetBackupMetadata", "IsPathAffected", "AreComponentsSelected", "IsWriterShuttingDown"):
        value = "text" if method == "GetBackupMetadata" else _other
        yield Wrong(f"{method} tells a writer another thing", to_writers(method, other_result(value)))
    for before, instead in (
        ("VSS_E_BAD_STATE", "S_OK"),
        ("E_INVALIDARG", "S_OK"),
        ("VSS_E_OBJECT_NOT_FOUND", "S_OK"),
        ("S_OK", "E_UNEXPECTED"),
    ):
        yield Wrong(f"{instead} in place of {before} to a writer", to_writers("", other_code(before, instead)))
    yield Wrong("writers are initialised in safe mode", answering("Initialize InitializeEx", {"S_FALSE": "S_OK"}))
    yield Wrong("another account changes nothing", before=_deaf("account changes"))
    yield Wrong("there are no writers", before=world(lambda machine: machine.pop("writers", None)))


RULE_OF: Final = {
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
