"""What is selected in a restore, against the sets that components form, and the files that are put back.

A subcomponent lies below the component that it is added under. Once one was added, only what was added of that set is
restored; else all of it is. Which files a component has is known where the stored metadata was read.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.selection.components import Key, ancestors, is_below, key_of, spelt
from vss_sim.engine.selection.file_sets import WILD
from vss_sim.judge.documents.document_requests import ends
from vss_sim.judge.file_deeds import access_of, file_changed
from vss_sim.judge.findings import At, Finding, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, Mark, OtherObject
from vss_sim.judge.restoring.restore_plan import stored_document
from vss_sim.judge.restoring.restores import (
    COMPONENTS,
    ComponentKey,
    Restoring,
    StoredComponent,
    WriterComponent,
    WriterDocument,
)
from vss_sim.judge.win32_words import succeeded
from vss_sim.judge.words import word_of
from vss_sim.model.shown import written
from vss_sim.spec.backup_types import BASES
from vss_sim.spec.enums import FileRestoreStatus, RestoreTarget
from vss_sim.spec.table import Force
from vss_sim.spec.win32 import COPIES, MOVES, WRITE
from vss_sim.trace.lines import Line

_AT_HOME: Final = (RestoreTarget.UNDEFINED, RestoreTarget.ORIGINAL, RestoreTarget.ORIGINAL_LOCATION)

PUTS: Final = COPIES | MOVES | {"CreateFile", "ReplaceFile", "WriteFile"}
"""Functions that put a file back."""


def set_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A subcomponent belongs to the set of the component that it is added under."""
    del history
    key, sub = component_key(line.in_), _sub(line.in_ or {})
    if key is None or sub is None or is_below(sub, (key[1], key[2])):
        return
    words = f"{spelt(sub)!r} does not lie below {spelt((key[1], key[2]))!r}"
    because = (Ground(*obj.made),) if obj.made else ()
    yield Trouble("sel-r-set-definition", (), words, Force.UNSURE, because, level=Level.WARNING)


def _sub(arguments: dict[str, Any]) -> Key | None:
    path, name = arguments.get("wszSubComponentLogicalPath"), arguments.get("wszSubComponentName")
    return key_of(path, name) if isinstance(path, str) and isinstance(name, str) else None


