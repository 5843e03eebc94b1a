"""The disk as a value: whatever became of its files, it is what was written, and the disks before it stay.

The model is a dictionary of folders. It knows nothing of what settled and what changed of late, nor does anybody who
asks the disk.
"""

from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_world_files import MANY
from vss_sim.model import disk as disks
from vss_sim.model.content import Content, Grown, size_of
from vss_sim.model.disk import Disk, Entry, FileEntry, FolderEntry, LinkEntry, below, changed_folders
from vss_sim.spec.win32 import FileError

Model = dict[str, dict[str, Entry]]

FOLDERS: Final = ("", "A", "A\\B", "B")
NAMES: Final = ("A", "B", "ONE", "TWO")
CONTENTS: Final = (b"", b"v", b"longer", Grown(9, 1))
_ACTS: Final = (*["write"] * 3, *["delete"] * 2, "write_many", "make_folder", "link", "move", "fill", "settle")
STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(_ACTS),
        st.sampled_from(FOLDERS),
        st.sampled_from(NAMES),
        st.sampled_from(FOLDERS),
        st.sampled_from(NAMES),
        st.sampled_from(CONTENTS),
    ),
    min_size=10,
    max_size=60,
)


class _Both:
    """A disk and its model; a step that can be taken is taken on both."""

    def __init__(self) -> None:
        self.disk = Disk(1000).with_folder("", "A", "a").with_folder("A", "B", "b")
        self.model: Model = {"": {"A": FolderEntry("a")}, "A": {"B": FolderEntry("b")}, "A\\B": {}}

    def there(self, folder: str, key: str) -> Entry | None:
        """What the model has by this name."""
        return self.model.get(folder, {}).get(key)

    def take(self, what: str, folder: str, key: str, to_folder: str, to_key: str, content: Content) -> None:
        """Where there is such a folder; what goes or moves is something that is there, if there is anything."""
        if folder in self.model:
            if what in {"delete", "move"} and self.model[folder]:
                key = sorted(self.model[folder])[NAMES.index(key) % len(self.model[folder])]
            getattr(self, what)(folder, key, to_folder, to_key, content)

    def settle(self, folder: str, *_: Any) -> None:
        self.disk = self.disk.settling(folder)

    def fill(self, *_: Any) -> None:
        self.disk = self.disk.filled().emptied()

    def write(self, folder: str, key: str, _to: str, _key: str, content: Content) -> None:
        if isinstance(self.there(folder, key), FileEntry | None):
            self.model[folder][key] = entry = FileEntry(key.lower(), content)
            self.disk = self.disk.with_file(folder, key, entry)

    def write_many(self, folder: str, _: str, to_folder: str, _key: str, content: Content) -> None:
        """Every second file of folders is written, and the others are no more."""
        changes: dict[str, dict[str, FileEntry | None]] = {}
        used = self.disk.used
        for path, number in product({folder, to_folder} & self.model.keys(), range(len(NAMES))):
            key, there = NAMES[number], self.there(path, NAMES[number])
            if isinstance(there, FileEntry | None):
                entry = FileEntry(key.lower(), content) if number % 2 else None
                used += _size(entry) - _size(there)
                changes.setdefault(path, {})[key] = entry
                self.model[path].pop(key, None)
                self.model[path].update({key: entry} if entry is not None else {})
        self.disk = self.disk.with_files(changes, used)

    def delete(self, folder: str, key: str, *_: Any) -> None:
        if self.there(folder, key) is not None and not self.model.get(below(folder, key)):
            del self.model[folder][key]
            self.model.pop(below(folder, key), None)
            self.disk = self.disk.without(folder, key)

    def make_folder(self, folder: str, key: str, *_: Any) -> None:
        if self.there(folder, key) is None:
            self.model[folder][key] = FolderEntry(key.lower())
            self.model[below(folder, key)] = {}
            self.disk = self.disk.with_folder(folder, key, key.lower())

    def link(self, folder: str, key: str, *_: Any) -> None:
        if self.there(folder, key) is None:
            self.model[folder][key] = link = LinkEntry(key.lower(), "C:\\")
            self.disk = self.disk.with_link(folder, key, link)

    def move(self, folder: str, key: str, to_folder: str, to_key: str, _: Content) -> None:
        """Not into itself."""
        old, new = below(folder, key), below(to_folder, to_key)
        free = to_folder in self.model and self.there(to_folder, to_key) is None
        if self.there(folder, key) is None or not free or f"{to_folder}\\".startswith(f"{old}\\"):
            return
        entry = self.model[folder].pop(key)
        self.model[to_folder][to_key] = disks.renamed(entry, to_key.lower())
        for path in [path for path in self.model if f"{path}\\".startswith(f"{old}\\")]:
            self.model[new + path[len(old) :]] = self.model.pop(path)
        self.disk = self.disk.moved(folder, key, to_folder, to_key.lower())


