"""The restore-method table: how `VSS_RESTOREMETHOD_ENUM` and `VSS_RESTORE_TARGET` decide where files go.

The engine asks it (`decided`), the checker of a requester's own restore and the documentation read it, and the tests
walk all of its leaves. Nothing else in the project knows which method looks at which files.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from msgspec import Struct

from vss_sim.spec.enums import RestoreMethod, RestoreTarget
from vss_sim.spec.restoring.methods import METHODS
from vss_sim.spec.restoring.parameters import PARAMETERS, RESTORE_STOP_START_ORDER, reading
from vss_sim.spec.restoring.words import (
    IMPLIED_BY,
    NO_READINGS,
    Cases,
    Course,
    Decision,
    Moment,
    Node,
    Outcome,
    Parameter,
    Question,
    Restoration,
    Split,
    nodes,
    outcomes,
)

_IMPLIES: Final = {more: less for less, more in IMPLIED_BY.items()}


class Asked(Protocol):
    """Who answers the questions of a tree."""

    def __call__(self, question: Question) -> bool | None:
        """Whether `question` is answered with yes, now; None where nobody goes on to ask."""


class Step(Struct, frozen=True):
    """A question on the way through a tree, and what the answer was."""

    question: Question
    answer: bool
    rules: tuple[str, ...]


class Decided(Struct, frozen=True):
    """What a tree came to: the leaf, or the question that can only be answered after the restart, and the way there.

    Neither, where nobody went on to ask.
    """

    outcome: Outcome | None
    waiting: Decision | None
    way: tuple[Step, ...]


def decided(node: Node, ask: Asked, target: RestoreTarget, readings: Mapping[str, str] = NO_READINGS) -> Decided:
    """Walk `node` with the answers of `ask`, up to its end or to what only the restart can tell."""
    way: list[Step] = []
    while not isinstance(node, Outcome):
        match node:
            case Split():
                node = dict(node.readings)[reading(node.parameter, readings)]
            case Cases():
                node = node.of(target)
            case Decision():
                if node.question.moment is Moment.AFTER_RESTART:
                    return Decided(None, node, tuple(way))
                answer = ask(node.question)
                if answer is None:
                    return Decided(None, None, tuple(way))
                way.append(Step(node.question, answer, node.rules))
                node = node.yes if answer else node.no
    return Decided(node, None, tuple(way))


class Otherwise(Struct, frozen=True):
    """A reading that is not taken of what the pages dispute, and its end - or the question that nobody asked yet."""

    parameter: Parameter
    reading: str
    end: Outcome | Question


def otherwise(
    node: Node,
    way: Iterable[Step],
    target: RestoreTarget,
    readings: Mapping[str, str] = NO_READINGS,
    stored: Iterable[tuple[Question, bool]] = (),
) -> tuple[Otherwise, ...]:
    """Where other readings would have led from `node`; only other ends.

    Known are the answers on the `way` that was gone, and those of the documents, which `stored` has.
    """
    answers = dict(stored) | {step.question: step.answer for step in way}
    met: list[Parameter] = []
    taken = _follow(node, answers, target, readings, met)
    if not isinstance(taken, Outcome):
        return ()
    found = []
    for parameter in met:
        for name, _ in parameter.readings:
            end = _follow(node, answers, target, {**readings, parameter.name: name}, [])
            if isinstance(end, Question) or end.name != taken.name:
                found.append(Otherwise(parameter, name, end))
    return tuple(found)


def _follow(
    node: Node,
    answers: Mapping[Question, bool],
    target: RestoreTarget,
    readings: Mapping[str, str],
    met: list[Parameter],
) -> Outcome | Question:
    """The end that known answers lead to, or the first question that has none; `met` gets the disputes on the way."""
    while not isinstance(node, Outcome):
        match node:
            case Split():
                met.append(node.parameter)
                node = dict(node.readings)[reading(node.parameter, readings)]
            case Cases():
                node = node.of(target)
            case Decision():
                question = node.question
                answer = _known(question, answers)
                if question.moment is Moment.AFTER_RESTART:
                    answer = True
                if answer is None:
                    return question
                node = node.yes if answer else node.no
    return node


def _known(question: Question, answers: Mapping[Question, bool]) -> bool | None:
    """The answer to a question, where it was given, or follows from that to one which asks for more or for less."""
    more, less = IMPLIED_BY.get(question), _IMPLIES.get(question)
    if question not in answers and more is not None and answers.get(more) is True:
        return True
    if question not in answers and less is not None and answers.get(less) is False:
        return False
    return answers.get(question)


def course(method: RestoreMethod, readings: Mapping[str, str] = NO_READINGS) -> Course:
    """The order of the steps of a restore by `method`."""
    restoration = METHODS[method]
    for parameter, name, other in restoration.courses:
        if reading(parameter, readings) == name:
            return other
    return restoration.course


def check_readings(readings: Mapping[str, str]) -> None:
    """`ValueError` where `readings` names a parameter or a reading that the table does not have."""
    for name, taken in readings.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            raise ValueError(f"no parameter {name!r}: {_listed(PARAMETERS)}")
        known = [known for known, _ in parameter.readings]
        if taken not in known:
            raise ValueError(f"{name} has no reading {taken!r}: {_listed(known)}")


def _listed(names: Iterable[str]) -> str:
    return "known are " + ", ".join(sorted(names))


__all__ = [
    "METHODS",
    "NO_READINGS",
    "PARAMETERS",
    "RESTORE_STOP_START_ORDER",
    "Decided",
    "Otherwise",
    "Parameter",
    "Restoration",
    "Step",
    "check_readings",
    "course",
    "decided",
    "nodes",
    "otherwise",
    "outcomes",
    "reading",
]
