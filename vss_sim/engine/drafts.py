"""The metadata of a writer while it is made: what it holds so far, and on which Windows."""

from collections.abc import Callable
from typing import Any

from vss_sim.engine.answers import Answer
from vss_sim.model.metadata import WriterMetadata
from vss_sim.spec.systems import System

Arguments = dict[str, Any]


class Draft:
    """A Writer Metadata Document that calls add to; `system` is the Windows on which they are made."""

    __slots__ = ("metadata", "system")

    def __init__(self, metadata: WriterMetadata, system: System) -> None:
        self.metadata = metadata
        self.system = system


DraftBody = Callable[[Draft, Arguments], Answer]
"""What a call on the metadata does."""
