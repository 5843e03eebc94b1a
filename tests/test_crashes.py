"""Crashes: of a requester, of a writer, of VSS itself. Nobody stays frozen, and the next backup can be made."""

from typing import Any, Final

import pytest

from tests.support import blamed_on_vss
from vss_sim.documents.world_file import read_world
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult

_NAME: Final = "IVssBackupComponents::"
_WORLD: Final = {
    "machines": [
        {
            "writers": [
                {"name": "W", "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}", "components": [{"name": "C"}]},
                {
                    "name": "Slow",
                    "writerId": "{5affb034-969f-4919-8875-88f830d0ef90}",
                    "replies": [{"on": "PostSnapshot", "seconds": 5}],
                },
            ]
        }
    ]
}


def _begun(simulation: Simulation, context: str = "VSS_CTX_BACKUP") -> str:
    """An object whose writers are prepared, with a volume in its set."""
    call = simulation.call
    bc: str = call("CreateVssBackupComponents").out["ppBackup"]
    call(_NAME + "InitializeForBackup", bc, {"bstrXML": None})
    call(_NAME + "SetContext", bc, {"lContext": context})
    call(
        _NAME + "SetBackupState",
        bc,
        {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": "VSS_BT_FULL"},
    )
    call("IVssAsync::Wait", call(_NAME + "GatherWriterMetadata", bc).out["pAsync"])
    call(_NAME + "StartSnapshotSet", bc)
    call(_NAME + "AddToSnapshotSet", bc, {"pwszVolumeName": "C:\\", "ProviderId": None})
    call("IVssAsync::Wait", call(_NAME + "PrepareForBackup", bc).out["ppAsync"])
    return bc


def _created(simulation: Simulation, bc: str) -> Any:
    made = simulation.call(_NAME + "DoSnapshotSet", bc).out["ppAsync"]
    simulation.call("IVssAsync::Wait", made)
    return simulation.call("IVssAsync::QueryStatus", made).out["pHrResult"]


@pytest.mark.parametrize("what", ["requester crashes", "VSS crashes"])
def test_a_set_that_is_being_made_is_abandoned_when_requester_or_vss_crash(what: str) -> None:
    """Writers in progress get Abort, none gets Freeze or Thaw (rule seq-shutdown-follows-complete), the next begins."""
    simulation = Simulation(read_world(_WORLD))
    _begun(simulation)
    events = simulation.happens(what)
    assert {event.name for event in events} == ({"Abort", "BackupShutdown"} if what[:9] == "requester" else {"Abort"})
    assert _created(simulation, _begun(simulation)) == HResult.VSS_S_ASYNC_FINISHED


@pytest.mark.parametrize("what", ["requester crashes", "VSS crashes"])
def test_auto_release_copies_go_and_others_stay(what: str) -> None:
    """Rule seq-release-deletes-autorelease."""
    simulation = Simulation(read_world(_WORLD))
    for context, left in (("VSS_CTX_BACKUP", 0), ("VSS_CTX_APP_ROLLBACK", 1)):
        assert _created(simulation, _begun(simulation, context)) == HResult.VSS_S_ASYNC_FINISHED
        simulation.happens(what)
        assert len(simulation.world.snapshots) == left


def test_a_crash_of_vss_after_the_thaw_aborts_nobody_and_leaves_no_copy() -> None:
    """Abort is for writers that did not get PostSnapshot yet, which one of them handles then."""
    simulation = Simulation(read_world(_WORLD))
    bc = _begun(simulation)
    simulation.call(_NAME + "DoSnapshotSet", bc)
    simulation.happens("time passes", seconds=1)
    events = simulation.happens("VSS crashes")
    frozen: set[str] = set()
    for line in simulation.lines():
        if line.get("event") == "Freeze":
            frozen.add(line["instance"])
        elif line.get("event") in {"Thaw", "Abort"}:
            frozen.discard(line["instance"])
    assert frozen == set()
    assert events == ()
    assert simulation.world.snapshots == {}


def test_the_handles_of_a_crashed_vss_lead_nowhere_and_can_be_given_up() -> None:
    """What their calls answer is not known, and said to be so; nothing is left in the end."""
    simulation = Simulation(read_world(_WORLD))
    bc = _begun(simulation)
    simulation.happens("VSS crashes")
    with pytest.raises(NotSimulated, match="no page says"):
        simulation.call(_NAME + "GatherWriterStatus", bc)
    with pytest.raises(NotSimulated, match="ans-from-below"):
        simulation.call("IVssAsync::Cancel", simulation.unreleased()[1].handle)
    for left in simulation.unreleased():
        assert left.interface in {"IVssBackupComponents", "IVssAsync"}
        assert simulation.call("IUnknown::Release", left.handle).answer == 0
    assert simulation.unreleased() == ()


def _heard(simulation: Simulation, begin: int) -> set[str]:
    return {str(line["event"]) for line in list(simulation.lines())[begin:] if "event" in line}


@pytest.mark.parametrize("what", ["Release", "process ends"])
def test_writers_hear_of_the_end_of_a_backup_that_vss_left_behind_when_its_object_is_given_up(what: str) -> None:
    """Whenever an object that took part in a backup goes (rule seq-release-raises-shutdown); VSS told nobody before.

    However often it has crashed by then.
    """
    simulation = Simulation(read_world(_WORLD))
    bc = _begun(simulation)
    assert _created(simulation, bc) == HResult.VSS_S_ASYNC_FINISHED
    assert simulation.happens("VSS crashes") == ()
    assert simulation.happens("VSS crashes") == ()
    begin = len(list(simulation.lines()))
    if what == "Release":
        simulation.call("IUnknown::Release", bc)
    else:
        simulation.happens(what)
    assert _heard(simulation, begin) == {"BackupShutdown"}
    assert blamed_on_vss(simulation.lines()) == []


@pytest.mark.parametrize("made", [True, False], ids=["after the creation", "in the middle of it"])
def test_nobody_tells_or_hears_anything_when_the_machine_crashes(*, made: bool) -> None:
    """The record shows no event that a writer would have answered; the next backup hears all of its own."""
    simulation = Simulation(read_world(_WORLD))
    bc = _begun(simulation)
    if made:
        assert _created(simulation, bc) == HResult.VSS_S_ASYNC_FINISHED
    else:
        simulation.call(_NAME + "DoSnapshotSet", bc)
        simulation.happens("time passes", seconds=1)
    assert simulation.happens("machine crashes") == ()
    assert simulation.world.snapshots == {}
    assert simulation.unreleased() == ()
    assert _created(simulation, _begun(simulation)) == HResult.VSS_S_ASYNC_FINISHED
    assert blamed_on_vss(simulation.lines()) == []


def test_a_crash_of_vss_is_of_one_machine() -> None:
    """Objects of another one go on."""
    world = {"machines": [{"name": "a"}, {"name": "b"}]}
    simulation = Simulation(read_world(world))
    other = simulation.call("CreateVssBackupComponents", machine="b").out["ppBackup"]
    simulation.happens("VSS crashes", "a")
    assert simulation.call(_NAME + "InitializeForBackup", other, {"bstrXML": None}).answer == HResult.S_OK


def test_a_writer_that_crashes_answers_no_more_until_it_starts() -> None:
    """It is listed no longer; when it comes back it is another instance (rule svc-instance-id-new)."""
    simulation = Simulation(read_world(_WORLD))

    def listed() -> list[str]:
        call = simulation.call
        bc = call("CreateVssBackupComponents").out["ppBackup"]
        call(_NAME + "InitializeForBackup", bc, {"bstrXML": None})
        call("IVssAsync::Wait", call(_NAME + "GatherWriterMetadata", bc).out["pAsync"])
        count = call(_NAME + "GetWriterMetadataCount", bc).out["pcWriters"]
        rows = [call(_NAME + "GetWriterMetadata", bc, {"iWriter": place}).out for place in range(count)]
        return [str(row["pidInstance"]) for row in rows]

    first, slow = listed()
    simulation.happens("writer crashes", writer="w")
    assert listed() == [slow]
    simulation.happens("writer starts", writer="W")
    again = listed()
    assert len(again) == 2
    assert slow in again
    assert first not in again


def test_a_writer_that_crashes_between_events_fails_the_backup_as_a_silent_one_does() -> None:
    """It does not answer, and its status says so."""
    simulation = Simulation(read_world(_WORLD))
    bc = _begun(simulation)
    simulation.happens("writer crashes", writer="W")
    _created(simulation, bc)
    asked = simulation.call(_NAME + "GatherWriterStatus", bc).out["pAsync"]
    simulation.call("IVssAsync::Wait", asked)
    told = simulation.call(_NAME + "GetWriterStatus", bc, {"iWriter": 0}).out
    assert told["phResultFailure"] == "VSS_E_WRITER_NOT_RESPONDING"


def test_an_unknown_writer_is_told() -> None:
    """With those that there are."""
    with pytest.raises(BadCall, match="there are W, Slow"):
        Simulation(read_world(_WORLD)).happens("writer crashes", writer="X")


_EVENTS: Final = ("PrepareForBackup", "PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")


def _frozen(simulation: Simulation) -> set[str]:
    """The writers that got Freeze, and neither Thaw nor Abort after it."""
    frozen: set[str] = set()
    for line in simulation.lines():
        if line.get("event") == "Freeze":
            frozen.add(line["writer"])
        elif line.get("event") in {"Thaw", "Abort"}:
            frozen.discard(line["writer"])
    return frozen


@pytest.mark.parametrize("event", _EVENTS)
def test_a_writer_may_crash_in_every_event(event: str) -> None:
    """The one beside it is thawed or aborted, the status tells who is gone, and the next backup goes without it."""
    first, second = _WORLD["machines"][0]["writers"]
    crashing = {**first, "replies": [{"on": event, "crashes": True, "times": 1}]}
    simulation = Simulation(read_world({"machines": [{"writers": [crashing, second]}]}))
    bc = _begun(simulation)
    _created(simulation, bc)
    assert _frozen(simulation) <= {first["writerId"]}
    asked = simulation.call(_NAME + "GatherWriterStatus", bc).out["pAsync"]
    simulation.call("IVssAsync::Wait", asked)
    told = [simulation.call(_NAME + "GetWriterStatus", bc, {"iWriter": index}).out for index in range(2)]
    assert told[0]["phResultFailure"] == "VSS_E_WRITER_NOT_RESPONDING"
    assert told[1]["phResultFailure"] == "S_OK"
    simulation.call(_NAME + "Release", bc)
    assert _created(simulation, _begun(simulation)) == HResult.VSS_S_ASYNC_FINISHED
    assert blamed_on_vss(simulation.lines()) == []  # who gives no answer is not told of an abort either


@pytest.mark.parametrize("step", ["flush", *_EVENTS[1:]])
@pytest.mark.parametrize("what", ["requester crashes", "VSS crashes", "reboot"])
def test_requester_vss_and_machine_may_fail_in_every_step_of_the_creation(what: str, step: str) -> None:
    """Each step takes two seconds, and the crash is in its middle: nobody stays frozen, and no copy is left."""
    replies = [{"on": event, "seconds": 2} for event in _EVENTS[1:]]
    writer = {**_WORLD["machines"][0]["writers"][0], "replies": replies}
    volume = {"name": "C:\\", "flushSeconds": 2}
    simulation = Simulation(read_world({"machines": [{"writers": [writer], "volumes": [volume]}]}))
    bc = _begun(simulation)
    simulation.call(_NAME + "DoSnapshotSet", bc)
    order = ["PrepareForSnapshot", "Freeze", "flush", "Thaw", "PostSnapshot"]
    simulation.happens("time passes", seconds=2 * order.index(step) + 1)
    simulation.happens(what)
    assert simulation.world.snapshots == {}
    assert what == "reboot" or _frozen(simulation) == set()
    assert _created(simulation, _begun(simulation)) == HResult.VSS_S_ASYNC_FINISHED
