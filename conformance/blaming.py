"""By which rules it is wrong that a line of a case comes out otherwise, and whether one of them is broken by that.

A line shows the rules that it is marked with, as broken or as kept there, or else those that stand on the page of its
call. Any other line is one on the way to what the case shows: the case fails there, and no rule is broken by that.

An implementation of VSS breaks a rule that binds VSS. One that binds a requester or a writer, it breaks by how it
answers: where the breach has to be refused, and where it refuses with that code what is in order. Advice, which has no
answer, no implementation breaks, and nobody breaks what somebody may do. Where the answer is right and what was handed
out is not, a page blames only the rules that bind VSS, and are about no refusal: what it asks of a requester or a
writer, they have done.
"""

from collections.abc import Iterable

from .case import Case, Line
from .holding import answers_of
from .tables import Rule, call_named, code, is_of, rules, succeeded


def blamed(
    case: Case, line: Line, returns: str | int | None = None, *, results: bool = False
) -> tuple[tuple[str, ...], bool]:
    """The rules to be named where a line comes out otherwise, and whether they are broken by that.

    `returns` is the wrong answer, where it is known; `results`: the answer is right, what was handed out is wrong.
    """
    marked = _settled((*line.get("rules", ()), *line.get("keeps", ())))
    if marked:
        broken = [rule for rule in marked if _can_break(rule) or line.get("fails")]
        return _names(broken or marked), bool(broken)
    later = {name for _, one in case.lines if one is not line for name in one.get("rules", ())}
    reached = _settled(name for name in case.rules if name not in later)
    broken = [
        rule
        for rule in reached
        if _can_break(rule) and _is_of_its_page(rule, line) and _tells(rule, line, returns, results=results)
    ]
    return _names(broken or reached or _settled(case.rules)), bool(broken)


def _can_break(rule: Rule) -> bool:
    """Whether an implementation can go against a rule: none breaks advice to others, or what somebody may do."""
    return rule.force != "may" and bool(rule.binds_vss or rule.codes)


def _settled(names: Iterable[str]) -> list[Rule]:
    """Those of the rules that are settled; all, where none is."""
    known = [rules()[name] for name in names if name in rules()]
    return [rule for rule in known if rule.settled] or known


def _names(found: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(rule.id for rule in found)


def _is_of_its_page(rule: Rule, line: Line) -> bool:
    call = call_named(line["call"]) if "call" in line else None
    return call is not None and is_of(rule, call)


def _tells(rule: Rule, line: Line, returns: str | int | None, *, results: bool) -> bool:
    """Whether a wrong answer says something of a rule: of one about a refusal, if its code was expected, or came."""
    refusals = [code(one) for one in rule.codes if not succeeded(one)]
    if rule.binds_vss and not refusals:
        return True
    answers = [code(answer) for answer in (*answers_of(line), returns) if answer is not None]
    return not results and any(one in answers for one in refusals)
