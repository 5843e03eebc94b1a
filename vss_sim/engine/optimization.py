"""The shadow copy optimization writer: it deletes the files of the FilesNotToSnapshot key from new shadow copies.

It is a writer of the machine as others are, and does so in its PostSnapshot. Where a copy takes no change, or is for
clients, nothing is deleted (rule path-files-not-to-snapshot); a folder stays where its last file goes.
Page: https://learn.microsoft.com/windows/win32/vss/excluding-files-from-shadow-copies
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.auto_recovery import is_writable
from vss_sim.engine.desk import Desk
from vss_sim.engine.volumes import volume_holding
from vss_sim.model.computer import Reply
from vss_sim.model.metadata import FileSet
from vss_sim.model.names import fold
from vss_sim.model.objects import BackupObject, WriterSession
from vss_sim.spec.events import OPTIMIZATION_WRITER, POST_SNAPSHOT
from vss_sim.spec.systems import Generation

_RECURSIVE: Final = " /s"
_VOLUMES: Final = "$AllVolumes$"
_PROFILES: Final = "$UserProfile$"


def with_deletions(
    desk: Desk, obj: BackupObject, session: WriterSession, event: str, reply: Reply | None
) -> Reply | None:
    """The reply of a writer to an event, with what it deletes by the registry."""
    if event != POST_SNAPSHOT or session.metadata.writer_id != OPTIMIZATION_WRITER:
        return reply
    if desk.system.generation < Generation.VISTA or obj.context & bits.CLIENT_ACCESSIBLE:
        return reply
    volumes = _volumes(desk, obj)
    files = tuple(one for one in _file_sets(desk, volumes) if _is_in_set(desk, one, volumes))
    if not files:
        return reply
    reply = reply or Reply(on=event)
    return replace(reply, delete_in_copy=(*reply.delete_in_copy, *files))


def _volumes(desk: Desk, obj: BackupObject) -> tuple[str, ...]:
    """The volumes of the set whose copies can be changed."""
    copies = ((member.volume, desk.snapshots.get(member.snapshot_id)) for member in obj.volumes)
    return tuple(volume for volume, copy in copies if copy is not None and is_writable(desk, copy))


def _is_in_set(desk: Desk, files: FileSet, volumes: tuple[str, ...]) -> bool:
    volume = volume_holding(desk, files.path)
    return volume is not None and volume.name in volumes


def _file_sets(desk: Desk, volumes: tuple[str, ...]) -> Iterator[FileSet]:
    """The files that the key names, with its variables put in."""
    registry = desk.machine.registry
    profiles = () if registry.disable_user_profile_expansion else registry.user_profiles
    for path in (path for paths in registry.files_not_to_snapshot.values() for path in paths):
        recursive = fold(path).endswith(fold(_RECURSIVE))
        plain = path[: -len(_RECURSIVE)] if recursive else path
        for whole in _expanded(plain, volumes, profiles):
            folder, _, name = whole.rpartition("\\")
            yield FileSet(path=folder + "\\", filespec=name, recursive=recursive)


def _expanded(path: str, volumes: tuple[str, ...], profiles: tuple[str, ...]) -> Iterator[str]:
    for variable, folders in ((_VOLUMES, volumes), (_PROFILES, profiles)):
        if fold(path).startswith(fold(variable)):
            yield from (folder.rstrip("\\") + path[len(variable) :] for folder in folders)
            return
    yield path
