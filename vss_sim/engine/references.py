"""What the arguments of a call refer to: components, shadow copies, sets; and what another object holds."""

from typing import Any

from vss_sim.engine import bits
from vss_sim.engine.answers import Answer, no
from vss_sim.engine.contexts import parse_context
from vss_sim.engine.desk import Desk
from vss_sim.engine.editing import find
from vss_sim.engine.paths import way_to
from vss_sim.engine.snapshot_calls import completed, left_behind, masked, of_context, travels
from vss_sim.engine.words import describe
from vss_sim.model.objects import BackupObject, Handle
from vss_sim.model.world import Snapshot
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import NOT_DURING_CREATION, SET_OPEN
from vss_sim.spec.state import Phase
from vss_sim.spec.table import Bond, Claim, Method, Reference, Thing

Arguments = dict[str, Any]


def claimed_by_another(desk: Desk, obj: BackupObject, handle: Handle, claim: Claim) -> Answer | None:
    """The answer where another object of the machine holds what the call claims."""
    for other_handle, other in desk.objects.items():
        if type(other) is not BackupObject or other.machine != obj.machine or other_handle == handle:
            continue
        if other.state & claim.held_in:
            words = f"of the object {other_handle!r}: {describe(other.state & claim.held_in, claim.held_in)}"
            return no(claim.answer, claim.rule, words)
    return None


def missing_reference(desk: Desk, method: Method, obj: BackupObject, arguments: Arguments) -> Answer | None:
    """The answer where something that the arguments name is not there, or is there and should be new."""
    for reference in method.references:
        answer = _judge(desk, method, reference, obj, arguments)
        if answer is not None:
            return answer
    return None


def _judge(desk: Desk, method: Method, reference: Reference, obj: BackupObject, arguments: Arguments) -> Answer | None:
    adds = reference.bond is Bond.ADDS
    match reference.thing:
        case Thing.COMPONENT:
            return _component(reference, obj, arguments, adds=adds)
        case Thing.VOLUME:
            return None  # whether a volume is new to the set is told from its other names, by the call itself
        case Thing.WRITER_METADATA | Thing.WRITER_STATUS | Thing.WRITER_COMPONENTS:
            return None  # how many there are is known to the call itself
        case _:
            return _snapshot(desk, method, reference, obj, arguments[reference.parameters[0]])


def _component(reference: Reference, obj: BackupObject, arguments: Arguments, *, adds: bool) -> Answer | None:
    path, name = arguments["wszLogicalPath"], arguments["wszComponentName"]
    there = find(obj.document, arguments["writerId"], path, name, arguments.get("instanceId"))
    if (there is None) is adds:
        return None
    shown = f"{path}\\{name}" if path else f"{name}"
    words = f"the component {shown!r} is {'in the document already' if adds else 'not in the document'}"
    return no(reference.answer, reference.rule, words)


def _snapshot(desk: Desk, method: Method, reference: Reference, obj: BackupObject, wanted: str) -> Answer | None:
    """Persistent shadow copies are shown to objects of their context or VSS_CTX_ALL (rule obs-context-must-match).

    An object that loaded the document of a set, to import it, knows that set as well. A copy of another machine that
    waits for its import is on no machine yet; what a failed import left of it can be deleted.
    """
    if reference.answer is not HResult.VSS_E_OBJECT_NOT_FOUND:
        raise ValueError(f"{reference.rule}: a shadow copy that is not there is answered with VSS_E_OBJECT_NOT_FOUND")
    if reference.thing is Thing.SNAPSHOT_OR_SET and any(
        wanted in (c.snapshot_id, c.set_id) for c in left_behind(desk, obj)
    ):
        return None
    if any(_is_meant(desk, snapshot, reference.thing, obj, wanted) for snapshot in completed(desk)):
        return None
    hidden = [copy for copy in masked(desk) if _is_meant(desk, copy, reference.thing, obj, wanted)]
    if hidden:
        return no(reference.answer, "sn-masked-not-found", _where_masked(desk, hidden))
    if obj.state & SET_OPEN and wanted in (obj.set_id, *(one.snapshot_id for one in obj.volumes)):
        return _not_yet(desk, method, reference, obj, wanted)
    return no(reference.answer, reference.rule, _what_it_is(desk, reference.thing, obj, wanted))


def _where_masked(desk: Desk, hidden: list[Snapshot]) -> str:
    """Which LUNs have to be unmasked for the copies to be found."""
    luns = " and ".join(f"LUN {copy.lun!r} (shadow copy {copy.snapshot_id} of {copy.volume})" for copy in hidden)
    are = "are" if len(hidden) > 1 else "is"
    return f"{luns} {are} masked from machine {desk.machine.name!r}; have it unmasked with the array's tools"


def _what_it_is(desk: Desk, thing: Thing, obj: BackupObject, wanted: str) -> str:
    """What is known of the id that a call names and finds nothing by: it may be of another kind, or elsewhere."""
    other = Thing.SNAPSHOT_SET if thing is Thing.SNAPSHOT else Thing.SNAPSHOT
    hidden = next((copy for copy in completed(desk) if wanted in (copy.snapshot_id, copy.set_id)), None)
    if hidden is not None and not _is_named(hidden, thing, wanted):
        return f"{wanted} is the id of a {other.value}, not of a {thing.value}"
    if hidden is not None and not travels(hidden):
        name, _ = parse_context(hidden.context) or ("another", ())
        return f"{wanted} is of context {name}, which this object does not see; SetContext with that, or VSS_CTX_ALL"
    for copy in desk.snapshots.values():
        owner = desk.world.machine(copy.machine).name
        if wanted in (copy.snapshot_id, copy.set_id) and copy.originating_machine == desk.machine.name != owner:
            return f"{wanted} was imported on {owner}, and is that machine's"
        if wanted in (copy.snapshot_id, copy.set_id) and travels(copy) and copy.machine != desk.machine_index:
            return f"{wanted} waits for its import since {owner} made it; no ImportSnapshots has brought it here"
    fate = desk.gone.get(wanted)
    return f"there is no {thing.value} {wanted}" if fate is None else f"the shadow copy {wanted} {fate.value}"


def _not_yet(desk: Desk, method: Method, reference: Reference, obj: BackupObject, wanted: str) -> Answer:
    """The shadow copy is of the set that the object is making."""
    rule = NOT_DURING_CREATION if NOT_DURING_CREATION in method.notes else reference.rule
    way = way_to(Phase.CREATED.bit, obj.state, desk.profile)
    ways = () if way is None else (*way, method.full_name)
    return Answer(reference.answer, rule=rule, words=f"the set of {wanted} is not created yet", ways=ways)


def _is_meant(desk: Desk, snapshot: Snapshot, thing: Thing, obj: BackupObject, wanted: str) -> bool:
    """Whether a shadow copy that the object may see is the one that a call names, or is of the set."""
    waits = snapshot.attributes & bits.NOT_SURFACED and snapshot.originating_machine != desk.machine.name
    if waits or not (of_context(snapshot, obj) or _is_its_own(snapshot.snapshot_id, obj)):
        return False
    return _is_named(snapshot, thing, wanted)


def _is_named(snapshot: Snapshot, thing: Thing, wanted: str) -> bool:
    by_its_id = thing is not Thing.SNAPSHOT_SET and snapshot.snapshot_id == wanted
    return by_its_id or (thing is not Thing.SNAPSHOT and snapshot.set_id == wanted)


def _is_its_own(snapshot_id: str, obj: BackupObject) -> bool:
    return any(record.snapshot_id == snapshot_id for record in obj.document.snapshots)
