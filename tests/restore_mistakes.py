"""Mistakes that implementers of a restore make, and how each is planted into the engine or its table."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from msgspec.structs import force_setattr, replace

from vss_sim.engine.restoring import (
    exclusive,
    places,
)
from vss_sim.engine.restoring.services import ServiceStop
from vss_sim.engine.restoring.staging import Staging
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod
from vss_sim.spec.restoring import METHODS
from vss_sim.spec.restoring.words import Cases, Decision, Node, Outcome, Parameter, Question, Split

Mutant = Callable[[pytest.MonkeyPatch], AbstractContextManager[None]]


def instead(owner: Any, name: str, make: Callable[[Any], Any]) -> Mutant:
    """Another function or value in the place of `name`; `make` gets what was there."""

    @contextmanager
    def planted(patch: pytest.MonkeyPatch) -> Iterator[None]:
        patch.setattr(owner, name, make(getattr(owner, name)))
        yield

    return planted


def reads(parameter: Parameter, reading: str) -> Mutant:
    """The stance that is not ours."""

    @contextmanager
    def planted(_: pytest.MonkeyPatch) -> Iterator[None]:
        stance = parameter.stance
        force_setattr(parameter, "stance", reading)
        try:
            yield
        finally:
            force_setattr(parameter, "stance", stance)

    return planted


def rewritten(node: Node, change: Callable[[Node], Node]) -> Node:
    """A tree with every node changed, from its leaves up."""
    match node:
        case Decision():
            node = replace(node, yes=rewritten(node.yes, change), no=rewritten(node.no, change))
        case Split():
            node = replace(node, readings=tuple((name, rewritten(way, change)) for name, way in node.readings))
        case Cases():
            targets = tuple((target, rewritten(way, change)) for target, way in node.targets)
            node = replace(node, targets=targets, otherwise=rewritten(node.otherwise, change))
        case Outcome():
            pass
    return change(node)


def tree(method: RestoreMethod, change: Callable[[Node], Node]) -> Mutant:
    """The tree of a method with another entry."""

    @contextmanager
    def planted(patch: pytest.MonkeyPatch) -> Iterator[None]:
        patch.setitem(METHODS, method, replace(METHODS[method], whole=rewritten(METHODS[method].whole, change)))
        yield

    return planted


def as_if(method: RestoreMethod, other: RestoreMethod) -> Mutant:
    """A method that is taken for another one."""

    @contextmanager
    def planted(patch: pytest.MonkeyPatch) -> Iterator[None]:
        patch.setitem(METHODS, method, METHODS[other])
        yield

    return planted


def asks(old: Question, new: Question) -> Callable[[Node], Node]:
    """Another question in the place of one."""
    return lambda node: replace(node, question=new) if isinstance(node, Decision) and node.question is old else node


def ends(name: str, **change: Any) -> Callable[[Node], Node]:
    """A leaf that is another one."""
    return lambda node: replace(node, **change) if isinstance(node, Outcome) and node.name == name else node


def half(real: Any) -> Any:
    """Files that cannot be opened are passed over."""

    def prove(self: Any, wanted: Any) -> bool:
        for place in self.places:
            self._open(place, wanted)
        return bool(self._opened)

    return prove


def leaves_placeholders(real: Any) -> Any:
    """Files that were made to prove a place stay, empty."""

    def undo(self: Any) -> Any:
        for one in self._opened:
            self.program.does("CloseHandle", hObject=one.handle)
        self._opened.clear()
        return exclusive.Damage.NONE

    return undo


def only_mapped(real: Any) -> Any:
    """Files without a mapping are passed over, and the others go to their mapped places."""
    return lambda known, files, readings: tuple(
        place for file in files for place in real(known, (file,), readings) or ()
    )


def only_what_is_there(real: Any) -> Any:
    """Only files that are in the way go to the mapping."""

    def mapped(self: Any) -> Any:
        there = [
            file for file in self.known.others if self.program.does("GetFileAttributes", lpFileName=file.saved.path)
        ]
        return places.mapped_places(self.known, there, self.request.readings)

    return mapped


def looks_early(real: Any) -> Any:
    """A file is looked at before PreRestore."""

    def select(self: Any, writer: Any, explicit: Any, wish: Any) -> Any:
        self.program.does("GetFileAttributes", lpFileName="C:\\data\\f1")
        return real(self, writer, explicit, wish)

    return select


def stops_early(real: Any) -> Any:
    """The service is stopped before PreRestore."""

    def select(self: Any, writer: Any, explicit: Any, wish: Any) -> Any:
        if writer.service:
            ServiceStop(self.program, writer.service).stop()
        return real(self, writer, explicit, wish)

    return select


def stages_one(real: Any) -> Any:
    """One file is staged for the restart, and not the whole set."""

    def staged(self: Any) -> bool:
        attempt = Staging(self.program, places.original_places(self.known.others)[1:2])
        done = attempt.prove()
        self.held.append(attempt)
        return done

    return staged


def touches_final(real: Any) -> Any:
    """The file in its place is overwritten at once, beside the delayed move."""

    def register(self: Any, place: Any) -> bool:
        self.program.does("CopyFile", lpExistingFileName=self.staged[place.path], lpNewFileName=place.path)
        return bool(real(self, place))

    return register


def moves_without_replacing(real: Any) -> Any:
    """The delayed move does not ask to replace what is there."""

    def register(self: Any, place: Any) -> bool:
        moved = {"lpExistingFileName": self.staged[place.path], "lpNewFileName": place.path}
        return bool(self.program.does("MoveFileEx", **moved, dwFlags="MOVEFILE_DELAY_UNTIL_REBOOT"))

    return register


def by_stored_instance(real: Any) -> Any:
    """A writer is found again by the id of its instance at the backup."""
    return lambda self, writer: tuple(one for one in self.running if one.instance_id == writer.instance_id)


def at_source_ranges(real: Any) -> Any:
    """Ranges go to where they were, and not to where the writer directs them."""

    def directed(one: Any, saved: Any) -> Any:
        return real(replace(one, destination_ranges=one.source_ranges), saved)

    return directed


def cut_to_fit(real: Any) -> Any:
    """Ranges that do not go together are made to."""

    def directed(one: Any, saved: Any) -> Any:
        return real(replace(one, destination_ranges=one.source_ranges), saved) or [(0, b"?")]

    return directed


def to_the_spit_folder(real: Any) -> Any:
    """Files of an alternate path go back to where the backup read them."""

    def spat(file: Any) -> Any:
        known = file.file_set
        return places.at(file, places.moved(file.saved.path, known.place, known.other_place or known.place))

    return lambda files: tuple(map(spat, files))


def records_the_mapping(real: Any) -> Any:
    """What is recorded is the mapping as its writer has it, and not the file set that went there."""

    def add(self: Any, known: Any, file_set: Any) -> None:
        mapping: Any = places.mapping_of(known.writer, file_set, self.request.readings)
        real(self, known, replace(file_set, recursive=mapping.recursive, path=mapping.path))

    return add


def says_all(real: Any) -> Any:
    """Every status says that all files were restored."""
    return lambda machine, known, end, outcome, status, readings: real(
        machine, known, end, outcome, FileRestoreStatus.ALL, readings
    )


def says_none(real: Any) -> Any:
    """Every status says that no file was restored."""
    return lambda self, piece, end, outcome: replace(real(self, piece, end, outcome), status=FileRestoreStatus.NONE)


def only_after_success(real: Any) -> Any:
    """The service is started again only where the restore succeeded."""

    def start(self: Any, readings: Any, *, succeeded: bool) -> None:
        if succeeded:
            real(self, readings, succeeded=True)

    return start


def without(question: Question) -> Callable[[Node], Node]:
    """A tree that takes an answer for granted."""
    return lambda node: node.yes if isinstance(node, Decision) and node.question is question else node


def the_whole_set(real: Any) -> Any:
    """A subcomponent is asked for, and the whole set restored."""

    def made(writer: Any, explicit: Any, wish: Any, shelf: Any) -> Any:
        return real(writer, explicit, replace(wish, subcomponents=()), shelf)

    return made


class NoFolders:
    """Folders that nobody makes."""

    def reaches(self, *_: Any) -> bool:
        """Whether a path leads where it led at backup."""
        return True

    def make_for(self, _: str) -> bool:
        """Whether the folders are there now."""
        return False

    def remove(self) -> None:
        """Nothing was made."""


def nothing(real: Any) -> Any:
    """Something is not done."""
    return lambda *_, **__: None


def always(value: Any) -> Callable[[Any], Any]:
    """The answer is this one, whatever is asked."""
    return lambda real: lambda *_, **__: value
