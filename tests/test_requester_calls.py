"""Every call of the Python interface is made, and gives what it says it gives."""

import json
from typing import Any, Final

import pytest

from tests.requester_support import ask, initialised, simulation, with_a_set, with_a_snapshot
from tests.support import blamed_on_vss
from tests.test_requester_source import CALLS
from vss_sim import (
    BackupComponents,
    BackupType,
    Component,
    ComponentType,
    FileRestoreStatus,
    HardwareOptions,
    HResult,
    ObjectType,
    ProviderId,
    RestoreType,
    RollForwardType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VolumeSnapshotAttributes,
    VssError,
    WMComponent,
    WriterId,
    create_backup_components,
    create_examine_writer_metadata,
    is_volume_snapshotted,
    read_world,
    should_block_revert,
    vss_free_snapshot_properties,
)
from vss_sim.documents.backup_components import read_backup_components, write_backup_components
from vss_sim.model.document import (
    DifferencedFiles,
    DirectedTarget,
    DocumentComponent,
    PartialFile,
    RestoreSubcomponent,
    WriterComponents,
)
from vss_sim.model.metadata import AlternateLocationMapping
from vss_sim.spec.enums import RestoreTarget
from vss_sim.spec.writer_lives import calls_of_programs

_WRITER: Final = "{a1a1a1a1-0000-4000-8000-000000000001}"
_OTHER: Final = "{a1a1a1a1-0000-4000-8000-000000000002}"
_ARRAY: Final = "{a1a1a1a1-0000-4000-8000-0000000000aa}"
_FILES: Final = {"path": "C:\\db", "filespec": "*", "recursive": True}
_MACHINE: Final[dict[str, Any]] = {
    "os": "Windows Server 2022",
    "volumes": [{"name": "C:\\"}, {"name": "E:\\"}],
    "providers": [
        {"name": "System", "type": "VSS_PROV_SYSTEM"},
        {
            "name": "Array",
            "type": "VSS_PROV_HARDWARE",
            "providerId": _ARRAY,
            "volumes": ["E:\\"],
            "attributes": ["VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_PLEX"],
        },
    ],
    "writers": [
        {
            "name": "Full Writer",
            "writerId": _WRITER,
            "instanceName": "first",
            "backupSchema": ["VSS_BS_COPY", "VSS_BS_TIMESTAMPED"],
            "restoreMethod": {"method": "VSS_RME_STOP_RESTORE_START", "service": "db"},
            "alternateLocationMappings": [{**_FILES, "destination": "C:\\alt"}],
            "includeFiles": [_FILES],
            "excludeFiles": [_FILES],
            "excludeFromSnapshotFiles": [_FILES],
            "components": [
                {
                    "type": "VSS_CT_DATABASE",
                    "name": "db",
                    "selectableForRestore": True,
                    "componentFlags": ["VSS_CF_BACKUP_RECOVERY"],
                    "files": [_FILES],
                    "databaseFiles": [_FILES],
                    "databaseLogFiles": [_FILES],
                    "dependencies": [{"writerId": _OTHER, "logicalPath": "a", "componentName": "b"}],
                }
            ],
        }
    ],
}
_DB: Final = (_WRITER, ComponentType.DATABASE, None, "db")
_PERSISTENT: Final = SnapshotContext.APP_ROLLBACK


def _world() -> Simulation:
    return simulation({"machines": [{"name": name, **_MACHINE} for name in ("one", "two")]})


