"""Shadow copies in logs that are not found, or are found though they went: what is said of it, and of the way on."""

from typing import Any, Final

import pytest

from tests.logs_of_two_machines import export, import_it, on_machine, persistent
from tests.support import FOREIGN_ID, SET_ID, SNAPSHOT_ID, Entry, asynchronous, call, check, create
from vss_sim.judge.findings import At, Finding, Level

BACKUP: Final = "IVssBackupComponents::"
OTHER_SET: Final = "{11111111-0000-0000-0000-000000000002}"
NOT_FOUND: Final = "VSS_E_OBJECT_NOT_FOUND"


def _made(context: Any = 0x10, on: str = "bc", **more: Any) -> list[Entry]:
    """A set of one copy."""
    lines = [
        create(on),
        call("InitializeForBackup", on, bstrXML=None),
        call("SetContext", on, lContext=context),
        call("StartSnapshotSet", on, out={"pSnapshotSetId": SET_ID}),
        call("AddToSnapshotSet", on, pwszVolumeName="D:\\", out={"pidSnapshot": SNAPSHOT_ID}),
        *asynchronous("DoSnapshotSet", f"made by {on}", on),
    ]
    return [{**line, **more} for line in lines]


def _asks(on: str = "bc", returns: str = NOT_FOUND, key: str = SNAPSHOT_ID, **more: Any) -> Entry:
    return {**call("GetSnapshotProperties", on, returns, SnapshotId=key), **more}


def _at_the_end(lines: list[Entry]) -> list[Finding]:
    """What is said of the last line, but for the note that an object was not released."""
    found = [one for one in check(lines).findings if one.line == len(lines) + 1]
    return [one for one in found if one.rule != "object-release-after-operation"]


@pytest.mark.parametrize(
    ("end", "level"),
    [
        ({"happens": "process ends", "process": 41}, Level.INFO),
        ({"happens": "requester crashes", "process": 41}, Level.INFO),
        ({"happens": "VSS crashes"}, Level.INFO),
        ({"happens": "reboot"}, Level.ERROR),
    ],
)
@pytest.mark.parametrize("context", [0x10, 0x19])
def test_a_copy_goes_with_the_process_that_made_it(end: Entry, level: Level, context: int) -> None:
    """Rule seq-release-deletes-autorelease: some time after, for certain with a restart; a persistent one stays."""
    other = [create("b2"), call("InitializeForBackup", "b2", bstrXML=None), call("SetContext", "b2", lContext=-1)]
    lines = [*_made(context, process=41), end, *[{**line, "process": 42} for line in other]]
    (said,) = _at_the_end([*lines, _asks("b2", process=42)])
    stays = context == 0x19
    assert (said.at is At.IMPLEMENTATION) is stays
    if not stays:
        assert (said.level, said.rule, said.because[-1].line) == (level, "sn-getprops-unknown", 10)


def test_the_copies_of_all_sets_of_an_object_go_with_it() -> None:
    """Not those of the last one alone."""
    second = call("StartSnapshotSet", out={"pSnapshotSetId": OTHER_SET})
    more = [second, call("AddToSnapshotSet", pwszVolumeName="E:\\", out={"pidSnapshot": FOREIGN_ID})]
    lines = [*_made(), *more, *asynchronous("DoSnapshotSet", "again"), call("IUnknown::Release", "bc", None)]
    lines += [create("b2"), call("InitializeForBackup", "b2", bstrXML=None)]
    for key in (SNAPSHOT_ID, FOREIGN_ID):
        (said,) = _at_the_end([*lines, _asks("b2", key=key)])
        assert (said.level, said.because[0].says) == (Level.INFO, "Release let it go")


