"""The duties of a restore: what the requester owes between the steps, seen at the next one.

What is owed is counted by component where the log names it. A component without a name, a selection whose answer was
not recorded, an asynchronous call without a handle leave the duty out.
"""

import re
from collections.abc import Iterator
from typing import Final

from vss_sim.engine.arguments import choices_of
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.backups.partial_files import learn_ranges_path
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import AsyncObject, BackupObject
from vss_sim.judge.restoring.restore_readings import keep_document
from vss_sim.judge.restoring.restores import COMPONENTS, WRITERS, ComponentKey, Restoring, SavedDocument, name_of_text
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import FileRestoreStatus, WriterState
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import IN_A_RESTORE, RELEASED
from vss_sim.spec.state import BackupState, Document, Phase, Status
from vss_sim.trace.values import parse_guid

_DEPTH: Final = 16
_RESTORERS: Final = 16
_INVALID_DOCUMENT: Final = HResult.VSS_E_INVALID_XML_DOCUMENT
"""So many restores that go on at a time are looked at when files are written."""


_SELECTED: Final = re.compile(r"""selectedForRestore\s*=\s*["']yes""")
"""How a Backup Components Document tells that a component is selected."""


def restoring_of(obj: BackupObject) -> Restoring:
    """The memory of the restore that `obj` is for; once there is one, what is read of writers matters."""
    if obj.restoring is None:
        obj.restoring = Restoring()
    return obj.restoring


def restored_writers(obj: BackupObject) -> frozenset[str] | None:
    """The writers of which a component is selected for restore; None where that is not known.

    A document that the log does not show to be a backup's own may hold selections of another restore.
    """
    restoring = obj.restoring
    if restoring is None:
        return frozenset()
    known = restoring.selection_complete and restoring.document is not None
    return frozenset(key[0] for key in restoring.selected) if known else None


def _may_hold_selections(text: object, document: SavedDocument | None) -> bool:
    """Whether a document was saved in a restore, as its text says or the log shows."""
    if isinstance(text, str) and _SELECTED.search(text) is not None:
        return True
    return document is not None and document.components is None


