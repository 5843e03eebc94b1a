"""Which writers have part in a restore: some are gone, veto, hear of failures only or of nothing, or have instances."""

from collections.abc import Mapping
from typing import Any

from tests.restore_walks import F1, F2, F3, calls, heard, interfered, statuses
from tests.restoring import (
    FILES,
    WRITER,
    Machine,
    backed_up,
    component,
    world,
    writer,
)
from vss_sim.engine.restoring.requests import Request


def test_what_a_writer_does_in_pre_restore_counts() -> None:
    """W09, W10: a file that vanishes, or is freed, during PreRestore is in nobody's way."""
    machine = Machine(world(writer("RESTORE_IF_NOT_THERE"))).delete(F1, F3)

    def vanished(name: str, _: Mapping[str, Any]) -> None:
        if name.endswith("::PreRestore"):
            machine.delete(F2)

    interfered(machine, vanished)
    assert machine.leaf == "rint-original"
    locked = Machine(world(writer("RESTORE_IF_CAN_REPLACE"))).change(*FILES).lock(F2)

    def freed(name: str, _: Mapping[str, Any]) -> None:
        if name.endswith("::PreRestore"):
            locked.simulation.happens("file released", path=F2)

    assert interfered(locked, freed).leaf == "ricr-original"
    assert backed_up(locked)


def test_a_custom_writer_is_left_alone() -> None:
    """W17: not selected, its procedure followed; without one nothing is touched."""
    how = {"writerRestore": "VSS_WRE_NEVER"}
    machine = Machine(world(writer("CUSTOM", how=how), services=[{"name": "NtFrs"}])).change(F1)
    unknown = machine.restore()
    assert unknown.leaf == "custom-unknown"
    assert machine.on_disk() == machine.before
    procedure = (
        ("ControlService", {"lpServiceName": "NtFrs", "dwControl": "SERVICE_CONTROL_STOP"}),
        ("WriteFile", {"lpFileName": F1, "content": "by the book"}),
        ("StartService", {"lpServiceName": "NtFrs"}),
    )
    machine.restore(Request(procedures={WRITER: procedure}))
    assert machine.leaf == "custom"
    assert machine.on_disk()[F1.upper()] == b"by the book"
    assert heard(machine) == []
    assert not calls(machine, "SetSelectedForRestore", "PreRestore")


def test_files_of_a_writer_that_is_gone_are_restored_without_it() -> None:
    """W21: not selected, no event, its files by its method; or left out (rules nowriter-...)."""
    described = world(writer("RESTORE_IF_CAN_REPLACE", hostedIn="Db"), services=[{"name": "Db"}])
    machine = Machine(described).change(*FILES)
    machine.simulation.happens("service stops", service="Db")
    machine.restore()
    assert machine.leaf == "ricr-original"
    assert backed_up(machine)
    assert not calls(machine, "SetSelectedForRestore", "PreRestore", "SetFileRestoreStatus")
    left = machine.change(F1).restore(Request(missing_writers=False))
    assert left.leaf == "writer-not-running"
    assert left.on_disk() == left.before


def test_a_veto_leaves_out_the_files_of_its_writer() -> None:
    """Status NONE, PostRestore all the same, and other writers are restored (C61)."""
    other = "{5affb034-969f-4919-8875-88f830d0ef90}"
    veto = {"on": "PreRestore", "fails": "VSS_E_WRITERERROR_NONRETRYABLE"}
    described = world(
        writer("RESTORE_IF_CAN_REPLACE", replies=[veto]),
        writer(
            "RESTORE_IF_CAN_REPLACE",
            name="Other",
            writerId=other,
            components=[component(files=[{"path": "D:\\o", "filespec": "*"}])],
        ),
        on_d={"D:\\o\\f": {"content": "other"}},
    )
    machine = Machine(described).change(*FILES, "D:\\o\\f").restore()
    assert [one.outcome.name for one in machine.restored.components] == ["vetoed", "ricr-original"]
    assert machine.on_disk()["D:\\O\\F"] == b"other"
    assert statuses(machine) == ["VSS_RS_NONE", "VSS_RS_ALL"]
    assert heard(machine) == ["PreRestore", "PostRestore"]


def test_a_writer_that_wants_to_hear_of_failures_hears_of_them_only() -> None:
    """VSS_WRE_IF_REPLACE_FAILS: PostRestore after a restore that failed, by the status (C47)."""
    how = {"writerRestore": "VSS_WRE_IF_REPLACE_FAILS"}
    good = Machine(world(writer("RESTORE_IF_CAN_REPLACE", how=how))).restore()
    assert heard(good) == ["PreRestore"]
    bad = Machine(world(writer("RESTORE_IF_CAN_REPLACE", how=how))).lock(F1).restore()
    assert heard(bad) == ["PreRestore", "PostRestore"]


def test_an_express_writer_is_restored_without_events() -> None:
    """It has VSS_WRE_NEVER and the target VSS_RT_ORIGINAL always (rules wre-express-never, rt-express)."""
    express = writer("RESTORE_IF_CAN_REPLACE", how={"writerRestore": "VSS_WRE_NEVER"}, express=True)
    machine = Machine(world(express)).change(F1).restore()
    assert machine.leaf == "ricr-original"
    assert backed_up(machine)
    assert heard(machine) == []
    assert not calls(machine, "SetSelectedForRestore")


def test_writers_are_told_apart_by_the_names_of_their_instances() -> None:
    """Two instances of a class: each component goes to the one of its name (rule svc-stored-instance-useless)."""

    def named(name: str, spec: str) -> dict[str, Any]:
        return writer(
            "RESTORE_IF_CAN_REPLACE",
            instanceName=name,
            components=[component(name, files=[{"path": "C:\\data", "filespec": spec}])],
        )

    machine = Machine(world(named("one", "f1"), named("two", "f2"))).change(*FILES)
    machine.simulation.happens("reboot")
    machine.restore()
    selected = calls(machine, "SetSelectedForRestoreEx")
    running = [state.instance_id for state in machine.simulation.world.machines[0].writers]
    assert [line["in"]["instanceId"] for line in selected] == running
    assert machine.restored.everything
