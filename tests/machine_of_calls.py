"""Runs of a simulation drawn from bytes: in each step a call, mostly one that the table allows where the run stands.

A program is a row of steps of a few bytes each, so that hypothesis shrinks it step by step and a seeded generator
makes ten thousands of calls of it. The witness of the run holds what must be true without the table.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from tests.choices import Choices
from tests.drawn_arguments import Drawer
from tests.drawn_worlds import document_of, draw_world
from tests.witnesses import Witness
from vss_sim.documents.backup_components import write_backup_components
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Step
from vss_sim.engine.inputs import Gone, NotThere
from vss_sim.engine.protocol import column
from vss_sim.model.computer import Description
from vss_sim.model.objects import AsyncObject, BackupObject, DocumentPointer, ListObject, ReadObject
from vss_sim.model.world import World
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.methods import Signature, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.objects import PENDING
from vss_sim.spec.state import START
from vss_sim.spec.table import Method, Profile

MOST_OBJECTS: Final = 4
_PROCESSES: Final = ("", "other")
_FUNCTIONS: Final = ("IsVolumeSnapshotted", "ShouldBlockRevert", "VssFreeSnapshotProperties")
_OF_A_REQUESTER: Final = {
    family: tuple(
        name
        for name, signature in signatures().items()
        if signature.family == family and signature.kind == "requester" and signature.note != "reserved"
    )
    for family in ("IVssEnumObject", "IVssExamineWriterMetadata", "IVssWMComponent", "IVssWMFiledesc")
}
METHOD_NAMES: Final = tuple(name for name, method in METHODS.items() if method.interface != "IUnknown")
_GIVES_UP: Final = ("AbortBackup", "FreeWriterMetadata", "FreeWriterStatus")
_WORK: Final = (
    *("AddComponent",) * 4,
    "SetBackupOptions",
    "SetBackupSucceeded",
    "SetPreviousBackupStamp",
    "SaveAsXML",
    "GetSnapshotProperties",
    "ExposeSnapshot",
    "UnexposeSnapshot",
    "RevertToSnapshot",
    "QueryRevertStatus",
    "BreakSnapshotSet",
    "BreakSnapshotSetEx",
    "DeleteSnapshots",
    "SetFileRestoreStatus",
    "SetRangesFilePath",
    "AddRestoreSubcomponent",
)
"""What programs come for, though it leads nowhere in the protocol."""
_NEVER_WAITS: Final = 8
_HAPPENINGS: Final = (*("time passes",) * 6, "service stops", "service starts", "process ends", "reboot")
_OVERLAP: Final = "several at once"
"""Stands among the operations whose end was not read, where two of a kind ran on an object at the same time."""


class Made(NamedTuple):
    """A call that was made: its line in the trace, what it was, what came of it."""

    line: int
    name: str
    on: str | None
    arguments: Mapping[str, Any]
    state: int
    settled: bool
    """Whether the run had read how every operation of the object ended."""
    step: Step


class Enabled(NamedTuple):
    """What the table allows in a state: all of it, what leads on from there, and the work to be done there."""

    allowed: tuple[str, ...]
    onward: tuple[str, ...]
    work: tuple[str, ...]


@cache
def enabled(state: int, profile: Profile) -> Enabled:
    """The methods that the table allows in a state."""
    rows = {name: column(name, METHODS[name].ways[0], profile)[state] for name in METHOD_NAMES}
    allowed = tuple(name for name, row in rows.items() if row.broken is None)
    onward = tuple(name for name in allowed if rows[name].after != state and name not in _GIVES_UP)
    new = tuple(name for name in onward if not _done_before(METHODS[name], state))
    return Enabled(allowed, new, tuple(name for name in _WORK if name in allowed))


def _done_before(method: Method, state: int) -> bool:
    return method.operation is not None and bool(state & method.operation.finished)


class Walk:
    """A run of one simulation, step by step."""

    def __init__(self, description: Description, profile: Profile, kind: type[Simulation] = Simulation) -> None:
        self.simulation = kind(description, profile)
        self.witness = Witness()
        self.made: list[Made] = []
        self.counts: Counter[str] = Counter()
        self.crowded = False
        """Whether events may be another object's or another set's, or writers came and went."""
        self.most = MOST_OBJECTS
        self._places: dict[str, tuple[str | None, str]] = {}
        self._untold: dict[str, set[str]] = {}
        self._current = ""
        self._several = len(description.machines) > 1
        prepared = (write_backup_components(document_of(machine)) for machine in description.machines)
        self._documents = list(prepared)

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.simulation.world

    def fork(self) -> "Walk":
        """Another walk that goes on from here by itself; its witness has seen nothing yet."""
        other = Walk(self.world.description, self.world.profile)
        other.simulation = self.simulation.fork()
        other._places = dict(self._places)
        other._untold = {handle: set(operations) for handle, operations in self._untold.items()}
        other._current = self._current
        other.most, other.crowded = self.most, self.crowded
        other._documents = list(self._documents)
        return other

    def run(self, steps: Iterable[bytes]) -> "Walk":
        """Make all the steps."""
        for data in steps:
            self.step(Choices(data))
        return self

    def step(self, choices: Choices) -> None:
        """One step: mostly a call on a backup components object."""
        objects = [handle for handle, obj in self.world.objects.items() if isinstance(obj, BackupObject)]
        others = [
            handle for handle, obj in self.world.objects.items() if not isinstance(obj, BackupObject) and _is_held(obj)
        ]
        kind = choices.below(32)
        if not objects or (kind >= 30 and len(objects) < self.most):
            self._create(choices)
        elif kind < 24:
            if self._current not in objects or choices.below(4) == 3:
                self._current = choices.of(objects)
            self._on_backup_object(self._current, choices)
        elif kind < 28 and others:
            self._on_other(choices.of(others), choices)
        elif kind == 28:
            self._happens(choices)
        elif kind == 29:
            self._function(choices)
        else:
            self._reference(choices.of([*objects, *others]), choices)

    def call(self, name: str, on: str | None, arguments: Mapping[str, Any], place: tuple[str | None, str]) -> Step:
        """Make one call, and let the witness look at it."""
        before = self.world
        obj = before.objects.get(on or "")
        machine, process = place
        step = self.simulation.call(name, on, arguments, machine=machine, process=process)
        self.witness.called(name, on, arguments, before, step)
        if step.refusal is not None and "IVssAsync" not in name:
            assert _but_for_scripts(before, step.world) == before, f"{name} was refused and changed the world"
        state = obj.state if isinstance(obj, BackupObject) else 0
        settled = not self._untold.get(on or "")
        self.made.append(Made(len(self.simulation.record) + 1, name, on, arguments, state, settled, step))
        self._learn_ends(obj, on or "", name.rpartition("::")[2], step)
        self.counts[f"{name.rpartition('::')[2]} {'accepted' if step.refusal is None else 'refused'}"] += 1
        for value in step.out.values():
            if isinstance(value, str) and value in step.world.objects and value not in self._places:
                self._places[value] = place
        sets = [one.on for one in self.made if one.name.endswith("StartSnapshotSet") and one.step.refusal is None]
        self.crowded |= len(sets) != len(set(sets))
        return step

    def _learn_ends(self, obj: object, on: str, short: str, step: Step) -> None:
        """Which operations were begun whose end was not read yet."""
        if isinstance(obj, BackupObject):
            begun = [value for key, value in step.out.items() if key in ("pAsync", "ppAsync")]
            untold = self._untold.setdefault(on, set())
            before = [self.world.objects.get(handle) for handle in untold]
            running = [one for one in before if isinstance(one, AsyncObject) and begun]
            if any(one.method == short for one in running):
                untold.add(_OVERLAP)
            self.crowded |= any(one.end is None for one in running)
            untold.update(begun)
        elif isinstance(obj, AsyncObject) and step.out.get("pHrResult", PENDING) is not PENDING:
            self._untold[obj.owner].discard(on)

    def _create(self, choices: Choices) -> None:
        machines = self.world.description.machines
        place = choices.of(machines).name if self._several else None, choices.of(_PROCESSES)
        self.crowded |= any(
            isinstance(obj, BackupObject) or (isinstance(obj, AsyncObject) and obj.end is None)
            for obj in self.world.objects.values()
        )
        out = self.call("CreateVssBackupComponents", None, {}, place).out
        self._current = out.get("ppBackup", self._current)

    def _on_backup_object(self, handle: str, choices: Choices) -> None:
        obj = self.world.objects[handle]
        assert isinstance(obj, BackupObject)
        if choices.below(6) == 5 and not enabled(obj.state, self.world.profile).onward:
            self.call("IUnknown::Release", handle, {}, self._places[handle])
            return
        name = self._method(obj, choices)
        signature = signatures()[METHODS[name].full_name]
        machine = self.world.description.machines[obj.machine]
        arguments = Drawer(self.world, machine, obj, self._documents).arguments(signature, choices)
        try:
            step = self.call(signature.full_name, handle, arguments, self._places[handle])
        except (NotThere, NotSimulated):
            return
        if name == "SaveAsXML" and step.out:
            self._documents.append(step.out["pbstrXML"])
        operation = next((value for key, value in step.out.items() if key in ("pAsync", "ppAsync")), None)
        if operation is not None:
            self._follow(operation, choices)

    def _method(self, obj: BackupObject, choices: Choices) -> str:
        """Half of the time on towards an end, then the work, then any call that is allowed, now and then any call."""
        here = enabled(obj.state, self.world.profile)
        kind = choices.below(16)
        if obj.state == START and kind > 6:
            return choices.of(METHOD_NAMES)
        for limit, names in ((7, here.onward), (10, here.work), (12, here.allowed)):
            if kind < limit and names:
                return choices.of(names)
        return choices.of(METHOD_NAMES)

    def _follow(self, operation: str, choices: Choices) -> None:
        """Wait for the end of an operation, ask for it, cancel it, or leave it to later steps."""
        way = choices.below(_NEVER_WAITS)
        place = self._places[operation]
        if way == _NEVER_WAITS - 1:
            return
        if way == _NEVER_WAITS - 2:
            self.call("IVssAsync::Cancel", operation, {}, place)
        elif way == _NEVER_WAITS - 3:
            self.call("IVssAsync::Wait", operation, {"dwMilliseconds": choices.below(2) * 1000}, place)
        else:
            self.call("IVssAsync::Wait", operation, {}, place)
        self.call("IVssAsync::QueryStatus", operation, {"pReserved": None}, place)
        if way < 2:
            self.call("IUnknown::Release", operation, {}, place)

    def _on_other(self, handle: str, choices: Choices) -> None:
        obj = self.world.objects[handle]
        place = self._places[handle]
        signature = self._other_method(obj, choices)
        if signature is None:
            return
        machine = self.world.description.machines[obj.machine]
        arguments = Drawer(self.world, machine, None, self._documents).arguments(signature, choices)
        if isinstance(obj, AsyncObject):
            arguments = {name: value for name, value in arguments.items() if name != "pHrResult"}
        with suppress(NotThere, Gone):
            self.call(signature.full_name, handle, arguments, place)

    def _other_method(self, obj: Any, choices: Choices) -> Signature | None:
        """A method of an object that is none of backup components; pointers of an object that is gone are no use."""
        if isinstance(obj, AsyncObject):
            return signatures()[choices.of(("IVssAsync::Wait", "IVssAsync::QueryStatus", "IVssAsync::Cancel"))]
        if isinstance(obj, ListObject):
            return signatures()[choices.of(_OF_A_REQUESTER["IVssEnumObject"])]
        if isinstance(obj, DocumentPointer) and obj.owner in self.world.objects:
            names = _POINTED if obj.component is None else _COMPONENT
            return signatures()[choices.of(names)]
        if isinstance(obj, ReadObject) and obj.family in _OF_A_REQUESTER:
            return signatures()[choices.of(_OF_A_REQUESTER[obj.family])]
        return None

    def _function(self, choices: Choices) -> None:
        signature = signatures()[choices.of(_FUNCTIONS)]
        machine = choices.of(self.world.description.machines)
        arguments = Drawer(self.world, machine, None, self._documents).arguments(signature, choices)
        place = machine.name if self._several else None, ""
        with suppress(NotThere, Gone):
            self.call(signature.full_name, None, arguments, place)

    def _reference(self, handle: str, choices: Choices) -> None:
        kind = choices.below(4)
        if kind == 0:
            self.call("IUnknown::AddRef", handle, {}, self._places[handle])
        elif kind == 1:
            self.call("IUnknown::QueryInterface", handle, {"riid": "IID_IUnknown"}, self._places[handle])
        else:
            self.call("IUnknown::Release", handle, {}, self._places[handle])

    def _happens(self, choices: Choices) -> None:
        machine = choices.of(self.world.description.machines).name if self._several else None
        if self.most == 1:
            what = choices.of(("time passes", "time passes", "process ends", "reboot"))
        else:
            what = choices.of(_HAPPENINGS)
        more: dict[str, Any] = {}
        if what == "time passes":
            more["seconds"] = choices.of((1, 10, 100))
        elif what.startswith("service"):
            more["service"] = "SERVICE"
            self.crowded = True
        elif what == "process ends":
            more["process"] = choices.of(_PROCESSES)
        before = self.world
        events = self.simulation.happens(what, machine, **more)
        self.witness.happened(what, before, self.world, events)


_POINTED: Final = ("IVssWriterComponents::GetComponentCount", "IVssWriterComponents::GetComponent")
_COMPONENT: Final = ("IVssComponent::GetComponentName", "IVssComponent::GetBackupSucceeded")


def _is_held(obj: object) -> bool:
    """Whether the program still has a reference; an operation that it let go may be under way yet."""
    return getattr(obj, "references", 1) > 0


def _but_for_scripts(before: World, after: World) -> World:
    """The world after a call, with the counters of scripted answers set back."""
    if after is before or after.machines == before.machines:
        return after
    machines = tuple(
        replace(new, answers=old.answers) for old, new in zip(before.machines, after.machines, strict=True)
    )
    return replace(after, machines=machines)


def walk(world: bytes, steps: Iterable[bytes], profile: Profile, kind: type[Simulation] = Simulation) -> Walk:
    """The run of a program in the world that the bytes draw, on a simulation of this kind."""
    walked = Walk(draw_world(Choices(world)), profile, kind)
    walked.most = MOST_OBJECTS if world[-1] % 3 else 1
    return walked.run(steps)
