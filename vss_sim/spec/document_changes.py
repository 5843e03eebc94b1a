"""Who may change what in the Backup Components Document, and until when.

The disputes are C20 (a writer may change the document until the end of PostSnapshot, at the latest until
BackupComplete) and C21 (in a restore until PostRestore is raised, but for the message on it).
Pages: https://learn.microsoft.com/windows/win32/vss/backup-components-document-life-cycle,
https://learn.microsoft.com/windows/win32/vss/working-with-the-backup-components-document
"""

from enum import Enum
from typing import Final

from msgspec import Struct


class Who(Enum):
    """Who changes the document."""

    REQUESTER = "requester"
    WRITER = "writer"


class Change(Struct, frozen=True):
    """The methods by which somebody changes the document, in a backup or a restore, until what comes.

    `over` are the events in whose handlers a writer may not any more, by `over_rule`; `others` is the rule by which
    nobody else may.
    """

    who: Who
    operation: str
    methods: tuple[str, ...]
    until: str
    others: str
    over: tuple[str, ...] = ()
    over_rule: str = ""


_REQUESTERS: Final = "doc-setters-requester"
_WRITERS: Final = "doc-setters-writer"

CHANGES: Final = (
    Change(
        Who.REQUESTER,
        "backup",
        ("SetBackupState", "AddComponent", "SetBackupOptions", "SetPreviousBackupStamp", "SetBackupSucceeded"),
        "BackupComplete, or the release of the object",
        _REQUESTERS,
    ),
    Change(
        Who.WRITER,
        "backup",
        (
            "SetBackupMetadata",
            "SetBackupStamp",
            "AddPartialFile",
            "AddDifferencedFilesByLastModifyTime",
            "SetPrepareForBackupFailureMsg",
            "SetPostSnapshotFailureMsg",
        ),
        "the end of PostSnapshot, at the latest BackupComplete (C20)",
        _WRITERS,
        ("BackupComplete", "BackupShutdown"),
        "doc-bcd-readonly-complete",
    ),
    Change(
        Who.REQUESTER,
        "restore",
        (
            "SetRestoreState",
            "SetSelectedForRestore",
            "SetSelectedForRestoreEx",
            "AddRestoreSubcomponent",
            "SetRestoreOptions",
            "SetAdditionalRestores",
            "AddNewTarget",
            "AddAlternativeLocationMapping",
            "SetRangesFilePath",
            "SetFileRestoreStatus",
        ),
        "PostRestore",
        _REQUESTERS,
    ),
    Change(
        Who.WRITER,
        "restore",
        ("SetRestoreTarget", "AddDirectedTarget", "SetRestoreMetadata", "SetPreRestoreFailureMsg"),
        "PostRestore (C21)",
        _WRITERS,
        ("PostRestore",),
        "doc-bcd-readonly-postrestore",
    ),
    Change(Who.WRITER, "restore", ("SetPostRestoreFailureMsg",), "the end of PostRestore (C21)", _WRITERS),
)

_OF: Final = {method: change for change in CHANGES for method in change.methods}


def rules_broken(method: str, *, by_requester: bool, event: str = "") -> tuple[str, ...]:
    """The rules that a change breaks which is made by a requester, or by a writer that handles `event`."""
    change = _OF.get(method)
    if change is None or change.who is not Who.WRITER:
        return ()
    if by_requester:
        return (change.others,)
    return (change.over_rule,) if event in change.over else ()
