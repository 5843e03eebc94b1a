"""Files that a requester puts to mapped places and new targets, and below paths that are for backups only.

A mapping is used where method or target allow it, for every file of the set or for none, and only where something is in
the way at the original places - unless the mapped places are the only ones.
"""

from msgspec.structs import replace

from vss_sim.judge.file_deeds import Deed, FileDeed
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.placed_files import FILES, Fate, Mark, PlacedFile
from vss_sim.judge.restoring.put_back import PutBack
from vss_sim.judge.restoring.restore_places import Place
from vss_sim.judge.restoring.restore_plan import is_there
from vss_sim.judge.restoring.restore_services import judge_files_and_services
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.restore_breaches import MISSING_FOLDER, MIXED_PRESENCE, Breach
from vss_sim.spec.restoring.words import Branch


def mapped_file(scene: Scene, place: Place, deed: FileDeed) -> None:
    """A deed at the mapped place of a file."""
    put_back = scene.put_back
    known = put_back.mapped.file(place.original)
    deed = as_found(scene, known, deed)
    mark = scene.step.mark(f"{deed.shown}: {deed.error or deed.deed.value}")
    if deed.deed is Deed.REFUSED:
        stops = deed.blocked or (deed.there and scene.by_presence)
        known.blocked = mark if stops else known.blocked
        proven = known.was_proven(deed.handle, put_back.moved)
        stays = deed.removing and known.proof is not None
        put_back.broke = mark if stops and (deed.handle is not None or stays) else put_back.broke
        put_back.write_failed |= proven and deed.writing
        if stops and put_back.moved is not None and not proven:
            scene.say(Breach.MAPPED_UNPROVEN, put_back.moved)
    elif deed.deed in (Deed.OPEN, Deed.MAKE):
        known.blocked, known.free, known.proof = None, mark, (put_back.proofs, deed.handle)
        known.fate = Fate.EMPTY if deed.deed is Deed.MAKE else known.fate
        if deed.deed is Deed.MAKE and place.triple is not None:
            put_back.mappings_opened.setdefault(place.triple, mark)
    elif deed.deed is Deed.REMOVE:
        put_back.taken_back |= known.fate is not Fate.UNTOUCHED
        if known.fate is Fate.UNTOUCHED and known.proof is None and scene.by_presence and deed.taken is None:
            scene.say(Breach.MAPPED_OVERWRITTEN)
        known.fate, known.written = Fate.UNTOUCHED, None
    elif deed.deed is Deed.WRITE:
        _judge_mapped(scene, place, known)
        judge_files_and_services(scene)
        scene.restoring.any_written = True
        known.fate, known.blocked, known.written = Fate.RESTORED, None, mark
        if place.triple is not None:
            put_back.mappings_used.setdefault(place.triple, mark)
    put_back.mapped.note(place.original, known)


def as_found(scene: Scene, known: PlacedFile, deed: FileDeed) -> FileDeed:
    """The deed, after what it tells of the file before it is known.

    A file that was not there and is open now was made, though the answer of OPEN_ALWAYS does not tell it. One that was
    there, and is made by what fails where one is, was taken away by somebody else.
    """
    if known.fate is Fate.UNTOUCHED and known.there and deed.created_new and deed.deed in (Deed.MAKE, Deed.WRITE):
        known.there, known.seen_there = False, None
    if known.there is None and known.fate is Fate.UNTOUCHED:
        known.there = deed.there if deed.there is not None else is_there(scene.history, scene.step, deed.path)
    known.emptied |= deed.emptied
    made = deed.deed is Deed.OPEN and known.there is False and known.fate is Fate.UNTOUCHED
    return replace(deed, deed=Deed.MAKE) if made else deed


def _judge_mapped(scene: Scene, place: Place, known: PlacedFile) -> None:
    put_back, ways = scene.put_back, scene.ways
    scene.say_of_the_writer()
    scene.say_of_the_target()
    scene.say_of_declared_places(place)
    scene.say_what_was_not_read()
    if ways is None:
        return
    if Branch.ALTERNATE not in ways.branches:
        scene.say(Breach.MAPPING_RULED_OUT)
        return
    _judge_way_to_mapped(scene)
    if scene.fully_mapped is False:
        scene.say(Breach.NOT_ALL_MAPPED)
    if ways.by_presence and known.there and known.fate is Fate.UNTOUCHED:
        scene.say(Breach.MAPPED_OVERWRITTEN)
    if put_back.restored is not None:
        _judge_split(scene, put_back.restored)


