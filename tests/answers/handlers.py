"""How the answers to a writer's calls are brought about: the handler, the calls before, the arguments."""

from typing import Any, Final

from msgspec import Struct, field

from tests.writers_at_work import Run, writer
from vss_sim.spec.answers import DocumentedAnswer
from vss_sim.spec.events import EVENTS

Given = dict[str, Any]
Call = tuple[str, Given]

CREATE: Final = "IVssCreateWriterMetadata::"
WRITER: Final = "CVssWriter::"
COMPONENT: Final = "IVssComponent::"
SCRIPTED: Final = ("E_OUTOFMEMORY", "VSS_E_UNEXPECTED", "VSS_E_INVALID_XML_DOCUMENT")
HANDLERS: Final = {
    "OnPrepareBackup": "PrepareForBackup",
    "OnPrepareSnapshot": "PrepareForSnapshot",
    "OnIdentifyEx": "Identify",
    **{f"On{event}": event for event in EVENTS},
}
"""Method of the writer's class → the event that it handles."""

_OTHER_WRITER: Final = "{00000000-0000-4000-8000-00000000beef}"
_NAMES: Final = {"wszLogicalPath": None}
_FILES: Final = {"wszPath": "C:\\more", "wszFilespec": "*.x"}
_NEW: Final = {
    "ct": "VSS_CT_DATABASE", "wszLogicalPath": None, "wszComponentName": "books", "wszCaption": None, "pbIcon": None,
    "cbIcon": 0, "bRestoreMetadata": False, "bNotifyOnBackupComplete": False, "bSelectable": True,
}  # fmt: skip
_GROUP: Final = {**_NEW, "ct": "VSS_CT_FILEGROUP", "wszComponentName": "papers"}
_METHOD: Final = {
    "method": "VSS_RME_RESTORE_IF_NOT_THERE", "wszService": None, "wszUserProcedure": None,
    "writerRestore": "VSS_WRE_ALWAYS", "bRebootRequired": False,
}  # fmt: skip
_MAPPING: Final = {
    "wszSourcePath": "C:\\data", "wszSourceFilespec": "*", "bRecursive": False, "wszDestination": "C:\\aside",
}  # fmt: skip
_DEPENDENCY: Final = {
    "wszForLogicalPath": None, "wszForComponentName": "papers", "onWriterId": _OTHER_WRITER, "wszOnLogicalPath": None,
    "wszOnComponentName": "index",
}  # fmt: skip
_PARTIAL: Final = {"wszPath": "C:\\data", "wszFilename": "a", "wszRanges": "0:1", "wszMetadata": None}
_DIRECTED: Final = {
    "wszSourcePath": "C:\\data", "wszSourceFilename": "a", "wszSourceRangeList": "0:1",
    "wszDestinationPath": "C:\\data", "wszDestinationFilename": "a", "wszDestinationRangeList": "8:1",
}  # fmt: skip
_FAILURE: Final = {"hr": "VSS_E_WRITERERROR_RETRYABLE", "hrApplication": "S_OK", "wszApplicationMessage": None}
_DIFFERENCED: Final = {"wszPath": "C:\\data", "wszFilespec": "*", "bRecursive": False, "ftLastModifyTime": 1}


class Way(Struct, frozen=True):
    """A writer's call: where it is made, with what, after which calls; with what VSS does not take it."""

    event: str
    good: Given
    bad: Given = field(default_factory=dict)
    before: tuple[Call, ...] = ()
    elsewhere: str = "BackupComplete"
    """A handler that is not one for the call."""


_BOOKS: Final = ((CREATE + "AddComponent", _NEW),)
_OF_BOOKS: Final = {**_NAMES, "wszDatabaseName": "books", **_FILES}
_PAPERS: Final = ((CREATE + "AddComponent", _GROUP),)
_VOLUME: Final = {"wszOriginalVolume": "C:\\"}

