"""A recipe played: the world it is made in, the calls before, and the call that counts."""

from typing import Any, Final

from msgspec import Struct, field

from tests.answers.programs import OBJECT, STANDS_FOR
from tests.answers.ready import Arguments, Before, usual
from tests.answers.worlds import WORLDS
from vss_sim.engine.desk import Step
from vss_sim.engine.lifetimes import happens
from vss_sim.engine.step import Call, step
from vss_sim.model.computer import Description
from vss_sim.model.objects import Handle
from vss_sim.model.world import World, new_world
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC, BACKUP_COMPONENTS, CREATE, WRITER, call_names, signatures
from vss_sim.spec.table import Profile

QUERY_STATUS: Final = "IVssAsync::QueryStatus"


class Recipe(Struct, frozen=True):
    """How an answer is brought about: `call` after the calls `before`, in `world`, with these `arguments`.

    The answer that counts is that of the call itself, or stands in the result `out`; where `out` is pHrResult of a
    call that begins an operation, the operation is asked.
    """

    call: str
    answer: HResult
    before: tuple[Before, ...] = ()
    arguments: Arguments = field(default_factory=dict)
    world: Description = WORLDS["usual"]
    profile: Profile = Profile.WINDOWS
    out: str | None = None


class Played(Struct, frozen=True):
    """What a recipe came to: the world in which the call was made, its step, and the answer that counts."""

    world: World
    step: Step
    answer: int


class Player:
    """Calls made on the objects that were handed out last."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._objects: dict[str, Handle] = {WRITER: OBJECT}

    def fork(self) -> "Player":
        """Another one who goes on from here."""
        other = Player(self.world)
        other._objects = dict(self._objects)
        return other

    def make(self, call: Before) -> Step | None:
        """Make a call, or let something happen."""
        if isinstance(call, dict):
            self.world, _ = happens(self.world, call["happens"], **{k: v for k, v in call.items() if k != "happens"})
            return None
        name, given = (call, {}) if isinstance(call, str) else call
        return self.call(name, given)

    def call(self, name: str, given: dict[str, Any]) -> Step:
        """Make a call with its usual arguments but for those given, on the object last got."""
        full_name = full(name)
        signature = signatures()[full_name]
        arguments = {**usual(full_name), **given}
        family = STANDS_FOR.get(signature.family, signature.family)
        done = step(self.world, Call(full_name, self._objects.get(family), arguments))
        self.world = done.world
        if full_name == CREATE and "ppBackup" in done.out:
            self._objects[BACKUP_COMPONENTS] = done.out["ppBackup"]
        for parameter in signature.parameters:
            if parameter.makes is not None and isinstance(done.out.get(parameter.name), str):
                self._objects[parameter.makes] = done.out[parameter.name]
        return done

    def result(self) -> int:
        """What the operation last begun came to."""
        answer: int = self.call(QUERY_STATUS, {}).out["pHrResult"]
        return answer

    def began(self) -> bool:
        """Whether an operation was begun."""
        return ASYNC in self._objects


def full(name: str) -> str:
    """The full name of a method of `IVssBackupComponents` to `Ex4` written without its interface, or of any other."""
    names = call_names()
    found = names.get(f"{BACKUP_COMPONENTS}::{name}")
    return names[name] if found is None or "::" in name else found


def play(recipe: Recipe) -> Played:
    """Make the calls of a recipe; those before the last have to succeed.

    Raises:
        AssertionError: one of the calls before was refused.
    """
    player = Player(new_world(recipe.world, recipe.profile))
    for call in recipe.before:
        done = player.make(call)
        assert done is None or done.refusal is None, (call, done and done.refusal and done.refusal.says)
    world = player.world
    done = player.call(recipe.call, recipe.arguments)
    return Played(world, done, _counts(player, recipe, done))


def came_to(player: Player, recipe: Recipe) -> int:
    """The answer that counts of the call of a recipe, made by a player who made those before."""
    return _counts(player, recipe, player.call(recipe.call, recipe.arguments))


def _counts(player: Player, recipe: Recipe, done: Step) -> int:
    if recipe.out is None:
        return done.answer
    if recipe.out == "pHrResult" and recipe.call != QUERY_STATUS:
        return player.result()
    told = done.out[recipe.out]
    return HResult[told] if isinstance(told, str) else int(told)


def names_of(calls: tuple[Before, ...]) -> list[str]:
    """The calls among what is made before the one that counts."""
    return [call if isinstance(call, str) else call[0] for call in calls if not isinstance(call, dict)]
