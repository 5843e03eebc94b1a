"""The cases: one file each, JSON Lines; the first line is the header, the others are what a requester does.

`docs/conformance.md` and `schemas/case.schema.json` have the format.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeGuard

from .handlers import OF_WRITERS, Script, script_of
from .ids import guid_of
from .tables import HERE, Rule, call_named, is_hresult, numbers, protocol, rules, succeeded

Line = dict[str, Any]

DEFAULT_OS: Final = "Windows Server 2022"
DEFAULT_WORLD: Final[dict[str, Any]] = {
    "machines": [{"name": "one", "os": DEFAULT_OS, "volumes": [{"name": "C:\\"}]}],
}
"""The computer of a case that describes none: one volume, the system's own provider, no writers."""
VERDICTS: Final = ("conforms", "violates", "warns", "noted")
KINDS: Final = ("call", "event", "happens", "note")
_OTHERS: Final = ("vss", "writer", "provider")
_AT_FAULT: Final = {"vss": "VSS is at fault", "writer": "a writer is at fault", "provider": "a provider is at fault"}
_PROGRAMS: Final = ("IVssExpressWriter", "IVssCreateExpressWriterMetadata")
_FIRST_LEVEL: Final = "VSS_APP_FRONT_END"
"""At which a writer freezes that names no level."""
_MAKES_A_PROGRAM: Final = "CreateVssExpressWriter"


class CaseError(Exception):
    """A file is no case: which file, which line (None: it cannot be read at all), what was expected."""

    def __init__(self, path: Path, line: int | None, says: str) -> None:
        super().__init__(f"{path}: {says}" if line is None else f"{path}:{line}: {says}")


