"""From what the engine hands out to what a requester reads: codes by their names, the entries of a list."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vss_sim.engine.desk import Step
from vss_sim.requester.records import ProviderProperties, SnapshotProperties
from vss_sim.spec.hresult import HResult

_CODES: Final = {code.value: code for code in HResult}


def answer_of(done: Step) -> HResult:
    """The answer of a call that succeeded."""
    return _CODES[done.answer]


def code_of(value: str | int) -> HResult:
    """A code of VSS by its name or number."""
    return HResult[value] if isinstance(value, str) else _CODES[value]


def number_of(value: str | int) -> int:
    """A code of an application, which may have no name that VSS knows; a member of `HResult` where it has one."""
    if isinstance(value, str):
        named = HResult.__members__.get(value)
        return named if named is not None else int(value, 0)
    return HResult.of(value) or value


def entries_of(items: Iterable[Mapping[str, Any]]) -> tuple[SnapshotProperties | ProviderProperties, ...]:
    """The entries of an enumeration, each as the record of its kind."""
    return tuple(
        SnapshotProperties.of(item["Obj"]["Snap"])
        if "Snap" in item["Obj"]
        else ProviderProperties.of(item["Obj"]["Prov"])
        for item in items
    )
