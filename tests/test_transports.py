"""A set on its way in a log of two machines: what the log does not show of it is held against nobody."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.logs_of_two_machines import DEVICE, export, import_it, import_rules, looks, on_machine, persistent, release
from tests.support import SET_ID, SNAPSHOT_ID, Entry, asynchronous, call, check, create
from vss_sim.judge.findings import At


def test_a_set_whose_making_the_log_shows_is_followed() -> None:
    """The release of its maker while machine two works is seen."""
    lines = [*export(), *import_it(), *on_machine("one", release()), *on_machine("two", release("bc2"))]
    assert import_rules(lines) == {"im-keep-source-open"}


@pytest.mark.parametrize(
    "lines",
    [
        [*export(), *import_it(document="another"), *on_machine("one", release())],
        [*import_it(), *on_machine("two", release("bc2"))],
        [*export(), *export("three"), *import_it(), *on_machine("one", release())],
        [
            *export(),
            *on_machine("two", create("bc2"), *asynchronous("ImportSnapshots", "importing", "bc2")),
            *on_machine("one", release()),
        ],
    ],
    ids=["another document", "made elsewhere", "two documents of one name", "which document was not recorded"],
)
def test_a_set_whose_making_is_not_known_is_not_followed(lines: list[Entry]) -> None:
    """Nobody is blamed for what another log would show."""
    assert "im-keep-source-open" not in import_rules(lines)


def test_a_log_that_names_no_machine_may_be_of_one_or_of_two() -> None:
    """So neither a fast recovery nor the path of a file is judged."""
    shown = {"m_SnapshotId": SNAPSHOT_ID, "m_SnapshotSetId": SET_ID, "m_pwszSnapshotDeviceObject": DEVICE}
    used = [
        call("GetSnapshotProperties", "bc2", SnapshotId=SNAPSHOT_ID, out={"pProp": shown}),
        call("CopyFile", returns="ERROR_SUCCESS", lpExistingFileName="F:\\a.txt", lpNewFileName="C:\\a.txt"),
        call("BreakSnapshotSet", "bc2", SnapshotSetId=SET_ID),
    ]
    used[1]["call"] = "CopyFile"
    del used[1]["on"]
    assert import_rules([*export(None), *import_it(None), *used]) == set()
    assert import_rules([*export(), *import_it(), *on_machine("two", *used)]) == {"im-read-by-device-object"}
    assert import_rules([*export(), *import_it("one"), *on_machine("one", *used)]) == {"im-fr-remove-originals"}


def test_a_document_that_was_saved_again_is_that_of_the_set() -> None:
    """The same object may give its text out as often as it likes."""
    again = on_machine("one", call("SaveAsXML", out={"pbstrXML": "document"}))
    assert (
        import_rules(
            [*export(), *again, *import_it(), *on_machine("two", release("bc2")), *on_machine("one", release())]
        )
        == set()
    )


def test_machines_beyond_counting_are_forgotten() -> None:
    """Documents are remembered up to a bound; an import of a forgotten one is held against nobody."""
    lines = export()
    for number in range(70):
        lines += [*export("one", f"bc{number}", f"document {number}"), *on_machine("one", release(f"bc{number}"))]
    lines += [*import_it(), *on_machine("one", release())]
    assert "im-keep-source-open" not in import_rules(lines)


_CASES: Final = Path(__file__).parents[1] / "conformance" / "cases" / "import"


def _case(name: str) -> tuple[list[Entry], Any]:
    """The calls of a case of the suite, and its world."""
    header, *lines = [json.loads(line) for line in (_CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key != "rules"} for line in lines], header["world"]


def test_writers_of_a_backup_that_came_to_nothing_need_not_hear_that_it_is_complete() -> None:
    """After a failed import, or with AbortBackup: BackupComplete is for a backup that succeeded."""
    rule = "im-source-release-after-complete"
    lines, world = _case("source-released-without-backup-complete")
    assert rule in import_rules(lines, world)
    failed = [dict(line) for line in lines]
    (asked,) = [line for line in failed if line["call"] == "IVssAsync::QueryStatus" and line["on"] == "async6"]
    asked["out"] = {"pHrResult": "VSS_E_NO_SNAPSHOTS_IMPORTED"}
    assert rule not in import_rules(failed, world)
    aborted = [*lines[:-1], *on_machine("one", call("AbortBackup")), lines[-1]]
    assert rule not in import_rules(aborted, world)


def test_a_second_import_that_fails_takes_nothing_back_from_the_first() -> None:
    """What came with the first import may be saved, and marked so (rule im-once-only is another matter)."""
    lines, world = _case("success-flagged-after-a-failed-import")
    place = next(at for at, line in enumerate(lines) if line["call"] == "IVssBackupComponents::ImportSnapshots")
    first = on_machine("two", *asynchronous("ImportSnapshots", "first", "bc2"), release("first"))
    assert "im-no-success-on-failed-backup" in import_rules(lines, world)
    assert "im-no-success-on-failed-backup" not in import_rules([*lines[:place], *first, *lines[place:]], world)


def _failing(machine: str, on: str, result: str, document: str = "document") -> list[Entry]:
    """Another object begins with the document, and its import fails."""
    begun = call("InitializeForBackup", on, bstrXML=document)
    running = asynchronous("ImportSnapshots", f"failing on {on}", on, result=result)
    return on_machine(machine, create(on), begun, *running, release(f"failing on {on}"))


def test_who_imported_a_set_is_owed_its_maker_whoever_tries_after_it() -> None:
    """A second object that imports in vain and goes does not end the work of the first."""
    second = [*_failing("three", "bc3", "VSS_E_NO_SNAPSHOTS_IMPORTED"), *on_machine("three", release("bc3"))]
    lines = [*export(), *import_it(), *second, *on_machine("one", release()), *on_machine("two", release("bc2"))]
    assert "im-keep-source-open" in import_rules(lines)


def test_who_imports_a_set_after_another_failed_is_owed_its_maker() -> None:
    """The first that succeeds is the one that works with the copies."""
    first = [*_failing("three", "bc3", "VSS_E_PROVIDER_VETO"), *on_machine("three", release("bc3"))]
    lines = [*export(), *first, *import_it(), *on_machine("one", release()), *on_machine("two", release("bc2"))]
    assert "im-keep-source-open" in import_rules(lines)


def _deletes(machine: str, on: str, what: str = SNAPSHOT_ID) -> list[Entry]:
    out = {"plDeletedSnapshots": 1, "pNondeletedSnapshotID": None}
    kind = "VSS_OBJECT_SNAPSHOT_SET" if what == SET_ID else "VSS_OBJECT_SNAPSHOT"
    return on_machine(machine, call("DeleteSnapshots", on, out=out, SourceObjectId=what, eSourceObjectType=kind))


TRAVELLING: Final = "SetContext(lContext: with VSS_VOLSNAP_ATTR_TRANSPORTABLE)"


@pytest.mark.parametrize(
    ("result", "rule", "instead"),
    [
        ("VSS_E_CLUSTER_ERROR", "im-cluster-outside", ["ImportSnapshots"]),
        (
            "VSS_E_NONTRANSPORTABLE_BCD",
            "im-context-transportable",
            [TRAVELLING, "DoSnapshotSet"],
        ),
        ("VSS_E_DYNAMIC_DISK_ERROR", "im-dynamic-other-host", ["ImportSnapshots"]),
        ("VSS_E_PROVIDER_NOT_REGISTERED", "im-hardware-only", ["ImportSnapshots"]),
        ("VSS_E_PROVIDER_VETO", "ans-provider-veto", ["ImportSnapshots"]),
        ("VSS_E_NO_SNAPSHOTS_IMPORTED", "im-async-result", ["ImportSnapshots"]),
    ],
)
def test_a_failed_import_in_a_log_names_its_rule_and_the_way_on(result: str, rule: str, instead: list[str]) -> None:
    """A result of one cause tells it; of the others the way on alone is known."""
    lines = _failing("two", "bc2", result)
    (found,) = [one for one in check(lines).findings if "came to" in one.says]
    assert found.rule == rule
    assert {rule, *found.also} >= {"im-async-result"} or result == "VSS_E_NONTRANSPORTABLE_BCD"
    assert [one.rpartition("::")[2] for one in found.instead][: len(instead)] == instead


def test_what_spoke_against_an_import_is_what_it_failed_for() -> None:
    """The set went with its maker, as the log shows: no LUN waits, and none is left."""
    lines = [*export(), *on_machine("one", release()), *_failing("two", "bc2", "VSS_E_NO_SNAPSHOTS_IMPORTED")]
    found = check([*lines, *on_machine("two", release("bc2"))]).findings
    (told,) = [one for one in found if "came to" in one.says]
    assert told.rule == "im-nonpersistent-import-window"
    assert "im-async-result" in told.also
    assert told.instead[0].endswith("::DoSnapshotSet")
    assert "import-failure-cleanup" not in {one.rule for one in found}


@pytest.mark.parametrize(
    ("before", "result", "rule", "at"),
    [
        ([], "VSS_E_NO_SNAPSHOTS_IMPORTED", "im-async-result", At.PROVIDER),
        ([], "VSS_E_PROVIDER_VETO", "ans-provider-veto", At.PROVIDER),
        ([], "VSS_E_CLUSTER_ERROR", "im-cluster-outside", At.REQUESTER),
        (import_it("three", "bc3"), "VSS_E_NO_SNAPSHOTS_IMPORTED", "im-once-only", At.REQUESTER),
        (import_it("three", "bc3"), "VSS_E_PROVIDER_VETO", "ans-provider-veto", At.PROVIDER),
        (_deletes("one", "bc", SET_ID), "VSS_E_NO_SNAPSHOTS_IMPORTED", "sn-deleted-gone", At.REQUESTER),
        (
            on_machine("one", *asynchronous("BackupComplete", "completing")),
            "VSS_E_NO_SNAPSHOTS_IMPORTED",
            "im-async-result",
            At.PROVIDER,
        ),
    ],
)
def test_a_failed_import_is_the_concern_of_who_caused_it(before: list[Entry], result: str, rule: str, at: At) -> None:
    """The requester's, who imports what cannot come; a provider that refuses was asked, whatever else is wrong."""
    found = check([*export(), *before, *_failing("two", "bc2", result)]).findings
    (told,) = [one for one in found if "ImportSnapshots came to" in one.says]
    assert (told.rule, told.at) == (rule, at)


