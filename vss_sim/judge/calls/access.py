"""Whether the account of a requester may use VSS, where the world of a log shows it.

The law: administrators, backup operators and Local System may; the registry key VssAccessControl adds accounts (2 or 3
make a requester) and takes the right from others (0). Without a world, or without `requester` in it, nothing is known;
where it is, a requester that goes on under another account is held to that one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.remedies import remedy
from vss_sim.spec.security import ALLOWED_GROUPS, DENIED, GRANTED_TO_REQUESTERS, GRANTED_TO_WRITERS
from vss_sim.spec.writer_lives import calls_of_programs
from vss_sim.trace.lines import Line

_ACCOUNT: Final = "sec-account"
_DENIED: Final = ("sec-registry-deny", _ACCOUNT)
_GRANTED: Final = ("sec-registry-grant", _ACCOUNT)
_ASKS: Final[dict[str, tuple[str, ...]]] = {
    "ImportSnapshots": ("sec-import-privilege", "im-privilege"),
    "DeleteSnapshots": ("sec-import-privilege",),
    "ExposeSnapshot": ("sec-import-privilege",),
    "BreakSnapshotSet": ("sec-import-privilege",),
    "BreakSnapshotSetEx": ("sec-import-privilege",),
    "DoSnapshotSet": ("sec-import-privilege",),
    "RevertToSnapshot": ("sec-revert-privilege", "sec-import-privilege"),
}
"""Method → the rules that ask for the right by name."""

_PRIVILEGES: Final = {"PrepareForBackup": "SeBackupPrivilege", "PreRestore": "SeRestorePrivilege"}
_ANY_ONE: Final = ""


class Account(Struct, frozen=True):
    """The account that a requester of one machine runs as: whether it may use VSS, why, and its privileges.

    `may_write` tells the same of a writer's program.
    """

    name: str
    may: bool
    may_write: bool
    rules: tuple[str, ...]
    privileges: frozenset[str] | None
    registered: Mapping[str, object]
    """What VssAccessControl of its machine says, by account in lower case."""


def accounts_in(world: object) -> dict[str, Account]:
    """Machine → the account of its requester, where the world tells; of a single machine under no name as well."""
    machines = world.get("machines") if isinstance(world, Mapping) else None
    found: dict[str, Account] = {}
    for machine in machines if isinstance(machines, list) else []:
        account = _account(machine) if isinstance(machine, Mapping) else None
        if account is not None:
            found[str(machine.get("name", _ANY_ONE))] = account
            if len(machines or ()) == 1:
                found[_ANY_ONE] = account
    return found


def _account(machine: Mapping[str, Any]) -> Account | None:
    requester = machine.get("requester")
    if not isinstance(requester, Mapping) or not isinstance(requester.get("account"), str):
        return None
    registry = machine.get("registry")
    control = registry.get("vssAccessControl") if isinstance(registry, Mapping) else None
    named = {key.casefold(): value for key, value in control.items()} if isinstance(control, Mapping) else {}
    privileges = requester.get("privileges")
    held = frozenset(map(str, privileges)) if isinstance(privileges, list) else None
    return _decided(requester["account"], requester.get("groups", ("Administrators",)), named, held)


def _decided(
    name: str, groups: Iterable[object], registered: Mapping[str, object], held: frozenset[str] | None
) -> Account:
    value = registered.get(name.casefold())
    if value == DENIED:
        return Account(name, False, False, _DENIED, held, registered)
    usual = any(str(group).casefold() in ALLOWED_GROUPS for group in groups)
    may, may_write = (usual or value in granted for granted in (GRANTED_TO_REQUESTERS, GRANTED_TO_WRITERS))
    rules = (_ACCOUNT,) if value is None or (usual and value not in GRANTED_TO_REQUESTERS) else _GRANTED
    return Account(name, may, may_write, rules, held, registered)


def account_changes(history: History, line: Line) -> None:
    """The requester goes on under another account; of its privileges nothing is known."""
    on = line.machine or _ANY_ONE
    for name in history.accounts if _ANY_ONE in history.accounts else {on} & set(history.accounts):
        before = history.accounts[name]
        history.accounts[name] = _decided(line.account or "", line.groups or (), before.registered, None)


def judge_access(history: History, step: Step, signature: Signature, account: Account) -> None:
    """Hold the answer of one call against what the account may do."""
    name = signature.name
    refused = step.code is not None and step.code.known is HResult.E_ACCESSDENIED
    rules = (*_ASKS.get(name, ()), *account.rules)
    if account.may_write if signature.full_name in calls_of_programs() else account.may:
        if refused:
            says = f"{name} was refused with E_ACCESSDENIED, though {account.name} may use VSS"
            history.note(step, Level.ERROR, rules[0], says, at=At.IMPLEMENTATION, also=rules[1:])
        elif step.succeeded and account.privileges is not None:
            _privilege(history, step, name, account.privileges)
        return
    if refused:
        says = f"{account.name} may not use VSS: no administrator, backup operator or Local System, nor registered"
        mends = remedy(signature.full_name, HResult.E_ACCESSDENIED)
        history.note(step, Level.ERROR, rules[0], says, also=rules[1:], mends=mends)
    elif step.succeeded and any(
        answer.hresult == HResult.E_ACCESSDENIED.name for answer in documented_answers().get(signature.full_name, ())
    ):
        said = (step.line.machine or "", rules)
        if said in history.access_said:
            return
        history.access_said.add(said)
        says = f"{name} is answered {step.observed}, though {account.name} may not use VSS"
        history.note(step, Level.ERROR, rules[0], says, at=At.IMPLEMENTATION, also=rules[1:])


def _privilege(history: History, step: Step, name: str, held: frozenset[str]) -> None:
    asked = _PRIVILEGES.get(name)
    if asked is not None and asked not in held:
        says = f"{name} is called by a process without {asked}, which files cannot be saved or put back without"
        history.note(step, Level.WARNING, "sec-privileges-backup", says)
