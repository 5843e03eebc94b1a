"""Whether the requester's account may make a call (rules sec-account, sec-registry-deny, sec-registry-grant)."""

from functools import lru_cache

from vss_sim.model.computer import Machine, Requester
from vss_sim.spec.security import ALLOWED_GROUPS, DENIED, GRANTED_TO_REQUESTERS


@lru_cache(maxsize=256)
def _decided(account: str, groups: tuple[str, ...], granted: int | None) -> str | None:
    if granted == DENIED:
        return "sec-registry-deny"
    if granted in GRANTED_TO_REQUESTERS or any(group.casefold() in ALLOWED_GROUPS for group in groups):
        return None
    return "sec-account"


def why_denied(rule: str, account: str) -> str:
    """What the account lacks, by the rule of `denied`."""
    if rule == "sec-account":
        return f"the account {account!r} is neither administrator nor backup operator nor Local System"
    return f"VssAccessControl in the registry denies the account {account!r}"


def denied(machine: Machine, requester: Requester) -> str | None:
    """The rule by which the account that calls is refused, or None where it may call."""
    access = machine.registry.vss_access_control
    granted = access.get(requester.account) if access else None
    return _decided(requester.account, requester.groups, granted)
