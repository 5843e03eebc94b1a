"""Calls on metadata and component objects: who makes them and when, with what index, and whether that may be answered.

The law stands in `vss_sim.spec.protocol.documents`. A component object that came from a backup components object is a
requester's; in the handler of an event it is the writer's. Where the log shows neither, nothing is held against it.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.arguments import legal_call, unmet_demands
from vss_sim.engine.contexts import number_of
from vss_sim.engine.ruling import Certainty, meets
from vss_sim.engine.words import describe
from vss_sim.judge.documents.document_memory import Handler
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.words import argument_words, graveness, legal_index, names, note_trouble, refused
from vss_sim.judge.writers.writer_handlers import handler_of
from vss_sim.spec.answers import MACHINE_FAILURES, call_failures, documented_answers
from vss_sim.spec.document_changes import rules_broken
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.protocol.documents import (
    DOCUMENT_FAMILIES,
    DOCUMENT_METHODS,
    LATER_INTERFACES,
    RESERVED_TOO,
    TELLING,
    DocumentMethod,
    Index,
    Limit,
)
from vss_sim.spec.rules import Standing, rules
from vss_sim.spec.table import Force, Profile
from vss_sim.spec.writer_calls import READ_ONLY_RULES, SAME_FACT, STILL_TAKEN, handler_calls, is_setter

UNSET_IS_FALSE: Final = "obs-unset-is-s-false"
"""Where nothing was set, the answer is S_FALSE."""

_NOTHING: Final = frozenset({HResult.S_FALSE, HResult.VSS_E_OBJECT_NOT_FOUND})
"""Answers that say that there is nothing."""

Opinion = tuple[str, ...] | None
"""The answers that are allowed, by name, where the answer was judged here; None where it is still to be judged."""


def judge_document(history: History, step: Step, signature: Signature, known: OtherObject | None) -> Opinion:
    """Judge a call on a document object; `known` is None where the log does not show what the object is."""
    if signature.family not in DOCUMENT_FAMILIES:
        return None
    row = DOCUMENT_METHODS.get(signature.full_name) or DocumentMethod(signature.full_name)
    handler = handler_of(history, step, signature, known)
    at = _whose(signature, known, handler)
    for trouble in _troubles(history, step, signature, row, known, handler):
        if trouble.force is Force.REFUSED:
            judge_refused(history, step, signature, trouble, at)
            return names_of(trouble.answers)
        judge_forbidden(history, step, signature, trouble, at)
        if row.reserved or (step.code is not None and step.code.is_one_of(trouble.answers)):
            return (*_allowed(signature), *names_of(trouble.answers))
    return _judge_answer(history, step, signature, row, known, handler)


def names_of(codes: tuple[HResult, ...]) -> tuple[str, ...]:
    """Answers by name."""
    return tuple(code.name for code in codes)


def _allowed(signature: Signature) -> tuple[str, ...]:
    documented = [answer.hresult for answer in documented_answers().get(signature.full_name, ())]
    known = [name for name in documented if name in HResult.__members__]
    return tuple(dict.fromkeys([*(known or ["S_OK"]), *(code.name for code in call_failures(signature.full_name))]))


def _whose(signature: Signature, known: OtherObject | None, handler: Handler | None) -> At:
    """Whose call it is: the writer's in a handler, and where only writers call; a requester's through its object."""
    if known is not None and known.owner is not None:
        return At.REQUESTER
    return At.WRITER if handler is not None or signature.kind == "writer" else At.REQUESTER


def _troubles(
    history: History,
    step: Step,
    signature: Signature,
    row: DocumentMethod,
    known: OtherObject | None,
    handler: Handler | None,
) -> Iterator[Trouble]:
    """What is wrong with the call: the interface, the arguments, the caller and the time, the index."""
    facts = known.known if known is not None else None
    if facts and signature.interface in facts.refused:
        words = f"QueryInterface did not give {signature.interface}"
        yield Trouble(LATER_INTERFACES, (), words, because=(Ground(*facts.refused[signature.interface]),))
    if row.reserved:
        also = RESERVED_TOO.get(row.reserved, ())
        yield Trouble(row.reserved, (), "it is reserved, and not supported", Force.UNSURE, also=also)
    for rule, fault in unmet_demands(signature.name, step.line.in_):
        words = argument_words(rule, step.arguments)
        legal = (legal_call(signature.full_name, rule),)
        yield Trouble(fault, rule.answers, words, rule.otherwise, instead=legal, also=rule.also)
    for limit in row.limits:
        trouble = _beyond(history, signature.name, limit, known.owner if known is not None else None, handler)
        if trouble is not None:
            yield trouble
            break
    if handler is not None and owns(known):
        yield from _handler_troubles(step, signature, handler)
    if facts and row.once and row.full_name in facts.done:
        words = "the component has it already"
        answers = (HResult.VSS_E_OBJECT_ALREADY_EXISTS,)
        yield Trouble(row.once, answers, words, because=(Ground(*facts.done[row.full_name]),))
    if known is not None and row.index:
        count = _count(known, row.index)
        value = number_of(step.arguments.get(row.index.parameter))
        if count is not None and value is not None and value >= count[0]:
            words = f"{row.index.parameter} is {value}, and the count is {count[0]}"
            because = (Ground(count[1], f"told {row.index.count}"),)
            instead = legal_index(signature.full_name, row.index.parameter, count[0])
            yield Trouble(row.index.rule, row.index.answers, words, because=because, instead=instead)


def _handler_troubles(step: Step, signature: Signature, handler: Handler) -> Iterator[Trouble]:
    """What is wrong with a writer's call in this handler: the document is only read, or there is no component."""
    name, because = signature.full_name, (Ground(*handler.mark),)
    read_only = READ_ONLY_RULES.get(handler.event)
    if read_only and is_setter(name) and name not in STILL_TAKEN:
        words = f"the document is only read while the writer handles {handler.event}"
        yield Trouble(read_only, (HResult.VSS_E_BAD_STATE,), words, because=because, also=SAME_FACT[read_only])
    handed = handler_calls().get(name)
    if handed is None or handler.event in handed.handlers or step.code is None:
        return
    if step.code.is_one_of((handed.refusal,)):  # with a pointer that was kept it may succeed: then nothing is said
        words = f"no component is handed to the writer while it handles {handler.event}"
        yield Trouble(handed.rule, (handed.refusal,), words, because=because)


