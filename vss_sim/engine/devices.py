"""The device objects of shadow copies: their names, and the numbers in them.

A number is given once while the machine runs, so that a device means one copy. When the machine starts again, numbers
go on from the highest that is there then; no page says so.
"""

from typing import Final

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.model.disks import Disks
from vss_sim.model.world import Snapshot

DEVICE: Final = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy"
"""What the name of a shadow copy's device begins with; its number follows."""
_ROOT: Final = "HARDDISKVOLUMESHADOWCOPY"


def device_of(copy: Snapshot) -> str:
    """The device object of a shadow copy; of one of a file share, the share of the copy on its server.

    No page gives the name of the latter: it is chosen here.
    """
    if copy.attributes & bits.FILE_SHARE:
        return copy.volume.rstrip("\\") + f"@{copy.snapshot_id}"
    return f"{DEVICE}{copy.number}"


def device_root(number: int) -> str:
    """The root of the paths on a device."""
    return f"{_ROOT}{number}"


def device_of_volume(disks: Disks, place: int) -> str | None:
    """The device of a volume that a copy was broken to, by its place; None while its LUN is masked."""
    numbers = (root.removeprefix(_ROOT) for root, there in disks.roots.items() if there == place)
    return next((f"{DEVICE}{number}" for number in numbers if number.isdecimal()), None)


def new_device(desk: Desk) -> int:
    """The number of a device that comes to be on the machine."""
    number = desk.state.devices + 1
    desk.change_machine(devices=number)
    return number


def count_anew(desk: Desk) -> None:
    """The machine starts: its shadow copies, and the volumes that copies were broken to, keep their devices."""
    disks = desk.state.disks
    roots = (root.removeprefix(_ROOT) for root in (*disks.roots, *disks.away))
    broken = (int(number) for number in roots if number.isdecimal())
    desk.change_machine(devices=max([*broken, *(copy.number for copy in desk.local_snapshots())], default=0))
