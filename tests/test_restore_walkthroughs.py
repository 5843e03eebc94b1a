"""Restores from start to end as the pages tell them, call by call and byte by byte.

Each test is one way through a restore: what the requester does, in which order, and what is on disk afterwards.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.restoring import (
    FILES,
    MAPPED,
    MAPPING,
    WRITER,
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
from vss_sim import Simulation
from vss_sim.engine.desk import Step
from vss_sim.engine.restoring import places
from vss_sim.engine.restoring.documents import Directed
from vss_sim.engine.restoring.media import SavedFile
from vss_sim.engine.restoring.requests import EVERYTHING, NewTarget, Request, RequestError, Strategy, Wish
from vss_sim.engine.restoring.restore import restore
from vss_sim.spec.enums import FileRestoreStatus, RollForwardType

Line = dict[str, Any]
F1, F2, F3 = FILES
MAPS: Final = {"alternateLocationMappings": [MAPPING]}
DB: Final = {"services": [{"name": "Db", "opens": [F1]}]}


class Interfering:
    """A caller at whose calls something else happens on the machine; it says what every call came to."""

    def __init__(self, simulation: Simulation, after: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._simulation = simulation
        self._after = after

    @property
    def world(self) -> Any:
        """The world of now."""
        return self._simulation.world

    def call(self, name: str, on: str | None = None, arguments: Any = (), **where: Any) -> Step:
        """Make the call, and let happen what happens then."""
        done = self._simulation.call(name, on, arguments, **where)
        self._after(name, dict(arguments))
        return done


def interfered(
    machine: Machine, after: Callable[[str, Mapping[str, Any]], None], request: Request = EVERYTHING
) -> Machine:
    """Restore while something else happens."""
    machine.before = machine.on_disk()
    machine.restored = restore(Interfering(machine.simulation, after), machine.saved, request)  # type: ignore[arg-type]
    return machine


def calls(machine: Machine, *names: str) -> list[Line]:
    """The calls of these names in the restore, in order."""
    lines = machine.trace()
    start = next(n for n, line in enumerate(lines) if line.get("call", "").endswith("InitializeForRestore"))
    return [line for line in lines[start:] if line.get("call", "").rpartition("::")[2] in names]


def order(machine: Machine) -> list[str]:
    """What the restore did, by names: calls, and the events that writers got."""
    lines = machine.trace()
    start = next(n for n, line in enumerate(lines) if line.get("call", "").endswith("InitializeForRestore"))
    return [line.get("call", line.get("event", "")).rpartition("::")[2] for line in lines[start:]]


def events(machine: Machine) -> list[str]:
    """The events that writers got in the restore, in order."""
    return [name for name in order(machine) if name in ("PreRestore", "PostRestore") and name]


def heard(machine: Machine) -> list[str]:
    """The events of the restore that the sample writer heard."""
    found = [line["event"] for line in machine.trace() if line.get("writer") == WRITER]
    return [event for event in found if event in ("PreRestore", "PostRestore")]


def statuses(machine: Machine) -> list[str]:
    """What SetFileRestoreStatus was told."""
    return [line["in"]["status"] for line in calls(machine, "SetFileRestoreStatus")]


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


def test_a_late_stop_knows_no_mapping() -> None:
    """W13, blocked: an error, NONE, PostRestore, then stop and start as usual (rule rss-original-only)."""
    machine = Machine(world(writer("RESTORE_STOP_START", how={"service": "Db"}, **MAPS), services=[{"name": "Db"}]))
    machine.lock(F2).restore()
    assert machine.leaf == "rss-blocked"
    assert machine.restored.events[-2:] == ("service Db stops", "service Db starts")
    assert services_of(machine) == ("running",)


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
    assert machine.restored.reboot_wanted
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
    assert [one.outcome.name for one in machine.restored.components] == ["rar-not-staged", "rar-not-staged"]
    assert machine.on_disk() == machine.before
    assert statuses(machine) == ["VSS_RS_NONE", "VSS_RS_NONE"]


def test_one_locked_file_sends_all_to_the_restart() -> None:
    """W16: rules raricr-stage-all-if-one-blocked, raricr-untouched-when-staged, raricr-no-mapping."""
    machine = Machine(world(writer("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", **MAPS))).change(*FILES).lock(F2).restore()
    assert [line["in"]["lpNewFileName"] for line in calls(machine, "MoveFileEx")] == list(FILES)
    assert {machine.on_disk()[path.upper()] for path in FILES} == {b"changed"}
    assert "C:\\ALT\\F1" not in machine.on_disk()


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


def test_the_target_of_a_set_holds_for_its_subcomponents() -> None:
    """W18a: rules rt-scope-set, rt-override; with one file unmapped it is a writer error."""
    parts = [
        component("Data", files=[{"path": "C:\\data", "filespec": "f1"}]),
        component(
            "Part", logicalPath="Data", selectableForRestore=False, files=[{"path": "C:\\data", "filespec": "f2"}]
        ),
    ]
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_ALTERNATE"}
    for specs, leaf in ((("f1", "f2"), "target-alternate-mapped"), (("f1",), "target-alternate-unmapped")):
        maps = [{**MAPPING, "filespec": spec} for spec in specs]
        machine = Machine(
            world(writer("RESTORE_IF_CAN_REPLACE", components=parts, replies=[reply], alternateLocationMappings=maps))
        ).restore()
        assert machine.leaf == leaf
        assert [file.saved_as for file in machine.result.files] == [F1, F2]


def test_directed_targets_move_ranges() -> None:
    """W18c: header and tail of f1 into another file; files without a directed target go to their own places."""
    targets = [
        {
            "sourcePath": "C:\\data",
            "sourceFilename": "f1",
            "sourceRanges": "0:4, 0xB:5",
            "destinationPath": "C:\\data",
            "destinationFilename": "short",
            "destinationRanges": "0:4, 4:5",
        }
    ]
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_DIRECTED", "addDirectedTargets": targets}
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION", replies=[reply]))).change(*FILES).restore()
    source = old(F1)
    disk = machine.on_disk()
    assert machine.leaf == "target-directed"
    assert disk["C:\\DATA\\SHORT"] == source[:4] + source[11:16]
    assert disk[F1.upper()] == b"changed"
    assert (disk[F2.upper()], disk[F3.upper()]) == (old(F2), old(F3))


@pytest.mark.parametrize(
    "change",
    [
        {"destinationRanges": "0:5"},
        {"destinationRanges": "0:4, 4:1"},
        {"sourceFilename": "elsewhere"},
        {"sourceRanges": "1000:4", "destinationRanges": "0:4"},
        {"sourceRanges": "all of it"},
    ],
)
def test_directed_targets_that_cannot_be_followed_are_a_writer_error(change: dict[str, str]) -> None:
    """Rules dt-ranges-match, dt-source-in-component, dt-partial-source."""
    target = {
        "sourcePath": "C:\\data",
        "sourceFilename": "f1",
        "sourceRanges": "0:4",
        "destinationPath": "C:\\data",
        "destinationFilename": "short",
        "destinationRanges": "0:4",
        **change,
    }
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_DIRECTED", "addDirectedTargets": [target]}
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", replies=[reply]))).restore()
    assert machine.leaf == "target-directed-unsound"
    assert machine.on_disk() == machine.before


def test_ranges_that_do_not_go_together_are_not_followed() -> None:
    """VSS refuses such directed targets of a writer; a document of another VSS may have them (dt-ranges-match)."""
    saved = SavedFile(F1, ((0, b"0123456789"),), 10)
    assert places.directed_pieces(Directed(F1, "0:4, 6:2", F2, "2:4, 0:2"), saved) == [(2, b"0123"), (0, b"67")]
    for source, destination in (("0:4", "0:5"), ("0:4", "0:4, 4:1"), ("0:4, 4:1", "0:5"), ("0:4", "x")):
        assert places.directed_pieces(Directed(F1, source, F2, destination), saved) is None


def test_directed_targets_need_their_target() -> None:
    """W18d: rule dt-needs-directed."""
    targets = [
        {
            "sourcePath": "C:\\data",
            "sourceFilename": "f1",
            "sourceRanges": "0:4",
            "destinationPath": "C:\\data",
            "destinationFilename": "short",
            "destinationRanges": "0:4",
        }
    ]
    reply = {"on": "PreRestore", "addDirectedTargets": targets}
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", replies=[reply]))).change(F1).restore()
    assert machine.leaf == "ricr-original"
    assert "C:\\DATA\\SHORT" not in machine.on_disk()


NEW: Final = NewTarget("C:\\data", "*", recursive=False, destination="D:\\new")
SCHEMA: Final = {"backupSchema": ["VSS_BS_WRITER_SUPPORTS_NEW_TARGET"]}


def test_a_new_target_wins_over_method_and_mapping() -> None:
    """W19: rules nt-overrides, nt-must-report, nt-explicit-component; declared before PreRestore."""
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION", **SCHEMA, **MAPS))).change(*FILES)
    machine.restore(Request(wishes=(Wish(WRITER, "", "Database", new_targets=(NEW,)),)))
    assert backed_up(machine, lambda path: path.replace("C:\\data", "D:\\new"))
    found = order(machine)
    assert found.index("AddNewTarget") < found.index("PreRestore")
    assert not calls(machine, "AddAlternativeLocationMapping")


def test_files_without_a_new_target_go_by_the_method() -> None:
    """Some file sets have one: those go there, the others by the method, and all of them or none."""
    sets = [{"path": "C:\\data", "filespec": name} for name in ("f1", "f2", "f3")]
    described = world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=sets)], **SCHEMA))
    one = NewTarget("C:\\data", "f1", recursive=False, destination="D:\\new")
    request = Request(wishes=(Wish(WRITER, "", "Database", new_targets=(one,)),))
    machine = Machine(described).change(*FILES).restore(request)
    assert [file.to for file in machine.result.files] == ["D:\\new\\f1", F2, F3]
    assert machine.on_disk()["D:\\NEW\\F1"] == old(F1)
    assert machine.on_disk()[F1.upper()] == b"changed"
    blocked = Machine(described).change(*FILES).lock(F2).restore(request)
    assert blocked.leaf == "ricr-unmapped"
    assert blocked.on_disk() == blocked.before


@pytest.mark.parametrize(
    ("wish", "more", "says"),
    [
        (Wish(WRITER, "", "Database", new_targets=(NEW,)), {}, "nt-schema"),
        (
            Wish(WRITER, "", "Database", new_targets=(NewTarget("C:\\data", "*", True, "D:\\x"),)),
            SCHEMA,
            "nt-match-file-set",
        ),
        (Wish(WRITER, "", "Database", subcomponents=(("Database", "Part"),)), {}, "sel-r-sub-flag"),
        (Wish(WRITER, "", "Database", roll_forward=(RollForwardType.ALL, None)), {}, "ex-rollforward-schema"),
        (Wish(WRITER, "", "Database", restore_name="Other"), {}, "ex-rename-schema"),
        (Wish(WRITER, "", "Database", authoritative=True), {}, "ex-authoritative-schema"),
        (Wish(WRITER, "", "Elsewhere"), {}, "was added at backup"),
    ],
)
def test_what_a_writer_does_not_support_is_not_asked_of_it(wish: Wish, more: dict[str, Any], says: str) -> None:
    """The restore is refused with the rule before anything is touched."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", **more)))
    with pytest.raises(RequestError, match=says):
        machine.restore(Request(wishes=(wish,)))
    assert machine.on_disk() == machine.before


