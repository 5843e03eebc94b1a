"""The writer's side of the protocol: which call raises which events, in what order, for whom, what failure leads to.

The judge reads this table to hold the events of a log against it, and whoever simulates VSS raises the events by it.
`EVENTS` says of each event what a writer may do in it and what becomes of the writer; `RAISES` says of each
asynchronous method which events it raises; `ABORT_RAISES` and `RELEASE_RAISES` say so for the two that are none.
"""

from enum import Enum
from typing import Final

from attrs import frozen

from vss_sim.spec.protocol.common import WITH_WRITERS
from vss_sim.spec.state import ANYTHING
from vss_sim.spec.table import Profile


class Event(Enum):
    """An event, under the name that logs give it."""

    IDENTIFY = "Identify"
    PREPARE_FOR_BACKUP = "PrepareForBackup"
    PREPARE_FOR_SNAPSHOT = "PrepareForSnapshot"
    FREEZE = "Freeze"
    THAW = "Thaw"
    POST_SNAPSHOT = "PostSnapshot"
    BACKUP_COMPLETE = "BackupComplete"
    BACKUP_SHUTDOWN = "BackupShutdown"
    PRE_RESTORE = "PreRestore"
    POST_RESTORE = "PostRestore"
    ABORT = "Abort"


class Audience(Enum):
    """The writer instances that an event goes to."""

    ENABLED = "each instance of each writer class that is not disabled"
    TAKING_PART = "by components, the writers of which one was added; by volumes, all that are enabled"
    SELECTED = "the writers of which a component is selected for restore"
    IN_BETWEEN = "the writers that handled PrepareForBackup and have not handled PostSnapshot"
    PREPARED = "the writers that handled PrepareForBackup"


class Access(Enum):
    """What a writer may do with its part of the Backup Components Document while it handles an event."""

    NOTHING = "it has no access"
    READ = "it may read"
    WRITE = "it may read and write"


class AbortTo(Enum):
    """To whom Abort goes when a handler fails."""

    NOBODY = "nobody"
    WRITER = "the writer that failed"
    EVERY_WRITER = "every writer that takes part in the shadow copy set"


@frozen
class Failure:
    """What follows when a writer answers `{"fails": ...}`: its state, who is sent Abort, what becomes of the operation.

    `goes_on` tells whether the writer gets the further events of the same call, `fails_call` whether the asynchronous
    operation fails with it, `hidden` whether the writer stands in no list of metadata and status. `by_the_page` is whom
    the pages send Abort to, where real Windows does otherwise.
    """

    state: str
    abort: AbortTo = AbortTo.NOBODY
    by_the_page: AbortTo | None = None
    goes_on: bool = True
    fails_call: bool = False
    hidden: bool = False

    def abort_to(self, profile: Profile) -> AbortTo:
        """To whom Abort goes in `profile`."""
        return self.by_the_page if self.by_the_page and profile is Profile.DOCUMENTED else self.abort


@frozen
class Handler:
    """One event: the handler of the writer, its state after success, what failure leads to, what it may do meanwhile.

    `required` handlers have to be written, the others succeed by default. `by_level` events go to front-end writers
    first, then to back-end, then to system-level ones. `passes` names what VSS passes with the event.
    """

    event: Event
    name: str
    after: str
    failure: Failure
    required: bool = False
    document: Access = Access.NOTHING
    by_level: bool = False
    passes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@frozen
class Raising:
    """The events that one method raises, in order, each to the whole audience before the next begins.

    `raised_in` is the mask of states in which it does (see `vss_sim.spec.state`), `commit_after` the event after which
    the shadow copies are committed, `rules` says why.
    """

    method: str
    events: tuple[Event, ...]
    audience: Audience
    raised_in: int = ANYTHING
    commit_after: Event | None = None
    rules: tuple[str, ...] = ()


