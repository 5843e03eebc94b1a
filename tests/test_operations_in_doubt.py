"""What a refusal says where an operation may still be running: wait for it, then make the call."""

import pytest

from tests.requester_support import simulation, with_a_set
from tests.support import SNAPSHOT_ID, Entry, backup_until, call, check, create
from vss_sim import VssError

WAIT, REQUESTER = "IVssAsync::Wait", "IVssBackupComponents::"


def _pending(handle: str = "a1") -> Entry:
    return call("IVssAsync::QueryStatus", handle, out={"pHrResult": "VSS_S_ASYNC_PENDING"})


@pytest.mark.parametrize("asked", [[], [_pending()], [_pending()] * 5])
def test_what_comes_before_the_end_of_an_operation_waits_for_it(asked: list[Entry]) -> None:
    """Whoever does not wait, or gives up polling, is told to (rule seq-async-wait)."""
    gather = call("GatherWriterMetadata", out={"pAsync": "a1"})
    early = call("GetWriterMetadataCount", returns="VSS_E_BAD_STATE")
    (finding,) = check([*backup_until("state"), gather, *asked, early]).errors()
    assert finding.instead == (WAIT, f"{REQUESTER}GetWriterMetadataCount")
    assert finding.because[-1].says == "GatherWriterMetadata began"


@pytest.mark.parametrize(
    "before",
    [
        [],
        [call("IVssAsync::Wait", "do", dwMilliseconds=1000)],
        [call("IVssAsync::Wait", "do", dwMilliseconds=1000), _pending("do")],
        [call("IVssAsync::Cancel", "do")],
    ],
)
def test_properties_of_a_set_whose_creation_nobody_saw_end(before: list[Entry]) -> None:
    """A Wait with a time-out is no proof, nor is a Cancel (rule get-props-not-during-creation)."""
    creation = call("DoSnapshotSet", out={"ppAsync": "do"})
    early = call("GetSnapshotProperties", returns="VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID)
    (finding,) = check([*backup_until("prepare"), creation, *before, early]).errors()
    assert finding.rule == "get-props-not-during-creation"
    assert finding.instead[-2:] == (WAIT, f"{REQUESTER}GetSnapshotProperties")


def test_an_object_that_is_gone_is_not_released_again() -> None:
    """There is no way on from a second Release: it is left out (rule com-call-after-release)."""
    again = call("IUnknown::Release", "bc", None)
    (finding,) = check([create(), again, again]).errors()
    assert finding.rule == "com-call-after-release"
    assert finding.instead == ()
    assert finding.says == "Release cannot be called: the object is gone"


def test_a_restore_without_its_document_is_told_which() -> None:
    """In the words of its own way (rule init-restore-document)."""
    (finding,) = check([create(), call("InitializeForRestore", returns="E_INVALIDARG", bstrXML=None)]).errors()
    assert finding.instead == (f"{REQUESTER}InitializeForRestore(bstrXML: the saved document of the backup)",)


def test_forgotten_operations_are_counted() -> None:
    """The first is named, the others are told by their number (rule seq-async-release)."""
    lines = [*backup_until("release"), call("IUnknown::Release", "bc-a4", None)]
    says = [finding.says for finding in check(lines).findings if finding.rule == "seq-async-release"]
    assert sorted(says) == ["an IVssAsync was not released", "an IVssAsync was not released, nor was another"]


def test_the_simulator_says_of_a_copy_in_the_making_what_is_left_to_do() -> None:
    """Before DoSnapshotSet, and while it runs (rule get-props-not-during-creation)."""
    requester = with_a_set(simulation())
    copy = requester.add_to_snapshot_set("C:\\")
    left = []
    for begun in ("PrepareForBackup", "DoSnapshotSet", ""):
        with pytest.raises(VssError) as refused:
            requester.get_snapshot_properties(copy)
        assert refused.value.rule == "get-props-not-during-creation"
        left.append([step.rpartition("::")[2] for step in refused.value.instead])
        if begun == "PrepareForBackup":
            requester.prepare_for_backup().finish()
        elif begun:
            requester.do_snapshot_set()
    assert left[0][-4:] == ["Wait", "DoSnapshotSet", "Wait", "GetSnapshotProperties"]
    assert left[1:] == [["DoSnapshotSet", "Wait", "GetSnapshotProperties"], ["Wait", "GetSnapshotProperties"]]
