"""Shadow copies that were imported on a machine, in a log that shows who made them: they are there until they go.

A copy that was imported can be used there, as what its set was made: it is deleted or broken, or goes with the object
that imported it and with the one that made it, unless it is persistent (dispute C36).

Page: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine import bits
from vss_sim.engine.contexts import is_auto_release, number_of
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import asks_for_set
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.judge.recorded import code_of
from vss_sim.judge.shadows.known_copies import ShadowFacts, Transport
from vss_sim.judge.shadows.shadow_facts import Kept, facts_of, member_of
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import AGAIN
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.state import Phase
from vss_sim.spec.table import Force, Method, Quality, Reference, Thing
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

SHADOWS: Final = (Thing.SNAPSHOT, Thing.SNAPSHOT_SET, Thing.SNAPSHOT_OR_SET)
"""What a call names by the id of a shadow copy or set."""

_DELETED: Final = "sn-deleted-gone"
_BROKEN: Final = "sn-break-forgets"
_ALL: Final = "VSS_CTX_ALL"
_NOT_FOUND: Final = HResult.VSS_E_OBJECT_NOT_FOUND
_MANY: Final = 256
"""So many copies and sets are remembered of a machine; of more, the set that was imported first is forgotten."""
_NEVER: Final[Mark] = (0, "")
_BEFORE_IMPORT: Final = ("sn-break-imported-first",)
"""Rules that ask for the import before a call."""


def take_on(machine: MachineView, transport: Transport) -> None:
    """The whole set of a transport is this machine's: its copies are known by it, and it by them."""
    keys = transport.copies if transport.set_id is None else (transport.set_id, *transport.copies)
    while machine.imported and len(machine.imported) + len(keys) > _MANY:
        oldest = next(iter(machine.imported.values()))
        machine.imported = {key: one for key, one in machine.imported.items() if one is not oldest}
    machine.imported.update(dict.fromkeys(keys, transport))
    for key in transport.copies:
        facts = facts_of(machine, key)
        facts.broken = facts.deleted = None
        facts.persistent = transport.source.context is not None and not is_auto_release(transport.source.context)
        member_of(machine, key, transport.set_id or facts.set_id)


def meant_by(machine: MachineView, key: str | None) -> set[str]:
    """The imported copies of this machine that have this id, or are of the set that has it.

    Where the id of a set was not recorded, or what a call names was not (None), these are all that may be meant.
    """
    known = machine.imported.get(key or "")
    if known is not None and key in known.copies:
        return {key}
    found: set[str] = set()
    for transport in set(machine.imported.values()):
        sets = _sets_of(machine, transport)
        may_be = not sets and key not in machine.snapshots and key not in machine.shadows
        if key is None or key in sets or may_be:
            found.update(transport.copies)
    return found


def _sets_of(machine: MachineView, transport: Transport) -> set[str]:
    """The id of the set of a transport, from where it was made or from the properties of a copy; empty, if unknown."""
    facts = [machine.shadows.get(key) for key in transport.copies]
    return {key for key in (transport.set_id, *(one.set_id for one in facts if one is not None)) if key is not None}


def forget_imported(machine: MachineView, key: str | None, left: str | None = None) -> None:
    """A copy or set of this machine was deleted or broken, but for one that is left.

    A set goes with the last of its copies.
    """
    for copy in meant_by(machine, key) - {left}:
        transport = machine.imported.pop(copy, None)
        if transport is not None and not any(one in machine.imported for one in transport.copies):
            machine.imported.pop(transport.set_id or "", None)


def passes(transport: Transport) -> bool:
    """Whether the copies go with an object that holds them."""
    context = transport.source.context
    return context is not None and is_auto_release(context)


def may_pass(transport: Transport) -> bool:
    """The same, or the log does not show the context of the set."""
    return transport.source.context is None or passes(transport)


def where_gone(history: History, transport: Transport) -> tuple[Mark, str] | None:
    """Where all copies of a set went by calls on the machine that made it, or the last of them, and by which rule."""
    view = history.machines.get(transport.source.machine)
    known = [view.snapshots.get(key) for key in transport.copies] if view is not None else []
    gone = [(copy.gone, copy.gone_by[-1]) for copy in known if copy is not None and copy.gone]
    return max(gone) if gone and len(gone) == len(known) else None


