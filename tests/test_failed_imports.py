"""An import that fails says by which rule, why, and what the requester does next.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.support import ROOT, call, check, create, entries_of
from tests.two_machines import (
    ARRAY_PROVIDER,
    PASSING,
    PERSISTENT,
    SYSTEM,
    exported,
    hardware,
    importing,
    left_behind,
    two_machines,
)
from vss_sim import (
    BackupComponents,
    HResult,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotSetId,
    VssError,
)
from vss_sim.engine.failed_operations import why_failed
from vss_sim.spec.rules import rules
from vss_sim.wire.conversation import Conversation

AGAIN: Final = ("IVssBackupComponents::ImportSnapshots",)
ANEW: Final = (
    "IVssBackupComponents::DoSnapshotSet",
    "IVssBackupComponents::SaveAsXML",
    "IVssBackupComponents::InitializeForBackup(bstrXML: the document that was saved after DoSnapshotSet)",
    "IVssBackupComponents::ImportSnapshots",
)
NO_COPIES, VETO = HResult.VSS_E_NO_SNAPSHOTS_IMPORTED, HResult.VSS_E_PROVIDER_VETO
OTHER_COPY: Final = "{66666666-0000-4000-8000-000000000001}"
OTHER_PROVIDER: Final = "{55555555-0000-4000-8000-000000000001}"
CLUSTER: Final = {"cluster": "K"}

Scene = Callable[[], tuple[Simulation, str]]


def _told(simulation: Simulation, document: str, machine: str = "two") -> VssError:
    with pytest.raises(VssError) as failed:
        importing(simulation, document, machine).import_snapshots().finish()
    return failed.value


def _carried(
    one: dict[str, Any] | None = None,
    two: dict[str, Any] | None = None,
    context: int = PERSISTENT,
    change: Callable[[str], str] = str,
    **world: Any,
) -> Scene:
    """A set of F: that was made on machine one, and its document as it comes to machine two."""

    def scene() -> tuple[Simulation, str]:
        simulation = two_machines(one, two, **world)
        _, _, document = exported(simulation, context)
        return simulation, change(document)

    return scene


def _released() -> tuple[Simulation, str]:
    simulation = two_machines()
    source, _, document = exported(simulation, PASSING)
    source.release()
    return simulation, document


def _deleted() -> tuple[Simulation, str]:
    simulation = two_machines()
    source, (copy,), document = exported(simulation, PASSING)
    source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    return simulation, document


def _imported_before() -> tuple[Simulation, str]:
    simulation = two_machines()
    _, _, document = exported(simulation)
    importing(simulation, document).import_snapshots().finish()
    return simulation, document


def _deleted_before_its_maker_went() -> tuple[Simulation, str]:
    simulation = two_machines()
    source, (copy,), document = exported(simulation, PASSING)
    source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    source.release()
    return simulation, document


def _broken_where_it_was_imported() -> tuple[Simulation, str]:
    simulation = two_machines()
    _, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    target.break_snapshot_set(target.get_snapshot_properties(copy).snapshot_set_id)
    return simulation, document


def _released_by_its_importer() -> tuple[Simulation, str]:
    simulation = two_machines()
    _, _, document = exported(simulation, PASSING)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    target.release()
    return simulation, document


def _restarted(*, importer: bool) -> Scene:
    """The maker goes with its machine; that machine two is restarted after its import leaves the maker alone."""

    def scene() -> tuple[Simulation, str]:
        simulation = two_machines()
        _, _, document = exported(simulation, PASSING)
        if importer:
            importing(simulation, document).import_snapshots().finish()
        simulation.happens("machine crashes", "two" if importer else "one")
        return simulation, document

    return scene


def _restarted_without_a_maker() -> tuple[Simulation, str]:
    """The world tells of a copy that waits for its import, and nobody of who made it."""
    waits = {
        "snapshotId": OTHER_COPY,
        "setId": OTHER_COPY,
        "volume": "F:\\",
        "context": "VSS_CTX_FILE_SHARE_BACKUP",
        "attributes": ["VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_NOT_SURFACED"],
        "providerId": ARRAY_PROVIDER,
    }
    simulation = two_machines({"snapshots": [waits]})
    _, (copy,), document = exported(simulation, PASSING)
    simulation.happens("reboot", "one")
    return simulation, document.replace(copy.strip("{}"), OTHER_COPY.strip("{}"))


def _named_as_the_set() -> tuple[Simulation, str]:
    """The document names a copy by the number of its set, which the counter gave just before."""
    simulation = two_machines()
    _, (copy,), document = exported(simulation)
    number = simulation.world.snapshots[copy].set_id[-13:]
    return simulation, document.replace(copy.strip("{}"), f"{copy.strip('{}')[:-12]}{number[:-1]}")


def _named_as_a_copy_that_was_never_finished() -> tuple[Simulation, str]:
    """The document names a copy whose id was given out, and whose set was aborted."""
    simulation = two_machines()
    given_up = initialised(simulation, machine="one")
    given_up.set_context(PERSISTENT)
    given_up.start_snapshot_set()
    promised = given_up.add_to_snapshot_set("G:\\")
    given_up.abort_backup()
    given_up.release()
    _, (copy,), document = exported(simulation)
    return simulation, document.replace(copy.strip("{}"), promised.strip("{}"))


def _without_a_set() -> tuple[Simulation, str]:
    simulation = two_machines()
    return simulation, initialised(simulation, machine="one").save_as_xml()


NO_ARRAY: Final = {"arrays": [{"name": "A", "machines": ["one"]}]}
DYNAMIC: Final = [{"name": "F:\\", "dynamic": True, "files": {}}]
SCENES: Final[dict[str, tuple[Scene, HResult, str, tuple[str, ...], str]]] = {
    "no hardware provider": (
        _carried(two={"providers": [SYSTEM]}),
        NO_COPIES,
        "im-hardware-only",
        AGAIN,
        "no hardware provider of this machine",
    ),
    "another hardware provider": (
        _carried(two={"providers": [hardware(providerId=OTHER_PROVIDER)]}),
        NO_COPIES,
        "im-hardware-only",
        AGAIN,
        "has the id of the one that made the copy",
    ),
    "an array out of reach": (
        _carried({"providers": [hardware(array="A")]}, {"providers": [hardware(array="A")]}, storage=NO_ARRAY),
        NO_COPIES,
        "im-provider-locate",
        AGAIN,
        "not connected to the array",
    ),
    "the set went with its maker": (
        _released,
        NO_COPIES,
        "im-nonpersistent-import-window",
        ANEW,
        "went with the object that held it",
    ),
    "the set was deleted": (_deleted, NO_COPIES, "sn-deleted-gone", ANEW, "was deleted"),
    "the set was deleted, and then its maker went": (
        _deleted_before_its_maker_went,
        NO_COPIES,
        "sn-deleted-gone",
        ANEW,
        "was deleted",
    ),
    "the set was broken where it was imported": (
        _broken_where_it_was_imported,
        NO_COPIES,
        "sn-break-forgets",
        ANEW,
        "its set was broken",
    ),
    "the set went with its importer": (
        _released_by_its_importer,
        NO_COPIES,
        "im-once-only",
        ANEW,
        "it was imported before",
    ),
    "the machine that imported the set was restarted": (
        _restarted(importer=True),
        NO_COPIES,
        "im-once-only",
        ANEW,
        "it was imported before",
    ),
    "a copy of the world whose machine was restarted": (
        _restarted_without_a_maker,
        NO_COPIES,
        "im-nonpersistent-import-window",
        ANEW,
        "its machine was restarted",
    ),
    "the machine that made the set was restarted": (
        _restarted(importer=False),
        NO_COPIES,
        "im-nonpersistent-import-window",
        ANEW,
        "import while the object that made it lives",
    ),
    "a document with the number of the set": (
        _named_as_the_set,
        NO_COPIES,
        "im-doc-unmodified",
        ANEW,
        "no shadow copy of this id was ever made",
    ),
    "a document with an id that was given, and of which no copy came": (
        _named_as_a_copy_that_was_never_finished,
        NO_COPIES,
        "im-doc-unmodified",
        ANEW,
        "no shadow copy of this id was ever made",
    ),
    "the set was imported before": (_imported_before, NO_COPIES, "im-once-only", ANEW, "imported before"),
    "another generation": (
        _carried({"os": "Windows Server 2003 SP1"}),
        NO_COPIES,
        "im-version-mix",
        AGAIN,
        "Windows Server 2003",
    ),
    "a set that was not to travel": (
        _carried(context=SnapshotContext.NAS_ROLLBACK),
        HResult.VSS_E_NONTRANSPORTABLE_BCD,
        "im-context-transportable",
        ("IVssBackupComponents::SetContext(lContext: with VSS_VOLSNAP_ATTR_TRANSPORTABLE)", *ANEW),
        "without VSS_VOLSNAP_ATTR_TRANSPORTABLE",
    ),
    "inside the cluster": (
        _carried(CLUSTER, CLUSTER),
        HResult.VSS_E_CLUSTER_ERROR,
        "im-cluster-outside",
        AGAIN,
        "import on a machine outside",
    ),
    "a document without copies": (
        _without_a_set,
        NO_COPIES,
        "im-save-after-do",
        ANEW,
        "tells of no shadow copy",
    ),
    "a document with an id that was never given": (
        _carried(change=lambda text: text.replace("000005aa", "000005ab")),
        NO_COPIES,
        "im-doc-unmodified",
        ANEW,
        "no shadow copy of this id was ever made",
    ),
    "a document with another LUN": (
        _carried(change=lambda text: text.replace("copy 0000", "copy 9999")),
        NO_COPIES,
        "im-doc-unmodified",
        AGAIN,
        "LUNs of which the document tells are not that of the copy",
    ),
    "a document of another set": (
        _carried(change=lambda text: text.replace("000005e7", "000005e8")),
        NO_COPIES,
        "im-doc-unmodified",
        AGAIN,
        "not of the set whose id the document has",
    ),
    "a provider that refuses": (
        _carried(two={"providers": [hardware(replies=[{"on": "FillInLunInfo", "fails": "VSS_E_PROVIDER_VETO"}])]}),
        VETO,
        "ans-provider-veto",
        AGAIN,
        "LUNs that it made visible stay so",
    ),
    "a provider that refuses with a code of its own": (
        _carried(two={"providers": [hardware(replies=[{"on": "LocateLuns", "fails": "E_FAIL"}])]}),
        HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR,
        "sn-prov-codes",
        AGAIN,
        "have them masked",
    ),
    "a result from a script": (
        _carried(two={"answers": [{"to": "ImportSnapshots", "result": "VSS_E_NO_SNAPSHOTS_IMPORTED"}]}),
        NO_COPIES,
        "im-async-result",
        AGAIN,
        "look whether a hardware provider here has the id of the set's",
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_failed_import_names_its_rule_and_the_way_on(name: str) -> None:
    """The result is the documented one; what kept the copies away is told beside it."""
    scene, result, rule, instead, words = SCENES[name]
    told = _told(*scene())
    assert (told.hresult, told.rule, told.instead) == (result, rule, instead)
    assert words in told.because
    assert rule in rules()


def test_a_dynamic_disk_is_not_imported_where_it_is() -> None:
    """Rule im-dynamic-other-host, before Windows Server 2008; elsewhere it comes."""
    old = {"os": "Windows Server 2003 SP1"}
    simulation = two_machines({**old, "volumes": DYNAMIC}, old)
    _, _, document = exported(simulation)
    told = _told(simulation, document, "one")
    assert (told.hresult, told.rule) == (HResult.VSS_E_DYNAMIC_DISK_ERROR, "im-dynamic-other-host")
    assert importing(simulation, document).import_snapshots().finish() is HResult.VSS_S_ASYNC_FINISHED


def test_the_luns_that_are_left_are_named() -> None:
    """As `Simulation.luns` lists them; where nothing was made visible, nothing is said of them."""
    simulation, document = SCENES["a provider that refuses"][0]()
    told = _told(simulation, document)
    (left,) = left_behind(simulation)
    assert left in told.because
    assert "visible" not in _told(*SCENES["no hardware provider"][0]()).because


@pytest.mark.parametrize(
    ("result", "left"),
    [
        ("VSS_E_PROVIDER_NOT_REGISTERED", False),
        ("VSS_E_NONTRANSPORTABLE_BCD", False),
        ("VSS_E_CLUSTER_ERROR", False),
        ("VSS_E_DYNAMIC_DISK_ERROR", False),
        ("VSS_E_NO_SNAPSHOTS_IMPORTED", True),
        ("VSS_E_MISSING_DISK", True),
    ],
)
def test_a_result_that_comes_before_any_lun_leaves_none(result: str, left: bool) -> None:
    """What a script says of the result goes for the LUNs: the storage, the words and the checker agree on them."""
    simulation, document = _carried(two={"answers": [{"to": "ImportSnapshots", "result": result}]})()
    target = importing(simulation, document)
    with pytest.raises(VssError) as failed:
        target.import_snapshots().finish()
    assert bool(left_behind(simulation)) is left
    assert ("made visible" in failed.value.because) is left
    target.release()
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert ("import-failure-cleanup" in found) is left


def test_of_a_part_that_did_not_come_it_is_known_why() -> None:
    """VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED is a success, so nothing failed."""
    simulation = two_machines()
    source, (first, _), document = exported(simulation, volumes="FG")
    source.delete_snapshots(first, ObjectType.SNAPSHOT, force_delete=False)
    running = importing(simulation, document).import_snapshots()
    running.wait()
    assert running.query_status() is HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED
    assert why_failed(simulation.world, running.handle) is None
    known = simulation.world.objects[running.handle]
    assert known.why.rule == "sn-deleted-gone"  # type: ignore[union-attr]


def test_over_the_wire_a_failed_result_has_its_rule_beside_it() -> None:
    """The answer of QueryStatus is S_OK; what its result means stands in `refusal`."""
    world = {
        "machines": [
            {"name": "one", "volumes": [{"name": "F:\\"}], "providers": [SYSTEM, hardware()]},
            {"name": "two", "volumes": [{"name": "C:\\"}], "providers": [SYSTEM]},
        ]
    }
    talk = Conversation()

    def say(**message: Any) -> dict[str, Any]:
        (reply,) = [json.loads(line) for line in talk.receive(json.dumps(message).encode()).splitlines()]
        assert isinstance(reply, dict)
        return reply

    def call(name: str, on: str, /, **given: Any) -> dict[str, Any]:
        return say(call=f"IVssBackupComponents::{name}", on=on, **{"in": given})

    say(start={"world": world})
    one = say(call="CreateVssBackupComponents", machine="one")["out"]["ppBackup"]
    call("InitializeForBackup", one, bstrXML=None)
    call("SetContext", one, lContext="VSS_CTX_NAS_ROLLBACK|VSS_VOLSNAP_ATTR_TRANSPORTABLE")
    call("StartSnapshotSet", one)
    call("AddToSnapshotSet", one, pwszVolumeName="F:\\", ProviderId=ARRAY_PROVIDER)
    made = call("DoSnapshotSet", one)["out"]["ppAsync"]
    finished = say(call="IVssAsync::QueryStatus", on=made)
    assert finished["out"]["pHrResult"] == "VSS_S_ASYNC_FINISHED"
    assert "refusal" not in finished
    document = call("SaveAsXML", one)["out"]["pbstrXML"]
    two = say(call="CreateVssBackupComponents", machine="two")["out"]["ppBackup"]
    call("InitializeForBackup", two, bstrXML=document)
    running = call("ImportSnapshots", two)["out"]["ppAsync"]
    told = say(call="IVssAsync::QueryStatus", on=running)
    assert (told["returns"], told["out"]["pHrResult"]) == ("S_OK", "VSS_E_NO_SNAPSHOTS_IMPORTED")
    assert told["refusal"]["rule"] == "im-hardware-only"
    assert told["refusal"]["instead"] == list(AGAIN)


def _import(on: str, **more: Any) -> list[dict[str, Any]]:
    """A program begins an import in a log."""
    return [
        {**create(on), **more},
        {**call("InitializeForBackup", on, bstrXML=f"document of {on}"), **more},
        {**call("ImportSnapshots", on, out={"ppAsync": f"import of {on}"}), **more},
    ]


@pytest.mark.parametrize(
    ("providers", "lacks"),
    [
        ([SYSTEM], True),
        ([SYSTEM, {**hardware(), "type": "VSS_PROV_SOFTWARE"}], True),
        ([], True),
        ([SYSTEM, hardware()], False),
        (None, False),
    ],
    ids=["the system's", "one of software", "none", "one of hardware", "not told"],
)
@pytest.mark.parametrize("result", ["VSS_S_ASYNC_FINISHED", "VSS_E_NO_SNAPSHOTS_IMPORTED"])
def test_a_world_without_a_hardware_provider_tells_what_is_wrong_with_an_import(
    providers: list[dict[str, Any]] | None, lacks: bool, result: str
) -> None:
    """Rule im-hardware-only: the header tells it as Query does; and where nobody makes a LUN visible, none stays."""
    two = {"name": "two", "providers": providers} if providers is not None else {"name": "two"}
    seen = call("IVssAsync::QueryStatus", "import of a", out={"pHrResult": result}) | {"machine": "two"}
    lines = [*_import("a", machine="two"), seen, {"call": "IUnknown::Release", "on": "a", "machine": "two"}]
    found = check(lines, world={"machines": [{"name": "one"}, two]})
    assert ("import-server-hardware-only" in found.rules_at(4)) is lacks
    left = result != "VSS_S_ASYNC_FINISHED" and not lacks
    assert ("import-failure-cleanup" in found.rules_at(6)) is left


@pytest.mark.parametrize(
    ("other", "seen", "said"),
    [
        ({}, [], True),
        ({"process": "another"}, [], False),
        ({"machine": "another"}, [], False),
        ({}, [call("IVssAsync::Wait", "import of a", dwMilliseconds="INFINITE")], False),
        ({}, [call("IVssAsync::QueryStatus", "import of a", out={"pHrResult": "VSS_S_ASYNC_FINISHED"})], False),
        ({}, [call("IVssAsync::Cancel", "import of a")], False),
        ({}, [{"happens": "reboot"}], False),
        ({}, [{"happens": "VSS crashes"}], False),
        ({}, [{"happens": "reboot", "machine": "another"}], True),
    ],
)
def test_a_program_sees_the_end_of_an_import_before_it_begins_the_next(
    other: dict[str, Any], seen: list[dict[str, Any]], said: bool
) -> None:
    """Rule im-serialise; on another machine, and in another program, imports may run beside it; none outlives VSS."""
    lines = [*_import("a"), *seen, *_import("b", **other)]
    assert ("im-serialise" in check(lines).rules_at(len(lines) + 1)) is said


@pytest.mark.parametrize(("seconds", "left"), [(1, True), (30, False)])
def test_a_cancelled_import_leaves_the_luns_that_it_located(seconds: int, left: bool) -> None:
    """Rule im-failure-no-cleanup: a Cancel cleans up as little as a failure does, and the checker sees it."""
    slow = hardware(replies=[{"on": "FillInLunInfo", "seconds": 9}])
    simulation, document = _carried(two={"providers": [slow, SYSTEM]})()
    target = importing(simulation, document)
    running = target.import_snapshots()
    simulation.happens("time passes", seconds=seconds)
    running.cancel()
    running.query_status()
    running.release()
    assert bool(left_behind(simulation)) is left
    target.release()
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert ("import-failure-cleanup" in found) is left


def test_that_files_are_read_too_late_is_said_once() -> None:
    """Rule im-signal-back: however many files the program copies then."""
    path = ROOT / "conformance" / "cases" / "import" / "files-read-after-the-writers-were-told.jsonl"
    lines = entries_of(path)
    late = next(place for place, line in enumerate(lines) if "rules" in line)
    found = check([*lines[:late], *[lines[late]] * 3, *lines[late + 1 :]]).findings
    assert [finding.line for finding in found if finding.rule == "im-signal-back"] == [late + 2]


def _mask(simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId) -> None:
    simulation.happens("LUN masked", machine="two", lun=copy)


def _delete_on_two(
    simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId
) -> None:
    target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)


def _delete_on_one(
    simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId
) -> None:
    source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)


def _leave(simulation: Simulation, source: BackupComponents, target: BackupComponents, copy: SnapshotId) -> None:
    """Nobody cleans up before both objects go."""


CleanUp = Callable[[Simulation, BackupComponents, BackupComponents, SnapshotId], None]


@pytest.mark.parametrize("context", [PERSISTENT, PASSING])
@pytest.mark.parametrize("clean_up", [_mask, _delete_on_two, _delete_on_one, _leave])
def test_the_checker_says_that_luns_are_left_where_the_storage_has_them(context: int, clean_up: CleanUp) -> None:
    """Dispute C39: a LUN that is deleted is gone for every machine, by a call, or with who held its copy."""
    refuses = hardware(replies=[{"on": "FillInLunInfo", "fails": "VSS_E_PROVIDER_VETO"}])
    simulation = two_machines(two={"providers": [refuses]})
    source, (copy,), document = exported(simulation, context)
    target = importing(simulation, document)
    with pytest.raises(VssError):
        target.import_snapshots().finish()
    clean_up(simulation, source, target, copy)
    target.release()
    source.release()
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert ("import-failure-cleanup" in found) is bool(left_behind(simulation))
    assert bool(left_behind(simulation)) is (clean_up is _leave and context == PERSISTENT)


def test_a_copy_of_two_that_is_deleted_leaves_the_lun_of_the_other() -> None:
    """The import made both visible."""
    refuses = hardware(replies=[{"on": "FillInLunInfo", "fails": "VSS_E_PROVIDER_VETO"}])
    simulation = two_machines(two={"providers": [refuses]})
    source, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    with pytest.raises(VssError):
        target.import_snapshots().finish()
    for left, copy in enumerate(reversed(copies)):
        found = {finding.rule for finding in check(list(simulation.lines())).findings}
        assert "import-failure-cleanup" in found
        assert len(left_behind(simulation)) == 2 - left
        source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    found = {finding.rule for finding in check(list(simulation.lines())).findings}
    assert "import-failure-cleanup" not in found


def test_an_id_that_finds_nothing_here_is_told_for_what_it_is() -> None:
    """That of a set, where a copy is meant, or the other way round; or of what is another machine's now."""
    simulation = two_machines()
    source, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    whole = target.get_snapshot_properties(copy).snapshot_set_id
    swapped, swapped_set = SnapshotId(str(whole)), SnapshotSetId(str(copy))
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: target.get_snapshot_properties(swapped), "is the id of a shadow copy set, not of a shadow copy"),
        (lambda: target.break_snapshot_set(swapped_set), "is the id of a shadow copy, not of a shadow copy set"),
        (
            lambda: target.delete_snapshots(swapped, ObjectType.SNAPSHOT, force_delete=False),
            "is the id of a shadow copy set, not of a shadow copy",
        ),
        (
            lambda: source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False),
            "was imported on two, and is that machine's",
        ),
    ]
    for asks, words in wrong:
        with pytest.raises(VssError) as refused:
            asks()
        assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
        assert words in refused.value.because


def test_who_finds_another_import_at_work_is_told_to_wait() -> None:
    """Rule im-serialise: it is the requester's to do one after the other."""
    simulation = two_machines()
    _, _, document = exported(simulation)
    first, second = importing(simulation, document), importing(simulation, document)
    first.import_snapshots()
    with pytest.raises(VssError, match="wait until the other import on this machine has ended") as refused:
        second.import_snapshots()
    assert refused.value.rule == "im-serialise"
    (found,) = [one for one in check(list(simulation.lines())).findings if one.rule == "im-serialise"]
    assert found.mends.startswith("wait until")
