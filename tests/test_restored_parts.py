"""Parts of files and of sets: ranges, ranges files, subcomponents, and file sets that lie elsewhere than they say."""

from base64 import b64decode, b64encode
from typing import Final

import pytest

from tests.restore_walks import F1, F2, calls, order
from tests.restoring import (
    FILES,
    WRITER,
    Machine,
    backed_up,
    component,
    old,
    to_alt,
    world,
    writer,
)
from vss_sim.engine.restoring.requests import Request, Wish

RANGES_FILE: Final = b64encode(b"".join(number.to_bytes(8, "little") for number in (2, 2, 3, 8, 2))).decode()


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