def may_be_gone(history: History, transport: Transport) -> bool:
    """Whether copies that nothing in the log deleted or broke may have gone all the same."""
    if transport.importer is None or not transport.imported or transport.may_be_broken:
        return True
    holders = (transport.importer, transport.source)
    return may_pass(transport) and any(may_have_gone(history, one) for one in holders)


def holders_gone(history: History, transport: Transport) -> Iterator[Mark]:
    """Where objects went that held an imported set, which goes with them: who imported it, and who made it."""
    for holder in (transport.importer, transport.source):
        if holder is not None and passes(transport) and may_have_gone(history, holder):
            stopped = history.machines[holder.machine].stopped if holder.machine in history.machines else 0
            yield next(iter(holder.grounds_of(Phase)), (stopped, "the service VSS stopped"))


def may_have_gone(history: History, obj: BackupObject) -> bool:
    """Whether an object was given up, or VSS ended what it did for it."""
    machine = history.machines.get(obj.machine)
    stopped = machine is not None and machine.stopped > (obj.made or _NEVER)[0]
    return stopped or holds(obj.state, RELEASED) is Certainty.YES


def kind_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """The id of an imported set where a call asks for that of a copy, or the other way round."""
    del obj
    machine, arguments = history.machine(line), line.in_ or {}
    method = METHODS[(line.call or "").rpartition("::")[2]]
    for reference in method.references if machine.imported else ():
        key = parse_guid(arguments.get(reference.parameters[0]))
        transport = machine.imported.get(key or "")
        if transport is None or not transport.imported or _means(reference, line, key or "", transport):
            continue
        is_set = key == transport.set_id
        words = "this is the id of a shadow copy set" if is_set else "this is the id of a shadow copy, not of a set"
        wanted = "the id of a copy of it" if is_set else "m_SnapshotSetId of its properties"
        legal = f"{method.full_name}({reference.parameters[0]}: {wanted})"
        because = (Ground(*transport.imported),)
        yield Trouble(reference.rule, (_NOT_FOUND,), words, Force.UNSURE, because, (legal,), Level.WARNING)


