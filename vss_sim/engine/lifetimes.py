"""References, and what ends objects: the last Release, the end of a process, a reboot, a stop of the service."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import NOTHING
from vss_sim.engine.async_calls import let_time_pass
from vss_sim.engine.completion_calls import shut_down
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import INSTANCE_ID, Desk
from vss_sim.engine.inputs import Arguments, BadCall
from vss_sim.model.objects import BackupObject, Handle
from vss_sim.model.values import guid
from vss_sim.model.world import World
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.systems import has_method

_ENDS: Final = ("process ends", "requester crashes")
_BOOTS: Final = ("reboot", "machine crashes")
_SERVICES: Final = ("service stops", "service starts")

HAPPENINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "time passes": ("seconds",),
    **dict.fromkeys(_ENDS, ("process",)),
    **dict.fromkeys(_BOOTS, ()),
    **dict.fromkeys(_SERVICES, ("service",)),
}
"""What may happen to a machine → what is told of it beside that."""

LONGEST_TIME: Final = 1e9
"""So many seconds may pass at once: some thirty years."""


def reference_call(desk: Desk, name: str, handle: Handle, given: Arguments) -> tuple[int, Mapping[str, Any]]:
    """AddRef, Release and QueryInterface: the number of references, or the same object again."""
    obj = desk.objects[handle]
    if name == "QueryInterface":
        if not _has_interface(desk, given.get("riid")):
            return HResult.E_NOINTERFACE, NOTHING
        desk.put(handle, replace(obj, references=obj.references + 1))
        return HResult.S_OK, {"ppvObject": handle}
    references = obj.references + (1 if name == "AddRef" else -1)
    if references > 0:
        desk.put(handle, replace(obj, references=references))
    elif isinstance(obj, BackupObject):
        shut_down(desk, handle, obj)
    else:
        desk.put(handle, None)
    return references, NOTHING


def _has_interface(desk: Desk, riid: object) -> bool:
    """Whether the machine's system has this interface; one that came with no method of its own is taken as there."""
    name = str(riid).removeprefix("IID_")
    came = [known for known in signatures().values() if known.interface == name]
    return not came or any(has_method(desk.machine.os, known.min_client, known.min_server) for known in came)


def happens(world: World, what: str, machine: str | None = None, **more: Any) -> tuple[World, tuple[Any, ...]]:
    """Something happens to a machine (None: the first): the world after it, and the events that writers got.

    Raises:
        BadCall: a part of what happens is missing or wrong.
        NotSimulated: the simulator does not model it.
    """
    names = [one.name for one in world.description.machines]
    if machine is not None and machine not in names:
        raise BadCall(f"there is no machine {machine!r}; there are {names}")
    desk = Desk(world, names.index(machine) if machine else 0)
    if what == "time passes":
        let_time_pass(desk, _seconds(more.get("seconds")))
    elif what in _ENDS:
        _end_objects(desk, str(more.get("process") or ""))
    elif what in _BOOTS:
        _end_objects(desk, None)
        _boot(desk)
    elif what in _SERVICES:
        _service(desk, str(more.get("service") or ""), running=what.endswith("starts"))
    else:
        raise NotSimulated(f"{what!r}: the simulator knows no such happening")
    return desk.done(), tuple(desk.events)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LONGEST_TIME:
        raise BadCall(f'"time passes" needs "seconds", a number from 0 to {LONGEST_TIME:.0f}, not {value!r}')
    return float(value)


def _end_objects(desk: Desk, process: str | None) -> None:
    """The objects of a process, or of the whole machine, are given up, in the order in which they were made."""
    for handle, obj in list(desk.objects.items()):
        if obj.machine != desk.machine_index or (process is not None and obj.process != process):
            continue
        if isinstance(obj, BackupObject):
            shut_down(desk, handle, obj)
        else:
            desk.put(handle, None)


def _boot(desk: Desk) -> None:
    """Shadow copies that are not persistent are gone, writers start anew with new instance ids."""
    for snapshot in desk.local_snapshots():
        if not snapshot.attributes & bits.PERSISTENT:
            desk.drop_snapshot(snapshot.snapshot_id)
    writers = []
    for writer, instance in zip(desk.machine.writers, desk.state.writers, strict=True):
        made = guid(writer.instance_id) if writer.instance_id else desk.new_id(INSTANCE_ID)
        writers.append(replace(instance, instance_id=made, running=True))
    desk.change_machine(writers=tuple(writers))


def _service(desk: Desk, name: str, *, running: bool) -> None:
    """The writers that a service hosts run with it; a start gives them new instance ids."""
    if all(service.name.casefold() != name.casefold() for service in desk.machine.services):
        raise BadCall(f"there is no service {name!r} on {desk.machine.name!r}")
    writers = []
    for writer, instance in zip(desk.machine.writers, desk.state.writers, strict=True):
        hosted = (writer.hosted_in or "").casefold() == name.casefold()
        if hosted and running != instance.running:
            new = desk.new_id(INSTANCE_ID) if running and not writer.instance_id else instance.instance_id
            writers.append(replace(instance, running=running, instance_id=new))
        else:
            writers.append(instance)
    desk.change_machine(writers=tuple(writers))
