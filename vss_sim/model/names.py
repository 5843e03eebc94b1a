r"""Names of files: what Windows takes as one, which are the same, and how a path is taken apart.

Page: https://learn.microsoft.com/windows/win32/fileio/naming-a-file. Case is kept and ignored; `\` alone separates, so
`/` is a character that no name has; a path is absolute, since a simulated process has no current folder. `.`, `..` and
empty parts are refused, where Windows would resolve them: no requester of VSS has a use for them. Streams
(`name:stream`) are not simulated: `StreamError`. Without `\\?\` before it a path loses the dots and spaces at
the end of its parts, its parts must not be named as devices, and it is shorter than MAX_PATH.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from vss_sim.model.values import Value
from vss_sim.spec.win32 import MAX_PATH, FileError, StreamError, Win32Error

LONGEST_PATH: Final = 32_767
LONGEST_NAME: Final = 255
_REMEMBERED: Final = 16_384
VERBATIM: Final = "\\\\?\\"
"""What stands before a path that is taken as it is written."""
_DEVICE: Final = "\\\\.\\"
_GLOBAL_ROOT: Final = "GLOBALROOT\\DEVICE\\"
_COPY: Final = "HARDDISKVOLUMESHADOWCOPY"
_DRIVE: Final = re.compile(r"[A-Z]:", re.ASCII)
_VOLUME: Final = re.compile(r"VOLUME\{[0-9A-F-]{36}\}", re.ASCII)
_BAD: Final = re.compile('[\x00-\x1f"*/:<>?|\\\\\ud800-\udfff]')
_STREAM: Final = re.compile('[^\x00-\x1f"*/:<>?|\\\\\ud800-\udfff]+(?::[^\x00/:\\\\]*){1,2}')
_RESERVED: Final = re.compile(r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[1-9¹²³])(?:[ .].*)?", re.IGNORECASE | re.DOTALL)
_ordinary: Final = re.compile(
    r"(?:[\w-]{5,}|(?!(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$))[\w-]{1,4})(?:\.[\w-]+)*", re.ASCII
).fullmatch
"""Names that every form of a path takes as they are; no device has one of more than four signs."""


def fold(name: str) -> str:
    """What a name is compared by: upper case, sign by sign; signs beyond 16 bits have no case on a volume."""
    return name.upper() if name.isascii() else _fold(name)


@lru_cache(maxsize=_REMEMBERED)
def _fold(name: str) -> str:
    return "".join(map(_upper, name))


def _upper(sign: str) -> str:
    upper = sign.upper()
    stays = len(upper) != 1 or sign > "\uffff" or upper.isascii() != sign.isascii()
    return sign if stays else upper


class Where(Value, frozen=True, gc=False):
    r"""A path taken apart: the volume's root, the folder and the name on it as they are compared, the name as written.

    `root` is `C:`, `VOLUME{...}`, `HARDDISKVOLUMESHADOWCOPYn` or `\\SERVER\SHARE`; the root folder has no `key`.
    `slash`: the path ends with a backslash, as only a folder's may.
    """

    root: str
    folder: str
    key: str
    name: str
    slash: bool = False


def parse(path: str | None, *, long_paths: bool = False) -> Where:
    """A path taken apart.

    Raises:
        FileError: there can be no such file, with the error that Windows has for it.
    """
    if not path:
        raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
    if len(path) < MAX_PATH:
        return usual(path)
    if len(path) > LONGEST_PATH:
        raise FileError(Win32Error.ERROR_FILENAME_EXCED_RANGE)
    if not long_paths and not path.startswith(VERBATIM):
        raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
    return _apart(path)


@lru_cache(maxsize=_REMEMBERED)
def usual(path: str) -> Where:
    """A path shorter than MAX_PATH taken apart: programs come back to the same ones."""
    head, _, name = path.rpartition("\\")
    if _ordinary(name):
        root, folder = _folder(head)
        return Where(root, folder, name.upper(), name)
    return _apart(path)


def _apart(path: str) -> Where:
    root, rest, verbatim = _root(path)
    return where(root, names_of(rest, verbatim=verbatim), slash=rest.endswith("\\"))


def where(root: str, names: tuple[str, ...], *, slash: bool = False) -> Where:
    """The place of names below a root."""
    if not names:
        return Where(root, "", "", "", slash)
    return Where(root, fold("\\".join(names[:-1])), fold(names[-1]), names[-1], slash)


@lru_cache(maxsize=_REMEMBERED)
def _folder(path: str) -> tuple[str, str]:
    """The root and the folded path of a folder that an ordinary name stands in."""
    root, rest, verbatim = _root(path + "\\")
    return root, fold("\\".join(names_of(rest, verbatim=verbatim)))


def _root(path: str) -> tuple[str, str, bool]:
    """The root of a path, what comes after it, and whether its names are taken as they are written."""
    verbatim = path.startswith(VERBATIM)
    if verbatim or path.startswith(_DEVICE):
        body = path[len(VERBATIM) :]
        if body[:4].upper() == "UNC\\":
            return _share(body[4:], verbatim=verbatim)
        if body[: len(_GLOBAL_ROOT)].upper() == _GLOBAL_ROOT:
            body = body[len(_GLOBAL_ROOT) :]
    elif path.startswith("\\\\"):
        return _share(path[2:], verbatim=False)
    else:
        body = path
    first, backslash, rest = body.partition("\\")
    root = fold(first)
    of_volume = verbatim and (_VOLUME.fullmatch(root) or root.startswith(_COPY))
    if not backslash or not (_DRIVE.fullmatch(root) or of_volume or (body is not path and root.startswith(_COPY))):
        raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
    return root, rest, verbatim


def _share(path: str, *, verbatim: bool) -> tuple[str, str, bool]:
    server, _, more = path.partition("\\")
    share, _, rest = more.partition("\\")
    if not server or not share:
        raise FileError(Win32Error.ERROR_BAD_NETPATH)
    return f"\\\\{fold(server)}\\{fold(share)}", rest, verbatim


def names_of(rest: str, *, verbatim: bool = False) -> tuple[str, ...]:
    """The names in what follows a root; a backslash at the end is none.

    Raises:
        FileError: one of them is no name.
    """
    if not rest:
        return ()
    rest = rest.removesuffix("\\")
    return tuple(_name(part, verbatim=verbatim) for part in rest.split("\\"))


def _name(part: str, *, verbatim: bool) -> str:
    name = part if verbatim else part.rstrip(". ")
    if _STREAM.fullmatch(name):
        raise StreamError
    if not _is_name(name) or (not verbatim and _RESERVED.fullmatch(name)):
        raise FileError(Win32Error.ERROR_INVALID_NAME)
    return name


def _is_name(name: str) -> bool:
    """Whether NTFS takes a name."""
    if not name or name in {".", ".."} or _BAD.search(name):
        return False
    return len(name) <= LONGEST_NAME and (name.isascii() or len(name.encode("utf-16-le")) <= LONGEST_NAME * 2)


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern of scripts covers a whole path: `*` stands for any signs, `?` for one."""
    return _reaches_the_end(fold(path), tuple(fold(pattern)))


