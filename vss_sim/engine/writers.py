"""How events reach writers, how writers answer, and what their status is then; `vss_sim.spec.events` is the law."""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import Event
from vss_sim.engine.desk import Desk
from vss_sim.model.computer import Reply, Writer
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent
from vss_sim.model.objects import BackupObject, WriterFilter, WriterSession
from vss_sim.model.values import guid
from vss_sim.spec.enums import ApplicationLevel, WriterState
from vss_sim.spec.events import EVENTS, LEVELS, Audience, WriterEvent

_NO_ANSWER: Final = "VSS_E_WRITER_NOT_RESPONDING"
_IN_PROGRESS: Final = (
    WriterState.WAITING_FOR_FREEZE,
    WriterState.WAITING_FOR_THAW,
    WriterState.WAITING_FOR_POST_SNAPSHOT,
    WriterState.FAILED_AT_PREPARE_BACKUP,
    WriterState.FAILED_AT_PREPARE_SNAPSHOT,
    WriterState.FAILED_AT_FREEZE,
    WriterState.FAILED_AT_THAW,
)
_PREPARES: Final = "PrepareForBackup"
_CONCLUDE: Final = ("PostSnapshot", "BackupComplete")
"""After these a writer has nothing to undo, and gets no Abort (rule seq-abort-not-after-postsnapshot)."""
_MESSAGES: Final = {
    "PrepareForBackup": "prepare_failure",
    "PostSnapshot": "post_snapshot_failure",
    "PreRestore": "pre_restore_failure",
    "PostRestore": "post_restore_failure",
}
"""Event → the field of a component that holds the writer's message about its failure."""


_WRITES: Final = {
    "backup_metadata": "set_backup_metadata",
    "backup_stamp": "set_backup_stamp",
    "restore_metadata": "set_restore_metadata",
    "restore_target": "set_restore_target",
    "partial_files": "add_partial_files",
    "differenced_files": "add_differenced_files",
    "directed_targets": "add_directed_targets",
    "failure": "set_failure",
}
"""The field of a component → the part of a reply that writes it."""


def without_writers(obj: BackupObject) -> bool:
    """Whether the context of the object keeps writers out (rule seq-writerless-no-events)."""
    return obj.context != bits.CONTEXT_ALL and bool(obj.context & bits.NO_WRITERS)


def running_sessions(desk: Desk, chosen: WriterFilter) -> tuple[WriterSession, ...]:
    """A fresh session with every writer that runs on the machine and is not filtered out."""
    sessions = []
    for index, writer in enumerate(desk.machine.writers):
        instance = desk.state.writers[index]
        class_id = guid(writer.writer_id)
        if is_chosen(chosen, class_id, instance.instance_id) and (instance.running or writer.express):
            metadata = replace(writer, writer_id=class_id, instance_id=instance.instance_id)
            sessions.append(WriterSession(index=index, metadata=metadata, instance_id=instance.instance_id))
    return tuple(sessions)


def is_chosen(chosen: WriterFilter, class_id: str, instance_id: str) -> bool:
    """Whether a filter lets a writer instance take part."""
    wanted = chosen.enabled is None or class_id in chosen.enabled
    return wanted and class_id not in chosen.disabled and instance_id not in chosen.disabled_instances


def raise_event(desk: Desk, obj: BackupObject, name: str) -> BackupObject:
    """Send an event to those that should get it; the object then knows how each of them answered.

    A writer that does not run any more, or runs anew, gets nothing and is told to have not responded.
    """
    event = EVENTS[name]
    sessions = list(obj.sessions)
    chosen = [place for place, session in enumerate(sessions) if _gets(obj, session, event)]
    if event.by_level:
        chosen.sort(key=lambda place: LEVELS.index(_level(desk, sessions[place])))
    document = obj.document
    for place in chosen:
        session = sessions[place]
        instance = desk.state.writers[session.index]
        if not instance.running or instance.instance_id != session.instance_id:
            sessions[place] = _answered(session, event, _NO_ANSWER, None)
            continue
        reply = _reply(desk, session, name)
        answer: bool | str = True if reply is None or reply.fails is None else reply.fails
        desk.events.append(Event(name, desk.machine_index, session.metadata.writer_id, session.instance_id, answer))
        sessions[place] = _answered(session, event, answer, reply)
        if reply is not None:
            document = _written(document, session, name, reply)
    return replace(obj, sessions=tuple(sessions), document=document)


