"""What came from outside in a log, as a script: answers of the environment, how long operations took, their ends."""

from collections import Counter, defaultdict
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.model.computer import ScriptedAnswer
from vss_sim.spec.answers import call_failures
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC, BACKUP_COMPONENTS, Signature
from vss_sim.spec.protocol.objects import PENDING
from vss_sim.trace.lines import Line
from vss_sim.trace.values import Code, parse_code

_DECIDED_HERE: Final = frozenset({HResult.VSS_E_BAD_STATE, HResult.E_INVALIDARG, HResult.E_NOTIMPL})
"""Refusals that follow from the calls themselves; they are never scripted."""

Machine = str | None
Place = tuple[Machine, int]


class LogScript:
    """Gathers the scripted answers of each machine, line by line."""

    def __init__(self) -> None:
        self._answers: defaultdict[Machine, list[ScriptedAnswer]] = defaultdict(list)
        self._calls: Counter[tuple[Machine, str]] = Counter()
        self._running: dict[tuple[Machine, str], Place] = {}
        self._unnamed: list[Place] = []

    def see(self, line: Line, signature: Signature) -> None:
        """Learn from one call."""
        if signature.family == ASYNC:
            self._operation(line, signature.name, line.out or {})
            return
        code = parse_code(line.returns) if isinstance(line.returns, (str, int)) else None
        self._calls[line.machine, signature.name] += 1
        if signature.family != BACKUP_COMPONENTS and signature.interface:
            return
        if _came_from_outside(signature.full_name, code):
            self._script(line.machine, signature.name, returns=code.known.name if code and code.known else None)
        if signature.asynchronous and (code is None or code.succeeded):
            self._begun(line, signature.name)

    def _script(self, machine: Machine, name: str, returns: str | None = None) -> Place:
        """A word on this very call."""
        skip = self._calls[machine, name] - 1
        self._answers[machine].append(ScriptedAnswer(to=name, returns=returns, skip=skip, times=1))
        return machine, len(self._answers[machine]) - 1

    def _begun(self, line: Line, name: str) -> None:
        place = self._script(line.machine, name)
        handle = next((value for value in (line.out or {}).values() if isinstance(value, str)), None)
        if handle is None:
            self._unnamed.append(place)
        else:
            self._running[line.machine, handle] = place

    def _operation(self, line: Line, name: str, out: dict[str, Any]) -> None:
        """How often an operation was found pending, and what it came to."""
        key = (line.machine, line.on or "")
        if key not in self._running and self._unnamed:
            self._running[key] = self._unnamed.pop()
        place = self._running.get(key)
        if place is None or name != "QueryStatus" or not isinstance(out.get("pHrResult"), (str, int)):
            return
        result = parse_code(out["pHrResult"])
        machine, number = place
        answer = self._answers[machine][number]
        if result.known is PENDING:
            self._answers[machine][number] = replace(answer, polls=answer.polls + 1)
        elif not result.succeeded and result.known is not None:
            self._answers[machine][number] = replace(answer, result=result.known.name)

    def answers(self, machine: str, *, first: bool) -> tuple[ScriptedAnswer, ...]:
        """The script of a machine; lines that name none speak of the first."""
        return (*(self._answers[None] if first else ()), *self._answers[machine])


def _came_from_outside(full_name: str, code: Code | None) -> bool:
    """Whether an answer is a failure that the environment gave."""
    if code is None or code.succeeded or code.known is None or code.known in _DECIDED_HERE:
        return False
    return code.known in call_failures(full_name)
