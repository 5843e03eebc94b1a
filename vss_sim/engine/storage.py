"""Whether a volume has room for what a provider needs beside it (rule sn-storage)."""

from vss_sim.engine.desk import Desk
from vss_sim.engine.volumes import provider_named, volume_place
from vss_sim.model.objects import VolumeInSet


def lacks_storage(desk: Desk, member: VolumeInSet) -> bool:
    """Whether the provider of a volume in a set needs more free space than there is."""
    provider, place = provider_named(desk, member.provider_id), volume_place(desk, member.volume)
    if provider is None or place is None or not provider.storage_needed:
        return False
    return desk.state.disks.volumes[place].free < provider.storage_needed