def test_what_is_wished_is_said_to_the_writer_before_pre_restore() -> None:
    """Options, additional restores, roll-forward, authoritative, another name."""
    schema = ["VSS_BS_ROLLFORWARD_RESTORE", "VSS_BS_RESTORE_RENAME", "VSS_BS_AUTHORITATIVE_RESTORE"]
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", backupSchema=schema)))
    wish = Wish(
        WRITER,
        "",
        "Database",
        options='"Authoritative"="All"',
        additional_restores=True,
        authoritative=True,
        roll_forward=(RollForwardType.PARTIAL, "point"),
        restore_name="Other",
    )
    machine.restore(Request(wishes=(wish,)))
    said = ("SetRestoreOptions", "SetAdditionalRestores", "SetAuthoritativeRestore", "SetRollForward", "SetRestoreName")
    found = order(machine)
    assert [line["call"].rpartition("::")[2] for line in calls(machine, *said)] == list(said)
    assert all(found.index(name) < found.index("PreRestore") for name in said)
    assert machine.complaints() == []


def test_one_subcomponent_is_restored_with_what_is_below_it() -> None:
    """W20: rules sel-r-sub-sequence, sel-r-sub-exclusive, frs-sub-under-definer."""
    parts = [
        component("data", files=[]),
        component("Set1", logicalPath="data", files=[{"path": "C:\\data", "filespec": "f1"}]),
        component("Jan", logicalPath="data\\Set1", files=[{"path": "C:\\data", "filespec": "f2"}]),
        component("Set2", logicalPath="data", files=[{"path": "C:\\data", "filespec": "f3"}]),
    ]
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=parts))).change(*FILES)
    machine.restore(Request(wishes=(Wish(WRITER, "", "data", subcomponents=(("data", "Set1"),)),)))
    assert [machine.on_disk()[path.upper()] for path in FILES] == [old(F1), old(F2), b"changed"]
    (status,) = calls(machine, "SetFileRestoreStatus")
    assert status["in"]["wszComponentName"] == "data"
    assert [
        line["call"].rpartition("::")[2] for line in calls(machine, "SetSelectedForRestore", "AddRestoreSubcomponent")
    ] == [
        "SetSelectedForRestore",
        "AddRestoreSubcomponent",
    ]


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