@pytest.mark.parametrize("waited", [False, True])
@pytest.mark.parametrize("shown", [True, False])
def test_what_an_import_brings_is_not_there_before_its_end(*, waited: bool, shown: bool) -> None:
    """Rule im-async-result, whether the log shows who made the set or not; of other copies nothing is said of it."""
    begun = [create("bc2"), call("InitializeForBackup", "bc2", bstrXML="document")]
    begun.append(call("ImportSnapshots", "bc2", out={"ppAsync": "import"}))
    waits = [call("IVssAsync::Wait", "import")] if waited else []
    before = [*(persistent(export()) if shown else []), *on_machine("two", *begun, *waits)]
    (said,) = _at_the_end([*before, *on_machine("two", _asks("bc2"))])
    assert (said.rule, said.level, said.at) == ("im-async-result", Level.ERROR, At.REQUESTER)
    assert said.instead == ("IVssAsync::Wait", "IVssAsync::QueryStatus", BACKUP + "GetSnapshotProperties")
    if shown:
        others = _at_the_end([*before, *on_machine("two", _asks("bc2", key=FOREIGN_ID))])
        assert "im-async-result" not in {one.rule for one in others}


@pytest.mark.parametrize(
    ("name", "arguments", "legal"),
    [
        ("BreakSnapshotSet", {"SnapshotSetId": SNAPSHOT_ID}, "SnapshotSetId: m_SnapshotSetId of its properties"),
        ("GetSnapshotProperties", {"SnapshotId": SET_ID}, "SnapshotId: the id of a copy of it"),
    ],
)
def test_the_other_kind_of_id_of_an_imported_set_is_told(name: str, arguments: Entry, legal: str) -> None:
    """Where the id of the set is to be had, and that of a copy."""
    lines = persistent([*export(), *import_it()])
    (said,) = _at_the_end([*lines, *on_machine("two", call(name, "bc2", NOT_FOUND, **arguments))])
    assert said.instead == (f"{BACKUP}{name}({legal})",)


def _listed(handle: str, key: str = SNAPSHOT_ID) -> list[Entry]:
    asked = {"QueriedObjectId": "GUID_NULL", "eQueriedObjectType": 1, "eReturnedObjectsType": 3}
    shown = {"Type": 3, "Obj": {"Snap": {"m_SnapshotId": key, "m_SnapshotSetId": SET_ID, "m_eStatus": 12}}}
    begun = call("Query", "bc", out={"ppEnum": handle}, **asked)
    return [begun, call("IVssEnumObject::Next", handle, celt=1, out={"rgelt": [shown], "pceltFetched": 1})]


_DELETES: Final = call("DeleteSnapshots", SourceObjectId=SNAPSHOT_ID, eSourceObjectType=3, bForceDelete=1)
_BREAKS: Final = call("BreakSnapshotSet", SnapshotSetId=SET_ID)
_ADMINISTERS: Final = [create(), call("InitializeForBackup", bstrXML=None), call("SetContext", lContext=-1)]


@pytest.mark.parametrize(("ends", "rule"), [(_DELETES, "sn-deleted-gone"), (_BREAKS, "sn-break-forgets")])
@pytest.mark.parametrize("again", [_listed("e2"), [_asks(returns="S_OK")]], ids=["listed", "asked for"])
def test_a_copy_that_went_is_not_shown_again(ends: Entry, rule: str, again: list[Entry]) -> None:
    """Whoever made it; told once of a copy. One that a mask hid from the deletion of its set comes again."""
    lines = [*_ADMINISTERS, *_listed("e"), ends, *again]
    (said,) = _at_the_end(lines)
    assert (said.rule, said.at, said.because[0].line) == (rule, At.IMPLEMENTATION, 7)
    assert not _at_the_end([*lines, *again])
    masked = {"happens": "LUN masked", "lun": "LUN 7"}
    assert not _at_the_end([*lines[:5], masked, ends, {"happens": "LUN unmasked", "lun": "LUN 7"}, *again])
    assert not _at_the_end([*lines[:5], {**ends, "returns": None}, *again])


@pytest.mark.parametrize("again", [[], [call("IVssEnumObject::Reset", "e")]])
def test_a_list_has_what_was_there_when_it_was_asked_for(again: list[Entry]) -> None:
    """Who deletes while it lists, and looks at its list anew, sees what went since; nobody is blamed."""
    begun, shows = _listed("e")
    assert not _at_the_end([*_ADMINISTERS, begun, shows, _DELETES, *again, shows])
    assert _at_the_end([*_ADMINISTERS, shows, _DELETES, begun, shows])