def abort(desk: Desk, obj: BackupObject) -> BackupObject:
    """Send Abort to the writers in progress; they get no more events of this operation but BackupShutdown."""
    return raise_event(desk, obj, "Abort")


def frozen_set_failed(obj: BackupObject, name: str) -> bool:
    """Whether a writer failed the event just raised."""
    failed = EVENTS[name].failed
    return any(session.state is failed and not session.aborted for session in obj.sessions)


def _level(desk: Desk, session: WriterSession) -> ApplicationLevel:
    level = desk.machine.writers[session.index].level
    return level if level in LEVELS else ApplicationLevel.FRONT_END


def _gets(obj: BackupObject, session: WriterSession, event: WriterEvent) -> bool:
    metadata = session.metadata
    if isinstance(metadata, Writer) and metadata.express:
        return False
    match event.audience:
        case Audience.ENABLED | Audience.IDENTIFIED:
            return True
        case Audience.TAKING_PART:
            if event.name != _PREPARES and any(other.involved for other in obj.sessions):
                return not session.aborted and session.involved
            return not session.aborted and _takes_part(obj, session)
        case Audience.IN_PROGRESS:
            prepared = session.prepared and session.state is WriterState.STABLE
            return not session.aborted and (prepared or session.state in _IN_PROGRESS)
        case Audience.SELECTED:
            return _is_selected(obj.document, session)


def _takes_part(obj: BackupObject, session: WriterSession) -> bool:
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


def _is_selected(document: BackupComponentsDocument, session: WriterSession) -> bool:
    return any(
        component.selected_for_restore or component.restore_subcomponents
        for writer in document.writers
        if writer.writer_id == session.metadata.writer_id
        for component in writer.components
    )


def _reply(desk: Desk, session: WriterSession, name: str) -> Reply | None:
    """The scripted reply of a writer to an event, if one is left; giving it is counted."""
    instance = desk.state.writers[session.index]
    for place, reply in enumerate(desk.machine.writers[session.index].replies):
        if reply.on != name or (reply.times is not None and instance.replies[place] >= reply.times):
            continue
        counts = list(instance.replies)
        counts[place] += 1
        writers = list(desk.state.writers)
        writers[session.index] = replace(instance, replies=tuple(counts))
        desk.change_machine(writers=tuple(writers))
        return reply
    return None


def _answered(session: WriterSession, event: WriterEvent, answer: bool | str, reply: Reply | None) -> WriterSession:
    if event.name == "Abort":  # a failure stays in the status (rule obs-status-after-abort), all else is over
        return replace(session, aborted=True, state=WriterState.STABLE if session.failure == "S_OK" else session.state)
    if answer is True:
        keeps_failure = session.failure != "S_OK" and event.name == "BackupShutdown"
        if keeps_failure or event.done is None:
            return session
        prepared = event.name == _PREPARES or (session.prepared and event.name not in _CONCLUDE)
        return replace(session, state=event.done, prepared=prepared, involved=session.involved or prepared)
    state = WriterState.UNKNOWN if answer == _NO_ANSWER else event.failed or session.state
    message = reply.message if reply is not None else None
    return replace(session, state=state, failure=str(answer), message=message)


def _written(
    document: BackupComponentsDocument, session: WriterSession, name: str, reply: Reply
) -> BackupComponentsDocument:
    """What the writer changed in its components while it handled the event."""
    changes = _changes(name, reply)
    if not changes:
        return document
    writers = []
    for writer in document.writers:
        components = writer.components
        if writer.writer_id == session.metadata.writer_id:
            components = tuple(
                _with(component, changes) if reply.component in (None, component.name) else component
                for component in components
            )
        writers.append(replace(writer, components=components))
    return replace(document, writers=tuple(writers))


def _changes(name: str, reply: Reply) -> dict[str, Any]:
    """What a reply writes: the field of a component → its new value, or what is added to it."""
    changes: dict[str, Any] = {field: value for field, key in _WRITES.items() if (value := getattr(reply, key))}
    if reply.message is not None and name in _MESSAGES:
        changes[_MESSAGES[name]] = reply.message
    return changes


def _with(component: DocumentComponent, changes: dict[str, Any]) -> DocumentComponent:
    more = {
        field: (*getattr(component, field), *value) if isinstance(value, tuple) else value
        for field, value in changes.items()
    }
    return replace(component, **more)
