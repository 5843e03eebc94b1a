"""The files that a requester puts back, one call after the other, against the restore-method table.

What a call does to a file is a deed (`file_deeds`), what the file's path is to a selected component set is a place
(`restore_plan`), what became of the set so far is remembered (`put_back`). A way of restoring that method and target
rule out is a breach (`vss_sim.spec.restore_breaches`); each is said once of a component set. Nothing is said where the
log, or the world in its header, does not show method, target, mapping or file.
"""

from collections.abc import Iterable
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.file_deeds import FILE_FUNCTIONS, Deed, FileDeed, deeds_of, makes_file
from vss_sim.judge.file_positions import SEEKS, follow
from vss_sim.judge.file_siblings import MARKED, RENAMED
from vss_sim.judge.file_sources import sources_of
from vss_sim.judge.findings import Level
from vss_sim.judge.history import OPEN_WORLD, History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import is_stream, path_of
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.copies_aside import copied_by_handle, goes_somewhere, put_aside
from vss_sim.judge.restoring.disk_view import DiskView
from vss_sim.judge.restoring.mapped_files import (
    file_at_new_target,
    file_on_backup_path,
    mapped_file,
    misplaced_file,
)
from vss_sim.judge.restoring.original_files import directed_file, looked_early, original_file
from vss_sim.judge.restoring.placed_files import FILES, Fate
from vss_sim.judge.restoring.put_back import Shared
from vss_sim.judge.restoring.restore_duties import has_ended
from vss_sim.judge.restoring.restore_places import Place, Role, is_of_others, originals_named, places_of, sets_around
from vss_sim.judge.restoring.restore_selection import judge_unselected
from vss_sim.judge.restoring.restores import Restoring
from vss_sim.judge.restoring.staged_files import judge_staged
from vss_sim.judge.win32_words import answer_of, bits_of, succeeded
from vss_sim.spec.protocol.common import COPYING_BACK, POST_RESTORE_BEGUN
from vss_sim.spec.state import Phase
from vss_sim.spec.win32 import BY_HANDLE, COPIES, DELETE_ON_CLOSE, DIRECTORY, MOVES, REPARSE_POINT, Win32Error

_OPEN: Final = 4096
_CHANGES: Final = 65536
_FOLDER: Final = "CreateDirectory"
_OPENS: Final = "CreateFile"
_OF_FILES: Final = COPIES | {"WriteFile", "SetEndOfFile", "DeleteFile", "ReplaceFile"}
"""Functions that succeed with no folder: CreateDirectory is told ERROR_ALREADY_EXISTS of a file, too."""
_HOMES: Final = (Role.ORIGINAL, Role.MAPPED)

JUDGED: Final = FILE_FUNCTIONS | SEEKS | {"CloseHandle", "BackupSeek", _FOLDER, BY_HANDLE}


def judge_file_call(history: History, step: Step, name: str) -> None:
    """Judge a file call, if a restore is going on, and remember what it did to the disk."""
    machine = history.machine(step.line)
    world = history.world_machine(step.line)
    if not machine.restorers and not world.volumes:
        return
    disk = machine.disk
    opened = disk.opened(step.line.process)
    positions = disk.positions_of(step.line.process)
    sources = sources_of(disk, step.line.process)
    if name == "CloseHandle":
        follow(step, name, positions)
        sources.follow(step, name, opened)
        _closed(history, step, disk)
        return
    if name == _FOLDER:
        _folder(step, machine.restorers, disk)
        return
    if name == BY_HANDLE and RENAMED in step.arguments:
        _renamed_somewhere(history, step, machine.restorers, disk)
        return
    if name == BY_HANDLE:
        _mark(step, opened, disk.marked_of(step.line.process))
        return
    if name == "GetFileAttributes":
        _look_for_link(history, step, machine.restorers)
    disk.tells_last_error |= "lastError" in step.results
    deeds = deeds_of(step, name, opened, positions, sources.of(step))
    if disk.folders and succeeded(step) and (name in _OF_FILES or (name == _OPENS and makes_file(step))):
        disk.folders.difference_update(deed.path for deed in deeds)
    follow(step, name, positions)
    sources.follow(step, name, opened)
    _judge(history, step, deeds)
    if name == _OPENS or name in MOVES:
        _take_on_handles(step, name, disk, deeds)