def _size(entry: FileEntry | None) -> int:
    return size_of(entry.content) if entry is not None else 0


def _shows(disk: Disk, model: Model) -> None:
    assert {path: dict(names) for path, names in disk.folders.items()} == model
    for path in (*FOLDERS, "NONE", *model):
        assert disk.has_folder(path) is (path in model)
        if path not in model:
            for ask in (lambda path=path: disk.names(path), lambda path=path: disk.entry(path, "ONE")):
                with pytest.raises(FileError):
                    ask()
            continue
        assert dict(disk.names(path)) == model[path]
        assert {key: disk.entry(path, key) for key in NAMES} == {key: model[path].get(key) for key in NAMES}
    entries = [entry for names in model.values() for entry in names.values()]
    assert disk.used == sum(size_of(entry.content) for entry in entries if isinstance(entry, FileEntry))
    assert disk.links == sum(isinstance(entry, LinkEntry) for entry in entries)


@MANY
@given(STEPS, st.sampled_from((0, 2, 32)), st.sampled_from((3, 4096)))
def test_a_disk_is_what_was_done_to_it(steps: list[tuple[Any, ...]], few: int, long: int) -> None:
    """However much settles, and when. Two disks with the same on them are the same; what changed is told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disks, "_FEW", few)
        patch.setattr(disks, "_LONG", long)
        both = _Both()
        seen = [(both.disk, {path: names.copy() for path, names in both.model.items()})]
        for step in steps:
            both.take(*step)
            seen.append((both.disk, {path: names.copy() for path, names in both.model.items()}))
        settled, disk, model = both.disk, both.disk, both.model
        for one, then in seen:
            _shows(one, then)
        for folder in model:
            settled = settled.settling(folder)
        assert settled == disk
        assert hash(settled) == hash(disk)
        for older, then in seen:
            assert (older == disk) is (then == model)
            changed = {path for path in then if then[path] != model.get(path)}
            assert changed <= set(changed_folders(older, disk))


def test_what_changes_of_late_settles() -> None:
    """So that a folder is not looked up twice for each of its files, and no content that is gone is kept for long."""
    disk = Disk(1 << 30)
    for number in range(1000):
        disk = disk.with_file("", f"FILE{number}", FileEntry(f"file{number}", b"x"))
        assert sum(map(len, disk.recent.values())) <= len(disk.settled[""]) + 33
    for number in range(1000):
        disk = disk.without("", f"FILE{number}")
        assert sum(map(len, disk.recent.values())) <= len(disk.settled[""]) + 33
    assert not disk.names("")
    long = Disk(1 << 30).with_file("", "LONG", FileEntry("long", bytes(5000))).settling("")
    for after in (long.with_file("", "LONG", FileEntry("long", b"")), long.without("", "LONG")):
        assert not any(disks.is_long(entry) for entry in after.settled[""].values())


def test_folders_where_files_changed_of_late() -> None:
    """A folder is made where a file was, goes when its last file is gone, and takes along what is in it."""
    file = FileEntry("file", b"x")
    disk = Disk(100).with_folder("", "A", "a").with_file("A", "FILE", file).settling("A").without("A", "FILE")
    made = disk.with_folder("A", "FILE", "file")
    assert made.entry("A", "FILE") == FolderEntry("file")
    gone = disk.without("", "A")
    assert {path: dict(names) for path, names in gone.folders.items()} == {"": {}}
    assert gone.with_folder("", "A", "a").names("A") == disk.names("A")
    moved = made.with_file("A\\FILE", "X", file).moved("", "A", "", "b")
    assert {path: dict(names) for path, names in moved.folders.items()} == {
        "": {"B": FolderEntry("b")},
        "B": {"FILE": FolderEntry("file")},
        "B\\FILE": {"X": file},
    }
