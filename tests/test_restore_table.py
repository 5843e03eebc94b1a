"""The restore-method table says of every method, target and reading where files go, and on which page that stands."""

from collections.abc import Iterator, Mapping
from itertools import count, product

import pytest

from tests.support import ROOT
from vss_sim.report.explain import explain
from vss_sim.spec.enums import RestoreMethod, RestoreTarget
from vss_sim.spec.restoring import (
    METHODS,
    NO_READINGS,
    PARAMETERS,
    check_readings,
    course,
    decided,
    nodes,
    outcomes,
)
from vss_sim.spec.restoring.words import Act, Blame, Branch, Decision, Moment, Question, Split, When
from vss_sim.spec.rules import disputes, rules

WHOLE = [restoration.whole for restoration in METHODS.values()]


def _came_to(method: RestoreMethod, *no: Question, target: RestoreTarget = RestoreTarget.ORIGINAL) -> str:
    """The leaf that a set without new targets comes to, all questions but `no` being answered with yes."""
    refused = {*no, Question.NEW_TARGET_DECLARED}
    outcome = decided(METHODS[method].whole, lambda question: question not in refused, target).outcome
    assert outcome
    return outcome.name


def test_there_are_nine_methods_and_each_has_a_tree() -> None:
    """As many as VSS_RESTOREMETHOD_ENUM has members; six of them are drawn in the documentation."""
    assert set(METHODS) == set(RestoreMethod)
    assert sum(restoration.figure is not None for restoration in METHODS.values()) == 6


@pytest.mark.parametrize("method", RestoreMethod)
def test_every_question_and_every_end_rests_on_rules(method: RestoreMethod) -> None:
    """No branch without a rule, and no rule that the project does not have."""
    restoration = METHODS[method]
    assert restoration.rules
    named = {*restoration.rules, *restoration.course_rules}
    for end in outcomes(restoration.whole):
        assert end.rules, end.name
        named.update(end.rules)
    for node in nodes(restoration.whole):
        if isinstance(node, Decision):
            named.update(node.rules)
    assert named <= set(rules())


@pytest.mark.parametrize("method", RestoreMethod)
def test_an_error_blames_somebody_and_restores_nothing(method: RestoreMethod) -> None:
    """And whoever restores something blames nobody; mappings are recorded where files go to mapped places."""
    for end in outcomes(METHODS[method].whole):
        assert (end.branch is Branch.ERROR) == (end.blamed is not None) == (end.when is When.NEVER), end.name
        assert end.records == (end.branch is Branch.ALTERNATE), end.name


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS.keys())
def test_a_parameter_is_a_dispute_of_the_pages(parameter: object) -> None:
    """With the stance among its readings."""
    known = PARAMETERS[parameter.name]  # type: ignore[attr-defined]
    assert known.dispute in disputes()
    assert known.stance in dict(known.readings)


def test_every_dispute_about_restoring_is_a_parameter() -> None:
    """C01 to C15."""
    assert {f"C{number:02}" for number in range(1, 16)} <= {parameter.dispute for parameter in PARAMETERS.values()}


def test_every_split_of_a_tree_is_an_open_parameter_with_all_its_readings() -> None:
    """So a reading can be chosen wherever the trees part."""
    for root in WHOLE:
        for node in nodes(root):
            if isinstance(node, Split):
                assert node.parameter.open
                assert dict(node.readings).keys() == dict(node.parameter.readings).keys()


def test_files_are_looked_at_after_pre_restore() -> None:
    """Rule rm-check-after-prerestore: no question about a place of a file can be answered from the documents."""
    about_places = [question for question in Question if "place" in question.asks and "restart" not in question.asks]
    assert len(about_places) >= 7
    for question in about_places:
        assert question.moment in (Moment.AFTER_PRE_RESTORE, Moment.BEFORE_RESTART, Moment.AFTER_RESTART), question


