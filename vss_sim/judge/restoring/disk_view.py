"""What file and service calls have shown of a machine beside the files of component sets: handles, services, moves."""

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from vss_sim.judge.file_sources import FileSources
    from vss_sim.judge.history import Step
    from vss_sim.judge.objects import BackupObject

T = TypeVar("T")
Mark = tuple[int, str]
"""A line, and what it did."""


class ServiceView:
    """A service, as calls and happenings show it."""

    running: bool | None = None
    stopping = False
    """Whether it was told to stop and nobody saw that it did."""
    stopped: Mark | None = None
    """Where a requester stopped it."""
    refused: Mark | None = None
    """Where it could not be stopped."""
    started: Mark | None = None
    not_started: Mark | None = None
    """Where somebody tried in vain to start it, since it was stopped."""
    process = ""

    def __init__(self) -> None:
        self.passed_over: dict[tuple[BackupObject, tuple[str, ...]], Callable[[], None]] = {}
        """Component set of an object → what is to be said of another service that was stopped, unless this one is."""


class Transaction:
    """File calls that are done when their transaction is committed."""

    too_long = False
    """Whether there were more calls than are remembered."""
    opened = 0, 0
    """Of so many calls it is known that nobody knows what they did, while so many sets were selected."""

    def __init__(self) -> None:
        self.calls: list[tuple[Step, str]] = []
        self.handles: set[str] = set()
        """The files that were opened in it."""


FOLDERS: Final = 65536
"""So many folders are remembered."""

PROCESSES: Final = 256
"""So many processes are remembered with the handles that they opened."""


class DiskView:
    """What file and service calls have shown of a machine: open files, what was made and removed, delayed moves."""

    calls = 0
    service_calls = 0
    tells_last_error = False
    """Whether the log has what GetLastError told after a CreateFile that succeeded: without, the file was not there."""
    complete = True
    """Whether every change is remembered."""
    removals_known = True
    unread = 0
    """The line of the last call of a function that nobody lists: it may have done anything."""

    def __init__(self) -> None:
        self.open: dict[str, dict[str, str]] = {}
        """Process → handle → path, or name of a service."""
        self.passing: dict[str, dict[str, str]] = {}
        """Process → handle with FILE_FLAG_DELETE_ON_CLOSE → path."""
        self.marked: dict[str, dict[str, str]] = {}
        """Process → handle whose file is marked for deletion → path."""
        self.positions: dict[str, dict[str, int | None]] = {}
        """Process → handle → where in its file it stands."""
        self.sources: dict[str, FileSources] = {}
        """Process → what it read before it writes."""
        self.folders: set[str] = set()
        """Paths that calls showed to be folders."""
        self.changed: dict[str, bool] = {}
        """Path → whether there is a file now."""
        self.services: dict[str, ServiceView] = {}
        self.folders_removed_later: dict[str, Mark] = {}
        """Folders whose removal waits for the restart."""
        self.removed_later: dict[str, Mark] = {}
        """Files whose removal waits for the restart, all of them while `removals_known`."""
        self.transactions: dict[tuple[str, str], Transaction] = {}
        """Process and handle → a transaction that is under way."""
        self.moves: Mark | None = None
        """The last delayed move that was registered."""

    def is_folder(self, path: str | None) -> None:
        """A path is that of a folder."""
        if path is not None and len(self.folders) < FOLDERS:
            self.folders.add(path)

    def opened(self, process: str | int | None) -> dict[str, str]:
        """The handles of a process."""
        return _of(self.open, process)

    def passing_of(self, process: str | int | None) -> dict[str, str]:
        """The handles of a process with which their files go."""
        return _of(self.passing, process)

    def marked_of(self, process: str | int | None) -> dict[str, str]:
        """The handles of a process whose files are marked for deletion."""
        return _of(self.marked, process)

    def positions_of(self, process: str | int | None) -> dict[str, int | None]:
        """Where the handles of a process stand."""
        return _of(self.positions, process)


def _of(memory: dict[str, dict[str, T]], process: str | int | None) -> dict[str, T]:
    """What is remembered of a process; of many processes, those that did nothing for longest are forgotten."""
    name = str(process or "")
    found = memory.pop(name, None)
    if found is None:
        found = {}
        if len(memory) >= PROCESSES:
            del memory[next(iter(memory))]
    memory[name] = found
    return found
