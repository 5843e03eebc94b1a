"""An object that begins another shadow copy set after one that it made: no page knows it, and little is known of it.

The pages want an object for each backup (rule seq-object-single-use). That BackupComplete is refused was recorded where
an object had made no set at all (rule obs-complete-needs-created-set); where it made one, nobody knows
(rule seq-complete-with-later-set).
"""

from collections.abc import Callable
from typing import Final

import pytest

from tests.requester_support import with_a_snapshot
from tests.support import Entry, asynchronous, backup_until, blamed_on_vss, call, check, create
from vss_sim import BackupComponents, Profile, Simulation, VssError, create_backup_components, read_world
from vss_sim.engine.coverage import NotSimulated
from vss_sim.generate.chance import Call, Drawn, made_of
from vss_sim.judge.findings import At, Level

_LATER: Final = "seq-complete-with-later-set"
_NEEDS_SET: Final = "obs-complete-needs-created-set"
_BEGUN: Final = [
    call("StartSnapshotSet", out={"pSnapshotSetId": "{11111111-0000-0000-0000-000000000002}"}),
    call("AddToSnapshotSet", pwszVolumeName="C:\\", out={"pidSnapshot": "{22222222-0000-0000-0000-000000000002}"}),
]


def _failed(result: str) -> list[Entry]:
    return [*_BEGUN, *asynchronous("DoSnapshotSet", "later", result=result)]


@pytest.mark.parametrize("later", [_BEGUN, _BEGUN[:1], _failed("VSS_E_PROVIDER_VETO")])
@pytest.mark.parametrize("answer", ["S_OK", "VSS_E_BAD_STATE"])
def test_a_later_set_makes_the_answer_to_backup_complete_unknown(later: list[Entry], answer: str) -> None:
    """Either answer is taken, and VSS is blamed for neither; the program is warned, or told what it was refused for."""
    entries = [*backup_until("do"), *later, call("BackupComplete", returns=answer, out={"ppAsync": "end"})]
    checked = check(entries)
    line = len(entries) + 1
    assert _LATER in {rule for one in checked.findings if one.line == line for rule in (one.rule, *one.also)}
    assert not [one for one in checked.findings if one.at is At.IMPLEMENTATION]
    assert {one.line for one in checked.errors()} == ({line} if answer == "VSS_E_BAD_STATE" else set())
    assert {"S_OK", "VSS_E_BAD_STATE"} <= set(checked.allowed_at(line))


@pytest.mark.parametrize(("name", "blamed"), [("PreRestore", False), ("PostRestore", False), ("SetContext", True)])
def test_no_implementation_is_blamed_by_what_is_assumed(name: str, blamed: bool) -> None:
    """That restore calls are refused in a backup is assumed (rule seq-restore-call-in-backup); the program is told."""
    given = {"lContext": "VSS_CTX_BACKUP"} if name == "SetContext" else {}
    checked = check([*backup_until("do"), call(name, returns="S_OK", **given)])
    at_fault = {one.at for one in checked.errors()}
    assert at_fault == ({At.REQUESTER, At.IMPLEMENTATION} if blamed else {At.REQUESTER})
    assert ("S_OK" in checked.allowed_at(checked.errors()[0].line)) is not blamed


@pytest.mark.parametrize("stage", ["start", "add", "prepare"])
def test_without_an_earlier_set_backup_complete_is_refused(stage: str) -> None:
    """As it was recorded: no set was ever completed."""
    entries = [*backup_until(stage), call("BackupComplete", returns="VSS_E_BAD_STATE")]
    assert check(entries).rules_at(len(entries) + 1) == {_NEEDS_SET}


def test_a_later_set_that_is_made_is_completed_with_the_first() -> None:
    """Nothing is left open: BackupComplete is in order again."""
    entries = [*backup_until("do"), *_failed("VSS_S_ASYNC_FINISHED"), *asynchronous("BackupComplete", "end")]
    checked = check(entries)
    assert not [one for one in checked.findings if one.line == len(entries) - 1 and one.level is not Level.INFO]


_ANOTHER: Final = "{22222222-0000-0000-0000-000000000003}"
_AFTERWARDS: Final = [
    lambda returns: call("DoSnapshotSet", returns=returns, out=_if_taken(returns, ppAsync="made")),
    lambda returns: call(
        "AddToSnapshotSet", returns=returns, pwszVolumeName="D:\\", out=_if_taken(returns, pidSnapshot=_ANOTHER)
    ),
    lambda returns: call("StartSnapshotSet", returns=returns, out=_if_taken(returns, pSnapshotSetId=_ANOTHER)),
]


