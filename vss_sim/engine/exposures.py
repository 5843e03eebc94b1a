"""Where a shadow copy is exposed: at a drive letter, in an empty folder, as a share; and how it is hidden again.

Only a persistent one is exposed locally, only one that is surfaced is exposed at all. Page:
https://learn.microsoft.com/windows/win32/vss/exposing-and-surfacing-shadow-copied-volumes
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.arguments import legal_call, unmet_demands
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find, write_protected
from vss_sim.engine.snapshot_calls import provider_failure, travels
from vss_sim.model.disk import FolderEntry, below
from vss_sim.model.names import fold
from vss_sim.model.objects import BackupObject
from vss_sim.model.world import Snapshot
from vss_sim.spec.hresult import HResult
from vss_sim.spec.win32 import FileError

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]

_EXPOSE: Final = "IVssBackupComponents::ExposeSnapshot"
_UNEXPOSE: Final = "IVssBackupComponentsEx2::UnexposeSnapshot"
_ONE_LETTER: Final = 2


def expose_snapshot(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A shadow copy gets a drive letter, a folder or a share.

    Raises:
        NotSimulated: it is a copy of a file share.
    """
    snapshot = desk.snapshots[arguments["SnapshotId"]]
    if snapshot.attributes & bits.FILE_SHARE:
        raise NotSimulated("no page says what exposes the shadow copy of a file share; it is a share on its server")
    refusal = _may_not_be_exposed(desk, snapshot, arguments)
    refusal = refusal or provider_failure(desk, _EXPOSE, snapshot)
    if refusal is not None:
        return obj, refusal
    shown = (arguments["wszExpose"] or f"share{snapshot.number}").rstrip("\\")
    attributes = snapshot.attributes | arguments["lAttributes"]
    path = arguments["wszPathFromRoot"]
    desk.put_snapshot(replace(snapshot, exposed_name=shown, exposed_path=path, attributes=attributes))
    return obj, Answer(HResult.S_OK, {"pwszExposed": shown})


def _may_not_be_exposed(desk: Desk, snapshot: Snapshot, arguments: Arguments) -> Answer | None:
    """Why a shadow copy cannot be exposed so; the pages name no code but for bad arguments."""
    local = arguments["lAttributes"] == bits.EXPOSED_LOCALLY
    if travels(snapshot):
        words = "the shadow copy is transportable and was not imported"
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, "im-not-surfaced-locally", words)
    if snapshot.attributes & bits.CLIENT_ACCESSIBLE:
        words = "the shadow copy is client-accessible"
        return no(HResult.E_INVALIDARG, "sn-expose-not-client-accessible", words)
    if local and not snapshot.attributes & bits.PERSISTENT:
        return no(HResult.E_INVALIDARG, "sn-expose-local-persistent", "the shadow copy is not persistent")
    for demand, rule in unmet_demands("ExposeSnapshot", arguments):
        given = arguments[demand.parameter]
        shown = "NULL" if given is None else repr(given)
        words = f"{demand.parameter} is {shown}; expected: {demand.condition.value}"
        ways = (legal_call(_EXPOSE, demand),)
        return Answer(HResult.E_INVALIDARG, rule=rule, words=words, ways=ways)
    return _not_as_it_is(snapshot, arguments["wszPathFromRoot"]) or _in_use(desk, arguments["wszExpose"], local=local)


def _not_as_it_is(snapshot: Snapshot, path: str | None) -> Answer | None:
    """Why a shadow copy cannot be exposed now, or this part of it."""
    if snapshot.attributes & bits.EXPOSED:
        words = f"the shadow copy is exposed as {snapshot.exposed_name!r}; UnexposeSnapshot hides it"
        return Answer(HResult.E_INVALIDARG, rule="expose-hide-first", words=words, ways=(_UNEXPOSE, _EXPOSE))
    if path and snapshot.disk is not None and not snapshot.disk.has_folder(fold(path.strip("\\"))):
        return no(HResult.E_INVALIDARG, "expose-subpath-there", f"the shadow copy has no folder {path!r}")
    return None


def _in_use(desk: Desk, name: str | None, *, local: bool) -> Answer | None:
    """Why a place that has the right form cannot be had: somebody has it, or the folder is none that is empty."""
    wanted = _plain(name or "")
    if wanted and wanted in _taken(desk, local=local):
        return no(HResult.E_INVALIDARG, "sn-expose-name-free", f"{name!r} is in use")
    if local and len(wanted) > _ONE_LETTER and not _is_empty_folder(desk, wanted):
        return no(HResult.E_INVALIDARG, "sn-expose-name-free", f"{name!r} is no empty folder that could be changed")
    return None


def _plain(name: str) -> str:
    return name.casefold().rstrip("\\")


def _taken(desk: Desk, *, local: bool) -> set[str]:
    """The names of exposures, and those of volumes, masked or not, and of broken copies: drives, or shares."""
    taken = {_plain(copy.exposed_name) for copy in desk.local_snapshots() if copy.exposed_name}
    server, disks = f"\\\\{fold(desk.machine.name)}\\", desk.state.disks
    roots = (*disks.roots, *disks.away)
    drives = (root for root in roots if len(root) == _ONE_LETTER)
    shares = (root.removeprefix(server) for root in roots if root.startswith(server))
    return taken.union(map(_plain, drives if local else shares))


def _is_empty_folder(desk: Desk, name: str) -> bool:
    """Whether there is a folder with nothing in it; in one of a shadow copy nothing can be mounted."""
    try:
        found = find(desk, name)
        if write_protected(desk.state.disks, found.key):
            return False
        return isinstance(found.entry, FolderEntry) and not found.disk.names(below(found.key[1], found.key[2]))
    except FileError:
        return False


def unexpose_snapshot(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The shadow copy is hidden again, and stays."""
    snapshot = desk.snapshots[arguments["snapshotId"]]
    if not snapshot.attributes & bits.EXPOSED:
        words = "the shadow copy is not exposed"
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, "unexpose-must-be-exposed", words)
    failure = provider_failure(desk, "IVssBackupComponentsEx2::UnexposeSnapshot", snapshot)
    if failure is not None:
        return obj, failure
    attributes = snapshot.attributes & ~bits.EXPOSED
    desk.put_snapshot(replace(snapshot, exposed_name=None, exposed_path=None, attributes=attributes))
    return obj, OK
