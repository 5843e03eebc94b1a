"""Names in a log that nobody knows - keys of a line, arguments, events, happenings: each is told once.

What has such a name is read over, as if it had not been recorded, and is never held against anybody (rule
log-open-world). So whoever writes `retruns` would hear nothing of what he recorded; here he does. Values that nobody
can read are told alike (`vss_sim.judge.unknown_values`).
"""

from collections.abc import Callable, Collection, Iterable
from functools import cache, partial
from typing import Any, Final

import msgspec

from vss_sim.documents.json_places import keys_twice
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.judge.history import History
from vss_sim.judge.recorded import OTHER_SPELLINGS
from vss_sim.judge.unknown_values import unknown_values
from vss_sim.spec.events import EVENTS
from vss_sim.spec.happenings import HAPPENINGS, OTHER_WORDS
from vss_sim.spec.methods import Direction, call_names, signatures
from vss_sim.spec.table import Profile
from vss_sim.spec.win32 import NOT_LOOKED_AT
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import near, read_json, shown

UNKNOWN_NAME: Final = "log-unknown-name"

_MOST: Final = 32
"""Of more unknown names in one log nothing is said; then it is another format."""

_LIKE: Final = 0.85
"""How like a function that is known another one is, to be meant: there are thousands."""

_SHOWN: Final = 60
_PASSED_OVER: Final = "what it says is read over, as if it was not recorded"
_KEYS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(Line))
_BESIDE: Final = frozenset({"rules", "open", "keeps", "id", "refusal", "passed"})
"""Keys that a line has as part of a case or of a conversation."""

_OF_REPLIES: Final = {
    "events": "in a log, each event is a line of its own, after the call that raised it",
    "skipped": "in a log, a call that was not made has no line",
    "error": "in a log, a call that was not made has no line",
}
"""Keys of the replies of `vss-sim serve`, and what a log has in their place."""

_PLAIN_VALUE: Final = "value"
"""What a method returns that has no HRESULT."""

_OF_HAPPENINGS: Final = frozenset(key for one in HAPPENINGS.values() for key in one.keys)


def arguments_of(full_name: str) -> frozenset[str] | None:
    """The names that the arguments and results of a call have; None where they are not known."""
    return _known_arguments(full_name) if full_name in call_names() else None


@cache
def results_of(full_name: str) -> frozenset[str]:
    """The names that the results of a call of VSS have."""
    return (_known_arguments(full_name) or frozenset()) | {_PLAIN_VALUE}


@cache
def _known_arguments(full_name: str) -> frozenset[str] | None:
    if full_name in signatures():
        other = OTHER_SPELLINGS.get(signatures()[full_name].name, ())
        return frozenset((*other, *(parameter.name for parameter in signatures()[full_name].parameters)))
    call = FILE_CALLS.get(full_name)
    return frozenset((*call.takes, *NOT_LOOKED_AT.get(call.name, ()))) if call is not None else None


@cache
def _elsewhere(full_name: str, *, given: bool) -> frozenset[str]:
    """What stands on the other side of a line: ids and handles that a call gives out, or whatever it is given.

    A pointer to memory for another result may be told as it was given.
    """
    parameters = signatures()[full_name].parameters
    if given:
        return frozenset(
            one.name for one in parameters if one.direction is Direction.OUT and (one.makes or one.type == "VSS_ID*")
        )
    return frozenset(one.name for one in parameters if one.direction is Direction.IN)


def _tell_of_sides(history: History, number: int, line: Line, full_name: str) -> None:
    """Tell of results that stand among the arguments, where only NULL may stand for them, and the other way round."""
    for given, values in ((True, line.in_), (False, line.out)):
        what, place = ("result", "out") if given else ("argument", "in")
        for name, value in values.items() if values else ():
            if value is not None and name in _elsewhere(full_name, given=given):
                says = f'{name!r} is {"a" if given else "an"} {what} of {full_name}, which belongs in "{place}"'
                _tell_once(history, number, ("side", full_name, name), partial(str, f"{says}: {_PASSED_OVER}"))


