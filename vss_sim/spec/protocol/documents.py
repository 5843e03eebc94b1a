"""Metadata and component objects: who may call which of their methods, when, and what the answer may be.

A component object is in the hands of a writer, inside the handler of an event, or of a requester, which got it from its
backup components object. So a limit has two sides: the handlers in which a writer may call, and the states of the
backup components object in which a requester may. A method without a row here may be called by anybody at any time.
"""

from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import IN_A_RESTORE, POST_RESTORE_BEGUN
from vss_sim.spec.state import ANYTHING, BackupState, Document, Phase, Prepare, Selection, all_but
from vss_sim.spec.table import Force, Need, need

Handlers = frozenset[str]

SNAPSHOT_HANDLERS: Final = frozenset({"PrepareForBackup", "PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot"})
END_HANDLERS: Final = frozenset({"BackupComplete", "BackupShutdown"})
RESTORE_HANDLERS: Final = frozenset({"PreRestore", "PostRestore"})
HANDLERS: Final = SNAPSHOT_HANDLERS | END_HANDLERS | RESTORE_HANDLERS | {"Identify", "Abort"}
"""The events of a writer, by the names that a log gives them."""

WITH_COMPONENTS: Final = frozenset({"PrepareForBackup", "PostSnapshot", "BackupComplete", "PreRestore", "PostRestore"})
"""The events whose handlers are given the writer's components."""

TELLING: Final = WITH_COMPONENTS | {"Identify", "BackupShutdown"}
"""The events that tell when a call on a component is made. After any other, which brings none, the log has lost one."""

COMPONENTS_GIVEN: Final = "writer-components-in-handlers"
COMPONENTS_PARAMETER: Final = "pComponent"
"""The documented parameter of those handlers; an event line may record it."""

DOCUMENT_FAMILIES: Final = frozenset(
    {
        "IVssExamineWriterMetadata",
        "IVssWMComponent",
        "IVssWMFiledesc",
        "IVssWMDependency",
        "IVssWriterComponents",
        "IVssComponent",
    }
)


class Limit(Struct, frozen=True):
    """Who may call, and when: a writer in `handlers`, a requester where `need` is met by its object."""

    need: Need
    handlers: Handlers = HANDLERS


class Index(Struct, frozen=True):
    """An index lies below a count that another call tells."""

    parameter: str
    count: str
    rule: str
    answers: tuple[HResult, ...] = (HResult.VSS_E_OBJECT_NOT_FOUND, HResult.E_INVALIDARG)


