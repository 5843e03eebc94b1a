"""What a line of a case holds against an implementation: what is disputed, and what no page says, is told."""

import re
from typing import Any, Final

import pytest

from conformance.blaming import blamed
from conformance.case import find_cases
from conformance.dialogue import BrokenError, put
from conformance.event_order import BY_LEVEL, BY_STAGE
from conformance.holding import Hold, hold_of, of_a_refusal
from conformance.reports.html_page import html_report
from conformance.reports.text import text_report
from conformance.reports.words import argument
from conformance.results import Result, Run, Verdict, rule_verdicts
from conformance.tables import code, rules
from tests.complete_cases import InProcess
from vss_sim.spec.protocol import METHODS

Line = dict[str, Any]
CASES: Final = {case.id: case for case in find_cases()}


def _marked(name: str) -> Line:
    """The line of a case where something is wrong."""
    return next(line for _, line in CASES[name].lines if line.get("rules"))


def _answering(name: str, instead: str) -> Result:
    """A case put to the simulator, which answers its marked line otherwise."""
    partner, wrong = InProcess(), _marked(name)

    def say(message: Line) -> Line:
        reply = partner.say(message)
        same = message.get("call") == wrong["call"] and reply.get("returns") == wrong["returns"]
        return {**reply, "returns": instead} if same else reply

    return put(CASES[name], say)


@pytest.mark.parametrize(
    "name",
    [
        "backup/prepare-without-backup-state",
        "restore/postrestore-without-prerestore",
        "express-writers/custom-restore-method",
    ],
)
def test_a_code_that_only_a_disputed_rule_names_is_held_against_nobody(name: str) -> None:
    """A settled rule beside it, which names no code or another one, does not make it certain."""
    assert hold_of(CASES[name], _marked(name)) is Hold.FREE
    for instead in ("S_OK", "E_FAIL"):
        result = _answering(name, instead)
        assert result.verdict is Verdict.PASSED
        assert any(instead in point.says and point.differs for point in result.told)


@pytest.mark.parametrize("name", ["snapshots/fast-recovery-called", "snapshots/pre-fast-recovery-called"])
def test_a_code_that_no_rule_names_is_held_against_nobody(name: str) -> None:
    """The pages say of these calls that they are reserved, and not what they answer."""
    assert hold_of(CASES[name], _marked(name)) is Hold.FREE


@pytest.mark.parametrize(
    "name",
    ["express-writers/alternate-path", "express-writers/incremental-files", "express-writers/incremental-schema"],
)
def test_a_code_that_is_inferred_stands_for_any_failing_answer(name: str) -> None:
    """The page demands the refusal; the code stands on the page of another interface."""
    assert hold_of(CASES[name], _marked(name)) is Hold.FAILS
    other = _answering(name, "E_INVALIDARG")
    assert other.verdict is Verdict.PASSED
    assert any("E_INVALIDARG" in point.says for point in other.told)
    passed = _answering(name, "S_OK")
    assert passed.fault is not None
    assert "expected any failing answer" in passed.fault.says


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("backup/prepare-in-a-context-without-writers", Hold.EXACT),
        ("backup/add-component-in-a-context-without-writers", Hold.FAILS),
        ("backup/complete-in-a-context-without-writers", Hold.FAILS),
    ],
)
def test_what_was_seen_of_one_call_names_the_code_of_no_other(name: str, held: Hold) -> None:
    """Without writers the page has three calls return an error; only of PrepareForBackup was it seen which one."""
    assert hold_of(CASES[name], _marked(name)) is held
    method = _marked(name)["call"].rpartition("::")[2]
    need = next(need for need in METHODS[method].needs if "seq-writerless-forbidden" in need.rules)
    codes = [code.name for code in need.answers]
    assert of_a_refusal(codes, [rules()[rule] for rule in need.rules]) is held


def test_no_line_holds_a_code_that_no_settled_rule_names_for_certain() -> None:
    """Over all cases that are put: a marked line that holds one code has a settled rule that names it."""
    held = 0
    for case in CASES.values():
        for _, line in case.lines:
            returns = line.get("returns")
            codes = returns if isinstance(returns, list) else [returns]
            if line.get("rules") and returns is not None and hold_of(case, line) is Hold.EXACT:
                settled = [rules()[name] for name in line["rules"] if rules()[name].settled]
                refused = not any(str(code).startswith("S_") for code in codes)
                assert not refused or any(code in rule.answers for rule in settled for code in codes), case.id
                held += 1
    assert held > 250


def test_what_is_open_is_disputed() -> None:
    """A line that says on which open rules it rests names rules of its case that no page settles; nothing is held."""
    marked = [(case, line) for case in CASES.values() for _, line in case.lines if "open" in line]
    assert marked
    for case, line in marked:
        assert line["open"]
        assert not [name for name in line["open"] if rules()[name].settled or name not in case.rules]
        assert hold_of(case, line) is Hold.FREE


