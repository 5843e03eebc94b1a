"""Shadow copies that exist: what a log does not show of them is held against nobody, and memory of them is bounded."""

import json
from typing import Any, Final

import pytest

from tests.support import FOREIGN_ID, SET_ID, SNAPSHOT_ID, Entry, asynchronous, backup_until, call, check, create
from vss_sim.judge.calls.handed_out import HandedOut
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.judge.history import MEMORY
from vss_sim.judge.objects import MachineView
from vss_sim.judge.shadows.shadow_facts import facts_of

_EX2: Final = "IVssBackupComponentsEx2::"


def _made(context: str = "VSS_CTX_NAS_ROLLBACK", **volume: Any) -> list[Entry]:
    return [
        create(),
        call("InitializeForBackup", bstrXML=None),
        call("SetContext", lContext=context),
        call("StartSnapshotSet", out={"pSnapshotSetId": SET_ID}),
        call("AddToSnapshotSet", pwszVolumeName="C:\\", out={"pidSnapshot": SNAPSHOT_ID}, **volume),
        *asynchronous("DoSnapshotSet"),
    ]


def _rules(entries: list[Entry]) -> set[str]:
    return {finding.rule for finding in check(entries).findings} - {"object-release-after-operation"}


@pytest.mark.parametrize(
    "asked",
    [
        call("BreakSnapshotSet", SnapshotSetId=SET_ID),
        call(_EX2 + "BreakSnapshotSetEx", SnapshotSetID=SET_ID, dwBreakFlags=0),
        call("RevertToSnapshot", SnapshotId=SNAPSHOT_ID, bForceDismount=True),
    ],
    ids=lambda entry: entry["call"],
)
def test_a_shadow_copy_of_an_unknown_provider_may_be_broken_and_reverted_to(asked: Entry) -> None:
    """Whether it is of a hardware provider was not recorded."""
    assert not _rules([*_made(), asked])


def test_foreign_shadow_copies_may_be_anything() -> None:
    """An id from elsewhere may be persistent, exposed and made by hardware."""
    lines = [
        create(),
        call("InitializeForBackup", bstrXML=None),
        call("SetContext", lContext="VSS_CTX_ALL"),
        call(_EX2 + "UnexposeSnapshot", snapshotId=FOREIGN_ID),
        call("RevertToSnapshot", SnapshotId=FOREIGN_ID, bForceDismount=True),
        call("BreakSnapshotSet", SnapshotSetId=FOREIGN_ID),
    ]
    assert not _rules(lines)


def test_properties_tell_what_a_foreign_shadow_copy_is() -> None:
    """One that was enumerated without the attribute of persistence cannot be reverted to."""
    shown = {"m_SnapshotId": FOREIGN_ID, "m_lSnapshotAttributes": 0, "m_eStatus": "VSS_SS_CREATED"}
    lines = [
        create(),
        call("InitializeForBackup", bstrXML=None),
        call("GetSnapshotProperties", SnapshotId=FOREIGN_ID, out={"pProp": shown}),
        call("RevertToSnapshot", returns="VSS_E_UNSUPPORTED_CONTEXT", SnapshotId=FOREIGN_ID, bForceDismount=True),
    ]
    (found,) = check(lines).errors()
    assert (found.rule, found.level, found.because[0].line) == ("revert-persistent-only", Level.ERROR, 4)


def test_an_exposure_whose_id_was_not_recorded_may_be_of_any_shadow_copy() -> None:
    """So whichever is unexposed may have been exposed."""
    unexpose = call(_EX2 + "UnexposeSnapshot", snapshotId=SNAPSHOT_ID)
    assert _rules([*_made(), unexpose]) == {"unexpose-must-be-exposed"}
    assert not _rules([*_made(), call("ExposeSnapshot"), unexpose])


def test_a_revert_is_over_when_somebody_has_seen_its_end() -> None:
    """By the result of QueryRevertStatus, or because it finds no revert any more."""
    revert = call("RevertToSnapshot", SnapshotId=SNAPSHOT_ID, bForceDismount=True)
    watched = asynchronous("QueryRevertStatus")
    gone = call("QueryRevertStatus", returns="VSS_E_OBJECT_NOT_FOUND", pwszVolume="C:\\")
    assert _rules([*_made(), revert, revert]) == {"revert-one-per-volume"}
    assert not _rules([*_made(), revert, *watched, revert])
    assert _rules([*_made(), revert, gone, revert]) == {"obs-revert-already-done"}


