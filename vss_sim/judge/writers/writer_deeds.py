"""Files and services that a writer touches while it handles an event.

They are the writer's where event and call name the same process. Which files are its own, and which of them are logs,
is known where the log shows how it declared them.
"""

from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.documents.document_memory import Handler
from vss_sim.judge.file_deeds import access_of, empties, file_changed
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.paths import is_in_set
from vss_sim.judge.win32_words import succeeded
from vss_sim.judge.words import word_of
from vss_sim.model.metadata import FileSet, WriterMetadata
from vss_sim.spec.enums import BackupType
from vss_sim.spec.win32 import WRITE

DEEDS: Final = frozenset({"CreateFile", "DeleteFile", "WriteFile", "StartService"})
"""Functions of which a writer's handler is asked."""
_COPY: Final = BackupType.COPY.value


def judge_deed(history: History, step: Step, name: str) -> None:
    """A call under its Win32 name, which may be that of a writer at work."""
    handler = history.documents.handler_at(step.number)
    if handler is None or handler.process is None or str(step.line.process) != handler.process:
        return
    handler.last = step.number
    if not succeeded(step):
        return
    declared = history.documents.declared.get((handler.machine, handler.writer or ""))
    path = file_changed(step, name)
    if name == "DeleteFile":
        handler.files_deleted = True
    if handler.event == "PostRestore":
        _after_a_restore(history, step, handler, name)
    elif declared is not None and path is not None:
        _at_its_files(history, step, handler, declared.metadata, name, path)


def _holds(files: FileSet, path: str) -> bool:
    return is_in_set(path, files.path, files.filespec, recursive=files.recursive)


def _at_its_files(
    history: History, step: Step, handler: Handler, metadata: WriterMetadata, name: str, path: str
) -> None:
    logs = [files for component in metadata.components for files in component.database_log_files]
    own = [files for component in metadata.components for files in (*component.files, *component.database_files, *logs)]
    truncates = name == "DeleteFile" or empties(step)
    writes = truncates or name == "WriteFile" or access_of(step) & WRITE
    if handler.event == "Freeze" and writes and any(_holds(files, path) for files in own):
        _note(history, step, handler, "wr-freeze-no-writes", f"{path} is written between Freeze and Thaw")
    if truncates and any(_holds(files, path) for files in logs):
        _at_its_logs(history, step, handler)


def _at_its_logs(history: History, step: Step, handler: Handler) -> None:
    """Logs are truncated on BackupComplete alone, of components that were saved, and never for a copy."""
    if handler.event != "BackupComplete":
        says = f"a log file is truncated at {handler.event}"
        _note(history, step, handler, "wr-truncate-in-complete", says)
        return
    if "GetBackupSucceeded" not in handler.made:
        says = "a log file is truncated, and the writer did not ask whether the component was saved"
        _note(history, step, handler, "wr-complete-check-success", says)
    if word_of(BackupType, _type_of_backup(history, step, handler)) == _COPY:
        _note(history, step, handler, "wr-no-truncate-on-copy", "a log file is truncated after a copy backup")


def _type_of_backup(history: History, step: Step, handler: Handler) -> object:
    """What the writer was told, or what the requester declared for the one backup that it takes part in."""
    if "GetBackupType" in handler.told_values:
        return handler.told_values["GetBackupType"]
    memory = history.machine(step.line).writers
    found = [session.obj.backup_type for session in memory.unsettled(handler.instance or "")] if memory else []
    return found[0] if len(found) == 1 else None


def _after_a_restore(history: History, step: Step, handler: Handler, name: str) -> None:
    """Restored files are used: the writer asked before how the restore ended, where the files are, and what follows."""
    opens = name in ("CreateFile", "WriteFile")
    if opens and "GetFileRestoreStatus" not in handler.made:
        says = "restored data are used, and the writer did not ask how their restore ended"
        _note(history, step, handler, "wr-post-check-status", says)
    elif opens and not {"GetAlternateLocationMappingCount", "GetNewTargetCount"} <= set(handler.made):
        says = "restored data are used, and the writer did not look for mappings and new targets"
        _note(history, step, handler, "wr-post-check-locations", says, Level.INFO)
    if name != "DeleteFile" and truth_of(handler.told_values.get("GetAdditionalRestores")):
        says = "the writer starts up with restored data although more restores are announced"
        _note(history, step, handler, "wr-post-no-recovery-if-more", says)


def _note(history: History, step: Step, handler: Handler, rule: str, says: str, level: Level = Level.WARNING) -> None:
    history.note(step, level, rule, says, handler.mark, at=At.WRITER)
