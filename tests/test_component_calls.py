"""Component objects: whose call it is, and what is not known of it."""

import json
from typing import Any

from tests.support import Entry, backup_until, call, check, restore_until
from vss_sim.judge.checker import Checker
from vss_sim.judge.documents.document_memory import BOUND
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.trace.reader import read_line

WRITER = "{5affb034-969f-4919-8875-88f830d0ef89}"
SETTER = call("IVssComponent::SetBackupMetadata", "theirs", "VSS_E_BAD_STATE", wszData="x")


def _event(name: str, **more: Any) -> Entry:
    return {"event": name, "writer": WRITER, **more}


def _component(on: str = "bc") -> list[Entry]:
    """A requester gets a component from its object."""
    return [
        call("GetWriterComponents", on, iWriter=0, out={"ppWriter": "components"}),
        call("IVssWriterComponents::GetComponent", "components", iComponent=0, out={"ppComponent": "component"}),
    ]


def test_a_writer_is_told_from_a_requester() -> None:
    """In a handler it is the writer's call, on a component got from the object the requester's."""
    (finding,) = check([_event("BackupComplete"), SETTER]).errors()
    assert finding.at is At.WRITER
    theirs = call("IVssComponent::SetBackupMetadata", "component", "VSS_E_BAD_STATE", wszData="x")
    (finding,) = check([*backup_until("do"), *_component(), _event("PostSnapshot"), theirs]).errors()
    assert finding.at is At.REQUESTER


def test_a_handler_ends_with_a_call_of_somebody_else() -> None:
    """What comes after it may be called anywhere; a refusal is told without a place."""
    success = {**SETTER, "returns": "S_OK"}
    assert check([_event("BackupComplete"), success]).errors()
    assert check([_event("BackupComplete"), {"note": "a note is no call"}, success]).errors()
    assert not check([_event("BackupComplete"), *backup_until("release"), success]).errors()
    assert not check([success]).errors()
    (finding,) = check([SETTER]).errors()
    assert "does not show" in finding.says


def test_a_component_of_an_object_in_an_unknown_state_may_be_read() -> None:
    """Neither backup nor restore is certain of an object whose making is not in the log (rule log-open-world)."""
    reads = [
        call("IVssComponent::GetRestoreTarget", "component", out={"pTarget": "VSS_RT_ORIGINAL"}),
        call("IVssComponent::GetFileRestoreStatus", "component", out={"pStatus": "VSS_RS_ALL"}),
        call("IVssComponent::GetBackupSucceeded", "component", out={"pbSucceeded": True}),
        call("IVssComponentEx::GetRollForward", "component"),
    ]
    assert not [found for found in check([*_component(), *reads]).findings if found.level is not Level.INFO]


def test_an_index_is_held_against_a_count_that_still_holds() -> None:
    """A requester that added a target since may find it; without a count nothing is known."""
    count = call("IVssComponent::GetNewTargetCount", "component", out={"pcNewTarget": 0})
    asks = call("IVssComponent::GetNewTarget", "component", iNewTarget=0, out={"ppFiledesc": "target"})
    assert check([*restore_until("gather"), *_component(), count, asks]).rules_at(10) == {"comp-new-target-index"}
    added = call("AddNewTarget", wszPath="C:\\db")
    assert not check([*restore_until("gather"), *_component(), count, added, asks]).errors()
    assert not check([*restore_until("gather"), *_component(), asks]).errors()


def test_another_interface_lives_on_its_own() -> None:
    """The handle that QueryInterface gave may be released, and the component goes on."""
    lines = [
        *backup_until("do"),
        *_component(),
        call("IUnknown::QueryInterface", "component", riid="IID_IVssComponentEx", out={"ppvObject": "later"}),
        call("IUnknown::Release", "later", None),
        call("IVssComponent::GetComponentType", "component"),
    ]
    assert not check(lines).errors()
    assert check([*lines, call("IVssComponentEx::GetRestoreName", "later", None)]).errors()


def test_the_memory_of_documents_has_a_bound() -> None:
    """However many writers, files, stamps and dependencies a log tells of."""
    findings: list[Finding] = []
    checker = Checker(findings.append)
    lines: list[Entry] = [*backup_until("gather")]
    for number in range(3 * BOUND):
        guid = f"{{5affb034-969f-4919-8875-{number:012x}}}"
        lines += [
            call("SetPreviousBackupStamp", wszPreviousBackupStamp=f"stamp {number}"),
            call("GetWriterMetadata", iWriter=number, out={"ppMetadata": "metadata"}),
            call("IVssExamineWriterMetadata::GetIdentity", "metadata", out={"pidWriter": guid, "pidInstance": guid}),
        ]
    for number, entry in enumerate(lines, 2):
        checker.feed(number, read_line(json.dumps(entry).encode(), number))
    memory = checker._history.documents
    obj = checker._history.handles["bc"]
    assert len(memory.writers) <= BOUND
    assert obj.requests.stamps is None  # type: ignore[union-attr]
