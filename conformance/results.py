"""What came of a case, and of a run."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from .case import Case
from .tables import rules


class Verdict(Enum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    KNOWN = "known failure"
    UNEXPECTED = "unexpected pass"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Fault:
    """What is held against an implementation: at which line of the case, what happened, by which rules it is wrong.

    `unheard`: there was no reply that could be judged, so that the rules are those of the question, and none is broken.
    `beside`: neither is one where the line only leads to what the case shows, or shows nothing but advice.
    """

    line: int
    call: str
    says: str
    rules: tuple[str, ...]
    unheard: bool = False
    beside: bool = False

    @property
    def breaks(self) -> tuple[str, ...]:
        """The rules that are broken by it."""
        return () if self.unheard or self.beside else self.rules


@dataclass(frozen=True)
class Told:
    """Which way an implementation went at a point that is never held against it; `differs`: another than the case."""

    line: int
    call: str
    says: str
    rules: tuple[str, ...]
    differs: bool = False


@dataclass(frozen=True)
class Result:
    """What came of one case; `talk` is the conversation, `> ` what was said and `< ` what was answered."""

    case: Case
    verdict: Verdict
    reason: str = ""
    fault: Fault | None = None
    told: tuple[Told, ...] = ()
    talk: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0

    def goes_with(self, rule: str) -> bool:
        """Whether nothing that it is told of went against this rule."""
        return not any(point.differs and rule in (point.rules or self.case.rules) for point in self.told)


_BAD: Final = (Verdict.FAILED, Verdict.UNEXPECTED, Verdict.NOT_RUN)


@dataclass(frozen=True)
class Run:
    """A whole run, its results in the order of the cases' ids; `stopped` says why it came to no end by itself."""

    command: tuple[str, ...]
    implementation: str
    results: tuple[Result, ...]
    seconds: float
    stopped: str = ""
    left_out: int = 0

    def count(self, verdict: Verdict) -> int:
        """How many cases ended so."""
        return sum(result.verdict is verdict for result in self.results)

    @property
    def judged(self) -> int:
        """How many cases say something of the implementation."""
        return sum(result.verdict not in (Verdict.SKIPPED, Verdict.NOT_RUN) for result in self.results)

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(result.calls for result in self.results)

    @property
    def exit_code(self) -> int:
        """0: nothing is wrong; 1: something is; 2: nothing was judged."""
        if not self.judged:
            return 2
        return 1 if self.stopped or any(result.verdict in _BAD for result in self.results) else 0


@dataclass(frozen=True)
class RuleVerdict:
    """What a run says of a rule, and by which cases."""

    rule: str
    verdict: str
    results: tuple[Result, ...] = field(default=())


def rule_verdicts(results: Iterable[Result]) -> list[RuleVerdict]:
    """Every rule of a selected case or a fault: `broken` (a fault names it), `kept` (a case went its way), or neither.

    What is for programs alone is not judged: their calls are the suite's own.
    """
    by_rule: dict[str, list[Result]] = {}
    broken: set[str] = set()
    for result in results:
        for rule in result.case.rules:
            by_rule.setdefault(rule, []).append(result)
        for rule in () if result.fault is None else result.fault.breaks:
            broken.add(rule)
            if rule not in result.case.rules:
                by_rule.setdefault(rule, []).append(result)
    verdicts = []
    for rule, found in sorted(by_rule.items()):
        judged = rule not in rules() or not rules()[rule].advisory
        kept = judged and any(
            one.verdict in (Verdict.PASSED, Verdict.UNEXPECTED) and one.goes_with(rule) for one in found
        )
        verdict = "broken" if rule in broken else "kept" if kept else "not judged"
        verdicts.append(RuleVerdict(rule, verdict, tuple(found)))
    return verdicts


def with_known(result: Result, known: dict[str, str]) -> Result:
    """A result in the light of the known failures: case → why it is known to fail."""
    reason = known.get(result.case.id)
    if reason is None:
        return result
    if result.verdict is Verdict.FAILED:
        return replace(result, verdict=Verdict.KNOWN, reason=reason)
    if result.verdict is Verdict.PASSED:
        return replace(result, verdict=Verdict.UNEXPECTED, reason=f"it is listed as a known failure: {reason}")
    return result


def unrun(case: Case, why: str) -> Result:
    """A case that was not put to the implementation."""
    return Result(case, Verdict.NOT_RUN, why)
