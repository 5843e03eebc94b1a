"""The manifest: every case with its rules, each with force, standing and page, and the Windows on which it is asked."""

import json
from collections.abc import Iterable
from typing import Any

from .case import Case
from .tables import Rule


def manifest(cases: Iterable[Case]) -> str:
    """JSON, a case a line."""
    lines = [f"{json.dumps(case.id)}: {json.dumps(entry(case), ensure_ascii=False)}" for case in cases]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def entry(case: Case) -> dict[str, Any]:
    """One case. `since`: the oldest Windows client and server that have every call it makes; `os`: its computer's.

    `broken`: those of its rules that it shows broken, at a line that says so. `calledByWriters`: so many calls of
    writers in their handlers are compared, where an implementation takes them; `needs`: what it has to take to be asked
    at all.
    """
    client, server = case.since
    told: dict[str, Any] = {
        "about": case.about,
        "verdict": case.verdict,
        "level": case.level,
        "profile": case.profile,
        "os": list(case.systems),
        "since": {"client": client, "server": server},
        "rules": {rule.id: _rule(rule) for rule in case.known_rules},
    }
    broken = dict.fromkeys(rule for _, line in case.lines for rule in line.get("rules", ()))
    if broken:
        told["broken"] = list(broken)
    if case.script.calls:
        told["calledByWriters"] = sum(map(len, case.script.calls.values()))
    if case.needs_writers and not case.only_for_checkers:
        told["needs"] = ["writers"]
    if case.only_for_checkers:
        told["asked"] = False
        told["why"] = case.why_not_asked
    return told


def _rule(rule: Rule) -> dict[str, Any]:
    return {"force": rule.force, "standing": rule.standing, "pages": list(rule.pages)}
