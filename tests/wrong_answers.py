"""A case put to the simulator that answers otherwise somewhere: for tests of what is held, and by which rules."""

from typing import Any, Final

from conformance.case import find_cases
from conformance.dialogue import put
from conformance.results import Result
from tests.complete_cases import InProcess

Line = dict[str, Any]
CASES: Final = {case.id: case for case in find_cases()}


def marked(name: str) -> Line:
    """The line of a case where something is wrong."""
    return next(line for _, line in CASES[name].lines if line.get("rules"))


def answering(name: str, instead: str) -> Result:
    """A case put to the simulator, which answers its marked line otherwise."""
    partner, wrong = InProcess(), marked(name)

    def say(message: Line) -> Line:
        reply = partner.say(message)
        same = message.get("call") == wrong["call"] and reply.get("returns") == wrong["returns"]
        return {**reply, "returns": instead} if same else reply

    return put(CASES[name], say)


def answering_first(name: str, method: str, reply: Line) -> Result:
    """A case put to the simulator, which replies so to the first call of a method."""
    partner, left = InProcess(), [reply]

    def say(message: Line) -> Line:
        right = partner.say(message)
        return left.pop() if left and str(message.get("call", "")).endswith(method) else right

    return put(CASES[name], say)


def answering_last(name: str, method: str, times: int, reply: Line) -> Result:
    """A case put to the simulator, which replies so to the call of a method for the n-th time."""
    partner, asked = InProcess(), [0]

    def say(message: Line) -> Line:
        right = partner.say(message)
        asked[0] += str(message.get("call", "")).endswith(method)
        return reply if asked[0] == times and str(message.get("call", "")).endswith(method) else right

    return put(CASES[name], say)


def handing_out(name: str, parameter: str, value: object) -> Result:
    """A case put to the simulator, which hands out another value."""
    partner = InProcess()

    def say(message: Line) -> Line:
        reply = partner.say(message)
        out = reply.get("out") or {}
        return {**reply, "out": {**out, parameter: value}} if parameter in out else reply

    return put(CASES[name], say)
