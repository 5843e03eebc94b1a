"""The end of a backup: what was saved is marked, the document saved, the writers told; or everything given up."""

from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS
from vss_sim.spec.protocol.common import (
    ALIVE,
    NOT_ABORTED,
    NOT_IN_A_RESTORE,
    SET_MADE,
    SET_OPEN,
    UNPREPARED,
    WITH_WRITERS,
    backup_only,
)
from vss_sim.spec.protocol.common import COMPONENT_PARAMETERS as _COMPONENT
from vss_sim.spec.state import Context, Document, Earlier, Phase, Prepare, all_but, any_of
from vss_sim.spec.table import Bond, Effect, Force, Method, Operation, Promise, Reference, Thing, need

_LATER_SET: Final = "seq-complete-with-later-set"
"""That BackupComplete is refused was seen where an object had made no set at all; what one that it made is worth then,
no page tells."""
_AFTER_A_SET: Final = Earlier.MADE | Prepare.DONE
"""A set was made before, and the writers are prepared: where they failed, the refusal was recorded as well."""

SET_BACKUP_SUCCEEDED: Final = Method(
    BACKUP_COMPONENTS,
    "SetBackupSucceeded",
    needs=(
        *backup_only("set-backup-succeeded-backup-only"),
        NOT_ABORTED,
        need(
            "seq-succeeded-not-after-failed-do",
            "set-backup-succeeded-not-after-failed-do",
            met=all_but(Phase.CREATION_FAILED),
            otherwise=Force.UNSURE,
        ),
        need(
            "seq-succeeded-per-component",
            "set-backup-succeeded-before-complete",
            met=(Phase.CREATED.bit, Phase.BACKUP | Prepare.DONE),
            otherwise=Force.UNSURE,
        ),
    ),
    references=(
        Reference(
            Thing.COMPONENT,
            Bond.USES,
            _COMPONENT,
            "set-backup-succeeded-match-component",
            HResult.VSS_E_OBJECT_NOT_FOUND,
            also=("seq-succeeded-unknown-component",),
        ),
    ),
    notes=("seq-succeeded-false-on-any-miss", "seq-succeeded-unknown-component"),
)

SET_BACKUP_OPTIONS: Final = Method(
    BACKUP_COMPONENTS,
    "SetBackupOptions",
    needs=(
        *backup_only("set-backup-options-backup-only"),
        NOT_ABORTED,
        need(
            "seq-backupoptions-before-prepare",
            "set-backup-options-before-prepare",
            met=UNPREPARED,
            otherwise=Force.UNSURE,
        ),
    ),
    references=(
        Reference(
            Thing.COMPONENT,
            Bond.USES,
            _COMPONENT,
            "set-backup-options-match-component",
            HResult.VSS_E_OBJECT_NOT_FOUND,
        ),
    ),
)

SET_PREVIOUS_BACKUP_STAMP: Final = Method(
    BACKUP_COMPONENTS,
    "SetPreviousBackupStamp",
    needs=(
        *backup_only("set-previous-stamp-backup-only", "set-backup-stamp-previous-phase", "inc-stamp-backup-only"),
        NOT_ABORTED,
        need(
            "seq-prevstamp-before-prepare",
            "set-previous-stamp-before-prepare",
            met=UNPREPARED,
            otherwise=Force.UNSURE,
        ),
    ),
    references=(
        Reference(
            Thing.COMPONENT,
            Bond.USES,
            _COMPONENT,
            "inc-stamp-unknown-component",
            HResult.VSS_E_OBJECT_NOT_FOUND,
        ),
    ),
    notes=("set-previous-stamp-requester-only",),
)

SAVE_AS_XML: Final = Method(
    BACKUP_COMPONENTS,
    "SaveAsXML",
    needs=(
        *backup_only("save-xml-backup-only", otherwise=Force.UNSURE, documented=Force.REFUSED),
        need(
            "seq-save-never-before-prepare",
            "save-xml-not-before-prepare",
            "obs-save-any-time",
            met=(all_but(Prepare.NONE), Context.NO_WRITERS.bit, Document.LOADED.bit),
            otherwise=Force.TOLERATED,
            documented=Force.REFUSED,
        ),
        need(
            "seq-save-after-do",
            "save-xml-after-all-edits",
            "obs-save-any-time",
            met=all_but(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING),
            otherwise=Force.TOLERATED,
        ),
        need("seq-abort-no-resume", met=all_but(Phase.ABORTED), otherwise=Force.NOTED),
    ),
    notes=("seq-save-both", "seq-save-after-flags"),
)

