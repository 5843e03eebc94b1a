"""Every demand on an argument, as cases: the call where it is allowed, with a value that breaks the demand.

Arguments come before the state: the same call is refused with the same code on an object that is not initialised, if it
is not allowed there.
"""

from collections.abc import Iterator
from typing import Any, Final

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.ruling import Verdict, rule_on
from vss_sim.generate.made import Made
from vss_sim.generate.pairs import Run
from vss_sim.generate.places import KEPT
from vss_sim.generate.ways import ways
from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import START
from vss_sim.spec.table import Force, Profile

AREA: Final = "arguments"
_FIRST: Final = "obs-arguments-before-state"
_BREAKS: Final[dict[Condition, tuple[Any, ...]]] = {
    Condition.NOT_NULL: (None,),
    Condition.NULL_ID: (KEPT.snapshot_id,),
    Condition.ONE_OF: ("VSS_OBJECT_UNKNOWN", "VSS_BT_UNDEFINED", "VSS_RT_UNDEFINED", 99),
    Condition.ENDS_IN_BACKSLASH: ("C:",),
    Condition.KNOWN_CONTEXT: (0x7FFFFFFF,),
    Condition.NOT_EMPTY: ("", None),
    Condition.NOT_TRUE: (True,),
    Condition.NULL: ("text",),
    Condition.NOT_NULL_ID: ("GUID_NULL",),
    Condition.NO_WILDCARD: ("C:\\db\\*",),
    Condition.NO_PATTERN: ("C:\\db\\*",),
    Condition.NO_BACKSLASH: ("db\\*",),
    Condition.NOT_REMOTE: ("\\\\server\\share",),
    Condition.LOCAL_PLACE: (None, "share"),
    Condition.SHARE_NAME: ("X:", "a" * 81),
    Condition.NAMED_SERVER: ("\\\\10.0.0.1\\share\\",),
    Condition.ZERO: (1,),
}
"""Condition → values that do not meet it."""


def argument_cases(profile: Profile = Profile.WINDOWS) -> Iterator[Made]:
    """Cases for each demand and method: where the call is allowed, and where an object not initialised refuses it."""
    seen: set[str] = set()
    for rule in ARGUMENT_RULES:
        if rule.otherwise is Force.REFUSED and rule.answers:
            for name in rule.methods:
                if name in METHODS and METHODS[name].interface.startswith("IVssBackupComponents"):
                    for made in _cases(rule, name, profile):
                        if made.header["id"] not in seen:
                            seen.add(made.header["id"])
                            yield made


def _cases(rule: ArgumentRule, name: str, profile: Profile) -> Iterator[Made]:
    allowed = next((state for state in ways(profile) if rule_on(name, state, profile).plain), None)
    places = [(allowed, "allowed", "where it is allowed")] if allowed is not None else []
    if rule_on(name, START, profile).verdict is Verdict.REFUSED:
        places.append((START, "first", "before the object is initialised"))
    for state, place, where in places:
        for number, value in enumerate((*_BREAKS.get(rule.condition, ()), *_named(rule))):
            given = {rule.parameter: value, **({rule.when[0]: rule.when[1][0]} if rule.when else {})}
            made = _case(rule, name, Run(ways(profile)[state], profile), given, *([_FIRST] if place == "first" else []))
            if made is not None:
                made.header["id"] = f"{AREA}/{profile.value}/{name}-{rule.parameter}-{rule.rule}-{place}-{number}"
                made.header["about"] = f"{name} with {rule.parameter} that is not {rule.condition.value}, {where}."
                yield made


def _named(rule: ArgumentRule) -> tuple[Any, ...]:
    """Values that the demand itself names."""
    if rule.condition is Condition.NONE_OF:
        return rule.values
    return ("|".join(rule.values),) if rule.condition is Condition.NOT_ALL else ()


def _case(rule: ArgumentRule, name: str, run: Run, given: dict[str, Any], *also: str) -> Made | None:
    """The case, where the simulator refuses the call for this very reason; `also`: rules that it rests on beside."""
    try:
        if not run.go():
            return None
        done = run.call(name, None, given)
    except (NotSimulated, BadCall):
        return None
    if done.refusal is None or done.refusal.rule not in (rule.rule, *rule.also) or done.answer not in rule.answers:
        return None
    rules = [rule.rule, *rule.also, *also]
    lines = run.lines()
    lines[-1] = {**lines[-1], "rules": rules}
    return run.made({"id": "", "about": "", "verdict": "violates", "rules": rules}, lines)
