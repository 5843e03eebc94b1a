"""What a log shows of a backup as selection sees it: what its writers offer, what was asked, and what is unprotected.

Only what was recorded counts: a writer whose components were not all read may have more, an ancestor that was not read
may be there, and nothing is said to be unprotected for want of knowledge.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.desk import Desk
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.engine.selection.components import Declared, key_of
from vss_sim.engine.selection.protection import (
    Added,
    Asked,
    Offered,
    OfferedComponent,
    Place,
    Protection,
    Row,
    protection,
)
from vss_sim.judge.backups.seen import ComponentFacts, DependencyFacts, FileSetFacts, WriterFacts
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import shows_components
from vss_sim.judge.objects import BackupObject
from vss_sim.model.metadata import ALL_BACKUPS_FROM_SNAPSHOT, FileSet
from vss_sim.model.values import guid
from vss_sim.spec.enums import numbers
from vss_sim.spec.protocol.common import COMPLETE_BEGUN
from vss_sim.spec.selection import NOT_SYSTEM_STATE, Backup
from vss_sim.spec.state import BackupState

_SILENT: Final = (Backup.REQUIRED, Backup.BELOW_NO_SET, Backup.SYSTEM_STATE_MISSING)
"""Reasons by which a component is left out without anybody being told."""

_MOST: Final = 8
"""So many components are named one by one at a line."""


def judge_selection(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """When the writers prepare, the selection is made: what is left out silently is told."""
    if obj.seen is None or not obj.components or not shows_components(obj) or not certain:
        return
    if not any(facts.components for facts in obj.seen.writers.values()):  # only what is offered can be left out
        return
    left_out = [row for row in protection_of(obj).rows if row.why in _SILENT]
    for place, row in enumerate(left_out[:_MOST], 1):
        _tell(history, step, obj, row, len(left_out) - _MOST if place == _MOST else 0)


def _tell(history: History, step: Step, obj: BackupObject, row: Row, more: int) -> None:
    ground = row.ground
    rule, *also = ground.rules
    says = f"{row.shown!r} of {row.writer.name!r} is not protected: {ground.says}"
    says += f"; {more} more are not, either" if more > 0 else ""
    added = next((mark for key, mark in obj.components.items() if guid(key[0]) == row.writer.writer_id), None)
    marks = ((added[0], f"added {added[1]!r} of the same writer"),) if added else ()
    history.note(step, Level.WARNING, rule, says, *marks, also=tuple(also))


def protection_of(obj: BackupObject, offers: tuple[Offered, ...] = (), machine: Desk | None = None) -> Protection:
    """The report on one object; `offers` are known from elsewhere and stand for what the log did not read.

    With `machine`, as it is described, of its files, too.
    """
    own = tuple(_offered(facts, obj) for facts in obj.seen.writers.values()) if obj.seen is not None else ()
    return protection(tuple(_together(own, offers)), asked_of(obj), machine)


def _together(own: tuple[Offered, ...], others: tuple[Offered, ...]) -> Iterator[Offered]:
    """What the log read of each writer; where a world has it, the whole of it."""
    by_class = {other.writer_id: other for other in others}
    for one in own:
        whole = by_class.get(one.writer_id)
        yield one if whole is None else whole._replace(instance_id=one.instance_id, failure=one.failure)
    known = {one.writer_id for one in own}
    yield from (other for other in others if other.writer_id not in known)


def asked_of(obj: BackupObject) -> Asked:
    """What a requester asked of an object, as far as the log shows."""
    components = holds(obj.state, BackupState.COMPONENTS.bit)
    marked = dict.fromkeys(obj.succeeded, True) | dict.fromkeys(obj.told.failed_components, False)
    complete = obj.seen is None or obj.seen.volumes_complete
    return Asked(
        by_components={Certainty.YES: True, Certainty.NO: False}.get(components),
        bootable=obj.bootable is True,
        backup_type=obj.backup_type or "VSS_BT_FULL",
        added=tuple(
            Added(guid(writer), _guid(instance), path, mark[1], succeeded=marked.get((writer, path, name)))
            for (writer, path, name, instance), mark in obj.components.items()
        ),
        volumes=tuple(obj.volumes) if complete else None,
        all_writers=False,
        completed=obj.succeeded_complete and holds(obj.state, COMPLETE_BEGUN) is Certainty.YES,
    )


def uninvited(obj: BackupObject, writer: str | None) -> str:
    """Why a writer is not to hear of a backup by components: none of its own was added (dispute C26), others were.

    Where none was added at all, every writer hears (rule obs-no-components-selected); a document that the object began
    with may hold more of them than the log shows.
    """
    if writer is None or not obj.components or not shows_components(obj):
        return ""
    if holds(obj.state, BackupState.COMPONENTS.bit) is not Certainty.YES or any(
        key[0] == writer for key in obj.components
    ):
        return ""
    return "a writer of which no component was added is prepared for a backup by components"


def _offered(facts: WriterFacts, obj: BackupObject) -> Offered:
    writer = facts.writer or ""
    failed = next((mark[1] for (known, _), mark in obj.told.failed_writers.items() if known == writer), None)
    return Offered(
        writer_id=_guid(writer) or "",
        instance_id=_guid(facts.instance),
        name=facts.name or writer or facts.instance,
        components=tuple(map(_component, facts.components.values())),
        excludes=tuple(filter(None, map(_file_set, facts.excludes))),
        schema=facts.schema,
        usage=facts.usage,
        complete=facts.count is not None and len(facts.components) >= facts.count,
        failure=failed,
    )


def _component(facts: ComponentFacts) -> OfferedComponent:
    sets = [(one, made) for one in facts.file_sets if (made := _file_set(one)) is not None]
    return OfferedComponent(
        Declared(facts.path or "", facts.name or "", facts.selectable, facts.for_restore),
        tuple(made for one, made in sets if not one.is_log),
        tuple(made for one, made in sets if one.is_log),
        tuple(filter(None, map(_dependency, facts.dependencies))),
        (NOT_SYSTEM_STATE,) if facts.flags & numbers()[NOT_SYSTEM_STATE] else (),
    )


def _file_set(facts: FileSetFacts) -> FileSet | None:
    if facts.path is None or facts.filespec is None:
        return None
    mask = int(ALL_BACKUPS_FROM_SNAPSHOT) if facts.mask is None else facts.mask
    return FileSet(
        path=facts.path,
        filespec=facts.filespec,
        recursive=bool(facts.recursive),
        alternate_path=facts.alternate,
        backup_type=mask,
    )


def _dependency(facts: DependencyFacts) -> Place | None:
    if facts.writer is None or facts.path is None or facts.name is None or facts.path.startswith("\\\\"):
        return None
    return guid(facts.writer), key_of(facts.path, facts.name)


def _guid(known: str | None) -> str | None:
    """An id as the model writes it."""
    return guid(known) if known else None


def learn_bootable(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Whether the backup is declared to be one of the bootable system state."""
    declared = step.arguments.get("bBackupBootableSystemState")
    obj.bootable = truth_of(declared) is True if certain else None
