"""What writers call inside handlers: their components, their questions, their metadata; what VSS answers where."""

from typing import Any, Final

import pytest

from tests.answers.handlers import WAYS
from tests.support import blamed_on_vss, check
from tests.writers_at_work import SNAPSHOT_EVENTS, SQL, Run, calling, writer
from vss_sim.documents.errors import WorldError
from vss_sim.model.document import DocumentComponent
from vss_sim.spec.enums import WriterState
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import rules
from vss_sim.spec.writer_calls import handler_calls, is_setter

BAD_STATE: Final = "VSS_E_BAD_STATE"
BACKUP: Final = ["PrepareForBackup", *SNAPSHOT_EVENTS, "BackupComplete"]
RANGES: Final = {"wszSourceRangeList": "0:10, 0x10:5", "wszDestinationRangeList": "20:10,5:0x5"}
PLACES: Final = {
    "wszSourcePath": "C:\\data",
    "wszSourceFilename": "a",
    "wszDestinationPath": "C:\\other",
    "wszDestinationFilename": "b",
}
PARTIAL: Final = {"wszPath": "C:\\data", "wszFilename": "a", "wszRanges": "0:1", "wszMetadata": None}
FILES: Final = {"wszPath": "C:\\data", "wszFilespec": "*.log", "bRecursive": False}
FAILURE: Final = {"hr": "VSS_E_WRITERERROR_RETRYABLE", "hrApplication": "S_OK", "wszApplicationMessage": None}

SETTERS: Final[dict[str, tuple[dict[str, Any], set[str]]]] = {
    "IVssComponent::SetBackupMetadata": ({"wszData": "x"}, {"PrepareForBackup", "PostSnapshot"}),
    "IVssComponent::SetBackupStamp": ({"wszBackupStamp": "x"}, {"PrepareForBackup", "PostSnapshot"}),
    "IVssComponent::AddPartialFile": (PARTIAL, {"PrepareForBackup", "PostSnapshot"}),
    "IVssComponent::AddDifferencedFilesByLastModifyTime": (
        {**FILES, "ftLastModifyTime": 0},
        {"PrepareForBackup", "PostSnapshot"},
    ),
    "IVssComponentEx::SetPrepareForBackupFailureMsg": ({"wszFailureMsg": "x"}, {"PrepareForBackup"}),
    "IVssComponentEx::SetPostSnapshotFailureMsg": ({"wszFailureMsg": "x"}, {"PostSnapshot"}),
    "IVssComponent::SetRestoreMetadata": ({"wszRestoreMetadata": "x"}, {"PreRestore"}),
    "IVssComponent::SetRestoreTarget": ({"target": "VSS_RT_ORIGINAL"}, {"PreRestore"}),
    "IVssComponent::AddDirectedTarget": ({**PLACES, **RANGES}, {"PreRestore"}),
    "IVssComponent::SetPreRestoreFailureMsg": ({"wszPreRestoreFailureMsg": "x"}, {"PreRestore"}),
    "IVssComponent::SetPostRestoreFailureMsg": ({"wszPostRestoreFailureMsg": "x"}, {"PreRestore", "PostRestore"}),
    "IVssComponentEx2::SetFailure": (
        {**FAILURE, "dwReserved": 0},
        {"PrepareForBackup", "PostSnapshot", "BackupComplete", "PreRestore", "PostRestore"},
    ),
}
"""Each setter with arguments and the handlers in which a writer may call it (disputes C20, C21)."""


def _through(run: Run) -> Run:
    """A backup and the restore of it."""
    run.prepare()
    run.do("DoSnapshotSet")
    run.do("BackupComplete")
    run.restore()
    run.do("PreRestore", "restore")
    run.do("PostRestore", "restore")
    return run


def _part(run: Run, on: str = "bc") -> DocumentComponent:
    return run.object(on).document.writers[0].components[0]


