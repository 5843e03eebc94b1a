"""Where a shadow copy is exposed: at a drive letter, in an empty folder, as a share; and how it is hidden again.

Only a persistent one is exposed locally, only one that is surfaced is exposed at all. Page:
https://learn.microsoft.com/windows/win32/vss/exposing-and-surfacing-shadow-copied-volumes
"""

import re
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.engine.snapshot_calls import provider_failure, travels
from vss_sim.model.disk import FolderEntry, below
from vss_sim.model.objects import BackupObject
from vss_sim.model.world import Snapshot
from vss_sim.spec.hresult import HResult
from vss_sim.spec.win32 import FileError

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]

_EXPOSED: Final = bits.EXPOSED_LOCALLY | bits.EXPOSED_REMOTELY
_ONE_LETTER: Final = 2
_PLACE: Final = re.compile(r"[A-Za-z]:\\*|.{2,}[^\\]\\*")
"""A drive letter followed by a colon, or what is long enough for a folder."""


def expose_snapshot(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A shadow copy gets a drive letter, a folder or a share.

    Raises:
        NotSimulated: it has one already, or is a copy of a file share.
    """
    snapshot = desk.snapshots[arguments["SnapshotId"]]
    if snapshot.attributes & bits.FILE_SHARE:
        raise NotSimulated("no page says what exposes the shadow copy of a file share; it is a share on its server")
    name, path = arguments["wszExpose"], arguments["wszPathFromRoot"]
    local = arguments["lAttributes"] == bits.EXPOSED_LOCALLY
    refusal = _may_not_be_exposed(desk, snapshot, name, path, local=local)
    refusal = refusal or provider_failure(desk, "IVssBackupComponents::ExposeSnapshot", snapshot)
    if refusal is not None:
        return obj, refusal
    if snapshot.attributes & _EXPOSED:
        told = f"{snapshot.snapshot_id} is exposed as {snapshot.exposed_name!r}; UnexposeSnapshot hides it"
        raise NotSimulated(f"no page says what a second exposure does (rule expose-hide-first): {told}")
    shown = name or f"share{snapshot.number}"
    attributes = snapshot.attributes | arguments["lAttributes"]
    desk.put_snapshot(replace(snapshot, exposed_name=shown, exposed_path=path, attributes=attributes))
    return obj, Answer(HResult.S_OK, {"pwszExposed": shown})


def _may_not_be_exposed(
    desk: Desk, snapshot: Snapshot, name: str | None, path: str | None, *, local: bool
) -> Answer | None:
    """Why a shadow copy cannot be exposed so; the pages name no code but for bad arguments."""
    if travels(snapshot):
        words = "the shadow copy is transportable and was not imported"
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, "im-not-surfaced-locally", words)
    if snapshot.attributes & bits.CLIENT_ACCESSIBLE:
        words = "the shadow copy is client-accessible"
        return no(HResult.E_INVALIDARG, "sn-expose-not-client-accessible", words)
    if local and not snapshot.attributes & bits.PERSISTENT:
        return no(HResult.E_INVALIDARG, "sn-expose-local-persistent", "the shadow copy is not persistent")
    if local and path is not None:
        return no(HResult.E_INVALIDARG, "expose-local-null-path", f"wszPathFromRoot is {path!r}")
    if path is not None and any(sign in path for sign in "*?%"):
        return no(HResult.E_INVALIDARG, "sn-expose-subpath-plain", f"wszPathFromRoot is {path!r}")
    return _wrong_name(desk, name, local=local)


def _wrong_name(desk: Desk, name: str | None, *, local: bool) -> Answer | None:
    """Why a shadow copy cannot have this name: it names no place, or one that is in use."""
    if local and not _PLACE.fullmatch(name or ""):
        shown = "NULL" if name is None else repr(name)
        words = (
            f"wszExpose is {shown}, neither a drive letter followed by a colon nor a folder; only a share needs none"
        )
        return no(HResult.E_INVALIDARG, "ans-invalid-argument", words)
    wanted = _plain(name or "")
    if wanted and wanted in _taken(desk, local=local):
        return no(HResult.E_INVALIDARG, "sn-expose-name-free", f"{name!r} is in use")
    if local and len(wanted) > _ONE_LETTER and not _is_empty_folder(desk, wanted):
        return no(HResult.E_INVALIDARG, "sn-expose-name-free", f"{name!r} is no empty folder")
    return None


def _plain(name: str) -> str:
    return name.casefold().rstrip("\\")


def _taken(desk: Desk, *, local: bool) -> set[str]:
    """The names of exposures; and, for a local one, the drives: of volumes, masked or not, and of broken copies."""
    taken = {_plain(copy.exposed_name) for copy in desk.local_snapshots() if copy.exposed_name}
    disks = desk.state.disks
    drives = (root for root in (*disks.roots, *disks.away) if len(root) == _ONE_LETTER) if local else ()
    return taken.union(map(_plain, drives))


def _is_empty_folder(desk: Desk, name: str) -> bool:
    try:
        found = find(desk, name)
        return isinstance(found.entry, FolderEntry) and not found.disk.folders.get(below(found.key[1], found.key[2]))
    except FileError:
        return False


def unexpose_snapshot(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The shadow copy is hidden again, and stays."""
    snapshot = desk.snapshots[arguments["snapshotId"]]
    if not snapshot.attributes & _EXPOSED:
        words = "the shadow copy is not exposed"
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, "unexpose-must-be-exposed", words)
    failure = provider_failure(desk, "IVssBackupComponentsEx2::UnexposeSnapshot", snapshot)
    if failure is not None:
        return obj, failure
    attributes = snapshot.attributes & ~_EXPOSED
    desk.put_snapshot(replace(snapshot, exposed_name=None, exposed_path=None, attributes=attributes))
    return obj, OK
