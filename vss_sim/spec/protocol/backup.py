"""The backup sequence up to the shadow copy: initialise, declare, gather, add components and volumes, create."""

from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import SET_DOCUMENT
from vss_sim.spec.methods import BACKUP_COMPONENTS
from vss_sim.spec.protocol.common import (
    ALIVE,
    ANY_MODE,
    BEFORE_CREATION,
    COMPONENT_PARAMETERS,
    CREATION_SLOT,
    IN_A_RESTORE,
    INITIALISED,
    NOT_ABORTED,
    NOT_IN_A_RESTORE,
    SET_BEGUN,
    SET_MADE,
    UNPREPARED,
    UNUSED_BACKUP,
    WITH_WRITERS,
    backup_only,
)
from vss_sim.spec.state import BackupState, Context, Document, Earlier, Metadata, Phase, Prepare, all_but, any_of
from vss_sim.spec.table import (
    Bond,
    Choice,
    Effect,
    Force,
    Limit,
    Method,
    Operation,
    Reference,
    Selector,
    Thing,
    need,
)

_READ: Final = any_of(Metadata.GATHERED, Metadata.FREED)

INITIALIZE_FOR_BACKUP: Final = Method(
    BACKUP_COMPONENTS,
    "InitializeForBackup",
    needs=(
        ALIVE,
        need("seq-init-mode-fixed", "init-backup-not-in-restore", "seq-object-single-use", met=Phase.NEW.bit),
    ),
    effects=(Effect(Phase.BACKUP.bit),),
    selects="bstrXML",
    selector=Selector.DOCUMENT,
    choices=(
        Choice("no document", (Effect(Document.NONE.bit),)),
        Choice("a saved document", (Effect(Document.LOADED.bit),), SET_DOCUMENT),
    ),
    purpose=UNUSED_BACKUP,
    notes=("seq-init-empty-for-backup", "obs-empty-document-is-null", "init-backup-import-document"),
)

SET_CONTEXT: Final = Method(
    BACKUP_COMPONENTS,
    "SetContext",
    needs=(
        *backup_only("set-context-after-init"),
        NOT_ABORTED,
        need("seq-setcontext-early", "set-context-early", "obs-set-context-until-start", met=Phase.BACKUP.bit),
        need(
            "seq-setcontext-once", "set-context-once", "obs-refused-context-may-be-set-again", met=Context.DEFAULT.bit
        ),
        need("set-context-early", met=Metadata.NONE.bit, otherwise=Force.TOLERATED),
    ),
    selects="lContext",
    selector=Selector.CONTEXT,
    choices=(
        Choice("with writers", (Effect(Context.WRITERS.bit),)),
        Choice("without writers", (Effect(Context.NO_WRITERS.bit),)),
        Choice("VSS_CTX_ALL", (Effect(Context.ALL.bit),)),
    ),
    notes=(
        "seq-setcontext-default",
        "set-context-default",
        "sn-ctx-writers",
        "set-context-xp",
        "set-context-client-accessible-provider",
        "set-context-transportable-editions",
    ),
)

SET_BACKUP_STATE: Final = Method(
    BACKUP_COMPONENTS,
    "SetBackupState",
    needs=(
        ALIVE,
        INITIALISED,
        need(
            "seq-backup-call-in-restore",
            "set-backup-state-backup-only",
            "obs-set-backup-state-in-restore",
            met=NOT_IN_A_RESTORE,
            otherwise=Force.TOLERATED,
        ),
        need("seq-backupstate-before-prepare", "set-backup-state-before-prepare", met=UNPREPARED),
        need(
            "set-backup-state-before-prepare",
            met=(BEFORE_CREATION | IN_A_RESTORE),
            otherwise=Force.UNSURE,
        ),
    ),
    selects="bSelectComponents",
    selector=Selector.BOOLEAN,
    choices=(
        Choice("components", (Effect(BackupState.COMPONENTS.bit),), "true"),
        Choice("volumes", (Effect(BackupState.VOLUMES.bit),), "false"),
    ),
    notes=("seq-backupstate-facts", "obs-set-backup-state-late"),
)