def test_a_persistent_shadow_copy_need_not_show_in_another_context() -> None:
    """VSS is not to blame where the object has another context, or the log does not show that it was created."""
    not_found = call("GetSnapshotProperties", "bc2", "VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID)

    def later(context: str, made: list[Entry]) -> list[Entry]:
        release = call("IUnknown::Release", returns=None)
        other = [create("bc2"), call("InitializeForBackup", "bc2"), call("SetContext", "bc2", lContext=context)]
        return [*made, release, *other, not_found]

    assert "no-autorelease-delete-only" in _rules(later("VSS_CTX_ALL", _made()))
    assert "no-autorelease-delete-only" not in _rules(later("VSS_CTX_BACKUP", _made()))
    assert "no-autorelease-delete-only" not in _rules(later("VSS_CTX_ALL", _made()[:-1]))
    assert "no-autorelease-delete-only" not in _rules(later("VSS_CTX_ALL", _made("VSS_CTX_FILE_SHARE_BACKUP")))


def test_a_persistent_shadow_copy_may_be_gone_by_a_deletion_of_which_not_all_was_recorded() -> None:
    """Its answer, what it names, or how many a provider let go: VSS is not to blame (no-autorelease-delete-only)."""
    by_its_set = {"SourceObjectId": SET_ID, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET"}
    by_itself = {"SourceObjectId": SNAPSHOT_ID, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT"}
    of_another = {"SourceObjectId": FOREIGN_ID, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT"}
    vetoed = call("DeleteSnapshots", "bc", "VSS_E_PROVIDER_VETO", **by_its_set)
    none = {"plDeletedSnapshots": 0, "pNondeletedSnapshotID": SNAPSHOT_ID}
    not_found = call("GetSnapshotProperties", "bc", "VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID)

    def blamed(deletion: Entry) -> bool:
        return "no-autorelease-delete-only" in _rules([*_made(), deletion, not_found])

    assert not blamed(call("DeleteSnapshots", "bc", None, **by_its_set))
    assert not blamed(call("DeleteSnapshots", "bc", None, **by_itself))
    assert not blamed(call("DeleteSnapshots"))
    assert not blamed(vetoed)
    assert blamed({**vetoed, "out": none})
    assert blamed(call("DeleteSnapshots", "bc", None, **of_another))


def test_a_persistent_shadow_copy_may_be_of_a_set_that_was_broken_without_its_id_in_the_log() -> None:
    """Neither where the call was recorded without it, nor where the log never showed of which set the copy is."""
    not_found = call("GetSnapshotProperties", "bc", "VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID)
    nameless = [{**line, "out": {}} if line["call"].endswith("StartSnapshotSet") else line for line in _made()]
    shown = call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, out={"pProp": {"m_SnapshotSetId": SET_ID}})
    ended = {"SourceObjectId": SET_ID, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET"}
    breaks = call("BreakSnapshotSet", SnapshotSetId=SET_ID)
    begun = call(_EX2 + "BreakSnapshotSetEx", out={"ppAsync": "breaking"})

    def told(*lines: Entry) -> set[str]:
        return _rules([*lines, not_found]) & {
            "no-autorelease-delete-only",
            "break-after-independent",
            "sn-deleted-gone",
        }

    assert told(*_made()) == {"no-autorelease-delete-only"}
    assert told(*_made(), call("BreakSnapshotSet", SnapshotSetId=FOREIGN_ID)) == {"no-autorelease-delete-only"}
    for end in (call("BreakSnapshotSet"), begun):
        assert told(*_made(), end) == set()
    for end in (breaks, call("DeleteSnapshots", **ended)):
        assert told(*nameless, end) == set()
    assert told(*nameless, shown, breaks) == {"break-after-independent"}


def test_a_log_that_shows_nothing_given_back_owes_nothing() -> None:
    """Recorders that leave out releases and frees are many."""
    read = call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID)
    exposed = call("ExposeSnapshot", SnapshotId=SNAPSHOT_ID, out={"pwszExposed": "X:"})
    assert not _rules([*_made(), read, read, exposed])


def test_an_enumeration_of_providers_counts_where_every_one_was_recorded() -> None:
    """What was skipped or left out may be the hardware provider."""

    def listed(*more: Entry) -> list[Entry]:
        prop = {"m_ProviderId": FOREIGN_ID, "m_eProviderType": "VSS_PROV_SOFTWARE"}
        one = [{"Type": "VSS_OBJECT_PROVIDER", "Obj": {"Prov": prop}}]
        return [
            create(),
            call("InitializeForBackup", bstrXML="saved"),
            call("Query", eReturnedObjectsType="VSS_OBJECT_PROVIDER", out={"ppEnum": "enum"}),
            call("IVssEnumObject::Next", "enum", celt=1, out={"rgelt": one, "pceltFetched": 1}),
            *more,
            call("IVssEnumObject::Next", "enum", "S_FALSE", celt=1, out={"rgelt": [], "pceltFetched": 0}),
            call("ImportSnapshots", returns=None),
        ]

    assert "import-server-hardware-only" in _rules(listed())
    unread = call("IVssEnumObject::Next", "enum", celt=1, out={"pceltFetched": 1})
    assert "import-server-hardware-only" not in _rules(listed(unread))
    assert "import-server-hardware-only" not in _rules(listed(call("IVssEnumObject::Skip", "enum", celt=1)))


def test_optional_results_may_be_null() -> None:
    """GetWriterStatusEx does not need pointers for the values of the application (rule status-ex-not-null)."""
    status = "IVssBackupComponentsEx3::GetWriterStatusEx"
    gathered = [*backup_until("gather"), *asynchronous("GatherWriterStatus", "async9")]
    assert not _rules([*gathered, call(status, iWriter=0, phrApplication=None, pbstrApplicationMessage=None)])
    refused = call(status, returns="E_INVALIDARG", iWriter=0, pidWriter=None)
    assert "status-ex-not-null" in _rules([*gathered, refused])


def test_a_query_of_the_result_that_was_not_recorded_is_a_query() -> None:
    """Only a result that nobody asked for is missed (rule async-wait-then-query)."""
    lines = [*backup_until("initialize"), *asynchronous("GatherWriterMetadata")]
    lines[-1].pop("out")
    assert not _rules([*lines, call("IUnknown::Release", returns=None)])


def test_structures_of_another_form_are_read_over() -> None:
    """A recorder may write anything for a structure; a name that nobody knows is told, and no more is made of it."""
    values: tuple[Any, ...] = (
        None,
        7,
        "text",
        [1],
        {"m_eStatus": []},
        {"m_SnapshotId": 3, "m_lSnapshotAttributes": "?"},
    )
    for value in values:
        read = call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, out={"pProp": value})
        assert _rules([*_made(), read]) <= {"log-unknown-name"}
        query = call("Query", eReturnedObjectsType="VSS_OBJECT_SNAPSHOT", out={"ppEnum": "enum"})
        for rgelt in (value, [value], [{"Obj": value}], [{"Obj": {"Snap": value}}], [{"Obj": {"Prov": value}}]):
            lines = [*_made(), query, call("IVssEnumObject::Next", "enum", celt=1, out={"rgelt": rgelt})]
            assert _rules(lines) <= {"log-unknown-name"}


def test_what_is_remembered_of_shadow_copies_is_bounded() -> None:
    """A machine may see any number of them come and go."""
    machine = MachineView()
    for number in range(3 * MEMORY):
        facts_of(machine, str(number))
    assert len(machine.shadows) == MEMORY
    handed_out = HandedOut()
    for number in range(3 * MEMORY):
        handed_out.name(f"{number}:", (number, "exposed it"))
        handed_out.structure((number, "filled it"), "enum-next-free")
    handed_out.memory_freed("other")
    assert len(list(handed_out.owed(1))) == 1


def test_both_ways_through_the_checker_say_the_same_of_results() -> None:
    """The short cut reads results that can be wrong, too."""
    wrong = {"pProp": {"m_SnapshotId": SNAPSHOT_ID, "m_eStatus": "VSS_SS_ABORTED"}}
    lines = [
        *_made(),
        *(call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, out=wrong) for _ in range(3)),
        call("DeleteSnapshots", SourceObjectId=SET_ID, out={"pNondeletedSnapshotID": SNAPSHOT_ID}),
        call("IUnknown::Release", returns=None),
    ]
    said: list[list[Finding]] = []
    for short_cut in (True, False):
        findings: list[Finding] = []
        checker = Checker(findings.append, short_cut=short_cut)
        checker.feed_block(b"\n".join(_text(line) for line in lines), 1)
        checker.finish()
        said.append(findings)
    assert said[0] == said[1]
    assert [finding.at for finding in said[0]] == [At.IMPLEMENTATION] * 4


def _text(entry: Entry) -> bytes:
    return json.dumps(entry).encode()


@pytest.mark.parametrize("end", ["release", "reboot", "delete", "unexpose"])
def test_a_name_is_free_again_when_its_shadow_copy_has_gone(end: str) -> None:
    """Programs share the copy of each night under one name."""
    other = "{22222222-0000-0000-0000-0000000000aa}"

    def shared(identifier: str) -> Entry:
        remotely = "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY"
        return call("ExposeSnapshot", SnapshotId=identifier, lAttributes=remotely, wszExpose="backup")

    ends: dict[str, list[Entry]] = {
        "release": [call("IUnknown::Release", returns=None)],
        "reboot": [{"happens": "reboot"}],
        "delete": [call("DeleteSnapshots", SourceObjectId=SNAPSHOT_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT")],
        "unexpose": [call(_EX2 + "UnexposeSnapshot", snapshotId=SNAPSHOT_ID), call("IUnknown::Release", returns=None)],
    }
    first = [*_made("VSS_CTX_FILE_SHARE_BACKUP"), shared(SNAPSHOT_ID)]
    again = _made("VSS_CTX_FILE_SHARE_BACKUP")
    again[4]["out"] = {"pidSnapshot": other}
    assert "sn-expose-name-free" not in _rules([*first, *ends[end], *again, shared(other)])
    both = [*_made("VSS_CTX_FILE_SHARE_BACKUP")]
    both.insert(5, {**both[4], "in": {"pwszVolumeName": "D:\\"}, "out": {"pidSnapshot": other}})
    assert "sn-expose-name-free" in _rules([*both, shared(SNAPSHOT_ID), shared(other)])


def _transportable() -> list[Entry]:
    return _made("VSS_CTX_NAS_ROLLBACK|VSS_VOLSNAP_ATTR_TRANSPORTABLE")


@pytest.mark.parametrize("returns", ["S_OK", "VSS_E_OBJECT_NOT_FOUND"])
def test_a_copy_that_waits_for_its_import_is_not_exposed(returns: str) -> None:
    """Rule im-not-surfaced-locally, whether it is said to have succeeded or not; once imported it may be."""
    ask = call(
        "ExposeSnapshot", returns=returns, SnapshotId=SNAPSHOT_ID, lAttributes="VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY"
    )
    assert "im-not-surfaced-locally" in _rules([*_transportable(), ask])
    begun = [create("bc2"), call("InitializeForBackup", "bc2", bstrXML="document")]
    lines = [*_transportable(), *begun, *asynchronous("ImportSnapshots", "importing", "bc2"), {**ask, "on": "bc2"}]
    assert "im-not-surfaced-locally" not in _rules(lines)


def test_an_exposure_on_an_exposure_is_told_once_it_was_not_hidden() -> None:
    """Rule expose-hide-first; a restart hides what is not persistent."""
    first, second = (call("ExposeSnapshot", SnapshotId=SNAPSHOT_ID, wszExpose=name) for name in ("X:", "Y:"))
    hidden = call(_EX2 + "UnexposeSnapshot", snapshotId=SNAPSHOT_ID)
    assert "expose-hide-first" in _rules([*_made(), first, second])
    assert "expose-hide-first" not in _rules([*_made(), first, hidden, second])
    assert "expose-hide-first" not in _rules([*_made(), call("ExposeSnapshot", wszExpose="X:"), second])
