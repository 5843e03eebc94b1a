"""Moves that wait for the restart: how they are registered, and whether they are what the restore method asks for.

A registration that Windows refuses for its arguments is an error; what becomes of a move at the restart shows in no
log. Which moves belong to a restore is known by their final path.
"""

from collections.abc import Callable, Iterator
from typing import Final

from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import is_below, path_of
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.disk_view import DiskView
from vss_sim.judge.restoring.mapped_files import blocked_by_nothing, say_of_the_way
from vss_sim.judge.restoring.placed_files import FILES, Mark
from vss_sim.judge.restoring.restore_places import Role, places_of, sets_that_name
from vss_sim.judge.restoring.restore_plan import is_there
from vss_sim.judge.restoring.staged_files import stage
from vss_sim.judge.win32_words import answer_of, bits_of, succeeded
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.hives import is_hive
from vss_sim.spec.restore_breaches import Breach, rules_of
from vss_sim.spec.restoring.words import Branch
from vss_sim.spec.win32 import COPY_ALLOWED, DELAY_UNTIL_REBOOT, REPLACE_EXISTING, Win32Error

_DENIED: Final = Win32Error.ERROR_ACCESS_DENIED.name
_ADMINISTRATORS: Final = frozenset({"administrators", "local system", "localsystem", "system"})

DELAYABLE: Final = frozenset({"MoveFileEx"})
"""The function that can leave a move for the restart."""


def judge_move(history: History, step: Step, name: str) -> None:
    """Judge a delayed move, where a restore is going on in its process."""
    del name
    flags = bits_of(step.arguments.get("dwFlags"))
    source, final = path_of(step.arguments.get("lpExistingFileName")), path_of(step.arguments.get("lpNewFileName"))
    process = str(step.line.process or "")
    machine = history.machine(step.line)
    restorers = [obj for obj in machine.restorers if obj.process == process and obj.restoring]
    if not flags & DELAY_UNTIL_REBOOT or source is None or not restorers:
        return
    say = _sayer(history, step, restorers[0])
    _judge_arguments(history, step, say, flags, source, final)
    _judge_right(history, step, say)
    disk = machine.disk
    if final is None:
        _judge_removal(history, step, disk, source)
        return
    if not succeeded(step):
        _note_try(history, step, restorers, final)
        return
    machine.disk.moves = step.mark("the move was registered")
    _judge_final(history, step, say, flags, final, restorers)
    for obj in restorers:
        _judge_staged(history, step, obj, source, final)


Say = Callable[..., None]


def _sayer(history: History, step: Step, obj: BackupObject) -> Say:
    """Says what is wrong with a move once of a restore, however many files wait: by level, rule, words, grounds."""
    noted = obj.restoring.moves_noted if obj.restoring is not None else set[str]()

    def say(level: Level, rule: str, says: str, *because: Mark, what: str = "") -> None:
        if rule + what not in noted:
            noted.add(rule + what)
            history.note(step, level, rule, says, *because)

    return say


def _note_try(history: History, step: Step, restorers: list[BackupObject], final: str) -> None:
    """A move that could not be registered was an attempt all the same."""
    for obj in restorers:
        for place in places_of(history, step.line, obj.restoring, final) if obj.restoring is not None else ():
            put_back = Scene.of(history, step, obj, place.key).put_back
            put_back.last_deed = step.number
            put_back.not_registered(place.original, step.mark(f"{_named(step, final)}: {answer_of(step)}"))


_SHARE: Final = "\\\\"
_GUID: Final = "volume{"


def _volume(history: History, step: Step, path: str) -> str:
    """The volume of a path: of those that the world describes the one mounted nearest above it, else its first part.

    That is a drive, a share (`_SHARE`), or the name by which a volume is known that has none of both.
    """
    if path.startswith(_SHARE) and not path.startswith("\\\\?\\"):
        return _SHARE
    machine = step.line.machine
    named = {name.rstrip("\\"): name for name in history.world.volumes_of(machine)}
    roots = {**named, **history.world.mounted(machine)}
    above = [root for root in roots if is_below(path, root)]
    return roots[max(above, key=len)].rstrip("\\") if above else path.partition("\\")[0]


def _are_apart(source: str, final: str) -> bool:
    """Whether two places are on different volumes for certain; by which drive a named one is known, nobody tells."""
    return source != final and source.startswith(_GUID) is final.startswith(_GUID)


def _named(step: Step, final: str | None) -> object:
    """The final place of a move as the line has it, or what is removed, where there is none."""
    return step.arguments.get("lpExistingFileName" if final is None else "lpNewFileName")


def _judge_arguments(history: History, step: Step, say: Say, flags: int, source: str, final: str | None) -> None:
    there = _volume(history, step, source), _volume(history, step, final or source)
    if _SHARE in there:
        says = f"a delayed move has a remote share for a place, which no restart can reach ({_named(step, final)})"
        say(Level.ERROR, "rar-local-only", says)
    elif _are_apart(*there):
        says = (
            "a delayed move goes from one volume to another, and is never made: no copy is allowed at the restart"
            f" ({_named(step, final)})"
        )
        say(Level.ERROR, "rar-same-volume", says)
    elif flags & COPY_ALLOWED:
        says = f"MOVEFILE_COPY_ALLOWED does not go with a move that waits for the restart ({_named(step, final)})"
        say(Level.ERROR, "rar-same-volume", says, what="copied")
    world = history.world_machine(step.line)
    folder = any(world.files.get(path) for path in (source, final) if path)
    if flags & REPLACE_EXISTING and folder:
        says = "MOVEFILE_REPLACE_EXISTING is no flag for a delayed move of a directory, or onto one"
        say(Level.ERROR, "rar-replace-not-directory", says)


