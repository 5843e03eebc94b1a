"""What the README shows is what the program prints."""

import re

import pytest

from tests.support import ROOT
from vss_sim.cli import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = [
    (words, output)
    for words, output in re.findall(r"```console\n\$ vss-sim ([^\n#]+)\n(.+?)```", README, re.DOTALL)
    if not output.startswith("$") and "<<" not in words
]


def test_the_readme_has_examples_with_output() -> None:
    """One of a check, a timeline, a rehearsal, an explanation."""
    assert [words.split()[0] for words, _ in EXAMPLES] == ["check", "timeline", "rehearse", "explain"]


@pytest.mark.parametrize(("words", "output"), EXAMPLES)
def test_an_example_prints_what_the_readme_says(
    words: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the letter."""
    monkeypatch.chdir(ROOT)
    main(words.split())
    assert capsys.readouterr().out == output
