"""What was asked to be backed up, what came of it, and what is unprotected: the report on silent exclusion.

A pure function of what writers offer and what a requester asked; where the computer is known, every file counts, too.
What is not known is never said to be unprotected.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from vss_sim.engine.desk import Desk
from vss_sim.engine.selection.components import Declared, Key, Stand, backup_stand, is_below, key_of, whole
from vss_sim.engine.selection.file_fates import BackupOf, FileStand, file_stands, places_of
from vss_sim.engine.selection.file_sets import type_for
from vss_sim.model.document import DocumentComponent
from vss_sim.model.environment import variables
from vss_sim.model.metadata import FileSet, WriterComponent, WriterMetadata
from vss_sim.model.names import component_path
from vss_sim.model.values import Guid
from vss_sim.spec.enums import RestoreMethod, WriterRestore
from vss_sim.spec.selection import (
    ASR,
    ASR_WRITER,
    NOT_SYSTEM_STATE,
    SYSTEM_STATE_USAGES,
    WHOLE_ELEMENTS,
    Backup,
    Ground,
    Restore,
    Verdict,
)

_BY_NO_METHOD: Final = {
    RestoreMethod.UNDEFINED: Restore.METHOD_UNDEFINED,
    RestoreMethod.CUSTOM: Restore.OWN_PROCEDURE,
}

NO_METHOD: Final = Restore.METHOD_MISSING
"""What is said where a writer gives no method: that this is its error is assumed only, so that it is not known."""

Place = tuple[Guid, Key]
"""A component by the class of its writer."""


class OfferedComponent(NamedTuple):
    """A component as far as it is known: `declared` for selection, its files, what it depends on."""

    declared: Declared
    files: tuple[FileSet, ...] = ()
    log_files: tuple[FileSet, ...] = ()
    dependencies: tuple[Place, ...] = ()
    flags: tuple[str, ...] = ()


class Offered(NamedTuple):
    """One writer instance and its components; `complete` tells whether these are all of them."""

    writer_id: Guid
    instance_id: Guid | None
    name: str
    components: tuple[OfferedComponent, ...] = ()
    excludes: tuple[FileSet, ...] = ()
    schema: int | None = None
    usage: str | None = None
    complete: bool = True
    failure: str | None = None
    """The state and the code of a writer that failed."""
    no_way: Restore | None = None
    """Why nothing of it is restored, whatever is selected."""

    @property
    def declared(self) -> dict[Key, Declared]:
        """Its components as selection sees them."""
        return {one.declared.key: one.declared for one in self.components}


class Added(NamedTuple):
    """A component that AddComponent put into the document."""

    writer_id: Guid
    instance_id: Guid | None
    path: str
    name: str
    entry: DocumentComponent | None = None
    """What the document has of it, where that is known."""
    succeeded: bool | None = None

    @property
    def key(self) -> Key:
        """What it is compared by."""
        return key_of(self.path, self.name)


class Asked(NamedTuple):
    """What a requester asked: None where it is not known. `completed`: BackupComplete was called."""

    by_components: bool | None = True
    bootable: bool = False
    backup_type: str = "VSS_BT_FULL"
    added: tuple[Added, ...] = ()
    volumes: tuple[str, ...] | None = None
    completed: bool = False
    all_writers: bool = True
    """Whether every writer of the machine is known; a log may not show them all."""


class Row(NamedTuple):
    """A component: what becomes of it and why; `asked` tells whether it was added, `files` what becomes of each."""

    writer: Offered
    path: str
    name: str
    asked: bool
    why: Backup | Restore
    by: str = ""
    also: tuple[str, ...] = ()
    files: tuple[FileStand, ...] = ()

    @property
    def shown(self) -> str:
        """Its name with its path."""
        return component_path(self.path, self.name)

    @property
    def ground(self) -> Ground:
        """The reason, with the rules that only hold here."""
        ground = self.why.ground
        return Ground(ground.verdict, ground.says.format(by=self.by or "what is above"), (*ground.rules, *self.also))

    @property
    def unprotected(self) -> tuple[FileStand, ...]:
        """The files of it that are not saved although it is in the backup."""
        return tuple(stand for stand in self.files if stand.why.ground.verdict is Verdict.UNPROTECTED)


class Protection(NamedTuple):
    """The whole report."""

    asked: Asked
    rows: tuple[Row, ...]

    @property
    def unprotected(self) -> tuple[Row, ...]:
        """The components that are, or have a file that is, unprotected."""
        return tuple(row for row in self.rows if row.ground.verdict is Verdict.UNPROTECTED or row.unprotected)


def offered(metadata: WriterMetadata, instance_id: Guid | None = None, failure: str | None = None) -> Offered:
    """What a writer's metadata offers."""
    how = metadata.restore_method
    return Offered(
        writer_id=metadata.writer_id,
        instance_id=instance_id or metadata.instance_id,
        name=metadata.name,
        components=tuple(map(_component, metadata.components)),
        excludes=metadata.exclude_files,
        schema=metadata.schema,
        usage=metadata.usage.value,
        failure=failure,
        no_way=no_way(how.method, how.writer_restore, unnamed=not how.service) if how is not None else NO_METHOD,
    )


