"""The object that a requester works with: every method of IVssBackupComponents to Ex4, on one class."""

from vss_sim.requester.backup_calls import BackupCalls
from vss_sim.requester.completion_calls import CompletionCalls
from vss_sim.requester.metadata_calls import MetadataCalls
from vss_sim.requester.restore_calls import RestoreCalls
from vss_sim.requester.restore_option_calls import RestoreOptionCalls
from vss_sim.requester.snapshot_calls import SnapshotCalls
from vss_sim.requester.snapshot_use_calls import SnapshotUseCalls
from vss_sim.requester.status_calls import StatusCalls


class BackupComponents(
    BackupCalls,
    CompletionCalls,
    MetadataCalls,
    StatusCalls,
    RestoreCalls,
    RestoreOptionCalls,
    SnapshotCalls,
    SnapshotUseCalls,
):
    """A backup components object: one backup, one restore, or one look at shadow copies.

    `create_backup_components` makes it. A call that VSS refuses raises `VssError` and changes nothing.
    `IVssBackupComponents` to `IVssBackupComponentsEx4`.
    """

    __slots__ = ()
