"""Where no order of calls is at fault, a refusal says which argument is legal, or what mends it."""

import re

import pytest

from tests.support import SET_ID, SNAPSHOT_ID, Entry, asynchronous, backup_until, call, check, create
from vss_sim import VssError, create_backup_components
from vss_sim.judge.findings import Finding
from vss_sim.report.json_lines import finding_json
from vss_sim.report.text import finding_text
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.answers import call_failures, documented_answers, result_failures
from vss_sim.spec.enums import BackupType, numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.documents import DOCUMENT_METHODS
from vss_sim.spec.remedies import remedy
from vss_sim.spec.rules import rules
from vss_sim.spec.table import Profile
from vss_sim.spec.tables import read_table
from vss_sim.spec.writer_calls import RESERVED, handler_calls

TYPES = ("FULL", "INCREMENTAL", "DIFFERENTIAL", "LOG", "COPY", "OTHER")
REQUESTER = "IVssBackupComponents::"
METHODS_BY_NAME = {signature.name for signature in signatures().values()}


def _error(*lines: Entry) -> Finding:
    """The one error of a log whose last line is at fault."""
    (finding,) = check(lines).errors()
    assert finding.line == len(lines) + 1
    return finding


@pytest.mark.parametrize(
    ("lines", "instead"),
    [
        (
            [*backup_until("start"), call("AddToSnapshotSet", returns="VSS_E_OBJECT_NOT_FOUND", pwszVolumeName="C:")],
            ["AddToSnapshotSet(pwszVolumeName: a name that ends in a backslash)"],
        ),
        (
            [*backup_until("initialize"), call("SetBackupState", returns="E_INVALIDARG", backupType=0)],
            ["SetBackupState(backupType: anything but VSS_BT_UNDEFINED)"],
        ),
        (
            [*backup_until("initialize"), call("SetBackupState", returns="E_INVALIDARG", backupType=99)],
            [f"SetBackupState(backupType: {', '.join(f'VSS_BT_{name}' for name in TYPES[:-1])} or VSS_BT_{TYPES[-1]})"],
        ),
        (
            [*backup_until("initialize"), call("AddToSnapshotSet", returns="E_INVALIDARG", pwszVolumeName=None)],
            ["StartSnapshotSet", "AddToSnapshotSet(pwszVolumeName: not NULL)"],
        ),
        (
            [
                *backup_until("gather"),
                call("GetWriterMetadataCount", out={"pcWriters": 3}),
                call("GetWriterMetadata", returns="VSS_E_OBJECT_NOT_FOUND", iWriter=3),
            ],
            ["GetWriterMetadata(iWriter: 0 to 2)"],
        ),
        (
            [
                *backup_until("gather"),
                call("GetWriterMetadataCount", out={"pcWriters": 1}),
                call("GetWriterMetadata", returns="VSS_E_OBJECT_NOT_FOUND", iWriter=1),
            ],
            ["GetWriterMetadata(iWriter: 0)"],
        ),
        (
            [*backup_until("do"), call("GetSnapshotProperties", returns="VSS_E_OBJECT_NOT_FOUND", SnapshotId=SET_ID)],
            ["GetSnapshotProperties(SnapshotId: the id that AddToSnapshotSet gave)"],
        ),
        (
            [
                *backup_until("add"),
                call("GetSnapshotProperties", returns="VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID),
            ],
            ["PrepareForBackup", "Wait", "DoSnapshotSet", "Wait", "GetSnapshotProperties"],
        ),
    ],
)
def test_the_way_on_is_the_same_call_with_what_vss_takes(lines: list[Entry], instead: list[str]) -> None:
    """After what the state asks for, where it asks for something."""
    assert [step.removeprefix(REQUESTER).removeprefix("IVssAsync::") for step in _error(*lines).instead] == instead


def test_a_query_asks_by_the_letter_of_the_pages_for_a_context_that_was_set() -> None:
    """The one call that a way leads over SetContext for (rule query-after-init-and-context)."""
    query = call("Query", returns="VSS_E_BAD_STATE", eReturnedObjectsType="VSS_OBJECT_SNAPSHOT")
    (finding,) = check([*backup_until("initialize"), query], Profile.DOCUMENTED).errors()
    assert finding.instead == (f"{REQUESTER}SetContext", f"{REQUESTER}Query")


def test_where_no_call_helps_the_finding_says_what_does() -> None:
    """As the page of DoSnapshotSet has it for want of room (rule sn-storage)."""
    lines = [*backup_until("prepare"), *asynchronous("DoSnapshotSet", result="VSS_E_INSUFFICIENT_STORAGE")]
    (finding,) = [finding for finding in check(lines).findings if finding.rule == "sn-storage"]
    assert finding.instead == ()
    assert finding.mends.startswith("delete shadow copies that nobody needs")
    assert "helps    delete shadow copies" in finding_text("log", finding)
    assert b'"mends":"delete shadow copies' in finding_json(finding)


@pytest.mark.parametrize(
    ("lines", "mends"),
    [
        (
            [
                *backup_until("add"),
                call("AddToSnapshotSet", returns="VSS_E_OBJECT_ALREADY_EXISTS", pwszVolumeName="C:\\"),
            ],
            "leave the call out: the volume is in the set already",
        ),
        (
            [create(), call("InitializeForBackup", returns="VSS_E_INVALID_XML_DOCUMENT", bstrXML="<")],
            "pass NULL for a backup",
        ),
        (
            [
                *backup_until("start"),
                call("AddToSnapshotSet", returns="VSS_E_NESTED_VOLUME_LIMIT", pwszVolumeName="V:\\"),
            ],
            "leave the volume out",
        ),
    ],
)
def test_what_mends_a_refusal_that_no_order_decides(lines: list[Entry], mends: str) -> None:
    """In the words of the page of the call."""
    assert _error(*lines).mends.startswith(mends)


DOCUMENT_TAKERS = {
    "IVssBackupComponents::InitializeForBackup",
    "IVssBackupComponents::InitializeForRestore",
    "IVssExamineWriterMetadata::LoadFromXML",
    "IVssExpressWriter::LoadMetadata",
    "CreateVssExamineWriterMetadata",
}
PROVIDER_TAKERS = {"IVssBackupComponents::AddToSnapshotSet", "IVssBackupComponents::IsVolumeSupported"}


@pytest.mark.parametrize("full_name", sorted(signatures()))
def test_nobody_is_told_to_pass_what_the_call_does_not_take(full_name: str) -> None:
    """Of a document that has gone bad on the way every other page says that the event log has the details."""
    passes = remedy(full_name, HResult.VSS_E_INVALID_XML_DOCUMENT).startswith("pass ")
    assert passes is (full_name in DOCUMENT_TAKERS)
    names = remedy(full_name, HResult.VSS_E_PROVIDER_NOT_REGISTERED).startswith("name a provider")
    assert names is (full_name in PROVIDER_TAKERS)


RESERVED_METHODS = {
    *RESERVED,
    *(full_name for full_name, row in DOCUMENT_METHODS.items() if row.reserved),
    *(full_name for full_name, row in handler_calls().items() if row.refusal is HResult.E_NOTIMPL),
}


@pytest.mark.parametrize("full_name", sorted(RESERVED_METHODS))
def test_a_reserved_method_is_no_matter_of_the_provider(full_name: str) -> None:
    """No volume and no provider takes part in it."""
    assert remedy(full_name, HResult.E_NOTIMPL) == "leave the call out: it is reserved"


@pytest.mark.parametrize(
    ("full_name", "code", "mends"),
    [
        (f"{REQUESTER}RevertToSnapshot", HResult.E_NOTIMPL, "copy the files back"),
        ("IVssBackupComponentsEx3::RecoverSet", HResult.E_NOTIMPL, "the provider of the volume does not"),
        ("IVssBackupComponentsEx3::RecoverSet", HResult.VSS_E_BAD_STATE, "resync where Windows itself runs"),
        ("IVssBackupComponentsEx3::RecoverSet", HResult.VSS_E_CANNOT_REVERT_DISKID, "the cause stands in the event"),
        (f"{REQUESTER}ImportSnapshots", HResult.VSS_E_PROVIDER_NOT_REGISTERED, "install the provider"),
        ("IVssBackupComponentsEx2::SetRollForward", HResult.VSS_E_OBJECT_NOT_FOUND, "name a component of the saved"),
        ("IVssBackupComponentsEx2::SetRestoreName", HResult.VSS_E_OBJECT_NOT_FOUND, "name a component of the saved"),
        ("CVssWriter::GetSnapshotDeviceName", HResult.VSS_E_OBJECT_NOT_FOUND, "name a volume of the shadow copy set"),
        (
            "IVssCreateWriterMetadata::AddAlternateLocationMapping",
            HResult.VSS_E_OBJECT_NOT_FOUND,
            "name the restore method first",
        ),
        (
            "IVssCreateExpressWriterMetadata::AddFilesToFileGroup",
            HResult.VSS_E_OBJECT_NOT_FOUND,
            "name a component that AddComponent added",
        ),
    ],
)
def test_what_helps_is_said_of_this_call(full_name: str, code: HResult, mends: str) -> None:
    """And not what helps another call with the same answer."""
    assert remedy(full_name, code).startswith(mends)


def test_a_resync_asks_all_that_its_page_asks_of_the_destination() -> None:
    """It may be the disk, its identifier, its provider, or its cluster (page of AddSnapshotToRecoverySet)."""
    mends = remedy("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", HResult.VSS_E_VOLUME_NOT_SUPPORTED)
    assert all(word in mends for word in ("basic disk", "hardware provider", "identifier", "quorum"))
    assert "safe mode" in remedy("IVssBackupComponentsEx3::RecoverSet", HResult.VSS_E_BAD_STATE)


def test_nothing_is_said_of_what_mends_where_a_call_does() -> None:
    """The way on is enough."""
    finding = _error(*backup_until("initialize"), call("DoSnapshotSet", returns="VSS_E_BAD_STATE"))
    assert finding.instead
    assert finding.mends == ""
    assert b"mends" not in finding_json(finding)


def test_the_simulator_says_the_same() -> None:
    """By argument, and by what the machine lacks."""
    with create_backup_components(Simulation()) as requester:
        requester.initialize_for_backup()
        with pytest.raises(VssError) as refused:
            requester.set_backup_state(False, False, BackupType.UNDEFINED)
        assert refused.value.instead == (f"{REQUESTER}SetBackupState(backupType: anything but VSS_BT_UNDEFINED)",)
        assert refused.value.mends == ""
        requester.gather_writer_metadata().finish()
        requester.start_snapshot_set()
        with pytest.raises(VssError) as refused:
            requester.add_to_snapshot_set("Q:\\")
        assert refused.value.instead == ()
        assert refused.value.mends == "name a volume of this machine, with a backslash at its end"
        assert "what helps: name a volume" in str(refused.value)


def _rows() -> list[dict[str, str]]:
    return list(read_table("remedies.tsv"))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row['method']}-{row['hresult']}")