def _take_on_handles(step: Step, name: str, disk: DiskView, deeds: Iterable[FileDeed]) -> None:
    """Which handle leads to which file from now on: one that was opened, or renamed by its handle."""
    opened, process = disk.opened(step.line.process), step.line.process
    renamed = step.arguments.get("hFile") if name in MOVES and succeeded(step) else None
    for memory in (opened, disk.passing_of(process), disk.marked_of(process)) if isinstance(renamed, str) else ():
        memory.update({renamed: step.arguments["lpNewFileName"]} if renamed in memory else {})
    for deed in deeds:
        if deed.handle is not None and name == _OPENS:
            keep(opened, deed.handle, deed.shown, _OPEN)
            passing = disk.passing_of(process)
            passing.pop(deed.handle, None)
            disk.marked_of(process).pop(deed.handle, None)
            if bits_of(step.arguments.get("dwFlagsAndAttributes")) & DELETE_ON_CLOSE:
                keep(passing, deed.handle, deed.shown, _OPEN)


def _closed(history: History, step: Step, disk: DiskView) -> None:
    """A handle is closed; with FILE_FLAG_DELETE_ON_CLOSE its file is gone, as a proof may be undone."""
    handle = str(step.arguments.get("hObject", step.arguments.get("hFile")))
    disk.opened(step.line.process).pop(handle, None)
    marked = disk.marked_of(step.line.process).pop(handle, None)
    shown = disk.passing_of(step.line.process).pop(handle, marked)
    path = path_of(shown)
    if shown is not None and path is not None and succeeded(step):
        _judge(history, step, (FileDeed(path, Deed.REMOVE, there=True, shown=shown),))


def _mark(step: Step, opened: dict[str, str], marked: dict[str, str]) -> None:
    """The file behind a handle is marked for deletion when that is closed, or is so no more."""
    handle = str(step.arguments.get("hFile"))
    if step.arguments.get(MARKED) is False:
        marked.pop(handle, None)
    elif step.arguments.get(MARKED) and handle in opened:
        keep(marked, handle, opened[handle], _OPEN)


def _renamed_somewhere(history: History, step: Step, restorers: Iterable[BackupObject], disk: DiskView) -> None:
    """A file is renamed by its handle to a path that nobody knows."""
    handle, process = str(step.arguments.get("hFile")), step.line.process
    path = path_of(disk.opened(process).pop(handle, None))
    disk.passing_of(process).pop(handle, None)
    disk.marked_of(process).pop(handle, None)
    if path is None:
        return
    disk.changed.pop(path, None)
    for obj in restorers:
        if obj.restoring is not None and obj.process == str(process or "") and _has_begun(obj):
            goes_somewhere(history, step, obj, path, (path_of(step.arguments[RENAMED]) or "").rpartition("\\")[2])


def _judge(history: History, step: Step, deeds: tuple[FileDeed, ...]) -> None:
    """Judge what a call did to files, and remember it; what is no file, or an alternate stream, is no file of a set."""
    machine = history.machine(step.line)
    deeds = tuple(deed for deed in deeds if not is_stream(deed.path) and deed.path not in machine.disk.folders)
    for obj in machine.restorers if deeds else ():
        if obj.restoring is not None and obj.process == str(step.line.process or ""):
            _judge_of_object(history, step, obj, obj.restoring, deeds)
        elif obj.restoring is not None and len(obj.restoring.by_others) < FILES and _has_begun(obj):
            obj.restoring.by_others.update(deed.path for deed in deeds if deed.deed in (Deed.MAKE, Deed.WRITE))
    for deed in deeds:
        _remember(machine.disk, deed)


def _judge_of_object(
    history: History, step: Step, obj: BackupObject, restoring: Restoring, deeds: tuple[FileDeed, ...]
) -> None:
    judge_staged(history, step, obj, restoring, deeds)
    if restoring.selected:
        history.machine(step.line).disk.calls += 1
        _judge_deeds(history, step, obj, deeds)
        return
    for deed in deeds:
        if deed.deed is Deed.WRITE:
            judge_unselected(history, step, restoring, deed)


