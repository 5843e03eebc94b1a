"""The lines of calls that a log has shown, each by the names and the kinds of values of its own call.

Nobody looks at the names in a line that takes the short cut. So its very decoder knows them: each call is a type of its
own, and what has another key, argument or result, or a value of another kind, is refused and goes the whole way, where
it is told. Names that nobody knows, once told, are let pass from then on: a recorder writes them on every line.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final, Union

import msgspec

from vss_sim.judge.recorded import OTHER_SPELLINGS
from vss_sim.judge.unknown_names import arguments_of, results_of
from vss_sim.judge.unknown_values import KNOWN_TOO, Kind, kinds_of
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, call_names, signatures
from vss_sim.spec.structures import STRUCTURES
from vss_sim.trace.lines import PLAIN, KnownLine, Line, by_name, call_line, one_of
from vss_sim.trace.reader import decode_known

_PATIENCE: Final = 16
"""So many lines have to be refused for want of their types before these are made, which takes as long as some lines."""

_MOST: Final = 64
"""So many names that nobody knows are let pass; a log may hold any number of them."""

_LONGEST: Final = 256
"""A name that is longer, in characters, is let pass nowhere."""

_KEYS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(KnownLine))
_NUMBERS: Final = one_of((*numbers(), *KNOWN_TOO)) | int | bool | None
_WRITTEN: Final[dict[Kind, Any]] = {
    Kind.CONSTANT: _NUMBERS,
    Kind.NUMBER: _NUMBERS,
    Kind.TRUTH: int | bool | None,
    Kind.CODE: one_of(HResult.__members__) | int | None,
    Kind.GUID: str | None,
    Kind.TEXT: str | None,
    Kind.HANDLE: str | None,
}
"""How values of one kind are mostly written; what is written in another way is looked at."""

_NO_CALL: Final = call_line(PLAIN, PLAIN, call="")
"""A line of which nobody asks anything: were there but one type, what names no call would be taken for one of it."""

_Names = frozenset[str]


class ExactLines:
    """What is known of the lines of one log; `decode` makes a line of a text, or raises one of `UNDECODABLE`.

    Until they are looked at closely, it takes lines of whatever call with the names of any.
    """

    def __init__(self) -> None:
        self.decode: Callable[[bytes], Line] = decode_known
        self._closely = False
        self._more: _Names = frozenset()
        """Keys that are let pass."""
        self._calls: dict[str, tuple[_Names, _Names]] = {}
        """Call → the arguments and results that are let pass beside its own."""
        self._passed = 0
        self._built = True
        self._missed = 0

    def meet(self, line: Mapping[str, Any]) -> None:
        """A line that was looked at: its like need not be from now on."""
        call = line.get("call")
        if type(call) is not str or call not in call_names():
            return
        given, told = self._calls.get(call, (frozenset(), frozenset()))
        full_name = call_names()[call]
        keys = line.keys() - _KEYS - self._more
        given_too = _odd(line.get("in"), _names(full_name, given=True)) - given
        told_too = _odd(line.get("out"), _names(full_name, given=False)) - told
        passed = self._passed + len(keys) + len(given_too) + len(told_too)
        is_long = any(len(name) > _LONGEST for name in (*keys, *given_too, *told_too))
        if (call not in self._calls or passed > self._passed) and passed <= _MOST and not is_long:
            self._calls[call] = (given | given_too, told | told_too)
            self._more |= keys
            self._passed, self._built = passed, False
        self._missed += 1
        if self._closely and not self._built and self._missed > max(_PATIENCE, len(self._calls) // 2):
            self._build()

    def look_closely(self) -> None:
        """From now on nobody else looks at the lines that are decoded."""
        if not self._closely:
            self._closely, self.decode = True, _refuse
            self._build()

    def _build(self) -> None:
        self._built, self._missed = True, 0
        if self._calls:
            types = [_NO_CALL, *(_line_type(call, self._more, *names) for call, names in self._calls.items())]
            self.decode = msgspec.json.Decoder(Union[tuple(types)]).decode  # noqa: UP007 - of so many as there are


@cache
def left_open(full_name: str, *, given: bool) -> dict[str, Kind | str]:
    """The arguments (`given`), or results, of which such a line may have a value in another form than its kind has."""
    if full_name not in signatures():
        return {}
    exact = len(_types(full_name, given=given)) == 1
    return {
        name: kind
        for name, kind in kinds_of(full_name, given=given).items()
        if kind is Kind.GUID or not (exact or (given and kind in (*STRUCTURES, Kind.TEXT)))
    }


def _refuse(text: bytes) -> Line:
    del text
    raise msgspec.MsgspecError


def _odd(values: object, known: _Names | None) -> _Names:
    return frozenset() if known is None or not isinstance(values, dict) else frozenset(values) - known


@cache
def _names(full_name: str, *, given: bool) -> _Names | None:
    """The names of arguments (`given`) or results; None where any may stand, since such a call goes the whole way."""
    if full_name not in signatures():
        return None
    signature = signatures()[full_name]
    other = Direction.OUT if given else Direction.IN
    known = (arguments_of(full_name) if given else results_of(full_name)) or frozenset()
    elsewhere = {one.name for one in signature.parameters if one.direction is other}
    return known - (elsewhere - set(OTHER_SPELLINGS.get(signature.name, ())))


@lru_cache(maxsize=2048)
def _line_type(call: str, keys: _Names, given: _Names, told: _Names) -> type[Line]:
    full_name = call_names()[call]
    arguments, results = (_values(full_name, more, given=side) for side, more in ((True, given), (False, told)))
    return call_line(arguments, results, sorted(keys), call=call)


def _values(full_name: str, more: Iterable[str], *, given: bool) -> Any:
    names = _names(full_name, given=given)
    if names is None:
        return dict[str, PLAIN if given else Any]  # type: ignore[misc]
    return by_name(sorted(names.union(more)) or [""], _value_type(full_name, given=given))


@cache
def _value_type(full_name: str, *, given: bool) -> Any:
    """What stands for each of the arguments, or of the results: the narrowest type that has all of their kinds."""
    types = _types(full_name, given=given)
    return types[0] if len(types) == 1 else PLAIN if given else Any


def _types(full_name: str, *, given: bool) -> list[Any]:
    kinds, types = kinds_of(full_name, given=given), []
    for parameter in signatures()[full_name].parameters:
        if parameter.direction is (Direction.OUT if given else Direction.IN):
            continue
        kind = kinds.get(parameter.name)
        written = _WRITTEN.get(kind, Any) if isinstance(kind, Kind) else Any
        types.append(str | None if given and written is Any and parameter.forms == (str,) else written)
    return [one for place, one in enumerate(types) if one not in types[:place]]
