"""The working copy of the world in which calls are worked out; nothing of it is seen before the step is done.

A desk stays: when a step is done, it lies in the world after it, ready for the next call. So whoever makes one call
after the other lays it out once.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import NOTHING, Event, Refusal
from vss_sim.engine.plain_files import Moment
from vss_sim.model.computer import Machine, Requester
from vss_sim.model.disks import Disks
from vss_sim.model.objects import AnyObject, Handle
from vss_sim.model.storage import LunState
from vss_sim.model.values import Guid, numbered_guid
from vss_sim.model.world import MachineState, Snapshot, World
from vss_sim.spec.hresult import S_OK
from vss_sim.spec.importing import Fate
from vss_sim.spec.systems import System, system_named
from vss_sim.spec.table import Need, Profile

SET_ID, SNAPSHOT_ID, SESSION_ID, INSTANCE_ID = 0x5E7, 0x5AA, 0x5E5, 0xC0
"""The first part of the ids that the counter gives, by what they name."""


class Step(msgspec.Struct, frozen=True):
    """What a call came to: the world after it, the answer (for AddRef and Release the number of references), results.

    `events` went to writers meanwhile, `refusal` says why VSS said no, `passed` are needs that were not met and that
    VSS let pass. `after` is the moment after the call, of which `world` is made when somebody looks.
    """

    after: World | Moment
    answer: int
    out: Mapping[str, Any] = NOTHING
    events: tuple[Event, ...] = ()
    refusal: Refusal | None = None
    passed: tuple[Need, ...] = ()

    @property
    def world(self) -> World:
        """The world after the call."""
        after = self.after
        return after if isinstance(after, World) else after.world()


class Desk:
    """A working copy of `world`: maps are copied when first written to, `came_to` makes the next world."""

    __slots__ = (
        "clock",
        "events",
        "gone",
        "handle",
        "luns",
        "machine",
        "machine_index",
        "machines",
        "objects",
        "serial",
        "snapshots",
        "world",
    )

    def __init__(self, world: World, machine_index: int = 0, handle: Handle = "") -> None:
        self.lie_in(world)
        if machine_index:
            self.go_to(machine_index)
        self.handle = handle
        """The object on which the call is made."""

    def lie_in(self, world: World) -> None:
        """From now on this is about a world; what was worked out meanwhile is forgotten."""
        self.world = world
        self.machine_index = 0
        self.machine: Machine = world.description.machines[0]
        """The description of the machine on which the call is made."""
        self.clock = world.clock
        self.serial = world.serial
        self.events: list[Event] = []
        self.objects = world.objects
        self.snapshots = world.snapshots
        self.luns = world.luns
        self.gone = world.gone
        self.machines = world.machines

    def go_to(self, machine_index: int) -> None:
        """From now on this is about another machine."""
        self.machine_index = machine_index
        self.machine = self.world.description.machines[machine_index]

    @property
    def state(self) -> MachineState:
        """What has come to be on that machine."""
        return self.machines[self.machine_index]

    @property
    def process(self) -> str:
        """The process of the object on which the call is made."""
        known = self.objects.get(self.handle)
        return known.process if known is not None else ""

    @property
    def system(self) -> System:
        """The machine's operating system."""
        return system_named(self.machine.os)

    @property
    def requester(self) -> Requester:
        """The account that calls are made under now."""
        return self.state.requester or self.machine.requester

    @property
    def profile(self) -> Profile:
        """Which witness wins where real Windows and the pages differ."""
        return self.world.profile

    def local_snapshots(self) -> list[Snapshot]:
        """The shadow copies of this machine, in the order in which they came."""
        return [snapshot for snapshot in self.snapshots.values() if snapshot.machine == self.machine_index]

    def sees(self, copy: Snapshot) -> bool:
        """Whether the LUN of a shadow copy, if it has one, is not masked from the machine."""
        lun = self.luns.get(copy.lun) if copy.lun else None
        return lun is None or self.machine_index in lun.seen_by

    def put(self, handle: Handle, value: AnyObject | None) -> None:
        """Let `handle` name `value`, or nothing more."""
        objects = self.objects
        if objects is self.world.objects:
            objects = self.objects = objects.copy()
        if value is None:
            objects.pop(handle, None)
        else:
            objects[handle] = value

    def make(self, kind: str, value: AnyObject) -> Handle:
        """A new handle for a new object."""
        self.serial += 1
        handle = f"{kind}{self.serial}"
        self.put(handle, value)
        return handle

    def _own_snapshots(self) -> dict[Guid, Snapshot]:
        if self.snapshots is self.world.snapshots:
            self.snapshots = dict(self.snapshots)
        return self.snapshots

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """A shadow copy that is new or has changed."""
        self._own_snapshots()[snapshot.snapshot_id] = snapshot

    def drop_snapshot(self, snapshot_id: Guid, fate: Fate | None = None) -> None:
        """A shadow copy is no more, and the LUN goes on which a hardware provider kept it.

        `fate` tells how it went; None is for one that was never finished, and for one that was on no LUN.
        """
        lun = self._own_snapshots().pop(snapshot_id).lun
        if lun in self.luns:
            self.put_lun(lun, None)
        if lun and fate is not None:
            self.gone = self.gone.set(snapshot_id, fate)

    def let_go(self, snapshot: Snapshot, fate: Fate) -> None:
        """A shadow copy that is not persistent is no more; one that was imported could not be imported again anyway."""
        self.drop_snapshot(snapshot.snapshot_id, Fate.IMPORTED if snapshot.attributes & bits.IMPORTED else fate)

    def forget_snapshot(self, snapshot_id: Guid) -> None:
        """VSS knows a shadow copy no more, whose set was broken; its LUN stays."""
        del self._own_snapshots()[snapshot_id]
        self.gone = self.gone.set(snapshot_id, Fate.BROKEN)

    def put_lun(self, name: str, lun: LunState | None) -> None:
        """A LUN is new, has changed, or is no more."""
        luns = dict(self.luns) if self.luns is self.world.luns else self.luns
        if lun is None:
            luns.pop(name, None)
        else:
            luns[name] = lun
        self.luns = luns

    def change_machine(self, **changes: Any) -> None:
        """The machine of this step is not as it was."""
        machines = list(self.machines)
        machines[self.machine_index] = replace(machines[self.machine_index], **changes)
        self.machines = tuple(machines)

    def change_disks(self, disks: Disks) -> None:
        """The disks of the machine are not as they were."""
        machine = replace(self.machines[self.machine_index], disks=disks)
        if len(self.machines) == 1:
            self.machines = (machine,)
            return
        machines = list(self.machines)
        machines[self.machine_index] = machine
        self.machines = tuple(machines)

    def new_id(self, kind: int) -> Guid:
        """A new id of one of the kinds named above."""
        self.serial += 1
        return numbered_guid(kind, self.serial)

    def came_to(
        self,
        answer: int,
        out: Mapping[str, Any] = NOTHING,
        refusal: Refusal | None = None,
        passed: tuple[Need, ...] = (),
    ) -> Step:
        """The step that was worked out; the desk lies in the world after it."""
        before = self.world
        after = self.world = World(
            before.description,
            before.profile,
            self.machines,
            self.objects,
            self.snapshots,
            self.clock,
            self.serial,
            self.luns,
            self.gone,
        )
        if not self.events:
            return Step(after, answer, out, (), refusal, passed)
        events, self.events = tuple(self.events), []
        return Step(after, answer, out, events, refusal, passed)

    def done(self) -> World:
        """The world after what was worked out."""
        return self.came_to(S_OK).world
