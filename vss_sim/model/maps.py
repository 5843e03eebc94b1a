"""A map that is a value: to change it is to make another, which shares what stays.

`immutables` has it, compiled. Where that is not installed, having no build for this Python yet, `pyrsistent` does the
same in Python, slower; a change costs the logarithm of the size with either.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vss_sim.model.pure_python_map import PurePythonMap as Map
else:
    try:
        from immutables import Map
    except ImportError:
        from vss_sim.model.pure_python_map import PurePythonMap as Map

__all__ = ["Map"]
