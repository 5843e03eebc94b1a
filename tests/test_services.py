"""Services stop and start, machines start anew: who holds files, which writers run, what delayed moves came to."""

from typing import Any

import pytest

from tests.file_support import SQL, WRITER, Computer, machine
from tests.restoring import FILES, Machine, world, writer
from tests.support import blamed_on_vss
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.model.computer import Description, Requester, Writer
from vss_sim.model.disks import BootMove
from vss_sim.requester.simulation import Simulation

STOP, DELAY, REPLACE = "SERVICE_CONTROL_STOP", "MOVEFILE_DELAY_UNTIL_REBOOT", "MOVEFILE_REPLACE_EXISTING"
LOG = "C:\\db\\log.ldf"


def stop(computer: Computer, name: str) -> str:
    """What ControlService answers."""
    return computer.call("ControlService", hService=name, dwControl=STOP)


def start(computer: Computer, name: str) -> str:
    """What StartService answers."""
    return computer.call("StartService", lpServiceName=name)


def writers(computer: Computer) -> list[tuple[bool, str]]:
    """Which writers run, with their instance ids."""
    return [(one.running, one.instance_id) for one in computer.simulation.world.machines[0].writers]


def later(computer: Computer, source: str, target: str | None, flags: str = DELAY) -> str:
    """What MoveFileEx answers."""
    return computer.call("MoveFileEx", lpExistingFileName=source, lpNewFileName=target, dwFlags=flags)


def outcomes(computer: Computer) -> list[str]:
    """What became of the delayed moves."""
    return [move.outcome.removeprefix("ERROR_") for move in computer.disks.boot_moves]


def test_a_service_holds_its_files_while_it_runs() -> None:
    """Without sharing; what it would open and is not there is nobody's."""
    computer = Computer()
    assert computer.read(LOG) == "SHARING_VIOLATION"
    assert stop(computer, "sql") == "SUCCESS"
    assert computer.write(LOG, "changed") == "SUCCESS"
    assert start(computer, "SQL") == "SUCCESS"
    assert computer.write(LOG, "again") == "SHARING_VIOLATION"
    assert computer.read("C:\\db\\missing") == "FILE_NOT_FOUND"


def test_a_service_starts_without_a_file_that_another_has() -> None:
    """And then never gets it."""
    computer = Computer()
    stop(computer, "SQL")
    handle = computer.open(LOG, share="FILE_SHARE_READ")
    assert start(computer, "SQL") == "SUCCESS"
    computer.call("CloseHandle", hObject=handle)
    assert computer.read(LOG) == "log"


def test_what_services_answer() -> None:
    """By the pages of ControlService and StartService."""
    computer = Computer()
    assert (stop(computer, "none"), start(computer, "none")) == ("SERVICE_DOES_NOT_EXIST",) * 2
    assert (stop(computer, "Idle"), start(computer, "Idle")) == ("SERVICE_NOT_ACTIVE", "SUCCESS")
    assert (stop(computer, "Spooler"), start(computer, "Spooler")) == (
        "INVALID_SERVICE_CONTROL",
        "SERVICE_ALREADY_RUNNING",
    )
    asked = computer.step("ControlService", hService="SQL", dwControl="SERVICE_CONTROL_INTERROGATE")
    assert asked.out["lpServiceStatus"] == {"dwCurrentState": "SERVICE_RUNNING"}
    with pytest.raises(NotSimulated):
        computer.call("ControlService", hService="SQL", dwControl="SERVICE_CONTROL_PAUSE")
    operator = Computer(machine(requester=Requester(groups=("Backup Operators",))))
    assert stop(operator, "SQL") == start(operator, "SQL") == "ACCESS_DENIED"
    assert later(operator, "C:\\db\\data.mdf", "C:\\x") == "ACCESS_DENIED"


def test_writers_live_in_their_services() -> None:
    """They stop with them, and come back as new instances; one in a stopped service never ran."""
    computer = Computer()
    (runs, first), (idle, _) = writers(computer)
    assert (runs, idle) == (True, False)
    stop(computer, "SQL")
    assert writers(computer)[0] == (False, first)
    start(computer, "SQL")
    start(computer, "Idle")
    (runs, second), (idle, _) = writers(computer)
    assert (runs, idle, second != first) == (True, True, True)


def test_a_writer_in_a_stopped_service_is_not_found() -> None:
    """GatherWriterMetadata hears of those that run."""
    simulation = Simulation(Description(machines=(machine(),)))
    call = simulation.call
    bc = call("CreateVssBackupComponents").out["ppBackup"]
    call("IVssBackupComponents::InitializeForBackup", bc, {"bstrXML": None})
    for stopped, expected in ((False, 1), (True, 0)):
        if stopped:
            call("ControlService", arguments={"hService": "SQL", "dwControl": STOP})
        call("IVssAsync::Wait", call("IVssBackupComponents::GatherWriterMetadata", bc).out["pAsync"])
        found = call("IVssBackupComponents::GetWriterMetadataCount", bc).out["pcWriters"]
        assert found == expected


