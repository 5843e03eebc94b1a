"""Chains of backups: full ones, increments and copies, as one log shows them one after the other.

A requester checks what a writer's schema supports, hands stamps back as it was told them, and restores a chain step by
step. What was backed up before the log began is not known, and held against nobody.
"""

from typing import Final

from attrs import define, field

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.document_memory import BOUND, keep
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark, OtherObject
from vss_sim.judge.restores import ComponentKey, name_of_text
from vss_sim.judge.seen import ComponentFacts
from vss_sim.spec.enums import BackupSchema, ComponentFlags
from vss_sim.spec.file_sets import SCHEMA_OF_TYPE
from vss_sim.spec.systems import recovers_transportable

_FULL: Final = "VSS_BT_FULL"
_COPY: Final = "VSS_BT_COPY"
_INCREMENTAL: Final = "VSS_BT_INCREMENTAL"
_DIFFERENTIAL: Final = "VSS_BT_DIFFERENTIAL"
_INCREMENTS: Final = (_INCREMENTAL, _DIFFERENTIAL)
_RECOVERY: Final = int(ComponentFlags.BACKUP_RECOVERY | ComponentFlags.APP_ROLLBACK_RECOVERY)


@define(eq=False)
class Saved:
    """A Backup Components Document that was saved: its text by name, the type of its backup."""

    text: str
    kind: str
    mark: Mark


@define(eq=False)
class Restored:
    """A component that was restored: from which saved document, by its place, and whether more were announced."""

    place: int
    more: bool
    mark: Mark


@define(eq=False)
class Chains:
    """What a machine's backups and restores have shown."""

    exclusive: dict[str, tuple[str, Mark]] = field(factory=dict)
    """Writer with exclusive increments → the kind of those since its last full backup."""
    stamps: dict[str, tuple[str | None, Mark]] = field(factory=dict)
    """Stamp that was told → the type of the backup that it is of."""
    saved: list[Saved] = field(factory=list)
    restored: dict[ComponentKey, Restored] = field(factory=dict)


def _chains(history: History, step: Step) -> Chains:
    machine = step.line.machine or ""
    known = history.chains.get(machine)
    if known is None:
        known = Chains()
        keep(history.chains, machine, known)
    return known


def _chosen(obj: BackupObject) -> list[ComponentFacts]:
    """The components that were added, as far as their metadata were read."""
    return [chosen.facts for chosen in obj.seen.chosen] if obj.seen is not None else []


