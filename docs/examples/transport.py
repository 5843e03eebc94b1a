"""The life of a transportable shadow copy on two machines, told step by step: who is frozen when, who sees what.

Run it with `python docs/examples/transport.py`; docs/transport.md explains what it prints.
"""

from pathlib import Path

from vss_sim import (
    BackupComponents,
    BackupType,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotProperties,
    TimelineCalls,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
    read_world,
    timeline,
    vss_free_snapshot_properties,
)

WORLD = Path(__file__).with_name("transport.json")
ORDERS = "F:\\shop\\orders.db"
TWO = "two"


def told(heading: str) -> None:
    """A step of the story begins."""
    print(f"\n{heading}")


def seen(simulation: Simulation, copy: SnapshotId) -> None:
    """What each machine sees: the LUNs, and the shadow copies that a query lists."""
    for machine in ("one", TWO):
        luns = ["the copy's LUN" if lun.snapshot_id else lun.lun for lun in simulation.luns() if machine in lun.seen_by]
        with create_backup_components(simulation, machine=machine) as asker:
            asker.initialize_for_backup()
            asker.set_context(SnapshotContext.ALL)
            with asker.query(None, ObjectType.NONE, ObjectType.SNAPSHOT).objects as found:
                copies = [one for one in found.next(100).objects if isinstance(one, SnapshotProperties)]
        listed = any(one.snapshot_id == copy for one in copies)
        print(f"  {machine} sees {' and '.join(luns) or 'no LUN'}; VSS lists {'the copy' if listed else 'nothing'}")
    for lun in simulation.luns():
        for machine in lun.left_behind:
            print(f"  {lun.lun} is left behind on {machine}")


def make(requester: BackupComponents) -> SnapshotId:
    """Machine one's part until the set is there: the id of the copy."""
    requester.initialize_for_backup()
    requester.set_context(SnapshotContext.BACKUP | VolumeSnapshotAttributes.TRANSPORTABLE)
    requester.set_backup_state(
        select_components=False, bootable_system_state=False, backup_type=BackupType.FULL, partial_file_support=False
    )
    requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    copy = requester.add_to_snapshot_set("F:\\")
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set().finish()
    requester.gather_writer_status().finish()
    requester.free_writer_status()
    return copy


def save(simulation: Simulation, requester: BackupComponents, copy: SnapshotId) -> None:
    """Machine two reads the file on the imported copy."""
    of_copy = requester.get_snapshot_properties(copy)
    path = f"{of_copy.snapshot_device_object}\\shop\\orders.db"
    read = simulation.call("ReadFile", None, {"lpFileName": path}, machine=TWO)
    print(f"  two reads {path}: {read.out['content']!r}")
    live = simulation.call("ReadFile", None, {"lpFileName": ORDERS}, machine="one")
    print(f"  one reads {ORDERS}: {live.out['content']!r}")
    vss_free_snapshot_properties(simulation, of_copy, machine=TWO)


def main() -> Simulation:
    """From the birth of the copy to its end."""
    simulation = Simulation(read_world(WORLD.read_text(encoding="utf-8")))
    source = create_backup_components(simulation, machine="one")
    told("1. one makes the set")
    copy = make(source)
    print(timeline(simulation, TimelineCalls.FAILED))
    seen(simulation, copy)
    simulation.call("WriteFile", None, {"lpFileName": ORDERS, "content": "order 18"}, machine="one")

    told("2. the document travels, and two imports: its provider fails")
    target = create_backup_components(simulation, machine=TWO)
    target.initialize_for_backup(source.save_as_xml())
    try:
        target.import_snapshots().finish()
    except VssError as error:
        print(f"  {error.hresult.name}: {error.because}")
    seen(simulation, copy)

    told("3. two has the LUN masked, and imports again")
    simulation.happens("LUN masked", TWO, lun=copy)
    seen(simulation, copy)
    print(f"  {target.import_snapshots().finish().name}")
    seen(simulation, copy)

    told("4. two saves the files, and is done")
    save(simulation, target, copy)
    target.release()
    seen(simulation, copy)

    told("5. one hears of it, and tells its writers")
    source.backup_complete().finish()
    source.gather_writer_status().finish()
    source.free_writer_status()
    source.release()
    events_after = [line["event"] for line in simulation.lines() if line.get("event") in ("BackupComplete", "Abort")]
    print(f"  {', '.join(sorted(set(events_after)))} to {len(events_after)} writers")
    seen(simulation, copy)
    return simulation


if __name__ == "__main__":
    main()
