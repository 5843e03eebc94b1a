"""Chains of backups: full ones, increments and copies, as one log shows them one after the other.

A requester checks what a writer's schema supports, hands stamps back as it was told them, and restores a chain step by
step. What was backed up before the log began is not known, and held against nobody.
"""

from typing import Final

from msgspec import Struct, field

from vss_sim.documents.backup_components import backup_type_in
from vss_sim.engine.arguments import truth_of
from vss_sim.judge.backups.seen import ComponentFacts
from vss_sim.judge.documents.document_memory import BOUND, keep
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, Mark, OtherObject
from vss_sim.judge.restoring.restores import ComponentKey, StoredComponent, name_of_text
from vss_sim.spec.backup_types import BASES, CHAIN_RULES, base_of
from vss_sim.spec.enums import BackupSchema, BackupType, ComponentFlags
from vss_sim.spec.file_sets import SCHEMA_OF_TYPE
from vss_sim.spec.systems import recovers_transportable

_FULL: Final = "VSS_BT_FULL"
_COPY: Final = "VSS_BT_COPY"
_INCREMENTAL: Final = "VSS_BT_INCREMENTAL"
_DIFFERENTIAL: Final = "VSS_BT_DIFFERENTIAL"
_LOG: Final = "VSS_BT_LOG"
_INCREMENTS: Final = (_INCREMENTAL, _DIFFERENTIAL)
_RECOVERY: Final = int(ComponentFlags.BACKUP_RECOVERY | ComponentFlags.APP_ROLLBACK_RECOVERY)


class Base(Struct, eq=False):
    """A backup that others may build on: its type, the stamps that writers left in it, what was saved and what failed.

    `number` counts them in the order in which they were met.
    """

    kind: str | None
    number: int
    stamps: dict[str, Mark] = field(default_factory=dict)
    without_stamp: set[ComponentKey | None] = field(default_factory=set)
    """The components that said that their writer stored none; None is one whose name was not read."""
    with_stamp: set[ComponentKey | None] = field(default_factory=set)
    """Those that told one."""
    added: frozenset[tuple[str, ...]] | None = None
    """Its components; not known where a call that added one was not recorded in full."""
    saved: frozenset[tuple[str, ...]] = frozenset()
    failed: frozenset[tuple[str, ...]] = frozenset()
    tellers: dict[str, set[str]] = field(default_factory=dict)
    """Object → the components of it that told a stamp."""

    @property
    def stamps_every_component(self) -> bool:
        """Whether each component that was saved has a stamp, so that no older one can be its last."""
        return max(map(len, self.tellers.values()), default=0) >= len(self.saved)

    def settle(self, obj: BackupObject) -> None:
        """Take on what its requester said of its components."""
        self.added = frozenset(key[:3] for key in obj.components) if obj.components_complete else None
        self.saved, self.failed = frozenset(obj.succeeded), frozenset(obj.told.failed_components)

    def may_hold(self, key: ComponentKey) -> bool:
        """Whether a component may be in it: not one that was not added, or was marked as failed."""
        return key not in self.failed and (self.added is None or key in self.added)


class Saved(Struct, eq=False):
    """A Backup Components Document that was saved: its text by name, the type of its backup."""

    text: str
    kind: str
    mark: Mark
    base: Base


class Restored(Struct, eq=False):
    """A component that was restored: from which saved document, by its place, and whether more were announced."""

    place: int
    more: bool
    mark: Mark


class Chains(Struct, eq=False):
    """What a machine's backups and restores have shown."""

    exclusive: dict[str, tuple[str, Mark]] = field(default_factory=dict)
    """Writer with exclusive increments → the kind of those since its last full backup."""
    bases: list[Base] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    restored: dict[ComponentKey, Restored] = field(default_factory=dict)


def _chains(history: History, step: Step) -> Chains:
    machine = step.line.machine or ""
    known = history.chains.get(machine)
    if known is None:
        known = Chains()
        keep(history.chains, machine, known)
    return known


def _base_of(history: History, step: Step, obj: BackupObject) -> Base:
    """What an object's backup is to others; of a stored document that was seen being saved, the same again."""
    chains = _chains(history, step)
    restoring = obj.restoring
    if restoring is not None and restoring.place is not None:
        return chains.saved[restoring.place].base
    if not isinstance(obj.base, Base):
        kind = obj.backup_type if restoring is None else restoring.backup_type
        obj.base = Base(kind, len(chains.bases))
        if len(chains.bases) < BOUND:
            chains.bases.append(obj.base)
    return obj.base


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
    key = facts.key
    passed = obj.asked is not None and obj.asked.has_stamp(key)
    bases = _chains(history, step).bases
    if key is None:
        told = any(base.stamps for base in bases)
        none_told = any(base.without_stamp for base in bases)
    else:
        told = any(key in base.with_stamp for base in bases)
        none_told = any(not base.without_stamp.isdisjoint((key, None)) for base in bases)
    if schema & BackupSchema.TIMESTAMPED and not passed and (told or not none_told) and obj.made is not None:
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
    if isinstance(obj.base, Base):
        obj.base.settle(obj)
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
    key = known.described.key if isinstance(known.described, StoredComponent) else None
    if step.observed == "S_FALSE" and known.owner is not None:
        _base_of(history, step, known.owner).without_stamp.add(key)
    elif isinstance(stamp, str) and known.owner is not None:
        base = _base_of(history, step, known.owner)
        if len(base.stamps) < BOUND:
            base.stamps.setdefault(stamp, step.mark(f"told the stamp {stamp!r}"))
            base.with_stamp.add(key)
            base.tellers.setdefault(known.owner.handle, set()).add(step.line.on or "")


