"""Findings as an argument to read: the step, the rule with its page, the lines it follows from, the legal way on."""

from functools import cache
from typing import Final

from vss_sim.judge.findings import Finding, Outcome, Tally
from vss_sim.report.words import labelled, width
from vss_sim.spec.rules import Standing, is_page, page_address, rules
from vss_sim.spec.table import Profile

_LABEL: Final = 9
_INDENT: Final = "    "


_OF_MANY: Final = {Outcome.CONFORMS: "conform", Outcome.VIOLATES: "violate"}
"""What is said of several traces."""


def finding_text(source: str, finding: Finding) -> str:
    """One finding about a line of `source`, without a last line end."""
    blamed = "" if finding.at.value == "requester" else f" (at: {finding.at.value})"
    lines = [f"{source}:{finding.line}: {finding.level.value}{blamed}: {finding.says}"]
    lines.append(_rule_text(finding.rule, width()))
    for index, ground in enumerate(finding.because):
        lines.append(_labelled("because" if index == 0 else "", f"line {ground.line}: {ground.says}"))
    if finding.instead:
        lines.append(_labelled("instead", " → ".join(finding.instead)))
    elif finding.mends:
        lines.append(_labelled("helps", finding.mends))
    return "\n".join(lines)


@cache
def _rule_text(rule_id: str, _width: int) -> str:
    """The rule with its pages, in lines of this width."""
    rule = rules()[rule_id]
    standing = "" if rule.standing is Standing.DOCUMENTED else f" [{rule.standing.value}]"
    lines = [_labelled("rule", f"{rule.id}{standing}: {rule.statement}")]
    lines += [_labelled("page" if is_page(page) else "seen at", page_address(page)) for page in rule.pages]
    return "\n".join(lines)


def _labelled(label: str, text: str) -> str:
    return labelled(f"{_INDENT}{label:<{_LABEL}}", text)


def tally_text(source: str, tally: Tally) -> str:
    """The verdict on one trace in one line."""
    parts = [counted(tally.calls, "call")]
    parts += [
        counted(number, word)
        for number, word in ((tally.errors, "error"), (tally.warnings, "warning"), (tally.infos, "note"))
        if number
    ]
    if tally.undecided:
        parts.append(f"{counted(tally.undecided, 'call')} undecided, for want of recorded answers")
    if tally.not_judged:
        others = counted(tally.not_judged, "call")
        parts.append(f"{others} beside those of a requester: of files, services, writers or providers")
    by = f"; by the profile {tally.profile.value}" if tally.profile is not Profile.WINDOWS else ""
    return f"{source}: {tally.outcome.value} ({', '.join(parts)}{by})"


def summary_text(outcomes: dict[Outcome, int], unusable: int) -> str:
    """What a run over several inputs came to."""
    total = sum(outcomes.values())
    said = [
        f"{number} {outcome.value if number == 1 else _OF_MANY.get(outcome, outcome.value)}"
        for outcome, number in outcomes.items()
        if number
    ]
    if unusable:
        said.append(f"{unusable} cannot be used")
    return f"{counted(total, 'trace')}: {', '.join(said)}" if said else "no trace was checked"


def counted(number: int, word: str) -> str:
    """A number with its noun: `1 call`, `2 calls`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
