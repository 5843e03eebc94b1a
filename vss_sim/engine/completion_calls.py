"""What the calls at the end of a backup do: marks, stamps, options, the document saved, abort, release, status."""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OF_THE_METHOD, OK, Answer, no
from vss_sim.engine.commit import give_set_up, undo_set
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.editing import changed, find, not_in_document
from vss_sim.engine.reading import beyond
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.writers import abort, raise_event
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, WriterSession
from vss_sim.model.values import GUID_NULL
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import Fate
from vss_sim.spec.protocol.common import BEING_CREATED, SET_BEGUN, SET_OPEN, WRITERS_INVOLVED
from vss_sim.spec.table import Profile

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]
_PARTIAL: Final = HResult.VSS_E_WRITERERROR_PARTIAL_FAILURE


def _mark(obj: BackupObject, arguments: Arguments, **changes: Any) -> Done:
    """One component of the document changed, or the answer that it is not there."""
    path, name = arguments["wszLogicalPath"], arguments["wszComponentName"]
    place = find(obj.document, arguments["writerId"], path, name, arguments.get("instanceId"))
    if place is None:
        return obj, not_in_document(path, name)
    return replace(obj, document=changed(obj.document, place, **changes)), OK


def set_backup_succeeded(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Whether the files of a component were saved."""
    return _mark(obj, arguments, backup_succeeded=arguments["bSucceded"])


def set_backup_options(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A private message to the writer of a component."""
    return _mark(obj, arguments, backup_options=arguments["wszBackupOptions"])


def set_previous_backup_stamp(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The stamp of the backup that this one builds on."""
    return _mark(obj, arguments, previous_backup_stamp=arguments["wszPreviousBackupStamp"])


def save_as_xml(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The document as it is now; it tells of the shadow copies of a set when their creation has ended."""
    document = obj.document
    if obj.state & BEING_CREATED and document.snapshot_set_id == obj.set_id:
        document = replace(document, snapshot_set_id=GUID_NULL, snapshots=())
    return obj, Answer(HResult.S_OK, {"pbstrXML": document})


def backup_complete(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The event is on its way (see `operations`); a later set that is begun comes to nothing, which no page tells.

    Raises:
        NotSimulated: a later set of the object is being created.
    """
    if obj.state & BEING_CREATED:
        raise NotSimulated(
            "no page says what becomes of a creation that is under way when BackupComplete is called for an earlier"
            " shadow copy set of its object (rule seq-complete-with-later-set): wait for its end first"
        )
    return (undo_set(desk, obj) if obj.state & SET_BEGUN else obj), OK


def abort_backup(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Writers in progress get Abort, an open set comes to nothing; with nothing under way the call is ignored."""
    if obj.state & SET_OPEN:
        return give_set_up(desk, obj), OK
    if obj.state & WRITERS_INVOLVED:
        obj = abort(desk, obj)
    return obj, OK


def shut_down(desk: Desk, handle: Handle, obj: BackupObject) -> None:
    """The object goes: an open set is given up, its writers get BackupShutdown, its auto-release shadow copies go."""
    obj = _without_its_set(desk, obj)
    tell_of_the_end(desk, obj)
    _leave_nothing(desk, handle)


def cut_short(desk: Desk, handle: Handle, obj: BackupObject) -> BackupObject:
    """What VSS did for the object ends: an open set is given up, which its writers hear, and its copies go."""
    obj = _without_its_set(desk, obj)
    _leave_nothing(desk, handle)
    return obj


def _without_its_set(desk: Desk, obj: BackupObject) -> BackupObject:
    if not obj.state & SET_OPEN:
        return obj
    return give_set_up(desk, obj) if obj.state & WRITERS_INVOLVED else undo_set(desk, obj)


def tell_of_the_end(desk: Desk, obj: BackupObject) -> None:
    """The writers that took part get BackupShutdown (rule seq-release-raises-shutdown)."""
    if obj.state & WRITERS_INVOLVED and obj.sessions:
        raise_event(desk, obj, "BackupShutdown")


def lose(desk: Desk, handle: Handle, obj: BackupObject) -> None:
    """The object is no more, and nobody is there to tell writers, or to hear it: the machine has crashed."""
    if obj.state & SET_OPEN:
        undo_set(desk, obj)
    _leave_nothing(desk, handle)


def _leave_nothing(desk: Desk, handle: Handle) -> None:
    """Its auto-release shadow copies go, and operations that nobody holds."""
    for snapshot in list(desk.snapshots.values()):
        if handle in (snapshot.owner, snapshot.importer) and not snapshot.attributes & bits.NO_AUTO_RELEASE:
            desk.let_go(snapshot, Fate.LET_GO)
    settle_storage(desk)
    for other, known in list(desk.objects.items()):
        if isinstance(known, AsyncObject) and known.owner == handle and not known.references:
            desk.put(other, None)
    desk.put(handle, None)


def free_writer_metadata(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """What was gathered may still be read (rule obs-read-after-free)."""
    return obj, OK


def free_writer_status(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The gathered status is given up."""
    return obj, OK


def get_writer_status_count(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """How many writers have a status."""
    return obj, Answer(HResult.S_OK, {"pcWriters": len(obj.statuses)})


def _status(obj: BackupObject, index: int) -> WriterSession | Answer:
    if index < len(obj.statuses):
        return obj.statuses[index]
    words = beyond("iWriter", index, len(obj.statuses), "writers with a status")
    return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)


def get_writer_status(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Where a writer stands; the call succeeds for a failed writer, too."""
    session = _status(obj, arguments["iWriter"])
    if isinstance(session, Answer):
        return obj, session
    return obj, Answer(HResult.S_OK, _told(session, "phResultFailure"))


def get_writer_status_ex(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The same, with what the application said; its remarks let a partial failure be the answer, too."""
    session = _status(obj, arguments["iWriter"])
    if isinstance(session, Answer):
        return obj, session
    told = _told(session, "phrFailureWriter")
    told["phrApplication"] = session.application_failure
    told["pbstrApplicationMessage"] = session.message
    if session.failure == _PARTIAL.name and desk.profile is Profile.DOCUMENTED:
        words = f"components of {session.metadata.name} failed"
        return obj, Answer(_PARTIAL, told, "status-ex-partial-failure", words, changed=True)
    return obj, Answer(HResult.S_OK, told)


def _told(session: WriterSession, failure: str) -> dict[str, Any]:
    return {
        "pidInstance": session.instance_id,
        "pidWriter": session.metadata.writer_id,
        "pbstrWriter": session.metadata.name,
        "pnStatus": session.state,
        failure: session.failure,
    }


def get_session_id(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The id of the operation of this object."""
    return obj, Answer(HResult.S_OK, {"idSession": obj.session_id})
