"""Every documented method and function: its parameters, and the kind of object it is called on.

Interface versions are one object: `IVssBackupComponentsEx2::SetRollForward` and `IVssBackupComponents::SetContext` are
called on the same handle, which is of the *family* `IVssBackupComponents`.
"""

from enum import Enum
from functools import cache
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from vss_sim.spec.tables import read_table
from vss_sim.spec.win32 import CALLS, SIBLINGS

FAMILIES: Final[dict[str, str]] = {
    "IVssBackupComponents": "IVssBackupComponents",
    "IVssBackupComponentsEx": "IVssBackupComponents",
    "IVssBackupComponentsEx2": "IVssBackupComponents",
    "IVssBackupComponentsEx3": "IVssBackupComponents",
    "IVssBackupComponentsEx4": "IVssBackupComponents",
    "IVssExamineWriterMetadataEx": "IVssExamineWriterMetadata",
    "IVssExamineWriterMetadataEx2": "IVssExamineWriterMetadata",
    "IVssWriterComponentsExt": "IVssWriterComponents",
    "IVssComponentEx": "IVssComponent",
    "IVssComponentEx2": "IVssComponent",
    "IVssCreateWriterMetadataEx": "IVssCreateWriterMetadata",
    "CVssWriterEx": "CVssWriter",
    "CVssWriterEx2": "CVssWriter",
}
"""Interface → the family it is a version of; an interface that is not here is its own family."""

_HEADER_OF_KIND: Final = {
    "requester": "vsbackup",
    "writer": "vswriter",
    "provider": "vsprov",
    "management": "vsmgmt",
}
_HEADER_OF_FAMILY: Final = {
    "IVssWMFiledesc": "vswriter",
    "IVssWMDependency": "vswriter",
    "IVssComponent": "vswriter",
    "IVssWriterComponents": "vswriter",
    "IVssAsync": "vss",
    "IVssEnumObject": "vss",
    "IUnknown": "unknwn",
}
"""Family → the header under which the reference has its page, where the kind of caller does not tell."""

BACKUP_COMPONENTS: Final = "IVssBackupComponents"
ASYNC: Final = "IVssAsync"
ENUMERATION: Final = "IVssEnumObject"
WRITER: Final = "CVssWriter"
WRITER_METADATA: Final = "IVssCreateWriterMetadata"
EXPRESS_WRITER: Final = "IVssExpressWriter"
EXPRESS_METADATA: Final = "IVssCreateExpressWriterMetadata"
UNKNOWN: Final = "IUnknown"
TEXTS_THAT_ARE_DOCUMENTS: Final = {f"{EXPRESS_WRITER}::LoadMetadata": "metadata"}
"""Call → the parameter that takes an XML document though its type says no more than a text."""
_REFERENCE_CALLS: Final = {
    "QueryInterface": "The same object by another version of its interface, with one more reference.",
    "AddRef": "One more reference to the object.",
    "Release": "Give a reference to the object up; with the last one it goes.",
}
REFERENCES: Final = tuple(_REFERENCE_CALLS)
CREATE: Final = "CreateVssBackupComponents"
EXAMINE: Final = "CreateVssExamineWriterMetadata"

OTHER_FUNCTIONS: Final = frozenset(
    {
        *SIBLINGS,
        "AdjustTokenPrivileges",
        "BackupRead",
        "BackupSeek",
        "BackupWrite",
        "CloseServiceHandle",
        "CoCreateInstance",
        "CoInitialize",
        "CoInitializeEx",
        "CoInitializeSecurity",
        "CoTaskMemAlloc",
        "CoTaskMemFree",
        "CoUninitialize",
        "CommitTransaction",
        "ControlServiceEx",
        "CopyFileEx",
        "CreateEvent",
        "CreateSymbolicLink",
        "CreateTransaction",
        "DefineDosDevice",
        "DeleteVolumeMountPoint",
        "DeviceIoControl",
        "EnumDependentServices",
        "FindFirstFileEx",
        "FindFirstVolume",
        "FindNextVolume",
        "FindVolumeClose",
        "FlushFileBuffers",
        "GetDiskFreeSpaceEx",
        "GetDriveType",
        "GetFileAttributesEx",
        "GetFileInformationByHandle",
        "GetFileSize",
        "GetFileTime",
        "GetLastError",
        "GetOverlappedResult",
        "GetVolumeInformation",
        "GetVolumeNameForVolumeMountPoint",
        "GetVolumePathName",
        "GetVolumePathNamesForVolumeName",
        "LookupPrivilegeValue",
        "MoveFile",
        "OpenProcessToken",
        "OpenSCManager",
        "OpenService",
        "QueryServiceStatus",
        "QueryServiceStatusEx",
        "ReplaceFile",
        "RollbackTransaction",
        "SetCurrentDirectory",
        "SetFileInformationByHandle",
        "SetFilePointer",
        "SetFilePointerEx",
        "SetFileSecurity",
        "SetFileTime",
        "SetNamedSecurityInfo",
        "SetSecurityInfo",
        "SetVolumeMountPoint",
        "Sleep",
        "SysAllocString",
        "SysFreeString",
        "VariantClear",
        "WaitForSingleObject",
    }
)
"""Functions around VSS that an API monitor records, beside the file and service calls of `win32.CALLS`."""

