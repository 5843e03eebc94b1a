"""Originals of which a requester keeps copies, to put them back where the set cannot be restored as a whole.

CopyFile, MoveFileEx and ReplaceFile name both files. Who copies by handles reads one file and writes another: what is
written then may be a copy of what was read, or something else. Such a file is taken for a copy aside once it is read,
and its original written, after that was restored over; until then it only keeps the checker from saying that the set
was restored without any means to undo that.
Rules rm-fallback-copy-aside, rm-fallback-rollback.
"""

from typing import Final

from vss_sim.judge.file_deeds import Deed, FileDeed
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.placed_files import Fate, PlacedFile
from vss_sim.judge.restoring.put_back import ANYTHING, PutBack
from vss_sim.judge.restoring.restore_places import Place, Role, originals_named, places_of

_DECLARED: Final = (Role.NEW_TARGET, Role.DIRECTED)
_SOMEWHERE: Final = ""
_COPIES: Final = 64
"""Of so many copies of one file it is remembered where they lie."""


def put_aside(history: History, step: Step, obj: BackupObject, deed: FileDeed) -> bool:
    """Whether an original is copied to another place, from where it can be put back; or could not be read for that."""
    assert obj.restoring is not None  # noqa: S101 - the caller saw it
    for place in places_of(history, step.line, obj.restoring, deed.source or ""):
        if place.role is not Role.ORIGINAL and place.role not in _DECLARED:
            continue
        scene = Scene.of(history, step, obj, place.key, place.component)
        put_back = scene.put_back
        if place.role in _DECLARED:
            name = place.original if place.role is Role.NEW_TARGET else deed.source or ""
            if deed.deed is Deed.WRITE and put_back.keeps(name, deed.source or "", deed.path):
                return True
            continue
        if deed.source in put_back.scratch:
            continue
        known = put_back.originals.file(place.original)
        moved_there = known.fate is Fate.PUT_ASIDE and known.aside == deed.path
        if known.there is False or (known.fate is not Fate.UNTOUCHED and not moved_there):
            continue  # the restore made it, so that it is no original
        if deed.deed is Deed.WRITE:
            known.there, known.aside = True, deed.path
            put_back.is_scratch(deed.path)
        elif deed.blocked:
            put_back.staging_tried |= put_back.block(by_presence=False) is not None
            known.there, known.blocked = True, step.mark(f"{deed.source}: {deed.error}")
        put_back.originals.note(place.original, known)
        return True
    return False


def copied_by_handle(history: History, step: Step, obj: BackupObject, deed: FileDeed) -> None:
    """What is written through a handle may be a copy of originals that were read before it."""
    assert obj.restoring is not None  # noqa: S101 - the caller saw it
    restoring = obj.restoring
    asked = deed.path, tuple(path for path, _ in deed.read)
    if asked == restoring.copy_asked:
        return
    restoring.copy_asked = asked
    to: tuple[Place, ...] | None = None
    for source, _ in deed.read:
        for place in places_of(history, step.line, restoring, source) if source != deed.path else ():
            to = places_of(history, step.line, restoring, deed.path) if to is None else to
            if all(_may_lie_at(history, step, obj, one, deed) for one in to):
                _note(history, step, obj, place, source, deed)


def _may_lie_at(history: History, step: Step, obj: BackupObject, place: Place, deed: FileDeed) -> bool:
    """Whether a copy may lie at a place of a set: among the originals, under a name that no file had that was there.

    Of a file that was read, too, it is seen that it was there.
    """
    if place.role is Role.MISPLACED:
        return True
    if place.role is not Role.ORIGINAL or place.is_named:
        return False
    put_back = Scene.of(history, step, obj, place.key).put_back
    known = put_back.originals.known.get(place.original)
    if deed.path in put_back.scratch:
        return True
    return (known is None or known.there is not True) and all(path != deed.path for path, _ in deed.read)


def _note(history: History, step: Step, obj: BackupObject, place: Place, source: str, deed: FileDeed) -> None:
    put_back = Scene.of(history, step, obj, place.key).put_back
    if place.role in _DECLARED:
        put_back.keeps(place.original if place.role is Role.NEW_TARGET else source, source, deed.path)
        return
    known = put_back.originals.file(place.original)
    if place.role is not Role.ORIGINAL or known.fate is not Fate.UNTOUCHED or source in put_back.scratch:
        return
    if len(known.copies) < _COPIES:
        known.copies |= {deed.path}
        put_back.originals.note(place.original, known)
    if source == deed.read[-1][0]:
        put_back.is_scratch(deed.path)


def take_for_new_version(known: PlacedFile, deed: FileDeed) -> None:
    """What was taken for a copy of a file, and takes its place while that is as it was, is no copy of it."""
    if deed.deed is Deed.WRITE and known.touched is None and deed.source in known.copies:
        known.copies -= {deed.source}


def goes_somewhere(history: History, step: Step, obj: BackupObject, path: str, name: str) -> None:
    """A file gets a name at a place that nobody knows: what became of it is open, and of those of this name."""
    assert obj.restoring is not None  # noqa: S101 - the caller saw it
    obj.restoring.busy_elsewhere = True
    for key, original in originals_named(history, step, obj.restoring, name):
        _is_open(Scene.of(history, step, obj, key).put_back, original)
    for place in places_of(history, step.line, obj.restoring, path):
        put_back = Scene.of(history, step, obj, place.key).put_back
        _is_open(put_back, place.original)
        if place.role is Role.ORIGINAL:
            known = put_back.originals.file(place.original)
            known.copies |= {_SOMEWHERE}
            put_back.originals.note(place.original, known)


def _is_open(put_back: PutBack, original: str) -> None:
    put_back.taken_back = True
    put_back.originals.forget(original)
    put_back.mapped.forget(original)
    put_back.share(original, ANYTHING)


def comes_back(known: PlacedFile, deed: FileDeed) -> bool:
    """Whether content that comes to a file is what it had before, as far as the log shows where that lies."""
    if deed.source is not None and deed.source == known.aside:
        return True
    if known.fate is Fate.BACK and deed.handle is not None and deed.handle == known.back_by:
        return True
    touched = known.touched
    if touched is None:
        return False
    return deed.source in known.copies or any(
        line > touched and (path == known.aside or path in known.copies) for path, line in deed.read
    )


def is_reopened(known: PlacedFile, deed: FileDeed) -> bool:
    """Whether a restored file is emptied as it is opened, and its original may lie aside: its bytes tell what it is."""
    return deed.opening and known.fate is Fate.RESTORED and (known.aside is not None or bool(known.copies))
