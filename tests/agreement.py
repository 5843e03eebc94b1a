"""Where the simulator and the checker disagree about a run: what the one did, the other must accept, and no more."""

from collections.abc import Iterator
from typing import Final

from tests.machine_of_calls import Made, Walk
from tests.support import Checked, check
from vss_sim.judge.findings import At, Finding, Level, Outcome
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.events import EVENTS
from vss_sim.spec.methods import BACKUP_COMPONENTS, call_names, signatures

_NOT_ASKED: Final = "gather-metadata-identify-event"
"""An express writer is listed though it hears of nothing; a log does not show which writers are."""
_OF_EVENTS: Final = {rule for happening in EVENTS.values() for rule in happening.rules} | {
    "abort-raises-abort",
    "seq-abort-ends-events",
    "seq-r-no-events-while-copying",
}
"""Rules of events, which a log gives to one object only where a machine has one (and writers that stay)."""
_BY_ARGUMENTS: Final = {rule.rule for rule in ARGUMENT_RULES} | {
    "im-null-pointer",
    "sn-attr-diff-plex-exclusive",
    "sn-attr-not-with-client-accessible",
    "sn-attr-auto-only",
}


def disagreements(walk: Walk) -> Iterator[str]:
    """Each of them in words, with the line of the trace."""
    checked = check(walk.simulation.lines(), walk.world.profile)
    by_line: dict[int, list[Finding]] = {}
    for finding in checked.findings:
        if walk.crowded and finding.rule in _OF_EVENTS:
            continue
        by_line.setdefault(finding.line, []).append(finding)
        if finding.at is At.IMPLEMENTATION and finding.level is not Level.INFO and finding.rule != _NOT_ASKED:
            yield f"line {finding.line}: {finding.rule}: {finding.says}"
    for made in walk.made:
        yield from _about(made, by_line.get(made.line, []))
    yield from _about_all(walk, checked)


def _about(made: Made, findings: list[Finding]) -> Iterator[str]:
    """What the checker says of one call against what the simulator answered."""
    refusal = made.step.refusal
    errors = [finding.rule for finding in findings if finding.level is Level.ERROR]
    if refusal is None:
        if errors:
            yield f"line {made.line}: {made.name} was accepted; the checker finds {errors}"
        return
    named = {rule for finding in findings for rule in (finding.rule, *finding.also)}
    if not findings and "IVssAsync" not in made.name:
        yield f"line {made.line}: {made.name} was refused by {refusal.rule}; the checker finds nothing"
    elif _decided_by_the_log(made) and named.isdisjoint(_rules_of(made)):
        yield f"line {made.line}: {made.name} was refused by {refusal.rule}; the checker finds {sorted(named)}"


def _decided_by_the_log(made: Made) -> bool:
    """Whether the order of calls or the arguments refused the call, and not what is on the computer.

    Where the end of an operation was not read, the log shows less of the state than the simulator knows.
    """
    refusal = made.step.refusal
    if refusal is None or signatures()[call_names()[made.name]].family != BACKUP_COMPONENTS:
        return False
    return made.settled if refusal.need is not None else refusal.rule in _BY_ARGUMENTS


def _rules_of(made: Made) -> tuple[str, ...]:
    """The rules that say why the call was refused."""
    refusal = made.step.refusal
    assert refusal is not None
    return (refusal.rule,) if refusal.need is None else refusal.need.rules


def _about_all(walk: Walk, checked: Checked) -> Iterator[str]:
    """A run in which nothing was refused conforms."""
    refused = any(made.step.refusal is not None for made in walk.made)
    if walk.made and not refused and checked.outcome is not Outcome.CONFORMS:
        yield f"nothing was refused, and the verdict is {checked.outcome.value}"
