"""What calls on shadow copies that exist leave behind, and whether their results agree with their answers.

A deletion stops at the first member that cannot be deleted and names it. A broken set is none of VSS's any more. An
exposure and a revert last until the log shows their end.
"""

from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import is_auto_release, number_of
from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import may_be_lost
from vss_sim.judge.objects import AsyncObject, BackupObject, End, MachineView, Mark
from vss_sim.judge.shadows.exposures import forget_name
from vss_sim.judge.shadows.failed_imports import luns_left, partly_imported, see_serialised, suspect
from vss_sim.judge.shadows.imported import forget_imported, meant_by
from vss_sim.judge.shadows.known_copies import ShadowFacts, Transport
from vss_sim.judge.shadows.shadow_facts import facts_of, member_of, read_properties
from vss_sim.judge.shadows.shadow_files import learn_broken
from vss_sim.judge.shadows.transports import judge_recovery, watch_import
from vss_sim.judge.shadows.volume_facts import not_supported
from vss_sim.judge.words import word_of
from vss_sim.model.shown import shown
from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.enums import ObjectType
from vss_sim.spec.hresult import HResult
from vss_sim.trace.values import Code, parse_guid

_BROKEN = ("break-after-independent", "sn-break-forgets")
_ONE_COPY = ObjectType.SNAPSHOT.value
_OF_ITS_COPY = "get-props-of-its-copy"
_STOPS = "delete-stops-at-first-error"
_VETOES = frozenset({HResult.VSS_E_PROVIDER_VETO, HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR})
_LEAVE_IT_WHOLE = frozenset(
    {
        HResult.VSS_E_BREAK_REVERT_ID_FAILED,
        HResult.VSS_E_PROVIDER_VETO,
        HResult.E_ACCESSDENIED,
        HResult.E_INVALIDARG,
    }
)
"""What a break comes to that broke nothing (rules sn-breakex-revert-collision, break-ex-hardware-only)."""

_BREAKS = 64
"""So many breaks are remembered that may have broken something."""

_LIMIT = HResult.VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED
_IGNORES = "is-volume-supported-ignores-limits"
_VOLUMES = 64
"""So many volumes are remembered that a revert was begun of, or that reached their limit."""


_IMPORTERS: Final = 16
"""So many objects that began an import are remembered."""


def volume_added(history: History, step: Step, obj: BackupObject, identifier: object) -> None:
    """How the shadow copy that `AddToSnapshotSet` promised was asked for."""
    key = parse_guid(identifier)
    if key is None:
        return
    machine = history.machine(step.line)
    facts = facts_of(machine, key)
    name = step.arguments.get("pwszVolumeName")
    facts.volume = shown(name) if isinstance(name, str) else None
    facts.provider = parse_guid(step.arguments.get("ProviderId"))
    facts.persistent = obj.context is not None and not is_auto_release(obj.context)
    first = obj.snapshots[0] if obj.snapshots else None
    made = machine.snapshots.get(first or "")
    member_of(machine, key, first if made is not None and made.is_set else None)


def volume_refused(history: History, step: Step, obj: BackupObject) -> None:
    """A volume that has reached its limit of shadow copies is supported all the same."""
    name = step.arguments.get("pwszVolumeName")
    if step.code is not None and step.code.known is _LIMIT and isinstance(name, str):
        keep(history.machine(step.line).full_volumes, name.casefold(), step.mark("its limit was reached"), _VOLUMES)
    not_supported(history, step, obj)


