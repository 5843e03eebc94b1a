"""What a writer puts into its metadata inside Identify, and which descriptions of writers no world may have."""

from typing import Any, Final

import pytest

from tests.writers_at_work import SQL, Run, writer
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.model.metadata import WriterMetadata
from vss_sim.spec.rules import rules

_MD: Final = "IVssCreateWriterMetadata::"
_COMPONENT: Final = {
    "ct": "VSS_CT_DATABASE",
    "wszLogicalPath": "server",
    "wszComponentName": "shop",
    "wszCaption": "The shop",
    "pbIcon": None,
    "cbIcon": 0,
    "bRestoreMetadata": False,
    "bNotifyOnBackupComplete": False,
    "bSelectable": True,
}
_GROUP: Final = {**_COMPONENT, "ct": "VSS_CT_FILEGROUP", "wszComponentName": "logs"}
_SET: Final = {"wszPath": "D:\\db", "wszFilespec": "*.mdf"}
_DATABASE: Final = {"wszLogicalPath": "server", "wszDatabaseName": "shop", **_SET}
_FILES: Final = {"wszLogicalPath": "server", "wszGroupName": "logs", **_SET, "bRecursive": True}
_METHOD: Final = {
    "method": "VSS_RME_STOP_RESTORE_START",
    "wszService": "db",
    "wszUserProcedure": None,
    "writerRestore": "VSS_WRE_ALWAYS",
    "bRebootRequired": False,
}
_MAPPING: Final = {"wszSourcePath": "D:\\db", "wszSourceFilespec": "*", "bRecursive": False, "wszDestination": "E:\\"}
_DEPENDENCY: Final = {
    "wszForLogicalPath": "server",
    "wszForComponentName": "shop",
    "onWriterId": "{a1a1a1a1-0000-4000-8000-000000000002}",
    "wszOnLogicalPath": None,
    "wszOnComponentName": "site",
}


def _identifies(
    *calls: tuple[str, dict[str, Any]], system: str = "Windows Server 2022"
) -> tuple[list[str | None], WriterMetadata]:
    """What VSS answers to a writer that builds its metadata, and the metadata."""
    described = [{"call": name if "::" in name else _MD + name, "in": given} for name, given in calls]
    bare = {"name": "sql", "writerId": SQL, "replies": [{"on": "Identify", "calls": described}]}
    run = Run(bare, os=system)
    run.begin(components=())
    return [answer for _, answer in run.answers("Identify")], run.object().identified[0].metadata


def test_a_writer_builds_its_metadata_in_identify() -> None:
    """The whole of IVssCreateWriterMetadata, and what a requester then reads."""
    answers, metadata = _identifies(
        ("SetBackupSchema", {"dwSchemaMask": "VSS_BS_COPY|VSS_BS_INCREMENTAL|VSS_BS_TIMESTAMPED"}),
        ("AddComponent", _COMPONENT),
        ("AddComponent", _GROUP),
        ("AddDatabaseFiles", _DATABASE),
        ("AddDatabaseLogFiles", {**_DATABASE, "wszFilespec": "*.ldf"}),
        ("AddFilesToFileGroup", {**_FILES, "wszAlternateLocation": "D:\\dump"}),
        ("SetRestoreMethod", _METHOD),
        ("AddAlternateLocationMapping", _MAPPING),
        ("AddComponentDependency", _DEPENDENCY),
        ("AddExcludeFiles", {**_SET, "bRecursive": False}),
        ("IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot", {**_SET, "bRecursive": False}),
    )
    assert set(answers) == {"S_OK"}
    assert metadata.backup_schema == ("VSS_BS_INCREMENTAL", "VSS_BS_COPY", "VSS_BS_TIMESTAMPED")
    database, group = metadata.components
    assert (database.caption, database.selectable, database.type) == ("The shop", True, "VSS_CT_DATABASE")
    assert [files.filespec for files in (*database.database_files, *database.database_log_files)] == ["*.mdf", "*.ldf"]
    assert (group.files[0].alternate_path, group.files[0].recursive) == ("D:\\dump", True)
    assert database.dependencies[0].component_name == "site"
    assert metadata.restore_method is not None
    assert metadata.restore_method.service == "db"
    assert metadata.alternate_location_mappings[0].destination == "E:\\"
    assert len(metadata.exclude_files) == len(metadata.exclude_from_snapshot_files) == 1


