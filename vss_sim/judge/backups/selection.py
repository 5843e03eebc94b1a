"""Components that are added, against what their writers' metadata says of them: selectability, schema, volumes.

Where a component, its mask or a volume was not recorded, nothing is held against anybody. A file set whose mask was not
asked for has the documented default, which demands a shadow copy; that much is only worth knowing.
"""

import re
from collections.abc import Iterator
from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.engine.selection.components import ancestors, key_of
from vss_sim.judge.backups.seen import FEW, Chosen, ComponentFacts, FileSetFacts
from vss_sim.judge.backups.writer_metadata import seen_of
from vss_sim.judge.findings import Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.words import word_of
from vss_sim.model.shown import written
from vss_sim.spec.enums import ComponentType
from vss_sim.spec.file_sets import (
    MOUNTS_FOLLOWED,
    SCHEMA_OF_TYPE,
    SNAPSHOT_OF_TYPE,
    TYPE_LACKING,
    TYPE_LACKING_TOO,
    VOLUMES_COVER,
)
from vss_sim.spec.selection import (
    IDENTITY,
    NEVER_BY_ITSELF,
    NOT_SELECTABLE,
    NOT_TWICE,
    REMOTE,
    REMOTE_PREFIX,
    UNREACHABLE,
)
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_ROOT: Final = re.compile(r"[a-z]:\\", re.IGNORECASE)


def selection_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A component is added as its writer declares it, and not beside or in place of one that stands for it."""
    key = component_key(line.in_) if obj.seen is not None and obj.seen.writers else None
    if key is None:
        return
    facts = _facts(line, obj)
    if facts is None:
        yield from _not_declared(line, obj, key)
    else:
        yield from _stood_for(obj, facts, key)
        given = word_of(ComponentType, (line.in_ or {}).get("ct", (line.in_ or {}).get("componentType")))
        if facts.kind is not None and given is not None and given != facts.kind:
            says = f"{facts.name!r} is added as {given}, and its writer declares {facts.kind}"
            yield _forbidden(obj, IDENTITY, says)


def _stood_for(obj: BackupObject, facts: ComponentFacts, key: tuple[str, ...]) -> Iterator[Trouble]:
    """Whether something above the component stands for it."""
    declared = {key_of(*name): one for name, one in facts.owner.components.items()}
    definer = next((one for one in ancestors(key_of(*key[1:3])) if one in declared and declared[one].selectable), None)
    if definer is None:
        return
    added = {key_of(*known[1:3]): mark for known, mark in obj.components.items() if known[0] == key[0]}
    mark = added.get(definer)
    if facts.selectable is False:
        says = f"{facts.name!r} is not selectable, and goes with {declared[definer].name!r}"
        also = NEVER_BY_ITSELF if mark is not None else (*NEVER_BY_ITSELF, UNREACHABLE)
        yield _forbidden(obj, NOT_SELECTABLE, says, also=also)
    elif mark is not None:
        says = f"{facts.name!r} goes with {declared[definer].name!r}, which was added"
        yield _forbidden(obj, NOT_TWICE, says, (mark[0], f"added {mark[1]!r}, which stands for it"))


def _not_declared(line: Line, obj: BackupObject, key: tuple[str, ...]) -> Iterator[Trouble]:
    """A component that its writer does not have; of a writer that was not read whole, nothing is said."""
    if key[1].startswith(REMOTE):
        says = f"the logical path {key[1]!r} names another computer; what is there is backed up there"
        yield _forbidden(obj, REMOTE_PREFIX, says)
        return
    seen = obj.seen
    writer = seen.writers.get(parse_guid((line.in_ or {}).get("instanceId")) or "") if seen is not None else None
    if writer is None or writer.writer not in (None, key[0]) or writer.count is None:
        return
    if len(writer.components) >= writer.count:
        yield _forbidden(obj, IDENTITY, f"its writer declares no component {key[2]!r} under {key[1]!r}")


def _forbidden(
    obj: BackupObject, rule: str, says: str, mark: Mark | None = None, also: tuple[str, ...] = ()
) -> Trouble:
    """What the documentation forbids, without saying what VSS answers."""
    ground = mark or obj.made
    because = (Ground(*ground),) if ground else ()
    return Trouble(rule, (), says, Force.UNSURE, because, level=Level.WARNING, also=also)


def learn_selection(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A component is in the document: its writer counts from now on, and its file sets are to be backed up."""
    facts = _facts(step.line, obj)
    if facts is None or not certain:
        return
    seen = seen_of(obj)
    if len(seen.chosen) < FEW:
        seen.chosen.append(Chosen(step.mark(f"added {facts.name!r}"), facts))
    _tell_lacking_type(history, step, obj, facts)


