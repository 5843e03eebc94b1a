"""How providers fail what VSS asks of them, and how long they take, as the description of the world has it.

A code that the page of the call does not name is turned into VSS_E_UNEXPECTED_PROVIDER_ERROR (rule sn-prov-codes).
"""

from collections.abc import Iterable

from msgspec.structs import replace

from vss_sim.engine.answers import Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.scripted import heard
from vss_sim.engine.volumes import provider_id, providers
from vss_sim.model.computer import Provider, ProviderFailure, ProviderReply
from vss_sim.model.values import Guid
from vss_sim.model.world import ProviderCounts
from vss_sim.spec.answers import call_failures, result_failures
from vss_sim.spec.creation import FILL_IN_LUN_INFO
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.systems import is_of_server_2003


def failure_of(desk: Desk, provider: Provider | None, call: str, volume: str | None = None) -> Answer | None:
    """The answer to the call with this full name where `provider` fails it for this volume, or None."""
    if provider is None or not provider.failures:
        return None
    name, wanted = call.rpartition("::")[2], (volume or "").casefold()

    def fits(failure: ProviderFailure) -> bool:
        return failure.to == name and (failure.volume is None or failure.volume.casefold() == wanted)

    place, counts = _counts(desk, provider)
    failure, after = heard(provider.failures, counts.failures, fits)
    _count(desk, place, replace(counts, failures=after))
    if failure is None:
        return None
    return replace(answer_of(provider, call, HResult[failure.fails]), changed=after != counts.failures)


def reply_of(desk: Desk, provider: Provider, event: str, change: str = "") -> ProviderReply | None:
    """How the provider answers an event of a creation, where its description says; `change`: what becomes of LUNs."""
    if not provider.replies:
        return None
    place, counts = _counts(desk, provider)

    def fits(reply: ProviderReply) -> bool:
        return reply.on == event and reply.change in (None, change)

    reply, after = heard(provider.replies, counts.replies, fits)
    _count(desk, place, replace(counts, replies=after))
    return reply


def ask_all(desk: Desk, asked: Iterable[Provider], event: str, call: str) -> tuple[float, Answer | None]:
    """What a step comes to that providers take at the same time: the seconds of the slowest, and how `call` fails."""
    return outcome(replies_of(desk, asked, event), call)


def replies_of(
    desk: Desk, asked: Iterable[Provider], event: str, change: str = ""
) -> list[tuple[Provider, ProviderReply]]:
    """How providers answer an event that is put to them at the same time; those of which nothing is said are well."""
    answered = [(provider, reply_of(desk, provider, event, change)) for provider in asked]
    return [(provider, reply) for provider, reply in answered if reply is not None]


def outcome(answered: Iterable[tuple[Provider, ProviderReply]], call: str) -> tuple[float, Answer | None]:
    """What their answers come to: the seconds of the slowest, and how `call` fails."""
    slowest, failure = 0.0, None
    for provider, reply in answered:
        slowest = max(slowest, reply.seconds)
        if reply.fails is not None and failure is None:
            failure = answer_of(provider, call, HResult[reply.fails])
    return slowest, failure


def outcome_of_luns(
    desk: Desk, step: str, answered: Iterable[tuple[Provider, ProviderReply]], call: str
) -> tuple[float, Answer | None]:
    """The same of a step about LUNs: what FillInLunInfo returns is heard on Windows Server 2003 alone.

    Rule im-fill-in-result-ignored.
    """
    slowest, failure = outcome(answered, call)
    return slowest, failure if step != FILL_IN_LUN_INFO or is_of_server_2003(desk.system) else None


def passed_over(desk: Desk, answered: Iterable[tuple[Provider, ProviderReply]]) -> set[tuple[Guid, str]]:
    """Of which shadow copies providers pass the LUNs over: the provider, and the original volume in one case."""
    return {(provider_id(desk, provider), name.casefold()) for provider, reply in answered for name in reply.misses}


def _counts(desk: Desk, provider: Provider) -> tuple[int, ProviderCounts]:
    place = desk.machine.providers.index(provider)
    return place, desk.state.providers[place]


def _count(desk: Desk, place: int, counts: ProviderCounts) -> None:
    if counts == desk.state.providers[place]:
        return
    every = list(desk.state.providers)
    every[place] = counts
    desk.change_machine(providers=tuple(every))


def failure_for(desk: Desk, wanted: Guid, call: str, volume: str | None = None) -> Answer | None:
    """The same for the provider with this id."""
    found = (provider for provider in providers(desk) if provider_id(desk, provider) == wanted)
    return failure_of(desk, next(found, None), call, volume)


def failure_of_any(desk: Desk, call: str, volume: str | None = None) -> Answer | None:
    """The same for the first provider of the machine that fails the call."""
    found = (failure_of(desk, provider, call, volume) for provider in providers(desk))
    return next((answer for answer in found if answer is not None), None)


def answer_of(provider: Provider, call: str, code: HResult) -> Answer:
    """What the call answers when its provider fails with this code."""
    words = f"{provider.name} answers {code.name}"
    known = {**call_failures(call), **(result_failures(call) if signatures()[call].asynchronous else {})}
    if code in known:
        return no(code, known[code].rule, words)
    return no(HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR, "sn-prov-codes", words)
