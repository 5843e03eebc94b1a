"""The tables for the conformance suite, and for programs in other languages: `rules.json` and `protocol.json`.

Both are made from the tables of `vss_sim/spec`; the suite reads nothing else of this project.
"""

import json
from typing import Any, Final

from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.judge.writers.writer_drafts import HARMLESS
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.enums import members, numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import FAMILIES, Parameter, Signature, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.objects import POINTER_FAMILIES
from vss_sim.spec.rules import Rule, RuleForce, is_page, page_address, rules, unjudged
from vss_sim.spec.state import MACHINES, START
from vss_sim.spec.systems import SYSTEMS
from vss_sim.spec.table import Effect, Method, Need
from vss_sim.spec.writer_calls import handler_calls
from vss_sim.spec.writer_lives import calls_of_programs

_HANDLES: Final = ("ppvObject",)
"""Results that are handles though their type in C does not say so."""
_ADVISORY: Final = "advisory"


def rules_table() -> str:
    """`rules.json`: rule → whom it binds, how strongly, what it rests on, its sentence and its pages; a rule a line.

    `advisory`: it is for a program alone, no answer of VSS shows that it is kept; `unjudged`: why no case breaks it.
    """
    return _lines({name: _rule(rule) for name, rule in sorted(rules().items())})


def _rule(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "who": rule.who,
        "force": rule.force.value,
        "standing": rule.standing.value,
        "says": rule.statement,
        "pages": [page_address(page) for page in rule.pages if is_page(page)],
    }
    evidence = [page for page in rule.pages if not is_page(page)]
    for key, values in (("evidence", evidence), ("disputes", rule.disputes), ("answers", rule.answers)):
        if values:
            told[key] = list(values)
    left = unjudged().get(rule.id)
    if rule.advisory or (left is not None and left.kind == _ADVISORY):
        told["advisory"] = True
    if left is not None:
        told["unjudged"] = left.why
    elif rule.force is RuleForce.MAY:
        told["unjudged"] = "a permission: nobody has to make use of it"
    return told


def protocol_table() -> str:
    """`protocol.json`: machines with a bit a value, codes and enumerations by number, calls with needs and effects.

    `handlers`: what a writer may call while it handles an event; `programs`: what its program calls outside of
    handlers; `harmless`: what stands for a parameter of theirs that a case does not record.
    """
    head = {
        "machines": {machine.__name__: {value.name: value.bit for value in machine} for machine in MACHINES},
        "meanings": {f"{machine.__name__}.{value.name}": value.meaning for machine in MACHINES for value in machine},
        "start": START,
        "systems": {name: [one.generation.value, one.service_pack, one.server] for name, one in SYSTEMS.items()},
        "hresults": {code.name: code.value for code in HResult},
        "enumerations": {name: {one: numbers()[one] for one in names} for name, names in members().items()},
        "families": FAMILIES,
        "pointers": sorted(POINTER_FAMILIES),
        "files": sorted(FILE_CALLS),
        "handlers": sorted(handler_calls()),
        "programs": sorted(calls_of_programs()),
        "harmless": HARMLESS,
    }
    calls = {name: _call(signature) for name, signature in signatures().items()}
    parts = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*parts, '"calls": ' + _lines(calls).rstrip("\n")]) + "\n}\n"


def _call(signature: Signature) -> dict[str, Any]:
    answers: dict[str, list[str]] = {}
    for answer in documented_answers().get(signature.full_name, ()):
        answers.setdefault(answer.stage, []).append(answer.hresult)
    told: dict[str, Any] = {"by": signature.kind, "family": signature.family, "client": signature.min_client}
    told["server"] = signature.min_server
    told["parameters"] = [_parameter(one) for one in signature.parameters]
    if signature.asynchronous:
        told["asynchronous"] = True
    if answers:
        told["answers"] = answers
    method = METHODS.get(signature.name) if signature.family in ("IVssBackupComponents", "IUnknown", "") else None
    return {**told, **(_row(method) if method is not None else {})}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"name": parameter.name, "type": parameter.type, "way": parameter.direction.value}
    if parameter.makes or parameter.name in _HANDLES:
        told["makes"] = parameter.makes or "IUnknown"
    if parameter.default is not None:
        told["default"] = parameter.default
    return told


def _row(method: Method) -> dict[str, Any]:
    """What the protocol table says of a method."""
    told: dict[str, Any] = {
        "needs": [_need(need) for need in method.needs],
        "successes": [code.name for code in method.successes],
    }
    if method.effects:
        told["effects"] = [_effect(effect) for effect in method.effects]
    if method.selects is not None:
        told["selects"] = method.selects
        told["choices"] = {choice.name: [_effect(one) for one in choice.effects] for choice in method.choices}
    if method.operation is not None:
        operation = method.operation
        ends = {"finished": operation.finished, "failed": operation.failed, "cancelled": operation.cancelled}
        told["operation"] = {"pending": operation.pending, **ends}
    return told


def _need(need: Need) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rules": list(need.rules),
        "met": list(need.met),
        "otherwise": need.otherwise.name.lower(),
        "answers": [code.name for code in need.answers],
    }
    if need.documented is not None:
        told["documented"] = need.documented.name.lower()
    return told


def _effect(effect: Effect) -> dict[str, int]:
    return {"gives": effect.gives, "when": effect.when}


def _lines(table: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in table.items()) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
