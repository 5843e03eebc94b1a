"""`vss-sim conform`: the edge that calls the conformance suite, which knows nothing of this package.

The suite is the folder `conformance` of a source tree, and the package `vss_conformance` where it is installed.
"""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

_PACKAGE: Final = "vss_conformance"
_BESIDE: Final = Path(__file__).parents[2] / "conformance"
_PROG: Final = "vss-sim conform"


def conform(words: list[str]) -> int:
    """Do what the words say; return the exit code."""
    code: int = suite("command").main(words, _PROG)
    return code


def suite(module: str) -> ModuleType:
    """A module of the suite: the one beside this package comes before an installed one."""
    beside = _BESIDE / "__init__.py"
    if _PACKAGE not in sys.modules and beside.is_file() and (_BESIDE / "rules.json").is_file():
        spec = spec_from_file_location(_PACKAGE, beside, submodule_search_locations=[str(_BESIDE)])
        if spec is not None and spec.loader is not None:
            package = module_from_spec(spec)
            sys.modules[_PACKAGE] = package
            spec.loader.exec_module(package)
    return import_module(f"{_PACKAGE}.{module}")