def test_luns_that_a_later_import_took_on_need_no_cleaning_up() -> None:
    """The object that failed first imports the whole set in the end."""
    failed = _failing("two", "bc2", "VSS_E_PROVIDER_VETO")
    again = on_machine("two", *asynchronous("ImportSnapshots", "again", "bc2"), release("again"))
    rule = "import-failure-cleanup"
    assert rule in import_rules([*failed, *on_machine("two", release("bc2"))])
    assert rule not in import_rules([*failed, *again, *on_machine("two", release("bc2"))])


def test_a_copy_that_went_with_its_maker_is_rightly_not_found() -> None:
    """Dispute C36: an auto-release copy goes with the object that made it, too (rule im-usable-after-import)."""
    assert "im-usable-after-import" in import_rules([*export(), *import_it(), *looks()])
    released = [*export(), *import_it(), *on_machine("one", release())]
    assert "im-usable-after-import" not in import_rules([*released, *looks()])
    assert "im-usable-after-import" in import_rules([*persistent(released), *looks()])


@pytest.mark.parametrize(
    ("context", "hidden"), [("VSS_CTX_NAS_ROLLBACK", False), ("VSS_CTX_ALL", False), ("VSS_CTX_APP_ROLLBACK", True)]
)
def test_an_imported_copy_need_not_show_in_another_context(context: str, *, hidden: bool) -> None:
    """Rule obs-context-must-match: another object than the importer sees it in the context of its set, or in all."""
    other = on_machine(
        "two", create("bc3"), call("InitializeForBackup", "bc3"), call("SetContext", "bc3", lContext=context)
    )
    found = import_rules([*persistent([*export(), *import_it()]), *other, *looks("bc3")])
    assert ("im-usable-after-import" in found) is not hidden


