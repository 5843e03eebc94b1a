"""`vss-sim check` as people and machines use it: exit codes, text, JSON, and input that cannot be used."""

import gzip
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, TRACES, Entry, asking_for_status, backup_until, call, create
from vss_sim.cli import main
from vss_sim.trace.reader import LONGEST_LINE

HEADER = '{"vss-trace": 1, "id": "t"}'
BAD_BACKUP: list[Entry] = [*backup_until("gather"), call("AddToSnapshotSet", returns=None, pwszVolumeName="C:\\")]


def write(path: Path, entries: list[Entry], header: str = HEADER, end: str = "\n") -> str:
    """A trace file; its name."""
    path.write_text(end.join([header, *(json.dumps(entry) for entry in entries)]) + end, encoding="utf-8")
    return str(path)


def _adding(volume: bytes) -> bytes:
    """A trace that adds a volume, whose name is given as JSON."""
    added = b'{"call": "IVssBackupComponents::AddToSnapshotSet", "on": "a", "in": {"pwszVolumeName": ' + volume + b"}}"
    return HEADER.encode() + b"\n" + added


@pytest.fixture
def good(tmp_path: Path) -> str:
    """A trace that conforms."""
    return write(tmp_path / "good.jsonl", list(asking_for_status(backup_until("release"))))


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """A trace that violates."""
    return write(tmp_path / "bad.jsonl", BAD_BACKUP)


def test_a_log_is_judged_by_the_profile_of_its_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the pages a Query without SetContext is refused (rule query-after-init-and-context), on Windows it is not.

    An option wins; any other value of the key is one of those that harm nobody.
    """
    entries = [
        *backup_until("initialize"),
        call("Query", returns="VSS_E_BAD_STATE", eReturnedObjectsType="VSS_OBJECT_SNAPSHOT"),
    ]
    blames = {}
    for number, profile in enumerate(['"documented"', '"windows"', '"Vista"', "[1]", "null"]):
        name = write(tmp_path / f"{number}.jsonl", entries, f'{{"vss-trace": 1, "profile": {profile}}}')
        for option in ([], ["--profile", "windows"], ["--profile", "documented"]):
            assert main(["check", *option, name]) == 1
            blames[profile, *option[1:]] = "at: implementation" in capsys.readouterr().out
    windows = {(profile,) for profile in ('"windows"', '"Vista"', "[1]", "null")}
    assert {key for key, blamed in blames.items() if blamed} == windows | {key for key in blames if "windows" in key}


def test_a_profile_that_there_is_not_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who misspells it in a header hears of it at its line; an option makes it needless."""
    name = write(tmp_path / "log.jsonl", backup_until("release"), '{"vss-trace": 1, "profile": "documentd"}')
    assert main(["check", name]) == 0
    assert f"{name}:1: info: there is no profile 'documentd' (did you mean documented?)" in capsys.readouterr().out
    assert main(["check", "--profile", "documented", name]) == 0
    assert "documentd" not in capsys.readouterr().out
    for written in ('["documented"]', "1", '{"a": 1}'):
        name = write(tmp_path / "log.jsonl", backup_until("release"), f'{{"vss-trace": 1, "profile": {written}}}')
        assert main(["check", name]) == 0
        assert f"{name}:1: info: there is no profile" in capsys.readouterr().out


def test_a_record_of_the_simulator_is_judged_as_it_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the letter of the pages; and nothing is held against the simulator."""
    record, world = tmp_path / "run.jsonl", ROOT / "docs" / "examples" / "file_in_use.json"
    assert main(["rehearse", "--profile", "documented", "--record", str(record), str(world)]) == 0
    assert json.loads(record.read_text(encoding="utf-8").splitlines()[0])["profile"] == "documented"
    capsys.readouterr()
    assert main(["check", str(record)]) == 0
    assert "at: implementation" not in capsys.readouterr().out


def test_exit_codes_tell(good: str, bad: str, tmp_path: Path) -> None:
    """0 conforms, 1 violates, 2 an input cannot be used - which weighs most."""
    assert main(["check", good]) == 0
    assert main(["check", good, bad]) == 1
    assert main(["check", good, bad, str(tmp_path / "missing.jsonl")]) == 2


def test_the_text_argues(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The step, the rule with its page, the lines it follows from, and the legal way on."""
    main(["check", bad])
    out = capsys.readouterr().out
    line = len(BAD_BACKUP) + 1
    assert f"{bad}:{line}: error: AddToSnapshotSet is refused with VSS_E_BAD_STATE" in out
    assert "rule     seq-addvolume-after-startset: The requester must call AddToSnapshotSet between" in out
    assert "page     https://learn.microsoft.com/windows/win32/" in out
    assert "because  line 3: InitializeForBackup succeeded" in out
    assert "instead  IVssBackupComponents::StartSnapshotSet → IVssBackupComponents::AddToSnapshotSet" in out
    assert out.rstrip().splitlines()[-1].startswith(f"{bad}: violates (")


