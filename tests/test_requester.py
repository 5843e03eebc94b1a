"""The Python interface: results, answers, errors and lifetimes are those of VSS, in Python's terms."""

import json
import subprocess
import sys
from typing import Final

import pytest

import vss_sim
from tests.requester_support import initialised, simulation, with_a_set, with_a_snapshot
from tests.support import check
from vss_sim import (
    BackupType,
    ComponentType,
    HResult,
    ObjectType,
    Profile,
    Simulation,
    SnapshotContext,
    SnapshotProperties,
    SourceType,
    VolumeSnapshotAttributes,
    VssError,
    WriterId,
    WriterState,
    create_backup_components,
    create_examine_writer_metadata,
    is_volume_snapshotted,
    read_world,
)
from vss_sim.judge.findings import Outcome
from vss_sim.requester.record import plain
from vss_sim.spec.rules import rules

_NOBODY: Final = WriterId("{deadbeef-0000-4000-8000-00000000cafe}")
_SCRIPTED: Final = """{"machines": [{"answers": [{"to": "DoSnapshotSet", "result": "VSS_E_INSUFFICIENT_STORAGE"}]}]}"""
_SLOW: Final = """{"machines": [{"answers": [{"to": "GatherWriterMetadata", "seconds": 30}]}]}"""
_TWO: Final = """{"machines": [{"name": "one"}, {"name": "two", "volumes": [{"name": "D:\\\\"}]}]}"""


def test_a_call_without_results_gives_nothing_back() -> None:
    """S_OK is its only success."""
    requester = create_backup_components(simulation())
    assert requester.initialize_for_backup() is None  # type: ignore[func-returns-value]


def test_one_result_comes_bare() -> None:
    """An id is a text, a count a number, an object an object."""
    requester = with_a_set(simulation())
    assert requester.get_writer_metadata_count() == 2
    assert requester.add_to_snapshot_set("C:\\").startswith("{")


def test_several_results_have_names() -> None:
    """Enumerations come as members, which are their documented names."""
    requester = with_a_set(simulation())
    with requester.get_writer_metadata(0).metadata as metadata:
        identity = metadata.get_identity()
    assert identity.writer_name == "Shop Database Writer"
    assert identity.source is SourceType.TRANSACTEDDB
    assert str(identity.source) == "VSS_ST_TRANSACTEDDB"


def test_a_success_that_is_not_s_ok_is_a_value() -> None:
    """A query that finds nothing, a list that is over, a text that was never set (rule obs-unset-is-s-false)."""
    requester = initialised(simulation())
    found = requester.query(None, ObjectType.NONE, ObjectType.SNAPSHOT)
    assert found.hresult is HResult.S_FALSE
    assert found.objects.next(1) == (HResult.S_FALSE, (), 0)
    assert found.objects.skip(1) is HResult.S_FALSE
    providers = requester.query(None, ObjectType.NONE, ObjectType.PROVIDER)
    assert providers.hresult is HResult.S_OK


def test_what_was_never_set_is_none_with_s_false() -> None:
    """The component has no message of the requester yet."""
    requester = initialised(simulation())
    requester.gather_writer_metadata().finish()
    with requester.get_writer_metadata(0).metadata as metadata:
        writer_id, instance_id = metadata.get_identity().writer_id, metadata.get_identity().instance_id
    requester.add_component(instance_id, writer_id, ComponentType.DATABASE, "server", "shop")
    with requester.get_writer_components(0) as writer, writer.get_component(0) as component:
        assert component.get_backup_options() == (HResult.S_FALSE, None)
        requester.set_backup_options(writer_id, ComponentType.DATABASE, "server", "shop", "quick")
        assert component.get_backup_options() == (HResult.S_OK, "quick")


def test_cancel_tells_what_it_found() -> None:
    """S_OK where it stopped the operation, otherwise how that had ended (rule seq-async-cancel-codes)."""
    world = simulation(_SLOW)
    operation = initialised(world).gather_writer_metadata()
    assert operation.query_status() is HResult.VSS_S_ASYNC_PENDING
    assert operation.cancel() is HResult.S_OK
    assert operation.cancel() is HResult.VSS_S_ASYNC_CANCELLED
    assert operation.finish() is HResult.VSS_S_ASYNC_CANCELLED


