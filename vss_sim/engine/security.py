"""Whether an account may make a requester's call, or a writer's.

Rules sec-account, sec-registry-deny, sec-registry-grant.
"""

from functools import lru_cache

from vss_sim.model.computer import Machine, Requester
from vss_sim.spec.security import ALLOWED_GROUPS, DENIED


@lru_cache(maxsize=256)
def _decided(groups: tuple[str, ...], granted: int | None, grants: frozenset[int]) -> str | None:
    if granted == DENIED:
        return "sec-registry-deny"
    if granted in grants or any(group.casefold() in ALLOWED_GROUPS for group in groups):
        return None
    return "sec-account"


def why_denied(rule: str, account: str) -> str:
    """What the account lacks, by the rule of `denied`."""
    if rule == "sec-account":
        return f"the account {account!r} is neither administrator nor backup operator nor Local System"
    return f"VssAccessControl in the registry denies the account {account!r}"


def denied(machine: Machine, requester: Requester, grants: frozenset[int]) -> str | None:
    """The rule by which the account that calls is refused, or None where it may call.

    `grants` are the values of VssAccessControl that let an account make this call.
    """
    access = machine.registry.vss_access_control
    granted = access.get(requester.account) if access else None
    return _decided(requester.groups, granted, grants)
