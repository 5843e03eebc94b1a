"""The way on that a finding names: the shortest legal calls to what the program was after, found in the table."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from tests.reachable_states import reachable
from tests.support import (
    SET_ID,
    Entry,
    asynchronous,
    backup_until,
    call,
    check,
    create,
    restore_until,
)
from vss_sim.engine.paths import WAIT, way_on
from vss_sim.engine.ruling import Verdict, after_success, put, rule_on
from vss_sim.spec.methods import CREATE
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import MACHINE_MASK, START, Context


def test_the_way_on_leaves_nothing_half_done() -> None:
    """Where a new object is needed, the old one is given up as it should be."""
    late = call("AddToSnapshotSet", returns="VSS_E_BAD_STATE", pwszVolumeName="D:\\")
    [finding] = check([*backup_until("do"), late]).errors()
    assert finding.instead[:3] == ("IVssBackupComponents::BackupComplete", "IVssAsync::Wait", "IUnknown::Release")
    [finding] = check([*backup_until("initialize"), call("DoSnapshotSet", returns="VSS_E_BAD_STATE")]).errors()
    gather, start = (f"IVssBackupComponents::{name}" for name in ("GatherWriterMetadata", "StartSnapshotSet"))
    assert finding.instead.index(gather) < finding.instead.index(start)


@pytest.mark.parametrize(
    ("before", "name", "way"),
    [
        (
            backup_until("initialize"),
            "ImportSnapshots",
            "Release Create InitializeForBackup(bstrXML: the document that was saved after DoSnapshotSet)",
        ),
        *(
            (
                backup_until(last),
                "ImportSnapshots",
                "Create InitializeForBackup(bstrXML: the document that was saved after DoSnapshotSet)",
            )
            for last in ("do", "complete")
        ),
        (
            backup_until("gather"),
            "PreRestore",
            "Release Create InitializeForRestore(bstrXML: the saved document of the backup) GatherWriterMetadata Wait",
        ),
        (backup_until("start"), "DoSnapshotSet", "AddToSnapshotSet PrepareForBackup Wait"),
        (
            [
                create(),
                call("InitializeForBackup", bstrXML=None),
                call("SetContext", lContext="VSS_CTX_APP_ROLLBACK"),
                *backup_until("do")[2:],
                *asynchronous("BackupComplete"),
            ],
            "AddToSnapshotSet",
            "Release Create InitializeForBackup SetContext(lContext: as before) StartSnapshotSet",
        ),
    ],
)
def test_the_way_on_tells_the_argument_that_it_needs(before: list[Entry], name: str, way: str) -> None:
    """The exporting set's document for an import (im-init-with-doc); nothing is said of what any value will do for.

    The object that made the set stays until the other has finished (im-keep-source-open): its copies may go with it.
    """
    [finding] = [one for one in check([*before, call(name, returns="VSS_E_BAD_STATE")]).errors() if one.instead]
    assert _short(finding.instead) == f"{way} {name}"


@pytest.mark.parametrize("later", [[], [call("StartSnapshotSet")]])
def test_an_import_is_made_beside_the_object_that_made_a_set(later: list[Entry]) -> None:
    """Also where that has begun another since: the copies of the first go with it all the same."""
    entries = [*backup_until("do"), *later, call("ImportSnapshots", returns="VSS_E_BAD_STATE")]
    [finding] = [one for one in check(entries).errors() if one.instead]
    assert finding.rule == "im-init-with-doc"
    assert "Release" not in _short(finding.instead).split()


def _without_writers() -> list[Entry]:
    """A set is begun in a context in which DoSnapshotSet is the last step."""
    context = call("SetContext", lContext="VSS_CTX_FILE_SHARE_BACKUP")
    return [create(), call("InitializeForBackup", bstrXML=None), context, call("StartSnapshotSet")]


@pytest.mark.parametrize(
    ("before", "name", "way"),
    [
        (
            backup_until("initialize"),
            "InitializeForBackup",
            (
                "SetBackupState GatherWriterMetadata Wait StartSnapshotSet AddToSnapshotSet PrepareForBackup Wait"
                " DoSnapshotSet Wait"
            ),
        ),
        (backup_until("start"), "InitializeForBackup", "AbortBackup Release Create InitializeForBackup"),
        (backup_until("prepare"), "InitializeForBackup", "AbortBackup Release Create InitializeForBackup"),
        (backup_until("do"), "InitializeForBackup", "BackupComplete Wait Release Create InitializeForBackup"),
        (backup_until("complete"), "InitializeForBackup", "Release Create InitializeForBackup"),
        ([*backup_until("start"), call("AbortBackup")], "InitializeForBackup", "Release Create InitializeForBackup"),
        (
            [*_without_writers(), call("AddToSnapshotSet", pwszVolumeName="C:\\")],
            "InitializeForBackup",
            "AbortBackup Release Create InitializeForBackup",
        ),
        (backup_until("complete"), "BackupComplete", "Release"),
        (restore_until("gather"), "InitializeForRestore", "PreRestore Wait"),
        (restore_until("pre"), "InitializeForRestore", "PostRestore Wait Release Create InitializeForRestore"),
        (restore_until("post"), "InitializeForRestore", "Release Create InitializeForRestore"),
        (restore_until("post"), "PostRestore", "Release"),
    ],
)
def test_a_used_object_is_given_up_and_another_made(before: list[Entry], name: str, way: str) -> None:
    """Rule seq-object-single-use: each operation has its own object; one that was only initialised goes on."""
    refused = [one for one in check([*before, call(name, returns="VSS_E_BAD_STATE")]).errors() if one.instead]
    assert [_short(one.instead) for one in refused] == [way]


def _short(instead: tuple[str, ...]) -> str:
    return " ".join(step.rpartition("::")[2].removesuffix("VssBackupComponents") for step in instead)


def test_components_come_before_prepare_for_backup() -> None:
    """What Windows does with a later one is not known (rule add-component-before-prepare, dispute C23)."""
    component = call("AddComponent", instanceId=SET_ID, writerId=SET_ID, wszLogicalPath="", wszComponentName="db")
    lines = backup_until("prepare")
    checked = check([*lines, component])
    assert not checked.errors()
    assert "add-component-before-prepare" in checked.rules_at(len(lines) + 2)


LOADED: Final = "a saved document"
"""How InitializeForBackup is called for an import alone; where nothing is told, bstrXML is NULL, its default."""


@cache
def _states() -> list[int]:
    return sorted(reachable())[::331]


def _after(step: str, state: int, old: int) -> Iterator[int]:
    """What may hold after a step of a way: one whose argument is not told is made with every value of it."""
    name, _, told = step.rpartition("::")[2].partition("(")
    if step == WAIT:
        for operation in (one.operation for one in METHODS.values() if one.operation):
            state = put(state, operation.finished) if operation.pending & state else state
        yield state
        return
    method = METHODS[name]
    assert rule_on(name, state).plain, (step, state)
    choices = [choice for choice in method.ways if method.asked(choice) == step or not (told or choice == LOADED)]
    if told.endswith("as before)"):
        context = old & MACHINE_MASK[Context]
        choices = [choice.name for choice in method.choices if choice.effects[0].gives == context]
    assert choices
    yield from (after_success(name, state, choice) for choice in choices)


@pytest.mark.parametrize("name", METHODS)
def test_a_way_on_leads_there_with_every_value_that_it_does_not_tell(name: str) -> None:
    """From states all over: each step is allowed in its turn, and so is the call at the end."""
    for old in _states():
        ruling = rule_on(name, old)
        if ruling.verdict is not Verdict.REFUSED or ruling.broken is None:
            continue
        way = way_on(name, old, ruling.broken)
        anew = way.index(CREATE) + 1 if CREATE in way else 0
        states = {START if anew else old}
        for step in way[anew:]:
            states = {then for state in states for then in _after(step, state, old)}
