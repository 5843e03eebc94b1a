"""What a line of a case holds against an implementation: what is disputed, and what no page says, is told."""

import re
from typing import Final

import pytest

from conformance.dialogue import put
from conformance.holding import Hold, hold_of, of_a_refusal
from conformance.reports.html_page import html_report
from conformance.reports.text import text_report
from conformance.results import Run, Verdict
from conformance.tables import code, rules
from tests.complete_cases import InProcess
from tests.wrong_answers import CASES, Line, answering, answering_first, answering_last, handing_out, marked
from vss_sim.spec.protocol import METHODS

NOT_FOUND: Final = "VSS_E_OBJECT_NOT_FOUND"
FINISHED: Final = "VSS_S_ASYNC_FINISHED"


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
    assert hold_of(CASES[name], marked(name)) is Hold.FREE
    for instead in ("S_OK", "E_FAIL"):
        result = answering(name, instead)
        assert result.verdict is Verdict.PASSED
        assert any(instead in point.says and point.differs for point in result.told)


@pytest.mark.parametrize("name", ["snapshots/fast-recovery-called", "snapshots/pre-fast-recovery-called"])
def test_a_code_that_no_rule_names_is_held_against_nobody(name: str) -> None:
    """The pages say of these calls that they are reserved, and not what they answer."""
    assert hold_of(CASES[name], marked(name)) is Hold.FREE


@pytest.mark.parametrize(
    "name",
    ["express-writers/alternate-path", "express-writers/incremental-files", "express-writers/incremental-schema"],
)
def test_a_code_that_is_inferred_stands_for_any_failing_answer(name: str) -> None:
    """The page demands the refusal; the code stands on the page of another interface."""
    assert hold_of(CASES[name], marked(name)) is Hold.FAILS
    other = answering(name, "E_INVALIDARG")
    assert other.verdict is Verdict.PASSED
    assert any("E_INVALIDARG" in point.says for point in other.told)
    passed = answering(name, "S_OK")
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
    assert hold_of(CASES[name], marked(name)) is held
    method = marked(name)["call"].rpartition("::")[2]
    need = next(need for need in METHODS[method].needs if "seq-writerless-forbidden" in need.rules)
    codes = [code.name for code in need.answers]
    assert of_a_refusal(codes, [rules()[rule] for rule in need.rules]) is held


WRONG_RESULTS: Final = (
    ("async/finished-reported-as-ok", "pHrResult", "S_OK"),
    ("snapshots/code-of-a-provider-passed-on", "pHrResult", "VSS_E_PROVIDER_IN_USE"),
    ("metadata/service-of-a-method-that-stops-none", "pbstrService", "SampleService"),
    ("components/mapping-that-was-not-used", "pcMappings", 1),
)


@pytest.mark.parametrize(("name", "parameter", "value"), WRONG_RESULTS, ids=str)
def test_a_wrong_result_is_held_though_a_checker_of_logs_only_warns_of_it(
    name: str, parameter: str, value: object
) -> None:
    """What a documented rule demands of VSS is no question of the log's program, but it is one of an implementation."""
    assert CASES[name].verdict == "warns"
    assert hold_of(CASES[name], marked(name)) is Hold.NEVER
    result = handing_out(name, parameter, value)
    assert result.fault is not None
    assert "which is what the case shows to be wrong" in result.fault.says
    assert set(result.fault.breaks) & set(marked(name)["rules"])


@pytest.mark.parametrize(
    ("name", "instead"),
    [("components/nothing-stored-is-called-success", "S_OK"), ("snapshots/copy-lost-when-hidden", NOT_FOUND)],
)
def test_a_wrong_answer_is_held_though_a_checker_of_logs_only_warns_of_it(name: str, instead: str) -> None:
    """Likewise, of the answer itself: S_OK and no stamp, and a shadow copy that hiding it has lost."""
    method = marked(name)["call"].rpartition("::")[2]
    asked = len([1 for _, line in CASES[name].lines if str(line.get("call")).endswith(f"::{method}")])
    result = answering_last(name, f"::{method}", asked, {"returns": instead, "out": marked(name).get("out", {})})
    assert result.fault is not None
    assert result.fault.breaks == tuple(marked(name)["rules"])


@pytest.mark.parametrize(
    "name",
    [
        "import/set-imported-after-its-deletion",
        "writers/restore-method-set-twice",
        "status/counts-of-metadata-and-status-differ",
        "contexts/context-of-servers-on-a-client",
    ],
)
def test_a_wrong_answer_that_nothing_settles_is_told(name: str) -> None:
    """An operation that only begins; what a second call of a writer answers; a should; which Windows has a context."""
    assert hold_of(CASES[name], marked(name)) is Hold.FREE


