"""What became of the files of one component set while a requester put them back, as far as the log shows it.

A file is known by its original path, also where it went to a mapped place (`placed_files`). How many are remembered is
bounded; of a larger set, nothing is said that would need them all.
"""

from collections.abc import Callable, Collection
from enum import Flag, auto
from itertools import chain
from typing import Final

from vss_sim.judge.restoring.placed_files import FILES, Fate, Files, Mark, first

Say = Callable[[], None]
"""Says something that was held back."""

_HELD: Final = 64
"""Of so many files that may be temporary it is remembered what is wrong with them; the first that is none is told.

Of so many files one copy may be."""


class Shared(Flag):
    """What may have become of a file of a set at a place that others have, too: of which of them nobody knows."""

    TOUCHED = auto()
    BLOCKS = auto()
    """It may have been in the way of the set."""
    CHANGED = auto()
    """It may have other bytes than before, or be gone."""
    BROKE = auto()
    """Bytes of it could not be written, or it could not be removed."""
    WAITS = auto()
    """It may be no file of the set, but a copy of one that was to wait for the restart."""
    ELSEWHERE = auto()
    """It was touched at another place than its original one."""


ANYTHING: Final = Shared.BLOCKS | Shared.CHANGED | Shared.BROKE | Shared.WAITS | Shared.ELSEWHERE
"""Of a file of which nobody knows what became of it."""