def _if_taken(returns: str, **out: str) -> dict[str, str]:
    return out if returns == "S_OK" else {}


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("afterwards", _AFTERWARDS)
@pytest.mark.parametrize("answer", ["S_OK", "VSS_E_BAD_STATE"])
@pytest.mark.parametrize("watched", [True, False])
def test_whether_the_later_set_is_there_after_backup_complete_is_not_known(
    profile: Profile, afterwards: Callable[[str], Entry], answer: str, watched: bool
) -> None:
    """Where VSS took the call, the set may be open still, or given up: neither answer to what follows is wrong."""
    complete = asynchronous("BackupComplete", "end") if watched else [call("BackupComplete", out={"ppAsync": "end"})]
    entries = [*backup_until("do"), *_BEGUN, *complete, afterwards(answer)]
    assert blamed_on_vss(entries, profile) == []


@pytest.mark.parametrize("answer", ["S_OK", "VSS_E_SNAPSHOT_SET_IN_PROGRESS"])
def test_another_object_may_find_the_later_set_in_progress(answer: str) -> None:
    """It may have to wait until the object that began it is released."""
    begins = call("StartSnapshotSet", "other", returns=answer, out=_if_taken(answer, pSnapshotSetId=_ANOTHER))
    entries = [*backup_until("do"), *_BEGUN, *asynchronous("BackupComplete", "end")]
    entries += [create("other"), call("InitializeForBackup", "other"), begins]
    assert blamed_on_vss(entries) == []


def test_a_made_case_holds_nothing_that_rests_on_the_later_set() -> None:
    """Not what the simulator makes of a set that was begun before BackupComplete."""
    begun = (("StartSnapshotSet", None), ("AddToSnapshotSet", None))
    first = (
        ("InitializeForBackup", "no document"),
        ("SetBackupState", "volumes"),
        ("GatherWriterMetadata", None),
        *begun,
    )
    calls = [
        Call(*one)
        for one in (*first, ("PrepareForBackup", None), ("DoSnapshotSet", None), *begun, ("BackupComplete", None))
    ]
    afterwards = [Call("DoSnapshotSet"), Call("AddToSnapshotSet"), Call("StartSnapshotSet")]
    with_ends = [part for one in calls for part in (one, Call("Wait", of=one.name))]
    lines = made_of(Drawn((*with_ends, *afterwards))).lines
    assert [line["returns"] for line in lines[-3:]] == ["VSS_E_BAD_STATE", "VSS_E_BAD_STATE", "S_OK"]
    assert [("rules" in line, "keeps" in line, bool(line.get("open"))) for line in lines[-3:]] == [
        (False, False, True)
    ] * 3


def _after_a_first_set(simulation: Simulation) -> BackupComponents:
    requester, _ = with_a_snapshot(simulation)
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    return requester


def test_the_simulator_lets_it_pass_and_gives_the_later_set_up() -> None:
    """No page tells what becomes of it: another object can begin a set."""
    simulation = Simulation()
    requester = _after_a_first_set(simulation)
    requester.backup_complete().finish()
    other = create_backup_components(simulation)
    other.initialize_for_backup()
    other.start_snapshot_set()


def test_a_creation_under_way_is_not_simulated_beside_backup_complete() -> None:
    """Writers would be frozen in it; once it has ended, BackupComplete goes on."""
    requester = _after_a_first_set(Simulation())
    creation = requester.do_snapshot_set()
    with pytest.raises(NotSimulated, match=_LATER):
        requester.backup_complete()
    creation.finish()
    requester.backup_complete().finish()


def test_a_later_set_that_fails_leaves_the_document_of_the_first() -> None:
    """What is saved tells of the copies that were made."""
    answer = {"to": "DoSnapshotSet", "result": "VSS_E_PROVIDER_VETO", "skip": 1}
    requester = _after_a_first_set(Simulation(read_world({"machines": [{"answers": [answer]}]})))
    first = requester.save_as_xml()
    with pytest.raises(VssError, match="VSS_E_PROVIDER_VETO"):
        requester.do_snapshot_set().finish()
    assert requester.save_as_xml() == first


def test_by_the_letter_of_the_pages_an_object_is_for_one_backup() -> None:
    """The profile of the pages refuses the second set as such."""
    with pytest.raises(VssError) as refused:
        _after_a_first_set(Simulation(profile=Profile.DOCUMENTED))
    assert refused.value.rule == "seq-object-single-use"