def test_only_settled_rules_are_blamed() -> None:
    """Of a case that rests on many rules, those that stand on the page of the call which was answered wrongly."""
    case = CASES["backup/component-backup-in-order"]
    assert [rule for rule in case.known_rules if not rule.settled]
    line = next(line for _, line in case.lines if str(line.get("call")).endswith("::AddComponent"))
    named, shown = blamed(case, line, "VSS_E_BAD_STATE")
    assert shown
    assert 0 < len(named) < len(case.rules)
    assert all(rules()[name].settled for name in named)


def test_a_rule_that_nobody_saw_kept_is_not_kept() -> None:
    """An implementation that goes the other way at a free point is told so; that says nothing for the rule."""
    name = "backup/prepare-without-backup-state"
    verdicts = {one.rule: one.verdict for one in rule_verdicts([_answering(name, "S_OK")])}
    assert verdicts["seq-backupstate-before-prepare"] == "not judged"


def test_no_reply_breaks_no_rule() -> None:
    """The case fails, disputed or not; which way the rule would have gone, nobody knows."""
    disputed = next(case for case in CASES.values() if not case.settled and not case.only_for_checkers)
    for case in (CASES["contexts/set-context-twice"], disputed):

        def say(_: Line) -> Line:
            raise BrokenError("it ended instead of a reply")

        result = put(case, say)
        assert result.verdict is Verdict.FAILED
        assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


def _answering_first(name: str, method: str, reply: Line) -> Result:
    """A case put to the simulator, which replies so to the first call of a method."""
    partner, left = InProcess(), [reply]

    def say(message: Line) -> Line:
        right = partner.say(message)
        return left.pop() if left and str(message.get("call", "")).endswith(method) else right

    return put(CASES[name], say)


def test_a_rule_that_the_case_had_not_come_to_is_not_broken() -> None:
    """Who refuses AbortBackup fails the case; that it would carry on with an aborted object, nobody saw."""
    result = _answering_first("backup/goes-on-after-abort", "::AbortBackup", {"returns": "E_FAIL"})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert argument(result.fault) == ["no rule is broken by that; the case is about: seq-abort-no-resume"]
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


def test_a_rule_that_the_case_is_past_is_not_broken() -> None:
    """Who refuses the set without a place for its operation, as it has to be, and then Abort, breaks another rule."""
    result = _answering_first("answers/creation-put-nowhere", "::AbortBackup", {"returns": "E_FAIL"})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert (result.fault.beside, result.fault.breaks) == (True, ())


def test_a_line_on_the_way_breaks_no_rule() -> None:
    """Who counts one mapping more has, by that, not touched a file that the restore method leaves alone."""
    name = "restore-method/file-there-and-another-without-a-mapping-restore-nothing"
    result = _handing_out(name, "pcMappings", 7)
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert result.fault.call.endswith("::GetRestoreMethod")
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


def test_a_wrong_result_breaks_no_rule_for_the_requester() -> None:
    """Who loses the attributes left no structure unzeroed: what its page asks of the requester, the suite has done."""
    name = "snapshots/properties-of-a-created-copy"
    line = next(line for _, line in CASES[name].lines if str(line.get("call")).endswith("::GetSnapshotProperties"))
    result = _handing_out(name, "pProp", {**line["out"]["pProp"], "m_lSnapshotAttributes": 0})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert result.fault.call == line["call"]
    assert "get-props-zero-struct" in blamed(CASES[name], line)[0]
    assert {rules()[rule].who for rule in result.fault.breaks} <= {"vss"}


def test_no_page_blames_requesters_or_writers_for_what_is_handed_out() -> None:
    """Over all cases that are put: without a mark of its own a line shows by its results only rules for VSS."""
    of_its_page = 0
    for case in CASES.values():
        for _, line in () if case.only_for_checkers else case.lines:
            if "call" in line and not line.get("rules") and not line.get("keeps"):
                named, shown = blamed(case, line, results=True)
                assert not shown or {rules()[name].who for name in named} == {"vss"}, case.id
                of_its_page += shown
    assert of_its_page > 100


def test_advice_is_broken_by_no_implementation() -> None:
    """Over all lines, whatever is answered: what is broken binds VSS, or VSS answers its breach with a code."""
    broken: set[str] = set()
    for case in CASES.values():
        told = {"E_FAIL", *(code for rule in case.known_rules for code in rule.codes)}
        for _, line in () if case.only_for_checkers else case.lines:
            for returns in sorted(told) if "call" in line else [None]:
                named, shown = blamed(case, line, returns)
                broken.update(named if shown and not line.get("fails") else ())
    assert len(broken) > 300
    assert not [name for name in broken if rules()[name].who != "vss" and not rules()[name].codes]


