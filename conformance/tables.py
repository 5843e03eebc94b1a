"""What the suite knows of VSS: `rules.json` and `protocol.json`, which are generated and lie beside this module."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeGuard

HERE: Final = Path(__file__).parent
"""The folder of the suite, wherever it lies."""
_UNKNOWN: Final = "IUnknown"
_REFERENCES: Final = ("QueryInterface", "AddRef", "Release")
_INFERRED: Final = "?"
_UNSETTLED: Final = ("disputed", "assumed")
SIGN_BIT: Final = 0x80000000
"""An HRESULT with this bit is a failure."""


@dataclass(frozen=True)
class Rule:
    """A rule: whom it binds, how strongly (`force`), what it rests on (`standing`), in one sentence, with its pages."""

    id: str
    who: str
    force: str
    standing: str
    says: str
    pages: tuple[str, ...]
    answers: tuple[str, ...] = ()
    """The HRESULTs with which VSS answers a breach, by a page or as it was seen."""
    inferred: tuple[str, ...] = ()
    """Those that no page names for this breach."""
    advisory: bool = False
    """It is for a program alone: no answer of VSS shows that it is kept."""
    unjudged: str = ""
    """Why no case breaks it; empty where one does."""

    @property
    def settled(self) -> bool:
        """Whether pages or observations agree on it; what is disputed or assumed is never held against anybody."""
        return self.standing not in _UNSETTLED

    @property
    def binds_vss(self) -> bool:
        """Whether it says what VSS does; any other an implementation breaks by how it answers a breach, if at all."""
        return self.who == "vss"

    @property
    def codes(self) -> tuple[str, ...]:
        """With what VSS answers a breach, whether a page names it or not; without any, the rule is advice."""
        return (*self.answers, *self.inferred)

    @property
    def level(self) -> str:
        """`must` or `should`: how the suite selects."""
        return "must" if self.force in ("must", "must-not") else "should"


@dataclass(frozen=True)
class Call:
    """A documented call: its full name, who makes it, on which family of objects, what each parameter is."""

    name: str
    by: str
    family: str
    method: str
    parameters: tuple[dict[str, str], ...]
    client: str
    server: str
    answers: tuple[str, ...] = ()
    """What its page says that it answers, to the call itself."""
    results: tuple[str, ...] = ()
    """What its page says that the operation which it begins may come to."""

    @property
    def counts(self) -> bool:
        """Whether it answers with a number of references."""
        return self.family == _UNKNOWN and self.method != "QueryInterface"

    @property
    def reads(self) -> bool:
        """Whether it only tells something: it changes nothing, and hands out no object."""
        return self.method.startswith("Get") and not any("makes" in parameter for parameter in self.parameters)


@cache
def protocol() -> dict[str, Any]:
    """`protocol.json` as it is."""
    found: dict[str, Any] = json.loads((HERE / "protocol.json").read_text(encoding="utf-8"))
    return found


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its id."""
    found = json.loads((HERE / "rules.json").read_text(encoding="utf-8"))
    return {
        name: Rule(
            name,
            one["who"],
            one["force"],
            one["standing"],
            one["says"],
            tuple(one["pages"]),
            tuple(answer for answer in one.get("answers", ()) if not answer.endswith(_INFERRED)),
            tuple(answer.rstrip(_INFERRED) for answer in one.get("answers", ()) if answer.endswith(_INFERRED)),
            one.get("advisory", False),
            one.get("unjudged", ""),
        )
        for name, one in found.items()
    }


@cache
def _calls() -> dict[tuple[str, str], Call]:
    """Family and method → the call; functions have no family."""
    found: dict[tuple[str, str], Call] = {}
    for name, one in protocol()["calls"].items():
        method = name.rpartition("::")[2]
        answers, results = (tuple(one.get("answers", {}).get(stage, ())) for stage in ("sync", "async"))
        parameters = tuple(one["parameters"])
        call = Call(name, one["by"], one["family"], method, parameters, one["client"], one["server"], answers, results)
        found.setdefault((one["family"], method), call)
    return found


@cache
def call_named(name: str) -> Call | None:
    """The documented call of this name, with any version of its interface; None for what is no call of VSS."""
    interface, _, method = name.rpartition("::")
    if interface and method in _REFERENCES:
        return _calls().get((_UNKNOWN, method))
    family = protocol()["families"].get(interface, interface)
    return _calls().get((family, method)) or _calls().get((family, method.removesuffix("Internal")))


def is_of(rule: Rule, call: Call) -> bool:
    """Whether a rule stands on the page of a call; the interfaces of one family are read as one."""
    pages = (call.name.replace("::", "-"), f"{call.family}-{call.method}") if call.family else (call.name,)
    return any(address.endswith(f"-{page.lower()}") for address in rule.pages for page in pages)


@cache
def numbers() -> dict[str, int]:
    """Every HRESULT and every member of an enumeration → its number."""
    found: dict[str, int] = {}
    for members in protocol()["enumerations"].values():
        found.update(members)
    found.update(protocol()["hresults"])
    return found


_NUMBER: Final = re.compile("0x[0-9a-f]{1,8}|-?[0-9]{1,10}", re.IGNORECASE)


def _number_of(answer: str | int) -> int | None:
    """The number of an HRESULT, by its name or as it is written; None where it is none."""
    if isinstance(answer, str):
        known = protocol()["hresults"].get(answer)
        if known is not None or not _NUMBER.fullmatch(answer):
            return None if known is None else int(known)
        answer = int(answer, 16 if answer[1:2] in "xX" else 10)
    return answer if -SIGN_BIT <= answer < 2 * SIGN_BIT else None


def is_hresult(answer: object) -> TypeGuard[str | int]:
    """Whether this is an HRESULT: a name that VSS documents, or a number of 32 bits, signed or not, as text too."""
    return isinstance(answer, (str, int)) and not isinstance(answer, bool) and _number_of(answer) is not None


@cache
def code(answer: str | int) -> str | int:
    """An answer as something to compare: the number of an HRESULT, any other name as it is."""
    number = _number_of(answer)
    return answer if number is None else number & 0xFFFFFFFF


@cache
def succeeded(answer: str | int) -> bool:
    """Whether an answer is a success."""
    value = code(answer)
    return value < SIGN_BIT if isinstance(value, int) else value.partition("_")[0] == "S" or value == "ERROR_SUCCESS"


@cache
def file_calls() -> frozenset[str]:
    """The file and service calls of a requester, under their Win32 names."""
    return frozenset(protocol()["files"])
