"""What arguments refer to: components, volumes and shadow copies that the log has shown, or has not.

Each function returns the troubles that are certain from the log alone. Where a name was not recorded, or an id may come
from elsewhere, there is none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.contexts import is_auto_release
from vss_sim.engine.paths import way_to
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.engine.selection.components import is_below
from vss_sim.judge.calls.indices import index_troubles
from vss_sim.judge.findings import Ground, Level, Trouble
from vss_sim.judge.history import MEMORY, History
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.judge.shadows.known_copies import Snapshot
from vss_sim.judge.shadows.shadow_facts import demand_troubles
from vss_sim.judge.words import word_of
from vss_sim.model.shown import shown
from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.enums import ObjectType
from vss_sim.spec.protocol.common import NOT_DURING_CREATION, SET_BEGUN
from vss_sim.spec.selection import THROUGH_DEFINER
from vss_sim.spec.state import Document, Phase
from vss_sim.spec.table import Bond, Force, Method, Reference, Thing
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_LOOKS_ONLY: Final = "GetSnapshotProperties"
_DELETES: Final = "DeleteSnapshots"
_ARE_SETS: Final[dict[str | None, bool]] = {
    ObjectType.SNAPSHOT.value: False,
    ObjectType.SNAPSHOT_SET.value: True,
}
"""The types of object that DeleteSnapshots knows, and whether they are sets."""

_LISTED: Final = (Thing.WRITER_METADATA, Thing.WRITER_STATUS, Thing.WRITER_COMPONENTS)
"""What is named by its place in a list."""


def reference_troubles(history: History, line: Line, method: Method, obj: BackupObject) -> Iterator[Trouble]:
    """The troubles of what the arguments of one call refer to."""
    for reference in method.references:
        if reference.thing is Thing.COMPONENT:
            yield from _component(reference, line, obj)
        elif reference.thing in _LISTED:
            yield from index_troubles(reference, line, obj)
        elif reference.thing is Thing.VOLUME:
            yield from _volume(reference, line, obj)
        else:
            yield from _snapshot(history.machine(line), reference, line, method, obj)


def references_in_order(history: History, method: Method) -> Callable[[int, Line, BackupObject], bool]:
    """Whether nothing is wrong with what the arguments of `method` refer to, as a function of the call.

    A shadow copy that is there, or a volume that is new, is seen at once; everything else is looked at as ever.
    """
    reference = method.references[0]
    parameter = reference.parameters[0]
    volume = reference.thing is Thing.VOLUME

    def in_order(number: int, line: Line, obj: BackupObject) -> bool:
        del number
        named = line.in_.get(parameter) if line.in_ else None
        if volume:
            return named not in obj.volumes and (not obj.volumes or _nothing_wrong(line, obj))
        known = history.machine(line).snapshots.get(parse_guid(named) or "")
        if known is not None and known.gone is None and known.never is None and not obj.state & SET_BEGUN:
            return known.is_set is asks_for_set(reference.thing, line, known.is_set) or _nothing_wrong(line, obj)
        return _nothing_wrong(line, obj)

    def _nothing_wrong(line: Line, obj: BackupObject) -> bool:
        return next(reference_troubles(history, line, method, obj), None) is None

    return in_order


def component_key(arguments: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Writer, logical path and name of a component, without regard to case, where all that matters was recorded."""
    if not arguments or "wszLogicalPath" not in arguments or not isinstance(arguments.get("wszComponentName"), str):
        return None
    writer = parse_guid(arguments.get("writerId"))
    path = arguments["wszLogicalPath"] or ""
    if writer is None or not isinstance(path, str):
        return None
    return writer, shown(path), shown(arguments["wszComponentName"])


