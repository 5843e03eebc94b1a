"""How each documented answer is brought about here: `causes.tsv`, in which the first row that fits decides.

`*` in a column stands for anything. In `how`, `{code}` is the answer, and `{script}`, `{result}`, `{provider}`,
`{argument}` and `{missing}` are the clauses below, told for the method.
"""

import re
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.answers import DocumentedAnswer
from vss_sim.spec.methods import Direction, Parameter, Signature, signatures
from vss_sim.spec.tables import read_table

_INDEX: Final = re.compile(r"i[A-Z]\w*")


class Kind(Enum):
    """What brings an answer about."""

    SUCCESS = "success"
    STATE = "state"
    ARGUMENT = "argument"
    OBJECT = "object"
    ACCOUNT = "account"
    SYSTEM = "system"
    WRITER = "writer"
    HANDLER = "handler"
    PROVIDER = "provider"
    SCRIPT = "script"

    @property
    def meaning(self) -> str:
        """The kind in words."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    Kind.SUCCESS: "the call as it should be",
    Kind.STATE: "the order of calls on the object",
    Kind.ARGUMENT: "what is passed",
    Kind.OBJECT: "what the arguments name, and the things of the computer",
    Kind.ACCOUNT: "the account that calls",
    Kind.SYSTEM: "the operating system, its services and what is registered",
    Kind.WRITER: "how a writer answers events",
    Kind.HANDLER: "what a writer calls while it handles an event, by its script",
    Kind.PROVIDER: "how a provider fails",
    Kind.SCRIPT: "a fault of the environment, by the script of the world",
}


class Cause(Struct, frozen=True):
    """What brings an answer about: the kind, and how to make it happen."""

    kind: Kind
    how: str


def index_of(signature: Signature) -> str | None:
    """The parameter by which a thing is counted out, if there is one."""
    named = (p.name for p in signature.parameters if p.direction is Direction.IN and p.type == "UINT")
    return next((name for name in named if _INDEX.fullmatch(name)), None)


def place_of_a_result(signature: Signature) -> Parameter | None:
    """The first result for which a place has to be given."""
    wanted = (p for p in signature.parameters if p.direction is Direction.OUT and p.default is None)
    return next(wanted, None)


def cause_of(answer: DocumentedAnswer) -> Cause | None:
    """What brings a documented answer about here; None where nobody wrote it down."""
    interface, _, method = answer.method.rpartition("::")
    key = (interface, method, answer.hresult, answer.stage)
    for patterns, kind, how in _rows():
        if all(fnmatchcase(cell, pattern) for cell, pattern in zip(key, patterns, strict=True)):
            return Cause(kind, _told(how, answer, method))
    return None


@cache
def _rows() -> tuple[tuple[tuple[str, str, str, str], Kind, str], ...]:
    return tuple(
        ((row["interface"], row["method"], row["hresult"], row["stage"]), Kind(row["kind"]), row["how"])
        for row in read_table("causes.tsv")
    )


def _told(how: str, answer: DocumentedAnswer, method: str) -> str:
    code = answer.hresult
    clauses = {
        "{script}": f'`{{"to": "{method}", "returns": "{code}"}}` among the `answers` of the machine',
        "{handler}": f'`{{"call": "{answer.method}", "in": ..., "returns": "{code}"}}` among the `calls` of a reply',
        "{result}": f'`{{"to": "{method}", "result": "{code}"}}` among the `answers` of the machine',
        "{provider}": f'`{{"to": "{method}", "fails": "{code}"}}` among the `failures` of the provider',
        "{code}": code,
    }
    signature = signatures().get(answer.method)
    if signature is not None:
        clauses["{argument}"] = _wrong_argument(signature)
        clauses["{missing}"] = _missing(signature)
    for name, clause in clauses.items():
        how = how.replace(name, clause)
    return how


def _wrong_argument(signature: Signature) -> str:
    place = place_of_a_result(signature)
    return f"NULL for `{place.name}`" if place is not None else "99 for the type of the component"


def _missing(signature: Signature) -> str:
    """A thing that is not there, as this method can name one."""
    index = index_of(signature)
    names = [parameter.name for parameter in signature.parameters]
    if index is not None and "wszComponentName" not in names:
        return f"99 for `{index}`"
    if "wszComponentName" in names:
        return "a component that the document does not have"
    if any("olume" in name for name in names):
        return "a volume that the machine does not have"
    return "an id that no shadow copy and no set has"