@pytest.mark.parametrize("name", SETTERS)
def test_a_setter_is_for_its_handlers_only(name: str) -> None:
    """Elsewhere it answers VSS_E_BAD_STATE and changes nothing."""
    given, handlers = SETTERS[name]
    events = ["Identify", *BACKUP, "BackupShutdown", "PreRestore", "PostRestore"]
    run = _through(Run(writer("sql", *(calling(event, (name, given)) for event in events)), writer("web")))
    short = name.rpartition("::")[2]
    once = name.endswith(("SetBackupMetadata", "SetRestoreMetadata"))
    for event in events:
        good = ["S_OK", "VSS_E_OBJECT_ALREADY_EXISTS"] if once and event == "PostSnapshot" else ["S_OK"]
        (method, answer), *_ = run.answers(event)
        assert method == short
        assert answer in (good if event in handlers else [BAD_STATE]), event
    refused = [call for one in run.seen for call in one.calls if call.answer is HResult.VSS_E_BAD_STATE]
    assert {call.rule for call in refused} <= set(rules())
    assert {call.rule for one in run.seen if one.name == "BackupComplete" for call in one.calls} <= {
        "",
        "wr-complete-readonly",
    }
    assert blamed_on_vss(run.simulation.lines()) == []


def test_what_a_reader_of_events_changes_is_no_part_of_the_world() -> None:
    """The arguments of a call that the world's description has a writer make; a fork has the same description."""
    name = "IVssComponent::SetBackupMetadata"
    run = Run(writer("sql", calling("PostSnapshot", (name, {"wszData": "first"}))))
    described = repr(run.simulation.world.description)
    _through(run)
    for call in (call for event in run.seen for call in event.calls):
        if isinstance(call.arguments, dict):
            call.arguments.clear()
    assert repr(run.simulation.world.description) == described


def test_every_setter_is_in_the_matrix() -> None:
    """But for the one that nobody may call (rule add-differenced-lsn-reserved)."""
    setters = {name for name in handler_calls() if name.startswith("IVssComponent") and is_setter(name)}
    assert setters == {*SETTERS, "IVssComponent::AddDifferencedFilesByLastModifyLSN"}
    assert all(row.rule in rules() for row in handler_calls().values() if row.rule)


def test_metadata_is_written_once() -> None:
    """Rules set-backup-metadata-once, set-restore-metadata-once."""
    for event, name, parameter in (
        ("PostSnapshot", "SetBackupMetadata", "wszData"),
        ("PreRestore", "SetRestoreMetadata", "wszRestoreMetadata"),
    ):
        calls = [(f"IVssComponent::{name}", {parameter: text}) for text in ("first", "second")]
        run = _through(Run(writer("sql", calling(event, *calls)), writer("web")))
        assert [answer for _, answer in run.answers(event)] == ["S_OK", "VSS_E_OBJECT_ALREADY_EXISTS"]
    assert _part(run, "restore").restore_metadata == "first"


@pytest.mark.parametrize(
    ("event", "name", "wrong"),
    [
        ("PostSnapshot", "IVssComponent::SetBackupStamp", {"wszBackupStamp": None}),
        ("PostSnapshot", "IVssComponent::AddPartialFile", {"wszFilename": "*.mdf"}),
        ("PostSnapshot", "IVssComponent::AddPartialFile", {"wszRanges": None}),
        ("PostSnapshot", "IVssComponent::AddPartialFile", {"wszRanges": "from here to there"}),
        ("PostSnapshot", "IVssComponent::AddDifferencedFilesByLastModifyTime", {"wszFilespec": None}),
        ("PostSnapshot", "IVssComponent::AddDifferencedFilesByLastModifyTime", {"wszPath": "C:\\d*"}),
        ("PostSnapshot", "IVssComponent::AddDifferencedFilesByLastModifyTime", {"wszFilespec": "logs\\*.log"}),
        ("PreRestore", "IVssComponent::AddDirectedTarget", {"wszDestinationRangeList": "0:10"}),
        ("PreRestore", "IVssComponent::AddDirectedTarget", {"wszSourceFilename": "?"}),
        ("PreRestore", "IVssComponent::SetRestoreTarget", {"target": 99}),
        ("PreRestore", "IVssComponentEx2::SetFailure", {"dwReserved": 1}),
        ("PreRestore", "IVssComponentEx2::SetFailure", {"hr": "E_FAIL"}),
        ("PreRestore", "IVssComponentEx2::SetFailure", {"hr": "VSS_E_WRITERERROR_PARTIAL_FAILURE"}),
    ],
)
def test_wrong_arguments_come_before_all_else(event: str, name: str, wrong: dict[str, Any]) -> None:
    """E_INVALIDARG, and nothing is stored."""
    run = _through(Run(writer("sql", calling(event, (name, {**SETTERS[name][0], **wrong}))), writer("web")))
    assert run.answers(event) == [(name.rpartition("::")[2], "E_INVALIDARG")]


