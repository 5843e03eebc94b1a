"""Backups of every type, one upon the other: what each saves, what it builds on, and how a chain comes back.

Pages: https://learn.microsoft.com/windows/win32/vss/vss-backup-state and
https://learn.microsoft.com/windows/win32/vss/requestor-role-in-vss-incremental-and-differential-backups
"""

import json
import re
from typing import Any, Final

import pytest

from tests.backup_server import COPY, DAY, DIFFERENTIAL, EVERY, FULL, INCREMENTAL, LOG, STAMPED, Server, at
from tests.restoring import files_of
from tests.support import ROOT, check
from vss_sim.cli import main
from vss_sim.engine.restoring.backup import back_up
from vss_sim.engine.restoring.chained import restore_chain
from vss_sim.engine.restoring.chains import ChainError, steps_to
from vss_sim.engine.restoring.media import Saved
from vss_sim.judge.findings import Level
from vss_sim.spec.enums import BackupType

FULL_BIT, DIFFERENTIAL_BIT, INCREMENTAL_BIT, LOG_BIT = 1, 2, 4, 8


@pytest.mark.parametrize(
    ("mask", "saved_by"),
    [
        (FULL_BIT | DIFFERENTIAL_BIT | INCREMENTAL_BIT | LOG_BIT, {FULL, COPY, INCREMENTAL, DIFFERENTIAL}),
        (FULL_BIT, {FULL, COPY}),
        (INCREMENTAL_BIT, {INCREMENTAL}),
        (DIFFERENTIAL_BIT, {DIFFERENTIAL}),
        (LOG_BIT, set()),
    ],
)
@pytest.mark.parametrize("kind", [COPY, INCREMENTAL, DIFFERENTIAL, LOG])
def test_the_mask_of_a_file_set_says_which_backups_have_it(
    kind: BackupType, mask: int, saved_by: set[BackupType]
) -> None:
    """Rule sel-mask-beats-selectability; a log backup has log files only (inc-log-files)."""
    server = Server(
        "COPY", "INCREMENTAL", "DIFFERENTIAL", "LOG",
        sets=[{"path": "C:\\db", "filespec": "a", "backupType": EVERY | mask}],
        logs=[{"path": "C:\\db", "filespec": "b"}],
    )  # fmt: skip
    server.back_up(FULL, kind)
    assert server.saved() == ({"a": "Sunday a"} if kind in saved_by else {}) | {"b": "Sunday b"}


def test_what_the_mask_asks_for_is_saved_whole_whatever_changed() -> None:
    """The writer expects a copy of the current version, says the page; so it is of every file by default."""
    server = Server("INCREMENTAL").back_up(FULL).write(a="Monday a").back_up(INCREMENTAL)
    assert server.saved() == {"a": "Monday a", "b": "Sunday b"}


def test_a_type_that_the_schema_lacks_is_a_full_backup_for_the_writer() -> None:
    """Dispute C52: what only full backups have is in it, too."""
    server = Server(sets=[{"path": "C:\\db", "filespec": "a", "backupType": EVERY | FULL_BIT}])
    server.back_up(FULL, INCREMENTAL)
    assert server.saved() == {"a": "Sunday a"}


def test_a_differenced_file_is_saved_if_it_changed_since_the_time_that_its_writer_gave() -> None:
    """A threshold (dispute C50), which is the only criterion: rule inc-diff-nonzero-time."""
    entry = {"path": "C:\\db", "filespec": "*", "recursive": False, "lastModifyTime": at(1.2)}
    replies = [{"on": "PostSnapshot", "skip": 1, "addDifferencedFiles": [entry]}]
    server = Server("INCREMENTAL", "LAST_MODIFY", replies=replies, files={"a": "a", "b": "b", "c": "c"})
    server.back_up(FULL).write(a="changed at 0.5")
    server.simulation.happens("time passes", seconds=DAY)
    server.write(b="changed at 1.5").back_up(INCREMENTAL)
    assert server.saved() == {"b": "changed at 1.5"}


