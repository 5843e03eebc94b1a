"""Restores from start to end as the pages tell them, call by call and byte by byte.

Each test is one way through a restore: what the requester does, in which order, and what is on disk afterwards.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.restore_walks import DB, F1, F2, F3, MAPS, calls, heard, interfered, order, statuses
from tests.restoring import (
    FILES,
    MAPPED,
    MAPPING,
    Machine,
    assert_all_or_nothing,
    backed_up,
    component,
    old,
    services_of,
    to_alt,
    world,
    writer,
)
from vss_sim.engine.restoring.requests import Request, Strategy
from vss_sim.spec.enums import FileRestoreStatus


def test_the_frame_of_every_restore() -> None:
    """W08: documents, writers, selection, PreRestore, targets, files, status, PostRestore, release - in this order."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE"))).change(F1).restore()
    steps = (
        "InitializeForRestore",
        "CreateVssExamineWriterMetadata",
        "GatherWriterMetadata",
        "SetSelectedForRestore",
        "PreRestore",
        "GatherWriterStatus",
        "GetRestoreTarget",
        "CreateFile",
        "WriteFile",
        "SetFileRestoreStatus",
        "PostRestore",
    )
    found = order(machine)
    assert [found.index(step) for step in steps] == sorted(found.index(step) for step in steps)
    assert found[-1] == "Release"
    assert heard(machine) == ["PreRestore", "PostRestore"]


def test_nothing_is_looked_at_before_pre_restore() -> None:
    """Rule rm-check-after-prerestore: no file or service call comes before the wait for PreRestore."""
    for method in ("RESTORE_IF_NOT_THERE", "STOP_RESTORE_START", "RESTORE_AT_REBOOT"):
        how = {"service": "Db"} if "STOP" in method else {}
        machine = Machine(world(writer(method, how=how), **DB)).restore()
        found = order(machine)
        first = min(
            found.index(name) for name in ("CreateFile", "ControlService", "GetFileAttributes") if name in found
        )
        assert first > found.index("PreRestore", found.index("PreRestore") + 1)


def test_if_not_there_proves_by_create_new_and_writes_through_the_same_handles() -> None:
    """W09, success: rules rm-preflight-create-new, rm-preflight-exclusive-open, rm-preflight-same-handles."""
    machine = Machine(world(writer("RESTORE_IF_NOT_THERE"))).delete(*FILES).restore()
    opened = calls(machine, "CreateFile")
    assert [line["in"]["lpFileName"] for line in opened] == list(FILES)
    assert {(line["in"]["dwShareMode"], line["in"]["dwCreationDisposition"]) for line in opened} == {(0, "CREATE_NEW")}
    assert [line["in"]["hFile"] for line in calls(machine, "WriteFile")] == [line["out"]["hFile"] for line in opened]
    last_open = max(n for n, name in enumerate(order(machine)) if name == "CreateFile")
    assert last_open < order(machine).index("WriteFile")
    assert backed_up(machine)
    assert statuses(machine) == ["VSS_RS_ALL"]


@pytest.mark.parametrize("strategy", Strategy)
def test_if_not_there_leaves_no_placeholder_behind(strategy: Strategy) -> None:
    """W09, blocked and unmapped: f1 was created for the proof and is gone again, f2 keeps its bytes."""
    machine = Machine(world(writer("RESTORE_IF_NOT_THERE"))).change(F2).delete(F1, F3)
    machine.restore(Request(strategy=strategy))
    assert machine.leaf == "rint-unmapped"
    assert machine.on_disk() == machine.before
    assert statuses(machine) == ["VSS_RS_NONE"]


def test_if_not_there_moves_the_whole_set() -> None:
    """W09, blocked and mapped: also the files whose original places are free (rule rm-moves-whole-set)."""
    machine = Machine(world(writer("RESTORE_IF_NOT_THERE", **MAPS))).change(F2).delete(F1, F3).restore()
    assert backed_up(machine, to_alt)
    assert F1.upper() not in machine.on_disk()


def test_a_set_that_is_partly_mapped_goes_nowhere() -> None:
    """W09: f3 has no mapping; rule rm-mapping-all-or-none."""
    maps = {"alternateLocationMappings": [{**MAPPING, "filespec": "f1"}, {**MAPPING, "filespec": "f2"}]}
    sets = [{"path": "C:\\data", "filespec": name} for name in ("f1", "f2", "f3")]
    machine = Machine(world(writer("RESTORE_IF_NOT_THERE", components=[component(files=sets)], **maps))).restore()
    assert machine.leaf == "rint-unmapped"
    assert machine.on_disk() == machine.before


