"""Everything that is certainly wrong with a call on a backup components object, in the order in which VSS looks."""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.arguments import broken_arguments, legal_call, same_fault
from vss_sim.engine.paths import way_on, way_on_with, way_to
from vss_sim.engine.ruling import Certainty, Ruling, Verdict, holds
from vss_sim.engine.words import against
from vss_sim.judge.findings import Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import reference_troubles
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.shadows.turned_away import went_on
from vss_sim.judge.watches import watch_troubles
from vss_sim.judge.words import argument_words, graveness
from vss_sim.spec.answers import call_failures
from vss_sim.spec.protocol.common import CREATION_SLOT
from vss_sim.spec.protocol.snapshots import IMPORT_SLOT
from vss_sim.spec.rules import Standing, rules
from vss_sim.spec.state import MACHINE_MASK, Phase
from vss_sim.spec.table import Claim, Force, Method, Need

_SETTLED: Final = (Standing.DOCUMENTED, Standing.OBSERVED)


def troubles_of(history: History, step: Step, method: Method, obj: BackupObject, ruling: Ruling) -> list[Trouble]:
    """What is certainly wrong: first the arguments, then the state, then what the arguments refer to."""
    troubles = [
        Trouble(
            fault,
            rule.answers,
            argument_words(rule, step.arguments),
            rule.otherwise,
            instead=way_on_with(legal_call(method.full_name, rule), method.name, obj.state, history.profile),
            level=Level.INFO if rule.notable else Level.ERROR,
            also=same_fault(rule, fault),
        )
        for rule, fault in broken_arguments(method.name, step.line.in_)
    ]
    if ruling.broken is not None:
        troubles.append(_state_trouble(history, method, obj, ruling.broken, ruling.verdict))
        return troubles
    if method.claim:
        troubles.extend(_claim_troubles(history, step, method, obj, method.claim))
    if method.references:
        troubles.extend(reference_troubles(history, step.line, method, obj))
    troubles.extend(watch_troubles(method.name, history, step.line, obj))
    return troubles


def _state_trouble(history: History, method: Method, obj: BackupObject, broken: Need, verdict: Verdict) -> Trouble:
    words = against(obj.state, broken)
    rule = broken.rules[0]
    because = obj.reasons(broken.machines)
    if verdict is Verdict.REFUSED:
        beside = went_on(method.name, obj)
        way = () if beside.says else way_on(method.name, obj.state, broken, history.profile)
        because, also = tuple(sorted((*because, *beside.because))), (*broken.rules[1:], *beside.also)
        return Trouble(rule, broken.answers, words + beside.says, Force.REFUSED, because, way, also=also)
    level = graveness(rule)
    way = () if level is Level.INFO else way_on(method.name, obj.state, broken, history.profile)
    return Trouble(rule, broken.answers, words, Force.UNSURE, because, way, level, broken.rules[1:])


def _claim_troubles(history: History, step: Step, method: Method, obj: BackupObject, claim: Claim) -> Iterator[Trouble]:
    """Another object of the machine holds what this call claims, for certain.

    What another process does nobody can know; to be refused because of it, and to try again, is no fault.
    """
    for other in holders(history, step, obj, claim):
        if holds(other.state, claim.held_in) is Certainty.YES:
            out = ~claim.held_in & MACHINE_MASK[Phase] & ~Phase.NEW.bit
            way = way_to(out, other.state, history.profile) or ()
            words = f"the object {other.handle!r} has {_HELD[claim.held_in]}"
            level = Level.ERROR if claim.otherwise is Force.REFUSED else Level.WARNING
            if other.process != obj.process:
                way, words = (), f"{words} in another process; wait until that ends"
                level = Level.INFO if claim.otherwise is Force.REFUSED else level
            elif way:
                words = f"{words}, which has to end first (by {way[0]} on {other.handle!r})"
            because = other.reasons(claim.held_in)
            instead, answers = (*way, method.full_name), (claim.answer,)
            yield Trouble(claim.rule, answers, words, claim.otherwise, because, instead, level, claim.also)
            return


_HELD: Final = {CREATION_SLOT.held_in: "a shadow copy set in progress", IMPORT_SLOT.held_in: "an import under way"}


def holders(history: History, step: Step, obj: BackupObject, claim: Claim) -> Iterator[BackupObject]:
    """The other objects of the machine that hold what is claimed, or may."""
    machine = history.machine(step.line)
    for other in machine.importers if claim is IMPORT_SLOT else machine.creators:
        if other is not obj and holds(other.state, claim.held_in) is not Certainty.NO:
            yield other


def possible_holders(history: History, step: Step, method: Method, obj: BackupObject) -> tuple[Ground, ...]:
    """Why others may hold what `method` claims, as far as the log shows it."""
    if method.claim is None:
        return ()
    held = method.claim.held_in
    return tuple(ground for other in holders(history, step, obj, method.claim) for ground in other.reasons(held))


def is_settled(trouble: Trouble) -> bool:
    """Whether a page demands the refusal, or it was seen: where all of it is disputed or assumed, nobody is wrong."""
    return any(rules()[rule].standing in _SETTLED for rule in (trouble.rule, *trouble.also))


def allowed_answers(method: Method, ruling: Ruling, troubles: list[Trouble]) -> tuple[str, ...]:
    """The answers that the table allows to a call, by name: the good ones first."""
    refusals = [answer.name for trouble in troubles for answer in trouble.answers]
    if any(trouble.force is Force.REFUSED and is_settled(trouble) for trouble in troubles):
        return tuple(dict.fromkeys(refusals))
    doubtful = [answer.name for answer in ruling.refusals]
    failures = [answer.name for answer in call_failures(method.full_name)]
    return tuple(dict.fromkeys([*(code.name for code in method.successes), *refusals, *doubtful, *failures]))