def _component(reference: Reference, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    key = component_key(line.in_)
    if key is None:
        return
    if reference.bond is Bond.ADDS:
        instance = parse_guid((line.in_ or {}).get("instanceId"))
        added = obj.components.get((*key, instance or ""))
        if instance and added:
            words = f"the component {key[2]!r} was added before"
            yield Trouble(
                reference.rule, (reference.answer,), words, because=(Ground(added[0], "added it"),), also=reference.also
            )
    elif shows_components(obj) and not any(added[:3] == key for added in obj.components):
        words = f"no component {key[2]!r} with the logical path {key[1]!r} was added"
        implied = any(
            added[0] == key[0] and is_below((key[1], key[2]), (added[1], added[2])) for added in obj.components
        )
        also = (*reference.also, THROUGH_DEFINER) if implied else reference.also
        yield Trouble(reference.rule, (reference.answer,), words, because=_made(obj), also=also)


def shows_components(obj: BackupObject) -> bool:
    """Whether the log shows every component of the object's document."""
    return obj.components_complete and holds(obj.state, Document.NONE.bit) is Certainty.YES


def _made(obj: BackupObject) -> tuple[Ground, ...]:
    return (Ground(*obj.made),) if obj.made else ()


def _volume(reference: Reference, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    name = (line.in_ or {}).get("pwszVolumeName")
    if not isinstance(name, str):
        return
    limit = reference.limit
    if added := obj.volumes.get(name.casefold()):
        words = f"the volume {name} is in the set already"
        yield Trouble(reference.rule, (reference.answer,), words, because=(Ground(added, "added it"),))
    elif limit is not None and len(obj.volumes) >= limit.most:
        words = f"the set has {len(obj.volumes)} volumes, and a set has {limit.most} at most"
        last = Ground(next(reversed(obj.volumes.values())), "added the last of them")
        yield Trouble(limit.rules[0], (limit.answer,), words, because=(last,), also=limit.rules[1:])


def _snapshot(
    machine: MachineView, reference: Reference, line: Line, method: Method, obj: BackupObject
) -> Iterator[Trouble]:
    arguments = line.in_ or {}
    wanted = parse_guid(next((arguments[name] for name in reference.parameters if name in arguments), None))
    if wanted is None:
        return
    answers = (reference.answer,)
    known = machine.snapshots.get(wanted)
    if known is not None:
        troubles = tuple(_known_snapshot(known, reference, line, method, obj if wanted in obj.snapshots else None))
        demands = demand_troubles(machine, reference, wanted, known)
        yield from troubles or (demands if known.owner is obj else _or_not_there(demands, reference))
    elif wanted in machine.shadows:
        yield from _or_not_there(demand_troubles(machine, reference, wanted, None), reference)
    elif wanted == NULL_GUID:
        yield Trouble(reference.rule, answers, "GUID_NULL names no shadow copy")
    elif _never_was(machine, obj):
        words = "no line of the log ever gave this id"
        if obj.context and is_auto_release(obj.context):
            yield Trouble(reference.rule, answers, words, because=_made(obj))
        elif method.name == _LOOKS_ONLY:
            yield Trouble(reference.rule, answers, words, Force.UNSURE, _made(obj), level=Level.WARNING)


def _or_not_there(demands: Iterable[Trouble], reference: Reference) -> Iterator[Trouble]:
    """The same, where the object's context may not show what it names: VSS looks for it first."""
    for trouble in demands:
        yield replace(trouble, answers=(*trouble.answers, reference.answer))


_WHOLE: Final = "sn-no-partial-commit"
"""A set that could not be made whole is not made at all."""


def _known_snapshot(
    known: Snapshot, reference: Reference, line: Line, method: Method, maker: BackupObject | None
) -> Iterator[Trouble]:
    """An id that the log has shown; `maker` is the object of the call, if the id is of its last set.

    To delete what is not there is a clean-up that programs do in good faith.
    """
    level = Level.WARNING if method.name == _DELETES else Level.ERROR
    made, answers = Ground(*known.made), (reference.answer,)
    if known.is_set is not asks_for_set(reference.thing, line, known.is_set):
        words = (
            "this is the id of a shadow copy set" if known.is_set else "this is the id of a shadow copy, not of a set"
        )
        maker_of = "StartSnapshotSet" if not known.is_set else "AddToSnapshotSet"
        named = next(name for name in reference.parameters if name in (line.in_ or {}))
        legal = f"{method.full_name}({named}: the id that {maker_of} gave)"
        yield Trouble(reference.rule, answers, words, because=(made,), instead=(legal,))
    elif known.gone:
        words = "this shadow copy or set is gone"
        because, (rule, *also) = (made, Ground(*known.gone)), known.gone_by
        yield Trouble(rule, answers, words, because=because, level=level, also=tuple(also))
    elif known.never:
        words = "it names nothing, for the creation of the set failed or was given up"
        same = (_WHOLE,) if known.owner.creation_ran else ()
        yield Trouble(reference.rule, answers, words, because=(made, Ground(*known.never)), level=level, also=same)
    elif maker is not None and holds(maker.state, SET_BEGUN) is Certainty.YES:
        rule = NOT_DURING_CREATION if method.name == _LOOKS_ONLY else reference.rule
        way = way_to(Phase.CREATED.bit, maker.state)
        instead = () if way is None else (*way, method.full_name)
        yield Trouble(rule, answers, "the set is not created yet", because=(made,), instead=instead, level=level)


def asks_for_set(thing: Thing, line: Line, otherwise: bool) -> bool:
    """Whether the call names a set; where both may be meant, an argument tells, if it was recorded."""
    if thing is Thing.SNAPSHOT_OR_SET:
        return _ARE_SETS.get(word_of(ObjectType, (line.in_ or {}).get("eSourceObjectType")), otherwise)
    return thing is Thing.SNAPSHOT_SET


def _never_was(machine: MachineView, obj: BackupObject) -> bool:
    """Whether the log shows every id that this object could know of: those of its own set, and nothing enumerated."""
    return (
        obj.made is not None
        and obj.context is not None
        and bool(obj.snapshots)
        and obj.snapshots_complete
        and not machine.enumerated
        and not machine.forgot_snapshots
    )


def learn_snapshot(
    machine: MachineView, identifier: object, owner: BackupObject, mark: Mark, *, is_set: bool = False
) -> None:
    """An id that the log has shown, of a shadow copy or of a set; without one, nothing can be said of ids any more."""
    key = parse_guid(identifier)
    if key is None:
        owner.snapshots_complete = False
        machine.forgot_snapshots = True
        return
    machine.snapshots.pop(key, None)
    machine.snapshots[key] = Snapshot(owner, mark, is_set=is_set)
    if len(owner.snapshots) < MEMORY:
        owner.snapshots = (*owner.snapshots, key)
    else:
        owner.snapshots_complete = False
    if len(machine.snapshots) > 2 * MEMORY:
        for old in list(machine.snapshots)[:MEMORY]:
            del machine.snapshots[old]
        machine.forgot_snapshots = True


def lost_snapshot(machine: MachineView, method: Method, line: Line) -> Mark | None:
    """Since when the shadow copy that a call names may be gone without anybody having deleted it."""
    for reference in method.references:
        named = (line.in_ or {}).get(reference.parameters[0])
        known = machine.snapshots.get(parse_guid(named) or "")
        if known is not None and known.lost:
            return known.lost
    return None


def is_there_after_all(machine: MachineView, method: Method, line: Line) -> None:
    """VSS took a call on a shadow copy that should be gone: said once, and not held against the next call."""
    for reference in method.references:
        known = machine.snapshots.get(parse_guid((line.in_ or {}).get(reference.parameters[0])) or "")
        if known is not None:
            known.gone = known.never = known.lost = None


def may_be_gone(machine: MachineView, owner: BackupObject, mark: Mark) -> None:
    """The shadow copies of `owner` may have gone with its release or end."""
    for key in (*owner.snapshots, *owner.earlier_snapshots):
        snapshot = machine.snapshots.get(key)
        if snapshot:
            snapshot.lost = snapshot.lost or mark


def may_be_aborted(machine: MachineView, owner: BackupObject, mark: Mark) -> None:
    """Those of its last set may have gone with its abort."""
    for key in owner.snapshots:
        snapshot = machine.snapshots.get(key)
        if snapshot:
            snapshot.lost = snapshot.lost or mark


def may_be_lost(machine: MachineView, key: str | None, mark: Mark) -> None:
    """What a call may have meant that ends copies may be gone: this copy, or all of the set that has this id.

    Any, where the id was not recorded; where the log never showed it, those of which it does not show the set.
    """
    named = machine.snapshots.get(key or "")
    for name, one in machine.snapshots.items():
        if key is None or name == key:
            meant = True
        elif named is not None:
            meant = one.owner is named.owner and (one.is_set or named.is_set)
        else:
            facts = machine.shadows.get(name)
            meant = not one.is_set and (facts is None or facts.set_id in (None, key))
        if meant and one.gone is None:
            one.lost = one.lost or mark


def never_came(machine: MachineView, owner: BackupObject, mark: Mark, began: int | None = None) -> None:
    """The set of `owner` was not created: its ids name nothing; ids given after that `began` are of another set."""
    for key in owner.snapshots:
        snapshot = machine.snapshots.get(key)
        if snapshot and not snapshot.gone and (began is None or snapshot.made[0] < began):
            snapshot.never = mark
