"""`vss-sim explain` of parameters, of values like NULL and GUID_NULL, and of the flags of file calls in Python."""

import re

import pytest

import vss_sim
from vss_sim.cli import main
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.report.explain import UnknownNameError, explain
from vss_sim.report.explain_parameter import parameter_names
from vss_sim.requester import win32_flags
from vss_sim.spec.constants import CONSTANTS
from vss_sim.spec.enums import numbers
from vss_sim.spec.methods import signatures
from vss_sim.spec.win32 import FLAGS, NAMES_IN, SERVICE_STATES


def test_a_parameter_tells_what_it_means_and_which_calls_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    """As the page of AddToSnapshotSet has it: a name that ends in a backslash, and never NULL."""
    assert main(["explain", "pwszVolumeName"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("pwszVolumeName, a parameter, in Python volume_name\n")
    assert "in VSS_PWSZ: the volume or share by one of its names, ending in a backslash" in text
    assert "IVssBackupComponents::AddToSnapshotSet" in text
    assert "pwszVolumeName: a name that ends in a backslash" in text
    assert "[obs-volume-name-backslash]" in text
    assert "otherwise: VSS_E_OBJECT_NOT_FOUND or E_INVALIDARG" in text


def test_a_parameter_of_several_meanings_tells_each() -> None:
    """BstrXML is the document to import, the saved document of a restore, and one to read."""
    text = explain("bstrxml")
    for meaning in ("of a set to import", "that the backup saved", "Writer Metadata Document"):
        assert meaning in text
    flags = explain("dwBreakFlags")
    assert "VSS_HARDWARE_OPTIONS flags, joined with |" in flags
    assert "VSS_BREAKEX_FLAG_MASK_LUNS alone" in flags


def test_flags_are_those_of_the_call() -> None:
    """DwFlags is of RecoverSet, of a provider's OnLunStateChange, and reserved: each has flags of its own, or none."""
    _, *told = explain("dwFlags").split("\n\n")
    of_call = {part.rpartition("of ")[2].partition("\n")[0]: part for part in told[:3]}
    named = {call: re.findall(r"VSS_[A-Z]+_OPTIONS", part) for call, part in of_call.items()}
    assert named == {
        "IVssBackupComponentsEx3::AddSnapshotToRecoverySet": [],
        "IVssBackupComponentsEx3::RecoverSet": ["VSS_RECOVERY_OPTIONS"],
        "IVssHardwareSnapshotProviderEx::OnLunStateChange": ["VSS_HARDWARE_OPTIONS"],
    }


def test_what_is_asked_of_a_requester_is_not_asked_of_providers() -> None:
    """A provider has methods of the same names with parameters of the same names."""
    asked = explain("eSourceObjectType").partition("what VSS asks of it")[2]
    assert "IVssBackupComponents::DeleteSnapshots\n" in asked
    assert "Provider" not in asked
    assert "asked of the arguments" not in explain("IVssSoftwareSnapshotProvider::DeleteSnapshots")


def test_a_method_tells_what_is_asked_of_its_arguments_first() -> None:
    """Arguments come before states (rule obs-arguments-before-state); what a demand hangs on is told."""
    text = explain("ExposeSnapshot")
    assert text.index("asked of the arguments") < text.index("allowed when")
    assert "wszExpose, where lAttributes is VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY: the name of a share" in text
    assert "WriterId: an id other than GUID_NULL" in explain("CVssWriter::Initialize")
    assert "ranges" in explain("IVssComponent::AddPartialFile")


@pytest.mark.parametrize(
    ("name", "documented"),
    [("component_name", "wszComponentName"), ("milliseconds", "dwMilliseconds"), ("volume_name", "pwszVolumeName")],
)
def test_the_name_of_a_parameter_in_python_leads_to_the_documented_one(name: str, documented: str) -> None:
    """A keyword of a method of the API is a parameter of the call."""
    assert documented in explain(name).splitlines()[0]


def test_every_parameter_can_be_explained() -> None:
    """Of every documented call and of every file call; a wrong name has near ones."""
    names = {parameter.name for signature in signatures().values() for parameter in signature.parameters}
    names |= {parameter for call in FILE_CALLS.values() for parameter in call.takes}
    names |= {parameter for taken in NAMES_IN.values() for parameter in taken}
    assert names <= set(parameter_names())
    for name in names:
        assert f"{name}" in explain(name)
    with pytest.raises(UnknownNameError, match="did you mean wszLogicalPath"):
        explain("wszLogicPath")


def test_a_parameter_of_a_file_call_tells_what_it_takes() -> None:
    """The page of CreateFile lists what others may do with the file meanwhile."""
    text = explain("dwShareMode")
    assert "FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_SHARE_DELETE" in text
    assert "of CreateFile" in text
    assert "decides nothing here" in explain("lpServiceStatus")
    assert "dwShareMode takes FILE_SHARE_READ" in explain("CreateFileW")


@pytest.mark.parametrize(
    ("name", "value", "has"),
    [
        ("INFINITE", "0xFFFFFFFF = 4294967295", "[async-wait-2003-infinite]"),
        ("infinite", "0xFFFFFFFF = 4294967295", "IVssAsync::Wait (dwMilliseconds)"),
        ("GUID_NULL", "{00000000-0000-0000-0000-000000000000}", "asked for  Query (QueriedObjectId)"),
        ("GUID_NULL", "{00000000-0000-0000-0000-000000000000}", "RevertToSnapshot (SnapshotId)"),
        ("NULL", "0", "QueryStatus (pReserved)"),
        ("TRUE", "1", "AddRestoreSubcomponent (bRepair)"),
        ("FALSE", "0", "in a line  false"),
        ("VSS_RT_NEW", "of no later header", "[rt-new-removed]"),
        ("SERVICE_STOPPED", "1, how a service is", "service-functions"),
        ("FILE_BEGIN", "0x00000000 = 0", "SetFilePointerEx (dwMoveMethod)"),
        ("COPY_FILE_FAIL_IF_EXISTS", "0x00000001 = 1", "CopyFileEx (dwCopyFlags)"),
    ],
)
def test_values_of_no_enumeration_are_explained(name: str, value: str, has: str) -> None:
    """With what they stand for, where they are passed and where they are refused."""
    text = explain(name)
    assert text.startswith(f"{name.upper()} = {value}")
    assert has in text


def test_every_value_of_no_enumeration_can_be_explained() -> None:
    """None has the name of a member of an enumeration."""
    assert not CONSTANTS.keys() & numbers().keys()
    for name in (*CONSTANTS, *SERVICE_STATES):
        assert explain(name).startswith(f"{name} = ")


def test_a_flag_of_file_calls_in_python_leads_to_that_of_win32() -> None:
    """FileShare.DELETE is FILE_SHARE_DELETE, FileAccess.DELETE is DELETE: each member is one flag."""
    assert explain("FileShare.DELETE") == explain("FILE_SHARE_DELETE")
    assert explain("FileAccess.DELETE") == explain("DELETE")
    assert "0x00000004  APPEND_DATA: FILE_APPEND_DATA\n" in explain("FileAccess")
    for name in ("Disposition", "FileAccess", "FileAttributes", "FileFlags", "FileShare", "MoveFlags"):
        for member in getattr(win32_flags, name):
            alike = [flag for flag, bit in FLAGS.items() if bit == member.value and flag.endswith(member.name)]
            assert len(alike) == 1
            assert explain(f"{name}.{member.name}") == explain(alike[0])


def test_a_field_of_a_record_leads_to_its_structure() -> None:
    """What GetSnapshotProperties fills; a record that VSS does not have tells itself."""
    assert explain("SnapshotProperties.status") == explain("m_eStatus")
    for name in ("component_flags", "caption"):
        assert explain(f"ComponentInfo.{name}") == explain("VSS_COMPONENTINFO")
    assert explain("Rehearsal.saved").startswith("vss_sim.Rehearsal.saved, of the Python API")


@pytest.mark.parametrize("name", ["WriterId", "InstanceId", "SnapshotId", "SnapshotSetId", "ProviderId", "SessionId"])
def test_a_type_of_ids_tells_what_it_is(name: str) -> None:
    """And the parameter of the same name, where there is one."""
    assert hasattr(vss_sim, name)
    text = explain(name)
    assert "a type checker sees one taken for another" in text
    assert "UserId" not in text, "not what Python says of every such type"
