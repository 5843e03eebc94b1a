"""What hardware providers alone are asked: target LUNs, the automatic import in DoSnapshotSet, changes of LUNs.

Pages: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process,
https://learn.microsoft.com/windows/win32/api/vsprov/nf-vsprov-ivsshardwaresnapshotproviderex-onlunstatechange
"""

from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.support import blamed_on_vss, check
from tests.two_machines import (
    FINISHED,
    SYSTEM,
    exported,
    hardware,
    imported,
    importing,
    left_behind,
    set_of,
    two_machines,
)
from vss_sim import (
    Async,
    BackupComponents,
    BackupType,
    HardwareOptions,
    HResult,
    NotSimulated,
    Profile,
    Simulation,
    SnapshotContext,
    VolumeSnapshotAttributes,
    VssError,
    WorldError,
    create_backup_components,
)

VETO: Final = HResult.VSS_E_PROVIDER_VETO
STAYS: Final = SnapshotContext.NAS_ROLLBACK
TRAVELS: Final = STAYS | VolumeSnapshotAttributes.TRANSPORTABLE
OLD: Final = "Windows Server 2003 SP1"
AUTO_IMPORT: Final = ("LocateLuns", "FillInLunInfo")
RECOVERING: Final = {
    "name": "Shop",
    "writerId": "{a1a1a1a1-0000-4000-8000-000000000001}",
    "components": [
        {
            "name": "Orders",
            "componentFlags": ["VSS_CF_BACKUP_RECOVERY"],
            "files": [{"path": "F:\\", "filespec": "*"}],
        }
    ],
}
LOOKING: Final = {**RECOVERING, "replies": [{"on": "PostSnapshot", "seconds": 5, "writeInCopy": {"F:\\a.txt": "new"}}]}
PRE, POST, READ_WRITE, MASK = (
    f"VSS_ONLUNSTATECHANGE_{name}"
    for name in ("NOTIFY_LUN_PRE_RECOVERY", "NOTIFY_LUN_POST_RECOVERY", "NOTIFY_READ_WRITE", "DO_MASK_LUNS")
)


def _changes(change: str, **more: Any) -> dict[str, Any]:
    return {"on": "OnLunStateChange", "change": change, **more}


def _machine(*replies: dict[str, Any], **more: Any) -> Simulation:
    """One machine of which we look at the first, whose hardware provider answers so."""
    profile, provider = more.pop("profile", Profile.WINDOWS), hardware(replies=list(replies))
    return two_machines({"providers": [provider, SYSTEM], **more}, profile=profile)


def _creation(simulation: Simulation, context: int = STAYS, volumes: str = "F") -> tuple[BackupComponents, Async]:
    """DoSnapshotSet of these volumes, begun."""
    requester = initialised(simulation, machine="one")
    requester.set_context(context)
    if not context & VolumeSnapshotAttributes.NO_WRITERS:
        requester.set_backup_state(
            select_components=False,
            bootable_system_state=False,
            backup_type=BackupType.FULL,
            partial_file_support=False,
        )
        requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    for letter in volumes:
        requester.add_to_snapshot_set(f"{letter}:\\")
    if not context & VolumeSnapshotAttributes.NO_WRITERS:
        requester.prepare_for_backup().finish()
    return requester, requester.do_snapshot_set()


def _result(operation: Async) -> HResult:
    try:
        return operation.finish()
    except VssError as failed:
        return failed.hresult


def _seen_by(simulation: Simulation) -> list[tuple[str, ...]]:
    return [lun.seen_by for lun in simulation.luns() if lun.snapshot_id]


