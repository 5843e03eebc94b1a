"""The events that VSS raises to writers: by which call, to whom, in which order, and what follows when a writer fails.

The runtime raises them by this table, the checker judges by it the events that a log shows.
Page: https://learn.microsoft.com/windows/win32/vss/overview-of-processing-a-backup-under-vss
"""

from enum import Enum
from typing import Final

from msgspec import Struct

from vss_sim.spec.enums import ApplicationLevel, WriterState
from vss_sim.spec.protocol.common import WITH_WRITERS
from vss_sim.spec.state import ANYTHING
from vss_sim.spec.table import Profile

IDENTIFY: Final = "Identify"
PREPARE_FOR_BACKUP: Final = "PrepareForBackup"
PREPARE_FOR_SNAPSHOT: Final = "PrepareForSnapshot"
FREEZE: Final = "Freeze"
THAW: Final = "Thaw"
POST_SNAPSHOT: Final = "PostSnapshot"
BACKUP_COMPLETE: Final = "BackupComplete"
BACKUP_SHUTDOWN: Final = "BackupShutdown"
ABORT: Final = "Abort"
PRE_RESTORE: Final = "PreRestore"
POST_RESTORE: Final = "PostRestore"

OPTIMIZATION_WRITER: Final = "{4dc3bdd4-ab48-4d07-adb0-3bee2926fd7f}"
"""The writer of Windows that deletes files from shadow copies by the registry; the same on every computer.

Page: https://learn.microsoft.com/windows/win32/vss/in-box-vss-writers
"""


class Audience(Enum):
    """Which writer instances get an event."""

    ENABLED = "every running instance of every writer that was not filtered out"
    TAKING_PART = "the writers that take part: in component mode those with a component added, else all that identified"
    SELECTED = "the writers of which a component is selected for restore"
    IN_PROGRESS = "the writers between PrepareForBackup and the end of PostSnapshot"
    IDENTIFIED = "every writer that took part in the backup of the object"


class FailureLeads(Enum):
    """What follows when a writer fails an event."""

    ABSENT = "the writer is left out of the lists; nothing else is affected"
    RECORDED = "the failure stands in the status of the writer; the operation goes on"
    ABORTS_WRITER = "the writer gets Abort and no more events of the set; the others go on"
    ABORTS_SET = "every writer in progress gets Abort; no shadow copy set comes to be"


class WriterEvent(Struct, frozen=True):
    """One event: its audience, the state it leaves a writer in, done well or failed (None: as before), its rules.

    `means` is what it is for, to a writer; `documented` is what a failure leads to by the letter of the pages, where
    real Windows does otherwise.
    """

    name: str
    means: str
    audience: Audience
    done: WriterState | None
    failed: WriterState | None
    failure_leads: FailureLeads
    by_level: bool = False
    rules: tuple[str, ...] = ()
    documented: FailureLeads | None = None

    def leads(self, profile: Profile) -> FailureLeads:
        """What a failure leads to in `profile`."""
        return self.documented if self.documented and profile is Profile.DOCUMENTED else self.failure_leads


