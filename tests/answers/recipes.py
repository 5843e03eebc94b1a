"""The recipe of every row of the table of answers: what is particular to it, and else what its kind of cause asks."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from tests.answers import worlds as w
from tests.answers.particular import PARTICULAR
from tests.answers.played import Recipe
from tests.answers.ready import BY_FAMILY, before
from vss_sim.model.computer import Description, ScriptedAnswer
from vss_sim.spec.answers import DocumentedAnswer
from vss_sim.spec.causes import Cause, Kind, index_of, place_of_a_result
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import CREATE, Signature, signatures
from vss_sim.spec.scripts import begins_an_operation

_COMPONENT_TYPES: Final = ("ct", "componentType")
_GUEST: Final = {"happens": "account changes", "account": "guest", "groups": ["Users"]}
_STOPS: Final = {"happens": "service stops", "service": "Database"}
_ANY_FAILURE: Final = HResult.E_FAIL
_RESULTS: Final = {
    "GetWriterStatus": "phResultFailure",
    "GetWriterStatusEx": "phrFailureWriter",
    "GetFailure": "phr",
}


def recipe_of(answer: DocumentedAnswer, cause: Cause) -> Recipe:
    """How to bring the answer about."""
    method = answer.method.rpartition("::")[2]
    code = HResult.__members__.get(answer.hresult, _ANY_FAILURE)
    out = _RESULTS[method] if answer.stage == "out" else "pHrResult" if answer.stage == "async" else None
    plain = Recipe(answer.method, code, before(answer.method), out=out)
    particular = dict(PARTICULAR.get((answer.method, answer.hresult, answer.stage), {}))
    general = _BY_KIND.get(cause.kind)
    between = particular.pop("and_then", ())
    recipe = general(plain, answer) if general is not None and _asks(cause.kind, particular, between) else plain
    recipe = replace(recipe, before=(*recipe.before, *between))
    return replace(recipe, **particular)


def _asks(kind: Kind, particular: dict[str, Any], between: tuple[object, ...]) -> bool:
    """Whether the general way of a kind has to be gone, too: a provider or a script is never left to the particular."""
    return kind in (Kind.SCRIPT, Kind.PROVIDER) or not (particular or between)


def with_answer(world: Description, **scripted: Any) -> Description:
    """The world with one scripted answer more on its first machine."""
    machine, *others = world.machines
    return Description(machines=(replace(machine, answers=(*machine.answers, ScriptedAnswer(**scripted))), *others))


def _scripted(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    method = answer.method.rpartition("::")[2]
    if answer.stage == "async" and not begins_an_operation(method):
        return recipe  # what it tells is scripted with the call that began the operation
    given = {"result": recipe.answer.name} if answer.stage == "async" else {"returns": recipe.answer.name}
    return replace(recipe, world=with_answer(recipe.world, to=method, **given))


def _under_an_account(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    return replace(recipe, before=(*recipe.before, _GUEST))


def _out_of_order(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    return replace(recipe, before=(CREATE,))


def _with_wrong_argument(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    signature = signatures()[answer.method]
    place = place_of_a_result(signature)
    if place is not None:
        return replace(recipe, arguments={place.name: None})
    kinds = [parameter.name for parameter in signature.parameters if parameter.name in _COMPONENT_TYPES]
    return replace(recipe, arguments={kinds[0]: 99})


def _with_missing_thing(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    signature = signatures()[answer.method]
    if answer.hresult == HResult.S_FALSE.name:
        return replace(recipe, before=(*recipe.before[:-1], _one_without(signature)))
    return replace(recipe, arguments=_missing(signature))


def _one_without(signature: Signature) -> tuple[str, dict[str, Any]]:
    """The second component or dependency, of which nothing is set."""
    call = BY_FAMILY[signature.family][-1]
    assert isinstance(call, str)
    index = index_of(signatures()[call])
    assert index is not None
    return call, {index: 1}


def _missing(signature: Signature) -> dict[str, Any]:
    names = [parameter.name for parameter in signature.parameters]
    index = index_of(signature)
    if "wszComponentName" in names:
        return {"wszComponentName": "missing"}
    if index is not None:
        return {index: 99}
    volume = next((name for name in names if "olume" in name), None)
    if volume is not None:
        return {volume: "Z:\\"}
    ids = (parameter.name for parameter in signature.parameters if parameter.type == "VSS_ID")
    return {next(ids): w.UNKNOWN_ID}


def _by_a_provider(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    return replace(recipe, world=w.providers_that_fail(answer.method.rpartition("::")[2], answer.hresult))


def _by_a_writer(recipe: Recipe, answer: DocumentedAnswer) -> Recipe:
    if answer.method.endswith("::GetFailure"):
        component = "IVssWriterComponents::GetComponent"
        heard = (*before("IVssBackupComponents::GetWriterStatus")[:-2], "GetWriterComponents", component)
        world = w.writer_that_replies(on="PrepareForBackup", setFailure={"hresult": answer.hresult})
        return replace(recipe, world=world, before=heard)
    if answer.hresult == HResult.VSS_E_WRITER_NOT_RESPONDING.name:
        return replace(recipe, before=_stopped_before("PrepareForBackup", recipe))
    return replace(recipe, world=w.writer_that_replies(on="PrepareForBackup", fails=answer.hresult))


def _stopped_before(call: str, recipe: Recipe) -> tuple[Any, ...]:
    place = recipe.before.index(call)
    return (*recipe.before[:place], _STOPS, *recipe.before[place:])


_BY_KIND: Final[dict[Kind, Callable[[Recipe, DocumentedAnswer], Recipe]]] = {
    Kind.SCRIPT: _scripted,
    Kind.ACCOUNT: _under_an_account,
    Kind.STATE: _out_of_order,
    Kind.ARGUMENT: _with_wrong_argument,
    Kind.OBJECT: _with_missing_thing,
    Kind.PROVIDER: _by_a_provider,
    Kind.WRITER: _by_a_writer,
}
