"""File operations of a restore, against the file sets that the stored metadata of the writers names.

No target of a restore is touched before PreRestore has been handled, and the files of one component are worked on as a
unit. Which file belongs to which component is known where the log read the file sets; of other files nothing is said.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.file_deeds import access_of, disposition_of, file_changed
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.restore_duties import has_ended
from vss_sim.judge.restoring.restores import COMPONENTS, Restoring, WriterDocument
from vss_sim.judge.win32_words import bits_of, succeeded
from vss_sim.spec.protocol.common import COPYING_BACK, POST_RESTORE_BEGUN
from vss_sim.spec.state import Phase
from vss_sim.spec.win32 import CHANGED_FILE, DELAY_UNTIL_REBOOT, DELETE, MOVES, OPEN_EXISTING, WRITE
from vss_sim.trace.lines import Line

WRITES: Final = frozenset(CHANGED_FILE)
"""Functions that write, replace or delete a file."""


def judge_write(history: History, step: Step, name: str) -> None:
    """Judge a file operation under its Win32 name, which is no call on VSS."""
    line = step.line
    restorers = history.machine(line).restorers
    path = _written(step, name) if restorers else None
    if path is None:
        return
    for obj in restorers:
        restoring = obj.restoring
        if restoring is not None and obj.process == str(line.process or "") and restoring.selected:
            for key in selected_components(history, line, restoring, path):
                _judge_component(history, step, obj, restoring, key, puts=name != "DeleteFile")


def _written(step: Step, name: str) -> str | None:
    """The file that a successful call writes; None where it writes none, or none that is known."""
    later = name in MOVES and bits_of(step.arguments.get("dwFlags")) & DELAY_UNTIL_REBOOT
    opened = name == "CreateFile" and disposition_of(step) == OPEN_EXISTING and not access_of(step) & (WRITE | DELETE)
    return file_changed(step, name) if succeeded(step) and not later and not opened else None


def selected_components(history: History, line: Line, restoring: Restoring, path: str) -> Iterator[tuple[str, ...]]:
    """The selected components whose stored file sets cover `path`; below a selected one, those of its set count too."""
    for writer in restoring.by_writer:
        loaded = history.machine(line).stored_writers.get(writer)
        document = loaded.described if loaded is not None else None
        component = document.component_with(path) if isinstance(document, WriterDocument) else None
        if component is not None and component.key is not None:
            key = restoring.definer(writer, component.key)
            if key is not None:
                yield key


def _judge_component(
    history: History, step: Step, obj: BackupObject, restoring: Restoring, key: tuple[str, ...], *, puts: bool
) -> None:
    if holds(obj.state, Phase.RESTORE.bit) is Certainty.YES or _is_running(obj):
        if not restoring.files_noted:
            restoring.files_noted = True
            says = f"a file of the component {key[2]!r} is touched before the writers have handled PreRestore"
            history.note(step, Level.WARNING, "seq-r-prerestore-before-files", says, restoring.selected[key])
    elif holds(obj.state, COPYING_BACK) is Certainty.YES:
        _judge_unit(history, step, restoring, key)
    elif puts and holds(obj.state, POST_RESTORE_BEGUN) is Certainty.YES and not restoring.files_late:
        restoring.files_late = True
        says = f"a file of the component {key[2]!r} is put back after PostRestore, which tells its writer that all are"
        marks = (restoring.post_restored,) if restoring.post_restored is not None else ()
        history.note(step, Level.WARNING, "seq-r-postrestore", says, *marks)


def _is_running(obj: BackupObject) -> bool:
    """Whether PreRestore was begun and nobody has waited for it or asked for its end."""
    running = obj.running.get(Phase.PRE_RESTORING.bit)
    over = holds(obj.state, POST_RESTORE_BEGUN)
    return running is not None and not has_ended(obj, running) and over is Certainty.NO


def _judge_unit(history: History, step: Step, restoring: Restoring, key: tuple[str, ...]) -> None:
    before, restoring.touched = restoring.touched, key
    if before is None or before == key:
        return
    if len(restoring.left) < COMPONENTS:
        restoring.left.add(before)
    if key in restoring.left:
        restoring.left.discard(key)
        says = f"files of the component {key[2]!r} are restored after those of another came between"
        history.note(step, Level.INFO, "seq-r-unit-per-component", says, restoring.selected[key])
