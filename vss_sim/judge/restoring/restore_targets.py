"""Where writers want their components, as a requester reads it: restore targets, directed targets, new targets.

Writers say it while they handle PreRestore, so that what was read before tells nothing, and is remembered apart.
"""

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.ranges import parse_ranges
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.paths import folder_of, path_of
from vss_sim.judge.recorded import whole_number
from vss_sim.judge.restoring.restore_plan import stored_document
from vss_sim.judge.restoring.restores import (
    COMPONENTS,
    StoredComponent,
    WriterDocument,
    belongs,
)
from vss_sim.judge.restoring.told_places import DirectedFile, NewTarget, Target
from vss_sim.judge.words import word_of
from vss_sim.model.shown import written
from vss_sim.spec.enums import FileRestoreStatus, RestoreTarget
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import AFTER_PRE_RESTORE, POST_RESTORE_BEGUN
from vss_sim.spec.state import Phase


def _of(known: OtherObject) -> tuple[BackupObject, Target] | None:
    """The restore that a component object belongs to, and what is known of where the component goes."""
    component, owner = known.described, known.owner
    if not isinstance(component, StoredComponent) or owner is None or owner.restoring is None or not component.key:
        return None
    targets = owner.restoring.targets
    if component.key not in targets and len(targets) >= COMPONENTS:
        return None
    return owner, targets.setdefault(component.key, Target())


def learn_target(history: History, step: Step, known: OtherObject) -> None:
    """A target that no writer set is answered with the original one, or as not found."""
    found = _of(known)
    if found is None:
        return
    owner, target = found
    if step.code is not None and step.code.known is HResult.VSS_E_OBJECT_NOT_FOUND:
        name: str | None = RestoreTarget.ORIGINAL
    else:
        name = word_of(RestoreTarget, step.results.get("pTarget"))
    mark = step.mark(f"the restore target is {name}" if name else "the restore target was read")
    if holds(owner.state, AFTER_PRE_RESTORE) is Certainty.YES:
        target.name, target.read = name, mark
        _judge_directions(history, step, target)
    elif holds(owner.state, Phase.RESTORE.bit) is Certainty.YES:
        target.early = mark


def learn_directed(history: History, step: Step, known: OtherObject) -> None:
    """Where files, or ranges of them, are to go."""
    found = _of(known)
    if found is None:
        return
    owner, target = found
    results = step.results
    if holds(owner.state, AFTER_PRE_RESTORE) is Certainty.YES:
        target.directed_asked = True
        if whole_number(results.get("pcDirectedTarget")) == 0:
            target.undirected = step.mark("the component has no directed target")
            _judge_directions(history, step, target)
    names = [
        results.get(f"pbstr{name}")
        for name in ("SourcePath", "SourceFileName", "DestinationPath", "DestinationFilename")
    ]
    if not all(isinstance(name, str) for name in names) or len(target.directed) >= COMPONENTS:
        return
    source, destination = (f"{written(folder_of(str(a)))}\\{b}" for a, b in (names[:2], names[2:]))
    _judge_source(history, step, known, source)
    here, there = path_of(source), path_of(destination)
    ranges = results.get("pbstrDestinationRangeList")
    if here and there:
        listed = parse_ranges(ranges) if isinstance(ranges, str) else None
        mark = step.mark(f"{source!r} goes to {destination!r}")
        target.directed.append(DirectedFile(here, there, listed, mark))


def _judge_directions(history: History, step: Step, target: Target) -> None:
    """VSS_RT_DIRECTED without a directed target says nothing of where files go (inferred): an error of the writer."""
    if target.name == RestoreTarget.DIRECTED and target.undirected is not None:
        says = "the restore target is VSS_RT_DIRECTED, and the writer gave no directed target"
        marks = (mark for mark in (target.read, target.undirected) if mark is not None and mark[0] < step.number)
        history.note(step, Level.INFO, "rt-directed", says, *marks, at=At.WRITER)


