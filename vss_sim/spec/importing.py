"""How a transportable shadow copy set comes to a machine inside ImportSnapshots: what the provider is asked, in order.

Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

from enum import Enum
from typing import Final

from msgspec import Struct

from vss_sim.spec.creation import FILL_IN_LUN_INFO, LOCATE_LUNS

RESULT_IGNORED: Final = "im-fill-in-result-ignored"
"""What FillInLunInfo returns counts on Windows Server 2003 alone."""

IMPORT_EVENTS: Final = (LOCATE_LUNS, FILL_IN_LUN_INFO)
"""What a hardware provider is asked in an import, in this order."""

LISTEN: Final = "listening for LUNs"
"""Between them VSS waits until all LUNs of the set have appeared, or a time-out, of which no page tells the length."""


class Obstacle(Struct, frozen=True):
    """Why shadow copies of a document do not come to a machine: the rule, in words, and the calls of the way on."""

    rule: str
    says: str
    instead: tuple[str, ...] = ()


SET_DOCUMENT: Final = "the document that was saved after DoSnapshotSet"
"""What an object has to begin with that imports, in words."""

_I: Final = "IVssBackupComponents::"
AGAIN: Final[tuple[str, ...]] = (f"{_I}ImportSnapshots",)
"""The import is tried again, on the same object or on another machine."""
ANEW: Final = (
    f"{_I}DoSnapshotSet",
    f"{_I}SaveAsXML",
    f"{_I}InitializeForBackup(bstrXML: {SET_DOCUMENT})",
    f"{_I}ImportSnapshots",
)
"""Another set is made on machine one, and its document carried to machine two."""

MASK_OR_DELETE: Final = (
    "LUNs that it made visible stay so; have them masked with the array's tools and import again,"
    " or delete the copies with DeleteSnapshots of this object"
)
"""What is left to the requester (rule im-failure-requester-cleanup, dispute C39)."""

NOTHING_IN_DOCUMENT: Final = Obstacle(
    "im-save-after-do",
    "the document tells of no shadow copy; it was saved before DoSnapshotSet made one, or after it failed",
    ANEW,
)
NOT_MADE_TO_TRAVEL: Final = Obstacle(
    "im-context-transportable",
    "the set was made without VSS_VOLSNAP_ATTR_TRANSPORTABLE in its context",
    (f"{_I}SetContext(lContext: with VSS_VOLSNAP_ATTR_TRANSPORTABLE)", *ANEW),
)
IN_ITS_CLUSTER: Final = Obstacle(
    "im-cluster-outside",
    "the original volume is mounted in the cluster of which this machine is a node; import on a machine outside of it,"
    " or after the original LUNs are masked from all of its nodes",
    AGAIN,
)
DYNAMIC_DISK: Final = Obstacle(
    "im-dynamic-other-host", "the volume is on a dynamic disk of this very machine; import on another machine", AGAIN
)
NEVER_MADE: Final = Obstacle(
    "im-doc-unmodified",
    "on a LUN, no shadow copy of this id was ever made; the document is not as VSS saved it",
    ANEW,
)


class Fate(Enum):
    """How a shadow copy that was on a LUN went, in words."""

    DELETED = "is there no more: it was deleted"
    BROKEN = "is there no more: its set was broken"
    LET_GO = "is there no more: it was not persistent, and went with the object that held it"
    BOOTED = "is there no more: it was not persistent, and its machine was restarted"
    IMPORTED = "is there no more: it was imported before, and went with an object that held it"


GONE: Final = {
    Fate.DELETED: Obstacle("sn-deleted-gone", f"the copy {Fate.DELETED.value}", ANEW),
    Fate.BROKEN: Obstacle("sn-break-forgets", f"the copy {Fate.BROKEN.value}", ANEW),
    Fate.LET_GO: Obstacle(
        "im-nonpersistent-import-window",
        f"the copy {Fate.LET_GO.value}; import while the object that made it lives",
        ANEW,
    ),
    Fate.BOOTED: Obstacle("im-nonpersistent-import-window", f"the copy {Fate.BOOTED.value}; import before", ANEW),
    Fate.IMPORTED: Obstacle("im-once-only", f"the copy {Fate.IMPORTED.value}", ANEW),
}
"""Why a shadow copy that was there once does not come."""
IMPORTED_BEFORE: Final = Obstacle("im-once-only", "the copy was imported before, and is used where that was", ANEW)
OTHER_GENERATION: Final = Obstacle(
    "im-version-mix",
    "one of the two machines is of Windows Server 2003, and the other is not; import on one of its generation",
    AGAIN,
)
NO_PROVIDER: Final = Obstacle(
    "im-hardware-only",
    "no hardware provider of this machine has the id of the one that made the copy; import where it is registered",
    AGAIN,
)
OUT_OF_REACH: Final = Obstacle(
    "im-provider-locate", "this machine is not connected to the array of the LUN; import on one that is", AGAIN
)
OTHER_SET: Final = Obstacle(
    "im-doc-unmodified", "the copy is not of the set whose id the document has; it is not as VSS saved it", AGAIN
)
OTHER_LUN: Final = Obstacle(
    "im-doc-unmodified",
    "the LUNs of which the document tells are not that of the copy; it is not as VSS saved it",
    AGAIN,
)
NOT_ARRIVED: Final = Obstacle(
    "im-lun-not-arrived",
    "the LUN did not appear on this machine: its provider did not make it visible in LocateLuns, or it was masked while"
    " the import ran; have it unmasked",
    AGAIN,
)
NOT_RECOGNISED: Final = Obstacle(
    "im-lun-not-arrived",
    "what its provider told of the LUN in FillInLunInfo is not what it told in GetTargetLuns; the LUN stays visible,"
    " have it masked",
    AGAIN,
)

IN_THE_CLUSTER: Final = "VSS_E_CLUSTER_ERROR"
"""The original volume is mounted in the cluster whose node imports; no page names the code."""

NOT_TRANSPORTABLE: Final = "VSS_E_NONTRANSPORTABLE_BCD"
"""The set of the document was made without the transportable attribute (dispute C73)."""

DYNAMIC_HERE: Final = "VSS_E_DYNAMIC_DISK_ERROR"
"""A copy of a dynamic disk on the machine that made it, before Windows Server 2008 (dispute C37)."""

LOOK_AT: Final = {
    "VSS_E_NO_SNAPSHOTS_IMPORTED": "whether a hardware provider here has the id of the set's and reaches its array,"
    " whether the LUNs became visible, and whether the copies are still there, not imported before, and of no other"
    " generation of Windows",
    IN_THE_CLUSTER: "whether the original volume is mounted in the cluster of which this machine is a node",
    NOT_TRANSPORTABLE: "whether the context of the set had the transportable attribute",
    DYNAMIC_HERE: "whether this is the machine that made the set, on a dynamic disk",
}
"""What a requester looks at when an import has failed, by the code that it came to."""

ONE_CAUSE: Final = {
    IN_THE_CLUSTER: IN_ITS_CLUSTER,
    NOT_TRANSPORTABLE: NOT_MADE_TO_TRAVEL,
    DYNAMIC_HERE: DYNAMIC_DISK,
    "VSS_E_PROVIDER_NOT_REGISTERED": NO_PROVIDER,
}
"""Results of an import that have one cause alone."""

_OF_A_COPY: Final = (
    *GONE.values(),
    IMPORTED_BEFORE,
    NO_PROVIDER,
    OUT_OF_REACH,
    NOT_ARRIVED,
    NOT_RECOGNISED,
    OTHER_GENERATION,
    NOT_MADE_TO_TRAVEL,
    OTHER_SET,
    OTHER_LUN,
    NEVER_MADE,
)
COMES_OF: Final[dict[str, tuple[Obstacle, ...]]] = {
    "VSS_E_NO_SNAPSHOTS_IMPORTED": (NOTHING_IN_DOCUMENT, *_OF_A_COPY),
    "VSS_E_SOME_SNAPSHOTS_NOT_IMPORTED": _OF_A_COPY,
    "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED": _OF_A_COPY,
    **{code: (cause,) for code, cause in ONE_CAUSE.items()},
}
"""What an import may come to, and for what; where some copies came, it is what kept the others away."""

OF_THE_PROVIDER: Final = frozenset({"VSS_E_PROVIDER_VETO", "VSS_E_UNEXPECTED_PROVIDER_ERROR", "VSS_E_LEGACY_PROVIDER"})
"""Results by which a provider speaks: whatever else is wrong with the import, it was asked, and failed."""

FAILS_FOR_ANOTHER_REASON: Final = frozenset({"im-signal-back"})
"""Rules for whose breach no import fails."""

TOUCHES_NO_LUN: Final = frozenset({NOT_TRANSPORTABLE, "VSS_E_PROVIDER_NOT_REGISTERED", IN_THE_CLUSTER, DYNAMIC_HERE})
"""Results that come before a provider is asked to make a LUN visible; of the last two that is inferred."""
