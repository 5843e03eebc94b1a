"""File calls in a transaction: what they do in a restore is done when it is committed, and not at all if it is not.

They wait, each with its line, until the log shows the end of their transaction. Where it shows none before the writers
are told what became of the files, nobody knows what did. What a call was refused shows at once.
Page: https://learn.microsoft.com/windows/win32/fileio/programming-considerations-for-transacted-fileio-
"""

from collections.abc import Callable, Iterable
from typing import Final

from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import path_of
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.disk_view import Transaction
from vss_sim.judge.restoring.put_back import Shared
from vss_sim.judge.restoring.restore_places import places_of
from vss_sim.judge.win32_words import succeeded
from vss_sim.spec.win32 import HANDLES, PATHS, TRANSACTION_ENDS

Judge = Callable[[History, Step, str], bool]

MOST: Final = 16384
"""So many calls wait in a transaction; of a longer one nobody knows what it does."""

_TRANSACTIONS: Final = 64
"""So many are under way on a machine."""

_ANYTHING: Final = Shared.BLOCKS | Shared.CHANGED | Shared.BROKE | Shared.WAITS | Shared.ELSEWHERE


def waits(history: History, step: Step, name: str, judge: Judge) -> bool:
    """Whether a call is one in a transaction, and is judged later; those of one that is committed go to `judge`."""
    known = history.machine(step.line).disk.transactions
    if name in TRANSACTION_ENDS:
        ended = known.pop(_key(step, step.arguments.get("TransactionHandle")), None) if succeeded(step) else None
        if ended is not None and TRANSACTION_ENDS[name] and not ended.too_long:
            for one, call in ended.calls:
                judge(history, one, call)
        elif ended is not None:
            _is_open(history, step, ended)
        return False
    transaction = _transaction_of(history, step)
    if transaction is None:
        return False
    if len(transaction.calls) >= MOST:
        history.undecided += not transaction.too_long
        transaction.too_long = True
        _is_open(history, step, transaction)
        transaction.calls.clear()
    made = step.made("hFile")
    if made is not None and not transaction.too_long:
        transaction.handles.add(made)
    transaction.calls.append((step, name))
    return True


def settle(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The requester tells what became of the files: what transactions do whose end was not seen is open."""
    del certain
    for (process, _), transaction in history.machine(step.line).disk.transactions.items():
        if process == obj.process:
            _is_open(history, step, transaction)


def _key(step: Step, handle: object) -> tuple[str, str]:
    return str(step.line.process or ""), str(handle)


def _transaction_of(history: History, step: Step) -> Transaction | None:
    """The transaction of a call, by its handle or by that of a file that was opened in it; only in a restore."""
    machine, handle = history.machine(step.line), step.arguments.get("hTransaction")
    known = machine.disk.transactions
    if not isinstance(handle, str):
        files = {step.arguments[name] for name in HANDLES if isinstance(step.arguments.get(name), str)}
        own = (one for key, one in known.items() if key[0] == str(step.line.process or ""))
        return next((one for one in own if not one.handles.isdisjoint(files)), None)
    if not machine.restorers or not succeeded(step):
        return None
    if len(known) >= _TRANSACTIONS:
        _is_open(history, step, known.pop(next(iter(known))))
    return known.setdefault(_key(step, handle), Transaction())


def _is_open(history: History, step: Step, transaction: Transaction) -> None:
    """What a transaction did is undone, or may be: of the files that it is about, nobody knows what became of them."""
    own = [obj for obj in history.machine(step.line).restorers if obj.process == str(step.line.process or "")]
    for one, _ in transaction.calls:
        paths = {path_of(one.arguments.get(name)) for name in PATHS}
        for obj in own:
            _leave_open(history, one, obj, paths)


def _leave_open(history: History, step: Step, obj: BackupObject, paths: Iterable[str | None]) -> None:
    for path in paths:
        for place in places_of(history, step.line, obj.restoring, path) if path and obj.restoring is not None else ():
            put_back = Scene.of(history, step, obj, place.key).put_back
            put_back.taken_back = True
            put_back.share(place.original, _ANYTHING)
