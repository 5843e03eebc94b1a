"""The restore method and the mappings that a writer declares while it handles Identify.

A service method names its service and no other method does; an express writer has no handlers for a restore to call,
so that it may not ask for any. A mapping comes after the method, and is of a file set that the writer adds.
"""

from typing import Final

from vss_sim.judge.document_memory import BOUND, FileSet, MadeMetadata
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.restores import folder_of
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import RestoreMethod, WriterRestore
from vss_sim.spec.methods import Signature
from vss_sim.spec.restoring import METHODS
from vss_sim.spec.restoring.words import Act

_EXPRESS: Final = "IVssCreateExpressWriterMetadata"
_FAMILIES: Final = ("IVssCreateWriterMetadata", _EXPRESS)
_ADDS: Final = {
    "AddFilesToFileGroup": ("wszPath", "wszFilespec", "bRecursive"),
    "AddDatabaseFiles": ("wszPath", "wszFilespec", ""),
    "AddDatabaseLogFiles": ("wszPath", "wszFilespec", ""),
}
_SERVICE: Final = ("create-md-restore-method-service", "svc-name-given")
_AFTER: Final = ("create-md-mapping-after-method", "alm-after-method")
_MATCH: Final = ("create-md-mapping-match", "alm-writer-match")
_EXPRESS_RULE: Final = "express-md-restore-method"
_NOT_EXPRESS: Final = {
    RestoreMethod.UNDEFINED: "custom-not-for-express",
    RestoreMethod.CUSTOM: "custom-not-for-express",
    RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION: "rtal-not-for-express",
}


def judge_made_metadata(history: History, step: Step, signature: Signature) -> None:
    """Judge one call that makes a Writer Metadata Document; the document is known inside of its handler."""
    if signature.family not in _FAMILIES:
        return
    handler = history.documents.handler
    made = handler.made if handler is not None else None
    if signature.name == "SetRestoreMethod":
        _method(history, step, express=signature.family == _EXPRESS)
        if made is not None and step.succeeded is not False:
            made.method = step.mark("SetRestoreMethod set the method")
    elif signature.name == "AddAlternateLocationMapping":
        _mapping(history, step, made)
    elif signature.name in _ADDS and made is not None and step.succeeded is not False:
        triple = _triple(step, *_ADDS[signature.name])
        if triple is None or len(made.sets) >= BOUND:
            made.complete = False
        else:
            made.sets.add(triple)


def _triple(step: Step, path: str, filespec: str, recursive: str) -> FileSet | None:
    where, which = step.arguments.get(path), step.arguments.get(filespec)
    below = step.arguments.get(recursive) if recursive else False
    if not isinstance(where, str) or not isinstance(which, str) or not isinstance(below, bool):
        return None
    return folder_of(where), which.casefold(), below


def _note(history: History, step: Step, rules: tuple[str, ...], says: str) -> None:
    history.note(step, Level.WARNING, rules[0], says, at=At.WRITER, also=rules[1:])


def _method(history: History, step: Step, *, express: bool) -> None:
    word = word_of(RestoreMethod, step.arguments.get("method"))
    if word is None:
        return
    method = RestoreMethod(word)
    stops = Act.STOP in METHODS[method].course.acts
    if "wszService" in step.arguments and stops is not bool(step.arguments["wszService"]):
        says = f"{word} {'needs the name of its service' if stops else 'goes with no service'}"
        _note(history, step, _SERVICE, says)
    elif step.arguments.get("wszUserProcedure"):
        _note(history, step, _SERVICE[:1], "wszUserProcedure is reserved, and NULL")
    if express and method in _NOT_EXPRESS:
        says = f"an express writer, which gets no events, may not ask for {word}"
        _note(history, step, (_NOT_EXPRESS[method], _EXPRESS_RULE), says)
    part = word_of(WriterRestore, step.arguments.get("writerRestore"))
    if express and part not in (None, WriterRestore.NEVER):
        says = f"an express writer gets no events, and its writerRestore is VSS_WRE_NEVER, not {part}"
        _note(history, step, ("wre-express-never", _EXPRESS_RULE), says)


def _mapping(history: History, step: Step, made: MadeMetadata | None) -> None:
    if made is None:
        return
    if made.method is None:
        _note(history, step, _AFTER, "AddAlternateLocationMapping is called before SetRestoreMethod")
    triple = _triple(step, "wszSourcePath", "wszSourceFilespec", "bRecursive")
    if triple is not None and step.succeeded is not False and len(made.mappings) < BOUND:
        made.mappings[triple] = step.mark("the mapping was added")


def leave_made_metadata(history: History, made: MadeMetadata) -> None:
    """The document is made: every mapping has to be of one of its file sets."""
    for triple, (line, _) in made.mappings.items() if made.complete and made.sets else ():
        if triple not in made.sets:
            says = f"no component has the file set {triple[0]!r}, {triple[1]!r}, which the mapping is for"
            history.find(Finding(line, Level.WARNING, At.WRITER, _MATCH[0], says, also=_MATCH[1:]))