def test_ranges_go_into_the_file_that_is_there() -> None:
    """A file that was saved in part: only its ranges are written (rule pf-restore-into-existing)."""
    partial = {
        "on": "PostSnapshot",
        "addPartialFiles": [{"path": "C:\\data", "filename": "f1", "ranges": "2:3, 0x8:2"}],
    }
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", replies=[partial])))
    machine.win("WriteFile", lpFileName=F1, content="x" * 40)
    machine.restore()
    source = old(F1)
    assert machine.on_disk()[F1.upper()] == b"xx" + source[2:5] + b"xxx" + source[8:10] + b"x" * 30


RANGES_FILE: Final = b64encode(b"".join(number.to_bytes(8, "little") for number in (2, 2, 3, 8, 2))).decode()


@pytest.mark.parametrize("text", ["C:\\ranges\\r.bin", "File=C:\\ranges\\r.bin"])
def test_a_ranges_file_is_saved_and_put_back_first(text: str) -> None:
    """Rules pf-ranges-file-saved, -first, -moved: where something is in its way it goes beside, and VSS is told."""
    partial = {"on": "PostSnapshot", "addPartialFiles": [{"path": "C:\\data", "filename": "f1", "ranges": text}]}
    described = world(
        writer("RESTORE_IF_CAN_REPLACE", replies=[partial]),
        files={"C:\\ranges\\r.bin": {"contentBase64": RANGES_FILE}},
    )
    machine = Machine(described).delete("C:\\ranges\\r.bin")
    machine.win("WriteFile", lpFileName=F1, content="x" * 40)
    machine.restore()
    source = old(F1)
    assert machine.on_disk()[F1.upper()] == b"xx" + source[2:5] + b"xxx" + source[8:10] + b"x" * 30
    assert machine.on_disk()["C:\\RANGES\\R.BIN"] == b64decode(RANGES_FILE)
    assert not calls(machine, "SetRangesFilePath")
    assert machine.complaints() == []
    moved = Machine(described).lock("C:\\ranges\\r.bin").restore()
    (told,) = calls(moved, "SetRangesFilePath")
    assert (told["in"]["iPartialFile"], told["in"]["wszRangesFile"]) == (0, "C:\\ranges\\r.bin.restored1")
    assert moved.on_disk()["C:\\RANGES\\R.BIN.RESTORED1"] == b64decode(RANGES_FILE)
    assert order(moved).index("SetRangesFilePath") < order(moved).index("PostRestore")
    assert moved.restored.everything


