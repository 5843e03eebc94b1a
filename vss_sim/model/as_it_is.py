"""A world as it is now, described: what a world file needs to begin where another one came to.

Files, services and writers are as they have become; what is scripted begins anew. Open handles, shadow copies that were
made, and moves that wait for the next start (`waiting_moves`) have no place in a description.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.model.computer import Description, File, Machine, Volume
from vss_sim.model.content import Content, Grown, bytes_of, in_json, size_of
from vss_sim.model.disk import Disk, Entry, FolderEntry, LinkEntry, below
from vss_sim.model.disks import IN_USE, Disks, volume_name
from vss_sim.model.names import fold
from vss_sim.model.values import guid
from vss_sim.model.world import MachineState, World
from vss_sim.spec.win32 import HIDDEN, READ_ONLY, SYSTEM

LARGEST_WRITTEN: Final = 1 << 20
"""Bytes of a file that are written out; more than that have to grow from a seed."""


def described_now(world: World) -> Description:
    """The description of a world that begins as `world` is; `then` and `restore`, which were played, are left out.

    Raises:
        ValueError: a file has more than `LARGEST_WRITTEN` bytes that do not grow from a seed.
    """
    machines = tuple(_machine(world, place, state) for place, state in enumerate(world.machines))
    return only_computers(replace(world.description, machines=machines))


def only_computers(description: Description) -> Description:
    """A description without what a rehearsal is to do with it."""
    return replace(description, then=(), restore=Description().restore)


def waiting_moves(world: World) -> int:
    """How many delayed moves wait for the next start of a machine."""
    return sum(len(state.disks.delayed) for state in world.machines)


def _machine(world: World, place: int, state: MachineState) -> Machine:
    machine = world.machine(place)
    names = frozenset(fold(volume_name(place, number, volume)) for number, volume in enumerate(machine.volumes, 1))
    described = zip(machine.volumes, state.disks.volumes, strict=True)
    volumes = tuple(_volume(state.disks, number, *one, names) for number, one in enumerate(described))
    services = tuple(replace(service, state=now) for service, now in zip(machine.services, state.services, strict=True))
    stopped = {service.name.casefold() for service in services if service.state == "stopped"}
    writers = tuple(
        writer
        if (writer.hosted_in or "").casefold() in stopped
        else replace(writer, running=now.running, instance_id=writer.instance_id and now.instance_id)
        for writer, now in zip(machine.writers, state.writers, strict=False)
    )
    copies = tuple(copy for copy in machine.snapshots if guid(copy.snapshot_id) in world.snapshots)
    return replace(machine, volumes=volumes, services=services, writers=writers, snapshots=copies)


def _volume(disks: Disks, place: int, volume: Volume, disk: Disk, names: frozenset[str]) -> Volume:
    """A volume with what is on it; `names` are those of the machine's volumes, to which mounted folders lead."""
    held = {key[1:] for key, holds in disks.holds.items() if key[0] == place and any(one.by == IN_USE for one in holds)}
    files = {
        volume.name + "\\".join(path): _file(volume.name + "\\".join(path), entry, in_use=key in held)
        for path, key, entry in _entries(disk, "", (), names)
    }
    return replace(volume, files=files, capacity=disk.capacity - disk.reserved)


def _entries(
    disk: Disk, folder: str, above: tuple[str, ...], names: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, str], Entry]]:
    """Files, reparse points and empty folders, each by its names; that of a folder ends with an empty one."""
    for key, entry in sorted(disk.names(folder).items()):
        path = (*above, entry.name)
        if isinstance(entry, FolderEntry):
            inner = below(folder, key)
            if disk.names(inner):
                yield from _entries(disk, inner, path, names)
            else:
                yield (*path, ""), (folder, key), entry
        elif not (isinstance(entry, LinkEntry) and fold(entry.target) in names):
            yield path, (folder, key), entry


def _file(path: str, entry: Entry, *, in_use: bool) -> File:
    if isinstance(entry, FolderEntry):
        return File()
    flags: dict[str, Any] = {
        "read_only": bool(entry.attributes & READ_ONLY),
        "hidden": bool(entry.attributes & HIDDEN),
        "system": bool(entry.attributes & SYSTEM),
    }
    if isinstance(entry, LinkEntry):
        return File(link_to=entry.target, **flags)
    told = _content(path, entry.content)
    return File(in_use=in_use, denied_to=entry.denied_to, last_write_time=entry.written, **flags, **told)


def _content(path: str, content: Content) -> dict[str, Any]:
    if isinstance(content, Grown) and content.seed is not None and not content.start:
        return {"size": content.size, "seed": content.seed}
    if size_of(content) > LARGEST_WRITTEN:
        raise ValueError(f"{path} has {size_of(content)} bytes that do not grow from a seed; {LARGEST_WRITTEN} at most")
    data = bytes_of(content)
    told = in_json(data) if data else {"content": None}
    return told if "content" in told else {"content_base64": b64encode(data).decode()}