def test_a_mix_of_present_and_absent_files_is_restored_in_place() -> None:
    """W10, success: rule ricr-mixed-presence-ok; folders that are gone are made again."""
    deep = {"C:\\data\\deep\\f4": {"content": "deep"}}
    sets = [{"path": "C:\\data", "filespec": "*", "recursive": True}]
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=sets)]), files=deep))
    machine.change(F1).delete(F2, "C:\\data\\deep\\f4").win("RemoveDirectory", lpPathName="C:\\data\\deep")
    machine.restore()
    assert machine.leaf == "ricr-original"
    assert machine.on_disk()["C:\\DATA\\DEEP\\F4"] == b"deep"


def test_a_mapping_is_used_only_if_a_file_is_in_the_way() -> None:
    """W10: rule ricr-no-early-mapping; and it is recorded only if it is used (rule alm-record-only-used)."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", **MAPS))).change(*FILES).restore()
    assert machine.leaf == "ricr-original"
    assert backed_up(machine)
    assert not calls(machine, "AddAlternativeLocationMapping")


def test_a_full_disk_is_found_before_the_first_byte_is_overwritten() -> None:
    """Room is part of the proof, so that a set is never half restored."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE"))).change(F1).delete(F3)
    machine.simulation.happens("volume full", volume="C:\\")
    machine.restore()
    assert machine.leaf == "ricr-unmapped"
    assert machine.on_disk() == machine.before
    assert not calls(machine, "WriteFile")


def _fails(machine: Machine, path: str) -> Callable[[str, Mapping[str, Any]], None]:
    """After all files were copied aside, somebody takes one of them."""

    def taken(name: str, arguments: Mapping[str, Any]) -> None:
        if name == "CopyFile" and arguments["lpExistingFileName"] == F3 and "bFailIfExists" in arguments:
            machine.lock(path)

    return taken


def test_copies_aside_are_put_back_before_the_mapping_is_used() -> None:
    """W10: f1 is replaced, f2 fails: stop, put f1 back, go on with the mapping (rule rm-fallback-rollback)."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", **MAPS))).change(*FILES)
    interfered(machine, _fails(machine, F2), Request(strategy=Strategy.COPY_ASIDE))
    assert machine.leaf == "ricr-mapped"
    assert backed_up(machine, to_alt)
    written = [line["in"]["lpFileName"] for line in calls(machine, "CreateFile")]
    assert F3 not in written
    assert_all_or_nothing(machine)


def test_a_roll_back_that_fails_leaves_a_corrupt_component() -> None:
    """W10: the copy of f1 cannot be put back, since somebody took f1 meanwhile: VSS_RS_FAILED (rule frs-failed)."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", **MAPS))).change(*FILES)
    take = _fails(machine, F2)

    def taken(name: str, arguments: Mapping[str, Any]) -> None:
        take(name, arguments)
        if name == "CloseHandle":
            machine.lock(F1)

    interfered(machine, taken, Request(strategy=Strategy.COPY_ASIDE))
    assert machine.leaf == "corrupt"
    assert machine.result.status is FileRestoreStatus.FAILED
    assert statuses(machine) == ["VSS_RS_FAILED"]
    assert b"changed" in machine.on_disk().values()


def test_a_service_is_stopped_after_pre_restore_and_started_before_post_restore() -> None:
    """W11, success: rules srs-prerestore-first, srs-start-before-postrestore, srs-wait-stopped."""
    machine = Machine(world(writer("STOP_RESTORE_START", how={"service": "Db"}), **DB)).restore()
    assert machine.restored.events == (
        "PreRestore",
        "service Db stops",
        "Database: original",
        "service Db starts",
        "PostRestore",
    )
    found = order(machine)
    stop, start = found.index("ControlService"), found.index("StartService")
    assert found.index("GetRestoreTarget") < stop < found.index("CreateFile") < start < found.index("PostRestore")
    asked = [line["in"]["dwControl"] for line in calls(machine, "ControlService")]
    assert asked == ["SERVICE_CONTROL_STOP", "SERVICE_CONTROL_INTERROGATE"]
    assert backed_up(machine)


def test_a_stop_is_not_early_where_another_writer_needs_it() -> None:
    """One service, named by a writer that wants it stopped for the files and by one that wants it after PostRestore."""
    late = writer("RESTORE_STOP_START", how={"service": "Db"})
    other = {"name": "Other", "writerId": "{5affb034-969f-4919-8875-88f830d0ef90}"}
    for_files = writer("STOP_RESTORE_START", how={"service": "Db"}, components=[component("D", files=[])], **other)
    machine = Machine(world(late, for_files, services=[{"name": "Db"}])).restore()
    assert machine.restored.everything
    assert machine.complaints() == []


def test_a_service_that_was_stopped_stays_stopped() -> None:
    """W11: whoever stopped it may have meant it; by the other reading of C05 it is started."""
    stopped = {"services": [{"name": "Db", "state": "stopped"}]}
    for reading, state in (("leave", "stopped"), ("start", "running")):
        machine = Machine(world(writer("STOP_RESTORE_START", how={"service": "Db"}), **stopped))
        machine.restore(Request(readings={"start-of-a-service-found-stopped": reading}))
        assert machine.leaf == "srr-original"
        assert services_of(machine) == (state,)


