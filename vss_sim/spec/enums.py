"""The enumerations of VSS that callers meet, as types; `enums.tsv` beside this file has every one, with its numbers.

A plain enumeration is a text, the documented name itself, so that logs, cases, worlds and the wire carry its members
as they are; `number` is the value that C programs see. Flags are integers that can be joined with `|`.
"""

from enum import IntFlag, StrEnum
from functools import cache
from typing import Final

from vss_sim.spec.tables import read_table

_SUBSCRIBE_MASK: Final = "VSS_SUBSCRIBE_MASK"
"""Flags that writers give once and never put together themselves: they have no type here."""


@cache
def numbers() -> dict[str, int]:
    """Member → its number, as an unsigned 32-bit integer, for every documented enumeration."""
    return {row["member"]: int(row["value"], 0) & 0xFFFFFFFF for row in read_table("enums.tsv")}


@cache
def flag_enumerations() -> tuple[str, ...]:
    """The enumerations whose members are joined with `|`, by their documented names."""
    kinds = [kind for kind in globals().values() if isinstance(kind, type) and issubclass(kind, IntFlag)]
    return (*(_documented(kind) for kind in kinds if kind is not IntFlag), _SUBSCRIBE_MASK)


def _documented(kind: type[IntFlag]) -> str:
    """The documented name of flags, which ends their docstring; empty for flags of a caller's own."""
    parts = (kind.__doc__ or "").rsplit("`", 2)
    return parts[1] if len(parts) > 1 else ""


@cache
def flag_names(kind: type[IntFlag]) -> dict[int, str]:
    """Bit → documented name, for the flags of `kind`."""
    enumeration = _documented(kind)
    return {int(row["value"], 0): row["member"] for row in read_table("enums.tsv") if row["enumeration"] == enumeration}


@cache
def members() -> dict[str, tuple[str, ...]]:
    """Enumeration → its members in the order of the page, for every documented enumeration."""
    found: dict[str, list[str]] = {}
    for row in read_table("enums.tsv"):
        found.setdefault(row["enumeration"], []).append(row["member"])
    return {name: tuple(names) for name, names in found.items()}


_HEADERS: Final = dict.fromkeys(("VSS_MGMT_OBJECT_TYPE", "VSS_PROTECTION_LEVEL", "VSS_PROTECTION_FAULT"), "vsmgmt") | (
    dict.fromkeys(
        (
            "VSS_USAGE_TYPE",
            "VSS_SOURCE_TYPE",
            "VSS_RESTOREMETHOD_ENUM",
            "VSS_WRITERRESTORE_ENUM",
            "VSS_COMPONENT_TYPE",
            "VSS_ALTERNATE_WRITER_STATE",
            "VSS_SUBSCRIBE_MASK",
            "VSS_RESTORE_TARGET",
            "VSS_FILE_RESTORE_STATUS",
            "VSS_COMPONENT_FLAGS",
        ),
        "vswriter",
    )
)
"""Enumeration → the header under which the reference has its page, where that is not `vss`."""


def page_of(enumeration: str) -> str:
    """The id of the page of an enumeration in the reference."""
    return f"api:ne-{_HEADERS.get(enumeration, 'vss')}-{enumeration.lower()}"


class Named(StrEnum):
    """A plain enumeration: each member is its documented name."""

    @property
    def number(self) -> int:
        """The value that C programs see, unsigned."""
        return numbers()[self.value]


class ObjectType(Named):
    """What a shadow copy id or a query is about. `VSS_OBJECT_TYPE`."""

    UNKNOWN = "VSS_OBJECT_UNKNOWN"
    NONE = "VSS_OBJECT_NONE"
    SNAPSHOT_SET = "VSS_OBJECT_SNAPSHOT_SET"
    SNAPSHOT = "VSS_OBJECT_SNAPSHOT"
    PROVIDER = "VSS_OBJECT_PROVIDER"
    TYPE_COUNT = "VSS_OBJECT_TYPE_COUNT"


