"""A DoSnapshotSet that fails says who failed it, and what the program can do; a copy that went, how it went.

Expectations by hand from the pages: who fails which step of the creation is told by the world, and so is the time.
"""

from typing import Any

import pytest

from tests.requester_support import with_a_set
from vss_sim import (
    BackupComponents,
    ObjectType,
    Simulation,
    SnapshotContext,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
    read_world,
)

_SHOP: dict[str, Any] = {"name": "Shop", "writerId": "{a1a1a1a1-0000-4000-8000-000000000001}"}
_MAIL: dict[str, Any] = {"name": "Mail", "writerId": "{a1a1a1a1-0000-4000-8000-000000000002}"}
_RETRYABLE = "VSS_E_WRITERERROR_RETRYABLE"


def _prepared(machine: dict[str, Any]) -> BackupComponents:
    simulation = Simulation(read_world({"machines": [{"volumes": [{"name": "C:\\"}], **machine}]}))
    requester = with_a_set(simulation)
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    return requester


def _failed(machine: dict[str, Any]) -> VssError:
    with pytest.raises(VssError) as failed:
        _prepared(machine).do_snapshot_set().finish()
    return failed.value


@pytest.mark.parametrize(
    ("writers", "words"),
    [
        ([(_SHOP, {"on": "Freeze", "fails": _RETRYABLE})], f"Shop fails Freeze with {_RETRYABLE}"),
        ([(_SHOP, {"on": "Thaw", "fails": _RETRYABLE})], f"Shop fails Thaw with {_RETRYABLE}"),
        (
            [(_SHOP, {"on": "Freeze", "fails": _RETRYABLE}), (_MAIL, {"on": "Freeze", "silent": True, "seconds": 5})],
            f"Shop fails Freeze with {_RETRYABLE} and Mail fails Freeze with VSS_E_WRITER_NOT_RESPONDING",
        ),
        ([(_SHOP, {"on": "Freeze", "seconds": 61})], "Shop was frozen for 60 s, and got no Thaw"),
        (
            [({**_SHOP, "freezeTimeout": 5}, {"on": "Freeze", "seconds": 2}), (_MAIL, {"on": "Freeze", "seconds": 6})],
            "Shop was frozen for 5 s, and got no Thaw",
        ),
    ],
)
def test_writers_that_failed_a_creation_are_named(
    writers: list[tuple[dict[str, Any], dict[str, Any]]], words: str
) -> None:
    """The answer itself names nobody; GatherWriterStatus does (rules obs-do-failures, wr-freeze-window)."""
    error = _failed({"writers": [{**writer, "replies": [reply]} for writer, reply in writers]})
    assert error.hresult.name == "VSS_E_UNEXPECTED_WRITER_ERROR"
    assert error.because == f"the operation began, and failed: {words}"
    assert "GatherWriterStatus" in error.mends


@pytest.mark.parametrize(
    ("machine", "answer", "words"),
    [
        (
            {"providers": [{"name": "P", "replies": [{"on": "CommitSnapshots", "fails": "VSS_E_PROVIDER_VETO"}]}]},
            "VSS_E_PROVIDER_VETO",
            "P answers VSS_E_PROVIDER_VETO at CommitSnapshots",
        ),
        (
            {"providers": [{"name": "P", "replies": [{"on": "EndPrepareSnapshots", "fails": "E_FAIL", "seconds": 2}]}]},
            "VSS_E_UNEXPECTED_PROVIDER_ERROR",
            "P answers E_FAIL at EndPrepareSnapshots",
        ),
        (
            {"providers": [{"name": "P", "replies": [{"on": "CommitSnapshots", "seconds": 11}]}]},
            "VSS_E_HOLD_WRITES_TIMEOUT",
            "flush and commit were not over within 10 s",
        ),
        (
            {"volumes": [{"name": "C:\\", "flushSeconds": 11}]},
            "VSS_E_FLUSH_WRITES_TIMEOUT",
            "flush and commit were not over within 10 s",
        ),
        (
            {"providers": [{"name": "P", "storageNeeded": 2_000_000_000}]},
            "VSS_E_INSUFFICIENT_STORAGE",
            "there is no room for a shadow copy of C:\\ at EndPrepareSnapshots",
        ),
    ],
)
def test_providers_and_limits_that_failed_a_creation_are_named(
    machine: dict[str, Any], answer: str, words: str
) -> None:
    """Who, at which step; a limit with its seconds (rules sn-prov-commit-10s, sn-storage)."""
    error = _failed(machine)
    assert (error.hresult.name, error.because) == (answer, f"the operation began, and failed: {words}")


def test_a_provider_that_is_slow_to_fail_is_not_blamed_for_a_writer_whose_time_is_over_first() -> None:
    """What failed the creation is what came first."""
    error = _failed(
        {
            "writers": [{**_SHOP, "freezeTimeout": 5}],
            "providers": [{"name": "P", "replies": [{"on": "CommitSnapshots", "fails": "E_FAIL", "seconds": 8}]}],
        }
    )
    assert error.because == "the operation began, and failed: Shop was frozen for 5 s, and got no Thaw"


_ARRAY = {
    "machines": [{"volumes": [{"name": "D:\\", "lun": "L"}], "providers": [{"name": "A", "type": "VSS_PROV_HARDWARE"}]}]
}


@pytest.mark.parametrize(("gone", "words"), [("broken", "its set was broken"), ("deleted", "it was deleted")])
def test_a_copy_on_a_lun_that_is_no_more_is_said_to_be_broken_or_deleted(gone: str, words: str) -> None:
    """VSS answers that it knows none; why not is known (rules sn-break-forgets, sn-deleted-gone)."""
    with create_backup_components(Simulation(read_world(_ARRAY))) as requester:
        requester.initialize_for_backup()
        requester.set_context(SnapshotContext.NAS_ROLLBACK)
        whole = requester.start_snapshot_set()
        copy = requester.add_to_snapshot_set("D:\\")
        requester.do_snapshot_set().finish()
        if gone == "broken":
            requester.break_snapshot_set(whole)
        else:
            requester.delete_snapshots(copy, ObjectType.SNAPSHOT, False)
        for call in (requester.get_snapshot_properties, requester.unexpose_snapshot):
            with pytest.raises(VssError) as refused:
                call(copy)
            assert refused.value.because == f"the shadow copy {copy} is there no more: {words}"


def test_an_exposed_copy_is_hidden_before_it_is_exposed_anew() -> None:
    """A way that calls lead (rule expose-hide-first)."""
    with create_backup_components(Simulation()) as requester:
        requester.initialize_for_backup()
        requester.set_context(SnapshotContext.NAS_ROLLBACK)
        requester.start_snapshot_set()
        copy = requester.add_to_snapshot_set("C:\\")
        requester.do_snapshot_set().finish()
        requester.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:")
        with pytest.raises(VssError) as refused:
            requester.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "Y:")
        hide, expose = "IVssBackupComponentsEx2::UnexposeSnapshot", "IVssBackupComponents::ExposeSnapshot"
        assert refused.value.instead == (hide, expose)
        assert str(refused.value).endswith(f"instead: {hide} → {expose}")
        requester.unexpose_snapshot(copy)
        assert requester.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "Y:") == "Y:"
