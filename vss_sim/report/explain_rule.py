"""What a rule is, and a contradiction between pages, as text for people."""

from collections.abc import Iterator

from vss_sim.report.words import labelled, wrapped
from vss_sim.spec.answers import Failure, call_failures, result_failures
from vss_sim.spec.arguments import ARGUMENT_RULES, demanded_by
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import Rule, Standing, disputes, is_page, page_address, same_facts, unjudged
from vss_sim.spec.stored import STORED_DEMANDS
from vss_sim.spec.table import Demand, Method, rules_of


def explain_rule(rule: Rule) -> Iterator[str]:
    """The explanation of a rule, line by line."""
    yield rule.id
    yield wrapped(rule.statement)
    yield ""
    yield f"  binds     {rule.who} ({rule.force.value}), area {rule.area}"
    yield f"  standing  {rule.standing.value}{_standing_note(rule)}"
    for answer in rule.answers:
        inferred = " (inferred: no page names the code for this case)" if answer.endswith("?") else ""
        yield wrapped(f"answer    {answer.rstrip('?')}{inferred}", "  ", " " * 10)
    for page in rule.pages:
        yield f"  {'page' if is_page(page) else 'seen at':<9} {page_address(page)}"
    same = [*same_facts().get(rule.id, ()), *(other for other, also in same_facts().items() if rule.id in also)]
    if same:
        yield f"  the same  {', '.join(same)}"
    for dispute in rule.disputes:
        yield from explain_dispute(dispute)
    left = unjudged().get(rule.id)
    if left is not None:
        yield labelled("  unjudged  ", f"{left.kind}: {left.why}")
    if rule.advisory:
        yield "  advisory  for the program alone: no answer of VSS shows that it is kept"
    used = _methods_citing(rule.id)
    if used:
        yield ""
        yield wrapped("in the table of: " + ", ".join(used))


def _standing_note(rule: Rule) -> str:
    return {
        Standing.DISPUTED: ": pages contradict each other",
        Standing.OBSERVED: ": what real Windows does, beyond the pages",
        Standing.ASSUMED: ": inferred, on no page in so many words",
    }.get(rule.standing, "")


def explain_dispute(identifier: str) -> Iterator[str]:
    """The explanation of a contradiction, line by line."""
    dispute = disputes()[identifier]
    yield f"  disputed  {identifier}"
    yield wrapped(dispute.sentence, " " * 12)
    yield wrapped(f"Stance of this project: {dispute.stance}", " " * 12)


def _methods_citing(rule_id: str) -> list[str]:
    cited = [
        name
        for name, method in METHODS.items()
        if any(rule_id in need.rules for need in method.needs)
        or rule_id in method.notes
        or any(rule_id in rules_of(reference) for reference in method.references)
        or (method.claim is not None and rule_id in (method.claim.rule, *method.claim.also))
        or any(rule_id in demand.rules for demand in demands_of(method))
        or any(rule_id in (failure.rule, *failure.also) for failure in _failures(method))
    ]
    cited += [name for rule in ARGUMENT_RULES if rule_id in demanded_by(rule) for name in rule.methods]
    cited += [name for demand in STORED_DEMANDS if rule_id in demand.rules for name in demand.methods]
    return list(dict.fromkeys(cited))


def demands_of(method: Method) -> Iterator[Demand]:
    """What a method asks of the shadow copies, or of the machine, that its arguments name."""
    yield from method.demands
    for reference in method.references:
        yield from reference.demands


def _failures(method: Method) -> Iterator[Failure]:
    yield from call_failures(method.full_name).values()
    yield from result_failures(method.full_name).values()
