"""The saved files of a file set: found by name where the set names one file, whatever else lies in its folder."""

import time

import pytest

from vss_sim.engine.restoring.media import SavedFile, Shelf
from vss_sim.model.names import _compiled, matches

NAMES = ("Report", "report.txt", "notes.TXT", "a.b.c", "x")


def shelf(*paths: str) -> Shelf:
    """Saved files with nothing in them."""
    return Shelf(tuple(SavedFile(path, (), 0) for path in paths))


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize(
    "filespec", ["REPORT", "report.", "report.txt", "Notes.txt", "missing", "*.txt", "*", "?", "a.b.c"]
)
def test_a_file_is_found_as_by_trying_every_name(filespec: str, *, recursive: bool) -> None:
    """A name with or without case, with a dot at its end, and patterns."""
    paths = [f"C:\\{folder}{name}" for folder in ("", "in\\", "in\\deep\\", "inside\\") for name in NAMES]
    for top in ("C:", "C:\\in", "C:\\nowhere"):
        found = [one.path for one in shelf(*paths).matching(top, filespec, recursive=recursive)]
        below = [path for path in paths if path.startswith(top + "\\")]
        here = [path for path in below if recursive or "\\" not in path[len(top) + 1 :]]
        assert sorted(found) == sorted(path for path in here if matches(path.rpartition("\\")[2], filespec))


def test_thousands_of_sets_that_name_one_file_of_a_folder_cost_no_square() -> None:
    """The System Writer has 19,000 of them; each found by trying all names took minutes."""
    count = 8000
    saved = shelf(*(f"C:\\Windows\\f{number}.dll" for number in range(count)))
    begun = time.process_time()
    assert all(len(saved.matching("C:\\Windows", f"F{number}.dll", recursive=False)) == 1 for number in range(count))
    assert time.process_time() - begun < 5


def test_a_specification_is_read_once() -> None:
    """However many names it is held against."""
    assert _compiled("*.dll") is _compiled("*.dll")
