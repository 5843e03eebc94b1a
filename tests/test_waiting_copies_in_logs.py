"""Copies that wait for their import, or came by halves, in logs that are written by hand: what is said, and of which.

Page: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from typing import Any, Final

import pytest

from tests.logs_of_two_machines import export, import_it, looks, on_machine, persistent
from tests.support import FOREIGN_ID, SET_ID, SNAPSHOT_ID, Entry, call, check, create
from vss_sim.judge.findings import Finding
from vss_sim.spec.importing import MASK_OR_DELETE
from vss_sim.spec.providers import SYSTEM_PROVIDER

NOT_FOUND: Final = "VSS_E_OBJECT_NOT_FOUND"
PARTLY: Final = "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED"
NOWHERE: Final = "no import has brought it"


def _last(lines: list[Entry]) -> list[Finding]:
    """What is said of the last line, but for the note that an object was not released."""
    found = [one for one in check(lines).findings if one.line == len(lines) + 1]
    return [one for one in found if one.rule != "object-release-after-operation"]


def _begins(machine: str, on: str = "bc2") -> list[Entry]:
    """An object begins with the document, and does not import."""
    return on_machine(machine, create(on), call("InitializeForBackup", on, bstrXML="document"))


def _deletes(machine: str, on: str) -> list[Entry]:
    return on_machine(machine, call("DeleteSnapshots", on, SourceObjectId=SNAPSHOT_ID, eSourceObjectType=3))


def _of_two() -> list[Entry]:
    """A persistent set of two copies is made on one machine."""
    add = call("AddToSnapshotSet", "bc", pwszVolumeName="G:\\", out={"pidSnapshot": FOREIGN_ID})
    made = export()
    return persistent([*made[:5], *on_machine("one", add), *made[5:]])


def test_what_was_deleted_where_it_was_made_waits_for_no_import() -> None:
    """Rule sn-deleted-gone: to import it helps nobody."""
    made = persistent(export())
    assert NOWHERE in _last([*made, *_begins("two"), *looks()])[0].says
    assert not [one for one in _last([*made, *_deletes("one", "bc"), *_begins("two"), *looks()]) if NOWHERE in one.says]


def test_on_the_machine_that_made_it_no_import_is_missed() -> None:
    """By this rule: what is there to be told of it there, others tell."""
    lines = [*persistent(export()), *_begins("one"), *looks(machine="one")]
    assert not [one for one in _last(lines) if NOWHERE in one.says]


def test_a_set_is_broken_after_its_import() -> None:
    """Rule sn-break-imported-first, where it was not made."""
    breaks = call("BreakSnapshotSet", "bc2", NOT_FOUND, SnapshotSetId=SET_ID)
    (said,) = _last([*persistent(export()), *_begins("two"), *on_machine("two", breaks)])
    assert said.rule == "sn-break-imported-first"


def test_a_set_is_broken_where_it_was_imported() -> None:
    """And not on the machine that made it."""
    breaks = call("BreakSnapshotSet", "bc", NOT_FOUND, SnapshotSetId=SET_ID)
    made = persistent(export())
    for imported in ([], import_it()):
        said = _last([*made, *imported, *on_machine("one", breaks)])[0]
        assert said.says.endswith("but on another machine") is bool(imported)


@pytest.mark.parametrize(("machine", "doubtful"), [("two", True), ("three", False)])
def test_a_part_of_a_set_came_to_one_machine_alone(machine: str, *, doubtful: bool) -> None:
    """Another object asks, which began with no document; on a third machine nothing came."""
    lines = [*_of_two(), *import_it()]
    lines[-1]["out"]["pHrResult"] = PARTLY
    asks = [create("b3"), call("InitializeForBackup", "b3", bstrXML=None), call("SetContext", "b3", lContext=-1)]
    asks.append(call("GetSnapshotProperties", "b3", NOT_FOUND, SnapshotId=FOREIGN_ID))
    said = [one.says for one in _last([*lines, *on_machine(machine, *asks)])]
    assert any("the import brought a part of" in one for one in said) is doubtful


@pytest.mark.parametrize(
    ("lun", "meanwhile", "cited"),
    [(SNAPSHOT_ID, True, True), ("LUN 7", True, True), (SET_ID[:-2] + "9}", True, False), (SNAPSHOT_ID, False, False)],
    ids=["of the set", "of whatever", "of another set", "before it began"],
)
def test_a_lun_that_was_masked_may_be_why_a_copy_did_not_come(lun: str, *, meanwhile: bool, cited: bool) -> None:
    """Rule im-lun-not-arrived: while the import ran, and one that may be of the set."""
    imports = import_it()
    imports[-1]["out"]["pHrResult"] = PARTLY
    place = 3 if meanwhile else 2
    masked: Any = {"happens": "LUN masked", "machine": "two", "lun": lun}
    lines = [*_of_two(), *imports[:place], masked, *imports[place:]]
    (said,) = [one for one in _last(lines) if one.rule == "im-async-result"]
    assert ("im-lun-not-arrived" in said.also) is cited


@pytest.mark.parametrize("gone", ["before", "meanwhile", ""])
def test_where_nothing_was_left_to_come_no_lun_is_left(gone: str) -> None:
    """A set that was deleted before its import, or while that ran, leaves none to be masked."""
    imports, deletes = import_it(), _deletes("one", "bc")
    place = {"before": 0, "meanwhile": 3}.get(gone, 0)
    lines = [*persistent(export()), *imports[:place], *(deletes if gone else []), *imports[place:]]
    lines[-1]["out"]["pHrResult"] = "VSS_E_NO_SNAPSHOTS_IMPORTED"
    (said,) = [one for one in _last(lines) if "ImportSnapshots came to" in one.says]
    assert (MASK_OR_DELETE in said.says) is not bool(gone)


@pytest.mark.parametrize(("returns", "told"), [("S_OK", True), (NOT_FOUND, False), (None, False)])
def test_who_made_a_copy_counts_where_the_call_succeeded(returns: str | None, *, told: bool) -> None:
    """The recorder may write a structure down that nobody filled."""
    shown = {"m_SnapshotId": "GUID_NULL", "m_ProviderId": f"{{{SYSTEM_PROVIDER}}}"}
    asks = call("GetSnapshotProperties", "bc", returns, SnapshotId=SNAPSHOT_ID, out={"pProp": shown})
    asked = {"pwszVolumeName": "F:\\", "ProviderId": SET_ID}
    supports = call("IsVolumeSupported", "bc", out={"pbSupportedByThisProvider": True}, **asked)
    made = persistent(export())
    made[4]["in"]["ProviderId"] = "GUID_NULL"
    said = _last([*made[:3], *on_machine("one", supports), *made[3:], *on_machine("one", asks)])
    assert bool([one for one in said if "provider" in one.says]) is told