def test_a_persistent_copy_that_travels_need_not_stay() -> None:
    """Rule no-autorelease-delete-only is not broken where the copy was to be imported elsewhere, seen or not."""
    made = persistent(export())
    for lines in (made, [*made, *persistent(import_it())], made[:-1]):
        found = {one.rule for one in check([*lines, *looks("bc", "one")]).findings}
        assert ("no-autorelease-delete-only" in found) is (lines == made[:-1])


def _provider(number: int) -> dict[str, str]:
    return {"type": "VSS_PROV_HARDWARE", "providerId": f"{{44444444-0000-0000-0000-{number:012}}}"}


@pytest.mark.parametrize(
    ("one", "two", "seen"),
    [
        ([_provider(1)], [_provider(2)], True),
        ([_provider(1)], [_provider(1), _provider(2)], False),
        ([_provider(1), _provider(2)], [_provider(3)], False),
        ([_provider(1)], [{"type": "VSS_PROV_HARDWARE"}], False),
        ([{"type": "VSS_PROV_HARDWARE"}], [_provider(2)], False),
    ],
    ids=[
        "another one",
        "the same beside another",
        "which made it is not told",
        "of no known id",
        "made by no known id",
    ],
)
def test_the_hardware_provider_of_machine_two_is_that_of_the_set(one: Any, two: Any, *, seen: bool) -> None:
    """Rule im-hardware-only, where the header tells all providers of both machines by their ids."""
    world = {"machines": [{"name": "one", "providers": one}, {"name": "two", "providers": two}]}
    assert ("im-hardware-only" in import_rules([*export(), *import_it()], world)) is seen