def no_way(method: RestoreMethod, part: WriterRestore, *, unnamed: bool) -> Restore | None:
    """What keeps everything of a writer from being restored by its method; `unnamed`: it names no service."""
    if part is WriterRestore.UNDEFINED:
        return Restore.PART_UNDEFINED
    if method is RestoreMethod.STOP_RESTORE_START and unnamed:
        return Restore.SERVICE_UNNAMED
    return _BY_NO_METHOD.get(method)


def _component(component: WriterComponent) -> OfferedComponent:
    return OfferedComponent(
        Declared(component.logical_path, component.name, component.selectable, component.selectable_for_restore),
        (*component.files, *component.database_files),
        component.database_log_files,
        tuple((one.writer_id, key_of(one.logical_path, one.component_name)) for one in component.dependencies),
        component.component_flags,
    )


def protection(writers: tuple[Offered, ...], asked: Asked, desk: Desk | None = None) -> Protection:
    """What becomes of every component that the writers offer, and of each that was asked for.

    With `desk`, of each file of the components that are in, as the machine is now.
    """
    rows = [row for writer in writers for row in _rows(writer, writers, asked)]
    if desk is not None:
        rows = [_with_files(row, asked, desk) for row in rows]
    return Protection(asked, (*rows, *_not_offered(writers, asked)))


def _added_of(writer: Offered, asked: Asked) -> dict[Key, Added]:
    """What was added of one writer instance; one that is not named by its instance is of each of its class."""
    return {
        one.key: one
        for one in asked.added
        if one.writer_id == writer.writer_id and one.instance_id in (None, writer.instance_id)
    }


def _rows(writer: Offered, writers: tuple[Offered, ...], asked: Asked) -> Iterator[Row]:
    added, declared = _added_of(writer, asked), writer.declared
    for component in writer.components:
        key = component.declared.key
        if asked.by_components is False:
            yield _by_volumes(writer, component, asked)
            continue
        stand = backup_stand(key, declared, added.keys(), complete=writer.complete)
        if asked.by_components is None and key not in added:
            stand = Stand(Backup.UNKNOWN)
        stand, by = _outcome(stand, key, writer, added, asked)
        if stand.why.ground.verdict is Verdict.OUT:
            stand, by = _relied_on(stand, by, component, writer, writers, asked)
        also = _further_rules(stand, key, writer, added)
        yield Row(writer, component.declared.path, component.declared.name, key in added, stand.why, by, also)


def _by_volumes(writer: Offered, component: OfferedComponent, asked: Asked) -> Row:
    """A backup of whole volumes has a component if it has the volumes of all its files."""
    known = {name.casefold() for name in asked.volumes or ()}
    roots = (one.path[:3] for one in (*component.files, *component.log_files) if one.path[1:3] == ":\\")
    outside = next((root for root in roots if asked.volumes is not None and root.casefold() not in known), None)
    path, name = component.declared.path, component.declared.name
    if outside is not None:
        return Row(writer, path, name, False, Backup.VOLUME_OUTSIDE, outside)
    return Row(writer, path, name, False, Backup.WHOLE_VOLUMES)


