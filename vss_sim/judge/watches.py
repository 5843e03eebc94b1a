"""What is watched beside the protocol state: by method, what a call may ask for, and what its success teaches or shows.

Each subject has a module of its own; this one says which methods it looks at.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Protocol

from vss_sim.judge.backups import increments, retries
from vss_sim.judge.backups.copied_files import learn_volume
from vss_sim.judge.backups.partial_files import learn_support as learn_support_of_partial_files
from vss_sim.judge.backups.protection import judge_selection, learn_bootable
from vss_sim.judge.backups.saved_files import learn_device
from vss_sim.judge.backups.selection import (
    judge_volumes,
    learn_backup_type,
    learn_selection,
    learn_volume_name,
    selection_troubles,
)
from vss_sim.judge.backups.undone import learn_marked, learn_saved, read_metadata
from vss_sim.judge.backups.writer_metadata import learn_writer
from vss_sim.judge.calls.indices import (
    count_components,
    count_metadata,
    count_status,
    forget_components,
    forget_metadata,
    forget_status,
)
from vss_sim.judge.documents.document_requests import (
    ask_additional,
    ask_longer,
    ask_mapping,
    ask_stamp,
    judge_dependencies,
    take_on_requests,
)
from vss_sim.judge.findings import Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring import changed_documents, restore_selection
from vss_sim.judge.restoring.restore_duties import RESTORE_LESSONS, begin_restore, empty_document_refused, save_document
from vss_sim.judge.restoring.restore_outcomes import judge_end_of_files, learn_recorded
from vss_sim.judge.restoring.restore_statuses import learn_status
from vss_sim.judge.restoring.restore_targets import learn_new_target
from vss_sim.judge.restoring.restored_sets import learn_subcomponent, set_troubles
from vss_sim.judge.restoring.stored_things import stored_troubles
from vss_sim.judge.shadows import shadow_calls
from vss_sim.judge.shadows.contexts_and_providers import (
    context_troubles,
    judge_choice,
    learn_choice_left_open,
    learn_context,
    learn_support,
    provider_troubles,
)
from vss_sim.judge.shadows.exposures import break_troubles, expose_troubles, learn_name
from vss_sim.judge.shadows.failed_imports import import_seen
from vss_sim.judge.shadows.imported import SHADOWS, judge_imported, kind_troubles, waiting_troubles
from vss_sim.judge.shadows.masked import masked_troubles
from vss_sim.judge.shadows.shadow_facts import machine_troubles
from vss_sim.judge.shadows.shadow_files import learn_shadow_device
from vss_sim.judge.shadows.snapshot_promises import judge_properties
from vss_sim.judge.shadows.transports import (
    begin_with_document,
    deletion_troubles,
    import_troubles,
    learn_export,
)
from vss_sim.judge.shadows.turned_away import begun, turned_away_by_another
from vss_sim.judge.shadows.volume_facts import judge_added, volume_troubles
from vss_sim.judge.transactions import settle
from vss_sim.judge.writers.identify_events import begin_to_gather, judge_identified
from vss_sim.judge.writers.writer_answers import qualified, status_failed, status_read
from vss_sim.judge.writers.writer_filter import judge_listing, note_filter
from vss_sim.judge.writers.writer_states import gather, judge_shown_state
from vss_sim.judge.writers.writer_status import judge_gather, next_event, read_status
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import IN_A_RESTORE
from vss_sim.spec.stored import stored_demands_of
from vss_sim.trace.lines import Line

Watch = Callable[[History, Line, BackupObject], Iterator[Trouble]]
"""What is wrong with a call, as far as its arguments and what the log has shown tell."""


class Lesson(Protocol):
    """What success of one method teaches or shows; `certain` is false where the answer was not recorded."""

    def __call__(self, history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
        """Take it on."""


_WATCHES: Final[dict[str, tuple[Watch, ...]]] = {
    "SetContext": (context_troubles,),
    "AddComponent": (selection_troubles,),
    "AddToSnapshotSet": (provider_troubles, volume_troubles),
    "ExposeSnapshot": (expose_troubles,),
    "DeleteSnapshots": (deletion_troubles,),
    "BreakSnapshotSet": (break_troubles,),
    "BreakSnapshotSetEx": (break_troubles,),
    "ImportSnapshots": (import_troubles,),
    "AddRestoreSubcomponent": (set_troubles,),
}


def _watches() -> dict[str, tuple[Watch, ...]]:
    """Every method at which something is watched: what it names, by a subject, or because it asks for something."""
    found: dict[str, tuple[Watch, ...]] = dict(_WATCHES)
    for name, method in METHODS.items():
        if any(reference.thing in SHADOWS for reference in method.references):
            found[name] = (kind_troubles, masked_troubles, waiting_troubles, *found.get(name, ()))
        demands: list[Watch] = [partial(machine_troubles, method)] if method.demands else []
        demands += [partial(stored_troubles, name)] if stored_demands_of(name) else []
        if demands:
            found[name] = (*found.get(name, ()), *demands)
    return found


WATCHES: Final = _watches()

LESSONS: Final[dict[str, tuple[Lesson, ...]]] = {
    "InitializeForBackup": (begin_with_document, changed_documents.judge_loaded),
    "InitializeForRestore": (begin_restore, increments.begin_step, changed_documents.judge_loaded, take_on_requests),
    "SetContext": (learn_context,),
    "SetBackupState": (learn_backup_type, learn_bootable, learn_support_of_partial_files),
    "DisableWriterClasses": (note_filter,),
    "EnableWriterClasses": (note_filter,),
    "DisableWriterInstances": (note_filter,),
    "GatherWriterMetadata": (begin_to_gather, forget_metadata),
    "GetWriterMetadataCount": (count_metadata,),
    "GetWriterMetadata": (judge_identified, judge_listing, learn_writer, read_metadata),
    "GetWriterMetadataEx": (read_metadata,),
    "IsVolumeSupported": (learn_support, shadow_calls.volume_support),
    "AddComponent": (forget_components, learn_selection),
    "StartSnapshotSet": (begun,),
    "AddToSnapshotSet": (learn_volume_name, learn_choice_left_open, judge_added),
    "ExposeSnapshot": (learn_name,),
    "DoSnapshotSet": (judge_volumes, next_event, retries.judge_retry),
    "GetSnapshotProperties": (
        learn_device,
        learn_volume,
        judge_choice,
        judge_properties,
        judge_imported,
        import_seen,
        shadow_calls.properties,
        learn_shadow_device,
    ),
    "GetWriterComponentsCount": (count_components,),
    "SetBackupSucceeded": (learn_marked,),
    "BackupComplete": (next_event, increments.completed, retries.succeeded),
    "GatherWriterStatus": (forget_status, judge_gather, gather),
    "GetWriterStatusCount": (count_status,),
    "GetWriterStatus": (judge_listing, read_status, judge_shown_state, retries.writer_failed),
    "GetWriterStatusEx": (read_status, status_read, judge_shown_state, retries.writer_failed),
    "GetRootAndLogicalPrefixPaths": (qualified,),
    "AddSnapshotToRecoverySet": (shadow_calls.recovery_set_filled,),
    "SetPreviousBackupStamp": (ask_stamp, increments.judge_stamp_passed),
    "PreRestore": (restore_selection.judge_dependencies,),
    "PrepareForBackup": (judge_dependencies, judge_selection, increments.judge_prepared),
    "SetAdditionalRestores": (ask_additional, increments.announced),
    "AddAlternativeLocationMapping": (ask_mapping,),
    "AddNewTarget": (ask_longer,),
    "AddRestoreSubcomponent": (ask_longer, learn_subcomponent),
    "SaveAsXML": (learn_saved, save_document, learn_export, increments.saved, changed_documents.keep_text),
}

FAILURES: Final[dict[str, Callable[[History, Step, BackupObject], None]]] = {
    "InitializeForBackup": empty_document_refused,
    "StartSnapshotSet": turned_away_by_another,
    "AddToSnapshotSet": shadow_calls.volume_refused,
    "DeleteSnapshots": shadow_calls.delete_failed,
    "ExposeSnapshot": shadow_calls.expose_failed,
    "QueryRevertStatus": shadow_calls.revert_unknown,
    "GetWriterStatusEx": status_failed,
}
"""Method → what its failure teaches."""

_OF_FILES: Final[dict[str, Lesson]] = {
    "SetFileRestoreStatus": learn_status,
    "AddAlternativeLocationMapping": learn_recorded,
    "AddNewTarget": learn_new_target,
    "SetSelectedForRestore": restore_selection.judge_selected,
    "SetSelectedForRestoreEx": restore_selection.judge_selected,
    "PostRestore": judge_end_of_files,
}
_CHAINS: Final[dict[str, Lesson]] = {"PreRestore": increments.judge_step, "PostRestore": increments.step_done}
_IN_RESTORES: Final = {
    name: tuple(
        lesson
        for lesson in (
            settle if name in _OF_FILES else None,
            *LESSONS.get(name, ()),
            RESTORE_LESSONS.get(name),
            _OF_FILES.get(name),
            _CHAINS.get(name),
        )
        if lesson is not None
    )
    for name in (*RESTORE_LESSONS, *_OF_FILES, *_CHAINS)
}

LEAVES_A_TRACE: Final = frozenset(
    {
        "DisableWriterClasses",
        "DisableWriterInstances",
        "EnableWriterClasses",
        "PostRestore",
        "SetFileRestoreStatus",
        "SetRestoreOptions",
        "SetSelectedForRestore",
        "SetSelectedForRestoreEx",
    }
)
"""Methods that leave something behind in VSS which is no part of the protocol state."""


def lessons_of(name: str, state: int) -> tuple[Lesson, ...]:
    """The lessons of a method in a state; what only a restore teaches is left out where there is none."""
    lessons = _IN_RESTORES if state & IN_A_RESTORE else LESSONS
    return lessons.get(name, LESSONS.get(name, ()))


def watch_troubles(name: str, history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """What the watches have to say of a call."""
    for watch in WATCHES.get(name, ()):
        yield from watch(history, line, obj)


def note_failure(history: History, step: Step, name: str, obj: BackupObject) -> None:
    """Learn from a call that failed."""
    learn = FAILURES.get(name)
    if learn is not None:
        learn(history, step, obj)
