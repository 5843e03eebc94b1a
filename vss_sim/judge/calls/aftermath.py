"""What a successful call does to what the checker remembers beside the protocol state."""

from typing import Final

from vss_sim.engine.contexts import is_auto_release, parse_context
from vss_sim.engine.ruling import Certainty, holds, narrow
from vss_sim.judge.calls.enumerations import enumeration_made
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import MEMORY, History, Step
from vss_sim.judge.named_things import (
    asks_for_set,
    component_key,
    learn_snapshot,
    may_be_aborted,
    may_be_gone,
    may_be_lost,
    never_came,
)
from vss_sim.judge.objects import AsyncObject, BackupObject, OtherObject
from vss_sim.judge.shadows import shadow_calls
from vss_sim.judge.shadows.failed_imports import import_cut_off
from vss_sim.judge.watches import LEAVES_A_TRACE, Lesson, lessons_of
from vss_sim.judge.words import word_of
from vss_sim.judge.writers.missing_events import called
from vss_sim.spec.enums import ObjectType
from vss_sim.spec.methods import ASYNC, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import CREATION_SLOT
from vss_sim.spec.protocol.objects import POINTERS_DIE_WITH
from vss_sim.spec.state import ANYTHING, Phase
from vss_sim.spec.table import Method, Thing
from vss_sim.trace.values import parse_guid

_HELD: Final = CREATION_SLOT.held_in
_TRANSPORTABLE: Final = "VSS_VOLSNAP_ATTR_TRANSPORTABLE"
_PROVIDERS: Final = ObjectType.PROVIDER.value
"""Who asks for providers is not given the id of any shadow copy."""

_CREATORS: Final = 64
"""So many objects that may have a set in progress are remembered; a machine has one at a time."""


def note_success(history: History, step: Step, method: Method, obj: BackupObject, *, certain: bool) -> None:
    """Remember what the call made, named or ended; `certain` is false where its answer was not recorded."""
    if method.operation:
        _begin(history, step, method, obj)
    elif method.name in _MAKERS:
        _make(history, step, method, obj)
    for lesson in aftermath_of(method.name, obj.state):
        lesson(history, step, obj, certain=certain)
    if history.watching:
        called(history, step, method.name, obj)
    if method.name in POINTERS_DIE_WITH:
        obj.pointers_died = step.mark(f"{method.name} ended the life of earlier pointers")


def _begin(history: History, step: Step, method: Method, obj: BackupObject) -> None:
    """An asynchronous operation is under way; the handle may have been recorded or not."""
    if method.operation is None:
        return
    if method.name == "DoSnapshotSet":
        obj.creation_ran = True
    handle = step.made(*_MAKERS[method.name])
    begun = AsyncObject(obj, method, method.operation, step.number)
    begun.has_handle = handle is not None
    if method.name == "RecoverSet":
        history.machine(step.line).resync = begun
    shadow_calls.watch(history, step, begun)
    _judge_handle(history, step, method)
    begun.take_its_place()
    if handle is not None:
        history.keep(step.line, handle, begun)
    else:
        begun.leave()


def _judge_handle(history: History, step: Step, method: Method) -> None:
    """Who begins an asynchronous operation is given an `IVssAsync`."""
    names = [name for name in _MAKERS[method.name] if name in step.results]
    if step.succeeded and names and all(step.results[name] is None for name in names):
        says = f"{method.name} succeeded, and hands out no IVssAsync"
        history.note(step, Level.ERROR, "async-list-incomplete", says, at=At.IMPLEMENTATION)


def _make(history: History, step: Step, method: Method, obj: BackupObject) -> None:
    handle = step.made(*_MAKERS[method.name])
    if handle is not None:
        made = OtherObject(_MADE_FAMILY[method.name], obj, step.mark(f"{method.name} gave it out"))
        if method.name == "Query":
            enumeration_made(step, obj, made)
        history.keep(step.line, handle, made)


