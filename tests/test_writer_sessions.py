"""The sessions of writers, the scripts of writers and providers at the n-th occurrence, and what providers do."""

from typing import Any, Final

import pytest

from tests.writers_at_work import Run, writer
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.spec.creation import CREATION, PROVIDER_EVENTS, Taker
from vss_sim.spec.enums import WriterState
from vss_sim.spec.hresult import HResult

RETRYABLE: Final = "VSS_E_WRITERERROR_RETRYABLE"
FINISHED: Final = HResult.VSS_S_ASYNC_FINISHED
BUSY: Final = (WriterState.UNKNOWN, "VSS_E_WRITER_STATUS_NOT_AVAILABLE")


def _array(**more: Any) -> dict[str, Any]:
    return {"providers": [{"name": "array", "type": "VSS_PROV_SOFTWARE", **more}]}


def _backup(run: Run, on: str) -> HResult:
    run.prepare(on)
    result = run.do("DoSnapshotSet", on)
    if result is FINISHED:
        run.do("BackupComplete", on)
    run.call("Release", on)
    return result


def test_a_writer_takes_part_in_so_many_operations_only() -> None:
    """The others are told that no session is left, until one ends (req-session-limit, req-status-not-available)."""
    run = Run(writer("sql", maxSessions=1), writer("web"))
    run.prepare("one")
    run.do("DoSnapshotSet", "one")
    run.prepare("two")
    assert run.status("sql", "two") == BUSY
    assert run.status("web", "two") == (WriterState.STABLE, "S_OK")
    assert run.events("sql").count("PrepareForBackup") == 1
    assert run.do("DoSnapshotSet", "two") is FINISHED
    run.do("BackupComplete", "one")
    run.prepare("three")
    assert run.status("sql", "three") == (WriterState.STABLE, "S_OK")
    assert not run.blamed_on_vss()


@pytest.mark.parametrize("end", ["AbortBackup", "Release"])
def test_a_session_ends_with_abort_and_with_the_object(end: str) -> None:
    """However the backup ends, the slot is free again."""
    run = Run(writer("sql", maxSessions=1), writer("web"))
    run.prepare("one")
    run.call(end, "one")
    run.prepare("two")
    assert run.status("sql", "two") == (WriterState.STABLE, "S_OK")


@pytest.mark.parametrize(("system", "free"), [("Windows Server 2008", False), ("Windows Server 2008 R2", True)])
def test_older_systems_end_a_session_when_its_status_is_gathered(system: str, free: bool) -> None:
    """Rule gather-status-after-backup-complete."""
    run = Run(writer("sql", maxSessions=1), writer("web"), os=system)
    run.prepare("one")
    run.do("DoSnapshotSet", "one")
    run.do("BackupComplete", "one")
    run.prepare("two")
    assert (run.status("sql", "two") != BUSY) == free
    run.call("AbortBackup", "two")
    run.call("Release", "two")
    run.do("GatherWriterStatus", "one")
    run.prepare("three")
    assert run.status("sql", "three") != BUSY
    assert not run.blamed_on_vss()


def test_metadata_gathered_again_in_the_middle_keeps_the_states() -> None:
    """Identify can come at any time and changes nothing (rules wr-id-any-time, wr-id-stateless)."""
    run = Run()
    run.prepare()
    run.do("DoSnapshotSet")
    run.do("GatherWriterMetadata")
    assert run.status("sql") == (WriterState.WAITING_FOR_BACKUP_COMPLETE, "S_OK")


