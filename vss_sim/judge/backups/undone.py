"""What is still to be done when a call comes: the duties of a requester towards writers and documents.

A duty is seen at the call that comes too early without it. Every function here looks and changes nothing, so that the
short cut can ask whether a call leaves anything undone.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.backups.copied_files import uncopied
from vss_sim.judge.backups.partial_files import unasked, unlooked_for, unsaved_ranges
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import AsyncObject, BackupObject, End
from vss_sim.judge.recorded import marked_as_saved
from vss_sim.judge.restoring.restore_events import events_missed
from vss_sim.judge.restoring.restore_services import services_left
from vss_sim.judge.restoring.restored_sets import together
from vss_sim.judge.shadows.transports import TRANSPORT_DUTIES, transport_duties
from vss_sim.judge.told import NOTHING_TOLD, added, without
from vss_sim.judge.writers.writer_status import because, failed_writer, unread_event
from vss_sim.spec.protocol.common import WRITERS_ASKED
from vss_sim.spec.protocol.objects import READ_RESULT, RESULT_CHANNEL
from vss_sim.spec.state import BackupState, Context, Phase, State, any_of
from vss_sim.spec.table import Profile
from vss_sim.trace.lines import Line

_COMPLETING: Final = Phase.COMPLETING.bit
_RESTORED: Final = Phase.POST_RESTORING.bit
_UNFINISHED: Final = any_of(
    Phase.BACKUP, Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING, Phase.CREATED, Phase.CREATION_FAILED
)

SAVE_WRITER_DOCUMENT: Final = "IVssExamineWriterMetadata::SaveAsXML"
_NOT_THERE: Final = ("ERROR_FILE_NOT_FOUND", "ERROR_PATH_NOT_FOUND")

Duty = Callable[[History, int, Line, BackupObject], Iterable[Finding]]


def undone(history: History, name: str, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """What the call of `name` leaves undone; an object that nothing was begun or told on leaves nothing."""
    if name in _DUTIES and (obj.running or obj.components or obj.restoring or obj.told is not NOTHING_TOLD):
        for duty in _DUTIES[name]:
            yield from duty(history, number, line, obj)
    if name in TRANSPORT_DUTIES:
        yield from transport_duties(history, name, number, line, obj)


def has_duties(name: str) -> bool:
    """Whether something may be left undone when `name` is called."""
    return name in _DUTIES or name in TRANSPORT_DUTIES


def learn_marked(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A component was marked, as saved or as failed."""
    del history, certain
    told = obj.telling()
    told.marked = step.mark("the component was marked")
    failed = not marked_as_saved(step.arguments)
    told.marked_as_failed |= failed
    key = component_key(step.arguments)
    if failed and key is not None:
        told.failed_components = added(told.failed_components, key, told.marked)
    elif key is not None and key in told.failed_components:
        told.failed_components = without(told.failed_components, key)


