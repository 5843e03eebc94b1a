"""Every documented answer that needs no scripted fault is asked for by a case: to requesters, to writers and programs.

`vss_sim/spec/answers.tsv` is the pages' own list; `causes.tsv` says how each of its rows is brought about: those that
only a script of the environment gives are asked of nobody. A case asks for an answer where
it is put to implementations and has a line that expects just this one, held against them (where no page names the code
for the breach, any failing answer will do) - or told, where all rules of the line, or of the case, are disputed or
assumed.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from conformance.case import Case, asked_of_vss, find_cases
from conformance.handlers import OF_WRITERS
from conformance.holding import Hold, hold_of, open_rules
from conformance.tables import call_named, rules, succeeded
from tests.answers.handlers import HANDLERS
from vss_sim.spec.answers import DocumentedAnswer, documented_answers
from vss_sim.spec.causes import Cause, Kind, cause_of

Asked = tuple[tuple[str, str], str, str]
"""Family and method, where the answer stands (a stage of `answers.tsv`), and the answer."""

_BY_SCRIPT: Final = '"returns":'
"""How a call in a handler fails that only the script of the world makes fail."""
_GIVEN: Final = {"SetWriterFailure": "hr", "SetWriterFailureEx": "hrWriter", "SetFailure": "hr"}
"""Call of a writer → the parameter whose documented values are rows of their own."""
_RESULTS: Final = {"GetWriterStatus": "phResultFailure", "GetWriterStatusEx": "phrFailureWriter", "GetFailure": "phr"}
_UNKNOWN: Final = "(other)"

NOT_ASKED: Final = {
    "IVssComponent::GetBackupSucceeded-S_FALSE-sync": "the page calls the result undefined there, and writers alone "
    "are told to wait: a checker's case has it",
    "IVssComponent::GetFileRestoreStatus-VSS_E_BAD_STATE-sync": "the rule binds writers: a checker's case has it",
    "IVssComponent::GetRestoreMetadata-S_FALSE-sync": "the call is a writer's; what a requester gets is not known",
    "CVssWriter::OnAbort-(bool false)-sync": "nothing that a requester sees follows: a checker's case has it",
    "CVssWriter::OnBackupShutdown-(bool false)-sync": "nothing that a requester sees follows: a checker's case has it",
    "CVssWriter::GetCurrentVolumeArray-(value)-sync": "an address in the writer's memory; its count is asked for",
    "CVssWriterEx::GetIdentifyInformation-E_FAIL-sync": "an error inside of the writer's own class",
    **dict.fromkeys(
        (
            "IVssCreateWriterMetadata::AddFilesToFileGroup-VSS_E_NOT_SUPPORTED-sync",
            "IVssCreateWriterMetadata::SetRestoreMethod-VSS_E_NOT_SUPPORTED-sync",
            "IVssCreateWriterMetadata::SetBackupSchema-VSS_E_NOT_SUPPORTED-sync",
        ),
        "an express writer makes the call under the name of its own interface, where it is asked for",
    ),
    "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot-VSS_E_NOT_SUPPORTED-sync": "the interface of an express "
    "writer does not have the call",
}
"""Row → why no implementation is asked for it."""


def _key(name: str) -> tuple[str, str]:
    call = call_named(name)
    return (call.family, call.method) if call is not None else ("", name)


def _expected(line: dict[str, Any]) -> str | None:
    returns = line.get("returns")
    return returns if isinstance(returns, str) else None


def _counts(case: Case, line: dict[str, Any]) -> bool:
    """Whether what the line expects is held against an implementation, or told where nothing is settled."""
    about = [rules()[name] for name in open_rules(line)]
    disputed = not case.settled or (bool(about) and not any(rule.settled for rule in about))
    return disputed or hold_of(case, line) in (Hold.EXACT, Hold.FAILS)


def _asked_by(case: Case) -> Iterator[Asked]:
    operations: dict[Any, tuple[str, str]] = {}
    for _, line in case.lines:
        if "event" in line:
            yield from _answered_by_the_writer(line)
        if "call" not in line or not (asked_of_vss(line["call"]) or case.is_a_writers(line)):
            continue
        key, out = _key(line["call"]), line.get("out") or {}
        place = line.get("machine"), line.get("process")
        call = call_named(line["call"])
        for parameter in call.parameters if call is not None else ():
            if parameter.get("makes") == "IVssAsync" and parameter["name"] in out:
                operations[*place, out[parameter["name"]]] = key
        if not _counts(case, line):
            continue
        yield from _answered_at_once(line, key)
        result = out.get("pHrResult")
        if result is not None:
            yield key, "async", result
            yield operations.get((*place, line["on"]), key), "async", result


def _answered_at_once(line: dict[str, Any], key: tuple[str, str]) -> Iterator[Asked]:
    """The answer of a call, or its value; the failure that it hands out, or was given."""
    expected, out = _expected(line), line.get("out") or {}
    if expected is not None:
        yield key, "sync", expected
        if key[1] in _GIVEN and succeeded(expected):
            yield key, "in", str((line.get("in") or {}).get(_GIVEN[key[1]]))
    elif "value" in out:
        yield key, "sync", f"(bool {str(out['value']).lower()})" if isinstance(out["value"], bool) else "(value)"
    result = out.get(_RESULTS.get(key[1], ""))
    if result is not None:
        yield key, "out", result


def _answered_by_the_writer(line: dict[str, Any]) -> Iterator[Asked]:
    """How a handler ends, which the writers of the world do and VSS goes by."""
    answer = "(bool true)" if line.get("answer", True) is True else "(bool false)"
    for method, event in HANDLERS.items():
        if event == line["event"]:
            yield (OF_WRITERS, method), "sync", answer


@cache
def _asked() -> frozenset[Asked]:
    return frozenset(asked for case in find_cases() if not case.only_for_checkers for asked in _asked_by(case))


def _is_asked(row: DocumentedAnswer) -> bool:
    key = _key(row.method)
    if row.hresult == _UNKNOWN:
        documented = {other.hresult for other in documented_answers()[row.method]}
        return any(
            (asked[0], asked[1]) == (key, row.stage) and not succeeded(asked[2]) and asked[2] not in documented
            for asked in _asked()
        )
    stages = ("sync", "async") if row.stage == "sync" else (row.stage,)
    return any((key, stage, row.hresult) in _asked() for stage in stages)


def _to_ask() -> list[DocumentedAnswer]:
    rows = (row for rows in documented_answers().values() for row in rows)
    return [row for row in rows if (cause := cause_of(row)) is not None and not _is_scripted(cause)]


def _is_scripted(cause: Cause) -> bool:
    """Whether only the script of a world brings it about: a fault of the environment."""
    return cause.kind is Kind.SCRIPT or (cause.kind is Kind.HANDLER and _BY_SCRIPT in cause.how)


def test_every_documented_answer_is_asked_for() -> None:
    """Or it is said why not."""
    missing = [row.id for row in _to_ask() if not _is_asked(row) and row.id not in NOT_ASKED]
    assert not missing


def test_what_is_not_asked_for_is_so() -> None:
    """No reason outlives its row."""
    rows = {row.id: row for row in _to_ask()}
    assert set(NOT_ASKED) <= set(rows)
    assert not [name for name in NOT_ASKED if _is_asked(rows[name])]


def test_there_is_much_to_ask_for() -> None:
    """A test over nothing proves nothing."""
    assert len(_to_ask()) > 640
