"""Make recorded logs of requesters again, call by call, and compare what the simulator answers with what was recorded.

    python docs/examples/follow_trace.py conformance/traces

Each log is followed in the world that it shows: the volumes, writers and shadow copies it names, and what came from
outside, such as a provider's failure or an operation that was still pending.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from vss_sim.documents.backup_components import write_backup_components
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.requester.follower import Followed, follow
from vss_sim.requester.log_world import world_of
from vss_sim.requester.simulation import Simulation
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import read_line


def lines_of(path: Path) -> list[tuple[int, Line]]:
    """The lines of a log after its header, with their numbers."""
    texts = path.read_bytes().splitlines()
    return [(number, read_line(text, number)) for number, text in enumerate(texts[1:], 2) if text.strip()]


def logs_in(path: Path) -> list[Path]:
    """A log, or those in a folder."""
    return list(path.rglob("*.jsonl")) if path.is_dir() else [path]


def followed(path: Path) -> Iterator[Followed]:
    """Every call of a log, made again."""
    lines = lines_of(path)
    world = world_of(line for _, line in lines)
    saved = write_backup_components(world.document()), write_writer_metadata(world.writer_metadata())
    return follow(Simulation(world.description()), iter(lines), *saved)


def main(arguments: list[str]) -> int:
    """Follow each log; 1 where an answer differs."""
    differs = False
    logs = sorted(log for name in arguments for log in logs_in(Path(name)))
    if not logs:
        print("there is no log to follow; name files or folders with *.jsonl", file=sys.stderr)
        return 2
    for path in logs:
        calls = list(followed(path))
        different = [call for call in calls if not call.agrees or call.differences]
        print(f"{path.stem}: {len(calls)} calls, {len(different)} answered differently")
        for call in different:
            wanted = " or ".join(call.expected or ()) or call.differences
            print(f"    line {call.number}: {call.call} answers {call.answered}, recorded: {wanted}")
        differs = differs or bool(different)
    return int(differs)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
