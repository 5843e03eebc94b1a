"""What writers ask inside handlers, of the backup, the set and its devices, and what they are answered."""

from typing import Any, Final

from tests.writers_at_work import Run, calling, writer
from vss_sim.spec.hresult import HResult


def _told(run: Run, event: str) -> dict[str, Any]:
    """What the questions of a writer were answered in a handler."""
    return {
        call.name.rpartition("::")[2]: next(iter(call.out.values()), call.answer)
        for one in run.seen
        if one.name == event
        for call in one.calls
    }


_PLAIN: Final = (
    "AreComponentsSelected",
    "IsBootableSystemStateBackedUp",
    "GetBackupType",
    "GetRestoreType",
    "IsPartialFileSupportEnabled",
    "GetCurrentSnapshotSetId",
    "GetCurrentVolumeArray",
    "GetCurrentVolumeCount",
    "GetCurrentLevel",
    "GetContext",
)


QUESTIONS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    *((f"CVssWriter::{name}", {}) for name in _PLAIN),
    ("CVssWriter::GetSnapshotDeviceName", {"wszOriginalVolume": "C:\\"}),
    ("CVssWriter::IsPathAffected", {"wszPath": "C:\\data\\a"}),
    ("CVssWriterEx2::GetSessionId", {}),
    ("CVssWriterEx2::IsWriterShuttingDown", {}),
)


def test_a_writer_asks_about_the_backup() -> None:
    """The questions of CVssWriter, in the handlers in which VSS answers them."""
    events = ["PrepareForBackup", "Freeze", "PostSnapshot", "BackupShutdown", "PreRestore"]
    run = Run(writer("sql", *(calling(event, *QUESTIONS) for event in events)), writer("web"))
    run.prepare(bPartialFileSupport=True, bBackupBootableSystemState=True)
    set_id, session_id = run.object().set_id, run.object().session_id
    run.do("DoSnapshotSet")
    run.do("BackupComplete")
    run.restore()
    run.call("SetRestoreState", "restore", restoreType="VSS_RTYPE_IMPORT")
    run.do("PreRestore", "restore")
    told = _told(run, "PostSnapshot")
    assert told == {
        "AreComponentsSelected": True,
        "IsBootableSystemStateBackedUp": True,
        "GetBackupType": "VSS_BT_FULL",
        "GetRestoreType": "VSS_RTYPE_UNDEFINED",
        "IsPartialFileSupportEnabled": True,
        "GetCurrentSnapshotSetId": set_id,
        "GetCurrentVolumeArray": ["C:\\"],
        "GetCurrentVolumeCount": 1,
        "GetCurrentLevel": "VSS_APP_FRONT_END",
        "GetContext": 0,
        "GetSnapshotDeviceName": "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1",
        "IsPathAffected": True,
        "GetSessionId": session_id,
        "IsWriterShuttingDown": False,
    }
    for event in ("PrepareForBackup", "Freeze"):
        assert _told(run, event)["GetSnapshotDeviceName"] is HResult.VSS_E_BAD_STATE
        assert _told(run, event)["GetCurrentSnapshotSetId"] == set_id
    assert _told(run, "BackupShutdown")["GetCurrentSnapshotSetId"] != set_id
    assert _told(run, "PreRestore")["GetRestoreType"] == "VSS_RTYPE_IMPORT"
    assert _told(run, "PreRestore")["IsPathAffected"] is False


def test_a_path_lies_on_a_volume_by_each_of_its_names() -> None:
    """Page of IsPathAffected: environment variables are resolved; a mounted folder is another volume than its drive."""
    folders = {
        "%SystemRoot%\\System32": True,
        "%Books%\\ledger": False,
        "C:\\mounted": False,
        "C:\\mounted\\ledger": False,
        "C:\\mounted too": True,
        "D:\\ledger": False,
        "\\\\?\\Volume{00000000-0000-4000-8000-00000000000c}\\ledger": True,
        "\\\\files\\notes\\ledger": False,
    }
    asked = [("CVssWriter::IsPathAffected", {"wszPath": path}) for path in folders]
    run = Run(
        writer("sql", calling("PrepareForSnapshot", *asked)),
        writer("web"),
        environment={"Books": "D:\\books"},
        volumes=[
            {"name": "C:\\", "volumeName": "\\\\?\\Volume{00000000-0000-4000-8000-00000000000c}\\"},
            {"name": "D:\\", "mountPoints": ["C:\\mounted\\"]},
        ],
    )
    run.prepare()
    run.do("DoSnapshotSet")
    calls = next(one.calls for one in run.seen if one.name == "PrepareForSnapshot" and one.calls)
    assert [call.out["value"] for call in calls] == list(folders.values())


def test_what_identify_reported_is_lent() -> None:
    """Rule writer-identify-info-window: the writer does not release it, and so leaves nothing behind."""
    run = Run(writer("sql", calling("PrepareForBackup", ("CVssWriterEx::GetIdentifyInformation", {}))), writer("web"))
    run.prepare()
    assert run.answers("PrepareForBackup") == [("GetIdentifyInformation", "S_OK")]
    assert "IVssExamineWriterMetadata" not in {one.interface for one in run.simulation.unreleased()}


def test_a_device_has_a_name_for_volumes_of_the_set_only() -> None:
    """By the name with its backslash (rule get-device-name-in-set)."""
    names = ["C:\\", "c:\\", "D:\\", "C:", "X:\\", None]
    asked = [("CVssWriter::GetSnapshotDeviceName", {"wszOriginalVolume": name}) for name in names]
    run = Run(
        writer("sql", calling("PostSnapshot", *asked)), writer("web"), volumes=[{"name": "C:\\"}, {"name": "D:\\"}]
    )
    run.prepare()
    run.do("DoSnapshotSet")
    missing = "VSS_E_OBJECT_NOT_FOUND"
    assert [answer for _, answer in run.answers("PostSnapshot")] == ["S_OK", "S_OK", *[missing] * 3, "E_INVALIDARG"]
