"""What all scripts of a world share: which occurrence they are about, how long a thing takes, names that are known.

A script counts the occurrences that it could be about: `skip` of them pass, then it speaks `times` times. Of several
scripts that speak at once the first in the list is heard. So faults are set at the n-th occurrence everywhere alike.
"""

from functools import cache
from typing import Annotated

import msgspec
from msgspec.structs import force_setattr

from vss_sim.model.values import Described, meant_by, one_of, with_names, wrong
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.scripts import PROVIDER_CALLS, scripted_names, why_not_scripted

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number of bytes or times."""
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
"""How long something takes on the virtual clock; 1e-7 is one tick."""
Window = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
"""A time limit."""


@cache
def members(prefix: str) -> tuple[str, ...]:
    """The names of all enumerations that begin so."""
    return tuple(name for name in numbers() if name.startswith(prefix))


FailingCode = Annotated[str, one_of("FailingHRESULT", tuple(code.name for code in HResult if code.failed))]
"""The name of an answer that is a failure."""
ScriptedName = Annotated[str, one_of("ScriptedCall", sorted(scripted_names()))]
"""The name of a call that the environment may fail, with its interface or without."""
ProviderCall = Annotated[str, one_of("ProviderCall", PROVIDER_CALLS)]
"""The name of a call in which VSS asks a provider."""
SnapshotAttribute = Annotated[str, one_of("VSS_VOLUME_SNAPSHOT_ATTRIBUTES", members("VSS_VOLSNAP_ATTR_"))]
ContextName = Annotated[str, one_of("VSS_SNAPSHOT_CONTEXT", members("VSS_CTX_"))]


EXPECTED_METHOD = "expected a documented method, with or without its interface"


class Timed(Described, frozen=True, kw_only=True):
    """A script: `skip` occurrences pass first, then it speaks `times` times (None: always)."""

    skip: Count = 0
    times: Count | None = None

    def speaks(self, seen: int) -> bool:
        """Whether it is about the next occurrence, after so many."""
        passed = seen - self.skip
        return passed >= 0 and (self.times is None or passed < self.times)


def with_members(described: Described, field: str, prefix: str) -> None:
    """See that a field holds members with this prefix."""
    known = members(prefix)
    with_names(described, field, known, f"there are {', '.join(known)}")


def with_failure(described: Described, field: str) -> None:
    """See that a field holds the name of a failure; None stands for none."""
    given = getattr(described, field)
    with_names(described, field, HResult.__members__, "expected the name of an HRESULT")
    if given is not None and HResult[given].succeeded:
        raise wrong(described, field, f"{given} is no failure; expected the name of an HRESULT that is one")


def with_scripted_name(described: Described, field: str) -> None:
    """See that a field names a call that the environment may fail, and write it in the one way."""
    given = getattr(described, field)
    kept = scripted_names().get(given)
    if kept is None:
        why = why_not_scripted(given) or f"not known; {meant_by(given, scripted_names())}{EXPECTED_METHOD}"
        raise wrong(described, field, f"{given[:60]!r} is {why}")
    force_setattr(described, field, kept)
