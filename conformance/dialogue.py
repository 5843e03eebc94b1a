"""One case as a conversation: what is asked, and what of the answers is held against an implementation.

A line's expectation has three ends: this answer (or one of these), any failing answer, not judged. Where a line is
marked with the rules that are broken there, it depends on whom they bind:

* they bind VSS, and the line shows an answer that no implementation may give: any other is good, and the case ends
  there. One that goes another way before it has not come to the point, and is not judged.
* they bind VSS, and the answer is the refusal that they demand: that answer.
* they bind the requester, and the case has VSS let it pass: the pages forbid the call, so an implementation may
  refuse it. It is told which way it went.
* they are disputed or assumed: it is told which way it went, never blamed.

Where an implementation goes another way than the case at a free point, the case ends there: what follows rests on it.

File and service calls are put to one that says in its reply to `start` that it takes them: its shadow copies hold what
was there at the freeze. Where they are marked with broken rules, nothing is held against it: what a requester does with
files, nobody refuses.
"""

import json
from collections.abc import Callable
from enum import Enum
from typing import Final

from .binding import FILE_HANDLES, Binding, UnboundError, creation
from .case import Case, Line, asked_of_vss
from .comparing import differences
from .event_order import EventOrder
from .results import Fault, Result, Told, Verdict
from .tables import Call, call_named, code, file_calls, rules, succeeded

_NOT_MADE: Final = "the case begins with an object that it does not show being made"
_WHERE: Final = ("machine", "process")

Say = Callable[[Line], Line]
"""How a message is put to an implementation. Raises `BrokenError`."""


class BrokenError(Exception):
    """The implementation gave no reply that can be read: it ended, hung, or said something else."""


class _End(Exception):  # noqa: N818 - it is no error
    """The case is over: with a verdict. A fault is told only, where the case is disputed, unless it counts `always`."""

    def __init__(self, verdict: Verdict, reason: str = "", fault: Fault | None = None, *, always: bool = False) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
        self.fault = fault
        self.always = always


class Hold(Enum):
    """What a line holds against an implementation."""

    EXACT = "the answer that the case says"
    NEVER = "any answer but the one that the case shows"
    FREE = "nothing: it is told which way it went"


def hold_of(case: Case, line: Line) -> Hold:
    """What the answer to a line is held to."""
    marked = [rules()[name] for name in line.get("rules", ()) if name in rules()]
    if not marked:
        return Hold.EXACT
    if not any(rule.settled for rule in marked):
        return Hold.FREE
    if case.shows_a_wrong_answer(line):
        return Hold.NEVER if case.verdict == "violates" else Hold.FREE
    passes = any(map(succeeded, _answers(line)))
    return Hold.FREE if passes and case.profile == "windows" else Hold.EXACT


def _answers(line: Line) -> list[str | int]:
    returns = line.get("returns")
    if returns is None:
        return []
    return list(returns) if isinstance(returns, list) else [returns]


