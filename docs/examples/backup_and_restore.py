"""A requester from start to end: a backup of two writers' components, and the restore of one of them.

Run it with `python docs/examples/backup_and_restore.py`. It makes every call that VSS asks for, in order, and copies no
file: where a real program copies, it says so.
"""

from pathlib import Path
from typing import NamedTuple

from vss_sim import (
    Async,
    BackupComponents,
    BackupType,
    ComponentInfo,
    ComponentType,
    FileRestoreStatus,
    HResult,
    InstanceId,
    RestoreType,
    Simulation,
    SnapshotContext,
    WMComponent,
    WriterId,
    create_backup_components,
    read_world,
)

WORLD = Path(__file__).with_name("two_writers.json")


class Chosen(NamedTuple):
    """A component that is in the backup, as every later call names it."""

    instance_id: InstanceId
    writer_id: WriterId
    component_type: ComponentType
    logical_path: str | None
    component_name: str


class Saved(NamedTuple):
    """What a backup keeps beside the files: the document of the backup, and that of each writer."""

    backup_components: str
    writers: dict[InstanceId, str]


def run(what: str, operation: Async) -> None:
    """Wait for an operation, and say how it ended."""
    print(f"{what}: {operation.finish().name}")


def status(requester: BackupComponents) -> None:
    """Ask the writers where they stand; each event for writers deserves it."""
    requester.gather_writer_status().finish()
    for number in range(requester.get_writer_status_count()):
        writer = requester.get_writer_status(number)
        if writer.failure is not HResult.S_OK:
            print(f"  {writer.writer_name} failed with {writer.failure.name}")
    requester.free_writer_status()


def folders_of(component: WMComponent, info: ComponentInfo) -> list[str]:
    """The folders of all file sets of a component."""
    lists = (
        (component.get_file, info.file_count),
        (component.get_database_file, info.database_count),
        (component.get_database_log_file, info.log_file_count),
    )
    folders = []
    for get, count in lists:
        for index in range(count):
            with get(index) as file_set:
                folders.append(file_set.get_path())
    return folders


def choose(requester: BackupComponents, saved: dict[InstanceId, str]) -> tuple[list[Chosen], list[str]]:
    """Every component of every writer, and the folders that they are in; the writers' documents go to `saved`."""
    chosen: list[Chosen] = []
    folders: list[str] = []
    for number in range(requester.get_writer_metadata_count()):
        found = requester.get_writer_metadata(number)
        with found.metadata as metadata:
            identity = metadata.get_identity()
            metadata.get_backup_schema()
            saved[found.instance_id] = metadata.save_as_xml()
            for index in range(metadata.get_file_counts().components):
                with metadata.get_component(index) as component:
                    info = component.get_component_info()
                    component.free_component_info(info)
                    folders += folders_of(component, info)
                chosen.append(
                    Chosen(
                        found.instance_id,
                        identity.writer_id,
                        info.component_type,
                        info.logical_path,
                        info.component_name,
                    )
                )
                print(f"  {identity.writer_name}: {info.component_name} in {folders[-1]}")
    return chosen, folders


def back_up(simulation: Simulation) -> Saved:
    """Back up all components of all writers; returns what a restore needs of it, beside the files."""
    with create_backup_components(simulation) as requester:
        requester.initialize_for_backup()
        requester.set_context(SnapshotContext.BACKUP)
        requester.set_backup_state(
            select_components=True,
            bootable_system_state=False,
            backup_type=BackupType.COPY,
            partial_file_support=False,
        )
        run("writers say what they have", requester.gather_writer_metadata())
        writers: dict[InstanceId, str] = {}
        chosen, folders = choose(requester, writers)
        requester.free_writer_metadata()

        for component in chosen:
            requester.add_component(*component)
        requester.start_snapshot_set()
        snapshots = [requester.add_to_snapshot_set(volume) for volume in sorted({folder[:3] for folder in folders})]
        run("writers get ready", requester.prepare_for_backup())
        status(requester)
        run("shadow copies are made", requester.do_snapshot_set())
        status(requester)

        for snapshot in snapshots:
            properties = requester.get_snapshot_properties(snapshot)
            print(f"  copy files from {properties.snapshot_device_object}\\")
        for component in chosen:
            requester.set_backup_succeeded(*component, succeeded=True)
        run("writers hear that it is done", requester.backup_complete())
        status(requester)
        return Saved(requester.save_as_xml(), writers)


def restore(simulation: Simulation, saved: Saved, wanted: str) -> None:
    """Restore the component called `wanted`."""
    with create_backup_components(simulation) as requester:
        requester.initialize_for_restore(saved.backup_components)
        requester.set_restore_state(RestoreType.BY_COPY)
        run("writers say what they have", requester.gather_writer_metadata())
        requester.free_writer_metadata()
        selected = select(requester, wanted)
        run("writers get ready", requester.pre_restore())
        status(requester)
        hear(requester)
        for component in selected:
            print(f"  copy the files of {component.component_name} back")
            requester.set_file_restore_status(*component[1:], status=FileRestoreStatus.ALL)
        run("writers hear that the files are there", requester.post_restore())
        status(requester)


def select(requester: BackupComponents, wanted: str) -> list[Chosen]:
    """Select the components of the document that are called `wanted`."""
    selected = []
    for number in range(requester.get_writer_components_count()):
        with requester.get_writer_components(number) as writer:
            instance_id, writer_id = writer.get_writer_info()
            for index in range(writer.get_component_count()):
                with writer.get_component(index) as component:
                    name = component.get_component_name().component_name
                    path = component.get_logical_path().logical_path
                    if name == wanted:
                        selected.append(Chosen(instance_id, writer_id, component.get_component_type(), path, name))
    for chosen in selected:
        requester.set_selected_for_restore(*chosen[1:], selected_for_restore=True)
    return selected


def hear(requester: BackupComponents) -> None:
    """Read the components again: while writers got ready they may have set targets, and said what went wrong."""
    for number in range(requester.get_writer_components_count()):
        with requester.get_writer_components(number) as writer:
            for index in range(writer.get_component_count()):
                with writer.get_component(index) as component:
                    message = component.get_pre_restore_failure_msg().message
                    if message:
                        print(f"  a writer says: {message}")


def main() -> Simulation:
    """Back up, restore, and say what was forgotten."""
    simulation = Simulation(read_world(WORLD.read_text(encoding="utf-8")))
    print("Backup")
    saved = back_up(simulation)
    print("Restore")
    restore(simulation, saved, "shop")
    print(f"Objects left: {len(simulation.unreleased())}")
    return simulation


if __name__ == "__main__":
    main()
