"""Flags, answers and states of Windows as recorders write them: by name, as a number, or as a number in text."""

from collections.abc import Mapping
from typing import Final

from vss_sim.judge.history import Step
from vss_sim.spec.win32 import FLAGS, SERVICE_STATES, Win32Error

_SUCCESS: Final = Win32Error.ERROR_SUCCESS.name
_DONE: Final = (None, _SUCCESS)
_SUCCESS_AS_HRESULT: Final = "S_OK"
FACILITY: Final = 0x80070000
"""An HRESULT that stands for an error of Windows begins so."""

_AS_HRESULT: Final = "HRESULT_FROM_WIN32("
_ERRORS: Final = {error.value: error.name for error in Win32Error}
_STATES: Final = {number: name for name, number in SERVICE_STATES.items()}


def bits_of(value: object, flags: Mapping[str, int] = FLAGS) -> int:
    """Flags of a file or service call; what is not known is none."""
    if isinstance(value, str) and not value[:1].isdigit():
        return sum(flags.get(word.strip(), _number(word) or 0) for word in set(value.split("|")))
    return (_number(value) or 0) & 0xFFFFFFFF


def _number(value: object) -> int | None:
    """A number, or one in text as C prints it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    try:
        return int(value, 0)
    except ValueError:
        return None


def number_of(value: object) -> int | None:
    """A number as `bits_of` reads one, but of any size and sign; also a LARGE_INTEGER with its fields."""
    if isinstance(value, dict):
        value = value.get("QuadPart")
    return _number(value)


def is_true(value: object) -> bool:
    """Whether a BOOL is told to be true."""
    return value in (True, 1, "true", "TRUE")


def answer_of(step: Step) -> str | None:
    """The answer of a file or service call by its name; None where none was recorded."""
    return named_answer(step.line.returns)


def named_answer(returns: object) -> str | None:
    """The same of what stands in a line; an error that has no name here is told by its number."""
    if returns == _SUCCESS_AS_HRESULT:
        return _SUCCESS
    if isinstance(returns, str) and not returns[:1].isdigit():
        return returns.removeprefix(_AS_HRESULT).removesuffix(")") if returns.startswith(_AS_HRESULT) else returns
    number = _number(returns)
    if number is None:
        return None
    number &= 0xFFFFFFFF
    number = number & 0xFFFF if number & 0xFFFF0000 == FACILITY else number
    return _ERRORS.get(number, f"error {number}")


def succeeded(step: Step) -> bool:
    """Whether a file or service call did what it is for, as far as is known."""
    returns = step.line.returns
    return (returns == _SUCCESS or answer_of(step) in _DONE) and not step.line.fails


def state_of(value: object) -> str | None:
    """How a service is; None where that was not recorded."""
    if isinstance(value, str) and not value[:1].isdigit():
        return value
    return _STATES.get(_number(value) or 0)
