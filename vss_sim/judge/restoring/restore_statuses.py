"""What a requester says became of a component set, against what the log shows became of its files.

SetFileRestoreStatus tells the writer whether all of a set was restored, nothing, or a part. It may be told before the
last file call, and told again; writers read it once they handle PostRestore, so that it is held against the files as
they are by then - or as they are at the end of the log, where PostRestore never came. A log without file calls shows
nothing of the files.
Page: https://learn.microsoft.com/windows/win32/api/vswriter/ne-vswriter-vss_file_restore_status
"""

import re
from collections.abc import Collection
from functools import partial
from typing import Final

from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.mapped_files import blocked_by_nothing
from vss_sim.judge.restoring.placed_files import Mark
from vss_sim.judge.restoring.restore_plan import Plan, parts_of, unnamed
from vss_sim.judge.restoring.restored_sets import not_put_back
from vss_sim.judge.restoring.restores import COMPONENTS
from vss_sim.judge.restoring.told_places import DirectedFile
from vss_sim.judge.words import word_of
from vss_sim.model.names import matches
from vss_sim.spec.backup_types import BASES
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod, RestoreTarget
from vss_sim.spec.hives import HIVES, is_hive
from vss_sim.spec.restore_breaches import Breach
from vss_sim.spec.restoring.words import Branch

_SHORT: Final = re.compile(r"^[^.]{1,6}~\d", re.ASCII)
"""A short name, which Windows made of a longer one."""
_SHORT_ENDING: Final = 3


