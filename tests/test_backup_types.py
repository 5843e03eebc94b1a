"""Backups of every type, one upon the other: what each saves, what it builds on, and how a chain comes back.

Pages: https://learn.microsoft.com/windows/win32/vss/vss-backup-state and
https://learn.microsoft.com/windows/win32/vss/requestor-role-in-vss-incremental-and-differential-backups
"""

import json
import re
from typing import Any, Final

import pytest

from tests.restoring import files_of
from tests.support import ROOT, check, entries_of
from vss_sim import Simulation, read_world
from vss_sim.cli import main
from vss_sim.engine.restoring.backup import back_up
from vss_sim.engine.restoring.chained import restore_chain
from vss_sim.engine.restoring.chains import ChainError, steps_to
from vss_sim.engine.restoring.media import Saved
from vss_sim.judge.findings import Level
from vss_sim.spec.creation import FIRST_MOMENT, TICKS
from vss_sim.spec.enums import BackupType

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
DAY: Final = 86_400
FULL, COPY, LOG = BackupType.FULL, BackupType.COPY, BackupType.LOG
INCREMENTAL, DIFFERENTIAL = BackupType.INCREMENTAL, BackupType.DIFFERENTIAL
EVERY: Final = 0x0F00
"""The bits of a mask that ask for a shadow copy, whatever the type of the backup."""
FULL_BIT, DIFFERENTIAL_BIT, INCREMENTAL_BIT, LOG_BIT = 1, 2, 4, 8


def at(days: float) -> int:
    """A time, in days since the world began, as a FILETIME."""
    return FIRST_MOMENT + round(days * DAY * TICKS)


class Server:
    """A server whose writer has one component, or several; it is backed up again and again, and files are written."""

    def __init__(
        self, *schema: str, replies: Any = (), sets: Any = None, logs: Any = (), files: Any = None, several: int = 1
    ) -> None:
        names = files or {"a": "Sunday a", "b": "Sunday b"}
        component = {
            "name": "Database", "selectableForRestore": True, "databaseLogFiles": list(logs),
            "files": sets or [{"path": "C:\\db", "filespec": "*"}],
        }  # fmt: skip
        components = [component, *({**component, "name": f"Database {number}"} for number in range(2, several + 1))]
        writer = {
            "name": "Writer", "writerId": WRITER, "components": components, "replies": list(replies),
            "backupSchema": [f"VSS_BS_{name}" for name in schema],
            "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
        }  # fmt: skip
        content = {f"C:\\db\\{name}": {"content": text} for name, text in names.items()}
        volumes = [{"name": "C:\\", "files": content}]
        self.simulation: Final = Simulation(read_world({"machines": [{"volumes": volumes, "writers": [writer]}]}))
        self.backups: list[Saved] = []

    def back_up(self, *kinds: BackupType) -> "Server":
        """Backups of these types, and half a day after each; the first when the files are there for a minute."""
        for kind in kinds:
            self.simulation.happens("time passes", seconds=0 if self.backups else 60)
            self.backups.append(back_up(self.simulation, backup_type=kind, earlier=self.backups))
            self.simulation.happens("time passes", seconds=DAY / 2)
        return self

    def write(self, **files: str) -> "Server":
        """Files get another content, and a minute passes."""
        for name, text in files.items():
            self.simulation.call("WriteFile", None, {"lpFileName": f"C:\\db\\{name}", "content": text})
        self.simulation.happens("time passes", seconds=60)
        return self

    def saved(self) -> dict[str, str]:
        """What the last backup has: the name of each file, and its bytes."""
        files = self.backups[-1].files
        return {one.path.rpartition("\\")[2]: one.read(0, one.size).decode() for one in files}

    def stamps_passed(self) -> list[str]:
        """What was told with SetPreviousBackupStamp, in order."""
        calls = [one for one in self.simulation.lines() if one.get("call", "").endswith("::SetPreviousBackupStamp")]
        return [one["in"]["wszPreviousBackupStamp"] for one in calls]


STAMPED: Final = tuple(
    {"on": "PostSnapshot", "skip": number, "times": 1, "setBackupStamp": f"stamp {number}"} for number in range(6)
)


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


