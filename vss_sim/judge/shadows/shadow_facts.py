"""What a log tells of shadow copies beside their ids, and what calls ask of them.

A fact that was not recorded is not there: a call is held against nobody unless the log shows that what it asks for is
missing. The structures are read by the documented names of their members (`m_SnapshotId`, `m_lSnapshotAttributes`).
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from vss_sim.engine.contexts import is_auto_release, number_of
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import MEMORY, History, Step
from vss_sim.judge.objects import BackupObject, End, MachineView, Mark
from vss_sim.judge.shadows.known_copies import ShadowFacts, Snapshot
from vss_sim.model.shown import shown
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import NOT_DURING_CREATION
from vss_sim.spec.providers import SYSTEM_PROVIDER
from vss_sim.spec.table import Demand, Method, Profile, Quality, Reference, Thing
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_PERSISTENT: Final = numbers()["VSS_VOLSNAP_ATTR_PERSISTENT"]
_HARDWARE: Final = numbers()["VSS_VOLSNAP_ATTR_HARDWARE_ASSISTED"]
_PLEX: Final = numbers()["VSS_VOLSNAP_ATTR_PLEX"]
_EXPOSED: Final = numbers()["VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY"] | numbers()["VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY"]
_NOT_SURFACED: Final = numbers()["VSS_VOLSNAP_ATTR_NOT_SURFACED"]
_CREATED: Final = numbers()["VSS_SS_CREATED"]
_HARDWARE_PROVIDER: Final = numbers()["VSS_PROV_HARDWARE"]
_TOLD_IN_HEADER: Final[Mark] = (1, "the world in the header tells the providers")
_STATES_SEEN: Final = NOT_DURING_CREATION
_SURVIVES: Final = "expose-persistent-survives"
_STAYS: Final = "no-autorelease-delete-only"
_SURFACED: Final = "sn-unexposed-still-surfaced"
_ALL: Final = "VSS_CTX_ALL"


def facts_of(machine: MachineView, key: str) -> ShadowFacts:
    """The facts of a shadow copy, to be added to; the oldest are forgotten where there are too many."""
    facts = machine.shadows.get(key)
    if facts is None:
        if len(machine.shadows) >= MEMORY:
            _forget_oldest(machine)
        facts = machine.shadows[key] = ShadowFacts()
    return facts


def _forget_oldest(machine: MachineView) -> None:
    oldest = next(iter(machine.shadows))
    member_of(machine, oldest, None)
    del machine.shadows[oldest]


def member_of(machine: MachineView, key: str, set_id: str | None) -> None:
    """The shadow copy set that a shadow copy, whose facts are known, is of; None where it is not known any more."""
    facts = machine.shadows[key]
    if facts.set_id == set_id:
        return
    if facts.set_id is not None:
        members = machine.members[facts.set_id]
        members.discard(key)
        if not members:
            del machine.members[facts.set_id]
    if set_id is not None:
        machine.members.setdefault(set_id, set()).add(key)
    facts.set_id = set_id


def read_properties(history: History, step: Step, properties: Any, *also: str) -> ShadowFacts | None:
    """Learn from a `VSS_SNAPSHOT_PROP`, and judge what it shows: only created shadow copies are ever seen."""
    if not isinstance(properties, dict):
        return None
    status = number_of(properties.get("m_eStatus"))
    if status is not None and status != _CREATED:
        says = (
            f"a shadow copy is shown in the state {properties['m_eStatus']}; VSS_SS_CREATED is the only one ever seen"
        )
        rule, *more = (*also, _STATES_SEEN)
        history.note(step, Level.ERROR, rule, says, at=At.IMPLEMENTATION, also=tuple(more))
    key = parse_guid(properties.get("m_SnapshotId") or step.arguments.get("SnapshotId"))
    if key is None:
        return None
    machine = history.machine(step.line)
    facts = facts_of(machine, key)
    member_of(machine, key, parse_guid(properties.get("m_SnapshotSetId")) or facts.set_id)
    facts.provider = parse_guid(properties.get("m_ProviderId")) or facts.provider
    volume = properties.get("m_pwszOriginalVolumeName")
    if isinstance(volume, str):
        facts.volume = facts.volume or shown(volume)
    _read_time(history, step, machine, facts, properties.get("m_tsCreationTimestamp"))
    attributes = number_of(properties.get("m_lSnapshotAttributes"))
    if attributes is not None:
        _read_attributes(history, step, machine, facts, attributes)
    return facts


def _read_time(history: History, step: Step, machine: MachineView, facts: ShadowFacts, created: object) -> None:
    """All copies of a set are of one point in time."""
    if type(created) is not int or facts.set_id is None:
        return
    facts.created = created
    for other in machine.shadows.values():
        if other is not facts and other.set_id == facts.set_id and other.created not in (None, created):
            says = "two shadow copies of one set are of different points in time"
            history.note(step, Level.ERROR, "sn-same-instant", says, at=At.IMPLEMENTATION)
            return


def _read_attributes(history: History, step: Step, machine: MachineView, facts: ShadowFacts, attributes: int) -> None:
    facts.attributes = attributes
    facts.read = step.mark("its properties were read")
    _see_surfaced(history, step, attributes)
    if attributes & _EXPOSED:
        facts.exposed = facts.exposed or facts.read
    elif facts.exposed:
        if facts.exposed[0] < machine.booted and (facts.persistent or attributes & _PERSISTENT):
            says = "the persistent shadow copy is exposed no more after the restart"
            history.note(step, Level.WARNING, _SURVIVES, says, facts.exposed, at=At.IMPLEMENTATION)
        facts.exposed = None


def _see_surfaced(history: History, step: Step, attributes: int) -> None:
    """A copy that is exposed is surfaced; one that is not is marked so, by the letter of the page (dispute C80).

    What Windows does with the mark contradicts that page elsewhere, so it is a fault only by the letter.
    """
    hidden, exposed = attributes & _NOT_SURFACED, attributes & _EXPOSED
    if hidden and exposed:
        says = "the shadow copy is exposed, and is shown as not surfaced"
    elif not hidden and not exposed and history.profile is Profile.DOCUMENTED:
        says = "the shadow copy is not exposed, and lacks VSS_VOLSNAP_ATTR_NOT_SURFACED"
    else:
        return
    level = Level.ERROR if history.profile is Profile.DOCUMENTED else Level.WARNING
    history.note(step, level, "attr-not-surfaced", says, at=At.IMPLEMENTATION)


def demand_troubles(
    machine: MachineView, reference: Reference, wanted: str, known: Snapshot | None
) -> Iterator[Trouble]:
    """What a call asks of the shadow copy or set that it names, and the log shows to be missing."""
    if known is not None and known.lost:
        return
    for demand in reference.demands:
        grounds = _missing(machine, demand.quality, reference.thing, wanted, known)
        if grounds is not None:
            not_yet = (reference.answer,) if known is not None and not was_created(known) else ()
            yield _trouble(demand, grounds, *not_yet)


def machine_troubles(method: Method, history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """What a call asks of the machine, and the log shows to be missing."""
    for demand in method.demands:
        if demand.quality is Quality.HARDWARE_PROVIDER and (shown := _no_hardware_provider(history, line)):
            yield _trouble(demand, (Ground(*shown),))


def _no_hardware_provider(history: History, line: Line) -> Mark | None:
    """Where the log shows that the machine has no hardware provider: in what Query listed, or in its header."""
    machine = history.machine(line)
    if machine.providers_listed and _HARDWARE_PROVIDER not in machine.providers.values():
        return machine.providers_listed
    return _TOLD_IN_HEADER if history.world.has_no_hardware_provider(line.machine) else None


def _trouble(demand: Demand, grounds: tuple[Ground, ...], *beside: HResult) -> Trouble:
    """What is missing; `beside` are answers to what may be wrong as well."""
    rule, *also = demand.rules
    answers = (*demand.answers, *beside)
    return Trouble(rule, answers, demand.quality.value, demand.otherwise, grounds, also=tuple(also))


def _missing(
    machine: MachineView, quality: Quality, thing: Thing, wanted: str, known: Snapshot | None
) -> tuple[Ground, ...] | None:
    """The lines that show that a quality is missing; None where nothing shows it."""
    if quality is Quality.HARDWARE and thing is Thing.SNAPSHOT_SET:
        for key, facts in machine.shadows.items():
            if (
                facts.set_id == wanted
                and (grounds := _not_hardware(machine, facts, machine.snapshots.get(key))) is not None
            ):
                return grounds
        return None
    facts = machine.shadows.get(wanted) or ShadowFacts()
    if quality is Quality.PERSISTENT:
        return _not_persistent(facts, known)
    if quality is Quality.EXPOSED:
        return _not_exposed(machine, facts, known)
    if quality is Quality.NO_REVERT:
        begun = machine.reverts.get(facts.volume or "")
        return (Ground(*begun),) if begun else None
    return None


def _not_hardware(machine: MachineView, facts: ShadowFacts, known: Snapshot | None) -> tuple[Ground, ...] | None:
    if facts.attributes is not None and facts.read:
        return None if facts.attributes & _HARDWARE else (Ground(*facts.read),)
    kind = machine.providers.get(facts.provider or "")
    if facts.provider == SYSTEM_PROVIDER or (kind is not None and kind != _HARDWARE_PROVIDER):
        return (Ground(*known.made),) if known else ()
    return None


def _not_persistent(facts: ShadowFacts, known: Snapshot | None) -> tuple[Ground, ...] | None:
    if facts.attributes is not None and facts.read:
        return None if facts.attributes & _PERSISTENT else (Ground(*facts.read),)
    if known and known.owner.context and known.owner.context != _ALL and is_auto_release(known.owner.context):
        return (Ground(*known.made),)
    return None


def _not_exposed(machine: MachineView, facts: ShadowFacts, known: Snapshot | None) -> tuple[Ground, ...] | None:
    if facts.exposed or machine.exposed_unseen:
        return None
    if facts.attributes is not None and facts.read:
        return (Ground(*facts.read),)
    return (Ground(*known.made),) if known else None


def was_created(known: Snapshot) -> bool:
    """Whether the log shows that the set of a shadow copy came into being."""
    operation = METHODS["DoSnapshotSet"].operation
    creation = known.owner.running.get(operation.pending) if operation else None
    return creation is not None and creation.end is End.FINISHED


class Kept(NamedTuple):
    """Why the shadow copy that a call names has to be there: the rule, in words, the lines; how grave it is if not."""

    rule: str
    why: str
    because: tuple[Mark, ...]
    level: Level = Level.WARNING


def should_be_there(machine: MachineView, method: Method, line: Line, obj: BackupObject) -> Kept | None:
    """Why the shadow copy that a call names has to be there, if it has to.

    A persistent one stays until somebody deletes it, exposed if it was exposed; objects of another context need not
    see it. One whose document was given out to be imported may be on another machine by now.
    """
    for reference in method.references:
        key = parse_guid((line.in_ or {}).get(reference.parameters[0])) or ""
        known, facts = machine.snapshots.get(key), machine.shadows.get(key)
        if known is None or known.gone or known.never or known.lost or not was_created(known):
            continue
        if machine.masked is not None and machine.masked[0] > known.made[0]:
            continue
        context = known.owner.context
        if context is None or is_auto_release(context) or obj.context not in (context, _ALL) or known.owner.transports:
            continue
        if method.name != "UnexposeSnapshot":
            hidden = facts.hidden if facts is not None else None
            rule, why = (_SURFACED, "it was hidden again, and stays surfaced") if hidden else (_STAYS, _NOBODY)
            level, room = (Level.INFO, _ROOM) if _copies_on_write(facts) else (Level.WARNING, "")
            return Kept(rule, why + room, (hidden or known.made,), level)
        if facts and facts.exposed and facts.exposed[0] < machine.booted:
            return Kept(_SURVIVES, "it is persistent and was exposed", (facts.exposed,))
    return None


_NOBODY: Final = "it is persistent, and nothing in the log deleted it"
_ROOM: Final = "; but its storage area may have had no more room for it"


def _copies_on_write(facts: ShadowFacts | None) -> bool:
    """Whether a shadow copy may be one that goes when what it keeps has no more room (VSS_DIFF_AREA_PROP)."""
    return facts is None or facts.attributes is None or not facts.attributes & (_HARDWARE | _PLEX)
