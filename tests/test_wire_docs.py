"""What the docs show of the wire is what it says: the conversation, and the clients in other languages."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT
from tests.wire_clients import SERVE
from vss_sim.wire.conversation import Conversation

PAGE: Final = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
CLIENTS: Final = sorted((ROOT / "docs" / "examples" / "wire").iterdir())


def _conversation() -> list[tuple[str, str]]:
    lines = PAGE.partition("## A whole conversation")[2].partition("```text\n")[2].partition("```")[0].splitlines()
    return [
        (said.removeprefix("> "), heard.removeprefix("< ")) for said, heard in zip(lines[::2], lines[1::2], strict=True)
    ]


def test_the_conversation_in_the_docs_is_as_the_simulator_has_it() -> None:
    """To the letter."""
    conversation = Conversation()
    exchange = _conversation()
    assert len(exchange) > 20
    assert [(said, conversation.receive(said.encode()).decode().rstrip("\n")) for said, _ in exchange] == exchange
    assert conversation.ended


def test_the_conversation_in_the_readme_is_real() -> None:
    """As a shell would show it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```console\n\$ vss-sim serve <<'END'\n(.+?)END\n(.+?)```", readme, re.DOTALL)
    assert found is not None
    done = subprocess.run(SERVE, input=found[1], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, found[2], "")


def test_the_conversation_shows_every_kind_of_reply() -> None:
    """Success, refusal, events, error, skipped, and the way on."""
    keys = {key for _, heard in _conversation() for key in json.loads(heard)}
    assert keys >= {"implementation", "returns", "out", "refusal", "events", "error", "skipped"}


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.name)
def test_a_client_is_short(path: Path) -> None:
    """To be read at one go."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60


def _shown() -> str:
    found = re.search(r"```console\n\$ \./backup vss-sim serve\n(.+?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler here")
def test_the_client_in_cpp_makes_a_backup(tmp_path: Path) -> None:
    """Compiled without a warning, run against a server that it starts itself; it prints what the docs show."""
    program = tmp_path / "backup"
    source = ROOT / "docs" / "examples" / "wire" / "backup.cpp"
    compiler = [str(shutil.which("g++")), "-std=c++17", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(source)]
    subprocess.run(compiler, check=True, timeout=120)
    done = subprocess.run([str(program), *SERVE], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, _shown(), "")


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not here")
def test_the_client_in_go_makes_a_backup() -> None:
    """As the one in C++."""
    source = ROOT / "docs" / "examples" / "wire" / "backup.go"
    command = [str(shutil.which("go")), "run", str(source), *SERVE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, _shown())