@pytest.mark.parametrize("what", ["service stops", "service starts"])
def test_a_service_stops_and_starts_by_itself(what: str) -> None:
    """Whether it takes controls or not; twice is once."""
    computer = Computer()
    before = writers(computer)
    if what == "service starts":
        computer.simulation.happens("service stops", service="SQL")
    for _ in range(2):
        computer.simulation.happens(what, service="sql")
    held = computer.read(LOG) == "SHARING_VIOLATION"
    assert (held, writers(computer)[0][0]) == ((True, True) if what == "service starts" else (False, False))
    assert (writers(computer)[0][1] == before[0][1]) is (what == "service stops")
    with pytest.raises(BadCall):
        computer.simulation.happens(what, service="none")


def test_files_come_into_use_and_are_released() -> None:
    """By somebody who shares nothing."""
    computer = Computer()
    for _ in range(2):
        computer.simulation.happens("file in use", path="C:\\HERE\\data.mdf")
    assert computer.write("C:\\db\\data.mdf", "x") == "SHARING_VIOLATION"
    computer.simulation.happens("file released", path="C:\\db\\data.mdf")
    computer.simulation.happens("file released", path="C:\\db\\used.ldf")
    computer.simulation.happens("file released", path=LOG)
    assert (computer.read("C:\\db\\data.mdf"), computer.read("C:\\db\\used.ldf")) == ("v1", "u")
    assert computer.read(LOG) == "SHARING_VIOLATION", "a service has it"
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("file in use", {"path": "C:\\none"}),
        ("file in use", {}),
        ("file released", {"path": "?"}),
        ("volume full", {"volume": "Z:\\"}),
        ("volume has room", {}),
    ]
    for what, more in wrong:
        with pytest.raises(BadCall, match=what):
            computer.simulation.happens(what, **more)


def test_delayed_moves_are_made_at_the_next_start() -> None:
    """In order, before services open their files; what is in use now is free then (rule rar-order)."""
    computer = Computer()
    computer.write("C:\\db\\new", "restored")
    computer.write("C:\\db\\other", "o")
    assert later(computer, "C:\\db\\new", LOG, f"{DELAY}|{REPLACE}") == "SUCCESS"
    assert later(computer, "C:\\db\\other", "C:\\db\\used.ldf", f"{DELAY}|{REPLACE}") == "SUCCESS"
    assert later(computer, "C:\\db\\data.mdf", None) == "SUCCESS"
    assert later(computer, "C:\\empty", None) == "SUCCESS"
    assert computer.read("C:\\db\\new") == "restored", "nothing has moved yet"
    computer.simulation.happens("reboot")
    assert outcomes(computer) == ["SUCCESS"] * 4
    assert computer.read(LOG) == "SHARING_VIOLATION", "its service runs again"
    stop(computer, "SQL")
    assert [computer.read(path) for path in (LOG, "C:\\db\\used.ldf")] == ["restored", "o"]
    assert computer.read("C:\\db\\data.mdf") == computer.read("C:\\db\\new") == "FILE_NOT_FOUND"
    computer.simulation.happens("reboot")
    assert not computer.disks.boot_moves


def test_a_delayed_move_that_fails_is_told_and_the_others_go_on() -> None:
    """Success of the call says nothing of the move (rule rar-return-code-is-registration)."""
    computer = Computer()
    later(computer, "C:\\db\\data.mdf", "C:\\db\\hidden.txt")
    later(computer, "C:\\db\\hidden.txt", "C:\\none\\x")
    later(computer, "C:\\db\\deep", None)
    later(computer, "C:\\db\\used.ldf", "C:\\db\\old.txt", f"{DELAY}|{REPLACE}")
    later(computer, "C:\\db\\deep", "C:\\empty\\deep")
    later(computer, "C:\\db\\secret.key", "C:\\moved.key")
    computer.simulation.happens("machine crashes")
    told = ["ALREADY_EXISTS", "PATH_NOT_FOUND", "DIR_NOT_EMPTY", "ACCESS_DENIED", "SUCCESS", "SUCCESS"]
    assert outcomes(computer) == told
    first = BootMove("C:\\db\\data.mdf", "C:\\db\\hidden.txt", "ERROR_ALREADY_EXISTS")
    assert computer.disks.boot_moves[0] == first
    assert computer.read("C:\\empty\\deep\\er\\a.tmp") == "t"
    assert computer.read("C:\\db\\data.mdf") == "v1"


