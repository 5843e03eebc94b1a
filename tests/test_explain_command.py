"""`vss-sim explain`: a rule, an HRESULT, a method, an interface, a contradiction; and near names for a wrong one."""

import inspect
from enum import IntFlag

import pytest

import vss_sim
from vss_sim.cli import main
from vss_sim.report.explain import UnknownNameError, explain
from vss_sim.report.explain_python import documented_name, python_names
from vss_sim.spec import importing
from vss_sim.spec.creation import CREATION
from vss_sim.spec.enums import Named, members, numbers, page_of
from vss_sim.spec.events import EVENTS
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import COMES_OF, GONE, Obstacle
from vss_sim.spec.methods import signatures
from vss_sim.spec.rules import disputes, rules, same_facts
from vss_sim.spec.structures import STRUCTURES
from vss_sim.spec.win32 import CALLS, FLAGS, Win32Error


@pytest.mark.parametrize(
    "name",
    ["VSS_E_BAD_STATE", "vss_e_bad_state", "0x80042301", "80042301", "0x80042301UL", "-2147212543", "2147754753"],
)
def test_an_hresult_in_every_spelling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, in hexadecimal as logs of Windows and headers of C write it, in decimal with or without sign."""
    assert main(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith("VSS_E_BAD_STATE = 0x80042301 = -2147212543")
    assert "IVssBackupComponents::InitializeForBackup" in out


def test_a_method_tells_when_it_is_allowed_and_what_it_answers() -> None:
    """With the rule and the page of each need."""
    text = explain("DoSnapshotSet")
    assert text == explain("IVssBackupComponents::DoSnapshotSet") == explain("ivssbackupcomponents::dosnapshotset")
    assert "it also rests on" in text
    assert "seq-do-event-order" in text
    assert "seq-prepare-before-do" in text
    assert "VSS_E_INSUFFICIENT_STORAGE (result)" in text
    assert "nf-vsbackup-ivssbackupcomponents-dosnapshotset" in text
    assert "by the letter of the pages" in text


def test_a_code_that_real_windows_gives_beyond_the_page_leads_to_its_method_and_back() -> None:
    """A creation that a writer failed: the page of DoSnapshotSet does not name it (rule obs-do-failures)."""
    code = "VSS_E_UNEXPECTED_WRITER_ERROR"
    beyond = explain(code).partition("  beyond the page of:\n")[2].partition("\n\n")[0]
    assert "IVssBackupComponents::DoSnapshotSet (result)" in beyond
    assert "BackupComplete" not in beyond
    told = explain("DoSnapshotSet").partition("  beyond the page: ")[2]
    assert f"{code} (result)" in told
    assert "VSS_E_PROVIDER_VETO" not in told


def test_what_an_import_came_to_is_explained_by_all_that_it_comes_of() -> None:
    """Whoever reads the code on machine two finds each cause there is, with its rule; of some codes it is one alone."""
    told = {code: explain(code).partition("ImportSnapshots comes to it where")[2] for code in COMES_OF}
    causes = {one for one in vars(importing).values() if isinstance(one, Obstacle)} | set(GONE.values())
    assert {cause for some in COMES_OF.values() for cause in some} == causes
    for code, some in COMES_OF.items():
        assert [cause.rule for cause in some if f"[{cause.rule}]" not in told[code]] == []
        assert " ".join(told[code].split()).count(some[0].says) == 1
    assert "im-save-after-do" in told["VSS_E_NO_SNAPSHOTS_IMPORTED"]
    assert told["VSS_E_NONTRANSPORTABLE_BCD"].count("[") == 1
    assert "ImportSnapshots comes to it" not in explain("VSS_E_BAD_STATE")


def test_the_methods_of_other_objects_tell_their_rules() -> None:
    """What real Windows does stands beside the page, which a version of Windows may bind."""
    text = explain("IVssAsync::Wait")
    assert "obs-wait-returns-pending" in text
    assert "Server 2003 only" in text
    assert "seq-async-finished-code" in explain("IVssAsync::QueryStatus")


def test_a_rule_tells_its_pages_and_where_it_is_used() -> None:
    """And the contradiction that touches it, with the stance taken."""
    text = explain("seq-setcontext-early")
    assert "must" in text
    assert "https://learn.microsoft.com/windows/win32/vss/overview-of-backup-initialization" in text
    assert "C22" in text
    assert "Stance of this project" in text
    assert "in the table of: SetContext" in text


@pytest.mark.parametrize("full_name", sorted(signatures()))
def test_a_list_of_parameters_is_whole(full_name: str) -> None:
    """Who reads a list takes it for all there are."""
    lines = [line.split() for line in explain(full_name).splitlines()]
    told = {words[1].rstrip(":") for words in lines if len(words) > 2 and words[0] in ("in", "out", "in/out")}
    assert {parameter.name for parameter in signatures()[full_name].parameters} <= told


def test_an_enumeration_tells_what_its_members_mean_and_which_calls_take_it() -> None:
    """With its page, as each of its members has it; pages that rules rest on are the same."""
    text = explain("VSS_WRITER_STATE")
    assert "VSS_WS_FAILED_AT_FREEZE" in text
    assert "VSS_WS_UNKNOWN: state unknown" in text
    assert "IVssBackupComponents::GetWriterStatus (pnStatus)" in text
    assert "api/vss/ne-vss-vss_writer_state" in text
    assert "api/vss/ne-vss-vss_writer_state" in explain("VSS_WS_STABLE")
    known = {page for rule in rules().values() for page in rule.pages if page.startswith("api:ne-")}
    assert known <= {page_of(name) for name in members()}


@pytest.mark.parametrize(
    ("name", "caller"),
    [
        ("CVssWriter::OnFreeze", "VSS in a writer"),
        ("CVssWriter::SetWriterFailure", "a writer"),
        ("CommitSnapshots", "VSS in a provider"),
        ("AddDiffArea", "a program that manages shadow copies"),
        ("DoSnapshotSet", "a requester"),
    ],
)
def test_a_method_tells_who_calls_it(name: str, caller: str) -> None:
    """Handlers and providers are called by VSS, and call nothing by themselves."""
    assert f", called by {caller}, since " in explain(name)


def test_an_event_tells_who_gets_it_and_from_which_calls() -> None:
    """Whatever its case; an event that is called as its method is told with it."""
    text = explain("freeze")
    assert text.startswith("Freeze, an event that VSS sends to writers")
    assert "writes nothing" in text
    assert "raised by IVssBackupComponents::DoSnapshotSet" in text
    assert "the writers that take part" in text
    assert "every writer in progress gets Abort" in text
    assert "seq-freeze-then-thaw-or-abort" in text
    assert "cvsswriter-onfreeze" in text
    both = explain("PostRestore")
    assert both.startswith("IVssBackupComponents::PostRestore(")
    assert "PostRestore, an event that VSS sends to writers" in both
    assert "by the letter of the pages: the failure stands in the status" in explain("PrepareForSnapshot")
    assert "IVssBackupComponents::AbortBackup" in explain("Abort")
    assert "IUnknown::Release" in explain("BackupShutdown")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("DoSnapshotSets", "DoSnapshotSet"),
        ("VSS_E_BADSTATE", "VSS_E_BAD_STATE"),
        ("seq-setcontext-earl", "seq-setcontext-early"),
        ("Freze", "Freeze"),
        ("IVssBackupComponents::SetContex", "IVssBackupComponents::SetContext"),
        ("IVssBackupComponent", "IVssBackupComponents"),
        ("BackupComponents.get_writer_statu", "BackupComponents.get_writer_status"),
        ("Simulaton", "Simulation"),
    ],
)
def test_a_wrong_name_gets_near_ones(wrong: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 2."""
    assert main(["explain", wrong]) == 2
    assert near in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["", "zzzz qqqq", "0x12345678", "x" * 100_000, "-"])
