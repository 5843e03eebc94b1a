"""A requester's own restore: what a log does not show is held against nobody, and a long one takes no more memory."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support import CASES, ROOT, Entry, check, entries_of
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.placed_files import FILES
from vss_sim.spec.restore_breaches import BREACHES, Breach
from vss_sim.spec.rules import rules

_AREAS: Final = ("restore-method", "restore-target", "reboot", "service")
_RULES: Final = frozenset(rule for rows in BREACHES.values() for row in rows for rule in row.rules)
_NOT_SHOWN: Final = (Breach.METHOD_NOT_SHOWN.says, Breach.TARGET_NOT_SHOWN.says)
_OF_CASES: Final = [path for path in CASES if path.parent.name in _AREAS]
EVERY_CASE = pytest.mark.parametrize("path", _OF_CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def _breaches(entries: list[Entry]) -> list[Finding]:
    """The findings about lines that put files back, without a world that would tell more.

    That the log does not show what would be needed is none.
    """
    found = [finding for finding in check(entries).findings if finding.rule in _RULES]
    return [one for one in found if not one.says.startswith(_NOT_SHOWN)]


def test_every_breach_has_its_rules() -> None:
    """Each goes against a rule that is there, under any method."""
    assert set(BREACHES) == set(Breach)
    assert set(rules()) >= _RULES


def _pieces(second: str) -> list[str]:
    """The rules of the errors about a file of two pieces, of which the `second` is written, or is not; then ALL."""
    path = ROOT / "conformance/cases/restore-method/absent-files-made-new-and-written-through-their-handles.jsonl"
    entries = entries_of(path)
    index = max(number for number, entry in enumerate(entries) if entry.get("call") == "WriteFile")
    more = {**entries[index], "in": {**entries[index]["in"], "offset": 8}, "returns": second}
    return [finding.rule for finding in check([*entries[: index + 1], more, *entries[index + 1 :]]).findings]


def test_a_file_of_which_a_later_piece_is_missing_was_not_restored() -> None:
    """Rule frs-all: the first piece came to its place, the second did not."""
    assert _pieces("ERROR_SUCCESS") == []
    assert "frs-all" in _pieces("ERROR_DISK_FULL")


@EVERY_CASE
def test_without_the_stored_metadata_nothing_is_said(path: Path) -> None:
    """Whose a file is, by which method it is restored and where else it may go, the stored metadata says.

    But for new targets, which the requester itself declares.
    """
    reads = ("IVssExamineWriterMetadata::", "IVssWMComponent::", "IVssWMFiledesc::", "IVssBackupComponents::AddNewT")
    entries = [entry for entry in entries_of(path) if not str(entry.get("call", "")).startswith(reads)]
    assert _breaches(entries) == []


@EVERY_CASE
def test_without_the_target_no_method_is_held_against_anybody(path: Path) -> None:
    """A writer may set another target while it handles PreRestore; where nobody saw it, its method need not count."""
    entries = [entry for entry in entries_of(path) if entry.get("call") != "IVssComponent::GetRestoreTarget"]
    told = {finding.rule for finding in _breaches(entries)}
    assert not told & {
        rule for rule in _RULES if rule.startswith(("rint-", "ricr-", "rtal-", "rar-f", "raricr-", "rt-"))
    }


def test_a_large_set_takes_bounded_memory() -> None:
    """Of a component set with more files than are remembered, those that are remembered are judged."""
    path = next(path for path in _OF_CASES if path.stem == "files-there-and-absent-replaced-in-place")
    header, *lines = path.read_bytes().splitlines()
    end = next(number for number, line in enumerate(lines) if b"SetFileRestoreStatus" in line)
    copied = '{"call": "CopyFile", "in": {"lpExistingFileName": "D:\\\\x", "lpNewFileName": "C:\\\\data\\\\%d"}}'
    said: list[Finding] = []
    checker = Checker(said.append)
    checker.know(json.loads(header)["world"])
    checker.feed_block(b"\n".join([*lines[:end], *((copied % number).encode() for number in range(3 * FILES))]), 1)
    history = checker._history
    (obj,) = [known for known in history.handles.values() if isinstance(known, BackupObject)]
    assert obj.restoring is not None
    (put_back,) = obj.restoring.sets.values()
    assert len(put_back.originals.known) == FILES
    assert not put_back.originals.complete
    checker.feed_block(b"\n".join(lines[end:]), end + 1 + 3 * FILES)
    checker.finish()
    assert not [finding for finding in said if finding.rule in _RULES]
