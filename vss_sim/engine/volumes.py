"""Which volume a name means, and which provider makes its shadow copy."""

from collections.abc import Iterable, Iterator
from typing import Final

from vss_sim.engine import bits
from vss_sim.engine.answers import Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.model.computer import SYSTEM_PROVIDER_ID, Provider, Volume
from vss_sim.model.disks import volume_name
from vss_sim.model.metadata import joined
from vss_sim.model.names import is_share, with_host_name
from vss_sim.model.values import GUID_NULL, Guid, guid, numbered_guid
from vss_sim.model.world import Snapshot
from vss_sim.spec.enums import ProviderType, numbers
from vss_sim.spec.file_systems import PERSISTENT_FILE_SYSTEMS, SUPPORTED_FILE_SYSTEMS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.providers import MECHANISMS, PROVIDER_ORDER
from vss_sim.spec.systems import Generation, is_of_server_2003

HARDWARE: Final = ProviderType.HARDWARE
FILESHARE: Final = ProviderType.FILESHARE
SYSTEM: Final = ProviderType.SYSTEM
_MECHANISMS: Final = bits.TRANSPORTABLE | bits.DIFFERENTIAL | bits.PLEX
_NAMED: Final = {name: numbers()[name] for names in MECHANISMS.values() for name in names}
_KNOWN: Final = {kind: joined(names) for kind, names in MECHANISMS.items()}


def volume_guid(desk: Desk, volume: Volume) -> str:
    """The name of a volume with its GUID, which never changes."""
    return volume_name(desk.machine_index, desk.machine.volumes.index(volume) + 1, volume)


def find_volume(desk: Desk, name: str) -> Volume | None:
    """The volume with this mount point or volume name, in any case; a backslash ends both."""
    place = volume_place(desk, name)
    return None if place is None else desk.machine.volumes[place]


def volume_place(desk: Desk, name: str) -> int | None:
    """The place of that volume on its machine; one whose LUN is masked is not there."""
    wanted = name.casefold()
    away = desk.state.disks.away
    for place, volume in enumerate(desk.machine.volumes):
        if away and place in away.values():
            continue
        if wanted == volume.name.casefold() or wanted in map(str.casefold, _roots(desk, place, volume)):
            return place
    return None


def volume_holding(desk: Desk, path: str) -> Volume | None:
    """The volume on which a path lies: the one with the longest mount point that the path begins with."""
    held = volume_and_rest(desk, path)
    return None if held is None else held[0]


def volume_and_rest(desk: Desk, path: str) -> tuple[Volume, str] | None:
    """The volume on which a path lies, and the path from its root."""
    wanted = path.casefold().rstrip("\\") + "\\"
    found = [
        (len(root), -place)
        for place, volume in enumerate(desk.machine.volumes)
        for root in _roots(desk, place, volume)
        if wanted.startswith(root.casefold())
    ]
    if not found:
        return None
    length, place = max(found)
    return desk.machine.volumes[-place], path[length:]


def _roots(desk: Desk, place: int, volume: Volume) -> tuple[str, ...]:
    """The names of a volume that a path on it may begin with, each with its backslash."""
    if is_share(volume.name):
        return volume.name, with_host_name(volume.name)
    return volume.name, *volume.mount_points, volume_name(desk.machine_index, place + 1, volume)


def nested_too_deeply(desk: Desk, volume: Volume, in_set: list[str]) -> bool:
    """Whether a volume lies on a virtual disk inside another, or would be in one set with the volume that holds its.

    Systems before Windows 7 and Server 2008 R2 do not look (rule sn-vol-nested-vhd).
    """
    virtual = [other for other in desk.machine.volumes if other.virtual_disk_on]
    if not virtual or desk.system.generation < Generation.WINDOWS_7:
        return False
    host = find_volume(desk, volume.virtual_disk_on) if volume.virtual_disk_on else None
    if host is not None and (host.virtual_disk_on or host.name in in_set):
        return True
    guests = (find_volume(desk, name) for name in in_set)
    holds = (guest.virtual_disk_on or "" for guest in guests if guest is not None)
    return volume.name.casefold() in (name.casefold() for name in holds)


def provider_id(desk: Desk, provider: Provider) -> Guid:
    """The id of a provider; the system provider has the id that it has everywhere."""
    if provider.provider_id:
        return guid(provider.provider_id)
    if provider.type is SYSTEM:
        return SYSTEM_PROVIDER_ID
    return numbered_guid(0x960, desk.machine.providers.index(provider) + 1)


def providers(desk: Desk) -> list[Provider]:
    """The providers of the machine: those of a kind that its system has."""
    return [provider for provider in desk.machine.providers if _is_there(desk, provider)]


def _is_there(desk: Desk, provider: Provider) -> bool:
    """Whether the system has providers of the kind (rules sn-hw-server-only, add-to-set-remote-share)."""
    if provider.type is FILESHARE:
        return desk.system.generation >= Generation.WINDOWS_8
    return desk.system.server or provider.type is not HARDWARE


def provider_named(desk: Desk, wanted: Guid) -> Provider | None:
    """The provider with this id."""
    for provider in providers(desk):
        if provider_id(desk, provider) == wanted:
            return provider
    return None


