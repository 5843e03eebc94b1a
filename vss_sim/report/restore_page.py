"""The restore methods as a Markdown page with drawn trees, and each tree in words, from the restore-method table."""

import textwrap
from collections.abc import Iterator
from typing import Final

from vss_sim.report.words import wrapped
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.restoring import METHODS, PARAMETERS, course, nodes, outcomes
from vss_sim.spec.restoring.targets import ALTERNATE, DIRECTED, ORIGINAL_LOCATION
from vss_sim.spec.restoring.words import (
    Cases,
    Course,
    Decision,
    Moment,
    Node,
    Outcome,
    Parameter,
    Restoration,
    Split,
    children,
)
from vss_sim.spec.rules import disputes, page_address

_LINE: Final = 30
"""So many characters of a sentence stand on a line of a drawn node."""

_FIGURES: Final = "api:ne-vswriter-vss_restoremethod_enum"
_TARGETS: Final = (
    ("VSS_RT_ALTERNATE", ALTERNATE),
    ("VSS_RT_DIRECTED", DIRECTED),
    ("VSS_RT_ORIGINAL_LOCATION", ORIGINAL_LOCATION),
)


def restore_page() -> str:
    """The whole page, ending in a line end."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _overview()
    yield from _before_the_method()
    yield "## The methods"
    yield ""
    for restoration in METHODS.values():
        yield from _method(restoration)
    yield from _disputed()


def _overview() -> Iterator[str]:
    yield "# The restore methods"
    yield ""
    yield "<!-- Made by `vss-sim restore-methods > docs/restore-methods.md` from the tables; do not edit. -->"
    yield ""
    yield "How `VSS_RESTOREMETHOD_ENUM` and `VSS_RESTORE_TARGET` decide where the files of a component set go. Every"
    yield "question is asked of the whole set of files to be restored, and what follows holds for all of them or for"
    yield "none. `vss-sim explain NAME` explains a method, a rule or a dispute (C01)."
    yield ""
    yield f"The trees of six methods are drawn in the [documentation]({page_address(_FIGURES)}); the others follow"
    yield "its text. Where pages contradict each other the trees show the reading taken here, marked with its dispute."
    yield "What happens if files cannot be staged for the restart is in no figure; it is inferred."
    yield ""
    yield "| method | tree | order of the steps |"
    yield "|---|---|---|"
    for method, restoration in METHODS.items():
        name = f"[`{method.value}`](#{method.value.lower()})"
        yield f"| {name} | {restoration.standing.value} | {_acts(restoration.course)} |"
    yield ""


def _before_the_method() -> Iterator[str]:
    yield "## Before the method"
    yield ""
    yield "Whatever the method: what the stored metadata must say, then what the requester declared (new targets), then"
    yield "what the writer set in PreRestore (the restore target). A target other than `VSS_RT_ORIGINAL` wins over the"
    yield "method; `VSS_RME_CUSTOM` may ignore it, and the delayed moves of `VSS_RME_RESTORE_AT_REBOOT` know none."
    yield ""
    yield from _drawn(
        METHODS[RestoreMethod.RESTORE_IF_NOT_THERE].whole, METHODS[RestoreMethod.RESTORE_IF_NOT_THERE].tree
    )
    yield ""
    for target, tree in _TARGETS:
        yield f"### {target}"
        yield ""
        yield from _drawn(tree)
        yield ""


def _disputed() -> Iterator[str]:
    yield "## Disputed readings"
    yield ""
    yield "The parameters of the table. Open ones can be chosen for a restore; of others only the stance is played."
    yield ""
    yield "| parameter | dispute | readings (the stance first) | open |"
    yield "|---|---|---|---|"
    for parameter in PARAMETERS.values():
        said = "; ".join(f"**{name}**: {says}" for name, says in _stance_first(parameter))
        yield f"| `{parameter.name}` | {parameter.dispute} | {said} | {'yes' if parameter.open else 'no'} |"


def _method(restoration: Restoration) -> Iterator[str]:
    yield f"### {restoration.method.value}"
    yield ""
    rests = f"Rests on {restoration.standing.value}"
    yield f"{rests} (`{restoration.figure}`)." if restoration.figure else f"{rests}."
    yield f"Steps: {_acts(restoration.course)}."
    for parameter, name, other in restoration.courses:
        yield f"By the other reading of {parameter.dispute} (*{name}*): {_acts(other)}."
    yield ""
    yield from _drawn(restoration.tree)
    yield ""
    yield "| end | whose error | rules |"
    yield "|---|---|---|"
    for outcome in outcomes(restoration.tree):
        blamed = outcome.blamed.value if outcome.blamed else ""
        yield f"| `{outcome.name}`: {outcome.says} | {blamed} | {', '.join(outcome.rules)} |"
    yield ""


def _acts(taken: Course) -> str:
    return ", ".join(act.value for act in taken.acts)


def _stance_first(parameter: Parameter) -> list[tuple[str, str]]:
    return sorted(parameter.readings, key=lambda named: named[0] != parameter.stance)


def _taken(node: Node) -> tuple[Node, tuple[str, ...]]:
    """The node that the stance leads to, and the disputes on the way."""
    passed: tuple[str, ...] = ()
    while isinstance(node, Split):
        passed = (*passed, node.parameter.dispute)
        node = dict(node.readings)[node.parameter.stance]
    return node, passed


def _drawn(root: Node, stop: Node | None = None) -> Iterator[str]:
    """A tree as a Mermaid flow chart; `stop` is drawn as a reference to a tree that stands elsewhere."""
    yield "```mermaid"
    yield "flowchart TD"
    names: dict[int, str] = {}
    waiting = [_taken(root)[0]]
    stopped = _taken(stop)[0] if stop else None
    while waiting:
        node = waiting.pop(0)
        here = names.setdefault(id(node), f"n{len(names)}")
        yield f"    {here}{_shape(node, node is stopped)}"
        if node is stopped:
            continue
        for label, way in children(node):
            ahead, passed = _taken(way)
            new = id(ahead) not in names
            there = names.setdefault(id(ahead), f"n{len(names)}")
            yield f'    {here} -->|"{" ".join((label, *(f"({dispute})" for dispute in passed)))}"| {there}'
            if new:
                waiting.append(ahead)
    yield "```"


def _shape(node: Node, elsewhere: bool) -> str:
    match node:
        case _ if elsewhere:
            return '[["The tree of the method"]]'
        case Decision():
            return f'{{"{_broken(node.question.asks)}"}}'
        case Cases():
            return '{"Which restore target<br>did the writer set?"}'
        case Outcome():
            blamed = f"<br>({node.blamed.value} error)" if node.blamed else ""
            return f'["{_broken(node.says)}{blamed}"]'
        case Split():
            raise AssertionError("a split is drawn as the reading taken")


def _broken(sentence: str) -> str:
    return "<br>".join(textwrap.wrap(sentence, _LINE, break_long_words=False, break_on_hyphens=False))


def tree_in_words(method: RestoreMethod) -> Iterator[str]:
    """What decides where files of a writer with `method` go, question by question, by the stances taken."""
    restoration = METHODS[method]
    rests = f"its tree rests on {restoration.standing.value}"
    yield f"  {rests} ({restoration.figure})" if restoration.figure else f"  {rests}"
    yield wrapped("steps: " + _acts(course(method)), "  ", "  ")
    yield ""
    yield "  of the files of a component set (all of them or none):"
    yield from _words(restoration.tree, 4)
    if any(isinstance(node, Cases) for node in nodes(restoration.whole)):
        yield ""
        yield wrapped(
            "a new target, and a restore target other than VSS_RT_ORIGINAL, come before (docs/restore-methods.md)"
        )
    named = dict.fromkeys(node.parameter for node in nodes(restoration.tree) if isinstance(node, Split))
    for parameter in (*named, *(parameter for parameter, _, _ in restoration.courses)):
        yield ""
        yield f"  disputed  {parameter.dispute}"
        yield wrapped(disputes()[parameter.dispute].sentence, " " * 12)
        for name, says in _stance_first(parameter):
            taken = " (taken here)" if name == parameter.stance else ""
            yield wrapped(f"{name}{taken}: {says}", " " * 12, "  ")


def _words(node: Node, indent: int, label: str = "") -> Iterator[str]:
    node, passed = _taken(node)
    space = " " * indent
    head = f"{label}: " if label else ""
    marks = "".join(f" ({dispute})" for dispute in passed)
    match node:
        case Decision():
            when = "" if node.question.moment is Moment.STORED else f" [{node.question.moment.value}]"
            yield wrapped(f"{head}{node.question.asks}{when}{marks}", space, "  ")
            yield from _words(node.yes, indent + 2, "yes")
            yield from _words(node.no, indent + 2, "no")
        case Outcome():
            blamed = f" ({node.blamed.value} error)" if node.blamed else ""
            yield wrapped(f"{head}{node.says}{blamed}{marks} [{node.rules[0]}]", space, "  ")
        case _:
            raise AssertionError("the tree of a method has no targets")