def _metadata(world: Simulation) -> None:
    """What writers say of themselves, with each of its parts."""
    requester = ask(create_backup_components, world)
    ask(requester.initialize_for_backup)
    ask(requester.enable_writer_classes, [_WRITER])
    ask(requester.disable_writer_classes, [_OTHER])
    ask(requester.disable_writer_instances, [_OTHER])
    ask(ask(requester.gather_writer_metadata).finish)
    assert ask(requester.get_writer_metadata_count) == 1
    metadata = ask(requester.get_writer_metadata, 0).metadata
    metadata = ask(requester.get_writer_metadata, 0, extended=True).metadata
    for call in (metadata.get_identity, metadata.get_file_counts, metadata.get_backup_schema, metadata.get_version):
        ask(call)
    assert ask(metadata.get_identity, extended=True).instance_name == "first"
    assert ask(metadata.get_restore_method).service == "db"
    assert ask(metadata.get_exclude_from_snapshot_count) == 1
    listed = (metadata.get_include_file, metadata.get_exclude_file, metadata.get_exclude_from_snapshot_file)
    for call in listed:
        ask(call, 0)
    mapping = ask(metadata.get_alternate_location_mapping, 0)
    assert ask(mapping.get_alternate_location) == (HResult.S_OK, "C:\\alt")
    for call in (mapping.get_path, mapping.get_filespec, mapping.get_recursive, mapping.get_backup_type_mask):
        ask(call)
    text = ask(metadata.save_as_xml)
    assert ask(metadata.get_document) == text
    again = ask(create_examine_writer_metadata, world, text)
    assert ask(again.load_from_xml, text) is HResult.S_OK
    _component_of_the_writer(ask(again.get_component, 0))
    ask(requester.free_writer_metadata)


def _component_of_the_writer(component: WMComponent) -> None:
    info = ask(component.get_component_info)
    assert (info.component_name, info.dependency_count) == ("db", 1)
    ask(component.free_component_info, info)
    for call in (component.get_file, component.get_database_file, component.get_database_log_file):
        ask(call, 0)
    dependency = ask(component.get_dependency, 0)
    assert ask(dependency.get_writer_id) == (HResult.S_OK, _OTHER)
    assert ask(dependency.get_logical_path).logical_path == "a"
    assert ask(dependency.get_component_name).component_name == "b"


def _backup(world: Simulation) -> str:
    """A component backup with all that a requester can say in it; the document that it saves."""
    requester = ask(create_backup_components, world)
    requester.initialize_for_backup()
    ask(requester.set_context, SnapshotContext.BACKUP)
    ask(requester.set_backup_state, True, False, BackupType.COPY)
    requester.gather_writer_metadata().finish()
    instance_id = requester.get_writer_metadata(0).instance_id
    ask(requester.add_component, instance_id, *_DB)
    ask(requester.set_backup_options, *_DB, "quick")
    ask(requester.set_previous_backup_stamp, *_DB, "monday")
    ask(requester.start_snapshot_set)
    snapshot_id = ask(requester.add_to_snapshot_set, "C:\\")
    ask(ask(requester.prepare_for_backup).finish)
    ask(ask(requester.do_snapshot_set).finish)
    ask(requester.gather_writer_status).finish()
    assert ask(requester.get_writer_status_count) == 1
    assert ask(requester.get_writer_status, 0).failure is HResult.S_OK
    assert ask(requester.get_writer_status, 0, extended=True).application_failure == HResult.S_OK
    ask(requester.free_writer_status)
    ask(requester.get_session_id)
    properties = ask(requester.get_snapshot_properties, snapshot_id)
    ask(vss_free_snapshot_properties, world, properties)
    ask(requester.set_backup_succeeded, instance_id, *_DB, True)
    with ask(requester.backup_complete) as operation:
        ask(operation.wait, 1000)
        ask(operation.query_status)
        assert ask(operation.cancel) is HResult.VSS_S_ASYNC_FINISHED
    saved: str = ask(requester.save_as_xml)
    requester.release()
    return saved


def _fuller(saved: str) -> str:
    """The saved document, with all that its writer could have said in it."""
    document = read_backup_components(saved)
    mapping = AlternateLocationMapping(path="C:\\db", filespec="*", recursive=True, destination="C:\\new")
    component = DocumentComponent(
        type=ComponentType.DATABASE,
        logical_path="",
        name="db",
        backup_succeeded=True,
        backup_stamp="tuesday",
        partial_files=(PartialFile(path="C:\\db", filename="a", ranges="0:1"),),
        differenced_files=(DifferencedFiles(path="C:\\db", filespec="*", recursive=True, last_modify_time=7),),
        restore_subcomponents=(RestoreSubcomponent(logical_path="db", name="part"),),
        restore_target=RestoreTarget.ORIGINAL,
        directed_targets=(
            DirectedTarget(
                source_path="C:\\db",
                source_filename="a",
                source_ranges="0:1",
                destination_path="C:\\x",
                destination_filename="b",
                destination_ranges="0:1",
            ),
        ),
        new_targets=(mapping,),
        alternate_location_mappings=(mapping,),
    )
    writer: WriterComponents = document.writers[0]
    full = WriterComponents(
        writer_id=writer.writer_id, instance_id=writer.instance_id, components=(component,), backup_schema=16
    )
    record = type(document)(writers=(full,), snapshot_set_id=document.snapshot_set_id, snapshots=document.snapshots)
    return write_backup_components(record)


