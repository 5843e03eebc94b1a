"""Files that a requester puts to their original places, and to the directed targets that a writer names.

What is seen there decides where the set may go: a file that is there, one that cannot be written, a proof before the
first byte. A file that was written may turn out to be one that is staged; what is wrong with it then is held back.
"""

from typing import Final

from vss_sim.engine.ranges import lies_within
from vss_sim.judge.file_deeds import Deed, FileDeed, missing_folder
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.copies_aside import comes_back, is_reopened, take_for_new_version
from vss_sim.judge.restoring.mapped_files import as_found, is_taken_back
from vss_sim.judge.restoring.placed_files import FILES, Fate, Mark, PlacedFile
from vss_sim.judge.restoring.restore_places import Place
from vss_sim.judge.restoring.restore_services import judge_files_and_services
from vss_sim.spec.enums import RestoreMethod, RestoreTarget
from vss_sim.spec.restore_breaches import Breach
from vss_sim.spec.restoring.words import Branch
from vss_sim.spec.win32 import Win32Error

_DENIED: Final = Win32Error.ERROR_ACCESS_DENIED.name
"""An attribute may be in the way, which a requester takes off and tries again."""
_PROVEN: Final = (
    RestoreMethod.RESTORE_IF_NOT_THERE,
    RestoreMethod.RESTORE_IF_CAN_REPLACE,
    RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE,
)
"""The methods whose page asks for a proof before anything is written."""


def looked_early(scene: Scene, deed: FileDeed) -> None:
    """A look before PreRestore: what was in the way then need not be afterwards, and what was not may be."""
    scene.put_back.early_look = scene.put_back.early_look or scene.step.mark(f"{deed.shown} was looked at")
    if deed.blocked or deed.there:
        what = "could not be written" if deed.blocked else "was there"
        scene.put_back.early_block = scene.step.mark(f"{deed.shown} {what}")


def original_file(scene: Scene, place: Place, deed: FileDeed) -> None:
    """A deed at the original place of a file."""
    put_back = scene.put_back
    known = put_back.originals.file(place.original)
    known.named = place.is_named
    deed = as_found(scene, known, deed)
    if deed.opening:
        known.back_by = None
    take_for_new_version(known, deed)
    if deed.deed is Deed.REFUSED and _stays_staged(scene, place, deed):
        return
    if deed.deed is Deed.REFUSED or (deed.deed is Deed.LOOK and deed.there is False):
        _stopped(scene, known, deed)
    elif deed.deed in (Deed.LOOK, Deed.OPEN, Deed.MAKE):
        _proven(scene, known, deed)
    elif deed.deed is Deed.REMOVE:
        _removed(scene, place, known, deed)
    elif comes_back(known, deed):
        _put_back(scene, known, deed)
    elif not is_reopened(known, deed):
        _restored(scene, place, known, deed)
    put_back.originals.note(place.original, known)


def _put_back(scene: Scene, known: PlacedFile, deed: FileDeed) -> None:
    """The original comes back; the files that its bytes may be of lie aside, and are none of the set."""
    for path in known.copies & {deed.source or "", *(path for path, _ in deed.read)}:
        scene.put_back.is_scratch(path)
    known.fate, known.broken, known.back_by = Fate.BACK, None, deed.handle
    scene.put_back.taken_back = True


def _stays_staged(scene: Scene, place: Place, deed: FileDeed) -> bool:
    """Whether a requester tries in vain to remove a file that it may have made for the restart and not for the set."""
    if place.is_named or not deed.removing or deed.path not in scene.put_back.later:
        return False
    scene.put_back.is_scratch(deed.path)
    scene.put_back.staging_tried = True
    return True


def _stopped(scene: Scene, known: PlacedFile, deed: FileDeed) -> None:
    """A call that failed, or that found nothing: what it shows of the file."""
    mark = scene.step.mark(f"{deed.shown}: {deed.error}")
    if deed.there is False:
        known.there, known.seen_there = (False, None) if known.fate is Fate.UNTOUCHED else (known.there, None)
        known.free = mark if not missing_folder(deed) else known.free
        known.no_folder |= missing_folder(deed)
        known.looked_absent |= deed.deed is Deed.LOOK and known.fate is Fate.UNTOUCHED
        return
    if deed.there:
        known.seen_there = mark if known.fate is Fate.UNTOUCHED else known.seen_there
    if comes_back(known, deed) or is_reopened(known, deed):
        known.kept_from_going_back = True
        return
    blocks = deed.blocked or (deed.there and scene.by_presence)
    written = scene.put_back.restored
    if deed.blocked:
        known.blocked = mark
        scene.put_back.broke = mark if known.proof is not None else scene.put_back.broke
        known.broken = mark if deed.writing else known.broken
    proven = known.was_proven(deed.handle, written)
    if proven and deed.writing:
        scene.put_back.write_failed = True
        return
    if blocks:
        scene.put_back.proofs += 1  # the proof failed, and may be made again
        scene.put_back.staging_tried |= known.there is False and _waits_anyway(scene, deed)
    if not blocks or written is None or proven or known.aside is not None or scene.put_back.can_be_rolled_back:
        return
    if scene.method in _PROVEN and not (known.looked_absent and scene.put_back.can_be_undone):
        _say_unproven(scene, deed, written)