def _outcome(stand: Stand, key: Key, writer: Offered, added: Mapping[Key, Added], asked: Asked) -> tuple[Stand, str]:
    """What came of a component that is in: its writer failed, it was marked as failed, or not at all."""
    by = _written(writer, stand.by)
    if stand.why.ground.verdict is not Verdict.IN:
        return stand, by
    if writer.failure is not None:
        return Stand(Backup.WRITER_FAILED), writer.failure
    definer = added.get(stand.by or key)
    if definer is not None and definer.succeeded is False:
        return Stand(Backup.FAILED), by
    if definer is not None and definer.succeeded is None and asked.completed:
        return Stand(Backup.UNMARKED), by
    return stand, by


def _written(writer: Offered, key: Key | None) -> str:
    """A component's path and name as its writer writes them."""
    if key is None:
        return ""
    declared = writer.declared.get(key)
    return whole(key if declared is None else (declared.path, declared.name))


def _relied_on(
    stand: Stand, by: str, component: OfferedComponent, writer: Offered, writers: tuple[Offered, ...], asked: Asked
) -> tuple[Stand, str]:
    """Whether something else in the backup needs a component that is out."""
    key = component.declared.key
    if asked.bootable and writer.usage in SYSTEM_STATE_USAGES and NOT_SYSTEM_STATE not in component.flags:
        return Stand(Backup.SYSTEM_STATE_MISSING), by
    for other in writers:
        taken = _added_of(other, asked)
        for one in other.components:
            depends = (writer.writer_id, key) in one.dependencies
            if depends and backup_stand(one.declared.key, other.declared, taken).why.ground.verdict is Verdict.IN:
                return Stand(Backup.TARGET_OF_DEPENDENCY), f"{other.name}: {_written(other, one.declared.key)}"
    return stand, by


def _further_rules(stand: Stand, key: Key, writer: Offered, added: Mapping[Key, Added]) -> tuple[str, ...]:
    """The rules that a row rests on beside those of its reason."""
    found = []
    if stand.why in (Backup.REQUIRED, Backup.BELOW_NO_SET) and any(
        key[0].startswith(whole(one)) and not is_below(key, one) for one in added
    ):
        found.append(WHOLE_ELEMENTS)
    if stand.why is Backup.SYSTEM_STATE_MISSING and writer.writer_id.strip("{}") == ASR_WRITER:
        found.append(ASR)
    return tuple(found)


def _not_offered(writers: tuple[Offered, ...], asked: Asked) -> Iterator[Row]:
    """What was asked for and no writer declares."""
    for one in asked.added:
        own = [
            writer
            for writer in writers
            if writer.writer_id == one.writer_id and one.instance_id in (None, writer.instance_id)
        ]
        if any(one.key in writer.declared or not writer.complete for writer in own):
            continue
        writer = own[0] if own else Offered(one.writer_id, one.instance_id, one.writer_id)
        why = Backup.NOT_DECLARED if own else Backup.WRITER_NOT_THERE if asked.all_writers else Backup.ADDED
        stand, by = _outcome(Stand(why), one.key, writer, _added_of(writer, asked), asked)
        yield Row(writer, one.path, one.name, True, stand.why, by)


def _with_files(row: Row, asked: Asked, desk: Desk) -> Row:
    """The row with what becomes of each file."""
    key = key_of(row.path, row.name)
    component = next((one for one in row.writer.components if one.declared.key == key), None)
    if component is None or row.ground.verdict is not Verdict.IN:
        return row
    added = _added_of(row.writer, asked)
    definer = next((one for name, one in added.items() if name == key or whole(name) == row.by.casefold()), None)
    backup = BackupOf(
        desk=desk,
        excludes=row.writer.excludes,
        backup_type=type_for(row.writer.schema, asked.backup_type),
        places=places_of(desk, asked.volumes),
        variables=variables(desk.machine.environment),
        entry=definer.entry if definer is not None else None,
    )
    files = [stand for one in component.files for stand in file_stands(backup, one)]
    files += [stand for one in component.log_files for stand in file_stands(backup, one, is_log=True)]
    return row._replace(files=tuple(files))