_EXPORTED_AS_INTERNAL: Final = (
    CREATE,
    EXAMINE,
    "IsVolumeSnapshotted",
    "ShouldBlockRevert",
    "VssFreeSnapshotProperties",
)
"""Functions that `VssApi.dll` exports with `Internal` behind their names, as a recorder may see them."""


Forms = tuple[type, ...]
"""The types that a value may have."""


class Direction(Enum):
    """Which way a parameter goes."""

    IN = "in"
    OUT = "out"
    BOTH = "in/out"


class Parameter(Struct, frozen=True):
    """One documented parameter; `makes` is the family of the object that it hands out, if it hands out one."""

    direction: Direction
    type: str
    name: str
    default: str | None
    makes: str | None

    @property
    def forms(self) -> Forms:
        """What a trace writes for it, beside null; empty where that may be anything."""
        if self.type in _TEXTS:
            return (str,)
        plain = self.type in _NUMBERS or (self.type.startswith("VSS_") and "*" not in self.type)
        return (str, int) if plain else ()


_TEXTS: Final = frozenset({"REFIID", "LPCWSTR", "VSS_PWSZ", "VSS_ID"})
_NUMBERS: Final = frozenset({"bool", "BOOL", "DWORD", "UINT", "LONG", "ULONG"})


class Signature(Struct, frozen=True):
    """A documented method or function (`interface` empty).

    `kind` says who calls it, or offers it; `does` what it does, in one sentence.
    """

    interface: str
    name: str
    kind: str
    parameters: tuple[Parameter, ...]
    asynchronous: bool
    object: str
    min_client: str
    min_server: str
    note: str
    does: str
    full_name: str = ""
    """The name as traces write it; follows from the others."""
    family: str = ""
    """The kind of object it is called on, which follows from the others; empty for a function."""

    def __post_init__(self) -> None:
        force_setattr(self, "full_name", f"{self.interface}::{self.name}" if self.interface else self.name)
        force_setattr(self, "family", FAMILIES.get(self.interface, self.interface))

    @property
    def page(self) -> str:
        """The id of its page in the reference."""
        header = _HEADER_OF_FAMILY.get(self.family) or _HEADER_OF_KIND[self.kind]
        interface = self.family if self.note.startswith(_INHERITED) else self.interface
        return f"api:nf-{header}-" + f"{interface}-{self.name}".removeprefix("-").lower()


_INHERITED: Final = "inherited"


def _parameter(text: str) -> Parameter:
    direction, _, rest = text.partition(" ")
    kind, _, name = rest.rpartition(" ")
    name, equals, default = name.partition("=")
    interface = kind.removesuffix("**")
    makes = None
    if direction != Direction.IN.value and kind.endswith("**") and interface.startswith("IVss"):
        makes = FAMILIES.get(interface, interface)
    return Parameter(Direction(direction), kind, name, default if equals else None, makes)


@cache
def signatures() -> dict[str, Signature]:
    """Full name → signature, for everything documented plus the methods of `IUnknown`."""
    found: dict[str, Signature] = {}
    for row in read_table("methods.tsv"):
        parameters = tuple(_parameter(text) for text in row["parameters"].split("; ") if text)
        signature = Signature(
            interface=row["interface"],
            name=row["method"],
            kind=row["kind"],
            parameters=parameters,
            asynchronous=row["asynchronous"] == "yes",
            object=row["object"],
            min_client=row["min_client"],
            min_server=row["min_server"],
            note=row["note"],
            does=row["does"],
        )
        if signature.note.startswith(_INHERITED):
            signature = replace(signature, does=found[f"{signature.family}::{signature.name}"].does)
        found[signature.full_name] = signature
    for name in REFERENCES:
        makes = _QUERIED if name == "QueryInterface" else ()
        found[f"{UNKNOWN}::{name}"] = Signature(
            UNKNOWN, name, "requester", makes, False, "either", "XP", "Server 2003", "", _REFERENCE_CALLS[name]
        )
    return found


_QUERIED: Final = (
    Parameter(Direction.IN, "REFIID", "riid", "NULL", None),
    Parameter(Direction.OUT, "void**", "ppvObject", None, None),
)
"""The parameters of QueryInterface; which interface was asked for may be left out, since it is one object."""


@cache
def call_names() -> dict[str, str]:
    """Every name under which a documented call may be written → its documented full name.

    A method may be written with any version of its interface, and the methods of `IUnknown` with any interface. One
    that a later version lists again is that of the first.
    """
    found: dict[str, str] = {}
    interfaces: dict[str, set[str]] = {}
    for interface, family in FAMILIES.items():
        interfaces.setdefault(family, {family}).add(interface)
    for full_name, signature in signatures().items():
        for interface in interfaces.get(signature.family, {signature.interface}):
            found.setdefault(f"{interface}::{signature.name}" if interface else signature.name, full_name)
        if signature.interface:
            for name in REFERENCES:
                found[f"{signature.interface}::{name}"] = f"{UNKNOWN}::{name}"
    for name in {*CALLS, *OTHER_FUNCTIONS}:
        found.update(dict.fromkeys((name, f"{name}A", f"{name}W"), name))
    found.update({f"{name}Internal": name for name in _EXPORTED_AS_INTERNAL})
    return found
