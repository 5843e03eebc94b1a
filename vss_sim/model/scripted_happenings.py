"""What is scripted to happen to a machine: a crash, a restart, a service that stops, right after the n-th call."""

from typing import Annotated, Any

import msgspec

from vss_sim.model.scripts import EXPECTED_METHOD, Seconds, Timed
from vss_sim.model.values import one_of, with_names, wrong
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.scripts import followed_names

FollowedName = Annotated[str, one_of("FollowedCall", sorted(followed_names()))]
HappeningName = Annotated[str, one_of("Happening", HAPPENINGS)]

_OF_THE_CALLER = "process"
"""Where it is left out, it is the process that made the call."""


class ScriptedHappening(Timed, frozen=True, kw_only=True):
    """What happens to the machine right after a call on it, `after`, before anybody makes the next one.

    The other keys are those of the happening (`vss_sim.spec.happenings`); `process` left out is that of the call.
    """

    after: FollowedName
    happens: HappeningName
    seconds: Seconds | None = None
    process: str | None = None
    writer: str | None = None
    service: str | None = None
    path: str | None = None
    volume: str | None = None
    lun: str | None = None
    account: str | None = None
    groups: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        with_names(self, "after", followed_names(), f"{EXPECTED_METHOD}, or a file or service call")
        msgspec.structs.force_setattr(self, "after", followed_names()[self.after])
        with_names(self, "happens", HAPPENINGS, f"there are {', '.join(HAPPENINGS)}")
        known = HAPPENINGS[self.happens]
        for key in self.told:
            if key not in known.keys:
                raise wrong(self, key, f"{self.happens!r} has no such key; it has {', '.join(known.keys) or 'none'}")
        for key in known.keys:
            if key not in self.told and key != _OF_THE_CALLER:
                raise wrong(self, key, f"{self.happens!r} needs it")

    @property
    def told(self) -> dict[str, Any]:
        """The keys of the happening and what they say."""
        keys = (field.name for field in msgspec.structs.fields(self))
        own = {key: getattr(self, key) for key in keys if key not in ("after", "happens", "skip", "times")}
        return {key: value for key, value in own.items() if value is not None}

    def told_after(self, process: str) -> dict[str, Any]:
        """The same, right after a call of this process."""
        by_process = _OF_THE_CALLER in HAPPENINGS[self.happens].keys
        return {**({_OF_THE_CALLER: process} if by_process else {}), **self.told}
