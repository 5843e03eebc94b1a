"""One case as a conversation: what is asked, and what of the answers is held against an implementation.

`holding.py` says what a line holds. Where an implementation goes another way than the case at a point that is free, the
case ends there: what follows rests on it. Where the line shows what no implementation may answer, the case ends, too;
one that goes another way before it has not come to the point, and is not judged.

File and service calls are put to one that says in its reply to `start` that it takes them: its shadow copies hold what
was there at the freeze. Where they are marked with broken rules, nothing is held against it: what a requester does with
files, nobody refuses.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from .binding import FILE_HANDLES, Binding, UnboundError, creation
from .blaming import blamed
from .case import Case, Line, asked_of_vss
from .comparing import Difference, differences
from .event_order import EventOrder
from .handlers import OF_WRITERS, Reported, scripted
from .holding import ASYNC, REMARKS, Hold, answers_of, between, hold_of, is_as_good, is_inferred, open_rules
from .results import Fault, Result, Told, Verdict
from .tables import Call, call_named, code, file_calls, is_hresult, succeeded

_NO_WRITERS: Final = (
    'the case is about a call of a writer, and it does not say that it takes them ("takes": ["writers"])'
)
_NOT_MADE: Final = "the case begins with an object that it does not show being made"
_SHOWN: Final = 200
_WHERE: Final = ("machine", "process")
_RESULT: Final = "pHrResult"
_HRESULT: Final = 'one such as "VSS_E_BAD_STATE" or "0x80042301"'

Say = Callable[[Line], Line]
"""How a message is put to an implementation. Raises `BrokenError`."""


class BrokenError(Exception):
    """The implementation gave no reply that can be judged: it ended, hung, said something else, or left it half."""


class _End(Exception):  # noqa: N818 - it is no error
    """The case is over: with a verdict."""

    def __init__(self, verdict: Verdict, reason: str = "", fault: Fault | None = None) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
        self.fault = fault


class Dialogue:
    """Puts one case to an implementation."""

    def __init__(self, case: Case, say: Say) -> None:
        self._case = case
        self._say = say
        self._binding = Binding(case)
        self._events = EventOrder(case.levels)
        self._talk: list[str] = []
        self._told: list[Told] = []
        self._number = 1
        self._line: Line = {}
        self._ids = 0
        self._calls = 0
        self._takes: frozenset[str] = frozenset()
        self._begun: dict[str, Call] = {}
        """The case's handle of an operation → the call that began it."""
        self._reported = Reported()

    def hold(self) -> Result:
        """The verdict, with the conversation."""
        end = _End(Verdict.PASSED)
        try:
            self._start()
            for number, line in self._case.lines:
                self._number, self._line = number, line
                self._follow(line)
            self._check_handlers()
            self._check_events()
        except _End as reached:
            end = reached
        except BrokenError as broken:
            end = _End(Verdict.FAILED, "", replace(self._fault(str(broken)), unheard=True))
        except UnboundError as unbound:
            end = _End(Verdict.FAILED, "", self._fault(str(unbound)))
            if not self._case.makes(str(self._line.get("on"))):
                end = _End(Verdict.SKIPPED, _NOT_MADE)
        return self._result(end)

    def _result(self, end: _End) -> Result:
        verdict, told = end.verdict, tuple(self._told)
        fault = end.fault
        if fault is not None and not fault.unheard and not self._case.settled:
            verdict = Verdict.PASSED
            told = (*told, Told(fault.line, fault.call, fault.says, fault.rules, differs=True))
            fault = None
        if verdict is Verdict.PASSED and not self._calls:
            verdict, end.reason = Verdict.SKIPPED, "the case asks nothing of VSS"
        return Result(self._case, verdict, end.reason, fault, told, tuple(self._talk), self._calls)

    @property
    def _what(self) -> str:
        """The call, the happening or the event of the line that is followed; before the first, the start."""
        return next((str(self._line[kind]) for kind in ("call", "happens", "event") if kind in self._line), "start")

    def _fault(self, says: str, returns: str | int | None = None, *, results: bool = False) -> Fault:
        named, broken = blamed(self._case, self._line, returns, results=results)
        return Fault(self._number, self._what, says, named, beside=not broken)

    def _fail(self, says: str, returns: str | int | None = None, *, results: bool = False) -> None:
        raise _End(Verdict.FAILED, "", self._fault(says, returns, results=results))

    def _tell(self, says: str, *, differs: bool = True, by: tuple[str, ...] = ()) -> None:
        named = by or open_rules(self._line)
        self._told.append(Told(self._number, self._what, says, named, differs))

    def _exchange(self, message: Line) -> Line:
        """A message and its reply, written down; a reply of the wrong form is a fault."""
        self._ids += 1
        message = {**message, "id": self._ids}
        self._talk.append("> " + json.dumps(message, ensure_ascii=False))
        reply = self._say(message)
        self._talk.append("< " + json.dumps(reply, ensure_ascii=False))
        if "skipped" in reply:
            raise _End(Verdict.SKIPPED, _reason(reply["skipped"]))
        events = reply.get("events") or []
        if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            raise BrokenError(f'"events" is {json.dumps(events)[:_SHOWN]}; expected a list of objects')
        for event in events:
            self._events.reported(event, self._number)
            self._reported.heard(event)
        return reply

    def _start(self) -> None:
        """A world of its own; for one that takes writers, another with their scripts, where they call something."""
        reply = self._begin(self._case.world)
        takes = reply.get("takes") or []
        if not isinstance(takes, list) or not all(isinstance(word, str) for word in takes):
            raise BrokenError(f'"takes" is {json.dumps(takes)[:_SHOWN]}; expected a list such as ["files", "writers"]')
        self._takes = frozenset(takes)
        if self._takes_writers and self._case.script.calls:
            self._begin(scripted(self._case.world, self._case.script))
        elif self._case.needs_writers and not self._takes_writers:
            raise _End(Verdict.SKIPPED, _NO_WRITERS)

    def _begin(self, world: Line) -> Line:
        reply = self._exchange({"start": {"world": world, "profile": self._case.profile}})
        if "error" in reply:
            raise BrokenError(f"it could not begin: {reply['error']}")
        return reply

    @property
    def _takes_writers(self) -> bool:
        return "writers" in self._takes

    def _follow(self, line: Line) -> None:
        if "event" in line:
            self._events.shown(line)
        elif "happens" in line:
            told = {key: value for key, value in line.items() if key not in REMARKS}
            told = {key: self._binding.theirs(value) for key, value in told.items()}
            reply = self._exchange(told)
            if "error" in reply:
                raise BrokenError(f"it could not read the message: {reply['error']}")
        elif line.get("call") in file_calls():
            if "files" in self._takes:
                self._file_call(line)
        elif "call" in line and (call := call_named(line["call"])) is not None:
            if self._case.is_a_writers(line):
                if self._takes_writers and not self._case.script.makes(line):
                    self._call(line, call)
            elif asked_of_vss(line["call"]) and not self._is_a_writers(line):
                self._call(line, call)

    def _file_call(self, line: Line) -> None:
        """A call on files or services, unless it names a device that the case never asked for."""
        given = self._binding.file_arguments(line.get("in") or {})
        if given is None:
            return
        message: Line = {"call": line["call"], "in": given, **{key: line[key] for key in _WHERE if key in line}}
        reply = self._exchange(message)
        if "error" in reply:
            raise BrokenError(f"it could not read the message: {reply['error']}")
        returns, out = reply.get("returns"), reply.get("out") or {}
        if not isinstance(returns, str) or not returns.startswith("ERROR_") or not isinstance(out, dict):
            got = json.dumps({"returns": returns, "out": out}, ensure_ascii=False)[:_SHOWN]
            wanted = 'a reply with "returns", a Win32 error such as "ERROR_SUCCESS", and "out", an object'
            raise BrokenError(f"expected {wanted}; got {got}")
        free = bool(line.get("rules"))
        if not _agrees(line, answers_of(line), str(returns)):
            self._differs(line, Hold.FREE if free else Hold.EXACT, str(returns))
            raise _End(Verdict.PASSED, f"it went another way at a point that is free: it answered {returns}")
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
        if call.family == OF_WRITERS:
            message["on"] = line["on"]  # a program names its own object
        elif call.family:
            message["on"] = self._binding.handle(line, call, self._create)
        given = self._binding.arguments(line.get("in") or {})
        if given:
            message["in"] = given
        message.update({key: line[key] for key in _WHERE if key in line})
        self._calls += 1
        reply = self._exchange(message)
        if "error" in reply:
            if answers_of(line) and hold_of(self._case, line) is not Hold.FREE:
                raise BrokenError(f"it could not read the message: {reply['error']}")
            return
        returns, out = reply.get("returns"), reply.get("out") or {}
        if "returns" not in reply or not isinstance(out, dict):
            got = json.dumps({"returns": returns, "out": out}, ensure_ascii=False)[:_SHOWN]
            raise BrokenError(f'expected a reply with "returns", the answer by name, and "out", an object; got {got}')
        self._judge(line, call, self._answer(returns), out)

    def _answer(self, returns: object) -> str | int:
        """An answer as it is, if it can be one: else nothing was answered that could be judged."""
        if is_hresult(returns):
            return returns
        told = (repr(returns) if isinstance(returns, str) else json.dumps(returns))[:_SHOWN]
        wanted = _wanted(self._line, hold_of(self._case, self._line)) or _HRESULT
        raise BrokenError(f"it answered {told}, which is no name or number of an HRESULT; expected {wanted}")

    def _judge(self, line: Line, call: Call, returns: str | int, out: Line) -> None:
        hold = hold_of(self._case, line)
        expected = answers_of(line)
        agrees = call.counts or _agrees(line, expected, returns)
        if hold is Hold.NEVER:
            self._never(line, call, agrees=agrees, out=out, returns=returns)
        if not agrees and hold is Hold.FAILS and not succeeded(returns):
            self._tell(f"it answered {returns}; the case has {expected[0]}, which no page names for this")
        elif not agrees and (by := between(self._case, line, call, returns)):
            self._tell(f"it answered {returns}; the case has {expected[0]}", by=by)
            return
        elif not agrees:
            self._differs(line, hold, returns)
            if call.reads:
                return  # nothing that follows rests on it
            raise _End(Verdict.PASSED, f"it went another way at a point that is free: it answered {returns}")
        elif hold is Hold.FREE or len(expected) > 1:
            self._tell(f"it answered {returns}", differs=False)
        if len(expected) > 1 and succeeded(expected[0]) is not succeeded(returns):
            raise _End(Verdict.PASSED, f"the case goes on from {expected[0]}, and it answered {returns}")
        self._learn(line, call, out)
        if call.counts or succeeded(returns):
            self._results(line, call, out, hold)

    def _learn(self, line: Line, call: Call, out: Line) -> None:
        """The objects that were handed out; of an operation, which call began it."""
        self._binding.learn_handles(line, call, out)
        for parameter in call.parameters:
            if parameter.get("makes") == ASYNC:
                self._begun[str((line.get("out") or {}).get(parameter["name"]))] = call

    def _differs(self, line: Line, hold: Hold, returns: str | int) -> None:
        """Another answer than the line's: held against the implementation, or told where the point is free."""
        wanted = _wanted(line, hold)
        says = f"it answered {returns}; {'the case has' if hold is Hold.FREE else 'expected'} {wanted}"
        if hold is Hold.FREE:
            self._tell(says)
        elif self._case.shows_what_is_wrong:
            raise _End(Verdict.SKIPPED, f"it did not come to what the case shows to be wrong: {says}")
        else:
            self._fail(says, returns)

    def _results(self, line: Line, call: Call, out: Line, hold: Hold) -> None:
        """What was handed out; free results are told."""
        handles = {parameter["name"] for parameter in call.parameters if "makes" in parameter}
        found = differences(line.get("out") or {}, out, self._binding, handles)
        found = [replace(one, free=one.free or self._is_any_failure(line, one)) for one in found]
        for one in found:
            if one.free or hold is Hold.FREE:
                self._tell(f"{one.place} is {one.got!r}; the case has {one.expected!r}")
        wrong = [str(one) for one in found if not one.free and hold is not Hold.FREE]
        if any(one.place in handles for one in found if not one.free) and hold is not Hold.FREE:
            raise BrokenError("; ".join(wrong))  # without the object nothing more can be asked, and no rule is broken
        if wrong and self._case.shows_what_is_wrong:
            raise _End(Verdict.PASSED, f"it hands out something else than the case shows: {'; '.join(wrong)}")
        if wrong:
            self._fail("; ".join(wrong), results=True)

    def _is_any_failure(self, line: Line, result: Difference) -> bool:
        """Whether an operation has failed as it had to, with another code than one that no page names, or as well."""
        begun = self._begun.get(str(line.get("on")))
        fails = result.place == _RESULT and is_hresult(result.got)
        fails = fails and (not succeeded(result.got) or is_as_good(result.expected, result.got))
        return fails and begun is not None and is_inferred(self._case, begun, result.expected)

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

    def _check_handlers(self) -> None:
        """What writers called in their handlers, event by event, as it was reported."""
        if not self._takes_writers:
            return
        for at, asked in self._case.script.calls.items():
            got = self._reported.of(at) or []
            for place, one in enumerate(asked):
                self._number, self._line = one.number, one.line
                self._calls += 1
                call = call_named(one.line["call"])
                if call is not None:
                    self._judge_reported(at[0], call, got[place] if place < len(got) else {})

    def _judge_reported(self, event: str, call: Call, got: Line) -> None:
        returns, out = got.get("returns", None if "returns" in self._line else "S_OK"), got.get("out") or {}
        if got.get("call") != self._line["call"] or not isinstance(returns, (str, int)) or not isinstance(out, dict):
            told = json.dumps(got, ensure_ascii=False) if got else "nothing"
            says = f"it was to report this call, which its writer makes at {event}, with the answer; it reported {told}"
            raise _End(Verdict.FAILED, "", replace(self._fault(says), unheard=True))
        self._judge(self._line, call, self._answer(returns), out)

    def _check_events(self) -> None:
        """What writers got, in its order; and no more of it, where the case says that it shows all."""
        missing = self._events.missing(self._binding)
        if missing is not None:
            place, says, rules = missing
            self._number, self._line = [(number, line) for number, line in self._case.lines if "event" in line][place]
            if rules:
                raise _End(Verdict.FAILED, "", Fault(self._number, self._what, says, rules))
            if any(rule.who not in ("writer", "provider") for rule in self._case.known_rules):
                self._fail(says)
            self._tell(says)  # what writers are asked to bear, nobody has to send them
        for rule, names in self._case.silence.items():
            unasked = self._events.unasked(frozenset(names), self._binding)
            if unasked is not None:
                self._number, says = unasked
                self._line = next((line for number, line in self._case.lines if number == self._number), {})
                raise _End(Verdict.FAILED, "", Fault(self._number, self._what, says, (rule,)))


def _reason(given: object) -> str:
    """Why an implementation cannot do a thing; without a reason that is no skipping."""
    if not isinstance(given, str) or not given.strip():
        raise BrokenError(f'"skipped" is {json.dumps(given)[:_SHOWN]}; expected the reason, a text')
    return given


def _wanted(line: Line, hold: Hold) -> str:
    """What a line expects, in words; empty where it says nothing."""
    fails = bool(line.get("fails")) or hold is Hold.FAILS
    return "any failing answer" if fails else " or ".join(map(str, answers_of(line)))


def _agrees(line: Line, expected: list[str | int], returns: str | int) -> bool:
    if line.get("fails"):
        return not succeeded(returns)
    return not expected or code(returns) in [code(answer) for answer in expected]


def put(case: Case, say: Say) -> Result:
    """Put a case to an implementation."""
    return Dialogue(case, say).hold()
