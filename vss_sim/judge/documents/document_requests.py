"""What a requester tells its backup components object, as far as metadata and component objects tell of it too.

Components that depend on each other are saved together. A component whose writer is not there is not restored through
it. What component objects show again is remembered, to be held against what they answer.
"""

from typing import Final

from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.documents.document_memory import BOUND, Tie
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key, shows_components
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.state import BackupState

Key = tuple[str, str, str]
_LONGEST: Final = 1 << 18
"""Signs; of a longer document nothing is taken on, and nothing that a call reads is held against it."""


def take_on_requests(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A document that is loaded holds what a requester told an earlier object, where a log has its text."""
    text = step.arguments.get("bstrXML")
    if not isinstance(text, str) or not text.lstrip("\ufeff \t\r\n").startswith("<") or len(text) > _LONGEST:
        return
    try:
        writers = read_backup_components(text, []).writers
    except DocumentError:
        return
    components = [component for writer in writers for component in writer.components]
    mappings = sum(len(component.alternate_location_mappings) for component in components)
    additional = any(component.additional_restores for component in components)
    if mappings or additional:
        obj.requests.mappings += mappings
        obj.requests.additional |= additional


def ask_stamp(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A previous stamp was set."""
    stamp, asked = step.arguments.get("wszPreviousBackupStamp"), obj.requests
    asked.stamped.add(component_key(step.arguments) if len(asked.stamped) < BOUND else None)
    if not isinstance(stamp, str) or asked.stamps is None or len(asked.stamps) >= BOUND:
        asked.stamps = None
    else:
        asked.stamps.add(stamp)


def ask_additional(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Additional restores were announced."""
    obj.requests.additional = True


def ask_mapping(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """An alternate location was used."""
    obj.requests.mappings += 1
    obj.requests.changed = step.number


def ask_longer(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A list of a component may have become longer."""
    obj.requests.changed = step.number


def judge_dependencies(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The selection is closed: what depends on each other is in it together, or not at all."""
    if obj.asked is None or not shows_components(obj):
        return
    if holds(obj.state, BackupState.COMPONENTS.bit) is not Certainty.YES:
        return
    for tie in obj.asked.ties:
        here, there = ends(tie)
        if here is None or there is None or there[1].startswith("\\\\") or there[2].startswith("\\\\"):
            continue
        if _added(obj, here) and not _added(obj, there):
            says = f"the component {here[2]!r} depends on {there[2]!r}, which is not part of the backup"
            also = ("dep-both", "dep-drop-together", "dep-remote-local-default")
            history.note(step, Level.WARNING, "wm-dependency-together", says, tie.mark, also=also)
            return


def ends(tie: Tie) -> tuple[Key | None, Key | None]:
    """The component that depends, and the one it depends on, where the log told both wholly."""
    own, on = tie.component, tie.on
    here = (tie.metadata.writer, own.path, own.name)
    there = (on.writer, on.path, on.name)
    return _whole(here), _whole(there)


def _whole(key: tuple[str | None, str | None, str | None]) -> Key | None:
    writer, path, name = key
    return None if writer is None or path is None or name is None else (writer, path, name)


def _added(obj: BackupObject, key: Key) -> bool:
    """Whether a component is in the backup: added itself, or by one above it."""
    writer, path, name = key
    whole = f"{path}\\{name}" if path else name
    for added in obj.components:
        if added[0] == writer:
            above = f"{added[1]}\\{added[2]}" if added[1] else added[2]
            if whole == above or whole.startswith(f"{above}\\"):
                return True
    return False