@pytest.mark.parametrize("step", ["GetTargetLuns", "LocateLuns"])
@pytest.mark.parametrize("seconds", [0, 5])
def test_a_hardware_provider_fails_a_creation_in_its_own_steps(step: str, seconds: int) -> None:
    """No partial commit: the set comes to nothing, and no LUN stays (error-handling-in-shadow-copy-providers)."""
    simulation = _machine({"on": step, "fails": "VSS_E_PROVIDER_VETO", "seconds": seconds})
    _, creation = _creation(simulation, volumes="FG")
    with pytest.raises(VssError, match=f"Array answers VSS_E_PROVIDER_VETO at {step}") as failed:
        creation.finish()
    assert failed.value.hresult is VETO
    assert simulation.world.clock == seconds
    assert _seen_by(simulation) == []
    assert simulation.world.snapshots == {}


@pytest.mark.parametrize("step", AUTO_IMPORT)
def test_a_set_that_is_to_travel_is_not_imported_where_it_is_made(step: str) -> None:
    """Neither step is taken; GetTargetLuns is, whose answer stands in the document."""
    simulation = _machine({"on": step, "fails": "VSS_E_PROVIDER_VETO"})
    assert _result(_creation(simulation, TRAVELS)[1]) is FINISHED
    simulation = _machine({"on": "GetTargetLuns", "fails": "VSS_E_PROVIDER_VETO"})
    assert _result(_creation(simulation, TRAVELS)[1]) is VETO


def test_other_providers_are_not_asked_for_luns() -> None:
    """The steps are those of IVssHardwareSnapshotProvider."""
    steps = ("GetTargetLuns", *AUTO_IMPORT, "OnLunStateChange")
    fails = [{"on": step, "fails": "VSS_E_PROVIDER_VETO"} for step in steps]
    simulation = two_machines({"providers": [{**SYSTEM, "replies": fails}]})
    assert _result(_creation(simulation)[1]) is FINISHED


@pytest.mark.parametrize(("system", "code"), [(OLD, VETO), ("Windows Server 2008", FINISHED)])
def test_what_fill_in_lun_info_returns_counts_on_windows_server_2003(system: str, code: HResult) -> None:
    """In a creation as in an import (rule im-fill-in-result-ignored)."""
    simulation = _machine({"on": "FillInLunInfo", "fails": "VSS_E_PROVIDER_VETO"}, os=system)
    assert _result(_creation(simulation)[1]) is code


def test_a_lun_is_visible_from_locate_luns_on() -> None:
    """Until then the LUNs of the copies are inaccessible to the machine (step 8 of the page)."""
    simulation = _machine({"on": "GetTargetLuns", "seconds": 5}, {"on": "FillInLunInfo", "seconds": 5})
    _, creation = _creation(simulation)
    creation.wait(4000)
    assert _seen_by(simulation) == [()]
    creation.wait(4000)
    assert _seen_by(simulation) == [("one",)]
    assert creation.finish() is FINISHED
    assert _seen_by(simulation) == [("one",)]


def test_the_steps_stand_between_thaw_and_post_snapshot() -> None:
    """In the order of [fig:vssimpl] (dispute C29)."""
    slow = [{"on": step, "seconds": 10} for step in ("GetTargetLuns", *AUTO_IMPORT, "PreFinalCommitSnapshots")]
    simulation = _machine(*slow, writers=[RECOVERING])
    _, creation = _creation(simulation, SnapshotContext.BACKUP)
    heard = []
    for _ in range(5):
        creation.wait(9000)
        heard.append([line["event"] for line in simulation.lines() if "event" in line][-1])
        creation.wait(1000)
    assert heard == ["Thaw", "Thaw", "Thaw", "Thaw", "PostSnapshot"]


@pytest.mark.parametrize("step", AUTO_IMPORT)
def test_a_lun_that_does_not_arrive_in_a_creation_is_not_simulated(step: str) -> None:
    """Dispute C83: a part of a set is a success of an import, and no creation comes to a part of its set."""
    simulation = _machine({"on": step, "misses": ["F:\\"]})
    _, creation = _creation(simulation, volumes="FG")
    with pytest.raises(NotSimulated, match="C83"):
        creation.finish()


