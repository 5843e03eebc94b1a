"""What docs/conformance.md shows is what happens, the adapters are small and run, and the schemas hold everything."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from conformance.case import Selection, find_cases
from conformance.dialogue import put
from tests.complete_cases import InProcess
from tests.support import ROOT

PAGE: Final = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
ADAPTERS: Final = sorted((ROOT / "conformance" / "adapters").iterdir())
CASES: Final = find_cases()
SHOWN: Final = [
    (words, output)
    for words, output in re.findall(r"```console\n\$ python3 -m conformance ([^\n]+)\n(.+?)```", PAGE, re.DOTALL)
]
NODE: Final = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not at hand")


def conform(*words: str) -> subprocess.CompletedProcess[str]:
    """The command line of the folder."""
    line = [sys.executable, "-m", "conformance", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


def _plain(text: str) -> str:
    """Without numbers, which grow with the suite."""
    return re.sub(r"\d+", "#", text)


def test_the_page_shows_output() -> None:
    """One run that passes, one that fails."""
    assert len(SHOWN) == 2


@pytest.mark.parametrize(("words", "output"), SHOWN)
def test_the_page_shows_what_is_printed(words: str, output: str) -> None:
    """To the letter, but for numbers."""
    done = conform(*(sys.executable if word == "python3" else word for word in shlex.split(words)))
    assert _plain(done.stdout) == _plain(output)


def test_the_page_names_every_option() -> None:
    """And no other."""
    told = set(re.findall(r"--[a-z]+", conform("--help").stdout)) - {"--help"}
    elsewhere = {"--write", "--seed", "--examples", "--seconds"}
    assert set(re.findall(r"--[a-z]+", PAGE)) == told | elsewhere


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.name)
def test_an_adapter_is_small(path: Any) -> None:
    """Under 100 lines, so that it is read at one go."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < 100


def _verdicts(*command: str) -> dict[str, dict[str, Any]]:
    done = conform("--format", "json", "--jobs", "2", "--", *command)
    found: dict[str, dict[str, Any]] = {case["case"]: case for case in json.loads(done.stdout)["cases"]}
    return found


def test_the_python_adapter_is_judged() -> None:
    """Its small implementation keeps what it does, breaks what it does not look at, and never breaks the wire."""
    found = _verdicts(sys.executable, "conformance/adapters/adapter.py")
    faults = [case["fault"]["says"] for case in found.values() if "fault" in case]
    assert found["snapshots/provider-veto-as-the-result"]["verdict"] == "failed"
    assert sum(case["verdict"] == "passed" for case in found.values()) >= 15
    assert not [says for says in faults if says.startswith(("it ended", "it wrote", "it gave"))]


@NODE
def test_the_adapter_of_another_language_is_judged() -> None:
    """Node, with nothing but the table: it refuses what the table refuses."""
    found = _verdicts("node", "conformance/adapters/table.mjs")
    faults = [case["fault"]["says"] for case in found.values() if "fault" in case]
    assert sum(case["verdict"] == "passed" for case in found.values()) >= 70
    assert not [says for says in faults if says.startswith(("it ended", "it wrote", "it gave"))]
    for case in CASES:
        if "seq-setcontext-once" in case.rules:
            assert found[case.id]["verdict"] in ("passed", "skipped")


@cache
def _validator(name: str, part: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "conformance" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]})


def test_every_case_keeps_to_its_schema() -> None:
    """Headers and lines; each of those that are alike is looked at once."""
    seen: set[str] = set()
    for case in CASES:
        for number, line in ((1, case.header), *case.lines):
            kinds = ("vss-trace", "call", "event", "happens", "note")
            kind = next(kind for kind in kinds if kind in line).replace("vss-trace", "header")
            text = json.dumps({**line, "id": None, "about": "So.", "on": "object"} if kind != "header" else line)
            if text not in seen:
                seen.add(text)
                error = next(_validator("case", kind).iter_errors(line), None)
                assert error is None, f"{case.id}:{number}: {error.message}"


def test_every_message_keeps_to_its_schema() -> None:
    """What the runner says, and what the simulator answers: in every fifth case."""
    for case in Selection(shard=(1, 5)).of(CASES):
        for line in put(case, InProcess().say).talk:
            _validator("messages", "request" if line[0] == ">" else "reply").validate(json.loads(line[2:]))
