"""A run as JUnit XML: a test suite an area, a test case a case.

No attribute stands where the schema of Jenkins' xUnit plugin has none: a strict reader refuses the whole file.
"""

import re
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from ..results import Result, Run, Verdict
from .words import argument, known_as, place

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BAD: Final = (Verdict.FAILED, Verdict.UNEXPECTED)


def junit_report(run: Run) -> str:
    """The whole run."""
    suites = []
    for area, found in groupby(run.results, key=lambda result: result.case.area):
        suites.append(_suite(area, list(found)))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    named = f"<testsuites name={_attribute(run.implementation)} {' '.join(_counts(run.results))}>"
    return f"{head}{named}\n{''.join(suites)}</testsuites>\n"


def _counts(results: tuple[Result, ...] | list[Result]) -> tuple[str, str]:
    """What all suites together have, too."""
    bad = sum(result.verdict in _BAD for result in results)
    lost = sum(result.verdict is Verdict.NOT_RUN for result in results)
    seconds = sum(result.seconds for result in results)
    return f'tests="{len(results)}" failures="{bad}" errors="{lost}"', f'time="{seconds:.3f}"'


def _suite(area: str, results: list[Result]) -> str:
    counts, seconds = _counts(results)
    skipped = sum(result.verdict not in (*_BAD, Verdict.NOT_RUN, Verdict.PASSED) for result in results)
    begun = f'<testsuite name={_attribute(area)} {counts} skipped="{skipped}" {seconds}>'
    return f"{begun}\n{''.join(map(_case, results))}</testsuite>\n"


def _case(result: Result) -> str:
    name = result.case.id.partition("/")[2] or result.case.id
    head = f'<testcase classname={_attribute(result.case.area)} name={_attribute(name)} time="{result.seconds:.3f}"'
    inside = _inside(result)
    return f"{head}>{inside}</testcase>\n" if inside else f"{head}/>\n"


def _inside(result: Result) -> str:
    fault = result.fault
    if result.verdict is Verdict.FAILED and fault is not None:
        body = "\n".join([f"{place(fault)}: {fault.says}", *argument(fault), *result.talk])
        return f"<failure message={_attribute(fault.says)}>{_text(body)}</failure>"
    if result.verdict is Verdict.UNEXPECTED:
        return f"<failure message={_attribute(known_as(result))}/>"
    if result.verdict is Verdict.NOT_RUN:
        return f"<error message={_attribute(known_as(result))}/>"
    if result.verdict is Verdict.PASSED:
        return ""
    return f"<skipped message={_attribute(known_as(result))}/>"


def _text(value: str) -> str:
    return escape(_NO_XML.sub("�", value))


def _attribute(value: str) -> str:
    return quoteattr(_NO_XML.sub("�", value))