@pytest.mark.parametrize(("skip", "times", "failed"), [(0, 1, [0]), (1, 1, [1]), (1, 2, [1, 2]), (2, None, [2, 3])])
def test_faults_come_at_the_nth_occurrence(skip: int, times: int | None, failed: list[int]) -> None:
    """One way of scripting: for writers, for calls of requesters, for providers asked in a call or by an event."""
    when = {"skip": skip, **({} if times is None else {"times": times})}
    run = Run(writer("sql", {"on": "Freeze", "fails": RETRYABLE, **when}), writer("web"))
    found = [number for number in range(4) if _backup(run, f"bc{number}") is not FINISHED]
    assert found == failed
    for script in (
        {"answers": [{"to": "DoSnapshotSet", "result": "VSS_E_PROVIDER_VETO", **when}]},
        _array(failures=[{"to": "DoSnapshotSet", **when}]),
        _array(replies=[{"on": "PreCommitSnapshots", "fails": "VSS_E_PROVIDER_VETO", **when}]),
    ):
        run = Run(**script)
        results = [_backup(run, f"bc{number}") for number in range(4)]
        veto = [number for number in range(4) if results[number] is HResult.VSS_E_PROVIDER_VETO]
        assert veto == failed


def test_a_call_that_a_provider_refuses_counts_as_one() -> None:
    """The next one is another."""
    run = Run(**_array(failures=[{"to": "AddToSnapshotSet", "times": 1}]))
    run.begin()
    run.call("StartSnapshotSet")
    answers = [run.call("AddToSnapshotSet", pwszVolumeName="C:\\").answer for _ in range(2)]
    assert answers == [HResult.VSS_E_PROVIDER_VETO, HResult.S_OK]


@pytest.mark.parametrize("place", range(len(CREATION)))
def test_a_provider_fails_at_its_step_of_the_creation(place: int) -> None:
    """What writers have heard by then shows the order of the steps (protocol B.3, dispute C29)."""
    step = CREATION[place]
    if step.taker is not Taker.PROVIDERS:
        return
    run = Run(**_array(replies=[{"on": step.name, "fails": "VSS_E_PROVIDER_VETO"}]))
    run.prepare()
    assert run.do("DoSnapshotSet") is HResult.VSS_E_PROVIDER_VETO
    heard = [one.name for one in CREATION[:place] if one.taker is Taker.WRITERS]
    done = "PostSnapshot" in heard
    assert run.events("sql")[2:] == [*heard, *([] if done else ["Abort"])]
    assert not run.simulation.world.snapshots
    assert run.frozen() == set()


def test_an_unknown_code_of_a_provider_is_made_a_known_one() -> None:
    """Rule sn-prov-codes."""
    run = Run(**_array(replies=[{"on": "CommitSnapshots", "fails": "E_FAIL", "seconds": 3}]))
    run.prepare()
    assert run.do("DoSnapshotSet") is HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR
    assert run.simulation.world.clock == 3


def test_a_provider_is_asked_to_begin_with_each_volume() -> None:
    """BeginPrepareSnapshot, before AddToSnapshotSet returns; it is no matter of time."""
    reply = {"on": "BeginPrepareSnapshot", "fails": "VSS_E_PROVIDER_VETO", "skip": 1}
    run = Run(**_array(replies=[reply]), volumes=[{"name": "C:\\"}, {"name": "D:\\"}])
    run.begin()
    run.call("StartSnapshotSet")
    answers = [run.call("AddToSnapshotSet", pwszVolumeName=name).answer for name in ("C:\\", "D:\\")]
    assert answers == [HResult.S_OK, HResult.VSS_E_PROVIDER_VETO]
    slow = {"name": "p", "replies": [{"on": PROVIDER_EVENTS[0], "seconds": 1}]}
    with pytest.raises(WorldError, match="takes no time"):
        read_world({"machines": [{"providers": [slow]}]})


@pytest.mark.parametrize(("needed", "fits"), [(900, True), (901, False)])
def test_a_shadow_copy_needs_room(needed: int, fits: bool) -> None:
    """Free space is the capacity without the files (rule sn-storage); writers are not even told."""
    volume = {"name": "C:\\", "capacity": 1000, "files": {"C:\\a": {"size": 90}, "C:\\b": {"content": "0123456789"}}}
    run = Run(**_array(storageNeeded=needed), volumes=[volume])
    run.prepare()
    assert run.do("DoSnapshotSet") is (FINISHED if fits else HResult.VSS_E_INSUFFICIENT_STORAGE)
    assert ("PrepareForSnapshot" in run.events()) == fits