def look_at_arguments(history: History, number: int, line: Line, full_name: str) -> None:
    """Tell of arguments that the call does not have, and of results that it does not give."""
    arguments = arguments_of(full_name) if line.in_ else None
    if line.in_ and arguments is not None:
        _tell(history, number, "argument", full_name, line.in_, arguments)
    if full_name not in signatures():
        return
    _tell_of_sides(history, number, line, full_name)
    if line.out:
        _tell(history, number, "result", full_name, line.out, results_of(full_name))
    for values, given in ((line.in_, True), (line.out, False)):
        for name, says in unknown_values(full_name, values, given=given) if values else ():
            _tell_once(history, number, ("value", full_name, name), partial(str, f"{says}: {_PASSED_OVER}"))


def look_at_function(history: History, number: int, call: str) -> None:
    """Tell of a call that is none of VSS (`vss_sim.spec.foreign_calls`), nor known beside it."""

    def says() -> str:
        meant = near(call, [name for name, full_name in call_names().items() if full_name not in signatures()], _LIKE)
        return f"{call!r} is no call of VSS, nor a function that is known beside it{meant}: it is counted as not judged"

    _tell_once(history, number, ("function", "", call), says)


def look_at_answer(history: History, number: int, call: str, returns: object, kind: str) -> None:
    """Tell of a function of Windows whose `returns` is what it returned itself, a BOOL or a handle, and no error."""

    def says() -> str:
        place = ", and the handle under its name in `out`" if kind == "handle" else ""
        return (
            f"{call} has {returns!r} for `returns`, which is taken for the {kind} that the function returned; in a log"
            f" it is the error that GetLastError tells, ERROR_SUCCESS where there is none{place}"
        )

    _tell_once(history, number, ("returns", "", kind), says)


def look_at_profile(history: History, number: int, profile: object) -> None:
    """Tell of a profile in the header that there is not."""
    name = profile if isinstance(profile, str) else shown(profile)
    _tell(history, number, "profile", "", (name,), [one.value for one in Profile])


def look_at_event(history: History, number: int, line: Line) -> None:
    """Tell of an event or a happening that there is not."""
    if line.event is not None:
        _tell(history, number, "event", "", (line.event,), EVENTS)
    elif line.happens is not None:
        _tell(history, number, "happening", "", (line.happens,), HAPPENINGS)


def look_at_line(history: History, number: int, text: bytes) -> dict[str, Any]:
    """Tell of keys, arguments and results that nobody knows in one line, and return it.

    Of what is no JSON object, which is for others to refuse, nothing is returned.
    """
    try:
        line = read_json(text)
    except ValueError:
        return {}
    if not isinstance(line, dict):
        return {}
    for twice in keys_twice(text, line)[:1]:
        says = f"the key {twice[:_SHOWN]!r} stands twice in one object; the last one counts"
        _tell_once(history, number, ("twice", "", twice[:_SHOWN]), partial(str, says))
    beside = _OF_HAPPENINGS if "happens" in line else ()
    if not line.keys() <= _KEYS:
        _tell(history, number, "key", "", line, _KEYS, _BESIDE.union(beside))
    full_name = call_names().get(line["call"]) if isinstance(line.get("call"), str) else None
    if full_name is not None:
        given, told = line.get("in"), line.get("out")
        known = Line(in_=given if isinstance(given, dict) else None, out=told if isinstance(told, dict) else None)
        look_at_arguments(history, number, known, full_name)
    return line


def _tell(
    history: History,
    number: int,
    kind: str,
    of: str,
    names: Iterable[str],
    known: Collection[str],
    also: Collection[str] = (),
) -> None:
    for name in names:
        if name in known or name in also:
            continue
        _tell_once(history, number, (kind, of, name[:_SHOWN]), partial(_read_over, kind, of, name, known))


def _read_over(kind: str, of: str, name: str, known: Collection[str]) -> str:
    whose = f"{of} has no {kind}" if of else f"there is no {kind}"
    word = OTHER_WORDS.get(name.casefold()) if kind == "happening" else None
    meant = f" (did you mean {word}?)" if word else near(name, known)
    if kind == "key" and name in _OF_REPLIES:
        meant = f" ({_OF_REPLIES[name]})"
    return f"{whose} {name[:_SHOWN]!r}{meant}: {_PASSED_OVER}"


def _tell_once(history: History, number: int, mark: tuple[str, str, str], says: Callable[[], str]) -> None:
    if mark not in history.unknown_names and len(history.unknown_names) < _MOST:
        history.unknown_names.add(mark)
        history.find(Finding(number, Level.INFO, At.REQUESTER, UNKNOWN_NAME, says()))