@pytest.mark.parametrize("step", AUTO_IMPORT)
def test_a_lun_that_is_missed_is_one_of_the_set(step: str) -> None:
    """What the provider misses of other volumes is nothing to a creation without them."""
    simulation = _machine({"on": step, "misses": ["G:\\"]})
    _, creation = _creation(simulation)
    assert _result(creation) is FINISHED
    assert _seen_by(simulation) == [("one",)]


# Changes of LUNs


@pytest.mark.parametrize("change", [PRE, POST])
@pytest.mark.parametrize("seconds", [0, 5])
def test_a_provider_hears_of_the_recovery_of_a_copy(change: str, seconds: int) -> None:
    """And may fail the creation at it."""
    simulation = _machine(_changes(change, fails="VSS_E_PROVIDER_VETO", seconds=seconds), writers=[RECOVERING])
    _, creation = _creation(simulation, SnapshotContext.BACKUP)
    assert _result(creation) is VETO
    assert simulation.world.clock == seconds
    events = [line["event"] for line in simulation.lines() if "event" in line]
    assert ("PostSnapshot" in events) is (change == POST)
    assert ("Abort" in events) is (change == PRE)


@pytest.mark.parametrize(
    ("context", "os"),
    [
        (SnapshotContext.BACKUP | VolumeSnapshotAttributes.NO_AUTORECOVERY, "Windows Server 2022"),
        (STAYS, "Windows Server 2022"),
        (SnapshotContext.BACKUP, OLD),
    ],
    ids=["no auto-recovery", "no writers", "no such method"],
)
def test_without_recovery_no_provider_hears_of_one(context: int, os: str) -> None:
    """The method came with Windows Server 2008."""
    fails = [_changes(change, fails="VSS_E_PROVIDER_VETO") for change in (PRE, POST, MASK)]
    simulation = _machine(*fails, os=os, writers=[RECOVERING])
    assert _result(_creation(simulation, context)[1]) is FINISHED


@pytest.mark.parametrize("change", [PRE, POST])
def test_a_provider_hears_of_the_recovery_of_txf_as_well(change: str) -> None:
    """VSS_VOLSNAP_ATTR_TXF_RECOVERY enforces it; for that alone no copy that travels is surfaced."""
    enforced = VolumeSnapshotAttributes.TXF_RECOVERY
    for context, code in ((STAYS, VETO), (TRAVELS, FINISHED)):
        simulation = _machine(_changes(change, fails="VSS_E_PROVIDER_VETO"))
        assert _result(_creation(simulation, context | enforced)[1]) is code
        assert _seen_by(simulation) == [()] * (code is FINISHED)


def test_a_copy_that_travels_is_visible_for_its_recovery_alone() -> None:
    """Then its LUN is masked again, by which the flag asks for a provider that masks LUNs (im-autorecover-compat)."""
    simulation = _machine(_changes(MASK, seconds=5), writers=[LOOKING])
    context = SnapshotContext.BACKUP | VolumeSnapshotAttributes.TRANSPORTABLE
    _, creation = _creation(simulation, context)
    creation.wait(1000)
    assert _seen_by(simulation) == [("one",)]
    assert left_behind(simulation, "one") == []
    creation.wait(8000)
    assert _seen_by(simulation) == [("one",)]
    assert creation.finish() is FINISHED
    assert simulation.world.clock == 10
    assert _seen_by(simulation) == [()]


def test_a_copy_that_stays_is_visible_after_its_recovery() -> None:
    """Nobody masks it."""
    simulation = _machine(_changes(MASK, fails="VSS_E_PROVIDER_VETO"), writers=[LOOKING])
    assert _result(_creation(simulation, SnapshotContext.BACKUP)[1]) is FINISHED
    assert _seen_by(simulation) == [("one",)]