def test_files_come_from_the_alternate_path_and_go_to_their_own() -> None:
    """W27: rules path-alternate-source, alm-not-backup-path."""
    spit = [{"path": "C:\\data", "filespec": "*", "alternatePath": "C:\\spit"}]
    machine = Machine(
        world(
            writer("RESTORE_IF_CAN_REPLACE", components=[component(files=spit)]),
            files={"C:\\spit\\f1": {"content": "spat"}},
        )
    ).restore()
    assert [file.to for file in machine.result.files] == [F1]
    assert machine.on_disk()[F1.upper()] == b"spat"


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


def test_a_mapping_that_a_file_set_lies_wholly_inside_is_its_mapping_too() -> None:
    """C65: the triple first; by the other reading the triple only."""
    deep = {"path": "C:\\data", "filespec": "*", "recursive": True, "destination": "C:\\alt"}
    described = world(writer("RESTORE_TO_ALTERNATE_LOCATION", alternateLocationMappings=[deep]))
    machine = Machine(described).restore()
    assert machine.leaf == "rtal-mapped"
    (recorded,) = calls(machine, "AddAlternativeLocationMapping")
    assert (recorded["in"]["bRecursive"], recorded["in"]["wszDestination"]) == (False, "C:\\alt")
    assert machine.complaints() == []
    strict = Machine(described).restore(Request(readings={"match-of-a-mapping": "triple"}))
    assert strict.leaf == "rtal-unmapped"


def test_environment_variables_are_replaced_and_recorded_as_they_were_written() -> None:
    """The triple of a mapping is what the writer gave (rule alm-record-exact-triple)."""
    files = [{"path": "%SystemDrive%\\data", "filespec": "*"}]
    maps = [{"path": "%SystemDrive%\\data", "filespec": "*", "destination": "%SystemDrive%\\alt"}]
    described = world(
        writer("RESTORE_TO_ALTERNATE_LOCATION", components=[component(files=files)], alternateLocationMappings=maps)
    )
    machine = Machine(described).restore()
    assert backed_up(machine, to_alt)
    (recorded,) = calls(machine, "AddAlternativeLocationMapping")
    assert (recorded["in"]["wszPath"], recorded["in"]["wszDestination"]) == (
        "%SystemDrive%\\data",
        "%SystemDrive%\\alt",
    )


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
