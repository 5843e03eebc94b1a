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

from tests.shadow_copy_plays import (
    ACTS,
    EVENTS,
    FAILING,
    LATE,
    LOCALLY,
    PROGRAMS,
    STEPS,
    VSS,
    Program,
    play,
)
from tests.support import check
from tests.two_machines import (
    PASSING,
    PERSISTENT,
    exported,
    hardware,
    importing,
    left_behind,
    two_machines,
)
from vss_sim import (
    BadCall,
    NotSimulated,
    ObjectType,
    Profile,
    Simulation,
    VssError,
)
from vss_sim.engine.desk import Desk
from vss_sim.engine.writers import Raised, abort
from vss_sim.model.world import Snapshot, World


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
    for failing in (None, "LocateLuns"):
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
