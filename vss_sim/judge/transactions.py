"""File calls in a transaction: what they do in a restore is done when it is committed, and not at all if it is not.

They wait, each with its line, until the log shows the end of their transaction; the values of handles that were closed
by then may be those of other files. Where it shows no end before the writers are told what became of the files, nobody
knows what did, nor where the handle of the transaction is closed. A path that a call was refused shows at once.
Pages: https://learn.microsoft.com/windows/win32/fileio/programming-considerations-for-transacted-fileio- and
https://learn.microsoft.com/windows/win32/api/ktmw32/nf-ktmw32-createtransaction
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import path_of
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.disk_view import Transaction
from vss_sim.judge.restoring.put_back import ANYTHING, PutBack
from vss_sim.judge.restoring.restore_places import places_of
from vss_sim.judge.win32_words import succeeded
from vss_sim.spec.win32 import HANDLES, PATHS, TRANSACTION_ENDS

T = TypeVar("T")
Judge = Callable[[History, Step, str], bool]

MOST: Final = 16384
"""So many calls wait in a transaction; of a longer one nobody knows what it does."""

_TRANSACTIONS: Final = 64
"""So many are under way on a machine."""

_BEGINS: Final = "CreateTransaction"
_CLOSES: Final = "CloseHandle"


def waits(history: History, step: Step, name: str, judge: Judge) -> bool:
    """Whether a call is one in a transaction, and is judged later; those of one that is committed go to `judge`."""
    known = history.machine(step.line).disk.transactions
    if not known and "hTransaction" not in step.arguments:
        return False
    handle = _ended_by(step, name)
    ended = known.pop(_key(step, handle), None) if handle is not None else None
    if ended is not None:
        if TRANSACTION_ENDS.get(name) and not ended.too_long:
            _commit(history, step, ended, judge)
        elif name in TRANSACTION_ENDS and not TRANSACTION_ENDS[name]:
            _is_undone(history, step, ended)
        else:
            _is_open(history, step, ended)
        return False
    transaction, made = _transaction_of(history, step), step.made("hFile")
    for one in _own(history, step) if made is not None else ():
        one.handles.discard(made or "")
    if transaction is None:
        return False
    if len(transaction.calls) >= MOST:
        history.undecided += not transaction.too_long
        transaction.too_long = True
        _is_open(history, step, transaction)
        transaction.calls.clear()
        transaction.opened = 0, 0
    if made is not None and not transaction.too_long:
        transaction.handles.add(made)
    elif name == _CLOSES:
        transaction.handles.discard(str(step.arguments.get("hObject")))
    transaction.calls.append((step, name))
    return True


def _ended_by(step: Step, name: str) -> object:
    """The handle of the transaction that a call ends, or that is known to have ended, if it is one."""
    if name == _BEGINS:
        return step.made("hTransaction", "return")
    if name == _CLOSES:
        return step.arguments.get("hObject")
    return step.arguments.get("TransactionHandle") if name in TRANSACTION_ENDS and succeeded(step) else None


def _commit(history: History, step: Step, transaction: Transaction, judge: Judge) -> None:
    """What waited is done now; a handle that was closed in it leads where it led before, as it may be another's."""
    disk, process = history.machine(step.line).disk, step.line.process
    closed = {made for one, _ in transaction.calls if (made := one.made("hFile"))} - transaction.handles
    lead_back = (
        _set_aside(disk.opened(process), closed),
        _set_aside(disk.passing_of(process), closed),
        _set_aside(disk.marked_of(process), closed),
        _set_aside(disk.positions_of(process), closed),
    )
    for one, call in transaction.calls:
        judge(history, one, call)
    for restore in lead_back:
        restore()


def _set_aside(memory: dict[str, T], handles: set[str]) -> Callable[[], None]:
    """Forget handles; what is given back remembers of them what was known before, and nothing else."""
    kept = {handle: memory.pop(handle) for handle in handles if handle in memory}

    def restore() -> None:
        for handle in handles:
            memory.pop(handle, None)
        memory.update(kept)

    return restore


def settle(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The requester tells what became of the files: what transactions do whose end was not seen is open."""
    del certain
    for (process, _), transaction in history.machine(step.line).disk.transactions.items():
        if process == obj.process:
            _is_open(history, step, transaction)


def _key(step: Step, handle: object) -> tuple[str, str]:
    return str(step.line.process or ""), str(handle)


def _own(history: History, step: Step) -> Iterator[Transaction]:
    """The transactions of the process that calls."""
    known = history.machine(step.line).disk.transactions
    return (one for key, one in known.items() if key[0] == str(step.line.process or ""))


def _transaction_of(history: History, step: Step) -> Transaction | None:
    """The transaction of a call, by its handle or by that of a file that was opened in it; only in a restore."""
    machine, handle = history.machine(step.line), step.arguments.get("hTransaction")
    known = machine.disk.transactions
    if not isinstance(handle, str):
        files = {step.arguments[name] for name in HANDLES if isinstance(step.arguments.get(name), str)}
        return next((one for one in _own(history, step) if not one.handles.isdisjoint(files)), None)
    if not machine.restorers or not succeeded(step):
        return None
    found = known.get(_key(step, handle))
    if found is None and len(known) >= _TRANSACTIONS:
        _is_open(history, step, known.pop(next(iter(known))))
    return found or known.setdefault(_key(step, handle), Transaction())


def _is_open(history: History, step: Step, transaction: Transaction) -> None:
    """What a transaction did is undone, or may be: of the files that it is about, nobody knows what became of them.

    Of calls that were looked at for the sets that are selected still, that is known already.
    """
    selected = sum(len(obj.restoring.selected) for obj in _restorers(history, step) if obj.restoring is not None)
    before, of = transaction.opened
    transaction.opened = len(transaction.calls), selected
    for put_back, original in _touched(history, step, transaction.calls[before if of == selected else 0 :]):
        put_back.taken_back = True
        put_back.share(original, ANYTHING)


def _is_undone(history: History, step: Step, transaction: Transaction) -> None:
    """Nothing of a transaction was done; why it was given up, the log need not show."""
    for put_back, _ in _touched(history, step, transaction.calls):
        put_back.taken_back = True


def _restorers(history: History, step: Step) -> list[BackupObject]:
    return [obj for obj in history.machine(step.line).restorers if obj.process == str(step.line.process or "")]


def _touched(history: History, step: Step, calls: Iterable[tuple[Step, str]]) -> Iterator[tuple[PutBack, str]]:
    """The files of component sets that calls are about, each with its set, by its original path."""
    own = _restorers(history, step)
    for one, _ in calls:
        told = one.arguments.get("lpFileInformation")
        names = [one.arguments.get(name) for name in PATHS]
        names += [told.get("FileName")] if isinstance(told, dict) else []
        paths = [path for name in names if (path := path_of(name)) is not None]
        for obj in own if paths else ():
            for path in paths if obj.restoring is not None else ():
                yield from _files_of(history, one, obj, path)


def _files_of(history: History, step: Step, obj: BackupObject, path: str) -> Iterator[tuple[PutBack, str]]:
    assert obj.restoring is not None  # noqa: S101 - the caller saw it
    for place in places_of(history, step.line, obj.restoring, path):
        yield Scene.of(history, step, obj, place.key).put_back, place.original
