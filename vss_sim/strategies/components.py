"""Component trees as writers may declare them: components under logical paths and under other components.

A database has database files and logs, a file group files. A component whose logical path is another one's whole path
is its subcomponent.
Page: https://learn.microsoft.com/windows/win32/vss/logical-pathing-of-components
"""

from typing import Final

from vss_sim.model.metadata import FileSet, WriterComponent
from vss_sim.spec.enums import ComponentType, FileSpecBackupType
from vss_sim.strategies.files import FOLDERS
from vss_sim.strategies.source import Source, once_in, one_of, some_of

_NAMES: Final = ("Shop", "Orders", "Mail", "Index", "Store")
_PLAIN_PATHS: Final = ("", "Server", "Server\\Group")
_FILESPECS: Final = ("*", "data.mdf", "*.ldf", "n*", "???????.txt", "*.*")
_FULL: Final = FileSpecBackupType.ALL_BACKUP_REQUIRED | FileSpecBackupType.ALL_SNAPSHOT_REQUIRED
_ONLY_FULL: Final = FileSpecBackupType.FULL_BACKUP_REQUIRED | FileSpecBackupType.FULL_SNAPSHOT_REQUIRED
_FLAGS: Final = ("VSS_CF_BACKUP_RECOVERY", "VSS_CF_APP_ROLLBACK_RECOVERY", "VSS_CF_NOT_SYSTEM_STATE")


def draw_file_set(source: Source, volumes: tuple[str, ...]) -> FileSet:
    """Files below a folder of one of these volumes."""
    volume = one_of(source, volumes)
    return FileSet(
        path=volume + one_of(source, FOLDERS),
        filespec=one_of(source, _FILESPECS),
        recursive=bool(source.below(2)),
        alternate_path=f"{volume}alternate" if once_in(source, 8) else None,
        backup_type=int(one_of(source, (_FULL, _FULL, _FULL, _ONLY_FULL))),
    )


def draw_components(
    source: Source, volumes: tuple[str, ...], most: int = 4, *, express: bool = False
) -> tuple[WriterComponent, ...]:
    """Up to so many components, no two of one name under one logical path; an express writer's are plain."""
    found: dict[tuple[str, str], WriterComponent] = {}
    for _ in range(source.below(most + 1)):
        above = tuple(f"{path}\\{name}".lstrip("\\") for path, name in found)
        path, name = one_of(source, (*_PLAIN_PATHS, *above)), one_of(source, _NAMES)
        if (path, name) not in found:
            found[path, name] = _component(source, path, name, volumes, express=express)
    return tuple(found.values())


def _component(
    source: Source, logical_path: str, name: str, volumes: tuple[str, ...], *, express: bool
) -> WriterComponent:
    if express:
        files = (FileSet(path=one_of(source, volumes) + FOLDERS[0], filespec="*", recursive=True),)
        return WriterComponent(logical_path=logical_path, name=name, selectable_for_restore=True, files=files)
    database = bool(source.below(2))
    sets = tuple(draw_file_set(source, volumes) for _ in range(1 + source.below(2)))
    logs = tuple(draw_file_set(source, volumes) for _ in range(source.below(2)))
    return WriterComponent(
        type=ComponentType.DATABASE if database else ComponentType.FILEGROUP,
        logical_path=logical_path,
        name=name,
        caption=f"The component {name}" if once_in(source, 3) else None,
        restore_metadata=once_in(source, 4),
        notify_on_backup_complete=once_in(source, 4),
        selectable=not once_in(source, 4),
        selectable_for_restore=not once_in(source, 3),
        component_flags=some_of(source, _FLAGS, 2),
        files=() if database else sets,
        database_files=sets if database else (),
        database_log_files=logs if database else (),
    )
