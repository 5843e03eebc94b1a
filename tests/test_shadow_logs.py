"""What a log shows of shadow copies that were broken in vain, imported by the hundred, masked, and read by halves."""

import json
from typing import Final

import pytest

from tests.logs_of_two_machines import export, import_it, on_machine, persistent
from tests.support import FOREIGN_ID, SET_ID, SNAPSHOT_ID, Entry, asynchronous, call, check, create
from vss_sim.judge.findings import At
from vss_sim.judge.restoring.disk_view import PROCESSES, DiskView

EX2: Final = "IVssBackupComponentsEx2::"


def _guid(number: int) -> str:
    return f"{{33333333-0000-0000-0000-{number:012}}}"


def _breaks(result: str, on: str = "bc2", handle: str = "breaking") -> list[Entry]:
    begun = call(EX2 + "BreakSnapshotSetEx", on, SnapshotSetID=SET_ID, dwBreakFlags=0, out={"ppAsync": handle})
    return on_machine("two", begun, call("IVssAsync::QueryStatus", handle, out={"pHrResult": result}))


def _asks(returns: str = "VSS_E_OBJECT_NOT_FOUND") -> list[Entry]:
    return on_machine("two", call("GetSnapshotProperties", "bc2", returns, SnapshotId=SNAPSHOT_ID))


def _missing(lines: list[Entry]) -> bool:
    """Whether it is held against VSS that the imported copy is not found, at the last line."""
    said = check(lines).findings
    return any(one.line == len(lines) + 1 and one.rule == "im-usable-after-import" for one in said)


@pytest.mark.parametrize(
    ("result", "whole"),
    [
        ("VSS_E_BREAK_REVERT_ID_FAILED", True),
        ("VSS_E_PROVIDER_VETO", True),
        ("VSS_E_OBJECT_NOT_FOUND", False),
        ("VSS_E_UNEXPECTED", False),
        ("VSS_S_ASYNC_CANCELLED", False),
    ],
)
def test_a_break_that_was_refused_takes_nothing_away(result: str, *, whole: bool) -> None:
    """Rules sn-breakex-revert-collision, break-ex-hardware-only: the set is there; of other failures nobody knows."""
    before = persistent([*export(), *import_it()])
    assert _missing([*before, *_asks()])
    assert _missing([*before, *_breaks(result), *_asks()]) is whole


def test_what_another_break_may_have_broken_stays_in_doubt() -> None:
    """Two objects break the set at once; one is refused."""
    before = persistent([*export(), *import_it()])
    other = call(EX2 + "BreakSnapshotSetEx", "bc2", SnapshotSetID=SET_ID, dwBreakFlags=0, out={"ppAsync": "other"})
    refused = _breaks("VSS_E_PROVIDER_VETO")
    running = on_machine("two", other)
    assert not _missing([*before, *running, *refused, *_asks()])
    assert not _missing([*before, refused[0], *running, refused[1], *_asks()])