def test_without_a_time_the_requester_goes_by_its_own_records() -> None:
    """Rule inc-diff-zero-time: what changed since the backup that this one builds on."""
    entry = {"path": "C:\\db", "filespec": "*", "recursive": False}
    replies = [{"on": "PostSnapshot", "skip": 1, "addDifferencedFiles": [entry]}]
    schema = ("INCREMENTAL", "DIFFERENTIAL", "LAST_MODIFY")
    server = Server(*schema, replies=replies, files={"a": "a", "b": "b", "c": "c"})
    server.back_up(FULL).write(a="Monday").back_up(INCREMENTAL)
    assert server.saved() == {"a": "Monday"}
    server.write(b="Tuesday").back_up(INCREMENTAL)
    assert server.saved() == {"b": "Tuesday"}
    server.back_up(DIFFERENTIAL)
    assert server.saved() == {"a": "Monday", "b": "Tuesday"}


def test_a_differenced_file_stands_before_the_mask_and_before_a_partial_file() -> None:
    """Rules inc-diff-overrides-mask, inc-diff-and-partial: the error is the writer's, and is noted."""
    replies = [
        {
            "on": "PostSnapshot",
            "skip": 1,
            "addDifferencedFiles": [{"path": "C:\\db", "filespec": "a", "recursive": False, "lastModifyTime": at(0.2)}],
            "addPartialFiles": [{"path": "C:\\db", "filename": "a", "ranges": "0:2"}],
        }
    ]
    sets = [{"path": "C:\\db", "filespec": "a", "backupType": EVERY | FULL_BIT}]
    server = Server("INCREMENTAL", "LAST_MODIFY", replies=replies, sets=sets)
    server.back_up(FULL).write(a="Monday a").back_up(INCREMENTAL)
    assert server.saved() == {"a": "Monday a"}
    assert "inc-diff-and-partial" in server.backups[-1].notes[0]


def test_of_a_partial_file_the_ranges_are_saved_whatever_the_mask() -> None:
    """Rule pf-override-set."""
    replies = [
        {"on": "PostSnapshot", "skip": 1, "addPartialFiles": [{"path": "C:\\db", "filename": "a", "ranges": "7:4"}]}
    ]
    sets = [{"path": "C:\\db", "filespec": "a", "backupType": EVERY | FULL_BIT}]
    server = Server("INCREMENTAL", replies=replies, sets=sets).back_up(FULL).write(a="Sunday more")
    server.back_up(INCREMENTAL)
    assert server.saved() == {"a": "more"}


def test_differenced_files_of_a_set_with_an_alternate_path_lie_there() -> None:
    """Rule inc-diff-alternate-source; they are saved under their normal path."""
    entry = {"path": "C:\\live", "filespec": "*", "recursive": False, "lastModifyTime": at(0.2)}
    server = Server(
        "INCREMENTAL", "LAST_MODIFY",
        sets=[{"path": "C:\\live", "filespec": "*", "alternatePath": "C:\\db"}],
        replies=[{"on": "PostSnapshot", "skip": 1, "addDifferencedFiles": [entry]}],
    )  # fmt: skip
    server.back_up(FULL).write(b="Monday b").back_up(INCREMENTAL)
    assert [file.path for file in server.backups[-1].files] == ["C:\\live\\b"]


def test_every_increment_is_told_the_stamp_of_the_backup_that_it_builds_on() -> None:
    """Rules inc-stamp-passed, inc-copy-not-base: an incremental on the last, a differential on the full one."""
    server = Server("COPY", "INCREMENTAL", "DIFFERENTIAL", "TIMESTAMPED", replies=STAMPED)
    server.back_up(FULL, INCREMENTAL, COPY, INCREMENTAL, DIFFERENTIAL)
    assert server.stamps_passed() == ["stamp 0", "stamp 1", "stamp 0"]


def test_a_writer_without_stamps_is_told_none() -> None:
    """The schema says whether it wants them."""
    server = Server("INCREMENTAL", replies=STAMPED).back_up(FULL, INCREMENTAL)
    assert server.stamps_passed() == []


