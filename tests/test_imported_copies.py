"""A log of both machines knows of an imported copy what the set was made as: its members, its context, its end.

Pages: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes,
https://learn.microsoft.com/windows/win32/vss/exposing-and-surfacing-shadow-copied-volumes
"""

import json
from typing import Final

import pytest

from tests.logs_of_two_machines import DEVICE, export, import_it, on_machine, persistent, release
from tests.support import SET_ID, SNAPSHOT_ID, Entry, asynchronous, call, check, create
from vss_sim.judge.findings import At, Level, Outcome

SECOND: Final = "{22222222-0000-0000-0000-0000000000bb}"
LOCALLY: Final = "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY"
REMOTELY: Final = "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY"
EX2: Final = "IVssBackupComponentsEx2::"


def _exposes(name: str, key: str = SNAPSHOT_ID, how: str = LOCALLY, on: str = "bc2") -> list[Entry]:
    return on_machine("two", call("ExposeSnapshot", on, SnapshotId=key, lAttributes=how, wszExpose=name))


def _hides(key: str = SNAPSHOT_ID, on: str = "bc2") -> list[Entry]:
    return on_machine("two", call(EX2 + "UnexposeSnapshot", on, snapshotId=key))


def _masks(name: str, happens: str = "LUN masked") -> list[Entry]:
    return [{"happens": happens, "machine": "two", "lun": name}]


def _two_volumes() -> list[Entry]:
    """The set has a copy of G: as well."""
    lines = export()
    place = next(at for at, line in enumerate(lines) if line["call"].endswith("AddToSnapshotSet"))
    second = {**lines[place], "in": {"pwszVolumeName": "G:\\"}, "out": {"pidSnapshot": SECOND}}
    return [*lines[: place + 1], second, *lines[place + 1 :]]


def _found(*lines: Entry) -> set[str]:
    return {one.rule for one in check(lines).findings}


def test_an_imported_copy_that_is_exposed_is_hidden_before_it_is_exposed_again() -> None:
    """Rule expose-hide-first, on the machine that imported the copy."""
    lines = persistent([*export(), *import_it()])
    twice = [*_exposes("X:"), *_exposes("Y:")]
    assert "expose-hide-first" in _found(*lines, *twice)
    assert "expose-hide-first" not in _found(*lines, *_exposes("X:"), *_hides(), *_exposes("Y:"))


