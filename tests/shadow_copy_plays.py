"""Plays with shadow copies on two machines, drawn by hypothesis, and what must hold after each of their acts."""

from contextlib import suppress
from typing import Any, Final

from hypothesis import strategies as st

from tests.requester_support import initialised
from tests.test_nobody_stays_frozen import left_frozen
from tests.two_machines import (
    FILE,
    PASSING,
    PERSISTENT,
    SYSTEM,
    exported,
    hardware,
    importing,
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
from vss_sim.engine.inputs import Gone
from vss_sim.judge.findings import At
from vss_sim.model.computer import SYSTEM_PROVIDER_ID
from vss_sim.model.world import Snapshot

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
    *("GetTargetLuns", "OnLunStateChange"),
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
