"""Whether a volume has room for what a provider needs beside it (rule sn-storage)."""

from vss_sim.engine.desk import Desk
from vss_sim.engine.volumes import find_volume, provider_named
from vss_sim.model.computer import File, Volume
from vss_sim.model.objects import VolumeInSet


def lacks_storage(desk: Desk, member: VolumeInSet) -> bool:
    """Whether the provider of a volume in a set needs more free space than there is."""
    provider, volume = provider_named(desk, member.provider_id), find_volume(desk, member.volume)
    if provider is None or volume is None or not provider.storage_needed:
        return False
    return free_space(volume) < provider.storage_needed


def free_space(volume: Volume) -> int:
    """The bytes of a volume that its files, as described, leave."""
    return volume.capacity - sum(map(_size, volume.files.values()))


def _size(file: File) -> int:
    if file.size is not None:
        return file.size
    return len((file.content or "").encode())
