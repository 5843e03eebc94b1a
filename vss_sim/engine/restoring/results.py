"""What became of a restore: per component set the way through the table, per file where it goes and when."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from vss_sim.engine.restoring.exclusive import Obstacle
from vss_sim.engine.restoring.media import Missed
from vss_sim.engine.restoring.places import ComponentSet, Place
from vss_sim.model.names import fold
from vss_sim.model.world import World
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod, RestoreTarget
from vss_sim.spec.restoring import Decided, Step, course, reading
from vss_sim.spec.restoring.parameters import LATE_STOP_AFTER_ERROR
from vss_sim.spec.restoring.words import Course, Decision, Outcome, Question, When


class FileResult(Struct, frozen=True):
    """A file of a component set: the path it was saved under, where it goes (None: nowhere), and when."""

    saved_as: str
    to: str | None
    when: When


class ComponentResult(Struct, frozen=True):
    """What became of a component set, and by which questions and answers.

    `waiting` is the question that only the restart answers; `staged` maps final places to temporary ones until then.
    """

    machine: str
    writer: str
    writer_id: str
    logical_path: str
    component: str
    method: RestoreMethod | None
    target: RestoreTarget
    outcome: Outcome
    status: FileRestoreStatus
    files: tuple[FileResult, ...]
    way: tuple[Step, ...] = ()
    stored: tuple[tuple[Question, bool], ...] = ()
    """What the documents answer, also where it was not asked; none where the set was left out before its tree."""
    waiting: Decision | None = None
    staged: tuple[tuple[str, str], ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    """What was in the way of the places that were tried, in their order."""
    selected: bool = True
    """Whether the writer took part."""
    missed: tuple[Missed, ...] = ()
    """What the backup could not save of it."""

    service: str | None = None
    """The service that the writer names to be stopped and started."""
    course: Course | None = None
    """The order of the steps around the files; None where there is no method."""
    came_to_files: bool = False
    """Whether anybody came so far as to try the files."""
    stops_after_error: bool = True
    """Whether a service that is to be stopped after the files is stopped also where they were in the way (C05)."""
    reboot_required: bool = False
    """Whether the writer asks for a restart after its files were restored."""

    @property
    def stops(self) -> bool:
        """Whether the restore came to where its method has a service stopped; what is left out before has none stopped.

        After the files it is stopped for a set that was in the way, too, unless the other reading is taken (rule
        rss-stop-after-error).
        """
        asked = any(step.question is Question.SERVICE_NAMED for step in self.way)
        late = self.came_to_files and (self.stops_after_error or self.status is not FileRestoreStatus.NONE)
        return self.course is not None and self.course.stops and (asked or late)

    @property
    def waits(self) -> bool:
        """Whether files wait for the restart, or did."""
        return bool(self.staged)

    @property
    def wants_reboot(self) -> bool:
        """Whether a restart has to follow (rule rar-boot-flag)."""
        return self.waits or (self.restored and self.reboot_required)

    @property
    def restored(self) -> bool:
        """Whether the files are at their places, or wait for the restart to bring them there."""
        return self.outcome.restores


class Restored(Struct, frozen=True):
    """A whole restore: its component sets in the order in which they were worked on, and what happened in order."""

    components: tuple[ComponentResult, ...]
    events: tuple[str, ...]

    @property
    def wants_reboot(self) -> bool:
        """Whether a restart has to follow (rule rar-boot-flag)."""
        return any(one.wants_reboot for one in self.components)

    @property
    def everything(self) -> bool:
        """Whether every component set was restored."""
        return all(one.restored for one in self.components)


def result_of(
    machine: str,
    known: ComponentSet,
    decided: Decided,
    outcome: Outcome,
    status: FileRestoreStatus,
    readings: Mapping[str, str],
) -> ComponentResult:
    """A result without files."""
    explicit, writer = known.explicit, known.writer
    return ComponentResult(
        machine=machine,
        writer=writer.name,
        writer_id=writer.writer_id,
        logical_path=explicit.logical_path,
        component=explicit.name,
        method=writer.method,
        target=explicit.target,
        outcome=outcome,
        status=status,
        files=nowhere(known) if outcome.when is When.NEVER else (),
        way=decided.way,
        waiting=decided.waiting,
        service=writer.service,
        course=course(writer.method, readings) if writer.method is not None else None,
        reboot_required=writer.reboot_required,
        stops_after_error=reading(LATE_STOP_AFTER_ERROR, readings) == "always",
    )


def nowhere(known: ComponentSet) -> tuple[FileResult, ...]:
    """The files of a set that is not restored."""
    return tuple(FileResult(file.saved.path, None, When.NEVER) for file in known.files)


def to_places(places: tuple[Place, ...], when: When) -> tuple[FileResult, ...]:
    """The files of a set that go to places."""
    return tuple(FileResult(place.file.saved.path, place.path, when) for place in places)


class Arrival(Struct, frozen=True):
    """What the restart made of a staged file."""

    path: str
    moved: bool


def after_restart(restored: Restored, world: World) -> tuple[Restored, tuple[Arrival, ...]]:
    """What is known after the restart: the last question of the sets that waited for it, and each staged file."""
    arrivals: list[Arrival] = []
    components = []
    for one in restored.components:
        if one.waiting is None:
            components.append(one)
            continue
        mine = [Arrival(final, _moved(world, one.machine, temporary)) for final, temporary in one.staged]
        arrivals += mine
        end = one.waiting.yes if all(arrival.moved for arrival in mine) else one.waiting.no
        assert isinstance(end, Outcome)  # noqa: S101 - the restart is asked last
        failed = {fold(arrival.path) for arrival in mine if not arrival.moved}
        files = tuple(
            FileResult(file.saved_as, None, When.NEVER) if fold(file.to or "") in failed else file for file in one.files
        )
        components.append(replace(one, outcome=end, waiting=None, files=files))
    return replace(restored, components=tuple(components)), tuple(arrivals)


def _moved(world: World, machine: str, temporary: str) -> bool:
    names = [one.name for one in world.description.machines]
    moves = world.machines[names.index(machine)].disks.boot_moves
    return any(move.source == temporary and move.outcome == "ERROR_SUCCESS" for move in moves)
