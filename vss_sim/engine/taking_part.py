"""Which writers get an event: the audiences of `vss_sim.spec.events`, asked of the sessions of an object."""

from typing import Final

from vss_sim.model.computer import Writer
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent
from vss_sim.model.objects import BackupObject, WriterSession
from vss_sim.spec.enums import FileRestoreStatus, WriterRestore, WriterState
from vss_sim.spec.events import ABORT_FOLLOWS, PREPARE_FOR_BACKUP, Audience, WriterEvent
from vss_sim.spec.restoring.methods import REPLACING

_OUT: Final = (
    WriterState.UNKNOWN,
    WriterState.FAILED_AT_PREPARE_BACKUP,
    WriterState.FAILED_AT_PREPARE_SNAPSHOT,
    WriterState.FAILED_AT_FREEZE,
    WriterState.FAILED_AT_THAW,
)
"""A writer that failed before PostSnapshot takes no part in the rest of the backup."""


def is_express(session: WriterSession) -> bool:
    """Whether it is an express writer, which VSS itself lists, and which hears nothing (rule wr-express-limits)."""
    metadata = session.metadata
    return isinstance(metadata, Writer) and metadata.express


def gets(obj: BackupObject, session: WriterSession, event: WriterEvent) -> bool:
    """Whether a writer gets an event; an express writer gets none."""
    if is_express(session):
        return False
    match event.audience:
        case Audience.ENABLED | Audience.IDENTIFIED:
            return True
        case Audience.TAKING_PART:
            return not session.aborted and _is_still_in_it(obj, session, event.name)
        case Audience.IN_PROGRESS:
            return not session.aborted and session.last_event in ABORT_FOLLOWS
        case Audience.SELECTED:
            return _is_told_of_restore(obj.document, session, event.name)


def _is_still_in_it(obj: BackupObject, session: WriterSession, event: str) -> bool:
    """Who was prepared hears how the backup goes on, whatever is added later, until it fails."""
    if event == PREPARE_FOR_BACKUP:
        return takes_part(obj, session)
    if session.state in _OUT:
        return False
    return session.involved if any(other.involved for other in obj.sessions) else takes_part(obj, session)


def takes_part(obj: BackupObject, session: WriterSession) -> bool:
    """In component mode only writers with a component in the document take part (dispute C26).

    Where none was added at all, every writer does: programs that back up whole volumes in component mode hear of
    writers that failed (rule obs-no-components-selected).
    """
    if not obj.document.select_components or not obj.document.writers:
        return True
    return any(
        writer.instance_id == session.instance_id or writer.writer_id == session.metadata.writer_id
        for writer in obj.document.writers
        if writer.components
    )


def _selected(document: BackupComponentsDocument, session: WriterSession) -> list[DocumentComponent]:
    return [
        component
        for writer in document.writers
        if writer.writer_id == session.metadata.writer_id
        for component in writer.components
        if component.selected_for_restore or component.restore_subcomponents
    ]


def _is_told_of_restore(document: BackupComponentsDocument, session: WriterSession, event: str) -> bool:
    """What writerRestore says of a writer with a selected component (wre-always, wre-if-replace-fails, wre-never).

    A writer that failed PreRestore still hears how the restore ended.
    """
    selected = _selected(document, session)
    if not selected:
        return False
    described = session.metadata.restore_method
    asked = described.writer_restore if described is not None else WriterRestore.ALWAYS
    if asked is WriterRestore.NEVER:
        return False
    if asked is WriterRestore.IF_REPLACE_FAILS and event == "PostRestore":
        replacing = described is not None and described.method in REPLACING
        return replacing and any(part.file_restore_status is not FileRestoreStatus.ALL for part in selected)
    return True
