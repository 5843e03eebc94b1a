"""What a line of a case holds against an implementation: this answer, any failing answer, or none in particular.

Where a line is marked with the rules that are broken there, it depends on whom they bind, and on what is known:

* they bind VSS, and the line shows an answer that no implementation may give: any other is good. Where a checker of
  logs has an error for it, that is so whatever they are; else where one is a must. Not where an operation only begins:
  its result tells; nor of what a writer calls in its handlers.
* they demand that the call is refused. A code that a settled rule names is that code. One that is inferred - no page
  names it for this breach, or that of another call alone - stands for any failing answer. One that only a disputed or
  assumed rule names, or none at all, is the case's own: whether VSS refuses the call is not known, and nothing is held.
* they bind the requester, and the case has VSS let it pass: the pages forbid the call, so it may be refused.
* they forbid a question, and the case has only what it hands out: no page says what it answers.
* they are all disputed or assumed: nothing is held.

A line that is not marked is held to its answer, unless it says itself (`open`) on which disputed rules that rests.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

from .case import Case, Line, failed_result
from .tables import Call, Rule, call_named, code, is_of, rules, succeeded

REMARKS: Final = frozenset({"rules", "open", "keeps", "note", "level", "at"})
"""What a line of a case says about itself: no part of what is asked."""

_UNSET: Final = {
    "IVssComponent::GetRestoreTarget": (
        {"pTarget": "VSS_RT_ORIGINAL"},
        "VSS_E_OBJECT_NOT_FOUND",
        "restore-target-default-original",
    ),
}
"""Call → what the suite expects where nobody set anything, the answer that the page has as well, the rule between."""

_AS_GOOD: Final = {"VSS_E_NO_SNAPSHOTS_IMPORTED": "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED"}
"""Result of an operation that the suite expects → that which a page has for it as well (dispute C82)."""

ASYNC: Final = "IVssAsync"
"""The family of the objects that tell how an operation ends."""
_WAIT: Final = (ASYNC, "Wait")
_WAIT_TELLS: Final = "async-wait-tells-failure"


class Hold(Enum):
    """What a line holds against an implementation."""

    EXACT = "the answer that the case says"
    FAILS = "any failing answer: no page names the code"
    NEVER = "any answer but the one that the case shows"
    FREE = "nothing: it is told which way it went"


def hold_of(case: Case, line: Line) -> Hold:
    """What the answer to a line is held to."""
    marked = [rules()[name] for name in line.get("rules", ()) if name in rules()]
    settled = [rule for rule in marked if rule.settled]
    if line.get("open") or (marked and not settled):
        return Hold.FREE
    if not marked:
        return Hold.EXACT
    if case.shows_a_wrong_answer(line):
        return _of_a_wrong_answer(case, line, settled)
    return _of_a_breach(case, line, settled)


def _of_a_wrong_answer(case: Case, line: Line, settled: list[Rule]) -> Hold:
    """What is held where VSS breaks these rules, though a checker of logs may only warn of it: that it must not."""
    if case.verdict == "violates":
        return Hold.NEVER
    call = call_named(line["call"]) if "call" in line else None
    begins = call is not None and any(one.get("makes") == ASYNC for one in call.parameters)
    still_open = begins and any(map(succeeded, answers_of(line)))  # how it ends, its operation tells
    demanded = {answer for rule in settled for answer in rule.codes}.intersection(answers_of(line))
    binding = not demanded and any(rule.binds_vss and rule.level == "must" for rule in settled)
    return Hold.NEVER if binding and not still_open and not case.is_a_writers(line) else Hold.FREE


def _of_a_breach(case: Case, line: Line, settled: list[Rule]) -> Hold:
    """What is held where the requester, or a writer, breaks these rules."""
    expected = answers_of(line)
    if not expected:
        return Hold.FREE if line.get("out") and not line.get("fails") else Hold.EXACT
    result = failed_result(line)
    if result and any(rule.binds_vss and result in rule.codes for rule in settled):
        return Hold.EXACT
    if any(map(succeeded, expected)):
        return Hold.FREE if case.profile == "windows" else Hold.EXACT
    call = call_named(line["call"])
    of_it = [rule for rule in settled if call is None or not _names_for_another(rule, call, expected)]
    hold = of_a_refusal(expected, of_it)
    return Hold.FAILS if hold is Hold.FREE and of_it != settled else hold


def _names_for_another(rule: Rule, call: Call, codes: list[str | int]) -> bool:
    """Whether a rule names the code on the page of another call only, so that for this one it is inferred."""
    elsewhere = bool(rule.pages) and all("/nf-" in page for page in rule.pages) and not is_of(rule, call)
    named = [answer for answer in codes if answer in rule.answers]
    return elsewhere and bool(named) and not any(answer in call.answers for answer in named)


def of_a_refusal(expected: Iterable[str | int], broken: Iterable[Rule]) -> Hold:
    """What is held where a call has to be refused, with one of these codes, since it breaks these rules."""
    codes, settled = tuple(expected), [rule for rule in broken if rule.settled]
    if any(answer in rule.answers for rule in settled for answer in codes):
        return Hold.EXACT
    inferred = any(answer in rule.inferred for rule in settled for answer in codes)
    return Hold.FAILS if inferred else Hold.FREE


def answers_of(line: Line) -> list[str | int]:
    """The answers that a line allows; none where it does not say."""
    returns = line.get("returns")
    if returns is None:
        return []
    return list(returns) if isinstance(returns, list) else [returns]


def between(case: Case, line: Line, call: Call, returns: str | int) -> tuple[str, ...]:
    """The rule by which this answer is as good as the line's: that of a default, or of a wait for what failed."""
    default, missing, rule = _UNSET.get(call.name, ({}, "", ""))
    if default:
        return (rule,) if line.get("out") == default and code(returns) == code(missing) else ()
    if (call.family, call.method) != _WAIT or line.get("rules"):
        return ()
    failure = next((answer for answer in answers_of(line) if not succeeded(answer)), None) or _told_after(case, line)
    both = {code("S_OK"), code(failure)}
    return (_WAIT_TELLS,) if not succeeded(failure) and {code(returns), *map(code, answers_of(line))} == both else ()


def _told_after(case: Case, wait: Line) -> str | int:
    """What the next QueryStatus on the operation tells of it; S_OK where nobody asks."""
    later = False
    for _, line in case.lines:
        if later and line.get("on") == wait["on"] and str(line.get("call")).endswith("::QueryStatus"):
            told: str | int = (line.get("out") or {}).get("pHrResult", "S_OK")
            return told
        later = later or line is wait
    return "S_OK"


def is_as_good(expected: object, result: str | int) -> bool:
    """Whether a page has this result of an operation where the suite expects the other."""
    return any(code(result) == code(other) for told, other in _AS_GOOD.items() if told == expected)


def is_inferred(case: Case, begun: Call, result: object) -> bool:
    """Whether neither the page of a method nor a settled rule of the case names this result of its operation."""
    named = {
        *begun.answers,
        *begun.results,
        *(code for rule in case.known_rules if rule.settled for code in rule.answers),
    }
    return isinstance(result, str) and not succeeded(result) and result not in named


def open_rules(line: Line) -> tuple[str, ...]:
    """The rules that a line is about: those broken there, or those that leave its answer open."""
    return tuple(line.get("rules") or line.get("open") or ())
