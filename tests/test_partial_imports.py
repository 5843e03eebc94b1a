"""An import that brings a part of a set is a success: why the others did not come, in Python, on the wire, in a log.

Pages: https://learn.microsoft.com/windows/win32/api/vsprov/nf-vsprov-ivsshardwaresnapshotprovider-locateluns,
https://learn.microsoft.com/windows/win32/api/vsprov/nf-vsprov-ivsshardwaresnapshotprovider-fillinluninfo
"""

import json
from typing import Any, Final

import pytest

from tests.import_scenes import AGAIN, ANEW
from tests.requester_support import initialised
from tests.support import check
from tests.two_machines import FINISHED, SOME, exported, hardware, importing, two_machines
from vss_sim import Async, HResult, ObjectType, Reason, Simulation, SnapshotContext, SnapshotId, VssError
from vss_sim.judge.findings import At, Finding, Level, Outcome
from vss_sim.wire.conversation import Conversation

_IMPORT: Final = "IVssBackupComponents::ImportSnapshots"


def _misses(step: str) -> dict[str, Any]:
    return {"providers": [hardware(replies=[{"on": step, "misses": ["F:\\"]}])]}


def _of_a_set(two: dict[str, Any] | None = None, *, deleted: bool = False) -> tuple[Simulation, str, Async]:
    """The first of two copies does not come: the simulation, that copy, and the import as it began."""
    simulation = two_machines(two=two)
    source, (first, _), document = exported(simulation, volumes="FG")
    if deleted:
        source.delete_snapshots(first, ObjectType.SNAPSHOT, force_delete=False)
    return simulation, first, importing(simulation, document).import_snapshots()


@pytest.mark.parametrize(
    ("two", "deleted", "rule", "instead", "words"),
    [
        (None, True, "sn-deleted-gone", ANEW, "{} of F:\\ (LUN 'copy {}'): the copy is there no more: it was deleted"),
        (_misses("LocateLuns"), False, "im-lun-not-arrived", ANEW, "{} of F:\\ (LUN 'copy {}'): the LUN did not"),
        (_misses("FillInLunInfo"), False, "im-lun-not-arrived", ANEW, "in FillInLunInfo is not what it told"),
    ],
    ids=["deleted", "not located", "not known again"],
)
def test_an_import_tells_why_it_brought_a_part_only(
    two: dict[str, Any] | None, deleted: bool, rule: str, instead: tuple[str, ...], words: str
) -> None:
    """From the moment at which it is over, and when its object is released, too.

    A set is imported once (rule im-once-only), so that the others come with a new set alone.
    """
    _, first, running = _of_a_set(two, deleted=deleted)
    before = running.why
    assert before is None
    running.wait()
    assert running.query_status() is SOME
    told = running.why
    assert running.finish() is SOME
    for why in (told, running.why):
        assert why is not None
        assert (why.hresult, why.method, why.rule, why.instead) == (SOME, _IMPORT, rule, instead)
        assert words.format(first, first.strip("{}")) in why.because
        assert why.sentence
        assert str(why).startswith(f"{_IMPORT} answers VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED: ")


def test_what_came_whole_has_nothing_to_tell() -> None:
    """Neither while it runs, nor at its end."""
    simulation = two_machines()
    _, _, document = exported(simulation)
    running = importing(simulation, document).import_snapshots()
    assert running.why is None
    assert running.finish() is FINISHED
    assert running.why is None


def test_an_operation_in_a_fork_tells_of_its_own_end() -> None:
    """Not of the one that it has come to elsewhere meanwhile."""
    simulation, _, running = _of_a_set(_misses("LocateLuns"))
    fork = simulation.fork()
    assert running.finish() is SOME
    other = running.in_fork(fork)
    assert other.why is None
    assert other.finish() is SOME
    assert str(other.why) == str(running.why)


def test_of_a_failure_the_same_is_told_as_finish_raises() -> None:
    """For whoever asks by QueryStatus, which hands the code out and raises nothing."""
    simulation = two_machines(two={"providers": []})
    _, _, document = exported(simulation)
    running = importing(simulation, document).import_snapshots()
    assert running.query_status() is HResult.VSS_E_NO_SNAPSHOTS_IMPORTED
    why = running.why
    with pytest.raises(VssError) as failed:
        running.finish()
    assert why is not None
    assert isinstance(failed.value, Reason)
    assert str(why) == str(running.why) == str(failed.value)
    assert (why.rule, why.because, why.instead) == ("im-hardware-only", failed.value.because, AGAIN)