def volume_support(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """`IsVolumeSupported` must not answer FALSE for the sake of a limit."""
    name = step.arguments.get("pwszVolumeName")
    if truth_of(step.results.get("pbSupportedByThisProvider")) is False and isinstance(name, str):
        reached = history.machine(step.line).full_volumes.get(name.casefold())
        if reached:
            says = f"the volume {name} is said to be unsupported, though only its limit of shadow copies is reached"
            history.note(step, Level.ERROR, _IGNORES, says, reached, at=At.IMPLEMENTATION)


def properties(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """`GetSnapshotProperties` tells of a shadow copy; its strings are to be freed."""
    told = step.results.get("pProp")
    if certain:
        _judge_whose(history, step, told)
    if certain or _is_filled(step, told):
        read_properties(history, step, told)
    if certain:
        history.handed_out.structure(step.mark("GetSnapshotProperties filled a structure"), "get-props-zero-struct")


def _is_filled(step: Step, told: object) -> bool:
    """Whether a structure shows by itself that the call filled it: the recorder may write one down after a failure."""
    asked = parse_guid(step.arguments.get("SnapshotId"))
    return isinstance(told, dict) and asked is not None and parse_guid(told.get("m_SnapshotId")) == asked


def _judge_whose(history: History, step: Step, told: object) -> None:
    """They are those of the copy that was asked for, and name the set in which the log shows it being made."""
    asked = parse_guid(step.arguments.get("SnapshotId"))
    if asked is None or not isinstance(told, dict):
        return
    facts = history.machine(step.line).shadows.get(asked)
    for name, wanted in (("m_SnapshotId", asked), ("m_SnapshotSetId", facts.set_id if facts is not None else None)):
        if wanted is not None and parse_guid(told.get(name)) not in (None, wanted):
            says = f"the properties of the shadow copy {asked} tell {told[name]} as {name}; it is {wanted}"
            history.note(step, Level.ERROR, _OF_ITS_COPY, says, at=At.IMPLEMENTATION)


def deleted(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A deletion that succeeded left no member behind."""
    machine = history.machine(step.line)
    machine.cleaned = step.number
    gone = parse_guid(step.arguments.get("SourceObjectId"))
    forget_imported(machine, gone)
    forget_name(machine, gone if gone in machine.shadows else None)
    if certain and gone is not None:
        if word_of(ObjectType, step.arguments.get("eSourceObjectType")) == _ONE_COPY:
            facts_of(machine, gone)
        for key in (gone, *machine.members.get(gone, ())):
            if key in machine.shadows:
                machine.shadows[key].deleted = step.mark("DeleteSnapshots deleted it")
    left = parse_guid(step.results.get("pNondeletedSnapshotID"))
    if certain and left not in (None, NULL_GUID):
        says = f"DeleteSnapshots succeeded, and names {step.results['pNondeletedSnapshotID']} as not deleted"
        history.note(step, Level.ERROR, _STOPS, says, at=At.IMPLEMENTATION)


def delete_failed(history: History, step: Step, obj: BackupObject) -> None:
    """A deletion that a provider ended names the member that is left; those before it are gone."""
    left, key = parse_guid(step.results.get("pNondeletedSnapshotID")), parse_guid(step.arguments.get("SourceObjectId"))
    machine, number = history.machine(step.line), number_of(step.results.get("plDeletedSnapshots"))
    by_provider = step.code is not None and step.code.is_one_of(_VETOES)
    some = by_provider if number is None else number > 0
    snapshots = machine.snapshots
    named = snapshots.get(key or "")
    if some:
        forget_imported(machine, key, left)
    if named is not None and named.is_set and some:
        mark = step.mark("DeleteSnapshots deleted some of its set")
        for key in named.owner.snapshots:
            if key != left and key in snapshots:
                snapshots[key].lost = mark
    if left == NULL_GUID and by_provider and step.code is not None:
        says = f"DeleteSnapshots ended with {step.code.name}, and names no shadow copy that could not be deleted"
        history.note(step, Level.ERROR, _STOPS, says, at=At.IMPLEMENTATION)


def exposed(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A shadow copy is exposed until the log shows otherwise; the caller frees its name."""
    machine = history.machine(step.line)
    key = parse_guid(step.arguments.get("SnapshotId"))
    if key is None or not certain:
        machine.exposed_unseen = True
        return
    mark = step.mark("ExposeSnapshot exposed it")
    facts_of(machine, key).exposed = mark
    history.handed_out.name(step.results.get("pwszExposed"), mark)


def expose_failed(history: History, step: Step, obj: BackupObject) -> None:
    """An exposure that failed has no name."""
    name = step.results.get("pwszExposed")
    if name is not None:
        says = f"ExposeSnapshot failed, and gives the name {name!r}; it is to be NULL"
        history.note(step, Level.ERROR, "expose-null-on-failure", says, at=At.IMPLEMENTATION)


def hidden(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A shadow copy is exposed no more."""
    key = parse_guid(step.arguments.get("snapshotId"))
    machine = history.machine(step.line)
    forget_name(machine, key)
    if key is not None and certain:
        facts = facts_of(machine, key)
        facts.exposed, facts.hidden = None, step.mark("UnexposeSnapshot hid it")
    elif key is not None and key in machine.shadows:
        machine.shadows[key].exposed, machine.exposed_unseen = None, True


def broken(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A set that was broken is forgotten by VSS, with all of its members."""
    key = parse_guid(step.arguments.get("SnapshotSetId"))
    if certain and key is not None:
        judge_recovery(history, step, key)
        _forget(history.machine(step.line), key, step, 0)
    else:
        _break_begun(history.machine(step.line), key, step)


def _break_begun(machine: MachineView, key: str | None, step: Step) -> Mark:
    """A set is being broken; when VSS forgets it, or which it is, the log may not show."""
    machine.cleaned = step.number
    mark = step.mark("its set may be broken since")
    keep(machine.breaks, mark, key, _BREAKS)
    _may_be_broken(machine, key, mark)
    return mark


def _may_be_broken(machine: MachineView, key: str | None, mark: Mark) -> None:
    may_be_lost(machine, key, mark)
    for facts in (*machine.shadows.values(), *machine.shadow_devices.values()):
        if key is None or facts.set_id in (None, key):
            facts.may_be_broken = facts.may_be_broken or mark
    for copy in meant_by(machine, key):
        machine.imported[copy].may_be_broken = machine.imported[copy].may_be_broken or mark


def _not_broken(machine: MachineView, mark: Mark) -> None:
    """The break that began there changed nothing; what others may have broken stays in doubt."""
    machine.breaks.pop(mark, None)
    for snapshot in machine.snapshots.values():
        snapshot.lost = None if snapshot.lost == mark else snapshot.lost
    doubtful: list[ShadowFacts | Transport] = [*machine.shadows.values(), *machine.shadow_devices.values()]
    doubtful += machine.imported.values()
    for one in doubtful:
        one.may_be_broken = None if one.may_be_broken == mark else one.may_be_broken
    for other, key in machine.breaks.items():
        _may_be_broken(machine, key, other)


def _watch_break(history: History, step: Step, begun: AsyncObject) -> None:
    """A break that was refused leaves its set as it was; of one that failed below, or was cancelled, nobody knows."""
    machine, key = history.machine(step.line), parse_guid(step.arguments.get("SnapshotSetID"))
    flags, mark = step.arguments.get("dwBreakFlags"), _break_begun(machine, key, step)

    def at_end(asked: Step, end: End, result: Code) -> None:
        if end is End.FINISHED:
            machine.breaks.pop(mark, None)
            judge_recovery(history, asked, key)
            _forget(machine, key, asked, flags)
        elif end is End.FAILED and result.is_one_of(_LEAVE_IT_WHOLE):
            _not_broken(machine, mark)

    begun.at_end = at_end


def _forget(machine: MachineView, key: str | None, step: Step, flags: object) -> None:
    machine.cleaned = step.number
    forget_imported(machine, key)
    learn_broken(machine, key, step, flags)
    known = machine.snapshots.get(key or "")
    names = tuple(machine.members.get(key or "", ()))
    if known is not None:
        names = known.owner.snapshots if key in known.owner.snapshots else ()
    for name in names:
        member = machine.snapshots.get(name)
        if member is not None and not member.gone:
            member.gone, member.gone_by = step.mark("its set was broken"), _BROKEN
    if known is None:
        may_be_lost(machine, key, step.mark("its set may be broken since"))


def reverted(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A revert runs on the volume until somebody has seen it end."""
    machine = history.machine(step.line)
    facts = machine.shadows.get(parse_guid(step.arguments.get("SnapshotId")) or "") or ShadowFacts()
    if certain and facts.volume:
        keep(machine.reverts, facts.volume, step.mark("RevertToSnapshot began"), _VOLUMES)


def recovery_set_filled(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """There is something to recover, whatever was recovered before."""
    if obj.told.recovered:
        obj.telling().recovered = None


def revert_unknown(history: History, step: Step, obj: BackupObject) -> None:
    """`QueryRevertStatus` that finds nothing tells that the revert is over (rule obs-revert-already-done)."""
    history.machine(step.line).reverts.clear()


def watch(history: History, step: Step, begun: AsyncObject) -> None:
    """What the end of an operation does beside the state of its object."""
    name = begun.method.name
    if name == "BreakSnapshotSetEx":
        _watch_break(history, step, begun)
    if name not in ("QueryRevertStatus", "ImportSnapshots", "RecoverSet"):
        return
    machine, owner = history.machine(step.line), begun.owner

    def at_end(asked: Step, end: End, result: Code) -> None:
        if name == "QueryRevertStatus":
            machine.reverts.clear()
        elif name == "ImportSnapshots":
            partly_imported(history, asked, begun, end, result)
            luns_left(machine, asked, begun, end, result)
        elif end is End.FINISHED:
            owner.telling().recovered = asked.mark("the resync before came to its end")

    if name == "ImportSnapshots":  # whose ids stand in the document that was loaded
        machine.forgot_snapshots = True
        see_serialised(history, step, begun)
        machine.importers = [*machine.importers[-_IMPORTERS:], owner]
    begun.at_end = at_end
    if name == "ImportSnapshots":
        suspect(history, step, begun)
        watch_import(history, step, begun)