@pytest.mark.parametrize(
    ("flags", "change"),
    [(HardwareOptions.MASK_LUNS, MASK), (HardwareOptions.MAKE_READ_WRITE, READ_WRITE)],
)
@pytest.mark.parametrize("seconds", [0, 5])
def test_a_break_tells_the_provider_what_becomes_of_the_luns(flags: HardwareOptions, change: str, seconds: int) -> None:
    """Where the provider fails, the set is as it was (inferred)."""
    reply = _changes(change, fails="VSS_E_PROVIDER_VETO", seconds=seconds, times=1)
    simulation = two_machines(two={"providers": [hardware(replies=[reply]), SYSTEM]})
    target, (copy,), _ = imported(simulation)
    whole = set_of(target, copy)
    running = target.break_snapshot_set(whole, flags)
    with pytest.raises(VssError, match="at OnLunStateChange") as failed:
        running.finish()
    assert failed.value.hresult is VETO
    assert simulation.world.clock == seconds
    assert set_of(target, copy) == whole
    assert target.break_snapshot_set(whole, flags).finish() is FINISHED
    with pytest.raises(VssError):
        target.get_snapshot_properties(copy)


def test_a_break_takes_as_long_as_its_provider() -> None:
    """The LUN is masked at the end."""
    simulation = two_machines(two={"providers": [hardware(replies=[_changes(MASK, seconds=5)]), SYSTEM]})
    target, (copy,), _ = imported(simulation)
    running = target.break_snapshot_set(set_of(target, copy), HardwareOptions.MASK_LUNS)
    running.wait(4000)
    assert running.query_status() is HResult.VSS_S_ASYNC_PENDING
    assert [lun.seen_by for lun in simulation.luns()] == [("two",)]
    assert running.finish() is FINISHED
    assert [lun.seen_by for lun in simulation.luns()] == [()]


@pytest.mark.parametrize("flags", [HardwareOptions(0), HardwareOptions.REVERT_IDENTITY_NONE])
def test_a_break_that_changes_no_lun_asks_nobody(flags: HardwareOptions) -> None:
    """Nor does BreakSnapshotSet, which has no flags."""
    fails = [_changes(change, fails="VSS_E_PROVIDER_VETO") for change in (MASK, READ_WRITE)]
    for plain in (False, True):
        simulation = two_machines(two={"providers": [hardware(replies=fails), SYSTEM]})
        target, (copy,), _ = imported(simulation)
        if plain:
            target.break_snapshot_set(set_of(target, copy))
        else:
            target.break_snapshot_set(set_of(target, copy), flags).finish()


def test_an_import_that_fails_meanwhile_is_not_saved_by_a_break() -> None:
    """Two operations of one object, each with its own end."""
    late = {"on": "LocateLuns", "fails": "VSS_E_PROVIDER_VETO", "seconds": 9, "skip": 1}
    simulation = two_machines(two={"providers": [hardware(replies=[late, _changes(MASK, seconds=2)]), SYSTEM]})
    _, (copy,), document = exported(simulation)
    _, _, other = exported(simulation, volumes="G")
    first = importing(simulation, document)
    first.import_snapshots().finish()
    second = importing(simulation, other)
    second.set_context(SnapshotContext.ALL)
    running = second.import_snapshots()
    running.wait(1000)
    breaking = second.break_snapshot_set(set_of(first, copy), HardwareOptions.MASK_LUNS)
    assert breaking.finish() is FINISHED
    assert _result(running) is VETO


def test_what_a_change_stands_at_is_checked() -> None:
    """It is of OnLunStateChange alone."""
    with pytest.raises(WorldError, match="change"):
        _machine({"on": "LocateLuns", "change": MASK})
    with pytest.raises(WorldError, match="VSS_ONLUNSTATECHANGE_"):
        _machine(_changes("VSS_BREAKEX_FLAG_MASK_LUNS"))


# How long VSS listens


