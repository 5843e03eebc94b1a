"""What each backup type builds on, and what a restore of it takes.

Page: https://learn.microsoft.com/windows/win32/vss/vss-backup-state
"""

from collections.abc import Mapping, Sequence
from typing import Final

from vss_sim.spec.enums import BackupType

SIMULATED: Final = (
    BackupType.FULL,
    BackupType.COPY,
    BackupType.INCREMENTAL,
    BackupType.DIFFERENTIAL,
    BackupType.LOG,
)
"""The types whose meaning the pages tell; of `VSS_BT_OTHER` they say that it is up to requester and writer."""

INCREMENTS: Final = (BackupType.INCREMENTAL, BackupType.DIFFERENTIAL)
"""Backups that hold what changed since another; writers with stamps are told which."""

BASES: Final[Mapping[BackupType, tuple[BackupType, ...]]] = {
    BackupType.INCREMENTAL: (BackupType.FULL, BackupType.INCREMENTAL),
    BackupType.DIFFERENTIAL: (BackupType.FULL,),
    BackupType.LOG: (BackupType.FULL, BackupType.INCREMENTAL, BackupType.LOG),
}
"""Backup type → those of which the latest is its base; the others have none.

A copy is never one (rule inc-copy-not-base). Of a log backup no page says it: its files go on where those of the last
backup ended after which a writer may truncate its log, and that is neither a differential backup nor a copy.
"""

CHAIN_RULES: Final[Mapping[BackupType, str]] = {
    BackupType.INCREMENTAL: "inc-r-chain-incremental",
    BackupType.DIFFERENTIAL: "inc-r-chain-differential",
    BackupType.LOG: "inc-r-chain-incremental",
}
"""Backup type → the rule by which its base is restored before it."""


def base_of(kinds: Sequence[BackupType], place: int) -> int | None:
    """The place of the backup that the one at `place` builds on, among backups in the order in which they were made."""
    wanted = BASES.get(kinds[place], ())
    return next((one for one in range(place - 1, -1, -1) if kinds[one] in wanted), None)


def chain_of(kinds: Sequence[BackupType], place: int) -> tuple[int, ...]:
    """The places of the backups that are restored, in their order, so that the one at `place` is."""
    base = base_of(kinds, place)
    return (*(() if base is None else chain_of(kinds, base)), place)
