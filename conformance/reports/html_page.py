"""A run as one HTML page that needs nothing else: the matrix of rules and cases, and each failure."""

from html import escape
from typing import Final

from ..results import Result, RuleVerdict, Run, Verdict, rule_verdicts
from ..tables import rules
from .words import argument, known_as, place, printable, reasons

_CLASS: Final = {
    Verdict.PASSED: "ok",
    Verdict.FAILED: "bad",
    Verdict.SKIPPED: "none",
    Verdict.KNOWN: "known",
    Verdict.UNEXPECTED: "bad",
    Verdict.NOT_RUN: "none",
}
_STYLE: Final = """\
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
td,th{padding:.2rem .5rem;border-top:1px solid #ddd;text-align:left;vertical-align:top}
a.cell{display:inline-block;width:.8rem;height:.8rem;margin:.1rem;border-radius:2px}
.ok{background:#2a8f4c}.bad{background:#c62f2f}.none{background:#bbb}.known{background:#d9962b}
tr.broken td:nth-child(2){color:#c62f2f;font-weight:600}
pre{background:#f5f5f5;padding:.6rem;overflow:auto;font-size:.85em}
section{border-top:1px solid #ddd;padding-top:.5rem}.says{color:#555;font-size:.9em}ul.told{font-size:.9em}
"""


def shown(text: str) -> str:
    """A text of an implementation, or of a case: what would turn it round, or end a tag, is visible."""
    return escape(printable(text))


def html_report(run: Run) -> str:
    """The whole run."""
    verdicts = rule_verdicts(run.results)
    counts = ", ".join(f"{run.count(verdict)} {verdict.value}" for verdict in Verdict if run.count(verdict))
    name = shown(run.implementation or " ".join(run.command))
    stopped = f"<p><strong>Stopped: {shown(run.stopped)}</strong></p>" if run.stopped else ""
    failures = "".join(_failure(result) for result in run.results if result.fault or _CLASS[result.verdict] == "bad")
    rows = "".join(map(_row, verdicts))
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Conformance of {name}</title>'
    return (
        f"{head}<style>{_STYLE}</style><h1>Conformance of {name}</h1><p>{counts}; {run.calls} calls in "
        f"{run.seconds:.1f} s.</p>{stopped}<h2>Failures</h2>{failures or '<p>None.</p>'}"
        f"<h2>Rules and their cases</h2><p>One square a case: {_legend()}</p>"
        f"<table><tr><th>rule</th><th>verdict</th><th>cases</th></tr>{rows}</table>{_skipped(run)}{_ways(run)}</html>\n"
    )


def _legend() -> str:
    named = (("ok", "passed"), ("bad", "failed"), ("known", "known failure"), ("none", "not judged"))
    return ", ".join(f'<a class="cell {kind}"></a> {word}' for kind, word in named)


def _row(verdict: RuleVerdict) -> str:
    rule = rules().get(verdict.rule)
    said = f'<div class="says">{shown(rule.says)} ({rule.force}, {rule.standing})</div>' if rule else ""
    cells = "".join(map(_cell, verdict.results))
    kind = "broken" if verdict.verdict == "broken" else "fine"
    named = f'<code id="{shown(verdict.rule)}">{shown(verdict.rule)}</code>'
    return f'<tr class="{kind}"><td>{named}{said}</td><td>{verdict.verdict}</td><td>{cells}</td></tr>\n'


def _cell(result: Result) -> str:
    title = shown(f"{result.case.id}: {known_as(result)}")
    link = f' href="#{shown(result.case.id)}"' if result.fault is not None else ""
    return f'<a class="cell {_CLASS[result.verdict]}" title="{title}"{link}></a>'


def _failure(result: Result) -> str:
    fault = result.fault
    head = f'<section id="{shown(result.case.id)}"><h3>{shown(result.case.id)}: {shown(known_as(result))}</h3>'
    about = f"<p>{shown(result.case.about)}</p>"
    if fault is None:
        return f"{head}{about}</section>\n"
    because = "".join(f"<li>{_linked(line)}</li>" for line in argument(fault))
    talk = "\n".join(map(shown, result.talk))
    says = f"<p><strong>{shown(place(fault))}</strong>: {shown(fault.says)}</p>"
    conversation = f"<details><summary>conversation</summary><pre>{talk}</pre></details>"
    return f"{head}{about}{says}<ul>{because}</ul>{conversation}</section>\n"


def _linked(line: str) -> str:
    text = shown(line)
    return f'<a href="{text}">{text}</a>' if line.startswith("https://") else text


def _skipped(run: Run) -> str:
    found = "".join(f"<tr><td>{count}</td><td>{shown(reason)}</td></tr>" for reason, count in reasons(run))
    return f"<h2>Skipped, and why</h2><table><tr><th>cases</th><th>reason</th></tr>{found}</table>" if found else ""


def _ways(run: Run) -> str:
    told = [(result, point) for result in run.results for point in result.told]
    if not told:
        return ""
    items = "".join(
        f"<li><code>{shown(result.case.id)}</code> line {point.line}, {shown(point.call)}: {shown(point.says)}"
        f" <span class=says>{shown(', '.join(point.rules))}</span></li>"
        for result, point in told
    )
    return f'<h2>Which way it went where no rule settles it</h2><ul class="told">{items}</ul>'