def test_by_the_letter_of_the_pages_wait_tells_why_the_operation_failed() -> None:
    """The rule is that of the failure, as QueryStatus tells it; not the one by which a result is asked for."""
    answers = [{"to": "GatherWriterMetadata", "result": "VSS_E_WRITER_INFRASTRUCTURE"}]
    requester = create_backup_components(
        Simulation(read_world({"machines": [{"answers": answers}]}), Profile.DOCUMENTED)
    )
    requester.initialize_for_backup()
    operation = requester.gather_writer_metadata()
    for told in (operation.wait, operation.finish):
        with pytest.raises(VssError) as failed:
            told()
        assert (failed.value.hresult.name, failed.value.rule) == (
            "VSS_E_WRITER_INFRASTRUCTURE",
            "seq-infrastructure-down",
        )


def test_wait_in_vain_is_no_failure() -> None:
    """The operation goes on; what it came to is asked for (rule obs-wait-returns-pending)."""
    operation = initialised(simulation(_SLOW)).gather_writer_metadata()
    operation.wait(1000)
    assert operation.query_status() is HResult.VSS_S_ASYNC_PENDING
    operation.wait()
    assert operation.query_status() is HResult.VSS_S_ASYNC_FINISHED


def test_structures_are_records() -> None:
    """Frozen, with names; flags can be joined and asked."""
    _, snapshot = with_a_snapshot(simulation())
    assert isinstance(snapshot, SnapshotProperties)
    assert snapshot.service_machine == "server"
    assert VolumeSnapshotAttributes.DIFFERENTIAL in snapshot.snapshot_attributes
    with pytest.raises(AttributeError):
        snapshot.snapshot_id = "other"  # type: ignore[misc, assignment]


def test_extended_asks_the_later_interface() -> None:
    """The plain call leaves the results that only the later one has at None."""
    world = simulation()
    requester = with_a_set(world)
    requester.gather_writer_status().finish()
    plainly, fully = requester.get_writer_status(0), requester.get_writer_status(0, extended=True)
    assert (plainly.application_failure, fully.application_failure) == (None, HResult.S_OK)
    assert plainly[:5] == fully[:5]
    assert fully.state is WriterState.STABLE
    called = [line["call"] for line in world.lines() if "call" in line]
    assert called[-2:] == ["IVssBackupComponents::GetWriterStatus", "IVssBackupComponentsEx3::GetWriterStatusEx"]


def test_a_parameter_of_its_own_asks_the_later_interface() -> None:
    """SetSelectedForRestoreEx is SetSelectedForRestore for one instance."""
    world = simulation()
    requester = create_backup_components(world)
    requester.initialize_for_restore(_saved(world))
    with requester.get_writer_components(0) as writer:
        instance_id, writer_id = writer.get_writer_info()
    where = (writer_id, ComponentType.DATABASE, "server", "shop")
    requester.set_selected_for_restore(*where, selected_for_restore=True)
    requester.set_selected_for_restore(*where, selected_for_restore=True, instance_id=instance_id)
    called = [line["call"] for line in world.lines() if "call" in line]
    assert called[-2:] == [
        "IVssBackupComponents::SetSelectedForRestore",
        "IVssBackupComponentsEx::SetSelectedForRestoreEx",
    ]


def _saved(world: Simulation) -> str:
    """The document of a backup of the first component."""
    with initialised(world) as requester:
        requester.gather_writer_metadata().finish()
        found = requester.get_writer_metadata(0)
        writer_id = found.metadata.get_identity().writer_id
        requester.add_component(found.instance_id, writer_id, ComponentType.DATABASE, "server", "shop")
        return requester.save_as_xml()


def test_a_refused_call_raises_and_changes_nothing() -> None:
    """With the answer, the rule and its sentence, what was missing, and the shortest legal way on."""
    world = simulation()
    requester = initialised(world)
    before = world.world
    with pytest.raises(VssError) as caught:
        requester.add_to_snapshot_set("C:\\")
    error = caught.value
    assert error.hresult is HResult.VSS_E_BAD_STATE
    assert error.method == "IVssBackupComponents::AddToSnapshotSet"
    assert error.rule == "seq-addvolume-after-startset"
    assert error.sentence == rules()[error.rule].statement
    assert "the object is initialised for backup" in error.because
    assert error.instead == ("IVssBackupComponents::StartSnapshotSet", "IVssBackupComponents::AddToSnapshotSet")
    assert world.world == before
    assert error.rule in str(error)