@pytest.mark.parametrize(("kind", "gone"), [(3, True), ("VSS_OBJECT_SNAPSHOT", True), (2, False)])
def test_what_was_deleted_is_gone_though_nothing_showed_it_before(kind: Any, *, gone: bool) -> None:
    """Rule sn-deleted-gone: whatever set it may be of; an id that was taken for one of a set is none of a copy."""
    deletes = call("DeleteSnapshots", SourceObjectId=SNAPSHOT_ID, eSourceObjectType=kind, bForceDelete=1)
    (said,) = _at_the_end([*_ADMINISTERS, deletes, _asks()])
    assert (said.rule == "sn-deleted-gone") is gone


@pytest.mark.parametrize("code", ["VSS_E_OBJECT_ALREADY_EXISTS", "E_INVALIDARG", "VSS_E_BAD_STATE"])
def test_a_second_exposure_is_what_a_refusal_may_be_for(code: str) -> None:
    """Rule expose-hide-first: no page names the code."""
    exposes: Entry = {"SnapshotId": SNAPSHOT_ID, "wszPathFromRoot": None, "lAttributes": 0x100000}
    lines = [*_made(0x19), call("ExposeSnapshot", wszExpose="X:", out={"pwszExposed": "X:"}, **exposes)]
    (said,) = _at_the_end([*lines, call("ExposeSnapshot", "bc", code, wszExpose="Y:", **exposes)])
    assert (said.rule, said.at, said.level) == ("expose-hide-first", At.REQUESTER, Level.ERROR)


@pytest.mark.parametrize(
    ("attributes", "name", "words"),
    [
        (0x200000, "X:", "wszExpose is 'X:', where lAttributes is 2097152 (VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY)"),
        (
            "0x00300000",
            "X:",
            "lAttributes is '0x00300000' (VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY|VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY)",
        ),
        ("VSS_VOLSNAP_ATTR_IMPORTED", "X:", "lAttributes is 'VSS_VOLSNAP_ATTR_IMPORTED'"),
        (0x80000000, "X:", "lAttributes is 2147483648"),
    ],
)
def test_numbers_are_told_as_what_they_stand_for(attributes: Any, name: str, words: str) -> None:
    """Recorders of C write enumerations as numbers; and what a demand depends on is told with it."""
    exposes: Entry = {"SnapshotId": SNAPSHOT_ID, "wszPathFromRoot": None, "lAttributes": attributes, "wszExpose": name}
    (said,) = _at_the_end([*_made(0x19), call("ExposeSnapshot", "bc", "E_INVALIDARG", **exposes)])
    assert said.says.endswith(": " + words)


def test_contexts_and_types_are_told_by_name() -> None:
    """What a context is made of, and which type of object is none that can be deleted."""
    (said,) = _at_the_end([*_ADMINISTERS[:2], call("SetContext", "bc", "E_INVALIDARG", lContext=0x4001D)])
    assert said.says.endswith("(VSS_CTX_CLIENT_ACCESSIBLE|VSS_VOLSNAP_ATTR_PLEX)")
    deletes = call("DeleteSnapshots", "bc", "E_INVALIDARG", SourceObjectId=SNAPSHOT_ID, eSourceObjectType=4)
    (said,) = _at_the_end([*_ADMINISTERS, deletes])
    assert said.says.endswith("eSourceObjectType is 4 (VSS_OBJECT_PROVIDER)")


@pytest.mark.parametrize("shown", [True, False])
def test_who_imported_a_part_of_a_set_may_ask_which(*, shown: bool) -> None:
    """No call but that tells it (rule im-async-result), where the log shows who made the set and where not."""
    add = call("AddToSnapshotSet", "bc", pwszVolumeName="G:\\", out={"pidSnapshot": FOREIGN_ID})
    made = export()
    source = persistent([*made[:5], *on_machine("one", add), *made[5:]]) if shown else []
    for result, doubtful in (("VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED", True), ("VSS_S_ASYNC_FINISHED", False)):
        lines = [*source, *import_it()]
        lines[-1]["out"]["pHrResult"] = result
        said = _at_the_end([*lines, *on_machine("two", _asks("bc2", key=FOREIGN_ID))])[0]
        assert ("the import brought a part of" in said.says) is doubtful
        assert (said.level is Level.INFO) is doubtful


