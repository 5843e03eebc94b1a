"""Which files a process read before it wrote through a handle: where those bytes may come from, as far as logs show it.

Which of the bytes it had read a process writes, nobody sees. They may be of every file that its thread read since it
wrote last; in a log that has no readings of a process, of those that it has open for reading only. What is kept in
memory for longer, nobody knows.
Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-readfile and
https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-backupread
"""

from collections.abc import Mapping
from typing import Final

from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.file_deeds import Sources, access_of
from vss_sim.judge.file_positions import length_of
from vss_sim.judge.history import Step
from vss_sim.judge.paths import path_of
from vss_sim.judge.restoring.disk_view import PROCESSES, DiskView
from vss_sim.judge.win32_words import answer_of, is_true, succeeded
from vss_sim.spec.win32 import READ, Win32Error

_READS: Final = frozenset({"ReadFile", "BackupRead"})
_WRITES: Final = frozenset({"WriteFile", "BackupWrite"})
_OPENS: Final = "CreateFile"
_CLOSES: Final = "CloseHandle"
_PENDING: Final = Win32Error.ERROR_IO_PENDING.name
_OPEN: Final = 4096
_READ: Final = 64
"""So many files count that a thread read since it wrote last, and so many threads of a process."""


class _Thread:
    """What one thread read since it wrote last."""

    wrote = False

    def __init__(self) -> None:
        self.read: dict[str, int] = {}


class FileSources:
    """What one process reads."""

    def __init__(self) -> None:
        self.opened: dict[str, tuple[str, int]] = {}
        """Handle that was opened for reading only → its file, and the line."""
        self.threads: dict[str, _Thread] = {}

    def follow(self, step: Step, name: str, paths: Mapping[str, str]) -> None:
        """Take on what a call reads or writes; `paths` tells the file behind a handle."""
        if name in _READS:
            self._follow_read(step, paths)
        elif name == _OPENS:
            self._follow_open(step)
        elif name == _CLOSES:
            self.opened.pop(str(step.arguments.get("hObject")), None)
        elif name in _WRITES and (thread := self.threads.get(_name_of(step))) is not None:
            thread.wrote = True

    def of(self, step: Step) -> Sources:
        """Where the bytes may come from that a call writes."""
        if not self.threads:
            return tuple(self.opened.values()) if self.opened else ()
        thread = self.threads.get(_name_of(step))
        return tuple(thread.read.items()) if thread is not None else ()

    def _follow_read(self, step: Step, paths: Mapping[str, str]) -> None:
        handle = str(step.arguments.get("hFile"))
        path = path_of(paths.get(handle, step.arguments.get("lpFileName")))
        done = succeeded(step) or answer_of(step) == _PENDING
        if path is None or not done or is_true(step.arguments.get("bAbort")) or _read_nothing(step):
            return
        thread = self.threads.get(_name_of(step))
        if thread is None:
            thread = _Thread()
            keep(self.threads, _name_of(step), thread, _READ)
        if thread.wrote:
            thread.read.clear()
            thread.wrote = False
        thread.read.pop(path, None)
        keep(thread.read, path, step.number, _READ)

    def _follow_open(self, step: Step) -> None:
        handle, path = step.made("hFile"), path_of(step.arguments.get("lpFileName"))
        if handle is None or path is None:
            return
        self.opened.pop(handle, None)
        if succeeded(step) and access_of(step) == READ:
            keep(self.opened, handle, (path, step.number), _OPEN)


def _name_of(step: Step) -> str:
    return str(step.line.thread or "")


def _read_nothing(step: Step) -> bool:
    """Whether the end of a file was met."""
    return "lpNumberOfBytesRead" in step.results and length_of(step) == 0


def sources_of(disk: DiskView, process: str | int | None) -> FileSources:
    """What a process reads; of many processes, the oldest are forgotten."""
    found = disk.sources.get(str(process or ""))
    if found is None:
        found = FileSources()
        keep(disk.sources, str(process or ""), found, PROCESSES)
    return found
