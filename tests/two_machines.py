"""What the tests of transported shadow copies share: two machines at one array, a set made on the first of them."""

import json
from typing import Any, Final

from tests.requester_support import initialised
from vss_sim import (
    BackupComponents,
    HResult,
    ObjectType,
    Profile,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotProperties,
    SnapshotSetId,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
    read_world,
)
from vss_sim.spec.win32 import Win32Error

ARRAY_PROVIDER: Final = "{44444444-0000-4000-8000-000000000001}"
SYSTEM: Final = {"name": "Microsoft Software Shadow Copy provider 1.0", "type": "VSS_PROV_SYSTEM"}
TRANSPORTABLE: Final = VolumeSnapshotAttributes.TRANSPORTABLE
PERSISTENT: Final = SnapshotContext.NAS_ROLLBACK | TRANSPORTABLE
PASSING: Final = SnapshotContext.FILE_SHARE_BACKUP | TRANSPORTABLE
FILE: Final = {"content": "as it was"}
FINISHED = HResult.VSS_S_ASYNC_FINISHED
NOTHING, SOME = HResult.VSS_E_NO_SNAPSHOTS_IMPORTED, HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED


def hardware(**more: Any) -> dict[str, Any]:
    """A hardware provider, the same on every machine."""
    return {"name": "Array", "type": "VSS_PROV_HARDWARE", "providerId": ARRAY_PROVIDER, **more}


def two_machines(one: dict[str, Any] | None = None, two: dict[str, Any] | None = None, **world: Any) -> Simulation:
    """A simulation of two servers with the same hardware provider; `one` and `two` say what differs from that."""
    profile = world.pop("profile", Profile.WINDOWS)
    volumes = [{"name": f"{letter}:\\", "files": {f"{letter}:\\a.txt": FILE}} for letter in "FGH"]
    first = {"name": "one", "volumes": volumes, "providers": [hardware(), SYSTEM], **(one or {})}
    second = {"name": "two", "volumes": [{"name": "C:\\"}], "providers": [hardware(), SYSTEM], **(two or {})}
    return Simulation(read_world(json.dumps({"machines": [first, second], **world})), profile)


def exported(
    simulation: Simulation, context: int = PERSISTENT, volumes: str = "F"
) -> tuple[BackupComponents, list[SnapshotId], str]:
    """The object that made a set of these volumes on machine one, the ids of the copies, and the saved document."""
    source = initialised(simulation, machine="one")
    source.set_context(context)
    source.start_snapshot_set()
    copies = [source.add_to_snapshot_set(f"{letter}:\\") for letter in volumes]
    source.do_snapshot_set().finish()
    return source, copies, source.save_as_xml()


def importing(simulation: Simulation, document: str, machine: str = "two") -> BackupComponents:
    """An object that begins with the document on the machine that imports."""
    target = create_backup_components(simulation, machine=machine)
    target.initialize_for_backup(document)
    return target


def left_behind(simulation: Simulation, machine: str = "two") -> list[str]:
    """The LUNs that a failed import left on a machine."""
    return [lun.lun for lun in simulation.luns() if machine in lun.left_behind]


def opened(simulation: Simulation, path: str, machine: str, access: str = "GENERIC_READ") -> str:
    """What CreateFile answers to the opening of a file that is there."""
    given = {
        "lpFileName": path,
        "dwDesiredAccess": access,
        "dwShareMode": "FILE_SHARE_READ|FILE_SHARE_WRITE",
        "dwCreationDisposition": "OPEN_EXISTING",
    }
    done = simulation.call("CreateFile", None, given, machine=machine)
    return next(one.name for one in Win32Error if one == done.answer).removeprefix("ERROR_")


def listed(requester: BackupComponents) -> list[str]:
    """The ids of the shadow copies that Query lists."""
    with requester.query(None, ObjectType.NONE, ObjectType.SNAPSHOT).objects as found:
        return [one.snapshot_id for one in found.next(100).objects if isinstance(one, SnapshotProperties)]


def imported(simulation: Simulation, volumes: str = "F") -> tuple[BackupComponents, list[SnapshotId], str]:
    """The object that imported a set on machine two, its copies, and the device of the first of them."""
    _, copies, document = exported(simulation, volumes=volumes)
    target = importing(simulation, document)
    target.set_context(SnapshotContext.ALL)
    target.import_snapshots().finish()
    return target, copies, target.get_snapshot_properties(copies[0]).snapshot_device_object


def set_of(requester: BackupComponents, copy: SnapshotId) -> SnapshotSetId:
    """The set that a shadow copy is of."""
    return requester.get_snapshot_properties(copy).snapshot_set_id


def result(requester: Any) -> HResult:
    """What an import comes to."""
    try:
        found: HResult = requester.import_snapshots().finish()
    except VssError as failed:
        return failed.hresult
    return found
