"""The saved documents of a backup: in a file that `rehearse --save` wrote, or in a folder as XML."""

from pathlib import Path
from typing import Final, NamedTuple

from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.backup_file import read_backup
from vss_sim.documents.errors import DocumentError, WorldError
from vss_sim.documents.metadata_folder import in_order, writer_in
from vss_sim.documents.vocabulary import BACKUP_COMPONENTS
from vss_sim.documents.writer_metadata import read_writer_metadata
from vss_sim.documents.xml_reader import LARGEST
from vss_sim.engine.restoring.chains import ChainError, steps_to
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.metadata import WriterMetadata
from vss_sim.report.words import printable

_MOST: Final = 2 * LARGEST + 1


class UnusableError(Exception):
    """What is there holds no saved documents; the message says where, and what was expected."""


class SavedDocuments(NamedTuple):
    """The documents of one backup, and what it is called."""

    title: str
    document: BackupComponentsDocument
    writers: tuple[WriterMetadata, ...]


def saved_documents(name: str, machine: str) -> tuple[SavedDocuments, ...]:
    """The backups that are restored, in their order, so that the last one of a machine is.

    Raises:
        UnusableError: there is none that can be.
    """
    path = Path(name)
    try:
        return (_of_folder(path),) if path.is_dir() else _of_file(path, machine)
    except OSError as error:
        raise UnusableError(f"{printable(name)}: cannot be read: {error.strerror or error}") from None


def _of_file(path: Path, machine: str) -> tuple[SavedDocuments, ...]:
    name = printable(str(path))
    try:
        kept = read_backup(path.read_bytes())
        if machine not in kept:
            raise UnusableError(
                f"{name}: there is no backup of {machine!r}; there is one of {', '.join(kept) or 'none'}"
            )
        steps = steps_to(kept[machine])
        return tuple(
            SavedDocuments(
                step.backup_type.value if len(steps) > 1 else machine,
                read_backup_components(str(step.backup_components)),
                tuple(read_writer_metadata(str(text), []) for text in step.writers),
            )
            for step in steps
        )
    except WorldError as error:
        raise UnusableError(printable(error.in_file(name))) from None
    except (DocumentError, ChainError) as error:
        raise UnusableError(f"{name}: {error}") from None


def _of_folder(folder: Path) -> SavedDocuments:
    document: BackupComponentsDocument | None = None
    writers: list[WriterMetadata] = []
    paths = [path for path in folder.iterdir() if path.suffix.lower() == ".xml"]
    for path in sorted(paths, key=lambda path: in_order(path.name)):
        try:
            with path.open("rb") as source:
                data = source.read(_MOST)
            told = writer_in(data, [])
            if isinstance(told, WriterMetadata):
                writers.append(told)
            elif told == BACKUP_COMPONENTS.root.name:
                if document is not None:
                    raise UnusableError(f"{printable(str(path))}: the folder has more than one {told} document")
                document = read_backup_components(data, [])
        except DocumentError as error:
            raise UnusableError(printable(error.in_file(str(path)))) from None
    if document is None:
        raise UnusableError(f"{printable(str(folder))}: no Backup Components Document is in this folder (*.xml)")
    return SavedDocuments(printable(folder.name), document, tuple(writers))
