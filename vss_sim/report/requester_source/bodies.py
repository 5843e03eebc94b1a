"""The lines of code of a generated method: one call, and what is made of its results."""

from collections.abc import Iterator
from enum import IntFlag
from typing import Final

from vss_sim.report.requester_source.plan import STRUCTURES, homes
from vss_sim.report.requester_source.shapes import PythonMethod, Result, Shape
from vss_sim.spec import enums

_ROOM: Final = 120 - len("            ")
"""Characters of a line after its indentation."""
_OPTIONAL: Final = " | None"
_ENTRIES: Final = "tuple[SnapshotProperties | ProviderProperties, ...]"
_RECORDS: Final = frozenset(name for name, _ in STRUCTURES.values())
_IDS: Final = frozenset(name for name, home in homes().items() if home == "ids")
_OBJECTS: Final = frozenset(homes()) - _RECORDS - _IDS
_FLAGS: Final = frozenset(
    name for name, kind in vars(enums).items() if isinstance(kind, type) and issubclass(kind, IntFlag)
)
_MEMBERS: Final = frozenset(
    name for name, kind in vars(enums).items() if isinstance(kind, type) and issubclass(kind, enums.Named)
)
_PLAIN: Final = frozenset({"str", "int", "bool"})


def body(method: PythonMethod, indent: str) -> list[str]:
    """The lines of a method's body."""
    plain, more, chooser = method.plain, method.more, method.chooser
    if more is None or chooser is None:
        lines = list(_one_call(plain, plain.returns))
    elif method.switched:
        lines = [f"if {chooser.python}:"]
        lines += [f"    {line}" for line in _one_call(more, plain.returns)]
        lines += _one_call(plain, plain.returns)
    else:
        leaves = [] if plain.returns == more.returns == "None" else ["return None"]
        lines = [f"if {chooser.python} is None:"]
        lines += [f"    {line}" for line in [*_one_call(plain, plain.returns), *leaves]]
        rest = list(_one_call(more, more.returns))
        lines += rest if leaves else ["else:", *(f"    {line}" for line in rest)]
    return [indent + line for line in lines]


def _one_call(shape: Shape, returns: str) -> Iterator[str]:
    name = f'"{shape.full_name}"'
    if any(result.type == "Async" for result in shape.results):
        yield f"name = {name}"
        name = "name"
    is_function = not shape.signature.interface
    if is_function:
        yield "origin = Origin(simulation, machine, process)"
    call = f"make_call(origin, {name}" if is_function else f"self._call({name}"
    arguments = [f'"{given.documented}": {given.value}' for given in shape.given if given.value]
    written = f"{call}, {{{', '.join(arguments)}}})" if arguments else f"{call})"
    if len(written) > _ROOM - len("out = .out"):
        yield "arguments = {"
        yield from (f"    {argument}," for argument in arguments)
        yield "}"
        written = f"{call}, arguments)"
    yield from _with_results(shape, written, "origin" if is_function else "self.origin", returns)


def _with_results(shape: Shape, call: str, origin: str, returns: str) -> Iterator[str]:
    if not shape.results:
        yield f"return answer_of({call})" if shape.tells else call
    elif shape.is_record:
        if shape.tells:
            yield f"done = {call}"
            yield "out = done.out"
        else:
            yield f"out = {call}.out"
        fields = ["hresult=answer_of(done)"] if shape.tells else []
        fields += [f"{result.python}={_field(result, origin, shape.tells)}" for result in shape.results]
        yield from _exploded(f"return {returns}", fields)
    else:
        yield from _with_one_result(shape.results[0], call, origin)


def _with_one_result(result: Result, call: str, origin: str) -> Iterator[str]:
    place = f'out["{result.documented}"]'
    if result.type.endswith(_OPTIONAL):
        yield f"{result.python}: {result.type} = {call}.{place}"
        yield f"return {result.python}"
        return
    line = f"return {_single(f'{call}.{place}', result, origin)}"
    if len(line) <= _ROOM and result.type not in _OBJECTS:
        yield line
    else:
        yield f"out = {call}.out"
        yield f"return {_single(place, result, origin)}"


def _exploded(call: str, arguments: list[str]) -> Iterator[str]:
    line = f"{call}({', '.join(arguments)})"
    if len(line) <= _ROOM:
        yield line
        return
    yield f"{call}("
    yield from (f"    {argument}," for argument in arguments)
    yield ")"


def _field(result: Result, origin: str, tells: bool) -> str:
    """A result as a field of a tuple; what VSS leaves out with a success of its own kind is None."""
    optional = result.type.endswith(_OPTIONAL)
    got = f'out.get("{result.documented}")' if optional and tells else f'out["{result.documented}"]'
    return _made(got, result, origin)


def _single(got: str, result: Result, origin: str) -> str:
    if result.type in _PLAIN | _IDS | _MEMBERS:
        return f"{result.type}({got})"
    return _made(got, result, origin)


def _made(got: str, result: Result, origin: str) -> str:
    """What stands for a result that the engine hands out in another form."""
    kind = result.type
    forms = {
        "Async": f"Async({origin}, {got}, name)",
        "HResult": f"code_of({got})",
        _ENTRIES: f"entries_of({got})",
        **dict.fromkeys(_OBJECTS - {"Async"}, f"{kind}({origin}, {got})"),
        **dict.fromkeys(_RECORDS, f"{kind}.of({got})"),
        **dict.fromkeys(_FLAGS, f"{kind}({got})"),
    }
    if result.python == "application_failure":
        return f"number_of({got})"
    return forms.get(kind, got)
