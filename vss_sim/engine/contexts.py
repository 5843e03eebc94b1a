"""A shadow copy context as callers write it, by names or as a number, taken apart into context and attributes."""

from functools import cache, lru_cache
from typing import Final

from vss_sim.spec.arguments import NOT_TO_CLIENT_ACCESSIBLE, REQUESTER_ATTRIBUTES
from vss_sim.spec.enums import members, numbers

_CONTEXTS: Final = "VSS_SNAPSHOT_CONTEXT"
_ATTRIBUTES: Final = "VSS_VOLUME_SNAPSHOT_ATTRIBUTES"
_ALL: Final = "VSS_CTX_ALL"
_LONGEST: Final = 1000


@cache
def _table(enumeration: str) -> dict[str, int]:
    return {name: numbers()[name] for name in members()[enumeration]}


def _number_in(text: str) -> int | None:
    """Digits, as C writes them."""
    try:
        return int(text, 0) & 0xFFFFFFFF
    except ValueError:
        return None


def number_of(value: object) -> int | None:
    """The number that a recorded value stands for: names joined by `|`, digits, or a number. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, int):
        return value & 0xFFFFFFFF
    named = numbers().get(value)
    if named is not None:
        return named
    number = 0
    for word in value.split("|"):
        bits = numbers().get(word.strip())
        if bits is None:
            bits = _number_in(word)
        if bits is None:
            return None
        number |= bits
    return number


@lru_cache(maxsize=256)
def _parse(value: str | int) -> tuple[str, tuple[str, ...]] | None:
    number = number_of(value)
    if number is None:
        return None
    contexts = dict(_table(_CONTEXTS))
    if number == contexts.pop(_ALL):
        return _ALL, ()
    defining = 0
    for bits in contexts.values():
        defining |= bits
    for name, bits in contexts.items():
        if number & defining == bits:
            rest = number & ~defining
            attributes = {attribute: bit for attribute, bit in _table(_ATTRIBUTES).items() if rest & bit}
            return (name, tuple(attributes)) if sum(attributes.values()) == rest else None
    return None


def parse_context(value: object) -> tuple[str, tuple[str, ...]] | None:
    """The name of a context and the names of its attributes; None where the value is no context that is known."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > _LONGEST:
        return None
    return _parse(value)


@lru_cache(maxsize=256)
def context_fault(value: object) -> str | None:
    """The rule that a context with its attributes breaks, or None.

    Differential and plex exclude each other, neither goes with client-accessible copies, nor does transportable, and
    what VSS sets itself is not for requesters to set.
    """
    parsed = parse_context(value)
    if parsed is None:
        return "sn-ctx-invalid"
    name, attributes = parsed
    if {"VSS_VOLSNAP_ATTR_DIFFERENTIAL", "VSS_VOLSNAP_ATTR_PLEX"} <= set(attributes):
        return "sn-attr-diff-plex-exclusive"
    if name == "VSS_CTX_CLIENT_ACCESSIBLE" and not NOT_TO_CLIENT_ACCESSIBLE.isdisjoint(attributes):
        return "sn-attr-not-with-client-accessible"
    if not set(attributes) <= REQUESTER_ATTRIBUTES:
        return "sn-attr-auto-only"
    return None


def context_choice(value: object) -> str | None:
    """Which way of calling SetContext a value stands for; None where it is not known."""
    parsed = parse_context(value)
    if parsed is None:
        return None
    if parsed[0] == _ALL:
        return _ALL
    return "with writers" if has_writers(parsed[0]) else "without writers"


def has_writers(context: str) -> bool:
    """Whether writers take part in a context (rule sn-ctx-writers)."""
    return not numbers()[context] & numbers()["VSS_VOLSNAP_ATTR_NO_WRITERS"]


def is_auto_release(context: str) -> bool:
    """Whether the shadow copies of a context go with the object that made them (rule sn-ctx-autorelease)."""
    return not numbers()[context] & numbers()["VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE"]
