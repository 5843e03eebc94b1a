"""The providers of a simulated computer: what they are, what they take, and how they fail."""

from typing import Annotated

from vss_sim.model.scripts import (
    Count,
    FailingCode,
    ProviderCall,
    Seconds,
    SnapshotAttribute,
    Timed,
    members,
    with_failure,
    with_members,
)
from vss_sim.model.values import Described, Guid, one_of, with_enumerations, with_guids, with_names, wrong
from vss_sim.spec.creation import HARDWARE_EVENTS, LUN_STATE_CHANGES, ON_LUN_STATE_CHANGE, PROVIDER_EVENTS
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.importing import IMPORT_EVENTS
from vss_sim.spec.scripts import PROVIDER_CALLS

ASKED_OF_PROVIDERS = (*PROVIDER_EVENTS, *HARDWARE_EVENTS)
"""What VSS asks of a provider while shadow copies are made, imported and broken."""

ProviderEvent = Annotated[str, one_of("ProviderEvent", ASKED_OF_PROVIDERS)]
LunStateChange = Annotated[str, one_of("LunStateChange", LUN_STATE_CHANGES)]
Capability = Annotated[str, one_of("VSS_PROVIDER_CAPABILITIES", members("VSS_PRV_CAPABILITY_"))]


class ProviderFailure(Timed, frozen=True, kw_only=True):
    """How a provider fails what it is asked for in a requester's call, `to`; `volume` None: for any volume."""

    to: ProviderCall
    fails: FailingCode = "VSS_E_PROVIDER_VETO"
    volume: str | None = None

    def __post_init__(self) -> None:
        asked = ", ".join(PROVIDER_CALLS)
        with_names(self, "to", PROVIDER_CALLS, f"the calls in which VSS asks a provider are {asked}")
        with_failure(self, "fails")


class ProviderReply(Timed, frozen=True, kw_only=True):
    """How a provider answers one of the events of a creation, an import or a break, and how long it takes.

    The events stand in `vss_sim.spec.creation` and `vss_sim.spec.importing`. `misses` are original volumes of whose
    copies it passes the LUNs over: in LocateLuns it makes them not visible, in FillInLunInfo it does not know them.
    `change` is the flag of OnLunStateChange that it is about (None: any).
    """

    on: ProviderEvent
    fails: FailingCode | None = None
    seconds: Seconds = 0
    misses: tuple[str, ...] = ()
    change: LunStateChange | None = None

    def __post_init__(self) -> None:
        with_names(self, "on", ASKED_OF_PROVIDERS, f"there are {', '.join(ASKED_OF_PROVIDERS)}")
        with_failure(self, "fails")
        if self.seconds and self.on == PROVIDER_EVENTS[0]:
            raise wrong(self, "seconds", f"{self.on} comes with AddToSnapshotSet, which takes no time here")
        with_names(self, "change", LUN_STATE_CHANGES, f"there are {', '.join(LUN_STATE_CHANGES)}")
        if self.change is not None and self.on != ON_LUN_STATE_CHANGE:
            raise wrong(self, "change", f"{self.on} tells of no change; {ON_LUN_STATE_CHANGE} does")
        if self.misses and self.on not in IMPORT_EVENTS:
            raise wrong(self, "misses", f"{self.on} is about no LUN that arrives; {' and '.join(IMPORT_EVENTS)} are")


class Provider(Described, frozen=True, kw_only=True):
    """A provider: its kind, its ids, which volumes it takes and which attributes it can honour (None: as its kind).

    `capabilities` are names of VSS_PROVIDER_CAPABILITIES; one that states none has those of a current provider.
    `storage_needed` is the free space that a volume must have for a shadow copy of it. `array` is where a hardware
    provider makes its LUNs (None: on one that every machine with this provider reaches). `lun_masking`: it can mask
    them, so that writers may recover their data in copies that are to be transported.
    """

    name: str
    type: ProviderType = ProviderType.SYSTEM
    provider_id: Guid | None = None
    version: str = "1.0.0.7"
    version_id: Guid | None = None
    class_id: Guid | None = None
    volumes: tuple[str, ...] | None = None
    attributes: tuple[SnapshotAttribute, ...] | None = None
    capabilities: tuple[Capability, ...] = ()
    storage_needed: Count = 0
    array: str | None = None
    lun_masking: bool = True
    failures: tuple[ProviderFailure, ...] = ()
    replies: tuple[ProviderReply, ...] = ()

    def __post_init__(self) -> None:
        with_enumerations(self, type=ProviderType)
        with_guids(self, "provider_id", "version_id", "class_id")
        with_members(self, "attributes", "VSS_VOLSNAP_ATTR_")
        with_members(self, "capabilities", "VSS_PRV_CAPABILITY_")

    @property
    def never_fails(self) -> bool:
        """Whether nothing is told of it that would fail a creation, or slow it down."""
        return not (self.replies or self.failures or self.storage_needed)
