"""What became of the files of one component set while a requester put them back, as far as the log shows it.

A file is known by its original path, also where it went to a mapped place. How many are remembered is bounded; of a
larger set, nothing is said that would need them all.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

Mark = tuple[int, str]

FILES: Final = 4096
"""So many files of a component set are remembered."""


class Fate(Enum):
    """What a file is now, compared with before the restore."""

    __hash__ = object.__hash__  # a name is hashed in Python

    UNTOUCHED = "as it was"
    EMPTY = "made by the proof, with nothing in it"
    RESTORED = "written"
    PUT_ASIDE = "taken away"
    BACK = "put back as it was"


class PlacedFile:
    """One file at one place."""

    fate = Fate.UNTOUCHED
    there: bool | None = None
    """Whether it was there before anything was written."""
    seen_there: Mark | None = None
    """Where the requester saw that it is there."""
    blocked: Mark | None = None
    """Where it could not be written, unless that could be done later."""
    free: Mark | None = None
    """Where it was seen to be absent, or opened for writing."""
    no_folder = False
    written: Mark | None = None
    proof: str | None = None
    """The handle of the proof that it can be written."""
    aside: str | None = None
    """Where a copy of the original was put."""
    kept_from_going_back = False
    """Whether the original could not be put back."""


class PutBack:
    """The files of one component set."""

    complete = True
    """Whether every file that the log shows is remembered."""

    staging_tried = False
    """Whether a file may have been staged that is staged no more, or could not be."""

    def __init__(self) -> None:
        self.originals: dict[str, PlacedFile] = {}
        self.mapped: dict[str, PlacedFile] = {}
        self.mappings_used: dict[tuple[str, str, bool], Mark] = {}
        self.staged: dict[str, Mark] = {}
        self.scratch: set[str] = set()
        """Files that the requester keeps among those of the set: copies of originals, staged files."""
        self.later: dict[str, list[Callable[[], None]]] = {}
        """Path of a file that may turn out to be staged → what is to be said if it is not."""
        self.elsewhere: Mark | None = None
        self.renewed: Mark | None = None
        """Where a file went to a new target or directed target."""
        self.early_block: Mark | None = None
        """A file was in the way before PreRestore was handled."""
        self.block_before_stop: Mark | None = None
        self.said: set[str] = set()

    def file(self, files: dict[str, PlacedFile], path: str) -> PlacedFile:
        """What is known of one file."""
        known = files.get(path)
        if known is None:
            known = PlacedFile()
            if len(files) < FILES:
                files[path] = known
            else:
                self.complete = False
        return known

    def block(self, *, by_presence: bool, but: str | None = None) -> Mark | None:
        """What keeps the set from its original places: a file that is there, or one that cannot be written."""
        for path, known in self.originals.items():
            if path == but or known.fate in (Fate.RESTORED, Fate.EMPTY):
                continue
            if by_presence and known.seen_there is not None:
                return known.seen_there
            if known.blocked is not None:
                return known.blocked
        return None

    @property
    def looked(self) -> Mark | None:
        """Where an original place was seen to be free."""
        return next((known.free for known in self.originals.values() if known.free is not None), None)

    @property
    def mixed(self) -> bool:
        """Whether some files were seen to be there and others not."""
        there = {known.there for known in self.originals.values()}
        return True in there and False in there

    @property
    def folder_missed(self) -> bool:
        """Whether a file could not be created since its folder is not there."""
        return any(known.no_folder for known in self.originals.values())

    def written(self, files: dict[str, PlacedFile]) -> Mark | None:
        """Where a file was written that is there still."""
        return next((known.written for known in files.values() if known.fate is Fate.RESTORED), None)

    def missed(self, files: dict[str, PlacedFile], *, by_presence: bool = False) -> Mark | None:
        """Where a file could not be written that was not written later."""
        for known in files.values():
            if known.fate is Fate.RESTORED:
                continue
            mark = known.blocked or (known.seen_there if by_presence else None)
            if mark is not None:
                return mark
        return None

    def left_aside(self) -> Mark | None:
        """A file that was replaced, while a copy of its original lies aside."""
        lost = (Fate.RESTORED, Fate.PUT_ASIDE)
        return next((f.written for f in self.originals.values() if f.aside and f.fate in lost and f.written), None)

    @property
    def tried_to_go_back(self) -> bool:
        """Whether an original could not be put back, though that was tried."""
        return any(known.kept_from_going_back for known in self.originals.values())

    def is_scratch(self, path: str) -> None:
        """A file among those of the set is none of them."""
        if len(self.scratch) < FILES:
            self.scratch.add(path)
        self.originals.pop(path, None)
        self.later.pop(path, None)

    def settle(self) -> None:
        """Nothing more will be staged: what was held back is said."""
        for held in self.later.values():
            for say in held:
                say()
        self.later.clear()

    def placeholders(self) -> Iterator[str]:
        """Files that the proof made, and that nothing was written to."""
        return (path for path, known in self.originals.items() if known.fate is Fate.EMPTY)