@pytest.mark.parametrize(
    "end",
    [
        {**call("IUnknown::Release", "bc2", None), "machine": "two"},
        {"happens": "process ends", "machine": "two"},
        {**call("IUnknown::Release", "bc", None), "machine": "one"},
    ],
    ids=["importer released", "importer ended", "maker released"],
)
def test_an_imported_copy_goes_with_the_objects_that_hold_it(end: Entry) -> None:
    """Rule im-nonpersistent-lifetime; a persistent one stays."""
    other = on_machine("two", *[{**line, "process": 5} for line in _other("b3")], _asks("b3", process=5))
    lines = [*export(), *import_it(), end, *other]
    (said,) = _at_the_end(lines)
    assert (said.level, said.at, said.because[0].line) == (Level.INFO, At.REQUESTER, len(lines) - 3)
    (said,) = _at_the_end(persistent(lines))
    assert said.at is At.IMPLEMENTATION


def _other(on: str) -> list[Entry]:
    """An object that administers all shadow copies."""
    return [create(on), call("InitializeForBackup", on, bstrXML=None), call("SetContext", on, lContext=-1)]


def test_who_gives_up_the_async_object_has_not_waited() -> None:
    """Rule seq-async-wait; where the log does not show who waits at all, nothing is said."""
    made, asks = _made(), _asks(returns="S_OK")
    begun, waits = made[:-2], made[-2:]
    released = call("IUnknown::Release", "made by bc", None)
    other = call("IUnknown::QueryInterface", "made by bc", out={"ppvObject": "other"})
    elsewhere = call("IVssAsync::Wait", "other")
    assert "seq-async-wait" not in {one.rule for one in check([*begun, other, released, elsewhere, asks]).findings}
    for lines, told in (
        ([released], True),
        ([{**other, "returns": "E_NOINTERFACE", "out": {}}, released], True),
        ([], False),
        ([*waits, released], False),
        ([waits[0], released], False),
    ):
        found = check([*begun, *lines, asks, asks]).findings
        assert len([one for one in found if one.rule == "seq-async-wait"]) == told


def test_the_name_of_another_exposure_is_to_be_given_up() -> None:
    """Rule sn-expose-name-free: what helps is another name, by whatever code the call is refused."""
    add = call("AddToSnapshotSet", pwszVolumeName="E:\\", out={"pidSnapshot": FOREIGN_ID})
    made = _made(0x19)
    exposes = call("ExposeSnapshot", SnapshotId=SNAPSHOT_ID, lAttributes=0x100000, wszExpose="X:")
    again = call("ExposeSnapshot", SnapshotId=FOREIGN_ID, lAttributes=0x100000, wszExpose="x:\\")
    for code in ("E_INVALIDARG", "VSS_E_BAD_STATE", "VSS_E_OBJECT_ALREADY_EXISTS"):
        (said,) = _at_the_end([*made[:5], add, *made[5:], exposes, {**again, "returns": code}])
        assert (said.rule, said.mends[:25]) == ("sn-expose-name-free", "use an unused drive lette")


@pytest.mark.parametrize(
    ("code", "below"),
    [("RPC_E_SERVER_DIED", True), ("0x800706BA", True), (-2147417848, True), ("0x80042399", False)],
)
def test_a_wait_that_com_fails_tells_nothing_of_the_operation(code: Any, *, below: bool) -> None:
    """Rule ans-from-below: the service may have ended; a code of VSS that nobody knows is news."""
    lines = [*_made()[:-2], {"happens": "VSS crashes"}, call("IVssAsync::Wait", "made by bc", code)]
    (said,) = _at_the_end(lines)
    assert (said.rule, said.level) == (("ans-from-below", Level.INFO) if below else ("ans-undocumented", Level.WARNING))


def test_what_helps_after_a_break_is_not_to_delete() -> None:
    """Rule sn-break-forgets: the volumes of a broken set are none of VSS's."""
    deletes = call("DeleteSnapshots", "bc", NOT_FOUND, SourceObjectId=SNAPSHOT_ID, eSourceObjectType=3)
    (said,) = _at_the_end([*_ADMINISTERS, *_listed("e"), _BREAKS, deletes])
    assert said.mends.endswith("go by the tools of the storage")
