"""An import that is cut off: its program, VSS or a machine ends while the provider makes the LUNs visible.

VSS cleans up no LUNs of an import that fails (rule im-failure-no-cleanup), so nothing does for one that never ends.
Page: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots
"""

from typing import Any, Final

import pytest

from tests.logs_of_two_machines import on_machine
from tests.support import Entry, call, check, create
from tests.two_machines import PASSING, PERSISTENT, SYSTEM, exported, hardware, importing, left_behind, two_machines
from vss_sim import Async, BackupComponents, HResult, Simulation, SnapshotId, VssError

ENDS: Final = ("process ends", "requester crashes", "VSS crashes", "reboot", "machine crashes")
_CLEANUP: Final = "import-failure-cleanup"
EVERY_END = pytest.mark.parametrize("end", ENDS)
BOTH_KINDS = pytest.mark.parametrize("context", [PERSISTENT, PASSING], ids=["persistent", "auto-release"])


def _under_way(context: int) -> tuple[Simulation, SnapshotId, str, BackupComponents, Async]:
    """The provider of machine two has made the LUN visible, and still looks for what is on it."""
    slow = hardware(replies=[{"on": "FillInLunInfo", "seconds": 9, "times": 1}])
    simulation = two_machines(two={"providers": [slow, SYSTEM]})
    _, (copy,), document = exported(simulation, context)
    target = importing(simulation, document)
    running = target.import_snapshots()
    simulation.happens("time passes", seconds=4)
    return simulation, copy, document, target, running


def _seen(simulation: Simulation) -> list[tuple[str | None, tuple[str, ...]]]:
    return [(lun.snapshot_id, lun.seen_by) for lun in simulation.luns()]


def _rules(simulation: Simulation) -> set[str]:
    return {finding.rule for finding in check(list(simulation.lines())).findings}


def test_a_lun_is_not_left_behind_as_long_as_its_import_runs() -> None:
    """It is visible, and may be taken on yet; when the import has ended, VSS knows it."""
    simulation, copy, _, target, _ = _under_way(PERSISTENT)
    assert _seen(simulation) == [(copy, ("two",))]
    assert left_behind(simulation) == []
    simulation.happens("time passes", seconds=9)
    assert left_behind(simulation) == []
    assert target.get_snapshot_properties(copy).snapshot_id == copy


@EVERY_END
@BOTH_KINDS
def test_an_import_that_is_cut_off_on_its_machine_leaves_the_lun(context: int, end: str) -> None:
    """It stays visible, also over a restart, and is left behind; another import takes it on."""
    simulation, copy, document, *_ = _under_way(context)
    simulation.happens(end, "two")
    assert _seen(simulation) == [(copy, ("two",))]
    assert len(left_behind(simulation)) == 1
    assert _CLEANUP in _rules(simulation)
    target = importing(simulation, document)
    assert target.import_snapshots().finish() is HResult.VSS_S_ASYNC_FINISHED
    assert left_behind(simulation) == []
    assert _CLEANUP not in _rules(simulation)


@EVERY_END
def test_a_lun_that_an_import_left_may_be_masked(end: str) -> None:
    """Which takes nothing away from the copy: it comes with the next import."""
    simulation, copy, document, *_ = _under_way(PERSISTENT)
    simulation.happens(end, "two")
    simulation.happens("LUN masked", "two", lun=copy)
    assert left_behind(simulation) == []
    assert _CLEANUP not in _rules(simulation)
    assert importing(simulation, document).import_snapshots().finish() is HResult.VSS_S_ASYNC_FINISHED


@EVERY_END
@BOTH_KINDS
def test_the_end_of_machine_one_takes_what_is_not_persistent(context: int, end: str) -> None:
    """With its LUN, in the middle of the import, which then brings nothing; a persistent copy comes all the same."""
    simulation, copy, _, target, running = _under_way(context)
    simulation.happens(end, "one")
    assert (_seen(simulation) == []) is (context == PASSING)
    simulation.happens("time passes", seconds=9)
    expected = HResult.VSS_E_NO_SNAPSHOTS_IMPORTED if context == PASSING else HResult.VSS_S_ASYNC_FINISHED
    assert running.query_status() is expected
    assert left_behind(simulation) == []
    if context == PERSISTENT:
        assert target.get_snapshot_properties(copy).snapshot_id == copy


@EVERY_END
@BOTH_KINDS
def test_what_an_import_brought_before_the_end_is_as_any_copy(context: int, end: str) -> None:
    """A persistent one stays where it is used, and is imported no second time; another goes with its object."""
    simulation, copy, document, *_ = _under_way(context)
    simulation.happens("time passes", seconds=9)
    simulation.happens(end, "two")
    assert (_seen(simulation) == []) is (context == PASSING)
    assert left_behind(simulation) == []
    with pytest.raises(VssError) as refused:
        importing(simulation, document).import_snapshots().finish()
    assert refused.value.hresult is HResult.VSS_E_NO_SNAPSHOTS_IMPORTED
    assert refused.value.rule == "im-once-only"
    assert copy in refused.value.because


_IMPORT: Final[list[Entry]] = [
    create(),
    call("InitializeForBackup", bstrXML="document"),
    call("ImportSnapshots", out={"ppAsync": "import"}),
]

_COPY: Final = "{22222222-0000-0000-0000-000000000002}"
_CAME: Final = call("IVssAsync::QueryStatus", "import", out={"pHrResult": "VSS_S_ASYNC_FINISHED"})


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ([call("IUnknown::Release", returns=None)], True),
        ([{"happens": "process ends"}], True),
        ([{"happens": "process ends", "process": "another"}], False),
        ([{"happens": "VSS crashes"}], True),
        ([{"happens": "reboot"}], True),
        ([call("IVssAsync::Wait", "import"), {"happens": "reboot"}], False),
        ([_CAME, {"happens": "reboot"}], False),
        ([{"happens": "reboot"}, {"happens": "LUN masked", "lun": "L"}], False),
    ],
)
def test_a_log_tells_of_the_luns_of_an_import_that_was_cut_off(end: list[dict[str, Any]], said: bool) -> None:
    """Rule import-failure-cleanup, where nobody saw the import end; once it was waited for, it may have brought all."""
    found = check([*_IMPORT, *end]).findings
    assert any(finding.rule == _CLEANUP for finding in found) is said


@pytest.mark.parametrize(("attributes", "said"), [(0x00480019, False), (0x00400019, True)])
def test_a_copy_that_came_shows_that_its_import_did(attributes: int, said: bool) -> None:
    """Also in a log without the calls of IVssAsync: VSS_VOLSNAP_ATTR_IMPORTED says how it came."""
    told = {"m_SnapshotId": _COPY, "m_lSnapshotAttributes": attributes}
    read = call("GetSnapshotProperties", SnapshotId=_COPY, out={"pProp": told})
    found = check([*_IMPORT, read, call("IUnknown::Release", returns=None)]).findings
    assert any(finding.rule == _CLEANUP for finding in found) is said


def test_where_no_lun_can_have_come_nothing_is_left() -> None:
    """The header tells that machine two has no hardware provider: nobody made a LUN visible."""
    world = {"machines": [{"name": "two", "providers": [SYSTEM]}]}
    found = check(on_machine("two", *_IMPORT, {"happens": "reboot"}), world=world).findings
    assert _CLEANUP not in {finding.rule for finding in found}
