"""What is said to those who err: words that help, and the interfaces that an object does not have."""

import sys
from pathlib import Path

import pytest

from vss_sim import (
    BackupType,
    NotSimulated,
    Simulation,
    SnapshotContext,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
)
from vss_sim.cli import main
from vss_sim.engine.inputs import BadCall
from vss_sim.report.explain import explain
from vss_sim.spec.hresult import HResult

_SET_CONTEXT = "IVssBackupComponents::SetContext"
_QUERY_INTERFACE = "IUnknown::QueryInterface"


def _initialised() -> tuple[Simulation, str]:
    simulation = Simulation()
    requester = create_backup_components(simulation)
    requester.initialize_for_backup()
    return simulation, requester.handle


def test_a_misspelt_constant_is_named() -> None:
    """Of several names joined by |, the one that nobody knows, and the one that was meant."""
    simulation, handle = _initialised()
    with pytest.raises(BadCall, match=r"'VSS_CTX_BAKUP' is no constant of VSS \(did you mean VSS_CTX_BACKUP\?\)"):
        simulation.call(_SET_CONTEXT, handle, {"lContext": "VSS_VOLSNAP_ATTR_DIFFERENTIAL|VSS_CTX_BAKUP"})
    with pytest.raises(BadCall, match=r"'zzzz' is no constant of VSS$"):
        simulation.call(_SET_CONTEXT, handle, {"lContext": "zzzz"})
    with pytest.raises(BadCall, match=r"it is a number, or names joined by \|$"):
        simulation.call(_SET_CONTEXT, handle, {"lContext": 1.5})


def test_a_misspelt_member_is_the_callers_bug_and_a_number_is_vss_business() -> None:
    """No program can pass a name that no header has; it can pass 99 (rule ans-invalid-argument)."""
    simulation, handle = _initialised()
    arguments = {"bSelectComponents": True, "bBackupBootableSystemState": False, "bPartialFileSupport": False}
    method = "IVssBackupComponents::SetBackupState"
    with pytest.raises(BadCall, match="VSS_BT_FULL"):
        simulation.call(method, handle, {**arguments, "backupType": "VSS_BT_FUL"})
    done = simulation.call(method, handle, {**arguments, "backupType": 99})
    assert done.refusal is not None
    assert (done.answer, done.refusal.rule) == (HResult.E_INVALIDARG, "seq-backupstate-facts")


def test_a_refusal_shows_an_argument_as_vss_names_it() -> None:
    """Not as Python prints it (rule backup-type-undefined-error)."""
    with create_backup_components(Simulation()) as requester:
        requester.initialize_for_backup()
        with pytest.raises(VssError) as refused:
            requester.set_backup_state(True, False, BackupType.UNDEFINED)
        assert refused.value.because == "backupType is 'VSS_BT_UNDEFINED' - expected: anything but VSS_BT_UNDEFINED"
        with pytest.raises(VssError) as refused:
            requester.set_context(SnapshotContext(5))
        assert refused.value.because.startswith("lContext is 5 - expected: a documented context")
        with pytest.raises(VssError) as refused:
            requester.set_context(SnapshotContext.BACKUP | VolumeSnapshotAttributes.PERSISTENT)
        assert refused.value.because.startswith("lContext is 1 - expected: a documented context")


def test_an_unknown_happening_is_answered_with_those_that_are_known() -> None:
    """A misspelt one is soon found."""
    with pytest.raises(NotSimulated, match=r"'reboots': .* \(did you mean reboot\?\); there are .*reboot"):
        Simulation().happens("reboots")


@pytest.mark.parametrize(
    ("riid", "answer"),
    [
        ("IUnknown", HResult.S_OK),
        ("IVssBackupComponents", HResult.S_OK),
        ("IID_IVssBackupComponentsEx4", HResult.S_OK),
        ("{963f03ad-9e4c-4a34-ac15-e4b6174e5036}", HResult.S_OK),
        (None, HResult.S_OK),
        ("IVssAsync", HResult.E_NOINTERFACE),
        ("IID_IVssBackupComponentsEx9", HResult.E_NOINTERFACE),
    ],
)
def test_query_interface_finds_versions_of_the_object_only(riid: str | None, answer: HResult) -> None:
    """Another object's interface is not there (rule object-ex-by-query-interface)."""
    simulation, handle = _initialised()
    done = simulation.call(_QUERY_INTERFACE, handle, {"riid": riid})
    assert done.answer == answer
    assert (done.refusal is None) is (answer is HResult.S_OK)
    assert simulation.unreleased()[0].references == (2 if answer is HResult.S_OK else 1)


def test_constants_and_python_names_are_explained() -> None:
    """With their numbers and the rules that name them; a method under its Python name, too."""
    text = explain("vss_ctx_backup")
    assert text.startswith("VSS_CTX_BACKUP = 0x00000000 = 0, of VSS_SNAPSHOT_CONTEXT\n")
    assert "[seq-setcontext-default]" in text
    assert "0xFFFFFFFF  VSS_CTX_ALL" in explain("VSS_SNAPSHOT_CONTEXT")
    assert explain("get_writer_status") == explain("GetWriterStatus")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("words", [["explain", "VSS_E_BAD_STATE"], ["explain", "C22"], ["protocol"]])
def test_output_that_cannot_be_written_is_told(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A full disk is a sentence and exit code 2, no traceback; whatever the length of the output."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(words) == 2
    assert "the output cannot be written: No space left on device" in capfd.readouterr().err


def test_an_index_that_c_makes_of_a_negative_number_is_told_as_both() -> None:
    """UINT has no sign."""
    with create_backup_components(Simulation()) as requester:
        requester.initialize_for_backup()
        requester.gather_writer_metadata().finish()
        with pytest.raises(VssError) as refused:
            requester.get_writer_metadata(-1)
        assert refused.value.because == "iWriter is 4294967295 (-1); there are no writers with metadata"


def test_what_was_meant_is_asked_for() -> None:
    """A constant without what stands before it, and NULL where a value is needed."""
    simulation, handle = _initialised()
    with pytest.raises(BadCall, match=r"'BACKUP' is no constant of VSS \(did you mean VSS_CTX_BACKUP\?\)"):
        simulation.call(_SET_CONTEXT, handle, {"lContext": "BACKUP"})
    simulation.call("IVssBackupComponents::StartSnapshotSet", handle)
    done = simulation.call("IVssBackupComponents::AddToSnapshotSet", handle, {"pwszVolumeName": None})
    assert done.refusal is not None
    assert done.refusal.because == "pwszVolumeName is NULL"
