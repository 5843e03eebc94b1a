"""Findings in the forms that systems for continuous integration read: JUnit XML, and commands of GitHub Actions.

A log is a test case: it fails with its errors, is skipped where it is inconclusive, and tells the rest as its output.
Of each only parts are made here, so that a report may be longer than the memory.
"""

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from vss_sim.judge.findings import Finding, Level, Outcome, Tally
from vss_sim.report.text import finding_text, tally_text
from vss_sim.trace.reader import TraceError

JUNIT_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="vss-sim check">\n'
JUNIT_END: Final = "</testsuites>\n"

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}
_ESCAPED: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_A_PROPERTY: Final = {**_ESCAPED, ":": "%3A", ",": "%2C"}


def junit_text(source: str, finding: Finding) -> str:
    """A finding as part of the text of an element."""
    return escape(_xml(finding_text(source, finding))) + "\n"


def junit_begin(source: str, trace: str, tally: Tally, error: TraceError | None) -> str:
    """A trace up to the text of its errors, which follows if there are any.

    One that cannot be read to its end is an error, whatever was found in it before.
    """
    failed = error is None and tally.errors > 0
    skipped = error is None and tally.outcome is Outcome.INCONCLUSIVE
    counts = f'tests="1" failures="{int(failed)}" errors="{int(error is not None)}" skipped="{int(skipped)}"'
    told = f'<properties><property name="profile" value="{tally.profile.value}"/></properties>'
    named = f"<testsuite name={_attribute(trace)} {counts} file={_attribute(source)}>\n{told}\n"
    said = _attribute(tally_text(source, tally))
    begun = f"{named}<testcase classname={_attribute(trace)} name={_attribute(source)}>\n"
    if error is not None:
        return f"{begun}<error message={_attribute(f'{source}:{error.line}: {error.says}')}>"
    if skipped:
        begun += f"<skipped message={said}/>\n"
    return f"{begun}<failure message={said}>" if failed else begun


def junit_other(tally: Tally, error: TraceError | None) -> str:
    """What stands between the text of the errors and that of the other findings."""
    ended = "error" if error is not None else "failure" if tally.errors else None
    return f"</{ended}>\n<system-out>" if ended is not None else "<system-out>"


JUNIT_TRACE_END: Final = "</system-out>\n</testcase>\n</testsuite>\n"


def junit_unusable(source: str, says: str) -> str:
    """An input that is no trace at all."""
    counts = 'tests="1" failures="0" errors="1" skipped="0"'
    name = _attribute(source)
    inside = f"<testcase classname={name} name={name}><error message={_attribute(says)}/></testcase>"
    return f"<testsuite name={name} {counts}>\n{inside}\n</testsuite>\n"


def github_command(source: str, finding: Finding) -> str:
    """A finding as an annotation of its line."""
    _, _, argument = finding_text(source, finding).partition("\n")
    blamed = f"[{finding.at.value}] " if finding.at.value != "requester" else ""
    message = f"{blamed}{finding.says}\n{argument}"
    return _command(_COMMANDS[finding.level], source, finding.line, finding.rule, message)


def github_unusable(source: str, line: int | None, says: str) -> str:
    """An input that cannot be used, from a line on or at all, as an annotation."""
    return _command("error", source, line, "cannot be used", says)


def _command(command: str, source: str, line: int | None, title: str, message: str) -> str:
    properties = {"file": source, **({"line": str(line)} if line is not None else {}), "title": title}
    told = ",".join(f"{name}={_percent(value, _IN_A_PROPERTY)}" for name, value in properties.items())
    return f"::{command} {told}::{_percent(message, _ESCAPED)}"


def _percent(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))