def _waits_anyway(scene: Scene, deed: FileDeed) -> bool:
    """Whether another file of the set is in the way already, so that one that cannot be made may be for the restart."""
    block = scene.put_back.block(by_presence=False, but=deed.path)
    return block is not None and scene.ways is not None and Branch.REBOOT in scene.ways.branches


def _say_unproven(scene: Scene, deed: FileDeed, written: Mark) -> None:
    """What was written before may all be staged, or temporary, as what could not be written now.

    It is said once that is known.
    """
    put_back = scene.put_back
    if Breach.UNPROVEN.name in put_back.said:
        return
    files = put_back.originals
    written_before = (files.known[path] for path in files.written)
    renames = deed.moves and deed.source in put_back.scratch
    if (renames and not any(file.arrived or file.named for file in written_before)) or all(
        path in put_back.later for path in files.written
    ):
        put_back.later.setdefault(deed.path, lambda: _say_if_it_stays(scene, written))
    elif deed.error == _DENIED:
        known = put_back.originals.file(deed.path)
        put_back.hold(None, lambda: None if known.fate is Fate.RESTORED else scene.say(Breach.UNPROVEN, written))
    else:
        scene.say(Breach.UNPROVEN, written)


def _say_if_it_stays(scene: Scene, written: Mark) -> None:
    """Files that are gone again were staged, or temporary; what was written since was proven."""
    if any(mark[0] < scene.step.number for mark in scene.put_back.originals.written.values()):
        scene.say(Breach.UNPROVEN, written)


def _proven(scene: Scene, known: PlacedFile, deed: FileDeed) -> None:
    """A file that was looked at, or opened or made in order to write it."""
    mark = scene.step.mark(f"{deed.shown} was {deed.deed.value.partition(',')[0]}")
    if deed.deed is Deed.LOOK:
        if deed.there and known.fate is Fate.UNTOUCHED:
            known.seen_there = scene.step.mark(f"{deed.shown} is there")
        return
    known.free, known.blocked = mark, None
    known.perhaps_made |= known.there is None and deed.there is None
    if known.proof is None or known.proof[0] != scene.put_back.proofs:
        known.proof = scene.put_back.proofs, deed.handle
    if deed.deed is Deed.MAKE:
        known.fate = Fate.EMPTY
    elif deed.there and known.fate is Fate.UNTOUCHED:
        known.seen_there = mark
    if scene.method in _PROVEN and deed.shared:
        scene.say(Breach.SHARED_PROOF)
    if scene.by_presence and not deed.created_new:
        scene.say(Breach.NOT_CREATE_NEW)


def _removed(scene: Scene, place: Place, known: PlacedFile, deed: FileDeed) -> None:
    """A file was taken away: one that the restore made, or an original.

    What the log made itself before is none.
    """
    if known.fate is Fate.UNTOUCHED and scene.history.machine(scene.step.line).disk.changed.get(deed.path):
        known.perhaps_made = True
    if known.fate is Fate.EMPTY or (known.fate is Fate.RESTORED and known.there is False):
        written = known.written if known.fate is Fate.RESTORED else None
        scene.put_back.undone = scene.put_back.undone or known.broken or written
        known.fate, known.written, known.blocked, known.broken = Fate.UNTOUCHED, None, None, None
        scene.put_back.later.pop(deed.path, None)
        scene.put_back.staging_tried = scene.put_back.taken_back = True
        return
    if known.fate is Fate.UNTOUCHED and scene.by_presence and deed.taken is None:
        scene.say(Breach.OVERWRITTEN, known.seen_there)
    if known.fate is not Fate.RESTORED or known.aside is None:
        known.aside = deed.taken or known.aside  # else the original lies aside already
    known.deleted = known.there is True and known.aside is None and not known.perhaps_made
    if known.deleted and scene.ways is not None and Branch.ORIGINAL not in scene.ways.branches:
        scene.put_back.hold(None, lambda: _lost_if_of_the_set(scene, place))
    known.fate = Fate.PUT_ASIDE
    known.written = scene.step.mark(f"{deed.shown} was taken away")
    known.seen_there = None


def _lost_if_of_the_set(scene: Scene, place: Place) -> None:
    """A file that was deleted where nothing of the set may change, if it is one for certain: named, or restored."""
    if place.is_named or place.original in scene.put_back.went:
        scene.say(Breach.ORIGINAL_LOST)


