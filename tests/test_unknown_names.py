"""What a log says under a name that nobody knows is read over, and told: once, as a note, never as an error."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from tests.support import CASES, SET_ID, TRACES, Entry, backup_until, call, check
from vss_sim.judge.blocks import FIRST_LINES
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level
from vss_sim.judge.history import History
from vss_sim.judge.unknown_names import UNKNOWN_NAME, _known_arguments, look_at_event, look_at_line
from vss_sim.spec.methods import call_names
from vss_sim.spec.table import Profile
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import TraceError, check_line, read_header, read_line

EXAMINE: Final = "IVssExamineWriterMetadata"
CREATED: Final = {"call": "CreateVssBackupComponents", "returns": "S_OK", "out": {"ppBackup": "bc"}}


def _in_a_file(entries: Iterable[Entry]) -> list[Finding]:
    """What is said of unknown names in lines as they stand in a file."""
    found: list[Finding] = []
    Checker(found.append).feed_block("\n".join(map(json.dumps, entries)).encode(), 1)
    return [finding for finding in found if finding.rule == UNKNOWN_NAME]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({**CREATED, "retruns": "S_OK"}, "there is no key 'retruns' (did you mean returns?)"),
        ({**CREATED, "out": {"ppBackp": "bc"}}, "has no result 'ppBackp' (did you mean ppBackup?)"),
        (call("SetContext", lContxt="VSS_CTX_BACKUP"), "has no argument 'lContxt' (did you mean lContext?)"),
        (call("AddToSnapshotSet", pwszVolume="C:\\"), "has no argument 'pwszVolume' (did you mean pwszVolumeName?)"),
        (
            {"call": "DeleteFile", "in": {"lpFilename": "C:\\a"}},
            "has no argument 'lpFilename' (did you mean lpFileName?)",
        ),
        ({"event": "OnFreeze", "answer": True}, "there is no event 'OnFreeze' (did you mean Freeze?)"),
        ({"happens": "reboots"}, "there is no happening 'reboots' (did you mean reboot?)"),
        ({"happens": "time passes", "secnds": 3}, "there is no key 'secnds' (did you mean seconds?)"),
        ({"happens": "Restart"}, "there is no happening 'Restart' (did you mean reboot?)"),
        ({"happens": "power failure"}, "(did you mean machine crashes?)"),
        ({**CREATED, "events": []}, "there is no key 'events' (in a log, each event is a line of its own"),
        (
            call("StartSnapshotSet", pSnapshotSetId=SET_ID),
            """'pSnapshotSetId' is a result of IVssBackupComponents::StartSnapshotSet, which belongs in "out": """,
        ),
        (
            call("SetContext", out={"lContext": 0}),
            """'lContext' is an argument of IVssBackupComponents::SetContext, which belongs in "in": """,
        ),
        (
            call("AddComponent", writerId="{1234}"),
            "has writerId '{1234}', which is no GUID (expected {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx} in hexadecimal",
        ),
        ({**CREATED, "out": {"ppBackup": 5}}, "CreateVssBackupComponents has ppBackup 5, which is no handle"),
        (call("Query", out={"ppEnum": [1]}), "has ppEnum [1], which is no handle"),
        ({**CREATED, "skipped": "why"}, "there is no key 'skipped' (in a log, a call that was not made has no line)"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(line: Entry, says: str) -> None:
    """A note on its line."""
    (finding,) = _in_a_file([CREATED, line])
    assert (finding.level, finding.line) == (Level.INFO, 3)
    assert says in finding.says


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            call("SetContext", lContext="VSS_CTX_BAKUP"),
            "which is neither a number nor a constant of VSS (did you mean VSS_CTX_BACKUP?)",
        ),
        (
            call("SetContext", lContext="VSS_CTX_APP_ROLLBACK | VSS_VOLSNAP_ATTR_DIFERENTIAL"),
            "'VSS_VOLSNAP_ATTR_DIFERENTIAL' is no constant of VSS (did you mean VSS_VOLSNAP_ATTR_DIFFERENTIAL?)",
        ),
        (
            call("SetBackupState", bSelectComponents="ture", bBackupBootableSystemState=False),
            "SetBackupState has bSelectComponents 'ture', which is neither true nor false",
        ),
        (call("GetWriterMetadata", iWriter="two"), "'two', which is neither a number nor a constant of VSS"),
        (
            {
                "call": "IVssBackupComponents::GetWriterStatus",
                "on": "bc",
                "returns": "S_OK",
                "out": {"pnStatus": "VSS_WS_STABEL"},
            },
            "GetWriterStatus has pnStatus 'VSS_WS_STABEL', which is no constant of VSS (did you mean VSS_WS_STABLE?)",
        ),
        (
            call("IVssWMComponent::GetComponentInfo", "other", out={"ppInfo": {"type": "VSS_CT_DATABSE"}}),
            "'VSS_CT_DATABSE', which is no constant of VSS (did you mean VSS_CT_DATABASE?)",
        ),
        (
            call("GetSnapshotProperties", SnapshotId=SET_ID, out={"pProp": {"m_eStatus": "VSS_SS_CREATE"}}),
            "has m_eStatus 'VSS_SS_CREATE', which is no constant of VSS (did you mean VSS_SS_CREATED?)",
        ),
        (
            call("GetSnapshotProperties", SnapshotId=SET_ID, out={"pProp": {"m_SnapshotID": SET_ID}}),
            "VSS_SNAPSHOT_PROP has no member 'm_SnapshotID' (did you mean m_SnapshotId?)",
        ),
    ],
)
def test_a_constant_that_nobody_knows_is_told_with_the_one_that_was_meant(line: Entry, says: str) -> None:
    """It is read as not recorded; without a word the call would seem to be judged."""
    checked = check([CREATED, line])
    told = [finding for finding in checked.findings if finding.rule == UNKNOWN_NAME]
    assert [(finding.line, finding.level) for finding in told] == [(3, Level.INFO)]
    assert says in told[0].says


@pytest.mark.parametrize(
    "line",
    [
        call("SetContext", lContext="0x2d"),
        call("SetContext", lContext="VSS_CTX_APP_ROLLBACK|0x20000"),
        call("SetBackupState", bSelectComponents="TRUE", bBackupBootableSystemState=0, backupType="5"),
        {"call": "IVssAsync::Wait", "on": "a", "in": {"dwMilliseconds": "INFINITE"}, "returns": "S_OK"},
        call("SetBackupSucceeded", bSucceeded=True),
        call("GetSnapshotProperties", SnapshotId=SET_ID, out={"pProp": "prop7"}),
        call("AddComponent", wszComponentName="VSS_CTX_BAKUP", ct=None),
    ],
)
def test_a_constant_may_be_written_in_many_ways(line: Entry) -> None:
    """By number, as text, in capitals; a name that a user gave may look like one."""
    assert not [finding for finding in check([CREATED, line]).findings if finding.rule == UNKNOWN_NAME]


def test_a_call_that_is_like_none_is_refused_without_a_guess() -> None:
    """An interface of VSS that there is not, with a method that is like no other."""
    with pytest.raises(TraceError, match=r"written Interface::Method$"):
        read_line(b'{"call": "ISetupVssThing::X", "on": "a"}', 2)


def test_what_a_reply_of_the_simulator_explains_may_stand_in_a_log() -> None:
    """The left and the right half of a message as one line: nothing in it is held to be a slip of the pen."""
    refusal = {"rule": "seq-init-before-anything", "says": "", "because": "", "instead": []}
    assert not _in_a_file([{**CREATED, "id": 1, "refusal": refusal, "passed": [{"rule": "x", "says": "y"}]}])


FOREIGN: Final = (
    *("OpenSCManagerW", "OpenService", "CloseServiceHandle", "QueryServiceConfig2W", "EnumDependentServices"),
    *("CreateFile2", "FindFirstFileEx", "DeleteFileTransacted", "GetFileInformationByHandle", "NtCreateFile"),
    *("GetVolumeNameForVolumeMountPoint", "FindFirstVolume", "DefineDosDevice", "SetVolumeMountPoint", "CreateThread"),
    *("RegSaveKeyEx", "RegLoadKey", "AdjustTokenPrivileges", "SetThreadContext", "GetThreadContext", "CancelIo"),
    *("WaitForSingleObject", "Sleep", "GetLastError", "GetDriveType", "BackupEventLog", "Close", "Text", "Open"),
    *("IWbemServices::ExecQuery", "IVdsAsync::Wait", "IVdsEnumObject::Next", "IDispatch::Invoke"),
    *("System.IO.File.Copy", "std::filesystem::copy_file", "os.remove", "my_own_function"),
)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_call_that_is_none_of_vss_is_told_and_the_log_goes_on(name: str) -> None:
    """A note on its line, once, whether or not it has a handle; it counts as not judged."""
    line = {"call": name, "on": "other", "in": {"x": 1}, "returns": "ERROR_SUCCESS", "out": {"y": 2}}
    checked = check([CREATED, line, line, call("StartSnapshotSet")])
    told = [finding.line for finding in checked.findings if f"{name!r} is no call of VSS" in finding.says]
    assert told == ([] if name in call_names() else [3])
    assert checked.tally.not_judged == 2
    assert [finding.line for finding in checked.errors()] == [5, 5]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("IVssBackupComponents::SetContex", "IVssBackupComponents::SetContext"),
        ("IVssBackupComponents::CopyFile", ""),
        ("IVsBackupComponents::SetContext", "IVssBackupComponents::SetContext"),
        ("IUnknow::Release", "IUnknown::Release"),
        ("CVssWriter::OnFrieze", "CVssWriter::OnFreeze"),
        ("CreateVssBackupComponent", "CreateVssBackupComponents"),
        ("IsVolumeSnapshoted", "IsVolumeSnapshotted"),
        ("AddToSnapshotSet", "IVssBackupComponents::AddToSnapshotSet"),
        ("setcontext", "IVssBackupComponents::SetContext"),
        ("DoSnapshotSett", "IVssBackupComponents::DoSnapshotSet"),
        ("Wait", ""),
        ("VssRequester.Backup", ""),
        ("bc.InitializeForBackup", "IVssBackupComponents::InitializeForBackup"),
        ("backup.dosnapshotset", "IVssBackupComponents::DoSnapshotSet"),
        ("", ""),
        ("copy the files", ""),
        ("x" * 1000, ""),
    ],
)
def test_a_call_of_vss_that_is_misspelt_is_refused(name: str, meant: str) -> None:
    """By its interface, or a letter away from a method: such a line cannot be read over without misjudging others."""
    with pytest.raises(TraceError, match="there is no call") as fault:
        read_line(json.dumps({"call": name, "on": "bc"}).encode(), 3)
    assert meant in fault.value.says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            b'{"call": "CreateFile", "returns": 0, "returns": 5}',
            "the key 'returns' stands twice in one object; the last",
        ),
        (b'{"call": "CreateFile", "in": {"dwShareMode":0, "dwShareMode" : 1}}', "the key 'dwShareMode' stands twice"),
        (b'{"note"\t: "a", "note"  : "b"}', "the key 'note' stands twice"),
        (b'{"note": "a", "note": "\\": a"}', "the key 'note' stands twice"),
    ],
)
@pytest.mark.parametrize("early", [0, 2 * FIRST_LINES])
def test_a_key_that_stands_twice_is_told(text: bytes, says: str, early: int) -> None:
    """Only the last value counts, as in most readers of JSON."""
    found: list[Finding] = []
    Checker(found.append).feed_block(b"\n".join([*([b'{"note": "\\":"}'] * early), text]), 1)
    (finding,) = (one for one in found if one.rule == UNKNOWN_NAME)
    assert says in finding.says
    assert finding.line == early + 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"call": "DeleteFile", "on": 5}', '"on" is a number, not text or null'),
        (b'{"call": "DeleteFile", "in": []}', '"in" is a list, not an object or null'),
        (
            b'{"call": "DeleteFile", "returns": true}',
            '"returns" is true or false, not a number or text or a list or null; expected the code',
        ),
        (b"[1]", "the line is a list, not an object"),
    ],
)
def test_a_line_of_another_form_is_refused_in_words_of_json(text: bytes, says: str) -> None:
    """Not in those of Python: other programs write logs."""
    with pytest.raises(TraceError, match=r'expected (a line as in the trace format|.* "FALSE" of a BOOL)') as fault:
        read_line(text, 2)
    assert fault.value.says.startswith(says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'[{"vss-trace": 1}]', "this is one list; expected the header"),
        (b"{", "an object stands on one line; expected the header"),
    ],
)
def test_a_log_that_is_one_json_value_is_refused_with_what_is_wanted(text: bytes, says: str) -> None:
    """A list of lines, or objects that were printed over several lines."""
    with pytest.raises(TraceError) as fault:
        read_header(text, 1)
    assert says in fault.value.says


def test_other_functions_by_the_thousand_cost_little() -> None:
    """A few are told, all are counted, none is remembered."""
    before = _known_arguments.cache_info().currsize
    checked = check({"call": f"Function{number}", "in": {"x": number}} for number in range(5000))
    assert _known_arguments.cache_info().currsize <= before + 1
    assert checked.tally.not_judged == 5000
    assert len(checked.findings) < 50


def test_a_name_is_told_once_a_log() -> None:
    """However often it comes; the same name of another call is another one."""
    misspelt = [call("SetContext", lContxt="VSS_CTX_BACKUP"), call("SetContext", "other", lContxt="VSS_CTX_ALL")]
    assert len(_in_a_file([CREATED, *misspelt, *misspelt])) == 1
    assert len(_in_a_file([*misspelt, call("Query", lContxt=0)])) == 2


def test_names_by_the_thousand_are_another_format() -> None:
    """Of those not each is told."""
    assert len(_in_a_file({"note": "x", f"key{number}": 1} for number in range(100))) < 50


def test_a_name_that_comes_late_is_told_at_the_first_line_of_its_call_that_is_not_plain() -> None:
    """Beyond the first lines of a log, too."""
    many = [call("GetWriterMetadataCount", out={"pcWriters": 3})] * (2 * FIRST_LINES)
    late = {**call("DoSnapshotSet", "bc", None, out={"ppAsync": "a"}), "retruns": "S_OK"}
    (finding,) = _in_a_file([*backup_until("gather"), *many, late])
    assert "'retruns'" in finding.says


@pytest.mark.parametrize(
    ("late", "wrong"),
    [
        (
            {"call": f"{EXAMINE}::GetFileCounts", "on": "unseen", "retruns": 0, "returns": "S_OK"},
            "retruns",
        ),
        ({"call": f"{EXAMINE}::GetFileCounts", "on": "unseen", "returns": "S_OK", "in": {"c": 1}}, "c"),
        ({"call": "IVssAsync::Wait", "on": "bc-a1", "in": {"dwMillisecs": 3}, "returns": "S_OK"}, "dwMillisecs"),
    ],
)
def test_a_late_call_that_is_in_order_is_looked_at_when_it_comes_first(late: Entry, wrong: str) -> None:
    """It takes no short way before its names were looked at once."""
    many = [call("GetWriterMetadataCount", out={"pcWriters": 3})] * (2 * FIRST_LINES)
    gathered = [line for line in backup_until("gather") if not line["call"].startswith("IVssAsync")]
    (finding,) = _in_a_file([*gathered, *many, late])
    assert repr(wrong) in finding.says


READ: Final = {"call": "IVssWMComponent::GetFile", "on": "c", "in": {"iFile": 0}, "returns": "S_OK"}


def _late(line: Entry) -> list[Finding]:
    """What is said of a line after many that are in order, among them its like."""
    return _in_a_file([*backup_until("gather"), *([READ] * (3 * FIRST_LINES)), line, *([READ] * 3)])


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        ({"retruns": "S_OK"}, "no key 'retruns' (did you mean returns?)"),
        ({"in": {"iFle": 0}}, "no argument 'iFle' (did you mean iFile?)"),
        ({"out": {"ppFiledsc": "f"}}, "no result 'ppFiledsc' (did you mean ppFiledesc?)"),
    ],
)
def test_a_slip_in_a_later_line_that_is_in_order_is_told_like_one_in_an_early_line(slip: Entry, says: str) -> None:
    """At its line, however many were read before."""
    (finding,) = _late({**READ, **slip})
    assert says in finding.says
    assert finding.line == len(backup_until("gather")) + 3 * FIRST_LINES + 2


@pytest.mark.parametrize("value", [{"a": 1}, [0], 1.5])
def test_a_value_of_the_wrong_kind_in_a_later_line_is_refused_with_its_line(value: object) -> None:
    """As in an early one."""
    with pytest.raises(TraceError, match=r'"iFile" is .*; expected a name, a number or null') as fault:
        _late({**READ, "in": {"iFile": value}})
    assert fault.value.line == len(backup_until("gather")) + 3 * FIRST_LINES + 2


def test_a_key_of_the_recorder_on_every_line_is_told_once_and_costs_little() -> None:
    """A duration that nobody asked for: after some lines they take the short cut again."""
    lines = [{**READ, "duration": number, "in": {"iFile": number % 3}} for number in range(4000)]
    findings: list[Finding] = []
    checker = Checker(findings.append)
    whole = 0
    feed = checker.feed

    def counting(number: int, line: Line) -> None:
        nonlocal whole
        whole += 1
        feed(number, line)

    checker.feed = counting  # type: ignore[method-assign]
    texts = [json.dumps(line).encode() for line in [CREATED, *lines]]
    for start in range(0, len(texts), 500):
        checker.feed_block(b"\n".join(texts[start : start + 500]), start + 1)
    assert len([finding for finding in findings if finding.rule == UNKNOWN_NAME]) == 1
    assert whole < 1100


def test_line_by_line_the_arguments_are_looked_at() -> None:
    """Where lines are not given as text."""
    assert UNKNOWN_NAME in check([*backup_until("create"), call("SetContext", lContxt="x")]).rules_at(3)


@pytest.mark.parametrize("path", [*TRACES, *CASES], ids=lambda path: path.stem)
def test_no_name_of_a_trace_or_a_case_is_unknown(path: Path) -> None:
    """42 requesters, and every case: no false note."""
    found: list[Finding] = []
    history = History(Profile.WINDOWS, found.append, None)
    for number, text in enumerate(path.read_bytes().splitlines()[1:], 2):
        look_at_line(history, number, text)
        if b'"event"' in text or b'"happens"' in text:
            look_at_event(history, number, read_line(text, number))
    assert found == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("IVssBackupComponents::SetContex", " (did you mean IVssBackupComponents::SetContext?)"),
        ("IVssBackupComponent::SetContext", " (did you mean IVssBackupComponents::SetContext?)"),
        ("GatherWriterMetdata", " (did you mean IVssBackupComponents::GatherWriterMetadata?)"),
        ("CreateVssBackupComponent", " (did you mean CreateVssBackupComponents?)"),
        ("IVssAsync::Wiat", " (did you mean IVssAsync::Wait?)"),
        ("IVssBackupComponents::Zzzzz", ""),
        ("", ""),
    ],
)
def test_a_call_that_there_is_not_is_told_what_was_meant_if_it_is_like_one(written: str, meant: str) -> None:
    """That an interface is spelt as it is makes no method of it alike."""
    with pytest.raises(TraceError) as caught:
        check_line(Line(call=written), 1)
    assert caught.value.says.endswith(f"expected a documented method, written Interface::Method{meant}")
