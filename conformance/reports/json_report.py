"""A run as one JSON object: every case with its verdict, every rule with its cases."""

import json
from typing import Any

from ..results import Fault, Result, Run, Told, rule_verdicts
from ..tables import rules


def json_report(run: Run) -> str:
    """The whole run."""
    report = {
        "implementation": run.implementation,
        "command": list(run.command),
        "exit": run.exit_code,
        "stopped": run.stopped or None,
        "calls": run.calls,
        "seconds": round(run.seconds, 3),
        "cases": [case_json(result) for result in run.results],
        "rules": [
            {"rule": one.rule, "verdict": one.verdict, "cases": [result.case.id for result in one.results]}
            for one in rule_verdicts(run.results)
        ],
    }
    return json.dumps(report, indent=1) + "\n"


def case_json(result: Result) -> dict[str, Any]:
    """One case."""
    told: dict[str, Any] = {
        "case": result.case.id,
        "verdict": result.verdict.value,
        "rules": list(result.case.rules),
        "calls": result.calls,
        "seconds": round(result.seconds, 4),
    }
    if result.reason:
        told["reason"] = result.reason
    if result.fault is not None:
        because = [_rule(name) for name in result.fault.rules]
        why_unbroken = {"unheard": result.fault.unheard, "beside": result.fault.beside}
        told["fault"] = {**_point(result.fault), **why_unbroken, "because": because}
        told["conversation"] = list(result.talk)
    if result.told:
        told["told"] = [{**_point(one), "differs": one.differs} for one in result.told]
    return told


def _point(point: Fault | Told) -> dict[str, Any]:
    return {"line": point.line, "call": point.call, "says": point.says, "rules": list(point.rules)}


def _rule(name: str) -> dict[str, Any]:
    rule = rules().get(name)
    if rule is None:
        return {"rule": name}
    return {"rule": name, "force": rule.force, "standing": rule.standing, "says": rule.says, "pages": list(rule.pages)}