def test_json_is_one_object_a_trace(good: str, bad: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """With the keys of the trace format."""
    assert main(["check", good, bad, "--format", "json"]) == 1
    first, second = (json.loads(line) for line in capsysbinary.readouterr().out.splitlines())
    assert (first["trace"], first["verdict"], first["findings"]) == ("t", "conforms", [])
    assert first["lines"][1] == {
        "line": 3,
        "call": "IVssBackupComponents::InitializeForBackup",
        "observed": "S_OK",
        "allowed": first["lines"][1]["allowed"],
    }
    (finding,) = [finding for finding in second["findings"] if finding["level"] == "error"]
    assert finding["at"] == "requester"
    assert finding["rule"] == "seq-addvolume-after-startset"
    assert finding["because"] == [3]
    assert finding["instead"] == ["IVssBackupComponents::StartSnapshotSet", "IVssBackupComponents::AddToSnapshotSet"]
    assert second["lines"][-1]["observed"] is None
    assert second["lines"][-1]["allowed"] == ["VSS_E_BAD_STATE"]


def test_folders_patterns_and_standard_input(
    good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder means every trace below it, in whatever case, a pattern what it matches, and - standard input."""
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "OTHER.JSONL", backup_until("release"))
    assert main(["check", str(tmp_path)]) == 0
    assert "2 traces: 2 conform\n" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "*.jsonl")]) == 0
    with Path(good).open("rb") as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert main(["check", "-"]) == 0
    assert "<stdin>: conforms" in capsys.readouterr().out


def test_line_ends_blank_lines_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    """LF, CRLF, no end at the last line, blank lines, a BOM."""
    path = tmp_path / "t.jsonl"
    assert main(["check", write(path, backup_until("release"), end="\r\n")]) == 0
    text = path.read_text(encoding="utf-8")
    path.write_bytes(b"\xef\xbb\xbf" + b"\n \n" + text.rstrip().replace("\n", "\n\n").encode())
    assert main(["check", str(path)]) == 0


def test_the_world_of_a_header_may_be_a_file_beside_the_log(tmp_path: Path) -> None:
    """Named from the folder of the log: its system counts as one in the header does."""
    header = {"vss-trace": 1, "world": "lab.json"}
    lines = [header, create(), call("InitializeForBackup", bstrXML=None), call("SetContext", lContext="VSS_CTX_BACKUP")]
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "t.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for system, code in (("Windows XP", 1), ("Windows Server 2022", 0)):
        (tmp_path / "logs" / "lab.json").write_text(json.dumps({"machines": [{"os": system}]}), encoding="utf-8")
        assert main(["check", str(log)]) == code


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (b"", 1, "empty"),
        (b"\n\n", 1, "empty"),
        (HEADER.encode(), 1, "no call"),
        (b"this is no trace", 1, "not JSON"),
        (b'{"call": "CreateVssBackupComponents"}', 1, "vss-trace"),
        (b'{"vss-trace": 2}', 1, "version 2"),
        (b'{"vss-trace": "1"}', 1, "expected the header"),
        (b"[1, 2]", 1, "expected the header"),
        (HEADER.encode() + b"\nnot json", 2, "not JSON"),
        (
            HEADER.encode() + b'\n{"note": "C:\\\\a\\ud83d\\ude00\\ud800"}',
            2,
            "\\ud800 is half of a character of UTF-16",
        ),
        (b'{"vss-trace": 1, "id": "\\uDC00x"}', 1, "\\udc00 is half of a character of UTF-16, and stands alone; write"),
        (HEADER.encode() + b'\n{"note": "\\\\ud800}', 2, "not JSON"),
        (HEADER.encode() + b'\n{"call": "\xff\xfe"}', 2, "UTF-8"),
        (HEADER.encode() + b'\n{"call": "IVssBackupComponents::SetContex", "on": "bc"}', 2, "did you mean"),
        (HEADER.encode() + b'\n{"call": "CreateVssFunction"}', 2, "there is no call"),
        (HEADER.encode() + b'\n{"call": "Wait", "on": "a"}', 2, "(did you mean IVssAsync::Wait?)"),
        (HEADER.encode() + b'\n{"call": "Next", "on": "a"}', 2, "(did you mean IVssEnumObject::Next or "),
        (HEADER.encode("utf-16"), 1, "this is text in UTF-16; save it as UTF-8 ("),
        (HEADER.encode("utf-16-be"), 1, "this is text in UTF-16"),
        (gzip.compress(HEADER.encode(), mtime=0), 1, "this is compressed by gzip; unpack it; expected the header"),
        (b'{"start": {}, "id": 1}', 1, "`vss-sim serve --record FILE` writes"),
        (b'{"id": 1, "returns": "S_OK"}', 1, "`vss-sim serve --record FILE` writes"),
        (HEADER.encode() + b'\n{"id": 1, "returns": "S_OK"}', 2, "a log has calls and answers on one line"),
        (HEADER.encode() + b'\n{"call": 5}', 2, "expected"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": 5}', 2, "expected"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait"}', 2, '"on"'),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "returns": {}}', 2, "expected"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "returns": "VSS_E_BAD"}', 2, "HRESULT"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "in": []}', 2, "expected"),
        (HEADER.encode() + b'\n{"what": "is this"}', 2, "exactly one of"),
        (HEADER.encode() + b"\n[]", 2, "expected"),
        (HEADER.encode() + b"\n" + b"[" * 100_000, 2, "expected"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "in": {"a": ' + b"[" * 100_000, 2, "too deeply"),
        (b'{"vss-trace": 1, "world": {"a": ' + b"[" * 100_000, 1, "too deeply"),
        (b'{"vss-trace": 1, "world": {"machines": [{"nam": "one"}]}}', 1, "machines[0].nam: this key is not known"),
        (b'\n{"vss-trace": 1, "world": {"machines": [{"os": 95}]}}', 2, "the world of the header: "),
        (b'{"vss-trace": 1, "world": "no.json"}', 1, 'the world "no.json" of the header cannot be read'),
        (b'{"vss-trace": 1, "world": "/"}', 1, "it is no file; expected one, or the world itself"),
        (b'{"vss-trace": 1, "world": "\\u0000"}', 1, "cannot be read"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "returns": []}', 2, "at least one answer"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "returns": "FOO"}', 2, "HRESULT"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "returns": "S_OKK"}', 2, "did you mean S_OK?"),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "a", "returns": 99999999999}', 2, "HRESULT"),
        (_adding(b"5"), 2, "text or null"),
        (_adding(b'["C:\\\\"]'), 2, "text or null"),
        (_adding(b'{"a": 1}'), 2, "text or null"),
        (
            HEADER.encode() + b'\n{"call": "IVssBackupComponents::SetContext", "on": "a", "in": {"lContext": [1]}}',
            2,
            "a name, a number or null",
        ),
        (HEADER.encode() + b'\n{"call": "IVssAsync::Wait", "on": "' + b"x" * 50_000_000, 2, "longer than"),
        (b"x" * 50_000_000, 1, "longer than"),
    ],
    ids=lambda value: str(value[:40]) if isinstance(value, bytes) else None,
)
def test_hostile_input_ends_in_a_message_with_its_line(
    content: bytes, line: int, expected: str, good: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The input is refused with file, line and what was expected; the other inputs are checked all the same."""
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(content)
    assert main(["check", str(path), good]) == 2
    captured = capsys.readouterr()
    (message,) = captured.err.splitlines()
    assert message.startswith(f"vss-sim check: {path}:{line}: ")
    assert expected in message
    assert len(message) < 500
    assert f"{good}: conforms" in captured.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_that_cannot_be_printed_is_written_with_escapes(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file name may hold a line end, an escape sequence, or bytes that are not UTF-8."""
    path = os.fsencode(tmp_path) + b"/\xff\x1b[1m\n.jsonl"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - the name is bytes
        file.write("\n".join([HEADER, *map(json.dumps, asking_for_status(backup_until("release")))]))
    assert main(["check", "--format", form, str(tmp_path)]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    assert line.isprintable()
    assert "\\udcff" in line
    assert "\\x1b[1m\\" in line


def test_a_log_of_which_nothing_is_judged_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File and service calls are read over; a log of nothing else is inconclusive."""
    path = write(tmp_path / "t.jsonl", [{"call": "CreateFile", "in": {"lpFileName": "x"}, "returns": "ERROR_SUCCESS"}])
    assert main(["check", path]) == 0
    assert "inconclusive" in capsys.readouterr().out


def test_a_handle_that_is_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An object of one kind cannot be called as another: the log is broken there."""
    path = write(tmp_path / "t.jsonl", [*backup_until("gather"), call("IVssAsync::Wait", "bc")])
    assert main(["check", path]) == 2
    assert "'bc' is an IVssBackupComponents" in capsys.readouterr().err


def test_an_unknown_handle_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A handle that nobody made is named with its line, and judged as far as it goes."""
    path = write(tmp_path / "t.jsonl", [*backup_until("release"), call("SetContext", "ghost", lContext="VSS_CTX_ALL")])
    assert main(["check", path]) == 0
    line = len(backup_until("release")) + 2
    assert f"{path}:{line}: info: the making of 'ghost' is not in the log" in capsys.readouterr().out


def test_a_folder_without_traces_is_no_silent_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is a pattern without a match, nor a file that is not there."""
    for name in (str(tmp_path), str(tmp_path / "*.jsonl"), str(tmp_path / "none.jsonl")):
        assert main(["check", name]) == 2
        assert name in capsys.readouterr().err


def test_what_was_found_before_the_broken_line_is_not_lost(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A log that ends in half a line, as of a program that crashed, is judged until there."""
    path = tmp_path / "crashed.jsonl"
    write(path, BAD_BACKUP)
    path.write_bytes(path.read_bytes() + b'{"call": "IVssAsync::Wa')
    assert main(["check", str(path), "--format", "json"]) == 2
    report = json.loads(capsysbinary.readouterr().out)
    assert report["verdict"] == "violates"
    assert report["error"]["line"] == len(BAD_BACKUP) + 2


def test_progress_is_for_terminals_only(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe nothing but findings and messages is written."""
    main(["check", good])
    assert capsys.readouterr().err == ""


def test_the_longest_line_is_a_megabyte(tmp_path: Path) -> None:
    """Just within is read, just beyond is not."""
    for size, code in ((LONGEST_LINE, 0), (LONGEST_LINE + 1, 2)):
        entry: dict[str, Any] = {"note": ""}
        entry["note"] = "x" * (size - len(json.dumps(entry)))
        path = write(tmp_path / "t.jsonl", [*backup_until("release"), entry])
        assert main(["check", path]) == code


def test_the_answers_of_a_case_are_read_too(tmp_path: Path) -> None:
    """`returns` as a list and `fails` are expectations, of which nothing was observed."""
    entries = [*backup_until("gather"), {**call("SetContext"), "returns": ["S_OK", "VSS_E_BAD_STATE"]}]
    failing = {**call("AddToSnapshotSet", returns=None), "fails": True}
    assert main(["check", write(tmp_path / "t.jsonl", [*entries, failing])]) == 1


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command explains itself."""
    for command in ("check", "explain"):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0
        assert "examples:" in capsys.readouterr().out


def test_a_closed_pipe_is_no_accident(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`vss-sim check ... | head` ends without a traceback."""

    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            return spare.fileno()

    with (ROOT / "README.md").open("rb") as spare:
        monkeypatch.setattr(sys, "stdout", Closed())
        assert main(["check", bad]) == 141


def test_the_real_traces_run_as_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them at once: six hold a recorded refusal that is the program's own doing."""
    assert main(["check", "--quiet", str(ROOT / "conformance" / "traces")]) == 1
    assert capsys.readouterr().out.rstrip().endswith(f"{len(TRACES)} traces: 36 conform, 6 violate")
