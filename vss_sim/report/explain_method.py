"""What a documented method or function is, as text for people: its parameters, when it is allowed, what it answers."""

from collections.abc import Iterator

from vss_sim.report.explain_parameter import asked_of_arguments
from vss_sim.report.explain_rule import demands_of
from vss_sim.report.explain_steps import steps_inside, when_asked
from vss_sim.report.words import force_words, needs_in_words, state_words, wrapped
from vss_sim.spec.answers import call_failures, documented_answers, result_failures
from vss_sim.spec.events import EVENTS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC, WRITER, Signature
from vss_sim.spec.parameters import naming
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.documents import DOCUMENT_METHODS, WITH_COMPONENTS
from vss_sim.spec.protocol.objects import ASYNC_NOTES
from vss_sim.spec.rules import is_page, page_address, rules
from vss_sim.spec.table import Method, Need, Profile
from vss_sim.spec.writer_calls import ANYWHERE, handler_calls


def explain_method(signature: Signature) -> Iterator[str]:
    """The explanation of a method, line by line."""
    names = ", ".join(parameter.name for parameter in signature.parameters)
    yield wrapped(f"{signature.full_name}({names})", "", "    ")
    yield wrapped(signature.does)
    since = f"since {signature.min_client} / {signature.min_server}"
    kind = "asynchronous" if signature.asynchronous else "synchronous"
    yield wrapped(f"{kind}, called by {_caller(signature)}, {since}", "  ", "  ")
    yield from _parameters(signature)
    yield from _asked(signature)
    own = signature.family in ("IVssBackupComponents", "IUnknown")
    method = METHODS.get(signature.name) if own else None
    if method is not None:
        yield from _allowed(method)
    yield from steps_inside(signature.name) if own else when_asked(signature.name) if _is_asked(signature) else ()
    yield from _handlers(signature)
    yield from _notes(signature, method)
    answers = documented_answers().get(signature.full_name, ())
    if answers:
        yield ""
        yield "  documented answers:"
        for answer in answers:
            where = {"async": " (result)", "out": " (out value)"}.get(answer.stage, "")
            on = f" [{answer.os_note}]" if answer.os_note else ""
            yield wrapped(f"{answer.hresult}{where}: {answer.condition}{on}", "    ", "  ")
    beyond = beyond_the_page(signature)
    if beyond and method is not None:
        yield wrapped(
            f"beyond the page: {', '.join(code.name + stage for code, stage in beyond.items())}", "    ", "  "
        )
    yield from _pages(signature, method)


def beyond_the_page(signature: Signature) -> dict[HResult, str]:
    """Failures that its page does not name, but Windows or another page; those of its operation alone are marked."""
    named = {answer.hresult for answer in documented_answers().get(signature.full_name, ())}
    at_once = dict.fromkeys(call_failures(signature.full_name), "")
    results = dict.fromkeys(result_failures(signature.full_name), " (result)") if signature.asynchronous else {}
    return {code: stage for code, stage in {**results, **at_once}.items() if code.name not in named}


def _is_asked(signature: Signature) -> bool:
    """Whether VSS calls it in a provider."""
    return signature.kind == "provider"


def _caller(signature: Signature) -> str:
    """Who makes a call: requesters and writers call VSS, and VSS calls handlers and providers."""
    if _is_asked(signature) or (signature.family == WRITER and signature.name.startswith("On")):
        return f"VSS in a {signature.kind}"
    return "a program that manages shadow copies" if signature.kind == "management" else f"a {signature.kind}"


def _parameters(signature: Signature) -> Iterator[str]:
    """Each parameter with its direction and what it means; its name in Python, where the API takes it."""
    if not signature.parameters:
        return
    known = [(parameter, naming(signature, parameter)) for parameter in signature.parameters]
    yield ""
    yield "  parameters (in Python):" if any(named.python for _, named in known) else "  parameters:"
    for parameter, named in known:
        python = f" ({named.python})" if named.python else ""
        yield wrapped(f"{parameter.direction.value} {parameter.name}{python}: {named.meaning}", "    ", "  ")


