"""What all reports say of a result in the same words."""

import re
from collections import Counter
from typing import Final

from ..results import Fault, Result, Run, Verdict
from ..tables import rules

_NO_PRINT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that move a cursor, turn text round, or are none."""

_ASKED: Final = "no rule is broken by that; it was asked about"
_BESIDE: Final = "no rule is broken by that; the case is about: "


def printable(text: str) -> str:
    """A text of an implementation as one line that does nothing to a terminal."""
    return _NO_PRINT.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def reasons(run: Run) -> list[tuple[str, int]]:
    """Why cases were skipped, and how many, the most first."""
    return Counter(result.reason for result in run.results if result.verdict is Verdict.SKIPPED).most_common()


def argument(fault: Fault) -> list[str]:
    """Why a fault is one: each rule with its force, standing, sentence and pages.

    Where there was no reply to judge, they are those of the question. Of a line that does not show them, their names
    are enough.
    """
    if fault.beside and not fault.unheard:
        return [_BESIDE + ", ".join(fault.rules)] if fault.rules else []
    lines = [_ASKED] if fault.unheard and fault.rules else []
    for name in fault.rules:
        rule = rules().get(name)
        if rule is None:
            continue
        lines.append(f"{name} ({rule.force}, {rule.standing}): {rule.says}")
        lines.extend(rule.pages)
    return lines


def place(fault: Fault) -> str:
    """Where in its case a fault is."""
    return f"line {fault.line}: {fault.call}"


def end_of(talk: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The last lines of a conversation, with a remark where some are left out."""
    if len(talk) <= most:
        return talk
    return (f"... {len(talk) - most} lines before", *talk[-most:])


def known_as(result: Result) -> str:
    """The verdict, with its reason."""
    return result.verdict.value + (f": {result.reason}" if result.reason else "")
