"""Where the conformance suite is, which knows nothing of this package: its modules, and a case as it has cases.

The suite is the folder `conformance` of a source tree, and the package `vss_conformance` where it is installed.
"""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from vss_sim.generate.made import Made

PROG: Final = "vss-sim conform"
UNUSABLE: Final = 2
_PACKAGE: Final = "vss_conformance"
_BESIDE: Final = Path(__file__).parents[2] / "conformance"


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


def case_of(made: Made) -> Any:
    """A generated case, as the suite has cases."""
    header = made.header
    lines = tuple(enumerate(made.lines, 2))
    return suite("case").Case(header["id"], header["about"], header["verdict"], tuple(header["rules"]), header, lines)
