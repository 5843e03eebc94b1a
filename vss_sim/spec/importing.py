"""How a transportable shadow copy set comes to a machine inside ImportSnapshots: what the provider is asked, in order.

Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

from typing import Final

LOCATE_LUNS: Final = "LocateLuns"
"""The provider makes the LUNs of the set visible to the machine; a rescan of the bus by VSS follows."""

FILL_IN_LUN_INFO: Final = "FillInLunInfo"
"""The provider tells of the LUNs that the rescan found; VSS tells the shadow copies by that and by their extents."""

IMPORT_EVENTS: Final = (LOCATE_LUNS, FILL_IN_LUN_INFO)
"""What a hardware provider is asked in an import, in this order."""

IN_THE_CLUSTER: Final = "VSS_E_CLUSTER_ERROR"
"""The original volume is mounted in the cluster whose node imports; no page names the code."""

NOT_TRANSPORTABLE: Final = "VSS_E_NONTRANSPORTABLE_BCD"
"""The set of the document was made without the transportable attribute (dispute C73)."""

DYNAMIC_HERE: Final = "VSS_E_DYNAMIC_DISK_ERROR"
"""A copy of a dynamic disk on the machine that made it, before Windows Server 2008 (dispute C37)."""

LOOK_AT: Final = {
    "VSS_E_NO_SNAPSHOTS_IMPORTED": "whether a hardware provider here has the id of the set's and reaches its array, and"
    " whether the copies are still there, not imported before, and of no other generation of Windows",
    IN_THE_CLUSTER: "whether the original volume is mounted in the cluster of which this machine is a node",
    NOT_TRANSPORTABLE: "whether the context of the set had the transportable attribute",
    DYNAMIC_HERE: "whether this is the machine that made the set, on a dynamic disk",
}
"""What a requester looks at when an import has failed, by the code that it came to."""
