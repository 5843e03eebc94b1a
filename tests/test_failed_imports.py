"""An import that fails says by which rule, why, and what the requester does next.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.import_scenes import AGAIN, DYNAMIC, SCENES, failure_of
from tests.support import check
from tests.two_machines import ARRAY_PROVIDER, SYSTEM, exported, hardware, importing, two_machines
from vss_sim import HResult, ObjectType, SnapshotId, SnapshotSetId, VssError
from vss_sim.engine.failed_operations import why_failed
from vss_sim.spec.rules import rules
from vss_sim.wire.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("name", SCENES)
def test_a_failed_import_names_its_rule_and_the_way_on(name: str) -> None:
    """The result is the documented one; what kept the copies away is told beside it."""
    scene, result, rule, instead, words = SCENES[name]
    told = failure_of(*scene())
    assert (told.hresult, told.rule, told.instead) == (result, rule, instead)
    assert words in told.because
    assert rule in rules()


def test_a_dynamic_disk_is_not_imported_where_it_is() -> None:
    """Rule im-dynamic-other-host, before Windows Server 2008; elsewhere it comes."""
    old = {"os": "Windows Server 2003 SP1"}
    simulation = two_machines({**old, "volumes": DYNAMIC}, old)
    _, _, document = exported(simulation)
    told = failure_of(simulation, document, "one")
    assert (told.hresult, told.rule) == (HResult.VSS_E_DYNAMIC_DISK_ERROR, "im-dynamic-other-host")
    assert importing(simulation, document).import_snapshots().finish() is HResult.VSS_S_ASYNC_FINISHED


def test_of_a_part_that_did_not_come_it_is_known_why() -> None:
    """VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED is a success, so nothing failed."""
    simulation = two_machines()
    source, (first, _), document = exported(simulation, volumes="FG")
    source.delete_snapshots(first, ObjectType.SNAPSHOT, force_delete=False)
    running = importing(simulation, document).import_snapshots()
    running.wait()
    assert running.query_status() is HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED
    assert why_failed(simulation.world, running.handle) is None
    known = simulation.world.objects[running.handle]
    assert known.why.rule == "sn-deleted-gone"  # type: ignore[union-attr]


def test_over_the_wire_a_failed_result_has_its_rule_beside_it() -> None:
    """The answer of QueryStatus is S_OK; what its result means stands in `refusal`."""
    world = {
        "machines": [
            {"name": "one", "volumes": [{"name": "F:\\"}], "providers": [SYSTEM, hardware()]},
            {"name": "two", "volumes": [{"name": "C:\\"}], "providers": [SYSTEM]},
        ]
    }
    talk = Conversation()

    def say(**message: Any) -> dict[str, Any]:
        (reply,) = [json.loads(line) for line in talk.receive(json.dumps(message).encode()).splitlines()]
        assert isinstance(reply, dict)
        return reply

    def call(name: str, on: str, /, **given: Any) -> dict[str, Any]:
        return say(call=f"IVssBackupComponents::{name}", on=on, **{"in": given})

    say(start={"world": world})
    one = say(call="CreateVssBackupComponents", machine="one")["out"]["ppBackup"]
    call("InitializeForBackup", one, bstrXML=None)
    call("SetContext", one, lContext="VSS_CTX_NAS_ROLLBACK|VSS_VOLSNAP_ATTR_TRANSPORTABLE")
    call("StartSnapshotSet", one)
    call("AddToSnapshotSet", one, pwszVolumeName="F:\\", ProviderId=ARRAY_PROVIDER)
    made = call("DoSnapshotSet", one)["out"]["ppAsync"]
    finished = say(call="IVssAsync::QueryStatus", on=made)
    assert finished["out"]["pHrResult"] == "VSS_S_ASYNC_FINISHED"
    assert "refusal" not in finished
    document = call("SaveAsXML", one)["out"]["pbstrXML"]
    two = say(call="CreateVssBackupComponents", machine="two")["out"]["ppBackup"]
    call("InitializeForBackup", two, bstrXML=document)
    running = call("ImportSnapshots", two)["out"]["ppAsync"]
    told = say(call="IVssAsync::QueryStatus", on=running)
    assert (told["returns"], told["out"]["pHrResult"]) == ("S_OK", "VSS_E_NO_SNAPSHOTS_IMPORTED")
    assert told["refusal"]["rule"] == "im-hardware-only"
    assert told["refusal"]["instead"] == list(AGAIN)


def test_an_id_that_finds_nothing_here_is_told_for_what_it_is() -> None:
    """That of a set, where a copy is meant, or the other way round; or of what is another machine's now."""
    simulation = two_machines()
    source, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    whole = target.get_snapshot_properties(copy).snapshot_set_id
    swapped, swapped_set = SnapshotId(str(whole)), SnapshotSetId(str(copy))
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: target.get_snapshot_properties(swapped), "is the id of a shadow copy set, not of a shadow copy"),
        (lambda: target.break_snapshot_set(swapped_set), "is the id of a shadow copy, not of a shadow copy set"),
        (
            lambda: target.delete_snapshots(swapped, ObjectType.SNAPSHOT, force_delete=False),
            "is the id of a shadow copy set, not of a shadow copy",
        ),
        (
            lambda: source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False),
            "was imported on two, and is that machine's",
        ),
    ]
    for asks, words in wrong:
        with pytest.raises(VssError) as refused:
            asks()
        assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
        assert words in refused.value.because


def test_who_finds_another_import_at_work_is_told_to_wait() -> None:
    """Rule im-serialise: it is the requester's to do one after the other."""
    simulation = two_machines()
    _, _, document = exported(simulation)
    first, second = importing(simulation, document), importing(simulation, document)
    first.import_snapshots()
    with pytest.raises(VssError, match="wait until the other import on this machine has ended") as refused:
        second.import_snapshots()
    assert refused.value.rule == "im-serialise"
    (found,) = [one for one in check(list(simulation.lines())).findings if one.rule == "im-serialise"]
    assert found.mends.startswith("wait until")
