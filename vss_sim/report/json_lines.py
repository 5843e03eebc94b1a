"""Findings and judged calls as JSON, in the shape that the trace format gives for a checker."""

from typing import Any, Final

import msgspec

from vss_sim.judge.findings import CallReport, Finding
from vss_sim.model.shown import Shown
from vss_sim.spec.rules import rules


def _as_written(value: Any) -> str:
    if isinstance(value, Shown):
        return value.written
    raise TypeError(f"{value!r} has no form in JSON")


_encode: Final = msgspec.json.Encoder(enc_hook=_as_written).encode


def call_json(report: CallReport) -> bytes:
    """One judged call: what was observed, and which answers the table allows there."""
    return _encode(
        {"line": report.line, "call": report.call, "observed": report.observed, "allowed": list(report.allowed)}
    )


def finding_json(finding: Finding) -> bytes:
    """One finding; `because` lists line numbers, `also` further rules that say the same."""
    return _encode(
        {
            "line": finding.line,
            "level": finding.level.value,
            "at": finding.at.value,
            "rule": finding.rule,
            "says": f"{finding.says}. {rules()[finding.rule].statement}",
            "because": [ground.line for ground in finding.because],
            "instead": list(finding.instead),
            "also": list(finding.also),
            **({"mends": finding.mends} if finding.mends else {}),
        }
    )


def value_json(value: Any) -> bytes:
    """Any other value."""
    return _encode(value)