def save_document(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """What the document holds that is given out; of one that began as another, the log does not show it."""
    del certain
    text = step.results.get("pbstrXML")
    if not isinstance(text, str):
        return
    state = obj.state
    own = obj.made is not None and not state & (Document.LOADED | IN_A_RESTORE)
    components = frozenset(key[:3] for key in obj.components) if own and obj.components_complete else None
    snapshots = frozenset(obj.snapshots) if own and obj.snapshots_complete else None
    by_volumes = holds(state, BackupState.VOLUMES.bit) is Certainty.YES
    mark = step.mark("SaveAsXML gave the document out")
    partial = obj.seen.partial_named if obj.seen is not None else None
    saved = frozenset(obj.succeeded) - obj.told.failed_components.keys() if components else frozenset()
    document = SavedDocument(mark, components, snapshots, by_volumes=by_volumes, partial=partial, succeeded=saved)
    keep_document(history, text, document)


def empty_document_refused(history: History, step: Step, obj: BackupObject) -> None:
    """An empty text is no document and no fault, but NULL."""
    del obj
    if step.arguments.get("bstrXML", step) == "" and step.code is not None and step.code.known is _INVALID_DOCUMENT:
        says = "an empty text stands for NULL, and is refused as a document"
        history.note(step, Level.ERROR, "obs-empty-document-is-null", says, at=At.IMPLEMENTATION)


def begin_restore(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A restore begins, of the document that the text is, where an earlier line gave it out."""
    del certain
    obj.restoring = Restoring()
    text = step.arguments.get("bstrXML")
    obj.restoring.document = history.saved_documents.get(name_of_text(text)) if isinstance(text, str) else None
    obj.restoring.selection_complete = not _may_hold_selections(text, obj.restoring.document)
    machine = history.machine(step.line)
    going_on = [other for other in machine.restorers if other is not obj and not other.state & RELEASED]
    machine.restorers = [*going_on[-_RESTORERS:], obj]


def _count_writers(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    del certain
    count = step.results.get("pcWriters")
    restoring = restoring_of(obj)
    restoring.instances.clear()
    restoring.counted = step.number
    restoring.writer_count = count if isinstance(count, int) and count < WRITERS else None


def _read_components(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    del certain
    restoring_of(obj).components_read = step.number


def _select_below(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Something below a component is restored: its writer hears of it, whether the component is selected or not."""
    del history, step, certain
    restoring_of(obj).selection_complete = False


def _select(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The structure of what was backed up is read before it is selected from."""
    restoring, key = restoring_of(obj), component_key(step.line.in_)
    chosen = choices_of(METHODS["SetSelectedForRestore"], step.line.in_)
    if certain and chosen == ("selected",):
        restoring.first_selected = restoring.first_selected or step.mark("selected a component")
    if not certain or len(chosen) > 1 or key is None or len(restoring.selected) >= COMPONENTS:
        restoring.selection_complete = False
        return
    components = restoring.document.components if restoring.document else None
    if components is not None and key not in components:
        restoring.document = None  # VSS has found the component, so it is another document
    if chosen != ("selected",):
        restoring.choose(key, None)
        return
    restoring.choose(key, step.mark(f"selected the component {key[2]!r}"))
    seen = restoring.components_read is not None or history.machine(step.line).documents_loaded
    if not seen and not restoring.structure_noted:
        restoring.structure_noted = True
        says = "nothing was read of the saved documents that tells which components are explicit and selectable"
        history.note(step, Level.INFO, "seq-r-establish-structure", says)


def _set_options(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    restoring, key = restoring_of(obj), component_key(step.line.in_)
    before = restoring.options.get(key) if key else None
    if before:
        says = f"restore options of the component {step.arguments['wszComponentName']!r} are set again"
        history.note(step, Level.WARNING, "seq-r-options-once", says, before)
    elif key and certain and len(restoring.options) < COMPONENTS:
        restoring.options[key] = step.mark("set them")


def _writer_status(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    del certain
    writer, vetoes = parse_guid(step.results.get("pidWriter")), restoring_of(obj).vetoes
    state = word_of(WriterState, step.results.get("pnStatus"))
    if writer is not None and state == WriterState.FAILED_AT_PRE_RESTORE and len(vetoes) < WRITERS:
        vetoes.setdefault(writer, step.mark("the writer had failed in PreRestore"))


def _file_status(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    del certain
    restoring, key = restoring_of(obj), component_key(step.line.in_)
    if key is None or len(restoring.reported) >= COMPONENTS:
        restoring.status_complete = False
        return
    restoring.reported.add(key)
    restoring.reported_below.update(_above(key))
    veto, given = restoring.vetoes.get(key[0]), step.arguments.get("status")
    status = word_of(FileRestoreStatus, given)
    if veto and given is not None and status != FileRestoreStatus.NONE:
        says = (
            f"status is {status or given!r}, but the writer failed in PreRestore; its files are left out: VSS_RS_NONE"
        )
        history.note(step, Level.WARNING, "seq-r-veto-handling", says, veto)


def _above(key: ComponentKey) -> Iterator[ComponentKey]:
    """The components that this one may lie below, by its logical path."""
    writer, path, _ = key
    for _ in range(_DEPTH):
        path, _, name = path.rpartition("\\")
        if not name:
            return
        yield writer, path, name


def _post_restore(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """What is owed between PreRestore and PostRestore."""
    del certain
    restoring, before = restoring_of(obj), obj.running.get(Phase.PRE_RESTORING.bit)
    _judge_reports(history, step, restoring)
    if restoring.selected and not history.machine(step.line).documents_loaded:
        says = "no stored writer metadata was loaded (CreateVssExamineWriterMetadata) for what was selected"
        history.note(step, Level.INFO, "seq-r-load-writer-documents", says, next(iter(restoring.selected.values())))
    if before is None:
        return
    read, selected = restoring.components_read, next(iter(restoring.selected.values()), None)
    if selected and (read is None or read < before.began):
        rules: tuple[str, ...] = ("seq-r-reread-components",)
        says = "the selected components were not read again after PreRestore, where writers set targets and messages"
        history.note(step, Level.WARNING, rules[0], says, selected, (before.began, "PreRestore began"), also=rules[1:])
    if restoring.first_selected and not _asked_since(obj, before):
        says = "writer status was not gathered after PreRestore"
        rules = ("seq-r-prerestore-status", "seq-status-after-events")
        history.note(step, Level.INFO, rules[0], says, (before.began, "PreRestore began"), also=rules[1:])


def _judge_reports(history: History, step: Step, restoring: Restoring) -> None:
    if not restoring.status_complete:
        return
    reported = restoring.reported | restoring.reported_below
    missing = next((mark for key, mark in restoring.selected.items() if key not in reported), None)
    if missing is None and not restoring.reported:
        missing = restoring.first_selected
    if missing:
        rules = ("file-restore-status-mandatory", "seq-r-status-between", "frs-every-selected")
        says = "SetFileRestoreStatus was not called before PostRestore; writers see VSS_RS_UNDEFINED for it"
        history.note(step, Level.WARNING, rules[0], says, missing, also=rules[1:])


def _asked_since(obj: BackupObject, event: AsyncObject) -> bool:
    status = obj.running.get(Status.GATHERING.bit)
    return status is not None and status.began > event.began


def has_ended(obj: BackupObject, running: AsyncObject) -> bool:
    """Whether an operation may be over: somebody asked, or the log does not show who asks for an end at all."""
    asked = any(other.waited or other.end for other in obj.running.values())
    return running.waited or running.end is not None or not running.has_handle or not asked


RESTORE_LESSONS: Final = {
    "GetWriterMetadataCount": _count_writers,
    "GetWriterComponents": _read_components,
    "SetSelectedForRestore": _select,
    "SetSelectedForRestoreEx": _select,
    "AddRestoreSubcomponent": _select_below,
    "SetRangesFilePath": learn_ranges_path,
    "SetRestoreOptions": _set_options,
    "GetWriterStatus": _writer_status,
    "GetWriterStatusEx": _writer_status,
    "SetFileRestoreStatus": _file_status,
    "PostRestore": _post_restore,
}
"""Method → what its success changes in the memory of a restore."""
