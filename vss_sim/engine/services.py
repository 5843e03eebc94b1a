"""Services: they start and stop, hold files open and host writers while they run. And what is in use besides.

Pages: https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-controlservice and nf-winsvc-startservicew.
A service that cannot have one of its files, since another has it open, starts without it.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import NOTHING
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import INSTANCE_ID, Desk
from vss_sim.engine.file_moves import is_administrator
from vss_sim.engine.file_places import find
from vss_sim.engine.files import let_go
from vss_sim.model.disk import FileEntry
from vss_sim.model.disks import IN_USE, Hold, held, holder, service_holds
from vss_sim.model.world import WriterInstance, described_instance
from vss_sim.spec.win32 import FLAGS, READ, WRITE, FileError, Win32Error

Arguments = dict[str, Any]
Out = Mapping[str, Any]

RUNNING: Final = "running"
STOPPED: Final = "stopped"
_STOP: Final = FLAGS["SERVICE_CONTROL_STOP"]
_INTERROGATE: Final = FLAGS["SERVICE_CONTROL_INTERROGATE"]


def place_of(desk: Desk, name: str) -> int | None:
    """The place of a service by its name, in any case; None where there is none."""
    wanted = name.casefold()
    return next((place for place, one in enumerate(desk.machine.services) if one.name.casefold() == wanted), None)


def _service_of(desk: Desk, arguments: Arguments) -> int:
    place = place_of(desk, arguments["hService"] or arguments["lpServiceName"] or "")
    if place is None:
        raise FileError(Win32Error.ERROR_SERVICE_DOES_NOT_EXIST)
    if not is_administrator(desk):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    return place


def control_service(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A service is stopped, or asked how it is."""
    place, control = _service_of(desk, arguments), arguments["dwControl"]
    if control not in {_STOP, _INTERROGATE}:
        raise NotSimulated("ControlService: only SERVICE_CONTROL_STOP and SERVICE_CONTROL_INTERROGATE are simulated")
    if desk.state.services[place] == STOPPED:
        raise FileError(Win32Error.ERROR_SERVICE_NOT_ACTIVE)
    if control == _INTERROGATE:
        return {"lpServiceStatus": {"dwCurrentState": f"SERVICE_{desk.state.services[place].upper()}"}}
    if not desk.machine.services[place].stoppable:
        raise FileError(Win32Error.ERROR_INVALID_SERVICE_CONTROL)
    stop(desk, place)
    return {"lpServiceStatus": {"dwCurrentState": "SERVICE_STOPPED"}}


def start_service(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A service starts; what it hosts starts with it."""
    place = _service_of(desk, arguments)
    if desk.state.services[place] != STOPPED:
        raise FileError(Win32Error.ERROR_SERVICE_ALREADY_RUNNING)
    start(desk, place)
    return NOTHING


def stop(desk: Desk, place: int) -> None:
    """A service stops: the files that it held are free, its writers are gone."""
    by = holder(desk.machine.services[place])
    disks = desk.state.disks
    for key in [key for key, holds in disks.holds.items() if any(hold.by == by for hold in holds)]:
        disks = let_go(disks, key, by)
    desk.change_disks(disks)
    _is_now(desk, place, STOPPED)


def start(desk: Desk, place: int) -> None:
    """A service starts: it opens its files, its writers get new instance ids."""
    service = desk.machine.services[place]
    desk.change_disks(held(desk.state.disks, service_holds(service)))
    _is_now(desk, place, RUNNING)


def _is_now(desk: Desk, place: int, state: str) -> None:
    services = desk.state.services
    desk.change_machine(services=(*services[:place], state, *services[place + 1 :]))
    _host(desk, desk.machine.services[place].name, running=state == RUNNING)


def _host(desk: Desk, name: str, *, running: bool) -> None:
    """The writers that a service hosts run with it; a start gives them new instance ids (rule svc-instance-id-new)."""
    for place, writer in enumerate(instance.writer for instance in desk.state.writers):
        if (writer.hosted_in or "").casefold() == name.casefold():
            run_writer(desk, place, running=running)


def run_writer(desk: Desk, place: int, *, running: bool) -> None:
    """A writer starts, with a new instance id, or is gone; an express writer is no program that could."""
    writers = desk.state.writers
    instance = writers[place]
    if running == instance.running or instance.writer.express:
        return
    new = desk.new_id(INSTANCE_ID) if running else instance.instance_id
    now = replace(instance, running=running, instance_id=new)
    desk.change_machine(writers=(*writers[:place], now, *writers[place + 1 :]))


def start_machine(desk: Desk) -> None:
    """Services that ran when the world began start again, and the writers that do, with new instance ids.

    A writer that is described as not running does not start with the machine, and neither does one whose program has
    yet to subscribe; what express writers have stored stays stored.
    """
    stopped: set[str] = set()
    for place, service in enumerate(desk.machine.services):
        if service.state == STOPPED:
            stopped.add(service.name.casefold())
        else:
            desk.change_disks(held(desk.state.disks, service_holds(service)))
        states = desk.state.services
        now = STOPPED if service.state == STOPPED else RUNNING
        desk.change_machine(services=(*states[:place], now, *states[place + 1 :]))
    desk.change_machine(
        writers=tuple(
            _started(desk, place, instance, frozenset(stopped)) for place, instance in enumerate(desk.state.writers)
        )
    )


def _started(desk: Desk, place: int, instance: WriterInstance, stopped: frozenset[str]) -> WriterInstance:
    made = desk.new_id(INSTANCE_ID)
    if instance.writer.express:
        return replace(instance, instance_id=made)
    if place >= len(desk.machine.writers):
        return replace(instance, instance_id=made, running=False)
    return replace(described_instance(desk.machine, place, made, stopped), replies=instance.replies)


def use_file(desk: Desk, path: str) -> None:
    """Something opens a file without sharing.

    Raises:
        FileError: there is no such file.
    """
    found = find(desk, path)
    if not isinstance(found.entry, FileEntry):
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    disks = desk.state.disks
    holds = disks.holds.get(found.key, ())
    if any(hold.by == IN_USE for hold in holds):
        return
    more = disks.holds.set(found.key, (*holds, Hold(IN_USE, READ | WRITE, 0)))
    desk.change_disks(replace(disks, holds=more))


def release_file(desk: Desk, path: str) -> None:
    """What had a file in use closes it."""
    found = find(desk, path)
    if any(hold.by == IN_USE for hold in desk.state.disks.holds.get(found.key, ())):
        desk.change_disks(let_go(desk.state.disks, found.key, IN_USE))