@dataclass(frozen=True)
class Case:
    """A case as it stands in its file; `lines` are numbered as there."""

    id: str
    about: str
    verdict: str
    rules: tuple[str, ...]
    header: Line
    lines: tuple[tuple[int, Line], ...]

    @property
    def area(self) -> str:
        """The folder it lies in."""
        return self.id.partition("/")[0]

    @property
    def profile(self) -> str:
        """Which witness wins where real Windows and the page differ."""
        return str(self.header.get("profile", "windows"))

    @property
    def world(self) -> dict[str, Any]:
        """The computer on which the requester runs."""
        world = self.header.get("world")
        return world if isinstance(world, dict) else DEFAULT_WORLD

    @property
    def systems(self) -> tuple[str, ...]:
        """The operating systems of its machines."""
        machines = self.world.get("machines") or [{}]
        return tuple(dict.fromkeys(str(machine.get("os", DEFAULT_OS)) for machine in machines))

    @cached_property
    def known_rules(self) -> tuple[Rule, ...]:
        """Its rules, with what is known of them."""
        return tuple(rules()[name] for name in self.rules if name in rules())

    @property
    def level(self) -> str:
        """`must` where one of its rules is a must, `should` otherwise."""
        return "must" if any(rule.level == "must" for rule in self.known_rules) else "should"

    @property
    def silence(self) -> dict[str, list[str]]:
        """Rule → the events of which writers get, by that rule, no more than it shows."""
        return dict(self.header.get("silence") or {})

    @property
    def levels(self) -> dict[str, str]:
        """The class of each writer, as a GUID → the level at which it freezes."""
        writers = [writer for machine in self.world.get("machines", ()) for writer in machine.get("writers", ())]
        return {guid_of(one.get("writerId")) or "": str(one.get("level", _FIRST_LEVEL)) for one in writers}

    @property
    def settled(self) -> bool:
        """Whether one of its rules is settled: the case can be held against an implementation."""
        return any(rule.settled for rule in self.known_rules)

    @cached_property
    def since(self) -> tuple[str, str]:
        """The oldest Windows client and server that have every call which the requester makes."""
        client, server = "XP", "Server 2003"
        for _, line in self.lines:
            call = call_named(line["call"]) if "call" in line else None
            if call is not None and call.by == "requester":
                client = max(client, call.client, key=_CLIENTS.index)
                server = max(server, call.server, key=_age_of_server)
        return client, server

    @cached_property
    def only_for_checkers(self) -> bool:
        """Whether it shows what nobody can be asked for: a writer, a provider or VSS at fault outside of an answer."""
        return bool(self.why_not_asked)

    @cached_property
    def why_not_asked(self) -> str:
        """Why it is put to no implementation; empty where it is."""
        if any(rule.who not in _OTHERS for _, rule in self._marks):
            return ""
        for line, rule in self._marks:
            what = str(line.get("event") or line.get("happens") or line.get("call"))
            if self.is_a_writers(line):
                strange = _strange_name(line)
                if strange:
                    return f"{_AT_FAULT[rule.who]} ({what}, {rule.id}), and {strange} is the name of nothing"
                continue
            if "call" not in line or not asked_of_vss(line["call"]):
                return f"{_AT_FAULT[rule.who]} ({what}, {rule.id}), and no answer of VSS to a requester shows it"
            if rule.who != "vss" and not of_a_program(line["call"]):
                return f"{_AT_FAULT[rule.who]} ({what}, {rule.id}), whom no requester plays"
        return ""

    @cached_property
    def _marks(self) -> tuple[tuple[Line, Rule], ...]:
        """Each line that is marked, with each of its rules."""
        return tuple(
            (line, rules()[name]) for _, line in self.lines for name in line.get("rules", ()) if name in rules()
        )

    @cached_property
    def script(self) -> Script:
        """What its writers call while they handle events."""
        return script_of(self.lines)

    def is_a_writers(self, line: Line) -> bool:
        """Whether a line is a call of a writer that runs: in a handler, or of its program."""
        call = call_named(line["call"]) if "call" in line else None
        of_its_program = call is not None and call.family == OF_WRITERS and call.name in protocol()["programs"]
        return of_its_program or self.script.makes(line)

    @cached_property
    def needs_writers(self) -> bool:
        """Whether it is about a call of a writer: who has none cannot be asked."""
        marked = [line for line, _ in self._marks]
        about = marked or [line for _, line in self.lines if "call" in line]
        return bool(about) and all(self.is_a_writers(line) for line in about)

    def makes(self, handle: str) -> bool:
        """Whether a line hands out this object."""
        return any(handle in (line.get("out") or {}).values() for _, line in self.lines)

    @cached_property
    def shows_what_is_wrong(self) -> bool:
        """Whether it is the log of a wrong implementation."""
        return any(self.shows_a_wrong_answer(line) for _, line in self.lines)

    def shows_a_wrong_answer(self, line: Line) -> bool:
        """Whether a line is marked with rules that VSS broke there; the refusal that they demand is no breach."""
        marked = [rules()[name] for name in line.get("rules", ()) if name in rules()]
        if not marked or any(rule.who == "requester" for rule in marked):
            return False
        of_a_writer = of_a_program(str(line.get("call"))) or self.is_a_writers(line)
        if of_a_writer and any(rule.who == "writer" for rule in marked):
            return False
        if self.verdict == "violates":
            return not any(line.get("returns") in rule.codes for rule in marked)
        result = failed_result(line)
        if result and all(result in rule.codes for rule in marked):
            return False
        call = call_named(line["call"]) if "call" in line else None
        demanded = all(line.get("returns") in rule.codes for rule in marked)
        return call is None or not demanded or line.get("returns") not in call.answers


def failed_result(line: Line) -> str:
    """The failure that an operation is said to have come to, where a line asks for that; empty where it shows none."""
    result = (line.get("out") or {}).get("pHrResult")
    failed = is_hresult(result) and not succeeded(result)
    return result if failed and isinstance(result, str) else ""


def _strange_name(line: Line) -> str:
    """A name that a line passes and that is a member of no enumeration, such as one that Windows has dropped."""
    given = (line.get("in") or {}).values()
    parts = (part for value in given if isinstance(value, str) for part in value.split("|"))
    return next((part for part in parts if part.startswith("VSS_") and part not in numbers()), "")


_CLIENTS: Final = ("XP", "Vista", "Vista SP1", "7", "8", "8.1", "none")
_SERVERS: Final = ("Server 2003", "Server 2003 SP1", "Server 2008", "Server 2008 R2", "Server 2012", "Server 2012 R2")


def _age_of_server(name: str) -> int:
    first = name.partition(" / ")[0]
    return _SERVERS.index(first) if first in _SERVERS else 0


def asked_of_vss(name: str) -> bool:
    """Whether a call is one that a program makes on VSS: a requester, or one that registers an express writer."""
    call = call_named(name)
    asked = call is not None and (call.by == "requester" or call.family in protocol()["pointers"])
    return asked or of_a_program(name)


def of_a_program(name: str) -> bool:
    """Whether a call is one by which a program registers an express writer: VSS answers it as a requester's."""
    call = call_named(name)
    return name == _MAKES_A_PROGRAM or (call is not None and call.family in _PROGRAMS)


