"""Which writers get an event: the audiences of `vss_sim.spec.events`, asked of the sessions of an object.

Components of the document belong to the instance that they were added of. In a restore that instance is another one
than in the backup: then the name of the instance tells which, or the requester does (rule sel-r-multi-instance).
"""

from typing import Final

from vss_sim.engine.editing import Place, component_at
from vss_sim.model.computer import Writer
from vss_sim.model.document import DocumentComponent, WriterComponents
from vss_sim.model.objects import BackupObject, WriterSession
from vss_sim.model.values import Guid
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
            return _is_told_of_restore(obj, session, event.name)


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
    chosen = [writer for writer in obj.document.writers if writer.components]
    return any(session.instance_id == one.instance_id for writer in chosen for one in _added_of(obj, writer))


def _added_of(obj: BackupObject, writer: WriterComponents) -> list[WriterSession]:
    """The instance that components were added of; where it is none that is known, those of its class."""
    same = [one for one in obj.sessions if one.metadata.writer_id == writer.writer_id]
    return [one for one in same if one.instance_id == writer.instance_id] or same


def _given_to(obj: BackupObject, writer: WriterComponents) -> Guid | None:
    """The instance that is given components of the document: their own, one of its name, or the first of its class."""
    same = _added_of(obj, writer)
    name = (writer.instance_name or "").casefold()
    named = [one for one in same if name and (one.metadata.instance_name or "").casefold() == name]
    return next((one.instance_id for one in named or same), None)


def components_of(obj: BackupObject, session: WriterSession) -> list[Place]:
    """The components that a writer is given in its handlers, in the order of the document."""
    places = []
    moved = {(writer_id, key): instance for writer_id, key, instance in obj.moved}
    for number, writer in enumerate(obj.document.writers):
        if writer.writer_id != session.metadata.writer_id:
            continue
        own = _given_to(obj, writer) == session.instance_id
        for place, part in enumerate(writer.components):
            to = moved.get((writer.writer_id, part.key))
            if own if to is None else to == session.instance_id:
                places.append(Place(number, place))
    return places


def _selected(obj: BackupObject, session: WriterSession) -> list[DocumentComponent]:
    parts = (component_at(obj.document, place) for place in components_of(obj, session))
    return [part for part in parts if part.selected_for_restore or part.restore_subcomponents]


def _is_told_of_restore(obj: BackupObject, session: WriterSession, event: str) -> bool:
    """What writerRestore says of a writer with a selected component (wre-always, wre-if-replace-fails, wre-never).

    A writer that failed PreRestore still hears how the restore ended.
    """
    selected = _selected(obj, session)
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
