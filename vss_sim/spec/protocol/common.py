"""Needs that many methods share: alive, initialised, in the right mode, not aborted."""

from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.state import Context, Earlier, Metadata, Phase, Prepare, all_but, any_of
from vss_sim.spec.table import Claim, Force, Need, need

RESTORE_PHASES: Final = (
    Phase.RESTORE,
    Phase.PRE_RESTORING,
    Phase.PRE_RESTORED,
    Phase.POST_RESTORING,
    Phase.POST_RESTORED,
)
"""The phases of an object that was initialised for restore."""

IN_A_RESTORE: Final = any_of(*RESTORE_PHASES)
NOT_IN_A_RESTORE: Final = all_but(*RESTORE_PHASES)
IN_A_BACKUP: Final = all_but(Phase.NEW, Phase.RELEASED, *RESTORE_PHASES)
BEFORE_CREATION: Final = any_of(Phase.BACKUP, Phase.SET_STARTED, Phase.SET_FILLED)
WITH_WRITERS: Final = all_but(Context.NO_WRITERS)

SET_BEGUN: Final = any_of(Phase.SET_STARTED, Phase.SET_FILLED)
"""A shadow copy set is begun, and DoSnapshotSet was not called."""
NOT_DURING_CREATION: Final = "get-props-not-during-creation"
"""The rule that the shadow copies of a set are none before DoSnapshotSet has finished."""

SET_OPEN: Final = SET_BEGUN | Phase.CREATING
"""A shadow copy set was begun and is neither made nor given up: giving the object up gives the set up."""
BEING_CREATED: Final = Phase.CREATING.bit
"""No shadow copy of the set is one yet (rules query-completed-only, get-props-not-during-creation)."""
SET_MADE: Final = any_of(Phase.CREATED, Phase.COMPLETING, Phase.COMPLETED)
"""The object holds a shadow copy set: of some contexts, its copies go when it is released."""
COPIES_HELD: Final = (SET_MADE, Earlier.MADE.bit)
"""The object holds a shadow copy set, or one that it made before the set that it began last."""
COMPLETE_BEGUN: Final = any_of(Phase.COMPLETING, Phase.COMPLETED)
"""BackupComplete was called."""
COPYING_BACK: Final = any_of(Phase.PRE_RESTORING, Phase.PRE_RESTORED)
"""PreRestore was called and PostRestore was not: the time in which files are put back."""
POST_RESTORE_BEGUN: Final = any_of(Phase.POST_RESTORING, Phase.POST_RESTORED)
"""PostRestore was called."""
AFTER_PRE_RESTORE: Final = Phase.PRE_RESTORED | POST_RESTORE_BEGUN
"""PreRestore is done: what writers set in it can be read."""

UNPREPARED: Final = any_of(Prepare.NONE, Prepare.FAILED)
UNUSED_BACKUP: Final = Phase.BACKUP | UNPREPARED
"""Initialised for backup, with no set begun and no writer prepared: what a backup begins with."""
MILESTONES: Final = (Phase.CREATED.bit, Phase.COMPLETED.bit, Phase.PRE_RESTORED.bit, Phase.POST_RESTORED.bit)
"""What the operations of an object come to; the way on from a needless call leads to the nearest of them."""
OVER: Final = any_of(Phase.COMPLETED, Phase.POST_RESTORED)
"""Its operation is over: nothing is left to be done with the object but to release it."""
COMPONENT_PARAMETERS: Final = ("writerId", "wszLogicalPath", "wszComponentName")
"""The parameters that name a component."""

NEW: Final = Phase.NEW.bit
"""It was only made: nothing stands in its document."""
RELEASED: Final = Phase.RELEASED.bit
"""The object is gone: no call comes to it."""
NOT_RELEASED: Final = all_but(Phase.RELEASED)
"""It is there, however far it came."""
ALIVE: Final = need("com-call-after-release", met=NOT_RELEASED, answers=())
"""A released object answers nothing that could be documented."""

INITIALISED: Final = need("seq-init-before-anything", met=all_but(Phase.NEW))
NOT_ABORTED: Final = need("seq-abort-no-resume", met=all_but(Phase.ABORTED))


def backup_only(*rules: str, otherwise: Force = Force.REFUSED, documented: Force | None = None) -> tuple[Need, ...]:
    """The needs of a method for objects initialised for backup; `rules` say so for this very method."""
    mode = need("seq-backup-call-in-restore", *rules, met=NOT_IN_A_RESTORE, otherwise=otherwise, documented=documented)
    return ALIVE, INITIALISED, mode


def restore_only(*rules: str) -> tuple[Need, ...]:
    """The needs of a method for objects initialised for restore; `rules` say so for this very method."""
    return ALIVE, INITIALISED, need("seq-restore-call-in-backup", *rules, met=IN_A_RESTORE)


ANY_MODE: Final = (ALIVE, INITIALISED)
"""The needs of a method that both modes know."""

CREATION_SLOT: Final = Claim(
    held_in=SET_OPEN,
    rule="seq-one-creation-at-a-time",
    answer=HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS,
    also=("start-set-one-at-a-time",),
)
"""One object of a machine at a time is between StartSnapshotSet and the end of DoSnapshotSet."""

WRITERS_ASKED: Final = any_of(Prepare.PENDING, Prepare.DONE)
"""PrepareForBackup was called, and did not fail."""
WRITERS_INVOLVED: Final = any_of(Prepare.PENDING, Prepare.DONE, Prepare.FAILED)
"""Writers heard of the backup: they are told when it is aborted, and get BackupShutdown when the object goes."""

FILTERS_COUNT: Final = Metadata.NONE.bit
"""Writers were not gathered yet, so that filters still change who is (rule seq-writer-filter-before-gather)."""

SESSIONS_END: Final = Phase.COMPLETED.bit
"""Gathering the status now ends the sessions of the writers."""

RESULTS_KNOWN: Final = Phase.COMPLETED | IN_A_RESTORE
"""Whether components were saved is settled (rule of IVssComponent::GetBackupSucceeded)."""
