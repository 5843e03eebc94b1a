"""Paths as a log has them: how they are compared, which file sets they lie in, and on which shadow copy.

They are compared without regard to case, to a backslash at the end and to slashes written for backslashes, as Windows
puts them together: without empty parts, one dot and two, which a path that is taken as it stands (`VERBATIM`) keeps.
The names are those that the log writes: where links and mount points lead, and which short name is of which file, it
does not show.
Page: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
"""

import re
from typing import Final

from vss_sim.model.names import VERBATIM, matches
from vss_sim.model.shown import shown

_DEVICES: Final = VERBATIM + "globalroot\\"
_DATA: Final = "::$data"
"""The bytes of a file are its stream without a name."""
_DEVICE: Final = "\\\\.\\"
_SHARE: Final = "unc\\"
_DOT: Final = "\\."
_BACKSLASH: Final = "\\"
_TWICE: Final = "\\\\"
_OF_A_SHARE: Final = 2
"""Server and share are the root of a path."""
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
    path = value.casefold().removesuffix(_DATA)
    if not path.startswith(VERBATIM):
        path = path.replace("/", "\\").rstrip("\\")
        return _put_together(path) if _DOT in path or _TWICE in path else path
    if path.startswith(_DEVICES):
        return path.rstrip("\\")
    plain = path.removeprefix(VERBATIM).rstrip("\\")
    return _TWICE + plain.removeprefix(_SHARE) if plain.startswith(_SHARE) else plain


def _put_together(path: str) -> str:
    """A path without empty parts, `.` and `..`; that of a drive as a device is the drive's."""
    root = _TWICE if path.startswith(_TWICE) else _BACKSLASH if path.startswith(_BACKSLASH) else ""
    if path.startswith(_DEVICE) and path[5:6] == ":":
        root, path = "", path.removeprefix(_DEVICE)
    parts: list[str] = []
    fixed = _OF_A_SHARE if root == _TWICE else int(path[1:2] == ":")
    for part in path.split("\\"):
        if part == ".." and parts and parts[-1] != "..":
            del parts[max(fixed, len(parts) - 1) :]
        elif part == ".." and root:
            continue
        elif part not in ("", ".") or (root == _TWICE and part == "." and not parts):
            parts.append(part)
    return root + "\\".join(parts)


def is_stream(path: str) -> bool:
    """Whether a path, as it is compared, is that of an alternate stream of a file."""
    return ":" in path[2:] and ":" in path.rpartition("\\")[2][1:] and not path.endswith(":")


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