def _asked(signature: Signature) -> Iterator[str]:
    """What VSS looks at first."""
    asked = list(asked_of_arguments(signature.full_name))
    if asked:
        yield ""
        yield "  asked of the arguments, at which VSS looks first:"
        yield from asked


def _allowed(method: Method) -> Iterator[str]:
    yield ""
    yield "  allowed when, in the order in which VSS looks:"
    for need in method.needs:
        yield wrapped(f"- {needs_in_words(need)}", "    ", "  ")
        yield wrapped(f"{rules()[need.rules[0]].statement} [{need.rules[0]}]", "      ")
        yield wrapped(f"otherwise: {_otherwise(need)}", "      ", "  ")
    if method.claim:
        yield wrapped(f"- {rules()[method.claim.rule].statement} [{method.claim.rule}]", "    ", "  ")
        yield f"      otherwise: {method.claim.answer.name}"
    for reference in method.references:
        yield wrapped(f"- {rules()[reference.rule].statement} [{reference.rule}]", "    ", "  ")
        yield f"      otherwise: {reference.answer.name}"
    for demand in demands_of(method):
        yield wrapped(f"- {rules()[demand.rules[0]].statement} [{demand.rules[0]}]", "    ", "  ")
        yield f"      otherwise: {' or '.join(answer.name for answer in demand.answers) or 'not known'}"
    if method.operation and method.operation.pending:
        yield ""
        meanwhile, then = state_words(method.operation.pending), state_words(method.operation.finished)
        yield wrapped(f"then: {meanwhile}; in the end: {then}", "  ", "  ")
    for effect in method.effects:
        yield ""
        yield wrapped(f"then: {state_words(effect.gives)}", "  ", "  ")


def _handlers(signature: Signature) -> Iterator[str]:
    """The handlers in which a writer makes the call, and what it is answered in the others."""
    row = handler_calls().get(signature.full_name)
    if row is None or row.reserved or row.handlers & row.meant == ANYWHERE:
        return
    said = "a writer calls it in its handlers of" if row.handlers != ANYWHERE else "what it tells counts in handlers of"
    yield ""
    yield wrapped(f"{said}: {', '.join(event for event in EVENTS if event in row.handlers & row.meant)}", "  ", "  ")
    if row.handlers != ANYWHERE:
        documented = {answer.hresult for answer in documented_answers().get(signature.full_name, ())}
        told = row.refusal.name if row.refusal.name in documented else "forbidden; what Windows answers is not known"
        given = row.handlers == WITH_COMPONENTS
        yield f"    elsewhere: {'it is given no components [writer-components-in-handlers]' if given else told}"
    if signature.full_name not in DOCUMENT_METHODS:
        yield wrapped(f"- {rules()[row.rule].statement} [{row.rule}]", "    ", "  ")


def _notes(signature: Signature, method: Method | None) -> Iterator[str]:
    """The rules that the method rests on beside its needs."""
    document = DOCUMENT_METHODS.get(signature.full_name)
    notes = ASYNC_NOTES.get(signature.name, ()) if signature.family == ASYNC else method.notes if method else ()
    notes = document.rules if document else notes
    if notes:
        yield ""
        yield "  it also rests on:"
    for rule in notes:
        yield wrapped(f"- {rules()[rule].statement} [{rule}]", "    ", "  ")


def _otherwise(need: Need) -> str:
    windows = force_words(need, Profile.WINDOWS)
    documented = force_words(need, Profile.DOCUMENTED)
    return windows if windows == documented else f"{windows}; by the letter of the pages: {documented}"


def _pages(signature: Signature, method: Method | None) -> Iterator[str]:
    pages: dict[str, None] = {}
    for need in method.needs if method else ():
        for rule in need.rules:
            pages.update(dict.fromkeys(rules()[rule].pages))
    shown = dict.fromkeys([signature.page, *(page for page in pages if not page.startswith("api:") and is_page(page))])
    yield ""
    for page in shown:
        yield f"  page      {page_address(page)}"
