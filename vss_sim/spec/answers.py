"""What a method may answer, and who is to be told when an allowed call fails all the same.

`answers.tsv` is the documentation's own list, method by method. `failures.tsv` says of every failing code whose
concern it is and by which rule; its rows with `seen` = `call` or `result` add what real Windows answers beyond the
pages, to the call itself or as the result of its asynchronous operation. Rows with `seen` = `never` are answers that a
rule rules out for a method, those with `elsewhere` answers that the pages give to another place than the call itself. A
row may name several rules, separated by semicolons, the first of which is shown.
"""

from enum import Enum
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.tables import read_table

_ANY_METHOD: Final = "*"
_ANY_CODE: Final = "ans-any-code"
_NO_SUCH_CODE: Final = "ans-undocumented"


MACHINE_FAILURES: Final = frozenset(
    {HResult.E_OUTOFMEMORY, HResult.E_ACCESSDENIED, HResult.VSS_E_UNEXPECTED, HResult.E_UNEXPECTED}
)
"""Failures that may come before VSS looks at anything."""


class Seen(Enum):
    """Where a failure is known from, or known not to come from."""

    DOCUMENTED = "documented"
    CALL = "call"
    RESULT = "result"
    ELSEWHERE = "elsewhere"
    NEVER = "never"


class Failure(Struct, frozen=True):
    """A failing answer of an allowed call: whose concern (`at`), how grave (`level`), by which rule.

    `also` are further rules that say the same.
    """

    hresult: HResult
    at: str
    level: str
    rule: str
    also: tuple[str, ...] = ()


class DocumentedAnswer(Struct, frozen=True):
    """One row of the documentation's table of answers; `hresult` may be `(other)`."""

    method: str
    hresult: str
    stage: str
    condition: str
    os_note: str

    @property
    def id(self) -> str:
        """The row by one name."""
        return f"{self.method}-{self.hresult}-{self.stage}"


@cache
def documented_answers() -> dict[str, tuple[DocumentedAnswer, ...]]:
    """Full method name (`IVssAsync::Wait`) → its documented answers, in the order of the page."""
    found: dict[str, list[DocumentedAnswer]] = {}
    for row in read_table("answers.tsv"):
        name = f"{row['interface']}::{row['method']}" if row["interface"] else row["method"]
        answer = DocumentedAnswer(name, row["hresult"], row["stage"], row["condition"], row["os_note"])
        found.setdefault(name, []).append(answer)
    return {name: tuple(answers) for name, answers in (found | _of_later_versions(found)).items()}


def leaves_failures_open(full_name: str) -> bool:
    """Whether the page of a method says that it may fail, and names no code: then every code is documented."""
    failing = {answer.hresult for answer in documented_answers().get(full_name, ()) if answer.stage == "sync"}
    return failing - {HResult.S_OK.name} == {"(other)"}


def _of_later_versions(found: dict[str, list[DocumentedAnswer]]) -> dict[str, list[DocumentedAnswer]]:
    """A method that a later version of its interface takes over answers as it did there."""
    taken_over = {}
    for full_name, signature in signatures().items():
        first = f"{signature.family}::{signature.name}"
        if full_name not in found and first in found:
            taken_over[full_name] = found[first]
    return taken_over


@cache
def _failures() -> dict[tuple[str, Seen], tuple[Failure, ...]]:
    """Method or full name of it, and where its answers are seen → what `failures.tsv` says of them."""
    found: dict[tuple[str, Seen], list[Failure]] = {}
    for row in read_table("failures.tsv"):
        rule, *also = row["rule"].split(";")
        failure = Failure(HResult[row["hresult"]], row["at"], row["level"], rule, tuple(also))
        found.setdefault((row["method"], Seen(row["seen"])), []).append(failure)
    return {key: tuple(failures) for key, failures in found.items()}


@cache
def _concerns() -> dict[tuple[str, HResult], Failure]:
    return {
        (method, failure.hresult): failure
        for (method, seen), failures in _failures().items()
        for failure in failures
        if seen is Seen.DOCUMENTED
    }


def _seen_beyond(method: str, seen: Seen) -> tuple[Failure, ...]:
    return _failures().get((method, seen), ())


def _concern(method: str, code: HResult) -> Failure | None:
    concerns = _concerns()
    return concerns.get((method, code)) or concerns.get((_ANY_METHOD, code))


def answer_rule(full_name: str, code: HResult) -> str:
    """The rule by which `full_name` fails with `code` when its order was right; empty where none says it."""
    concern = _concerns().get((full_name, code)) or _concern(full_name.rpartition("::")[2], code)
    return concern.rule if concern is not None else ""


def _documented_failures(full_name: str, stages: tuple[str, ...]) -> dict[HResult, Failure]:
    name = full_name.rpartition("::")[2]
    found: dict[HResult, Failure] = {}
    for answer in documented_answers().get(full_name, ()):
        if answer.stage not in stages or answer.hresult not in HResult.__members__:
            continue
        code = HResult[answer.hresult]
        concern = _concerns().get((full_name, code)) or _concern(name, code)
        if code.failed and concern is not None:
            found[code] = concern
            if code is HResult.VSS_E_UNEXPECTED:
                older = _concern(name, HResult.E_UNEXPECTED)
                if older is not None:
                    found[HResult.E_UNEXPECTED] = older
    return found


@cache
def call_failures(full_name: str) -> dict[HResult, Failure]:
    """The failing answers that an allowed call of `full_name` may get at once.

    `VSS_E_BAD_STATE` is not among them, for the protocol table decides it, unless a method has it for a reason of its
    own (`failures.tsv` names the method).
    """
    found = _documented_failures(full_name, ("sync",))
    found.update({failure.hresult: failure for failure in _seen_beyond(full_name.rpartition("::")[2], Seen.CALL)})
    return found


def environment_rule(full_name: str, code: HResult) -> str:
    """The rule by which the environment may fail `full_name` with `code`, or the one that is broken then."""
    failure = call_failures(full_name).get(code)
    if failure is not None:
        return failure.rule
    return _ANY_CODE if leaves_failures_open(full_name) else _NO_SUCH_CODE


@cache
def result_failures(full_name: str) -> dict[HResult, Failure]:
    """The failing results that the asynchronous operation begun by `full_name` may come to.

    `IVssAsync::QueryStatus` documents them as the codes of the method that began the operation.
    """
    found = _documented_failures(full_name, ("sync", "async"))
    found.update({failure.hresult: failure for failure in _seen_beyond(full_name.rpartition("::")[2], Seen.RESULT)})
    return found


@cache
def never_answers(full_name: str) -> dict[HResult, Failure]:
    """The answers that a rule rules out for `full_name`, given by the call or as the result of its operation."""
    return {failure.hresult: failure for failure in _seen_beyond(full_name.rpartition("::")[2], Seen.NEVER)}


@cache
def ruled_out(full_name: str) -> dict[HResult, Failure]:
    """The answers that no call of `full_name` gets: those ruled out for it, and those that belong to another place."""
    elsewhere = _seen_beyond(full_name.rpartition("::")[2], Seen.ELSEWHERE)
    return never_answers(full_name) | {failure.hresult: failure for failure in elsewhere}
