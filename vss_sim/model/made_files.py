r"""Files for file sets: so many for each, their names of the set's specification, their bytes grown from a seed.

The same sets, count and seed make the same files. A set without wildcards means one name, and has one file; the last of
several files of a recursive set lies in a folder below, named `below`. Where a set says that a backup finds its files
elsewhere, they are there, too. A path without a drive (`\System Volume Information`) is on the drive of the system; a
share is on no volume, and gets no files.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final

from vss_sim.model.computer import File, Volume
from vss_sim.model.environment import expand
from vss_sim.model.metadata import FileSet
from vss_sim.model.names import LONGEST_PATH, VERBATIM, fold, names_of
from vss_sim.spec.win32 import FileError

LARGEST_MADE: Final = 4096
"""Bytes that a made file has at most; it has one at least."""
_BELOW: Final = "below"
_GIGABYTE: Final = 1_000_000_000
_WILD: Final = "*?"


def absolute(path: str, known: Mapping[str, str]) -> str | None:
    """A directory of a file set with its variables expanded and no backslash at its end; None for a share."""
    found = expand(path, known).rstrip("\\")
    if found.startswith("\\\\") and not found.startswith(VERBATIM):
        return None
    if found.startswith("\\") and not found.startswith(VERBATIM):
        return expand("%SystemDrive%", known) + found
    return found


def volume_of(directory: str) -> str:
    """The name of the volume on which an absolute directory lies."""
    head = VERBATIM if directory.startswith(VERBATIM) else ""
    return head + directory[len(head) :].partition("\\")[0] + "\\"


def with_files(
    volumes: Iterable[Volume], sets: Iterable[FileSet], count: int, seed: int, known: Mapping[str, str]
) -> Iterator[Volume]:
    """The volumes with up to `count` files for each set, and room for them."""
    wanted = [(directory, one) for one in sets for directory in _directories(one, known)]
    folders = {key for directory, _ in wanted for key in _above(fold(directory))}
    made: dict[str, dict[str, File]] = {}
    keys: set[str] = set()
    for directory, one in wanted:
        for path in _paths(directory, one, count):
            key = fold(path)
            if key not in keys and key not in folders and keys.isdisjoint(_above(key.rpartition("\\")[0])):
                keys.add(key)
                made.setdefault(fold(volume_of(path)), {})[path] = _file(seed, key)
    for volume in volumes:
        files = {**made.get(fold(volume.name), {}), **volume.files}
        used = sum(file.bytes for file in files.values())
        yield Volume(
            name=volume.name, volume_name=volume.volume_name, files=files, capacity=max(volume.capacity, _room(used))
        )


def _room(used: int) -> int:
    """Gigabytes of which a tenth is used at most."""
    return -(-used * 10 // _GIGABYTE) * _GIGABYTE


def _directories(one: FileSet, known: Mapping[str, str]) -> Iterator[str]:
    for path in dict.fromkeys(filter(None, (one.path, one.alternate_path))):
        directory = absolute(path, known)
        if directory is not None and _is_directory(directory):
            yield directory


def _is_directory(directory: str) -> bool:
    volume = volume_of(directory)
    try:
        names_of(directory[len(volume) :])
    except FileError:
        return False
    return len(directory) < LONGEST_PATH // 2 and not any(sign in directory[len(VERBATIM) :] for sign in _WILD)


def _above(directory: str) -> Iterator[str]:
    """A folder and all above it."""
    while directory:
        yield directory
        directory = directory.rpartition("\\")[0]


def _paths(directory: str, one: FileSet, count: int) -> Iterator[str]:
    wild = any(sign in one.filespec for sign in _WILD)
    for number in range(1, count + 1):
        name = _name(one.filespec, number)
        below = one.recursive and number == count > 1
        if (wild or number == 1 or below) and _is_name(name):
            yield f"{directory}\\{_BELOW}\\{name}" if below else f"{directory}\\{name}"


def _name(filespec: str, number: int) -> str:
    """The n-th name that a file specification means."""
    if filespec in {"*", "*.*"}:
        return f"made{number}.dat"
    head, star, rest = filespec.partition("*")
    return f"{head}made{number}{rest.replace('*', 'x')}".replace("?", "x") if star else _numbered(filespec, number)


def _numbered(filespec: str, number: int) -> str:
    """A name whose question marks are digits of the number, the last one first."""
    signs = list(filespec)
    for place in reversed([place for place, sign in enumerate(signs) if sign == "?"]):
        number, digit = divmod(number, 10)
        signs[place] = str(digit)
    return "".join(signs)


def _is_name(name: str) -> bool:
    try:
        return len(names_of(name)) == 1
    except FileError:
        return False


def _file(seed: int, key: str) -> File:
    drawn = blake2b(f"{seed} {key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return File(size=1 + int.from_bytes(drawn[:4], "big") % LARGEST_MADE, seed=int.from_bytes(drawn[4:], "big"))