_HANDLERS: Final = (
    Handler(
        Event.IDENTIFY,
        "OnIdentify",
        "VSS_WS_STABLE",
        Failure("VSS_WS_FAILED_AT_IDENTIFY", goes_on=False, hidden=True),
        required=True,
        rules=("seq-gather-raises-identify", "seq-failed-identify-hidden"),
    ),
    Handler(
        Event.PREPARE_FOR_BACKUP,
        "OnPrepareBackup",
        "VSS_WS_STABLE",
        Failure("VSS_WS_FAILED_AT_PREPARE_BACKUP"),
        document=Access.WRITE,
        rules=("seq-prepare-event",),
    ),
    Handler(
        Event.PREPARE_FOR_SNAPSHOT,
        "OnPrepareSnapshot",
        "VSS_WS_WAITING_FOR_FREEZE",
        Failure("VSS_WS_FAILED_AT_PREPARE_SNAPSHOT", AbortTo.WRITER, by_the_page=AbortTo.NOBODY, goes_on=False),
        required=True,
        rules=("seq-no-abort-on-prep-post", "obs-failed-prepare-snapshot-aborts"),
    ),
    Handler(
        Event.FREEZE,
        "OnFreeze",
        "VSS_WS_WAITING_FOR_THAW",
        Failure("VSS_WS_FAILED_AT_FREEZE", AbortTo.EVERY_WRITER, goes_on=False, fails_call=True),
        required=True,
        by_level=True,
        rules=("seq-freeze-by-level", "seq-freeze-then-thaw-or-abort", "seq-abort-event-on-freeze-thaw"),
    ),
    Handler(
        Event.THAW,
        "OnThaw",
        "VSS_WS_WAITING_FOR_POST_SNAPSHOT",
        Failure("VSS_WS_FAILED_AT_THAW", AbortTo.EVERY_WRITER, goes_on=False, fails_call=True),
        required=True,
        rules=("seq-abort-event-on-freeze-thaw",),
    ),
    Handler(
        Event.POST_SNAPSHOT,
        "OnPostSnapshot",
        "VSS_WS_WAITING_FOR_BACKUP_COMPLETE",
        Failure("VSS_WS_FAILED_AT_POST_SNAPSHOT"),
        document=Access.WRITE,
        rules=("seq-no-abort-on-prep-post", "seq-do-completes-after-postsnapshot"),
    ),
    Handler(
        Event.BACKUP_COMPLETE,
        "OnBackupComplete",
        "VSS_WS_STABLE",
        Failure("VSS_WS_FAILED_AT_BACKUP_COMPLETE"),
        document=Access.READ,
        rules=("seq-complete-event-on-call",),
    ),
    Handler(
        Event.BACKUP_SHUTDOWN,
        "OnBackupShutdown",
        "VSS_WS_STABLE",
        Failure("VSS_WS_FAILED_AT_BACKUPSHUTDOWN"),
        passes=("SnapshotSetId",),
        rules=("seq-release-raises-shutdown", "seq-shutdown-follows-complete", "seq-shutdown-set-id"),
    ),
    Handler(
        Event.PRE_RESTORE,
        "OnPreRestore",
        "VSS_WS_STABLE",
        Failure("VSS_WS_FAILED_AT_PRE_RESTORE"),
        document=Access.WRITE,
        rules=("seq-r-unselected-silent",),
    ),
    Handler(
        Event.POST_RESTORE,
        "OnPostRestore",
        "VSS_WS_STABLE",
        Failure("VSS_WS_FAILED_AT_POST_RESTORE"),
        document=Access.READ,
        rules=("seq-r-unselected-silent",),
    ),
    Handler(
        Event.ABORT,
        "OnAbort",
        "VSS_WS_STABLE",
        Failure("VSS_WS_STABLE"),
        required=True,
        rules=("seq-abort-ends-events", "seq-abort-not-after-postsnapshot"),
    ),
)

EVENTS: Final[dict[Event, Handler]] = {handler.event: handler for handler in _HANDLERS}
"""Every event, with its handler; a writer that failed before keeps its state of failure when Abort comes."""

SNAPSHOT_EVENTS: Final = (Event.PREPARE_FOR_SNAPSHOT, Event.FREEZE, Event.THAW, Event.POST_SNAPSHOT)
"""The events of the creation of a shadow copy set, in order."""

RAISES: Final[dict[str, Raising]] = {
    raising.method: raising
    for raising in (
        Raising(
            "GatherWriterMetadata",
            (Event.IDENTIFY,),
            Audience.ENABLED,
            rules=("seq-gather-raises-identify", "gather-metadata-identify-event"),
        ),
        Raising(
            "PrepareForBackup",
            (Event.PREPARE_FOR_BACKUP,),
            Audience.TAKING_PART,
            raised_in=WITH_WRITERS,
            rules=("seq-prepare-event",),
        ),
        Raising(
            "DoSnapshotSet",
            SNAPSHOT_EVENTS,
            Audience.TAKING_PART,
            raised_in=WITH_WRITERS,
            commit_after=Event.FREEZE,
            rules=("seq-do-event-order",),
        ),
        Raising(
            "BackupComplete",
            (Event.BACKUP_COMPLETE,),
            Audience.PREPARED,
            raised_in=WITH_WRITERS,
            rules=("seq-complete-event-on-call",),
        ),
        Raising("PreRestore", (Event.PRE_RESTORE,), Audience.SELECTED, rules=("seq-r-unselected-silent",)),
        Raising("PostRestore", (Event.POST_RESTORE,), Audience.SELECTED, rules=("seq-r-unselected-silent",)),
    )
}
"""Asynchronous method → the events that it raises; a method that is not here raises none."""

ABORT_RAISES: Final = Raising(
    "AbortBackup",
    (Event.ABORT,),
    Audience.IN_BETWEEN,
    rules=("seq-abort-event-every-writer", "abort-raises-abort"),
)
"""AbortBackup raises Abort before it returns, where a backup or a creation is under way."""

RELEASE_RAISES: Final = Raising(
    "Release",
    (Event.BACKUP_SHUTDOWN,),
    Audience.PREPARED,
    rules=("seq-release-raises-shutdown",),
)
"""The last Release, or the end of the process, raises BackupShutdown for an object that took part in a backup."""

ABORT_FOLLOWS: Final = (Event.PREPARE_FOR_BACKUP, Event.PREPARE_FOR_SNAPSHOT, Event.FREEZE, Event.THAW)
"""A writer whose last event of a backup is one of these may be sent Abort; after PostSnapshot it is not."""

AFTER_ABORT: Final = (Event.ABORT, Event.BACKUP_SHUTDOWN)
"""The events of the same backup that a writer may still get once it handled Abort."""

PROVIDER_FAILURE_ABORTS: Final = "seq-abort-event-on-provider-failure"
"""The rule by which a failure of VSS or a provider after PrepareForSnapshot sends Abort to every writer of the set."""

LEVELS: Final = ("VSS_APP_FRONT_END", "VSS_APP_BACK_END", "VSS_APP_SYSTEM")
"""The levels of writers in the order in which they are frozen; a writer that names none is at the first."""