WAYS: Final[dict[str, Way]] = {
    CREATE + "AddExcludeFiles": Way("Identify", {**_FILES, "bRecursive": False}, {"wszPath": None}),
    CREATE + "AddComponent": Way("Identify", _NEW, {"wszComponentName": None}),
    CREATE + "AddDatabaseFiles": Way("Identify", _OF_BOOKS, {"wszPath": None}, _BOOKS),
    CREATE + "AddDatabaseLogFiles": Way("Identify", _OF_BOOKS, {"wszPath": None}, _BOOKS),
    CREATE + "AddFilesToFileGroup": Way(
        "Identify",
        {**_NAMES, "wszGroupName": "papers", **_FILES, "bRecursive": False, "wszAlternateLocation": None},
        {"wszPath": None},
        _PAPERS,
    ),
    CREATE + "SetRestoreMethod": Way("Identify", _METHOD, {"wszService": "svc"}),
    CREATE + "AddAlternateLocationMapping": Way("Identify", _MAPPING, {"wszDestination": None}),
    CREATE + "AddComponentDependency": Way("Identify", _DEPENDENCY, {"wszOnComponentName": None}, _PAPERS),
    CREATE + "SetBackupSchema": Way("Identify", {"dwSchemaMask": "VSS_BS_COPY"}, {"dwSchemaMask": 0x8000_0000}),
    CREATE + "SaveAsXML": Way("Identify", {}),
    "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot": Way(
        "Identify", {**_FILES, "bRecursive": False}, {"wszPath": None}
    ),
    WRITER + "GetSnapshotDeviceName": Way("PostSnapshot", _VOLUME, {"wszOriginalVolume": None}),
    WRITER + "SetWriterFailure": Way("PrepareForBackup", {"hr": "VSS_E_WRITERERROR_RETRYABLE"}),
    "CVssWriterEx2::SetWriterFailureEx": Way(
        "PrepareForBackup", {"hrWriter": "S_OK", "hrApplication": "S_OK", "wszApplicationMessage": None}
    ),
    "CVssWriterEx2::GetSessionId": Way("PrepareForBackup", {}),
    "CVssWriterEx::GetIdentifyInformation": Way("PrepareForBackup", {}),
    WRITER + "IsPathAffected": Way("PrepareForSnapshot", {"wszPath": "C:\\data"}),
    COMPONENT + "SetBackupMetadata": Way("PrepareForBackup", {"wszData": "x"}, {"wszData": None}),
    COMPONENT + "SetBackupStamp": Way("PrepareForBackup", {"wszBackupStamp": "x"}, {"wszBackupStamp": None}),
    COMPONENT + "AddPartialFile": Way("PrepareForBackup", _PARTIAL, {"wszRanges": None}),
    COMPONENT + "AddDifferencedFilesByLastModifyTime": Way("PrepareForBackup", _DIFFERENCED, {"wszPath": None}),
    COMPONENT + "SetRestoreMetadata": Way(
        "PreRestore", {"wszRestoreMetadata": "x"}, {"wszRestoreMetadata": None}, elsewhere="PostRestore"
    ),
    COMPONENT + "SetRestoreTarget": Way(
        "PreRestore", {"target": "VSS_RT_ORIGINAL"}, {"target": 99}, elsewhere="PrepareForBackup"
    ),
    COMPONENT + "AddDirectedTarget": Way(
        "PreRestore", _DIRECTED, {"wszSourcePath": None}, elsewhere="PrepareForBackup"
    ),
    COMPONENT + "SetPreRestoreFailureMsg": Way(
        "PreRestore", {"wszPreRestoreFailureMsg": "x"}, {"wszPreRestoreFailureMsg": None}, elsewhere="PrepareForBackup"
    ),
    COMPONENT + "SetPostRestoreFailureMsg": Way(
        "PostRestore",
        {"wszPostRestoreFailureMsg": "x"},
        {"wszPostRestoreFailureMsg": None},
        elsewhere="PrepareForBackup",
    ),
    "IVssComponentEx::SetPrepareForBackupFailureMsg": Way(
        "PrepareForBackup", {"wszFailureMsg": "x"}, {"wszFailureMsg": None}, elsewhere="PostSnapshot"
    ),
    "IVssComponentEx::SetPostSnapshotFailureMsg": Way("PostSnapshot", {"wszFailureMsg": "x"}, {"wszFailureMsg": None}),
    "IVssComponentEx2::SetFailure": Way("PrepareForBackup", {**_FAILURE, "dwReserved": 0}),
}
"""Full name → its way; a method that is not here takes nothing and returns a value in PrepareForBackup."""