def owns(known: OtherObject | None) -> bool:
    """Whether an object is in the hands of a writer, as far as the log shows."""
    return known is None or known.owner is None


def _beyond(
    history: History, name: str, limit: Limit, owner: BackupObject | None, handler: Handler | None
) -> Trouble | None:
    """What is wrong with who calls and when."""
    need = limit.need
    force = need.force(history.profile)
    if force is Force.ALLOWED:
        return None
    if owner is not None:
        if meets(owner.state, need) is not Certainty.NO:
            return None
        words = describe(owner.state, need.machines) if need.met else "it is for writers, and a requester calls it"
        because = owner.reasons(need.machines)
        also = rules_broken(name, by_requester=True)
    elif handler is not None and handler.event in TELLING and handler.event not in limit.handlers:
        words = f"it is called while the writer handles {handler.event}"
        because = (Ground(*handler.mark),)
        also = rules_broken(name, by_requester=False, event=handler.event)
    else:
        return None
    broken = also if owner is not None else (*also, *_read_only(handler))
    return Trouble(need.rules[0], need.answers, words, force, because, also=(*need.rules[1:], *broken))


def _read_only(handler: Handler | None) -> tuple[str, ...]:
    """The rules by which a writer only reads the document in this handler."""
    rule = READ_ONLY_RULES.get(handler.event) if handler is not None else None
    return (rule, *SAME_FACT[rule]) if rule else ()


def _count(known: OtherObject, index: Index) -> tuple[int, int] | None:
    """The count that bounds an index, and its line; None where none was recorded, or it may have grown since."""
    count = known.known.counts.get(index.count) if known.known else None
    if count is None or known.owner is None:
        return count
    died = known.owner.pointers_died
    asked = known.owner.asked
    grown = (died is not None and died[0] > count[1]) or (asked is not None and asked.changed > count[1])
    return None if grown else count


def judge_refused(history: History, step: Step, signature: Signature, trouble: Trouble, at: At) -> None:
    """What VSS refuses: said of the caller, and of the implementation where it answered otherwise."""
    code = step.code
    agrees = code is None or not trouble.answers or code.is_one_of(trouble.answers) or code.is_one_of(MACHINE_FAILURES)
    if trouble.answers:
        says = f"{refused(signature.full_name, trouble.answers, step.observed if agrees else None)}: {trouble.words}"
    else:
        says = f"{signature.name} cannot be called: {trouble.words}"
    note_trouble(history, step, signature.full_name, Level.ERROR, trouble, says, at)
    if not agrees:
        says = f"the answer is {step.observed}, the table allows only {names(trouble.answers)} here"
        history.note(step, Level.ERROR, trouble.rule, says, *_marks(trouble), at=At.IMPLEMENTATION)


