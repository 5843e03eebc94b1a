"""Trees of files: folders in folders, names that differ in case only from those of others never side by side."""

from typing import Final

from vss_sim.model.computer import File
from vss_sim.model.names import fold
from vss_sim.strategies.source import Source, once_in, one_of

FOLDERS: Final = ("db", "db\\log", "Shop", "Shop\\Work\\deep", "empty one")
_NAMES: Final = ("data.mdf", "log.ldf", "notes.txt", "scratch.tmp", "Gr\u00f6\u00dfe.dat", "no extension", "a.b.c")
_TEXTS: Final = ("", "v1", "\u00e4\u00f6\u00fc \U0001f5c4", "line\r\nline")
_SIZES: Final = (0, 1, 4096, 100_000, 10_000_000)


def draw_files(source: Source, volume: str, most: int = 6) -> dict[str, File]:
    """Up to so many files and empty folders on a volume, by their whole paths."""
    found: dict[str, File] = {}
    kinds: dict[str, bool] = {}
    for _ in range(source.below(most + 1)):
        folder = one_of(source, ("", *FOLDERS))
        is_folder = once_in(source, 8)
        name = one_of(source, FOLDERS[:1] if is_folder else _NAMES)
        path = volume + (f"{folder}\\{name}" if folder else name)
        if _fits(kinds, path, is_folder=is_folder):
            found[path + "\\" * is_folder] = File() if is_folder else draw_file(source, volume)
    return found


def _fits(kinds: dict[str, bool], path: str, *, is_folder: bool) -> bool:
    """Whether nothing of this name is there, and no file on the way; the names on the way are folders from then on."""
    key = fold(path)
    above = [key[:place] for place, sign in enumerate(key) if sign == "\\"]
    if key in kinds or any(kinds.get(folder) is False for folder in above):
        return False
    kinds.update(dict.fromkeys(above, True))
    kinds[key] = is_folder
    return True


def draw_file(source: Source, volume: str) -> File:
    """A file: a text, bytes that grow from a seed, or a reparse point; in use, with attributes, denied to somebody."""
    if once_in(source, 12):
        return File(link_to=volume + FOLDERS[0])
    grown = source.below(2)
    return File(
        content=None if grown else one_of(source, _TEXTS),
        size=one_of(source, _SIZES) if grown else None,
        seed=source.below(100) if grown else 0,
        in_use=once_in(source, 5),
        read_only=once_in(source, 5),
        hidden=once_in(source, 8),
        system=once_in(source, 8),
        denied_to=one_of(source, ((), (), (), (), ("Administrators",), ("Everyone",))),
    )
