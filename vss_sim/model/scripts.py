"""What all scripts of a world share: which occurrence they are about, how long a thing takes, names that are known.

A script counts the occurrences that it could be about: `skip` of them pass, then it speaks `times` times. Of several
scripts that speak at once the first in the list is heard. So faults are set at the n-th occurrence everywhere alike.
"""

from functools import cache
from typing import Annotated

import msgspec

from vss_sim.model.values import Described, one_of, with_names
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures

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


Code = Annotated[str, one_of("HRESULT", HResult.__members__)]
"""The name of an answer."""
MethodName = Annotated[str, one_of("Method", sorted({signature.name for signature in signatures().values()}))]
"""The name of a method, without its interface."""
SnapshotAttribute = Annotated[str, one_of("VSS_VOLUME_SNAPSHOT_ATTRIBUTES", members("VSS_VOLSNAP_ATTR_"))]
ContextName = Annotated[str, one_of("VSS_SNAPSHOT_CONTEXT", members("VSS_CTX_"))]


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


def with_code(described: Described, field: str) -> None:
    """See that a field holds the name of an answer."""
    with_names(described, field, HResult.__members__, "expected the name of an HRESULT")


def with_method(described: Described, field: str) -> None:
    """See that a field holds the name of a method."""
    known = {signature.name for signature in signatures().values()}
    with_names(described, field, known, "expected the name of a method, without its interface")