def _arrives_late(timeout: int, missed: str = "F") -> Simulation:
    names = [f"{letter}:\\" for letter in missed]
    provider = hardware(replies=[{"on": "LocateLuns", "seconds": 2, "misses": names}])
    return two_machines(two={"providers": [provider, SYSTEM], "lunArrivalTimeout": timeout})


@pytest.mark.parametrize(("missed", "code"), [("F", HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED), ("", FINISHED)])
def test_an_import_listens_for_luns_that_do_not_appear(missed: str, code: HResult) -> None:
    """Until its time-out, of which no page tells the length; not where all are there."""
    simulation = _arrives_late(30, missed)
    _, _, document = exported(simulation, volumes="FG")
    running = importing(simulation, document).import_snapshots()
    assert running.finish() is code
    assert simulation.world.clock == (32 if missed else 2)


@pytest.mark.parametrize(("at", "end", "code"), [(10, 10, FINISHED), (31, 32, FINISHED)])
def test_an_import_goes_on_when_the_last_lun_appears(at: int, end: int, code: HResult) -> None:
    """VSS stops listening then (LocateLuns, remarks)."""
    simulation = _arrives_late(30, "FG")
    _, copies, document = exported(simulation, volumes="FG")
    running = importing(simulation, document).import_snapshots()
    running.wait(5000)
    simulation.happens("LUN unmasked", "two", lun=copies[0])
    running.wait((at - 5) * 1000)
    assert running.query_status() is HResult.VSS_S_ASYNC_PENDING
    simulation.happens("LUN unmasked", "two", lun=copies[1])
    assert running.finish() is code
    assert simulation.world.clock == min(end, at)


@pytest.mark.parametrize("patience", [None, 9000])
def test_a_wait_that_answers_what_the_provider_failed_with_breaks_no_rule(patience: int | None) -> None:
    """Wait returns the error that its operation encountered; E_INVALIDARG is one, and on 2003 one of a time-out."""
    simulation = _machine({"on": "GetTargetLuns", "fails": "E_INVALIDARG", "seconds": 5}, profile=Profile.DOCUMENTED)
    _, creation = _creation(simulation)
    with pytest.raises(VssError, match="Array answers E_INVALIDARG at GetTargetLuns"):
        creation.wait(*() if patience is None else (patience,))
    assert creation.query_status() is HResult.E_INVALIDARG
    assert check(simulation.lines()).errors() == []


def test_a_code_of_the_provider_at_a_break_is_held_against_nobody() -> None:
    """It becomes VSS_E_UNEXPECTED_PROVIDER_ERROR (rule sn-prov-codes), which the page of the call does not name."""
    fails = [_changes(MASK, fails="E_FAIL", times=1)]
    failures = [{"to": "BreakSnapshotSet", "fails": "E_FAIL"}, {"to": "RecoverSet", "fails": "E_FAIL"}]
    simulation = two_machines(
        {"volumes": [{"name": "F:\\", "lun": "LUN 7"}], "providers": [hardware(failures=failures), SYSTEM]},
        {"providers": [hardware(replies=fails, failures=failures), SYSTEM]},
    )
    _, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    whole = set_of(target, copy)
    with pytest.raises(VssError, match="VSS_E_UNEXPECTED_PROVIDER_ERROR"):
        target.break_snapshot_set(whole, HardwareOptions.MASK_LUNS).finish()
    with pytest.raises(VssError, match="VSS_E_UNEXPECTED_PROVIDER_ERROR"):
        target.break_snapshot_set(whole)
    restorer = create_backup_components(simulation, machine="one")
    restorer.initialize_for_restore(document)
    restorer.add_snapshot_to_recovery_set(copy, 0)
    with pytest.raises(VssError, match="VSS_E_UNEXPECTED_PROVIDER_ERROR"):
        restorer.recover_set(0).finish()
    assert blamed_on_vss(simulation.lines()) == []
    told = [one for one in check(simulation.lines()).findings if one.rule == "sn-prov-codes"]
    assert len(told) == 3
