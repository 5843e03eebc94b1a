"""Shadow copies that exist: query, properties, delete, expose, break, revert, import."""

from typing import Final

from msgspec.structs import replace

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS
from vss_sim.spec.protocol.common import (
    ALIVE,
    ANY_MODE,
    NOT_ABORTED,
    NOT_DURING_CREATION,
    NOT_IN_A_RESTORE,
    backup_only,
)
from vss_sim.spec.state import Context, Document, Import, Phase, all_but, any_of
from vss_sim.spec.table import (
    NO_TRACE,
    Bond,
    Claim,
    Demand,
    Force,
    Method,
    Need,
    Operation,
    Quality,
    Reference,
    Thing,
    need,
)

_EX2: Final = "IVssBackupComponentsEx2"


def _names(thing: Thing, parameter: str, rule: str, *demands: Demand) -> tuple[Reference, ...]:
    return (Reference(thing, Bond.USES, (parameter,), rule, HResult.VSS_E_OBJECT_NOT_FOUND, demands),)


_IMPORT_IS_OVER: Final = need("im-async-result", "seq-async-wait", met=all_but(Import.PENDING), otherwise=Force.UNSURE)
"""Copies are used when the result of their import is known; no page tells what VSS says before."""


def _in_sequence(rule: str) -> tuple[Need, ...]:
    """The needs of a method whose own page asks for an initialised object that is not in a restore."""
    return (
        ALIVE,
        need("seq-init-before-anything", rule, met=all_but(Phase.NEW)),
        need("seq-backup-call-in-restore", rule, met=NOT_IN_A_RESTORE),
    )


def _hardware(rule: str) -> Demand:
    return Demand(Quality.HARDWARE, (rule,), (HResult.VSS_E_PROVIDER_VETO,))


IMPORT_SLOT: Final = Claim(
    held_in=Import.PENDING.bit,
    rule="im-serialise",
    answer=HResult.VSS_E_BAD_STATE,
    also=("import-one-at-a-time", "im-one-at-a-time"),
    otherwise=Force.UNSURE,
)
"""One import at a time runs on a machine, and the requesters see to it; the code is inferred."""

IMPORT_SNAPSHOTS: Final = Method(
    BACKUP_COMPONENTS,
    "ImportSnapshots",
    needs=(
        *backup_only("im-uninitialised", "import-backup-object"),
        NOT_ABORTED,
        need("im-init-with-doc", "init-backup-import-document", "import-backup-object", met=Document.LOADED.bit),
        need("im-one-at-a-time", "import-one-at-a-time", "im-serialise", met=all_but(Import.PENDING)),
        need("im-once-only", met=any_of(Import.NONE, Import.FAILED), otherwise=Force.UNSURE),
    ),
    operation=Operation(Import.PENDING.bit, Import.DONE.bit, Import.FAILED.bit, Import.FAILED.bit),
    claim=IMPORT_SLOT,
    demands=(Demand(Quality.HARDWARE_PROVIDER, ("import-server-hardware-only",), (), Force.UNSURE),),
    notes=("im-async-result", "im-server-only", "import-failure-cleanup", "im-failure-requester-cleanup"),
)

QUERY: Final = Method(
    BACKUP_COMPONENTS,
    "Query",
    needs=(
        *backup_only("query-backup-only", "seq-query-backup-only"),
        need(
            "query-after-init-and-context",
            "seq-query-backup-only",
            "obs-query-without-context",
            met=all_but(Context.DEFAULT),
            otherwise=Force.ALLOWED,
            documented=Force.REFUSED,
        ),
    ),
    successes=(HResult.S_OK, HResult.S_FALSE),
    notes=("query-current-context-only", "query-completed-only", "obs-query-nothing-found"),
)

GET_SNAPSHOT_PROPERTIES: Final = Method(
    BACKUP_COMPONENTS,
    "GetSnapshotProperties",
    needs=(*_in_sequence("get-props-state"), _IMPORT_IS_OVER),
    references=_names(Thing.SNAPSHOT, "SnapshotId", "sn-getprops-unknown"),
    notes=("get-props-zero-struct", NOT_DURING_CREATION),
)

