"""What a backup type asks of writers and of file sets: the bits of their masks that go with it."""

from typing import Final

from vss_sim.spec.win32 import HIDDEN, REPARSE_POINT, SYSTEM

SCHEMA_OF_TYPE: Final = {
    "VSS_BT_INCREMENTAL": "VSS_BS_INCREMENTAL",
    "VSS_BT_DIFFERENTIAL": "VSS_BS_DIFFERENTIAL",
    "VSS_BT_LOG": "VSS_BS_LOG",
    "VSS_BT_COPY": "VSS_BS_COPY",
}
"""Backup type → what a writer's schema has to support for it; a full backup is open to all."""

SNAPSHOT_OF_TYPE: Final = {
    "VSS_BT_FULL": "VSS_FSBT_FULL_SNAPSHOT_REQUIRED",
    "VSS_BT_COPY": "VSS_FSBT_FULL_SNAPSHOT_REQUIRED",
    "VSS_BT_INCREMENTAL": "VSS_FSBT_INCREMENTAL_SNAPSHOT_REQUIRED",
    "VSS_BT_DIFFERENTIAL": "VSS_FSBT_DIFFERENTIAL_SNAPSHOT_REQUIRED",
    "VSS_BT_LOG": "VSS_FSBT_LOG_SNAPSHOT_REQUIRED",
}
"""Backup type → the bit of a file set's mask that asks for a shadow copy of its files; a copy is of a full backup's
files."""

BACKUP_OF_TYPE: Final = {name: bit.replace("SNAPSHOT", "BACKUP") for name, bit in SNAPSHOT_OF_TYPE.items()}
"""Backup type → the bit of a file set's mask that asks for a copy of its files at all."""

JUNCTION_ATTRIBUTES: Final = HIDDEN | SYSTEM | REPARSE_POINT
"""What marks a compatibility junction. Page: https://learn.microsoft.com/windows/win32/vss/junction-points"""

TYPE_LACKING: Final = "backup-type-falls-back-to-full"
TYPE_LACKING_TOO: Final = ("inc-unsupported-full",)
"""A type that a writer's schema lacks counts as a full backup, or the writer is left out."""

MOUNTS_FOLLOWED: Final = "path-mounted-follow"
"""Recursive sets go on into mounted volumes, which are in the set, too (dispute C57)."""

VOLUMES_COVER: Final = "seq-volumes-cover-components"
"""The volumes of the components are in the set."""

COPY_LATE: Final = "seq-copy-after-do"
"""What needs a shadow copy is copied after its creation."""


Triple = tuple[str, str, bool]
"""What tells a file set: its path, file specification and recursion, in the form in which they are compared."""


def lies_inside(file_set: Triple, mapping: Triple) -> bool:
    """Whether all files of a file set are among those of a mapping, which is its mapping therefore (C65)."""
    path, filespec, recursive = file_set
    top, covers, deep = mapping
    if covers not in ("*", "*.*", filespec) or (recursive and not deep):
        return False
    return path == top or (deep and path.startswith(top + "\\"))
