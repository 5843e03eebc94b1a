"""How fast a long log is checked, against `msgspec` alone decoding the same lines into typed structs, in one run.

Two logs of 1,000,000 lines are made of the real traces in `conformance/traces`, every session with handles and ids of
its own:

* *recorded*: the loops of the requesters run as on a server. The traces keep one turn of each loop; here every writer's
  files are read and operations are polled as often as such a machine makes them do.
* *folded*: the traces as they stand, one turn a loop, one session after the other. Every third line makes, names or
  ends an object: the worst case.

    python -m tests.benchmarks.check_rate [--lines N] [--write docs/performance.md]
"""

import argparse
import contextlib
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

import msgspec

import vss_sim
from tests.benchmarks.page import parser_for, put
from vss_sim.cli import main
from vss_sim.trace.lines import Line

ROOT: Final = Path(__file__).parent.parent.parent
TRACES: Final = sorted((ROOT / "conformance" / "traces").glob("*.jsonl"))
ROUNDS: Final = 5
FILES: Final = 400
"""File sets that a component loop reads. A Windows Server's System Writer alone has some 19,000."""
POLLS: Final = 40
"""Times that a running operation is asked for, where a requester polls."""
_ENVIRONMENT: Final = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""An installed package is compiled once, and not at every start."""

_HANDLE: Final = re.compile(r"(bc\w*|async\d+|meta|enum|writercomponents|component|wmcomponent|filedesc)")
_READS: Final = ("IVssWMComponent::", "IVssWMFiledesc::")


def sessions(*, recorded: bool) -> Iterator[str]:
    """The lines of one session after the other, without end; no two sessions share a handle or an id."""
    traces = [[json.loads(line) for line in path.read_text().splitlines()[1:]] for path in TRACES]
    for session in count():
        for entry in _unfolded(traces[session % len(traces)]) if recorded else traces[session % len(traces)]:
            yield json.dumps(_renamed(entry, session))


def _unfolded(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The loops over files and polls, with as many turns as a server makes them take."""
    loop: list[dict[str, Any]] = []
    for entry in entries:
        if str(entry.get("call", "")).startswith(_READS):
            loop.append(entry)
            continue
        for turn in range(FILES if loop else 0):
            yield from (_turned(read, turn) for read in loop)
        loop = []
        pending = (entry.get("out") or {}).get("pHrResult") == "VSS_S_ASYNC_PENDING"
        for _ in range(POLLS if pending else 1):
            yield entry


def _turned(entry: dict[str, Any], turn: int) -> dict[str, Any]:
    """One turn of a loop over files: the same call with its index."""
    if "in" not in entry:
        return entry
    return {**entry, "in": {key: turn if isinstance(value, int) else value for key, value in entry["in"].items()}}


def _renamed(entry: dict[str, Any], session: int) -> dict[str, Any]:
    renamed = dict(entry)
    if "on" in entry:
        renamed["on"] = f"{entry['on']}.{session}"
    for side in ("in", "out"):
        if side in entry:
            renamed[side] = {key: _value(value, session) for key, value in entry[side].items()}
    return renamed


def _value(value: Any, session: int) -> Any:
    if isinstance(value, str) and _HANDLE.fullmatch(value):
        return f"{value}.{session}"
    if isinstance(value, str) and value.startswith("{") and len(value) == 38:
        return value[:-9] + f"{session:08x}" + "}"
    return value


def write_log(path: Path, lines: int, *, recorded: bool) -> None:
    """A log of so many lines."""
    with path.open("w") as file:
        file.write('{"vss-trace": 1, "id": "long"}\n')
        file.writelines(f"{line}\n" for line in islice(sessions(recorded=recorded), lines - 1))


def decode_alone(path: Path) -> float:
    """Seconds that `msgspec` alone takes for the lines, decoded into typed structs."""
    decode = msgspec.json.Decoder(Line).decode
    begin = time.perf_counter()
    with path.open("rb") as file:
        next(file)
        for text in file:
            decode(text)
    return time.perf_counter() - begin


def check(path: Path) -> float:
    """Seconds that the command takes, as a user would give it."""
    begin = time.perf_counter()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        main(["check", "--quiet", str(path)])
    return time.perf_counter() - begin


def one_round(path: Path) -> tuple[float, float, int]:
    """Both, in a process of their own: seconds alone, seconds checked, peak memory in KiB of a process that checks."""
    command = [sys.executable, "-m", "tests.benchmarks.check_rate", "--round", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_ENVIRONMENT)
    alone, checked, memory = done.stdout.split()
    return float(alone), float(checked), int(memory)


def start_times() -> list[float]:
    """Seconds of `python -c pass`, of `vss-sim --version` and of `vss-sim check` of a short log, medians of many."""
    program = [sys.executable, "-m", "vss_sim"]
    commands = ([sys.executable, "-c", "pass"], [*program, "--version"], [*program, "check", str(TRACES[0])])
    times: tuple[list[float], ...] = ([], [], [])
    for _ in range(15):
        for taken, words in zip(times, commands, strict=True):
            begin = time.perf_counter()
            subprocess.run(words, check=False, capture_output=True, env=_ENVIRONMENT)
            taken.append(time.perf_counter() - begin)
    return [statistics.median(taken) for taken in times]


def rates(lines: int) -> Iterator[str]:
    """How fast both logs are checked."""
    yield f"vss-sim {vss_sim.__version__}, Python {platform.python_version()}, msgspec {msgspec.__version__}."
    yield ""
    yield "| log | lines | size | msgspec alone | vss-sim check | rate | peak memory | peak memory, twice the log |"
    yield "|---|---|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        for name, recorded in (("recorded", True), ("folded", False)):
            path, twice = Path(folder, f"{name}.jsonl"), Path(folder, f"{name}-twice.jsonl")
            write_log(path, lines, recorded=recorded)
            write_log(twice, lines * 2, recorded=recorded)
            rounds = [one_round(path) for _ in range(ROUNDS)]
            alone, whole = (min(times) for times in list(zip(*rounds, strict=True))[:2])
            memory, double = rounds[0][2], one_round(twice)[2]
            yield (
                f"| {name} | {lines:,} | {path.stat().st_size / 1e6:.0f} MB | {alone:.2f} s | {whole:.2f} s "
                f"| **{alone / whole:.0%}** | {memory / 1024:.0f} MiB | {double / 1024:.0f} MiB |"
            )


def starts() -> Iterator[str]:
    """How long it takes to start."""
    nothing, version, short = start_times()
    more = min(check(TRACES[0].parent) for _ in range(ROUNDS)) / len(TRACES)
    yield "| | |"
    yield "|---|---|"
    yield f"| `python -c pass` | {nothing * 1000:.0f} ms |"
    yield f"| `vss-sim --version` | {version * 1000:.0f} ms ({version / nothing:.1f} times) |"
    yield f"| `vss-sim check` of a log of {len(TRACES[0].read_text().splitlines())} lines | {short * 1000:.0f} ms |"
    yield f"| each more of {len(TRACES)} such logs in one command | {more * 1000:.1f} ms |"


def run() -> None:
    """Measure, and print or write the figures."""
    parser = parser_for(__doc__ or "")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--round", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.round:
        check(TRACES[0])  # what is imported on first use is no part of the rate
        checked = check(options.round)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sys.stdout.write(f"{decode_alone(options.round)} {checked} {memory}\n")
        return
    put("checking", "\n".join(rates(options.lines)), options.write)
    put("starting", "\n".join(starts()), options.write)


if __name__ == "__main__":
    run()
