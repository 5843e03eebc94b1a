"""What a log shows of a restore as selection sees it: stored documents, what was selected, what does not come back.

A document whose whole text the log has is read; of others it is known what the requester read of them, and what the
backup in the same log put into them.
"""

from collections.abc import Callable, Iterable

from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.writer_metadata import read_writer_metadata
from vss_sim.engine.selection.components import Declared, key_of
from vss_sim.engine.selection.protection import NO_METHOD, Offered, OfferedComponent, Place, no_way, offered
from vss_sim.engine.selection.recovery import Entry, Recovery, StoredWriter, Wanted, recovery, stored_writers
from vss_sim.judge.objects import BackupObject, MachineView
from vss_sim.judge.restoring.restores import ComponentKey, WriterDocument
from vss_sim.judge.words import word_of
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.shown import written
from vss_sim.model.values import guid
from vss_sim.spec.enums import RestoreMethod, WriterRestore
from vss_sim.trace.lines import Line

_OF_WRITERS = ("CreateVssExamineWriterMetadata", "IVssExamineWriterMetadata::LoadFromXML")
_BEGINS = "IVssBackupComponents::InitializeForRestore"


class Texts:
    """The documents whose whole text a log has: of backups by the object that restores them, of writers by class."""

    def __init__(self) -> None:
        self.documents: dict[int, BackupComponentsDocument] = {}
        self.writers: dict[str, WriterMetadata] = {}

    def read(self, line: Line, obj: BackupObject | None) -> None:
        """Take on the text of a document that a call was given, where it is one."""
        if line.call != _BEGINS and line.call not in _OF_WRITERS:
            return
        text = (line.in_ or {}).get("bstrXML")
        if not isinstance(text, str):
            return
        try:
            if line.call != _BEGINS:
                found = read_writer_metadata(text, [])
                self.writers[found.writer_id] = found
            elif obj is not None:
                self.documents[id(obj)] = read_backup_components(text, [])
        except DocumentError:
            return


def recovery_of(obj: BackupObject, texts: Texts, view: MachineView, described: Iterable[Offered] = ()) -> Recovery:
    """The report on one object that restores.

    `view` has the stored documents of writers as far as the requester looked at them, `described` is what is known of
    writers from elsewhere, which stands for what the log does not show.
    """
    restoring = obj.restoring
    assert restoring is not None  # noqa: S101 - it restores
    offers: dict[str, Offered] = {one.writer_id: one._replace(instance_id=None) for one in described}
    loaded = (known.described for known in view.stored_writers.values())
    for document_read in (document for document in loaded if isinstance(document, WriterDocument)):
        one = _as_read(document_read)
        other = offers.get(one.writer_id)
        if other is None or one.complete:
            offers[one.writer_id] = one if other is None else _completed(one, document_read, other)
    offers |= {name: offered(one) for name, one in texts.writers.items()}
    document = texts.documents.get(id(obj))
    classes = [one.writer_id for one in document.writers] if document is not None else []
    for writer_id in (*classes, *(guid(key[0]) for key in restoring.selected)):
        offers.setdefault(writer_id, Offered(writer_id, None, writer_id, complete=False))
    if document is not None:
        stored = stored_writers(document, offers.values())
    else:
        known = restoring.document.components if restoring.document is not None else None
        keys = known or frozenset(restoring.selected)
        stored = tuple(_with_entries(one, keys, restoring.name_of) for one in offers.values())
    chosen = {_place(key): tuple(subs) for key, subs in restoring.subcomponents.items()}
    wanted = Wanted(tuple(map(_place, restoring.selected)), chosen)
    return recovery(stored, wanted)


def _completed(one: Offered, document: WriterDocument, other: Offered) -> Offered:
    """What was read, with what the header of the log tells of the writer."""
    no_way = one.no_way if document.method_told is not None else other.no_way
    return one._replace(name=other.name, no_way=no_way)


def _place(key: ComponentKey) -> Place:
    return guid(key[0]), key_of(key[1], key[2])


def _with_entries(
    one: Offered, components: Iterable[ComponentKey], name_of: Callable[[ComponentKey], str]
) -> StoredWriter:
    own = sorted(key for key in components if guid(key[0]) == one.writer_id)
    return StoredWriter(one, tuple(Entry(written(key[1]), name_of(key)) for key in own))


def _as_read(document: WriterDocument) -> Offered:
    """A stored document, as far as it was read."""
    parts = [(one, one.key) for one in document.components.values() if one.key is not None]
    declared = [
        Declared(written(path), written(name), one.selectable, one.selectable_for_restore)
        for one, (path, name) in parts
    ]
    count = document.component_count
    method = word_of(RestoreMethod, document.method)
    part = WriterRestore(word_of(WriterRestore, document.writer_restore) or WriterRestore.ALWAYS)
    way = NO_METHOD if document.method is None and document.method_told is not None else None
    if method is not None:
        way = no_way(RestoreMethod(method), part, unnamed=document.service_unnamed)
    return Offered(
        writer_id=guid(document.writer or ""),
        instance_id=None,
        name=document.writer or "",
        components=tuple(map(OfferedComponent, declared)),
        complete=count is not None and len(parts) >= count,
        no_way=way,
    )