def test_a_refusal_without_a_cause_breaks_a_rule_by_its_code() -> None:
    """A component that is new is refused: as one that was added before, by the rule about that; else by none."""
    name = "selection/required-and-chosen-components-added"
    for instead, broken in (("VSS_E_OBJECT_ALREADY_EXISTS", ["sel-add-duplicate"]), ("VSS_E_OBJECT_NOT_FOUND", [])):
        result = _answering_first(name, "IVssBackupComponents::AddComponent", {"returns": instead})
        assert result.verdict is Verdict.FAILED
        assert [one.rule for one in rule_verdicts([result]) if one.verdict == "broken"] == broken


def test_a_line_breaks_the_rules_that_it_shows_kept() -> None:
    """Those named at the line, and no other rule of the case."""
    result = _handing_out("metadata/indices-below-their-counts", "pcMappings", 7)
    broken = [one.rule for one in rule_verdicts([result]) if one.verdict == "broken"]
    assert broken == ["doc-wmd-writer-level"]


def _handing_out(name: str, parameter: str, value: object) -> Result:
    """A case put to the simulator, which hands out another value."""
    partner = InProcess()

    def say(message: Line) -> Line:
        reply = partner.say(message)
        out = reply.get("out") or {}
        return {**reply, "out": {**out, parameter: value}} if parameter in out else reply

    return put(CASES[name], say)


def test_what_a_line_shows_kept_is_settled() -> None:
    """It names rules of its case, which hold; not beside those that leave its answer open."""
    marked = [(case, line) for case in CASES.values() for _, line in case.lines if "keeps" in line]
    assert len(marked) > 80
    for case, line in marked:
        assert line["keeps"]
        assert not line.get("open"), case.id
        assert not [name for name in line["keeps"] if name not in case.rules or not rules()[name].settled], case.id


NOT_TO_BE_SEEN: Final = {
    "doc-setters-writer": "that nobody else sets them is shown by the requester's refused calls",
    "im-hidden-readonly": "what is mounted, a file call shows, and no case writes there",
    "obs-context-not-on-this-edition": "whether this edition has a context, no page says",
    "rt-new-removed": "nobody can ask for it",
    "seq-r-no-events-while-copying": "at which file call an event comes is not compared",
    "seq-shutdown-set-id": "what an event is raised with is not compared",
}
"""Rules for VSS that a case shows kept and that no line can show broken, and why."""


def test_nearly_every_rule_for_vss_is_broken_by_some_line() -> None:
    """A conforming case that no line of which is about the rule could never say that it is broken."""
    shown: set[str] = {*BY_STAGE, *BY_LEVEL}
    kept: set[str] = set()
    for case in CASES.values():
        if case.only_for_checkers:
            continue
        for _, line in case.lines:
            if hold_of(case, line) is not Hold.FREE:
                named, is_shown = blamed(case, line)
                shown.update(named if is_shown else ())
        shown.update(case.silence)
        kept.update(rule.id for rule in case.known_rules if rule.who == "vss" and rule.settled)
    judged = {name for name in kept if not rules()[name].advisory and not rules()[name].unjudged}
    assert judged - shown == set(NOT_TO_BE_SEEN)


def test_a_default_that_a_page_lacks_is_held_against_nobody() -> None:
    """Where no writer set a target: by the enumeration it is the original place, by the method nothing is found."""
    partner, name = InProcess(), "components/restore-target-never-set"

    def say(message: Line) -> Line:
        reply = partner.say(message)
        asked = str(message.get("call")).endswith("::GetRestoreTarget")
        return {**reply, "returns": "VSS_E_OBJECT_NOT_FOUND", "out": {}} if asked else reply

    result = put(CASES[name], say)
    assert result.verdict is Verdict.PASSED
    (told,) = [point for point in result.told if point.differs]
    assert told.rules == ("restore-target-default-original",)


def test_a_wait_may_tell_the_failure_that_is_asked_for_next() -> None:
    """The page of Wait says both: the error of the operation, and that it succeeds though the operation failed."""
    for instead, verdict in (("VSS_E_PROVIDER_VETO", Verdict.PASSED), ("VSS_E_BAD_STATE", Verdict.FAILED)):
        reply: Line = {"returns": instead, "out": {}}
        result = _answering_first("snapshots/provider-veto-as-the-result", "IVssAsync::Wait", reply)
        assert result.verdict is verdict, instead
        assert [point.rules for point in result.told if point.differs] == [("async-wait-tells-failure",)] * (
            verdict is Verdict.PASSED
        )