BACKUP_COMPLETE: Final = Method(
    BACKUP_COMPONENTS,
    "BackupComplete",
    needs=(
        *backup_only("backup-complete-backup-only"),
        NOT_ABORTED,
        need("seq-writerless-forbidden", met=WITH_WRITERS),
        need(
            "seq-complete-not-after-failed-do",
            "backup-complete-not-after-failed-do",
            "obs-complete-needs-created-set",
            met=(all_but(Phase.CREATION_FAILED), _AFTER_A_SET),
        ),
        need(
            "obs-complete-needs-created-set",
            met=(
                SET_MADE,
                Phase.BACKUP | Prepare.DONE,
                _AFTER_A_SET,
            ),
        ),
        need(
            "seq-complete-not-after-failed-do",
            "backup-complete-not-after-failed-do",
            _LATER_SET,
            met=all_but(Phase.CREATION_FAILED),
            otherwise=Force.UNSURE,
            documented=Force.REFUSED,
        ),
        need(
            "seq-object-single-use",
            _LATER_SET,
            met=(all_but(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING), Earlier.NONE.bit),
            otherwise=Force.UNSURE,
        ),
        need(
            "seq-object-single-use",
            "object-single-operation",
            met=all_but(Phase.COMPLETING, Phase.COMPLETED),
            otherwise=Force.UNSURE,
        ),
        need(
            "obs-complete-without-set",
            met=Phase.CREATED.bit,
            otherwise=Force.UNSURE,
            documented=Force.ALLOWED,
        ),
    ),
    effects=(Effect(Earlier.NONE.bit),),
    operation=Operation(
        Phase.COMPLETING.bit, Phase.COMPLETED.bit, any_of(Phase.CREATED, Phase.COMPLETED), Phase.CREATED.bit
    ),
    may_stay=SET_OPEN,
    notes=(
        "backup-complete-raises-event",
        "seq-complete-required",
        "seq-complete-after-verify",
        "backup-complete-after-set-succeeded",
        "backup-complete-cancel",
        "backup-complete-then-gather-status",
        "gather-status-after-backup-complete",
        "seq-complete-status",
    ),
)

_GIVEN_UP: Final = Phase.ABORTED | Earlier.NONE

ABORT_BACKUP: Final = Method(
    BACKUP_COMPONENTS,
    "AbortBackup",
    needs=(
        ALIVE,
        need("seq-abort-uninitialised", "abort-needs-init", "seq-init-before-anything", met=all_but(Phase.NEW)),
        need("seq-abort-not-for-restore", met=NOT_IN_A_RESTORE, otherwise=Force.TOLERATED),
        need(
            "obs-abort-after-created",
            met=all_but(Phase.CREATED, Phase.COMPLETING, Phase.COMPLETED),
            otherwise=Force.UNSURE,
            documented=Force.ALLOWED,
        ),
        need(
            "seq-abort-only-after-work",
            met=(all_but(Phase.BACKUP), any_of(Prepare.PENDING, Prepare.DONE, Prepare.FAILED)),
            otherwise=Force.NOTED,
        ),
    ),
    effects=(
        Effect(
            _GIVEN_UP,
            when=any_of(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING, Phase.CREATION_FAILED, Phase.CREATED),
        ),
        Effect(_GIVEN_UP, when=Phase.BACKUP | any_of(Prepare.PENDING, Prepare.DONE, Prepare.FAILED)),
    ),
    promises=(Promise(("abort-idle-ignored", "seq-abort-noop"), (Phase.BACKUP | Prepare.NONE, Phase.ABORTED.bit)),),
    notes=(
        "seq-abort-noop",
        "abort-idle-ignored",
        "abort-raises-abort",
        "seq-abort-on-accepted-veto",
        "seq-abort-after-prepare",
        "seq-abort-instead-of-complete",
        "seq-abort-no-resume",
    ),
)

GIVEN_UP: Final = Phase.ABORTED.bit
"""The backup was given up."""

ENDED_BY_ABORT: Final = frozenset({"PrepareForBackup", "DoSnapshotSet"})
"""Operations that go no further once the backup is given up."""

METHODS: Final = (
    SET_BACKUP_SUCCEEDED,
    SET_BACKUP_OPTIONS,
    SET_PREVIOUS_BACKUP_STAMP,
    SAVE_AS_XML,
    BACKUP_COMPLETE,
    ABORT_BACKUP,
)
