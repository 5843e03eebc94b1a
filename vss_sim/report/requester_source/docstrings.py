"""The docstring of a generated method: what it does, its parameters, results and documented answers, its page."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from vss_sim.report.requester_source.shapes import PythonMethod, Shape
from vss_sim.spec.answers import DocumentedAnswer, answer_rule, call_failures, documented_answers, result_failures
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.hresult import HResult
from vss_sim.spec.parameters import naming
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import Standing, page_address, rules
from vss_sim.spec.table import Force, Method

WIDTH: Final = 120
_INDENT: Final = "    "
_HANGING: Final = "    "
_OUT: Final = re.compile(r"out (?P<name>\w+): (?P<says>.*)")
_TEXT_WIDTH: Final = 112
_CALLER: Final = {
    "machine": "the machine of the call; the first, if none is given",
    "process": "the process of the call",
}
"""The last parameters of every function."""


def docstring(method: PythonMethod, indent: str) -> list[str]:
    """The lines of a docstring, each with the indentation of its method."""
    plain, more = method.plain, method.more
    lines = [f'"""{plain.signature.does}']
    given = {known.python: known.meaning for known in plain.offered}
    if not plain.signature.interface:
        given = {"simulation": "the simulated world", **given, **_CALLER}
    chooser = method.chooser
    if chooser is not None and more is not None:
        given[chooser.python] = (
            chooser.meaning if method.switched else f"{chooser.meaning}; calls {more.signature.name}"
        )
    if given:
        lines += ["", "Args:", *_entries(given.items())]
    lines += _returns(method)
    answers = [*_answers(plain)]
    if answers:
        lines += ["", "Answers:", *answers]
    if more is not None:
        known = {answer.hresult for answer in documented_answers().get(plain.full_name, ())}
        beyond = [*_answers(more, known)]
        if beyond:
            lines += ["", f"Answers of {more.signature.name} beside these:", *beyond]
    calls = [plain] if more is None else [plain, more]
    lines += ["", *(f"`{call.full_name}`: {page_address(call.signature.page)}" for call in calls), '"""']
    return [f"{indent}{line}".rstrip() for line in lines]


def _entries(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, meaning in entries:
        yield from _wrapped(f"{name}: {meaning}.")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _TEXT_WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT + _HANGING,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _returns(method: PythonMethod) -> list[str]:
    plain, more = method.plain, method.more
    if plain.is_record:
        told = {"hresult": "the answer"} if plain.tells else {}
        told |= {result.python: result.meaning for result in plain.results}
        if more is not None:
            told |= {result.python: f"{result.meaning}; None from the plain call" for result in method.added}
        return ["", "Returns:", *_entries(told.items())]
    results = method.results
    if results:
        meaning = results[0].meaning
        where = f"{meaning}, where there is one: None from the plain call" if method.overloaded else meaning
        return ["", "Returns:", *_wrapped(f"{where[:1].upper()}{where[1:]}.")]
    return ["", "Returns:", *_wrapped("The answer.")] if plain.tells else []


def _answers(shape: Shape, known: Iterable[str] = ()) -> Iterator[str]:
    left_out = set(known)
    documented = documented_answers().get(shape.full_name, ())
    for answer in documented:
        if answer.hresult not in left_out:
            yield from _wrapped(_answer(shape, answer))
    named = {answer.hresult for answer in documented} | left_out | {HResult.E_UNEXPECTED.name}
    calls, results = call_failures(shape.full_name), result_failures(shape.full_name)
    yield from _seen({code: failure.rule for code, failure in calls.items() if code.name not in named}, "")
    if shape.signature.asynchronous:
        beyond = {code: failure.rule for code, failure in results.items() if code.name not in named}
        yield from _seen(beyond, " (result)")


def _seen(beyond: Mapping[HResult, str], where: str) -> Iterator[str]:
    for rule in dict.fromkeys(beyond.values()):
        codes = ", ".join(code.name for code, its_rule in beyond.items() if its_rule == rule)
        seen = "seen on Windows, " if rules()[rule].standing is Standing.OBSERVED else ""
        yield from _wrapped(f"{codes}{where}: {seen}beyond the page [{rule}].")


def _answer(shape: Shape, answer: DocumentedAnswer) -> str:
    says, where = answer.condition, {"async": " (result)"}.get(answer.stage, "")
    out = _OUT.fullmatch(says)
    if out is not None:
        parameter = next(known for known in shape.signature.parameters if known.name == out["name"])
        named = naming(shape.signature, parameter)
        says, where = out["says"], f" ({named.python})" if named is not None else ""
    if answer.os_note:
        says = f"{says} ({answer.os_note})"
    rules = rules_of_answer(shape, answer.hresult)
    cited = f" [{', '.join(rules)}]" if rules else ""
    return f"{answer.hresult}{where}: {says}{cited}."


def rules_of_answer(shape: Shape, name: str) -> tuple[str, ...]:
    """The rules by which a call gets a failing answer; none for a success."""
    if name not in HResult.__members__ or HResult[name].succeeded:
        return ()
    code, signature = HResult[name], shape.signature
    row = METHODS.get(signature.name) if signature.family == "IVssBackupComponents" else None
    found = list(_of_the_table(row, code)) if row is not None else []
    concern = answer_rule(shape.full_name, code)
    if concern and (code is not HResult.VSS_E_BAD_STATE or not found):
        found.append(concern)
    if row is not None and code in call_failures(row.full_name):
        found.append(call_failures(row.full_name)[code].rule)
    return tuple(dict.fromkeys(found))


def _of_the_table(row: Method, code: HResult) -> Iterator[str]:
    for need in row.needs:
        if need.otherwise is Force.REFUSED and code in need.answers:
            yield need.rules[0]
    if row.claim is not None and row.claim.answer is code:
        yield row.claim.rule
    for reference in row.references:
        if reference.answer is code:
            yield reference.rule
    for rule in ARGUMENT_RULES:
        if row.name in rule.methods and code in rule.answers:
            yield rule.rule
