"""What became of the single files of a component set, at their original places or at their mapped ones.

How many are remembered is bounded; of a larger set, nothing is said that would need them all. What is asked of all
files is kept beside them, so that a deed costs the same in a set of three files and in one of three thousand.
"""

from collections.abc import Collection
from enum import Enum
from itertools import chain
from typing import Final

from vss_sim.judge.paths import is_below

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
    broken: Mark | None = None
    """Where bytes of it could not be written, though it was open, unless that could be done later."""
    no_folder = False
    perhaps_made = False
    """Whether it was opened by OPEN_ALWAYS, and the call does not tell whether it was there: then it may be empty."""
    emptied = False
    """Whether it had no bytes once it was open, or was made to have none: it may be a file without any."""
    looked_absent = False
    """Whether somebody looked for it before it was opened, and it was not there: there is nothing to copy aside."""
    written: Mark | None = None
    proof: tuple[int, str | None] | None = None
    """The proof that it can be written: which of several, and its handle."""
    aside: str | None = None
    """Where a copy of the original was put."""
    copies: frozenset[str] = frozenset()
    """Where copies of the original may lie, which somebody made by handles (`copies_aside`)."""
    back_by: str | None = None
    """The handle by which the original came back."""
    touched: int | None = None
    """The line on which it was made, written or taken away first, unless it is as it was."""
    deleted = False
    """Whether it was an original for certain, and nothing is left of it."""
    kept_from_going_back = False
    """Whether the original could not be put back."""
    named = False
    """Whether its file set names this one file."""
    arrived = False
    """Whether its bytes came from a temporary file beside it."""
    passed_on = False
    """Whether its bytes, which the restore wrote, were copied to another file of the set."""

    def was_proven(self, handle: str | None, written: Mark | None) -> bool:
        """Whether this handle was opened for the proof, before the first file of the set was `written`."""
        if handle is None or self.proof is None or self.proof[1] != handle or self.free is None:
            return False
        return written is None or self.free[0] < written[0]


class Files:
    """The files of a set at one kind of place, and which of them are in the way, blocked, written or empty."""

    complete = True
    """Whether every file that the log shows is remembered."""

    def __init__(self) -> None:
        self.known: dict[str, PlacedFile] = {}
        self.by_name: dict[str, str | None] = {}
        """Name of a file → its path; None where several have it."""
        self.in_the_way: dict[str, Mark] = {}
        """Files that are there, and were not touched."""
        self.blocked: dict[str, Mark] = {}
        """Files that could not be written."""
        self.written: dict[str, Mark] = {}
        """Files that were written, and are so still."""
        self.touched: dict[str, Mark] = {}
        """Files that were written or taken away while a copy of the original lies aside."""
        self.copied: set[str] = set()
        """Files of which a copy may lie somewhere that somebody made by handles."""
        self.deleted: dict[str, Mark] = {}
        """Originals that are gone, and of which there is no copy."""
        self.empty: dict[str, Mark | None] = {}
        self.free: Mark | None = None
        """Where a place was seen to be free."""
        self.folder_missed = False
        self._folderless: set[str] = set()
        self.some_there = False
        self.some_absent = False
        self.kept_from_going_back = False

    def file(self, path: str) -> PlacedFile:
        """What is known of one file."""
        found = self.known.get(path)
        if found is None:
            found = PlacedFile()
            if len(self.known) < FILES:
                self.known[path] = found
                name = path.rpartition("\\")[2]
                self.by_name[name] = None if name in self.by_name else path
            else:
                self.complete = False
        return found

    def note(self, path: str, file: PlacedFile) -> None:
        """Take on what a deed changed of a file."""
        if self.known.get(path) is not file:
            return
        if file.fate in (Fate.UNTOUCHED, Fate.BACK):
            file.touched = None
        elif file.touched is None:
            mark = file.written or file.free
            file.touched = mark[0] if mark is not None else None
        if file.copies:
            self.copied.add(path)
        else:
            self.copied.discard(path)
        made = file.fate in (Fate.RESTORED, Fate.EMPTY)
        _put(self.in_the_way, path, None if made else file.seen_there)
        _put(self.blocked, path, file.broken or (None if made else file.blocked))
        _put(self.written, path, file.written if file.fate is Fate.RESTORED else None)
        lost = file.aside is not None and file.fate in (Fate.RESTORED, Fate.PUT_ASIDE)
        _put(self.touched, path, file.written if lost else None)
        _put(self.deleted, path, file.written if file.deleted and file.fate is Fate.PUT_ASIDE else None)
        if file.fate is Fate.EMPTY:
            self.empty[path] = file.free
        else:
            self.empty.pop(path, None)
        self.free = self.free or file.free
        self.folder_missed |= file.no_folder
        if file.no_folder:
            self._folderless.add(path)
        self.some_there |= file.there is True
        self.some_absent |= file.there is False
        self.kept_from_going_back |= file.kept_from_going_back

    def has_no_folder(self, folder: str, mark: Mark) -> None:
        """A folder could not be made: the files that lack it are kept from their places."""
        for path in [path for path in self._folderless if is_below(path, folder)]:
            file = self.known.get(path)
            if file is not None and file.fate is Fate.UNTOUCHED:
                file.blocked = mark
                self.note(path, file)

    def forget(self, path: str) -> None:
        """The file is none of the set."""
        self.known.pop(path, None)
        for marks in (self.in_the_way, self.blocked, self.written, self.touched, self.deleted):
            marks.pop(path, None)
        self.copied.discard(path)
        self.empty.pop(path, None)

    def look_again(self) -> None:
        """What was seen of files that were not touched need not be so any more."""
        for path, file in self.known.items():
            if file.fate is Fate.UNTOUCHED:
                file.blocked = file.free = None
                self.blocked.pop(path, None)
        self.free = None

    def missed(self, *, by_presence: bool = False, but: Collection[str] = ()) -> Mark | None:
        """Where a file that is none of `but` could not be written, and was not written later."""
        marks = chain(self.blocked.items(), self.in_the_way.items() if by_presence else ())
        return next((mark for path, mark in marks if path not in but), None)


def _put(marks: dict[str, Mark], path: str, mark: Mark | None) -> None:
    if mark is None:
        marks.pop(path, None)
    else:
        marks[path] = mark


def first(marks: dict[str, Mark], but: str | None = None) -> Mark | None:
    """The first of marks that is not of the file `but`."""
    return next((mark for path, mark in marks.items() if path != but), None)
