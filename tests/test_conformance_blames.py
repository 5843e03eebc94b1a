"""By which rules an implementation is wrong: those that it can break, where a line shows it; advice is none."""

from typing import Final

import pytest

from conformance.blaming import blamed
from conformance.dialogue import BrokenError, put
from conformance.event_order import BY_LEVEL, BY_STAGE
from conformance.holding import Hold, hold_of
from conformance.reports.words import argument
from conformance.results import Verdict, rule_verdicts
from conformance.tables import rules
from tests.wrong_answers import CASES, Line, answering, answering_first, handing_out


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
    verdicts = {one.rule: one.verdict for one in rule_verdicts([answering(name, "S_OK")])}
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


def test_a_rule_that_the_case_had_not_come_to_is_not_broken() -> None:
    """Who refuses AbortBackup fails the case; that it would carry on with an aborted object, nobody saw."""
    result = answering_first("backup/goes-on-after-abort", "::AbortBackup", {"returns": "E_FAIL"})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert argument(result.fault) == ["no rule is broken by that; the case is about: seq-abort-no-resume"]
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


def test_a_rule_that_the_case_is_past_is_not_broken() -> None:
    """Who refuses the set without a place for its operation, as it has to be, and then Abort, breaks another rule."""
    result = answering_first("answers/creation-put-nowhere", "::AbortBackup", {"returns": "E_FAIL"})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert (result.fault.beside, result.fault.breaks) == (True, ())


def test_a_line_on_the_way_breaks_no_rule() -> None:
    """Who counts one mapping more has, by that, not touched a file that the restore method leaves alone."""
    name = "restore-method/file-there-and-another-without-a-mapping-restore-nothing"
    result = handing_out(name, "pcMappings", 7)
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert result.fault.call.endswith("::GetRestoreMethod")
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


def test_a_wrong_result_breaks_no_rule_for_the_requester() -> None:
    """Who loses the attributes left no structure unzeroed: what its page asks of the requester, the suite has done."""
    name = "snapshots/properties-of-a-created-copy"
    line = next(line for _, line in CASES[name].lines if str(line.get("call")).endswith("::GetSnapshotProperties"))
    result = handing_out(name, "pProp", {**line["out"]["pProp"], "m_lSnapshotAttributes": 0})
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
        result = answering_first(name, "IVssBackupComponents::AddComponent", {"returns": instead})
        assert result.verdict is Verdict.FAILED
        assert [one.rule for one in rule_verdicts([result]) if one.verdict == "broken"] == broken


def test_a_line_breaks_the_rules_that_it_shows_kept() -> None:
    """Those named at the line, and no other rule of the case."""
    result = handing_out("metadata/indices-below-their-counts", "pcMappings", 7)
    broken = [one.rule for one in rule_verdicts([result]) if one.verdict == "broken"]
    assert broken == ["doc-wmd-writer-level"]


def test_a_wrong_result_breaks_no_rule_about_a_refusal() -> None:
    """Who gives two sets one id has not, by that, let two creations go on at a time."""
    rule, method = "start-set-one-at-a-time", "::StartSnapshotSet"
    told = [
        (case, line)
        for case in CASES.values()
        for _, line in case.lines
        if rule in case.rules and str(line.get("call")).endswith(method) and not line.get("rules")
    ]
    assert told
    for case, line in told:
        named, shown = blamed(case, line, results=True)
        assert rule not in (named if shown else ())
        assert rule in line.get("keeps", [rule])
        assert rule in blamed(case, line, "VSS_E_SNAPSHOT_SET_IN_PROGRESS")[0]


def test_nobody_breaks_what_somebody_may_do() -> None:
    """A provider may veto: who does not pass that on fails the case, and the rule is a permission."""
    reply: Line = {"returns": "S_OK", "out": {"pidSnapshot": "{99999999-9999-4999-8999-999999999999}"}}
    result = answering_first("answers/adding-a-volume-vetoed", "::AddToSnapshotSet", reply)
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert result.fault.breaks == ()


def test_what_a_line_shows_kept_is_settled() -> None:
    """It names rules of its case, which hold; not beside those that leave its answer open."""
    keeping = [(case, line) for case in CASES.values() for _, line in case.lines if "keeps" in line]
    assert len(keeping) > 80
    for case, line in keeping:
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


def test_at_the_point_itself_the_rule_is_broken() -> None:
    """The same case, and the call that it is about."""
    verdicts = {one.rule: one.verdict for one in rule_verdicts([answering("backup/goes-on-after-abort", "S_OK")])}
    assert verdicts == {"seq-abort-no-resume": "broken"}


@pytest.mark.parametrize("method", ["::InitializeForBackup", "start"])
def test_a_message_that_it_cannot_read_breaks_no_rule(method: str) -> None:
    """The case fails; `error` is no answer of VSS."""
    name = "contexts/set-context-twice"
    if method == "start":
        result = put(CASES[name], lambda _: {"error": "what is that"})
    else:
        result = answering_first(name, method, {"error": "what is that"})
    assert result.verdict is Verdict.FAILED
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}
