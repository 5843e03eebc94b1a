"""The questions of the restore-method table, answered for one component set by trying.

What asks whether files can be put somewhere is answered by the proof itself: the files stay open, or are replaced or
staged already, until the table has come to its end. Then every proof that was held is completed, or undone.
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from msgspec import Struct, field

from vss_sim.engine.restoring.copy_aside import CopyAside
from vss_sim.engine.restoring.exclusive import Damage, Exclusive, Obstacle, Wanted
from vss_sim.engine.restoring.places import (
    ComponentSet,
    Place,
    directed_places,
    mapped_places,
    new_places,
    original_places,
)
from vss_sim.engine.restoring.program import Program
from vss_sim.engine.restoring.requests import Request, Strategy
from vss_sim.engine.restoring.services import ServiceStop
from vss_sim.engine.restoring.staging import Staging
from vss_sim.spec.enums import RestoreTarget, WriterRestore
from vss_sim.spec.restoring.words import Moment, Question


class Attempt(Protocol):
    """Something that was proved to be possible, and is completed or undone."""

    places: tuple[Place, ...]
    obstacle: Obstacle | None

    def complete(self) -> Damage | None:
        """Bring it to its end; None where that succeeded, else what is left on disk."""

    def undo(self) -> Damage:
        """Bring everything back."""


class Answers(Struct):
    """What answers the questions about one component set."""

    program: Program
    known: ComponentSet
    request: Request
    service: ServiceStop | None = None
    held: list[Attempt] = field(default_factory=list)
    damage: Damage = Damage.NONE
    """What undoing a failed attempt left behind."""
    obstacles: list[Obstacle] = field(default_factory=list)
    tried: bool = False
    """Whether anybody came to the files."""

    def __call__(self, question: Question) -> bool | None:
        """The answer, now; None once something is damaged, for nothing else is tried with a corrupt component."""
        return None if self.damage is Damage.SOME else _ANSWERS[question](self)

    def from_the_documents(self) -> tuple[tuple[Question, bool], ...]:
        """What is known without looking at a disk, whether it was asked or not."""
        stored = [question for question in Question if question.moment is Moment.STORED]
        return tuple((question, _ANSWERS[question](self)) for question in stored)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the files go by the proofs that are held."""
        return tuple(place for attempt in self.held for place in attempt.places)

    def complete(self) -> Damage | None:
        """Complete what is held; where one fails, undo the rest."""
        for number, attempt in enumerate(self.held):
            damage = attempt.complete()
            if damage is not None:
                self._note(attempt)
                worse = [damage, *(other.undo() for other in self.held[number + 1 :])]
                done_before = number > 0
                return Damage.SOME if done_before or Damage.SOME in worse else Damage.NONE
        return None

    def undo(self) -> Damage:
        """Undo what is held."""
        left = [self.damage, *(attempt.undo() for attempt in reversed(self.held))]
        self.held.clear()
        return Damage.SOME if Damage.SOME in left else Damage.NONE

    def try_at(self, places: tuple[Place, ...], wanted: Wanted, *, checked: bool = False) -> bool:
        """Prove that the files can go to these places; `checked`: before the first is written, by any strategy."""
        self.tried = True
        kind = Exclusive if checked or self.request.strategy is Strategy.EXCLUSIVE else CopyAside
        attempt: Exclusive | CopyAside = kind(self.program, places)
        if attempt.prove(wanted):
            self.held.append(attempt)
            return True
        self._note(attempt)
        if attempt.damage is Damage.SOME:
            self.damage = Damage.SOME
        return False

    def original(self, wanted: Wanted) -> bool:
        """At the original places of the files that no new target takes."""
        return self.try_at(original_places(self.known.others), wanted)

    def mapped(self) -> tuple[Place, ...] | None:
        """The mapped places of the same files, if each has one."""
        return mapped_places(self.known, self.known.others, self.request.readings)

    def at_mapped(self, wanted: Wanted) -> bool:
        """At the mapped places (rule rm-mapping-targets-checked)."""
        places = self.mapped()
        return places is not None and self.try_at(places, wanted, checked=True)

    def directed(self) -> tuple[Place, ...] | None:
        """Where the directed targets send the files."""
        return directed_places(self.known, self.known.others)

    def at_directed(self) -> bool:
        """There."""
        places = self.directed()
        return places is not None and self.try_at(places, Wanted.USABLE)

    def staged(self) -> bool:
        """At temporary places; what was proved of new targets is given up, since a set has one time for all."""
        self.undo()
        known = self.known
        staging = Staging(self.program, new_places(known, known.pinned) + original_places(known.others))
        if staging.prove():
            self.held.append(staging)
            return True
        self._note(staging)
        if staging.damage is Damage.SOME:
            self.damage = Damage.SOME
        return False

    def _note(self, failed: Attempt) -> None:
        if failed.obstacle is not None:
            self.obstacles.append(failed.obstacle)

    def stopped(self) -> bool:
        """The service that the writer names."""
        assert self.service is not None  # noqa: S101 - whether it is named was asked before
        stops = self.service.stop()
        if self.service.refused is not None:
            self.obstacles.append(Obstacle(f"service {self.service.name}", self.service.refused))
        return stops


def _never(answers: Answers) -> bool:
    raise AssertionError("only the restart answers this")


_ANSWERS: Final[Mapping[Question, Callable[[Answers], bool]]] = {
    Question.WRITER_RESTORE_GIVEN: lambda by: by.known.writer.writer_restore is not WriterRestore.UNDEFINED,
    Question.METHOD_GIVEN: lambda by: by.known.writer.method is not None,
    Question.PROCEDURE_KNOWN: lambda by: by.known.writer.writer_id in by.request.procedures,
    Question.TARGET_GIVEN: lambda by: by.known.explicit.target is not RestoreTarget.UNDEFINED,
    Question.SERVICE_NAMED: lambda by: bool(by.known.writer.service),
    Question.SERVICE_STOPS: Answers.stopped,
    Question.NEW_TARGET_DECLARED: lambda by: bool(by.known.pinned),
    Question.NEW_PLACES_USABLE: lambda by: by.try_at(new_places(by.known, by.known.pinned), Wanted.USABLE),
    Question.NEW_TARGET_FOR_ALL: lambda by: not by.known.others,
    Question.NONE_THERE: lambda by: by.original(Wanted.FREE),
    Question.REPLACEABLE: lambda by: by.original(Wanted.USABLE),
    Question.ALL_REPLACEABLE_OR_NONE_THERE: lambda by: by.original(Wanted.ALL_OR_NONE),
    Question.MAPPED: lambda by: by.mapped() is not None,
    Question.MAPPED_PLACES_USABLE: lambda by: by.at_mapped(Wanted.USABLE),
    Question.MAPPED_PLACES_FREE: lambda by: by.at_mapped(Wanted.FREE),
    Question.DIRECTED_SOUND: lambda by: by.directed() is not None,
    Question.DIRECTED_PLACES_USABLE: Answers.at_directed,
    Question.STAGED: Answers.staged,
    Question.ARRIVED: _never,
}