class Dialogue:
    """Puts one case to an implementation."""

    def __init__(self, case: Case, say: Say) -> None:
        self._case = case
        self._say = say
        self._binding = Binding(case)
        self._events = EventOrder()
        self._talk: list[str] = []
        self._told: list[Told] = []
        self._number = 1
        self._line: Line = {}
        self._ids = 0
        self._calls = 0
        self._takes_files = False

    def hold(self) -> Result:
        """The verdict, with the conversation."""
        end = _End(Verdict.PASSED)
        try:
            self._start()
            for number, line in self._case.lines:
                self._number, self._line = number, line
                self._follow(line)
            self._check_events()
        except _End as reached:
            end = reached
        except BrokenError as broken:
            end = _End(Verdict.FAILED, "", self._fault(str(broken)), always=True)
        except UnboundError as unbound:
            end = _End(Verdict.FAILED, "", self._fault(str(unbound)))
            if not self._case.makes(str(self._line.get("on"))):
                end = _End(Verdict.SKIPPED, _NOT_MADE)
        return self._result(end)

    def _result(self, end: _End) -> Result:
        verdict, told = end.verdict, tuple(self._told)
        fault = end.fault
        if fault is not None and verdict is Verdict.FAILED and not self._case.settled and not end.always:
            verdict = Verdict.PASSED
            told = (*told, Told(fault.line, fault.call, fault.says, fault.rules))
            fault = None
        if verdict is Verdict.PASSED and not self._calls:
            verdict, end.reason = Verdict.SKIPPED, "the case asks nothing of VSS"
        return Result(self._case, verdict, end.reason, fault, told, tuple(self._talk), self._calls)

    def _fault(self, says: str) -> Fault:
        named = self._line.get("rules") or self._case.rules
        return Fault(self._number, str(self._line.get("call", self._line.get("happens", "start"))), says, tuple(named))

    def _fail(self, says: str) -> None:
        raise _End(Verdict.FAILED, "", self._fault(says))

    def _tell(self, says: str) -> None:
        named = tuple(self._line.get("rules", ()))
        self._told.append(Told(self._number, str(self._line.get("call", "")), says, named))

    def _exchange(self, message: Line) -> Line:
        """A message and its reply, written down; a reply of the wrong form is a fault."""
        self._ids += 1
        message = {**message, "id": self._ids}
        self._talk.append("> " + json.dumps(message, ensure_ascii=False))
        reply = self._say(message)
        self._talk.append("< " + json.dumps(reply, ensure_ascii=False))
        if "skipped" in reply:
            raise _End(Verdict.SKIPPED, str(reply["skipped"]))
        for event in reply.get("events") or ():
            if isinstance(event, dict):
                self._events.reported(event)
        return reply

    def _start(self) -> None:
        reply = self._exchange({"start": {"world": self._case.world, "profile": self._case.profile}})
        if "error" in reply:
            self._fail(f"it could not begin: {reply['error']}")
        takes = reply.get("takes")
        self._takes_files = isinstance(takes, list) and "files" in takes

    def _follow(self, line: Line) -> None:
        if "event" in line:
            self._events.shown(line)
        elif "happens" in line:
            told = {key: value for key, value in line.items() if key not in ("rules", "note", "level", "at")}
            told = {key: self._binding.theirs(value) for key, value in told.items()}
            reply = self._exchange(told)
            if "error" in reply:
                self._fail(f"it could not read the message: {reply['error']}")
        elif "call" in line and asked_of_vss(line["call"]) and not self._is_a_writers(line):
            call = call_named(line["call"])
            if call is not None:
                self._call(line, call)
        elif line.get("call") in file_calls() and self._takes_files:
            self._file_call(line)

    def _file_call(self, line: Line) -> None:
        """A call on files or services, unless it names a device that the case never asked for."""
        given = self._binding.file_arguments(line.get("in") or {})
        if given is None:
            return
        message: Line = {"call": line["call"], "in": given, **{key: line[key] for key in _WHERE if key in line}}
        reply = self._exchange(message)
        if "error" in reply:
            self._fail(f"it could not read the message: {reply['error']}")
        returns, out = reply.get("returns"), reply.get("out") or {}
        if not isinstance(returns, str) or not isinstance(out, dict):
            self._fail('expected a reply with "returns", a Win32 error by name, and "out", an object')
        free = bool(line.get("rules"))
        if not _agrees(line, _answers(line), str(returns)):
            self._differs(
                Hold.FREE if free else Hold.EXACT, _answers(line), str(returns), fails=bool(line.get("fails"))
            )
        recorded = line.get("out") or {}
        self._binding.learn_file_handles(recorded, out)
        wrong = [str(one) for one in differences(recorded, out, self._binding, FILE_HANDLES)]
        if wrong and not free:
            self._fail("; ".join(wrong))

    def _is_a_writers(self, line: Line) -> bool:
        """A call on components that a writer was handed with an event: a writer makes it, no requester."""
        call = call_named(line["call"])
        pointer = call is not None and call.family in ("IVssWriterComponents", "IVssComponent")
        return pointer and self._events.any_shown and not self._binding.knows(line)

    def _create(self, where: Line) -> str:
        self._calls += 1
        out = self._exchange({**creation(), **where}).get("out")
        made = out.get("ppBackup") if isinstance(out, dict) else None
        if not isinstance(made, str):
            raise _End(Verdict.SKIPPED, _NOT_MADE)
        return str(made)

    def _call(self, line: Line, call: Call) -> None:
        message: Line = {"call": line["call"]}
        if call.family:
            message["on"] = self._binding.handle(line, call, self._create)
        given = self._binding.arguments(line.get("in") or {})
        if given:
            message["in"] = given
        message.update({key: line[key] for key in _WHERE if key in line})
        self._calls += 1
        reply = self._exchange(message)
        if "error" in reply:
            if not line.get("fails") and _answers(line):
                self._fail(f"it could not read the message: {reply['error']}")
            return
        returns, out = reply.get("returns"), reply.get("out") or {}
        if not isinstance(returns, (str, int)) or isinstance(returns, bool) or not isinstance(out, dict):
            self._fail('expected a reply with "returns", the answer by name, and "out", an object')
        else:
            self._judge(line, call, returns, out)

    def _judge(self, line: Line, call: Call, returns: str | int, out: Line) -> None:
        hold = hold_of(self._case, line)
        expected = _answers(line)
        agrees = call.counts or _agrees(line, expected, returns)
        if hold is Hold.NEVER:
            self._never(line, call, agrees=agrees, out=out, returns=returns)
        if not agrees:
            self._differs(hold, expected, returns, fails=bool(line.get("fails")))
        elif hold is Hold.FREE or len(expected) > 1:
            self._tell(f"it answered {returns}")
        if len(expected) > 1 and succeeded(expected[0]) is not succeeded(returns):
            raise _End(Verdict.PASSED, f"the case goes on from {expected[0]}, and it answered {returns}")
        self._binding.learn_handles(line, call, out)
        if call.counts or succeeded(returns):
            self._results(line, call, out, hold)

    def _differs(self, hold: Hold, expected: list[str | int], returns: str | int, *, fails: bool) -> None:
        wanted = "any failing answer" if fails else " or ".join(map(str, expected))
        says = f"it answered {returns}; expected {wanted}"
        if self._case.shows_what_is_wrong and hold is not Hold.FREE:
            raise _End(Verdict.SKIPPED, f"it did not come to what the case shows to be wrong: {says}")
        if hold is not Hold.FREE:
            self._fail(says)
        self._tell(says)
        raise _End(Verdict.PASSED, f"it went another way at a point that is free: {says}")

    def _results(self, line: Line, call: Call, out: Line, hold: Hold) -> None:
        """What was handed out; free results are told."""
        handles = {parameter["name"] for parameter in call.parameters if "makes" in parameter}
        found = differences(line.get("out") or {}, out, self._binding, handles)
        for one in found:
            if one.free or hold is Hold.FREE:
                self._tell(str(one))
        wrong = [str(one) for one in found if not one.free and hold is not Hold.FREE]
        if wrong and self._case.shows_what_is_wrong:
            raise _End(Verdict.PASSED, f"it hands out something else than the case shows: {'; '.join(wrong)}")
        if wrong:
            self._fail("; ".join(wrong))

    def _never(self, line: Line, call: Call, *, agrees: bool, out: Line, returns: str | int) -> None:
        """The line shows what is wrong: the implementation must do something else, and the case is over."""
        handles = {parameter["name"] for parameter in call.parameters if "makes" in parameter}
        same = agrees and not differences(line.get("out") or {}, out, self._binding, handles, exact=True)
        if same and self._events.any_shown and not self._events.any_reported:
            raise _End(Verdict.SKIPPED, "the case shows what went wrong by events, and it reports none")
        if same and not (self._events.any_shown and self._events.others_than_shown(self._binding)):
            shown = json.dumps({"returns": returns, "out": line.get("out") or {}}, ensure_ascii=False)
            self._fail(f"it answered {shown}, which is what the case shows to be wrong")
        raise _End(Verdict.PASSED)

    def _check_events(self) -> None:
        missing = self._events.missing(self._binding)
        if not missing:
            return
        self._line = {}
        if all(rule.who in ("writer", "provider") for rule in self._case.known_rules):
            self._tell(missing)  # what writers are asked to bear, nobody has to send them
        else:
            self._fail(missing)


def _agrees(line: Line, expected: list[str | int], returns: str | int) -> bool:
    if line.get("fails"):
        return not succeeded(returns)
    return not expected or code(returns) in [code(answer) for answer in expected]


def put(case: Case, say: Say) -> Result:
    """Put a case to an implementation."""
    return Dialogue(case, say).hold()
