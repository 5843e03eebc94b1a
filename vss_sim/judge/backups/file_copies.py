"""Files of the requester, read before the shadow copy that they should come from is there.

Judged where the log shows that a file belongs to a component that was added, and that its shadow copy set is not
created yet for certain.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.backups.seen import FileSetFacts
from vss_sim.judge.backups.selection import demands_shadow_copy
from vss_sim.judge.file_deeds import access_of, file_read
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import is_in_set
from vss_sim.judge.win32_words import bits_of
from vss_sim.model.shown import shown, written
from vss_sim.spec.file_sets import COPY_LATE
from vss_sim.spec.protocol.common import SET_BEGUN
from vss_sim.spec.win32 import BACKUP_SEMANTICS, COPIES, READ, READ_FILE

READS: Final = frozenset(READ_FILE)
"""Functions that may read a file of a component."""


def judge_read(history: History, step: Step, name: str) -> None:
    """A copy of a file that belongs to an added component, from where it lives."""
    path = _source(step, name)
    if path is None:
        return
    process = str(step.line.process or "")
    for obj in history.machine(step.line).creators:
        if obj.process == process and holds(obj.state, SET_BEGUN) is Certainty.YES:
            _judge(history, step, obj, path)


def _source(step: Step, name: str) -> str | None:
    """The file that a call copies or opens for a backup; None for any other call."""
    backs_up = bits_of(step.arguments.get("dwFlagsAndAttributes")) & BACKUP_SEMANTICS and access_of(step) & READ
    path = file_read(step, name) if name in COPIES or backs_up else None
    return shown(path) if path is not None else None


def _judge(history: History, step: Step, obj: BackupObject, path: str) -> None:
    for chosen in obj.seen.chosen if obj.seen is not None else ():
        for file_set in chosen.facts.file_sets:
            demand = demands_shadow_copy(file_set, obj.backup_type)
            if demand is not False and _holds(file_set, path):
                says = f"{written(path)} of {chosen.facts.name!r} is copied before DoSnapshotSet"
                level = Level.WARNING if demand else Level.INFO
                history.note(step, level, COPY_LATE, says, chosen.added)
                return


def _holds(file_set: FileSetFacts, path: str) -> bool:
    """Whether a file belongs to a file set, as far as that is known."""
    if file_set.path is None or file_set.filespec is None:
        return False
    return is_in_set(path, file_set.path, file_set.filespec, recursive=bool(file_set.recursive))
