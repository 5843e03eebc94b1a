"""Paths as a log has them: how they are compared, which file sets they lie in, and on which shadow copy.

They are compared without regard to case, to a backslash at the end and to slashes written for backslashes, with the
names that the log writes: where links and mount points lead, a log does not show.
"""

import re
from typing import Final

from vss_sim.model.names import VERBATIM, matches
from vss_sim.model.shown import shown

_DEVICES: Final = VERBATIM + "globalroot\\"
_COPY: Final = re.compile(r"\\\\[?.]\\globalroot\\device\\harddiskvolumeshadowcopy\d+", re.IGNORECASE | re.ASCII)
_LONGEST: Final = 1024
"""A longer path is not looked at for the shadow copy that it lies on."""


def folder_of(path: str) -> str:
    """A directory, as paths are compared: without regard to case or to a backslash at its end."""
    return shown(path.rstrip("\\"))


def path_of(value: object) -> str | None:
    """A path, as paths are compared; None for anything else."""
    if not isinstance(value, str) or not value:
        return None
    path = value.casefold()
    if not path.startswith(VERBATIM):
        return path.replace("/", "\\").rstrip("\\")
    return (path if path.startswith(_DEVICES) else path.removeprefix(VERBATIM)).rstrip("\\")


def is_below(path: str, folder: str) -> bool:
    """Whether a file or folder lies in a folder or below it; both as paths are compared."""
    return path.startswith(folder + "\\")


def is_in_set(path: str, folder: str, filespec: str, *, recursive: bool) -> bool:
    """Whether the file of a path is one of a file set, which a folder, a file specification and recursion make."""
    here, _, name = path.casefold().rpartition("\\")
    root = folder_of(folder)
    return (here == root or (recursive and is_below(here, root))) and matches(name, filespec)


def on_shadow_copy(path: object) -> tuple[str, str] | None:
    """The device object of a shadow copy and what follows it in a path, as they are compared; None for others."""
    if not isinstance(path, str) or len(path) > _LONGEST:
        return None
    found = _COPY.match(path)
    return (shown(found.group()), shown(path[found.end() :])) if found is not None else None


def device_of(properties: object) -> str | None:
    """The device object that properties of a shadow copy name."""
    path = properties.get("m_pwszSnapshotDeviceObject") if isinstance(properties, dict) else None
    found = on_shadow_copy(path)
    return found[0] if found is not None else None
