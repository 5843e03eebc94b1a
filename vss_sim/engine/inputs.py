"""The arguments of a call as the engine works with them: ids in one spelling, members for names, numbers for flags.

What no C program could pass (a text for a number, a method's parameter left out) is the caller's bug and raises
`BadCall`; what a C program can pass and VSS refuses (a number outside of its enumeration) is `Invalid`, and answered.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from vss_sim.engine.contexts import number_of
from vss_sim.model.values import GUID_NULL, guid, missing
from vss_sim.spec import enums
from vss_sim.spec.constants import INFINITE
from vss_sim.spec.hresult import CODES, SIGN_BIT, HResult
from vss_sim.spec.methods import TEXTS_THAT_ARE_DOCUMENTS, Direction, Parameter, Signature

Arguments = Mapping[str, Any]
Convert = Callable[[Any], Any]

_FIRST_MOMENT: Final = datetime(1601, 1, 1, tzinfo=UTC)
_DEFAULTS: Final[dict[str, Any]] = {
    "NULL": None,
    "false": False,
    "FALSE": False,
    "INFINITE": INFINITE,
    "GUID_NULL": None,
    "0": 0,
    "0xF0F": 0xF0F,
    "60000": 60_000,
    "VSS_APP_FRONT_END": enums.ApplicationLevel.FRONT_END,
    "VSS_AWS_NO_ALTERNATE_WRITER": enums.numbers()["VSS_AWS_NO_ALTERNATE_WRITER"],
    "VSS_SM_BACKUP_EVENTS_FLAG|VSS_SM_RESTORE_EVENTS_FLAG": enums.numbers()["VSS_SM_BACKUP_EVENTS_FLAG"]
    | enums.numbers()["VSS_SM_RESTORE_EVENTS_FLAG"],
}
LONGEST_TEXT: Final = 100_000
_NAME_OF_A_CODE: Final = re.compile(r"[A-Z][A-Z0-9]*_\w+", re.ASCII)
_LONGEST_NAME: Final = 200
REQUIRED: Final = object()
"""Stands where a parameter has no default."""


class BadCall(ValueError):  # noqa: N818 - it names what was wrong, as the house does
    """A call that no program could make: the message names the method and the argument."""


class Gone(BadCall):
    """A call on an object that was given up, or never was: no answer is defined (rule com-call-after-release)."""


class NotThere(BadCall):
    """A call of a method that the machine's system does not have: QueryInterface answers E_NOINTERFACE for it."""


def on_an_object(name: str, on: object) -> BadCall:
    """What is wrong with calling a function on an object."""
    return BadCall(f"{name} is a function; it is not called on {on!r:.60}: expected no 'on'")


def no_machine(name: object, names: Iterable[str]) -> BadCall:
    """What is wrong with naming a machine that there is not; `names` are those that there are."""
    known = [repr(one) for one in names]
    return BadCall(f"there is no machine {name!r:.60}; there {'are' if known[1:] else 'is'} {', '.join(known)}")


class Invalid:
    """Stands for a value that VSS does not know; `text` is what was passed."""

    __slots__ = ("text",)

    def __init__(self, text: object) -> None:
        self.text = text

    def __repr__(self) -> str:
        return repr(self.text)