@pytest.mark.parametrize(
    ("method", "no", "leaf"),
    [
        ("RESTORE_IF_NOT_THERE", (), "rint-original"),
        ("RESTORE_IF_NOT_THERE", ("NONE_THERE",), "rint-mapped"),
        ("RESTORE_IF_NOT_THERE", ("NONE_THERE", "MAPPED"), "rint-unmapped"),
        ("RESTORE_IF_NOT_THERE", ("NONE_THERE", "MAPPED_PLACES_FREE"), "rint-mapped-blocked"),
        ("RESTORE_IF_CAN_REPLACE", (), "ricr-original"),
        ("RESTORE_IF_CAN_REPLACE", ("REPLACEABLE",), "ricr-mapped"),
        ("RESTORE_IF_CAN_REPLACE", ("REPLACEABLE", "MAPPED_PLACES_USABLE"), "ricr-mapped-blocked"),
        ("STOP_RESTORE_START", ("SERVICE_NAMED",), "srr-unnamed"),
        ("STOP_RESTORE_START", ("SERVICE_STOPS",), "srr-not-stopped"),
        ("STOP_RESTORE_START", ("REPLACEABLE",), "srr-mapped"),
        ("RESTORE_TO_ALTERNATE_LOCATION", (), "rtal-mapped"),
        ("RESTORE_TO_ALTERNATE_LOCATION", ("MAPPED",), "rtal-unmapped"),
        ("RESTORE_AT_REBOOT", ("STAGED",), "rar-not-staged"),
        ("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", (), "raricr-original"),
        ("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", ("REPLACEABLE", "STAGED"), "raricr-not-staged"),
        ("RESTORE_STOP_START", ("REPLACEABLE",), "rss-blocked"),
        ("CUSTOM", ("PROCEDURE_KNOWN",), "custom-unknown"),
        ("UNDEFINED", (), "method-undefined"),
    ],
)
def test_a_tree_is_that_of_its_figure(method: str, no: tuple[str, ...], leaf: str) -> None:
    """Read off the figures by hand."""
    assert _came_to(RestoreMethod[method], *(Question[name] for name in no)) == leaf


def test_only_the_restart_tells_whether_staged_files_arrive() -> None:
    """The way ends at the diamond after the restart."""
    end = decided(METHODS[RestoreMethod.RESTORE_AT_REBOOT].tree, lambda question: True, RestoreTarget.ORIGINAL)
    assert end.waiting
    assert end.waiting.question is Question.ARRIVED


def test_a_target_wins_over_the_method() -> None:
    """Rule rt-override, and rule rt-custom-optional for the exception."""
    for method in RestoreMethod:
        expected = {
            RestoreMethod.CUSTOM: "custom",
            RestoreMethod.UNDEFINED: "method-undefined",
            RestoreMethod.RESTORE_AT_REBOOT: "target-at-reboot",
        }.get(method, "target-original-location")
        assert _came_to(method, target=RestoreTarget.ORIGINAL_LOCATION) == expected


def _leads_to_mapped_places(
    method: RestoreMethod, target: RestoreTarget = RestoreTarget.ORIGINAL, readings: Mapping[str, str] = NO_READINGS
) -> bool:
    """Whether some answers to the questions on the way lead there: each is answered with yes, and then with no."""
    waiting: list[list[bool]] = [[]]
    while waiting:
        answers = waiting.pop()
        asked = count()

        def ask(question: Question, answers: list[bool] = answers, asked: Iterator[int] = asked) -> bool:
            place = next(asked)
            if place == len(answers):
                waiting.append([*answers, False])
                answers.append(True)
            return answers[place]

        outcome = decided(METHODS[method].whole, ask, target, readings).outcome
        if outcome is not None and outcome.branch is Branch.ALTERNATE:
            return True
    return False


