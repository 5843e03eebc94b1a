"""A shadow copy set on its way from the machine that made it to the one that imports it, seen in one log of both.

The document ties the two together: one object gives its text out, another begins with the same text. Machine two works
on copies that machine one's object may hold, so neither goes on without the other: who made the set stays until machine
two is done, machine two gets rid of the copies and tells machine one, and only then machine one tells its writers.

Page: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vss_sim.engine.contexts import is_auto_release
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import AsyncObject, BackupObject, End, MachineView, Mark
from vss_sim.judge.recorded import marked_as_saved
from vss_sim.judge.restoring.restores import name_of_text
from vss_sim.judge.shadows.imported import may_pass, take_on, where_gone
from vss_sim.judge.shadows.known_copies import ShadowFacts, Transport
from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import NOT_MADE_TO_TRAVEL
from vss_sim.spec.protocol.common import NOT_RELEASED, RELEASED, WRITERS_INVOLVED
from vss_sim.spec.state import Context, Phase
from vss_sim.spec.systems import System, is_of_server_2003
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import Code, parse_guid

_MANY: Final = 64
_CREATING: Final = Phase.CREATING.bit
_COMPLETING: Final = Phase.COMPLETING.bit
_NOT_TRANSPORTABLE: Final = NOT_MADE_TO_TRAVEL.rule
_PARTLY: Final = HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED


def learn_export(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The document of a set was given out: of one that may be transported, or that stays where it was made."""
    text = step.results.get("pbstrXML")
    stays = _stays(obj)
    if not certain or not isinstance(text, str) or obj.made is None or not (obj.told.transportable or stays):
        return
    name = name_of_text(text)
    if len(history.transports) >= _MANY:
        del history.transports[next(iter(history.transports))]
    made = Transport(obj, step.mark("SaveAsXML gave the document out"), *_set_of(history, obj))
    made.stays = stays
    former = history.transports.pop(name, made)
    history.transports[name] = made if former is not None and former.source is obj else None
    if not stays:
        obj.transports = (*obj.transports[-_MANY:], made)


def _stays(obj: BackupObject) -> bool:
    """Whether the log shows that the set of an object was made, and in a context that lets it travel nowhere."""
    creation = obj.running.get(_CREATING)
    made = creation is not None and creation.end in (End.FINISHED, None)
    return made and obj.context is not None and not obj.told.transportable


def _set_of(history: History, obj: BackupObject) -> tuple[str | None, tuple[str, ...]]:
    """The id of the set of an object, if that was recorded, and those of the copies."""
    view, keys = history.machines.get(obj.machine), obj.snapshots
    first = view.snapshots.get(keys[0]) if view is not None and keys else None
    return (keys[0], keys[1:]) if first is not None and first.is_set else (None, keys)