def _judge_split(scene: Scene, restored: Mark) -> None:
    """Files are at the original places: where all of them may be temporary, they may be gone in the end."""
    put_back = scene.put_back
    files = (put_back.originals.known[path] for path in put_back.originals.written)
    if put_back.left_aside:
        scene.say(Breach.ORIGINALS_LEFT_ASIDE, restored)
    elif put_back.perhaps_split or Breach.SPLIT.name in put_back.said:
        return
    elif any(file.named or file.arrived for file in files):
        scene.say(Breach.SPLIT, restored)
    else:
        put_back.perhaps_split = True
        put_back.hold(None, lambda: scene.say(Breach.SPLIT, restored) if put_back.restored is not None else None)


def _judge_way_to_mapped(scene: Scene) -> None:
    """Whether anything keeps the set from its original places, where that is what mappings are for."""
    put_back, ways = scene.put_back, scene.ways
    if ways is None or not ways.blockable or put_back.block(by_presence=ways.by_presence) is not None:
        return
    if put_back.undone is not None or put_back.taken_back:
        return
    if put_back.block_before_stop is not None:
        say_of_the_way(scene, Breach.LOOKED_BEFORE_STOP, put_back.block_before_stop)
    elif put_back.originals.free is not None or put_back.originals.folder_missed:
        say_of_the_way(scene, Breach.MAPPING_NEEDLESS, put_back.originals.free, blocked_by_nothing(scene))
    elif put_back.early_block is not None:
        say_of_the_way(scene, Breach.LOOKED_EARLY, put_back.early_block)


def say_of_the_way(scene: Scene, breach: Breach, because: Mark | None, also: tuple[str, ...] = ()) -> None:
    """Say what the set went another way for, unless a reparse point may be gone: that is in the way."""
    scene.put_back.unless_a_link_is_lost(lambda: scene.say(breach, because, also=also))


def blocked_by_nothing(scene: Scene) -> tuple[str, ...]:
    """The rules that say that what was seen at the original places blocks nothing."""
    found = []
    if scene.put_back.mixed and scene.method in MIXED_PRESENCE:
        found.append(MIXED_PRESENCE[scene.method])
    if scene.put_back.originals.folder_missed and scene.method is RestoreMethod.RESTORE_IF_CAN_REPLACE:
        found.append(MISSING_FOLDER)
    return tuple(found)


def misplaced_file(scene: Scene, place: Place, deed: FileDeed) -> None:
    """A deed below a mapped place, where no file of the set goes."""
    del place
    if deed.deed is Deed.WRITE:
        scene.say(Breach.MISPLACED)


def file_on_backup_path(scene: Scene, place: Place, deed: FileDeed) -> None:
    """A deed at the alternate path of a file set, from which backups take its files."""
    del place
    if deed.deed is Deed.WRITE:
        scene.say(Breach.BACKUP_PATH)


def is_taken_back(put_back: PutBack, original: str, deed: FileDeed) -> bool:
    """Whether what was restored to a new target or directed target is removed, or what was there comes back."""
    if deed.opening:
        put_back.came_back.pop(deed.path, None)
    back = deed.deed is Deed.WRITE and _comes_back(put_back, original, deed)
    if back or deed.deed is Deed.REMOVE:
        put_back.went_as_declared.pop(original, None)
    if back and deed.handle is not None and len(put_back.came_back) < FILES:
        put_back.came_back[deed.path] = deed.handle
    return back or deed.deed is Deed.REMOVE


def _comes_back(put_back: PutBack, original: str, deed: FileDeed) -> bool:
    """Whether content that comes to such a place is what was there before, as far as the log shows where that lies."""
    kept = put_back.kept_declared
    if not kept or (deed.handle is not None and put_back.came_back.get(deed.path) == deed.handle):
        return bool(kept)
    went = put_back.went_as_declared.get(original)
    later = (path for path, line in deed.read if went is not None and line > went[0])
    return any(deed.path in kept.get(path, ()) for path in (deed.source or "", *later))


def file_at_new_target(scene: Scene, place: Place, deed: FileDeed) -> None:
    """A deed at a new target, where files go whatever method and mappings say."""
    if is_taken_back(scene.put_back, place.original, deed):
        return
    if deed.deed is Deed.WRITE:
        scene.say_of_the_writer(by_mapping=False)
        scene.put_back.declared(place.original, scene.step.mark(f"{deed.shown} was written"))
    elif deed.blocked:
        scene.put_back.not_declared(place.original, scene.step.mark(f"{deed.shown}: {deed.error}"))
    elif deed.deed in (Deed.OPEN, Deed.MAKE):
        scene.put_back.not_at_new_target.pop(place.original, None)
