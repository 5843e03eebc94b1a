"""Whatever is done with shadow copies on two machines, in whatever order: nothing is left that nothing lists.

The plays are drawn: machine one has writers, both have the array's provider, and one step of a creation or an import
may fail. What must hold in the end reads no table; planted faults of the engine show that each part of it can fail.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.requester_support import initialised
from tests.support import check
from tests.test_nobody_stays_frozen import left_frozen
from tests.two_machines import (
    FILE,
    PASSING,
    PERSISTENT,
    SYSTEM,
    exported,
    hardware,
    importing,
    left_behind,
    listed,
    set_of,
    two_machines,
)
from tests.witnesses import storage
from tests.writers_at_work import writer
from vss_sim import (
    Async,
    BackupComponents,
    BadCall,
    HardwareOptions,
    NotSimulated,
    ObjectType,
    Profile,
    ProviderId,
    RecoveryOptions,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
)
from vss_sim.engine import bits
from vss_sim.engine.answers import Event
from vss_sim.engine.desk import Desk
from vss_sim.engine.inputs import Gone
from vss_sim.engine.writers import Raised, abort
from vss_sim.judge.findings import At
from vss_sim.model.computer import SYSTEM_PROVIDER_ID
from vss_sim.model.world import Snapshot, World

LOCALLY: Final = VolumeSnapshotAttributes.EXPOSED_LOCALLY
WITH_WRITERS: Final = SnapshotContext.APP_ROLLBACK
VSS: Final = At.IMPLEMENTATION
BY_THE_SYSTEM: Final = ProviderId(SYSTEM_PROVIDER_ID)
ACTS: Final = (
    *("export", "import", "release", "delete", "break", "mask", "reboot", "write", "abort"),
    *("expose", "unexpose", "back_up", "begin", "pass", "revert"),
    *("begin_import", "go_on", "cancel", "begin_break", "crash", "mask_original", "recover"),
)
OPENINGS: Final = (
    (),
    (("back_up", 0), ("back_up", 4)),
    (("begin", 0), ("pass", 1)),
    (("export", 3), ("import", 0)),
    (("export", 4), ("import", 0), ("expose", 0)),
    (("export", 5), ("expose", 1), ("back_up", 3)),
    (("export", 0), ("import", 0), ("import", 2), ("break", 2)),
    (("back_up", 3), ("back_up", 4), ("write", 0), ("revert", 0)),
)
"""What a play may begin with, so that there is something to act on."""
STEPS: Final = (
    *("LocateLuns", "FillInLunInfo"),
    *("EndPrepareSnapshots", "CommitSnapshots", "PostCommitSnapshots", "PostFinalCommitSnapshots"),
)
EVENTS: Final = ("PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")
ACTED: Final = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5)), min_size=1, max_size=12)
PROGRAMS: Final = st.builds(lambda opening, acts: [*opening, *acts], st.sampled_from(OPENINGS), ACTED)
FAILING: Final = st.sampled_from([*STEPS, *EVENTS, *STEPS[:2], None])
LATE: Final = st.builds(
    lambda how, skip: {**how, "skip": skip},
    st.sampled_from([{"fails": True}, {"seconds": 100}, {"seconds": 7}]),
    st.integers(0, 1),
)

Program = list[tuple[str, int]]


class Play:
    """A row of acts on two machines with one array; `failing` is the step that fails or is late, `how` tells when."""

    def __init__(
        self, failing: str | None, how: dict[str, Any] | None = None, profile: Profile = Profile.WINDOWS
    ) -> None:
        how = how or {"fails": True}
        code = "VSS_E_WRITERERROR_RETRYABLE" if failing in EVENTS else "VSS_E_PROVIDER_VETO"
        reply = {"skip": 1, **how, **({"fails": code} if "fails" in how else {}), "on": failing, "times": 1}
        provider = {"providers": [hardware(replies=[reply] if failing in STEPS else []), SYSTEM]}
        writers = [writer("sql", *([reply] if failing in EVENTS else [])), writer("web", level="VSS_APP_BACK_END")]
        volumes = [{"name": f"{one}:\\", "lun": f"LUN {one}", "files": {f"{one}:\\a.txt": FILE}} for one in "FGH"]
        one = {**provider, "writers": writers, "volumes": volumes}
        self.simulation = two_machines(one, provider, profile=profile)
        self.objects: list[BackupComponents] = []
        self.copies: list[SnapshotId] = []
        self.documents: list[str] = []
        self.running: list[Async] = []
        self.heard: list[Event] = []

    def do(self, act: str, which: int) -> None:
        """One act; what VSS refuses, or nobody can call, is passed over."""
        with suppress(VssError, Gone, BadCall, NotSimulated, IndexError, ZeroDivisionError):
            getattr(self, f"_{act}")(which)

    def _one(self, things: list[Any], which: int) -> Any:
        return things[which % len(things)]

    def _export(self, which: int) -> None:
        context = (PERSISTENT, PASSING, SnapshotContext.NAS_ROLLBACK)[which % 3]
        made, copies, document = exported(self.simulation, context, "FGH"[: 1 + which // 3])
        self.objects.append(made)
        self.copies += copies
        self.documents.append(document)

    def _back_up(self, which: int) -> None:
        """A set with writers, by hardware or by the system, which may fail in the middle."""
        made = self._prepared(which)
        try:
            made.do_snapshot_set().finish()
        except VssError:
            assert self.copies[-1] not in self.simulation.world.snapshots, "a creation failed, and left a copy"
            raise

    def _begin(self, which: int) -> None:
        """A creation is begun, and nobody waits for it."""
        self._prepared(which).do_snapshot_set()

    def _prepared(self, which: int) -> BackupComponents:
        made = initialised(self.simulation, machine="one")
        self.objects.append(made)
        made.set_context(WITH_WRITERS)
        made.set_backup_state(False, False, 1, False)  # type: ignore[arg-type]
        made.gather_writer_metadata().finish()
        made.start_snapshot_set()
        provider = BY_THE_SYSTEM if which > 2 else None
        self.copies.append(made.add_to_snapshot_set(f"{'FGH'[which % 3]}:\\", provider))
        made.prepare_for_backup().finish()
        return made

    def _pass(self, which: int) -> None:
        self.simulation.happens("time passes", seconds=(0, 1, 5, 9, 12, 100)[which])

    def _revert(self, which: int) -> None:
        """By an object of an administrator, which sees the copies of every context."""
        with initialised(self.simulation, machine="one") as requester:
            requester.set_context(SnapshotContext.ALL)
            requester.revert_to_snapshot(self._one(self.copies, which), force_dismount=True)

    def _import(self, which: int) -> None:
        target = importing(self.simulation, self._one(self.documents, which), ("two", "one")[which % 2])
        self.objects.append(target)
        target.import_snapshots().finish()

    def _begin_import(self, which: int) -> None:
        """An import is begun, and nobody waits for it."""
        target = importing(self.simulation, self._one(self.documents, which), ("two", "one")[which % 2])
        self.objects.append(target)
        self.running.append(target.import_snapshots())

    def _begin_break(self, which: int) -> None:
        copy = self.simulation.world.snapshots.get(self._one(self.copies, which))
        if copy is not None:
            requester = self._one(self.objects, which)
            self.running.append(requester.break_snapshot_set(copy.set_id, HardwareOptions.MAKE_READ_WRITE))

    def _go_on(self, which: int) -> None:
        self._one(self.running, which).finish()

    def _cancel(self, which: int) -> None:
        self._one(self.running, which).cancel()

    def _crash(self, which: int) -> None:
        self.simulation.happens("VSS crashes", ("one", "two")[which // 3])

    def _mask_original(self, which: int) -> None:
        self.simulation.happens(("LUN masked", "LUN unmasked")[which % 2], "one", lun=f"LUN {'FGH'[which % 3]}")

    def _recover(self, which: int) -> None:
        """A LUN resync, by an object that began with one of the documents for a restore."""
        requester = create_backup_components(self.simulation, machine=("one", "two")[which // 3])
        self.objects.append(requester)
        requester.initialize_for_restore(self._one(self.documents, which))
        requester.add_snapshot_to_recovery_set(self._one(self.copies, which), 0)
        requester.recover_set((0, RecoveryOptions.NO_VOLUME_CHECK)[which % 2]).finish()

    def _release(self, which: int) -> None:
        self.objects.pop(which % len(self.objects)).release()

    def _abort(self, which: int) -> None:
        self._one(self.objects, which).abort_backup()

    def _delete(self, which: int) -> None:
        copy = self._one(self.copies, which)
        self._one(self.objects, which).delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)

    def _break(self, which: int) -> None:
        requester = self._one(self.objects, which)
        flags = (HardwareOptions(0), HardwareOptions.MASK_LUNS, HardwareOptions.MAKE_READ_WRITE)[which % 3]
        whole = set_of(requester, self._one(self.copies, which))
        members = [copy for copy in self.simulation.world.snapshots.values() if copy.set_id == whole]
        members = [copy for copy in members if self._is_seen(copy)]  # one that is masked stays a shadow copy
        requester.break_snapshot_set(whole, flags).finish()
        for copy in members:
            assert copy.snapshot_id not in self.simulation.world.snapshots
            lun = self.simulation.world.luns.get(copy.lun)
            assert lun is not None and lun.volume is not None, f"the volume on {copy.lun} is lost"  # noqa: PT018
            machine, place = lun.volume
            assert self.simulation.world.machines[machine].disks.volumes[place] is copy.disk

    def _is_seen(self, copy: Snapshot) -> bool:
        lun = self.simulation.world.luns.get(copy.lun)
        return lun is None or copy.machine in lun.seen_by

    def _expose(self, which: int) -> None:
        name = f"{'XYZ'[which % 3]}:"
        self._one(self.objects, which).expose_snapshot(self._one(self.copies, which), None, LOCALLY, name)

    def _unexpose(self, which: int) -> None:
        self._one(self.objects, which).unexpose_snapshot(self._one(self.copies, which))

    def _mask(self, which: int) -> None:
        what = ("LUN masked", "LUN unmasked")[which % 2]
        self.simulation.happens(what, ("one", "two")[which // 3], lun=self._one(self.copies, which))

    def _reboot(self, which: int) -> None:
        self.simulation.happens(("reboot", "machine crashes")[which % 2], ("one", "two")[which // 3])

    def _write(self, which: int) -> None:
        path = f"{'FGH'[which % 3]}:\\a.txt"
        self.simulation.call("DeleteFile", None, {"lpFileName": path}, machine="one")


def play(
    program: Program, failing: str | None, how: dict[str, Any] | None = None, profile: Profile = Profile.WINDOWS
) -> Play:
    """Act by act, nothing is there that nothing lists; in the end everybody is thawed, and nothing is in progress."""
    made = Play(failing, how, profile)
    for act, which in program:
        before = made.simulation.world
        made.do(act, which)
        storage(before, made.simulation.world)
    for requester in made.objects:
        with suppress(Gone):
            requester.release()
    for machine in ("one", "two"):
        made.simulation.happens("process ends", machine)
    _nobody_is_frozen(made.simulation)
    _nothing_is_in_progress(made.simulation)
    _everything_is_listed(made.simulation)
    return made


def _nobody_is_frozen(simulation: Simulation) -> None:
    """Since the machine crashed the last time: then nobody is there who could be thawed."""
    events: list[Event] = []
    for line in simulation.lines():
        if "event" in line:
            events.append(Event(line["event"], 0, line["writer"], line["instance"], line["answer"]))
        elif line.get("happens") == "machine crashes" and line["machine"] == "one":
            left_frozen(events)
            events.clear()
    assert left_frozen(events) == set()


def _nothing_is_in_progress(simulation: Simulation) -> None:
    """Another requester can begin a set on each machine."""
    for machine in ("one", "two"):
        other = initialised(simulation, machine=machine)
        other.set_context(SnapshotContext.NAS_ROLLBACK)
        try:
            other.start_snapshot_set()
        except VssError as refused:
            raise AssertionError(f"on {machine}: {refused}") from refused
        other.abort_backup()
        other.release()


def _everything_is_listed(simulation: Simulation) -> None:
    """A surfaced copy is listed by VSS on its machine, one that waits or is masked by its LUN; each has an owner."""
    names = [machine.name for machine in simulation.world.description.machines]
    luns = {lun.snapshot_id: lun for lun in simulation.luns()}
    told = {}
    for name in names:
        with create_backup_components(simulation, machine=name) as asker:
            asker.initialize_for_backup()
            asker.set_context(SnapshotContext.ALL)
            told[name] = listed(asker)
    for copy in simulation.world.snapshots.values():
        assert copy.attributes & bits.PERSISTENT, f"{copy.snapshot_id} outlived its object"
        here = names[copy.machine]
        waits = copy.attributes & bits.NOT_SURFACED or (copy.lun and here not in luns[copy.snapshot_id].seen_by)
        assert copy.snapshot_id in (luns if waits else told[here])
        assert not (waits and copy.snapshot_id in told[here]), f"{copy.snapshot_id} is listed where nobody sees it"
    described = {volume.lun for machine in simulation.world.description.machines for volume in machine.volumes}
    for lun in simulation.luns():
        kept = simulation.world.luns[lun.lun].volume is not None or lun.lun in described
        assert kept or lun.snapshot_id in simulation.world.snapshots, f"nothing lists {lun.lun}"
        is_left = [name for name in lun.seen_by if lun.snapshot_id and lun.snapshot_id not in told[name]]
        assert list(lun.left_behind) == is_left


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PROGRAMS, FAILING, LATE)
def test_no_act_leaves_a_copy_or_lun_that_nothing_lists(
    program: Program, failing: str | None, how: dict[str, Any]
) -> None:
    """Whatever is made, imported, deleted, broken, masked, given up, fails or crashes, in whatever order."""
    made = play(program, failing, how)
    event(f"{len(made.simulation.luns())} LUNs, {len(left_behind(made.simulation))} left behind")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(PROGRAMS, FAILING, LATE, st.sampled_from(Profile))
def test_the_checker_finds_no_fault_of_vss_in_a_play(
    program: Program, failing: str | None, how: dict[str, Any], profile: Profile
) -> None:
    """Judged as one log of two machines, every answer of the simulator is one that the checker allows there."""
    made = play(program, failing, how, profile)
    faults = [finding for finding in check(list(made.simulation.lines()), profile).findings if finding.at is VSS]
    assert faults == []


def _of_machine_one(world: World) -> tuple[Any, ...]:
    """All that machine one has: files, writers, objects, what it sees, and its own LUNs."""
    objects = {handle: obj for handle, obj in world.objects.items() if obj.machine == 0}
    luns = {name: lun for name, lun in world.luns.items() if not lun.copy_of}
    seen = {name for name, lun in world.luns.items() if 0 in lun.seen_by}
    return world.machines[0], objects, luns, seen


def carry(volumes: str, context: int, failing: str | None, acts: Program) -> Simulation:
    """A set is imported, used and deleted on machine two, on which a step may fail; machine one is as it was."""
    reply = [{"on": failing, "fails": "VSS_E_PROVIDER_VETO", "times": 1}] if failing else []
    original = [{"name": f"{one}:\\", "lun": one, "files": {f"{one}:\\a.txt": {"content": "x"}}} for one in volumes]
    simulation = two_machines({"volumes": original}, {"providers": [hardware(replies=reply)]})
    _, copies, document = exported(simulation, context, volumes)
    before = _of_machine_one(simulation.world)
    target = importing(simulation, document)
    for act, which in acts:
        copy = copies[which % len(copies)]
        with suppress(VssError, NotSimulated, BadCall):
            if act == "import":
                target.import_snapshots().finish()
            elif act == "mask":
                simulation.happens("LUN masked", "two", lun=copy)
            elif act == "expose":
                target.expose_snapshot(copy, None, LOCALLY, "X:")
            elif act == "delete":
                target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
            elif act == "reboot":
                simulation.happens("reboot", "two")
                target = importing(simulation, document)
        assert _of_machine_one(simulation.world) == before
    for copy in copies:
        with suppress(VssError):
            target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    target.release()
    assert _of_machine_one(simulation.world) == before
    return simulation


USES: Final = st.lists(
    st.tuples(st.sampled_from(["import", "import", "mask", "expose", "delete", "reboot"]), st.integers(0, 2)),
    max_size=8,
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.sampled_from(["F", "FG", "FGH"]),
    st.sampled_from([PERSISTENT, PASSING]),
    st.sampled_from([None, "LocateLuns", "FillInLunInfo"]),
    USES,
)
def test_import_and_deletion_on_machine_two_leave_machine_one_as_it_was(
    volumes: str, context: int, failing: str | None, acts: Program
) -> None:
    """Its files, volumes, LUNs, writers and the objects that live there, whatever fails on machine two."""
    carry(volumes, context, failing, acts)


def _plays() -> None:
    """Some plays, always the same."""
    chance = random.Random(7)
    for _ in range(150):
        program = [(chance.choice(ACTS), chance.randrange(6)) for _ in range(14)]
        how: dict[str, Any] = {"fails": True} if chance.random() < 0.5 else {"seconds": 100}
        play([("back_up", 0), ("back_up", 1), *program], chance.choice([None, *STEPS, *EVENTS]), how)


def _carried() -> None:
    for failing in (None, "FillInLunInfo"):
        for context in (PERSISTENT, PASSING):
            carry("FG", context, failing, [("import", 0), ("import", 0), ("expose", 0), ("delete", 1)])


def _keep_lun(desk: Desk, snapshot_id: str) -> None:
    """The deletion forgets the LUN."""
    desk.forget_snapshot(snapshot_id)


def _only_abort(desk: Desk, obj: Any) -> Any:
    """A set that is given up leaves its copies."""
    return abort(desk, obj)


def _no_thaw(original: Callable[..., Any]) -> Callable[..., Any]:
    def raise_event(desk: Desk, obj: Any, name: str, level: Any = None) -> Any:
        return Raised(obj) if name == "Thaw" else original(desk, obj, name, level)

    return raise_event


def _live(original: Callable[..., Any]) -> Callable[..., Any]:
    """Who looks at a copy sees the volume as it is now."""

    def put_snapshot(desk: Desk, copy: Snapshot) -> None:
        volumes = desk.machines[0].disks.volumes
        original(desk, replace(copy, disk=volumes[0]) if copy.exposed_name else copy)

    return put_snapshot


def _taken_from_all(original: Callable[..., Any]) -> Callable[..., Any]:
    """What is shown to machine two is masked from machine one, with the original."""

    def show(desk: Desk, lun: Any) -> None:
        original(desk, lun)
        for other in desk.luns.values():
            if other.lun == lun.copy_of:
                desk.put_lun(other.lun, replace(other, seen_by=frozenset()))

    return show


MUTANTS: Final[dict[str, tuple[str, Callable[[Any], Any], Callable[[], None]]]] = {
    "a deletion leaves the LUN": ("vss_sim.engine.desk.Desk.drop_snapshot", lambda _: _keep_lun, _plays),
    "a failed creation leaves its copies": ("vss_sim.engine.creation.give_set_up", lambda _: _only_abort, _plays),
    "Thaw is forgotten": ("vss_sim.engine.creation.raise_event", _no_thaw, _plays),
    "Abort is forgotten": ("vss_sim.engine.commit.abort", lambda _: lambda desk, obj: obj, _plays),
    "marks stay on the originals": (
        "vss_sim.engine.commit.mark_originals",
        lambda _: lambda desk, obj, marked: None,
        _plays,
    ),
    "an exposed copy shows the volume": ("vss_sim.engine.desk.Desk.put_snapshot", _live, _plays),
    "an import takes the original from machine one": ("vss_sim.engine.imports.show", _taken_from_all, _carried),
    "a break loses the volumes": (
        "vss_sim.engine.snapshot_operations.leave_as_volume",
        lambda _: lambda desk, copy, writable: desk.put_lun(copy.lun, None),
        _plays,
    ),
    "a device is given twice": ("vss_sim.engine.commit.new_device", lambda _: lambda desk: 1, _plays),
    "a release leaves what goes with the object": (
        "vss_sim.engine.lifetimes.shut_down",
        lambda _: lambda desk, handle, obj: desk.put(handle, None),
        _plays,
    ),
    "orphans are not told": ("vss_sim.requester.simulation.orphans", lambda _: lambda world, place: [], _plays),
}
"""A fault of the engine → where it is planted, what stands there then, and what must see it."""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each property can fail."""
    place, make, sees = MUTANTS[name]
    module, _, attribute = place.rpartition(".")
    target: Any = pytest.importorskip(module) if ".Desk" not in module else Desk
    monkeypatch.setattr(target, attribute, make(getattr(target, attribute)))
    with pytest.raises(AssertionError):
        sees()


def test_without_a_fault_the_same_plays_go_well() -> None:
    """So it is the fault that is seen."""
    _plays()
    _carried()
