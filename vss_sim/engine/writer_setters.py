"""What a writer writes into its components inside a handler: the setters of `IVssComponent` and its versions.

When a writer may do so is the table's (`vss_sim.spec.writer_calls`); here is what each call takes and changes.
Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivsscomponent
"""

from collections.abc import Callable
from typing import Any, Final

from vss_sim.engine.answers import Answer, no
from vss_sim.engine.drafts import Arguments
from vss_sim.engine.inputs import Invalid
from vss_sim.engine.ranges import names_a_file, parse_ranges
from vss_sim.model.document import DifferencedFiles, DirectedTarget, DocumentComponent, Failure, PartialFile
from vss_sim.spec.document_arguments import WILD_OR_DEEP
from vss_sim.spec.hresult import HResult
from vss_sim.spec.writer_calls import COMPONENT_FAILURES

Changes = dict[str, Any]
Setter = Callable[[DocumentComponent, Arguments], Changes | Answer]

_WILD: Final = ("*", "?")


def _invalid(rule: str, words: str) -> Answer:
    return no(HResult.E_INVALIDARG, rule, words)


def _text(parameter: str, field: str, once: str = "") -> Setter:
    """A text that is stored; `once` is the rule by which it may be stored one time only."""

    def store(part: DocumentComponent, arguments: Arguments) -> Changes | Answer:
        if arguments[parameter] is None:
            return _invalid("ans-invalid-argument", f"{parameter} is NULL")
        if once and getattr(part, field) is not None:
            return no(HResult.VSS_E_OBJECT_ALREADY_EXISTS, once, f"{part.name!r} has it already")
        return {field: arguments[parameter]}

    return store


def _restore_target(part: DocumentComponent, arguments: Arguments) -> Changes | Answer:
    if isinstance(arguments["target"], Invalid):
        return _invalid("ans-invalid-argument", f"target is {arguments['target']!r}")
    return {"restore_target": arguments["target"]}


def _null_or_wild(arguments: Arguments, *names: str) -> str:
    """The first of these that is NULL or has a wildcard, in words."""
    for name in names:
        value = arguments[name]
        if value is None or any(sign in value for sign in _WILD):
            return f"{name} is {value!r}"
    return ""


def _partial_file(part: DocumentComponent, arguments: Arguments) -> Changes | Answer:
    """Neither path nor name has wildcards, and ranges are there (rules pf-no-wildcards, pf-ranges-required)."""
    wrong = _null_or_wild(arguments, "wszPath", "wszFilename")
    if wrong:
        return _invalid("add-partial-file-args", wrong)
    ranges = arguments["wszRanges"]
    if ranges is None or (parse_ranges(ranges) is None and not names_a_file(ranges)):
        return _invalid("add-partial-file-range-format", f"wszRanges is {ranges!r}")
    file = PartialFile(
        path=arguments["wszPath"],
        filename=arguments["wszFilename"],
        ranges=ranges,
        metadata=arguments["wszMetadata"],
    )
    return {"partial_files": (*part.partial_files, file)}


def _directed_target(part: DocumentComponent, arguments: Arguments) -> Changes | Answer:
    """Ranges match in number and sizes (rule add-directed-target-ranges-match)."""
    rule = "add-directed-target-ranges-match"
    wrong = _null_or_wild(
        arguments, "wszSourcePath", "wszSourceFilename", "wszDestinationPath", "wszDestinationFilename"
    )
    if wrong:
        return _invalid(rule, wrong)
    lists = [parse_ranges(arguments[name] or "") for name in ("wszSourceRangeList", "wszDestinationRangeList")]
    sizes = [ranges and [length for _, length in ranges] for ranges in lists]
    if None in sizes or sizes[0] != sizes[1]:
        return _invalid(rule, "source and destination ranges differ")
    target = DirectedTarget(
        source_path=arguments["wszSourcePath"],
        source_filename=arguments["wszSourceFilename"],
        source_ranges=arguments["wszSourceRangeList"],
        destination_path=arguments["wszDestinationPath"],
        destination_filename=arguments["wszDestinationFilename"],
        destination_ranges=arguments["wszDestinationRangeList"],
    )
    return {"directed_targets": (*part.directed_targets, target)}


def _differenced_files(part: DocumentComponent, arguments: Arguments) -> Changes | Answer:
    """A file set of the component, or a new one: a path without wildcards, a specification without folders."""
    for name, wrong in (("wszPath", _WILD), ("wszFilespec", ("\\",))):
        if arguments[name] is None:
            return _invalid("ans-invalid-argument", f"{name} is NULL")
        if any(sign in arguments[name] for sign in wrong):
            return _invalid(WILD_OR_DEEP, f"{name} is {arguments[name]!r}")
    files = DifferencedFiles(
        path=arguments["wszPath"],
        filespec=arguments["wszFilespec"],
        recursive=arguments["bRecursive"],
        last_modify_time=arguments["ftLastModifyTime"],
    )
    return {"differenced_files": (*part.differenced_files, files)}


def _failure(part: DocumentComponent, arguments: Arguments) -> Changes | Answer:
    """The failure of one component; that the writer failed in part, it says with SetWriterFailureEx."""
    if arguments["dwReserved"]:
        return _invalid("set-failure-with-writer-failure", f"dwReserved is {arguments['dwReserved']}")
    if arguments["hr"] not in COMPONENT_FAILURES:
        return _invalid("set-failure-with-writer-failure", f"hr is {arguments['hr']}")
    failure = Failure(
        hresult=arguments["hr"],
        application=arguments["hrApplication"],
        message=arguments["wszApplicationMessage"],
    )
    return {"failure": failure}


SETTERS: Final[dict[str, Setter]] = {
    "SetBackupMetadata": _text("wszData", "backup_metadata", "set-backup-metadata-once"),
    "SetBackupStamp": _text("wszBackupStamp", "backup_stamp"),
    "SetRestoreMetadata": _text("wszRestoreMetadata", "restore_metadata", "set-restore-metadata-once"),
    "SetRestoreTarget": _restore_target,
    "SetPrepareForBackupFailureMsg": _text("wszFailureMsg", "prepare_failure"),
    "SetPostSnapshotFailureMsg": _text("wszFailureMsg", "post_snapshot_failure"),
    "SetPreRestoreFailureMsg": _text("wszPreRestoreFailureMsg", "pre_restore_failure"),
    "SetPostRestoreFailureMsg": _text("wszPostRestoreFailureMsg", "post_restore_failure"),
    "AddPartialFile": _partial_file,
    "AddDifferencedFilesByLastModifyTime": _differenced_files,
    "AddDirectedTarget": _directed_target,
    "SetFailure": _failure,
}
"""Method → what it changes in a component, or the answer that refuses it."""
