"""What a function of Windows returned itself, where a line has that in place of the error: a BOOL, or a handle.

In a log `returns` is the error that GetLastError tells. A recorder that writes what the function returned has 1 or TRUE
for success, FALSE for failure, and of a function that opens something its handle. That is read as it was meant, and
told once. What 0 means, nobody can tell before a BOOL was seen: from then on it is FALSE. Where a number was seen that
can only be an error, or 0 beside a handle, numbers are errors, and 1 is ERROR_INVALID_FUNCTION.
Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew and those of the other functions
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.judge.history import History, Step
from vss_sim.judge.unknown_names import look_at_answer
from vss_sim.judge.win32_words import FACILITY, number_of
from vss_sim.spec.win32 import RETURN_BOOL, RETURN_HANDLES, Win32Error

_DONE: Final = Win32Error.ERROR_SUCCESS.name
_ERRORS: Final = frozenset(Win32Error)
_LOWEST: Final = 4
"""Handles are multiples of this."""
_INVALID: Final = frozenset({-1, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})
"""INVALID_HANDLE_VALUE, as recorders write it."""
_BOOL: Final = "BOOL"
_LAST: Final = 15999
"""The greatest error of Windows that has a name."""
_HANDLE: Final = "handle"


def as_answered(history: History, step: Step, name: str) -> Step:
    """The call with the error for its answer; the call itself, where it has that already."""
    returns = step.line.returns
    if returns is None or returns == _DONE or not isinstance(returns, (str, int)):
        return step
    if name in RETURN_BOOL:
        return _by_truth(history, step, name, returns)
    result = RETURN_HANDLES.get(name)
    return _by_handle(history, step, name, result, returns) if result is not None else step


def _by_truth(history: History, step: Step, name: str, returns: str | int) -> Step:
    number = number_of(returns)
    if number is not None and number != 1 and _may_be_error(number) and not _bool_seen(history):
        history.numbers_are_errors = True
    done = _truth(history, returns)
    if done is None:
        return step
    look_at_answer(history, step.number, name, returns, _BOOL)
    return _with(step, {}) if done else _failed(step)


def _by_handle(history: History, step: Step, name: str, result: str, returns: str | int) -> Step:
    number = number_of(returns)
    is_one = number is not None and number >= _LOWEST and not number % _LOWEST and number not in _ERRORS
    invalid = number in _INVALID
    if number == 0 and result in step.results:
        history.numbers_are_errors = True
    elif number is not None and _may_be_error(number) and (history.numbers_are_errors or number > _LAST):
        is_one = False
    if result in step.results or not (invalid or is_one):
        return step
    look_at_answer(history, step.number, name, returns, _HANDLE)
    return _failed(step) if invalid else _with(step, {result: str(returns)})


def _may_be_error(number: int) -> bool:
    """Whether a number may be an error as GetLastError tells it, or is an HRESULT that was made of one."""
    return 0 < number <= _LAST or number & 0xFFFFFFFFFFFF0000 == FACILITY


def _truth(history: History, returns: str | int) -> bool | None:
    """Whether a BOOL was recorded, and which."""
    if returns == "TRUE" or (number_of(returns) == 1 and not history.numbers_are_errors):
        return True
    return False if returns == "FALSE" or (_bool_seen(history) and number_of(returns) == 0) else None


def _bool_seen(history: History) -> bool:
    return ("returns", "", _BOOL) in history.unknown_names


def _with(step: Step, results: dict[str, Any]) -> Step:
    """The call, done."""
    found = Step(step.number, replace(step.line, returns=_DONE), None)
    found.arguments, found.results = step.arguments, {**step.results, **results}
    return found


def _failed(step: Step) -> Step:
    """The call, failed by what GetLastError told, where that was recorded."""
    told = step.results.get("lastError")
    returns = told if isinstance(told, (str, int)) else None
    found = Step(step.number, replace(step.line, returns=returns, fails=True), None)
    found.arguments, found.results = step.arguments, step.results
    return found