def _judge_right(history: History, step: Step, say: Say) -> None:
    groups = history.world_machine(step.line).groups
    if answer_of(step) == _DENIED and groups is not None and not groups & _ADMINISTRATORS:
        says = "delayed moves are for administrators and Local System, and the requester's account is neither"
        say(Level.WARNING, "rar-privilege", says)


def _judge_removal(history: History, step: Step, disk: DiskView, path: str) -> None:
    """A delayed deletion: a directory is empty by then only if its files are removed before."""
    if not succeeded(step):
        return
    folder = path.rpartition("\\")[0]
    before = disk.folders_removed_later.get(folder)
    if before is not None:
        says = f"{_named(step, None)} is removed after its directory, which is not empty by then and stays"
        history.note(step, Level.WARNING, "rar-delete-dir-empty", says, before)
    world = history.world_machine(step.line)
    if world.files.get(path) or any(other.startswith(path + "\\") for other in world.files):
        disk.folders_removed_later[path] = step.mark("the directory is to be removed at the restart")
    elif len(disk.removed_later) < FILES:
        disk.removed_later[path] = step.mark("the file is to be removed at the restart")
    else:
        disk.removals_known = False


def _judge_final(history: History, step: Step, say: Say, flags: int, final: str, restorers: list[BackupObject]) -> None:
    disk = history.machine(step.line).disk
    seen = _seen_there(history, step, final, restorers)
    stays = not flags & REPLACE_EXISTING and final not in disk.removed_later and disk.removals_known
    if stays and (seen is not None or is_there(history, step, final)):
        says = (
            f"{_named(step, final)} is there, and the delayed move has no MOVEFILE_REPLACE_EXISTING: the old file stays"
        )
        say(Level.WARNING, "rar-replace-existing", says, *(seen,) if seen is not None else ())
    if is_hive(final):
        says = "files of the registry cannot be restored by a delayed move"
        say(Level.WARNING, "rar-not-registry", says)


def _seen_there(history: History, step: Step, final: str, restorers: list[BackupObject]) -> Mark | None:
    """Where the requester saw, after PreRestore, that the final place is taken."""
    for obj in restorers:
        for place in places_of(history, step.line, obj.restoring, final) if obj.restoring is not None else ():
            known = Scene.of(history, step, obj, place.key).put_back.originals.known.get(place.original)
            if place.role is Role.ORIGINAL and known is not None and known.seen_there is not None:
                return known.seen_there
    return None


def _judge_staged(history: History, step: Step, obj: BackupObject, source: str, final: str) -> None:
    """A file of a component set waits for the restart."""
    assert obj.restoring is not None  # noqa: S101 - the caller saw it
    obj.restoring.staged_for.update(sets_that_name(history, step.line, obj.restoring, final))
    for place in places_of(history, step.line, obj.restoring, final):
        scene = Scene.of(history, step, obj, place.key, place.component, str(_named(step, final)))
        put_back, ways = scene.put_back, scene.ways
        put_back.last_deed = step.number
        if len(put_back.staged) < FILES:
            put_back.staged[place.original] = step.mark(f"{step.arguments['lpNewFileName']} was staged")
        else:
            put_back.originals.complete = False
        put_back.is_scratch(source)
        stage(scene, place, source)
        scene.say_of_the_writer()
        if place.role is Role.ORIGINAL:
            scene.say_of_declared_places(place)
        if ways is None:
            continue
        if place.role not in (Role.ORIGINAL, Role.NEW_TARGET):
            scene.say(Breach.STAGED_ELSEWHERE)
        elif Branch.REBOOT not in ways.branches:
            waits = scene.method is RestoreMethod.RESTORE_AT_REBOOT
            scene.say(Breach.TARGET_AT_RESTART if waits else Breach.STAGED_RULED_OUT)
        elif ways.blockable:
            _judge_need(scene)


def _judge_need(scene: Scene) -> None:
    """Files wait for the restart only where one of the set could not be replaced."""
    put_back = scene.put_back
    originals = put_back.originals
    replaced = (mark for path, mark in originals.written.items() if originals.known[path].there is not False)
    written = next(replaced, None) if "PARTLY_STAGED" not in put_back.said and originals.some_there else None
    if put_back.block(by_presence=False) is None and put_back.undone is None:
        if originals.free is not None:
            say_of_the_way(scene, Breach.STAGED_NEEDLESSLY, originals.free, blocked_by_nothing(scene))
        elif put_back.early_block is not None:
            say_of_the_way(scene, Breach.LOOKED_EARLY, put_back.early_block)
    if written is not None and not originals.kept_from_going_back:
        scene.say(Breach.PARTLY_STAGED, written)


def restarts_owed(history: History, last: int) -> Iterator[Finding]:
    """At the end of a log: a restore that waits for a restart, of which the log shows none."""
    for machine in history.machines.values():
        for obj in machine.restorers:
            restoring = obj.restoring
            if restoring is None or not machine.disk.calls + (machine.disk.moves is not None):
                continue
            began = obj.made[0] if obj.made else 0
            if machine.booted > began:
                continue
            staged = [mark for one in restoring.sets.values() for mark in one.staged.values()]
            asked = [mark for mark in restoring.reboots_asked if restoring.sets]
            marks = sorted([*staged[:1], *asked[:1]])
            if marks:
                rules = rules_of(Breach.NO_RESTART, None, None)
                grounds = tuple(Ground(*mark) for mark in marks)
                yield Finding(last, Level.INFO, At.REQUESTER, rules[0], Breach.NO_RESTART.says, grounds)
