"""The writers of a case that nobody is asked made again, in the world that its lines show.

`conformance/handlers.py` makes what a case shows writers calling the script of its world; for a case that is put to
nobody, its documents and the ids of its writers are what the lines show of them.
"""

from pathlib import Path
from typing import Any

from conformance.case import Case, read_case
from conformance.dialogue import put
from conformance.ids import guid_of
from conformance.results import Result
from tests.complete_cases import InProcess, completed


def played(path: Path) -> Result:
    """A case played: what the requester and the programs got, and what was answered to writers in their handlers."""
    case = read_case(path)
    if case.only_for_checkers:
        case = _as_shown(case, completed(case, path))
    return put(case, InProcess().say)


def _as_shown(case: Case, complete: Case) -> Case:
    """The case with the documents and the ids of writers that its lines show."""
    world, shown = case.world, complete.world
    machines = [_with_ids(*pair) for pair in zip(world["machines"], shown["machines"], strict=True)]
    documents = {**(complete.header.get("documents") or {}), **(case.header.get("documents") or {})}
    header = {**case.header, "world": {**world, "machines": machines}, "documents": documents}
    return Case(case.id, case.about, case.verdict, case.rules, header, case.lines)


def _with_ids(machine: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    ids = {guid_of(writer["writerId"]): writer.get("instanceId") for writer in shown.get("writers", ())}
    writers = [
        {**writer, "instanceId": writer.get("instanceId") or ids.get(guid_of(writer["writerId"]))}
        for writer in machine.get("writers", ())
    ]
    return {**machine, "writers": writers}
