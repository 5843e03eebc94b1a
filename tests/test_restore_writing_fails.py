"""Restores in which every file could be opened, and one cannot be written after all: what is lost is told.

No proof makes sure of the write itself (rule rm-preflight-exclusive-open is about opening): a disk fails in the middle.
"""

import json
from typing import Any, Final

import pytest

from tests.restoring import FILES, MAPPED, MAPPING, WRITER, Machine, component, old, world, writer
from tests.support import check
from vss_sim.engine.restoring.exclusive import Obstacle
from vss_sim.engine.restoring.requests import NewTarget, Request, Strategy, Wish
from vss_sim.spec.enums import FileRestoreStatus
from vss_sim.spec.win32 import Win32Error

F1, F2, F3 = FILES
CRC: Final = Win32Error.ERROR_CRC


def failing(*faults: dict[str, Any], method: str = "RESTORE_IF_CAN_REPLACE", **more: Any) -> Machine:
    """A machine after its backup, whose file calls fail by script in the restore."""
    scripted = [{"fails": "ERROR_CRC", **fault} for fault in faults]
    return Machine(world(writer(method, **more), win32Faults=scripted))


def told(machine: Machine) -> list[str]:
    """What VSS was told became of the set, in a run in which the checker finds nothing against the requester."""
    assert machine.complaints() == []
    lines = [line for line in machine.trace() if str(line.get("call", "")).endswith("SetFileRestoreStatus")]
    return [line["in"]["status"] for line in lines]


@pytest.mark.parametrize(
    "method", ["RESTORE_IF_CAN_REPLACE", "RESTORE_IF_NOT_THERE", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"]
)
@pytest.mark.parametrize("path", FILES)
def test_of_files_that_were_not_there_nothing_stays(method: str, path: str) -> None:
    """All of them are new, so all of them go again: nothing is restored and nothing is lost (rule frs-none)."""
    machine = failing({"to": "WriteFile", "path": path}, method=method).delete(*FILES).restore()
    assert machine.leaf == "rolled-back"
    assert machine.on_disk() == machine.before
    assert machine.result.status is FileRestoreStatus.NONE
    assert told(machine) == ["VSS_RS_NONE"]
    assert machine.result.obstacles == (Obstacle(path, CRC),)


def test_what_was_overwritten_is_lost_and_what_was_not_there_goes() -> None:
    """F1 is overwritten when f3 fails; f2 and f3 came to be in the proof (rule frs-failed)."""
    fault = {"to": "WriteFile", "path": F3}
    machine = failing(fault).change(F1).delete(F2, F3).restore()
    here = machine.on_disk()
    assert here[F1.upper()] == old(F1)
    assert not {F2.upper(), F3.upper()} & set(here)
    assert machine.leaf == "corrupt"
    assert machine.result.status is FileRestoreStatus.FAILED
    assert told(machine) == ["VSS_RS_FAILED"]
    assert machine.result.obstacles == (Obstacle(F3, CRC),)
    assert all(file.to is None for file in machine.result.files)


def test_files_after_the_one_that_failed_are_as_before() -> None:
    """F1 cannot be written; f2 and f3 were made longer by the proof, and are cut off again."""
    machine = failing({"to": "WriteFile", "path": F1, "skip": 1}).change(*FILES).restore()
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]
    for path in (F2, F3):
        assert machine.on_disk()[path.upper()] == b"changed"


def test_a_file_that_cannot_be_cut_off_is_lost() -> None:
    """F2 has become longer than it was: its bytes are written, and behind them those of today stay."""
    machine = failing({"to": "SetEndOfFile", "path": F2})
    machine.win("WriteFile", lpFileName=F2, content="x" * 100)
    machine.restore()
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]
    assert machine.result.obstacles == (Obstacle(F2, CRC),)
    assert machine.on_disk()[F3.upper()] == old(F3)


def test_files_that_went_to_a_new_target_before_are_no_success() -> None:
    """The new target is complete when the original places fail: the set is neither there nor here."""
    files = [{"path": "C:\\data", "filespec": f"f{number}"} for number in (1, 2, 3)]
    schema: dict[str, Any] = {"backupSchema": ["VSS_BS_WRITER_SUPPORTS_NEW_TARGET"]}
    machine = failing({"to": "WriteFile", "path": F3}, components=[component(files=files)], **schema).delete(*FILES)
    target = NewTarget("C:\\data", "f1", recursive=False, destination="D:\\new")
    wish = Wish(WRITER, "", "Database", new_targets=(target,))
    machine.restore(Request((wish,)))
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]


def test_a_placeholder_that_cannot_be_removed_is_told() -> None:
    """F2 is in use, so the proof fails; the empty f1 that it made stays, and the set is not as it was."""
    machine = failing({"to": "DeleteFile", "path": F1, "skip": 1}).delete(F1).lock(F2).restore()
    assert machine.on_disk()[F1.upper()] == b""
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]


