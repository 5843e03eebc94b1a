"""How providers fail what VSS asks of them, as the description of the world has it.

A code that the page of the call does not name is turned into VSS_E_UNEXPECTED_PROVIDER_ERROR (rule sn-prov-codes).
"""

from vss_sim.engine.answers import Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.volumes import provider_named, providers
from vss_sim.model.computer import Provider
from vss_sim.model.values import Guid
from vss_sim.spec.answers import call_failures, result_failures
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures


def failure_of(provider: Provider | None, call: str, volume: str | None = None) -> Answer | None:
    """The answer to the call with this full name where `provider` fails it for this volume, or None."""
    name = call.rpartition("::")[2]
    for failure in provider.failures if provider is not None else ():
        if failure.to == name and (failure.volume is None or failure.volume.casefold() == (volume or "").casefold()):
            return _answer(provider, call, HResult[failure.fails])
    return None


def failure_for(desk: Desk, provider_id: Guid, call: str, volume: str | None = None) -> Answer | None:
    """The same for the provider with this id."""
    return failure_of(provider_named(desk, provider_id), call, volume)


def failure_of_any(desk: Desk, call: str, volume: str | None = None) -> Answer | None:
    """The same for the first provider of the machine that fails the call."""
    found = (failure_of(provider, call, volume) for provider in providers(desk))
    return next((answer for answer in found if answer is not None), None)


def _answer(provider: Provider | None, call: str, code: HResult) -> Answer:
    words = f"{provider.name if provider else 'the provider'} answers {code.name}"
    known = {**call_failures(call), **(result_failures(call) if signatures()[call].asynchronous else {})}
    if code in known:
        return no(code, known[code].rule, words)
    return no(HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR, "sn-prov-codes", words)