def learn_backup_type(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """What SetBackupState declared."""
    declared = step.arguments.get("backupType")
    named = declared if isinstance(declared, str) and declared in SNAPSHOT_OF_TYPE else _type_named(declared)
    obj.backup_type = named if certain else None
    obj.partial_files = truth_of(step.arguments.get("bPartialFileSupport")) if certain else None


def _type_named(declared: object) -> str | None:
    """A backup type that was recorded otherwise than by its name."""
    number = number_of(declared)
    return next((name for name in SNAPSHOT_OF_TYPE if number is not None and number_of(name) == number), None)


def learn_volume_name(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Whether the names of all volumes of the set are known."""
    if not certain or not isinstance(step.arguments.get("pwszVolumeName"), str):
        seen_of(obj).volumes_complete = False


def demands_shadow_copy(file_set: FileSetFacts, backup_type: str | None) -> bool | None:
    """Whether the files of a set have to come from a shadow copy; None where that was not asked for."""
    if file_set.mask is None or backup_type is None:
        return None
    return bool(file_set.mask & (number_of(SNAPSHOT_OF_TYPE[backup_type]) or 0))


def judge_volumes(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Each volume with files of an added component that demand a shadow copy is in the set when it is created.

    A volume that goes by another name than its drive may be any volume, so that nothing can be said then.
    """
    seen = obj.seen
    if seen is None or not seen.chosen or not seen.volumes_complete or not obj.volumes:
        return
    if not all(_ROOT.fullmatch(volume) for volume in obj.volumes):
        return
    for chosen in seen.chosen:
        for file_set in chosen.facts.file_sets:
            root = _ROOT.match(file_set.path or "")
            demand = demands_shadow_copy(file_set, obj.backup_type)
            if root is not None and demand is not False and root[0].casefold() not in obj.volumes:
                says = f"files of {chosen.facts.name!r} are in {file_set.path}, and {root[0]} is not in the set"
                level = Level.WARNING if demand else Level.INFO
                history.note(step, level, VOLUMES_COVER, says, chosen.added)
                return
            mounted = _mounted_outside(history, step, obj, file_set) if demand else None
            if mounted is not None:
                folder, volume = mounted
                says = f"files of {chosen.facts.name!r} are on {volume}, mounted in {folder}, which is not in the set"
                history.note(step, Level.WARNING, MOUNTS_FOLLOWED, says, chosen.added, also=(VOLUMES_COVER,))
                return


def _mounted_outside(history: History, step: Step, obj: BackupObject, file_set: FileSetFacts) -> tuple[str, str] | None:
    """A folder of a recursive set, and the volume mounted there, where that is not in the set."""
    if not file_set.recursive or file_set.path is None:
        return None
    root = file_set.path.casefold().rstrip("\\") + "\\"
    for folder, volume in history.world.mounted(step.line.machine).items():
        if (folder + "\\").startswith(root) and volume not in obj.volumes:
            return written(folder), written(volume)
    return None


def _facts(line: Line, obj: BackupObject) -> ComponentFacts | None:
    """What the metadata of its writer says of the component that a call names."""
    seen = obj.seen
    key = component_key(line.in_) if seen is not None and seen.writers else None
    if seen is None or key is None:
        return None
    writer = seen.writers.get(parse_guid((line.in_ or {}).get("instanceId")) or "")
    if writer is None or writer.writer not in (None, key[0]):
        return None
    return writer.components.get((key[1], key[2]))


def _tell_lacking_type(history: History, step: Step, obj: BackupObject, facts: ComponentFacts) -> None:
    wanted = SCHEMA_OF_TYPE.get(obj.backup_type or "")
    schema = facts.owner.schema
    if wanted is not None and schema is not None and not schema & (number_of(wanted) or 0):
        says = f"the writer of {facts.name!r} lacks {wanted}; for it {obj.backup_type} counts as a full backup"
        history.note(step, Level.INFO, TYPE_LACKING, says, also=TYPE_LACKING_TOO)