def _judge_source(history: History, step: Step, known: OtherObject, named: str) -> None:
    """What a writer directs has to be a file of the component set, and of one saved in part, what was saved."""
    component, owner, source = known.described, known.owner, path_of(named)
    if not isinstance(component, StoredComponent) or component.key is None or owner is None or source is None:
        return
    key = component.key
    document = stored_document(history, step.line, key[0])
    parts = [part for own, part in document.components.items() if belongs(own, key)] if document is not None else []
    if parts and all(part.is_read for part in parts):
        covering = {id(one.component) for one in document.file_sets_with(source)} if document is not None else set()
        if not covering & {id(part) for part in parts}:
            says = f"the writer directs {named!r}, which is no file of the component set"
            history.note(step, Level.WARNING, "dt-source-in-component", says, at=At.WRITER)
    saved = owner.restoring.partial_ranges.get((*key, source)) if owner.restoring is not None else None
    asked = step.results.get("pbstrSourceRangeList")
    taken = parse_ranges(asked) if isinstance(asked, str) else None
    for offset, length in taken or () if saved is not None else ():
        if not any(start <= offset and offset + length <= start + size for start, size in saved or ()):
            says = f"the writer directs bytes of {named!r} that were not saved"
            history.note(step, Level.WARNING, "dt-partial-source", says, at=At.WRITER)
            return


def learn_partial_file(history: History, step: Step, known: OtherObject) -> None:
    """A file that was saved in part: which, and what of it."""
    del history
    component, owner, results = known.described, known.owner, step.results
    if not isinstance(component, StoredComponent) or component.key is None or owner is None or owner.restoring is None:
        return
    path, name, ranges = (results.get(f"pbstr{part}") for part in ("Path", "Filename", "Range"))
    partial = owner.restoring.partial_ranges
    if isinstance(path, str) and isinstance(name, str) and len(partial) < COMPONENTS:
        source = path_of(f"{folder_of(path)}\\{name}")
        if source is not None:
            partial[(*component.key, source)] = parse_ranges(ranges) if isinstance(ranges, str) else None


def judge_told_status(history: History, step: Step, known: OtherObject) -> None:
    """VSS_RS_UNDEFINED is what a component has until a status is set."""
    component, owner = known.described, known.owner
    if not isinstance(component, StoredComponent) or component.key is None or owner is None or owner.restoring is None:
        return
    restoring, told = owner.restoring, word_of(FileRestoreStatus, step.results.get("pStatus"))
    unset = component.key not in restoring.reported and restoring.status_complete and owner.made is not None
    if unset and told not in (None, FileRestoreStatus.UNDEFINED):
        says = f"the status is {told}, and no SetFileRestoreStatus was called for the component"
        history.note(step, Level.WARNING, "frs-default-undefined", says, *making_of(owner), at=At.IMPLEMENTATION)


def making_of(owner: BackupObject) -> tuple[tuple[int, str], ...]:
    """Where an object was made, as a ground; none where the log does not show it."""
    return (owner.made,) if owner.made else ()


def judge_used_mappings(history: History, step: Step, known: OtherObject) -> None:
    """A component lists the mappings that were used; which there are, the stored metadata of its writer says."""
    component, owner = known.described, known.owner
    if not isinstance(component, StoredComponent) or owner is None or owner.restoring is None or not component.key:
        return
    loaded = history.machine(step.line).stored_writers.get(component.key[0])
    stored = loaded.described if loaded is not None else None
    if not isinstance(stored, WriterDocument) or not stored.mappings or stored.mappings_read:
        return
    if component.key not in owner.restoring.recorded and holds(owner.state, POST_RESTORE_BEGUN) is Certainty.NO:
        says = f"a component lists mappings that were used; the stored metadata has {stored.mappings}, not read yet"
        marks = (stored.method_told,) if stored.method_told else ()
        history.note(step, Level.INFO, "alm-from-stored-metadata", says, *marks)


def learn_new_target(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """AddNewTarget declares where the files of a file set will go."""
    del history, certain
    key, restoring, arguments = component_key(step.line.in_), obj.restoring, step.arguments
    path, filespec = arguments.get("wszPath"), arguments.get("wszFileName")
    destination, recursive = path_of(arguments.get("wszAlternatePath")), truth_of(arguments.get("bRecursive"))
    if restoring is None or key is None or len(restoring.new_targets) >= COMPONENTS or destination is None:
        return
    if isinstance(path, str) and isinstance(filespec, str) and recursive is not None:
        declared = NewTarget(
            folder_of(path), filespec.casefold(), recursive, destination, step.mark("a new target was declared")
        )
        restoring.new_targets.setdefault(key, []).append(declared)