class SnapshotState(Named):
    """How far a shadow copy came; requesters only ever see `CREATED`. `VSS_SNAPSHOT_STATE`."""

    UNKNOWN = "VSS_SS_UNKNOWN"
    PREPARING = "VSS_SS_PREPARING"
    PROCESSING_PREPARE = "VSS_SS_PROCESSING_PREPARE"
    PREPARED = "VSS_SS_PREPARED"
    PROCESSING_PRECOMMIT = "VSS_SS_PROCESSING_PRECOMMIT"
    PRECOMMITTED = "VSS_SS_PRECOMMITTED"
    PROCESSING_COMMIT = "VSS_SS_PROCESSING_COMMIT"
    COMMITTED = "VSS_SS_COMMITTED"
    PROCESSING_POSTCOMMIT = "VSS_SS_PROCESSING_POSTCOMMIT"
    PROCESSING_PREFINALCOMMIT = "VSS_SS_PROCESSING_PREFINALCOMMIT"
    PREFINALCOMMITTED = "VSS_SS_PREFINALCOMMITTED"
    PROCESSING_POSTFINALCOMMIT = "VSS_SS_PROCESSING_POSTFINALCOMMIT"
    CREATED = "VSS_SS_CREATED"
    ABORTED = "VSS_SS_ABORTED"
    DELETED = "VSS_SS_DELETED"
    POSTCOMMITTED = "VSS_SS_POSTCOMMITTED"
    COUNT = "VSS_SS_COUNT"


class WriterState(Named):
    """Where a writer stands in the sequence of events, as its status tells. `VSS_WRITER_STATE`."""

    UNKNOWN = "VSS_WS_UNKNOWN"
    STABLE = "VSS_WS_STABLE"
    WAITING_FOR_FREEZE = "VSS_WS_WAITING_FOR_FREEZE"
    WAITING_FOR_THAW = "VSS_WS_WAITING_FOR_THAW"
    WAITING_FOR_POST_SNAPSHOT = "VSS_WS_WAITING_FOR_POST_SNAPSHOT"
    WAITING_FOR_BACKUP_COMPLETE = "VSS_WS_WAITING_FOR_BACKUP_COMPLETE"
    FAILED_AT_IDENTIFY = "VSS_WS_FAILED_AT_IDENTIFY"
    FAILED_AT_PREPARE_BACKUP = "VSS_WS_FAILED_AT_PREPARE_BACKUP"
    FAILED_AT_PREPARE_SNAPSHOT = "VSS_WS_FAILED_AT_PREPARE_SNAPSHOT"
    FAILED_AT_FREEZE = "VSS_WS_FAILED_AT_FREEZE"
    FAILED_AT_THAW = "VSS_WS_FAILED_AT_THAW"
    FAILED_AT_POST_SNAPSHOT = "VSS_WS_FAILED_AT_POST_SNAPSHOT"
    FAILED_AT_BACKUP_COMPLETE = "VSS_WS_FAILED_AT_BACKUP_COMPLETE"
    FAILED_AT_PRE_RESTORE = "VSS_WS_FAILED_AT_PRE_RESTORE"
    FAILED_AT_POST_RESTORE = "VSS_WS_FAILED_AT_POST_RESTORE"
    FAILED_AT_BACKUPSHUTDOWN = "VSS_WS_FAILED_AT_BACKUPSHUTDOWN"
    COUNT = "VSS_WS_COUNT"


class BackupType(Named):
    """What kind of backup is made. `VSS_BACKUP_TYPE`."""

    UNDEFINED = "VSS_BT_UNDEFINED"
    FULL = "VSS_BT_FULL"
    INCREMENTAL = "VSS_BT_INCREMENTAL"
    DIFFERENTIAL = "VSS_BT_DIFFERENTIAL"
    LOG = "VSS_BT_LOG"
    COPY = "VSS_BT_COPY"
    OTHER = "VSS_BT_OTHER"


class RestoreType(Named):
    """How a restore is made. `VSS_RESTORE_TYPE`."""

    UNDEFINED = "VSS_RTYPE_UNDEFINED"
    BY_COPY = "VSS_RTYPE_BY_COPY"
    IMPORT = "VSS_RTYPE_IMPORT"
    OTHER = "VSS_RTYPE_OTHER"


class RollForwardType(Named):
    """How far a writer rolls its restored data forward. `VSS_ROLLFORWARD_TYPE`."""

    UNDEFINED = "VSS_RF_UNDEFINED"
    NONE = "VSS_RF_NONE"
    ALL = "VSS_RF_ALL"
    PARTIAL = "VSS_RF_PARTIAL"


class ProviderType(Named):
    """Of which kind a provider is. `VSS_PROVIDER_TYPE`."""

    UNKNOWN = "VSS_PROV_UNKNOWN"
    SYSTEM = "VSS_PROV_SYSTEM"
    SOFTWARE = "VSS_PROV_SOFTWARE"
    HARDWARE = "VSS_PROV_HARDWARE"
    FILESHARE = "VSS_PROV_FILESHARE"