def _id(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise BadCall(f"is {value!r}; an id is a GUID, written as a text")
    return guid(value)


def _ids(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise BadCall("is no list of GUIDs")
    return tuple(_id(one) for one in value)


_LONG: Final = (1 << 64) - 1


def _truth(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    if isinstance(value, (bool, int)):
        return bool(value)
    truth = {"true": True, "false": False}.get(str(value).casefold())
    if truth is None:
        raise BadCall(f"is {value!r}; it is true or false")
    return truth


def _number(value: Any) -> int:
    if type(value) is int:
        return value & INFINITE
    if isinstance(value, str) and value == "INFINITE":
        return INFINITE
    number = number_of(value)
    if number is None:
        raise BadCall(f"is {value!r:.200}; it is a number, or names joined by |{unknown_constant(value)}")
    return number


def _file_time(value: Any) -> int:
    """A number of 64 bits, in 100 ns since 1601, or a moment as ISO 8601 writes it, with its time zone."""
    if isinstance(value, str):
        try:
            since = datetime.fromisoformat(value) - _FIRST_MOMENT
        except (ValueError, TypeError, OverflowError):
            says = "it is a number of 64 bits, or a time like 2026-01-01T00:00:00Z"
            raise BadCall(f"is {value!r:.200}; {says}") from None
        value = since // timedelta(microseconds=1) * 10
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LONG:
        raise BadCall(f"is {value!r:.200}; it is a number of 64 bits")
    return value


def unknown_constant(value: object) -> str:
    """Which of the names joined by | nobody knows, and which one may have been meant."""
    names = [word.strip() for word in value.split("|")] if isinstance(value, str) else []
    unknown = next((name[:100] for name in names if name not in enums.numbers()), None)
    if unknown is None:
        return ""
    return f"; {unknown!r} is no constant of VSS{meant_by(unknown)}"


def meant_by(name: str) -> str:
    """Which constant was probably meant by a name that is none; empty where none is like it."""
    wanted = name[:_LONGEST_NAME].upper()
    close = get_close_matches(wanted, enums.numbers(), n=1, cutoff=0.7)
    close = close or [known for known in enums.numbers() if known.endswith(f"_{wanted}")]
    return f" (did you mean {close[0]}?)" if close else ""


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadCall(f"is {value!r}; it is a text or null")
    if len(value) > LONGEST_TEXT:
        raise BadCall(f"is a text of {len(value)} characters; {LONGEST_TEXT} is the most")
    return value


def _anything(value: Any) -> Any:
    return value


def _code(value: Any) -> str:
    """An HRESULT by its name, or as `0x8004xxxx` where VSS has none for it; null is 0, as in C."""
    if isinstance(value, str) and not value[:1].isdigit() and value[:1] != "-":
        known = value in CODES or not value.startswith(("VSS_", "S_"))
        if known and _NAME_OF_A_CODE.fullmatch(value):
            return value
        close = get_close_matches(value[:_LONGEST_NAME], CODES, n=1, cutoff=0.7)
        meant = f" (did you mean {close[0]}?)" if close else ""
        raise BadCall(f"is {value!r:.200}, which is no HRESULT{meant}")
    try:
        number = int(value, 0) if isinstance(value, str) else 0 if value is None else value
    except ValueError:
        number = None
    if not isinstance(number, int) or isinstance(value, bool) or not -SIGN_BIT <= number < 2 * SIGN_BIT:
        raise BadCall(f"is {value!r:.200}; it is an HRESULT: a name or a number of 32 bits")
    known_code = HResult.of(number)
    return known_code.name if known_code is not None else f"0x{number & 0xFFFFFFFF:08X}"


def _document(value: Any) -> Any:
    """A text, or a document that was read from one."""
    if isinstance(value, (bool, int, float, list, tuple, dict)):
        raise BadCall(f"is {value!r}; it is a document, a text or null")
    return value


@cache
def _member_of(kind: type[enums.Named]) -> Convert:
    known: dict[Any, enums.Named] = {}
    for member in kind:
        known[member.value] = known[member.number] = member

    def convert(value: Any) -> enums.Named | Invalid:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise BadCall(f"is {value!r}; it is one of {', '.join(kind)}")
        found = known.get(value)
        if found is None and isinstance(value, str):
            number = number_of(value) if value[:1].isdigit() else None
            if number is not None:
                return known.get(number) or Invalid(number)
            raise BadCall(f"is {value!r:.200}; it is one of {', '.join(kind)}")
        return found or Invalid(value)

    return convert


def is_soon_compared(make: Convert) -> bool:
    """Whether what a converter takes are short values; documents and structures are none."""
    return make is not _document and make is not _anything


ENUMERATIONS: Final[dict[str, type[enums.Named]]] = {
    "VSS_BACKUP_TYPE": enums.BackupType,
    "VSS_COMPONENT_TYPE": enums.ComponentType,
    "VSS_FILE_RESTORE_STATUS": enums.FileRestoreStatus,
    "VSS_OBJECT_TYPE": enums.ObjectType,
    "VSS_RESTORE_TARGET": enums.RestoreTarget,
    "VSS_RESTORE_TYPE": enums.RestoreType,
    "VSS_ROLLFORWARD_TYPE": enums.RollForwardType,
}
"""The type of a parameter → its enumeration."""

_BY_TYPE: Final[dict[str, Convert]] = {
    "VSS_ID": _id,
    "const VSS_ID*": _ids,
    "bool": _truth,
    "BOOL": _truth,
    "UINT": _number,
    "ULONG": _number,
    "DWORD": _number,
    "LONG": _number,
    "FILETIME": _file_time,
    "LPCWSTR": _text,
    "REFIID": _text,
    "VSS_PWSZ": _text,
    "HRESULT": _code,
    "BSTR": _document,
    "PVSSCOMPONENTINFO": _anything,
    "VSS_SNAPSHOT_PROP*": _anything,
    "VSS_RESTOREMETHOD_ENUM": _member_of(enums.RestoreMethod),
    "VSS_WRITERRESTORE_ENUM": _member_of(enums.WriterRestore),
    "VSS_USAGE_TYPE": _member_of(enums.UsageType),
    "VSS_SOURCE_TYPE": _member_of(enums.SourceType),
    "VSS_APPLICATION_LEVEL": _member_of(enums.ApplicationLevel),
    "VSS_ALTERNATE_WRITER_STATE": _number,
    "const BYTE*": _text,
    **{kind: _member_of(members) for kind, members in ENUMERATIONS.items()},
}


def _default(signature: Signature, parameter: Parameter) -> Any:
    if parameter.default is not None:
        return _DEFAULTS[parameter.default]
    return None if parameter.name in _MAY_BE_LEFT_OUT.get(signature.name, ()) else REQUIRED


_MAY_BE_LEFT_OUT: Final = {
    "DisableWriterClasses": ("cClassId",),
    "EnableWriterClasses": ("cClassId",),
    "DisableWriterInstances": ("cInstanceId",),
    "AddToSnapshotSet": ("ProviderId",),
    "IsVolumeSupported": ("ProviderId",),
    "VssFreeSnapshotProperties": ("pProp",),
    "FreeComponentInfo": ("pInfo",),
    "CreateMetadata": ("reserved",),
    "LoadMetadata": ("reserved",),
    "AddComponent": ("pbIcon", "cbIcon"),
}
"""Counts of a list that is given, the null provider, pointers that only free memory, reserved values, icons."""


def _converter(signature: Signature, parameter: Parameter) -> Convert:
    is_document = TEXTS_THAT_ARE_DOCUMENTS.get(signature.full_name) == parameter.name
    return _document if is_document else _BY_TYPE[parameter.type]


def converters(signature: Signature) -> tuple[tuple[str, Convert, Any], ...]:
    """Each `in` parameter with what makes its value usable and its default (`REQUIRED`: none)."""
    return tuple(
        (parameter.name, _converter(signature, parameter), _default(signature, parameter))
        for parameter in signature.parameters
        if parameter.direction is Direction.IN
    )


def check_names(call: str, names: Collection[str], given: Iterable[str]) -> None:
    """See that a call is given no argument that it has not.

    Raises:
        BadCall: there is one; the message has the name that was probably meant, and all that there are.
    """
    for name in given:
        if name not in names:
            close = get_close_matches(str(name)[:_LONGEST_NAME], names, n=1, cutoff=0.7)
            meant = f" (did you mean {close[0]}?)" if close else ""
            expected = ", ".join(names) or "no arguments"
            raise BadCall(f"{call} has no parameter {str(name)[:60]!r}{meant}; expected {expected}")


def convert(full_name: str, wanted: tuple[tuple[str, Convert, Any], ...], given: Arguments) -> dict[str, Any]:
    """The arguments of a call, complete and in the engine's words.

    Raises:
        BadCall: an argument is missing or of a type that no program could pass.
    """
    arguments = {}
    name = ""
    try:
        for name, make, default in wanted:
            value = given.get(name, default)
            if value is REQUIRED:
                break
            if value is default:
                arguments[name] = GUID_NULL if make is _id else value
            else:
                arguments[name] = make(value)
        else:
            return arguments
    except ValueError as error:
        raise BadCall(f"{full_name}: {name} {error}") from None
    raise BadCall(f"{full_name}: {missing(one for one, _, usual in wanted if given.get(one, usual) is REQUIRED)}")
