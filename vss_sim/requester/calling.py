"""How a call is made on the world in the hand: along a way that is known, or worked out; as a whole, or not at all."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.documents.backup_components import read_backup_components, write_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.writer_metadata import read_writer_metadata, write_writer_metadata
from vss_sim.engine.answers import NOTHING, as_it_is
from vss_sim.engine.calls import ENTRIES
from vss_sim.engine.desk import Step
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.inputs import BadCall, on_an_object
from vss_sim.engine.lifetimes import happens
from vss_sim.engine.plain_files import SUCCESS, Moment
from vss_sim.engine.present import Present, machine_index
from vss_sim.engine.scripted_happenings import has_happenings, what_follows
from vss_sim.engine.step import known_call, step_on
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.objects import Handle
from vss_sim.model.world import World
from vss_sim.requester.known_ways import MEMORY, Key, Known, with_lists
from vss_sim.requester.record import SHORT, Record

BY_ITSELF: Final = "scripted after "
"""So begins the note of a line of what the world lets happen by itself."""
_OF_A_WRITER: Final = ("CreateVssExamineWriterMetadata", "LoadFromXML", "LoadMetadata")


class Calling(Present):
    """The world of now, on which calls are made; each is written down."""

    __slots__ = ("_known", "_scripted", "_usual", "record")

    def __init__(self, world: World, record: Record, known: Known | None = None) -> None:
        """In a world, with the record of how it came there; `known` is the place of this world on a known way."""
        super().__init__(world)
        self.record = record
        self.look_around(world)
        self._known = known

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
        known = self._known
        if known is None or known.world is not self._desk.world:
            return self._new_call(name, on, arguments, machine, process)
        record, begun, key = self.record, len(self.record.entries), None
        try:
            try:
                values = arguments.values()
                key = (*map(type, values), name, on, machine, process, *arguments, *values)
                came = known.calls.get(key)
            except (AttributeError, TypeError):  # arguments that cannot be looked up as they are, or are none
                key = with_lists(key) if key is not None else None
                came = None if key is None else known.calls.get(key)
            if came is None:
                return self._branch_off(known, key, name, on, arguments, machine, process)
            done = came.step()
            record.entries.extend(came.entries)
            record.last = came.place
            self._desk.lie_in(came.after.world)
            self._known = came.after
            return done  # noqa: TRY300 - an interrupt may come here as well
        except BaseException:  # nobody can make this call, or the program was interrupted
            self._unmade(known.world, begun)
            self._known = known
            raise

    def _branch_off(
        self,
        known: Known,
        key: Key | None,
        name: str,
        on: Handle | None,
        arguments: Mapping[str, Any],
        machine: str | None,
        process: str,
    ) -> Step:
        """A call that is not known from here; a way leads on where it is remembered."""
        begun = len(self.record.entries)
        done = self._new_call(name, on, arguments, machine, process)
        if key is None or self._files is not None:
            self._known = None
        else:
            self._known = MEMORY.learn(known, key, done, self._desk.world, self.record.since(begun), self.record.last)
        return done

    def _new_call(
        self, name: str, on: Handle | None, arguments: Mapping[str, Any], machine: str | None, process: str
    ) -> Step:
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
        entry = ENTRIES.get(name) or known_call(name)
        if self._files is not None:
            self.settle(self._files)
            self._files = None
        desk, record, given = self._desk, self.record, arguments
        if arguments and arguments.get(entry.document):
            given = self._with_document(name, entry.document, arguments)
        done = step_on(desk, entry, name, on, given, machine, process)
        if entry.hands_out_a_document:
            done = _as_text(done)
        out, last = done.out, record.last
        if entry.nests:
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


def _as_text(done: Step) -> Step:
    """The step with its documents written as XML."""
    documents: dict[str, str] = {}
    for parameter, value in done.out.items():
        if isinstance(value, BackupComponentsDocument):
            documents[parameter] = write_backup_components(value)
        elif isinstance(value, WriterMetadata):
            documents[parameter] = write_writer_metadata(value)
    return replace(done, out={**done.out, **documents}) if documents else done