def learn_subcomponent(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Only what was added of this set is restored from now on."""
    del history, certain
    key, sub = component_key(step.arguments), _sub(dict(step.arguments))
    restoring = obj.restoring
    if restoring is not None and key is not None and sub is not None and len(restoring.subcomponents) < COMPONENTS:
        restoring.subcomponents.setdefault(key, {})[sub] = step.mark(f"added the subcomponent {spelt(sub)!r}")


def together(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """Required components are restored together (dispute C44 has it as advice)."""
    restoring = obj.restoring
    if restoring is None or not restoring.selected or not restoring.selection_complete:
        return
    document = restoring.document
    for key in sorted(document.components or ()) if document is not None else ():
        mark = next((mark for other, mark in restoring.selected.items() if other[0] == key[0]), None)
        if mark is None or key in restoring.selected or _is_dropped(history, line, restoring, key):
            continue
        if _is_required(stored_document(history, line, key[0]), key):
            says = (
                f"{key[2]!r} is not selectable, and nothing selectable is above it; others of its writer are restored"
            )
            yield Finding(number, Level.WARNING, At.REQUESTER, "sel-r-required-together", says, (Ground(*mark),))
            return


def _is_dropped(history: History, line: Line, restoring: Restoring, key: ComponentKey) -> bool:
    """Whether a component is left out since it was not saved, or with another one that it depends on."""
    if key in restoring.not_saved:
        return True
    tied = (there for here, there in map(ends, history.machine(line).stored_ties) if here == key)
    return any(there is not None and restoring.definer(there[0], there[1:]) is None for there in tied)


def _is_required(document: WriterDocument | None, key: ComponentKey) -> bool:
    if document is None:
        return False
    own = key_of(key[1], key[2])
    component = document.components.get(own)
    known = document.component_count is not None and len(document.components) >= document.component_count
    above = [document.components[one] for one in ancestors(own) if one in document.components]
    return (
        component is not None
        and component.selectable is False
        and (known or not own[0])
        and not any(one.selectable is not False for one in above)
    )


def judge_put_back(history: History, step: Step, name: str) -> None:
    """A file is put back; of a set with added subcomponents, only theirs are.

    One that is only opened to be written counts as put back, since it may have no bytes.
    """
    path = file_changed(step, name)
    if path is None and name == "WriteFile":
        path = history.machine(step.line).disk.opened(step.line.process).get(str(step.arguments.get("hFile")))
    if path is None or not succeeded(step) or (name == "CreateFile" and not access_of(step) & WRITE):
        return
    for obj in history.machine(step.line).restorers:
        restoring = obj.restoring
        if restoring is None or not restoring.selected or obj.process != str(step.line.process or ""):
            continue
        if len(restoring.put_back) < COMPONENTS:
            restoring.put_back.add(path.casefold())
        else:
            restoring.put_back_complete = False
        for key, chosen in restoring.subcomponents.items() if name != "CreateFile" else ():
            document = stored_document(history, step.line, key[0])
            component = document.component_with(path) if document is not None else None
            if component is not None and component.key is not None:
                _judge_of_set(history, step, key_of(*component.key), key, chosen)


def _judge_of_set(history: History, step: Step, own: Key, key: ComponentKey, chosen: dict[Key, Mark]) -> None:
    """A file of `own` is put back, and of the set of `key` subcomponents were added."""
    definer = key_of(key[1], key[2])
    of_the_set = own == definer or is_below(own, definer)
    if of_the_set and own not in chosen and not any(is_below(own, one) for one in chosen):
        says = f"a file of {spelt(own)!r} is restored, and only the subcomponents that were added are to be"
        history.note(step, Level.WARNING, "sel-r-sub-exclusive", says, next(iter(chosen.values())))


def not_put_back(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """A set is restored whole, where the log shows what is put back at all."""
    restoring, key = obj.restoring, component_key(line.in_)
    status = word_of(FileRestoreStatus, (line.in_ or {}).get("status"))
    if restoring is None or key is None or status != FileRestoreStatus.ALL:
        return
    document = stored_document(history, line, key[0])
    if document is None or key in restoring.subcomponents or not restoring.put_back or not restoring.put_back_complete:
        return
    if restoring.busy_elsewhere or restoring.backup_type in BASES:
        return
    definer = key_of(key[1], key[2])
    own = document.components.get(definer)
    if own is None or own.selectable is not True or not _any_of(document, own, restoring):
        return
    for part in document.components.values():
        missing = next((name for path, name in _named(part) if path not in restoring.put_back), None)
        if part.key is not None and missing is not None and is_below(key_of(*part.key), definer):
            says = f"{missing} of {part.key[1]!r}, which goes with {key[2]!r}, was not put back"
            mark = restoring.selected.get(key)
            grounds = (Ground(*mark),) if mark else ()
            yield Finding(number, Level.WARNING, At.REQUESTER, "sel-r-implied", says, grounds)
            return


def _any_of(document: WriterDocument, component: WriterComponent, restoring: Restoring) -> bool:
    """Whether a file of the component itself was put back."""
    return any(document.component_with(path) is component for path in restoring.put_back)


def _named(component: WriterComponent) -> Iterator[tuple[str, str]]:
    """The files that a component names one by one: as their paths are compared, and as they were written."""
    for folder, filespec, _ in component.sets:
        if filespec and not WILD & set(filespec):
            yield f"{folder}\\{filespec}", f"{written(folder)}\\{written(filespec)}"


def learn_moved(step: Step, known: OtherObject) -> None:
    """A writer wants files elsewhere: what is not at its place may have been put back all the same."""
    restoring = known.owner.restoring if known.owner is not None else None
    target = step.results.get("pTarget")
    if restoring is not None and target is not None and word_of(RestoreTarget, target) not in _AT_HOME:
        restoring.put_back_complete = False


def judge_saved(history: History, step: Step, known: OtherObject) -> None:
    """What the document says of success it still says when it is loaded."""
    stored, owner = known.described, known.owner
    restoring = owner.restoring if owner is not None else None
    if (
        restoring is None
        or not isinstance(stored, StoredComponent)
        or truth_of(step.results.get("pbSucceeded")) is not False
    ):
        return
    document = restoring.document
    if stored.key is not None and len(restoring.not_saved) < COMPONENTS:
        restoring.not_saved.add(stored.key)
    if document is not None and stored.key in document.succeeded:
        says = f"{stored.key[2]!r} was marked as saved before the document was, and is said to have failed"
        history.note(step, Level.ERROR, "doc-bcd-roundtrip", says, document.saved, at=At.IMPLEMENTATION)


def judge_entry(history: History, step: Step, known: OtherObject) -> None:
    """A subcomponent that was added has no entry of its own; it is listed under its ancestor."""
    stored, restoring = known.described, known.owner.restoring if known.owner is not None else None
    if not isinstance(stored, StoredComponent) or stored.key is None or restoring is None:
        return
    document = restoring.document
    if document is None or document.components is None or stored.key in document.components:
        return
    own = key_of(stored.key[1], stored.key[2])
    mark = next((chosen[own] for key, chosen in restoring.subcomponents.items() if own in chosen), None)
    if mark is not None:
        says = f"{spelt(own)!r} was added as a subcomponent, and has an entry of its own"
        history.note(step, Level.ERROR, "sel-r-sub-no-entry", says, mark, at=At.IMPLEMENTATION)