_EVENTS: Final = (
    WriterEvent(
        IDENTIFY,
        "VSS asks the writer for its metadata: which components it has, and how they are restored.",
        Audience.ENABLED,
        WriterState.STABLE,
        WriterState.FAILED_AT_IDENTIFY,
        FailureLeads.ABSENT,
        rules=("seq-gather-raises-identify", "gather-metadata-identify-event", "seq-failed-identify-hidden"),
    ),
    WriterEvent(
        PREPARE_FOR_BACKUP,
        "A backup is about to begin: the writer sees which of its components were chosen, and prepares for it.",
        Audience.TAKING_PART,
        WriterState.STABLE,
        WriterState.FAILED_AT_PREPARE_BACKUP,
        FailureLeads.RECORDED,
        rules=("prepare-backup-raises-event", "seq-prepare-event"),
    ),
    WriterEvent(
        PREPARE_FOR_SNAPSHOT,
        "Shadow copies are about to be made: the writer does now what takes long before it can freeze.",
        Audience.TAKING_PART,
        WriterState.WAITING_FOR_FREEZE,
        WriterState.FAILED_AT_PREPARE_SNAPSHOT,
        FailureLeads.ABORTS_WRITER,
        rules=("seq-do-event-order", "obs-failed-prepare-snapshot-aborts", "seq-no-abort-on-prep-post"),
        documented=FailureLeads.RECORDED,
    ),
    WriterEvent(
        FREEZE,
        "The writer holds its data still, and writes nothing to the volumes of the set until Thaw or Abort.",
        Audience.TAKING_PART,
        WriterState.WAITING_FOR_THAW,
        WriterState.FAILED_AT_FREEZE,
        FailureLeads.ABORTS_SET,
        by_level=True,
        rules=("seq-do-event-order", "seq-freeze-by-level", "seq-freeze-then-thaw-or-abort"),
    ),
    WriterEvent(
        THAW,
        "The shadow copies are made: the writer goes on with its work.",
        Audience.TAKING_PART,
        WriterState.WAITING_FOR_POST_SNAPSHOT,
        WriterState.FAILED_AT_THAW,
        FailureLeads.ABORTS_SET,
        rules=("seq-do-event-order", "seq-freeze-then-thaw-or-abort", "seq-abort-event-on-freeze-thaw"),
    ),
    WriterEvent(
        POST_SNAPSHOT,
        "The shadow copies are there: the writer does what is left, as to bring their data into order.",
        Audience.TAKING_PART,
        WriterState.WAITING_FOR_BACKUP_COMPLETE,
        WriterState.FAILED_AT_POST_SNAPSHOT,
        FailureLeads.RECORDED,
        rules=("seq-do-event-order", "seq-no-abort-on-prep-post", "seq-do-completes-after-postsnapshot"),
    ),
    WriterEvent(
        BACKUP_COMPLETE,
        "The requester says that the data is saved: the writer may look which components were, and act on it.",
        Audience.TAKING_PART,
        WriterState.STABLE,
        WriterState.FAILED_AT_BACKUP_COMPLETE,
        FailureLeads.RECORDED,
        rules=("backup-complete-raises-event", "seq-complete-event-on-call"),
    ),
    WriterEvent(
        BACKUP_SHUTDOWN,
        "The backup components object is gone, after a success or not: the writer cleans up after the backup.",
        Audience.IDENTIFIED,
        WriterState.STABLE,
        WriterState.FAILED_AT_BACKUPSHUTDOWN,
        FailureLeads.RECORDED,
        rules=("seq-release-raises-shutdown", "seq-shutdown-follows-complete", "seq-shutdown-set-id"),
    ),
    WriterEvent(
        ABORT,
        "The shadow copy set is given up: the writer goes back to its normal work, as from Thaw.",
        Audience.IN_PROGRESS,
        WriterState.STABLE,
        None,
        FailureLeads.RECORDED,
        rules=("seq-abort-event-every-writer", "seq-abort-ends-events", "seq-abort-not-after-postsnapshot"),
    ),
    WriterEvent(
        PRE_RESTORE,
        "Files are about to be restored: the writer prepares, and may say where they should go instead.",
        Audience.SELECTED,
        WriterState.STABLE,
        WriterState.FAILED_AT_PRE_RESTORE,
        FailureLeads.RECORDED,
        rules=("seq-r-unselected-silent",),
    ),
    WriterEvent(
        POST_RESTORE,
        "The requester has restored the files: the writer takes them into use.",
        Audience.SELECTED,
        WriterState.STABLE,
        WriterState.FAILED_AT_POST_RESTORE,
        FailureLeads.RECORDED,
        rules=("seq-r-unselected-silent",),
    ),
)

EVENTS: Final[dict[str, WriterEvent]] = {event.name: event for event in _EVENTS}

