"""Backups that are tried again after a writer failed: when, how often, and with what changed.

The pages advise to wait ten minutes and to try up to three times where the failure may pass, to add volumes where some
were missing, and to give up where it would come again. Programs do otherwise every night, so all of it is only worth
knowing. Times are those of the lines (`at`).
"""

from typing import Final, NamedTuple

from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.recorded import writer_failure
from vss_sim.spec.retries import ADD_VOLUMES, GIVE_UP, MOST_TRIES, TRY_AGAIN, WAIT
from vss_sim.trace.values import parse_guid

_PROCESSES: Final = 64
"""So many processes are remembered."""


class Attempt(NamedTuple):
    """A backup in which a writer failed: the object, what failed, the volumes of its set, which try it was."""

    obj: int
    failures: dict[str, tuple[str, float | None, Mark]]
    volumes: frozenset[str]
    tries: int


def writer_failed(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GetWriterStatus shows a failure."""
    writer = parse_guid(step.results.get("pidWriter"))
    known = writer_failure(step)
    if not certain or writer is None or known is None or known.succeeded:
        return
    attempts, process = history.attempts, (step.line.machine or "", str(step.line.process or ""))
    before = attempts.get(process)
    same = before is not None and before.obj == id(obj)
    tries = before.tries if before is not None and same else (before.tries + 1 if before is not None else 1)
    failures = before.failures if before is not None and same else {}
    failures[writer] = (known.name, step.line.at, step.mark(f"a writer failed with {known.name}"))
    keep(attempts, process, Attempt(id(obj), failures, frozenset(obj.volumes), tries), _PROCESSES)


def judge_retry(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A shadow copy set is created, after an earlier backup of the same program in which a writer failed."""
    attempts, process = history.attempts, (step.line.machine or "", str(step.line.process or ""))
    before = attempts.get(process)
    if before is None or before.obj == id(obj) or not certain:
        return
    again = {key[0] for key in obj.components}
    for writer, (code, at, mark) in before.failures.items():
        if again and writer not in again:
            continue
        if code in TRY_AGAIN:
            _judge_patience(history, step, before, at, mark)
        elif code in GIVE_UP:
            says = f"the backup is tried again with the writer that failed with {code}"
            history.note(step, Level.INFO, "req-nonretryable-stop", says, mark)
        elif code == ADD_VOLUMES and frozenset(obj.volumes) <= before.volumes:
            says = "the writer lacked volumes in the set, and the new one has no more of them"
            history.note(step, Level.INFO, "req-inconsistent-add-volumes", says, mark)
    attempts[process] = before._replace(obj=id(obj), failures={}, volumes=frozenset(obj.volumes))


def _judge_patience(history: History, step: Step, before: Attempt, at: float | None, mark: Mark) -> None:
    now = step.line.at
    if at is not None and now is not None and now - at < WAIT:
        says = f"the backup is tried again after {now - at:g} seconds; the pages advise ten minutes"
        history.note(step, Level.INFO, "req-retryable-retry", says, mark)
    elif before.tries > MOST_TRIES:
        says = f"the backup is tried again after {before.tries} failures; the pages advise three tries"
        history.note(step, Level.INFO, "req-retryable-retry", says, mark)


def succeeded(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A backup came to a good end: what follows is no retry."""
    attempts, process = history.attempts, (step.line.machine or "", str(step.line.process or ""))
    before = attempts.get(process)
    if certain and before is not None and before.obj == id(obj) and not before.failures:
        del attempts[process]