def judge_prepared(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The backup is declared: its type against what the writers support, its stamps."""
    kind = obj.backup_type
    for facts in _chosen(obj) if certain else ():
        schema = facts.owner.schema
        if kind in SCHEMA_OF_TYPE and schema is None:
            says = f"a backup of type {kind} is prepared, and the schema of the writer of {facts.name!r} was not read"
            history.note(step, Level.WARNING, "inc-schema-check", says)
        if kind in _INCREMENTS and schema is not None:
            _judge_stamp(history, step, obj, facts, schema)
            _judge_exclusive(history, step, facts, schema, kind)
        _judge_flags(history, step, obj, facts)


def _judge_stamp(history: History, step: Step, obj: BackupObject, facts: ComponentFacts, schema: int) -> None:
    asked = obj.asked
    passed = asked is not None and (asked.stamps is None or bool(asked.stamps))
    if schema & BackupSchema.TIMESTAMPED and not passed and obj.made is not None:
        says = f"the writer of {facts.name!r} uses time stamps, and SetPreviousBackupStamp was not called"
        history.note(step, Level.WARNING, "inc-stamp-passed", says)


def _judge_exclusive(history: History, step: Step, facts: ComponentFacts, schema: int, kind: str) -> None:
    before = _chains(history, step).exclusive.get(facts.owner.writer or "")
    exclusive = schema & BackupSchema.EXCLUSIVE_INCREMENTAL_DIFFERENTIAL
    if exclusive and before is not None and before[0] != kind:
        says = f"the writer of {facts.name!r} declares increments exclusive; since the last full backup: {before[0]}"
        history.note(step, Level.WARNING, "inc-exclusive", says, before[1])


def _judge_flags(history: History, step: Step, obj: BackupObject, facts: ComponentFacts) -> None:
    """Recovery in a transportable shadow copy needs a provider that masks LUNs, which old systems do not have."""
    system = history.world.system(step.line.machine)
    old = system is not None and not recovers_transportable(system)
    if old and obj.told.transportable and facts.flags & _RECOVERY:
        says = f"{facts.name!r} is to be recovered in a transportable shadow copy, which this system does not do"
        rule, also = "component-flags-transportable", ("im-autorecover-compat",)
        history.note(step, Level.WARNING, rule, says, at=At.WRITER, also=also)


def completed(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A backup came to its end."""
    exclusive = _chains(history, step).exclusive
    for facts in _chosen(obj) if certain else ():
        writer, schema = facts.owner.writer, facts.owner.schema
        if writer is None or schema is None or not schema & BackupSchema.EXCLUSIVE_INCREMENTAL_DIFFERENTIAL:
            continue
        if obj.backup_type == _FULL:
            exclusive.pop(writer, None)
        elif obj.backup_type in _INCREMENTS:
            keep(exclusive, writer, (str(obj.backup_type), step.mark(f"completed a backup of type {obj.backup_type}")))


def learn_stamp(history: History, step: Step, known: OtherObject) -> None:
    """A component tells the stamp that its writer stored."""
    stamp = step.results.get("pbstrBackupStamp")
    if isinstance(stamp, str) and known.owner is not None:
        kind = known.owner.backup_type if known.owner.restoring is None else None
        keep(_chains(history, step).stamps, stamp, (kind, step.mark(f"told the stamp {stamp!r}")))


def judge_stamp_passed(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A stamp goes back as it was told, and a copy is no base."""
    stamp, told = step.arguments.get("wszPreviousBackupStamp"), _chains(history, step).stamps
    if not isinstance(stamp, str) or not certain:
        return
    kind, mark = told.get(stamp, (None, (0, "")))
    if kind == _COPY:
        says = "the stamp is that of a copy backup, which is no base of increments"
        history.note(step, Level.WARNING, "inc-copy-not-base", says, mark)
    elif stamp not in told and told and len(told) < BOUND:
        says = "this log shows stamps of writers, and this is none of them; stamps go back as they were told"
        history.note(step, Level.INFO, "inc-stamp-opaque", says, *(mark for _, mark in list(told.values())[:1]))


def saved(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The document of a backup is saved."""
    text, chains = step.results.get("pbstrXML"), _chains(history, step)
    if not isinstance(text, str) or obj.backup_type is None or obj.restoring is not None or not certain:
        return
    name = name_of_text(text)
    if all(one.text != name for one in chains.saved) and len(chains.saved) < BOUND:
        chains.saved.append(Saved(name, obj.backup_type, step.mark(f"saved a backup of type {obj.backup_type}")))


def begin_step(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A restore begins: of which of the saved documents."""
    del certain
    text = step.arguments.get("bstrXML")
    name = name_of_text(text) if isinstance(text, str) else None
    saved_ones = _chains(history, step).saved
    if obj.restoring is not None:
        obj.restoring.place = next((place for place, one in enumerate(saved_ones) if one.text == name), None)


def announced(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """More restores are announced, or no more."""
    del history
    if obj.restoring is not None and certain:
        obj.restoring.more = truth_of(step.arguments.get("bAdditionalRestores")) is True


def judge_step(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """PreRestore of one step of a chain: the steps before it were made, and announced this one."""
    restoring, chains = obj.restoring, _chains(history, step)
    if restoring is None or restoring.place is None or not certain:
        return
    kind = chains.saved[restoring.place].kind
    base = _base_of(chains.saved, restoring.place)
    if kind not in _INCREMENTS or base is None:
        return
    for key, mark in restoring.selected.items():
        before = chains.restored.get(key)
        if before is None or before.place != base:
            rule = "inc-r-chain-incremental" if kind == _INCREMENTAL else "inc-r-chain-differential"
            says = f"{key[2]!r} is restored from a backup of type {kind}, and not before from the one that it builds on"
            history.note(step, Level.WARNING, rule, says, mark, chains.saved[base].mark)
        elif not before.more:
            says = f"an earlier step of the restore of {key[2]!r} did not announce that more follow"
            history.note(step, Level.WARNING, "inc-r-additional", says, before.mark)


def _base_of(saved_ones: list[Saved], place: int) -> int | None:
    """The backup that another builds on: the last full one, or for incremental ones the last of the chain."""
    wanted = (_FULL, _INCREMENTAL) if saved_ones[place].kind == _INCREMENTAL else (_FULL,)
    return next((one for one in range(place - 1, -1, -1) if saved_ones[one].kind in wanted), None)


def step_done(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """PostRestore of one step of a chain."""
    restoring = obj.restoring
    if restoring is None or restoring.place is None or not certain:
        return
    for key in restoring.selected:
        done = Restored(restoring.place, restoring.more, step.mark(f"restored {key[2]!r}"))
        keep(_chains(history, step).restored, key, done)
