"""A call on a shadow copy or set that is not found: it may be gone, not there yet, or has to be there."""

from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from vss_sim.engine.contexts import is_auto_release
from vss_sim.engine.paths import WAIT
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import lost_snapshot
from vss_sim.judge.objects import AsyncObject, BackupObject, MachineView, Mark
from vss_sim.judge.shadows.imported import gone_here, holders_gone, should_have_come
from vss_sim.judge.shadows.shadow_facts import should_be_there
from vss_sim.spec.answers import Failure
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import NOT_DURING_CREATION
from vss_sim.spec.protocol.snapshots import IMPORT_SLOT
from vss_sim.spec.remedies import remedy
from vss_sim.spec.table import Method
from vss_sim.trace.values import Code, parse_guid

_LOOKS_ONLY: Final = "GetSnapshotProperties"
_UNSEEN: Final = {
    "DoSnapshotSet": (NOT_DURING_CREATION,),
    "ImportSnapshots": ("im-async-result", "IVssAsync::QueryStatus"),
}
"""Operation that brings shadow copies → the rule that has its end awaited, and the call beside Wait that shows it."""

_GOES: Final = ("seq-release-deletes-autorelease",)
_PASSES: Final = ("im-nonpersistent-lifetime",)
_RESULT: Final = ("im-async-result",)


class Failed(NamedTuple):
    """A call that failed, and what its page says of the answer."""

    history: History
    step: Step
    method: Method
    obj: BackupObject
    code: Code
    failure: Failure

    @property
    def machine(self) -> MachineView:
        """Where it was called."""
        return self.history.machine(self.step.line)

    def names(self) -> list[str]:
        """The ids of what it names."""
        given = self.step.line.in_ or {}
        named = (parse_guid(given.get(reference.parameters[0])) for reference in self.method.references)
        return [one for one in named if one is not None]

    def found(self, says: str, *because: Mark, rule: str = "", **more: Any) -> Finding:
        """What is to be said, by the rule of the answer or by another one, which then comes first."""
        also = (self.failure.rule, *self.failure.also) if rule else self.failure.also
        level, at = more.pop("level", Level.INFO), more.pop("at", At.REQUESTER)
        grounds, also = tuple(Ground(*mark) for mark in because), (*also, *more.pop("also", ()))
        says = f"{self.method.name} failed with {self.code.name}{says}"
        return Finding(self.step.number, level, at, rule or self.failure.rule, says, grounds, also=also, **more)

    def mends(self, rule: str = "") -> str:
        """What helps."""
        return remedy(self.method.full_name, self.failure.hresult, rule)


def of_what_it_names(
    history: History, step: Step, method: Method, obj: BackupObject, code: Code, failure: Failure
) -> bool:
    """Say what the log shows of the shadow copy that a call failed for: it may be gone, not there yet, or has to be."""
    failed = Failed(history, step, method, obj, code, failure)
    tellers = _TELLERS if code.known is HResult.VSS_E_OBJECT_NOT_FOUND else _TELLERS[:1]
    finding = next((found for tell in tellers if (found := tell(failed)) is not None), None)
    if finding is not None:
        history.find(finding)
    return finding is not None


def _lost(failed: Failed) -> Finding | None:
    lost = lost_snapshot(failed.machine, failed.method, failed.step.line)
    return None if lost is None else failed.found(f"; what it names may be gone since line {lost[0]}", lost)


def _in_doubt(failed: Failed) -> Finding | None:
    """It need not be on this machine though an import succeeded."""
    machine = failed.machine
    for key in failed.names():
        transport = machine.imported.get(key)
        held = next(iter(holders_gone(failed.history, transport)), None) if transport is not None else None
        if held is not None:
            return failed.found("; its set is not persistent, and an object that held it is gone", held, also=_PASSES)
        for importer in (failed.obj, *machine.importers):
            partly, arriving = importer.told.partly, importer.arriving
            if partly and (key in arriving.copies if arriving is not None else key not in machine.snapshots):
                return failed.found("; the import brought a part of its set alone", partly, also=_RESULT)
    return None


def _too_early(failed: Failed) -> Finding | None:
    """The creation or import that brings it was not seen to end."""
    unseen = _unfinished_creation(failed) or _unseen_import(failed)
    if unseen is None:
        return None
    rule, *read = _UNSEEN[unseen.method.name]
    instead = (WAIT, *read, failed.method.full_name)
    says, ground = f", and nobody saw what {unseen.method.name} came to", (unseen.ground.line, unseen.ground.says)
    return failed.found(says, ground, rule=rule, level=Level.ERROR, instead=instead)


def _gone(failed: Failed) -> Finding | None:
    """It was deleted or broken on this machine, which did not make it."""
    gone = gone_here(failed.machine, failed.method, failed.step.line)
    if gone is None:
        return None
    level = Level.WARNING if failed.method.name == "DeleteSnapshots" else Level.ERROR
    found = failed.found(": this shadow copy or set is gone", gone[1], rule=gone[0], level=level)
    return replace(found, also=(), mends=failed.mends(gone[0]))


def _went_with_a_restart(failed: Failed) -> Finding | None:
    """It was made in an auto-release context, before the machine was restarted."""
    machine = failed.machine
    known = next((machine.snapshots[key] for key in failed.names() if key in machine.snapshots), None)
    context = known.owner.context if known is not None else None
    if known is None or context is None or not is_auto_release(context) or known.made[0] >= machine.booted:
        return None
    says, booted = ": this shadow copy or set was not persistent", (machine.booted, "the machine was restarted")
    return failed.found(says, booted, level=Level(failed.failure.level), also=_GOES, mends=failed.mends())


def _should_be_there(failed: Failed) -> Finding | None:
    """Nothing took it away."""
    kept = should_be_there(failed.machine, failed.method, failed.step.line, failed.obj)
    kept = kept or should_have_come(failed.history, failed.step, failed.method, failed.obj)
    if kept is None:
        return None
    found = failed.found(f"; {kept.why}", *kept.because, rule=kept.rule, level=kept.level, at=At.IMPLEMENTATION)
    return replace(found, also=())


_TELLERS: Final = (_lost, _gone, _in_doubt, _too_early, _went_with_a_restart, _should_be_there)
"""What may be said, the first of which counts; of other answers than VSS_E_OBJECT_NOT_FOUND, the first alone."""


def _unfinished_creation(failed: Failed) -> AsyncObject | None:
    """The creation that a call on a shadow copy of the object's own set may come too early for."""
    running = failed.obj.running.values()
    creation = next((one for one in running if one.method.name == "DoSnapshotSet"), None)
    if creation is None or creation.end is not None or failed.method.name != _LOOKS_ONLY:
        return None
    return creation if any(one in failed.obj.snapshots for one in failed.names()) else None


def _unseen_import(failed: Failed) -> AsyncObject | None:
    """The import that may have brought what a call names, and whose end the log does not show."""
    running, arriving = failed.obj.running.get(IMPORT_SLOT.held_in), failed.obj.arriving
    if running is None or running.end is not None:
        return None
    comes, made_here = arriving.copies if arriving is not None else (), failed.machine.snapshots
    of_it = any(one in comes or (one not in made_here and not comes) for one in failed.names())
    return running if of_it else None
