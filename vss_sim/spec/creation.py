"""How a shadow copy set comes to be inside DoSnapshotSet: the steps in order, who takes them, and the time limits.

Page: https://learn.microsoft.com/windows/win32/vss/shadow-copy-creation-for-providers
"""

from enum import Enum
from typing import Final

from msgspec import Struct

TICKS: Final = 10_000_000
"""Ticks of a second: 100 ns, the grain of a FILETIME. Times are seconds, and are compared in ticks."""

FREEZE_WINDOW: Final = 60.0
"""Seconds from Freeze to Thaw that a writer allows which sets no limit of its own (rules wr-freeze-window, C30)."""

HOLD_WINDOW: Final = 10.0
"""Seconds for which writes are flushed and held around the commit; nobody can change it (rule sn-prov-commit-10s)."""

FREEZE_OVERRUN: Final = ("VSS_E_WRITERERROR_TIMEOUT", "wr-freeze-window")
"""What stands in the status of a writer that was not thawed in time, and the rule."""


FIRST_MOMENT: Final = 134_116_992_000_000_000
"""The time at which a world begins, in 100 ns since 1601: the first of January 2026."""


def filetime(clock: float) -> int:
    """The time of a world whose clock stands at so many seconds, in 100 ns since 1601."""
    return FIRST_MOMENT + ticks(clock)


def ticks(seconds: float) -> int:
    """A time as a whole number of ticks, so that one tick more or less is a difference, and rounding is none."""
    return round(seconds * TICKS)


class Taker(Enum):
    """Who takes a step of the creation."""

    WRITERS = "the writers, as an event"
    PROVIDERS = "the providers of the volumes in the set"
    HARDWARE = "the hardware providers of the volumes in the set"
    VOLUMES = "VSS and the volumes in the set"


class CreationStep(Struct, frozen=True):
    """One step of the creation; a context without writers leaves out those that writers take.

    `change` is the flag of OnLunStateChange.
    """

    name: str
    taker: Taker
    change: str = ""


END_PREPARE: Final = "EndPrepareSnapshots"
FLUSH_AND_HOLD: Final = "FlushAndHoldWrites"
COMMIT: Final = "CommitSnapshots"
GET_TARGET_LUNS: Final = "GetTargetLuns"
"""The provider tells what VSS knows the LUNs of the copies by, which are inaccessible to the machine at this time."""
LOCATE_LUNS: Final = "LocateLuns"
"""The provider makes the LUNs of the set visible to the machine; a rescan of the bus by VSS follows."""
FILL_IN_LUN_INFO: Final = "FillInLunInfo"
"""The provider tells of the LUNs that the rescan found; VSS tells the shadow copies by that and by their extents."""
ON_LUN_STATE_CHANGE: Final = "OnLunStateChange"
"""The provider hears what becomes of LUNs, or is to mask them, from Windows Server 2008 on."""

_CHANGE: Final = "VSS_ONLUNSTATECHANGE_"
PRE_RECOVERY: Final = f"{_CHANGE}NOTIFY_LUN_PRE_RECOVERY"
POST_RECOVERY: Final = f"{_CHANGE}NOTIFY_LUN_POST_RECOVERY"
TO_READ_WRITE: Final = f"{_CHANGE}NOTIFY_READ_WRITE"
TO_MASK: Final = f"{_CHANGE}DO_MASK_LUNS"
LUN_STATE_CHANGES: Final = (PRE_RECOVERY, POST_RECOVERY, TO_READ_WRITE, TO_MASK)
"""What a hardware provider is told in OnLunStateChange."""

CREATION: Final = (
    CreationStep(END_PREPARE, Taker.PROVIDERS),
    CreationStep("PrepareForSnapshot", Taker.WRITERS),
    CreationStep("Freeze", Taker.WRITERS),
    CreationStep("PreCommitSnapshots", Taker.PROVIDERS),
    CreationStep(FLUSH_AND_HOLD, Taker.VOLUMES),
    CreationStep(COMMIT, Taker.PROVIDERS),
    CreationStep("PostCommitSnapshots", Taker.PROVIDERS),
    CreationStep("Thaw", Taker.WRITERS),
    CreationStep(GET_TARGET_LUNS, Taker.HARDWARE),
    CreationStep(LOCATE_LUNS, Taker.HARDWARE),
    CreationStep(FILL_IN_LUN_INFO, Taker.HARDWARE),
    CreationStep(ON_LUN_STATE_CHANGE, Taker.HARDWARE, PRE_RECOVERY),
    CreationStep("PreFinalCommitSnapshots", Taker.PROVIDERS),
    CreationStep("PostSnapshot", Taker.WRITERS),
    CreationStep(ON_LUN_STATE_CHANGE, Taker.HARDWARE, POST_RECOVERY),
    CreationStep("PostFinalCommitSnapshots", Taker.PROVIDERS),
    CreationStep(ON_LUN_STATE_CHANGE, Taker.HARDWARE, TO_MASK),
)
"""The steps of DoSnapshotSet in the order of the figure [fig:vssimpl] (dispute C29).

Where OnLunStateChange stands among them is inferred from what its flags tell (rule sn-prov-lun-state-change).
"""

HELD_DURING: Final = {FLUSH_AND_HOLD: "VSS_E_FLUSH_WRITES_TIMEOUT", COMMIT: "VSS_E_HOLD_WRITES_TIMEOUT"}
"""The steps inside the hold window → what the creation fails with when the window closes during one of them."""

PROVIDER_EVENTS: Final = ("BeginPrepareSnapshot", *(step.name for step in CREATION if step.taker is Taker.PROVIDERS))
"""What every provider is asked in the creation of a set: the first with AddToSnapshotSet, for each volume."""

HARDWARE_EVENTS: Final = (GET_TARGET_LUNS, LOCATE_LUNS, FILL_IN_LUN_INFO, ON_LUN_STATE_CHANGE)
"""What a hardware provider is asked beside that: in a creation, an import, or when a set is broken."""