def _folder(step: Step, restorers: Iterable[BackupObject], disk: DiskView) -> None:
    """A folder that could not be made keeps files from their places; what else was to go there nobody knows."""
    folder = path_of(step.arguments.get("lpPathName"))
    if succeeded(step) or answer_of(step) == Win32Error.ERROR_ALREADY_EXISTS.name:
        disk.is_folder(folder)
        return
    mark = step.mark(f"{step.arguments.get('lpPathName')} could not be made: {answer_of(step)}")
    for obj in restorers:
        if obj.restoring is None or obj.process != str(step.line.process or ""):
            continue
        obj.restoring.busy_elsewhere = True
        for put_back in obj.restoring.sets.values() if folder is not None else ():
            put_back.originals.has_no_folder(folder or "", mark)


def _look_for_link(history: History, step: Step, restorers: Iterable[BackupObject]) -> None:
    """Where a reparse point is gone, what is behind it belongs elsewhere (path-mounted-restore).

    Of a world that is not told nobody knows whether a plain folder among the files was one, or what is missing there.
    """
    folder = path_of(step.arguments.get("lpFileName"))
    was_one = history.world.leads_elsewhere(step.line.machine, folder) if folder is not None else False
    found = succeeded(step)
    kind = bits_of(step.results.get("dwFileAttributes", REPARSE_POINT)) & (DIRECTORY | REPARSE_POINT)
    if found and kind & DIRECTORY:
        history.machine(step.line).disk.is_folder(folder)
    if folder is None or was_one is False or (found and kind != DIRECTORY):
        return
    for obj in restorers:
        if obj.restoring is None or obj.process != str(step.line.process or "") or not _has_begun(obj):
            continue
        for key in sets_around(history, step.line, obj.restoring, folder):
            put_back = Scene.of(history, step, obj, key).put_back
            if was_one or found:
                put_back.link_lost = True
            elif len(put_back.missing) < FILES:
                put_back.missing.add(folder)


def _remember(disk: DiskView, deed: FileDeed) -> None:
    if deed.deed in (Deed.MAKE, Deed.WRITE, Deed.REMOVE):
        if len(disk.changed) < _CHANGES:
            disk.changed[deed.path] = deed.deed is not Deed.REMOVE
        else:
            disk.complete = False


def _judge_deeds(history: History, step: Step, obj: BackupObject, deeds: Iterable[FileDeed]) -> None:
    assert obj.restoring is not None  # noqa: S101 - the caller saw it
    for deed in deeds:
        _pass_on(history, step, obj.restoring, deed)
    for deed in deeds:
        if deed.source is not None and _may_lie_aside(obj, deed) and put_aside(history, step, obj, deed):
            continue
        if deed.read and deed.deed is Deed.WRITE:
            copied_by_handle(history, step, obj, deed)
        places = places_of(history, step.line, obj.restoring, deed.path)
        if not places and deed.deed in (Deed.WRITE, Deed.REFUSED):
            _nowhere(history, step, obj, deed)
        if len(places) > 1 or (places and is_of_others(history, step.line, obj.restoring, deed.path)):
            for place in places:
                scene = Scene.of(history, step, obj, place.key)
                _worked_on(scene, deed)
                scene.put_back.share(place.original, _became(scene, place, deed) if _has_begun(obj) else Shared(0))
        elif places:
            _judge_deed(history, step, obj, places[0], deed)


def _judge_deed(history: History, step: Step, obj: BackupObject, place: Place, deed: FileDeed) -> None:
    """A deed at a place that is of one component set alone."""
    scene = Scene.of(history, step, obj, place.key, place.component, deed.shown)
    if deed.path in scene.put_back.scratch:
        return
    _worked_on(scene, deed)
    if deed.deed is not Deed.LOOK:
        scene.put_back.missing.discard(place.original)
    scene.perhaps = deed.path if place.role in _HOMES and not place.is_named else None
    if _is_left_out(scene, place):
        scene.put_back.share(place.original, _became(scene, place, deed) if _has_begun(obj) else Shared(0))
    elif _has_begun(obj):
        _LOOKERS[place.role](scene, place, deed)
    elif place.role is Role.ORIGINAL:
        looked_early(scene, deed)