def test_mappings_are_for_some_methods_only() -> None:
    """Rule alm-subset-of-methods; target ALTERNATE allows them always."""
    original = {method for method in RestoreMethod if _leads_to_mapped_places(method)}
    assert original == {
        RestoreMethod.RESTORE_IF_NOT_THERE,
        RestoreMethod.RESTORE_IF_CAN_REPLACE,
        RestoreMethod.STOP_RESTORE_START,
        RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION,
    }
    assert _leads_to_mapped_places(RestoreMethod.RESTORE_STOP_START, RestoreTarget.ALTERNATE)
    assert _leads_to_mapped_places(
        RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, readings={"mapping-before-reboot": "text"}
    )


def test_a_service_is_stopped_within_pre_and_post_restore_or_after() -> None:
    """Rules srs-start-before-postrestore and rss-order, and the other reading of C04."""
    stop = course(RestoreMethod.STOP_RESTORE_START).acts
    assert stop == (Act.PRE_RESTORE, Act.STOP, Act.RESTORE, Act.START, Act.POST_RESTORE)
    late = course(RestoreMethod.RESTORE_STOP_START).acts
    assert late == (Act.PRE_RESTORE, Act.RESTORE, Act.POST_RESTORE, Act.STOP, Act.START)
    assert course(RestoreMethod.RESTORE_STOP_START, {"order-of-restore-stop-start": "before the files"}).acts == stop


def test_by_the_other_pages_the_writer_is_blamed() -> None:
    """C03: both labels are errors."""
    tree = METHODS[RestoreMethod.RESTORE_IF_NOT_THERE].tree
    blocked = {Question.NONE_THERE, Question.MAPPED}
    for reading, blamed in (("requester", Blame.REQUESTER), ("writer", Blame.WRITER)):
        end = decided(
            tree, lambda question: question not in blocked, RestoreTarget.ORIGINAL, {"blame-when-blocked": reading}
        )
        assert end.outcome
        assert end.outcome.blamed is blamed


def test_unknown_readings_are_refused_by_name() -> None:
    """With the names that are known."""
    with pytest.raises(ValueError, match=r"no parameter 'unlike'"):
        check_readings({"unlike": "x"})
    with pytest.raises(ValueError, match=r"no reading 'x': known are absent, writable"):
        check_readings({"mapped-place-if-not-there": "x"})


@pytest.mark.parametrize(("method", "target"), list(product(RestoreMethod, RestoreTarget)))
def test_every_answer_leads_somewhere(method: RestoreMethod, target: RestoreTarget) -> None:
    """Whatever a disk is like, by whatever reading, the tree has an end for it, and asks nothing twice."""
    pending: list[tuple[bool, ...]] = [()]
    while pending:
        given = pending.pop()
        asked: list[Question] = []

        def ask(question: Question, given: tuple[bool, ...] = given, asked: list[Question] = asked) -> bool:
            asked.append(question)
            return given[len(asked) - 1] if len(asked) <= len(given) else True

        end = decided(METHODS[method].whole, ask, target)
        assert end.outcome or end.waiting
        assert len(asked) == len(set(asked))
        pending += [(*given, *([True] * (index - len(given))), False) for index in range(len(given), len(asked))]


@pytest.mark.parametrize("method", RestoreMethod)
def test_explaining_a_method_shows_its_tree(method: RestoreMethod) -> None:
    """Every end of the stance's tree, in words."""
    told = " ".join(explain(method.value).split())
    for end in outcomes(METHODS[method].tree):
        if f"[{end.rules[0]}]" in told:
            assert end.says in told
    assert "its tree rests on" in told


def test_every_method_has_a_drawn_tree_on_the_page() -> None:
    """As a Mermaid flow chart."""
    page = (ROOT / "docs" / "restore-methods.md").read_text(encoding="utf-8")
    for method in RestoreMethod:
        section = page.partition(f"\n### {method.value}\n")[2].partition("\n### ")[0]
        assert "```mermaid\nflowchart TD" in section
