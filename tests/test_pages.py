"""What the pages show is what is printed: every command and every program of every page, to the letter."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT
from vss_sim.cli import main

PAGES: Final = (ROOT / "README.md", ROOT / "conformance" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_LINES: Final = r"((?:(?!```)[^\n]*\n)+)```"
_COMMAND: Final = re.compile(r"^```console\n\$ (vss-sim|python) ([^\n#]+)\n" + _LINES, re.MULTILINE)
_PROGRAM: Final = re.compile(r"^```python\n" + _LINES + r"\n\n```text\n" + _LINES, re.MULTILINE)


def _shown(page: Path, program: str) -> list[tuple[str, str]]:
    """The commands of a page that stand with what they print; what is typed into one has tests of its own."""
    found = _COMMAND.findall(page.read_text(encoding="utf-8"))
    return [
        (words, output)
        for name, words, output in found
        if name == program and not output.startswith("$") and "<<" not in words
    ]


def _of_all(program: str) -> list[tuple[str, str]]:
    return [example for page in PAGES for example in _shown(page, program)]


def test_pages_show_examples_with_their_output() -> None:
    """The README of a check, a timeline, a rehearsal, an explanation; other pages their own."""
    readme = [words.split()[0] for words, _ in _shown(ROOT / "README.md", "vss-sim")]
    assert readme == ["check", "timeline", "rehearse", "explain"]
    assert len(_of_all("vss-sim")) >= 13
    assert len(_of_all("python")) >= 4


@pytest.mark.parametrize(("words", "output"), _of_all("vss-sim"))
def test_a_command_prints_what_the_page_shows(
    words: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a shell takes it, in a clone; what it complains of is printed, too."""
    monkeypatch.chdir(ROOT)
    main(shlex.split(words))
    assert "".join(capsys.readouterr()) == output


@pytest.mark.parametrize(("words", "output"), _of_all("python"))
def test_an_example_prints_what_the_page_shows(words: str, output: str) -> None:
    """A file in docs/examples, run as a reader runs it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *shlex.split(words)]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert run.stdout == output


@pytest.mark.parametrize(
    ("program", "output"), [found for page in PAGES for found in _PROGRAM.findall(page.read_text(encoding="utf-8"))]
)
def test_a_program_of_a_page_prints_what_stands_below_it(
    program: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a clone, as it stands there."""
    monkeypatch.chdir(ROOT)
    exec(compile(program, "a page", "exec"), {})  # noqa: S102 - it is our own page
    assert capsys.readouterr().out == output
