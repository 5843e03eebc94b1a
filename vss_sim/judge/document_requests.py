"""What a requester tells its backup components object, as far as metadata and component objects tell of it too.

Components that depend on each other are saved together. A component whose writer is not there is not restored through
it. What component objects show again is remembered, to be held against what they answer.
"""

from collections.abc import Callable
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.document_memory import BOUND, Requests, Tie
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.state import BackupState
from vss_sim.trace.values import parse_guid

Told = Callable[[History, Step, BackupObject], None]
_Key = tuple[str, str, str]


def _stamp(history: History, step: Step, obj: BackupObject) -> None:
    stamp, asked = step.arguments.get("wszPreviousBackupStamp"), obj.requests
    if not isinstance(stamp, str) or asked.stamps is None or len(asked.stamps) >= BOUND:
        asked.stamps = None
    else:
        asked.stamps.add(stamp)


def _additional(history: History, step: Step, obj: BackupObject) -> None:
    obj.requests.additional = True


def _mapping(history: History, step: Step, obj: BackupObject) -> None:
    obj.requests.mappings += 1
    obj.requests.changed = step.number


def _longer(history: History, step: Step, obj: BackupObject) -> None:
    obj.requests.changed = step.number


def _writers(history: History, step: Step, obj: BackupObject) -> None:
    count = step.results.get("pcWriters")
    obj.requests.writers = count if type(count) is int else None


def select(history: History, step: Step, obj: BackupObject) -> None:
    """A component is selected for restore: its writer, whose stored metadata was read, has to be running."""
    writer = parse_guid(step.arguments.get("writerId"))
    stored = history.documents.stored.get(writer or "")
    asked = obj.asked
    if stored is None or asked is None or not _all_seen(asked) or writer in asked.running.values():
        return
    says = f"no writer {writer} is running, so the components of its stored metadata are not to be used"
    level = Level.ERROR if step.succeeded is False else Level.WARNING
    history.note(step, level, "examine-identity-stored", says, stored)


def _all_seen(asked: Requests) -> bool:
    """Whether the log shows the identity of every writer that answered."""
    return asked.writers is not None and 0 < asked.writers <= len(asked.running)


def _prepare(history: History, step: Step, obj: BackupObject) -> None:
    """The selection is closed: what depends on each other is in it together, or not at all."""
    if obj.asked is None or not obj.components_complete:
        return
    if holds(obj.state, BackupState.COMPONENTS.bit) is not Certainty.YES:
        return
    for tie in obj.asked.ties:
        here, there = _ends(tie)
        if here is None or there is None or there[1].startswith("\\\\") or there[2].startswith("\\\\"):
            continue
        if _added(obj, here) and not _added(obj, there):
            says = f"the component {here[2]!r} depends on {there[2]!r}, which is not part of the backup"
            history.note(step, Level.WARNING, "wm-dependency-together", says, tie.mark)
            return


def _ends(tie: Tie) -> tuple[_Key | None, _Key | None]:
    """The component that depends, and the one it depends on, where the log told both wholly."""
    own, on = tie.component, tie.on
    here = (tie.metadata.writer, own.path, own.name)
    there = (on.writer, on.path, on.name)
    return _whole(here), _whole(there)


def _whole(key: tuple[str | None, str | None, str | None]) -> _Key | None:
    writer, path, name = key
    return None if writer is None or path is None or name is None else (writer, path, name)


def _added(obj: BackupObject, key: _Key) -> bool:
    """Whether a component is in the backup: added itself, or by one above it."""
    writer, path, name = key
    whole = f"{path}\\{name}" if path else name
    for added in obj.components:
        if added[0] == writer:
            above = f"{added[1]}\\{added[2]}" if added[1] else added[2]
            if whole == above or whole.startswith(f"{above}\\"):
                return True
    return False


DOCUMENT_REQUESTS: Final[dict[str, Told]] = {
    "SetPreviousBackupStamp": _stamp,
    "SetAdditionalRestores": _additional,
    "AddAlternativeLocationMapping": _mapping,
    "AddNewTarget": _longer,
    "AddRestoreSubcomponent": _longer,
    "GetWriterMetadataCount": _writers,
    "SetSelectedForRestore": select,
    "SetSelectedForRestoreEx": select,
    "PrepareForBackup": _prepare,
}
"""Method → what is remembered or judged once VSS took it, or may have."""
