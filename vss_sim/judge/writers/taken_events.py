"""What a judge of one kind of event is given: the event line while it is looked at."""

from typing import Protocol

from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import Mark
from vss_sim.judge.writers.writer_memory import Tie, WriterMemory, WriterView


class TakenEvent(Protocol):
    """An event line while it is looked at."""

    history: History
    step: Step
    memory: WriterMemory
    event: str
    view: WriterView | None
    known_before: bool

    @property
    def failed(self) -> bool:
        """Whether the writer answered with a failure."""

    @property
    def instance(self) -> str:
        """The writer instance."""

    def find(self, tie: Tie, rules: tuple[str, ...], says: str, *because: Mark) -> None:
        """Say that VSS raised what it may not."""
