"""A world in the hand: each call replaces it by the next one and is written down, so that the run is a trace.

The only thing here that changes is which world is held and how long the record is; a fork shares all of it until then.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, Final, NamedTuple, Self, TypeVar

from msgspec.structs import replace

from vss_sim.documents.backup_components import read_backup_components, write_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.writer_metadata import read_writer_metadata, write_writer_metadata
from vss_sim.engine.answers import NOTHING, Event, as_it_is
from vss_sim.engine.calls import ENTRIES
from vss_sim.engine.desk import Step
from vss_sim.engine.devices import device_of_volume
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.inputs import BadCall, on_an_object
from vss_sim.engine.lifetimes import happens
from vss_sim.engine.luns import orphans
from vss_sim.engine.plain_files import SUCCESS, Moment
from vss_sim.engine.present import Present, machine_index
from vss_sim.engine.scripted_happenings import has_happenings, what_follows
from vss_sim.engine.selection.protection import Protection
from vss_sim.engine.selection.requests import protection_of_object
from vss_sim.engine.step import known_call, step_on
from vss_sim.model.computer import Description
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.objects import Handle, WriterObject, family_of, is_lent
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import World, new_world
from vss_sim.requester.computer import Computer, computer
from vss_sim.requester.record import SHORT, Record
from vss_sim.spec.table import Profile

BY_ITSELF: Final = "scripted after "
"""So begins the note of a line of what the world lets happen by itself."""
_OF_A_WRITER: Final = ("CreateVssExamineWriterMetadata", "LoadFromXML", "LoadMetadata")

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


class Simulation(Present):
    """A simulated world that calls are made on.

    `world` is the present one; a world is a value, so keep it to come back to it. `record` is everything that was
    called, answered, sent to writers and that happened, in order.
    """

    __slots__ = ("_scripted", "_usual", "record")

    def __init__(self, description: Description | None = None, profile: Profile = Profile.WINDOWS) -> None:
        """A fresh world as `description` has it: one machine with a volume, if none is given.

        Raises:
            TypeError: `description` is not what `read_world` gives, or `profile` is no `Profile`.
        """
        if not isinstance(description, Description | None):
            raise TypeError(f"description is {description!r:.60}; expected what read_world gives")
        if not isinstance(profile, Profile):
            raise TypeError(f"profile is {profile!r:.60}; expected Profile.WINDOWS or Profile.DOCUMENTED")
        self._begin(new_world(description, profile), Record())

    def _begin(self, world: World, record: Record) -> None:
        super().__init__(world)
        self.record = record
        self.look_around(world)

    def __repr__(self) -> str:
        machines = ", ".join(machine.name for machine in self._desk.world.description.machines)
        return f"<{type(self).__name__} of {machines}: {self.record.calls()} calls, clock at {self._desk.clock:.15g} s>"

    def look_around(self, world: World) -> None:
        """Ask once whether there are several machines, and whether anything is scripted to follow calls."""
        self._scripted = has_happenings(world)
        self._usual = len(world.machines) == 1 and not self._scripted

    def call(
        self,
        name: str,
        on: Handle | None = None,
        arguments: Mapping[str, Any] = NOTHING,
        *,
        machine: str | None = None,
        process: str = "",
    ) -> Step:
        """Make a call by its documented names, and go on in the world after it.

        Documents go in and come out as XML. A refusal is a value of the step, not an exception.

        Raises:
            BadCall: no program could make this call: there is no such method, object or argument.
            NotSimulated: the simulator does not make this call.
        """
        files, record = self._files, self.record
        before, begun = self._desk.world if files is None else files.now, len(record.entries)
        try:
            file_call = FILE_CALLS.get(name)
            if file_call is None:
                if self._usual:
                    return self._vss_call(name, on, arguments, machine, process)
                return self._watched_call(name, on, arguments, machine, process)
            short, path = file_call.short, arguments.get("lpFileName")
            if short is None or type(path) is not str or on is not None:
                return self._long_file_call(name, on, arguments, machine, process)
            if files is None:
                files = self.plain_files()
            index = 0 if machine is None else machine_index(self._desk.world, machine)
            file = files.known[index].get(path) or files.found(path, index)
            out = short(files, file, arguments) if file is not None else None
            if out is None or file is None:
                return self._long_file_call(name, on, arguments, machine, process)
            last = record.last
            if machine is not last[0] or process is not last[1] or self._desk.clock is not last[2]:
                self._see_place(machine, process)
                record.last = machine, process, self._desk.clock
            if len(arguments) == 1 or next(iter(arguments)) == "lpFileName":
                record.entries.extend((name, on, path, SHORT, file.state, record.last))
            else:  # the record keeps the order in which arguments came
                record.entries.extend((name, on, {**arguments}, SUCCESS, {**out}, record.last))
            done = Step(files.now, SUCCESS, out)
            if files.is_full:
                self.settle(files)
            return done  # noqa: TRY300 - an interrupt may come here as well
        except BaseException as error:  # nobody can make this call, or the program was interrupted
            self._unmade(before, begun)
            _see_call(error, name, on, arguments)
            raise

    def _see_place(self, machine: str | None, process: str) -> None:
        """Raises BadCall where a call names no machine, or a process by anything but a text."""
        if machine is not None:
            machine_index(self._desk.world, machine)
        if not isinstance(process, str):
            raise BadCall(f"process is {process!r:.60}; expected a text")

    def _unmade(self, before: World | Moment, begun: int) -> None:
        """Nothing was called, nor has anything happened, since this moment, when the record had so many places."""
        self.go_back(before)
        del self.record.entries[begun:]

    def _watched_call(
        self, name: str, on: Handle | None, arguments: Mapping[str, Any], machine: str | None, process: str
    ) -> Step:
        """A call where there are several machines, or where something may be scripted to follow."""
        world = self.world
        if on in world.objects:
            own = self._not_the_first(world.objects[on].machine)
            if machine is None:
                machine = own
            elif machine_index(world, machine) != world.objects[on].machine:
                raise BadCall(f"{on!r} is an object on {own or world.machine(0).name!r}, not on {machine!r}")
        index, caller = self._caller(on, machine, process) if self._scripted else (0, process)
        done = self._vss_call(name, on, arguments, machine, process)
        if self._scripted:
            self._let_follow(name, index, caller)
        return done

    def _vss_call(
        self, name: str, on: Handle | None, arguments: Mapping[str, Any], machine: str | None, process: str
    ) -> Step:
        known = ENTRIES.get(name) or known_call(name)
        if self._files is not None:
            self.settle(self._files)
            self._files = None
        desk, record, given = self._desk, self.record, arguments
        if arguments and arguments.get(known.document):
            given = self._with_document(name, known.document, arguments)
        done = step_on(desk, known, name, on, given, machine, process)
        if known.hands_out_a_document:
            done = _as_text(done)
        out, last = done.out, record.last
        if known.nests:
            arguments, out = as_it_is(arguments), as_it_is(out)
        elif out:
            out = {**out}
        if done.events or machine is not last[0] or process is not last[1] or desk.clock is not last[2]:
            self._see_place(machine, process)
            record.called(name, on, arguments, done.answer, out, (machine, process, desk.clock), done.events)
        else:
            record.entries.extend((name, on, {**arguments} if arguments else NOTHING, done.answer, out, last))
        return done

    def _long_file_call(
        self, name: str, on: Handle | None, arguments: Mapping[str, Any], machine: str | None, process: str
    ) -> Step:
        if on is not None:
            raise on_an_object(name, on)
        last = self.record.last
        if machine is not last[0] or process is not last[1]:
            self._see_place(machine, process)
        after, code, out = self.long_file_call(name, arguments, machine, process)
        place = machine, process, after.clock
        self.record.called(name, on, as_it_is(arguments), code, as_it_is(out), place, ())
        if self._scripted:
            self._let_follow(name, machine_index(after, machine), process)
        return Step(after, code, out)

    def _caller(self, on: Handle | None, machine: str | None, process: str) -> tuple[int, str]:
        """The machine on which a call is made, by its place, and the process: those of its object, if nobody tells."""
        known = self.world.objects.get(on or "")
        if known is not None:
            return known.machine, process or known.process
        return machine_index(self.world, machine), process

    def _let_follow(self, call: str, machine: int, process: str) -> None:
        """What is scripted to happen after a call happens; where it cannot, the record says so.

        Raises:
            NotSimulated: nobody knows what becomes of it.
        """
        self.world, script = what_follows(self.world, call, machine)
        if script is None:
            return
        note, at, name = f"{BY_ITSELF}{script.after}", self.world.clock, self._not_the_first(machine)
        told = script.told_after(process)
        try:
            self.world, events = happens(self.world, script.happens, name, **told)
        except BadCall as error:
            self.record.noted(f"{note}: {error}")
        else:
            self.record.happened(script.happens, name, {**told, "note": note}, events, at)

    def _not_the_first(self, index: int) -> str | None:
        """The name of a machine that has to be told, since it is not the one that is meant where none is."""
        return self.world.description.machines[index].name if index else None

    def machine(self, name: str | None = None, *, process: str = "") -> Computer:
        """The files and services of a machine (None: the first), for a process.

        Raises:
            ValueError: there is no such machine.
        """
        return computer(self, name, process)

    def _with_document(self, name: str, parameter: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments with the document read; one that cannot be read stays a text, and VSS refuses it.

        What a later Windows wrote into it and is not known here is left out, with a note in the record.
        """
        text = arguments[parameter]
        if not isinstance(text, str):
            return arguments
        passed_over: list[DocumentError] = []
        try:
            reads_a_writer = name.rpartition("::")[2] in _OF_A_WRITER
            read = read_writer_metadata if reads_a_writer else read_backup_components
            document = read(text, passed_over)
        except DocumentError:
            return arguments
        for unknown in passed_over:
            self.record.noted(f"{name}: passed over in the document, {unknown}")
        return {**arguments, parameter: document}

    def happens(self, what: str, machine: str | None = None, **more: Any) -> tuple[Event, ...]:
        """Something happens to a machine (`time passes`, `reboot`, `process ends`, ...); returns the events it raised.

        Raises:
            BadCall: a part of what happens is missing or wrong.
            NotSimulated: the simulator does not model it.
        """
        before, begun = self.world, len(self.record.entries)
        try:
            self.world, events = happens(before, what, machine, **more)
            self.record.happened(what, machine, more, events, before.clock)
        except BaseException:  # it cannot happen, or the program was interrupted
            self._unmade(before, begun)
            raise
        return events

    def fork(self) -> Self:
        """Another simulation in the same world, with the same past; what is done to one does not touch the other.

        What a subclass added goes along as with `copy.copy`: both have the same values.
        """
        return copy(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied and pickled as its world, its record, and what a subclass added: it goes on as it would have here."""
        return _goes_on, (type(self), self.world, self.record), self.__getstate__()

    def __getstate__(self) -> tuple[dict[str, Any] | None, dict[str, Any]] | None:
        """What a subclass added, in its dictionary and in its slots; the world and the record go by themselves."""
        state: Any = None if type(self) is Simulation else super().__getstate__()
        own = (*Present.__slots__, *Simulation.__slots__)
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


def _see_call(error: BaseException, name: object, on: object, arguments: object) -> None:
    """Raises BadCall where the error came of a part of the call that is of a type that none has."""
    if not isinstance(error, (TypeError, AttributeError)):
        return
    if not isinstance(name, str):
        raise BadCall(f"name is {name!r:.60}; expected a text, such as CreateVssBackupComponents")
    if on is not None and not isinstance(on, str):
        raise BadCall(f"on is {on!r:.60}; expected a handle, which is a text")
    if not isinstance(arguments, Mapping):
        raise BadCall(f"arguments is {arguments!r:.60}; expected the arguments by the names of their parameters")


def _goes_on(kind: type[S], world: World, record: Record) -> S:
    """A simulation that is in this world already, and goes on by itself from this record of how it came there."""
    simulation = kind.__new__(kind)
    simulation._begin(world, record.copy())  # noqa: SLF001 - it is being made
    return simulation


def _as_text(done: Step) -> Step:
    """The step with its documents written as XML."""
    documents: dict[str, str] = {}
    for parameter, value in done.out.items():
        if isinstance(value, BackupComponentsDocument):
            documents[parameter] = write_backup_components(value)
        elif isinstance(value, WriterMetadata):
            documents[parameter] = write_writer_metadata(value)
    return replace(done, out={**done.out, **documents}) if documents else done