def test_the_way_on_waits_for_what_is_under_way() -> None:
    """Nothing has to be begun anew."""
    requester = initialised(simulation())
    requester.gather_writer_metadata()
    with pytest.raises(VssError) as caught:
        requester.get_writer_metadata_count()
    assert caught.value.instead == ("IVssAsync::Wait", "IVssBackupComponents::GetWriterMetadataCount")


def test_a_refused_call_is_in_the_record() -> None:
    """A trace shows what was answered, whoever catches the error."""
    world = simulation()
    with pytest.raises(VssError):
        initialised(world).do_snapshot_set()
    assert [*world.lines()][-1]["returns"] == "VSS_E_BAD_STATE"


def test_an_argument_that_vss_refuses_raises() -> None:
    """Arguments come before the state (rule obs-arguments-before-state)."""
    requester = create_backup_components(simulation())
    with pytest.raises(VssError) as caught:
        requester.set_backup_state(False, False, BackupType.UNDEFINED)
    assert (caught.value.hresult, caught.value.rule) == (HResult.E_INVALIDARG, "backup-type-undefined-error")
    with_another = "SetBackupState(backupType: anything but VSS_BT_UNDEFINED)"
    assert caught.value.instead == tuple(
        f"IVssBackupComponents::{step}" for step in ("InitializeForBackup", with_another)
    )


@pytest.mark.parametrize("profile", Profile)
def test_an_operation_that_fails_raises_from_finish(profile: Profile) -> None:
    """The error names the call that began it, and by which rule it may fail; the operation is released."""
    world = simulation(_SCRIPTED, profile)
    requester = with_a_set(world)
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    with pytest.raises(VssError) as caught:
        requester.do_snapshot_set().finish()
    assert caught.value.hresult is HResult.VSS_E_INSUFFICIENT_STORAGE
    assert (caught.value.method, caught.value.rule) == ("IVssBackupComponents::DoSnapshotSet", "sn-storage")
    assert [left.interface for left in world.unreleased()] == ["IVssBackupComponents"]


def test_waiting_and_asking_by_hand_raises_nothing() -> None:
    """QueryStatus succeeds; the failure of the operation is its result."""
    requester = with_a_set(simulation(_SCRIPTED))
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    with requester.do_snapshot_set() as operation:
        operation.wait()
        assert operation.query_status() is HResult.VSS_E_INSUFFICIENT_STORAGE


def test_a_with_block_releases() -> None:
    """The last reference takes the object, and what it holds, with it."""
    world = simulation()
    with initialised(world) as requester:
        assert requester.add_ref() == 2
        assert requester.release() == 1
        assert len(world.unreleased()) == 1
    assert world.unreleased() == ()


def test_a_forgotten_object_keeps_what_it_holds() -> None:
    """Another object cannot begin a set until the process of the first ends (rule seq-one-creation-per-machine)."""
    world = simulation()
    with_a_set(world, process="forgetful")
    other = initialised(world, process="other")
    with pytest.raises(VssError) as caught:
        other.start_snapshot_set()
    assert caught.value.hresult is HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS
    forgotten = [left for left in world.unreleased() if left.process == "forgetful"]
    assert [(left.interface, left.made_by) for left in forgotten] == [
        ("IVssBackupComponents", "CreateVssBackupComponents")
    ]
    world.happens("process ends", process="forgetful")
    assert not [left for left in world.unreleased() if left.process == "forgetful"]
    other.start_snapshot_set()


def test_every_object_that_was_forgotten_is_named() -> None:
    """By the call that handed it out; the end of their process takes all of them."""
    world = simulation()
    requester = initialised(world, process="p")
    requester.gather_writer_metadata().wait()
    requester.query(None, ObjectType.NONE, ObjectType.PROVIDER)
    requester.gather_writer_status().finish()
    requester.get_writer_metadata(0).metadata.get_component(0).get_database_file(0)
    assert [left.made_by for left in world.unreleased()] == [
        "CreateVssBackupComponents",
        "IVssBackupComponents::GatherWriterMetadata",
        "IVssBackupComponents::Query",
        "IVssBackupComponents::GetWriterMetadata",
        "IVssExamineWriterMetadata::GetComponent",
        "IVssWMComponent::GetDatabaseFile",
    ]
    assert {(left.machine, left.process, left.references) for left in world.unreleased()} == {("server", "p", 1)}
    world.happens("process ends", process="p")
    assert world.unreleased() == ()