def test_a_name_that_is_like_none_is_refused_all_the_same(wrong: str) -> None:
    """Without a suggestion, and without hanging."""
    with pytest.raises(UnknownNameError):
        explain(wrong)


def test_everything_that_has_a_name_can_be_explained() -> None:
    """Every rule, code, contradiction, method and function; lines stay readable."""
    names = [*rules(), *HResult.__members__, *disputes(), *signatures(), *EVENTS]
    assert len(names) > 1500
    for name in names:
        text = explain(name)
        assert text.endswith("\n")
        assert len(text) > len(name) + 10


def test_rules_that_say_the_same_name_each_other() -> None:
    """Both are rules, and neither says the same as itself."""
    for rule, also in same_facts().items():
        assert {rule, *also} <= set(rules())
        assert rule not in also
        assert f"the same  {', '.join(also)}" in explain(rule)
        assert all(rule in explain(other) for other in also)


@pytest.mark.parametrize(
    ("name", "begins", "has"),
    [
        (
            "ERROR_SHARING_VIOLATION",
            "ERROR_SHARING_VIOLATION = 32 (as an HRESULT 0x80070020)\n",
            "Another handle is open",
        ),
        ("0x80070020", "ERROR_SHARING_VIOLATION = 32", "Another handle is open"),
        ("32", "ERROR_SHARING_VIOLATION = 32", "system-error-codes"),
        ("MoveFileEx", "MoveFileEx(lpExistingFileName, lpNewFileName, dwFlags)\n", "MOVEFILE_DELAY_UNTIL_REBOOT"),
        ("copyfilew", "CopyFile(lpExistingFileName, lpNewFileName, bFailIfExists)\n", "docs/files.md"),
        ("MOVEFILE_DELAY_UNTIL_REBOOT", "MOVEFILE_DELAY_UNTIL_REBOOT = 0x00000004 = 4", "MoveFileEx"),
        ("CopyFile2", "CopyFile2, a function of Windows that logs have", "read as CopyFileEx, which does the same"),
        ("ReplaceFileW", "ReplaceFile, a function of Windows that logs have", "the simulator does not make it"),
        ("backupwrite", "BackupWrite, a function of Windows that logs have", "known to `vss-sim check`"),
        ("reboot", "reboot, something that may happen", '{"happens": "reboot"}'),
        ("Time Passes", "time passes, something that may happen", '"seconds"'),
    ],
)
def test_what_stands_in_a_log_beside_calls_of_vss_is_explained(name: str, begins: str, has: str) -> None:
    """Win32 errors, functions and flags, and what happens to a machine."""
    text = explain(name)
    assert text.startswith(begins)
    assert has in text


