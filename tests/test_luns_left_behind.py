"""The LUNs that a failed or cancelled import leaves behind: told by the failure, by the storage and by the checker.

Page: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from collections.abc import Callable

import pytest

from tests.import_scenes import SCENES, carried, failure_of
from tests.support import check
from tests.two_machines import PASSING, PERSISTENT, SYSTEM, exported, hardware, importing, left_behind, two_machines
from vss_sim import BackupComponents, ObjectType, Simulation, SnapshotId, VssError


def test_the_luns_that_are_left_are_named() -> None:
    """As `Simulation.luns` lists them; where nothing was made visible, nothing is said of them."""
    simulation, document = SCENES["a provider that refuses"][0]()
    told = failure_of(simulation, document)
    (left,) = left_behind(simulation)
    assert left in told.because
    assert "visible" not in failure_of(*SCENES["no hardware provider"][0]()).because


@pytest.mark.parametrize(
    ("result", "left"),
    [
        ("VSS_E_PROVIDER_NOT_REGISTERED", False),
        ("VSS_E_NONTRANSPORTABLE_BCD", False),
        ("VSS_E_CLUSTER_ERROR", False),
        ("VSS_E_DYNAMIC_DISK_ERROR", False),
        ("VSS_E_NO_SNAPSHOTS_IMPORTED", True),
        ("VSS_E_MISSING_DISK", True),
    ],
)
def test_a_result_that_comes_before_any_lun_leaves_none(result: str, left: bool) -> None:
    """What a script says of the result goes for the LUNs: the storage, the words and the checker agree on them."""
    simulation, document = carried(two={"answers": [{"to": "ImportSnapshots", "result": result}]})()
    target = importing(simulation, document)
    with pytest.raises(VssError) as failed:
        target.import_snapshots().finish()
    assert bool(left_behind(simulation)) is left
    assert ("made visible" in failed.value.because) is left
    target.release()
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert ("import-failure-cleanup" in found) is left


@pytest.mark.parametrize(("seconds", "left"), [(1, True), (30, False)])
def test_a_cancelled_import_leaves_the_luns_that_it_located(seconds: int, left: bool) -> None:
    """Rule im-failure-no-cleanup: a Cancel cleans up as little as a failure does, and the checker sees it."""
    slow = hardware(replies=[{"on": "FillInLunInfo", "seconds": 9}])
    simulation, document = carried(two={"providers": [slow, SYSTEM]})()
    target = importing(simulation, document)
    running = target.import_snapshots()
    simulation.happens("time passes", seconds=seconds)
    running.cancel()
    running.query_status()
    running.release()
    assert bool(left_behind(simulation)) is left
    target.release()
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert ("import-failure-cleanup" in found) is left


def _mask(simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId) -> None:
    simulation.happens("LUN masked", machine="two", lun=copy)


def _delete_on_two(
    simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId
) -> None:
    target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)


def _delete_on_one(
    simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId
) -> None:
    source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)


def _leave(simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId) -> None:
    """Nobody cleans up before both objects go."""


CleanUp = Callable[[Simulation, BackupComponents, BackupComponents, SnapshotId], None]


@pytest.mark.parametrize("context", [PERSISTENT, PASSING])
@pytest.mark.parametrize("clean_up", [_mask, _delete_on_two, _delete_on_one, _leave])
def test_the_checker_says_that_luns_are_left_where_the_storage_has_them(context: int, clean_up: CleanUp) -> None:
    """Dispute C39: a LUN that is deleted is gone for every machine, by a call, or with who held its copy."""
    refuses = hardware(replies=[{"on": "LocateLuns", "fails": "VSS_E_PROVIDER_VETO"}])
    simulation = two_machines(two={"providers": [refuses]})
    source, (copy,), document = exported(simulation, context)
    target = importing(simulation, document)
    with pytest.raises(VssError):
        target.import_snapshots().finish()
    clean_up(simulation, source, target, copy)
    target.release()
    source.release()
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert ("import-failure-cleanup" in found) is bool(left_behind(simulation))
    assert bool(left_behind(simulation)) is (clean_up is _leave and context == PERSISTENT)


def test_a_copy_of_two_that_is_deleted_leaves_the_lun_of_the_other() -> None:
    """The import made both visible."""
    refuses = hardware(replies=[{"on": "LocateLuns", "fails": "VSS_E_PROVIDER_VETO"}])
    simulation = two_machines(two={"providers": [refuses]})
    source, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    with pytest.raises(VssError):
        target.import_snapshots().finish()
    for left, copy in enumerate(reversed(copies)):
        found = {finding.rule for finding in check(list(simulation.lines())).findings}
        assert "import-failure-cleanup" in found
        assert len(left_behind(simulation)) == 2 - left
        source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert "import-failure-cleanup" not in found
