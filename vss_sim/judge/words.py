"""The sentences of findings: how grave a rule is, what was observed."""

from vss_sim.judge.findings import Level
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import RuleForce, rules


def graveness(rule: str) -> Level:
    """How grave it is to go against a rule that Windows lets pass: what one may do is only worth knowing."""
    return Level.INFO if rules()[rule].force is RuleForce.MAY else Level.WARNING


def names(codes: tuple[HResult, ...]) -> str:
    """Answers, by name, as people say them."""
    return " or ".join(code.name for code in codes)


def refused(call: str, codes: tuple[HResult, ...], observed: str | None) -> str:
    """That VSS refuses a call, and with what."""
    short = call.rpartition("::")[2]
    if not codes:
        return f"{short} is called on an object that is gone"
    if observed is not None:
        return f"{short} was refused with {observed}"
    return f"{short} is refused with {names(codes)}"
