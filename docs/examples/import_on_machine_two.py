"""A backup on two machines: one makes a transportable shadow copy set with its writers, two imports and saves it.

Run it with `python docs/examples/import_on_machine_two.py`. The first import fails, as the provider of machine two has
it in the world file, and leaves its LUN behind; the requester cleans up, and imports again.
"""

from pathlib import Path

from vss_sim import (
    Async,
    BackupComponents,
    BackupType,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
    read_world,
    vss_free_snapshot_properties,
)

WORLD = Path(__file__).with_name("two_machines.json")


def run(what: str, operation: Async) -> None:
    """Wait for an operation, and say how it ended."""
    print(f"{what}: {operation.finish().name}")


def status(requester: BackupComponents) -> None:
    """Ask the writers where they stand, as each event for writers deserves."""
    requester.gather_writer_status().finish()
    requester.free_writer_status()


def export(requester: BackupComponents) -> tuple[SnapshotId, str]:
    """On machine one: a shadow copy of F: that another machine imports, and the document that tells of it."""
    requester.initialize_for_backup()
    requester.set_context(SnapshotContext.BACKUP | VolumeSnapshotAttributes.TRANSPORTABLE)
    requester.set_backup_state(
        select_components=False, bootable_system_state=False, backup_type=BackupType.FULL, partial_file_support=False
    )
    requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    copy = requester.add_to_snapshot_set("F:\\")
    requester.prepare_for_backup().finish()
    status(requester)
    run("one: DoSnapshotSet", requester.do_snapshot_set())
    status(requester)
    return copy, requester.save_as_xml()


def luns(simulation: Simulation) -> None:
    """Which machine sees which LUN, and which LUNs a failed import has left behind."""
    for lun in simulation.luns():
        left = f", left behind on {' and '.join(lun.left_behind)}" if lun.left_behind else ""
        print(f"  {lun.lun}: seen by {' and '.join(lun.seen_by) or 'nobody'}{left}")


def save(simulation: Simulation, document: str, copy: SnapshotId) -> None:
    """On machine two: import, clean up after the failure, import again, save, let go."""
    with create_backup_components(simulation, machine="two") as requester:
        requester.initialize_for_backup(document)
        try:
            run("two: ImportSnapshots", requester.import_snapshots())
        except VssError as error:
            print(f"two: ImportSnapshots: {error.hresult.name}")
            luns(simulation)
            simulation.happens("LUN masked", "two", lun=copy)
            print("two: the LUN is masked with the tools of the array")
        luns(simulation)
        run("two: ImportSnapshots", requester.import_snapshots())
        told = requester.get_snapshot_properties(copy)
        vss_free_snapshot_properties(simulation, told, machine="two")
        print(f"two: imported from {told.originating_machine}: {told.snapshot_attributes.name}")
        source = f"{told.snapshot_device_object}\\shop\\orders.db"
        copied = {"lpExistingFileName": source, "lpNewFileName": "C:\\saved\\orders.db"}
        done = simulation.call("CopyFile", None, copied, machine="two")
        print(f"two: {'copied' if done.answer == 0 else 'could not copy'} {source}")


def main() -> Simulation:
    """The whole way; the copy goes with the object that imported it, and only then machine one's writers hear."""
    simulation = Simulation(read_world(WORLD.read_text(encoding="utf-8")))
    with create_backup_components(simulation, machine="one") as source:
        copy, document = export(source)
        luns(simulation)
        save(simulation, document, copy)
        luns(simulation)
        run("one: BackupComplete", source.backup_complete())
        status(source)
        left = source.query(None, ObjectType.NONE, ObjectType.SNAPSHOT)
        left.objects.release()
        print(f"one: shadow copies left: {left.hresult.name}")
    return simulation


if __name__ == "__main__":
    main()
