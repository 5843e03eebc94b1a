"""Restores in an open world: what a log does not show is held against nobody, and no restore fills the memory."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import ROOT, Entry, asynchronous, backup_until, call, check, create, entries_of
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level, Tally
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.restores import COMPONENTS
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.stored import STORED_DEMANDS
from vss_sim.spec.table import Profile

CASES = sorted(
    path for area in ("restore", "resync") for path in (ROOT / "conformance" / "cases" / area).glob("*.jsonl")
)
WRITER = "{66666666-0000-0000-0000-000000000001}"


def _said(entries: list[Entry], profile: Profile, *, short_cut: bool) -> tuple[Tally, list[Finding]]:
    findings: list[Finding] = []
    checker = Checker(findings.append, None, profile, short_cut=short_cut)
    checker.feed_block(b"\n".join([json.dumps(entry).encode() for entry in entries]), 1)
    return checker.finish(), findings


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_ways_say_the_same_of_a_restore(path: Path) -> None:
    """Twice over as well: what was learned on the first round is used on the second."""
    entries = entries_of(path)
    for profile in Profile:
        for log in (entries, [*entries, *entries]):
            assert _said(log, profile, short_cut=True) == _said(log, profile, short_cut=False)


def test_demands_are_made_by_methods_of_the_table() -> None:
    """A demand of a method that there is not would never be looked at."""
    assert {method for demand in STORED_DEMANDS for method in demand.methods} <= set(METHODS)


def _nobody(finding: Finding) -> None:
    """Whoever is told of nothing."""


def _named(component: str, **more: Any) -> dict[str, Any]:
    return {"writerId": WRITER, "ct": "VSS_CT_FILEGROUP", "wszLogicalPath": "", "wszComponentName": component, **more}


def _saved(on: str, text: str, *components: str) -> list[Entry]:
    """A backup that adds components and gives its document out as `text`."""
    instance = "{77777777-0000-0000-0000-000000000001}"
    return [
        create(on),
        call("InitializeForBackup", on, bstrXML=None),
        *asynchronous("GatherWriterMetadata", f"{on}-a1", on),
        *(call("AddComponent", on, instanceId=instance, **_named(component)) for component in components),
        call("SaveAsXML", on, out={"pbstrXML": text}),
        call("IUnknown::Release", on, None),
    ]


def _restored(text: str, *components: str, on: str = "bc", returns: str = "S_OK") -> list[Entry]:
    return [
        create(on),
        call("InitializeForRestore", on, bstrXML=text),
        *asynchronous("GatherWriterMetadata", f"{on}-a2", on),
        *(
            call("SetSelectedForRestore", on, returns, **_named(component, bSelectedForRestore=True))
            for component in components
        ),
    ]


def _rules(entries: list[Entry]) -> list[str]:
    return [finding.rule for finding in check(entries).findings if finding.level is not Level.INFO]


def _errors(entries: list[Entry]) -> list[str]:
    return [finding.rule for finding in check(entries).errors()]


def test_a_component_is_looked_for_in_the_document_that_was_saved() -> None:
    """A document is known by its text, and by nothing else (set-selected-explicit-only)."""
    backup = _saved("b1", "document-1", "A")
    assert "set-selected-explicit-only" in _errors([*backup, *_restored("document-1", "B")])
    assert not _errors([*backup, *_restored("document-1", "A")])
    assert not _errors([*backup, *_restored("document-2", "B")])


def test_a_mapping_is_recorded_for_a_component_of_the_document() -> None:
    """VSS finds no other one, and one that it finds was added at backup (alm-record-call)."""
    where = {"wszPath": "C:\\db", "wszFilespec": "*", "bRecursive": False, "wszDestination": "D:\\db"}
    backup = [*_saved("b1", "document-1", "A"), *_restored("document-1", "A"), *asynchronous("PreRestore", "a3", "bc")]
    found = call("AddAlternativeLocationMapping", **_named("A", **where))
    missing = _named("B", **where)
    assert "alm-record-call" not in _errors([*backup, found])
    assert "alm-record-call" in _errors([*backup, call("AddAlternativeLocationMapping", **missing)])
    not_found = call("AddAlternativeLocationMapping", returns="VSS_E_OBJECT_NOT_FOUND", **missing)
    (said,) = [one for one in check([*backup, not_found]).errors() if one.rule == "alm-record-call"]
    assert "no component 'B'" in said.says
    assert said.because


_OF_A_COMPONENT: Final[dict[str, dict[str, Any]]] = {
    "AddRestoreSubcomponent": {
        "wszSubComponentLogicalPath": "A",
        "wszSubComponentName": "part",
        "bRepair": False,
    },
    "SetRangesFilePath": {"iPartialFile": 0, "wszRangesFile": "D:\\ranges"},
    "IVssBackupComponentsEx2::SetAuthoritativeRestore": {"bAuth": True},
    "IVssBackupComponentsEx2::SetRollForward": {"rollType": "VSS_RF_ALL", "wszRollForwardPoint": None},
    "IVssBackupComponentsEx2::SetRestoreName": {"wszRestoreName": "other"},
}


@pytest.mark.parametrize("method", _OF_A_COMPONENT)
def test_what_is_said_of_a_component_that_was_not_backed_up_finds_none(method: str) -> None:
    """Rule ans-object-not-found: the pages of these have VSS_E_OBJECT_NOT_FOUND for a component that there is not."""
    where = {**_named("A"), **_OF_A_COMPONENT[method]}
    where["componentType"] = where["ct"]
    wrong = {**where, "wszComponentName": "B"}
    begun = [*_saved("b1", "document-1", "A"), *_restored("document-1", "A")]
    assert "ans-object-not-found" not in _errors([*begun, call(method, **where)])
    for answer in ("S_OK", "VSS_E_OBJECT_NOT_FOUND"):
        told = check([*begun, call(method, returns=answer, **wrong)]).errors()
        said, *_ = [one for one in told if one.rule == "ans-object-not-found"]
        assert "no component 'B'" in said.says
        assert said.because


def test_one_text_for_two_documents_says_nothing_of_either() -> None:
    """A recorder may write the same word for every document (set-selected-explicit-only)."""
    backups = [*_saved("b1", "document", "A"), *_saved("b2", "document", "B")]
    assert not _errors([*backups, *_restored("document", "A", "B", "C")])


def test_a_document_that_vss_found_the_component_in_is_another_one() -> None:
    """That the model is wrong is said once, not with every component (set-selected-explicit-only)."""
    errors = _errors([*_saved("b1", "document-1", "A"), *_restored("document-1", "B", "C", "D")])
    assert errors == ["set-selected-explicit-only", "set-selected-explicit-only"]


def test_a_component_that_was_added_without_an_answer_may_be_there() -> None:
    """Whether VSS took it is not known (set-selected-explicit-only)."""
    backup = _saved("b1", "document-1", "A")
    for entry in backup:
        if entry["call"].endswith("AddComponent"):
            del entry["returns"]
    assert not _errors([*backup, *_restored("document-1", "B")])


def test_what_an_object_from_before_the_log_has_selected_is_not_known() -> None:
    """A restore that was begun before the log may have selected the component (add-restore-sub-after-selected)."""
    subcomponent = {"wszSubComponentLogicalPath": "A", "wszSubComponentName": "B", "bRepair": False}
    assert not _rules([call("AddRestoreSubcomponent", **_named("A", **subcomponent))])


def _ended(*last: Entry) -> list[Entry]:
    return [
        *_restored("saved.xml"),
        *asynchronous("PreRestore", "a3", "bc"),
        call("PostRestore", out={"ppAsync": "a4"}),
        *last,
        call("IUnknown::Release", "bc", None),
    ]


def test_who_asked_for_postrestore_waited_for_it() -> None:
    """Even where what was told was not recorded (seq-r-postrestore-wait-release)."""
    assert "seq-r-postrestore-wait-release" in _rules(_ended())
    assert not _rules(_ended(call("IVssAsync::QueryStatus", "a4")))
    assert _rules(_ended(call("IVssAsync::Wait", "a4"))) == ["async-wait-then-query"]


def test_a_log_without_asynchronous_calls_does_not_show_who_waits() -> None:
    """A recorder of one interface sees none of them (seq-r-postrestore-wait-release)."""
    calls = [entry for entry in _ended() if not entry["call"].startswith("IVssAsync")]
    assert "seq-r-postrestore-wait-release" not in _rules(calls)


def test_a_status_below_a_component_is_one_of_its_set() -> None:
    """What was restored of a subcomponent may be reported under its own name (file-restore-status-mandatory)."""
    below = {**_named("B"), "wszLogicalPath": "A", "status": "VSS_RS_ALL"}
    log = [*_restored("saved.xml", "A"), *asynchronous("PreRestore", "a3", "bc")]
    assert "file-restore-status-mandatory" in _rules([*log, *asynchronous("PostRestore", "a4", "bc")])
    reported = [*log, call("SetFileRestoreStatus", **below), *asynchronous("PostRestore", "a4", "bc")]
    assert "file-restore-status-mandatory" not in _rules(reported)


def test_a_stored_document_without_a_handle_may_be_what_is_read() -> None:
    """A handle may come to name it, unseen (seq-r-stored-not-live)."""
    gather = [*_restored("saved.xml"), call("GetWriterMetadata", iWriter=0, out={"ppMetadata": "meta"})]
    read = call("IVssExamineWriterMetadata::GetComponent", "meta", iComponent=0)
    assert "seq-r-stored-not-live" in _rules([*gather, read])
    assert not _rules([*gather, call("CreateVssExamineWriterMetadata", None), read])


def test_writers_that_were_read_in_part_may_run() -> None:
    """Who runs is known once each writer that was counted is identified (set-selected-live-writer)."""
    log = _restored("saved.xml")
    counted = [*log, call("GetWriterMetadataCount", out={"pcWriters": 1})]
    select = call("SetSelectedForRestore", returns=None, **_named("A", bSelectedForRestore=True))
    none = [*log, call("GetWriterMetadataCount", out={"pcWriters": 0})]
    assert "set-selected-live-writer" in _rules([*none, select])
    assert "set-selected-live-writer" not in _rules([*counted, select])
    again = asynchronous("GatherWriterMetadata", "a9", "bc")
    assert "set-selected-live-writer" not in _rules([*none, *again, select])


def test_a_restore_of_any_number_of_components_is_remembered_in_part() -> None:
    """Beyond a bound nothing is said of selection and status."""
    names = [f"C{number}" for number in range(COMPONENTS + 10)]
    checker = Checker(_nobody)
    checker.feed_block(b"\n".join([json.dumps(entry).encode() for entry in _restored("saved.xml", *names)]), 1)
    obj = checker._history.handles["bc"]
    assert isinstance(obj, BackupObject)
    assert obj.restoring is not None
    assert len(obj.restoring.selected) <= COMPONENTS
    assert not obj.restoring.selection_complete


def test_any_number_of_documents_is_remembered_in_part() -> None:
    """The oldest are forgotten, and so unknown."""
    checker = Checker(_nobody)
    lines = [call("SaveAsXML", out={"pbstrXML": f"document-{number}" + "x" * 200}) for number in range(1000)]
    checker.feed_block(b"\n".join([json.dumps(entry).encode() for entry in lines]), 1)
    documents = checker._history.saved_documents
    assert len(documents) < 100
    assert all(len(name) <= 128 for name in documents)


def test_a_document_that_was_saved_in_a_restore_may_hold_selections() -> None:
    """Who is selected there may hear of the restore, and nobody knows who that is (rule seq-r-unselected-silent)."""
    writer = "{5affb034-969f-4919-8875-88f830d0ef89}"
    event = {
        "event": "PreRestore",
        "writer": writer,
        "instance": "{11111111-0000-0000-0000-000000000001}",
        "answer": True,
    }
    saves = call("SaveAsXML", "first", out={"pbstrXML": "restore.xml"})
    backup = [*backup_until("do", "saved"), call("SaveAsXML", "saved", out={"pbstrXML": "backup.xml"})]

    def restore(text: str) -> list[Entry]:
        gather, pre = asynchronous("GatherWriterMetadata", "g", "bc"), asynchronous("PreRestore", "p", "bc")
        return [
            create("bc"),
            call("InitializeForRestore", "bc", bstrXML=text),
            *gather,
            pre[0],
            {**event, "on": "bc"},
            *pre[1:],
        ]

    def told(*lines: Entry) -> bool:
        return "seq-r-unselected-silent" in {finding.rule for finding in check(lines).findings}

    first = [create("first"), call("InitializeForRestore", "first", bstrXML="elsewhere.xml"), saves]
    assert told(*backup, *restore("backup.xml"))
    assert not told(*first, *restore("restore.xml"))
    assert not told(*restore("elsewhere.xml"))
    assert not told(*restore('<BACKUP_COMPONENTS><COMPONENT selectedForRestore="yes"/></BACKUP_COMPONENTS>'))
