"""A run as text: what failed, each with its argument and the end of its conversation, then the numbers."""

import textwrap
from collections import Counter
from typing import Final

from ..results import Result, Run, Verdict, rule_verdicts
from .words import argument, end_of, place, printable, reasons

_WIDTH: Final = 118
_TALK: Final = 6
_LONGEST: Final = 300
_REASONS: Final = 10
"""So many reasons for skipping are told, the most frequent first."""


def text_report(run: Run) -> str:
    """The whole run."""
    lines: list[str] = []
    for result in run.results:
        lines.extend(_told_of(result))
    lines.extend(_ways(run))
    lines.extend(_skipped(run))
    lines.extend(_broken(run))
    lines.extend(_numbers(run))
    return "\n".join(map(printable, lines)) + "\n"


def _told_of(result: Result) -> list[str]:
    if result.verdict is Verdict.UNEXPECTED:
        return [f"{result.case.id}: passes; {result.reason}", ""]
    fault = result.fault
    if result.verdict is not Verdict.FAILED or fault is None:
        return []
    lines = [f"{result.case.id}: {place(fault)}: {fault.says}", f"    {result.case.about}"]
    for line in argument(fault):
        lines.extend(textwrap.wrap(line, _WIDTH, initial_indent="    ", subsequent_indent="      "))
    lines.extend(f"    {_cut(line)}" for line in end_of(result.talk, _TALK))
    return [*lines, f"    whole: --reproduce {result.case.id}", ""]


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _ways(run: Run) -> list[str]:
    others = sum(any(point.differs for point in result.told) for result in run.results)
    if not others:
        return []
    cases = "1 case goes" if others == 1 else f"{others} cases go"
    return [f"{cases} another way at a point that no rule settles, which is not held against it (--format json)"]


def _skipped(run: Run) -> list[str]:
    found = reasons(run)
    lines = [f"skipped {count}: {_cut(reason)}" for reason, count in found[:_REASONS]]
    if more := found[_REASONS:]:
        lines.append(f"skipped {sum(count for _, count in more)}: for {len(more)} other reasons (--format json)")
    return lines


def _broken(run: Run) -> list[str]:
    """Each rule that is broken, with the cases that show it."""
    lines = []
    for one in rule_verdicts(run.results):
        if one.verdict == "broken":
            cases = [found.case.id for found in one.results if found.fault and one.rule in found.fault.breaks]
            more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
            lines.append(f"broken: {one.rule}: {cases[0]}{more}")
    return lines


def _numbers(run: Run) -> list[str]:
    counts = [f"{run.count(verdict)} {verdict.value}" for verdict in Verdict if run.count(verdict)]
    verdicts = Counter(one.verdict for one in rule_verdicts(run.results))
    of_rules = ", ".join(f"{verdicts[name]} {name}" for name in ("kept", "broken", "not judged") if verdicts[name])
    stopped = [f"stopped: {run.stopped}"] if run.stopped else []
    nothing = [] if run.judged else ["nothing was judged"]
    rate = f"{run.calls} calls in {run.seconds:.1f} s"
    name = run.implementation or " ".join(run.command)
    return [*stopped, *nothing, f"{name}: {', '.join(counts)}", f"rules: {of_rules}; {rate}"]