def read_case(path: Path, name: str | None = None) -> Case:
    """The case in a file; `name` is its id where the header has none.

    Raises:
        CaseError: the file cannot be read, or is no case.
    """
    found = list(_objects(path, _text_of(path)))
    if not found or "vss-trace" not in found[0][1]:
        raise CaseError(path, 1, 'expected a header with "vss-trace"')
    number, header = found[0]
    for key in ("about", "verdict"):
        if not isinstance(header.get(key), str):
            raise CaseError(path, number, f'expected "{key}", a text')
    named = header.get("rules")
    if header["verdict"] not in VERDICTS:
        raise CaseError(path, number, f'"verdict" is {header["verdict"]!r}; expected one of {", ".join(VERDICTS)}')
    if not _are_texts(named):
        raise CaseError(path, number, 'expected "rules", a list of rule ids')
    silence = header.get("silence", {})
    if not isinstance(silence, dict) or not all(map(_are_texts, silence.values())):
        raise CaseError(path, number, f'"silence" is {silence!r}; expected rule ids, each with a list of events')
    others = [rule for rule in silence if rule not in named]
    if others:
        raise CaseError(path, number, f'"silence" names {", ".join(others)}; expected some of "rules"')
    for place, line in found[1:]:
        _check(path, place, line)
    identifier = header.get("id") or name or path.stem
    return Case(str(identifier), header["about"], header["verdict"], tuple(named), header, tuple(found[1:]))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CaseError(path, None, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        where = error.object.count(b"\n", 0, error.start) + 1
        raise CaseError(path, where, "this is not UTF-8; a case is JSON Lines in UTF-8") from None


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _objects(path: Path, text: str) -> Iterator[tuple[int, Line]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CaseError(path, number, f"not JSON ({error}); expected one JSON object a line") from None
        if not isinstance(value, dict):
            raise CaseError(path, number, "expected one JSON object a line")
        yield number, value


def _check(path: Path, number: int, line: Line) -> None:
    """Raises CaseError where a line is none of the four kinds, or its parts have the wrong form."""
    if sum(kind in line for kind in KINDS[:3]) > 1 or not any(kind in line for kind in KINDS):
        raise CaseError(path, number, 'expected one of "call", "event", "happens" and "note"')
    for key, form in (("call", str), ("on", str), ("event", str), ("happens", str), ("in", dict), ("out", dict)):
        if line.get(key) is not None and not isinstance(line[key], form):
            wanted = "an object" if form is dict else "a text"
            raise CaseError(path, number, f'"{key}" is {line[key]!r}; expected {wanted}')
    if not isinstance(line.get("rules", []), list):
        raise CaseError(path, number, '"rules" is no list; expected rule ids')
    if "call" in line and line.get("on") is None and asked_of_vss(line["call"]) and "::" in line["call"]:
        raise CaseError(path, number, f'{line["call"]} has no "on"; expected the handle of its object')


def find_cases(places: Iterable[Path] = ()) -> list[Case]:
    """The cases in files and folders, in the order of their ids; without any, those of the suite.

    Raises:
        CaseError: one of the files is no case, or two have one id.
    """
    found: dict[str, Case] = {}
    for place in list(places) or [HERE / "cases"]:
        files = sorted(place.rglob("*.jsonl")) if place.is_dir() else [place]
        for path in files:
            name = path.relative_to(place).with_suffix("").as_posix() if place.is_dir() else path.stem
            case = read_case(path, name)
            if case.id in found:
                raise CaseError(path, 1, f"there are two cases {case.id!r}")
            found[case.id] = case
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True)
class Selection:
    """Which cases are run; what is left out selects all."""

    run: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    level: str | None = None
    profile: str | None = None
    systems: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)

    def of(self, cases: Iterable[Case]) -> list[Case]:
        """The selected cases; a shard takes every n-th of them, so that all shards together are all."""
        part, parts = self.shard
        wanted = [case for case in cases if self._wants(case)]
        return [case for number, case in enumerate(wanted) if number % parts == part - 1]

    def _wants(self, case: Case) -> bool:
        return (
            not case.only_for_checkers
            and (not self.run or _matches((case.id,), self.run))
            and not _matches((case.id,), self.skip)
            and (not self.rules or _matches(case.rules, self.rules))
            and self.level in (None, "should", case.level)
            and self.profile in (None, case.profile)
            and (not self.systems or _matches(case.systems, self.systems))
        )


def _matches(names: Iterable[str], patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
