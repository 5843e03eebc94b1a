"""What `vss-sim explain` tells of a writer's calls: in which of its handlers each may be made."""

import pytest

from vss_sim.cli import main
from vss_sim.spec.protocol.documents import WITH_COMPONENTS
from vss_sim.spec.writer_calls import ANYWHERE, handler_calls


def _explained(capsys: pytest.CaptureFixture[str], name: str) -> str:
    """The text in one line."""
    assert main(["explain", name]) == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("name", "handlers", "elsewhere"),
    [
        ("GetSnapshotDeviceName", "PostSnapshot", "VSS_E_BAD_STATE"),
        ("SetBackupStamp", "PrepareForBackup, PostSnapshot", "VSS_E_BAD_STATE"),
        ("IVssComponent::GetBackupSucceeded", "BackupComplete, PreRestore, PostRestore", "S_FALSE"),
        ("SetRestoreMetadata", "PreRestore", "VSS_E_BAD_STATE"),
        ("IVssCreateWriterMetadata::AddComponent", "Identify", "forbidden; what Windows answers is not known"),
    ],
)
def test_the_handlers_of_a_call_are_told(
    capsys: pytest.CaptureFixture[str], name: str, handlers: str, elsewhere: str
) -> None:
    """In the order in which events come."""
    assert f"a writer calls it in its handlers of: {handlers} elsewhere: {elsewhere} " in _explained(capsys, name)


def test_a_failure_is_set_in_every_handler_but_one(capsys: pytest.CaptureFixture[str]) -> None:
    """With the rule that says so."""
    said = _explained(capsys, "CVssWriter::SetWriterFailure")
    assert "handlers of: PrepareForBackup, PrepareForSnapshot, Freeze, Thaw, PostSnapshot, BackupComplete" in said
    assert "must not call SetWriterFailure from the Identify handler. [wr-id-no-setfailure]" in said


def test_a_question_that_tells_nothing_elsewhere_says_where_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    """It may be asked anywhere; where it may and always tells something, nothing is said."""
    said = _explained(capsys, "GetRestoreType")
    assert "what it tells counts in handlers of: PreRestore, PostRestore - " in said
    assert "elsewhere:" not in said
    assert "handlers of" not in _explained(capsys, "CVssWriter::GetBackupType")


def test_components_are_given_with_some_events_only(capsys: pytest.CaptureFixture[str]) -> None:
    """A reader of them is called where they are."""
    assert handler_calls()["IVssComponent::GetLogicalPath"].handlers == WITH_COMPONENTS
    assert WITH_COMPONENTS != ANYWHERE
    said = _explained(capsys, "IVssComponent::GetLogicalPath")
    assert "PostRestore elsewhere: it is given no components [writer-components-in-handlers]" in said


def test_a_writer_is_stable_after_abort(capsys: pytest.CaptureFixture[str]) -> None:
    """As the simulator has it."""
    assert "the writer's status is VSS_WS_STABLE; if it fails, the same" in _explained(capsys, "Abort")
