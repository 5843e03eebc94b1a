"""References, and what ends objects: the last Release, the end of a process, a reboot, a stop of the service."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import NOTHING, Refusal
from vss_sim.engine.async_calls import abandon, let_time_pass, luns_appear
from vss_sim.engine.completion_calls import cut_short, lose, shut_down, tell_of_the_end
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import count_anew
from vss_sim.engine.file_moves import make_delayed_moves
from vss_sim.engine.file_places import with_disk
from vss_sim.engine.files import closed
from vss_sim.engine.inputs import Arguments, BadCall, no_machine
from vss_sim.engine.luns import clear_originals, luns_named, mask, reaches, shared_by, show
from vss_sim.engine.services import (
    STOPPED,
    place_of,
    release_file,
    run_writer,
    start,
    start_machine,
    stop,
    use_file,
)
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.volumes import volume_place
from vss_sim.engine.writer_programs import leave
from vss_sim.model.computer import Requester
from vss_sim.model.disks import NO_HANDLES, NO_HOLDS
from vss_sim.model.objects import AnyObject, AsyncObject, BackupObject, CutOff, Handle, WriterObject, family_of
from vss_sim.model.world import World
from vss_sim.spec.happenings import (
    BOOTS,
    ENDS,
    FILES,
    HAPPENINGS,
    MASKING,
    OTHER_ACCOUNT,
    ROOM,
    SERVICES,
    VSS_CRASHES,
    WRITERS,
)
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import Fate
from vss_sim.spec.methods import FAMILIES, UNKNOWN, Signature, signatures
from vss_sim.spec.systems import has_method
from vss_sim.spec.win32 import FileError
from vss_sim.spec.writer_lives import DESTRUCT

LONGEST_TIME: Final = 1e9
"""So many seconds may pass at once: some thirty years."""


def reference_call(
    desk: Desk, known: Signature, obj: AnyObject, given: Arguments
) -> tuple[int, Mapping[str, Any], Refusal | None]:
    """AddRef, Release and QueryInterface: the number of references, or the same object again, or why not.

    Raises:
        BadCall: the object is none of COM.
    """
    handle, name = desk.handle, known.name
    if type(obj) is WriterObject:
        raise BadCall(f"{handle!r} is no COM object: it ends with {DESTRUCT}")
    if name == "QueryInterface":
        if not _has_interface(desk, family_of(obj), given.get("riid")):
            words = f"{handle!r} has no interface {given.get('riid')!r} on this system"
            no_such = Refusal(known.full_name, HResult.E_NOINTERFACE, "object-ex-by-query-interface", words)
            return HResult.E_NOINTERFACE, NOTHING, no_such
        desk.put(handle, replace(obj, references=obj.references + 1))
        return HResult.S_OK, {"ppvObject": handle}, None
    references = obj.references + (1 if name == "AddRef" else -1)
    if references > 0:
        desk.put(handle, replace(obj, references=references))
    elif isinstance(obj, BackupObject):
        shut_down(desk, handle, obj)
    elif isinstance(obj, AsyncObject):
        abandon(desk, handle, obj)
    else:
        _give_up(desk, handle, obj)
    return references, NOTHING, None


def _give_up(desk: Desk, handle: Handle, obj: AnyObject, *, crashed: bool = False) -> None:
    """An object that holds nothing is no more; writers hear of the end of one that VSS left behind when it crashed."""
    if isinstance(obj, CutOff) and obj.was is not None and not crashed:
        tell_of_the_end(desk, obj.was)
    desk.put(handle, None)


def _has_interface(desk: Desk, family: str, riid: object) -> bool:
    """Whether an object has this interface: IUnknown, its own, or a version of its own that the system has.

    One that was not recorded is taken as there, and so is one by its id, which the tables here do not know.
    """
    name = str(riid).removeprefix("IID_")
    if riid is None or name == UNKNOWN or not name.isidentifier():
        return True
    if FAMILIES.get(name, name) != family:
        return False
    came = [known for known in signatures().values() if known.interface == name]
    return any(has_method(desk.machine.os, known.min_client, known.min_server) for known in came)


def happens(world: World, what: str, machine: str | None = None, **more: Any) -> tuple[World, tuple[Any, ...]]:
    """Something happens to a machine (None: the first): the world after it, and the events that writers got.

    Raises:
        BadCall: a part of what happens is missing or wrong.
        NotSimulated: the simulator does not model it.
    """
    names = [one.name for one in world.description.machines]
    if machine is not None and machine not in names:
        raise no_machine(machine, names)
    desk = Desk(world, names.index(machine) if machine else 0)
    if not isinstance(what, str):
        raise BadCall(f"what is {what!r:.60}; expected a text, such as {next(iter(HAPPENINGS))!r}")
    doing = _DOING.get(what)
    if doing is None:
        known = ", ".join(HAPPENINGS)
        close = get_close_matches(what[:200], HAPPENINGS, n=1, cutoff=0.7)
        meant = f" (did you mean {close[0]}?)" if close else ""
        raise NotSimulated(f"{what!r}: the simulator knows no such happening{meant}; there are {known}")
    keys = HAPPENINGS[what].keys
    for key in more:
        if key not in keys:
            expected = ", ".join(f'"{one}"' for one in keys) or "none"
            raise BadCall(f'"{what}" has no key "{key[:60]}"; expected {expected}')
    doing(desk, what, more)
    done = desk.came_to(HResult.S_OK)
    return done.world, done.events


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LONGEST_TIME:
        raise BadCall(f'"time passes" needs "seconds", a number from 0 to {LONGEST_TIME:.0f}{_not(value)}')
    return float(value)


def _end_objects(desk: Desk, process: str | None, *, crashed: bool = False) -> None:
    """The objects of a process, or of the whole machine, are given up, in the order in which they were made."""
    for handle, obj in list(desk.objects.items()):
        if obj.machine != desk.machine_index or (process is not None and obj.process != process):
            continue
        if isinstance(obj, BackupObject):
            end = lose if crashed else shut_down
            end(desk, handle, obj)
            continue
        if isinstance(obj, WriterObject):
            leave(desk, obj)
        _give_up(desk, handle, obj, crashed=crashed)


def _cut_off(desk: Desk) -> None:
    """VSS itself crashes: what it did for its objects ends, and their handles lead nowhere.

    Writers of a set that was open get Abort, which follows a failure of VSS as well (rule writer-onabort-causes);
    BackupShutdown comes when an object is given up. VSS starts again with the next object that somebody makes. A
    writer's object is its program's own.
    """
    for handle, obj in list(desk.objects.items()):
        if obj.machine != desk.machine_index or isinstance(obj, (WriterObject, CutOff)):
            continue
        was = cut_short(desk, handle, obj) if isinstance(obj, BackupObject) else None
        family = family_of(obj)
        left = CutOff(machine=obj.machine, process=obj.process, family=family, references=obj.references, was=was)
        desk.put(handle, left if obj.references else None)


def _not(given: object) -> str:
    """What was given where something else is needed; nothing where nothing was."""
    return "" if given is None else f", not {given!r:.100}"


def _writer(desk: Desk, name: str, *, running: bool) -> None:
    """The writers of a name are gone, without a word; or they start, with new instance ids."""
    writers = [instance.writer for instance in desk.state.writers]
    named = [one.name.casefold() == name.casefold() for one in writers]
    if not any(named):
        known = ", ".join(one.name for one in writers) or "none"
        raise BadCall(f"there is no writer {name!r} on {desk.machine.name!r}; there are {known}")
    for place, wanted in enumerate(named):
        if wanted:
            run_writer(desk, place, running=running)


def _end_handles(desk: Desk, process: str | None) -> None:
    """The handles of a process, or all of them, are closed; files that were to go with them go."""
    disks = desk.state.disks
    for handle, opened in disks.handles.items():
        if process is None or opened.process == process:
            disks = closed(disks, handle)
    desk.change_machine(disks=disks)


def _boot(desk: Desk, *, crashed: bool) -> None:
    """Everything ends and starts anew: what is left is the disks, and the shadow copies that are persistent.

    Delayed moves are made before anything opens a file (rule rar-order). A crash closes no handle: files that were to
    go with one stay.
    """
    if not crashed:
        _end_handles(desk, None)
    for snapshot in desk.local_snapshots():
        if not snapshot.attributes & bits.PERSISTENT:
            desk.let_go(snapshot, Fate.BOOTED)
    clear_originals(desk)
    settle_storage(desk)
    count_anew(desk)
    disks = replace(desk.state.disks, handles=NO_HANDLES, holds=NO_HOLDS, deleting=frozenset())
    desk.change_machine(disks=disks)
    make_delayed_moves(desk)
    start_machine(desk)


def _account(desk: Desk, account: str, groups: object) -> None:
    """The requester goes on under another account, in these groups, as a service does that drops its rights."""
    if not isinstance(groups, (list, tuple)) or not all(isinstance(group, str) for group in groups):
        raise BadCall(f'"account changes" needs "groups", a list of names{_not(groups)}')
    desk.change_machine(requester=Requester(account=account, groups=tuple(groups)), plain=False)


def _service(desk: Desk, name: str, *, running: bool) -> None:
    """A service starts or stops by itself; one that does so already goes on."""
    place = place_of(desk, name)
    if place is None:
        raise BadCall(f"there is no service {name!r} on {desk.machine.name!r}")
    runs = desk.state.services[place] != STOPPED
    if running and not runs:
        start(desk, place)
    elif runs and not running:
        stop(desk, place)


def _file(desk: Desk, what: str, path: object) -> None:
    """Something opens a file without sharing, or closes it again."""
    if not isinstance(path, str):
        raise BadCall(f'"{what}" needs "path", the path of a file{_not(path)}')
    try:
        use_file(desk, path) if what == "file in use" else release_file(desk, path)
    except FileError as error:
        raise BadCall(f'"{what}": {path[:200]!r}: {error.code.name}') from None


def _room(desk: Desk, what: str, name: object) -> None:
    """Something that is no file takes all the room of a volume, or gives it back."""
    place = volume_place(desk, name) if isinstance(name, str) else None
    if place is None:
        raise BadCall(f'"{what}" needs "volume", the name of a volume of {desk.machine.name!r}{_not(name)}')
    disks = desk.state.disks
    disk = disks.volumes[place]
    desk.change_machine(disks=with_disk(disks, place, disk.filled() if what == "volume full" else disk.emptied()))


def _masking(desk: Desk, what: str, name: object) -> None:
    """Somebody masks LUNs from the machine, or unmasks them, with the tools of the array."""
    found = luns_named(desk, name) if isinstance(name, str) else []
    if not found:
        words = "the identifier of a LUN, or the id of a shadow copy or set that a hardware provider made"
        raise BadCall(f'"{what}" needs "lun", {words}{_not(name)}')
    for lun in found:
        if what != MASKING[0] and not reaches(desk, lun):
            raise BadCall(f'"{what}": {desk.machine.name!r} is not connected to the array of {lun.lun!r}')
        owner = shared_by(desk, lun) if what != MASKING[0] else None
        if owner is not None:
            raise NotSimulated(f"{lun.lun!r} is mounted on {owner!r}; two machines that are no cluster share no volume")
        mask(desk, lun) if what == MASKING[0] else show(desk, lun)
    if what != MASKING[0]:
        luns_appear(desk)


def _time(desk: Desk, what: str, more: Mapping[str, Any]) -> None:
    let_time_pass(desk, _seconds(more.get("seconds")))


def _end(desk: Desk, what: str, more: Mapping[str, Any]) -> None:
    """A process is no more; what it had is given up."""
    process = more.get("process") or ""
    if not isinstance(process, str):
        raise BadCall(f'"{what}" needs "process", a text{_not(process)}')
    _end_objects(desk, process)
    _end_handles(desk, process)


def _start_anew(desk: Desk, what: str, more: Mapping[str, Any]) -> None:
    crashed = what == "machine crashes"
    _end_objects(desk, None, crashed=crashed)
    _boot(desk, crashed=crashed)


Doing = Callable[[Desk, str, Mapping[str, Any]], None]

_DOING: Final[Mapping[str, Doing]] = {
    "time passes": _time,
    **dict.fromkeys(ENDS, _end),
    **dict.fromkeys(BOOTS, _start_anew),
    VSS_CRASHES: lambda desk, what, more: _cut_off(desk),
    **dict.fromkeys(
        WRITERS, lambda desk, what, more: _writer(desk, str(more.get("writer") or ""), running=what.endswith("starts"))
    ),
    **dict.fromkeys(
        SERVICES,
        lambda desk, what, more: _service(desk, str(more.get("service") or ""), running=what.endswith("starts")),
    ),
    **dict.fromkeys(FILES, lambda desk, what, more: _file(desk, what, more.get("path"))),
    **dict.fromkeys(ROOM, lambda desk, what, more: _room(desk, what, more.get("volume"))),
    **dict.fromkeys(MASKING, lambda desk, what, more: _masking(desk, what, more.get("lun"))),
    OTHER_ACCOUNT: lambda desk, what, more: _account(desk, str(more.get("account") or ""), more.get("groups", ())),
}
"""What may happen to a machine → what it does there."""
