"""A recorder writes down what it sees: constants, flags and HRESULTs by number mean the same as by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import CASES, Entry, check, entries_of
from vss_sim.engine.contexts import number_of
from vss_sim.judge.win32_words import bits_of
from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Profile
from vss_sim.spec.win32 import SERVICE_STATES, Win32Error

AREAS: Final = sorted({path.parent.name for path in CASES})


def _number(value: Any, *, as_text: bool = False) -> Any:
    """The value with every constant in it by its number, every HRESULT as the signed number that a program sees.

    As text they are what `%#x` prints, of which HRESULTs have eight digits.
    """
    if isinstance(value, dict):
        return {key: _number(one, as_text=as_text) for key, one in value.items()}
    if isinstance(value, list):
        return [_number(one, as_text=as_text) for one in value]
    if not isinstance(value, str):
        return value
    if value in HResult.__members__:
        return f"0x{HResult[value]:08x}" if as_text else HResult[value].signed
    number = number_of(value) if value.startswith("VSS_") else SERVICE_STATES.get(value)
    if number is None:
        return value
    return f"{number:#x}" if as_text else number


def _by_number(entry: Entry, *, as_text: bool = False) -> Entry:
    """A call, or an event, by numbers; a list of answers is a case's alone."""
    keys = [key for key in ("in", "out", "returns", "answer") if isinstance(entry.get(key), (dict, str))]
    return {**entry, **{key: _number(entry[key], as_text=as_text) for key in keys}}


def _truth(value: Any) -> Any:
    """The value with 1 and 0 for true and false, as C prints them."""
    if isinstance(value, dict):
        return {key: _truth(one) for key, one in value.items()}
    return int(value) if isinstance(value, bool) else value


def _found(path: Path, entries: list[Entry]) -> set[tuple[int, str, str]]:
    header = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    checked = check(entries, Profile(header.get("profile", "windows")), header.get("world"))
    return {(finding.line, finding.level.value, finding.rule) for finding in checked.findings}


@pytest.mark.parametrize("as_text", [False, True], ids=["number", "hexadecimal text"])
@pytest.mark.parametrize("area", AREAS)
def test_a_log_by_numbers_is_judged_as_one_by_names(area: str, *, as_text: bool) -> None:
    """Every case, with the numbers of the headers in place of the names."""
    cases = [(path, entries_of(path)) for path in CASES if path.parent.name == area]
    written = [(path, entries, [_by_number(entry, as_text=as_text) for entry in entries]) for path, entries in cases]
    assert any(numbers != entries for _, entries, numbers in written)
    differing = {
        path.stem: _found(path, entries) ^ _found(path, numbers)
        for path, entries, numbers in written
        if numbers != entries
    }
    assert not {name: found for name, found in differing.items() if found}


@pytest.mark.parametrize("area", AREAS)
def test_true_and_false_may_be_numbers(area: str) -> None:
    """A BOOL is a number, and a recorder in C++ writes a bool as one."""
    differing = {}
    for path in [path for path in CASES if path.parent.name == area]:
        entries = entries_of(path)
        numbers = [
            {**one, **{key: _truth(one[key]) for key in ("in", "out", "answer") if key in one}} for one in entries
        ]
        if numbers != entries or json.dumps(numbers) != json.dumps(entries):
            differing[path.stem] = _found(path, entries) ^ _found(path, numbers)
    assert not {name: found for name, found in differing.items() if found}


Form = Callable[[int], int | str]


def _as_hresult(error: int) -> int:
    return error + 0x80070000 if error else 0


def _of_windows(entry: Entry, flags: Form, answer: Form) -> Entry:
    """A file or service call with the numbers of its flags and of its answer."""
    found = dict(entry)
    given = entry.get("in") or {}
    if given:
        found["in"] = {name: flags(bits_of(value)) if name.startswith("dw") else value for name, value in given.items()}
    if entry.get("returns") in Win32Error.__members__:
        found["returns"] = answer(int(Win32Error[entry["returns"]]))
    return found


@pytest.mark.parametrize(("flags", "answer"), [(int, int), (hex, hex), (int, _as_hresult)])
@pytest.mark.parametrize("area", ["reboot", "restore-method", "restore-target", "selection", "service"])
def test_what_windows_is_asked_and_answers_may_be_numbers(area: str, flags: Form, answer: Form) -> None:
    """As GetLastError tells it, as C prints it, or as the HRESULT that it is made into."""
    differing = {}
    for path in [path for path in CASES if path.parent.name == area]:
        entries = entries_of(path)
        numbers = [_of_windows(entry, flags, answer) for entry in entries]
        differing[path.stem] = _found(path, entries) ^ _found(path, numbers) if numbers != entries else set()
    assert differing
    assert not {name: found for name, found in differing.items() if found}
