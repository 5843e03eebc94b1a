"""A module imports from floors below its own, never up, and never across a floor's folders."""

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT

FLOORS: Final = (
    ("spec",),
    ("model",),
    ("engine",),
    ("documents", "trace"),
    ("requester", "judge", "strategies"),
    ("report", "generate"),
    ("wire", "pytest_plugin"),
    ("cli",),
    ("__main__",),
)
FLOOR_OF: Final = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES: Final = sorted(
    path for path in (ROOT / "vss_sim").rglob("*.py") if path.parent.name != "vss_sim" or path.stem != "__init__"
)


def _room(module: str) -> str:
    return module.split(".")[1]


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    found |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return {name for name in found if name.startswith("vss_sim.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_below(path: Path) -> None:
    """Floors as in the plan of the house; `conformance` imports nothing of ours."""
    own = path.relative_to(ROOT / "vss_sim").parts[0].removesuffix(".py")
    for name in _imports(path):
        room = _room(name)
        assert room == own or FLOOR_OF[room] < FLOOR_OF[own], f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_readable(path: Path) -> None:
    """A file opens with its law and stays under 400 lines."""
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), path
    assert len(text.splitlines()) <= 400


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Neither at its top nor in a function; what is imported for type checkers alone does not count."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    left = {name: (_imports_at_run_time(path) & names.keys()) - {name} for name, path in names.items()}
    while leaves := {name for name, imported in left.items() if not imported & left.keys()}:
        left = {name: imported for name, imported in left.items() if name not in leaves}
    assert sorted(left) == []


def _imports_at_run_time(path: Path) -> set[str]:
    """The modules that are imported, and those of which a package's names may be."""
    found: set[str] = set()
    nodes: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        nodes += ast.iter_child_nodes(node)
    return found


def test_the_wire_touches_nothing_of_the_edge() -> None:
    """Bytes in, bytes out: files, sockets, threads and the clock belong to the command line."""
    edge = {"asyncio", "io", "os", "pathlib", "select", "signal", "socket", "subprocess", "threading", "time"}
    for path in (ROOT / "vss_sim" / "wire").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not edge & named, path


def test_conformance_imports_nothing_of_ours() -> None:
    """Anyone may lift the folder out."""
    for path in (ROOT / "conformance").rglob("*.py"):
        assert not _imports(path)
