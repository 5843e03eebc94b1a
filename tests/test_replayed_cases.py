"""The cases put to the simulator as to any implementation: it answers as each case expects."""

from pathlib import Path
from typing import Final

import pytest

from conformance.case import read_case
from conformance.results import Verdict
from tests.complete_cases import answered
from tests.support import CASES

ASKED: Final = [path for path in CASES if not read_case(path).only_for_checkers]
NOT_REACHED: Final = (
    "it did not come to what the case shows to be wrong",
    "the case begins with an object that it does not show being made",
    "the case asks nothing of VSS",
    "no page says what",
)
"""Why a good implementation is not judged by a case: nothing leads a good one to its breach, or nobody knows more."""


@pytest.mark.parametrize("path", ASKED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_simulator_answers_as_the_case_expects(path: Path) -> None:
    """Answer by answer, result by result; where a header lacks what the lines show, `make cases` writes it there."""
    result = answered(read_case(path))
    if result.verdict is Verdict.SKIPPED:
        assert result.reason.startswith(NOT_REACHED)
        return
    assert result.verdict is Verdict.PASSED, f"{result.fault}; `make cases` may help: python -m tests.complete_cases"


def test_hardly_any_case_goes_by_unjudged() -> None:
    """A suite that skips is no suite."""
    skipped = [path for path in ASKED if answered(read_case(path)).verdict is Verdict.SKIPPED]
    assert len(skipped) * 50 < len(ASKED)
    assert len(ASKED) * 4 > len(CASES) * 3