def waiting_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A call fails on a copy or set that was made to be transported, and no import brought it here, or a part of it.

    Of an import that is under way the failure itself tells.
    """
    code = code_of(line.returns)
    if code is None or code.succeeded:
        return
    method, arguments = METHODS[(line.call or "").rpartition("::")[2]], line.in_ or {}
    for reference in method.references:
        key = parse_guid(arguments.get(reference.parameters[0])) or ""
        transport = _arriving(history, line, obj, key)
        running = transport.importing if transport is not None else None
        if transport is None or where_gone(history, transport) is not None:
            continue
        if running is not None and running.end is None:
            continue
        if transport.partly:
            words, told = (
                "the import brought a part of the set, and this may be one that did not come",
                transport.partly,
            )
            yield Trouble(reference.rule, (_NOT_FOUND,), words, Force.UNSURE, (Ground(*told),), level=Level.INFO)
            continue
        because = tuple([Ground(*mark) for mark in (transport.saved, transport.failed) if mark is not None])
        rule = next((rule for rule in method.notes if rule in _BEFORE_IMPORT), reference.rule)
        words, again = "no import has brought it to this machine", (*AGAIN, method.full_name)
        yield Trouble(rule, (_NOT_FOUND,), words, Force.UNSURE, because, again)


def _arriving(history: History, line: Line, obj: BackupObject, key: str) -> Transport | None:
    """The transport by which a copy or set would come to this machine that is not there as far as the log shows.

    It is that of the document that the object began with, or one of which the machine imported a part.
    """
    here, transport = line.machine or "", obj.arriving
    facts = history.machine(line).shadows.get(key)
    if facts is not None and how_gone(facts) is not None:
        return None
    if transport is not None and key in (transport.set_id, *transport.copies):
        waits = not transport.imported or transport.partly
        return transport if waits and transport.source.machine != here else None
    for other in history.transports.values():
        importer = other.importer if other is not None and other.partly else None
        if other is not None and importer is not None and importer.machine == here and key in other.copies:
            return other
    return None


def gone_here(machine: MachineView, method: Method, line: Line) -> tuple[str, Mark] | None:
    """By which rule a copy or set that a call names is gone from this machine, which did not make it, and where."""
    for reference in method.references:
        key = parse_guid((line.in_ or {}).get(reference.parameters[0])) or ""
        copies = (key, *machine.members.get(key, ())) if key not in machine.snapshots else ()
        known = [machine.shadows[one] for one in copies if one in machine.shadows]
        gone = [found for one in known if (found := how_gone(one)) is not None]
        if gone and len(gone) == len(known):
            last, rule = max(gone)
            return rule, last
    return None


def how_gone(facts: ShadowFacts) -> tuple[Mark, str] | None:
    """Where a copy was deleted or broken for certain, and by which rule it is gone since."""
    if facts.deleted is not None:
        return facts.deleted, _DELETED
    return (facts.broken, _BROKEN) if facts.broken is not None else None


def judge_shown(history: History, step: Step, key: str, asked: int) -> None:
    """A copy is shown that was deleted or broken on this machine; said once of it.

    A list has what was there when it was `asked` for in that line. One whose LUN was masked from the machine meanwhile
    stays, when its set is deleted or broken.
    """
    machine = history.machine(step.line)
    facts = machine.shadows.get(key)
    gone = how_gone(facts) if facts is not None else None
    if facts is None or gone is None or gone[0][0] > asked:
        return
    if machine.masked is not None and machine.masked[0] < gone[0][0]:
        return
    says = f"a shadow copy is shown that was {'deleted' if facts.deleted else 'broken'} before"
    history.note(step, Level.WARNING, gone[1], says, gone[0], at=At.IMPLEMENTATION)
    facts.deleted = facts.broken = None


def judge_imported(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The properties of a copy that was imported show that it was, and it is there as long as it may be."""
    del obj
    key = parse_guid(step.arguments.get("SnapshotId"))
    machine = history.machine(step.line)
    transport = machine.imported.get(key or "")
    if certain and key is not None and key not in machine.snapshots:  # one that was made here is refused
        judge_shown(history, step, key, step.number)
    if transport is None or not certain or not transport.imported:
        return
    told = step.results.get("pProp")
    attributes = number_of(told.get("m_lSnapshotAttributes")) if isinstance(told, dict) else None
    if attributes is not None and not attributes & bits.IMPORTED:
        says = "the shadow copy was imported, and is not marked so"
        history.note(step, Level.ERROR, "im-attr-imported", says, transport.imported, at=At.IMPLEMENTATION)
    importer = transport.importer
    gone = importer is not None and holds(importer.state, RELEASED) is Certainty.YES
    if gone and passes(transport) and machine.booted > transport.imported[0]:
        says = "the shadow copy is not persistent, and outlives the object that imported it and a restart"
        history.note(step, Level.ERROR, "im-nonpersistent-lifetime", says, transport.imported, at=At.IMPLEMENTATION)


def should_have_come(history: History, step: Step, method: Method, obj: BackupObject) -> Kept | None:
    """Why the imported copy or set that a call names has to be there, if it has to.

    It can be used by the object that imported it, and by those of its context; hidden, where it is known to be exposed.
    """
    machine = history.machine(step.line)
    for reference in method.references if machine.imported else ():
        key = parse_guid(step.arguments.get(reference.parameters[0])) or ""
        transport, facts = machine.imported.get(key), machine.shadows.get(key)
        if transport is None or not transport.imported or not _means(reference, step.line, key, transport):
            continue
        if any(one.quality is Quality.EXPOSED for one in reference.demands) and not (facts and facts.exposed):
            continue
        if (machine.masked or _NEVER)[0] > transport.imported[0] or may_be_gone(history, transport):
            continue
        if obj is transport.importer or obj.context in (transport.source.context or _ALL, _ALL):
            why = "the set was imported, and nothing in the log took it away since"
            return Kept("im-usable-after-import", why, (transport.imported,), Level.ERROR)
    return None


def _means(reference: Reference, line: Line, key: str, transport: Transport) -> bool:
    """Whether a call asks for a set where it names that of a transport, and for a copy where it names one of it."""
    is_set = key == transport.set_id
    return is_set is asks_for_set(reference.thing, line, is_set)
