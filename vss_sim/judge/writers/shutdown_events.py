"""BackupShutdown against the backup that it ends, PreRestore and PostRestore against what is selected."""

from vss_sim.judge.restoring.restore_duties import restored_writers
from vss_sim.judge.writers.taken_events import TakenEvent
from vss_sim.judge.writers.writer_memory import Session, Tie
from vss_sim.spec.constants import NULL_GUID
from vss_sim.trace.values import parse_guid


def judge_set_id(event: TakenEvent, session: Session, tie: Tie) -> None:
    """BackupShutdown names the shadow copy set of the backup, and none where none was made."""
    shown = parse_guid((event.step.line.in_ or {}).get("SnapshotSetId", ""))
    obj, machine = session.obj, event.history.machine(event.step.line)
    forgotten = any(key not in machine.snapshots for key in obj.snapshots)
    if shown is None or forgotten or not obj.snapshots_complete or obj.made is None:
        return
    sets = [key for key in obj.snapshots if machine.snapshots[key].is_set]
    if not sets and shown != NULL_GUID and shown not in machine.snapshots:
        says = "BackupShutdown names a shadow copy set, but this backup made none"
        event.find(tie, ("seq-shutdown-set-id",), says)
    elif len(sets) == 1 and shown != sets[0] and not machine.snapshots[sets[0]].never and obj.creation_ran:
        if shown != NULL_GUID and shown in machine.snapshots:
            return
        says = "BackupShutdown does not name the shadow copy set of the backup that it ends"
        event.find(tie, ("seq-shutdown-set-id",), says, machine.snapshots[sets[0]].made)


def judge_restore_event(event: TakenEvent, session: Session, tie: Tie) -> None:
    """An event of a restore reached a writer."""
    selected = restored_writers(session.obj)
    writer = event.view.writer if event.view else None
    if selected is not None and writer is not None and writer not in selected and session.obj.made:
        says = f"{event.event} is raised for a writer of which no component is selected for restore"
        event.find(tie, ("seq-r-unselected-silent",), says)