@pytest.mark.parametrize(
    "name",
    [
        "resync/identity-of-the-original-not-given-back",
        "snapshots/identity-reverted-beside-the-original",
        "snapshots/storage-area-too-small",
        "snapshots/writes-held-too-long",
    ],
)
def test_a_failure_that_a_rule_demands_of_vss_is_held_as_the_result(name: str) -> None:
    """The world shows why the operation fails."""
    assert hold_of(CASES[name], marked(name)) is Hold.EXACT
    result = handing_out(name, "pHrResult", "VSS_S_ASYNC_FINISHED")
    assert result.fault is not None
    assert result.fault.breaks == tuple(marked(name)["rules"])


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
    resting = [(case, line) for case in CASES.values() for _, line in case.lines if "open" in line]
    assert resting
    for case, line in resting:
        assert line["open"]
        assert not [name for name in line["open"] if rules()[name].settled or name not in case.rules]
        assert hold_of(case, line) is Hold.FREE


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
        result = answering_first("snapshots/provider-veto-as-the-result", "IVssAsync::Wait", reply)
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
    other = handing_out("snapshots/provider-veto-as-the-result", "pHrResult", "VSS_E_UNEXPECTED")
    assert other.verdict is Verdict.FAILED


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
    method = marked(name)["call"].rpartition("::")[2]
    result = answering_first(name, f"::{method}", {"returns": answer, "out": {}})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert f"which is no name or number of an HRESULT; expected {wanted}" in result.fault.says
    assert result.fault.breaks == ()


@pytest.mark.parametrize("answer", ["0x80070057", "0X80070057", "2147942487", "-2147024809", -2147024809, 0x80070057])
def test_an_hresult_has_many_spellings(answer: str | int) -> None:
    """A name, or its number, as text too."""
    name = "express-writers/alternate-path"
    method = marked(name)["call"].rpartition("::")[2]
    assert code(answer) == code("E_INVALIDARG")
    assert answering_first(name, f"::{method}", {"returns": answer, "out": {}}).verdict is Verdict.PASSED


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
    result = answering("backup/goes-on-after-abort", "S_\u202eKO\u0007<b>\u061c")
    run = Run(("its", "command"), "an implementation", (result,), 0.0)
    for report in (html_report(run), text_report(run)):
        assert not re.search("[\u202e\u0007\u061c]", report)
        assert r"\u202eKO\x07" in report
    assert "&lt;b&gt;" in html_report(run)


@pytest.mark.parametrize("name", ["crashed-writer-not-responding", "silent-writer-not-responding"])
@pytest.mark.parametrize("state", ["VSS_WS_FAILED_AT_PREPARE_BACKUP", "VSS_WS_STABLE"])
def test_in_which_state_a_writer_is_shown_that_does_not_answer_is_told(name: str, state: str) -> None:
    """The page of GetWriterStatus has a code for it, which VSS generates, and no state (wr-status-not-responding)."""
    result = handing_out(f"writer-status/{name}", "pnStatus", state)
    assert result.verdict is Verdict.PASSED
    assert any(state in point.says for point in result.told)
    assert handing_out(f"writer-status/{name}", "phResultFailure", "S_OK").fault is not None
    assert handing_out(f"writer-status/{name}", "pnStatus", None).fault is not None


@pytest.mark.parametrize("state", ["VSS_WS_FAILED_AT_FREEZE", 9])
def test_a_failed_state_is_one_by_its_number_too(state: str | int) -> None:
    """It is held where the case shows a writer that is well, of which other states are told alone."""
    name = "metadata/dependent-components-together"
    assert handing_out(name, "pnStatus", state).fault is not None
    assert handing_out(name, "pnStatus", 5).verdict is Verdict.PASSED


def test_what_is_told_where_no_roll_forward_was_set_is_held_against_nobody() -> None:
    """VSS_RF_UNDEFINED is an error of the requester's by its page, and no page has a default (ext-told-as-set)."""
    result = handing_out("components/requester-reads-after-a-restore", "pRollType", "VSS_RF_NONE")
    assert result.verdict is Verdict.PASSED
    assert handing_out("components/restore-wishes-read-back", "pRollType", "VSS_RF_NONE").fault is not None


def test_an_import_that_brings_nothing_may_be_told_as_one_that_brought_a_part() -> None:
    """By the page of LocateLuns, where nothing comes as well (dispute C82); success it is not."""
    name, part = "import/machine-two-with-another-hardware-provider", "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED"
    for instead, verdict in ((part, Verdict.PASSED), (FINISHED, Verdict.FAILED)):
        partner = InProcess()

        def say(message: Line, partner: InProcess = partner, instead: str = instead) -> Line:
            reply = partner.say(message)
            nothing = (reply.get("out") or {}).get("pHrResult") == "VSS_E_NO_SNAPSHOTS_IMPORTED"
            return {**reply, "out": {"pHrResult": instead}} if nothing else reply

        result = put(CASES[name], say)
        assert result.verdict is verdict
        assert any(instead in point.says for point in result.told) == (verdict is Verdict.PASSED)
