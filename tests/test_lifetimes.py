"""How long things live: objects, pointers into the document, shadow copies."""

from typing import Any, Final

import pytest

from tests.backups_by_stages import Requester, conforms, world
from tests.support import check
from vss_sim.engine.inputs import BadCall, Gone
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.objects import DEAD_POINTER
from vss_sim.spec.table import Profile

POINTER_DEATHS: Final = ("PrepareForBackup", "DoSnapshotSet", "BackupComplete")


@pytest.mark.parametrize("event", POINTER_DEATHS)
def test_a_pointer_into_the_document_dies_with_the_events_of_a_backup(event: str) -> None:
    """Rule get-writer-components-invalidated: the pointer must be got anew after each of them; a new one is good."""
    simulation = world(profile=Profile.DOCUMENTED)
    before = {"PrepareForBackup": "filled", "DoSnapshotSet": "prepared", "BackupComplete": "created"}[event]
    requester = Requester(simulation).until(before)
    _pointer_dies(requester, event)


@pytest.mark.parametrize("event", ["PreRestore", "PostRestore"])
def test_a_pointer_into_the_document_dies_with_the_events_of_a_restore(event: str) -> None:
    """Rule get-writer-components-invalidated, of a restore."""
    simulation = world(profile=Profile.DOCUMENTED)
    saved = Requester(simulation).until("completed")("SaveAsXML").out["pbstrXML"]
    requester = Requester(simulation)
    requester("InitializeForRestore", bstrXML=saved)
    requester.waits("GatherWriterMetadata")
    if event == "PostRestore":
        requester.waits("PreRestore")
    _pointer_dies(requester, event)


def _pointer_dies(requester: Requester, event: str) -> None:
    old = requester("GetWriterComponents", iWriter=0).out["ppWriter"]
    assert requester("IVssWriterComponents::GetComponentCount", old).out["pcComponents"] == 1
    assert requester.waits(event) == "VSS_S_ASYNC_FINISHED"
    with pytest.raises(Gone):
        requester("IVssWriterComponents::GetComponentCount", old)
    lines = [*requester.simulation.lines(), {"call": "IVssWriterComponents::GetComponentCount", "on": old}]
    checked = check(lines, Profile.DOCUMENTED)
    assert DEAD_POINTER in checked.rules_at(len(lines) + 1)
    new = requester("GetWriterComponents", iWriter=0).out["ppWriter"]
    assert requester("IVssWriterComponents::GetComponentCount", new).answer == HResult.S_OK
    conforms(requester.simulation)


def test_a_pointer_dies_with_its_object() -> None:
    """Rule com-call-after-release: what points into a document is no more when the document is gone."""
    requester = Requester(world()).until("added")
    pointer = requester("GetWriterComponents", iWriter=0).out["ppWriter"]
    requester.release()
    with pytest.raises(Gone):
        requester("IVssWriterComponents::GetComponentCount", pointer)


def test_release_with_an_open_set_cleans_up() -> None:
    """Rule obs-release-without-abort: writers hear Abort and BackupShutdown, no copy is left, the way is free."""
    simulation = world()
    requester = Requester(simulation).until("prepared")
    gone = requester("IUnknown::Release")
    assert [event.name for event in gone.events] == ["Abort", "BackupShutdown"]
    assert not simulation.world.snapshots
    assert Requester(simulation).until("created")("SaveAsXML").answer == HResult.S_OK
    conforms(simulation)


def test_the_last_reference_counts() -> None:
    """Rule com-call-after-release: an object lives until every reference to it is given up."""
    requester = Requester(world()).until("created")
    assert requester("IUnknown::AddRef").answer == 2
    assert requester("IUnknown::QueryInterface", riid="IID_IVssBackupComponentsEx").out["ppvObject"] == requester.handle
    assert (requester.release(), requester.release()) == (2, 1)
    assert len(requester.simulation.world.snapshots) == 1
    assert requester.release() == 0
    with pytest.raises(Gone):
        requester("GetWriterMetadataCount")
    lines = [*requester.simulation.lines(), {"call": "IVssBackupComponents::FreeWriterStatus", "on": requester.handle}]
    assert "com-call-after-release" in check(lines).rules_at(len(lines) + 1)
    conforms(requester.simulation)


