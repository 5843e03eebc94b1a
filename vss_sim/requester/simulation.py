"""A world in the hand: each call replaces it by the next one and is written down, so that the run is a trace.

The only thing here that changes is which world is held and how long the record is; a fork shares all of it until then.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, Final, NamedTuple, Self, TypeVar

from vss_sim.engine.answers import NOTHING, Event
from vss_sim.engine.desk import Step
from vss_sim.engine.devices import device_of_volume
from vss_sim.engine.lifetimes import happens
from vss_sim.engine.luns import orphans
from vss_sim.engine.present import Present
from vss_sim.engine.selection.protection import Protection
from vss_sim.engine.selection.requests import protection_of_object
from vss_sim.model.computer import Description
from vss_sim.model.objects import Handle, WriterObject, family_of, is_lent
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import World, new_world
from vss_sim.requester.calling import Calling
from vss_sim.requester.computer import Computer, computer
from vss_sim.requester.known_ways import MEMORY, with_lists
from vss_sim.requester.record import Record
from vss_sim.spec.hresult import S_OK
from vss_sim.spec.table import Profile

_ONE_MACHINE: Final = Description()
_HAPPENS: Final = ("happens", "", "")
"""One more part of a key than those of a call: so no call has the key of something that happens."""

S = TypeVar("S", bound="Simulation")


class Unreleased(NamedTuple):
    """An object that nobody gave up: its handle, interface and references, its machine and process, and who made it.

    `made_by` is the call that handed it out.
    """

    handle: Handle
    interface: str
    references: int
    machine: str
    process: str
    made_by: str


class Lun(NamedTuple):
    """A LUN by its identifier: the machines that see it, whose identity it bears, and the shadow copy on it, if any.

    `left_behind` are the machines on which nothing tells of it: an import that failed or was cut off left it there, and
    the requester has to clean it up. `device` is by which what lies on it is read where it is mounted, since its set
    was broken.
    """

    lun: str
    seen_by: tuple[str, ...]
    identity: str
    snapshot_id: str | None
    left_behind: tuple[str, ...]
    device: str | None = None


class Simulation(Calling):
    """A simulated world that calls are made on.

    `world` is the present one; a world is a value, so keep it to come back to it. `record` is everything that was
    called, answered, sent to writers and that happened, in order.
    """

    __slots__ = ()

    def __init__(self, description: Description | None = None, profile: Profile = Profile.WINDOWS) -> None:
        """A fresh world as `description` has it: one machine with a volume, if none is given.

        Raises:
            TypeError: `description` is not what `read_world` gives, or `profile` is no `Profile`.
        """
        if not isinstance(description, Description | None):
            raise TypeError(f"description is {description!r:.60}; expected what read_world gives")
        if not isinstance(profile, Profile):
            raise TypeError(f"profile is {profile!r:.60}; expected Profile.WINDOWS or Profile.DOCUMENTED")
        known = MEMORY.beginning(description or _ONE_MACHINE, profile)
        super().__init__(new_world(description, profile) if known is None else known.world, Record(), known)

    def __repr__(self) -> str:
        world = self.world
        machines = ", ".join(machine.name for machine in world.description.machines)
        return f"<{type(self).__name__} of {machines}: {self.record.calls()} calls, clock at {world.clock:.15g} s>"

    def machine(self, name: str | None = None, *, process: str = "") -> Computer:
        """The files and services of a machine (None: the first), for a process.

        Raises:
            ValueError: there is no such machine.
        """
        return computer(self, name, process)

    def happens(self, what: str, machine: str | None = None, **more: Any) -> tuple[Event, ...]:
        """Something happens to a machine (`time passes`, `reboot`, `process ends`, ...); returns the events it raised.

        Raises:
            BadCall: a part of what happens is missing or wrong.
            NotSimulated: the simulator does not model it.
        """
        known = self._known
        if known is None or known.world is not self._desk.world:
            return self._let_happen(what, machine, more)
        record, begun, values = self.record, len(self.record.entries), more.values()
        key = with_lists((*map(type, values), what, machine, *_HAPPENS, *more, *values))
        try:
            came = None if key is None else known.calls.get(key)
            if came is not None:
                record.entries.extend(came.entries)
                record.last = came.place
                self._desk.lie_in(came.after.world)
                self._known = came.after
                return came.done.events
            events = self._let_happen(what, machine, more)
            world = self._desk.world
            if key is not None and world.description is known.world.description:
                done = Step(world, S_OK, NOTHING, events)
                after = MEMORY.learn(known, key, done, world, record.since(begun), record.last)
                self._known = after or known
            return events  # noqa: TRY300 - an interrupt may come here as well
        except BaseException:  # it cannot happen, or the program was interrupted
            self._unmade(known.world, begun)
            self._known = known
            raise

    def _let_happen(self, what: str, machine: str | None, more: Mapping[str, Any]) -> tuple[Event, ...]:
        """Nobody knows yet what comes of it."""
        before, begun = self.world, len(self.record.entries)
        try:
            self.world, events = happens(before, what, machine, **more)
            self.record.happened(what, machine, more, events, before.clock)
            return events  # noqa: TRY300 - an interrupt may come here as well
        except BaseException:
            self._unmade(before, begun)
            raise

    def fork(self) -> Self:
        """Another simulation in the same world, with the same past; what is done to one does not touch the other.

        What a subclass added goes along as with `copy.copy`: both have the same values. An object that it keeps calls
        into this one still; `in_fork` gives it as it is in the fork.
        """
        fork = copy(self)
        fork._known = self._known  # noqa: SLF001 - a simulation as this one
        return fork

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied and pickled as its world, its record, and what a subclass added: it goes on as it would have here."""
        return _goes_on, (type(self), self.world, self.record), self.__getstate__()

    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]] | None:
        """What a subclass added, in its dictionary and in its slots; the world and the record go by themselves."""
        state: Any = None if type(self) is Simulation else super().__getstate__()
        own = (*Present.__slots__, *Calling.__slots__)
        return state and (state[0], {name: value for name, value in state[1].items() if name not in own})

    def protection(self, on: Handle) -> Protection:
        """What the backup of the object `on` asked for, what came of it so far, and what is unprotected.

        Page: https://learn.microsoft.com/windows/win32/vss/overview-of-the-backup-discovery-phase

        Raises:
            LookupError: `on` names no backup components object.
        """
        return protection_of_object(self.world, on)

    def unreleased(self) -> tuple[Unreleased, ...]:
        """The objects that live, in the order in which they were made: what a program that is done forgot.

        Without those that VSS only lends, and the objects of writers, which count no references.
        """
        world, makers = self.world, self.record.makers()
        return tuple(
            Unreleased(
                handle,
                family_of(known),
                known.references,
                world.description.machines[known.machine].name,
                known.process,
                makers.get(handle, ""),
            )
            for handle, known in world.objects.items()
            if known.references and not isinstance(known, WriterObject) and not is_lent(known)
        )

    def luns(self) -> tuple[Lun, ...]:
        """The LUNs of the arrays: those that volumes lie on, and those that hardware providers made for copies."""
        world = self.world
        names = [machine.name for machine in world.description.machines]
        left = [{lun.lun for lun in orphans(world, place)} for place in range(len(names))]
        return tuple(
            Lun(
                lun.lun,
                tuple(names[place] for place in sorted(lun.seen_by)),
                lun.identity,
                None if lun.snapshot_id == GUID_NULL else lun.snapshot_id,
                tuple(name for place, name in enumerate(names) if lun.lun in left[place]),
                None if lun.volume is None else device_of_volume(world.machines[lun.volume[0]].disks, lun.volume[1]),
            )
            for lun in world.luns.values()
        )

    def lines(self) -> Iterator[dict[str, Any]]:
        """The run as the lines of a trace, after the header."""
        return self.record.lines(self.world.description)


def _goes_on(kind: type[S], world: World, record: Record) -> S:
    """A simulation that is in this world already, and goes on by itself from this record of how it came there."""
    simulation = kind.__new__(kind)
    Calling.__init__(simulation, world, record.copy())
    return simulation
