"""Where the files of a component set may go, as far as the log and the world in its header show it.

The stored metadata counts as the log read it; where it was not read, a world in the header stands for it. What neither
tells is not known, and nothing is concluded from it. What method and target allow is read off the restore-method table.
"""

from copy import copy
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.engine.selection.file_sets import WILD
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import Mark
from vss_sim.judge.restoring.restores import FileSet, MappedSet, Restoring, WriterComponent, WriterDocument
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import RestoreMethod, RestoreTarget, WriterRestore
from vss_sim.spec.file_sets import lies_inside
from vss_sim.spec.restoring import METHODS
from vss_sim.spec.restoring.parameters import reading
from vss_sim.spec.restoring.words import NO_READINGS, Branch, Cases, Decision, Node, Outcome, Question, Split
from vss_sim.trace.lines import Line

Key = tuple[str, ...]


class Ways(Struct, frozen=True):
    """What the table allows under a method and a target."""

    branches: frozenset[Branch]
    questions: frozenset[Question]

    @property
    def by_presence(self) -> bool:
        """Whether a file that is there blocks the original places."""
        return Question.NONE_THERE in self.questions

    @property
    def blockable(self) -> bool:
        """Whether the state of the original places decides."""
        return bool(self.questions & _OF_ORIGINALS)


_OF_ORIGINALS: Final = frozenset({Question.NONE_THERE, Question.REPLACEABLE})


@cache
def ways(method: RestoreMethod, target: RestoreTarget) -> Ways:
    """The leaves and questions that the tree of `method` has under `target`, by the stance of every dispute."""
    branches: set[Branch] = set()
    questions: set[Question] = set()
    waiting: list[Node] = [METHODS[method].whole]
    while waiting:
        node = waiting.pop()
        match node:
            case Split():
                waiting.append(dict(node.readings)[reading(node.parameter, NO_READINGS)])
            case Cases():
                waiting.append(node.of(target))
            case Decision():
                questions.add(node.question)
                waiting += [node.yes, node.no]
            case Outcome():
                branches.add(node.branch)
    return Ways(frozenset(branches), frozenset(questions))


_ANY: Final = ""
_NEVER: Final = (RestoreMethod.CUSTOM, RestoreMethod.UNDEFINED)
_NO_PART: Final = (WriterRestore.NEVER, WriterRestore.UNDEFINED)


class Plan(Struct, frozen=True):
    """What is known of the writer of a component set, and of where the set may go."""

    document: WriterDocument
    told: bool
    """Whether it is known which restore method there is, or that there is none."""
    method: RestoreMethod | None
    target: RestoreTarget | None
    """The restore target; None where it is not known."""
    hosted_in: str | None
    marks: tuple[Mark, ...]

    @property
    def ways(self) -> Ways | None:
        """What the table allows; None where method or target is not known, or where there is nothing to allow."""
        if self.method is None or self.target is None or self.method in _NEVER:
            return None
        return ways(self.method, self.target)

    @property
    def ways_wait(self) -> bool:
        """Whether files wait for the restart."""
        return self.ways is not None and Branch.REBOOT in self.ways.branches

    def fully_mapped(self, key: Key, restoring: Restoring) -> bool | None:
        """Whether every file set of a component set that has no new target has a mapping; None: that is not known."""
        document = self.document
        parts = parts_of(document, restoring, key)
        if not document.mappings_read or not parts or not all(part.is_read for part in parts):
            return None
        mapped = [one.triple for one in document.mapped if one.triple is not None]
        renewed = {(one.path, one.filespec, one.recursive) for one in restoring.new_targets.get(key, ())}
        left = (triple for part in parts for triple in part.sets if triple not in renewed)
        return all(any(lies_inside(triple, one) for one in mapped) for triple in left)


def stored_document(history: History, line: Line, writer: str) -> WriterDocument | None:
    """The stored metadata of a writer, as the log read it; else as its text or the world in the header has it."""
    machine = history.machine(line)
    loaded = machine.stored_writers.get(writer)
    read = loaded.described if loaded is not None else None
    in_the_world = history.world_machine(line).writers.get(writer)
    told = machine.stored_texts.get(writer) or (in_the_world.document if in_the_world is not None else None)
    if isinstance(read, WriterDocument) and (told is None or read.method_told is not None):
        return _completed(read, told) if told is not None else read
    return told


def _completed(read: WriterDocument, told: WriterDocument) -> WriterDocument:
    """What was read, with what the world tells of it where nothing was read."""
    if read.components and read.mapped:
        return read
    both = copy(read)
    if not read.components:
        both.components, both.triples, both.folders = told.components, told.triples, told.folders
        both.component_count, both.sets = told.component_count, told.sets
        both.owners, both.named, both.alternates = told.owners, told.named, told.alternates
    if not read.mapped and read.mappings in (None, told.mappings):
        both.mapped, both.mappings = told.mapped, told.mappings
    return both


def is_there(history: History, step: Step, path: str) -> bool | None:
    """Whether a file is there, as the calls and the world in the header show it."""
    disk = history.machine(step.line).disk
    if path in disk.changed:
        return disk.changed[path]
    return history.world_machine(step.line).there(path) if disk.complete else None


def plan_of(history: History, line: Line, restoring: Restoring, key: Key) -> Plan | None:
    """What is known of where a component set may go; None where nothing is known of its writer."""
    document = stored_document(history, line, key[0])
    if document is None:
        return None
    told = history.world_machine(line).writers.get(key[0])
    read = restoring.targets.get(key)
    marks = [document.method_told] if document.method_told else []
    target: RestoreTarget | None = None
    if read is not None and read.read is not None:
        target = RestoreTarget(read.name) if read.name else None
        marks.append(read.read)
    elif told is not None and not told.unknown_target and (read is None or read.early is None or not told.targets):
        name = told.targets.get(key[2], told.targets.get(_ANY))
        target = RestoreTarget(word_of(RestoreTarget, name) or RestoreTarget.ORIGINAL)
    method = word_of(RestoreMethod, document.method)
    return Plan(
        document=document,
        told=document.method_told is not None,
        method=RestoreMethod(method) if method is not None else None,
        target=target,
        hosted_in=told.hosted_in if told is not None else None,
        marks=tuple(marks),
    )


def takes_part(document: WriterDocument) -> bool:
    """Whether a writer is known to take part in restores: it is selected where its files are restored."""
    return document.method_told is not None and not takes_no_part(document)


def takes_no_part(document: WriterDocument) -> bool:
    """Whether a writer is known to be left out: it has a procedure of its own, or asked for that."""
    custom = word_of(RestoreMethod, document.method) == RestoreMethod.CUSTOM
    return custom or document.writer_restore in _NO_PART


def definer_of(restoring: Restoring, writer: str, component: WriterComponent) -> Key | None:
    """The selected component whose set a component is of; one that is not selectable has no other in its set."""
    key = restoring.definer(writer, component.key) if component.key is not None else None
    above = component.document.components.get((key[1], key[2])) if key is not None else None
    return None if above is not None and above is not component and above.selectable is False else key


def parts_of(document: WriterDocument, restoring: Restoring, key: Key) -> list[WriterComponent]:
    """The components of the set that a selected one defines, as far as they are known."""
    return [part for part in document.components.values() if definer_of(restoring, key[0], part) == key]


def unnamed(one: FileSet | MappedSet) -> bool:
    """Whether a file set names no single file."""
    return not one.filespec or bool(WILD & set(one.filespec))
