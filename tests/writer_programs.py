"""Programs of writers and express writers, as several test modules begin them."""

from typing import Any, Final

from vss_sim import (
    BackupComponents,
    BackupSchema,
    BackupType,
    ComponentType,
    ExpressWriter,
    Profile,
    RestoreMethod,
    Simulation,
    SnapshotContext,
    SourceType,
    UsageType,
    WriterId,
    WriterProgram,
    WriterRestore,
    create_backup_components,
    read_world,
)

LEDGER: Final = WriterId("{33333333-0000-4000-8000-000000000001}")


NOTES: Final = WriterId("{33333333-0000-4000-8000-000000000002}")


DESCRIBED: Final = {
    "name": "Ledger",
    "writerId": LEDGER,
    "running": False,
    "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
    "components": [{"name": "books", "files": [{"path": "C:\\ledger", "filespec": "*"}]}],
}


def simulation(*writers: dict[str, Any], profile: Profile = Profile.WINDOWS, **machine: Any) -> Simulation:
    """A machine with these writers described, whose programs have still to begin."""
    return Simulation(read_world({"machines": [{"writers": list(writers), **machine}]}), profile)


def begun(world: Simulation, writer_id: WriterId = LEDGER, process: str = "", **more: Any) -> WriterProgram:
    """A program that has initialised and subscribed its writer."""
    program = WriterProgram(world, process=process)
    program.initialize(writer_id, "Ledger", UsageType.USERDATA, SourceType.OTHER, **more)
    program.subscribe()
    return program


def gathered(world: Simulation) -> BackupComponents:
    """A requester that has gathered the metadata of all writers."""
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    requester.set_context(SnapshotContext.BACKUP)
    requester.set_backup_state(False, False, partial_file_support=False, backup_type=BackupType.FULL)
    requester.gather_writer_metadata().finish()
    return requester


def identities(world: Simulation) -> list[tuple[WriterId, str]]:
    """Class and name of each writer that a requester finds."""
    requester = gathered(world)
    found = []
    for index in range(requester.get_writer_metadata_count()):
        told = requester.get_writer_metadata(index).metadata.get_identity()
        found.append((told.writer_id, told.writer_name))
    return found


def events(world: Simulation) -> list[str]:
    """The events that writers got, in order."""
    return [line["event"] for line in world.lines() if "event" in line]


def taken(world: Simulation) -> BackupComponents:
    """A backup without components whose shadow copy was taken, or not."""
    requester = gathered(world)
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set().wait()
    return requester


def filled(express: ExpressWriter, writer_id: WriterId = NOTES) -> None:
    """Metadata with a component, as an express writer may have it."""
    with express.create_metadata(writer_id, "Notes", UsageType.USERDATA, 1, 2) as metadata:
        metadata.add_component(ComponentType.FILEGROUP, None, "Notes", None, False, False, True)
        metadata.add_files_to_file_group(None, "Notes", "C:\\notes", "*", True, None)
        metadata.set_restore_method(RestoreMethod.RESTORE_IF_CAN_REPLACE, None, None, WriterRestore.NEVER, False)
        metadata.set_backup_schema(BackupSchema.COPY)