def _restore(world: Simulation, saved: str) -> None:
    requester = create_backup_components(world)
    ask(requester.initialize_for_restore, saved)
    ask(requester.set_restore_state, RestoreType.BY_COPY)
    requester.gather_writer_metadata().finish()
    assert ask(requester.get_writer_components_count) == 1
    writer = ask(requester.get_writer_components, 0)
    instance_id, _ = ask(writer.get_writer_info)
    assert ask(writer.get_component_count) == 1
    ask(requester.set_selected_for_restore, *_DB, True)
    ask(requester.set_selected_for_restore, *_DB, True, instance_id=instance_id)
    ask(requester.add_restore_subcomponent, *_DB, "db", "part", False)
    ask(requester.set_restore_options, *_DB, "slow")
    ask(requester.set_additional_restores, *_DB, False)
    ask(requester.set_authoritative_restore, *_DB, True)
    ask(requester.set_roll_forward, *_DB, RollForwardType.PARTIAL, "noon")
    ask(requester.set_restore_name, *_DB, "db2")
    ask(requester.add_new_target, *_DB, "C:\\db", "*", True, "C:\\new")
    ask(ask(requester.pre_restore).finish)
    ask(requester.set_ranges_file_path, *_DB, 0, "C:\\ranges")
    ask(requester.add_alternative_location_mapping, *_DB, "C:\\db", "*", True, "C:\\alt")
    ask(requester.set_file_restore_status, *_DB, FileRestoreStatus.ALL)
    ask(ask(requester.post_restore).finish)
    _component_of_the_document(ask(requester.get_writer_components(0).get_component, 0))


def _component_of_the_document(component: Component) -> None:
    """Every call of a component that tells something; those that take an index get the first entry."""
    by_index = {
        "get_partial_file",
        "get_differenced_file",
        "get_restore_subcomponent",
        "get_alternate_location_mapping",
        "get_new_target",
        "get_directed_target",
    }
    told = {
        name: ask(getattr(component, name), *([0] if name in by_index else []))
        for name in sorted(dir(component))
        if name.startswith(("get_", "is_"))
    }
    assert told["get_roll_forward"] == (RollForwardType.PARTIAL, "noon")
    assert told["get_restore_name"] == "db2"
    assert told["get_file_restore_status"] is FileRestoreStatus.ALL
    assert told["get_directed_target"].destination_filename == "b"
    assert told["get_restore_options"] == (HResult.S_OK, "slow")
    assert told["get_backup_stamp"] == (HResult.S_OK, "tuesday")
    assert told["get_pre_restore_failure_msg"] == (HResult.S_FALSE, None)
    assert told["get_failure"].failure is HResult.S_OK


def _use_of_snapshots(world: Simulation) -> None:
    requester, snapshot = with_a_snapshot(world, _PERSISTENT)
    assert ask(requester.is_volume_supported, None, "C:\\")
    assert ask(requester.get_root_and_logical_prefix_paths, "C:\\db\\x").root_path == "C:\\"
    local = VolumeSnapshotAttributes.EXPOSED_LOCALLY
    assert ask(requester.expose_snapshot, snapshot.snapshot_id, None, local, "X:") == "X:"
    ask(requester.unexpose_snapshot, snapshot.snapshot_id)
    listed = ask(requester.query, None, ObjectType.NONE, ObjectType.SNAPSHOT).objects
    other = ask(listed.clone)
    assert ask(listed.next, 2).fetched == 1
    ask(listed.reset)
    assert ask(other.skip, 1) is HResult.S_OK
    ask(ask(requester.query, None, ObjectType.NONE, ObjectType.PROVIDER).objects.next, 9)
    assert ask(is_volume_snapshotted, world, "C:\\").snapshots_present
    assert not ask(should_block_revert, world, "C:\\")
    ask(requester.revert_to_snapshot, snapshot.snapshot_id, force_dismount=True)
    ask(ask(requester.query_revert_status, "c:\\").finish)
    with pytest.raises(VssError):
        requester.query_revert_status("C:\\")
    assert ask(requester.delete_snapshots, snapshot.snapshot_id, ObjectType.SNAPSHOT, False).deleted_snapshots == 1
    for call in (requester.pre_fast_recovery, requester.fast_recovery):
        with pytest.raises(VssError, match="E_NOTIMPL"):
            call(snapshot.snapshot_set_id, 0)
    ask(initialised(world).abort_backup)