STATE_RULES: Final[dict[str, str]] = {
    PREPARE_FOR_BACKUP: "wr-state-prepbackup-fail",
    PREPARE_FOR_SNAPSHOT: "wr-state-prepsnapshot",
    FREEZE: "wr-state-freeze",
    THAW: "wr-state-thaw",
    POST_SNAPSHOT: "wr-state-postsnapshot",
    BACKUP_COMPLETE: "wr-state-complete",
    BACKUP_SHUTDOWN: "wr-state-shutdown",
    PRE_RESTORE: "wr-state-restore",
    POST_RESTORE: "wr-state-restore",
}
"""Event → the rule by which its writer then stands where it does."""

RAISED_BY: Final[dict[str, tuple[str, ...]]] = {
    "GatherWriterMetadata": (IDENTIFY,),
    "PrepareForBackup": (PREPARE_FOR_BACKUP,),
    "DoSnapshotSet": (PREPARE_FOR_SNAPSHOT, FREEZE, THAW, POST_SNAPSHOT),
    "BackupComplete": (BACKUP_COMPLETE,),
    "PreRestore": (PRE_RESTORE,),
    "PostRestore": (POST_RESTORE,),
    "AbortBackup": (ABORT,),
    "Release": (BACKUP_SHUTDOWN,),
}
"""Method → the events that it raises, in their order; in a context without writers DoSnapshotSet raises none."""

RAISED_IN: Final[dict[str, int]] = dict.fromkeys(RAISED_BY, ANYTHING) | dict.fromkeys(
    ("PrepareForBackup", "DoSnapshotSet", "BackupComplete"), WITH_WRITERS
)
"""Method → the states in which it raises its events (rule seq-writerless-no-events)."""

NOT_RAISED: Final[dict[str, tuple[str, ...]]] = {
    IDENTIFY: ("seq-gather-raises-identify", "gather-metadata-identify-event"),
    PREPARE_FOR_BACKUP: ("prepare-backup-raises-event", "seq-prepare-event"),
    PREPARE_FOR_SNAPSHOT: ("seq-do-event-order",),
    FREEZE: ("seq-do-event-order",),
    THAW: ("seq-freeze-then-thaw-or-abort", "writer-onfreeze-then-thaw-or-abort", "seq-do-event-order"),
    POST_SNAPSHOT: ("seq-do-completes-after-postsnapshot", "seq-do-event-order"),
    BACKUP_COMPLETE: ("backup-complete-raises-event", "seq-complete-event-on-call"),
    BACKUP_SHUTDOWN: ("seq-release-raises-shutdown", "writer-onbackupshutdown-on-release"),
    ABORT: ("abort-raises-abort", "seq-abort-event-every-writer"),
}
"""Event → the rules that are broken when its call raises it not."""

ENDS_FREEZE: Final = (THAW, ABORT)
"""One of these follows Freeze, and the writer goes on with its work (rule seq-freeze-then-thaw-or-abort)."""

ABORT_FOLLOWS: Final = (PREPARE_FOR_BACKUP, PREPARE_FOR_SNAPSHOT, FREEZE, THAW)
"""A writer whose last event of a backup is one of these may be sent Abort; after PostSnapshot it is not."""

PROVIDER_FAILURE_ABORTS: Final = "seq-abort-event-on-provider-failure"
"""The rule by which a failure of VSS or a provider after PrepareForSnapshot sends Abort to every writer of the set."""

INFRASTRUCTURE: Final = ("vss", "eventsystem")
"""The services through which VSS reaches writers, by their names in small letters (rule seq-infrastructure-down)."""

LEVELS: Final = (
    ApplicationLevel.FRONT_END,
    ApplicationLevel.BACK_END,
    ApplicationLevel.SYSTEM,
    ApplicationLevel.SYSTEM_RM,
)
"""The order in which writers freeze (rule seq-freeze-by-level)."""
