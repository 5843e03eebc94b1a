"""What a line of a generated case says of itself: the rules broken there, those kept, those that leave its answer open.

An answer that rests on a rule which no page settles, or which the protocol table does not know, is one of several: its
line says `open`, and no implementation is held to it. A refusal names the rules that demand it; where the argument and
the state are wrong, both refuse it rightly. A call that is in order and hands out nothing to compare shows the needs of
its method kept.
"""

from typing import Any, Final

from vss_sim.engine.answers import Refusal
from vss_sim.engine.desk import Step
from vss_sim.engine.ruling import Ruling, Verdict
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import RuleForce, Standing, rules
from vss_sim.spec.table import Force, Need

Remark = dict[str, list[str]]

_SETTLED: Final = (Standing.DOCUMENTED, Standing.OBSERVED)
_OF_EVERY_CALL: Final = "com-call-after-release"
"""A call shows nothing of it: it is made."""
_INFERRED: Final = "?"


def remark_on(name: str, ruling: Ruling, done: Step) -> Remark:
    """What is to be said of a call of a method, by what the table says of it and what the simulator made of it."""
    if done.refusal is not None:
        return _of_a_refusal(ruling, done.refusal)
    left_open = (*ruling.doubts, *ruling.tolerated, *([] if ruling.broken is None else [ruling.broken]))
    if left_open:
        return {"open": _named(left_open)}
    kept = [need for need in METHODS[name].needs if need.otherwise is Force.REFUSED]
    named = [rule for rule in _named(kept) if rule != _OF_EVERY_CALL and is_settled(rule)]
    return {"keeps": named} if named and not _is_compared(name, done) else {}


def _of_a_refusal(ruling: Ruling, refusal: Refusal) -> Remark:
    named = _named([refusal.need]) if refusal.need is not None else [refusal.rule]
    broken = ruling.broken if ruling.verdict is Verdict.REFUSED and refusal.need is None else None
    if broken is not None and refusal.answer not in broken.answers:
        answers = [refusal.answer.name, *(code.name for code in broken.answers)]
        return {"returns": answers, "rules": [*named, *_named([broken])]}
    demanded = ruling.verdict in (Verdict.REFUSED, Verdict.ALLOWED) and not ruling.doubts
    return {"rules" if demanded and any(_demands(rule, refusal.answer.name) for rule in named) else "open": named}


def _demands(rule: str, code: str) -> bool:
    """Whether a settled rule demands the refusal, with this code or one that is inferred."""
    known = rules().get(rule)
    if known is None or known.force is RuleForce.MAY or not is_settled(rule):
        return False
    return code in [answer.rstrip(_INFERRED) for answer in known.answers]


def is_settled(rule: str) -> bool:
    """Whether pages or recorded systems leave no doubt of a rule."""
    return rule in rules() and rules()[rule].standing in _SETTLED


def _is_compared(name: str, done: Step) -> bool:
    """Whether something was handed out that is no handle."""
    parameters = {one.name: one for one in signatures()[METHODS[name].full_name].parameters}
    return any(one not in parameters or parameters[one].makes is None for one in done.out)


def _named(needs: tuple[Need, ...] | list[Need]) -> list[str]:
    return list(dict.fromkeys(rule for need in needs for rule in need.rules))


def with_remarks(lines: list[dict[str, Any]], remarks: dict[int, Remark]) -> list[dict[str, Any]]:
    """Lines with what is said of the calls among them, by their place among the calls."""
    calls = iter(range(len(lines)))
    return [{**line, **remarks.get(next(calls), {})} if "call" in line else line for line in lines]