def test_room_that_cannot_be_given_back_is_told() -> None:
    """F1 was made longer by the proof, f2 has no room, and f1 cannot be cut off again."""
    faults = {"to": "SetEndOfFile", "path": F2, "times": 1}, {"to": "SetEndOfFile", "path": F1, "skip": 1}
    machine = failing(*faults, alternateLocationMappings=[MAPPING]).change(*FILES).restore()
    assert machine.on_disk()[F1.upper()] != machine.before[F1.upper()]
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]


@pytest.mark.parametrize("method", ["RESTORE_IF_CAN_REPLACE", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"])
def test_a_place_without_room_is_a_block(method: str) -> None:
    """F1 would have to grow on a full volume: the set goes to its mapped places, or cannot even be staged."""
    mapping = {**MAPPING, "destination": "D:\\alt"}
    machine = failing(method=method, alternateLocationMappings=[mapping]).change(*FILES)
    machine.simulation.happens("volume full", volume="C:\\")
    machine.restore()
    assert machine.result.outcome.branch.value == ("alternate" if method == "RESTORE_IF_CAN_REPLACE" else "error")
    assert machine.complaints() == []


def test_a_proof_of_each_file_alone_is_still_none() -> None:
    """F2 is opened when f1 is written already, and cannot be written: rule rm-preflight-whole, whatever the handle."""
    machine = failing().change(*FILES)
    entries = machine.restore().trace()
    assert machine.complaints() == []
    writes = [n for n, line in enumerate(entries) if line.get("call") == "WriteFile" and line["in"].get("hFile")]
    opens = [n for n, line in enumerate(entries) if line.get("call") == "CreateFile" and "OPEN_ALWAYS" in str(line)]
    late = entries[opens[1]]
    failed = {**entries[writes[1]], "returns": "ERROR_CRC"}
    told = [entry for n, entry in enumerate(entries) if n not in (opens[1], writes[1])]
    told[writes[0] : writes[0]] = [late, failed]
    findings = check(json.loads(json.dumps(told))).findings
    assert "rm-preflight-whole" in {finding.rule for finding in findings}


def test_a_staged_file_that_cannot_be_removed_arrives_all_the_same() -> None:
    """The second move cannot be registered, and the first staged file stays: the restart will bring it to its place."""
    denied = "ERROR_ACCESS_DENIED"
    faults = [
        {"to": "MoveFileEx", "path": "C:\\data\\f2*", "fails": denied},
        {"to": "DeleteFile", "path": "C:\\data\\f1.*", "fails": denied},
    ]
    machine = Machine(world(writer("RESTORE_AT_REBOOT"), win32Faults=faults)).restore()
    assert machine.leaf == "corrupt"
    assert machine.result.status is FileRestoreStatus.FAILED
    assert "C:\\data\\f1.staged1 cannot be removed" in machine.restored.events


DELETION: Final = {"to": "DeleteFile", "path": "C:\\data\\f1.*", "fails": "ERROR_ACCESS_DENIED"}
LATE: Final = "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"


@pytest.mark.parametrize("method", ["RESTORE_AT_REBOOT", LATE])
@pytest.mark.parametrize(
    "fault", [{"to": "WriteFile", "path": "C:\\data\\f2.*"}, {"to": "MoveFileEx", "path": F1 + ".*"}]
)
def test_a_staged_file_that_cannot_be_removed_is_none_of_the_set(method: str, fault: dict[str, Any]) -> None:
    """No move brings it to its place, so nothing of the set is restored though a wildcard covers it (frs-none)."""
    machine = failing(fault, DELETION, method=method).change(F1)
    machine = (machine.lock(F3) if method == LATE else machine).restore()
    assert machine.leaf.endswith("-not-staged")
    assert told(machine) == ["VSS_RS_NONE"]
    assert "C:\\data\\f1.staged1 cannot be removed" in machine.restored.events


def test_a_file_that_its_set_names_is_no_staged_one() -> None:
    """F2 is not there, is written though it has to wait for the restart, and stays (rar-final-untouched)."""
    named = [component(files=[{"path": "C:\\data", "filespec": name} for name in ("f1", "f2", "f3")])]
    machine = failing({"to": "MoveFileEx", "path": F2 + "*"}, method="RESTORE_AT_REBOOT", components=named)
    entries = json.loads(json.dumps(machine.delete(F2).restore().trace()))
    assert machine.complaints() == []
    for line in entries:
        if line.get("in") and line["in"].get("lpFileName") == "C:\\data\\f2.staged1":
            line["in"]["lpFileName"] = F2
            line.update({"returns": "ERROR_ACCESS_DENIED"} if line["call"] == "DeleteFile" else {})
    assert "rar-final-untouched" in {finding.rule for finding in check(entries).findings}


@pytest.mark.parametrize("call", ["WriteFile", "CreateFile"])
def test_a_set_of_which_a_file_cannot_be_staged_was_tried(call: str) -> None:
    """F2 is staged when f3 cannot be, and is removed again: nothing was overwritten (rule rm-preflight-whole)."""
    machine = failing({"to": call, "path": "C:\\data\\f3.*"}, method=LATE).change(F1).lock(F1).restore()
    assert machine.leaf == "raricr-not-staged"
    assert told(machine) == ["VSS_RS_NONE"]


def test_a_set_of_which_the_first_file_cannot_be_staged_was_tried() -> None:
    """Nothing comes to be for the restart, which no status blames on the requester."""
    machine = failing({"to": "CreateFile", "path": "C:\\data\\f1.*"}, method=LATE).lock(F2).restore()
    assert machine.leaf == "raricr-not-staged"
    assert told(machine) == ["VSS_RS_NONE"]


ASIDE: Final = Request(strategy=Strategy.COPY_ASIDE)


def test_of_files_that_were_not_there_no_copy_is_needed() -> None:
    """F1 and f2 are new when f3 cannot be overwritten, of which a copy lies aside (rule rm-fallback-copy-aside)."""
    machine = failing().delete(F1, F2)
    machine.win("SetFileAttributes", lpFileName=F3, dwFileAttributes="FILE_ATTRIBUTE_READONLY")
    machine.restore(ASIDE)
    assert machine.leaf == "ricr-unmapped"
    assert told(machine) == ["VSS_RS_NONE"]


@pytest.mark.parametrize("method", ["RESTORE_IF_CAN_REPLACE", "STOP_RESTORE_START", LATE])
def test_a_new_file_that_cannot_be_written_blocks_its_set(method: str) -> None:
    """It is made, cannot be written and goes again: the set is not given up, moved or staged for nothing."""
    more = {"how": {"service": "Db"}} if "STOP" in method else {}
    fault = {"to": "WriteFile", "path": F1, "fails": "ERROR_CRC"}
    wanted = writer(method, alternateLocationMappings=[MAPPING], **more)
    machine = Machine(world(wanted, services=[{"name": "Db"}], win32Faults=[fault]))
    machine.delete(F1).restore(ASIDE)
    assert machine.leaf in ("ricr-mapped", "srr-mapped", "raricr-arrived")
    assert told(machine) == ["VSS_RS_ALL"]


def test_a_mapping_that_could_not_be_used_wholly_is_not_recorded() -> None:
    """A file of its set could not be written there (rule alm-record-whole-set)."""
    fault = {"to": "WriteFile", "path": "C:\\alt\\f2"}
    machine = failing(fault, method="RESTORE_TO_ALTERNATE_LOCATION", alternateLocationMappings=[MAPPING])
    machine.put("C:\\alt\\f1").restore()
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]


def test_a_copy_aside_that_stays_is_told() -> None:
    """The files are restored, and the copy can be deleted by nobody."""
    fault = {"to": "DeleteFile", "path": "C:\\data\\f1.aside*", "fails": "ERROR_ACCESS_DENIED"}
    machine = failing(fault).change(*FILES).restore(ASIDE)
    assert machine.leaf == "ricr-original"
    assert told(machine) == ["VSS_RS_ALL"]
    assert "C:\\data\\f1.aside1 cannot be removed" in machine.restored.events
    assert machine.on_disk()["C:\\DATA\\F1.ASIDE1"] == b"changed"


def test_an_empty_file_that_stays_at_a_mapped_place_is_told() -> None:
    """The proof made it, and nobody can delete it: something of the set was left (rule frs-failed)."""
    fault = {"to": "DeleteFile", "path": "C:\\alt\\f1", "fails": "ERROR_ACCESS_DENIED"}
    machine = failing(fault, method="RESTORE_TO_ALTERNATE_LOCATION", alternateLocationMappings=[MAPPING])
    machine.put(MAPPED[1]).lock(MAPPED[1]).restore()
    assert machine.leaf == "corrupt"
    assert told(machine) == ["VSS_RS_FAILED"]


@pytest.mark.parametrize("length", [250, 259])
@pytest.mark.parametrize("name", ["n" * 40, "n"])
@pytest.mark.parametrize("method", ["RESTORE_AT_REBOOT", "RESTORE_IF_CAN_REPLACE"])
def test_a_path_that_is_nearly_too_long_leaves_room_for_a_name_beside_it(method: str, name: str, length: int) -> None:
    """Rules rar-same-volume, rm-fallback-copy-aside: what stands beside a file has a path that Windows takes, too."""
    folder = "C:\\data\\".ljust(100, "d") + "\\"
    path = folder.ljust(length - len(name) - 1, "e") + "\\" + name
    parts = [component(files=[{"path": path.rpartition("\\")[0], "filespec": "*"}])]
    machine = Machine(world(writer(method, components=parts), files={path: {"content": "saved"}})).change(path)
    machine.restore(Request(strategy=Strategy.COPY_ASIDE))
    assert machine.restored.everything
    if machine.restored.wants_reboot:
        machine.simulation.happens("reboot")
    assert machine.on_disk()[path.upper()] == b"saved"
    assert len([one for one in machine.on_disk() if one.startswith(folder.upper())]) == 1
