"""Ids in a log: compared as GUIDs, judged where the log gave them, and gone with what they named."""

import pytest

from tests.support import (
    FOREIGN_ID,
    SET_ID,
    SNAPSHOT_ID,
    Entry,
    backup_until,
    call,
    check,
    create,
)


def test_ids_that_come_from_elsewhere_are_not_judged() -> None:
    """In a context with all shadow copies, or after an enumeration, an id may be any."""
    asked = call("GetSnapshotProperties", SnapshotId=FOREIGN_ID)
    every = [create(), call("InitializeForBackup", bstrXML=None), call("SetContext", lContext="VSS_CTX_ALL"), asked]
    assert not check(every).errors()
    lines = backup_until("do")
    query = call("Query", out={"ppEnum": "e"})
    assert not check([*lines, query, asked]).errors()
    assert check([*lines, asked]).rules_at(len(lines) + 2) == {"sn-getprops-unknown"}


def test_ids_are_compared_as_guids() -> None:
    """Braces and case do not matter."""
    asked = call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID.strip("{}").upper())
    assert not check([*backup_until("do"), asked]).errors()


def test_what_was_deleted_is_gone() -> None:
    """A deleted shadow copy is found by nobody (rule sn-deleted-gone)."""
    delete = call("DeleteSnapshots", SourceObjectId=SET_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT_SET")
    lines = [*backup_until("do"), delete, call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, returns=None)]
    assert check(lines).rules_at(len(lines) + 1) == {"sn-deleted-gone"}


@pytest.mark.parametrize(
    "wrong",
    [
        call("GetSnapshotProperties", SnapshotId=SET_ID),
        call("DeleteSnapshots", SourceObjectId=SET_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT"),
        call("DeleteSnapshots", SourceObjectId=SNAPSHOT_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT_SET"),
        call("IVssBackupComponents::BreakSnapshotSet", SnapshotSetId=SNAPSHOT_ID),
    ],
    ids=lambda entry: entry["call"],
)
def test_the_id_of_a_set_is_not_that_of_a_shadow_copy(wrong: Entry) -> None:
    """Nor the other way round; both kinds are known from the log."""
    lines = backup_until("do")
    assert len(lines) + 2 in {finding.line for finding in check([*lines, wrong]).errors()}


def test_asking_for_providers_gives_no_snapshot_id() -> None:
    """An id that no line gave stays unknown after it; after a query for shadow copies it may have come from there."""
    unknown = call("GetSnapshotProperties", SnapshotId=FOREIGN_ID)
    query = call("Query", eReturnedObjectsType="VSS_OBJECT_PROVIDER", out={"ppEnum": "e"})
    listed = {"pceltFetched": 1}
    following = call("IVssEnumObject::Next", "e", out=listed)
    assert check([*backup_until("do"), query, following, unknown]).errors()
    query = call("Query", eReturnedObjectsType="VSS_OBJECT_SNAPSHOT", out={"ppEnum": "e"})
    assert not check([*backup_until("do"), query, following, unknown]).errors()


def test_a_set_is_gone_with_its_last_shadow_copy() -> None:
    """To delete it after that is a clean-up in good faith."""
    member = call("DeleteSnapshots", SourceObjectId=SNAPSHOT_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT")
    whole = call("DeleteSnapshots", returns="VSS_E_OBJECT_NOT_FOUND", SourceObjectId=SET_ID)
    checked = check([*backup_until("complete"), member, whole])
    assert not checked.errors()
    assert "sn-deleted-gone" in {finding.rule for finding in checked.findings}
