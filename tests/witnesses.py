"""Invariants of a run that never read the protocol table: they watch calls, events and the world, and remember.

A witness is told of each call after it was made; it raises AssertionError where VSS could not have done that.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vss_sim.engine.answers import Event
from vss_sim.engine.desk import Step
from vss_sim.model.objects import AsyncObject, BackupObject
from vss_sim.model.world import World
from vss_sim.spec.enums import WriterState, numbers
from vss_sim.spec.methods import call_names, signatures

_NO_WRITERS: Final = 0x10
_NO_AUTO_RELEASE: Final = 0x8
_ALL: Final = 0xFFFFFFFF
_SNAPSHOT_EVENTS: Final = ("PrepareForBackup", "PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot", "BackupComplete")
_GONE_BY: Final = ("DeleteSnapshots", "BreakSnapshotSet")

_ENDS_A_SET: Final = ("AbortBackup", "BackupComplete")
"""A set that is begun comes to nothing; one whose earlier set is completed, too (rule seq-complete-with-later-set)."""


class Witness:
    """What an onlooker remembers: contexts, open sets, shadow copies that were made, every handle ever given."""

    def __init__(self) -> None:
        self.handles: set[str] = set()
        self.contexts: dict[str, int] = {}
        self.open_sets: dict[int, str] = {}
        self.persistent: dict[str, int] = {}
        self.released: dict[str, int] = {}
        self.ended: dict[str, str] = {}
        self.finished: list[str] = []
        """The methods whose operations came to a good end, in order."""

    def called(self, name: str, on: str | None, arguments: Mapping[str, Any], before: World, step: Step) -> None:
        """A call was made and answered."""
        short = name.rpartition("::")[2]
        accepted = step.refusal is None
        self._abandoned(before, step.world)
        self._handles(name, short, on, step)
        if short == "CreateVssBackupComponents" and accepted:
            self.contexts[step.out["ppBackup"]] = 0
        elif short == "SetContext" and accepted:
            self.contexts[on or ""] = _number(arguments["lContext"])
        elif short == "StartSnapshotSet" and accepted:
            self._set_begins(on or "", before)
        elif short in _ENDS_A_SET and accepted:
            self._set_ends(on or "")
        if short in (*_GONE_BY, "Release") or step.world.snapshots is not before.snapshots:
            self._copies(short, on or "", before, step.world)
        self._events(step.events, before, on or "")
        self._after(step.world)
        storage(before, step.world)

    def happened(self, what: str, before: World, after: World, events: Iterable[Event]) -> None:
        """Something happened to a machine."""
        for handle, obj in before.objects.items():
            if isinstance(obj, BackupObject) and handle not in after.objects:
                self._set_ends(handle)
        self._abandoned(before, after)
        self._copies(what, "", before, after)
        self._events(events, before, "")
        self._after(after)
        storage(before, after)

    def _handles(self, name: str, short: str, on: str | None, step: Step) -> None:
        """A handle names one object for ever; QueryInterface gives the same object again."""
        makes = {parameter.name for parameter in signatures()[call_names()[name]].parameters if parameter.makes}
        for parameter in makes & set(step.out):
            handle = step.out[parameter]
            assert handle not in self.handles, f"{short} gave the handle {handle} again"
            self.handles.add(handle)
            self.contexts[handle] = self.contexts.get(on or "", 0)  # an operation keeps the context that it began in
        if short == "QueryInterface" and step.out:
            assert step.out["ppvObject"] == on

    def _set_begins(self, handle: str, before: World) -> None:
        obj = before.objects[handle]
        holder = self.open_sets.get(obj.machine)
        assert holder is None, f"{handle} began a set while {holder} has one in progress"
        self.open_sets[obj.machine] = handle

    def _abandoned(self, before: World, after: World) -> None:
        """An operation that nobody holds any more is gone once it has ended, and its set with it."""
        for handle, obj in before.objects.items():
            if isinstance(obj, AsyncObject) and obj.method == "DoSnapshotSet" and handle not in after.objects:
                self._set_ends(obj.owner)

    def _set_ends(self, handle: str) -> None:
        for machine, holder in list(self.open_sets.items()):
            if holder == handle:
                del self.open_sets[machine]

    def _copies(self, by: str, on: str, before: World, after: World) -> None:
        """Copies that are not auto-release go only when somebody takes them; the others with their object."""
        gone = {key: copy for key, copy in before.snapshots.items() if key not in after.snapshots}
        left = [key for key, copy in gone.items() if copy.attributes & _NO_AUTO_RELEASE]
        taken = by in _GONE_BY or by in ("Wait", "QueryStatus", "Cancel", "time passes")
        assert not left or taken, f"{by} took persistent shadow copies"
        given_up = {handle for handle, obj in before.objects.items() if handle not in after.objects}
        for copy in after.snapshots.values():
            assert given_up.isdisjoint({copy.owner, copy.importer}), f"{copy.snapshot_id} outlived its object"
        if on in given_up:
            self._set_ends(on)

    def _events(self, events: Iterable[Event], before: World, on: str) -> None:
        """Who froze is thawed or told of the end before the operation ends.

        Nobody hears of another machine's operation, unless it goes on there meanwhile.
        """
        frozen: set[str] = set()
        obj = before.objects.get(on)
        owner = before.objects.get(obj.owner) if isinstance(obj, AsyncObject) else obj
        others = [
            other
            for handle, other in before.objects.items()
            if isinstance(other, AsyncObject) and other.end is None and handle != on
        ]
        machines = {other.machine for other in others}
        for event in events:
            if owner is not None:
                assert event.machine == owner.machine or event.machine in machines
            if event.name == "Freeze" and event.answer is True:
                frozen.add(event.instance_id)
            elif event.name in ("Thaw", "Abort"):
                frozen.discard(event.instance_id)
            context = self.contexts.get(on, 0)
            if context != _ALL and context & _NO_WRITERS and not others:
                assert event.name not in _SNAPSHOT_EVENTS, f"{event.name} in a context without writers"
        assert not frozen, f"{frozen} stay frozen"

    def _after(self, after: World) -> None:
        for handle, obj in after.objects.items():
            if isinstance(obj, AsyncObject):
                if obj.end is not None and handle not in self.ended:
                    self._ended(handle, obj)
            elif isinstance(obj, BackupObject):
                states = [session.state for session in (*obj.sessions, *obj.statuses)]
                assert WriterState.WAITING_FOR_THAW not in states, f"a writer of {handle} waits for Thaw"

    def _ended(self, handle: str, operation: AsyncObject) -> None:
        self.ended[handle] = operation.end or ""
        if operation.method == "DoSnapshotSet":
            self._set_ends(operation.owner)
        if operation.end == "VSS_S_ASYNC_FINISHED":
            self.finished.append(operation.method)


def storage(before: World, after: World) -> None:
    """No copy or LUN is there that nothing lists; a copy shows what it showed, by its own device; marks go in the end.

    A copy is listed by VSS on its machine or by the LUN that waits for an import, a LUN by its copy, or by the volume
    that it became.
    """
    running = [obj for obj in before.objects.values() if isinstance(obj, AsyncObject) and obj.end is None]
    owners = [before.objects.get(one.owner) for one in running if one.method == "DoSnapshotSet"]
    unfinished = {owner.set_id for owner in owners if isinstance(owner, BackupObject)}
    for key, copy in after.snapshots.items():
        if key in before.snapshots and copy.set_id not in unfinished:
            assert copy.disk is before.snapshots[key].disk, f"{key} shows something else"
        if copy.lun:
            assert after.luns[copy.lun].snapshot_id == key, f"{copy.lun} does not know {key}"
    devices = [(copy.machine, copy.number) for copy in after.snapshots.values() if copy.number]
    assert len(devices) == len(set(devices)), "two copies have one device"
    creating = any(
        isinstance(obj, AsyncObject) and obj.method == "DoSnapshotSet" and obj.end is None
        for obj in after.objects.values()
    )
    for lun in after.luns.values():
        known = after.snapshots.get(lun.snapshot_id)
        listed = lun.volume is not None or (known is not None and known.lun == lun.lun)
        assert not lun.copy_of or listed, f"nothing lists {lun.lun}"
        assert lun.copy_of or not lun.marks or creating, f"{lun.lun} stays marked"


def _number(context: Any) -> int:
    if isinstance(context, int):
        return context & _ALL
    number = 0
    for word in context.split("|"):
        number |= numbers()[word]
    return number & _ALL
