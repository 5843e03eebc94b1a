"""A program that copies files by handles, in logs written by hand (`logs_by_hand`)."""

from typing import Any, Final

from tests.logs_by_hand import DONE, LOCKED, NAMES, ORIGINALS, Log
from tests.support import check
from vss_sim.judge.findings import Level

FIRST, SECOND, THIRD = ORIGINALS
ASIDE: Final = tuple("D:\\aside\\" + name for name in NAMES)
BESIDE: Final = tuple(path + ".bak" for path in ORIGINALS)
READ: Final = 0x80000000


class Copying(Log):
    """A log of a program that copies by handles."""

    by_streams = False
    """Whether it copies by BackupRead and BackupWrite."""
    sizes = True
    """Whether the log has how many bytes were read."""

    def reading(self, path: str) -> str:
        """CreateFile for reading; gives the handle."""
        handle = self.open(path)
        self.entries[-1]["in"].update(dwDesiredAccess=READ, dwShareMode=1)
        return handle

    def read(self, handle: str, size: int = 65536) -> "Copying":
        """ReadFile or BackupRead."""
        gives = {"lpNumberOfBytesRead": size} if self.sizes else {}
        name, count = (
            ("BackupRead", "nNumberOfBytesToRead") if self.by_streams else ("ReadFile", "nNumberOfBytesToRead")
        )
        self.line(name, None, DONE, given={"hFile": handle, count: 65536}, gives=gives)
        return self

    def write(self, handle: str) -> "Copying":
        """WriteFile or BackupWrite."""
        super().write(handle)
        if self.by_streams:
            self.entries[-1]["call"] = "BackupWrite"
        return self

    def stream(self, source: str, to: str, how: str = "CREATE_ALWAYS", **more: Any) -> "Copying":
        """Both are open, and block after block goes over."""
        source_handle = self.reading(source)
        handle = self.open(to, how, **more)
        self.read(source_handle).write(handle).read(source_handle, 4096).write(handle).read(source_handle, 0)
        self.close(source_handle, handle)
        return self

    def whole(self, source: str, to: str, how: str = "CREATE_ALWAYS", **more: Any) -> "Copying":
        """One is read, closed, and then the other is made."""
        source_handle = self.reading(source)
        self.read(source_handle).read(source_handle, 0).close(source_handle)
        handle = self.open(to, how, **more)
        self.write(handle).close(handle)
        return self


def ready(method: str = "RESTORE_IF_CAN_REPLACE", *mappings: Any, **more: Any) -> Copying:
    """Everything up to the files."""
    log = Copying()
    log.to(method, *mappings, **more)
    return log


def aside(log: Copying, places: tuple[str, ...] = ASIDE, copy: str = "stream") -> Copying:
    """Every original is copied aside."""
    for path, place in zip(ORIGINALS, places, strict=True):
        getattr(log, copy)(path, place, "CREATE_NEW")
    return log


def second_fails(log: Copying) -> Copying:
    """The first file is restored, and the second is in use."""
    log.put(FIRST, existed=True)
    log.open(SECOND, "CREATE_ALWAYS", LOCKED)
    return log


def back(log: Copying, place: str = ASIDE[0], copy: str = "stream") -> Copying:
    """The first original comes back, and its copy goes."""
    getattr(log, copy)(place, FIRST, existed=True)
    log.delete(place)
    return log


def found(log: Log) -> list[tuple[str, Level]]:
    """The rules of the findings, and how grave they are."""
    return [(one.rule, one.level) for one in check(log.entries).findings]


def rules(log: Log) -> set[str]:
    """The rules of errors and warnings."""
    return {rule for rule, level in found(log) if level is not Level.INFO}
