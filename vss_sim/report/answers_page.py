"""Every documented answer and how it is brought about here, as a Markdown page: by method, with the test for it."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from vss_sim.spec.answers import DocumentedAnswer, documented_answers
from vss_sim.spec.causes import Cause, Kind, cause_of
from vss_sim.trace.reader import near

TEST: Final = "tests/test_answers.py::test_the_answer_is_brought_about"
TEST_IN_HANDLERS: Final = TEST + "_in_a_handler"
_SHOWN: Final = 60
_STAGES: Final = {"sync": "the call", "async": "its operation", "out": "an out value", "in": "an argument"}
_INTRODUCTION: Final = f"""\
# How every documented answer is brought about

<!-- Made by `vss-sim answers > docs/answers.md` from vss_sim/spec; do not edit. -->

A program has to live with every answer that VSS may give. Here is, for each answer that the documentation of a
requester's or a writer's call names, how to make a simulated world give it. What the simulator decides by itself, as
the state, the arguments, the things of the computer, writers and providers do, needs no script; a *scripted* answer
stands for what the environment alone decides. The last column names the test, for
`pytest '{TEST}[NAME]'`, and for what a writer calls in a handler
`pytest '{TEST_IN_HANDLERS}[NAME]'`.

Any code may be scripted for any call, also one that is not listed here. Then the refusal bears the rule
`ans-undocumented`: no page says that Windows answers so, and a program that copes with it copes with fiction.

Where a row says `documented`, what real Windows was seen to do contradicts the page, or the page contradicts itself;
the answer comes in that profile only.
"""


class UnknownMethodError(LookupError):
    """No documented answer belongs to a method of this name; the message has names that may have been meant."""


def answers_page() -> str:
    """The whole page, ending in a line end."""
    rows = [(answer, cause) for answers in documented_answers().values() for answer, cause in _with_causes(answers)]
    parts = [_INTRODUCTION, *_counts(rows), "## Methods\n"]
    parts += [answers_of(method) for method in dict.fromkeys(answer.method for answer, _ in rows)]
    return "\n".join(parts)


def answers_of(name: str) -> str:
    """The part of the page about one method, with its interface or without, or about all methods of one name.

    Raises:
        UnknownMethodError: there is no such method.
    """
    wanted = name.casefold()
    tables = [
        "\n".join(_table(method, _with_causes(answers))) + "\n"
        for method, answers in documented_answers().items()
        if wanted in (method.casefold(), method.rpartition("::")[2].casefold())
    ]
    if not tables:
        known = [word for method in documented_answers() for word in (method, method.rpartition("::")[2])]
        raise UnknownMethodError(f"the documentation names no answer of {name[:_SHOWN]!r}{near(name, known)}")
    return "\n".join(tables)


def _with_causes(answers: tuple[DocumentedAnswer, ...]) -> list[tuple[DocumentedAnswer, Cause]]:
    return [(answer, cause) for answer in answers if (cause := cause_of(answer)) is not None]


def _counts(rows: list[tuple[DocumentedAnswer, Cause]]) -> Iterator[str]:
    count = Counter(cause.kind for _, cause in rows)
    yield f"All {len(rows)} rows are brought about.\n"
    yield "| cause | what it is | rows |"
    yield "|---|---|---|"
    for kind in Kind:
        yield f"| {kind.value} | {kind.meaning} | {count[kind]} |"
    yield ""


def _table(method: str, rows: list[tuple[DocumentedAnswer, Cause]]) -> Iterator[str]:
    yield f"### {method}"
    yield ""
    yield "| answer | of | when, by its page | cause | how to make it happen | test |"
    yield "|---|---|---|---|---|---|"
    for answer, cause in rows:
        told = f"{answer.condition} ({answer.os_note})" if answer.os_note else answer.condition
        cells = (answer.hresult, _STAGES[answer.stage], told, cause.kind.value, cause.how, f"`{answer.id}`")
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
