"""Strategies of hypothesis for the simulated computer: worlds, writers, component trees, files, scripts of faults.

For property tests of requesters: `@given(worlds())` runs a program against computers that nobody thought of, and
shrinks the one on which it fails to the plainest. `pip install "vss-sim[hypothesis]"` brings hypothesis, which the
first strategy that somebody asks for loads; what draws the same worlds from a seed (`vss_sim.strategies.world`) does
without. docs/property-tests.md shows how to use them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vss_sim.strategies.faults import Faults

if TYPE_CHECKING:
    from vss_sim.strategies.drawn import (
        call_faults,
        component_trees,
        fault_scripts,
        file_faults,
        file_sets,
        file_trees,
        happenings,
        machines,
        provider_failures,
        provider_replies,
        worlds,
        writer_replies,
        writers,
    )

__all__ = [
    "Faults",
    "call_faults",
    "component_trees",
    "fault_scripts",
    "file_faults",
    "file_sets",
    "file_trees",
    "happenings",
    "machines",
    "provider_failures",
    "provider_replies",
    "worlds",
    "writer_replies",
    "writers",
]


def __getattr__(name: str) -> Any:
    """A strategy, made by hypothesis."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("vss_sim.strategies.drawn"), name)
