"""The words that documents use for members of enumerations, and how each is known.

They are not the names of the members: a real document says `RESTORE_IF_CAN_BE_REPLACED` where the enumeration has
`VSS_RME_RESTORE_IF_CAN_REPLACE`.
"""

from collections.abc import Iterable
from typing import Final

from vss_sim.documents.attribute_values import Form, words
from vss_sim.documents.elements import Known
from vss_sim.spec.enums import (
    BackupType,
    ComponentType,
    FileRestoreStatus,
    Named,
    RestoreMethod,
    RestoreTarget,
    RestoreType,
    RollForwardType,
    SourceType,
    UsageType,
    WriterRestore,
)

REAL_WORDS: Final[dict[Named, str]] = {
    UsageType.BOOTABLESYSTEMSTATE: "BOOTABLE_SYSTEM_STATE",
    UsageType.SYSTEMSERVICE: "SYSTEM_SERVICE",
    UsageType.USERDATA: "USER_DATA",
    SourceType.OTHER: "OTHER",
    SourceType.TRANSACTEDDB: "TRANSACTION_DB",
    RestoreMethod.RESTORE_IF_CAN_REPLACE: "RESTORE_IF_CAN_BE_REPLACED",
    RestoreMethod.RESTORE_AT_REBOOT: "REPLACE_AT_REBOOT",
    RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE: "REPLACE_AT_REBOOT_IF_CANNOT_REPLACE",
    WriterRestore.NEVER: "never",
    WriterRestore.ALWAYS: "always",
    BackupType.FULL: "full",
    ComponentType.FILEGROUP: "filegroup",
}
"""Seen in documents that Windows wrote."""

OUR_WORDS: Final[dict[Named, str]] = {
    SourceType.NONTRANSACTEDDB: "NONTRANSACTION_DB",
}
"""Chosen here where the name of the member would not do; every other member is written by its name."""


def _words(members: Iterable[Named], *, lower: bool = False) -> Form:
    known = {}
    for member in members:
        name = member.name.lower() if lower else member.name
        known[member] = REAL_WORDS.get(member) or OUR_WORDS.get(member) or name
    return words(known)


def known_as(member: Named) -> Known:
    """How the word for a member is known."""
    return Known.REAL if member in REAL_WORDS else Known.OURS


USAGE: Final = _words(UsageType)
SOURCE: Final = _words(SourceType)
METHOD: Final = _words(RestoreMethod)
WRITER_RESTORE: Final = _words(WriterRestore, lower=True)
BACKUP_TYPE: Final = _words(BackupType, lower=True)
RESTORE_TYPE: Final = _words(RestoreType, lower=True)
COMPONENT_TYPE: Final = _words(ComponentType, lower=True)
RESTORE_TARGET: Final = _words(RestoreTarget, lower=True)
FILE_RESTORE_STATUS: Final = _words(FileRestoreStatus, lower=True)
ROLL_FORWARD: Final = _words(RollForwardType, lower=True)