def learn_saved(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The Backup Components Document was saved."""
    del history, certain
    obj.telling().document_saved = step.mark("the document was saved")


def read_metadata(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A writer's metadata document is there to be saved."""
    del history, certain
    if not obj.told.writer_document and step.made("ppMetadata"):
        obj.telling().writer_document = step.mark("a writer's metadata document was handed out")


def note_saved(owner: BackupObject | None) -> None:
    """A metadata document that `owner` handed out was saved."""
    if owner is not None and not owner.told.writer_document_saved:
        owner.telling().writer_document_saved = True


def _unmarked(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """In component mode every component added is to be marked before BackupComplete."""
    del history, line
    if not obj.components or not obj.components_complete or not obj.succeeded_complete:
        return ()
    if holds(obj.state, BackupState.COMPONENTS.bit) is not Certainty.YES:
        return ()
    missing = next((mark for key, mark in obj.components.items() if key[:3] not in obj.succeeded), None)
    if not missing:
        return ()
    says = f"SetBackupSucceeded was not called for the component {missing[1]!r}; its writer sees a failed backup"
    also = ("set-backup-succeeded-before-complete", "backup-complete-after-set-succeeded")
    grounds = (Ground(missing[0], "added it"),)
    rule = "seq-succeeded-per-component"
    return (Finding(number, Level.WARNING, At.REQUESTER, rule, says, grounds, also=also),)


def _unsaved_files(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """A component is failed as a whole where one of its files could not be copied."""
    del history, line
    told = obj.told
    if not told.failed_copies or not told.marked or told.marked_as_failed:
        return ()
    path, mark = next(iter(told.failed_copies.items()))
    says = f"{path!r} could not be copied, and every component that was marked is marked as saved"
    rule = "seq-succeeded-false-on-any-miss"
    also = ("path-missing-file-fails",) if mark[1].endswith(_NOT_THERE) else ()
    return (Finding(number, Level.INFO, At.REQUESTER, rule, says, because(mark, told.marked), also=also),)


def _failed_but_saved(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """What a failed writer keeps is not saved, although GetWriterStatus answered S_OK."""
    del history
    if not obj.told.failed_writers:
        return ()
    mark = failed_writer(line, obj) if marked_as_saved(line.in_) else None
    if not mark:
        return ()
    says = "the component is marked as saved although its writer failed"
    also = ("status-check-failure-out", "req-veto-no-success")
    rule = "seq-status-both-fields"
    return (Finding(number, Level.WARNING, At.REQUESTER, rule, says, because(mark), also=also),)


_AFTER_EVENTS: Final = "seq-status-after-events"
_AFTER_COMPLETE: Final = (
    "gather-status-after-backup-complete",
    "backup-complete-then-gather-status",
    _AFTER_EVENTS,
)


def _status_unread(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """Writers are asked for their status after each event; after BackupComplete that ends their sessions."""
    del line
    event = unread_event(obj, number)
    if event is None and obj.told.status_missed is None:
        return ()
    if _is(obj, Context.NO_WRITERS) or _is(obj, Phase.ABORTED):
        return ()
    if event is not None and event.operation.pending == _COMPLETING:
        level = Level.WARNING if history.profile is Profile.DOCUMENTED else Level.INFO
        says = "GatherWriterStatus was not called after BackupComplete; on old systems the writers' sessions stay taken"
        rule = "seq-complete-status"
        return (Finding(number, level, At.REQUESTER, rule, says, (event.ground,), also=_AFTER_COMPLETE),)
    if event is not None and event.operation.pending == _RESTORED:
        if obj.restoring is None or not obj.restoring.first_selected:
            return ()
        says = "writer status was not gathered after PostRestore"
        rule, also = "seq-r-postrestore-status", (_AFTER_EVENTS,)
        return (Finding(number, Level.INFO, At.REQUESTER, rule, says, (event.ground,), also=also),)
    missed = because(obj.told.status_missed) or ((event.ground,) if event else ())
    says = "GatherWriterStatus was not called after each event; a writer that failed is not noticed"
    return (Finding(number, Level.INFO, At.REQUESTER, _AFTER_EVENTS, says, missed),)


def _is(obj: BackupObject, value: State) -> bool:
    return holds(obj.state, value.bit) is Certainty.YES


def _still_running(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """An object is released after its last operation has come to an end; a log may not show who waits at all."""
    del history, line
    waited, left = False, None
    for running in obj.running.values():
        if running.waited or running.end:
            waited = True
        if left is None and running.has_handle and not (running.waited or running.warned) and running.operation.pending:
            left = running
    if left is None or not waited or _is(obj, Phase.ABORTED):
        return ()
    says = f"the object is released while {left.method.name} may still be running"
    last = "seq-r-postrestore-wait-release" if left.operation.pending == _RESTORED else None
    rule, *also = *([last] if last else []), "seq-release-after-writers"
    return (Finding(number, Level.WARNING, At.REQUESTER, rule, says, (left.ground,), also=tuple(also)),)


def _completed(obj: BackupObject) -> AsyncObject | None:
    """BackupComplete on this object, unless it is known to have failed."""
    complete = obj.running.get(_COMPLETING)
    return None if complete is None or complete.end in (End.FAILED, End.CANCELLED) else complete


def _documents_unsaved(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """A backup of components is saved with its document, the last word on success in it, and the writers' documents."""
    del history, line
    told, complete = obj.told, _completed(obj)
    if complete is None or not obj.components:
        return ()
    rule, found = "seq-save-both", []
    if told.document_saved is None:
        if obj.made is None:
            return ()
        says = "the Backup Components Document was not saved; without it nothing can be restored through VSS"
        also = ("doc-bcd-lost-unless-saved",)
        return (Finding(number, Level.INFO, At.REQUESTER, rule, says, (complete.ground,), also=also),)
    if told.writer_document and not told.writer_document_saved:
        says = "no writer's metadata document was saved with the Backup Components Document"
        grounds = because(told.writer_document, told.document_saved)
        found.append(Finding(number, Level.INFO, At.REQUESTER, rule, says, grounds))
    if told.marked and told.marked[0] > told.document_saved[0] and not told.transportable:
        says = "the Backup Components Document was last saved before the last component was marked"
        rule, also = "seq-save-after-flags", ("save-xml-after-all-edits",)
        grounds = because(told.document_saved, told.marked)
        found.append(Finding(number, Level.WARNING, At.REQUESTER, rule, says, grounds, also=also))
    return found


def _veto_untold(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """Who gives a backup up because a writer failed tells the other writers."""
    del history, line
    if not obj.told.failed_writers or _completed(obj) is not None:
        return ()
    if holds(obj.state, _UNFINISHED) is not Certainty.YES or holds(obj.state, WRITERS_ASKED) is not Certainty.YES:
        return ()
    mark = next(iter(obj.told.failed_writers.values()))
    says = "a writer failed and the backup is given up without AbortBackup; the other writers wait on"
    return (Finding(number, Level.WARNING, At.REQUESTER, "seq-abort-on-accepted-veto", says, because(mark)),)


def _result_unread(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """The result of an operation that was waited for is to be read, too."""
    del history, line
    found = []
    for running in obj.running.values():
        if running.waited and running.end is None and running.has_handle and not (running.asked or running.warned):
            says = f"{running.method.name} was waited for, and its result never read"
            rule, also = READ_RESULT, (RESULT_CHANNEL,)
            found.append(Finding(number, Level.WARNING, At.REQUESTER, rule, says, (running.ground,), also=also))
    return found


def _components_unread(history: History, number: int, line: Line, obj: BackupObject) -> Iterable[Finding]:
    """Where a writer says that single components failed, their failures are to be read."""
    if not obj.told.partial or history.machine(line).failures_read >= obj.told.partial[0]:
        return ()
    says = "no IVssComponentEx2::GetFailure told which components failed, though a writer reported that some did"
    rule = "status-ex-partial-failure"
    return (Finding(number, Level.WARNING, At.REQUESTER, rule, says, because(obj.told.partial)),)


_DUTIES: Final[dict[str, tuple[Duty, ...]]] = {
    "SetBackupSucceeded": (_failed_but_saved, uncopied),
    "BackupComplete": (_unmarked, _unsaved_files, unasked, unsaved_ranges),
    "PreRestore": (together,),
    "PostRestore": (unlooked_for,),
    "Release": (
        _still_running,
        _status_unread,
        _veto_untold,
        _documents_unsaved,
        _result_unread,
        _components_unread,
        services_left,
        events_missed,
    ),
}