def learn_status(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A status is told: it waits for the last of the files, and takes the place of one that was told before."""
    restoring, key = obj.restoring, component_key(step.line.in_)
    if restoring is None or key is None or not certain or key not in restoring.selected:
        return
    status = word_of(FileRestoreStatus, step.arguments.get("status"))
    if len(restoring.statuses) < COMPONENTS:
        restoring.statuses[key] = status, step.mark(f"the status was set to {status}")
        restoring.untold[key] = partial(_judge, history, step, obj)


def _judge(history: History, told: Step, obj: BackupObject, end: Step | None) -> None:
    """Hold a status against the files: at its own line, or, if files were worked on since, at PostRestore."""
    restoring, key = obj.restoring, component_key(told.line.in_)
    if restoring is None or key is None:
        return
    before = restoring.sets.get(key)
    since = before is not None and before.last_deed > told.number
    scene = Scene.of(history, end if end is not None and since else told, obj, key)
    status, scene.told = restoring.statuses[key]
    if not history.machine(told.line).disk.calls and not any(one.last_deed for one in restoring.sets.values()):
        if status == FileRestoreStatus.FAILED and _is_the_writers(scene):
            scene.say(Breach.FAILED_FOR_THE_WRITER)
        return
    if scene.plan is None or not scene.plan.told:
        scene.say(Breach.METHOD_NOT_SHOWN)
    scene.put_back.settle()
    _staged_in_part(scene)
    if status == FileRestoreStatus.ALL:
        _all(scene)
        for finding in not_put_back(history, told.number, told.line, obj):
            history.find(finding)
    elif status == FileRestoreStatus.NONE:
        _none(scene)
    elif status == FileRestoreStatus.FAILED:
        _failed(scene)
    _placeholders(scene, status)
    _consistent(scene, status)


def _staged_in_part(scene: Scene) -> None:
    """A file of the set was restored at once, and others wait for the restart."""
    put_back = scene.put_back
    written = put_back.restored if not put_back.originals.kept_from_going_back else None
    told = {Breach.ORIGINAL_LOST.name, Breach.ORIGINAL_RULED_OUT.name} & put_back.said
    if scene.ways is not None and put_back.staged and written is not None and not told:
        scene.say(Breach.PARTLY_STAGED, written)


def _left(scene: Scene) -> Mark | None:
    """A file of the set that was restored, or taken away, and is so still."""
    put_back = scene.put_back
    return put_back.restored or put_back.moved


def _missed(scene: Scene, but: Collection[str] = ()) -> Mark | None:
    """A file of the set, and none of `but`, that could not be restored where the others went."""
    put_back = scene.put_back
    never = put_back.never_went(but)
    if never is not None or put_back.staged or put_back.renewed is not None:
        return never
    all_bare = put_back.restored is None and bool(put_back.mapped.empty)
    if put_back.moved is not None or all_bare:
        return put_back.mapped.missed(but=but)
    return put_back.originals.missed(by_presence=scene.by_presence, but=but) or put_back.mapped.missed(but=but)


def _all(scene: Scene) -> None:
    put_back, missed = scene.put_back, _missed(scene)
    left = _left(scene)
    if scene.ways is not None and scene.ways.blockable and (put_back.moved is not None or put_back.staged):
        _taken_away(scene)
    if missed is not None:
        sure = put_back.originals.complete and _missed(scene, but=put_back.shared_files) is not None
        scene.say(Breach.ALL_WITH_A_MISS, missed, left, sure=sure)
        if left is not None:
            _half(scene, Breach.HALF_LEFT, left, missed)
    elif (name := _forgotten(scene)) is not None:
        scene.say(Breach.PARTLY_STAGED if put_back.staged else Breach.ALL_WITH_A_MISS, left, name, sure=True)
    elif (gone := _gone_elsewhere(scene)) is not None:
        scene.say(Breach.ELSEWHERE if left is None else Breach.ALL_WITH_A_MISS, gone, left)
    elif _registered_nothing(scene):
        scene.say(Breach.NONE_REGISTERED)


def _registered_nothing(scene: Scene) -> bool:
    """Whether the files wait for the restart, and the log shows other files written, and no delayed move of these."""
    put_back, plan = scene.put_back, scene.plan
    if plan is None or not plan.ways_wait or (plan.ways is not None and plan.ways.blockable):
        return False
    if put_back.shared or put_back.renewed is not None:
        return False
    parts = parts_of(plan.document, scene.restoring, scene.key)
    return scene.restoring.busy_elsewhere and not put_back.went and any(part.sets for part in parts)


def _gone_elsewhere(scene: Scene) -> Mark | None:
    """A file of the set that went to another place, and to none that is its own."""
    put_back = scene.put_back
    went = put_back.went
    if put_back.renewed is not None:
        return None
    return next((mark for path, mark in put_back.elsewhere.items() if path not in went), None)


def _forgotten(scene: Scene) -> Mark | None:
    """A file that its file set names, and that went nowhere though others of the restore went somewhere."""
    put_back, plan = scene.put_back, scene.plan
    went = put_back.went
    known = went | put_back.shared_files
    if scene.history.machine(scene.step.line).disk.tells_last_error:
        known |= {path for path, file in put_back.originals.known.items() if file.perhaps_made}
    complete = put_back.originals.complete and put_back.mapped.complete
    shown = went or (scene.restoring.any_written and not scene.restoring.busy_elsewhere)
    if plan is None or not shown or not complete or not scene.restoring.selection_complete:
        return None
    directed = _directed(scene, plan)
    elsewhere = put_back.went_as_declared  # a new target counts before a directed one
    left = (one for one in directed if one.destination not in known and one.source not in elsewhere)
    undirected = next(left, None)
    if undirected is not None and Breach.DIRECTED_PASSED_OVER.name not in put_back.said:
        return undirected.mark
    known |= {one.source for one in directed}
    if scene.restoring.backup_type in BASES or _may_hide_some(scene):
        return None  # which of its files such a backup has, its masks and its writers decided
    known |= scene.restoring.by_others
    for part in parts_of(plan.document, scene.restoring, scene.key):
        for one in part.sets.values():
            name = one.filespec or ""
            if not unnamed(one) and f"{one.path}\\{name}" not in known and not _may_be_by(scene, name):
                return plan.document.read[0], f"the file set names {one.filespec!r}"
    partial = (path for *key, path in scene.restoring.partial_ranges if tuple(key) == scene.key)
    left_out = (path for path in partial if path not in known)
    forgotten = next((path for path in left_out if not _may_be_by(scene, path.rpartition("\\")[2])), None)
    return None if forgotten is None else (plan.document.read[0], f"{forgotten} was saved in part")


def _may_hide_some(scene: Scene) -> bool:
    """Whether a call since the object was made is of a function that nobody lists, and may have put files back."""
    unread = scene.history.machine(scene.step.line).disk.unread
    return scene.obj.made is not None and unread > scene.obj.made[0]


def _may_be_by(scene: Scene, name: str) -> bool:
    """Whether a file of this name, or one by a short name, was written by a path that the log does not connect with it.

    It may lead there by a link, a share, the name of a volume, or from where the process is. Where others of the set
    wait for the restart, it is one that was to wait, too.
    """
    others = scene.restoring.other_names if not scene.put_back.staged else ()
    ending = name.rpartition(".")[2][:_SHORT_ENDING]
    return name in others or any(_SHORT.search(one) and one.endswith(f".{ending}") for one in others)


def _directed(scene: Scene, plan: Plan) -> list[DirectedFile]:
    """The directed targets of files that are of the set for certain.

    What a backup takes from an alternate path need not have the file.
    """
    read = scene.restoring.targets.get(scene.key)
    if read is None or scene.target is not RestoreTarget.DIRECTED:
        return []
    parts = parts_of(plan.document, scene.restoring, scene.key)
    return [
        one
        for one in read.directed
        if any(own.component in parts and own.alternate is None for own in plan.document.file_sets_with(one.source))
    ]


def _none(scene: Scene) -> None:
    left = _left(scene)
    if left is not None:
        scene.say(Breach.NONE_WITH_FILES_LEFT, left)
        missed = _missed(scene)
        if missed is not None:
            _half(scene, Breach.HALF_LEFT, left, missed)
    elif scene.put_back.renewed is not None:
        scene.say(Breach.NONE_WITH_FILES_LEFT, scene.put_back.renewed)
    else:
        _taken_away(scene)
        _given_up(scene)


def _taken_away(scene: Scene) -> None:
    """An original that is neither replaced nor back at its place."""
    put_back = scene.put_back
    if put_back.left_aside is not None and not put_back.originals.kept_from_going_back:
        scene.say(Breach.ORIGINALS_LEFT_ASIDE, put_back.left_aside)
    elif put_back.deleted is not None:
        scene.say(Breach.DELETED, put_back.deleted)


def _failed(scene: Scene) -> None:
    put_back, left, missed = scene.put_back, _left(scene), _missed(scene)
    if put_back.write_failed:
        return
    if left is not None and missed is not None:
        _half(scene, Breach.HALF_TOLD, left, missed)
    elif left is None and put_back.deleted is not None:
        scene.say(Breach.DELETED_TOLD, put_back.deleted)
    elif left is None and not put_back.staged and put_back.renewed is None and put_back.broke is None:
        if _is_the_writers(scene):
            scene.say(Breach.FAILED_FOR_THE_WRITER)
        elif put_back.originals.known or put_back.mapped.known:
            scene.say(Breach.FAILED_WITH_NOTHING_LEFT, missed)


def _is_the_writers(scene: Scene) -> bool:
    """Whether the set cannot be restored for an error of its writer."""
    plan = scene.plan
    if plan is None or not plan.told:
        return False
    if plan.method in (None, RestoreMethod.UNDEFINED) or plan.target is RestoreTarget.UNDEFINED:
        return True
    if plan.method is RestoreMethod.STOP_RESTORE_START and plan.document.service_unnamed:
        return not scene.history.machine(scene.step.line).disk.service_calls
    only_mapped = plan.ways is not None and Branch.ORIGINAL not in plan.ways.branches
    return only_mapped and not plan.ways_wait and scene.fully_mapped is False


def _half(scene: Scene, breach: Breach, left: Mark, missed: Mark) -> None:
    """A set is restored in part; of a file that may be done all the same, nobody knows that it was missed."""
    shared = scene.put_back.shared_files
    if scene.put_back.originals.kept_from_going_back or (shared and _missed(scene, but=shared) is None):
        return
    aside = scene.put_back.left_aside
    scene.say(Breach.ORIGINALS_LEFT_ASIDE if aside else breach, left, missed)


def _given_up(scene: Scene) -> None:
    """Nothing is left restored: whether the table had a way on."""
    put_back, ways = scene.put_back, scene.ways
    if ways is None or scene.plan is None or put_back.write_failed or put_back.undone is not None:
        return
    block = put_back.block(by_presence=ways.by_presence)
    mapped = scene.fully_mapped
    if not ways.blockable:
        if Branch.ALTERNATE in ways.branches and mapped and not put_back.mapped.known and put_back.originals.known:
            told = scene.target is RestoreTarget.ALTERNATE
            scene.say(Breach.MAPPING_NOT_TRIED if told else Breach.GIVEN_UP_FOR_ORIGINALS, block)
    elif block is not None:
        if Branch.REBOOT in ways.branches and not (put_back.staged or _tried_to_stage(scene) or _has_a_hive(scene)):
            scene.say(Breach.NOT_STAGED, block)
        elif Branch.ALTERNATE in ways.branches and mapped and not put_back.mapped.known:
            scene.say(Breach.MAPPING_NOT_TRIED, block)
    elif put_back.block_before_stop is not None:
        scene.say(Breach.LOOKED_BEFORE_STOP, put_back.block_before_stop)
    elif put_back.early_block is not None and put_back.originals.free is None:
        scene.say(Breach.LOOKED_EARLY, put_back.early_block)
    elif not put_back.taken_back and not put_back.may_lack_a_link and (also := blocked_by_nothing(scene)):
        scene.say(Breach.GIVEN_UP_UNBLOCKED, put_back.originals.free, also=also)


def _has_a_hive(scene: Scene) -> bool:
    """Whether the set may have a file of the registry, which is not staged (rule rar-not-registry)."""
    sets = scene.plan.document.triples if scene.plan is not None else ()
    meant = (is_hive(f"{folder}\\{name}") and matches(name, spec) for folder, spec, _ in sets for name in HIVES)
    return any(map(is_hive, scene.put_back.originals.known)) or any(meant)


def _tried_to_stage(scene: Scene) -> bool:
    return scene.put_back.staging_tried or scene.restoring.busy_elsewhere


def _placeholders(scene: Scene, status: str | None) -> None:
    """Empty files that the proof made go with it, where nothing is restored; of a set that is, they may be files."""
    put_back = scene.put_back
    bare = status == FileRestoreStatus.ALL and _left(scene) is None and not put_back.staged
    if not bare and put_back.placeholder is not None and put_back.broke is None:
        scene.say(Breach.PLACEHOLDER_LEFT)


def _consistent(scene: Scene, status: str | None) -> None:
    """Staged components have one status, whichever a requester takes for them (C60)."""
    if not scene.put_back.staged:
        return
    for key, (other, mark) in scene.restoring.statuses.items():
        staged = scene.restoring.sets.get(key)
        earlier = scene.told is not None and mark < scene.told
        if key != scene.key and earlier and staged is not None and staged.staged and other != status:
            scene.say(Breach.OTHER_STATUS, mark)
            return
