"""What a writer changes in shadow copies while it handles PostSnapshot: it recovers its data, and deletes files.

It asks for the device of the copy, and writes to it by file calls, as a program does. The copy is a volume like any
other as long as such a call takes; whether it is writable, `auto_recovery` says.
Page: https://learn.microsoft.com/windows/win32/vss/excluding-files-from-shadow-copies
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import HandlerLine
from vss_sim.engine.auto_recovery import is_writable
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import device_root
from vss_sim.engine.file_moves import delete_file
from vss_sim.engine.files import write_file
from vss_sim.engine.handler import Handler
from vss_sim.engine.listings import files_matching
from vss_sim.engine.selection.file_sets import folder_of
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.volumes import volume_and_rest
from vss_sim.model.computer import Reply
from vss_sim.model.environment import variables
from vss_sim.model.world import Snapshot
from vss_sim.spec.win32 import FileError, Win32Error

Ask = Callable[[str], HandlerLine]
"""Asks VSS for the device of the shadow copy of a volume: GetSnapshotDeviceName, made in the handler."""

_CALLS: Final = {"WriteFile": write_file, "DeleteFile": delete_file}


class _Copies:
    """The devices of the shadow copies that the writer has asked for so far, by their volumes."""

    def __init__(self, handler: Handler, ask: Ask) -> None:
        self.desk = handler.desk
        self.process = handler.handle
        self.ask = ask
        self.devices: dict[str, str | None] = {}

    def path(self, path: str) -> tuple[tuple[HandlerLine, ...], str | None]:
        """The path in the shadow copy (None: VSS gives no device), and the calls by which it is found."""
        held = volume_and_rest(self.desk, path)
        name, rest = (path, "") if held is None else (held[0].name, held[1])
        lines: tuple[HandlerLine, ...] = ()
        if name not in self.devices:
            lines = (self.ask(name),)
            self.devices[name] = lines[0].out.get("ppwszSnapshotDevice")
        device = self.devices[name]
        return lines, None if device is None else f"{device}\\{rest}"

    def call(self, name: str, path: str, **more: str) -> HandlerLine:
        """A file call on a path of a shadow copy, made by the writer's process."""
        given: Mapping[str, Any] = {"lpFileName": path, **more}
        code = Win32Error.ERROR_SUCCESS
        try:
            self._make(name, path, more.get("content", ""))
        except FileError as error:
            code = error.code
        return HandlerLine(name, "", given, code, process=self.process)

    def _make(self, name: str, path: str, content: str) -> None:
        arguments = {"hFile": None, "lpFileName": path, "content": content.encode(), "offset": None}
        with _mounted(self.desk, path):
            _CALLS[name](self.desk, arguments, self.process)


@contextmanager
def _mounted(desk: Desk, path: str) -> Iterator[None]:
    """The copy on which a path lies is a volume of the machine meanwhile, if the writer can write to it."""
    copy = _copy_at(desk, path)
    if copy is None or copy.disk is None or not is_writable(desk, copy):
        yield
        return
    before = desk.state.disks
    place, root = len(before.volumes), device_root(copy.number)
    mounted = replace(before, volumes=(*before.volumes, copy.disk), roots=before.roots.set(root, place))
    desk.change_machine(disks=mounted)
    try:
        yield
    finally:
        written = desk.state.disks
        desk.change_machine(disks=replace(written, volumes=written.volumes[:place], roots=before.roots))
        if written.volumes[place] is not copy.disk:
            desk.put_snapshot(replace(copy, disk=written.volumes[place]))


def _copy_at(desk: Desk, path: str) -> Snapshot | None:
    """The shadow copy on whose device a path lies."""
    folder = path.partition("HarddiskVolumeShadowCopy")[2].partition("\\")[0]
    return next((copy for copy in desk.local_snapshots() if str(copy.number) == folder), None)


def change_copies(handler: Handler, reply: Reply, ask: Ask) -> Iterator[HandlerLine]:
    """The calls of a writer on the shadow copies of the set, for what its reply names by paths on the volumes."""
    if not reply.write_in_copy and not reply.delete_in_copy:
        return
    copies, known = _Copies(handler, ask), variables(handler.desk.machine.environment)
    for path, content in reply.write_in_copy.items():
        lines, there = copies.path(path)
        yield from lines
        if there is not None:
            yield copies.call("WriteFile", there, content=content)
    for files in reply.delete_in_copy:
        lines, there = copies.path(folder_of(files, known))
        yield from lines
        found = [] if there is None else _files(handler.desk, there, files.filespec, recursive=files.recursive)
        for path in found:
            yield copies.call("DeleteFile", path)
    settle_storage(handler.desk)


def _files(desk: Desk, folder: str, filespec: str, *, recursive: bool) -> list[str]:
    with _mounted(desk, folder):
        return [path for path, _ in files_matching(desk, folder, filespec, recursive=recursive)]