def judge_forbidden(history: History, step: Step, signature: Signature, trouble: Trouble, at: At) -> None:
    """What the documentation forbids: an error where VSS was seen to refuse it, else a warning."""
    failed = step.code is not None and not step.code.succeeded and step.code.is_one_of(trouble.answers)
    if failed:
        level, says = Level.ERROR, f"{refused(signature.full_name, trouble.answers, step.observed)}: {trouble.words}"
    elif trouble.force is Force.TOLERATED:
        level = graveness(trouble.rule)
        says = f"Windows lets {signature.name} pass here, against the documentation: {trouble.words}"
    else:
        level = graveness(trouble.rule)
        says = f"whether Windows refuses {signature.name} here is not known: {trouble.words}"
    note_trouble(history, step, signature.full_name, level, trouble, says, at)


def _marks(trouble: Trouble) -> list[tuple[int, str]]:
    return [(ground.line, ground.says) for ground in trouble.because]


def _judge_answer(
    history: History,
    step: Step,
    signature: Signature,
    row: DocumentMethod,
    known: OtherObject | None,
    handler: Handler | None,
) -> Opinion:
    """An answer that says of itself whether it can be, or what was wrong with the call."""
    code = step.code
    if row.default and _says_nothing(step):
        disputed = rules()[row.default].standing is Standing.DISPUTED
        if not disputed or history.profile is not Profile.DOCUMENTED:  # else its page says so
            level = Level.WARNING if disputed else Level.ERROR
            says = f"{signature.name} answers that there is nothing, and there is a default"
            history.note(step, level, row.default, says, at=At.IMPLEMENTATION, also=row.same)
        return _allowed(signature)
    if row.text and code is not None and code.known is HResult.S_OK and step.results.get(row.text, row) is None:
        says = f"{signature.name} answers S_OK with a NULL {row.text}; where nothing is stored the answer is S_FALSE"
        history.note(step, Level.WARNING, row.either, says, at=At.IMPLEMENTATION, also=(UNSET_IS_FALSE,))
        return _allowed(signature)
    if code is not None and code.known is HResult.VSS_E_BAD_STATE:
        return _refused_by_state(history, step, signature, row, known, handler)
    if code is not None and code.known is HResult.VSS_E_OBJECT_NOT_FOUND and row.index and known is not None:
        return _missed_index(history, step, signature, row.index, known)
    return None


def _refused_by_state(
    history: History,
    step: Step,
    signature: Signature,
    row: DocumentMethod,
    known: OtherObject | None,
    handler: Handler | None,
) -> Opinion:
    """A refusal that cannot be where anybody may call at any time, and else tells that it was the wrong time."""
    if row.either:
        says = f"{signature.name} is open to writer and requester alike, and no state refuses it"
        history.note(step, Level.ERROR, row.either, says, at=At.IMPLEMENTATION)
        return _allowed(signature)
    return _blame_limit(history, step, signature, row, known) if row.limits and handler is None else None


def _says_nothing(step: Step) -> bool:
    if step.code is not None and step.code.is_one_of(_NOTHING):
        return True
    return step.succeeded is True and None in step.results.values()


def _blame_limit(
    history: History, step: Step, signature: Signature, row: DocumentMethod, known: OtherObject | None
) -> Opinion:
    """A refusal that was possible: the log does not show where the call was made, or how far its object had come."""
    owner = known.owner if known is not None else None
    if owner is not None and all(meets(owner.state, limit.need) is Certainty.YES for limit in row.limits):
        return None
    rule = row.limits[0].need.rules[0]
    says = f"{signature.name} was refused with VSS_E_BAD_STATE; the log does not show when it was called"
    history.note(step, Level.ERROR, rule, says, at=_whose(signature, known, None))
    return (*_allowed(signature), HResult.VSS_E_BAD_STATE.name)


def _missed_index(history: History, step: Step, signature: Signature, index: Index, known: OtherObject) -> Opinion:
    """VSS does not find what it had counted."""
    count, value = _count(known, index), number_of(step.arguments.get(index.parameter))
    if count is None or value is None:
        return None
    says = f"the answer is {step.observed}, but {index.parameter} is {value} of {count[0]}"
    history.note(step, Level.ERROR, index.rule, says, (count[1], f"told {index.count}"), at=At.IMPLEMENTATION)
    return _allowed(signature)