_CODES: Final = {"SetWriterFailure": "hr", "SetWriterFailureEx": "hrWriter", "SetFailure": "hr"}
_TRUTHS: Final[dict[str, tuple[Given, Given]]] = {
    "IsPartialFileSupportEnabled": ({"bPartialFileSupport": True}, {}),
    "IsBootableSystemStateBackedUp": ({"bBackupBootableSystemState": True}, {}),
    "AreComponentsSelected": ({"bSelectComponents": True}, {}),
    "IsWriterShuttingDown": ({}, {"shuttingDown": True}),
}
"""Question → how SetBackupState and the writer make it true."""


def _lead(way: Way, row: DocumentedAnswer) -> tuple[str, Given, tuple[Call, ...]]:
    """The handler, the arguments and the calls before that bring an answer about."""
    method = row.method.rpartition("::")[2]
    if row.stage == "in":
        return way.event, {**way.good, _CODES[method]: row.hresult}, way.before
    match row.hresult:
        case "E_INVALIDARG":
            return way.event, {**way.good, **way.bad}, way.before
        case "VSS_E_BAD_STATE" | "E_FAIL":
            return way.elsewhere, way.good, ()
        case "VSS_E_OBJECT_ALREADY_EXISTS":
            return way.event, way.good, ((row.method, way.good),)
        case "VSS_E_OBJECT_NOT_FOUND":
            wanted = {"wszOriginalVolume": "X:\\"} if "wszOriginalVolume" in way.good else {}
            return way.event, {**way.good, **wanted}, ()
    return way.event, way.good, way.before


def answer_in_a_handler(row: DocumentedAnswer) -> object:
    """What VSS answers, or the value that the method returns, in the handler that the row asks for."""
    method = row.method.rpartition("::")[2]
    way = WAYS.get(row.method) or Way("PrepareForBackup", {})
    event, given, before = _lead(way, row)
    call: Given = {"call": row.method, "in": given}
    if row.hresult in SCRIPTED or (method == "SaveAsXML" and row.hresult == "E_INVALIDARG"):
        call["returns"] = row.hresult
    elif row.hresult == "(other)":
        call["returns"] = "E_FAIL"
    state: Given = {}
    own: Given = {}
    if method in _TRUTHS and row.hresult == "(bool true)":
        state, own = _TRUTHS[method]
    elif method == "AreComponentsSelected":
        state = {"bSelectComponents": False}
    elif method == "IsPathAffected" and row.hresult == "(bool false)":
        call["in"] = {"wszPath": "D:\\elsewhere"}
    if method == "AddAlternateLocationMapping" and row.hresult == "VSS_E_OBJECT_NOT_FOUND":
        own = {**own, "restoreMethod": None}
    calls = [{"call": name, "in": arguments} for name, arguments in before] + [call]
    run = _run(event, calls, own, state)
    return _said(run, event)


def _run(event: str, calls: list[Given], own: Given, state: Given) -> Run:
    """A backup, or a backup and a restore, in which the writer makes these calls."""
    run = Run(writer("sql", {"on": event, "calls": calls}, **own), volumes=[{"name": "C:\\"}, {"name": "D:\\"}])
    run.prepare(components=("sql",), **state)
    run.do("DoSnapshotSet")
    run.do("BackupComplete")
    if event in ("PreRestore", "PostRestore"):
        run.restore(("sql",))
        run.do("PreRestore", "restore")
        run.do("PostRestore", "restore")
    return run


def _said(run: Run, event: str) -> object:
    """The answer to the last call of the handler; where it has none, its value."""
    line = next(one for one in run.seen if one.name == event).calls[-1]
    return line.answer.name if line.answer is not None else line.out["value"]


def answer_to_an_event(row: DocumentedAnswer) -> object:
    """How the writer's handler ends: true, or the failure that it sets before it returns false."""
    event = HANDLERS[row.method.rpartition("::")[2]]
    failing = {"fails": "VSS_E_WRITERERROR_NONRETRYABLE"} if row.hresult == "(bool false)" else {}
    run = Run(writer("sql", {"on": event, **failing}))
    run.prepare(components=("sql",) if event != "Identify" else ())
    if event == "Abort":
        run.call("AbortBackup")
    else:
        run.do("DoSnapshotSet")
        if event in ("PreRestore", "PostRestore"):
            run.restore(("sql",))
            run.do("PreRestore", "restore")
            run.do("PostRestore", "restore")
        elif event in ("BackupComplete", "BackupShutdown"):
            run.do("BackupComplete")
            run.call("Release")
    return next(one.answer for one in run.seen if one.name == event)