GATHER_WRITER_METADATA: Final = Method(
    BACKUP_COMPONENTS,
    "GatherWriterMetadata",
    needs=(
        *ANY_MODE,
        need(
            "seq-gather-metadata-once",
            "gather-metadata-once",
            "obs-gather-again",
            met=Metadata.NONE.bit,
            otherwise=Force.TOLERATED,
        ),
    ),
    operation=Operation(Metadata.GATHERING.bit, Metadata.GATHERED.bit, Metadata.NONE.bit, Metadata.NONE.bit),
    notes=(
        "seq-gather-raises-identify",
        "gather-metadata-identify-event",
        "gather-metadata-restore-table",
        "obs-gather-in-restore",
        "seq-writerless-gather-optional",
    ),
)

ADD_COMPONENT: Final = Method(
    BACKUP_COMPONENTS,
    "AddComponent",
    needs=(
        *backup_only("add-component-backup-only"),
        NOT_ABORTED,
        need("seq-writerless-forbidden", met=WITH_WRITERS),
        need("seq-addcomponent-after-gather", "add-component-after-init-and-gather", met=_READ),
        need("add-component-before-do-snapshot-set", met=BEFORE_CREATION),
        need("add-component-before-prepare", met=UNPREPARED, otherwise=Force.UNSURE),
        need(
            "seq-addcomponent-before-startset",
            "obs-add-component-after-start",
            met=Phase.BACKUP.bit,
            otherwise=Force.TOLERATED,
        ),
        need(
            "add-component-component-mode",
            "sel-component-mode",
            met=any_of(BackupState.UNSET, BackupState.COMPONENTS),
            otherwise=Force.TOLERATED,
        ),
    ),
    references=(
        Reference(
            Thing.COMPONENT,
            Bond.ADDS,
            ("instanceId", *COMPONENT_PARAMETERS),
            "add-component-unique",
            HResult.VSS_E_OBJECT_ALREADY_EXISTS,
            also=("sel-add-duplicate", "sel-root-null", "obs-component-twice"),
        ),
    ),
    notes=("add-component-selectability", "backup-type-falls-back-to-full"),
)

START_SNAPSHOT_SET: Final = Method(
    BACKUP_COMPONENTS,
    "StartSnapshotSet",
    needs=(
        *backup_only("start-set-backup-only"),
        NOT_ABORTED,
        need("sn-ctx-all-no-create", "set-context-all-not-for-creation", met=all_but(Context.ALL)),
        need(
            "seq-one-creation-at-a-time",
            "start-set-one-at-a-time",
            met=all_but(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING),
            answers=(HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS, HResult.VSS_E_BAD_STATE),
        ),
        need("seq-object-single-use", "object-single-operation", met=Phase.BACKUP.bit, otherwise=Force.UNSURE),
        need(
            "seq-startset-before-prepare",
            "start-set-before-prepare",
            met=(UNPREPARED, all_but(Phase.BACKUP)),
        ),
        need("seq-init-empty-for-backup", met=Document.NONE.bit, otherwise=Force.TOLERATED),
    ),
    effects=(
        Effect(Earlier.MADE.bit, when=SET_MADE),
        Effect(Phase.SET_STARTED.bit),
    ),
    purpose=SET_BEGUN,
    claim=CREATION_SLOT,
    notes=("seq-in-progress-wait", "obs-in-progress-from-elsewhere", "obs-next-set-after-do"),
)