def test_over_the_wire_a_part_has_its_reason_beside_it() -> None:
    """In `partly`, since nothing was refused."""
    simulation, first, _ = _of_a_set(_misses("LocateLuns"))
    lines = [line for line in simulation.lines() if "call" in line]
    talk = Conversation()

    def say(**message: Any) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(talk.receive(json.dumps(message).encode()))
        return reply

    world = {
        "machines": [
            {"name": "one", "volumes": [{"name": "F:\\"}, {"name": "G:\\"}], "providers": [hardware()]},
            {"name": "two", "volumes": [{"name": "C:\\"}], **_misses("LocateLuns")},
        ]
    }
    say(start={"world": world})
    for line in lines:
        say(**{key: line[key] for key in ("call", "on", "in", "machine") if key in line})
    told = say(call="IVssAsync::QueryStatus", on=lines[-1]["out"]["ppAsync"])
    assert told["out"]["pHrResult"] == "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED"
    assert "refusal" not in told
    assert told["partly"]["rule"] == "im-lun-not-arrived"
    assert first in told["partly"]["because"]
    assert told["partly"]["instead"] == list(ANEW)


def _partly(simulation: Simulation, at: At = At.PROVIDER) -> Finding:
    """What the checker says of the import in the log of both machines."""
    checked = check(simulation.lines())
    (found,) = [one for one in checked.findings if one.rule == "im-async-result" and "did not come" in one.says]
    assert (found.level, found.at) == (Level.INFO, at)
    return found


def test_the_rule_of_luns_that_do_not_arrive_is_cited_where_one_was_masked() -> None:
    """Of a copy that is found on no machine nothing shows whether its LUN came; what the log shows is told instead."""
    simulation, first, running = _of_a_set({"providers": [hardware(replies=[{"on": "FillInLunInfo", "seconds": 9}])]})
    running.wait(1000)
    simulation.happens("LUN masked", "two", lun=first)
    running.finish()
    found = _partly(simulation)
    assert found.also == ("im-lun-not-arrived",)
    assert "look whether" not in found.says
    masked = [number for number, line in enumerate(simulation.lines(), 2) if line.get("happens") == "LUN masked"]
    assert [because.line for because in found.because][1:] == masked


def test_a_copy_that_was_deleted_before_is_told_as_that() -> None:
    """By the line that deleted it; no rule of LUNs that do not arrive."""
    simulation, first, running = _of_a_set(deleted=True)
    running.finish()
    found = _partly(simulation, At.REQUESTER)
    assert found.also == ("sn-deleted-gone",)
    assert first in found.says
    deletions = [
        number for number, line in enumerate(simulation.lines(), 2) if "DeleteSnapshots" in line.get("call", "")
    ]
    assert [because.line for because in found.because][1:] == deletions


def test_where_the_log_shows_no_cause_no_rule_of_a_cause_is_cited() -> None:
    """It is told where to look."""
    simulation, _, running = _of_a_set(_misses("LocateLuns"))
    running.finish()
    found = _partly(simulation)
    assert found.also == ()
    assert "look whether" in found.says


@pytest.mark.parametrize("name", ["GetSnapshotProperties", "DeleteSnapshots"])
def test_who_looks_which_copies_came_does_nothing_wrong(name: str) -> None:
    """Only a call on each tells: of those that did not come it answers VSS_E_OBJECT_NOT_FOUND."""
    simulation = two_machines(two=_misses("LocateLuns"))
    _, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    target.import_snapshots().finish()

    def look(copy: SnapshotId) -> object:
        if name == "DeleteSnapshots":
            return target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
        return target.get_snapshot_properties(copy)

    with pytest.raises(VssError, match="VSS_E_OBJECT_NOT_FOUND"):
        look(copies[0])
    look(copies[1])
    checked = check(simulation.lines())
    assert checked.outcome is Outcome.CONFORMS
    (found,) = [one for one in checked.findings if "may be one that did not come" in one.says]
    assert (found.level, found.at) == (Level.INFO, At.REQUESTER)
    assert found.because


def test_a_copy_that_came_and_was_deleted_is_gone() -> None:
    """Rule sn-deleted-gone: it is none of those that did not come."""
    simulation = two_machines(two=_misses("LocateLuns"))
    _, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    target.import_snapshots().finish()
    target.delete_snapshots(copies[1], ObjectType.SNAPSHOT, force_delete=False)
    with pytest.raises(VssError, match="VSS_E_OBJECT_NOT_FOUND"):
        target.get_snapshot_properties(copies[1])
    (found,) = [one for one in check(simulation.lines()).findings if one.rule == "sn-deleted-gone"]
    assert (found.level, found.at) == (Level.ERROR, At.REQUESTER)


def test_another_object_of_the_machine_may_look_which_copies_came() -> None:
    """It knows their ids from elsewhere, and began with no document."""
    simulation = two_machines(two=_misses("LocateLuns"))
    _, copies, document = exported(simulation, volumes="FG")
    importing(simulation, document).import_snapshots().finish()
    other = initialised(simulation, machine="two")
    other.set_context(SnapshotContext.ALL)
    with pytest.raises(VssError, match="VSS_E_OBJECT_NOT_FOUND"):
        other.get_snapshot_properties(copies[0])
    other.get_snapshot_properties(copies[1])
    checked = check(simulation.lines())
    assert checked.outcome is Outcome.CONFORMS
    assert [one.level for one in checked.findings if "may be one that did not come" in one.says] == [Level.INFO]
