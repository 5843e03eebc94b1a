"""From a case's own handles and ids to those of an implementation, and back.

A case's handles, GUIDs and documents are placeholders: what a line hands out is bound there to what the implementation
hands out, and passed on as that by every later line. What the case's world names stays as it is.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from .case import Case, Line
from .ids import GUID, NULL_GUID, guid_of
from .tables import Call

MADE_TEXTS: Final = frozenset(
    {"pbstrXML", "m_pwszSnapshotDeviceObject", "m_pwszOriginalVolumeName", "m_ProviderVersionId", "m_ClassId"}
)
"""Texts that each implementation makes up: bound like ids, never compared."""
FILE_HANDLES: Final = frozenset({"hFile", "hFindFile", "hObject"})
"""What file calls hand out to be passed on."""
_NEW: Final = "an id of its own"
_CREATES: Final = "CreateVssBackupComponents"
_OF_A_COPY: Final = "\\\\?\\globalroot\\device\\harddiskvolumeshadowcopy"

Scoped = tuple[Any, Any, Any]
Say = Callable[[Line], Line]


class UnboundError(Exception):
    """A line is on an object that no line handed out; says which."""


class Binding:
    """What the case calls things → what the implementation calls them."""

    def __init__(self, case: Case) -> None:
        self._handles: dict[Scoped, str] = {}
        self._unnamed: dict[str, list[str]] = {}
        self._texts: dict[str, str] = dict(case.header.get("documents") or {})
        self._theirs: dict[str, str] = {}
        self._ours: dict[tuple[str, str], str] = {}
        """What kind of id it is, by the name of its parameter, and the implementation's id → the case's."""
        world = json.dumps(case.world)
        self._fixed = {found.strip("{}").lower() for found in GUID.findall(world)} | {NULL_GUID}

    def knows(self, line: Line) -> bool:
        """Whether the object of a line was handed out."""
        return _scoped(line, line.get("on")) in self._handles

    def handle(self, line: Line, call: Call, create: Callable[[Line], str]) -> str:
        """The implementation's handle for the object of a line.

        One that the log does not show being made is one whose line did not record its result; a backup components
        object that is nowhere made is made now.

        Raises:
            UnboundError: there is no such object.
        """
        key = _scoped(line, line.get("on"))
        known = self._handles.get(key)
        if known is not None:
            return known
        waiting = self._unnamed.get(call.family)
        if waiting:
            made = waiting.pop()
        elif call.family in ("IVssBackupComponents", "IUnknown"):
            made = create({name: line[name] for name in ("machine", "process") if name in line})
        else:
            raise UnboundError(f"nothing before this line handed out {line.get('on')!r}")
        self._handles[key] = made
        return made

    def arguments(self, given: Line) -> Line:
        """Arguments as the implementation knows them."""
        return {name: self.theirs(value) for name, value in given.items()}

    def theirs(self, value: Any) -> Any:
        """A value of the case as the implementation knows it."""
        if isinstance(value, list):
            return [self.theirs(one) for one in value]
        if not isinstance(value, str):
            return value
        known = self._theirs.get(guid_of(value) or "")
        return known if known is not None else self._texts.get(value, value)

    def file_arguments(self, given: Line) -> Line | None:
        """Arguments of a file call; None where a path is on the device of a shadow copy that nothing handed out."""
        found = {name: self._path(value) if isinstance(value, str) else value for name, value in given.items()}
        return None if None in [found[name] for name, value in given.items() if isinstance(value, str)] else found

    def _path(self, text: str) -> str | None:
        known = self._texts.get(text)
        if known is not None:
            return known
        for ours, theirs in self._texts.items():
            if text[: len(ours) + 1].lower() == f"{ours.lower()}\\":
                return theirs + text[len(ours) :]
        return None if text.lower().startswith(_OF_A_COPY) else text

    def learn_file_handles(self, recorded: Line, out: Line) -> None:
        """The handles that a file call handed out."""
        for name in FILE_HANDLES & recorded.keys():
            if isinstance(recorded[name], str) and isinstance(out.get(name), str):
                self._texts[recorded[name]] = out[name]

    def learn_handles(self, line: Line, call: Call, out: Line) -> None:
        """The objects that the implementation handed out are those of the line."""
        recorded = line.get("out") or {}
        for parameter in call.parameters:
            got = out.get(parameter["name"])
            if "makes" not in parameter or not isinstance(got, str):
                continue
            name = recorded.get(parameter["name"])
            if isinstance(name, str):
                self._handles[_scoped(line, name)] = got
            else:
                self._unnamed.setdefault(parameter["makes"], []).append(got)

    def copy(self) -> "Binding":
        """The same, to try something with."""
        return deepcopy(self)

    def bind_id(self, name: str, expected: str, got: object) -> bool:
        """Whether the implementation's id can stand for the case's: the first one seen is bound.

        One that it handed out under this name for another of the case's cannot: two shadow copies have two ids.
        """
        ours, theirs = guid_of(expected), guid_of(got)
        if ours is None or theirs is None or not isinstance(got, str):
            return False
        bound = ours if ours in self._fixed else guid_of(self._theirs.get(ours, got))
        if bound != theirs or self._ours.setdefault((name, theirs), ours) != ours:
            return False
        if ours not in self._fixed:
            self._theirs.setdefault(ours, got)
        return True

    def wanted(self, expected: Any) -> Any:
        """What is told to have been expected: an id that nothing has bound is any that is new."""
        guid = guid_of(expected)
        unbound = guid is not None and guid not in self._fixed and guid not in self._theirs
        return _NEW if unbound else self.theirs(expected)

    def bind_text(self, expected: str, got: object) -> bool:
        """Whether the implementation handed out a text that it made; it is what later lines pass on."""
        if not isinstance(got, str) or not got:
            return False
        self._texts[expected] = got
        return True


def creation() -> Line:
    """The call that makes a backup components object."""
    return {"call": _CREATES}


def _scoped(line: Line, handle: object) -> Scoped:
    return line.get("machine"), line.get("process"), handle
