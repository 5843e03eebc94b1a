"""The attributes of shadow copies as plain integers, since an operation on flags costs many of integers."""

from typing import Final

from vss_sim.spec.enums import SnapshotContext, VolumeSnapshotAttributes

PERSISTENT: Final = int(VolumeSnapshotAttributes.PERSISTENT)
CLIENT_ACCESSIBLE: Final = int(VolumeSnapshotAttributes.CLIENT_ACCESSIBLE)
NO_AUTO_RELEASE: Final = int(VolumeSnapshotAttributes.NO_AUTO_RELEASE)
NO_WRITERS: Final = int(VolumeSnapshotAttributes.NO_WRITERS)
TRANSPORTABLE: Final = int(VolumeSnapshotAttributes.TRANSPORTABLE)
NOT_SURFACED: Final = int(VolumeSnapshotAttributes.NOT_SURFACED)
NOT_TRANSACTED: Final = int(VolumeSnapshotAttributes.NOT_TRANSACTED)
HARDWARE_ASSISTED: Final = int(VolumeSnapshotAttributes.HARDWARE_ASSISTED)
DIFFERENTIAL: Final = int(VolumeSnapshotAttributes.DIFFERENTIAL)
PLEX: Final = int(VolumeSnapshotAttributes.PLEX)
NO_AUTORECOVERY: Final = int(VolumeSnapshotAttributes.NO_AUTORECOVERY)
AUTORECOVER: Final = int(VolumeSnapshotAttributes.AUTORECOVER)
ROLLBACK_RECOVERY: Final = int(VolumeSnapshotAttributes.ROLLBACK_RECOVERY)
TXF_RECOVERY: Final = int(VolumeSnapshotAttributes.TXF_RECOVERY)
IMPORTED: Final = int(VolumeSnapshotAttributes.IMPORTED)
FILE_SHARE: Final = int(VolumeSnapshotAttributes.FILE_SHARE)
EXPOSED_LOCALLY: Final = int(VolumeSnapshotAttributes.EXPOSED_LOCALLY)
EXPOSED_REMOTELY: Final = int(VolumeSnapshotAttributes.EXPOSED_REMOTELY)
EXPOSED: Final = EXPOSED_LOCALLY | EXPOSED_REMOTELY

CONTEXT_ALL: Final = int(SnapshotContext.ALL)
CONTEXT_BACKUP: Final = int(SnapshotContext.BACKUP)
