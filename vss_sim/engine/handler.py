"""The handler of a writer at work: what it knows of its event, and what its calls have brought about so far."""

from collections.abc import Callable
from typing import NamedTuple

from vss_sim.engine.answers import Answer
from vss_sim.engine.desk import Desk
from vss_sim.engine.drafts import Arguments, Draft
from vss_sim.model.computer import Writer
from vss_sim.model.objects import AnyObject, BackupObject, WriterObject, WriterSession


class Veto(NamedTuple):
    """What a writer set with SetWriterFailure or SetWriterFailureEx."""

    failure: str
    application: str = "S_OK"
    message: str | None = None


class Handler:
    """A writer inside the handler of one event; its calls change the object, its metadata, and what it says of itself.

    `veto` None: it set no failure.
    """

    __slots__ = ("desk", "draft", "event", "obj", "session", "veto", "writer")

    def __init__(self, desk: Desk, obj: BackupObject, session: WriterSession, event: str) -> None:
        self.desk = desk
        self.obj = obj
        self.session = session
        self.event = event
        self.writer: Writer = desk.state.writers[session.index].writer
        self.draft = Draft(session.metadata, desk.system)
        self.veto: Veto | None = None

    @property
    def handle(self) -> str:
        """What names the writer in a record: as its program calls it, if it has one."""
        return next(
            (handle for handle, known in self.desk.objects.items() if self._is_its_program(known)),
            f"writer{self.session.index + 1}",
        )

    def _is_its_program(self, known: AnyObject) -> bool:
        same_machine = known.machine == self.desk.machine_index
        return isinstance(known, WriterObject) and same_machine and known.place == self.session.index


Body = Callable[[Handler, Arguments], Answer]
"""What a call does; `out` of its answer holds `value` where the method returns a plain one."""
