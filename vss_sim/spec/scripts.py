"""What the scripts of a world may be about: the calls that the environment may fail, those that ask a provider.

A call is named with its interface, or without it: then every method of the name is meant.
"""

from functools import cache
from typing import Final

from vss_sim.spec.methods import REFERENCES, UNKNOWN, call_names, signatures
from vss_sim.spec.win32 import CALLS
from vss_sim.spec.writer_calls import COMPONENT, handler_calls, is_setter
from vss_sim.spec.writer_lives import CONSTRUCT, DESTRUCT, calls_of_programs

_WITHOUT_ANSWER: Final = frozenset({CONSTRUCT, DESTRUCT, "VssFreeSnapshotProperties"})
"""They return nothing that could tell of a failure; nor do the methods of `IUnknown`."""

PROVIDER_CALLS: Final = (
    "AddToSnapshotSet",
    "BreakSnapshotSet",
    "BreakSnapshotSetEx",
    "DeleteSnapshots",
    "DoSnapshotSet",
    "ExposeSnapshot",
    "GetSnapshotProperties",
    "ImportSnapshots",
    "IsVolumeSnapshotted",
    "Query",
    "RecoverSet",
    "UnexposeSnapshot",
)
"""The calls of a requester in which VSS asks a provider, who may fail what it is asked for."""


@cache
def scripted_calls() -> frozenset[str]:
    """The full names of the calls that the environment may fail, whoever makes them."""
    found = calls_of_programs()
    for full_name, signature in signatures().items():
        read = signature.family == COMPONENT and not is_setter(full_name)
        if read or (signature.kind == "requester" and signature.family != UNKNOWN):
            found |= {full_name}
    return found - _WITHOUT_ANSWER


@cache
def scripted_names() -> dict[str, str]:
    """Every way in which a script may name what it is about → the one way in which it is kept."""
    full = {name: full_name for name, full_name in call_names().items() if full_name in scripted_calls()}
    return full | {name: name for name in (signatures()[full_name].name for full_name in scripted_calls())}


@cache
def followed_names() -> dict[str, str]:
    """Every way in which a script may name a call after which something happens → the one way in which it is kept."""
    full = {name: full_name for name, full_name in call_names().items() if full_name in CALLS}
    counted = {name: f"{UNKNOWN}::{name}" for name in REFERENCES}
    return scripted_names() | full | counted | {full_name: full_name for full_name in counted.values()}


@cache
def begins_an_operation(name: str) -> bool:
    """Whether a call of this name has an asynchronous operation, which takes time and comes to a result."""
    return any(
        signatures()[full_name].asynchronous and name in (full_name, signatures()[full_name].name)
        for full_name in scripted_calls()
    )


def why_not_scripted(name: str) -> str:
    """What is said of a name that no script of calls may have; empty where nothing is called so."""
    full_name = call_names().get(name, name)
    short = full_name.rpartition("::")[2]
    if full_name in CALLS:
        return "a file or service call, which fails by `win32Faults`"
    if full_name in handler_calls() or any(call.endswith(f"::{short}") for call in handler_calls()):
        return "a call in the handler of a writer, which fails by its own `returns` among the `calls` of a reply"
    kinds = {signature.kind for signature in signatures().values() if short == signature.name}
    if "provider" in kinds:
        return "asked of a provider, which fails by its own `replies` and `failures`"
    if "writer" in kinds:
        return "what VSS calls of a writer, which fails by its own `replies`"
    return "no call that could fail here" if kinds else ""