def judge_stamp_passed(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A stamp goes back as it was told, and is that of the backup that this one builds on."""
    stamp, told = step.arguments.get("wszPreviousBackupStamp"), _chains(history, step).bases
    if not isinstance(stamp, str) or not certain:
        return
    of_it = [base for base in told if stamp in base.stamps]
    if of_it:
        _judge_base(history, step, obj, stamp, of_it)
    elif any(base.stamps for base in told) and len(told) < BOUND:
        marks = [mark for base in told for mark in base.stamps.values()]
        says = "this log shows stamps of writers, and this is none of them; stamps go back as they were told"
        history.note(step, Level.INFO, "inc-stamp-opaque", says, *marks[:1])


def _judge_base(history: History, step: Step, obj: BackupObject, stamp: str, of_it: list[Base]) -> None:
    """Which backup the stamp is of; a stamp that several have is taken for that of the one that fits."""
    wanted = BASES.get(BackupType(obj.backup_type), ()) if obj.backup_type in _INCREMENTS else ()
    if not wanted or any(base.kind is None for base in of_it):
        return
    key = component_key(step.arguments)
    fitting = [base for base in of_it if base.kind in wanted]
    if not fitting:
        mark, kind = of_it[-1].stamps[stamp], of_it[-1].kind
        rule = "inc-copy-not-base" if kind == _COPY else "inc-stamp-passed"
        what = "a copy backup, which is no base of increments" if kind == _COPY else f"a backup of type {kind}"
        says = f"the stamp is that of {what}; one of type {obj.backup_type} builds on {' or '.join(wanted)}"
        history.note(step, Level.WARNING, rule, says, mark)
        return
    latest = fitting[-1]
    if key is None:
        return
    name = str(step.arguments["wszComponentName"])
    if key in latest.failed:
        says = f"the backup with this stamp was marked as failed for {name!r}, so there is nothing to build on"
        history.note(step, Level.WARNING, "inc-base-exists", says, latest.stamps[stamp])
        return
    later = [base for base in _chains(history, step).bases if base.number > latest.number and base.kind in wanted]
    having = [base for base in later if key in base.saved - base.failed and base.stamps]
    newer = next((base for base in reversed(having) if base.stamps_every_component), None)
    if newer is not None:
        says = f"a later backup of type {newer.kind} has {name!r}, and this stamp is of one before it"
        history.note(step, Level.WARNING, "inc-stamp-passed", says, next(iter(newer.stamps.values())))


def saved(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The document of a backup is saved."""
    text, chains = step.results.get("pbstrXML"), _chains(history, step)
    if not isinstance(text, str) or obj.backup_type is None or obj.restoring is not None or not certain:
        return
    name = name_of_text(text)
    if all(one.text != name for one in chains.saved) and len(chains.saved) < BOUND:
        base = _base_of(history, step, obj)
        base.settle(obj)
        mark = step.mark(f"saved a backup of type {obj.backup_type}")
        chains.saved.append(Saved(name, obj.backup_type, mark, base))


def begin_step(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A restore begins: of which of the saved documents."""
    del certain
    text = step.arguments.get("bstrXML")
    name = name_of_text(text) if isinstance(text, str) else None
    saved_ones = _chains(history, step).saved
    if obj.restoring is not None:
        place = next((place for place, one in enumerate(saved_ones) if one.text == name), None)
        told = backup_type_in(text) if isinstance(text, str) else None
        obj.restoring.place = place
        obj.restoring.backup_type = told if place is None else BackupType(saved_ones[place].kind)


def announced(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """More restores are announced, or no more."""
    del history
    if obj.restoring is not None and certain:
        obj.restoring.more = truth_of(step.arguments.get("bAdditionalRestores")) is True


def _base_in(saved_ones: list[Saved], place: int, key: ComponentKey) -> int | None:
    """The place of the saved backup that the one at `place` builds on for a component: one that may have it."""
    having = [*(at for at, one in enumerate(saved_ones[:place]) if one.base.may_hold(key)), place]
    base = base_of([BackupType(saved_ones[at].kind) for at in having], len(having) - 1)
    return None if base is None else having[base]


def _goes_on(saved_ones: list[Saved], place: int, base: int, before: int) -> bool:
    """Whether the restored backup at `before` leads to the one at `place`, which builds on the one at `base`.

    Logs go on from a differential backup as well, if it was made after what they build on.
    """
    differential = saved_ones[place].kind == _LOG and saved_ones[before].kind == _DIFFERENTIAL
    return before == base or (differential and base < before < place)


def judge_step(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """PreRestore of one step of a chain: the steps before it were made, and announced this one."""
    restoring, chains = obj.restoring, _chains(history, step)
    if restoring is None or restoring.place is None or not certain:
        return
    kind = chains.saved[restoring.place].kind
    for key, mark in restoring.selected.items():
        base, before = _base_in(chains.saved, restoring.place, key), chains.restored.get(key)
        name = restoring.name_of(key)
        if base is None:
            continue
        if before is None or not _goes_on(chains.saved, restoring.place, base, before.place):
            rule = CHAIN_RULES[BackupType(kind)]
            says = f"{name!r} is restored from a backup of type {kind}, and not before from the one that it builds on"
            history.note(step, Level.WARNING, rule, says, mark, chains.saved[base].mark)
        elif not before.more:
            says = f"an earlier step of the restore of {name!r} did not announce that more follow"
            history.note(step, Level.WARNING, "inc-r-additional", says, before.mark)


def step_done(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """PostRestore of one step of a chain."""
    restoring = obj.restoring
    if restoring is None or restoring.place is None or not certain:
        return
    for key in restoring.selected:
        done = Restored(restoring.place, restoring.more, step.mark(f"restored {restoring.name_of(key)!r}"))
        keep(_chains(history, step).restored, key, done)