def test_a_copy_made_here_is_there_after_a_break_in_vain() -> None:
    """Rule no-autorelease-delete-only: a persistent copy stays, and who broke its set in vain may ask for it."""
    made = [
        create(),
        call("InitializeForBackup", bstrXML=None),
        call("SetContext", lContext="VSS_CTX_NAS_ROLLBACK"),
        call("StartSnapshotSet", out={"pSnapshotSetId": SET_ID}),
        call("AddToSnapshotSet", pwszVolumeName="F:\\", out={"pidSnapshot": SNAPSHOT_ID}),
        *asynchronous("DoSnapshotSet"),
    ]
    broken = call(EX2 + "BreakSnapshotSetEx", SnapshotSetID=SET_ID, dwBreakFlags=0, out={"ppAsync": "b"})
    asks = call("GetSnapshotProperties", "bc", "VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID)
    for result, held in (("VSS_E_PROVIDER_VETO", True), ("VSS_E_UNEXPECTED", False)):
        ended = call("IVssAsync::QueryStatus", "b", out={"pHrResult": result})
        lines = [*made, broken, ended, asks]
        assert ("no-autorelease-delete-only" in check(lines).rules_at(len(lines) + 1)) is held


def test_the_rule_by_which_a_set_is_gone_goes_with_its_line() -> None:
    """One copy was deleted, and then the set broken with the other: the break is what ended it."""
    other = call("AddToSnapshotSet", "bc", pwszVolumeName="G:\\", out={"pidSnapshot": FOREIGN_ID})
    made = export()
    before = persistent([*made[:5], *on_machine("one", other), *made[5:], *import_it()])
    for one, left in ((SNAPSHOT_ID, FOREIGN_ID), (FOREIGN_ID, SNAPSHOT_ID)):
        deletes = call("DeleteSnapshots", "bc2", SourceObjectId=one, eSourceObjectType="VSS_OBJECT_SNAPSHOT")
        breaks = call("BreakSnapshotSet", "bc2", SnapshotSetId=SET_ID)
        again = call("BreakSnapshotSet", "bc2", "VSS_E_OBJECT_NOT_FOUND", SnapshotSetId=SET_ID)
        lines = [*before, *on_machine("two", deletes, breaks, again)]
        said = next(found for found in check(lines).findings if found.line == len(lines) + 1)
        assert (said.rule, said.because[-1].line) == ("sn-break-forgets", len(lines)), left


def _imports(count: int) -> list[Entry]:
    """So many sets, one after the other, each made on one machine and imported on the other."""
    lines: list[Entry] = []
    for number in range(count):
        texts = {SET_ID: _guid(2 * number), SNAPSHOT_ID: _guid(2 * number + 1)}
        for line in persistent(
            [*export("one", f"a{number}", f"d{number}"), *import_it("two", f"b{number}", f"d{number}")]
        ):
            told = {name: texts.get(value, value) for name, value in line.get("out", {}).items()}
            lines.append({**line, **({"out": told} if told else {})})
    return lines


def test_of_many_imported_sets_the_oldest_is_forgotten() -> None:
    """The last of 200 is known, as the first was while there were few."""
    lines = _imports(200)
    for number, known in ((199, True), (0, False)):
        asks = call("GetSnapshotProperties", f"b{number}", "VSS_E_OBJECT_NOT_FOUND", SnapshotId=_guid(2 * number + 1))
        found = check([*lines, *on_machine("two", asks)])
        assert ("im-usable-after-import" in found.rules_at(len(lines) + 2)) is known


def test_of_many_masked_luns_the_oldest_is_forgotten() -> None:
    """Rule sn-masked-not-found: the last of a hundred is known to be masked."""
    others = [{"happens": "LUN masked", "machine": "two", "lun": _guid(number)} for number in range(100)]
    mask = {"happens": "LUN masked", "machine": "two", "lun": SNAPSHOT_ID}
    asks = _asks("S_OK")
    before = persistent([*export(), *import_it()])
    for lines, known in (([*others, mask], True), ([mask, *others], False)):
        found = check([*before, *lines, *asks])
        assert ("sn-masked-not-found" in found.rules_at(len(before) + len(lines) + 2)) is known


def test_a_process_that_goes_on_is_remembered_beside_many_that_came_later() -> None:
    """What is forgotten is the process that did nothing for longest."""
    disk = DiskView()
    disk.opened("busy")["0x4"] = "C:\\a"
    disk.opened("idle")["0x4"] = "C:\\b"
    for number in range(PROCESSES - 1):
        disk.opened(number)
        disk.opened("busy")
    assert disk.opened("busy") == {"0x4": "C:\\a"}
    assert disk.opened("idle") == {}


_OTHER: Final = {"m_SnapshotId": FOREIGN_ID, "m_eStatus": "VSS_SS_CREATED"}
_EMPTY: Final = {"m_SnapshotId": "GUID_NULL", "m_SnapshotSetId": "GUID_NULL", "m_eStatus": 0}


@pytest.mark.parametrize("told", [_OTHER, _EMPTY], ids=["of before", "zeroed"])
@pytest.mark.parametrize(("returns", "held"), [("S_OK", True), (None, False), ("VSS_E_OBJECT_NOT_FOUND", False)])
def test_what_a_structure_tells_counts_where_the_call_succeeded(
    told: Entry, returns: str | None, *, held: bool
) -> None:
    """A recorder may write the structure down whatever the answer was, which it did not record."""
    asks = call("GetSnapshotProperties", "bc", returns, SnapshotId=SNAPSHOT_ID, out={"pProp": told})
    found = check([create(), call("InitializeForBackup", bstrXML=None), asks])
    assert bool([one for one in found.findings if one.at is At.IMPLEMENTATION]) is held


def _made_to_stay(context: Entry | None) -> list[Entry]:
    """A set is made on one machine, as by `export`, and its document saved."""
    lines = export()
    lines[2:3] = on_machine("one", call("SetContext", "bc", **context)) if context is not None else []
    return lines


@pytest.mark.parametrize(
    ("context", "stays"),
    [({"lContext": 0x19}, True), ({"lContext": 0x20019}, True), ({"lContext": 0x39}, False), ({}, False), (None, True)],
    ids=["rollback", "another attribute", "transportable", "not recorded", "none"],
)
def test_a_set_that_was_not_made_to_be_transported_is_imported_nowhere(context: Entry | None, *, stays: bool) -> None:
    """Rule im-context-transportable: told where the import begins, and odd where it comes to its end."""
    made = _made_to_stay(context)
    for result in ("VSS_S_ASYNC_FINISHED", "VSS_E_NONTRANSPORTABLE_BCD", "VSS_E_NO_SNAPSHOTS_IMPORTED"):
        lines = [*made, *import_it()]
        lines[-1]["out"]["pHrResult"] = result
        found = check(lines)
        told = {one.line: one for one in found.findings if one.rule == "im-context-transportable"}
        begun, end = len(lines) - 1, len(lines) + 1
        assert (begun in told) is stays
        if result == "VSS_E_NO_SNAPSHOTS_IMPORTED":
            assert (end in told) is stays
        if stays and result != "VSS_S_ASYNC_FINISHED":
            assert told[end].at is At.REQUESTER
            assert "with VSS_VOLSNAP_ATTR_TRANSPORTABLE" in told[end].instead[0]
        elif result == "VSS_S_ASYNC_FINISHED":
            assert (end in told and told[end].at is At.IMPLEMENTATION) is stays


def test_documents_of_one_name_are_told_apart_by_nobody() -> None:
    """One set is transportable and the other not, and both documents are called the same."""
    text = json.dumps(_made_to_stay(None)).replace('"bc"', '"b0"').replace("made by bc", "made by b0")
    other = json.loads(text)
    for lines in ([*other, *export()], [*export(), *other]):
        found = check([*lines, *import_it()])
        assert "im-context-transportable" not in {one.rule for one in found.findings}
