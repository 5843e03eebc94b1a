"""What a world file wants of the restore that is rehearsed on it: which components, where, by which readings."""

from typing import Any, Literal

import msgspec

from vss_sim.model.metadata import AlternateLocationMapping
from vss_sim.model.values import Described, Guid, with_enumerations, with_guids, wrong
from vss_sim.spec.enums import RollForwardType
from vss_sim.spec.restoring import check_readings


class WishedSubcomponent(Described, frozen=True, kw_only=True):
    """A subcomponent that is restored by itself, under the component that was added at backup."""

    logical_path: str = ""
    name: str


class WishedComponent(Described, frozen=True, kw_only=True):
    """What is wanted of one component that was added at backup; what is left out is not said to its writer."""

    writer_id: Guid
    logical_path: str = ""
    name: str
    subcomponents: tuple[WishedSubcomponent, ...] = ()
    new_targets: tuple[AlternateLocationMapping, ...] = ()
    options: str | None = None
    additional_restores: bool | None = None
    authoritative: bool | None = None
    roll_forward: RollForwardType | None = None
    roll_forward_point: str | None = None
    restore_name: str | None = None

    def __post_init__(self) -> None:
        with_enumerations(self, roll_forward=RollForwardType)
        with_guids(self, "writer_id")


class Procedure(Described, frozen=True, kw_only=True):
    """What the documentation of a writer with VSS_RME_CUSTOM says: the file and service calls of its restore."""

    writer_id: Guid
    calls: tuple[dict[str, Any], ...]

    def __post_init__(self) -> None:
        with_guids(self, "writer_id")
        for number, call in enumerate(self.calls):
            if set(call) - {"call", "in"} or not isinstance(call.get("call"), str):
                raise wrong(self, "calls", f'[{number}]: expected {{"call": NAME, "in": {{...}}}}')
            if not isinstance(call.get("in", {}), dict):
                raise wrong(self, "calls", f'[{number}]: "in" is an object')


class RestoreWishes(Described, frozen=True, kw_only=True):
    """How a rehearsal restores; everything that was backed up, where no component is named."""

    components: tuple[WishedComponent, ...] = ()
    strategy: Literal["exclusive opens", "copy aside"] = "exclusive opens"
    missing_writers: bool = True
    procedures: tuple[Procedure, ...] = ()
    readings: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            check_readings(self.readings)
        except ValueError as error:
            raise wrong(self, "readings", error) from None