class PutBack:
    """The files of one component set."""

    last_deed = 0
    """The line of the last call that worked on a file of the set, or tried to."""
    proofs = 0
    """How many proofs failed."""
    staging_tried = False
    """Whether a file may have been staged that is staged no more, or could not be."""
    taken_back = False
    """Whether files were put back or removed again: something stood in the way, though the log may not show what."""
    perhaps_split = False
    """Whether it is to be said that files went to two places, unless those at the original ones are temporary."""
    mapped_wholly: bool | None = None
    """Whether every file set has a mapping, once that was asked."""
    early_look: Mark | None = None
    """A file was looked at before PreRestore was handled."""
    early_block: Mark | None = None
    """A file was in the way before PreRestore was handled."""
    block_before_stop: Mark | None = None
    broke: Mark | None = None
    """Where a file that was open could not be changed, or what the proof made could not be removed: damage may stay."""
    undone: Mark | None = None
    """Where a file was written, or could not be, that is gone again: something stood in the way, seen or not."""
    link_lost = False
    """Whether a reparse point is gone through which a path of the set led: that is in the way."""
    write_failed = False
    """Whether a file could not be written after all, of which it was proven that it can be."""

    def __init__(self) -> None:
        self.originals = Files()
        self.mapped = Files()
        self.mappings_used: dict[tuple[str, str, bool], Mark] = {}
        self.mappings_opened: dict[tuple[str, str, bool], Mark] = {}
        """Those by which files were made that nothing was written to: for the proof, or since they have no bytes."""
        self.went_as_declared: dict[str, Mark] = {}
        """Files that went to new targets, by their original paths; and places that were written as directed targets."""
        self.kept_declared: dict[str, set[str]] = {}
        """Copy of what was at such places before → those places."""
        self.came_back: dict[str, str] = {}
        """Such a place that is as it was → the handle by which that came back."""
        self.elsewhere: dict[str, Mark] = {}
        """Files of the set that went to a place that is none of it."""
        self.staged: dict[str, Mark] = {}
        self.unstaged: dict[str, Mark] = {}
        """Files of which a delayed move could not be registered."""
        self.not_at_new_target: dict[str, Mark] = {}
        """Files that could not be written at their new target, by their original paths."""
        self.missing: set[str] = set()
        """What was looked for in vain and never worked on as a file: files, or reparse points that are gone."""
        self.shared = Shared(0)
        self.shared_files: set[str] = set()
        self.scratch: set[str] = set()
        """Files that the requester keeps among those of the set: copies of originals, staged files."""
        self.later: dict[str, Say] = {}
        """Path of a file that may turn out to be staged → what is to be said if it is not."""
        self.held: dict[str | None, list[Say]] = {}
        """File that may turn out to be a temporary one → what is to be said if it is not; None: what comes after."""
        self.said: set[str] = set()

    def hold(self, path: str | None, say: Say) -> None:
        """Keep what a deed at a file goes against until it is known whether the file is one of the set.

        Of a file that is one for certain (None), it waits for what was kept before.
        """
        if path is None or path in self.held or len(self.held) < _HELD:
            held = self.held.setdefault(path, [])
            if len(held) < _HELD:
                held.append(say)

    @property
    def may_lack_a_link(self) -> bool:
        """Whether a reparse point may be gone through which a path of the set led."""
        return self.link_lost or bool(self.missing)

    def unless_a_link_is_lost(self, say: Say) -> None:
        """Say that nothing is in the way, once it is known whether what is missing may be a reparse point."""
        if self.link_lost:
            return
        if self.missing or self.held:
            self.hold(None, lambda: None if self.may_lack_a_link else say())
        else:
            say()

    def block(self, *, by_presence: bool, but: str | None = None) -> Mark | None:
        """What keeps the set from its original places: a file that is there, or one that cannot be written."""
        there = first(self.originals.in_the_way, but) if by_presence else None
        return there or first(self.originals.blocked, but)

    @property
    def mixed(self) -> bool:
        """Whether some files were seen to be there and others not."""
        return self.originals.some_there and self.originals.some_absent

    @property
    def restored(self) -> Mark | None:
        """Where a file was written at its original place that is there still."""
        return first(self.originals.written)

    @property
    def can_be_undone(self) -> bool:
        """Whether every file that was written is copied aside, or was seen to be absent and is to be removed only."""
        written = (self.originals.known[path] for path in self.originals.written)
        return all(file.aside is not None or file.looked_absent for file in written)

    @property
    def moved(self) -> Mark | None:
        """Where a file was written at its mapped place that is there still."""
        return first(self.mapped.written)

    @property
    def renewed(self) -> Mark | None:
        """Where a file went to a new target or directed target, and is there still."""
        return first(self.went_as_declared)

    @property
    def left_aside(self) -> Mark | None:
        """A file that was replaced, while a copy of its original lies aside."""
        return first(self.originals.touched)

    @property
    def can_be_rolled_back(self) -> bool:
        """Whether an original lies aside of a file that was replaced, or one may lie aside of any."""
        return self.left_aside is not None or bool(self.originals.copied)

    @property
    def deleted(self) -> Mark | None:
        """An original that is gone, without a copy of it."""
        return first(self.originals.deleted)

    @property
    def placeholder(self) -> str | None:
        """A file that the proof made where nothing was restored then, and that nothing was written to."""
        here = next(iter(self.originals.empty), None) if self.restored is None else None
        return here or (next(iter(self.mapped.empty), None) if self.moved is None else None)

    @property
    def mappings(self) -> dict[tuple[str, str, bool], Mark]:
        """The mappings by which files went, where the set was restored."""
        bare = self.moved is None and self.restored is None and bool(self.mapped.empty)
        return self.mappings_opened if bare else self.mappings_used

    @property
    def went(self) -> set[str]:
        """The files that went somewhere, and those that may have no bytes to go."""
        both = (*self.originals.known.items(), *self.mapped.known.items())
        bare = (path for path, file in both if file.emptied or file.fate is Fate.EMPTY)
        return {*self.originals.written, *self.mapped.written, *self.staged, *self.went_as_declared, *bare}

    def declared(self, path: str, mark: Mark) -> None:
        """Content came to a new target or directed target."""
        if len(self.went_as_declared) < FILES:
            self.went_as_declared.setdefault(path, mark)
        else:
            self.originals.complete = False

    def keeps(self, original: str, source: str, copy: str) -> bool:
        """Whether what is at a new target or directed target is copied elsewhere, as it was before the restore."""
        if original in self.went_as_declared or source in self.kept_declared:
            return False
        if len(self.kept_declared) < FILES:
            kept = self.kept_declared.setdefault(copy, set())
            kept.update((source,) if len(kept) < _HELD else ())
        return True

    def not_declared(self, path: str, mark: Mark) -> None:
        """A file could not be written at its new target."""
        if len(self.not_at_new_target) < FILES:
            self.not_at_new_target[path] = mark

    def not_registered(self, path: str, mark: Mark) -> None:
        """A file could not be left for the restart."""
        self.staging_tried = True
        if len(self.unstaged) < FILES:
            self.unstaged[path] = mark

    def never_went(self, but: Collection[str]) -> Mark | None:
        """Where a file, none of `but`, was refused at its new target or for the restart, that went nowhere later."""
        went = self.went
        refused = chain(self.unstaged.items(), self.not_at_new_target.items())
        return next((mark for path, mark in refused if path not in went and path not in but), None)

    def is_scratch(self, path: str) -> None:
        """A file among those of the set is none of them."""
        if len(self.scratch) < FILES:
            self.scratch.add(path)
        self.originals.forget(path)
        self.later.pop(path, None)
        self.held.pop(path, None)

    def share(self, original: str, became: Shared) -> None:
        """A file of the set was touched where others have one, too."""
        self.shared |= Shared.TOUCHED | became
        if len(self.shared_files) < FILES:
            self.shared_files.add(original)
        else:
            self.originals.complete = False

    def settle(self) -> None:
        """Nothing more will be staged, moved or renamed: what was held back is said."""
        for say in self.later.values():
            say()
        self.later.clear()
        waiting, self.held = self.held, {}
        for say in chain.from_iterable(waiting.values()):
            say()