@pytest.mark.parametrize("context", ["VSS_CTX_BACKUP", "VSS_CTX_APP_ROLLBACK"])
@pytest.mark.parametrize("end", ["release", "process ends", "reboot"])
def test_copies_go_with_their_object_or_stay(context: str, end: str) -> None:
    """Rules seq-release-deletes-autorelease, sn-ctx-autorelease and sn-ctx-persistent."""
    simulation = world()
    requester = Requester(simulation, process="p").until("completed", context)
    assert len(simulation.world.snapshots) == 1
    if end == "release":
        requester.release()
    else:
        simulation.happens(end, **({} if end == "reboot" else {"process": "p"}))
    assert len(simulation.world.snapshots) == (context != "VSS_CTX_BACKUP")
    conforms(simulation)


def test_a_persistent_copy_stays_until_it_is_deleted() -> None:
    """Rules sn-ctx-persistent and obs-context-must-match: it is found in VSS_CTX_ALL, and not in VSS_CTX_BACKUP."""
    simulation = world()
    Requester(simulation).until("completed", "VSS_CTX_APP_ROLLBACK").release()
    (copy,) = simulation.world.snapshots
    wanted: dict[str, Any] = {"SourceObjectId": copy, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT", "bForceDelete": False}
    blind = Requester(simulation).until("initialised")
    assert blind("DeleteSnapshots", **wanted).answer == HResult.VSS_E_OBJECT_NOT_FOUND
    seeing = Requester(simulation).until("context", "VSS_CTX_ALL")
    assert seeing("DeleteSnapshots", **wanted).answer == HResult.S_OK
    assert not simulation.world.snapshots
    conforms(simulation)


def test_what_one_object_releases_is_its_own() -> None:
    """Rule seq-release-deletes-autorelease: the copies of other objects stay."""
    simulation = world()
    one, two = Requester(simulation).until("completed"), Requester(simulation).until("completed")
    one.release()
    assert [copy.owner for copy in simulation.world.snapshots.values()] == [two.handle]


def test_a_process_takes_all_of_its_objects_along() -> None:
    """The end of a process gives up whatever lives in it, and nothing else; writers hear of it.

    Rule seq-release-raises-shutdown: also when its process dies.
    """
    simulation = world()
    other = Requester(simulation, process="other").until("gathered")
    kept = other("GetWriterMetadata", iWriter=0).out["ppMetadata"]
    dying = Requester(simulation, process="dying").until("completed")
    metadata = dying("GetWriterMetadata", iWriter=0).out["ppMetadata"]
    component = dying("IVssExamineWriterMetadata::GetComponent", metadata, iComponent=0).out["ppComponent"]
    args: dict[str, Any] = {
        "QueriedObjectId": None,
        "eQueriedObjectType": "VSS_OBJECT_NONE",
        "eReturnedObjectsType": "VSS_OBJECT_SNAPSHOT",
    }
    listed = dying("Query", **args).out["ppEnum"]
    pending = dying("GatherWriterStatus").out["pAsync"]
    events = simulation.happens("process ends", process="dying")
    assert [event.name for event in events] == ["BackupShutdown"]
    left = simulation.world.objects
    assert not {dying.handle, metadata, component, listed, pending} & set(left)
    assert {other.handle, kept} <= set(left)


def test_an_argument_that_a_call_has_not_is_refused() -> None:
    """By `Simulation.call` as on the wire: with the name that was probably meant, and nothing changes."""
    simulation = Simulation()
    handle = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    world = simulation.world
    with pytest.raises(BadCall, match=r"no parameter 'lContex' \(did you mean lContext\?\); expected lContext"):
        simulation.call("IVssBackupComponents::SetContext", handle, {"lContex": 0})
    assert simulation.world is world
    assert len(simulation.record) == 1