def test_who_deletes_a_persistent_set_after_use_may_be_another_object_of_machine_two() -> None:
    """So nothing is said before the end of the log, and then at the Release of who imported it."""
    rule = "im-delete-after-use"
    lines = persistent([*export(), *import_it(), *on_machine("two", release("bc2"))])
    other = on_machine(
        "two", create("bc3"), call("InitializeForBackup", "bc3"), call("SetContext", "bc3", lContext="VSS_CTX_ALL")
    )
    (found,) = [one for one in check(lines).findings if one.rule == rule]
    assert found.line == len(lines) + 1
    assert rule in import_rules([*lines, *other])
    assert rule not in import_rules([*lines, *other, *_deletes("two", "bc3")])
    assert rule not in import_rules([*lines, *other, *_deletes("two", "bc3", SET_ID)])


@pytest.mark.parametrize("result", ["VSS_S_ASYNC_FINISHED", "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED"])
def test_a_copy_that_did_not_come_to_machine_two_is_deleted_where_it_was_made(result: str) -> None:
    """Which of them came, a partial success does not tell."""
    begun = call("InitializeForBackup", "bc2", bstrXML="document")
    imported = on_machine(
        "two", create("bc2"), begun, *asynchronous("ImportSnapshots", "importing", "bc2", result=result)
    )
    lines = persistent([*export(), *imported])
    here = {found.rule for found in check([*lines, *_deletes("one", "bc")]).findings}
    assert ("im-delete-after-use" in here) is (result == "VSS_S_ASYNC_FINISHED")
    assert "im-delete-after-use" not in import_rules(persistent([*export(), *_deletes("one", "bc")]))
    gone = [*lines, *_deletes("two", "bc2", SET_ID)]
    assert "im-delete-after-use" not in {found.rule for found in check([*gone, *_deletes("one", "bc")]).findings}


def test_a_deleted_copy_is_said_to_be_read_once_and_not_after_a_restart() -> None:
    """A restart numbers devices anew, and another copy may have that one."""
    shown = {"m_SnapshotId": SNAPSHOT_ID, "m_SnapshotSetId": SET_ID, "m_pwszSnapshotDeviceObject": DEVICE}
    look = on_machine("two", call("GetSnapshotProperties", "bc2", SnapshotId=SNAPSHOT_ID, out={"pProp": shown}))
    read: Entry = {"call": "CopyFile", "in": {"lpExistingFileName": f"{DEVICE}\\a", "lpNewFileName": "C:\\a"}}
    reads = on_machine("two", read, read)
    lines = persistent([*export(), *import_it(), *look, *_deletes("two", "bc2", SET_ID)])
    assert [one.rule for one in check([*lines, *reads]).findings].count("sn-deleted-gone") == 1
    for before in (lines[:-1], [*lines, {"happens": "reboot", "machine": "two"}]):
        assert "sn-deleted-gone" not in {one.rule for one in check([*before, *reads]).findings}


def test_what_happened_to_a_copy_before_the_end_of_its_import_was_seen_is_known() -> None:
    """It was deleted when it had come, or its set is being broken: it is rightly not found."""
    begun = call("InitializeForBackup", "bc2", bstrXML="document")
    started, *seen = asynchronous("ImportSnapshots", "importing", "bc2")
    lines = persistent([*export(), *on_machine("two", create("bc2"), begun, started)])
    deleted, end = _deletes("two", "bc2"), on_machine("two", *seen)
    assert "im-usable-after-import" in import_rules([*lines, *end, *looks()])
    assert "im-usable-after-import" not in import_rules([*lines, *deleted, *end, *looks()])
    name = "IVssBackupComponentsEx2::BreakSnapshotSetEx"
    breaks = on_machine("two", call(name, "bc2", SnapshotSetID=SET_ID, dwBreakFlags=0, out={"ppAsync": "breaking"}))
    assert "im-usable-after-import" not in import_rules([*lines, *end, *breaks, *looks()])