def test_a_service_that_refuses_leaves_everything_alone() -> None:
    """W11: an error, and no file is touched (rule srs-stop-or-already-stopped)."""
    stubborn = {"services": [{"name": "Db", "stoppable": False}]}
    machine = Machine(world(writer("STOP_RESTORE_START", how={"service": "Db"}), **stubborn)).restore()
    assert machine.leaf == "srr-not-stopped"
    assert not calls(machine, "CreateFile", "GetFileAttributes", "StartService")
    (obstacle,) = machine.result.obstacles
    assert (obstacle.path, obstacle.code.name) == ("service Db", "ERROR_INVALID_SERVICE_CONTROL")
    assert machine.restored.events[1] == "service Db cannot be stopped (ERROR_INVALID_SERVICE_CONTROL)"


@pytest.mark.parametrize(("reading", "state"), [("always", "running"), ("only after success", "stopped")])
def test_a_service_runs_again_after_an_error(reading: str, state: str) -> None:
    """W11: rule srs-restart-after-error, and what the error arrows of the figure leave open (C05)."""
    machine = Machine(world(writer("STOP_RESTORE_START", how={"service": "Db"}), **DB)).lock(F2)
    machine.restore(Request(readings={"restart-after-error": reading}))
    assert machine.leaf == "srr-unmapped"
    assert services_of(machine) == (state,)
    assert heard(machine) == ["PreRestore", "PostRestore"]


def test_a_writer_in_the_stopped_service_hears_no_post_restore() -> None:
    """W12: its instance is a new one; the files are restored all the same (rules srs-hosted-writer-...)."""
    machine = Machine(world(writer("STOP_RESTORE_START", how={"service": "Db"}, hostedIn="Db"), **DB))
    machine.change(F2).restore()
    assert heard(machine) == ["PreRestore"]
    assert statuses(machine) == ["VSS_RS_ALL"]
    assert backed_up(machine)


def test_a_writer_in_a_service_that_is_stopped_late_hears_both() -> None:
    """W12, W13: rules rss-hosted-writer-ok, rss-order, rss-no-stop-before-postrestore, rss-restart."""
    machine = Machine(
        world(writer("RESTORE_STOP_START", how={"service": "Db"}, hostedIn="Db"), services=[{"name": "Db"}])
    )
    machine.change(F2).restore()
    assert heard(machine) == ["PreRestore", "PostRestore"]
    assert machine.restored.events[-3:] == ("PostRestore", "service Db stops", "service Db starts")
    found = order(machine)
    assert max(n for n, name in enumerate(found) if name == "PostRestore") < found.index("ControlService")
    assert backed_up(machine)


LATE: Final = world(writer("RESTORE_STOP_START", how={"service": "Db"}, **MAPS), services=[{"name": "Db"}])


def test_a_late_stop_knows_no_mapping() -> None:
    """W13, blocked: an error, NONE, PostRestore, then stop and start as usual (rule rss-original-only)."""
    machine = Machine(LATE).lock(F2).restore()
    assert machine.leaf == "rss-blocked"
    assert machine.restored.events[-2:] == ("service Db stops", "service Db starts")
    assert services_of(machine) == ("running",)


@pytest.mark.parametrize("blocked", [True, False])
def test_a_late_stop_for_nothing_may_be_left_out(*, blocked: bool) -> None:
    """Rule rss-stop-after-error: the page has no error branch (C05), and nobody complains of either reading."""
    for reading in ("always", "if files came back"):
        machine = Machine(LATE)
        if blocked:
            machine.lock(F2)
        machine.restore(Request(readings={"late-stop-after-error": reading}))
        stops = reading == "always" or not blocked
        assert ("service Db stops" in machine.restored.events) is stops
        assert machine.result.stops is stops
        assert machine.complaints() == []


def test_to_alternate_does_not_even_open_the_original_places() -> None:
    """W14: rules rtal-never-original, rtal-original-state-irrelevant, rtal-record."""
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION", **MAPS))).lock(*FILES).restore()
    opened = {line["in"]["lpFileName"] for line in calls(machine, "CreateFile", "GetFileAttributes", "CopyFile")}
    assert opened == set(MAPPED)
    assert backed_up(machine, to_alt)
    (recorded,) = calls(machine, "AddAlternativeLocationMapping")
    assert recorded["in"]["wszComponentName"] == "Database"


def test_to_alternate_without_mapping_is_a_writer_error() -> None:
    """W14: rule rtal-mapping-required."""
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION"))).restore()
    assert machine.result.outcome.blamed is not None
    assert machine.result.outcome.blamed.value == "writer"