def begin_with_document(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """An object begins with the document of a set that the log shows being made."""
    del certain
    text = step.arguments.get("bstrXML")
    found = history.transports.get(name_of_text(text)) if isinstance(text, str) and text else None
    if found is not None and found.stays:
        obj.telling().stays = found.saved
        found = None
    obj.arriving = found


def import_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """What speaks against the import of this set, by this object, on this machine."""
    system = history.world.system(line.machine)
    if system is not None and not system.server:
        words = f"this is {system.name}, which is no server"
        yield _unsure("im-server-only", words, also=("import-server-hardware-only",))
    if obj.told.stays is not None:
        yield _unsure(_NOT_TRANSPORTABLE, NOT_MADE_TO_TRAVEL.says, obj.told.stays)
    transport = obj.arriving
    if transport is None:
        return
    source = transport.source
    creation = source.running.get(_CREATING)
    if creation is None or transport.saved[0] < creation.began or (creation.ended or (0, ""))[0] > transport.saved[0]:
        words = "the document was saved before DoSnapshotSet had made the set, and tells of no LUN"
        yield _unsure("im-save-after-do", words, transport.saved)
    elif creation.end in (End.FAILED, End.CANCELLED):
        words = "DoSnapshotSet failed or was cancelled, and the document tells of no LUN"
        yield _unsure("im-save-after-do", words, transport.saved)
    gone = where_gone(history, transport)
    if gone is not None and not transport.imported:
        mark, rule = gone
        words = "the set was broken" if rule == "sn-break-forgets" else "the copies of the set were deleted"
        yield _unsure(rule, words, mark)
    if transport.imported:
        yield _unsure("im-once-only", "the set was imported before", transport.imported)
    if _is_auto_release(source) and _is(source, RELEASED):
        words = "the set is not persistent, and went with the object that made it"
        yield _unsure("im-nonpersistent-import-window", words, *source.grounds_of(Phase))
    completed = source.running.get(_COMPLETING)
    if completed is not None and not _comes_home(transport, line):
        words = "the writers of the machine that made the set were told before that the backup is complete"
        because = (Ground(completed.began, "BackupComplete began"),)
        yield Trouble("im-signal-back", (), words, Force.TOLERATED, because, level=Level.WARNING)
    yield from _of_the_machines(history, line, transport, system)


def _comes_home(transport: Transport, line: Line) -> bool:
    """Whether this is the machine that made the set: a fast recovery, for whose end no backup waits."""
    return transport.source.machine == (line.machine or "")


def _of_the_machines(history: History, line: Line, transport: Transport, system: System | None) -> Iterator[Trouble]:
    source = transport.source
    world, here = history.world, line.machine or ""
    made_by, there = _maker_of(history, source), _hardware_of(history, line)
    if made_by is not None and there and made_by not in there:
        words = f"the set was made by the hardware provider {{{made_by}}}, which is none of this machine"
        yield _unsure("im-hardware-only", words, transport.saved)
    cluster = world.cluster(here)
    if cluster is not None and world.cluster(source.machine) == cluster and not history.machines_masked:
        words = f"this is a node of the cluster {cluster!r}, in which the original volume is mounted"
        yield _unsure("im-cluster-outside", words, also=("import-cluster-outside",))
    maker = world.system(source.machine or None)
    if system is None or maker is None:
        return
    if is_of_server_2003(maker) is not is_of_server_2003(system):
        yield _unsure("im-version-mix", f"the set was made on {maker.name}, and this is {system.name}")
    dynamic = [name for name in source.volumes if world.volume(here, name).get("dynamic")]
    if here and source.machine == here and is_of_server_2003(system) and dynamic:
        yield _unsure("im-dynamic-other-host", f"{dynamic[0]} is on a dynamic disk of this very machine")


def _maker_of(history: History, source: BackupObject) -> str | None:
    """The hardware provider that made a set, if the log names it, or its machine has one alone."""
    view = history.machines.get(source.machine)
    facts = (view.shadows.get(key) for key in source.snapshots) if view is not None else ()
    named = next((one.provider for one in facts if one is not None and one.provider not in (None, NULL_GUID)), None)
    told = history.world.hardware_providers(source.machine) or ()
    return named or (next(iter(told)) if len(told) == 1 else None)


def _hardware_of(history: History, line: Line) -> frozenset[str]:
    """The hardware providers of a machine, where the log shows all of them."""
    machine = history.machine(line)
    if machine.providers_listed:
        return frozenset(one for one, kind in machine.providers.items() if kind == _HARDWARE)
    return history.world.hardware_providers(line.machine) or frozenset()


def deletion_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A copy is deleted on the machine that made it, after another one has imported it; then it is that one's."""
    del obj
    key = parse_guid((line.in_ or {}).get("SourceObjectId"))
    known = history.machine(line).snapshots.get(key or "")
    for transport in known.owner.transports if known is not None else ():
        importer = transport.importer
        there = history.machines.get(importer.machine) if importer is not None else None
        if importer is None or there is None or importer.machine == transport.source.machine:
            continue
        if transport.imported and key in there.imported:
            words = f"the set was imported on {importer.machine or 'another machine'}, and is deleted there"
            because = (Ground(*transport.imported),)
            rule, answers = "im-delete-after-use", (HResult.VSS_E_OBJECT_NOT_FOUND,)
            yield Trouble(rule, answers, words, Force.UNSURE, because, level=Level.WARNING)
            return


def _unsure(rule: str, words: str, *because: tuple[int, str], also: tuple[str, ...] = ()) -> Trouble:
    grounds = tuple(Ground(*mark) for mark in because)
    return Trouble(rule, (), words, Force.UNSURE, grounds, level=Level.WARNING, also=also)


def _is(obj: BackupObject, mask: int) -> bool:
    return holds(obj.state, mask) is Certainty.YES


def _is_auto_release(obj: BackupObject) -> bool:
    return obj.context is not None and is_auto_release(obj.context)


def watch_import(history: History, step: Step, begun: AsyncObject) -> None:
    """Who imports, and what the import comes to."""
    owner, transport = begun.owner, begun.owner.arriving
    if transport is None:
        if owner.told.stays is not None:
            _watch_stayer(history, begun, owner.told.stays)
        return
    if transport.importing is None or transport.importing.end in (End.FAILED, End.CANCELLED):
        transport.importer, transport.importing = owner, begun
    machine, before = history.machine(step.line), begun.at_end

    def at_end(asked: Step, end: End, result: Code) -> None:
        if before is not None:
            before(asked, end, result)
        if end is End.FAILED and transport.imported is None and transport.importing is begun:
            transport.failed = asked.mark(f"the import came to {result.name}")
        elif end is End.FINISHED:
            _leaves(history, transport.source, machine, asked.mark("its set went to another machine"))
            _came(machine, asked, transport, begun, result)

    begun.at_end = at_end


def _came(machine: MachineView, asked: Step, transport: Transport, begun: AsyncObject, result: Code) -> None:
    """The import brought the set, or a part of it."""
    if transport.imported is None:
        transport.importer, transport.importing = begun.owner, begun
    transport.failed = None
    transport.imported = asked.mark("the set was imported")
    machine.masked_copies.clear()
    if result.known is not _PARTLY and machine.cleaned < begun.began:
        take_on(machine, transport)


def _watch_stayer(history: History, begun: AsyncObject, saved: Mark) -> None:
    """A set that was not made to be transported is imported by nobody."""
    before = begun.at_end

    def at_end(asked: Step, end: End, result: Code) -> None:
        if before is not None:
            before(asked, end, result)
        if end is End.FINISHED:
            says = f"{NOT_MADE_TO_TRAVEL.says}, and its import came to {result.name}"
            history.note(asked, Level.WARNING, _NOT_TRANSPORTABLE, says, saved, at=At.IMPLEMENTATION)

    begun.at_end = at_end


def _leaves(history: History, source: BackupObject, target: MachineView, mark: Mark) -> None:
    """What was imported elsewhere need not be found any more where it was made."""
    made = history.machines.get(source.machine)
    if made is None or made is target:
        return
    for key in source.snapshots:
        if key in made.snapshots:
            made.snapshots[key].lost = mark


def transport_duties(history: History, name: str, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """What the other machine is owed when this call comes."""
    if not obj.transports and obj.arriving is None:
        return ()
    return TRANSPORT_DUTIES[name](history, number, line, obj)


def _gathers(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    del history, line
    if obj.arriving is not None:
        says = "the writers of this machine tell nothing of what was backed up; their stored documents do"
        yield Finding(number, Level.INFO, At.REQUESTER, "im-writer-docs-stored", says, (Ground(*obj.arriving.saved),))


def _marks(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """Success is flagged where the backup on the other machine succeeded."""
    del history
    arguments = line.in_ or {}
    if not marked_as_saved(arguments):
        return
    for transport in obj.transports:
        importer = transport.importer
        lost = next(iter(importer.told.failed_copies.values()), None) if importer is not None else None
        failed = transport.failed or lost
        if failed:
            says = "the component is marked as saved, though its backup on the other machine failed"
            rule = "im-no-success-on-failed-backup"
            yield Finding(number, Level.WARNING, At.REQUESTER, rule, says, (Ground(*failed),))
            return


def _completes(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """The writers hear of the end of the backup when the other machine is done."""
    del line
    for transport in obj.transports:
        importing = transport.importing
        if importing is None or transport.importer is None or transport.failed:
            continue
        if importing.end is None:
            says = "the writers are told that the backup is complete, while the other machine imports its copies"
            rule, level = "im-signal-back", Level.WARNING
        elif _still_there(history, transport):
            says = "the writers are told that the backup is complete, while the other machine still has its copies"
            rule, level = "im-delete-then-signal", Level.INFO
        else:
            continue
        yield Finding(number, level, At.REQUESTER, rule, says, (importing.ground,))
        return


def judge_late_read(history: History, step: Step, facts: ShadowFacts | None) -> None:
    """A file of an imported copy is read; the writers of the machine that made it hear of the end after the last."""
    transport = facts.transport if facts is not None else None
    completed = transport.source.running.get(_COMPLETING) if transport is not None else None
    if transport is None or completed is None or transport.read_late or _comes_home(transport, step.line):
        return
    transport.read_late = True
    says = "a file of the copy is read, and the writers of the machine that made it have been told of the end before"
    history.note(step, Level.WARNING, "im-signal-back", says, (completed.began, "BackupComplete began"))


def _still_there(history: History, transport: Transport) -> bool:
    """Whether a copy that was imported was neither deleted, nor broken, nor let go by its release."""
    importer = transport.importer
    if importer is None or transport.may_be_broken or (may_pass(transport) and not _is(importer, NOT_RELEASED)):
        return False
    view = history.machines.get(importer.machine)
    return view is not None and any(key in view.imported for key in transport.copies)


_HARDWARE: Final = numbers()["VSS_PROV_HARDWARE"]


def _hears_nothing(obj: BackupObject) -> bool:
    """Whether the writers of a set were told neither that the backup is complete nor that it was aborted."""
    return _COMPLETING not in obj.running and not _is(obj, Phase.ABORTED.bit)


def _releases(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """Who made the set stays until machine two is done."""
    del line, history
    for transport in obj.transports:
        importer = transport.importer
        if importer is None or transport.importing is None or transport.failed:
            continue
        ground = (transport.importing.ground,)
        backup = _is(obj, WRITERS_INVOLVED)
        if not _is(importer, RELEASED) and (backup or _is_auto_release(obj)):
            says = "the object that made the set is released while the other machine works with its copies"
            yield Finding(number, Level.WARNING, At.REQUESTER, "im-keep-source-open", says, ground)
        elif backup and not _is(obj, Context.NO_WRITERS.bit) and _hears_nothing(obj):
            says = "the other machine is done, and the writers here never hear that the backup is complete"
            yield Finding(number, Level.INFO, At.REQUESTER, "im-source-release-after-complete", says, ground)
    if obj.arriving is not None and obj.arriving.importer is obj:
        obj.arriving.let_go = number


def left_on_machine_two(history: History) -> Iterator[Finding]:
    """Persistent copies that nothing deleted by the end of the log; another object may do so after the importer."""
    for machine in history.machines.values():
        for transport in {id(one): one for one in machine.imported.values()}.values():
            if transport.let_go and transport.imported and not may_pass(transport) and not transport.may_be_broken:
                says = "the copies that were imported are persistent, and nothing deleted them"
                rule, because = "im-delete-after-use", (Ground(*transport.imported),)
                yield Finding(transport.let_go, Level.INFO, At.REQUESTER, rule, says, because)


TRANSPORT_DUTIES: Final = {
    "GatherWriterMetadata": _gathers,
    "SetBackupSucceeded": _marks,
    "BackupComplete": _completes,
    "Release": _releases,
}


def judge_recovery(history: History, step: Step, key: str | None) -> None:
    """Who breaks a set on the machine that made it recovers from it: the originals are masked before the import."""
    machine = history.machine(step.line)
    transport = machine.imported.get(key or "")
    here = step.line.machine
    if transport is None or not transport.imported or not here or transport.source.machine != here:
        return
    if machine.masked is None:
        says = "the set is broken on the machine that made it, and nothing masked the original LUNs before the import"
        history.note(step, Level.INFO, "im-fr-remove-originals", says, transport.imported)
    elif machine.masked[0] > transport.imported[0]:
        says = "the original LUNs are masked before the import of the set that takes their place, not after it"
        history.note(step, Level.INFO, "im-fr-order", says, transport.imported, machine.masked)