class ApplicationLevel(Named):
    """The level at which a writer is frozen. `VSS_APPLICATION_LEVEL`."""

    UNKNOWN = "VSS_APP_UNKNOWN"
    SYSTEM = "VSS_APP_SYSTEM"
    BACK_END = "VSS_APP_BACK_END"
    FRONT_END = "VSS_APP_FRONT_END"
    SYSTEM_RM = "VSS_APP_SYSTEM_RM"
    AUTO = "VSS_APP_AUTO"


class UsageType(Named):
    """What a writer's data is used for. `VSS_USAGE_TYPE`."""

    UNDEFINED = "VSS_UT_UNDEFINED"
    BOOTABLESYSTEMSTATE = "VSS_UT_BOOTABLESYSTEMSTATE"
    SYSTEMSERVICE = "VSS_UT_SYSTEMSERVICE"
    USERDATA = "VSS_UT_USERDATA"
    OTHER = "VSS_UT_OTHER"


class SourceType(Named):
    """What kind of data a writer has. `VSS_SOURCE_TYPE`."""

    UNDEFINED = "VSS_ST_UNDEFINED"
    TRANSACTEDDB = "VSS_ST_TRANSACTEDDB"
    NONTRANSACTEDDB = "VSS_ST_NONTRANSACTEDDB"
    OTHER = "VSS_ST_OTHER"


class RestoreMethod(Named):
    """How a writer's files are to be restored. `VSS_RESTOREMETHOD_ENUM`."""

    UNDEFINED = "VSS_RME_UNDEFINED"
    RESTORE_IF_NOT_THERE = "VSS_RME_RESTORE_IF_NOT_THERE"
    RESTORE_IF_CAN_REPLACE = "VSS_RME_RESTORE_IF_CAN_REPLACE"
    STOP_RESTORE_START = "VSS_RME_STOP_RESTORE_START"
    RESTORE_TO_ALTERNATE_LOCATION = "VSS_RME_RESTORE_TO_ALTERNATE_LOCATION"
    RESTORE_AT_REBOOT = "VSS_RME_RESTORE_AT_REBOOT"
    RESTORE_AT_REBOOT_IF_CANNOT_REPLACE = "VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"
    CUSTOM = "VSS_RME_CUSTOM"
    RESTORE_STOP_START = "VSS_RME_RESTORE_STOP_START"


class WriterRestore(Named):
    """When a writer takes part in a restore. `VSS_WRITERRESTORE_ENUM`."""

    UNDEFINED = "VSS_WRE_UNDEFINED"
    NEVER = "VSS_WRE_NEVER"
    IF_REPLACE_FAILS = "VSS_WRE_IF_REPLACE_FAILS"
    ALWAYS = "VSS_WRE_ALWAYS"


class ComponentType(Named):
    """Of which kind a component is. `VSS_COMPONENT_TYPE`."""

    UNDEFINED = "VSS_CT_UNDEFINED"
    DATABASE = "VSS_CT_DATABASE"
    FILEGROUP = "VSS_CT_FILEGROUP"


class RestoreTarget(Named):
    """Where a writer wants a component restored. `VSS_RESTORE_TARGET`."""

    UNDEFINED = "VSS_RT_UNDEFINED"
    ORIGINAL = "VSS_RT_ORIGINAL"
    ALTERNATE = "VSS_RT_ALTERNATE"
    DIRECTED = "VSS_RT_DIRECTED"
    ORIGINAL_LOCATION = "VSS_RT_ORIGINAL_LOCATION"


DROPPED_TARGET: Final = "VSS_RT_NEW"
"""A restore target of Windows XP, which no later header has (rule rt-new-removed)."""


class FileRestoreStatus(Named):
    """What became of the files of a component. `VSS_FILE_RESTORE_STATUS`."""

    UNDEFINED = "VSS_RS_UNDEFINED"
    NONE = "VSS_RS_NONE"
    ALL = "VSS_RS_ALL"
    FAILED = "VSS_RS_FAILED"


class VolumeSnapshotAttributes(IntFlag):
    """What a shadow copy is, and what a requester may add to a context. `VSS_VOLUME_SNAPSHOT_ATTRIBUTES`."""

    PERSISTENT = 0x1
    NO_AUTORECOVERY = 0x2
    CLIENT_ACCESSIBLE = 0x4
    NO_AUTO_RELEASE = 0x8
    NO_WRITERS = 0x10
    TRANSPORTABLE = 0x20
    NOT_SURFACED = 0x40
    NOT_TRANSACTED = 0x80
    HARDWARE_ASSISTED = 0x10000
    DIFFERENTIAL = 0x20000
    PLEX = 0x40000
    IMPORTED = 0x80000
    EXPOSED_LOCALLY = 0x100000
    EXPOSED_REMOTELY = 0x200000
    AUTORECOVER = 0x400000
    ROLLBACK_RECOVERY = 0x800000
    DELAYED_POSTSNAPSHOT = 0x1000000
    TXF_RECOVERY = 0x2000000
    FILE_SHARE = 0x4000000


