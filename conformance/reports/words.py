"""What all reports say of a result in the same words."""

from ..results import Fault, Result
from ..tables import rules


def argument(fault: Fault) -> list[str]:
    """Why a fault is one: each rule with its force, standing, sentence and pages."""
    lines = []
    for name in fault.rules:
        rule = rules().get(name)
        if rule is None:
            continue
        lines.append(f"{name} ({rule.force}, {rule.standing}): {rule.says}")
        lines.extend(rule.pages)
    return lines


def place(fault: Fault) -> str:
    """Where in its case a fault is."""
    return f"line {fault.line}: {fault.call}"


def end_of(talk: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The last lines of a conversation, with a remark where some are left out."""
    if len(talk) <= most:
        return talk
    return (f"... {len(talk) - most} lines before", *talk[-most:])


def known_as(result: Result) -> str:
    """The verdict, with its reason."""
    return result.verdict.value + (f": {result.reason}" if result.reason else "")
