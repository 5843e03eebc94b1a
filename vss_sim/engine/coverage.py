"""Which documented calls the simulator makes, and why it does not make the others."""

import re
from functools import cache
from typing import Final

from vss_sim.engine.document_pointers import COMPONENT, TELLERS
from vss_sim.engine.other_calls import FUNCTIONS
from vss_sim.spec.methods import Signature, call_names, signatures
from vss_sim.spec.writer_calls import RESERVED, is_setter
from vss_sim.spec.writer_lives import calls_of_programs

_NO_ANSWER: Final = "is reserved: its page tells neither what it does nor what it answers (rule {rule})"
_A_HANDLER: Final = "is a handler, which VSS calls: what a writer does in it is a reply to its event in the world"
_HANDLER: Final = re.compile(r"CVssWriter(?:Ex2?)?::On\w+")
_NOT_OURS: Final = {
    "writer": "is a call that a writer makes in a handler: it stands among the `calls` of a reply in the world",
    "provider": "is a call on a provider; providers are described in the world",
    "management": "is of the management interfaces, which the simulator does not have",
}


class NotSimulated(Exception):  # noqa: N818 - it says what it says
    """The simulator does not model this: what, and why."""


def beside_vss(name: str) -> str:
    """Why the simulator does not make a call that is none of VSS."""
    return f"{name} is no call of VSS; of what is around VSS, only files and services are simulated"


@cache
def not_simulated(full_name: str) -> str:
    """Why the simulator does not make this call, a documented one; empty where it does."""
    signature = signatures().get(full_name)
    if signature is None:
        return beside_vss(full_name)
    return "" if _made(signature) else f"{full_name} {_why_not(signature)}"


def _why_not(signature: Signature) -> str:
    if signature.full_name in RESERVED:
        return _NO_ANSWER.format(rule=RESERVED[signature.full_name])
    return _A_HANDLER if _HANDLER.fullmatch(signature.full_name) else _NOT_OURS[signature.kind]


def _made(signature: Signature) -> bool:
    if signature.full_name in calls_of_programs():
        return True
    if not signature.interface:
        return signature.name in FUNCTIONS
    if signature.family == COMPONENT:
        return signature.name in TELLERS or is_setter(signature.full_name)
    return signature.kind == "requester"


@cache
def simulated_calls() -> tuple[Signature, ...]:
    """Every call that the simulator makes, in the order of the table; one that two interfaces have, once."""
    own = (signature for name, signature in signatures().items() if call_names()[name] == name)
    return tuple(signature for signature in own if not not_simulated(signature.full_name))
