"""The protocol table as a Markdown page: methods by phases, the needs of each, and a state diagram."""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.ruling import Verdict, after_success, put, rule_on
from vss_sim.report.words import force_words, needs_in_words, state_words
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import rules
from vss_sim.spec.state import ANYTHING, MACHINE_MASK, MACHINES, Phase
from vss_sim.spec.table import Demand, Force, Method, Profile

_SIGNS: Final = {
    Verdict.ALLOWED: "●",
    Verdict.UNDECIDED: "◐",
    Verdict.UNSURE: "?",
    Verdict.REFUSED: "",
}
_TOLERATED: Final = "○"
_LEGEND: Final = (
    "● allowed · ◐ allowed where the other needs are met · ○ forbidden by the documentation, Windows lets it pass · "
    "? forbidden, whether Windows refuses it is not known · empty: refused"
)


def protocol_page() -> str:
    """The whole page, ending in a line end."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# The protocol of `IVssBackupComponents`"
    yield ""
    yield "<!-- Made by `vss-sim protocol > docs/protocol.md` from vss_sim/spec; do not edit. -->"
    yield ""
    yield "What the table in `vss_sim/spec/protocol` says, method by method. A rule id is explained by"
    yield "`vss-sim explain RULE`. Where the pages and real Windows differ, *windows* is the default profile and"
    yield "*documented* follows the pages to the letter."
    yield ""
    yield "## Phases"
    yield ""
    yield from _diagram()
    yield ""
    yield from _machines()
    yield "## Methods by phases"
    yield ""
    yield _LEGEND
    yield ""
    yield from _matrix()
    yield ""
    yield "## Methods"
    yield ""
    for method in METHODS.values():
        yield from _method(method)


def _diagram() -> Iterator[str]:
    """Every change of phase that a call makes for certain or may make, as a Mermaid state diagram."""
    edges: dict[tuple[Phase, Phase], list[str]] = {}
    for method in METHODS.values():
        for source in Phase:
            for target, label in _moves(method, source):
                edges.setdefault((source, target), []).append(label)
    yield "```mermaid"
    yield "stateDiagram-v2"
    for phase in Phase:
        yield f"    {phase.name} : {phase.meaning}"
    yield f"    [*] --> {Phase.NEW.name} : CreateVssBackupComponents"
    for (source, target), labels in edges.items():
        if target is not Phase.RELEASED:
            yield f"    {source.name} --> {target.name} : {', '.join(dict.fromkeys(labels))}"
    yield "```"
    yield ""
    yield "`Release` leads from every phase to the end."


def _moves(method: Method, source: Phase) -> Iterator[tuple[Phase, str]]:
    state = put(ANYTHING, source.bit)
    operation = method.operation
    if operation and operation.pending == source.bit:
        name = method.name
        for mask, word in (
            (operation.finished, f"{name} finished"),
            (operation.failed, f"{name} failed"),
            (operation.cancelled, f"{name} cancelled"),
        ):
            yield from ((phase, word) for phase in Phase if phase.bit & mask)
    ruling = rule_on(method.name, state)
    if not ruling.may_succeed or ruling.broken is not None:
        return
    then = after_success(method.name, ruling.accepted)
    yield from ((phase, method.name) for phase in Phase if phase.bit & then and phase is not source)


def _machines() -> Iterator[str]:
    yield "Beside its phase, an object has these facts; each is known by one value at a time:"
    yield ""
    yield "| fact | values |"
    yield "|---|---|"
    for machine in MACHINES[1:]:
        values = " · ".join(value.meaning for value in machine)
        yield f"| {(machine.__doc__ or machine.__name__).strip().rstrip('.')} | {values} |"
    yield ""


def _matrix() -> Iterator[str]:
    phases = [phase for phase in Phase if phase is not Phase.RELEASED]
    yield "| method | " + " | ".join(phase.name for phase in phases) + " |"
    yield "|---" * (len(phases) + 1) + "|"
    for name in METHODS:
        yield f"| [{name}](#{name.casefold()}) | " + " | ".join(_sign(name, phase) for phase in phases) + " |"


def _sign(name: str, phase: Phase) -> str:
    ruling = rule_on(name, put(ANYTHING, phase.bit))
    if ruling.verdict is Verdict.ALLOWED and ruling.tolerated:
        return _TOLERATED
    if ruling.verdict is Verdict.ALLOWED and ruling.doubts:
        return _SIGNS[Verdict.UNDECIDED]
    return _SIGNS[ruling.verdict]


def _method(method: Method) -> Iterator[str]:
    yield f"### {method.name}"
    yield ""
    yield f"`{method.full_name}`" + (" - asynchronous" if method.operation else "")
    yield ""
    yield "| it needs | rule | otherwise (windows) | otherwise (documented) |"
    yield "|---|---|---|---|"
    for need in method.needs:
        cells = (
            needs_in_words(need),
            " ".join(f"`{rule}`" for rule in need.rules),
            force_words(need, Profile.WINDOWS),
            force_words(need, Profile.DOCUMENTED),
        )
        yield f"| {' | '.join(cells)} |"
    if method.claim:
        answer = method.claim.answer.name if method.claim.otherwise is Force.REFUSED else "not known"
        yield f"| {_cell(method.claim.rule)} | {answer} | {answer} |"
    for reference in method.references:
        yield f"| {_cell(reference.rule)} | {reference.answer.name} | {reference.answer.name} |"
        yield from map(_demand, reference.demands)
    yield from map(_demand, method.demands)
    yield ""
    yield from _effects(method)
    if method.notes:
        yield "It also rests on " + ", ".join(f"`{rule}`" for rule in method.notes) + "."
        yield ""


def _demand(demand: Demand) -> str:
    otherwise = " or ".join(answer.name for answer in demand.answers) or "not known"
    return f"| {_cell(demand.rules[0])} | {otherwise} | {otherwise} |"


def _cell(rule: str) -> str:
    return f"{rules()[rule].statement} | `{rule}`"


def _effects(method: Method) -> Iterator[str]:
    for effect in method.effects:
        yield f"After success{_condition(effect.when)}: {state_words(effect.gives)}."
        yield ""
    for choice in method.choices:
        for effect in choice.effects:
            yield f"After success with {choice.name}: {state_words(effect.gives)}."
            yield ""
    if method.operation and method.operation.pending:
        operation = method.operation
        yield (
            f"Under way: {state_words(operation.pending)}. Finished: {state_words(operation.finished)}. "
            f"Failed: {state_words(operation.failed)}. Cancelled: {state_words(operation.cancelled)}."
        )
        yield ""


def _condition(when: int) -> str:
    if when == ANYTHING:
        return ""
    limited = sum(bits & when for bits in MACHINE_MASK.values() if bits & when != bits)
    return f" in the states «{state_words(limited)}»"
