"""A run: every case is put to the implementation, several at a time, each worker with a process of its own.

Whatever becomes of the implementation, each case has a result: an exchange that breaks costs the one case, and the
process is started anew. Results come in any order and are told in the order of the cases.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from .case import Case
from .dialogue import put
from .implementation import Implementation, NoProgramError
from .results import Result, Run, Verdict, unrun, with_known

INTERRUPTED: Final = "interrupted"
"""Why a run stopped that somebody stopped."""
_HOPELESS: Final = 4
"""After so many cases without any reply, the program is taken for one that does not speak the wire."""


@dataclass(frozen=True)
class Setting:
    """How a run is made.

    `jobs` at a time, `limit` seconds a case, `fresh`: a process of its own for every case; `known`: case, reason.
    """

    jobs: int = 2
    limit: float = 10.0
    fresh: bool = False
    known: tuple[tuple[str, str], ...] = ()


Heard = Callable[[Result], None]


class _Work:
    """What the workers share."""

    def __init__(self, cases: Iterable[Case], heard: Heard | None) -> None:
        self.waiting: queue.SimpleQueue[Case] = queue.SimpleQueue()
        for case in cases:
            self.waiting.put(case)
        self.results: dict[str, Result] = {}
        self.lock = threading.Lock()
        self.heard = heard
        self.stopped = ""
        self.name = ""
        self.running: list[Implementation] = []
        self.silent = 0
        self.spoke = False

    def done(self, result: Result, implementation: Implementation) -> None:
        """Keep a result at once, so that nothing that comes later can lose it."""
        with self.lock:
            if self.stopped == INTERRUPTED:
                return
            self.results[result.case.id] = result
            self.name = self.name or implementation.name
            self.spoke = self.spoke or implementation.answered
            self.silent += not self.spoke
            if self.silent >= _HOPELESS and not self.spoke:
                self.stopped = f"it answered nothing in {self.silent} cases: it does not speak the wire"
            if self.heard is not None:
                self.heard(result)


def run(command: tuple[str, ...], cases: list[Case], setting: Setting, heard: Heard | None = None) -> Run:
    """Put the cases to the program; Ctrl-C ends the run with what was reached.

    Raises:
        NoProgramError: the program cannot be started.
    """
    begun = time.monotonic()
    known = dict(setting.known)
    work = _Work(cases, None if heard is None else lambda result: heard(with_known(result, known)))
    failed: list[NoProgramError] = []
    workers = [
        threading.Thread(target=_work, args=(work, command, setting, failed), daemon=True)
        for _ in range(max(1, min(setting.jobs, len(cases))))
    ]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        work.stopped = INTERRUPTED
        for implementation in work.running:
            implementation.kill()
        for worker in workers:
            worker.join()
    if failed and not work.results:
        raise failed[0]
    why = work.stopped or (str(failed[0]) if failed else "")
    with work.lock:
        reached = dict(work.results)
    results = [with_known(reached[case.id], known) if case.id in reached else unrun(case, why) for case in cases]
    return Run(command, work.name, tuple(results), time.monotonic() - begun, why)


def _work(work: _Work, command: tuple[str, ...], setting: Setting, failed: list[NoProgramError]) -> None:
    with Implementation(command, setting.limit) as implementation:
        work.running.append(implementation)
        while not work.stopped:
            try:
                case = work.waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work.done(_one(case, implementation, setting), implementation)
            except NoProgramError as error:
                failed.append(error)
                return


def _one(case: Case, implementation: Implementation, setting: Setting) -> Result:
    begun = time.monotonic()
    implementation.begin()
    try:
        result = put(case, implementation.say)
    finally:
        implementation.end(fresh=setting.fresh)
    if result.verdict is Verdict.PASSED or result.verdict is Verdict.SKIPPED:
        result = replace(result, talk=())
    return replace(result, seconds=time.monotonic() - begun)
