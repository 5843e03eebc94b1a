"""What is installed is what is here: every table, every case, the command, the plugin; and nothing of the tests."""

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

import vss_sim
from tests.support import ROOT

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_LEFT_BEHIND: Final = {"conformance": {"traces"}}
"""Real logs are for this project's own tests: no implementation is asked for them."""
_NO_DATA: Final = {".py", ".pyc"}


@pytest.mark.parametrize(("folder", "package"), [("vss_sim", "vss_sim"), ("conformance", "vss_conformance")])
def test_every_file_of_a_package_that_is_no_program_is_installed(folder: str, package: str) -> None:
    """A table in a new folder has to be named in pyproject.toml: in a clone it would be found all the same."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"][package]
    top = ROOT / folder
    installed = {path for pattern in patterns for path in top.glob(pattern)}
    data = {
        path
        for path in top.rglob("*")
        if path.is_file() and path.suffix not in _NO_DATA and "__pycache__" not in path.parts
    }
    left = {path for path in data if path.relative_to(top).parts[0] in _LEFT_BEHIND.get(folder, set())}
    assert sorted(str(path) for path in data - left - installed) == []


def test_every_folder_with_programs_is_a_package() -> None:
    """Else it would not be installed."""
    for folder in {path.parent for path in (ROOT / "vss_sim").rglob("*.py")}:
        assert (folder / "__init__.py").is_file(), folder


def test_commands_and_plugins_lead_somewhere() -> None:
    """`vss-sim`, and the plugin of pytest."""
    for entry in (*PROJECT["project"]["scripts"].values(), *PROJECT["project"]["entry-points"]["pytest11"].values()):
        module, _, name = entry.partition(":")
        found = import_module(module)
        assert not name or callable(getattr(found, name))


def test_the_version_is_semantic_and_stands_in_the_changelog() -> None:
    """Until it is released, its changes stand under Unreleased."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", vss_sim.__version__)
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changes, re.MULTILINE)
    assert vss_sim.__version__ in released or "## [Unreleased]" in changes


def test_the_source_distribution_has_what_its_tests_read() -> None:
    """Pages, examples and traces beside the tests."""
    grafted = re.findall(r"^graft (\w+)$", Path(ROOT / "MANIFEST.in").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(grafted) == {"conformance", "docs", "tests"}
