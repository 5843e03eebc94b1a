"""The command itself: its version, the table it prints, interruption, and what a person at a terminal sees."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import vss_sim
from tests.support import ROOT, backup_until
from vss_sim.cli import check as checking
from vss_sim.cli import main


def test_the_version_is_told_in_every_way_of_starting(capsys: pytest.CaptureFixture[str]) -> None:
    """Semantic, and the same as the package's."""
    done = subprocess.run([sys.executable, "-m", "vss_sim", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"vss-sim {vss_sim.__version__}\n"
    capsys.readouterr()
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == done.stdout


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with contextlib.suppress(SystemExit):
        main([*words, "--help"])
    return capsys.readouterr().out


def _commands(told: str) -> list[str]:
    """The words that a help lists as commands."""
    return re.findall(r"^    ([a-z][a-z-]+)(?: |$)", told, re.MULTILINE)


def test_every_command_shows_examples_and_stands_in_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever meets a command finds a line to copy; whoever reads the docs meets every command."""
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    commands: list[tuple[str, ...]] = [(word,) for word in _commands(_help(capsys))]
    commands += [("world", word) for word in _commands(_help(capsys, "world"))]
    commands += [("conform", word) for word in ("pairs", "arguments", "restores", "fuzz")]
    assert len(commands) > 20
    for words in commands:
        line = f"vss-sim {' '.join(words)}"
        assert f"  {line}" in _help(capsys, *words), words
        assert line in pages, words


def test_the_table_is_printed_as_the_page_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    """`make docs` is this command."""
    assert main(["protocol"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_the_answers_are_printed_as_the_page_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, or those of one method; a method that nobody knows is told."""
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    assert main(["answers"]) == 0
    assert capsys.readouterr().out == page
    assert main(["answers", "startsnapshotset"]) == 0
    part = capsys.readouterr().out
    assert part in page
    assert "VSS_E_SNAPSHOT_SET_IN_PROGRESS" in part
    assert main(["answers", "Nothing"]) == 2
    assert "'Nothing'" in capsys.readouterr().err
    assert main(["answers", "StartSnapshotSt"]) == 2
    assert "did you mean StartSnapshotSet?" in capsys.readouterr().err


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_sees_how_far_a_long_log_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, taken off again at the end."""
    path = tmp_path / "long.jsonl"
    lines = [json.dumps(entry) for entry in backup_until("release")] * 200
    path.write_text("\n".join(['{"vss-trace": 1}', *lines]), encoding="utf-8")
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(checking, "_PROGRESS", 1000)
    assert main(["check", str(path)]) == 0
    assert f"\r{path}: " in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_interruption_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a shell expects it: 128 and the number of the signal."""

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("vss_sim.cli.commands.check", interrupted)
    assert main(["check", "x"]) == 130
    assert "Traceback" not in capsys.readouterr().err


VSS_SIM = [sys.executable, "-m", "vss_sim"]
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is full")
@pytest.mark.parametrize(
    "words", [["check", "conformance/traces"], ["check", "--format", "json", "conformance/traces"], ["explain", "C22"]]
)
def test_an_output_that_is_full_is_no_fault_of_an_input(words: list[str]) -> None:
    """The output is blamed, once, and no trace that was read well."""
    with FULL.open("w") as full:
        done = subprocess.run([*VSS_SIM, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr == "vss-sim: the output cannot be written: No space left on device\n"


def test_a_reader_that_goes_away_ends_the_command() -> None:
    """As `| head` does: no traceback, and no input is blamed."""
    command = [*VSS_SIM, "check", "conformance/traces"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, 1, 141)


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
@pytest.mark.parametrize(("closed", "blamed"), [(">&-", "the output cannot be written"), ("<&-", "standard input")])
def test_a_stream_that_is_closed_is_named(closed: str, blamed: str) -> None:
    """Nobody is shown a traceback."""
    command = f"'{sys.executable}' -m vss_sim check - {closed}"
    done = subprocess.run(command, shell=True, input="", stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)  # noqa: S602
    assert done.returncode == 2
    assert blamed in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("check", "conformance/traces/field-breeze-add-without-start.jsonl"), 1, b"StartSnapshotSet -> "),
        (("explain", "VSS_RME_RESTORE_IF_CAN_REPLACE"), 0, b"VSS_RME_RESTORE_IF_CAN_REPLACE"),
        (("rehearse", "docs/examples/file_in_use.json"), 0, b"PreRestore -> "),
        (("protocol",), 0, b"IVssBackupComponents"),
        (("restore-methods",), 0, b"VSS_RME"),
    ],
)
def test_every_code_page_takes_what_a_command_prints(
    words: tuple[str, ...], code: int, says: bytes, encoding: str
) -> None:
    """A pipe on Windows is seldom UTF-8: signs that it has not come in plain letters, and no letter as a number."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([*VSS_SIM, *words], capture_output=True, check=False, cwd=ROOT, env=environment)
    assert (done.returncode, done.stderr) == (code, b"")
    assert (says if encoding != "utf-8" else says.replace(b"->", "→".encode())) in done.stdout
    assert not re.search(rb"\\[xuU][0-9a-f]", done.stdout)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chekc", "a.jsonl"], "vss-sim: error: argument COMMAND: invalid choice: 'chekc'"),
        (["chekc", "a.jsonl"], "; did you mean check?\n"),
        (["nightly.jsonl"], "; did you mean check nightly.jsonl?\n"),
        (
            ["check", "--frmat", "json", "a.jsonl"],
            "check: error: unrecognized arguments: --frmat; did you mean --format?",
        ),
        (["check", "--frmat=json", "a.jsonl"], "unrecognized arguments: --frmat=json; did you mean --format?"),
        (["check", "--profile", "window", "a.jsonl"], "; did you mean windows?\n"),
        (["world", "chek", "lab.json"], "; did you mean check?\n"),
        (["--vesion"], "vss-sim: error: unrecognized arguments: --vesion; did you mean --version?\n"),
        (["world", "-q"], "vss-sim world: error: unrecognized arguments: -q\n"),
        (["world", "new", "--restore-method", "vss_rme_custm"], "invalid choice: 'vss_rme_custm'"),
    ],
)
def test_a_misspelt_word_is_told_with_what_was_meant(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a command, an option or a choice; the usage is that of the command."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["world"]])
def test_no_word_at_all_gets_the_whole_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, since nothing was done."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    assert told.err == capsys.readouterr().out
