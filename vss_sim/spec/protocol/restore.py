"""The restore sequence: initialise, select, PreRestore, PostRestore; and the LUN resync, which begins alike."""

from typing import Final

from msgspec.structs import replace

from vss_sim.spec.methods import BACKUP_COMPONENTS
from vss_sim.spec.protocol.common import AFTER_PRE_RESTORE, ALIVE, restore_only
from vss_sim.spec.state import Document, Metadata, Phase, RecoverySet, Selection, any_of
from vss_sim.spec.table import NO_TRACE, Choice, Effect, Force, Method, Need, Operation, Selector, need

_EX: Final = "IVssBackupComponentsEx"
_EX2: Final = "IVssBackupComponentsEx2"
_EX3: Final = "IVssBackupComponentsEx3"


def _before_prerestore(*rules: str, documented: Force | None = None) -> Need:
    """Declared before PreRestore, so that writers can react; that Windows refuses a late call is nowhere recorded."""
    return need(*rules, met=Phase.RESTORE.bit, otherwise=Force.UNSURE, documented=documented)


def _declaration(interface: str, name: str, only: str, *before: str, documented: Force | None = None) -> Method:
    """A method that tells writers, before PreRestore, how a component is going to be restored."""
    return Method(interface, name, needs=(*restore_only(only), _before_prerestore(*before, documented=documented)))


INITIALIZE_FOR_RESTORE: Final = Method(
    BACKUP_COMPONENTS,
    "InitializeForRestore",
    needs=(
        ALIVE,
        need("seq-init-mode-fixed", "init-restore-state", "seq-object-single-use", met=Phase.NEW.bit),
    ),
    effects=(Effect(Phase.RESTORE | Document.LOADED),),
    purpose=Phase.RESTORE.bit,
    notes=("seq-r-load-backup-document", "init-restore-document", "seq-init-doc-valid"),
    asks="bstrXML: the saved document of the backup",
)

_SELECT_CHOICES: Final = (
    Choice("selected", (Effect(Selection.SOME.bit),), "true"),
    Choice("not selected", (), "false"),
)

SET_SELECTED_FOR_RESTORE: Final = Method(
    BACKUP_COMPONENTS,
    "SetSelectedForRestore",
    needs=(
        *restore_only(),
        _before_prerestore("seq-r-select-before-prerestore", "set-selected-before-prerestore"),
    ),
    selects="bSelectedForRestore",
    selector=Selector.BOOLEAN,
    choices=_SELECT_CHOICES,
    notes=("set-selected-explicit-only", "set-selected-live-writer", "set-selected-component-mode"),
)

SET_SELECTED_FOR_RESTORE_EX: Final = Method(
    _EX,
    "SetSelectedForRestoreEx",
    needs=(
        *restore_only(),
        _before_prerestore("seq-r-select-before-prerestore", "set-selected-ex-before-prerestore"),
    ),
    selects="bSelectedForRestore",
    selector=Selector.BOOLEAN,
    choices=_SELECT_CHOICES,
    notes=("set-selected-ex-explicit-only", "set-selected-ex-instance-match", "set-selected-ex-schema"),
)

ADD_RESTORE_SUBCOMPONENT: Final = Method(
    BACKUP_COMPONENTS,
    "AddRestoreSubcomponent",
    needs=(
        *restore_only("add-restore-sub-restore-only"),
        _before_prerestore("seq-r-subcomponent-before-prerestore", "add-restore-sub-before-prerestore"),
        need("add-restore-sub-after-selected", "sel-r-sub-sequence", met=Selection.SOME.bit, otherwise=Force.UNSURE),
    ),
    notes=("add-restore-sub-selectable", "add-restore-sub-args"),
)

SET_FILE_RESTORE_STATUS: Final = Method(
    BACKUP_COMPONENTS,
    "SetFileRestoreStatus",
    needs=(
        *restore_only(),
        need(
            "seq-r-status-between",
            "set-file-restore-status-window",
            met=Phase.PRE_RESTORED.bit,
            otherwise=Force.UNSURE,
        ),
    ),
    notes=("file-restore-status-mandatory", "obs-restore-unselected-options", "set-file-restore-status-values"),
)

ADD_ALTERNATIVE_LOCATION_MAPPING: Final = Method(
    BACKUP_COMPONENTS,
    "AddAlternativeLocationMapping",
    needs=(
        *restore_only("add-alt-mapping-restore-only"),
        need(
            "seq-r-mappings-before-postrestore",
            met=any_of(Phase.RESTORE, Phase.PRE_RESTORING, Phase.PRE_RESTORED),
            otherwise=Force.UNSURE,
        ),
    ),
    notes=("add-alt-mapping-match-fileset", "add-alt-mapping-needs-writer-mapping"),
)

