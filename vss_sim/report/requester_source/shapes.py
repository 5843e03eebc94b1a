"""A documented call as Python has it: name, parameters, results; a call that ends in Ex joins the plain one."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from vss_sim.engine.inputs import REQUIRED, converters
from vss_sim.report.requester_source.plan import Part
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.constants import INFINITE
from vss_sim.spec.enums import Named
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, Parameter, Signature
from vss_sim.spec.parameters import naming
from vss_sim.spec.protocol import METHODS

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MORE: Final = "Ex"
_COUNT_TYPE: Final = "UINT"
_MEMORY: Final = ("PVSSCOMPONENTINFO", "VSS_SNAPSHOT_PROP*")
EXTENDED: Final = "extended"


class Given(Struct, frozen=True):
    """A parameter that goes in: its names and type, its default as source (None: there is none), what it means.

    `value` is what is passed on for it, as source; empty where nothing is.
    """

    documented: str
    python: str
    type: str
    default: str | None
    meaning: str
    value: str


class Result(Struct, frozen=True):
    """A parameter that comes out."""

    documented: str
    python: str
    type: str
    meaning: str


class Shape(Struct, frozen=True):
    """One documented call in Python; `tells` whether its answer is one of its results."""

    signature: Signature
    given: tuple[Given, ...]
    results: tuple[Result, ...]
    tells: bool

    @property
    def full_name(self) -> str:
        """The documented name."""
        return self.signature.full_name

    @property
    def offered(self) -> tuple[Given, ...]:
        """The parameters of the Python method."""
        return tuple(given for given in self.given if given.python)

    @property
    def returns(self) -> str:
        """The type of what the call gives back."""
        if self.tells and not self.results:
            return HResult.__name__
        if self.tells or len(self.results) > 1:
            return record_name(self.signature.name)
        return self.results[0].type if self.results else "None"

    @property
    def is_record(self) -> bool:
        """Whether a named tuple is given back."""
        return bool(self.results) and (self.tells or len(self.results) > 1)


class PythonMethod(Struct, frozen=True):
    """A method of the Python interface: the plain call, and the one that adds to it, if there is one."""

    name: str
    plain: Shape
    more: Shape | None = None

    @property
    def chooser(self) -> Given | None:
        """The parameter that chooses the call that adds: one of its own, or a switch."""
        if self.more is None:
            return None
        known = {given.python for given in self.plain.given}
        for given in self.more.given:
            if given.python not in known:
                return given
        meaning = f"whether to call {self.more.signature.name}: {_lowered(self.more.signature.does)}"
        return Given("", EXTENDED, "bool", "False", meaning.rstrip("."), "")

    @property
    def switched(self) -> bool:
        """Whether a switch chooses, and no parameter of the call."""
        return self.chooser is not None and self.chooser.python == EXTENDED

    @property
    def overloaded(self) -> bool:
        """Whether the two calls give back different things."""
        return self.more is not None and not self.switched and self.more.returns != self.plain.returns

    @property
    def results(self) -> tuple[Result, ...]:
        """The results of both calls; what only the second one gives comes last."""
        more = self.more.results if self.more is not None else ()
        known = {result.python for result in self.plain.results}
        return (*self.plain.results, *(result for result in more if result.python not in known))

    @property
    def added(self) -> tuple[Result, ...]:
        """The results that only the second call gives."""
        return self.results[len(self.plain.results) :]


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def python_name(documented: str) -> str:
    """A method's name as PEP 8 has it."""
    return _WORDS.sub("_", documented.replace("CreateVss", "Create")).lower()


def record_name(documented: str) -> str:
    """The name of the tuple that a method gives back."""
    return documented.removeprefix("Get").removesuffix(_MORE) + "Result"


def methods_of(part: Part) -> Iterator[PythonMethod]:
    """The Python methods of a part: a call that another one extends is one with it."""
    shapes = {shape.signature.name: shape for shape in map(shape_of, part.signatures)}
    for name, shape in shapes.items():
        if name.removesuffix(_MORE) in shapes and name.endswith(_MORE):
            continue
        yield PythonMethod(python_name(name), shape, shapes.get(name + _MORE))


def shape_of(signature: Signature) -> Shape:
    """The call as Python has it."""
    return Shape(signature, tuple(_given(signature)), tuple(_results(signature)), _tells(signature))


def _given(signature: Signature) -> Iterator[Given]:
    defaults = _defaults(signature)
    before = ""
    for parameter in signature.parameters:
        if parameter.direction is not Direction.IN:
            continue
        named = naming(signature, parameter)
        if named.python:
            value = f"tuple({named.python})" if named.type.startswith("Sequence") else named.python
            value = "" if parameter.type in _MEMORY else value
            yield Given(parameter.name, named.python, named.type, defaults[parameter.name], named.meaning, value)
        elif parameter.type == _COUNT_TYPE and before:
            yield Given(parameter.name, "", named.type, None, named.meaning, f"len({before})")
        before = named.python


def _defaults(signature: Signature) -> dict[str, str | None]:
    """The default of each parameter, as source; none before a parameter that has none, nor for memory to give up."""
    found: dict[str, str | None] = {}
    may_have_one = True
    types = {parameter.name: parameter.type for parameter in signature.parameters}
    for name, _, default in reversed(converters(signature)):
        may_have_one = may_have_one and default is not REQUIRED and types[name] not in _MEMORY
        found[name] = _source(default) if may_have_one else None
    return found


def _source(default: object) -> str:
    if isinstance(default, Named):
        return f"{type(default).__name__}.{default.name}"
    return "INFINITE" if default == INFINITE else repr(default)


def _results(signature: Signature) -> Iterator[Result]:
    for parameter in signature.parameters:
        named = naming(signature, parameter)
        if named.python and comes_out(parameter):
            yield Result(parameter.name, named.python, named.type, named.meaning)


def comes_out(parameter: Parameter) -> bool:
    """Whether a parameter hands something out."""
    return parameter.direction is not Direction.IN


def _tells(signature: Signature) -> bool:
    """Whether the call knows more successes than S_OK, so that its answer is worth having."""
    row = METHODS.get(signature.name) if signature.family == "IVssBackupComponents" else None
    known = set(row.successes) if row is not None else set()
    for answer in documented_answers().get(signature.full_name, ()):
        if answer.stage == "sync" and answer.hresult in HResult.__members__:
            known.add(HResult[answer.hresult])
    return any(code.succeeded and code is not HResult.S_OK for code in known)
