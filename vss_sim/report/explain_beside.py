"""What stands in a log beside calls of VSS, as text for people.

File and service functions, their answers and flags, and what happens to a machine.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.report.words import wrapped
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.hresult import SIGN_BIT
from vss_sim.spec.methods import OTHER_FUNCTIONS, call_names
from vss_sim.spec.rules import rules
from vss_sim.spec.win32 import CALLS, FLAGS, NAMES_IN, SERVICE_STATES, SIBLINGS, Win32Error

ERRORS_PAGE: Final = "https://learn.microsoft.com/windows/win32/debug/system-error-codes"
_SERVICE_PAGE: Final = "https://learn.microsoft.com/windows/win32/services/service-functions"
_FILE_PAGE: Final = "https://learn.microsoft.com/windows/win32/fileio/file-management-functions"
_OF_WIN32: Final = 0x80070000
"""What HRESULT_FROM_WIN32 puts before the number of an error."""
_LAST_OF_WIN32: Final = 0xFFFF

_EXAMPLES: Final = {"seconds": 60, "process": "backup.exe", "service": "MSSQLSERVER", "writer": "SqlServerWriter"}
_MORE_EXAMPLES: Final = {
    "path": "C:\\db\\a.mdf",
    "volume": "C:\\",
    "lun": "LUN 7",
    "account": "guest",
    "groups": ["Users"],
}

_NUMBERS: Final = FLAGS | {
    name: number for takers in NAMES_IN.values() for names in takers.values() for name, number in names.items()
}
"""Every name that a function of Win32 takes for a number → the number."""

NAMES: Final = (
    *Win32Error.__members__,
    *CALLS,
    *OTHER_FUNCTIONS,
    *_NUMBERS,
    *SERVICE_STATES,
    *HAPPENINGS,
)


def explain_beside(name: str, number: int | None = None) -> Iterator[str] | None:
    """The explanation of `name`, or of the number that it is, line by line; None where it is nothing of the kind."""
    error = _error(name, number)
    if error is not None:
        return _win32_error(error)
    plain, loud = name.casefold(), name.upper()
    call = next((one for known, one in FILE_CALLS.items() if known.casefold() == plain), None)
    other = next((known for one, known in call_names().items() if one.casefold() == plain), None)
    happening = next((known for known in HAPPENINGS if known.casefold() == plain), None)
    found = (
        _function(call.name) if call is not None else None,
        _flag(loud) if loud in _NUMBERS else None,
        _service_state(loud) if loud in SERVICE_STATES else None,
        _other_function(other) if other in OTHER_FUNCTIONS else None,
        _happening(happening) if happening is not None else None,
    )
    return next((told for told in found if told is not None), None)


def _error(name: str, number: int | None) -> Win32Error | None:
    if name.upper() in Win32Error.__members__:
        return Win32Error[name.upper()]
    wanted = win32_number(number)
    wanted = number if wanted is None else wanted
    return next((error for error in Win32Error if error.value == wanted), None)


def win32_number(number: int | None) -> int | None:
    """The number of an error of Win32 that an HRESULT carries, signed or not; None where it carries none."""
    if number is None or not -SIGN_BIT <= number < 2 * SIGN_BIT:
        return None
    carried = (number & 0xFFFFFFFF) - _OF_WIN32
    return carried if 0 < carried <= _LAST_OF_WIN32 else None


def _win32_error(error: Win32Error) -> Iterator[str]:
    as_hresult = f" (as an HRESULT 0x{_OF_WIN32 + error.value:08X})" if error.value else ""
    yield f"{error.name} = {error.value}{as_hresult}"
    yield wrapped(error.meaning)
    yield from rules_naming(error.name)
    yield ""
    yield f"  page      {ERRORS_PAGE}"


def _function(name: str) -> Iterator[str]:
    call = FILE_CALLS[name]
    yield wrapped(f"{name}({', '.join(call.takes)})", "", "    ")
    yield wrapped((call.body.__doc__ or "").splitlines()[0])
    yield wrapped("a function of Win32, by its name with or without A or W; docs/files.md says what is simplified")
    for parameter, words in NAMES_IN.get(name, {}).items():
        yield ""
        yield wrapped(f"{parameter} takes {', '.join(words)}")
    yield from rules_naming(name)
    yield ""
    yield f"  page      {_SERVICE_PAGE if 'Service' in name else _FILE_PAGE}"


def _other_function(name: str) -> Iterator[str]:
    yield wrapped(f"{name}, a function of Windows that logs have beside the calls of VSS", "", "    ")
    yield wrapped("known to `vss-sim check`, by its name with or without A or W; the simulator does not make it")
    if name in SIBLINGS:
        yield wrapped(f"read as {SIBLINGS[name]}, which does the same to a file")
    yield from rules_naming(name)


def _flag(name: str) -> Iterator[str]:
    yield flag_in_words(name, f" = 0x{_NUMBERS[name]:08X} = {_NUMBERS[name]}")
    yield from rules_naming(name)


def flag_in_words(name: str, number: str = "") -> str:
    """A flag of file and service calls, with its number where it is given, and the calls that take it."""
    takers = [
        f"{call} ({parameter})"
        for call, taken in NAMES_IN.items()
        for parameter, names in taken.items()
        if name in names
    ]
    return f"{name}{number}, a flag of {' and '.join(takers)}"


def _service_state(name: str) -> Iterator[str]:
    yield f"{name} = {SERVICE_STATES[name]}, how a service is: the current state in its status"
    yield from rules_naming(name)
    yield ""
    yield f"  page      {_SERVICE_PAGE}"


def _happening(name: str) -> Iterator[str]:
    yield f"{name}, something that may happen to a machine"
    yield wrapped(HAPPENINGS[name].means)
    examples = {**_EXAMPLES, **_MORE_EXAMPLES}
    line = {"happens": name, **{key: examples[key] for key in HAPPENINGS[name].keys}}
    yield wrapped(f"as a line {json.dumps(line)}", "  ", " " * 10)


def rules_naming(name: str) -> Iterator[str]:
    """The rules whose sentence has a name as a whole word, below a line that says so; nothing where there are none."""
    word = re.compile(rf"\b{name}\b")
    found = [rule for rule in rules().values() if word.search(rule.statement)]
    if found:
        yield ""
        yield "  rules that name it:"
    for rule in found:
        yield wrapped(f"- {rule.statement} [{rule.id}]", "    ", "  ")
