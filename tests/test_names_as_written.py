"""Names and paths are compared without regard to case, and told as the log, or the world in its header, has them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import CASES, check, entries_of
from vss_sim.spec.table import Profile

_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)+)'|([A-Za-z]:\\[^ ,;:()']+)")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a line of a log."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
        yield from value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _other_spellings(path: Path) -> list[str]:
    """What findings name that stands in the log with other capitals only."""
    entries, header = entries_of(path), json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    checked = check(entries, Profile(header.get("profile", "windows")), header.get("world"))
    log = "\n".join(_texts([header, entries]))
    said = [
        text for finding in checked.findings for text in (finding.says, *(ground.says for ground in finding.because))
    ]
    names = ((quoted or bare).replace("\\\\", "\\") for text in said for quoted, bare in _QUOTED.findall(text))
    return [name for name in names if name not in log and name.casefold() in log.casefold()]


@pytest.mark.parametrize("area", sorted({path.parent.name for path in CASES}))
def test_what_a_finding_names_is_written_as_in_the_log(area: str) -> None:
    """Every finding of every case."""
    found = {path.stem: _other_spellings(path) for path in CASES if path.parent.name == area}
    assert {name: names for name, names in found.items() if names} == {}


def test_a_component_of_the_world_is_told_as_the_world_has_it() -> None:
    """The stored metadata was not read, so that the world in the header stands for it."""
    (path,) = (one for one in CASES if one.stem == "more-restored-than-the-added-subcomponent")
    reads = ("IVssExamineWriterMetadata::", "IVssWMComponent::", "IVssWMFiledesc::")
    entries = [entry for entry in entries_of(path) if not str(entry.get("call", "")).startswith(reads)]
    world = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["world"]
    (finding,) = (one for one in check(entries, world=world).findings if one.rule == "sel-r-sub-exclusive")
    assert "'Database'" in finding.says
