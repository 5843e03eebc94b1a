"""Wrong implementations that lose something: what was registered, what a script says, what stood before."""

from collections.abc import Iterator
from typing import Final

from tests.mistakes_of_implementations import (
    After,
    Line,
    Wrong,
    lost_moves,
    registered_all_the_same,
    setting,
    to_writers,
    writers,
)


def losing_implementations() -> Iterator[Wrong]:
    """All of them."""
    yield Wrong("what is to be moved at the restart is lost", registered_all_the_same, lost_moves)
    yield Wrong(
        "writers never crash",
        before=writers(lambda writer: [reply.pop("crashes", None) for reply in writer.get("replies", ())]),
    )
    yield Wrong(
        "what a provider fails with is passed on",
        setting(
            "QueryStatus",
            "pHrResult",
            lambda code: "VSS_E_PROVIDER_IN_USE" if code == "VSS_E_UNEXPECTED_PROVIDER_ERROR" else code,
        ),
    )
    for method, name in (
        ("GetAuthoritativeRestore", "pbAuth"),
        ("GetRestoreName", "pbstrName"),
        ("GetRollForward", "pbstrPoint"),
        ("GetFailure", "pbstrApplicationMessage"),
        ("GetRestoreMetadata", "pbstrRestoreMetadata"),
    ):
        yield Wrong(f"{method} forgets {name}", _forgetting(method, name))


def _forgetting(method: str, name: str) -> After:
    """What a getter tells, a requester or a writer in a handler, is nothing."""

    def forgotten(line: Line) -> Line:
        told = line.get("out") or {}
        nothing = False if isinstance(told.get(name), bool) else None
        return {**line, "out": {**told, name: nothing}} if name in told else line

    of_writers = to_writers(method, forgotten)

    def after(message: Line, reply: Line) -> Line:
        mine = str(message.get("call", "")).endswith(f"::{method}")
        return of_writers(message, forgotten(reply) if mine else reply)

    return after


LOST: Final = {
    "what is to be moved at the restart is lost": "rar-order",
    "writers never crash": "wr-status-not-responding",
    "what a provider fails with is passed on": "sn-prov-codes",
    "GetAuthoritativeRestore forgets pbAuth": "ext-told-as-set",
    "GetRestoreName forgets pbstrName": "ext-told-as-set",
    "GetRollForward forgets pbstrPoint": "ext-told-as-set",
    "GetFailure forgets pbstrApplicationMessage": "failure-told-as-set",
    "GetRestoreMetadata forgets pbstrRestoreMetadata": "doc-bcd-state",
}
"""What is lost → a rule that is broken by that."""