def test_original_location_wins_over_to_alternate() -> None:
    """W14: the writer sets the target in PreRestore (rule rt-original-location)."""
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_ORIGINAL_LOCATION"}
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION", replies=[reply], **MAPS))).change(F1).restore()
    assert machine.leaf == "target-original-location"
    assert backed_up(machine)


def test_files_for_the_restart_leave_their_places_alone_until_then() -> None:
    """W15: staged on the same volume, moved with replacement, nothing final touched before."""
    machine = Machine(world(writer("RESTORE_AT_REBOOT", how={"rebootRequired": True}, **MAPS))).change(*FILES).restore()
    moves = calls(machine, "MoveFileEx")
    assert [line["in"]["lpNewFileName"] for line in moves] == list(FILES)
    assert {line["in"]["dwFlags"] for line in moves} == {"MOVEFILE_DELAY_UNTIL_REBOOT|MOVEFILE_REPLACE_EXISTING"}
    assert all(line["in"]["lpExistingFileName"][:2] == "C:" for line in moves)
    assert machine.restored.wants_reboot
    assert {path: machine.on_disk()[path.upper()] for path in FILES} == dict.fromkeys(FILES, b"changed")
    assert_all_or_nothing(machine)
    assert machine.leaf == "rar-arrived"
    assert backed_up(machine)


def test_what_the_boot_cannot_move_is_reported() -> None:
    """W15: a file that has become read-only stays; the others arrive (rule rar-os-logs-failure)."""
    machine = Machine(world(writer("RESTORE_AT_REBOOT"))).change(*FILES)
    machine.win("SetFileAttributes", lpFileName=F2, dwFileAttributes="FILE_ATTRIBUTE_READONLY")
    machine.restore()
    assert_all_or_nothing(machine)
    assert machine.leaf == "rar-not-arrived"
    assert [machine.on_disk()[path.upper()] for path in FILES] == [old(F1), b"changed", old(F3)]
    assert [file.when.value for file in machine.result.files] == ["reboot", "never", "reboot"]
    assert [file.to for file in machine.result.files] == [F1, None, F3]


def test_all_sets_of_a_writer_are_staged_or_none_is() -> None:
    """W15: one set cannot be staged, so the other is not (rule rar-writer-scope, C07)."""
    parts = [
        component("One", files=[{"path": "C:\\data", "filespec": "*"}]),
        component("Two", files=[{"path": "D:\\x", "filespec": "*"}]),
    ]
    machine = Machine(world(writer("RESTORE_AT_REBOOT", components=parts), on_d={"D:\\x\\f": {"content": "d"}}))
    machine.simulation.happens("volume full", volume="D:\\")
    machine.restore()
    assert [one.outcome.name for one in machine.restored.components] == ["not-staged-together", "rar-not-staged"]
    assert machine.on_disk() == machine.before
    assert statuses(machine) == ["VSS_RS_NONE", "VSS_RS_NONE"]


def test_one_locked_file_sends_all_to_the_restart() -> None:
    """W16: rules raricr-stage-all-if-one-blocked, raricr-untouched-when-staged, raricr-no-mapping."""
    machine = Machine(world(writer("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", **MAPS))).change(*FILES).lock(F2).restore()
    assert [line["in"]["lpNewFileName"] for line in calls(machine, "MoveFileEx")] == list(FILES)
    assert {machine.on_disk()[path.upper()] for path in FILES} == {b"changed"}
    assert "C:\\ALT\\F1" not in machine.on_disk()


@pytest.mark.parametrize(("reading", "status"), [("all", "VSS_RS_ALL"), ("none", "VSS_RS_NONE")])
def test_the_status_of_staged_files_is_a_matter_of_policy(reading: str, status: str) -> None:
    """C60."""
    machine = Machine(world(writer("RESTORE_AT_REBOOT"))).restore(Request(readings={"status-of-staged-files": reading}))
    assert statuses(machine) == [status]


def test_the_log_of_a_restore_is_plain_json() -> None:
    """So that anybody can read and check it."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE"))).restore()
    assert json.loads(json.dumps(machine.trace())) == machine.trace()


@pytest.mark.parametrize("strategy", Strategy)
def test_the_calls_of_a_restore_grow_with_its_files_and_no_faster(strategy: Strategy) -> None:
    """Twice the files are twice the calls on files; `tests/benchmarks/restore_cost.py` measures the time."""
    counted = []
    for count in (10, 20, 40):
        files = {f"C:\\more\\f{number}": {"content": "x"} for number in range(count)}
        part = component(files=[{"path": "C:\\more", "filespec": "*"}])
        machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=[part]), files=files))
        machine.restore(Request(strategy=strategy))
        counted.append(len(order(machine)))
    ten, twenty, forty = counted
    assert forty - twenty == 2 * (twenty - ten)
