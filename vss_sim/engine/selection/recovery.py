"""What was asked to be restored, and what comes back: the report on silent exclusion of a restore.

A pure function of the stored documents and of what a requester selects. Only what is stored counts (rule
seq-r-stored-not-live); of the writers that run it matters that they do. What is not known is never said to be lost.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from vss_sim.engine.selection.components import Key, key_of, restore_stand, whole
from vss_sim.engine.selection.protection import Offered, Place, Row
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.shown import written
from vss_sim.model.values import Guid
from vss_sim.spec.selection import Restore, Verdict


class Entry(NamedTuple):
    """A component of the stored Backup Components Document; `succeeded` False: its backup failed."""

    path: str
    name: str
    succeeded: bool | None = None

    @property
    def key(self) -> Key:
        """What it is compared by."""
        return key_of(self.path, self.name)


class StoredWriter(NamedTuple):
    """A writer as it was at backup: what it offered, and its components in the document."""

    offered: Offered
    entries: tuple[Entry, ...] = ()

    @property
    def added(self) -> dict[Key, Entry]:
        """What was added at backup."""
        return {one.key: one for one in self.entries}


class Wanted(NamedTuple):
    """What a requester selects: components that were added (None: all), and subcomponents of them, by their keys.

    `running` are the classes of the writers that run now; None where that is not known.
    """

    selected: tuple[Place, ...] | None = None
    subcomponents: Mapping[Place, tuple[Key, ...]] = {}
    running: frozenset[Guid] | None = None


class Recovery(NamedTuple):
    """The whole report."""

    wanted: Wanted
    rows: tuple[Row, ...]

    @property
    def lost(self) -> tuple[Row, ...]:
        """The components that somebody relies on, and that do not come back."""
        return tuple(row for row in self.rows if row.ground.verdict is Verdict.UNPROTECTED)


def stored_writers(document: BackupComponentsDocument, writers: Iterable[Offered]) -> tuple[StoredWriter, ...]:
    """The writers of a backup, each with its components in the document; by instance, as both were saved together."""
    return tuple(
        StoredWriter(
            one,
            tuple(
                Entry(part.logical_path, part.name, part.backup_succeeded)
                for writer in document.writers
                if writer.writer_id == one.writer_id and one.instance_id in (None, writer.instance_id)
                for part in writer.components
            ),
        )
        for one in writers
    )


def recovery(writers: tuple[StoredWriter, ...], wanted: Wanted) -> Recovery:
    """What becomes of every component that the writers had at backup, and of each that is selected."""
    rows = [row for writer in writers for row in _rows(writer, wanted)]
    taken = [row for row in rows if row.ground.verdict is Verdict.IN]
    rows = [_relied_on(row, taken) for row in rows]
    return Recovery(wanted, (*rows, *_not_stored(writers, wanted)))


def _selected_of(writer: StoredWriter, wanted: Wanted) -> tuple[Key, ...]:
    if wanted.selected is None:
        return tuple(writer.added)
    return tuple(key for writer_id, key in wanted.selected if writer_id == writer.offered.writer_id)


def _rows(writer: StoredWriter, wanted: Wanted) -> Iterator[Row]:
    offered, added, selected = writer.offered, writer.added, _selected_of(writer, wanted)
    declared = offered.declared
    chosen = {key: subs for (writer_id, key), subs in wanted.subcomponents.items() if writer_id == offered.writer_id}
    gone = wanted.running is not None and offered.writer_id not in wanted.running
    for component in offered.components:
        key = component.declared.key
        why, by = restore_stand(key, declared, added, selected, chosen)
        asked = key in selected or any(key in subs for subs in chosen.values())
        entry = added.get(by or key)
        if why.ground.verdict is Verdict.IN and gone:
            why = Restore.WRITER_GONE
        elif why.ground.verdict is Verdict.IN and entry is not None and entry.succeeded is False:
            why = Restore.NOT_SAVED
        elif why.ground.verdict is Verdict.IN and offered.no_way is not None:
            why = offered.no_way
        elif why is Restore.SUBCOMPONENT and component.declared.for_restore is False:
            why = Restore.NO_SUBCOMPONENT
        elif why is Restore.NOT_BACKED_UP and key in selected:
            why = Restore.SELECTED_IN_VAIN
        name = declared.get(by) if by is not None else None
        shown = whole((name.path, name.name)) if name is not None else ""
        yield Row(offered, component.declared.path, component.declared.name, asked, why, shown)


def _relied_on(row: Row, taken: list[Row]) -> Row:
    """Whether something that comes back needs a component that does not, though it is in the backup (rule dep-both)."""
    if row.why not in (Restore.NOT_SELECTED, Restore.MAY_BE_ADDED, Restore.ONLY_WITH_SET, Restore.ONLY_SUBCOMPONENTS):
        return row
    place = row.writer.writer_id, key_of(row.path, row.name)
    for other in taken:
        own = key_of(other.path, other.name)
        for component in other.writer.components:
            if component.declared.key == own and place in component.dependencies:
                return row._replace(why=Restore.TARGET_OF_DEPENDENCY, by=f"{other.writer.name}: {other.shown}")
    return row


def _not_stored(writers: tuple[StoredWriter, ...], wanted: Wanted) -> Iterator[Row]:
    """What is selected, and no stored writer declared, as far as that is known."""
    for writer_id, key in wanted.selected or ():
        own = [writer for writer in writers if writer.offered.writer_id == writer_id]
        entry = next((writer.added[key] for writer in own if key in writer.added), None)
        declared = any(key in writer.offered.declared for writer in own)
        if declared or (entry is None and any(not writer.offered.complete for writer in own)):
            continue
        offered = own[0].offered if own else Offered(writer_id, None, writer_id)
        path, name = map(written, key) if entry is None else (entry.path, entry.name)
        why = Restore.SELECTED_IN_VAIN if entry is None else Restore.SELECTED
        yield Row(offered, path, name, asked=True, why=why)
