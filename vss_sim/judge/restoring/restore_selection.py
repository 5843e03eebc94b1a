"""Which writers a requester involves in a restore, and whose files it puts back without them.

Selecting a component involves its writer. One that asked never to take part, or that has a procedure of its own, is
left out; the files of one that runs and wants to take part are not put back behind its back.
"""

from typing import Final

from vss_sim.judge.documents.document_requests import ends
from vss_sim.judge.file_deeds import FileDeed
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.restore_plan import stored_document, takes_no_part, takes_part
from vss_sim.judge.restoring.restores import Restoring
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import RestoreMethod, WriterRestore

_CUSTOM: Final = "custom-writer-not-involved"
_NEVER: Final = "wre-never"
_ABSENT: Final = RestoreMethod.RESTORE_IF_NOT_THERE
_OVERWRITTEN: Final = "rint-never-overwrite-original"
_BEHIND: Final = "nowriter-prefer-participation"


def judge_selected(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A component is selected: does its writer want that?"""
    key = component_key(step.line.in_)
    if not certain or key is None or obj.restoring is None or key not in obj.restoring.selected:
        return
    document = stored_document(history, step.line, key[0])
    if document is None or document.method_told is None:
        return
    rules = []
    if word_of(RestoreMethod, document.method) == RestoreMethod.CUSTOM:
        rules.append(_CUSTOM)
    if document.writer_restore == WriterRestore.NEVER:
        rules.append(_NEVER)
    if rules:
        says = f"a component is selected of a writer that takes no part in restores by itself ({key[2]!r})"
        history.note(step, Level.INFO, rules[0], says, document.method_told, also=tuple(rules[1:]))


def judge_dependencies(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """PreRestore: what depends on each other is restored together, where the other component can be selected.

    It cannot where its writer does not run, or takes no part in a restore by itself.
    """
    del certain
    restoring = obj.restoring
    if restoring is None or not restoring.selection_complete:
        return
    for tie in history.machine(step.line).stored_ties:
        here, there = ends(tie)
        if here is None or there is None or there[1].startswith("\\\\") or there[2].startswith("\\\\"):
            continue
        document = stored_document(history, step.line, there[0])
        if there[0] not in restoring.instances.values() or (document is not None and takes_no_part(document)):
            continue
        if restoring.definer(here[0], here[1:]) is not None and restoring.definer(there[0], there[1:]) is None:
            says = f"the component {here[2]!r} depends on {there[2]!r}, which is not selected"
            history.note(step, Level.WARNING, "dep-both", says, tie.mark, also=("dep-drop-together",))
            return


def judge_unselected(history: History, step: Step, restoring: Restoring, deed: FileDeed) -> None:
    """A file goes to an original place of a writer of which nothing is selected; said once.

    It runs and wants to take part; or it never does, and its restore method counts all the same.
    """
    if restoring.behind_noted:
        return
    selected = {key[0] for key in restoring.selected}
    known = {*history.machine(step.line).stored_writers, *history.world_machine(step.line).writers}
    for writer in known - selected:
        document = stored_document(history, step.line, writer)
        if document is None or document.component_with(deed.path) is None:
            continue
        if takes_part(document) and writer in restoring.instances.values():
            restoring.behind_noted = True
            says = f"{deed.shown} goes to its original place, and nothing is selected of its writer, which runs"
            history.note(step, Level.INFO, _BEHIND, says, document.read)
            return
        method = word_of(RestoreMethod, document.method)
        if document.writer_restore == WriterRestore.NEVER and method == _ABSENT and _was_there(history, step, deed):
            restoring.behind_noted = True
            says = f"{deed.shown} is there and overwritten, which the restore method of its writer rules out"
            marks = (document.method_told,) if document.method_told else ()
            history.note(step, Level.WARNING, _OVERWRITTEN, says, *marks)
            return


def _was_there(history: History, step: Step, deed: FileDeed) -> bool:
    """Whether a file was there before anybody wrote to it, as the call or the world in the header shows it."""
    if deed.there is None and deed.source is not None and deed.path not in history.machine(step.line).disk.changed:
        return history.world_machine(step.line).there(deed.path) is True
    return deed.there is True
