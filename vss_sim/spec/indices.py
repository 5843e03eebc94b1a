"""Calls that take an index, and the calls that say how many there are."""

from typing import Final

from attrs import frozen

from vss_sim.spec.hresult import HResult


@frozen
class Indexed:
    """`method` takes an index `parameter` below what `counter` answers in `result`; `changed_by` ends what it said."""

    method: str
    parameter: str
    counter: str
    result: str
    rule: str
    changed_by: tuple[str, ...]
    answer: HResult = HResult.VSS_E_OBJECT_NOT_FOUND


INDICES: Final = (
    Indexed(
        "GetWriterMetadata",
        "iWriter",
        "GetWriterMetadataCount",
        "pcWriters",
        "metadata-index",
        ("GatherWriterMetadata",),
    ),
    Indexed(
        "GetWriterComponents",
        "iWriter",
        "GetWriterComponentsCount",
        "pcComponents",
        "get-writer-components-index",
        ("AddComponent",),
    ),
)

COUNT_OF_WRITERS: Final = "get-writer-components-count-meaning"
"""GetWriterComponentsCount counts the writers with a component in the document."""
