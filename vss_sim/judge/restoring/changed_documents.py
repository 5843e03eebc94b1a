"""A saved document goes back as it was saved: what was changed by hand meanwhile is told.

VSS refuses a text that is no document; of one that still fits the schema no page names anything by which it could know
the change, so it loads, and the restore goes by what somebody wrote there. A log shows it that has both texts. White
space and the order of attributes mean nothing, and are no change.
"""

import re
from typing import Final

from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.values import GUID_NULL, guid

_SET: Final = re.compile(r'\ufeff?<BACKUP_COMPONENTS(?= )[^<>]{0,1000}? snapshotSetId="([0-9A-Fa-f-]{36})"')
_LONGEST: Final = 1 << 18
_MOST: Final = 8
_RULES: Final = {"InitializeForRestore": ("init-restore-document", "doc-bcd-opaque")}
_OF_A_BACKUP: Final = ("init-document-untampered", "im-doc-unmodified", "doc-bcd-opaque")


def _set_of(text: object) -> str | None:
    """The shadow copy set that a whole document tells of, which no other backup has."""
    found = _SET.match(text) if isinstance(text, str) and len(text) <= _LONGEST else None
    named = guid(found[1]) if found is not None else None
    return None if named == GUID_NULL else named


def keep_text(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """SaveAsXML gives a document out; one that was not recorded may be any of those that are loaded later."""
    del obj
    text = step.results.get("pbstrXML")
    if not isinstance(text, str) or not certain:
        history.texts_known = False
        return
    named = _set_of(text)
    if named is not None:
        texts = history.saved_texts.get(named, ())
        if all(known != text for known, _ in texts):
            keep(history.saved_texts, named, (*texts[-_MOST + 1 :], (text, step.mark("saved the document"))))


def judge_loaded(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A document is loaded that has the shadow copy set of a saved one: it is that one."""
    del obj, certain
    text = step.arguments.get("bstrXML")
    named = _set_of(text) if history.texts_known else None
    texts: tuple[tuple[str, Mark], ...] = history.saved_texts.get(named or "", ())
    if not isinstance(text, str) or not texts or any(known == text for known, _ in texts):
        return
    loaded = _read(text)
    if loaded is not None and all(_read(known) != loaded for known, _ in texts):
        rule, *also = _RULES.get(step.line.call.rpartition("::")[2] if step.line.call else "", _OF_A_BACKUP)
        says = "the document is of a shadow copy set whose document was saved otherwise: it was changed since"
        history.note(step, Level.WARNING, rule, says, texts[-1][1], also=tuple(also))


def _read(text: str) -> BackupComponentsDocument | None:
    try:
        return read_backup_components(text, [])
    except DocumentError:
        return None
