"""Files that a writer adds to a component as partial files, beside its file sets (rule alm-new-partial-none)."""

from typing import Final

import pytest

from tests.restoring import FILES, MAPPING, Machine, world, writer
from vss_sim.engine.restoring import places

EXTRA: Final = "C:\\extra\\more"


def machine(path: str) -> Machine:
    """One whose writer names a partial file at backup, and whose f1 is in use since."""
    folder, _, name = path.rpartition("\\")
    reply = {"on": "PostSnapshot", "addPartialFiles": [{"path": folder, "filename": name, "ranges": "0:4"}]}
    described = writer("RESTORE_IF_CAN_REPLACE", replies=[reply], alternateLocationMappings=[MAPPING])
    more = {EXTRA: {"content": "some bytes"}}
    return Machine(world(described, files=more)).change(*FILES).lock(FILES[0])


def test_with_a_new_partial_file_a_set_is_not_wholly_mapped() -> None:
    """No mapping is for it, so nothing is restored, and the requester that gives up has looked at everything."""
    one = machine(EXTRA).restore()
    assert one.leaf == "ricr-unmapped"
    assert one.complaints() == []


def test_a_requester_that_maps_the_other_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It forgets the new partial file, and moves the rest of the set: all files are mapped, or none."""
    monkeypatch.setattr(places, "_new_files", lambda *_: ())
    one = machine(EXTRA).restore()
    assert one.leaf == "ricr-mapped"
    assert any("not every file of it has the mapping" in said for said in one.complaints())


def test_a_partial_file_of_a_file_set_goes_where_that_goes() -> None:
    """F2 is of the file set, which is mapped."""
    one = machine(FILES[1]).restore()
    assert one.leaf == "ricr-mapped"
    assert one.complaints() == []