def matches(name: str, specification: str) -> bool:
    """Whether a long name is one of those that a file specification means, as FindFirstFile reads it.

    `*` stands for any signs, `?` for one, `*.*` for every name. As since MS-DOS, a name without an extension has an
    empty one: `foo.*` means `foo`, too, `?` stands for nothing before a dot and at the end, `*.` means the names
    without an extension. Short names (8.3) do not count: `*.htm` does not mean `page.html`.
    Pages: https://learn.microsoft.com/windows/win32/vss/overview-of-the-backup-discovery-phase (FindFirstFileEx finds
    the files of a set), https://learn.microsoft.com/archive/blogs/jeremykuhne/wildcards-in-windows,
    https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-_fsrtl_advanced_fcb_header-fsrtlisnameinexpression
    """
    return specification in {"*", "*.*"} or _compiled(specification)(fold(name))


_DOT_OR_END: Final = "dot or end"
_UP_TO_LAST_DOT: Final = "up to the last dot"
_ONE_OR_END: Final = "one, or the end of a part"
_SIGNS: Final = {"*": "*", "?": _ONE_OR_END}


def component_path(logical_path: str | None, name: str) -> str:
    """A component with its path, which is the path of what lies directly below it."""
    return f"{logical_path}\\{name}" if logical_path else name


def only_name(specification: str) -> str | None:
    """The one name, as it is compared, that a specification without wildcards means; None of one with any."""
    text = fold(specification)
    return None if "*" in text or "?" in text else text.rstrip(".") or text


@lru_cache(maxsize=1024)
def _compiled(specification: str) -> Callable[[str], bool]:
    """The test that a folded name passes; most specifications are a name, or any name with this extension."""
    parts = _as_since_dos(specification)
    literal = "".join(part for part in parts if len(part) == 1 and part != "*")
    if len(literal) == len(parts):
        return literal.__eq__
    if parts[0] == "*" and len(literal) == len(parts) - 1:
        return lambda name: name.endswith(literal)
    return lambda name: _reaches_the_end(name, parts)


def _as_since_dos(specification: str) -> tuple[str, ...]:
    """A specification sign by sign, its wildcards with what FindFirstFile makes of them."""
    text = fold(specification)
    without_extension = text.endswith("*.")
    text = text[:-1] if without_extension else text.rstrip(".") or text
    after = {place: text[place + 1 : place + 2] for place, sign in enumerate(text) if sign == "."}
    parts = tuple(
        _DOT_OR_END if after.get(place, "") in _SIGNS else _SIGNS.get(sign, sign) for place, sign in enumerate(text)
    )
    return (*parts[:-1], _UP_TO_LAST_DOT) if without_extension else parts


def _reaches_the_end(name: str, parts: tuple[str, ...]) -> bool:
    """Whether the parts lead from the beginning of a name to its end.

    The places that they may have come to are the bits of a number, so that no pattern takes long.
    """
    end = 1 << len(name)
    whole = (end << 1) - 1
    signs: dict[str, int] = {}
    for place, sign in enumerate(name):
        signs[sign] = signs.get(sign, 0) | 1 << place
    dots = signs.get(".", 0)
    to_last_dot = (1 << dots.bit_length()) - 1
    here = 1
    for part in parts:
        if part == "*":
            here = whole & -(here & -here)
        elif part == _ONE_OR_END:
            here = (here & whole & ~dots & ~end) << 1 | here & (dots | end)
        elif part == "?":
            here = (here & ~end) << 1
        elif part == _DOT_OR_END:
            here = (here & dots) << 1 | here & end
        elif part == _UP_TO_LAST_DOT:
            before, behind = here & to_last_dot, here & ~to_last_dot
            here = to_last_dot & -(before & -before) | whole & -(behind & -behind)
        else:
            here = (here & signs.get(part, 0)) << 1
        if not here:
            return False
    return bool(here & end)


def is_share(name: str) -> bool:
    r"""Whether a name is that of a file share, `\\server\share\`, and not one with a GUID or of a device."""
    return name.startswith("\\\\") and name[2:3] not in ("?", ".")


def with_host_name(share: str) -> str:
    """The name of a share with the host name of its server alone, without the domain."""
    server, backslash, rest = share[2:].partition("\\")
    return f"\\\\{server.partition('.')[0]}{backslash}{rest}"
