"""What the engine says to a call: the answer, what it hands out, and, where VSS says no, by which rule and why."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, NoReturn

import msgspec

from vss_sim.engine.paths import way_on, way_on_with
from vss_sim.engine.words import against
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.remedies import remedy
from vss_sim.spec.rules import rules
from vss_sim.spec.table import Need, Profile
from vss_sim.spec.win32 import Win32Error


class _Nothing(dict[str, Any]):
    """An empty dictionary that stays empty, and of which there is one, also in another process."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "NOTHING"

    def _stays(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this is what is handed out where there is nothing, and cannot be changed")

    __setitem__ = setdefault = update = __ior__ = _stays


NOTHING: Final[Mapping[str, Any]] = _Nothing()


class Answer(msgspec.Struct, frozen=True):
    """What the part of the engine that knows a method says; `changed` where even a failure leaves something behind.

    `ways` are the calls of the way on, where there is one.
    """

    code: HResult
    out: Mapping[str, Any] = NOTHING
    rule: str = ""
    words: str = ""
    changed: bool = False
    ways: tuple[str, ...] = ()


OK: Final = Answer(HResult.S_OK)

OF_THE_METHOD: Final = "*"
"""As the rule of a refusal: the one that `failures.tsv` has for this answer of the method that was called."""


def no(code: HResult, rule: str, words: str) -> Answer:
    """A refusal for a reason that no state decides."""
    return Answer(code, NOTHING, rule, words)


_PLAIN: Final = frozenset({str, int, bool, float, bytes, type(None)})
"""What never changes, so that nobody need look into it: nearly all arguments and results."""


def as_it_is(value: Any) -> Any:
    """A value that stays as it is now, whatever becomes of the lists and structures in it."""
    if isinstance(value, Mapping):
        return {key: inner if type(inner) in _PLAIN else as_it_is(inner) for key, inner in value.items()}
    return [as_it_is(inner) for inner in value] if isinstance(value, (list, tuple)) else value


class HandlerLine(NamedTuple):
    """A call that a writer made inside a handler: on which of its handles, with what, and what VSS answered.

    `answer` None: the method returns a plain value, which stands in `out`. `rule` says why VSS refused it. A file call
    is made on nothing, by the `process` of the writer.
    """

    name: str
    on: str
    arguments: Mapping[str, Any]
    answer: HResult | Win32Error | None
    out: Mapping[str, Any] = NOTHING
    rule: str = ""
    process: str = ""


class Event(NamedTuple):
    """An event that a writer got at `at`, and how it answers: True, or the code it fails with.

    `calls` are what the writer called while it handled the event.
    """

    name: str
    machine: int
    writer_id: str
    instance_id: str
    answer: bool | str = True
    at: float = 0.0
    calls: tuple[HandlerLine, ...] = ()


class Refusal(NamedTuple):
    """Why VSS said no: the answer, the rule, what was there and what was asked for, and the legal way on.

    `need` is set where the order of calls decided; the texts are made when somebody looks. `ways` are the calls of the
    way on, where something else decided: an argument, if `state` is set, and what that asks for comes before.
    """

    method: str
    answer: HResult
    rule: str
    words: str = ""
    need: Need | None = None
    state: int = 0
    profile: Profile = Profile.WINDOWS
    ways: tuple[str, ...] = ()

    @property
    def because(self) -> str:
        """What was missing, in words."""
        return self.words if self.need is None else against(self.state, self.need)

    @property
    def instead(self) -> tuple[str, ...]:
        """The shortest legal calls from here to what the call was for; none where no call mends it."""
        name = self.method.rpartition("::")[2]
        if self.need is not None and name in METHODS:
            return way_on(name, self.state, self.need, self.profile)
        if self.state and len(self.ways) == 1:
            return way_on_with(self.ways[0], name, self.state, self.profile)
        return self.ways

    @property
    def mends(self) -> str:
        """What mends it where no sequence of calls does, as far as that is known."""
        return "" if self.instead else remedy(self.method, self.answer, self.rule)

    @property
    def says(self) -> str:
        """One paragraph for people: the call, the answer, the rule, the cause, the way on."""
        parts = [f"{self.method} answers {self.answer.name}: {self.because}"]
        if self.rule in rules():
            parts.append(f"{rules()[self.rule].statement} [{self.rule}]")
        if self.instead:
            parts.append(f"instead: {' → '.join(self.instead)}")
        elif self.mends:
            parts.append(f"what helps: {self.mends}")
        return "\n".join(parts)