def test_calls_carry_their_machine_and_process() -> None:
    """So that the record is a trace of a world with several of them, which the checker reads right."""
    world = simulation(_TWO)
    on_two = initialised(world, machine="two", process="backup")
    on_one = initialised(world)
    for requester, volume in ((on_two, "D:\\"), (on_one, "C:\\")):
        requester.gather_writer_metadata().finish()
        requester.start_snapshot_set()
        requester.add_to_snapshot_set(volume)
    lines = [*world.lines()]
    of_two = [line for line in lines if line.get("machine") == "two"]
    assert {line["process"] for line in of_two} == {"backup"}
    assert {line["call"] for line in of_two if line.get("on", "").startswith("async")} == {
        "IVssAsync::Wait",
        "IVssAsync::QueryStatus",
        "IUnknown::Release",
    }
    assert len(of_two) == sum("process" in line for line in lines)
    assert {line["machine"] for line in lines} == {"one", "two"}
    checked = check(lines)
    assert checked.outcome is Outcome.CONFORMS
    assert not checked.errors()
    assert {left.machine for left in world.unreleased()} == {"one", "two"}


def test_functions_ask_a_machine() -> None:
    """A volume is one of the machine of the call."""
    world = simulation(_TWO)
    assert not is_volume_snapshotted(world, "D:\\", machine="two").snapshots_present
    with pytest.raises(VssError):
        is_volume_snapshotted(world, "D:\\")


def test_the_record_has_flags_and_members_by_name() -> None:
    """As a log of VSS has them."""
    world = simulation()
    requester = initialised(world)
    requester.set_context(SnapshotContext.APP_ROLLBACK | VolumeSnapshotAttributes.DIFFERENTIAL)
    line = [*world.lines()][-1]
    assert line["in"] == {"lContext": "VSS_CTX_APP_ROLLBACK|VSS_VOLSNAP_ATTR_DIFFERENTIAL"}
    assert plain(VolumeSnapshotAttributes.PLEX | VolumeSnapshotAttributes.TRANSPORTABLE) == (
        "VSS_VOLSNAP_ATTR_TRANSPORTABLE|VSS_VOLSNAP_ATTR_PLEX"
    )
    assert plain(VolumeSnapshotAttributes(0)) == 0
    assert plain(VolumeSnapshotAttributes(1 << 30)) == 1 << 30


def test_the_record_of_a_run_is_json() -> None:
    """Whatever was called."""
    world = simulation()
    requester, _ = with_a_snapshot(world)
    requester.enable_writer_classes([_NOBODY])
    assert len(json.dumps([*world.lines()])) > 1000


def test_a_document_that_is_none_is_refused() -> None:
    """VSS_E_INVALID_XML_DOCUMENT, whether it is no XML or another document (rule seq-init-doc-valid)."""
    world = simulation()
    requester = create_backup_components(world)
    for text in ("", "<other/>", "no document"):
        with pytest.raises(VssError) as caught:
            requester.initialize_for_restore(text)
        assert caught.value.hresult is HResult.VSS_E_INVALID_XML_DOCUMENT
    with pytest.raises(VssError):
        create_examine_writer_metadata(world, "<other/>")


def test_everything_that_a_requester_needs_is_exported() -> None:
    """From the package itself, imported when it is asked for."""
    for name in vss_sim.__all__:
        assert getattr(vss_sim, name).__name__ == name
        assert name in dir(vss_sim)
    with pytest.raises(AttributeError, match="nonsense"):
        vss_sim.nonsense  # noqa: B018


def test_the_import_costs_nothing() -> None:
    """Nothing heavy comes with `import vss_sim`, nor with the interface what only tests or terminals need."""
    program = "import sys, vss_sim; print(*sys.modules); vss_sim.create_backup_components; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, second = (set(line.split()) for line in run.stdout.splitlines())
    assert not [name for name in first if name.startswith(("xml", "vss_sim.", "attr", "msgspec"))]
    assert not second & {"hypothesis", "rich", "pytest"}


def test_a_record_names_the_machine_of_each_line_where_there_are_several() -> None:
    """And of none where there is one; so a log of it is of one machine, or of several that are told apart."""
    for names in (["one"], ["one", "two"]):
        simulation = Simulation(vss_sim.read_world(json.dumps({"machines": [{"name": name} for name in names]})))
        create_backup_components(simulation).initialize_for_backup()
        simulation.happens("reboot", "one")
        simulation.happens("reboot")
        assert {line.get("machine") for line in simulation.lines()} == ({None} if len(names) == 1 else {"one"})