def _is_left_out(scene: Scene, place: Place) -> bool:
    """Whether there are too many files to remember this one: then nobody knows what it was before a deed."""
    if place.role not in _HOMES:
        return False
    files = scene.put_back.mapped if place.role is Role.MAPPED else scene.put_back.originals
    if place.original in files.known or len(files.known) < FILES:
        return False
    if files.complete:
        files.complete = False
        scene.history.undecided += 1
        says = f"{FILES} files of the component {scene.component[1]!r} are followed; of the others nothing is said"
        scene.history.note(scene.step, Level.INFO, OPEN_WORLD, says)
    return True


def _pass_on(history: History, step: Step, restoring: Restoring, deed: FileDeed) -> None:
    """What the restore wrote beside the files of a set, and moved to one of them, is a temporary file and none of it.

    So is what was copied to one of them and is removed. A file that its file set names is one of the set.
    """
    removed = deed.deed is Deed.REMOVE and deed.taken is None
    written = deed.path if removed else deed.source
    for place in places_of(history, step.line, restoring, written) if written is not None else ():
        put_back = restoring.sets.get(place.key)
        if put_back is None:
            continue
        files = put_back.mapped if place.role is Role.MAPPED else put_back.originals
        known = files.known.get(place.original)
        if known is None or known.fate not in (Fate.RESTORED, Fate.EMPTY) or place.is_named:
            continue
        passes = removed or any(to.key == place.key for to in places_of(history, step.line, restoring, deed.path))
        if passes and (deed.moves or (removed and known.passed_on)):
            put_back.is_scratch(written or "")
            files.forget(place.original)
        known.passed_on |= passes and deed.deed is Deed.WRITE


def _worked_on(scene: Scene, deed: FileDeed) -> None:
    if deed.deed is not Deed.LOOK:
        scene.put_back.last_deed = scene.step.number


def _became(scene: Scene, place: Place, deed: FileDeed) -> Shared:
    """What a deed may have made of a file that several sets have."""
    comes = deed.opening or deed.source is not None
    perhaps_there = deed.there or (deed.there is None and comes)
    blocks = deed.deed is Deed.REFUSED and deed.there is not False
    found = Shared(0)
    if blocks or (scene.by_presence and perhaps_there):
        found |= Shared.BLOCKS
    if deed.deed in (Deed.MAKE, Deed.WRITE, Deed.REMOVE) or deed.emptied:
        found |= Shared.CHANGED
    if deed.writing or deed.removing:
        found |= Shared.BROKE
    if place.role is not Role.ORIGINAL:
        found |= Shared.ELSEWHERE
    return found if place.is_named or deed.deed is Deed.LOOK else found | Shared.WAITS


def _nowhere(history: History, step: Step, obj: BackupObject, deed: FileDeed) -> None:
    """A file is written at a place that is none of a selected component set."""
    restoring = obj.restoring
    if restoring is None or not _has_begun(obj):
        return
    restoring.busy_elsewhere = True
    if deed.deed is Deed.REFUSED:
        return
    judge_unselected(history, step, restoring, deed)
    name = deed.path.rpartition("\\")[2]
    if deed.source is None and len(restoring.other_names) < FILES:
        restoring.other_names.add(name)
    if deed.source is None or deed.source.rpartition("\\")[2] != name:
        return
    for key, path in originals_named(history, step, restoring, name):
        scene = Scene.of(history, step, obj, key)
        _worked_on(scene, deed)
        gone = scene.put_back.elsewhere
        if len(gone) < FILES:
            gone[path] = step.mark(f"{name!r} went to {deed.shown}")


def _may_lie_aside(obj: BackupObject, deed: FileDeed) -> bool:
    """Whether what a deed copied or moved may be put back later; before PreRestore, that is what was copied only."""
    copies = deed.deed is Deed.WRITE and not deed.moves
    return _has_begun(obj) or (copies and holds(obj.state, POST_RESTORE_BEGUN) is Certainty.NO)


def _has_begun(obj: BackupObject) -> bool:
    """Whether PreRestore was handled for certain, and PostRestore not begun."""
    running = obj.running.get(Phase.PRE_RESTORING.bit)
    return holds(obj.state, COPYING_BACK) is Certainty.YES and (running is None or has_ended(obj, running))


_LOOKERS: Final = {
    Role.ORIGINAL: original_file,
    Role.MAPPED: mapped_file,
    Role.MISPLACED: misplaced_file,
    Role.BACKUP_PATH: file_on_backup_path,
    Role.NEW_TARGET: file_at_new_target,
    Role.DIRECTED: directed_file,
}