@pytest.mark.parametrize(
    ("before", "kind", "rule"),
    [
        ([], INCREMENTAL, "inc-base-exists"),
        ([], DIFFERENTIAL, "inc-base-exists"),
        ([COPY], INCREMENTAL, "inc-copy-not-base"),
        ([FULL, INCREMENTAL], DIFFERENTIAL, "inc-exclusive"),
        ([FULL, DIFFERENTIAL], INCREMENTAL, "inc-exclusive"),
    ],
)
def test_what_a_chain_does_not_allow_is_refused_with_its_rule(
    before: list[BackupType], kind: BackupType, rule: str
) -> None:
    """Before any call is made that would make the backup."""
    server = Server("COPY", "INCREMENTAL", "DIFFERENTIAL", "EXCLUSIVE_INCREMENTAL_DIFFERENTIAL").back_up(*before)
    with pytest.raises(ChainError, match=rule):
        server.back_up(kind)


def test_a_full_backup_ends_what_is_exclusive() -> None:
    """From then on the other kind may be made."""
    server = Server("INCREMENTAL", "DIFFERENTIAL", "EXCLUSIVE_INCREMENTAL_DIFFERENTIAL")
    assert len(server.back_up(FULL, INCREMENTAL, FULL, DIFFERENTIAL).backups) == 4


@pytest.mark.parametrize(
    ("made", "steps"),
    [
        ([FULL], [0]),
        ([FULL, COPY], [1]),
        ([FULL, INCREMENTAL, INCREMENTAL], [0, 1, 2]),
        ([FULL, DIFFERENTIAL, DIFFERENTIAL], [0, 2]),
        ([FULL, INCREMENTAL, DIFFERENTIAL], [0, 2]),
        ([FULL, DIFFERENTIAL, INCREMENTAL], [0, 2]),
        ([FULL, COPY, INCREMENTAL], [0, 2]),
        ([FULL, INCREMENTAL, FULL, INCREMENTAL], [2, 3]),
        ([FULL, LOG, LOG], [0, 1, 2]),
    ],
)
def test_a_restore_takes_what_the_last_backup_builds_on_in_order(made: list[BackupType], steps: list[int]) -> None:
    """Rules inc-r-chain-incremental, inc-r-chain-differential, inc-copy-not-base."""
    backups = [Saved("", (), (), backup_type=kind, taken=number) for number, kind in enumerate(made)]
    assert [step.taken for step in steps_to(backups)] == steps


def test_a_chain_without_its_beginning_is_not_restored() -> None:
    """Rule inc-r-chain-incremental."""
    with pytest.raises(ChainError, match="inc-r-chain-incremental"):
        steps_to([Saved("", (), (), backup_type=INCREMENTAL)])


@pytest.mark.parametrize(
    "kinds",
    [
        (FULL,), (FULL, INCREMENTAL), (FULL, INCREMENTAL, INCREMENTAL), (FULL, DIFFERENTIAL, DIFFERENTIAL),
        (FULL, COPY), (FULL, INCREMENTAL, LOG),
    ],
)  # fmt: skip
def test_a_chain_brings_back_the_state_of_its_last_backup(kinds: tuple[BackupType, ...]) -> None:
    """Backup-then-restore gives the bytes back, and the checker finds nothing against the requester."""
    entry = {"path": "C:\\db", "filespec": "*", "recursive": False}
    server = Server(
        "COPY", "INCREMENTAL", "DIFFERENTIAL", "LOG", "TIMESTAMPED", "LAST_MODIFY",
        replies=[*STAMPED, {"on": "PostSnapshot", "skip": 1, "times": 1, "addDifferencedFiles": [entry]}],
        logs=[{"path": "C:\\log", "filespec": "*"}],
    )  # fmt: skip
    for number, kind in enumerate(kinds):
        server.write(**{"b": f"b of day {number}", f"new{number}": "new"} if kind is not LOG else {}).back_up(kind)
    wanted = files_of(server.simulation.world)
    server.write(a="ruined", b="ruined", new0="ruined")
    steps = list(restore_chain(server.simulation, server.backups))
    assert [step.restored.everything for step in steps] == [True] * len(steps_to(server.backups))
    assert files_of(server.simulation.world) == wanted
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    more = [one["in"]["bAdditionalRestores"] for one in lines if one.get("call", "").endswith("SetAdditionalRestores")]
    assert more == ([True] * (len(steps) - 1) + [False] if len(steps) > 1 else [])
    findings = [one for one in check(lines).findings if one.level is not Level.INFO]
    assert not findings, findings[0].says