class DocumentMethod(Struct, frozen=True):
    """A method of a metadata or component object.

    `reserved` forbids every call. `either` opens it to writer and requester alike, so that no state refuses it.
    `text` is a result that S_OK fills in, for where nothing is stored the answer is S_FALSE; `default` says that there
    is always an answer, as `same` do. `once` allows one success for a component. Each is the rule that says so.
    """

    full_name: str
    limits: tuple[Limit, ...] = ()
    index: Index | None = None
    reserved: str = ""
    either: str = ""
    text: str = ""
    default: str = ""
    same: tuple[str, ...] = ()
    once: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that the row rests on."""
        found = [rule for limit in self.limits for rule in limit.need.rules]
        found += [rule for rule in (self.reserved, self.either, self.default, *self.same, self.once) if rule]
        if self.index:
            found.append(self.index.rule)
        return tuple(dict.fromkeys(found))


_COMPONENT: Final = "IVssComponent::"
_COMPONENT_EX: Final = "IVssComponentEx::"
_WRITER_COMPONENTS: Final = "IVssWriterComponents::"
_METADATA: Final = "IVssExamineWriterMetadata::"
_WM_COMPONENT: Final = "IVssWMComponent::"

_BEFORE_CREATED: Final = (Phase.BACKUP, Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING)
_AFTER_DO: Final = (all_but(*_BEFORE_CREATED), Document.LOADED.bit, Phase.BACKUP | Prepare.DONE)
"""DoSnapshotSet is over, or the backup needs none, or the document tells of an earlier backup."""

_AFTER_COMPLETE: Final = (
    all_but(*_BEFORE_CREATED, Phase.CREATED, Phase.CREATION_FAILED),
    Document.LOADED.bit,
)


def _writers(*rules: str, handlers: Handlers, otherwise: Force = Force.REFUSED) -> Limit:
    """Only a writer may call, and only in `handlers`."""
    return Limit(need(*rules, met=(), otherwise=otherwise), handlers)


def _restores(*rules: str, otherwise: Force = Force.UNSURE) -> Limit:
    """Writer and requester may call, during a restore."""
    return Limit(need(*rules, met=IN_A_RESTORE, otherwise=otherwise), RESTORE_HANDLERS)


def _all_but(*handlers: str) -> Handlers:
    return HANDLERS - frozenset(handlers)


_WHILE_BACKING_UP: Final = _all_but(*END_HANDLERS, *RESTORE_HANDLERS)

_ROWS: Final = (
    DocumentMethod(_METADATA + "GetIncludeFile", reserved="examine-include-reserved"),
    DocumentMethod(_METADATA + "GetDocument", reserved="examine-getdocument-reserved"),
    DocumentMethod(
        _METADATA + "GetExcludeFile",
        index=Index("iFile", "pcExcludeFiles", "examine-exclude-index"),
    ),
    DocumentMethod(
        _METADATA + "GetComponent",
        index=Index("iComponent", "pcComponents", "examine-component-index"),
    ),
    DocumentMethod(
        _METADATA + "GetAlternateLocationMapping",
        index=Index("iMapping", "pcMappings", "examine-mapping-index"),
    ),
    DocumentMethod(
        "IVssExamineWriterMetadataEx2::GetExcludeFromSnapshotFile",
        index=Index("iFile", "pcExcludedFromSnapshot", "examine-snapshot-exclude-index"),
    ),
    DocumentMethod(_METADATA + "GetBackupSchema", default="examine-schema-default"),
    DocumentMethod(
        _METADATA + "LoadFromXML",
        limits=(Limit(need("examine-load-at-restore", met=IN_A_RESTORE, otherwise=Force.UNSURE)),),
    ),
    DocumentMethod(_WM_COMPONENT + "GetFile", index=Index("iFile", "cFileCount", "wm-component-file-index")),
    DocumentMethod(_WM_COMPONENT + "GetDatabaseFile", index=Index("iDBFile", "cDatabases", "wm-component-db-index")),
    DocumentMethod(
        _WM_COMPONENT + "GetDatabaseLogFile",
        index=Index("iDbLogFile", "cLogFiles", "wm-component-log-index"),
    ),
    DocumentMethod(
        _WM_COMPONENT + "GetDependency",
        index=Index("iDependency", "cDependencies", "wm-component-dependency-index"),
    ),
    DocumentMethod(
        _WRITER_COMPONENTS + "GetComponentCount",
        limits=(
            Limit(
                need(
                    "ext-get-component-after-prerestore",
                    met=all_but(Phase.RESTORE, Phase.PRE_RESTORING),
                    otherwise=Force.ALLOWED,
                    documented=Force.UNSURE,
                )
            ),
        ),
    ),
    DocumentMethod(
        _WRITER_COMPONENTS + "GetComponent",
        limits=(
            Limit(
                need(
                    "ext-get-component-after-prerestore",
                    met=all_but(Phase.RESTORE, Phase.PRE_RESTORING),
                    otherwise=Force.ALLOWED,
                    documented=Force.UNSURE,
                )
            ),
        ),
        index=Index("iComponent", "pcComponents", "writer-components-index"),
    ),
    DocumentMethod(_COMPONENT + "GetLogicalPath", either="comp-path-name-either"),
    DocumentMethod(_COMPONENT + "GetComponentType", either="comp-path-name-either"),
    DocumentMethod(_COMPONENT + "GetComponentName", either="comp-path-name-either"),
    DocumentMethod(
        _COMPONENT + "GetBackupSucceeded",
        limits=(
            Limit(
                need(
                    "comp-backup-succeeded-after-complete",
                    met=_AFTER_COMPLETE,
                    otherwise=Force.TOLERATED,
                    answers=(HResult.S_FALSE,),
                ),
                _all_but(*SNAPSHOT_HANDLERS),
            ),
        ),
        either="comp-path-name-either",
    ),
    DocumentMethod(
        _COMPONENT + "GetAlternateLocationMapping",
        index=Index("iMapping", "pcMappings", "comp-alt-mapping-index"),
    ),
    DocumentMethod(
        _COMPONENT + "SetBackupMetadata",
        limits=(_writers("set-backup-metadata-writer-backup", handlers=_WHILE_BACKING_UP),),
        once="set-backup-metadata-once",
    ),
    DocumentMethod(
        _COMPONENT + "GetBackupMetadata",
        limits=(
            Limit(
                need(
                    "get-backup-metadata-writer-only",
                    met=(),
                    otherwise=Force.ALLOWED,
                    documented=Force.UNSURE,
                )
            ),
        ),
    ),
    DocumentMethod(
        _COMPONENT + "AddPartialFile",
        limits=(_writers("add-partial-file-writer-backup", handlers=_all_but(*RESTORE_HANDLERS)),),
    ),
    DocumentMethod(
        _COMPONENT + "GetPartialFile",
        index=Index("iPartialFile", "pcPartialFiles", "get-partial-file-index"),
    ),
    DocumentMethod(
        _COMPONENT + "IsSelectedForRestore",
        limits=(Limit(need("is-selected-component-mode", met=all_but(BackupState.VOLUMES), otherwise=Force.UNSURE)),),
    ),
    DocumentMethod(_COMPONENT + "GetNewTarget", index=Index("iNewTarget", "pcNewTarget", "comp-new-target-index")),
    DocumentMethod(
        _COMPONENT + "AddDirectedTarget",
        limits=(_writers("add-directed-target-writer-restore", "dt-when", handlers=RESTORE_HANDLERS),),
    ),
    DocumentMethod(
        _COMPONENT + "GetDirectedTarget",
        index=Index("iDirectedTarget", "pcDirectedTarget", "comp-directed-target-index"),
    ),
    DocumentMethod(
        _COMPONENT + "SetRestoreMetadata",
        limits=(_writers("set-restore-metadata-prerestore-only", handlers=frozenset({"PreRestore"})),),
        once="set-restore-metadata-once",
    ),
    DocumentMethod(
        _COMPONENT + "GetRestoreMetadata",
        limits=(_writers("get-restore-metadata-writer-only", handlers=HANDLERS, otherwise=Force.UNSURE),),
    ),
    DocumentMethod(
        _COMPONENT + "SetRestoreTarget",
        limits=(_writers("set-restore-target-writer-restore", "rt-only-writer", handlers=RESTORE_HANDLERS),),
    ),
    DocumentMethod(
        _COMPONENT + "GetRestoreTarget",
        limits=(_restores("get-restore-target-restore-only"),),
        default="restore-target-default-original",
        same=("rt-default-original",),
    ),
    DocumentMethod(
        _COMPONENT + "SetPreRestoreFailureMsg",
        limits=(_writers("set-prerestore-msg-writer-restore", handlers=RESTORE_HANDLERS),),
    ),
    DocumentMethod(
        _COMPONENT + "GetPreRestoreFailureMsg",
        either="get-prerestore-msg-either",
        text="pbstrPreRestoreFailureMsg",
    ),
    DocumentMethod(
        _COMPONENT + "SetPostRestoreFailureMsg",
        limits=(_writers("set-postrestore-msg-writer-restore", handlers=RESTORE_HANDLERS),),
    ),
    DocumentMethod(
        _COMPONENT + "GetPostRestoreFailureMsg",
        either="get-postrestore-msg-either",
        text="pbstrPostRestoreFailureMsg",
    ),
    DocumentMethod(
        _COMPONENT + "SetBackupStamp",
        limits=(_writers("set-backup-stamp-writer-backup", handlers=_WHILE_BACKING_UP),),
    ),
    DocumentMethod(_COMPONENT + "GetBackupStamp", either="get-backup-stamp-source", text="pbstrBackupStamp"),
    DocumentMethod(_COMPONENT + "GetPreviousBackupStamp", either="get-previous-stamp-source", text="pbstrBackupStamp"),
    DocumentMethod(
        _COMPONENT + "GetRestoreSubcomponent",
        index=Index("iComponent", "pcRestoreSubcomponent", "get-restore-sub-index"),
    ),
    DocumentMethod(
        _COMPONENT + "GetFileRestoreStatus",
        limits=(
            _restores("get-file-restore-status-restore-only", otherwise=Force.REFUSED),
            Limit(
                need(
                    "get-file-restore-status-restore-only",
                    met=POST_RESTORE_BEGUN,
                    otherwise=Force.UNSURE,
                ),
                _all_but("PreRestore"),
            ),
            Limit(need("get-file-restore-status-unselected", met=Selection.SOME.bit, otherwise=Force.UNSURE)),
        ),
    ),
    DocumentMethod(
        _COMPONENT + "AddDifferencedFilesByLastModifyTime",
        limits=(_writers("add-differenced-writer-backup", handlers=_WHILE_BACKING_UP),),
    ),
    DocumentMethod(_COMPONENT + "AddDifferencedFilesByLastModifyLSN", reserved="add-differenced-lsn-reserved"),
    DocumentMethod(
        _COMPONENT + "GetDifferencedFile",
        limits=(
            Limit(need("get-differenced-after-do", "inc-full-analysis-late", met=_AFTER_DO, otherwise=Force.TOLERATED)),
        ),
        index=Index("iDifferencedFile", "pcDifferencedFiles", "get-differenced-index"),
    ),
    DocumentMethod(
        _COMPONENT_EX + "SetPrepareForBackupFailureMsg",
        limits=(_writers("set-prepare-msg-onprepare-only", handlers=frozenset({"PrepareForBackup"})),),
    ),
    DocumentMethod(
        _COMPONENT_EX + "SetPostSnapshotFailureMsg",
        limits=(_writers("set-postsnapshot-msg-onpostsnapshot-only", handlers=frozenset({"PostSnapshot"})),),
    ),
    DocumentMethod(
        _COMPONENT_EX + "GetPrepareForBackupFailureMsg",
        either="get-prepare-msg-either",
        text="pbstrFailureMsg",
    ),
    DocumentMethod(
        _COMPONENT_EX + "GetPostSnapshotFailureMsg",
        limits=(Limit(need("get-postsnapshot-msg-after-do", met=_AFTER_DO, otherwise=Force.UNSURE)),),
        either="get-postsnapshot-msg-after-do",
        text="pbstrFailureMsg",
    ),
    DocumentMethod(_COMPONENT_EX + "GetRollForward", limits=(_restores("get-rollforward-restore-only"),)),
    DocumentMethod(_COMPONENT_EX + "GetRestoreName", limits=(_restores("get-restore-name-restore-only"),)),
    DocumentMethod(
        "IVssComponentEx2::SetFailure",
        limits=(
            Limit(
                need("set-failure-not-in-identify", met=ANYTHING, otherwise=Force.UNSURE),
                _all_but("Identify"),
            ),
        ),
    ),
)

DOCUMENT_METHODS: Final[dict[str, DocumentMethod]] = {row.full_name: row for row in _ROWS}
"""Full method name → its row."""

RESERVED_TOO: Final = {"examine-include-reserved": ("doc-wmd-no-include-list",)}
"""Reserved for a reason: the rules that say the same of what the method would tell."""

LATER_INTERFACES: Final = "comp-ex-by-query-interface"
"""The later versions of an interface are there only where QueryInterface gives them."""

COMPONENT_INFO_FREED: Final = "wm-component-info-free"
WRITER_COMPONENTS_RELEASED: Final = "ext-release"

SERVICE_METHODS: Final = frozenset({"VSS_RME_STOP_RESTORE_START", "VSS_RME_RESTORE_STOP_START"})
"""The restore methods for which GetRestoreMethod names a service."""

DESCRIPTOR_METHODS: Final = frozenset(
    {"IVssWMFiledesc::GetPath", "IVssWMFiledesc::GetFilespec", "IVssWMFiledesc::GetRecursive"}
)
"""The methods that tell the parts of a file set."""