ADD_TO_SNAPSHOT_SET: Final = Method(
    BACKUP_COMPONENTS,
    "AddToSnapshotSet",
    needs=(
        *backup_only(),
        NOT_ABORTED,
        need(
            "seq-set-closed-by-do",
            met=all_but(Phase.CREATING, Phase.CREATED, Phase.CREATION_FAILED, Phase.COMPLETING, Phase.COMPLETED),
        ),
        need(
            "seq-addvolume-after-startset",
            "add-to-set-after-start",
            "obs-add-volume-needs-start",
            met=SET_BEGUN,
        ),
    ),
    effects=(Effect(Phase.SET_FILLED.bit),),
    references=(
        Reference(
            Thing.VOLUME,
            Bond.ADDS,
            ("pwszVolumeName",),
            "obs-volume-twice",
            HResult.VSS_E_OBJECT_ALREADY_EXISTS,
            limit=Limit(64, ("add-to-set-max-64", "sn-vol-max-64"), HResult.VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED),
        ),
    ),
    notes=(
        "seq-volumes-cover-components",
        "add-to-set-default-provider",
        "add-to-set-remote-share",
        "add-to-set-attributes-unsupported",
    ),
)

PREPARE_FOR_BACKUP: Final = Method(
    BACKUP_COMPONENTS,
    "PrepareForBackup",
    needs=(
        *backup_only("prepare-backup-only"),
        NOT_ABORTED,
        need("seq-writerless-forbidden", "obs-no-prepare-without-writers", met=WITH_WRITERS),
        need("seq-prepare-before-do", met=BEFORE_CREATION),
        need(
            "seq-backupstate-before-prepare",
            "prepare-after-set-backup-state",
            "seq-backupstate-facts",
            met=all_but(BackupState.UNSET),
        ),
        need("seq-object-single-use", "object-single-operation", met=UNPREPARED, otherwise=Force.UNSURE),
        need(
            "seq-gather-metadata-always",
            "gather-metadata-before-backup-or-restore",
            "obs-gather-not-required",
            met=_READ,
            otherwise=Force.TOLERATED,
            documented=Force.REFUSED,
        ),
        need(
            "seq-startset-before-prepare",
            met=SET_BEGUN,
            otherwise=Force.ALLOWED,
            documented=Force.TOLERATED,
        ),
    ),
    operation=Operation(Prepare.PENDING.bit, Prepare.DONE.bit, Prepare.FAILED.bit, Prepare.FAILED.bit),
    notes=(
        "seq-prepare-even-without-components",
        "prepare-backup-raises-event",
        "seq-prepare-event",
        "seq-status-after-events",
        "prepare-document-modifiable",
    ),
)

DO_SNAPSHOT_SET: Final = Method(
    BACKUP_COMPONENTS,
    "DoSnapshotSet",
    needs=(
        *backup_only(),
        NOT_ABORTED,
        need("req-retry-new-object", "seq-startset-required", met=all_but(Phase.CREATION_FAILED)),
        need("seq-startset-required", met=SET_BEGUN),
        need("seq-empty-set-ok", met=Phase.SET_FILLED.bit, otherwise=Force.ALLOWED, documented=Force.UNSURE),
        need("do-set-prerequisites", met=Phase.SET_FILLED.bit, documented=Force.ALLOWED),
        need(
            "seq-prepare-before-do",
            "do-set-prerequisites",
            "seq-prepare-even-without-components",
            met=(Prepare.DONE.bit, Context.NO_WRITERS.bit),
        ),
    ),
    operation=Operation(Phase.CREATING.bit, Phase.CREATED.bit, Phase.CREATION_FAILED.bit, Phase.CREATION_FAILED.bit),
    notes=(
        "seq-do-event-order",
        "seq-do-skippable",
        "do-set-errors-two-places",
        "do-set-not-transacted",
        "seq-copy-after-do",
    ),
)

METHODS: Final = (  # in the order of a backup, in which the shortest of several ways is told
    INITIALIZE_FOR_BACKUP,
    SET_CONTEXT,
    SET_BACKUP_STATE,
    GATHER_WRITER_METADATA,
    ADD_COMPONENT,
    START_SNAPSHOT_SET,
    ADD_TO_SNAPSHOT_SET,
    PREPARE_FOR_BACKUP,
    DO_SNAPSHOT_SET,
)