@pytest.mark.parametrize(
    ("calls", "answer"),
    [
        ([("AddComponent", _COMPONENT), ("AddComponent", _COMPONENT)], "VSS_E_OBJECT_ALREADY_EXISTS"),
        ([("AddComponent", {**_COMPONENT, "wszComponentName": None})], "E_INVALIDARG"),
        ([("AddComponent", {**_COMPONENT, "wszComponentName": "a\\b"})], "E_INVALIDARG"),
        ([("AddComponent", {**_COMPONENT, "bNotifyOnBackupComplete": True})], "E_INVALIDARG"),
        ([("AddComponent", {**_COMPONENT, "ct": "VSS_CT_UNDEFINED"})], "E_INVALIDARG"),
        ([("AddDatabaseFiles", _DATABASE)], "VSS_E_OBJECT_NOT_FOUND"),
        ([("AddFilesToFileGroup", {**_FILES, "wszAlternateLocation": None})], "VSS_E_OBJECT_NOT_FOUND"),
        (
            [("AddComponent", _GROUP), ("AddDatabaseLogFiles", {**_DATABASE, "wszDatabaseName": "logs"})],
            "E_INVALIDARG",
        ),
        ([("AddComponent", _COMPONENT), ("AddDatabaseFiles", {**_DATABASE, "wszPath": "D:\\*"})], "E_INVALIDARG"),
        ([("AddComponent", _COMPONENT), ("AddDatabaseFiles", {**_DATABASE, "wszFilespec": "a\\b"})], "E_INVALIDARG"),
        ([("AddAlternateLocationMapping", _MAPPING)], "VSS_E_OBJECT_NOT_FOUND"),
        ([("SetRestoreMethod", {**_METHOD, "wszService": None})], "E_INVALIDARG"),
        ([("SetRestoreMethod", {**_METHOD, "method": "VSS_RME_CUSTOM"})], "E_INVALIDARG"),
        ([("AddComponentDependency", _DEPENDENCY)], "VSS_E_OBJECT_NOT_FOUND"),
        ([("AddComponentDependency", {**_DEPENDENCY, "onWriterId": SQL})], "E_INVALIDARG"),
        ([("SetBackupSchema", {"dwSchemaMask": "0x80000000"})], "E_INVALIDARG"),
        ([("SetBackupSchema", {"dwSchemaMask": "VSS_BS_TIMESTAMPED"})], "E_INVALIDARG"),
        (
            [("SetBackupSchema", {"dwSchemaMask": "VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL|VSS_BS_INCREMENTAL"})],
            "E_INVALIDARG",
        ),
        ([("AddIncludeFiles", {**_SET, "bRecursive": False, "wszAlternateLocation": None})], "E_NOTIMPL"),
    ],
)
def test_metadata_that_cannot_be_is_refused(calls: list[tuple[str, dict[str, Any]]], answer: str) -> None:
    """Each with the answer of its page."""
    answers, _ = _identifies(*calls)
    assert answers[-1] == answer


def test_a_share_is_no_place_for_files_on_older_systems() -> None:
    """Rule create-md-local-paths."""
    share = ("AddExcludeFiles", {"wszPath": "\\\\server\\share", "wszFilespec": "*", "bRecursive": False})
    assert _identifies(share, system="Windows Server 2008 R2")[0] == ["E_INVALIDARG"]
    assert _identifies(share)[0] == ["S_OK"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"call": "IVssBackupComponents::SaveAsXML"}, "not known"),
        ({"call": "IVssComponent::SetBackupStamp", "in": {}}, "'wszBackupStamp' is missing"),
        ({"call": "IVssComponent::SetBackupStamp", "in": {"wszBackupStamp": "", "x": 1}}, "'x' is no parameter"),
        ({"call": "CVssWriter::GetContext", "component": "a"}, "not made on a component"),
    ],
)
def test_a_world_with_a_call_that_no_writer_makes_is_refused(call: dict[str, Any], says: str) -> None:
    """With its place."""
    described = writer("sql", {"on": "Freeze", "calls": [call]})
    with pytest.raises(WorldError, match=says) as refused:
        read_world({"machines": [{"writers": [described]}]})
    assert "replies[0].calls[0]" in str(refused.value)


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        ({"replies": [{"on": "Freeze"}]}, "wr-express-limits"),
        (
            {"restoreMethod": {"method": "VSS_RME_CUSTOM", "writerRestore": "VSS_WRE_NEVER"}},
            "express-md-restore-method",
        ),
        ({"restoreMethod": {"method": "VSS_RME_RESTORE_AT_REBOOT"}}, "wre-express-never"),
        ({"backupSchema": ["VSS_BS_INCREMENTAL"]}, "express-md-schema"),
        ({"usage": "VSS_UT_OTHER"}, "express-create-usage"),
        ({"components": [{"type": "VSS_CT_DATABASE", "name": "a"}]}, "express-md-component-filegroup"),
        (
            {"components": [{"name": "a", "files": [{"path": "C:\\", "filespec": "*", "alternatePath": "D:\\"}]}]},
            "express-md-filegroup-alt-null",
        ),
        ({"excludeFromSnapshotFiles": [{"path": "C:\\", "filespec": "*"}]}, "create-md-exclude-snapshot-report"),
    ],
)
def test_an_express_writer_that_declares_too_much_is_refused_with_the_rule(declared: dict[str, Any], rule: str) -> None:
    """A world file has no way around what the interface refuses."""
    described = {"name": "e", "writerId": SQL, "express": True, **declared}
    with pytest.raises(WorldError, match=rule):
        read_world({"machines": [{"writers": [described]}]})
    assert rule in rules()
