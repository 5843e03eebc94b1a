"""Wrong implementations that lose something: what was registered, what a script says, what stood before."""

import re
from collections.abc import Iterator
from typing import Final

from tests.mistakes_of_implementations import (
    After,
    Line,
    Wrong,
    lost_moves,
    registered_all_the_same,
    setting,
    to_writers,
    writers,
)


def losing_implementations() -> Iterator[Wrong]:
    """All of them."""
    yield Wrong("what is to be moved at the restart is lost", registered_all_the_same, lost_moves)
    yield Wrong(
        "writers never crash",
        before=writers(lambda writer: [reply.pop("crashes", None) for reply in writer.get("replies", ())]),
    )
    yield Wrong(
        "what a provider fails with is passed on",
        setting(
            "QueryStatus",
            "pHrResult",
            lambda code: "VSS_E_PROVIDER_IN_USE" if code == "VSS_E_UNEXPECTED_PROVIDER_ERROR" else code,
        ),
    )
    for method, name in (
        ("GetAuthoritativeRestore", "pbAuth"),
        ("GetRestoreName", "pbstrName"),
        ("GetRollForward", "pbstrPoint"),
        ("GetFailure", "pbstrApplicationMessage"),
        ("GetRestoreMetadata", "pbstrRestoreMetadata"),
    ):
        yield Wrong(f"{method} forgets {name}", _forgetting(method, name))
    for what, text in (
        ("the stamp of a backup", ' backupStamp="[^"]*"'),
        ("the stamp before it", ' previousBackupStamp="[^"]*"'),
        ("the options of a component", ' backupOptions="[^"]*"'),
        ("the success of a component", ' backupSucceeded="yes"'),
        ("the service of a restore method", ' service="[^"]*"'),
        ("the restart of a restore method", ' rebootRequired="yes"'),
        ("excluded files", "<EXCLUDE_FILES[^>]*/>"),
        ("mappings", "<ALTERNATE_LOCATION_MAPPING[^>]*/>"),
        ("dependencies", "<DEPENDENCY[^>]*/>"),
    ):
        yield Wrong(f"a document lacks {what}", _saving_without(text))
    yield Wrong("a set that was given up stays in progress", remembers=_stays_in_progress)
    yield Wrong("the properties of a shadow copy are remembered", remembers=_remembered)
    yield Wrong("how a writer failed is told of its next backup, too", remembers=_failed_for_good)


def _forgetting(method: str, name: str) -> After:
    """What a getter tells, a requester or a writer in a handler, is nothing."""

    def forgotten(line: Line) -> Line:
        told = line.get("out") or {}
        nothing = False if isinstance(told.get(name), bool) else None
        return {**line, "out": {**told, name: nothing}} if name in told else line

    of_writers = to_writers(method, forgotten)

    def after(message: Line, reply: Line) -> Line:
        mine = str(message.get("call", "")).endswith(f"::{method}")
        return of_writers(message, forgotten(reply) if mine else reply)

    return after


def _saving_without(text: str) -> After:
    """What SaveAsXML gives lacks a part of the document."""
    pattern = re.compile(text)
    return setting("SaveAsXML", "pbstrXML", lambda document: pattern.sub("", document))


def _stays_in_progress() -> After:
    """After AbortBackup the creation is taken to be under way for ever."""
    aborted: list[object] = []

    def after(message: Line, reply: Line) -> Line:
        call = str(message.get("call", ""))
        if call.endswith("::AbortBackup"):
            aborted.append(message["on"])
        if aborted and call.endswith("::StartSnapshotSet"):
            return {**reply, "returns": "VSS_E_SNAPSHOT_SET_IN_PROGRESS", "out": {}}
        return reply

    return after


def _remembered() -> After:
    """What was told of a shadow copy once is told again, whatever has become of it."""
    known: dict[str, Line] = {}

    def after(message: Line, reply: Line) -> Line:
        if not str(message.get("call", "")).endswith("::GetSnapshotProperties"):
            return reply
        name = str(message["in"].get("SnapshotId"))
        if reply.get("returns") == "S_OK":
            known[name] = reply
        return {**known.get(name, reply), "id": message["id"]}

    return after


def _failed_for_good() -> After:
    """The status of a writer that failed once tells of that for ever."""
    failed: dict[str, Line] = {}

    def after(message: Line, reply: Line) -> Line:
        told = reply.get("out") or {}
        if not str(message.get("call", "")).endswith("::GetWriterStatus") or "pidWriter" not in told:
            return reply
        writer = str(told["pidWriter"])
        if told.get("phResultFailure") != "S_OK":
            failed[writer] = {key: told[key] for key in ("pnStatus", "phResultFailure")}
        return {**reply, "out": {**told, **failed.get(writer, {})}}

    return after


LOST: Final = {
    "what is to be moved at the restart is lost": "rar-order",
    "writers never crash": "wr-status-not-responding",
    "what a provider fails with is passed on": "sn-prov-codes",
    "GetAuthoritativeRestore forgets pbAuth": "ext-told-as-set",
    "GetRestoreName forgets pbstrName": "ext-told-as-set",
    "GetRollForward forgets pbstrPoint": "ext-told-as-set",
    "GetFailure forgets pbstrApplicationMessage": "failure-told-as-set",
    "a document lacks the stamp of a backup": "doc-bcd-roundtrip",
    "a document lacks the stamp before it": "doc-bcd-roundtrip",
    "a document lacks the options of a component": "doc-bcd-roundtrip",
    "a document lacks the success of a component": "doc-bcd-roundtrip",
    "a document lacks the service of a restore method": "doc-wmd-roundtrip",
    "a document lacks the restart of a restore method": "doc-wmd-roundtrip",
    "a document lacks excluded files": "doc-wmd-roundtrip",
    "a document lacks mappings": "doc-wmd-roundtrip",
    "a document lacks dependencies": "doc-wmd-roundtrip",
    "a set that was given up stays in progress": "seq-one-creation-at-a-time",
    "the properties of a shadow copy are remembered": "sn-deleted-gone",
    "how a writer failed is told of its next backup, too": "wr-status-shown",
    "GetRestoreMetadata forgets pbstrRestoreMetadata": "doc-bcd-state",
}
"""What is lost → a rule that is broken by that."""
