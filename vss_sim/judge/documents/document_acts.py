"""The acts on metadata and component objects: what a call that is plainly in order does, for the short cut.

A call that only reads, by a name and with results that no rule looks at, leaves nothing behind. Everything else goes
the whole way (`vss_sim.judge.documents.document_calls`).
"""

from typing import Final

from vss_sim.judge.backups.writer_metadata import describe_file_set
from vss_sim.judge.documents.document_contents import learn_descriptor
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import Act, OtherObject
from vss_sim.judge.readings import read_object
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.methods import Signature
from vss_sim.spec.protocol.documents import DESCRIPTOR_METHODS, DOCUMENT_METHODS
from vss_sim.spec.protocol.objects import POINTER_FAMILIES
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_code

_OK: Final = parse_code("S_OK")
_ASKED: Final = frozenset(name for rule in ARGUMENT_RULES for name in rule.methods)


def act_on_unknown(history: History, signature: Signature, plain: Act) -> Act:
    """The act of a call on an object that the log does not show: `plain`, unless the call itself tells something."""
    row = DOCUMENT_METHODS.get(signature.full_name)
    if _always_judged(signature):
        return _never
    shows = row is not None and bool(row.text or row.default)
    pointer = signature.family in POINTER_FAMILIES
    if not shows and not pointer:
        return plain
    memory = history.documents

    def act(number: int, line: Line, known: OtherObject | None) -> bool:
        if memory.handler is not None and pointer:
            return False
        if shows and (line.out is not None or line.returns == "S_FALSE"):
            return False
        return line.out is None or plain(number, line, known)

    return act


def act_on_known(history: History, signature: Signature) -> Act:
    """The act of a call on an object whose making the log has shown."""
    row = DOCUMENT_METHODS.get(signature.full_name)
    if _always_judged(signature):
        return _never
    if signature.full_name in DESCRIPTOR_METHODS:
        return _describing(history)
    limited = row is not None and any(limit.need.force(history.profile) is not Force.ALLOWED for limit in row.limits)
    default, text = (bool(row.default), row.text) if row is not None else (False, "")
    pointer = signature.family in POINTER_FAMILIES
    makes = any(parameter.makes for parameter in signature.parameters)
    tells = not (makes or limited or (row is not None and (row.index or row.once)))

    def act(number: int, line: Line, known: OtherObject) -> bool:
        owner = known.owner
        if line.out is None and known.known is None and (owner is None or owner.restoring is None):
            return not (default and line.returns == "S_FALSE") and (not pointer or _lives(known, limited=limited))
        if not tells or line.returns != "S_OK" or owner is None or (pointer and not _lives(known, limited=limited)):
            return False
        if known.known is not None and known.known.refused:
            return False
        if line.out and ((text and line.out.get(text, line) is None) or (default and None in line.out.values())):
            return False
        read_object(history, Step(number, line, _OK), signature, known)
        return True

    return act


def _always_judged(signature: Signature) -> bool:
    row = DOCUMENT_METHODS.get(signature.full_name)
    return signature.name in _ASKED or (row is not None and bool(row.reserved))


def _never(number: int, line: Line, known: OtherObject | None) -> bool:
    del number, line, known
    return False


def _lives(known: OtherObject, *, limited: bool) -> bool:
    """Whether a requester reads through a pointer that lives; a writer's calls are looked at each time."""
    if known.owner is None or limited:
        return False
    died = known.owner.pointers_died
    return died is None or died[0] <= known.made[0]


def _describing(history: History) -> Act:
    """The act of asking a file set for a part of it, which is remembered."""

    def act(number: int, line: Line, known: OtherObject) -> bool:
        if known.owner is not None and known.owner.restoring is not None:
            return False
        if line.out is not None:
            if line.returns != "S_OK":
                return False
            learn_descriptor(history, Step(number, line, _OK), known)
            describe_file_set(number, line, known)
        return True

    return act
