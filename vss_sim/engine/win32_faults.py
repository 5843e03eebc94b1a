"""Faults of file and service calls from outside: what the world scripts comes before Windows looks at anything.

A path of a script is compared with where a call leads, not with how it writes that: with the volume's name before it,
in upper case, mount points, drive letters and links followed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import device_of
from vss_sim.engine.file_places import find
from vss_sim.engine.scripted import heard
from vss_sim.model.disk import below
from vss_sim.model.disks import DelayedMove, Key, OpenFile
from vss_sim.model.names import covers, fold
from vss_sim.model.win32_faults import Win32Fault
from vss_sim.spec.win32 import DELAYED_MOVE, HANDLES, PATHS, FileError, Win32Error


def fault_of(desk: Desk, call: str, arguments: Mapping[str, Any]) -> Win32Error | None:
    """The error with which this call fails by script, if any; the occurrence is counted on the desk."""
    service = arguments.get("hService") or arguments.get("lpServiceName") or ""
    return _heard(desk, call, tuple(_places(desk, arguments)), service)


def fault_of_move(desk: Desk, wanted: DelayedMove) -> Win32Error | None:
    """The same for a delayed move, at the start of the machine."""
    paths = (_place(desk, path) for path in (wanted.source, wanted.target) if path is not None)
    return _heard(desk, DELAYED_MOVE, tuple(paths), "")


def _heard(desk: Desk, call: str, places: tuple[str, ...], service: str) -> Win32Error | None:
    def fits(fault: Win32Fault) -> bool:
        if fault.to != call or (fault.service is not None and fault.service.casefold() != service.casefold()):
            return False
        return fault.path is None or any(covers(fault.path, place) for place in places)

    faults, counts = desk.machine.win32_faults, desk.state.win32_faults
    found, after = heard(faults, counts, fits)
    if after != counts:
        desk.change_machine(win32_faults=after)
    return None if found is None else Win32Error[found.fails]


def _places(desk: Desk, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Where the files lie that a call names, by path or by handle."""
    for name in PATHS:
        path = arguments.get(name)
        if path is not None:
            yield _place(desk, path)
    for name in HANDLES:
        opened = desk.state.disks.handles.get(arguments.get(name) or "")
        if isinstance(opened, OpenFile):
            yield _whole(desk, opened.key)


def _place(desk: Desk, path: str) -> str:
    try:
        return _whole(desk, find(desk, path, follow=False).key)
    except FileError:
        return fold(path)


def _whole(desk: Desk, key: Key) -> str:
    """The whole path of a place."""
    store, folder, name = key
    if isinstance(store, int):
        root = fold(desk.machine.volumes[store].name)
    else:
        copy = desk.snapshots.get(store)
        root = fold(f"{device_of(copy)}\\") if copy is not None else ""
    return root + below(folder, name)
