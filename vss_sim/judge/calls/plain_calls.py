"""Arguments of functions and of methods that no state decides: enumerations, volumes, the freeing of structures."""

from typing import Final

from vss_sim.engine.arguments import broken_arguments, legal_call
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.words import argument_words, refused
from vss_sim.spec.methods import Signature
from vss_sim.spec.protocol.documents import DOCUMENT_FAMILIES
from vss_sim.spec.table import Force

_FREE: Final = "VssFreeSnapshotProperties"


def judge_arguments(history: History, step: Step, signature: Signature) -> bool:
    """Say what is wrong with the arguments of a call; whether that explains the answer it got."""
    if signature.family in DOCUMENT_FAMILIES or signature.kind == "writer":
        return False
    if signature.name == _FREE:
        return _freed(history, step)
    for rule, fault in broken_arguments(signature.name, step.line.in_):
        words = argument_words(rule, step.arguments)
        is_refusal = step.code is not None and step.code.is_one_of(rule.answers)
        if is_refusal or (rule.otherwise is Force.REFUSED and step.succeeded is not False):
            observed = step.observed if is_refusal else None
            says = f"{refused(signature.full_name, rule.answers, observed)}: {words}"
            legal = (legal_call(signature.full_name, rule),)
            history.find(Finding(step.number, Level.ERROR, At.REQUESTER, fault, says, (), legal, rule.also))
            return True
        if step.succeeded is not False:
            says = f"whether Windows refuses {signature.name} here is not known: {words}"
            history.note(step, Level.WARNING, fault, says, also=rule.also)
            return True
    return False


def _freed(history: History, step: Step) -> bool:
    """`VssFreeSnapshotProperties` frees the strings of a structure, and has no answer."""
    history.handed_out.freed += 1
    if step.code is None:
        return False
    level = Level.INFO if step.code.succeeded else Level.WARNING
    says = f"VssFreeSnapshotProperties answers {step.code.name}, and returns nothing"
    history.note(step, level, "free-snapshot-props-use", says, at=At.IMPLEMENTATION)
    return True
