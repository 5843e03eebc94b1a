"""Which Windows takes which context and attribute, from which provider and on which volume.

Page: https://learn.microsoft.com/windows/win32/api/vss/ne-vss-vss_snapshot_context
"""

import json
from itertools import chain, combinations
from typing import Final

import pytest

from tests.requester_support import initialised
from tests.two_machines import (
    PERSISTENT,
    exported,
    hardware,
    two_machines,
)
from vss_sim import (
    HResult,
    Simulation,
    SnapshotContext,
    VolumeSnapshotAttributes,
    VssError,
    read_world,
)

_SYSTEMS: Final = ("Windows XP", "Windows Server 2003 Standard", "Windows Server 2003 SP1 Standard", "Windows 10")


_TRANSPORTABLE: Final = VolumeSnapshotAttributes.TRANSPORTABLE


@pytest.mark.parametrize("attribute", [0, _TRANSPORTABLE, VolumeSnapshotAttributes.DIFFERENTIAL])
@pytest.mark.parametrize("system", _SYSTEMS)
def test_which_windows_takes_which_attribute(system: str, attribute: int) -> None:
    """Transportable sets are for servers, not for every edition of the first (dispute C69); XP has no context."""
    simulation = Simulation(read_world(json.dumps({"machines": [{"os": system}]})))
    requester = initialised(simulation)
    lacks = attribute == VolumeSnapshotAttributes.TRANSPORTABLE and system in (
        "Windows Server 2003 Standard",
        "Windows 10",
    )
    expected = HResult.E_NOTIMPL if system == "Windows XP" else HResult.VSS_E_UNSUPPORTED_CONTEXT if lacks else None
    if expected is None:
        requester.set_context(SnapshotContext.NAS_ROLLBACK | attribute)
        return
    with pytest.raises(VssError) as refused:
        requester.set_context(SnapshotContext.NAS_ROLLBACK | attribute)
    assert refused.value.hresult is expected


def test_a_node_of_a_cluster_makes_no_hardware_copy_to_stay() -> None:
    """Rule im-no-autoimport-in-cluster: the next provider makes it, or none; a transportable one is made."""
    simulation = two_machines({"cluster": "K", "providers": [hardware()]})
    with pytest.raises(VssError) as refused:
        exported(simulation, SnapshotContext.NAS_ROLLBACK)
    assert refused.value.hresult is HResult.VSS_E_VOLUME_NOT_SUPPORTED
    assert exported(two_machines({"cluster": "K", "providers": [hardware()]}), PERSISTENT)


def test_the_system_provider_needs_an_ntfs_volume() -> None:
    """Rule sn-vol-ntfs-present: for what it keeps."""
    for systems, supported in ((["FAT32"], False), (["FAT32", "NTFS"], True)):
        volumes = [{"name": f"{letter}:\\", "fileSystem": kind} for letter, kind in zip("CD", systems, strict=False)]
        simulation = Simulation(read_world(json.dumps({"machines": [{"volumes": volumes}]})))
        requester = initialised(simulation)
        assert requester.is_volume_supported(None, "C:\\") is supported


_CONTEXTS: Final = tuple(one for name, one in SnapshotContext.__members__.items() if name != "ALL")


_ADDED: Final = (
    VolumeSnapshotAttributes.TRANSPORTABLE,
    VolumeSnapshotAttributes.DIFFERENTIAL,
    VolumeSnapshotAttributes.PLEX,
    VolumeSnapshotAttributes.NOT_TRANSACTED,
    VolumeSnapshotAttributes.NO_AUTORECOVERY,
    VolumeSnapshotAttributes.ROLLBACK_RECOVERY,
)


_MECHANISMS: Final = frozenset(_ADDED[:3])


@pytest.mark.parametrize("context", _CONTEXTS)
def test_every_context_with_every_attribute_that_may_be_added(context: SnapshotContext) -> None:
    """Differential and plex exclude each other; VSS_CTX_CLIENT_ACCESSIBLE takes neither, nor transportable."""
    for_clients = context in (SnapshotContext.CLIENT_ACCESSIBLE, SnapshotContext.CLIENT_ACCESSIBLE_WRITERS)
    simulation = two_machines({"providers": [hardware()]})
    for chosen in chain.from_iterable(combinations(_ADDED, count) for count in range(len(_ADDED) + 1)):
        both = {VolumeSnapshotAttributes.DIFFERENTIAL, VolumeSnapshotAttributes.PLEX} <= set(chosen)
        requester = initialised(simulation, machine="one")
        if both or (context is SnapshotContext.CLIENT_ACCESSIBLE and not _MECHANISMS.isdisjoint(chosen)):
            with pytest.raises(VssError) as refused:
                requester.set_context(context | sum(chosen))
            assert refused.value.hresult is HResult.E_INVALIDARG
            continue
        requester.set_context(context | sum(chosen))
        requester.start_snapshot_set()
        if for_clients:  # which only the system provider makes
            with pytest.raises(VssError) as refused:
                requester.add_to_snapshot_set("F:\\")
            assert refused.value.hresult is HResult.VSS_E_VOLUME_NOT_SUPPORTED
        else:
            assert requester.add_to_snapshot_set("F:\\")
        requester.release()


@pytest.mark.parametrize("by", ["returns", "result"])
def test_no_transaction_is_late_where_transactions_are_left_alone(by: str) -> None:
    """Rule do-set-not-transacted: what keeps VSS from freezing them is met by other contexts only."""
    script = {"to": "DoSnapshotSet", by: "VSS_E_TRANSACTION_FREEZE_TIMEOUT"}
    simulation = Simulation(read_world(json.dumps({"machines": [{"answers": [script]}]})))
    for attributes, late in ((0, True), (VolumeSnapshotAttributes.NOT_TRANSACTED, False)):
        requester = initialised(simulation)
        requester.set_context(SnapshotContext.FILE_SHARE_BACKUP | attributes)
        requester.start_snapshot_set()
        requester.add_to_snapshot_set("C:\\")
        if late:
            with pytest.raises(VssError, match="VSS_E_TRANSACTION_FREEZE_TIMEOUT"):
                requester.do_snapshot_set().finish()
            requester.abort_backup()
        else:
            assert requester.do_snapshot_set().finish() is HResult.VSS_S_ASYNC_FINISHED


@pytest.mark.parametrize(
    ("attribute", "made"),
    [("DIFFERENTIAL", True), ("NO_AUTORECOVERY", True), ("PLEX", False), ("TRANSPORTABLE", False)],
)
def test_what_the_context_for_clients_with_writers_takes_is_up_to_its_provider(attribute: str, made: bool) -> None:
    """Its page bars nothing; the system provider, which alone makes such copies, copies on write."""
    requester = initialised(Simulation())
    requester.set_context(SnapshotContext.CLIENT_ACCESSIBLE_WRITERS | VolumeSnapshotAttributes[attribute])
    requester.start_snapshot_set()
    if made:
        assert requester.add_to_snapshot_set("C:\\")
    else:
        with pytest.raises(VssError, match="VSS_E_VOLUME_NOT_SUPPORTED"):
            requester.add_to_snapshot_set("C:\\")