SET_RANGES_FILE_PATH: Final = Method(
    BACKUP_COMPONENTS,
    "SetRangesFilePath",
    needs=restore_only("set-ranges-restore-only", "pf-ranges-file-moved"),
    notes=("set-ranges-only-if-moved", "set-ranges-index"),
)

PRE_RESTORE: Final = Method(
    BACKUP_COMPONENTS,
    "PreRestore",
    needs=(
        *restore_only("prerestore-state"),
        need("seq-object-single-use", "object-single-operation", met=Phase.RESTORE.bit, otherwise=Force.UNSURE),
        need(
            "seq-r-identify",
            "seq-gather-metadata-always",
            "gather-metadata-before-backup-or-restore",
            "gather-metadata-restore-table",
            "obs-restore-without-gather",
            met=any_of(Metadata.GATHERED, Metadata.FREED),
            otherwise=Force.TOLERATED,
        ),
    ),
    operation=Operation(
        Phase.PRE_RESTORING.bit,
        Phase.PRE_RESTORED.bit,
        any_of(Phase.RESTORE, Phase.PRE_RESTORED),
        Phase.RESTORE.bit,
    ),
    notes=("seq-r-prerestore-before-files", "seq-r-prerestore-status", "seq-r-veto-handling"),
)

POST_RESTORE: Final = Method(
    BACKUP_COMPONENTS,
    "PostRestore",
    needs=(
        *restore_only("postrestore-state"),
        need("postrestore-state", "seq-r-prerestore-before-files", met=AFTER_PRE_RESTORE),
        need("seq-object-single-use", "object-single-operation", met=Phase.PRE_RESTORED.bit, otherwise=Force.UNSURE),
    ),
    operation=Operation(
        Phase.POST_RESTORING.bit,
        Phase.POST_RESTORED.bit,
        any_of(Phase.PRE_RESTORED, Phase.POST_RESTORED),
        Phase.PRE_RESTORED.bit,
    ),
    notes=("seq-r-postrestore", "seq-r-postrestore-status", "seq-r-postrestore-wait-release"),
)

ADD_SNAPSHOT_TO_RECOVERY_SET: Final = Method(
    _EX3,
    "AddSnapshotToRecoverySet",
    needs=restore_only("sn-resync-init-restore"),
    effects=(Effect(RecoverySet.FILLED.bit),),
    notes=("recovery-set-in-document", "recovery-set-one-resync", "sn-resync-in-doc"),
)

RECOVER_SET: Final = Method(
    _EX3,
    "RecoverSet",
    needs=(
        *restore_only("recover-set-after-init-restore", "sn-resync-init-restore"),
        need("recover-set-nonempty", met=RecoverySet.FILLED.bit),
    ),
    operation=replace(NO_TRACE, about=("dwFlags",)),
    notes=("sn-resync-one", "recover-set-not-winpe"),
)

METHODS: Final = (
    INITIALIZE_FOR_RESTORE,
    _declaration(
        BACKUP_COMPONENTS, "SetRestoreState", "set-restore-state-restore-only", "set-restore-state-before-prerestore"
    ),
    SET_SELECTED_FOR_RESTORE,
    SET_SELECTED_FOR_RESTORE_EX,
    ADD_RESTORE_SUBCOMPONENT,
    _declaration(
        BACKUP_COMPONENTS,
        "SetRestoreOptions",
        "seq-restore-call-in-backup",
        "seq-r-options-before-prerestore",
        "set-restore-options-before-prerestore",
    ),
    _declaration(
        BACKUP_COMPONENTS,
        "SetAdditionalRestores",
        "seq-restore-call-in-backup",
        "seq-r-additional-before-prerestore",
        "set-additional-restores-before-prerestore",
    ),
    _declaration(
        BACKUP_COMPONENTS,
        "AddNewTarget",
        "add-new-target-restore-only",
        "seq-r-newtarget-before-prerestore",
        "add-new-target-before-prerestore",
        documented=Force.REFUSED,
    ),
    _declaration(_EX2, "SetAuthoritativeRestore", "set-auth-restore-only", "seq-r-options-before-prerestore"),
    _declaration(_EX2, "SetRollForward", "set-rollforward-restore-only", "seq-r-options-before-prerestore"),
    _declaration(_EX2, "SetRestoreName", "set-restore-name-restore-only", "seq-r-options-before-prerestore"),
    SET_RANGES_FILE_PATH,
    ADD_ALTERNATIVE_LOCATION_MAPPING,
    SET_FILE_RESTORE_STATUS,
    PRE_RESTORE,
    POST_RESTORE,
    ADD_SNAPSHOT_TO_RECOVERY_SET,
    RECOVER_SET,
)
