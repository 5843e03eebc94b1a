"""The FilesNotToSnapshot key: which files the shadow copy optimization writer deletes from new shadow copies, and when.

Page: https://learn.microsoft.com/windows/win32/vss/excluding-files-from-shadow-copies
"""

from typing import Any, Final

import pytest

from tests.writers_at_work import Run
from vss_sim import read_world
from vss_sim.model.disk import FileEntry
from vss_sim.model.world import Snapshot
from vss_sim.spec.hresult import HResult

WRITER: Final = {
    "name": "Shadow Copy Optimization Writer",
    "writerId": "{4DC3BDD4-AB48-4D07-ADB0-3BEE2926FD7F}",
}
FILES: Final = (
    "Temp\\a.tmp",
    "Temp\\in\\b.tmp",
    "Temp\\kept.txt",
    "Users\\Ann\\Cache\\c.dat",
    "Users\\Bob\\Cache\\d.dat",
)
ALL: Final = {path.upper() for path in FILES}


def _volume(name: str) -> dict[str, Any]:
    return {"name": name, "files": {name + path: {"content": "x"} for path in FILES}}


def _copies(
    *paths: str, writer: dict[str, Any] = WRITER, context: str | None = None, machine: dict[str, Any] | None = None
) -> tuple[Run, dict[str, set[str]]]:
    """A set of both volumes on a machine whose registry has these paths: what the copy of each shows."""
    registry = {
        "filesNotToSnapshot": {"Application": list(paths)},
        "userProfiles": ["C:\\Users\\Ann", "D:\\Users\\Bob"],
    }
    second = {"volumeName": "\\\\?\\Volume{aaaaaaaa-0000-4000-8000-000000000003}\\", "mountPoints": ["C:\\mnt\\"]}
    volumes = [_volume("C:\\"), {**_volume("D:\\"), **second}]
    described = {"volumes": volumes, "registry": registry, **(machine or {})}
    run = Run(writer, **described)
    run.prepare(volumes=("C:\\", "D:\\"), components=(), context=context, bSelectComponents=False)
    assert run.do("DoSnapshotSet") is HResult.VSS_S_ASYNC_FINISHED
    return run, {copy.volume: _shown(copy) for copy in run.simulation.world.snapshots.values()}


def _shown(copy: Snapshot) -> set[str]:
    assert copy.disk is not None
    return {
        f"{folder}\\{key}".lstrip("\\")
        for folder, names in copy.disk.folders.items()
        for key, entry in names.items()
        if isinstance(entry, FileEntry)
    }


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("C:\\Temp\\*.tmp", {"C:\\": {"TEMP\\A.TMP"}}),
        ("C:\\Temp\\*.tmp /s", {"C:\\": {"TEMP\\A.TMP", "TEMP\\IN\\B.TMP"}}),
        ("c:\\temp\\*.* /S", {"C:\\": {"TEMP\\A.TMP", "TEMP\\IN\\B.TMP", "TEMP\\KEPT.TXT"}}),
        ("$AllVolumes$\\Temp\\a.tmp", {"C:\\": {"TEMP\\A.TMP"}, "D:\\": {"TEMP\\A.TMP"}}),
        ("$UserProfile$\\Cache\\*", {"C:\\": {"USERS\\ANN\\CACHE\\C.DAT"}, "D:\\": {"USERS\\BOB\\CACHE\\D.DAT"}}),
        ("\\\\?\\Volume{aaaaaaaa-0000-4000-8000-000000000003}\\Temp\\*.tmp", {"D:\\": {"TEMP\\A.TMP"}}),
        ("C:\\mnt\\Temp\\*.tmp", {"D:\\": {"TEMP\\A.TMP"}}),
        ("C:\\", {}),
        ("$AllVolumes$", {}),
        (" /s", {}),
        ("C:\\none\\*", {}),
        ("E:\\Temp\\*", {}),
        ("no path", {}),
    ],
)
def test_the_paths_of_the_key(path: str, gone: dict[str, set[str]]) -> None:
    """With both variables, wildcards, `/s`; an entry that no file matches is ignored. The volumes keep their files."""
    run, shown = _copies(path)
    assert shown == {volume: ALL - gone.get(volume, set()) for volume in ("C:\\", "D:\\")}
    disks = run.simulation.world.machines[0].disks.volumes
    assert all(disk.entry("TEMP", "A.TMP") is not None for disk in disks)


def test_the_record_shows_what_was_deleted() -> None:
    """The writer asks for the devices of the set and deletes by file calls, in its handler."""
    run, _ = _copies("C:\\Temp\\*.tmp", "D:\\Temp\\*.tmp", "E:\\Temp\\*")
    assert [name for name, _ in run.answers("PostSnapshot")] == ["GetSnapshotDeviceName", "DeleteFile"] * 2


@pytest.mark.parametrize(
    "without",
    [
        {"context": "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_NO_AUTORECOVERY"},
        {"context": "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS"},
        {"machine": {"os": "Windows Server 2003 SP1"}},
        {"writer": {**WRITER, "writerId": "{4DC3BDD4-AB48-4D07-ADB0-3BEE2926FD70}"}},
        {"writer": {**WRITER, "running": False}},
    ],
)
def test_when_nothing_is_deleted(without: dict[str, Any]) -> None:
    """Without auto-recovery, from copies for clients, before Windows Vista, where the writer is none of the machine."""
    run, shown = _copies("$AllVolumes$\\Temp\\* /s", **without)
    assert shown == {"C:\\": ALL, "D:\\": ALL}
    assert run.answers("PostSnapshot") == []


def test_profiles_are_left_alone_where_an_administrator_says_so() -> None:
    """DisableUserProfileExpansion."""
    registry = {
        "filesNotToSnapshot": {"One": ["$UserProfile$\\Cache\\*"], "Two": ["C:\\Temp\\kept.txt"]},
        "userProfiles": ["C:\\Users\\Ann"],
        "disableUserProfileExpansion": True,
    }
    _, shown = _copies(machine={"registry": registry})
    assert shown == {"C:\\": ALL - {"TEMP\\KEPT.TXT"}, "D:\\": ALL}


def test_a_wildcard_in_a_folder_is_told_when_the_world_is_read() -> None:
    """It is not simulated, and nobody is to believe that files are gone."""
    with pytest.raises(ValueError, match="in the last name only"):
        read_world({"machines": [{"registry": {"filesNotToSnapshot": {"Shop": ["C:\\T*\\a"]}}}]})
