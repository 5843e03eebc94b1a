"""The storage that machines share: arrays, and the LUNs on them. Whoever sees a LUN can mount what lies on it.

A volume that names no LUN lies on one of its own, which its machine alone sees.
Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

from collections.abc import Iterable

from vss_sim.model.values import GUID_NULL, Described, Guid, Value


class Array(Described, frozen=True, kw_only=True):
    """A storage array, and the machines that are connected to it (None: all of them)."""

    name: str
    machines: tuple[str, ...] | None = None


class Lun(Described, frozen=True, kw_only=True):
    """A LUN by its identifier, which never changes: its array, and the machines that it is not masked from.

    `machines` None: those that have a volume on it. `quorum`: a cluster keeps its quorum there.
    """

    lun: str
    array: str | None = None
    machines: tuple[str, ...] | None = None
    quorum: bool = False


class Storage(Described, frozen=True, kw_only=True):
    """The arrays that machines share, and LUNs of which there is something to say."""

    arrays: tuple[Array, ...] = ()
    luns: tuple[Lun, ...] = ()


READ_ONLY, HIDDEN, NO_DRIVE_LETTER, SHADOW_COPY = 1, 2, 4, 8
MARKED = READ_ONLY | HIDDEN | NO_DRIVE_LETTER | SHADOW_COPY
"""The marks that VSS sets on the LUNs of a creation, and leaves on the copies (rule sn-flags-lun)."""


class LunState(Value, frozen=True, kw_only=True):
    """A LUN as it is now: the machines that see it by their places, the marks on it, and whose identity it bears.

    `copy_of` is the LUN or volume of which a provider made it. `snapshot_id` is the shadow copy on it as long as VSS
    knows one there. `volume` is the place on the disks of a machine that what lies on it has since it was broken.
    """

    lun: str
    array: str = ""
    seen_by: frozenset[int] = frozenset()
    marks: int = 0
    identity: str = ""
    copy_of: str = ""
    snapshot_id: Guid = GUID_NULL
    volume: tuple[int, int] | None = None


def new_luns(storage: Storage, on: Iterable[tuple[int, str, str]], machines: tuple[str, ...]) -> dict[str, LunState]:
    """The LUNs before anything happens: those described, and those that a volume lies on.

    `on` tells machine, LUN and the array that the machine reaches it by; `machines` are the names of all.
    """
    seen: dict[str, set[int]] = {one.lun: set() for one in storage.luns}
    arrays: dict[str, str] = {one.lun: one.array or "" for one in storage.luns}
    for machine, lun, array in on:
        seen.setdefault(lun, set()).add(machine)
        arrays[lun] = arrays.get(lun) or array
    for one in storage.luns:
        if one.machines is not None:
            seen[one.lun] = {machines.index(name) for name in one.machines}
    return {
        name: LunState(lun=name, array=arrays[name], seen_by=frozenset(places), identity=name)
        for name, places in seen.items()
    }