@pytest.mark.parametrize(
    ("name", "begins", "has"),
    [
        ("IVssBackupComponents", "IVssBackupComponents, an interface for requesters\n", "ImportSnapshots: Bring"),
        ("ivssbackupcomponents", "IVssBackupComponents, an interface for requesters\n", "(IVssBackupComponentsEx2)"),
        ("IVssBackupComponentsEx4", "IVssBackupComponentsEx4, ", "in Python vss_sim.BackupComponents"),
        ("IVssAsync", "IVssAsync, an interface for requesters\n", "api/vss/nn-vss-ivssasync"),
        ("IVssComponent", "IVssComponent, an interface for requesters, writers\n", "get-writer-components-invalidated"),
        ("IVssEnumObject", "IVssEnumObject, ", "made by   IVssBackupComponents::Query"),
        ("CVssWriter", "CVssWriter, a class for writers\n", "vswriter/nl-vswriter-cvsswriter"),
        ("IVssSnapshotMgmt", "IVssSnapshotMgmt, an interface for programs that manage shadow copies\n", "nn-vsmgmt"),
        ("BackupComponents", "IVssBackupComponents, ", "InitializeForBackup: "),
        ("BackupComponents.import_snapshots", "IVssBackupComponents::ImportSnapshots(", "im-init-with-doc"),
        ("vss_sim.create_backup_components", "CreateVssBackupComponents(", "E_ACCESSDENIED"),
        ("Async.finish", "vss_sim.Async.finish, of the Python API", "VSS_S_ASYNC_FINISHED"),
        ("VssError", "vss_sim.VssError, of the Python API", "A call that VSS refused"),
        ("SnapshotContext", "VSS_SNAPSHOT_CONTEXT, in Python vss_sim.SnapshotContext\n", "VSS_CTX_BACKUP"),
        ("SnapshotContext.BACKUP", "VSS_CTX_BACKUP = 0x00000000", "set-context-default"),
        ("VolumeSnapshotAttributes.PERSISTENT", "VSS_VOLSNAP_ATTR_PERSISTENT = ", "survives reboots"),
        ("RestoreMethod.CUSTOM", "VSS_RME_CUSTOM = ", "custom-writer-procedure"),
    ],
)
def test_interfaces_and_names_of_python_are_explained(name: str, begins: str, has: str) -> None:
    """An interface lists its methods, of all its versions; a name of Python leads to that of VSS, where it has one."""
    text = explain(name)
    assert text.startswith(begins)
    assert has in text


