"""Partial files: whoever declares to support them asks for them, saves their ranges files, and restores into the file.

A requester learns of partial files from components, once the writers have named them; where the log shows that writers
did and nobody asked, their data may not be saved. A ranges file is copied though no file set names it, or its content
is kept otherwise.
Page: https://learn.microsoft.com/windows/win32/vss/working-with-partial-files
"""

from collections.abc import Iterable
from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.backups.seen import FEW, Seen
from vss_sim.judge.backups.writer_metadata import seen_of
from vss_sim.judge.file_deeds import access_of, empties, file_changed
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.restoring.restores import StoredComponent
from vss_sim.judge.win32_words import succeeded
from vss_sim.judge.writers.writer_handlers import backup_in_progress
from vss_sim.model.shown import shown, written
from vss_sim.spec.methods import Signature
from vss_sim.spec.win32 import COPIES, WRITE
from vss_sim.trace.lines import Line

_ASKS: Final = ("IVssComponent::GetPartialFileCount", "IVssComponent::GetPartialFile")
_ADDS: Final = "IVssComponent::AddPartialFile"
_PREFIX: Final = "file="

WRITTEN: Final = COPIES | {"CreateFile", "WriteFile"}
"""Functions that put data into files."""


def learn_support(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Whether the requester declares to support partial files."""
    del history
    declared = truth_of(step.arguments.get("bPartialFileSupport")) if certain else None
    if declared:
        seen_of(obj).partial_support = step.mark("declared support of partial files")


def learn_partial(history: History, step: Step, signature: Signature, known: OtherObject | None) -> None:
    """What a writer names, or a requester reads, as partial files."""
    if step.succeeded is False:
        return
    owner = known.owner if known is not None else None
    if signature.full_name == _ADDS and owner is None:
        backup = backup_in_progress(history, step)
        path = _path(step.arguments, "wszPath", "wszFilename")
        if backup is not None and path is not None and history.documents.handler_at(step.number) is not None:
            _keep(backup, path, step.arguments.get("wszRanges"), step)
            seen_of(backup).partial_named = step.mark("a writer named a partial file")
    elif signature.full_name in _ASKS and owner is not None:
        seen_of(owner).partial_asked = True
        path = _path(step.results, "pbstrPath", "pbstrFilename")
        if path is not None:
            _keep(owner, path, step.results.get("pbstrRange"), step)
            _judge_moved(history, step, owner, known)


def _path(given: object, folder: str, name: str) -> str | None:
    """The path of a partial file, as paths are compared."""
    if not isinstance(given, dict):
        return None
    first, last = given.get(folder), given.get(name)
    if not isinstance(first, str) or not isinstance(last, str):
        return None
    return "\\".join((first.casefold().rstrip("\\"), last.casefold()))


def _keep(obj: BackupObject, path: str, ranges: object, step: Step) -> None:
    partial = seen_of(obj).partial
    if len(partial) < FEW:
        partial[path] = str(ranges or ""), step.mark("told of a partial file")


def learn_ranges_path(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Where a ranges file was put in this restore."""
    del history
    given = step.arguments
    key, index, path = component_key(given), given.get("iPartialFile"), given.get("wszRangesFile")
    moved = seen_of(obj).ranges_moved
    if key is not None and type(index) is int and isinstance(path, str) and len(moved) < FEW and certain:
        moved[key, index] = shown(path), step.mark("SetRangesFilePath told the new place")


def _judge_moved(history: History, step: Step, owner: BackupObject, known: OtherObject | None) -> None:
    """GetPartialFile tells the place that SetRangesFilePath told (rule pf-path-updated)."""
    stored = known.described if known is not None else None
    index, ranges = step.arguments.get("iPartialFile"), step.results.get("pbstrRange")
    if not isinstance(stored, StoredComponent) or stored.key is None or type(index) is not int or owner.seen is None:
        return
    told = owner.seen.ranges_moved.get((stored.key, index))
    if told is not None and isinstance(ranges, str) and ranges_file(ranges) != told[0]:
        says = f"the ranges are {ranges!r}, and the ranges file was moved to {told[0]!r}"
        history.note(step, Level.ERROR, "pf-path-updated", says, told[1], at=At.IMPLEMENTATION)


def ranges_file(ranges: str) -> str | None:
    """The path of the ranges file that a text names, with `File=` before it or without (dispute C55)."""
    text = ranges.strip()
    text = text[len(_PREFIX) :] if text.casefold().startswith(_PREFIX) else text
    return shown(text) if text[1:3] == ":\\" or text.startswith("\\\\") else None


def unasked(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """Whoever supports partial files asks for those that writers named before it tells that all is saved."""
    del history, line
    seen = obj.seen
    if seen is None or seen.partial_support is None or seen.partial_named is None or seen.partial_asked:
        return ()
    says = "a writer named a partial file, and no component was asked for its partial files before BackupComplete"
    grounds = (Ground(*seen.partial_support), Ground(*seen.partial_named))
    return (Finding(number, Level.INFO, At.REQUESTER, "pf-declare-support", says, grounds),)


def unsaved_ranges(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """A ranges file is saved, too; its content may be kept in another way than by copying it."""
    del history, line
    seen = obj.seen
    if seen is None or not seen.copied or not seen.copied_complete:
        return ()
    for ranges, mark in seen.partial.values():
        file = ranges_file(ranges)
        if file is not None and file not in seen.copied:
            name = written(file)
            says = f"the ranges file {name} was not copied; without its ranges the partial file cannot be restored"
            return (Finding(number, Level.INFO, At.REQUESTER, "pf-ranges-file-saved", says, (Ground(*mark),)),)
    return ()


def unlooked_for(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """Before files are restored, components are asked for partial ones."""
    del history, line
    restoring = obj.restoring
    if restoring is None or restoring.document is None or not restoring.selected:
        return ()
    named = restoring.document.partial
    if named is None or (obj.seen is not None and obj.seen.partial_asked):
        return ()
    says = "the backup has partial files, and no component was asked for them before the files were restored"
    return (Finding(number, Level.WARNING, At.REQUESTER, "pf-check-before-restore", says, (Ground(*named),)),)


def judge_restored(history: History, step: Step, name: str) -> None:
    """The ranges of a partial file are written into the file that is there, after its ranges file.

    A file that is only opened may be opened to prove that it can be written; its bytes are as they were.
    """
    path = file_changed(step, name)
    if name == "WriteFile" and path is None:
        path = history.machine(step.line).disk.opened(step.line.process).get(str(step.arguments.get("hFile")))
    if path is None or not succeeded(step):
        return
    if name == "CreateFile" and not access_of(step) & WRITE:
        return
    for obj in history.machine(step.line).restorers:
        seen = obj.seen
        if seen is None or obj.process != str(step.line.process or ""):
            continue
        if len(seen.copied) < FEW:
            seen.copied.add(path.casefold())
        if name in COPIES and _goes_back(step, seen, path):
            continue
        partial = seen.partial.get(path.casefold())
        if partial is not None and _judge_into(history, step, name, path, *partial):
            seen.partial[path.casefold()] = "", partial[1]  # it is said once


def _goes_back(step: Step, seen: Seen, path: str) -> bool:
    """Whether a file that was copied aside is copied back to where it was; one that is copied is remembered."""
    source = str(step.arguments.get("lpExistingFileName", "")).casefold()
    if seen.aside.get(source) == path.casefold():
        return True
    if source in seen.partial and len(seen.aside) < FEW:
        seen.aside[path.casefold()] = source
    return False


def _judge_into(history: History, step: Step, name: str, path: str, ranges: str, mark: tuple[int, str]) -> bool:
    """Judge a write into a partial file; whether it came before the ranges file."""
    made = empties(step)
    if name in COPIES or made:
        says = f"{path} is a partial file; its ranges go into the file that is there, and this replaces the whole"
        history.note(step, Level.WARNING, "pf-restore-into-existing", says, mark)
    file = ranges_file(ranges)
    copies = [obj.seen.copied for obj in history.machine(step.line).restorers if obj.seen is not None]
    early = not any(file in copied for copied in copies)
    if file is not None and early and (made or name != "CreateFile"):
        says = f"{path} is written before its ranges file {written(file)} is restored"
        history.note(step, Level.WARNING, "pf-ranges-file-first", says, mark)
        return True
    return False
