"""PreRestore and PostRestore, against what is selected, what stored metadata ask for, and who heard PreRestore."""

from typing import Final, Protocol

from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import Mark
from vss_sim.judge.restore_duties import restored_writers
from vss_sim.judge.restores import IF_REPLACE_FAILS, WriterDocument
from vss_sim.judge.writer_memory import Session, Tie, WriterMemory, WriterView
from vss_sim.spec.events import POST_RESTORE

_ALL: Final = "VSS_RS_ALL"


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


def judge_restore_event(event: TakenEvent, session: Session, tie: Tie) -> None:
    """An event of a restore reached a writer."""
    if event.event == POST_RESTORE:
        _restarted(event, session, tie)
        _not_needed(event, session)
    selected = restored_writers(session.obj)
    writer = event.view.writer if event.view else None
    if selected is not None and writer is not None and writer not in selected and session.obj.made:
        says = f"{event.event} is raised for a writer of which no component is selected for restore"
        event.find(tie, ("seq-r-unselected-silent",), says)


def _restarted(event: TakenEvent, session: Session, tie: Tie) -> None:
    """PostRestore goes to the instances that handled PreRestore, not to one that took the place of one."""
    before = session.rounds.get("PreRestore")
    if before is None or event.view is None or event.instance in before.last:
        return
    others = (event.memory.writers.get(instance) for instance in before.last)
    same = next((one for one in others if one is not None and one.writer == event.view.writer), None)
    if same is not None:
        says = "PostRestore is raised for an instance that did not handle PreRestore; another one of its class did"
        event.find(tie, ("srs-hosted-writer-no-postrestore",), says, before.marks[same.instance])


def _not_needed(event: TakenEvent, session: Session) -> None:
    """A writer that takes part only where replacing fails hears no PostRestore of a good restore (dispute C47)."""
    restoring, writer = session.obj.restoring, event.view.writer if event.view else None
    loaded = event.history.machine(event.step.line).stored_writers.get(writer or "")
    document = loaded.described if loaded is not None else None
    if restoring is None or not isinstance(document, WriterDocument):
        return
    own = [restoring.statuses.get(key) for key in restoring.selected if key[0] == writer]
    if document.writer_restore == IF_REPLACE_FAILS and own and all(one == _ALL for one in own):
        says = "PostRestore is raised for a writer that takes part only where files could not be replaced"
        event.find(Tie.LIKELY, ("writer-restore-if-replace-fails",), says, document.read)
