"""What the tests share: the real traces, and a checker fed with lines that need no file."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import At, CallReport, Finding, Level, Outcome, Tally
from vss_sim.spec.table import Profile
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import read_line

ROOT: Final = Path(__file__).parent.parent
TRACES: Final = sorted((ROOT / "conformance" / "traces").glob("*.jsonl"))
CASES: Final = sorted((ROOT / "conformance" / "cases").rglob("*.jsonl"))

Entry = dict[str, Any]


class Checked(Struct, frozen=True):
    """What a checker said of some lines."""

    tally: Tally
    findings: tuple[Finding, ...]
    calls: tuple[CallReport, ...]

    @property
    def outcome(self) -> Outcome:
        """The verdict."""
        return self.tally.outcome

    def errors(self) -> list[Finding]:
        """The findings that make a trace violate."""
        return [finding for finding in self.findings if finding.level is Level.ERROR]

    def rules_at(self, line: int) -> set[str]:
        """The rules of the findings at a line, but for the note at the end that an object was not released."""
        return {finding.rule for finding in self.findings if finding.line == line} - {"object-release-after-operation"}

    def allowed_at(self, line: int) -> tuple[str, ...]:
        """The answers that the table allows at a line."""
        return next(report.allowed for report in self.calls if report.line == line)


def check(entries: Iterable[Entry], profile: Profile = Profile.WINDOWS, world: object = None) -> Checked:
    """Check lines that follow a header, which may describe a world: the first entry is line 2, as in a file."""
    findings: list[Finding] = []
    calls: list[CallReport] = []
    checker = Checker(findings.append, calls.append, profile)
    checker.know(world)
    for number, entry in enumerate(entries, 2):
        checker.feed(number, read_line(json.dumps(entry).encode(), number))
    return Checked(checker.finish(), tuple(findings), tuple(calls))


def blamed_on_vss(entries: Iterable[Entry], profile: Profile = Profile.WINDOWS) -> list[Finding]:
    """What is held against VSS in these lines, beyond notes: of what the simulator did, nothing."""
    found = check(entries, profile).findings
    return [finding for finding in found if finding.at is At.IMPLEMENTATION and finding.level is not Level.INFO]


def entries_of(path: Path) -> list[Entry]:
    """The lines of a trace after its header."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:] if line]


def lines_of(path: Path) -> list[tuple[int, Line]]:
    """The lines of a trace after its header as they are read, with their numbers."""
    texts = path.read_bytes().splitlines()
    return [(number, read_line(text, number)) for number, text in enumerate(texts[1:], 2) if text.strip()]


def call(name: str, on: str | None = "bc", returns: Any = "S_OK", **arguments: Any) -> Entry:
    """A call line; `out` and `machine`, `process` go to the line itself, everything else to `in`."""
    interface = "" if name in ("CreateVssBackupComponents", "CreateVssExamineWriterMetadata") else _INTERFACE
    entry: Entry = {"call": name if "::" in name else interface + name}
    if on is not None and (interface or "::" in name):
        entry["on"] = on
    for key in ("out", "machine", "process"):
        if key in arguments:
            entry[key] = arguments.pop(key)
    if arguments:
        entry["in"] = arguments
    if returns is not None:
        entry["returns"] = returns
    return entry


def asynchronous(name: str, handle: str = "async", on: str = "bc", result: str = "VSS_S_ASYNC_FINISHED") -> list[Entry]:
    """An asynchronous call that is waited for, and its result."""
    parameter = "pAsync" if name.startswith("Gather") else "ppAsync"
    return [
        call(name, on, out={parameter: handle}),
        call("IVssAsync::Wait", handle),
        call("IVssAsync::QueryStatus", handle, out={"pHrResult": result}),
    ]


def create(on: str = "bc", **more: Any) -> Entry:
    """The making of an object."""
    return call("CreateVssBackupComponents", None, out={"ppBackup": on}, **more)


def backup_until(stage: str, on: str = "bc") -> list[Entry]:
    """A good backup in the default context, up to and including `stage`, which is one of `STAGES`."""
    snapshot_set, snapshot = SET_ID, SNAPSHOT_ID
    steps: dict[str, list[Entry]] = {
        "create": [create(on)],
        "initialize": [call("InitializeForBackup", on, bstrXML=None)],
        "state": [call("SetBackupState", on, bSelectComponents=False, backupType="VSS_BT_COPY")],
        "gather": asynchronous("GatherWriterMetadata", f"{on}-a1", on),
        "start": [call("StartSnapshotSet", on, out={"pSnapshotSetId": snapshot_set})],
        "add": [call("AddToSnapshotSet", on, pwszVolumeName="C:\\", out={"pidSnapshot": snapshot})],
        "prepare": asynchronous("PrepareForBackup", f"{on}-a2", on),
        "do": asynchronous("DoSnapshotSet", f"{on}-a3", on),
        "complete": asynchronous("BackupComplete", f"{on}-a4", on),
        "release": [call("IUnknown::Release", on, None)],
    }
    return list(_until(steps, stage))


def restore_until(stage: str, on: str = "bc") -> list[Entry]:
    """A good restore, up to and including `stage`: create, initialize, gather, pre, post, release."""
    steps: dict[str, list[Entry]] = {
        "create": [create(on)],
        "initialize": [call("InitializeForRestore", on, bstrXML="saved.xml")],
        "gather": asynchronous("GatherWriterMetadata", f"{on}-a1", on),
        "pre": asynchronous("PreRestore", f"{on}-a2", on),
        "post": asynchronous("PostRestore", f"{on}-a3", on),
        "release": [call("IUnknown::Release", on, None)],
    }
    return list(_until(steps, stage))


def asking_for_status(entries: list[Entry], on: str = "bc") -> Iterator[Entry]:
    """The lines, with the status of the writers gathered and freed after each event, as the pages advise."""
    events = ("PrepareForBackup", "DoSnapshotSet", "BackupComplete", "PreRestore", "PostRestore")
    handles = {entry["out"]["ppAsync"] for entry in entries if entry["call"].endswith(events)}
    for entry in entries:
        yield entry
        if entry["call"] == "IVssAsync::QueryStatus" and entry["on"] in handles:
            yield from asynchronous("GatherWriterStatus", f"{entry['on']}-status", on)
            yield call("FreeWriterStatus", on)


def _until(steps: dict[str, list[Entry]], stage: str) -> Iterator[Entry]:
    for name, lines in steps.items():
        yield from lines
        if name == stage:
            return
    raise ValueError(f"there is no stage {stage}")


_INTERFACE: Final = "IVssBackupComponents::"
SET_ID: Final = "{11111111-0000-0000-0000-000000000001}"
SNAPSHOT_ID: Final = "{22222222-0000-0000-0000-000000000001}"
FOREIGN_ID: Final = "{deadbeef-0000-4000-8000-00000000cafe}"