def test_a_result_that_no_page_names_stands_for_any_failure() -> None:
    """What a creation comes to that a writer failed, no page says; that it fails, they do."""
    name = "events/freeze-fails-and-every-writer-is-aborted"
    for result, verdict in (("VSS_E_UNEXPECTED", Verdict.PASSED), ("VSS_S_ASYNC_FINISHED", Verdict.FAILED)):
        partner = InProcess()

        def say(message: Line, partner: InProcess = partner, result: str = result) -> Line:
            reply = partner.say(message)
            out = reply.get("out") or {}
            wrong = out.get("pHrResult") == "VSS_E_UNEXPECTED_WRITER_ERROR"
            return {**reply, "out": {**out, "pHrResult": result}} if wrong else reply

        assert put(CASES[name], say).verdict is verdict, result
    other = _handing_out("snapshots/provider-veto-as-the-result", "pHrResult", "VSS_E_UNEXPECTED")
    assert other.verdict is Verdict.FAILED


def test_at_the_point_itself_the_rule_is_broken() -> None:
    """The same case, and the call that it is about."""
    verdicts = {one.rule: one.verdict for one in rule_verdicts([_answering("backup/goes-on-after-abort", "S_OK")])}
    assert verdicts == {"seq-abort-no-resume": "broken"}


@pytest.mark.parametrize("method", ["::InitializeForBackup", "start"])
def test_a_message_that_it_cannot_read_breaks_no_rule(method: str) -> None:
    """The case fails; `error` is no answer of VSS."""
    name = "contexts/set-context-twice"
    if method == "start":
        result = put(CASES[name], lambda _: {"error": "what is that"})
    else:
        result = _answering_first(name, method, {"error": "what is that"})
    assert result.verdict is Verdict.FAILED
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


@pytest.mark.parametrize("takes", ["files", {"files": True}, [1], 7])
def test_what_an_implementation_takes_is_a_list(takes: object) -> None:
    """Said otherwise it is not understood, and that is not passed over: its files would silently not be asked about."""
    partner = InProcess()

    def say(message: Line) -> Line:
        reply = partner.say(message)
        return {**reply, "takes": takes} if "start" in message else reply

    result = put(CASES["backup/component-backup-in-order"], say)
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert '"takes" is ' in result.fault.says
    assert 'expected a list such as ["files", "writers"]' in result.fault.says


NO_HRESULTS: Final = ("banana", "vss_e_bad_state", "", "0x", "0x180042301", "00x1", "1e3", "٣", -(2**31) - 1)


@pytest.mark.parametrize("answer", NO_HRESULTS)
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("express-writers/alternate-path", "any failing answer"),
        ("snapshots/fast-recovery-called", "E_NOTIMPL"),
        ("backup/goes-on-after-abort", "S_OK"),
    ],
    ids=["any failure is right", "nothing is held", "one code is right"],
)
def test_what_is_no_hresult_is_no_answer(name: str, wanted: str, answer: str | int) -> None:
    """Whatever the line is held to; no rule is broken by it, and what was expected is said."""
    method = _marked(name)["call"].rpartition("::")[2]
    result = _answering_first(name, f"::{method}", {"returns": answer, "out": {}})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert f"which is no name or number of an HRESULT; expected {wanted}" in result.fault.says
    assert result.fault.breaks == ()


@pytest.mark.parametrize("answer", ["0x80070057", "0X80070057", "2147942487", "-2147024809", -2147024809, 0x80070057])
def test_an_hresult_has_many_spellings(answer: str | int) -> None:
    """A name, or its number, as text too."""
    name = "express-writers/alternate-path"
    method = _marked(name)["call"].rpartition("::")[2]
    assert code(answer) == code("E_INVALIDARG")
    assert _answering_first(name, f"::{method}", {"returns": answer, "out": {}}).verdict is Verdict.PASSED


def test_what_is_no_hresult_is_no_failed_result() -> None:
    """Where any failure of an operation is right, the result is an HRESULT all the same."""
    name = "events/freeze-fails-and-every-writer-is-aborted"
    for result, verdict in (("VSS_E_UNEXPECTED", Verdict.PASSED), ("banana", Verdict.FAILED)):
        partner = InProcess()

        def say(message: Line, partner: InProcess = partner, result: str = result) -> Line:
            reply = partner.say(message)
            wrong = (reply.get("out") or {}).get("pHrResult") == "VSS_E_UNEXPECTED_WRITER_ERROR"
            return {**reply, "out": {"pHrResult": result}} if wrong else reply

        assert put(CASES[name], say).verdict is verdict, result


def test_what_turns_a_page_round_is_visible_in_every_report() -> None:
    """An implementation may answer anything; characters that move the text are shown by their numbers."""
    result = _answering("backup/goes-on-after-abort", "S_\u202eKO\u0007<b>\u061c")
    run = Run(("its", "command"), "an implementation", (result,), 0.0)
    for report in (html_report(run), text_report(run)):
        assert not re.search("[\u202e\u0007\u061c]", report)
        assert r"\u202eKO\x07" in report
    assert "&lt;b&gt;" in html_report(run)
