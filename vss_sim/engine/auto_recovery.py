"""Auto-recovery: which shadow copies writers may change between the commit and PostFinalCommitSnapshots.

While PostSnapshot is handled a copy is writable, unless its context has VSS_VOLSNAP_ATTR_NO_AUTORECOVERY; then, and for
ever after PostSnapshot, it is read-only (rules sn-attr-no-autorecovery, sn-read-only). A copy with files of a component
that asks for write access has VSS_VOLSNAP_ATTR_AUTORECOVER. A transportable copy is surfaced for nothing but that, and
not at all where system or provider cannot mask its LUN again (rule im-autorecover-compat; no page says what fails).
Page: https://learn.microsoft.com/windows/win32/api/vss/ne-vss-vss_volume_snapshot_attributes
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.selection.components import Declared, backup_stand, key_of
from vss_sim.engine.selection.file_sets import folder_of
from vss_sim.engine.taking_part import takes_part
from vss_sim.engine.volumes import provider_named, volume_holding
from vss_sim.model.environment import variables
from vss_sim.model.metadata import WriterComponent
from vss_sim.model.objects import BackupObject, VolumeInSet, WriterSession
from vss_sim.model.world import Snapshot
from vss_sim.spec.enums import ComponentFlags
from vss_sim.spec.selection import Backup
from vss_sim.spec.systems import has_auto_recovery, recovers_transportable

_INCLUDED: Final = (Backup.ADDED, Backup.IMPLIED)
_BARRED: Final = bits.NO_AUTORECOVERY | bits.NO_WRITERS


def is_writable(desk: Desk, copy: Snapshot) -> bool:
    """Whether a writer can write to a copy of the set in whose PostSnapshot it is."""
    recovers = has_auto_recovery(desk.system) and not copy.attributes & bits.NO_AUTORECOVERY
    surfaced = not copy.attributes & bits.NOT_SURFACED or copy.attributes & bits.AUTORECOVER
    return recovers and bool(surfaced)


def is_recovered(desk: Desk, obj: BackupObject, member: VolumeInSet, asked: frozenset[str]) -> bool:
    """Whether writers get write access to the copy of a member of the set; `asked` is of `volumes_to_recover`."""
    if member.volume not in asked:
        return False
    provider = provider_named(desk, member.provider_id)
    masks = recovers_transportable(desk.system) and (provider is None or provider.lun_masking)
    return masks or not obj.context & bits.TRANSPORTABLE


def volumes_to_recover(desk: Desk, obj: BackupObject) -> frozenset[str]:
    """The volumes to whose copies writers ask for write access, by components that are in the backup."""
    if obj.context == bits.CONTEXT_ALL or obj.context & _BARRED or not has_auto_recovery(desk.system):
        return frozenset()
    known = variables(desk.machine.environment)
    folders = (
        folder_of(files, known)
        for session in obj.sessions
        for component in _asking(obj, session)
        for files in (*component.files, *component.database_files, *component.database_log_files)
    )
    volumes = (volume_holding(desk, folder) for folder in folders)
    return frozenset(volume.name for volume in volumes if volume is not None)


def _asking(obj: BackupObject, session: WriterSession) -> Iterator[WriterComponent]:
    """The components of a writer that are in the backup and that it recovers in shadow copies (VSS_COMPONENT_FLAGS)."""
    asks = ComponentFlags.BACKUP_RECOVERY
    if obj.context & bits.ROLLBACK_RECOVERY:
        asks |= ComponentFlags.APP_ROLLBACK_RECOVERY
    wanting = [one for one in session.metadata.components if one.flags & asks]
    if not wanting or not takes_part(obj, session):
        return
    added = {
        key_of(component.logical_path, component.name)
        for writer in obj.document.writers
        if writer.writer_id == session.metadata.writer_id
        for component in writer.components
    }
    offered = [Declared(one.logical_path, one.name, one.selectable) for one in session.metadata.components]
    declared = {one.key: one for one in offered}
    for component in wanting:
        key = key_of(component.logical_path, component.name)
        if not obj.document.select_components or backup_stand(key, declared, added).why in _INCLUDED:
            yield component
