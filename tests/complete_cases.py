"""`make cases`: write into a case's header what an implementation has to know, where its lines show it.

A case is put to an implementation with nothing but its header: the `world`, and the `documents` of earlier backups.
Authors write the calls, which often show it all: writers, components, what came from outside. Where the simulator
cannot answer a case as it stands and can with what the case shows, that is written into its header, once.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from conformance.case import Case, find_cases, read_case
from conformance.dialogue import BrokenError, put
from conformance.results import Result, Verdict
from tests.support import CASES, lines_of
from vss_sim.documents.backup_components import write_backup_components
from vss_sim.documents.world_file import read_world
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.model.computer import Description, ScriptedAnswer
from vss_sim.model.document import BackupComponentsDocument, PartialFile
from vss_sim.requester.log_world import world_of
from vss_sim.wire.conversation import Conversation

_LOADS = "IVssBackupComponents::"
_REFUSED = "VSS_E_INVALID_XML_DOCUMENT"


class InProcess:
    """The simulator behind its own wire, in this process."""

    def __init__(self) -> None:
        self._conversation = Conversation()

    def say(self, message: dict[str, Any]) -> dict[str, Any]:
        """One message, one reply."""
        reply: dict[str, Any] = json.loads(self._conversation.receive(json.dumps(message).encode()))
        if not isinstance(reply, dict):
            raise BrokenError("no reply")
        return reply


def answered(case: Case) -> Result:
    """What the simulator makes of a case."""
    return put(case, InProcess().say)


def completed(case: Case, path: Path) -> Case:
    """The case with the world and the documents that its lines show."""
    seen = world_of(line for _, line in lines_of(path))
    given = case.header.get("world")
    world = seen.within(read_world(given)) if isinstance(given, dict) else seen.description()
    header = {**case.header, "world": _without_idle_scripts(world)}
    writers = iter(world.machines[0].writers if given else ())
    documents = {
        text: write_writer_metadata(next(writers, seen.writer_metadata()))
        if of_writer
        else write_backup_components(_with_partial_files(case, seen.document()))
        for text, of_writer in _loaded(case)
    }
    if documents:
        header["documents"] = {**documents, **(case.header.get("documents") or {})}
    return Case(case.id, case.about, case.verdict, case.rules, header, case.lines)


def _with_partial_files(case: Case, saved: BackupComponentsDocument) -> BackupComponentsDocument:
    """The document with the partial files that the lines read from it, in its first component."""
    read = [
        line["out"] for _, line in case.lines if line.get("call", "").endswith("::GetPartialFile") and "out" in line
    ]
    partial = tuple(
        PartialFile(path=out["pbstrPath"], filename=out["pbstrFilename"], ranges=out["pbstrRange"]) for out in read
    )
    if not partial or not saved.writers:
        return saved
    writer = saved.writers[0]
    component = msgspec.structs.replace(writer.components[0], partial_files=partial)
    changed = msgspec.structs.replace(writer, components=(component, *writer.components[1:]))
    return msgspec.structs.replace(saved, writers=(changed, *saved.writers[1:]))


def _without_idle_scripts(world: Description) -> dict[str, Any]:
    machines = [
        msgspec.structs.replace(machine, answers=tuple(one for one in machine.answers if _speaks(one)))
        for machine in world.machines
    ]
    described = msgspec.structs.replace(world, machines=tuple(machines))
    found: dict[str, Any] = json.loads(msgspec.json.encode(described))
    return found


def _speaks(answer: ScriptedAnswer) -> bool:
    return bool(answer.returns or answer.result or answer.seconds or answer.polls)


def _loaded(case: Case) -> list[tuple[str, bool]]:
    """The documents that are loaded and not saved before, and whether each is a writer's."""
    saved: set[str] = set()
    found = {}
    for _, line in case.lines:
        out = (line.get("out") or {}).get("pbstrXML")
        if isinstance(out, str):
            saved.add(out)
        text = (line.get("in") or {}).get("bstrXML")
        if isinstance(text, str) and text not in saved and line.get("returns") != _REFUSED:
            found[text] = not line["call"].startswith(_LOADS)
    return list(found.items())


def main() -> None:
    """Complete what has to be completed, and say which cases the simulator answers otherwise all the same."""
    for path in CASES:
        case = read_case(path)
        if case.only_for_checkers or answered(case).verdict is Verdict.PASSED:
            continue
        more = completed(case, path)
        result = answered(more)
        if result.verdict is not Verdict.PASSED:
            print(f"{case.id}: {result.fault or result.reason}")  # noqa: T201 - this is its report
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[0] = json.dumps(more.header, ensure_ascii=False)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    assert find_cases()
    main()
