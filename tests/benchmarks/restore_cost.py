"""What a restore costs, beside the bare operations on the simulated disk: ratios of one run.

The bare operations are those that no program can do without: every file opened without sharing, written, closed. The
restore is that of `vss_sim.engine.restoring` by VSS_RME_RESTORE_IF_CAN_REPLACE: it reads the documents, opens all files
before it writes the first one, makes sure of the room, decides by the table, and makes every call of VSS. Both run on a
bare world, without a record, in the time of the processor; the best of some rounds counts.

Run `python -m tests.benchmarks.restore_cost`; `--write docs/performance.md` puts the figures there.
"""

import gc
from collections.abc import Callable, Iterator
from time import process_time
from typing import Final

from tests.benchmarks.page import parser_for, put
from vss_sim.engine.restoring.backup import back_up
from vss_sim.engine.restoring.media import Saved
from vss_sim.engine.restoring.program import OnAWorld
from vss_sim.engine.restoring.requests import Request, Strategy
from vss_sim.engine.restoring.restore import restore
from vss_sim.model.computer import Description, File, Machine, Volume, Writer
from vss_sim.model.content import bytes_of
from vss_sim.model.metadata import FileSet, RestoreMethodDescription, WriterComponent
from vss_sim.model.world import World, new_world
from vss_sim.spec.enums import RestoreMethod

SIZES: Final = (1_000, 10_000, 100_000)
IN_A_FOLDER: Final = 100
WANTED: Final = 4.0
ROUNDS: Final = 3
_CONTENT: Final = "content of a file, as it was at the time of the backup"


def world_of(count: int) -> World:
    """A machine with so many files of one component, in folders of a hundred."""
    names = (f"C:\\data\\folder{number // IN_A_FOLDER:05d}\\file{number:07d}.txt" for number in range(count))
    writer = Writer(
        name="Writer",
        writer_id="{5affb034-969f-4919-8875-88f830d0ef89}",
        restore_method=RestoreMethodDescription(method=RestoreMethod.RESTORE_IF_CAN_REPLACE),
        components=(WriterComponent(name="Database", files=(FileSet(path="C:\\data", filespec="*", recursive=True),)),),
    )
    volume = Volume(name="C:\\", files={name: File(content=_CONTENT) for name in names})
    return new_world(Description(machines=(Machine(volumes=(volume,), writers=(writer,)),)))


def backed_up(world: World) -> tuple[World, Saved]:
    """The world after its backup, and what was saved."""
    caller = OnAWorld(world)
    saved = back_up(caller)
    return caller.world, saved


def bare(world: World, saved: Saved) -> None:
    """Every file opened without sharing, written and closed."""
    caller = OnAWorld(world)
    for file in saved.files:
        opened = {
            "lpFileName": file.path,
            "dwDesiredAccess": "GENERIC_WRITE",
            "dwShareMode": 0,
            "dwCreationDisposition": "OPEN_ALWAYS",
        }
        handle = caller.call("CreateFile", None, opened).out["hFile"]
        data = bytes_of(file.pieces[0][1]).decode()
        caller.call("WriteFile", None, {"hFile": handle, "offset": 0, "content": data})
        caller.call("CloseHandle", None, {"hObject": handle})


def restored(world: World, saved: Saved, strategy: Strategy = Strategy.EXCLUSIVE) -> None:
    """The restore."""
    assert restore(OnAWorld(world), saved, Request(strategy=strategy)).everything


def best(work: Callable[[], None], rounds: int = ROUNDS) -> float:
    """The best time of some rounds, in seconds of the processor."""
    times = []
    for _ in range(rounds):
        gc.collect()
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def measured(count: int) -> tuple[float, float, float]:
    """For so many files: the microseconds per file of the bare operations, of a restore, of one by copies aside."""
    world, saved = backed_up(world_of(count))
    works = (
        lambda: bare(world, saved),
        lambda: restored(world, saved),
        lambda: restored(world, saved, Strategy.COPY_ASIDE),
    )
    one, two, three = (best(work) / count * 1e6 for work in works)
    return one, two, three


def lines() -> Iterator[str]:
    """The table."""
    yield "| files | bare operations, us a file | restore, us a file | ratio | by copies aside, us a file |"
    yield "|---:|---:|---:|---:|---:|"
    for count in SIZES:
        one, two, three = measured(count)
        yield f"| {count:,} | {one:.1f} | {two:.1f} | {two / one:.1f} | {three:.1f} |"


def main() -> None:
    """Measure, print, and write the figures where that is asked for."""
    put("restores", "\n".join(lines()), parser_for(__doc__ or "").parse_args().write)


if __name__ == "__main__":
    main()