METHODS: Final = (
    QUERY,
    GET_SNAPSHOT_PROPERTIES,
    Method(
        BACKUP_COMPONENTS,
        "IsVolumeSupported",
        needs=backup_only(),
        notes=("obs-volume-supported-early", "is-volume-supported-ignores-limits"),
    ),
    Method(
        BACKUP_COMPONENTS,
        "DeleteSnapshots",
        needs=ANY_MODE,
        references=_names(Thing.SNAPSHOT_OR_SET, "SourceObjectId", "sn-delete-unknown"),
        notes=(
            "obs-delete-after-complete",
            "delete-no-bad-state",
            "delete-stops-at-first-error",
            "delete-auto-release",
            "no-autorelease-delete-only",
            "sn-delete-sequential",
            "sn-delete-serialise",
        ),
    ),
    Method(
        BACKUP_COMPONENTS,
        "ExposeSnapshot",
        needs=(*_in_sequence("expose-state"), _IMPORT_IS_OVER),
        references=_names(Thing.SNAPSHOT, "SnapshotId", "ans-object-not-found"),
        notes=(
            "sn-expose-local-persistent",
            "sn-expose-not-client-accessible",
            "expose-null-name-remote",
            "expose-free-string",
            "expose-persistent-survives",
        ),
    ),
    Method(
        _EX2,
        "UnexposeSnapshot",
        needs=_in_sequence("unexpose-state"),
        references=_names(
            Thing.SNAPSHOT,
            "snapshotId",
            "sn-unexpose",
            Demand(
                Quality.EXPOSED,
                ("unexpose-must-be-exposed", "sn-unexpose"),
                (HResult.VSS_E_OBJECT_NOT_FOUND,),
                Force.UNSURE,
            ),
        ),
        notes=("expose-persistent-survives",),
    ),
    Method(
        BACKUP_COMPONENTS,
        "BreakSnapshotSet",
        needs=(*ANY_MODE, _IMPORT_IS_OVER),
        references=_names(
            Thing.SNAPSHOT_SET, "SnapshotSetId", "ans-object-not-found", _hardware("break-hardware-only")
        ),
        notes=("sn-break-imported-first", "break-after-independent"),
    ),
    Method(
        _EX2,
        "BreakSnapshotSetEx",
        needs=(*ANY_MODE, _IMPORT_IS_OVER),
        operation=replace(NO_TRACE, about=("SnapshotSetID", "dwBreakFlags")),
        references=_names(
            Thing.SNAPSHOT_SET, "SnapshotSetID", "ans-object-not-found", _hardware("break-ex-hardware-only")
        ),
        notes=("sn-break-imported-first", "break-after-independent"),
    ),
    Method(
        BACKUP_COMPONENTS,
        "RevertToSnapshot",
        needs=ANY_MODE,
        references=_names(
            Thing.SNAPSHOT,
            "SnapshotId",
            "ans-object-not-found",
            Demand(
                Quality.PERSISTENT,
                ("revert-persistent-only", "sn-revert-persistent-only"),
                (HResult.VSS_E_UNSUPPORTED_CONTEXT,),
            ),
            Demand(
                Quality.NO_REVERT,
                ("revert-one-per-volume", "sn-revert-one-at-a-time"),
                (HResult.VSS_E_REVERT_IN_PROGRESS,),
                Force.UNSURE,
            ),
        ),
        notes=("revert-final", "revert-volume-in-use"),
    ),
    Method(
        BACKUP_COMPONENTS,
        "QueryRevertStatus",
        needs=ANY_MODE,
        operation=replace(NO_TRACE, about=("pwszVolume",), irrevocable=True),
        notes=("revert-status-no-cancel", "revert-final", "obs-revert-already-done"),
    ),
    IMPORT_SNAPSHOTS,
    Method(
        _EX2,
        "PreFastRecovery",
        needs=(
            *ANY_MODE,
            need("pre-fast-recovery-reserved", met=0, otherwise=Force.UNSURE, answers=(HResult.E_NOTIMPL,)),
        ),
        operation=NO_TRACE,
    ),
    Method(
        _EX2,
        "FastRecovery",
        needs=(*ANY_MODE, need("fast-recovery-reserved", met=0, otherwise=Force.UNSURE, answers=(HResult.E_NOTIMPL,))),
        operation=NO_TRACE,
    ),
)