def _hardware(world: Simulation) -> None:
    for flags in (None, HardwareOptions.MAKE_READ_WRITE):
        requester, snapshot = with_a_snapshot(world, _PERSISTENT, "E:\\")
        assert snapshot.provider_id == ProviderId(_ARRAY)
        if flags is None:
            ask(requester.break_snapshot_set, snapshot.snapshot_set_id)
        else:
            ask(requester.break_snapshot_set, snapshot.snapshot_set_id, flags).finish()
    requester, snapshot = with_a_snapshot(world, _PERSISTENT, "E:\\")
    resync = create_backup_components(world)
    resync.initialize_for_restore(requester.save_as_xml())
    ask(resync.add_snapshot_to_recovery_set, snapshot.snapshot_id, 0)
    ask(ask(resync.recover_set, 0).finish)


def _transport(world: Simulation) -> None:
    context = SnapshotContext.APP_ROLLBACK | VolumeSnapshotAttributes.TRANSPORTABLE
    document, snapshot = _transported(world, context)
    importer = create_backup_components(world, machine="two")
    importer.initialize_for_backup(document)
    importer.set_context(context)
    ask(ask(importer.import_snapshots).finish)
    assert importer.get_snapshot_properties(snapshot).service_machine == "one"


def _transported(world: Simulation, context: int) -> tuple[str, SnapshotId]:
    """The document and the shadow copy of a set that leaves its machine."""
    with with_a_set(world, context) as requester:
        snapshot_id = requester.add_to_snapshot_set("E:\\")
        requester.prepare_for_backup().finish()
        requester.do_snapshot_set().finish()
        return requester.save_as_xml(), snapshot_id


def test_every_call_gives_what_it_says() -> None:
    """Each once at least; the record has the documented name of every one, and the checker takes every answer."""
    world = _world()
    _metadata(world)
    saved = _backup(world)
    _restore(world, _fuller(saved))
    _use_of_snapshots(world)
    _hardware(world)
    _transport(world)
    called = {line["call"] for line in world.lines() if "call" in line}
    asked = set(CALLS) - set(calls_of_programs())  # test_writer_programs.py makes those
    assert asked <= called, asked - called
    assert not blamed_on_vss(world.lines())


def test_an_object_has_a_face() -> None:
    """Its kind and its handle."""
    assert repr(BackupComponents(create_backup_components(_world()).origin, "bc7")) == "<BackupComponents bc7>"


def test_metadata_of_a_component_is_read() -> None:
    """Of the backup by a requester, too, which may need it (dispute C70); S_FALSE where there is none."""
    replies = [
        {
            "on": "PrepareForBackup",
            "calls": [{"call": "IVssComponent::SetBackupMetadata", "in": {"wszData": "expires"}}],
        }
    ]
    writer = {
        "name": "Directory",
        "writerId": "{11111111-0000-0000-0000-000000000001}",
        "components": [{"name": "ntds", "selectable": True, "files": [{"path": "C:\\db", "filespec": "*"}]}],
        "replies": replies,
    }
    simulation = Simulation(read_world(json.dumps({"machines": [{"writers": [writer]}]})))
    with create_backup_components(simulation) as requester:
        requester.initialize_for_backup()
        requester.set_backup_state(True, False, BackupType.FULL)
        requester.gather_writer_metadata().finish()
        instance, _ = requester.get_writer_metadata(0)
        requester.add_component(instance, WriterId(str(writer["writerId"])), ComponentType.FILEGROUP, None, "ntds")
        component = requester.get_writer_components(0).get_component(0)
        assert component.get_backup_metadata() == (HResult.S_FALSE, None)
        requester.prepare_for_backup().finish()
        component = requester.get_writer_components(0).get_component(0)
        assert component.get_backup_metadata() == (HResult.S_OK, "expires")
        assert component.get_restore_metadata() == (HResult.S_FALSE, None)
