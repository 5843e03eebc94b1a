"""A restore rehearsal: a backup, what happens since, the restore, the restart - and where every file goes, and why.

The world's `then` is a list of what happens (`{"happens": "file in use", "path": ...}`), of file and service calls
(`{"call": "DeleteFile", "in": {...}}`) and of further backups (`{"backup": "VSS_BT_INCREMENTAL"}`), its `restore` what
is wanted of the restore. What is restored is the last backup, and before it those that it builds on.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from msgspec import Struct, field

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.file_places import find
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.restoring.backup import back_up
from vss_sim.engine.restoring.chained import restore_chain
from vss_sim.engine.restoring.chains import ChainError, steps_to
from vss_sim.engine.restoring.media import Saved, SavedFile
from vss_sim.engine.restoring.requests import NewTarget, Request, RequestError, Strategy, Wish
from vss_sim.engine.restoring.results import Arrival, ComponentResult, FileResult, after_restart
from vss_sim.model.as_it_is import described_now
from vss_sim.model.computer import Description
from vss_sim.model.content import part_of, same_bytes, size_of
from vss_sim.model.disk import FileEntry
from vss_sim.model.wishes import RestoreWishes, WishedComponent
from vss_sim.model.world import World
from vss_sim.requester.hearings import Hearing, hearings
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.backup_types import SIMULATED
from vss_sim.spec.enums import BackupType
from vss_sim.spec.events import POST_RESTORE
from vss_sim.spec.happenings import ENDS_A_BACKUP, HAPPENINGS
from vss_sim.spec.table import Profile
from vss_sim.spec.win32 import FileError, Win32Error


class RehearsalError(ValueError):
    """The world cannot be rehearsed as its file says; `place` is where it says so (`then[2].path`)."""

    def __init__(self, place: str, says: str) -> None:
        super().__init__(place, says)
        self.place: Final = place
        self.says: Final = says

    def __str__(self) -> str:
        return f"{self.place}: {self.says}" if self.place else self.says


class State(Enum):
    """What is at a place."""

    __hash__ = object.__hash__

    ABSENT = "absent"
    SAVED = "as backed up"
    OTHER = "other bytes"


class FileView(Struct, frozen=True):
    """A file of a component set: what was at its original place before the restore, what is at its place after."""

    file: FileResult
    before: State
    after: State


class ComponentView(Struct, frozen=True):
    """A component set with its files; `backup_type` is that of the backup of a chain, None where there is no chain."""

    result: ComponentResult
    files: tuple[FileView, ...]
    backup_type: BackupType | None = None


class Rehearsal(Struct, frozen=True):
    """Everything a rehearsal tells.

    `hearings` are the writers that took part, `saved` the backups by machine, `simulation` is the whole run as a trace,
    `readings` what is taken of what the pages dispute, where it is not the stance.
    """

    components: tuple[ComponentView, ...]
    events: tuple[str, ...]
    arrivals: tuple[Arrival, ...]
    hearings: tuple[Hearing, ...]
    saved: dict[str, tuple[Saved, ...]]
    simulation: Simulation
    readings: Mapping[str, str]

    @property
    def everything(self) -> bool:
        """Whether every component set was restored."""
        return all(view.result.restored for view in self.components)

    @property
    def after(self) -> Description:
        """The computers as they are in the end, as a world to go on with.

        Raises:
            ValueError: a file is too large to be written out.
        """
        return described_now(self.simulation.world)


def rehearse(
    description: Description, saved: Mapping[str, Sequence[Saved]] | None = None, profile: Profile = Profile.WINDOWS
) -> Rehearsal:
    """Play the restore of a world: of its own backup, or of `saved` (machine → backups in the order they were made).

    Raises:
        RehearsalError: `then`, `restore` or `saved` asks for what cannot be.
        VssSaidNo: VSS refused a call that the backup or the restore cannot do without.
        NotSimulated: the simulator does not know what becomes of it.
        TypeError: `description` is not what `read_world` gives, or `profile` is no `Profile`.
    """
    if not isinstance(description, Description):
        raise TypeError(f"description is {description!r:.60}; expected what read_world gives")
    for script in (script for machine in description.machines for script in machine.happenings):
        if script.happens in ENDS_A_BACKUP:
            says = f"{script.happens!r} among the `happenings` of a rehearsal, whose program does not begin again"
            raise NotSimulated(f"{says}; to let it happen between backup and restore, use `then`")
    simulation = Simulation(description, profile)
    backups = _backups(simulation, description, saved)
    for number, line in enumerate(description.then):
        if "backup" in line:
            _back_up_again(simulation, f"then[{number}]", line, backups)
        else:
            _play(simulation, f"then[{number}]", line)
    request = request_of(description.restore)
    _see_known(description.restore, backups)
    played = [_on_a_machine(simulation, machine, chain, request) for machine, chain in backups.items()]
    shown = [f"{one.machine}: " if len(played) > 1 else "" for one in played]
    return Rehearsal(
        components=tuple(view for one in played for view in one.views),
        events=tuple(where + event for where, one in zip(shown, played, strict=True) for event in one.events),
        arrivals=tuple(arrival for one in played for arrival in one.arrivals),
        hearings=tuple(hearing for one in played for hearing in one.hearings),
        saved={machine: tuple(chain) for machine, chain in backups.items()},
        simulation=simulation,
        readings=request.readings,
    )


def _backups(
    simulation: Simulation, description: Description, saved: Mapping[str, Sequence[Saved]] | None
) -> dict[str, list[Saved]]:
    if saved is None:
        return {one.name: [back_up(simulation, one.name)] for one in description.machines if one.writers}
    known = [one.name for one in description.machines]
    for name in saved:
        if name not in known:
            raise RehearsalError("machines", f"the backup is of {name!r}, and the world has only {', '.join(known)}")
    return {name: list(chain) for name, chain in saved.items()}


def _back_up_again(
    simulation: Simulation, place: str, line: Mapping[str, Any], backups: Mapping[str, list[Saved]]
) -> None:
    """One more backup of every machine, or of the one that the line names."""
    _see_keys(place, line, ("backup", "machine"))
    kinds = [one.value for one in SIMULATED]
    if line["backup"] not in kinds:
        raise RehearsalError(f"{place}.backup", f"{line['backup']!r:.100} is no type of a backup; {_known(kinds)}")
    names = [line["machine"]] if "machine" in line else list(backups)
    for name in names:
        if name not in backups:
            raise RehearsalError(f"{place}.machine", f"{name!r:.100} has no backup; {_known(backups)}")
        try:
            more = back_up(simulation, name, backup_type=BackupType(line["backup"]), earlier=backups[name])
        except ChainError as error:
            raise RehearsalError(f"{place}.backup", str(error)) from None
        backups[name].append(more)


def request_of(wishes: RestoreWishes) -> Request:
    """What a world file wants, as a restore takes it."""
    return Request(
        wishes=tuple(map(_wish, wishes.components)),
        strategy=Strategy(wishes.strategy),
        procedures={
            one.writer_id: tuple((call["call"], call.get("in", {})) for call in one.calls) for one in wishes.procedures
        },
        missing_writers=wishes.missing_writers,
        readings=wishes.readings,
    )


def _wish(one: WishedComponent) -> Wish:
    return Wish(
        writer_id=one.writer_id,
        logical_path=one.logical_path,
        name=one.name,
        subcomponents=tuple((part.logical_path, part.name) for part in one.subcomponents),
        new_targets=tuple(
            NewTarget(target.path, target.filespec, target.recursive, target.destination) for target in one.new_targets
        ),
        options=one.options,
        additional_restores=one.additional_restores,
        authoritative=one.authoritative,
        roll_forward=None if one.roll_forward is None else (one.roll_forward, one.roll_forward_point),
        restore_name=one.restore_name,
    )


def _see_known(wishes: RestoreWishes, backups: Mapping[str, Sequence[Saved]]) -> None:
    for number, one in enumerate(wishes.procedures):
        for index, call in enumerate(one.calls):
            if call["call"] not in FILE_CALLS:
                place = f"restore.procedures[{number}].calls[{index}].call"
                raise RehearsalError(place, f"{call['call']!r} is no file or service call; {_known(FILE_CALLS)}")
    if not backups:
        raise RehearsalError("machines", "no machine has a writer, so nothing is backed up")


def _play(simulation: Simulation, place: str, line: Mapping[str, Any]) -> None:
    """One line of `then`."""
    try:
        if "happens" in line:
            _happen(simulation, place, line)
        elif "call" in line:
            _call(simulation, place, line)
        else:
            raise RehearsalError(place, 'expected {"happens": ...}, {"call": ..., "in": {...}} or {"backup": ...}')
    except (BadCall, NotSimulated) as error:
        raise RehearsalError(place, str(error)) from None


def _happen(simulation: Simulation, place: str, line: Mapping[str, Any]) -> None:
    what = line["happens"]
    if what not in HAPPENINGS:
        raise RehearsalError(f"{place}.happens", f"{what!r:.100} is not known; {_known(HAPPENINGS)}")
    more = {key: value for key, value in line.items() if key not in ("happens", "machine")}
    _see_keys(place, more, HAPPENINGS[what].keys)
    simulation.happens(what, line.get("machine"), **more)


def _call(simulation: Simulation, place: str, line: Mapping[str, Any]) -> None:
    name = line["call"]
    if name not in FILE_CALLS:
        raise RehearsalError(f"{place}.call", f"{name!r:.100} is no file or service call; {_known(FILE_CALLS)}")
    _see_keys(place, line, ("call", "in", "machine"))
    arguments = line.get("in", {})
    if not isinstance(arguments, dict):
        raise RehearsalError(f"{place}.in", "expected an object with the arguments of the call")
    done = simulation.call(name, None, arguments, machine=line.get("machine"))
    code = done.answer
    if isinstance(code, Win32Error) and code is not Win32Error.ERROR_SUCCESS:
        raise RehearsalError(place, f"{name} answers {code.name}: {code.meaning}")


def _see_keys(place: str, given: Iterable[str], known: Iterable[str]) -> None:
    for key in given:
        if key not in known:
            raise RehearsalError(f"{place}.{key}", f"this key is not known; {_known(known)}")


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"there are {listed}" if listed else "there is none"


class _Played(Struct):
    """The restore of one machine."""

    machine: str
    views: list[ComponentView] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    hearings: list[Hearing] = field(default_factory=list)


def _on_a_machine(simulation: Simulation, machine: str, backups: Sequence[Saved], request: Request) -> _Played:
    """The restore of one machine, step by step, and its restart after each step whose files wait for one."""
    played = _Played(machine)
    before, begun = simulation.world, len(simulation.record)
    try:
        steps, asked = steps_to(backups), False
        chained, last = len(steps) > 1, steps[-1]
        for backup, done in restore_chain(simulation, backups, request, machine):
            restored = done
            heard = hearings(simulation.record, begun, before, simulation.world)
            played.hearings += heard
            played.events += [f"restore of {backup.backup_type.value}"] * chained + _with_misses(done.events, heard)
            asked |= done.wants_reboot
            if any(one.waiting is not None for one in done.components) or (asked and backup is last):
                first = simulation.world.description.machines[0].name
                simulation.happens("reboot", machine if machine != first else None)  # as calls there name it
                restored, arrived = after_restart(done, simulation.world)
                played.events.append("reboot")
                played.arrivals += arrived
                asked = False
            files, kind = {file.path: file for file in backup.files}, backup.backup_type if chained else None
            played.views += [_view(one, files, before, simulation.world, kind) for one in restored.components]
            before, begun = simulation.world, len(simulation.record)
    except ChainError as error:
        raise RehearsalError("machines", str(error)) from None
    except RequestError as error:
        place, _, says = str(error).rpartition("]: ")
        raise RehearsalError(f"restore.components{place}]" if place else "restore.components", says) from None
    return played


def _with_misses(events: Iterable[str], heard: Iterable[Hearing]) -> list[str]:
    """What happened in order; after PostRestore, the writers to which it did not come."""
    found: list[str] = []
    for event in events:
        found.append(event)
        if event.startswith(POST_RESTORE):
            found += [one.told for one in heard if one.missed is not None]
    return found


def _view(
    result: ComponentResult, files: Mapping[str, SavedFile], before: World, after: World, kind: BackupType | None
) -> ComponentView:
    machine = [one.name for one in before.description.machines].index(result.machine)
    views = []
    for file in result.files:
        saved = files[file.saved_as]
        place = file.to if file.to is not None else file.saved_as
        views.append(
            FileView(file, _state(before, machine, file.saved_as, saved), _state(after, machine, place, saved))
        )
    return ComponentView(result, tuple(views), kind)


def _state(world: World, machine: int, path: str, saved: SavedFile) -> State:
    try:
        entry = find(Desk(world, machine), path).entry
    except FileError:
        return State.ABSENT
    if not isinstance(entry, FileEntry):
        return State.ABSENT
    size = size_of(entry.content)
    whole = saved.ranges is None
    same = (not whole or size == saved.size) and all(
        same_bytes(part_of(entry.content, offset, offset + size_of(data)), data) for offset, data in saved.pieces
    )
    return State.SAVED if same else State.OTHER