def test_a_filetime_keeps_its_64_bits() -> None:
    """AddDifferencedFilesByLastModifyTime takes a FILETIME, and GetDifferencedFile gives the same."""
    entry = {"path": "C:\\db", "filespec": "*", "recursive": False, "lastModifyTime": at(1)}
    replies = [{"on": "PostSnapshot", "skip": 1, "addDifferencedFiles": [entry]}]
    server = Server("INCREMENTAL", "LAST_MODIFY", replies=replies).back_up(FULL, INCREMENTAL)
    told = [one for one in server.simulation.lines() if one.get("call") == "IVssComponent::GetDifferencedFile"]
    assert told[0]["out"]["pftLastModifyTime"] == at(1)


def test_a_file_tells_when_it_was_last_written() -> None:
    """A copy has the time of its original, as CopyFile leaves it; new attributes change nothing."""
    server = Server()
    server.simulation.happens("time passes", seconds=DAY)
    server.write(b="later")
    for name, given in (
        ("CopyFile", {"lpExistingFileName": "C:\\db\\a", "lpNewFileName": "C:\\db\\c"}),
        ("SetFileAttributes", {"lpFileName": "C:\\db\\c", "dwFileAttributes": "FILE_ATTRIBUTE_HIDDEN"}),
    ):
        server.simulation.call(name, None, given)
    handle = server.simulation.call("FindFirstFile", None, {"lpFileName": "C:\\db\\*"})
    times = [handle.out["lpFindFileData"]["ftLastWriteTime"]]
    for _ in range(2):
        more = server.simulation.call("FindNextFile", None, {"hFindFile": handle.out["hFindFile"]})
        times.append(more.out["lpFindFileData"]["ftLastWriteTime"])
    assert times == [at(0), at(1), at(0)]


def test_the_writers_are_told_the_options_of_the_backup() -> None:
    """GetBackupOptions shows what SetBackupOptions gave, and the document keeps it."""
    replies = [{"on": "PrepareForBackup", "calls": [{"call": "IVssComponent::GetBackupOptions", "in": {}}]}]
    server = Server(replies=replies)
    back_up(server.simulation, options="keep the log")
    told = [one for one in server.simulation.lines() if one.get("call") == "IVssComponent::GetBackupOptions"]
    assert [one["out"]["pbstrBackupOptions"] for one in told] == ["keep the log"]


PAGE: Final = (ROOT / "docs" / "backup-types.md").read_text(encoding="utf-8")


def test_the_world_of_the_page_is_its_example() -> None:
    """The lines that the page shows stand in the file."""
    world = (ROOT / "docs" / "examples" / "sunday_and_monday.json").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert " ".join(shown.split()) in " ".join(world.split())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"backup": "VSS_BT_UNDEFINED"}, "no type of a backup"),
        ({"backup": "VSS_BT_INCREMENTAL", "machine": "two"}, "has no backup"),
        ({"backup": "VSS_BT_INCREMENTAL", "hm": 1}, "then[0].hm"),
    ],
)
def test_a_line_that_asks_for_no_backup_is_told(
    line: dict[str, Any], says: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place in the file, and exit code 2."""
    world = json.loads((ROOT / "docs" / "examples" / "sunday_and_monday.json").read_text(encoding="utf-8"))
    world["then"] = [line]
    (tmp_path / "w.json").write_text(json.dumps(world), encoding="utf-8")
    assert main(["rehearse", str(tmp_path / "w.json")]) == 2
    assert says in capsys.readouterr().err


def test_a_chain_is_kept_in_a_file_and_restored_from_it(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """`rehearse --save` and `--backup`: the same steps again."""
    example, kept = str(ROOT / "docs" / "examples" / "sunday_and_monday.json"), str(tmp_path / "kept.json")
    assert main(["rehearse", example, "--save", kept, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert [one["backupType"] for one in first["components"]] == ["VSS_BT_FULL", "VSS_BT_INCREMENTAL"]
    world = json.loads((ROOT / "docs" / "examples" / "sunday_and_monday.json").read_text(encoding="utf-8"))
    world["then"] = []
    (tmp_path / "w.json").write_text(json.dumps(world), encoding="utf-8")
    assert main(["rehearse", str(tmp_path / "w.json"), "--backup", kept, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [one["files"] for one in again["components"]] == [one["files"] for one in first["components"]]