def test_short_forms_are_calls_like_others() -> None:
    """The record shows what was called, on which component, and what VSS answered."""
    reply = {"on": "PostSnapshot", "setBackupStamp": "42", "message": "late", "component": "sql data"}
    late = {"on": "BackupComplete", "setBackupStamp": "43"}
    run = Run(writer("sql", reply, late), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    run.do("BackupComplete")
    lines = [line for line in run.simulation.lines() if line.get("call", "").startswith("IVssComponent")]
    assert lines == [
        {
            "call": "IVssComponent::SetBackupStamp",
            "on": "writer1.component1",
            "in": {"wszBackupStamp": "42"},
            "returns": "S_OK",
        },
        {
            "call": "IVssComponentEx::SetPostSnapshotFailureMsg",
            "on": "writer1.component1",
            "in": {"wszFailureMsg": "late"},
            "returns": "S_OK",
        },
        {
            "call": "IVssComponent::SetBackupStamp",
            "on": "writer1.component",
            "in": {"wszBackupStamp": "43"},
            "returns": BAD_STATE,
        },
    ]
    assert _part(run).backup_stamp == "42"


@pytest.mark.parametrize(
    ("event", "name", "given"),
    [
        ("Identify", "IVssCreateWriterMetadata::AddExcludeFiles", FILES),
        ("PostSnapshot", "CVssWriter::GetSnapshotDeviceName", {"wszOriginalVolume": "C:\\"}),
        ("PostSnapshot", "IVssComponent::SetBackupStamp", {"wszBackupStamp": "42"}),
        ("BackupShutdown", "IVssComponent::SetBackupStamp", {"wszBackupStamp": "42"}),
    ],
)
def test_an_answer_by_script_stands_at_the_handle_of_the_call(event: str, name: str, given: dict[str, Any]) -> None:
    """Metadata, the writer, or each component that the call is about: as without the script."""

    def handles(**script: str) -> list[str]:
        reply = {"on": event, "calls": [{"call": name, "in": given, **script}]}
        run = _through(Run(writer("sql", reply), writer("web")))
        return [line["on"] for line in run.simulation.lines() if line.get("call") == name]

    assert handles(returns="E_OUTOFMEMORY") == handles() != []


def test_the_checker_reads_a_run_with_calls_of_writers() -> None:
    """They are nobody's fault."""
    questions = [("CVssWriter::IsPathAffected", {"wszPath": "C:\\data"}), ("CVssWriter::GetCurrentSnapshotSetId", {})]
    stamp = ("IVssComponent::SetBackupStamp", {"wszBackupStamp": "42"})
    run = _through(Run(writer("sql", calling("PostSnapshot", stamp, *questions)), writer("web")))
    run.call("Release", "restore")
    assert not check(run.simulation.lines()).errors()


@pytest.mark.parametrize("name", ["CVssWriter::SetWriterFailure", "CVssWriterEx2::SetWriterFailureEx"])
def test_a_writer_sets_its_failure(name: str) -> None:
    """With one of five codes, in any handler but that of Identify (wr-veto-code, wr-id-no-setfailure)."""
    later = name.endswith("Ex")

    def failing(code: str) -> tuple[str, dict[str, Any]]:
        more = {"hrApplication": "E_FAIL", "wszApplicationMessage": "disk"}
        return name, {"hrWriter": code, **more} if later else {"hr": code}

    good, odd = failing("VSS_E_WRITERERROR_OUTOFRESOURCES"), failing("VSS_E_BAD_STATE")
    run = Run(writer("sql", calling("Identify", good), calling("PostSnapshot", odd, good)), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    assert run.answers("Identify") == [(name.rpartition("::")[2], BAD_STATE)]
    assert [answer for _, answer in run.answers("PostSnapshot")] == ["E_INVALIDARG", "S_OK"]
    assert run.status("sql") == (WriterState.FAILED_AT_POST_SNAPSHOT, "VSS_E_WRITERERROR_OUTOFRESOURCES")
    told = run.call("GetWriterStatusEx", iWriter=0).out
    assert (told["phrApplication"], told["pbstrApplicationMessage"]) == (
        ("E_FAIL", "disk") if later else ("S_OK", None)
    )


def test_a_partial_failure_is_told_by_writer_and_component() -> None:
    """Rules set-writer-failure-ex-partial, set-failure-with-writer-failure."""
    partial = {"hrWriter": "VSS_E_WRITERERROR_PARTIAL_FAILURE", "hrApplication": "S_OK", "wszApplicationMessage": None}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("IVssComponentEx2::SetFailure", {**FAILURE, "dwReserved": 0}),
        ("CVssWriterEx2::SetWriterFailureEx", partial),
    ]
    run = Run(writer("sql", calling("PostSnapshot", *calls)), writer("web"))
    run.prepare()
    assert run.do("DoSnapshotSet") is HResult.VSS_S_ASYNC_FINISHED
    assert run.status("sql")[1] == "VSS_E_WRITERERROR_PARTIAL_FAILURE"
    failure = _part(run).failure
    assert failure is not None
    assert failure.hresult == FAILURE["hr"]


def test_a_call_on_a_component_that_is_not_there_finds_nothing() -> None:
    """As in a backup by volumes, where a writer gets no components (rule doc-bcd-null-without-components)."""
    stamp = ("IVssComponent::SetBackupStamp", {"wszBackupStamp": "1"})
    run = Run(writer("sql", calling("PostSnapshot", stamp)), writer("web"))
    run.prepare(bSelectComponents=False)
    run.do("DoSnapshotSet")
    assert run.answers("PostSnapshot") == [("GetComponent", "VSS_E_OBJECT_NOT_FOUND")]


def _differenced(moment: str | int) -> Run:
    """A backup in which a writer names files that changed since a moment."""
    given = {**FILES, "ftLastModifyTime": moment}
    run = Run(writer("sql", calling("PostSnapshot", ("IVssComponent::AddDifferencedFilesByLastModifyTime", given))))
    run.prepare(components=("sql",))
    run.do("DoSnapshotSet")
    return run


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", 134_116_992_000_000_000])
def test_a_moment_may_be_written_as_people_write_it(moment: str | int) -> None:
    """A FILETIME is a number of 100 ns since 1601, or a time with its zone."""
    (files,) = _differenced(moment).object().document.writers[0].components[0].differenced_files
    assert files.last_modify_time == 134_116_992_000_000_000


@pytest.mark.parametrize("code", ["E_FAIL", "0x80070005", "VSS_E_WRITERERROR_PARTIAL_FAILURE", "VSS_E_BAD_STATE"])
def test_a_component_fails_with_the_codes_that_a_page_lists(code: str) -> None:
    """That of SetFailure, or that of GetFailure, which tells of two more; what the application says is free."""
    with pytest.raises(WorldError, match=r"setFailure: .* IVssComponentEx2::SetFailure takes"):
        Run(writer("sql", {"on": "PostSnapshot", "setFailure": {"hresult": code}}))
    for known in ("S_OK", "VSS_E_WRITERERROR_RETRYABLE", "VSS_E_WRITER_NOT_RESPONDING"):
        assert Run(writer("sql", {"on": "PostSnapshot", "setFailure": {"hresult": known, "application": code}}))


@pytest.mark.parametrize("moment", ["today", "2026-01-01", -1, "1500-01-01T00:00:00Z"])
def test_what_is_no_moment_is_said_to_be_none(moment: str | int) -> None:
    """A time without a zone is none, either, nor is one that a FILETIME cannot hold."""
    with pytest.raises(WorldError, match="it is a number of 64 bits"):
        _differenced(moment)


@pytest.mark.parametrize(
    ("reply", "call"),
    [
        ({"on": "PostSnapshot", "calls": [{"call": "CVssWriterEx2::GetSessionId"}]}, "CVssWriterEx2::GetSessionId"),
        ({"on": "PostSnapshot", "setFailure": {"hresult": "S_OK"}}, "IVssComponentEx2::SetFailure"),
    ],
)
def test_a_writer_calls_only_what_its_system_has(reply: dict[str, Any], call: str) -> None:
    """The page of each names the systems that have it; on an older one there is nothing to call."""
    assert Run(writer("sql", reply), os="Windows Server 2008 R2").simulation
    with pytest.raises(WorldError, match=f"'sql' calls {call}, not on Windows Server 2008; it came"):
        Run(writer("sql", reply), os="Windows Server 2008")


def test_a_message_is_stored_with_components_where_there_is_a_call_for_it() -> None:
    """SetPostSnapshotFailureMsg came with Windows Vista; before, the status alone tells of the failure."""
    reply = {"on": "PostSnapshot", "fails": "VSS_E_WRITERERROR_RETRYABLE", "message": "no"}
    for system, made in (("Windows Server 2003 SP1", 0), ("Windows Server 2008", 1)):
        run = Run(writer("sql", reply), os=system)
        run.prepare(components=["sql"])
        run.do("DoSnapshotSet")
        (event,) = (one for one in run.seen if one.name == "PostSnapshot")
        assert len(event.calls) == made


@pytest.mark.parametrize("name", [name for name in handler_calls() if "IVssComponent" in name and is_setter(name)])
def test_a_requester_sets_nothing_in_a_component(name: str) -> None:
    """Rule doc-setters-writer, and the page of each: a writer's, in its handlers; the document stays as it is."""
    run = Run(writer("sql"))
    run.prepare(components=["sql"])
    run.do("DoSnapshotSet")
    components = run.call("GetWriterComponents", iWriter=0).out["ppWriter"]
    component = run.call("IVssWriterComponents::GetComponent", components, iComponent=0).out["ppComponent"]
    before = run.object().document
    step = run.call(name, component, **WAYS[name].good if name in WAYS else LSN)
    reserved = name.endswith("LSN")
    assert step.answer == (HResult.E_NOTIMPL if reserved else HResult.VSS_E_BAD_STATE)
    assert step.refusal is not None
    assert step.refusal.rule in rules()
    assert run.object().document == before


LSN: Final = {"wszPath": "C:\\data", "wszFilespec": "*", "bRecursive": False, "bstrLsnString": "1"}


def test_whether_components_were_saved_is_not_told_before_backup_complete() -> None:
    """The answer is S_FALSE then, and says nothing (rule comp-backup-succeeded-after-complete)."""
    asks: tuple[str, dict[str, Any]] = ("IVssComponent::GetBackupSucceeded", {})
    events = ("PrepareForBackup", "PostSnapshot", "BackupComplete")
    run = _through(Run(writer("sql", *(calling(event, asks) for event in events)), writer("web")))
    told = [run.answers(event) for event in events]
    assert told == [[("GetBackupSucceeded", answer)] for answer in ("S_FALSE", "S_FALSE", "S_OK")]
    assert not run.blamed_on_vss()


def test_an_icon_has_its_size_and_is_what_a_requester_reads() -> None:
    """Zero bytes where there is none (rule create-md-component-args)."""
    texts = {"wszLogicalPath": None, "wszCaption": None}
    flags = {"bRestoreMetadata": False, "bNotifyOnBackupComplete": False, "bSelectable": True}
    named = {"ct": "VSS_CT_FILEGROUP", **texts, **flags, "cbIcon": 4}
    given = {**named, "wszComponentName": "picture", "pbIcon": "aWNvbg=="}
    sized = {**named, "wszComponentName": "none", "pbIcon": None}
    add = "IVssCreateWriterMetadata::AddComponent"
    run = Run({"name": "sql", "writerId": SQL, "replies": [calling("Identify", (add, given), (add, sized))]})
    run.begin(components=())
    assert run.answers("Identify") == [("AddComponent", "S_OK"), ("AddComponent", "E_INVALIDARG")]
    (component,) = run.sessions()[0].metadata.components
    assert (component.name, component.icon) == ("picture", "aWNvbg==")
