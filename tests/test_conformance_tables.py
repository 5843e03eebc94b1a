"""What the suite knows of VSS is what the tables of the project say, and the folder stands alone."""

import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.case import find_cases
from conformance.manifest import entry, manifest
from conformance.tables import call_named, rules
from tests.support import ROOT
from tests.wire_clients import SERVE
from vss_sim.cli.write_suite import texts
from vss_sim.spec.methods import call_names, signatures

FOLDERS: Final = ("vss_sim", "conformance")


@pytest.mark.parametrize("name", sorted(texts()))
def test_the_tables_of_the_suite_are_those_of_the_project(name: str) -> None:
    """Generated, and the same; `make docs` (python -m vss_sim.cli.write_suite) writes them anew."""
    assert (ROOT / "conformance" / name).read_text(encoding="utf-8") == texts()[name], "run `make docs`"


def test_a_call_goes_by_every_name_that_a_trace_may_write() -> None:
    """Any version of its interface, and the methods of IUnknown with any interface."""
    for written, full_name in call_names().items():
        known = call_named(written)
        if full_name in signatures():
            assert known is not None, written
            assert known.name == full_name
        else:
            assert known is None


def test_what_is_not_asked_says_why() -> None:
    """Whose fault the case shows, where, by which rule; and what says nothing is asked."""
    for case in find_cases():
        told = entry(case)
        assert ("why" in told) is (told.get("asked") is False)
        assert re.match(
            r"(VSS|a writer|a provider) is at fault \(\w.*, [\w-]+\), ", told.get("why", "VSS is at fault (x, y), ")
        )


def test_the_manifest_has_every_case_with_force_standing_and_pages() -> None:
    """Case → rules, each as its table has it."""
    cases = find_cases()
    found = json.loads(manifest(cases))
    assert list(found) == [case.id for case in cases]
    for case in cases:
        told = entry(case)
        assert set(told["rules"]) == set(case.rules)
        assert told["os"]
        for name, rule in told["rules"].items():
            assert rule == {
                "force": rules()[name].force,
                "standing": rules()[name].standing,
                "pages": [*rules()[name].pages],
            }


def test_the_manifest_proves_that_each_rule_is_kept_and_broken() -> None:
    """By a conforming case and by a violating one; of what is left, `rules.json` has the reason."""
    told = json.loads(manifest(find_cases()))
    kept = {rule for case in told.values() if case["verdict"] == "conforms" for rule in case["rules"]}
    broken = {rule for case in told.values() for rule in case.get("broken", ())}
    left = {name for name, rule in rules().items() if name not in kept or name not in broken}
    assert len(rules()) > 1100
    assert not {name for name in left if not rules()[name].unjudged}


def test_the_folder_can_be_lifted_out(tmp_path: Path) -> None:
    """Under any name, in a Python that has nothing installed, run as a module or as a folder."""
    folder = tmp_path / "taken"
    shutil.copytree(ROOT / "conformance", folder, ignore=shutil.ignore_patterns("__pycache__", "traces"))
    for line in (["-m", "taken"], [str(folder)]):
        words = [sys.executable, "-I", *line] if line[0] != "-m" else [sys.executable, "-s", *line]
        options = ["--rule", "seq-setcontext-once", "--", *SERVE]
        done = subprocess.run([*words, *options], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, done.stderr
        assert " passed" in done.stdout


def test_the_suite_is_installed_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every package and every file of data, the suite under a name that cannot collide with another's."""
    setuptools = pytest.importorskip("setuptools")
    said: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", said.update)
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(ROOT / "setup.py"))
    assert said["package_dir"] == {"vss_conformance": "conformance"}
    folders = {path.parent.relative_to(ROOT) for name in FOLDERS for path in (ROOT / name).rglob("__init__.py")}
    names = {re.sub("^conformance", "vss_conformance", ".".join(folder.parts)) for folder in folders}
    assert set(said["packages"]) == names
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    for folder, name in (("vss_sim", "vss_sim"), ("conformance", "vss_conformance")):
        taken = {path for pattern in data[name] for path in (ROOT / folder).glob(pattern)}
        there = {path for path in (ROOT / folder).rglob("*") if path.suffix in (".tsv", ".json", ".jsonl", ".mjs")}
        assert {path for path in there if "traces" not in path.parts} <= taken