def _set_context(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    parsed = parse_context(step.arguments["lContext"]) if "lContext" in step.arguments else None
    obj.context = parsed[0] if parsed and certain else None
    if parsed is None or _TRANSPORTABLE in parsed[1]:
        obj.telling().transportable = True


def _add_component(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    key = component_key(step.arguments)
    instance = parse_guid(step.arguments.get("instanceId"))
    if key is None:
        obj.components_complete = False
    elif certain and len(obj.components) < MEMORY:
        obj.components[*key, instance or ""] = step.mark(step.arguments["wszComponentName"])
    else:
        obj.components_complete = False


def _set_succeeded(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    key = component_key(step.arguments)
    if key is None:
        obj.succeeded_complete = False
    else:
        obj.succeeded.add(key)


def _start_set(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The set of this object is in progress; if it was begun for certain, no other is held against anybody."""
    machine = history.machine(step.line)
    others = [other for other in machine.creators if other is not obj and other.state & _HELD]
    if certain:
        for other in others:
            if holds(other.state, _HELD) is Certainty.MAYBE:
                other.move(narrow(other.state, ANYTHING & ~_HELD), step.mark("another set was begun"))
        others = []
    machine.creators = [*others[-_CREATORS:], obj]
    obj.earlier_snapshots = (*obj.earlier_snapshots, *obj.snapshots)[-MEMORY:]
    obj.volumes, obj.snapshots = {}, ()
    if step.line.out or certain:
        learn_snapshot(
            machine, step.results.get("pSnapshotSetId"), obj, step.mark("StartSnapshotSet gave it"), is_set=True
        )


def _add_volume(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    name = step.arguments.get("pwszVolumeName")
    if certain and isinstance(name, str):
        obj.volumes[name.casefold()] = step.number
    learn_snapshot(
        history.machine(step.line),
        step.results.get("pidSnapshot"),
        obj,
        step.mark("AddToSnapshotSet gave it"),
    )
    shadow_calls.volume_added(history, step, obj, step.results.get("pidSnapshot"))


def _delete(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    shadow_calls.deleted(history, step, obj, certain=certain)
    key = parse_guid(step.arguments.get("SourceObjectId"))
    machine = history.machine(step.line)
    snapshot = machine.snapshots.get(key) if key else None
    if key is None or not certain or (snapshot is None and asks_for_set(Thing.SNAPSHOT_OR_SET, step.line, True)):
        may_be_lost(machine, key, step.mark("it may be deleted since"))
    if snapshot is None or not certain:
        return
    gone = step.mark("DeleteSnapshots deleted it")
    snapshot.gone = gone
    names = snapshot.owner.snapshots if key in snapshot.owner.snapshots else ()  # those of an earlier set are not known
    whole = [machine.snapshots[name] for name in names if name in machine.snapshots]
    if snapshot.is_set or all(member.gone or member.is_set for member in whole):
        for member in whole:
            member.gone = member.gone or gone


def _abort(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    if certain and holds(obj.state, Phase.ABORTED.bit) is Certainty.YES and not obj.creation_ran:
        never_came(history.machine(step.line), obj, step.mark("AbortBackup gave the set up"))
    elif obj.snapshots:
        may_be_aborted(history.machine(step.line), obj, step.mark("AbortBackup may have taken it"))


def _release(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Auto-release shadow copies go with their object, though not at once (rule obs-auto-release-lags)."""
    import_cut_off(history.machine(step.line), obj, step.mark("Release gave the object up"))
    if certain and obj.snapshots and (obj.context is None or is_auto_release(obj.context)):
        may_be_gone(history.machine(step.line), obj, step.mark("Release let it go"))


def _enumerate(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    if word_of(ObjectType, step.arguments.get("eReturnedObjectsType")) != _PROVIDERS:
        history.machine(step.line).enumerated = True


_AFTERMATHS: Final[dict[str, Lesson]] = {
    "SetContext": _set_context,
    "AddComponent": _add_component,
    "SetBackupSucceeded": _set_succeeded,
    "StartSnapshotSet": _start_set,
    "AddToSnapshotSet": _add_volume,
    "DeleteSnapshots": _delete,
    "AbortBackup": _abort,
    "Release": _release,
    "Query": _enumerate,
    "ExposeSnapshot": shadow_calls.exposed,
    "UnexposeSnapshot": shadow_calls.hidden,
    "BreakSnapshotSet": shadow_calls.broken,
    "RevertToSnapshot": shadow_calls.reverted,
}


def _makers() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Method → the parameters that hand out an object, and the family of it; for methods of the protocol table."""
    parameters: dict[str, tuple[str, ...]] = {}
    families: dict[str, str] = {}
    for signature in signatures().values():
        made = [parameter for parameter in signature.parameters if parameter.makes]
        if signature.family == "IVssBackupComponents" and made:
            parameters[signature.name] = tuple(parameter.name for parameter in made)
            families[signature.name] = made[0].makes or ""
    for name, found in parameters.items():
        if families[name] == ASYNC:
            parameters[name] = tuple(dict.fromkeys((*found, "ppAsync", "pAsync")))
    return parameters, families


_MAKERS, _MADE_FAMILY = _makers()


def aftermath_of(name: str, state: int) -> tuple[Lesson, ...]:
    """What success of the method, in this state, changes and teaches beside the state and what it hands out."""
    own = _AFTERMATHS.get(name)
    return (*([own] if own else []), *lessons_of(name, state))


def made_by(name: str) -> tuple[str, ...]:
    """The parameters in which the method hands out an object."""
    return _MAKERS.get(name, ())


def made_family(name: str) -> str:
    """The family of the object that the method hands out; empty where it hands out none."""
    return _MADE_FAMILY.get(name, "")


def changes_something(name: str) -> bool:
    """Whether success of the method leaves anything behind; reading calls do not."""
    return bool(METHODS[name].changes) or name in _AFTERMATHS or name in LEAVES_A_TRACE