@pytest.mark.parametrize(
    ("source", "target", "flags", "error"),
    [
        ("C:\\db\\data.mdf", "D:\\x", DELAY, "NOT_SAME_DEVICE"),
        ("C:\\db\\data.mdf", "C:\\mnt\\d\\x", DELAY, "NOT_SAME_DEVICE"),
        ("C:\\db\\data.mdf", "C:\\x", f"{DELAY}|MOVEFILE_COPY_ALLOWED", "INVALID_PARAMETER"),
        ("C:\\none", "C:\\x", DELAY, "FILE_NOT_FOUND"),
        ("\\\\server\\share\\a", "C:\\x", DELAY, "BAD_NETPATH"),
        ("C:\\db\\data.mdf", "C:\\a*", DELAY, "INVALID_NAME"),
    ],
)
def test_what_cannot_be_delayed(source: str, target: str, flags: str, error: str) -> None:
    """Rules rar-same-volume and rar-local-only."""
    computer = Computer()
    assert later(computer, source, target, flags) == error
    assert not computer.disks.delayed


@pytest.mark.parametrize("what", ["reboot", "machine crashes"])
def test_a_start_leaves_the_disks_and_the_persistent_copies(what: str) -> None:
    """Handles, what was in use and auto-release copies are gone; services and writers are new."""
    computer = Computer()
    _, _, lasting = computer.snapshot(context="VSS_CTX_NAS_ROLLBACK")
    _, _, passing = computer.snapshot()
    handle = computer.open("C:\\db\\data.mdf", "GENERIC_WRITE")
    computer.call("WriteFile", hFile=handle, content="half")
    stop(computer, "SQL")
    start(computer, "Idle")
    before = writers(computer)
    computer.simulation.happens(what)
    assert computer.call("ReadFile", hFile=handle) == "INVALID_HANDLE"
    assert [computer.read(path) for path in ("C:\\db\\data.mdf", "C:\\db\\used.ldf")] == ["half", "u"]
    assert computer.read(LOG) == "SHARING_VIOLATION", "services that ran at first run again"
    assert (computer.read(lasting + "db\\data.mdf"), computer.read(passing + "a")) == ("v1", "PATH_NOT_FOUND")
    (sql, first), (idle, _) = writers(computer)
    assert (sql, idle, first != before[0][1]) == (True, False, True)
    assert start(computer, "Idle") == "SUCCESS"


def test_a_crash_forgets_deletions_that_waited_for_a_handle() -> None:
    """A reboot closes handles; a crash does not."""
    for what, left in (("reboot", "FILE_NOT_FOUND"), ("machine crashes", "v1")):
        computer = Computer()
        computer.open("C:\\db\\data.mdf", share=7)
        computer.call("DeleteFile", lpFileName="C:\\db\\data.mdf")
        computer.simulation.happens(what)
        assert computer.read("C:\\db\\data.mdf") == left


def test_a_writer_without_a_service_comes_back_too() -> None:
    """With a new instance id, even where the world gave it the first one; one that did not run is not started."""
    own = "{00000000-0000-0000-0000-0000000000aa}"
    one = machine(
        services=(SQL,),
        writers=(
            Writer(name="A", writer_id=WRITER),
            Writer(name="B", writer_id=WRITER, instance_id=own),
            Writer(name="C", writer_id=WRITER, running=False),
        ),
    )
    computer = Computer(one)
    before = writers(computer)
    computer.simulation.happens("reboot")
    after = writers(computer)
    assert before[1] == (True, own)
    assert [running for running, _ in after] == [running for running, _ in before] == [True, True, False]
    assert not {instance for _, instance in after[:2]} & {instance for _, instance in before}


def test_the_run_is_a_trace() -> None:
    """Calls and answers by their names, and what happened."""
    computer = Computer()
    computer.open(LOG, "GENERIC_WRITE", 0, "CREATE_NEW")
    computer.simulation.happens("file in use", path="C:\\db\\data.mdf")
    first, second = computer.simulation.lines()
    assert (first["call"], first["returns"]) == ("CreateFile", "ERROR_FILE_EXISTS")
    assert second == {"happens": "file in use", "path": "C:\\db\\data.mdf"}


def test_a_log_without_a_world_blames_nobody_for_a_writer_in_a_stopped_service() -> None:
    """It may have lived in there, and then hears no PostRestore (rule srs-hosted-writer-no-postrestore)."""
    hosted = writer("STOP_RESTORE_START", how={"service": "Db"}, hostedIn="Db")
    machine = Machine(world(hosted, services=[{"name": "Db", "opens": [FILES[0]]}]))
    machine.change(FILES[1]).restore()
    assert [line["event"] for line in machine.simulation.lines() if "event" in line].count("PostRestore") == 0
    assert not blamed_on_vss(machine.simulation.lines())
