"""Where files of a restore are to go by the word of writers and of the requester itself: targets, delayed moves."""

from typing import NamedTuple

_Mark = tuple[int, str]


class Target:
    """The restore target of a component: as read before PreRestore was handled, and after; and its directed targets."""

    early: _Mark | None = None
    name: str | None = None
    read: _Mark | None = None
    undirected: _Mark | None = None
    """Where it was read, after PreRestore, that there is no directed target."""
    directed_asked = False
    """Whether somebody looked for directed targets after PreRestore."""

    def __init__(self) -> None:
        self.directed: list[DirectedFile] = []


class DirectedFile(NamedTuple):
    """A directed target: the file it is of, where that goes, and the ranges it is written to, if they were recorded."""

    source: str
    destination: str
    ranges: tuple[tuple[int, int], ...] | None
    mark: _Mark


class NewTarget(NamedTuple):
    """A new target that was declared: for which file set, and where that goes."""

    path: str
    filespec: str
    recursive: bool
    destination: str
    mark: _Mark


class StagedFile(NamedTuple):
    """A file that waits for the restart: of which component set, its original path, and where that was registered."""

    key: tuple[str, ...]
    original: str
    mark: _Mark
