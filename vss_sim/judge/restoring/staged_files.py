"""Files that wait for the restart, where they lie until then: without one, its delayed move moves nothing.

Up to PostRestore such a file counts as one that could not be staged; after it, nobody is told any more. No page says
what becomes of staged files of a restore that was given up; here, whoever told the writer that nothing was restored, or
that its data is broken, may clean up: nobody relies on the moves that are left.
"""

from collections.abc import Iterable
from typing import Final

from vss_sim.judge.file_deeds import Deed, FileDeed
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.placed_files import FILES
from vss_sim.judge.restoring.restore_places import Place
from vss_sim.judge.restoring.restores import Restoring
from vss_sim.judge.restoring.told_places import StagedFile
from vss_sim.spec.enums import FileRestoreStatus
from vss_sim.spec.restore_breaches import Breach

_GIVEN_UP: Final = (FileRestoreStatus.NONE, FileRestoreStatus.FAILED)


def stage(scene: Scene, place: Place, source: str) -> None:
    """A delayed move of a file of the set was registered."""
    staged = scene.restoring.staged_files
    mark = scene.step.mark("the move of it was registered")
    machine = scene.history.machine(scene.step.line)
    before = machine.disk.removed_later.get(source)
    if before is not None and before[0] > machine.booted:
        scene.say(Breach.STAGED_FILE_GONE, before)
    if len(staged) < FILES:
        staged[source] = StagedFile(place.key, place.original, mark)


def judge_staged(
    history: History, step: Step, obj: BackupObject, restoring: Restoring, deeds: Iterable[FileDeed]
) -> None:
    """What file calls do to files that wait for the restart."""
    for deed in deeds if restoring.staged_files else ():
        one = restoring.staged_files.get(deed.path)
        if one is None or history.machine(step.line).booted > one.mark[0]:
            continue
        scene = Scene.of(history, step, obj, one.key, file=deed.shown)
        put_back, ended = scene.put_back, restoring.post_restored is not None
        if deed.deed is Deed.REMOVE:
            put_back.staged.pop(one.original, None)
        if deed.deed is Deed.REMOVE and ended:
            if restoring.statuses.get(one.key, ("",))[0] not in _GIVEN_UP:
                scene.say(Breach.STAGED_FILE_GONE, one.mark)
        elif deed.deed is Deed.REMOVE:
            put_back.not_registered(one.original, step.mark(f"{deed.shown} was taken away"))
            put_back.last_deed = step.number
        elif deed.deed in (Deed.MAKE, Deed.WRITE) and not ended and one.original in put_back.unstaged:
            put_back.unstaged.pop(one.original)
            put_back.staged[one.original] = one.mark