def test_everything_of_the_python_api_can_be_explained() -> None:
    """Every public name, and every method of the classes; every interface, with each of its methods."""
    for name in python_names():
        assert explain(name)
    for signature in signatures().values():
        if signature.interface:
            assert f"    {signature.name}" in explain(signature.interface)


def test_a_member_of_an_enumeration_in_python_leads_to_its_constant() -> None:
    """Of each enumeration and of all flags, those that are 0 or joined of others among them."""
    for name in python_names():
        owner, _, member = name.partition(".")
        kind = getattr(vss_sim, owner)
        has_constants = inspect.isclass(kind) and issubclass(kind, (Named, IntFlag)) and documented_name(owner)
        if has_constants and member in kind.__members__:
            assert explain(name).splitlines()[0].split(" = ")[0] in numbers()


def test_a_number_that_vss_has_is_an_hresult_first() -> None:
    """E_ACCESSDENIED is 0x80070005, and ERROR_ACCESS_DENIED with it."""
    assert explain("0x80070005").startswith("E_ACCESSDENIED = ")
    assert explain("ERROR_ACCESS_DENIED").startswith("ERROR_ACCESS_DENIED = 5 ")


def test_everything_beside_vss_can_be_explained() -> None:
    """Each name of the tables; a wrong one has near ones."""
    for name in (*Win32Error.__members__, *CALLS, *FLAGS, *HAPPENINGS):
        assert explain(name)
    for wrong, near in (
        ("ERROR_SHARING_VIOLATON", "ERROR_SHARING_VIOLATION"),
        ("rebot", "reboot"),
        ("MoveFilEx", "MoveFileEx"),
    ):
        with pytest.raises(UnknownNameError, match=near):
            explain(wrong)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_tells_its_members_with_their_types(name: str) -> None:
    """As the page of the structure lists them, with the name in Python, where there is one."""
    lines = explain(name.casefold()).splitlines()
    assert lines[0].startswith(f"{name}, a ")
    for member, kind in STRUCTURES[name].items():
        assert any(line.split()[:2] == [member, kind.rstrip(":")] for line in map(_without_colon, lines)), member
    assert lines[-1].startswith("  page      https://learn.microsoft.com/windows/win32/")


def _without_colon(line: str) -> str:
    return line.replace(":", " ")


def test_a_structure_tells_who_gives_and_who_frees_it() -> None:
    """What GetSnapshotProperties fills, the requester frees (rule free-snapshot-props-use)."""
    text = explain("VSS_SNAPSHOT_PROP")
    assert "given by  IVssBackupComponents::GetSnapshotProperties" in text
    assert "freed by  VssFreeSnapshotProperties" in text
    assert text == explain("m_pwszSnapshotDeviceObject")
    assert "in Python vss_sim.SnapshotProperties" in text
    assert explain("PVSSCOMPONENTINFO") == explain("VSS_COMPONENTINFO")
    with pytest.raises(UnknownNameError, match="did you mean VSS_SNAPSHOT_PROP or"):
        explain("VSS_SNAPSHOT_PROPS")


@pytest.mark.parametrize("name", ["0x180042301", "6442722049", "0xFFFFFFFF80042301", "0x180070020"])
def test_a_number_of_more_than_32_bits_is_no_hresult(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not cut: what its lower half would be is asked."""
    assert main(["explain", name]) == 2
    said = capsys.readouterr().err
    assert f"'{name}' does not fit into 32 bits" in said
    assert ("did you mean 0x80042301, VSS_E_BAD_STATE?" in said) is not name.endswith("70020")


def test_the_steps_inside_an_operation_are_told_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a creation by the table; of a provider's method, where among them it stands."""
    assert main(["explain", "DoSnapshotSet"]) == 0
    told = capsys.readouterr().out
    place = told.index("inside it, in this order:")
    for step in CREATION:
        place = told.index(f"- {step.name}", place) + 1
    assert main(["explain", "LocateLuns"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "inside ImportSnapshots, LocateLuns first" in told
    assert (
        "inside DoSnapshotSet, after GetTargetLuns and before FillInLunInfo, where the shadow copies are not to" in told
    )
    assert main(["explain", "OnLunStateChange"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "with VSS_ONLUNSTATECHANGE_NOTIFY_LUN_POST_RECOVERY, after PostSnapshot and before" in told