@pytest.mark.parametrize(
    ("afterwards", "line"),
    [
        (on_machine("two", release("bc2")), 16),
        ([{"happens": "process ends", "machine": "two"}], 16),
        ([{"happens": "reboot", "machine": "two"}], 16),
        ([], 15),
        ([*on_machine("two", release("bc2")), {"happens": "LUN masked", "machine": "two", "lun": "LUN 9"}], None),
        ([*on_machine("two", release("bc2")), *import_it(on="bc3")], None),
        ([*on_machine("two", release("bc2"), create("bc3")), *_deletes("two", "bc3", SET_ID)], None),
        ([*on_machine("two", release("bc2"), create("bc3")), *_deletes("one", "bc3", SET_ID)], None),
        ([*on_machine("two", release("bc2")), *on_machine("one", release())], None),
    ],
)
def test_who_leaves_luns_behind_is_found_however_it_ends(afterwards: list[Entry], line: int | None) -> None:
    """Rule import-failure-cleanup; whoever masks the LUNs or deletes the copies has cleaned up (dispute C39)."""
    lines = [*export(), *_failing("two", "bc2", "VSS_E_PROVIDER_VETO")[:-1], *afterwards]
    found = [one.line for one in check(lines).findings if one.rule == "import-failure-cleanup"]
    assert found == ([line] if line else [])


def test_what_vss_held_for_an_object_goes_with_it_when_it_crashes() -> None:
    """A copy that is not persistent, on the machine that made it or that imported it; a persistent one stays."""
    for machine in ("one", "two"):
        lines = [*export(), *import_it(), {"happens": "VSS crashes", "machine": machine}, *looks()]
        assert "im-usable-after-import" not in import_rules(lines)
        assert "im-usable-after-import" in import_rules(persistent(lines))


def test_a_copy_whose_lun_may_have_been_unmasked_is_rightly_found() -> None:
    """The array has another name for the LUN than the copy, and the set has one, too (rule sn-masked-not-found)."""
    exposes = call("ExposeSnapshot", "bc2", SnapshotId=SNAPSHOT_ID, lAttributes="VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY")
    masked: Entry = {"happens": "LUN masked", "machine": "two", "lun": SNAPSHOT_ID}
    lines = persistent([*export(), *import_it(), masked])

    def found(*more: Entry) -> set[str]:
        return {one.rule for one in check([*lines, *more, *on_machine("two", exposes)]).findings}

    assert "sn-masked-not-found" in found()
    for name in (SNAPSHOT_ID, "LUN 9", SET_ID):
        assert "sn-masked-not-found" not in found({**masked, "happens": "LUN unmasked", "lun": name})


def test_a_masked_copy_is_refused_by_whatever_code() -> None:
    """No page names it: VSS is not blamed for a refusal where something is against the call (sn-masked-not-found)."""
    masked: Entry = {"happens": "LUN masked", "machine": "two", "lun": SNAPSHOT_ID}
    lines = persistent([*export(), *import_it(), masked])
    for code in ("VSS_E_OBJECT_NOT_FOUND", "VSS_E_BAD_STATE"):
        exposes = call(
            "ExposeSnapshot", "bc2", code, SnapshotId=SNAPSHOT_ID, lAttributes="VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY"
        )
        last = len(lines) + 2
        (finding,) = (one for one in check([*lines, *on_machine("two", exposes)]).errors() if one.line == last)
        assert (finding.rule, finding.at) == ("sn-masked-not-found", At.REQUESTER)


def test_a_fast_recovery_comes_after_the_backup_is_complete() -> None:
    """Its set comes home to the machine that made it; machine two alone has an end to tell of (im-signal-back)."""
    completed = on_machine("one", *asynchronous("BackupComplete", "completing"), release())
    for machine in ("one", "two"):
        lines = persistent([*export(), *completed, *import_it(machine)])
        assert ("im-signal-back" in import_rules(lines)) is (machine == "two")


def test_a_device_that_the_log_does_not_show_may_be_a_broken_copy() -> None:
    """It was broken read-write on another machine, and its LUN unmasked here; a copy takes no write (sn-read-only)."""
    write: Entry = {"call": "WriteFile", "in": {"lpFileName": f"{DEVICE}\\a", "content": "x"}, "machine": "one"}
    for answer, said in (("ERROR_SUCCESS", False), ("ERROR_WRITE_PROTECT", True)):
        lines = [*persistent([*export(), *import_it()]), {**write, "returns": answer}]
        assert ("sn-read-only" in {one.rule for one in check(lines).findings}) is said