def test_a_name_that_an_imported_copy_has_is_given_to_no_other() -> None:
    """Rule sn-expose-name-free; it is free when the copy was hidden, or its set deleted by its own id."""
    lines = persistent([*_two_volumes(), *import_it()])
    first, second = _exposes("X:"), _exposes("X:", SECOND)
    deleted = call("DeleteSnapshots", "bc2", SourceObjectId=SET_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT_SET")
    assert "sn-expose-name-free" in _found(*lines, *first, *second)
    assert "sn-expose-name-free" not in _found(*lines, *first, *_hides(), *second)
    assert "sn-expose-name-free" not in _found(*lines, *first, *on_machine("two", deleted), *second)


@pytest.mark.parametrize(
    "end",
    [
        on_machine("two", release("bc2")),
        on_machine("one", release()),
        [{"happens": "reboot", "machine": "two"}],
        [{"happens": "VSS crashes", "machine": "two"}],
    ],
    ids=["importer released", "maker released", "reboot", "VSS crashes"],
)
def test_a_copy_that_went_with_its_object_takes_its_name_along(end: list[Entry]) -> None:
    """A copy that is not persistent goes with who imported it, and with who made it (dispute C36)."""
    first, second = _exposes("share", how=REMOTELY), _exposes("share", SECOND, REMOTELY, "bc3")
    lines = [*_two_volumes(), *import_it()]
    assert "sn-expose-name-free" in _found(*lines, *first, *second)
    assert "sn-expose-name-free" not in _found(*lines, *first, *end, *second)


def test_an_imported_copy_is_as_persistent_as_its_set_was_made() -> None:
    """Rule sn-expose-local-persistent; a share is for any copy that is surfaced."""
    lines = [*export(), *import_it()]
    assert "sn-expose-local-persistent" in _found(*lines, *_exposes("X:"))
    assert "sn-expose-local-persistent" not in _found(*lines, *_exposes("share", how=REMOTELY))
    assert "sn-expose-local-persistent" not in _found(*persistent([*lines, *_exposes("X:")]))


@pytest.mark.parametrize("masked", [SET_ID, SNAPSHOT_ID])
def test_masked_by_the_id_of_its_set_or_by_its_own_a_copy_is_not_found(masked: str) -> None:
    """Rule sn-masked-not-found: the set is known by its members, and a member by its set."""
    lines = persistent([*export(), *import_it(), *_masks(masked)])
    breaks = call("BreakSnapshotSet", "bc2", SnapshotSetId=SET_ID)
    assert "sn-masked-not-found" in _found(*lines, *_exposes("X:"))
    assert "sn-masked-not-found" in _found(*lines, *on_machine("two", breaks))
    assert "sn-masked-not-found" not in _found(*lines, *_masks(masked, "LUN unmasked"), *on_machine("two", breaks))


def test_a_set_is_found_as_long_as_one_of_its_copies_is() -> None:
    """Which of its copies a call then takes, no page says."""
    lines = persistent([*_two_volumes(), *import_it(), *_masks(SNAPSHOT_ID)])
    breaks = on_machine("two", call("BreakSnapshotSet", "bc2", SnapshotSetId=SET_ID))
    assert "sn-masked-not-found" not in _found(*lines, *breaks)
    assert "sn-masked-not-found" in _found(*lines, *_masks(SECOND), *breaks)


def test_a_set_whose_id_was_not_recorded_is_known_by_its_copies_alone() -> None:
    """Nothing is held against who deletes or exposes the other of two copies."""
    lines = persistent([*_two_volumes(), *import_it()])
    for line in lines:
        line.pop("out", None) if line["call"].endswith("StartSnapshotSet") else None
    deleted = call("DeleteSnapshots", "bc2", SourceObjectId=SNAPSHOT_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT")
    shown = call("GetSnapshotProperties", "bc2", "VSS_E_OBJECT_NOT_FOUND", SnapshotId=SECOND)
    assert "im-usable-after-import" in _found(*lines, *on_machine("two", deleted, shown))


def _without(lines: list[Entry], part: str, name: str) -> list[Entry]:
    """The lines as a recorder writes them that leaves a part of a call out."""
    return [
        {key: value for key, value in line.items() if key != part or not line["call"].endswith(name)} for line in lines
    ]


def _breaks(name: str = "BreakSnapshotSet") -> list[Entry]:
    return on_machine("two", call(name, "bc2", SnapshotSetId=SET_ID))


def _deletes(returns: str = "S_OK", key: str = SET_ID, **more: object) -> list[Entry]:
    of = {"SourceObjectId": key, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET"}
    return on_machine("two", call("DeleteSnapshots", "bc2", returns, **of, **more))


def _not_found(key: str = SNAPSHOT_ID, on: str = "bc2") -> list[Entry]:
    return on_machine("two", call("GetSnapshotProperties", on, "VSS_E_OBJECT_NOT_FOUND", SnapshotId=key))


def _sees_all(on: str = "bc3") -> list[Entry]:
    begun = call("InitializeForBackup", on, bstrXML=None)
    return on_machine("two", create(on), begun, call("SetContext", on, lContext="VSS_CTX_ALL"))


@pytest.mark.parametrize("end", [_breaks(), _deletes()], ids=["broken", "deleted"])
def test_an_id_that_was_not_recorded_may_be_that_of_the_set_whose_copies_are_known(end: list[Entry]) -> None:
    """What may have been taken away is not held against VSS (rule im-usable-after-import); an id of others is."""
    lines = _without(persistent([*export(), *import_it()]), "out", "StartSnapshotSet")
    told = {"pProp": {"m_SnapshotId": SNAPSHOT_ID, "m_SnapshotSetId": SECOND}}
    of_another = on_machine("two", call("GetSnapshotProperties", "bc2", SnapshotId=SNAPSHOT_ID, out=told))
    assert "im-usable-after-import" in _found(*lines, *_not_found())
    assert "im-usable-after-import" not in _found(*lines, *end, *_not_found())
    assert "im-usable-after-import" not in _found(*lines, *_without(end, "in", "t"), *_not_found())
    assert "im-usable-after-import" in _found(*lines, *of_another, *end, *_not_found())


def test_of_a_set_that_was_deleted_in_part_the_copy_is_there_that_is_named_as_left() -> None:
    """Rule delete-stops-at-first-error, on the machine that imported the set."""
    lines = persistent([*_two_volumes(), *import_it()])
    stops = {"plDeletedSnapshots": 1, "pNondeletedSnapshotID": SECOND}
    deleted = _deletes("VSS_E_PROVIDER_VETO", out=stops)
    assert "im-usable-after-import" not in _found(*lines, *deleted, *_not_found())
    assert "im-usable-after-import" in _found(*lines, *deleted, *_not_found(SECOND))
    assert "im-usable-after-import" not in _found(*lines, *_deletes("VSS_E_PROVIDER_VETO"), *_not_found())
    none = _deletes("VSS_E_PROVIDER_VETO", out={**stops, "plDeletedSnapshots": 0, "pNondeletedSnapshotID": SNAPSHOT_ID})
    assert "im-usable-after-import" in _found(*lines, *none, *_not_found())


def test_what_a_call_did_whose_answer_was_not_recorded_is_not_known() -> None:
    """The set may be broken since, and the copy hidden; then neither is found, and its name and the copy are free."""
    lines = persistent([*_two_volumes(), *import_it()])
    may_break = _without(_breaks(), "returns", "BreakSnapshotSet")
    may_hide = _without(_hides(), "returns", "UnexposeSnapshot")
    assert "im-usable-after-import" not in _found(*lines, *may_break, *_not_found())
    assert "expose-hide-first" not in _found(*lines, *_exposes("X:"), *may_hide, *_exposes("Y:"))
    assert "sn-expose-name-free" not in _found(*lines, *_exposes("X:"), *may_hide, *_exposes("X:", SECOND))
    assert "unexpose-must-be-exposed" not in _found(*lines, *_exposes("X:"), *may_hide, *_hides())


@pytest.mark.parametrize("end", [on_machine("two", release("bc2")), on_machine("one", release())])
def test_a_set_whose_context_is_not_known_may_go_with_its_objects(end: list[Entry]) -> None:
    """The answer of SetContext was not recorded: nobody is told that the copies are persistent, and there still."""
    unknown = _without([*_two_volumes(), *import_it()], "returns", "SetContext")
    share = [*_exposes("share", how=REMOTELY), *end, *_exposes("share", SECOND, REMOTELY, "bc3")]
    about = {"im-usable-after-import", "im-delete-after-use", "sn-expose-name-free"}
    assert not about & _found(*unknown, *end, *_not_found(on="bc3"))
    assert not about & _found(*unknown, *share)
    assert "im-usable-after-import" not in _found(*unknown, *_not_found(on="bc3"))
    assert "im-usable-after-import" in _found(*unknown, *_not_found())
    assert "im-usable-after-import" in _found(
        *persistent([*export(), *import_it()]), *end, *_sees_all(), *_not_found(on="bc3")
    )


def test_copies_whose_break_was_begun_are_not_said_to_be_there_still() -> None:
    """Nobody waited for BreakSnapshotSetEx: rules im-delete-then-signal and im-delete-after-use are for what stays."""
    made = json.dumps([*export(), *import_it()]).replace("VSS_CTX_FILE_SHARE_BACKUP", "VSS_CTX_APP_ROLLBACK")
    lines: list[Entry] = json.loads(made)
    begun = call(EX2 + "BreakSnapshotSetEx", "bc2", SnapshotSetID=SET_ID, dwBreakFlags=0, out={"ppAsync": "breaking"})
    ends = [*on_machine("one", *asynchronous("BackupComplete")), *on_machine("two", release("bc2"))]
    left = {"im-delete-then-signal", "im-delete-after-use"}
    assert left <= _found(*lines, *ends)
    assert not left & _found(*lines, *on_machine("two", begun), *ends)


def _writes(returns: str) -> list[Entry]:
    given = {"lpFileName": f"{DEVICE}\\a", "content": "x"}
    return [{"call": "WriteFile", "in": given, "machine": "two", "returns": returns}]


@pytest.mark.parametrize(
    ("broken", "returns", "rule", "level", "at"),
    [
        (False, "ERROR_WRITE_PROTECT", "sn-read-only", Level.WARNING, At.REQUESTER),
        (False, "ERROR_SUCCESS", "im-hidden-readonly", Level.ERROR, At.IMPLEMENTATION),
        (True, "ERROR_WRITE_PROTECT", "sn-break-readonly-default", Level.INFO, At.REQUESTER),
        (True, "ERROR_SUCCESS", "sn-break-readonly-default", Level.WARNING, At.IMPLEMENTATION),
    ],
)
def test_who_writes_to_a_read_only_device_is_told_why_and_what_mends_it(
    broken: bool, returns: str, rule: str, level: Level, at: At
) -> None:
    """A broken set is made writable by its flag, or by VDS, of which a log shows nothing (page of BreakSnapshotSet)."""
    properties = {"m_SnapshotId": SNAPSHOT_ID, "m_SnapshotSetId": SET_ID, "m_pwszSnapshotDeviceObject": DEVICE}
    shown = on_machine("two", call("GetSnapshotProperties", "bc2", SnapshotId=SNAPSHOT_ID, out={"pProp": properties}))
    breaks = on_machine("two", call("BreakSnapshotSet", "bc2", SnapshotSetId=SET_ID)) if broken else []
    lines = persistent([*export(), *import_it(), *shown, *breaks])
    found, *_ = (one for one in check([*lines, *_writes(returns)]).findings if one.line == len(lines) + 2)
    assert (found.rule, found.level, found.at) == (rule, level, at)
    assert ("VSS_BREAKEX_FLAG_MAKE_READ_WRITE" in found.mends) is (returns == "ERROR_WRITE_PROTECT")


_ASKED: Final[list[tuple[str, Entry]]] = [
    ("GetSnapshotProperties", {"SnapshotId": SNAPSHOT_ID}),
    ("ExposeSnapshot", {"SnapshotId": SNAPSHOT_ID, "lAttributes": LOCALLY, "wszExpose": "X:"}),
    ("RevertToSnapshot", {"SnapshotId": SNAPSHOT_ID, "bForceDismount": True}),
    ("DeleteSnapshots", {"SourceObjectId": SNAPSHOT_ID, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT"}),
    ("DeleteSnapshots", {"SourceObjectId": SET_ID, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET"}),
    ("BreakSnapshotSet", {"SnapshotSetId": SET_ID}),
    (EX2 + "BreakSnapshotSetEx", {"SnapshotSetID": SET_ID, "dwBreakFlags": 0}),
]
"""Each call that names a copy or set, by the right id."""


@pytest.mark.parametrize(("name", "given"), _ASKED)
def test_a_call_that_does_not_find_what_was_imported_is_held_against_vss_alone(name: str, given: Entry) -> None:
    """Rule im-usable-after-import; by the id of a set for a copy, or the other way round, it is rightly not found."""
    other = {SET_ID: SNAPSHOT_ID, SNAPSHOT_ID: SET_ID}
    swapped = {key: other.get(value, value) for key, value in given.items()}
    lines = persistent([*export(), *import_it()])
    for asked, at, rule in ((given, At.IMPLEMENTATION, {"im-usable-after-import"}), (swapped, At.REQUESTER, set())):
        found = check([*lines, *on_machine("two", call(name, "bc2", "VSS_E_OBJECT_NOT_FOUND", **asked))])
        (error,) = found.errors()
        assert error.at is at
        assert {error.rule} & {"im-usable-after-import"} == rule
        assert ("this is the id of a shadow copy" in error.says) is (at is At.REQUESTER)


def test_only_what_is_known_to_be_exposed_has_to_be_found_to_be_hidden() -> None:
    """Rule unexpose-must-be-exposed: who hides what he did not expose is rightly refused."""
    lines = persistent([*export(), *import_it()])
    hides = on_machine("two", call(EX2 + "UnexposeSnapshot", "bc2", "VSS_E_OBJECT_NOT_FOUND", snapshotId=SNAPSHOT_ID))
    assert {one.at for one in check([*lines, *hides]).errors()} == {At.REQUESTER}
    assert {one.at for one in check([*lines, *_exposes("X:"), *hides]).errors()} == {At.IMPLEMENTATION}


@pytest.mark.parametrize("returns", ["S_OK", "VSS_E_OBJECT_NOT_FOUND"])
@pytest.mark.parametrize(("key", "right"), [(SET_ID, "SNAPSHOT_SET"), (SNAPSHOT_ID, "SNAPSHOT")])
def test_what_is_deleted_is_of_the_kind_that_the_call_tells(key: str, right: str, returns: str) -> None:
    """Rule sn-delete-unknown; where the kind was not recorded, it may be the right one."""
    lines = persistent([*export(), *import_it()])

    def said(**kind: str) -> bool:
        deleted = on_machine("two", call("DeleteSnapshots", "bc2", returns, SourceObjectId=key, **kind))
        return any("this is the id of a shadow copy" in one.says for one in check([*lines, *deleted]).findings)

    for kind in ("SNAPSHOT_SET", "SNAPSHOT"):
        assert said(eSourceObjectType=f"VSS_OBJECT_{kind}") is (kind != right)
    assert not said()


@pytest.mark.parametrize(("broken", "rule"), [(True, "sn-break-forgets"), (False, "sn-deleted-gone")])
def test_a_set_that_went_before_its_import_was_broken_or_deleted(*, broken: bool, rule: str) -> None:
    """Nobody saw the end of the import before, on the machine that made the set."""
    begun = call("InitializeForBackup", "bc2", bstrXML="document")
    running = call("ImportSnapshots", "bc2", out={"ppAsync": "running"})
    (end,) = _breaks() if broken else _deletes()
    again = import_it("one", "bc3")
    lines = persistent([*export(), *on_machine("one", create("bc2"), begun, running, end), *again])
    lines[-1]["out"]["pHrResult"] = "VSS_E_NO_SNAPSHOTS_IMPORTED"
    failed = next(one for one in check(lines).findings if "ImportSnapshots came to" in one.says)
    assert failed.rule == rule
    assert ("the set was broken" in failed.says) is broken


_READ_ONLY: Final = {"sn-read-only", "im-hidden-readonly", "sn-break-readonly-default"}


@pytest.mark.parametrize("returns", ["ERROR_SUCCESS", "ERROR_WRITE_PROTECT"])
@pytest.mark.parametrize("imported", [True, False])
@pytest.mark.parametrize("which", [{"SnapshotSetID": SET_ID}, {}], ids=["the set", "a set"])
def test_of_a_write_while_a_set_is_being_broken_nobody_knows(*, returns: str, imported: bool, which: Entry) -> None:
    """Nobody waited for BreakSnapshotSetEx, of this set or of one that was not recorded: the volume may be writable."""
    properties = {"m_SnapshotId": SNAPSHOT_ID, "m_SnapshotSetId": SET_ID, "m_pwszSnapshotDeviceObject": DEVICE}
    shown = call("GetSnapshotProperties", "bc2", SnapshotId=SNAPSHOT_ID, out={"pProp": properties})
    flags = {**which, "dwBreakFlags": "VSS_BREAKEX_FLAG_MAKE_READ_WRITE"}
    breaks = call(EX2 + "BreakSnapshotSetEx", "bc2", **flags, out={"ppAsync": "breaking"})
    begun = [create("bc2"), call("InitializeForBackup", "bc2", bstrXML=None)]
    before = [*export(), *import_it()] if imported else on_machine("two", *begun)
    lines = [*persistent(before), *on_machine("two", shown, breaks), *_writes(returns)]
    checked = check(lines)
    assert not checked.rules_at(len(lines) + 1) & _READ_ONLY
    assert not [one for one in checked.findings if one.at is At.IMPLEMENTATION]
    assert (checked.outcome is Outcome.INCONCLUSIVE) is (returns == "ERROR_WRITE_PROTECT")
    for result, refused in (("VSS_E_PROVIDER_VETO", True), ("VSS_E_UNEXPECTED", False)):
        end = call("IVssAsync::QueryStatus", "breaking", out={"pHrResult": result})
        failed = check([*lines[:-1], *on_machine("two", end), *lines[-1:]])
        assert bool(failed.rules_at(len(lines) + 2) & _READ_ONLY) is refused


@pytest.mark.parametrize(
    ("end", "rule"), [(_breaks(), "sn-break-forgets"), (_deletes(), "sn-deleted-gone")], ids=["broken", "deleted"]
)
def test_a_copy_that_went_on_the_machine_that_imported_it_is_told_to_be_gone(end: list[Entry], rule: str) -> None:
    """Rules sn-break-forgets, sn-deleted-gone: with the line on which it went; imported anew, it is there again."""
    lines = [*persistent([*export(), *import_it()]), *end]
    (error,) = check([*lines, *_not_found()]).errors()
    assert (error.rule, error.at, [one.line for one in error.because]) == (rule, At.REQUESTER, [len(lines) + 1])
    again = import_it(on="bc4")
    assert rule not in _found(*lines, *again, *_not_found(on="bc4"))