def test_a_set_has_64_volumes_at_most() -> None:
    """Rule sn-vol-max-64."""
    run = Run(volumes=[{"name": f"C:\\{number}\\"} for number in range(65)])
    run.begin()
    run.call("StartSnapshotSet")
    answers = [run.call("AddToSnapshotSet", pwszVolumeName=f"C:\\{number}\\").answer for number in range(65)]
    assert set(answers[:64]) == {HResult.S_OK}
    assert answers[64] == HResult.VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED


ARRAY = "{99999999-0000-4000-8000-000000000001}"
FULL = HResult.VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED


@pytest.mark.parametrize(
    ("there", "more", "context", "answer"),
    [
        (511, {}, "VSS_CTX_BACKUP", HResult.S_OK),
        (512, {}, "VSS_CTX_BACKUP", FULL),
        (512, {"providerId": ARRAY}, "VSS_CTX_BACKUP", HResult.S_OK),
        (63, {"context": "VSS_CTX_CLIENT_ACCESSIBLE"}, "VSS_CTX_CLIENT_ACCESSIBLE", HResult.S_OK),
        (64, {"context": "VSS_CTX_CLIENT_ACCESSIBLE"}, "VSS_CTX_CLIENT_ACCESSIBLE", FULL),
        (64, {"context": "VSS_CTX_CLIENT_ACCESSIBLE"}, "VSS_CTX_BACKUP", HResult.S_OK),
        (64, {}, "VSS_CTX_CLIENT_ACCESSIBLE", HResult.S_OK),
    ],
)
def test_a_volume_has_512_shadow_copies_in_software_at_most_and_64_client_accessible_ones(
    there: int, more: dict[str, str], context: str, answer: HResult
) -> None:
    """Rule sn-vol-max-512: copies by hardware do not count, and the lower limit is of client-accessible ones only."""
    run = Run(snapshots=_copies(there, **more), providers=_PROVIDERS)
    assert _adds(run, context) == answer


def test_the_registry_sets_how_many_client_accessible_copies_there_may_be() -> None:
    """From 1 to 512; a hardware provider's copies have no such limit."""
    made = _copies(3, context="VSS_CTX_CLIENT_ACCESSIBLE")
    for most, answer in ((3, FULL), (4, HResult.S_OK)):
        run = Run(snapshots=made, providers=_PROVIDERS, registry={"maxShadowCopies": most})
        assert _adds(run, "VSS_CTX_CLIENT_ACCESSIBLE") == answer
    with pytest.raises(WorldError, match="maxShadowCopies"):
        Run(registry={"maxShadowCopies": 513})


_PROVIDERS = [
    {"name": "System", "providerId": "{b5946137-7b9f-4925-af80-51abd60b20d5}"},
    {"name": "Array", "type": "VSS_PROV_HARDWARE", "providerId": ARRAY, "volumes": []},
]


def _copies(count: int, **more: str) -> list[dict[str, str]]:
    return [
        {
            "snapshotId": f"{{22222222-0000-4000-8000-{number:012}}}",
            "setId": f"{{11111111-0000-4000-8000-{number:012}}}",
            **more,
        }
        for number in range(count)
    ]


def _adds(run: Run, context: str) -> int:
    """What AddToSnapshotSet answers in a context."""
    run.create()
    run.call("InitializeForBackup", bstrXML=None)
    run.call("SetContext", lContext=context)
    state = {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": "VSS_BT_FULL"}
    run.call("SetBackupState", **state)
    if context == "VSS_CTX_BACKUP":
        run.do("GatherWriterMetadata")
    run.call("StartSnapshotSet")
    return run.call("AddToSnapshotSet", pwszVolumeName="C:\\").answer