def providers_named(desk: Desk, wanted: Iterable[Guid]) -> list[Provider]:
    """The providers with these ids, each once; an id that no provider has is passed over."""
    found = (provider_named(desk, one) for one in dict.fromkeys(wanted))
    return [provider for provider in found if provider is not None]


def supports(provider: Provider, volume: Volume) -> bool:
    """Whether the provider can make shadow copies of the volume at all."""
    if provider.volumes is not None:
        return volume.name.casefold() in (name.casefold() for name in provider.volumes)
    if provider.type is FILESHARE or is_share(volume.name):
        return provider.type is FILESHARE and is_share(volume.name)
    if provider.type is HARDWARE:
        return volume.drive_type == "fixed"
    return volume.drive_type == "fixed" and volume.file_system.upper() in SUPPORTED_FILE_SYSTEMS


def _offered(provider: Provider) -> int:
    """The mechanisms that a provider knows."""
    return _KNOWN[provider.type] if provider.attributes is None else joined(provider.attributes)


def can_honour(desk: Desk, provider: Provider, volume: Volume, context: int) -> bool:
    """Whether the provider can make a shadow copy of the volume in this context, with its attributes."""
    return not _why_not(desk, provider, volume, context)


def _why_not(desk: Desk, provider: Provider, volume: Volume, context: int) -> str:
    """Why the provider cannot make a shadow copy of the volume in this context; empty where it can."""
    return next(_against(desk, provider, volume, context), "")


def _against(desk: Desk, provider: Provider, volume: Volume, context: int) -> Iterator[str]:
    """What speaks against the provider, in words."""
    if not supports(provider, volume):
        yield "it does not support the volume"
    if not _has_storage_area(desk, provider):
        yield "the machine has no NTFS volume for what is overwritten"
    if provider.type is HARDWARE and not context & bits.TRANSPORTABLE:
        yield from _stays_away(desk, volume)
    lacking = context & _MECHANISMS & ~_offered(provider)
    if lacking:
        yield f"it does not make {' or '.join(name for name, bit in _NAMED.items() if bit & lacking)} copies"
    if context & bits.PERSISTENT and volume.file_system.upper() not in PERSISTENT_FILE_SYSTEMS:
        yield f"persistent copies are of {', '.join(PERSISTENT_FILE_SYSTEMS)} volumes, and this is {volume.file_system}"
    if provider.type is not SYSTEM and context & bits.CLIENT_ACCESSIBLE:
        yield "copies for clients are the system provider's"


def _has_storage_area(desk: Desk, provider: Provider) -> bool:
    """The system provider keeps what is overwritten on an NTFS volume; there must be one (rule sn-vol-ntfs-present)."""
    if provider.type is not SYSTEM:
        return True
    return any(volume.file_system.upper() in PERSISTENT_FILE_SYSTEMS for volume in desk.machine.volumes)


def _stays_away(desk: Desk, volume: Volume) -> Iterator[str]:
    """Why a hardware copy of the volume cannot be imported by its creation: it would be a second disk of one name.

    So it is on the node of a cluster (rule im-no-autoimport-in-cluster), and before Windows Server 2008 with dynamic
    disks (rule im-dynamic-other-host); such a copy has to be transported.
    """
    if desk.machine.cluster is not None:
        yield "on a node of a cluster a copy has to be transported"
    if volume.dynamic and is_of_server_2003(desk.system):
        yield "a copy of a dynamic disk has to be transported before Windows Server 2008"


def choose_provider(desk: Desk, volume: Volume, wanted: Guid, context: int) -> Provider | Answer:
    """The provider that makes the shadow copy, or the answer where there is none."""
    if context == bits.CONTEXT_ALL:
        context = bits.CONTEXT_BACKUP
    if wanted == GUID_NULL:
        there = providers(desk)
        for kind in PROVIDER_ORDER:
            for provider in there:
                if provider.type is kind and can_honour(desk, provider, volume, context):
                    return provider
        causes = [f"{one.name}: {_why_not(desk, one, volume, context)}" for one in there]
        told = "; ".join(causes) or "the machine has none"
        words = f"no provider makes a shadow copy of {volume.name} in this context ({told})"
        rule = "sn-attr-unsupported" if context & _MECHANISMS else "sn-vol-unsupported"
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, rule, words)
    named = provider_named(desk, wanted)
    if named is None:
        return no(HResult.VSS_E_PROVIDER_NOT_REGISTERED, "sn-prov-unknown", f"no provider has the id {wanted}")
    if not can_honour(desk, named, volume, context):
        why = _why_not(desk, named, volume, context)
        words = f"{named.name} does not support {volume.name} in this context ({why})"
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, "sn-prov-not-supporting", words)
    return named


def copies_of(desk: Desk, volume: Volume) -> list[Snapshot]:
    """The shadow copies of a volume of this machine that are on it, in the order in which they came."""
    here = desk.machine.name
    return [copy for copy in desk.local_snapshots() if copy.volume == volume.name and copy.originating_machine == here]


def no_such_volume(name: str | None) -> Answer:
    """The answer to a name that means no volume of the machine."""
    return no(HResult.VSS_E_OBJECT_NOT_FOUND, "sn-vol-unknown", f"there is no volume {name!r}")