def test_a_remedy_is_for_an_answer_that_its_method_has(row: dict[str, str]) -> None:
    """And the calls and constants that it names are there."""
    assert not row["remedy"].startswith("call "), "it is said where no sequence of calls mends the failure"
    code = HResult[row["hresult"]]
    if row["method"] in rules():
        assert code.name in rules()[row["method"]].answers or remedy("", code, row["method"]) == row["remedy"]
        return
    mine = [
        full_name
        for full_name, signature in signatures().items()
        if row["method"] in ("*", full_name, signature.name, signature.family)
    ]
    assert any(_may_answer(full_name, code) for full_name in mine)
    assert any(remedy(full_name, code) == row["remedy"] for full_name in mine)
    for word in re.findall(r"\b[A-Z]\w*(?:_\w+|[a-z][A-Z]\w*)", row["remedy"]):
        assert word in METHODS_BY_NAME or word in numbers() or word == "GUID_NULL", word


def _may_answer(full_name: str, code: HResult) -> bool:
    documented = {answer.hresult for answer in documented_answers().get(full_name, ())}
    by_order = METHODS.get(full_name.rpartition("::")[2])
    row = DOCUMENT_METHODS.get(full_name)
    return (
        code.name in documented
        or code in call_failures(full_name)
        or code in result_failures(full_name)
        or any(code in need.answers for need in (by_order.needs if by_order else ()))
        or bool(row and row.index and code in row.index.answers)
        or (full_name in RESERVED_METHODS and code is HResult.E_NOTIMPL)
    )