class SnapshotContext(IntFlag):
    """The context of a shadow copy, to which attributes may be added. `VSS_SNAPSHOT_CONTEXT`."""

    BACKUP = 0x0
    FILE_SHARE_BACKUP = 0x10
    NAS_ROLLBACK = 0x19
    APP_ROLLBACK = 0x9
    CLIENT_ACCESSIBLE = 0x1D
    CLIENT_ACCESSIBLE_WRITERS = 0xD
    ALL = 0xFFFFFFFF


class ProviderCapabilities(IntFlag):
    """What a provider can do. `VSS_PROVIDER_CAPABILITIES`."""

    LEGACY = 0x1
    COMPLIANT = 0x2
    LUN_REPOINT = 0x4
    LUN_RESYNC = 0x8
    OFFLINE_CREATION = 0x10
    MULTIPLE_IMPORT = 0x20
    RECYCLING = 0x40
    PLEX = 0x80
    DIFFERENTIAL = 0x100
    CLUSTERED = 0x200


class HardwareOptions(IntFlag):
    """How a shadow copy set is broken. `VSS_HARDWARE_OPTIONS`."""

    MASK_LUNS = 0x1
    MAKE_READ_WRITE = 0x2
    REVERT_IDENTITY_ALL = 0x4
    REVERT_IDENTITY_NONE = 0x8
    ONLUNSTATECHANGE_NOTIFY_READ_WRITE = 0x100
    ONLUNSTATECHANGE_NOTIFY_LUN_PRE_RECOVERY = 0x200
    ONLUNSTATECHANGE_NOTIFY_LUN_POST_RECOVERY = 0x400
    ONLUNSTATECHANGE_DO_MASK_LUNS = 0x800


class RecoveryOptions(IntFlag):
    """How a LUN resync is done. `VSS_RECOVERY_OPTIONS`."""

    REVERT_IDENTITY_ALL = 0x100
    NO_VOLUME_CHECK = 0x200


class SnapshotCompatibility(IntFlag):
    """What must not be done on a volume with shadow copies. `VSS_SNAPSHOT_COMPATIBILITY`."""

    DISABLE_DEFRAG = 0x1
    DISABLE_CONTENTINDEX = 0x2


class FileSpecBackupType(IntFlag):
    """For which backups files are needed, and for which from a shadow copy. `VSS_FILE_SPEC_BACKUP_TYPE`."""

    FULL_BACKUP_REQUIRED = 0x1
    DIFFERENTIAL_BACKUP_REQUIRED = 0x2
    INCREMENTAL_BACKUP_REQUIRED = 0x4
    LOG_BACKUP_REQUIRED = 0x8
    FULL_SNAPSHOT_REQUIRED = 0x100
    DIFFERENTIAL_SNAPSHOT_REQUIRED = 0x200
    INCREMENTAL_SNAPSHOT_REQUIRED = 0x400
    LOG_SNAPSHOT_REQUIRED = 0x800
    CREATED_DURING_BACKUP = 0x10000
    ALL_BACKUP_REQUIRED = 0xF
    ALL_SNAPSHOT_REQUIRED = 0xF00


class BackupSchema(IntFlag):
    """Which backups and restores a writer supports. `VSS_BACKUP_SCHEMA`."""

    UNDEFINED = 0x0
    DIFFERENTIAL = 0x1
    INCREMENTAL = 0x2
    EXCLUSIVE_INCREMENTAL_DIFFERENTIAL = 0x4
    LOG = 0x8
    COPY = 0x10
    TIMESTAMPED = 0x20
    LAST_MODIFY = 0x40
    LSN = 0x80
    WRITER_SUPPORTS_NEW_TARGET = 0x100
    WRITER_SUPPORTS_RESTORE_WITH_MOVE = 0x200
    INDEPENDENT_SYSTEM_STATE = 0x400
    ROLLFORWARD_RESTORE = 0x1000
    RESTORE_RENAME = 0x2000
    AUTHORITATIVE_RESTORE = 0x4000
    WRITER_SUPPORTS_PARALLEL_RESTORES = 0x8000


class ComponentFlags(IntFlag):
    """What a component supports beyond a backup. `VSS_COMPONENT_FLAGS`."""

    BACKUP_RECOVERY = 0x1
    APP_ROLLBACK_RECOVERY = 0x2
    NOT_SYSTEM_STATE = 0x4