def _restored(scene: Scene, place: Place, known: PlacedFile, deed: FileDeed) -> None:
    """Content comes to the original place of a file."""
    put_back = scene.put_back
    scene.say_of_the_writer()
    scene.say_of_the_target()
    scene.say_of_declared_places(place)
    _judge_way(scene, place, known)
    if scene.by_presence and not deed.created_new and (deed.handle is None or deed.opening):
        scene.say(Breach.NOT_CREATE_NEW)
        if put_back.early_look is not None and known.free is None and known.seen_there is None:
            scene.say(Breach.LOOKED_EARLY, put_back.early_look)
    proof = known.proof[1] if known.proof is not None and known.proof[0] == put_back.proofs else None
    if proof is not None and known.fate in (Fate.UNTOUCHED, Fate.EMPTY) and deed.handle != proof:
        scene.say(Breach.OTHER_HANDLE)
    _judge_range(scene, place, deed)
    judge_files_and_services(scene)
    scene.restoring.any_written = True
    known.fate, known.blocked, known.broken = Fate.RESTORED, None, None
    known.arrived |= deed.source in put_back.scratch
    known.written = scene.step.mark(f"{deed.shown} was written")
    known.free = known.free or known.written


def _judge_range(scene: Scene, place: Place, deed: FileDeed) -> None:
    """Of a file that was saved in part, the saved ranges go into the file that is there, and nothing else does."""
    saved = scene.restoring.partial_ranges.get((*scene.key, place.original))
    if not saved or deed.offset is None or deed.length is None:
        return
    if not lies_within(saved, deed.offset, deed.length):
        seen = scene.obj.seen
        told = seen.partial.get(place.original) if seen is not None else None
        scene.say(Breach.OUTSIDE_SAVED, told[1] if told is not None else None)


def _judge_way(scene: Scene, place: Place, known: PlacedFile) -> None:
    """Whether the original place is one where this file may go."""
    ways, put_back = scene.ways, scene.put_back
    if ways is not None and Branch.REBOOT in ways.branches and known.there is False:
        _hold_back(scene, place)
    elif ways is not None and scene.target is not RestoreTarget.DIRECTED:
        block = put_back.block(by_presence=ways.by_presence, but=place.original)
        if Branch.ORIGINAL not in ways.branches or put_back.staged:
            _judge_ruled_out(scene, known)
        elif ways.by_presence and known.there and known.fate is not Fate.RESTORED:
            scene.say(Breach.OVERWRITTEN, known.seen_there)
        elif put_back.moved is not None:
            scene.say(Breach.SPLIT, put_back.moved)
        elif block is not None:
            scene.say(Breach.GONE_ON if put_back.left_aside else Breach.WRITTEN_THOUGH_BLOCKED, block)


def _judge_ruled_out(scene: Scene, known: PlacedFile) -> None:
    """Nothing of the set may go here; of a file that was emptied as it was opened, that was said then."""
    if known.fate is Fate.RESTORED:
        return
    if scene.method is RestoreMethod.RESTORE_AT_REBOOT and scene.target is RestoreTarget.ORIGINAL_LOCATION:
        scene.say(Breach.TARGET_AT_RESTART)
        return
    lost = known.there and known.fate is Fate.UNTOUCHED
    because = next(iter(scene.put_back.staged.values()), None)
    scene.say(Breach.ORIGINAL_LOST if lost else Breach.ORIGINAL_RULED_OUT, because)


def _hold_back(scene: Scene, place: Place) -> None:
    """A file that was not there may be a staged one; what is wrong with it otherwise is said once that is known."""
    ways, put_back = scene.ways, scene.put_back
    if ways is None or len(put_back.later) >= FILES:
        return
    block = put_back.block(by_presence=False, but=place.original)
    staged = next(iter(put_back.staged.values()), None)
    if Branch.ORIGINAL not in ways.branches or staged is not None:
        put_back.later[place.original] = lambda: scene.say(Breach.ORIGINAL_RULED_OUT, staged)
    elif block is not None:
        put_back.later[place.original] = lambda: scene.say(Breach.WRITTEN_THOUGH_BLOCKED, block)


def directed_file(scene: Scene, place: Place, deed: FileDeed) -> None:
    """What goes to a directed target goes to its destination ranges."""
    read = scene.restoring.targets.get(scene.key)
    if place.original != deed.path and is_taken_back(scene.put_back, deed.path, deed):
        return
    if deed.deed is not Deed.WRITE or read is None or scene.target is not RestoreTarget.DIRECTED:
        if deed.deed is Deed.WRITE and place.original == deed.path:
            original_file(scene, place, deed)
        return
    scene.put_back.declared(deed.path, scene.step.mark(f"{deed.shown} was written"))
    for directed in read.directed:
        if directed.destination != deed.path or directed.ranges is None or deed.offset is None or deed.length is None:
            continue
        if not lies_within(directed.ranges, deed.offset, deed.length):
            scene.say(Breach.OTHER_RANGE, directed.mark)