@pytest.mark.parametrize(("words", "output"), re.findall(r"```console\n\$ vss-sim (.+)\n([^`]+)```", PAGE))
def test_the_page_shows_what_is_printed(
    words: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the letter."""
    monkeypatch.chdir(ROOT)
    main(words.split())
    assert "".join(capsys.readouterr()) == output


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


def test_a_component_that_got_no_stamp_since_keeps_its_older_one() -> None:
    """Its writer may have stored none in the last backup: nobody is told to pass another's."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED)
    server.back_up(FULL, INCREMENTAL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    passed = [one for one in lines if one.get("call", "").endswith("::SetPreviousBackupStamp")]
    passed[-1]["in"]["wszPreviousBackupStamp"] = "stamp 0"
    assert [one.rule for one in check(lines).findings if one.rule.startswith("inc-")] == ["inc-stamp-passed"]
    told = [one for one in lines if one.get("call") == "IVssComponent::GetBackupStamp"]
    told[-1]["out"] = {"pbstrBackupStamp": None}
    told[-1]["returns"] = "S_FALSE"
    assert [one.rule for one in check(lines).findings if one.rule.startswith("inc-")] == []


def _chain_rules(lines: list[Any]) -> list[str]:
    return [one.rule for one in check(lines).findings if one.rule.startswith("inc-")]


def _case(name: str) -> list[Any]:
    return entries_of(ROOT / "conformance" / "cases" / "increments" / f"{name}.jsonl")


def _calls(lines: list[Any], method: str) -> list[Any]:
    return [one for one in lines if (one.get("call") or "").endswith(f"::{method}")]


def _set_types(lines: list[Any], *types: str) -> None:
    for one, kind in zip(_calls(lines, "SetBackupState"), types, strict=True):
        one["in"]["backupType"] = f"VSS_BT_{kind}"


def test_a_backup_that_was_marked_as_failed_is_no_step_of_a_chain() -> None:
    """The second increment builds on the full backup where the first has nothing of the component."""
    lines = _case("increment-left-out")
    assert _chain_rules(lines) == ["inc-r-chain-incremental"]
    _calls(lines, "SetBackupSucceeded")[1]["in"]["bSucceded"] = False
    assert _chain_rules(lines) == []


def test_a_backup_of_other_components_is_no_step_of_a_chain() -> None:
    """Each component has its own chain: jobs of several applications take turns in one log."""
    lines = _case("increment-left-out")
    for method in ("AddComponent", "SetBackupSucceeded"):
        _calls(lines, method)[1]["in"]["wszComponentName"] = "Other"
    assert _chain_rules(lines) == []


@pytest.mark.parametrize(
    ("case", "types", "rules"),
    [
        ("chain-restored-in-order", ("FULL", "DIFFERENTIAL", "LOG"), []),
        ("chain-restored-in-order", ("FULL", "LOG", "LOG"), []),
        ("increment-left-out", ("FULL", "LOG", "DIFFERENTIAL"), []),
        ("increment-left-out", ("FULL", "LOG", "LOG"), ["inc-r-chain-incremental"]),
        ("increment-left-out", ("FULL", "DIFFERENTIAL", "LOG"), []),
    ],
)
def test_logs_are_restored_upon_the_backup_before_them_or_a_later_differential_one(
    case: str, types: tuple[str, ...], rules: list[str]
) -> None:
    """What is in a differential backup need not come back by the logs before it."""
    lines = _case(case)
    _set_types(lines, *types)
    assert _chain_rules(lines) == rules


def test_a_finding_names_a_component_as_the_requester_wrote_it() -> None:
    """Not by the key by which components are compared, without regard to case."""
    (finding,) = [one for one in check(_case("increment-left-out")).findings if one.rule.startswith("inc-")]
    assert finding.says.startswith("'Ledger' is restored from")


def test_where_no_writer_stored_a_stamp_none_has_to_be_passed() -> None:
    """GetBackupStamp answers S_FALSE, so that there is nothing to hand back."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED).back_up(FULL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    lines.remove(_calls(lines, "SetPreviousBackupStamp")[0])
    assert _chain_rules(lines) == ["inc-stamp-passed"]
    for one in _calls(lines, "GetBackupStamp"):
        one.update(returns="S_FALSE", out={"pbstrBackupStamp": None})
    assert _chain_rules(lines) == []


def test_each_component_is_passed_the_stamp_of_its_own() -> None:
    """That of another one does not stand in; which has none is told none (rule inc-stamp-passed)."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED, several=2).back_up(FULL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    assert _chain_rules(lines) == []
    (second,) = [one for one in _calls(lines, "SetPreviousBackupStamp") if one["in"]["wszComponentName"][-1] == "2"]
    lines.remove(second)
    (finding,) = [one for one in check(lines).findings if one.rule == "inc-stamp-passed"]
    assert "'Database 2'" in finding.says
    for one in _calls(lines, "GetBackupStamp")[1::2]:
        one.update(returns="S_FALSE", out={"pbstrBackupStamp": None})
    assert _chain_rules(lines) == []


def test_the_stamp_of_a_later_backup_that_failed_is_not_wanted() -> None:
    """The increment goes on from the last backup that has the component."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED).back_up(FULL, INCREMENTAL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    _calls(lines, "SetPreviousBackupStamp")[-1]["in"]["wszPreviousBackupStamp"] = "stamp 0"
    assert _chain_rules(lines) == ["inc-stamp-passed"]
    _calls(lines, "SetBackupSucceeded")[1]["in"]["bSucceded"] = False
    assert _chain_rules(lines) == []
