"""What an object can be asked: writer metadata, writer status, stored components, and which writers take part."""

from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS
from vss_sim.spec.protocol.common import ALIVE, ANY_MODE, INITIALISED, backup_only
from vss_sim.spec.state import Metadata, Phase, Status, all_but, any_of
from vss_sim.spec.table import Bond, Effect, Force, Method, Need, Operation, Reference, Thing, need

_EX: Final = "IVssBackupComponentsEx"
_EX3: Final = "IVssBackupComponentsEx3"


def _writer(thing: Thing, rule: str) -> tuple[Reference, ...]:
    """The writer that a call names by its index, among those whose metadata, status or components there are."""
    return (Reference(thing, Bond.USES, ("iWriter",), rule, HResult.VSS_E_OBJECT_NOT_FOUND),)


def _metadata_read(*rules: str) -> tuple[Need, ...]:
    return (
        *ANY_MODE,
        need(*rules, met=any_of(Metadata.GATHERED, Metadata.FREED)),
        need(
            "free-metadata-final",
            "obs-read-after-free",
            met=all_but(Metadata.FREED),
            otherwise=Force.TOLERATED,
            documented=Force.REFUSED,
        ),
    )


def _status_read(*rules: str) -> tuple[Need, ...]:
    return (
        *ANY_MODE,
        need("seq-status-needs-gather", *rules, met=any_of(Status.GATHERED, Status.FREED)),
        need("free-status-sequence", met=all_but(Status.FREED), otherwise=Force.UNSURE),
    )


def _writer_filter(name: str, rule: str, *notes: str) -> Method:
    before_gather = need("seq-writer-filter-before-gather", rule, met=Metadata.NONE.bit, otherwise=Force.TOLERATED)
    needs = (*backup_only(otherwise=Force.UNSURE, documented=Force.REFUSED), before_gather)
    return Method(BACKUP_COMPONENTS, name, needs=needs, notes=notes)


GATHER_WRITER_STATUS: Final = Method(
    BACKUP_COMPONENTS,
    "GatherWriterStatus",
    needs=ANY_MODE,
    operation=Operation(Status.GATHERING.bit, Status.GATHERED.bit, Status.NONE.bit, Status.NONE.bit),
    notes=(
        "obs-status-any-time",
        "obs-status-after-abort",
        "seq-status-after-events",
        "seq-status-own-object",
        "gather-status-free-after",
    ),
)

FREE_WRITER_METADATA: Final = Method(
    BACKUP_COMPONENTS,
    "FreeWriterMetadata",
    needs=(
        *ANY_MODE,
        need(
            "free-metadata-after-gather",
            "obs-free-any-time",
            met=any_of(Metadata.GATHERED, Metadata.FREED),
            otherwise=Force.TOLERATED,
        ),
    ),
    effects=(Effect(Metadata.FREED.bit, when=Metadata.GATHERED.bit),),
)

FREE_WRITER_STATUS: Final = Method(
    BACKUP_COMPONENTS,
    "FreeWriterStatus",
    needs=(
        *ANY_MODE,
        need(
            "free-status-sequence",
            "obs-free-any-time",
            met=any_of(Status.GATHERED, Status.FREED),
            otherwise=Force.TOLERATED,
        ),
    ),
    effects=(Effect(Status.FREED.bit, when=Status.GATHERED.bit),),
)

METHODS: Final = (
    Method(
        BACKUP_COMPONENTS,
        "GetWriterMetadataCount",
        needs=_metadata_read("metadata-count-after-gather"),
        notes=("metadata-count-equals-status-count",),
    ),
    Method(
        BACKUP_COMPONENTS,
        "GetWriterMetadata",
        needs=_metadata_read("metadata-after-gather"),
        references=_writer(Thing.WRITER_METADATA, "metadata-index"),
        notes=("gather-metadata-before-backup-or-restore",),
    ),
    Method(
        _EX,
        "GetWriterMetadataEx",
        needs=_metadata_read("metadata-ex-after-gather"),
        references=_writer(Thing.WRITER_METADATA, "metadata-ex-index"),
    ),
    FREE_WRITER_METADATA,
    GATHER_WRITER_STATUS,
    Method(
        BACKUP_COMPONENTS,
        "GetWriterStatusCount",
        needs=_status_read("status-count-after-gather"),
        notes=("status-count-equals-metadata-count",),
    ),
    Method(
        BACKUP_COMPONENTS,
        "GetWriterStatus",
        needs=_status_read("status-after-gather"),
        references=_writer(Thing.WRITER_STATUS, "status-index"),
        notes=("seq-status-both-fields", "status-check-failure-out"),
    ),
    Method(
        _EX3,
        "GetWriterStatusEx",
        needs=_status_read("status-ex-after-gather"),
        references=_writer(Thing.WRITER_STATUS, "status-index"),
        notes=("status-ex-partial-failure", "status-ex-not-null"),
    ),
    FREE_WRITER_STATUS,
    Method(
        BACKUP_COMPONENTS,
        "GetWriterComponentsCount",
        needs=(ALIVE, need(*INITIALISED.rules, "get-writer-components-backup-object", met=all_but(Phase.NEW))),
        notes=("get-writer-components-count-meaning",),
    ),
    Method(
        BACKUP_COMPONENTS,
        "GetWriterComponents",
        needs=ANY_MODE,
        references=_writer(Thing.WRITER_COMPONENTS, "get-writer-components-index"),
        notes=(
            "get-writer-components-restore-use",
            "get-writer-components-invalidated",
            "get-writer-components-release",
        ),
    ),
    _writer_filter(
        "DisableWriterClasses",
        "disable-classes-before-gather",
        "disable-classes-accumulate",
        "disable-classes-all-instances",
    ),
    _writer_filter("EnableWriterClasses", "enable-classes-before-gather", "enable-classes-exclusive"),
    _writer_filter("DisableWriterInstances", "disable-instances-before-gather"),
    Method(_EX3, "GetSessionId", needs=ANY_MODE),
    Method(
        "IVssBackupComponentsEx4",
        "GetRootAndLogicalPrefixPaths",
        needs=(ALIVE,),
        notes=("root-prefix-same-fqdn-flag",),
    ),
)
