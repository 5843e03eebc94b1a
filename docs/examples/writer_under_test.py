"""A test of a writer: what it hears in a backup, what it is answered in its handlers, what becomes of its veto.

Run it: python docs/examples/writer_under_test.py
"""

from pathlib import Path
from typing import Any

import msgspec

from vss_sim import (
    BackupType,
    ComponentType,
    HResult,
    Simulation,
    SnapshotContext,
    SourceType,
    UsageType,
    VssError,
    WriterId,
    WriterProgram,
    create_backup_components,
    read_world,
)

LEDGER = WriterId("{33333333-0000-4000-8000-000000000001}")
PAGE = Path(__file__).parent.parent / "writers.md"


def world() -> dict[str, Any]:
    """The world file of the page."""
    first = PAGE.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    described: dict[str, Any] = msgspec.json.decode(first)
    return described


def started(described: dict[str, Any]) -> Simulation:
    """The world, with the program of the writer running."""
    simulation = Simulation(read_world(described))
    program = WriterProgram(simulation, process="ledger.exe")
    program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER)
    program.subscribe()
    return simulation


def back_up(simulation: Simulation) -> tuple[str, str, HResult]:
    """A backup of the component: the writer's state and failure after the creation, and what that came to."""
    with create_backup_components(simulation) as requester:
        requester.initialize_for_backup()
        requester.set_context(SnapshotContext.BACKUP)
        requester.set_backup_state(True, False, BackupType.FULL)
        requester.gather_writer_metadata().finish()
        found = requester.get_writer_metadata(0)
        requester.add_component(found.instance_id, LEDGER, ComponentType.FILEGROUP, None, "books")
        requester.start_snapshot_set()
        requester.add_to_snapshot_set("C:\\")
        requester.prepare_for_backup().finish()
        creation = requester.do_snapshot_set()
        try:
            creation.finish()
            result = HResult.VSS_S_ASYNC_FINISHED
        except VssError as failed:
            result = failed.hresult
        requester.gather_writer_status().finish()
        status = requester.get_writer_status(0)
        if result is HResult.VSS_S_ASYNC_FINISHED:
            requester.set_backup_succeeded(found.instance_id, LEDGER, ComponentType.FILEGROUP, None, "books", True)
            requester.backup_complete().finish()
        return status.state.value, status.failure.name, result


def main() -> None:
    """Print what the writer of the page gets and is answered; then let it veto once."""
    simulation = started(world())
    back_up(simulation)
    heard = False
    for line in simulation.lines():
        if "event" in line:
            heard = True
            print(line["event"])
        elif heard and line["call"].startswith(("CVssWriter", "IVssComponent")):
            print("   ", line["call"], line.get("returns", line.get("out", {}).get("value")))

    described = world()
    veto = {"on": "Freeze", "fails": "VSS_E_WRITERERROR_RETRYABLE", "times": 1}
    described["machines"][0]["writers"][0]["replies"].insert(0, veto)
    simulation = started(described)
    state, failure, _ = back_up(simulation)
    events = [line["event"] for line in simulation.lines() if "event" in line]
    after = events[events.index("Freeze") + 1]
    _, _, again = back_up(simulation)
    print(f"a veto at Freeze: {state}, {failure}; then {after}; the second attempt: {again.name}")


if __name__ == "__main__":
    main()
