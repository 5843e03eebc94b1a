"""Logs of restores as a recorder writes them around a program in C: numbers for flags, W names, handles in hexadecimal.

A log is built line by line, as somebody would write it down by hand; nothing of it comes from the simulator.
"""

from typing import Any, Final

from tests.support import Entry

WRITER: Final = "{B2014C9E-8711-4C5C-A5A9-3CF384484757}"
STORED: Final = "{0A0B0C0D-1111-2222-3333-444455556666}"
LIVE: Final = "{99999999-1111-2222-3333-444455556666}"
OTHERS: Final = "{99999999-1111-2222-3333-444455556677}"
HOME: Final = "C:\\ProgramData\\Shop\\"
FAR: Final = "E:\\Recovered\\Shop\\"
NAMES: Final = ("shop.mdb", "shop.ldb", "idx.dat")
ORIGINALS: Final = tuple(HOME + name for name in NAMES)
MAPPED: Final = tuple(FAR + name for name in NAMES)
MAPPING: Final = (HOME[:-1], "*", False, FAR[:-1])
SERVICE: Final = "ShopSvc"
DONE: Final = "ERROR_SUCCESS"
LOCKED: Final = "ERROR_SHARING_VIOLATION"
_BC: Final = "IVssBackupComponents::"
_WMD: Final = "IVssExamineWriterMetadata::"
_PART: Final = "IVssComponent::"
_COMPONENT: Final = {"wszLogicalPath": None, "wszComponentName": "ShopDB"}
_DISPOSITIONS: Final = {"CREATE_NEW": 1, "CREATE_ALWAYS": 2, "OPEN_EXISTING": 3, "OPEN_ALWAYS": 4}


class Log:
    """One restore of one component; every method writes lines, and gives the log."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._made = 0

    def line(self, call: str, on: str | None = None, returns: str | None = "S_OK", **more: Any) -> "Log":
        """One call; `in` and `out` are given as `given` and `gives`."""
        entry: Entry = {"call": call}
        parts = (("on", on), ("in", more.get("given")), ("returns", returns), ("out", more.get("gives")))
        entry.update({key: value for key, value in parts if value is not None})
        self.entries.append(entry)
        return self

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"{kind}{self._made}"

    def _wait(self, name: str) -> "Log":
        handle = self._name("async")
        self.line(_BC + name, "bc", gives={"pAsync" if name.startswith("Gather") else "ppAsync": handle})
        self.line("IVssAsync::Wait", handle)
        self.line("IVssAsync::QueryStatus", handle, gives={"pHrResult": "VSS_S_ASYNC_FINISHED"})
        return self.line("IUnknown::Release", handle, None)

    def begin(self) -> "Log":
        """An object that is initialised for restore."""
        self.line("CreateVssBackupComponents", gives={"ppBackup": "bc"})
        return self.line(_BC + "InitializeForRestore", "bc", given={"bstrXML": "backup.xml"})

    def load(self, method: str, *mappings: tuple[str, str, bool, str], **more: Any) -> "Log":
        """The stored metadata is loaded and read: method, mappings, one component with its file sets."""
        on = self._name("stored")
        self.line("CreateVssExamineWriterMetadata", given={"bstrXML": "writer.xml"}, gives={"ppMetadata": on})
        return self._read(on, STORED, method, mappings, **more)

    def _read(self, on: str, instance: str, method: str, mappings: Any, **more: Any) -> "Log":
        identity = {"pidInstance": instance, "pidWriter": WRITER, "pbstrWriterName": "Shop Writer"}
        self.line(_WMD + "GetIdentity", on, gives={**identity, "pUsage": "VSS_UT_USERDATA", "pSource": "VSS_ST_OTHER"})
        how: Entry = {"pMethod": method, "pbstrService": more.get("service"), "pbstrUserProcedure": None}
        how.update(pwriterRestore=more.get("takes_part", "VSS_WRE_ALWAYS"), pbRebootRequired=more.get("reboot", False))
        self.line(_WMD + "GetRestoreMethod", on, gives={**how, "pcMappings": len(mappings)})
        for number, mapping in enumerate(mappings):
            made = self._name("mapping")
            self.line(_WMD + "GetAlternateLocationMapping", on, given={"iMapping": number}, gives={"ppFiledesc": made})
            self._file_set(made, *mapping)
        counts = {"pcIncludeFiles": 0, "pcExcludeFiles": 0, "pcComponents": 1}
        self.line(_WMD + "GetFileCounts", on, gives=counts)
        part, specs = self._name("part"), more.get("specs", ("*",))
        self.line(_WMD + "GetComponent", on, given={"iComponent": 0}, gives={"ppComponent": part})
        info: Entry = {"type": "VSS_CT_FILEGROUP", "bstrLogicalPath": None, "bstrComponentName": "ShopDB"}
        info.update(
            bSelectable=True,
            bSelectableForRestore=True,
            cFileCount=len(specs),
            cDatabases=0,
            cLogFiles=0,
            cDependencies=int("depends_on" in more),
        )
        self.line("IVssWMComponent::GetComponentInfo", part, gives={"ppInfo": info})
        for number, spec in enumerate(specs):
            made = self._name("files")
            self.line("IVssWMComponent::GetFile", part, given={"iFile": number}, gives={"ppFiledesc": made})
            self._file_set(made, HOME[:-1], spec, more.get("recursive", False), None)
        if "depends_on" in more:
            made, kind = self._name("dependency"), "IVssWMDependency::"
            self.line("IVssWMComponent::GetDependency", part, given={"iDependency": 0}, gives={"ppDependency": made})
            self.line(kind + "GetWriterId", made, gives={"pWriterId": more["depends_on"]})
            self.line(kind + "GetLogicalPath", made, "S_FALSE", gives={"pbstrLogicalPath": None})
            self.line(kind + "GetComponentName", made, gives={"pbstrComponentName": "Mail"})
            self.line("IUnknown::Release", made, None)
        self.line("IVssWMComponent::FreeComponentInfo", part)
        return self.line("IUnknown::Release", part, None)

    def _file_set(self, on: str, path: str, spec: str, recursive: bool, other: str | None) -> None:
        kind = "IVssWMFiledesc::"
        self.line(kind + "GetPath", on, gives={"pbstrPath": path})
        self.line(kind + "GetFilespec", on, gives={"pbstrFilespec": spec})
        self.line(kind + "GetRecursive", on, gives={"pbRecursive": recursive})
        found = "S_OK" if other else "S_FALSE"
        self.line(kind + "GetAlternateLocation", on, found, gives={"pbstrAlternateLocation": other})
        self.line("IUnknown::Release", on, None)

    def gather(self, *, read: str | None = None) -> "Log":
        """Who runs; `read`: whose metadata is read of the live writer, too, by its method."""
        self._wait("GatherWriterMetadata")
        self.line(_BC + "GetWriterMetadataCount", "bc", gives={"pcWriters": 1})
        gives = {"pidInstance": LIVE, "ppMetadata": "live"}
        self.line(_BC + "GetWriterMetadata", "bc", given={"iWriter": 0}, gives=gives)
        if read is not None:
            return self._read("live", LIVE, read, ())
        identity = {"pidInstance": LIVE, "pidWriter": WRITER, "pbstrWriterName": "Shop Writer"}
        self.line(_WMD + "GetIdentity", "live", gives={**identity, "pUsage": "VSS_UT_USERDATA"})
        return self.line("IUnknown::Release", "live", None)

    def also_runs(self, writer: str) -> "Log":
        """Another writer runs, too."""
        gives = {"pidInstance": OTHERS, "ppMetadata": "other"}
        self.line(_BC + "GetWriterMetadata", "bc", given={"iWriter": 1}, gives=gives)
        identity = {"pidInstance": OTHERS, "pidWriter": writer, "pbstrWriterName": "Mail Writer"}
        self.line(_WMD + "GetIdentity", "other", gives={**identity, "pUsage": "VSS_UT_USERDATA"})
        return self.line("IUnknown::Release", "other", None)

    def new_target(self, to: str, spec: str = "*", home: str = HOME[:-1]) -> "Log":
        """A new target is declared for all files, or for those of a file specification."""
        file_set = {"wszPath": home, "wszFileName": spec, "bRecursive": False, "wszAlternatePath": to}
        given = {"writerId": WRITER, "ct": "VSS_CT_FILEGROUP", **_COMPONENT, **file_set}
        return self.line(_BC + "AddNewTarget", "bc", given=given)

    def select(self, writer: str = WRITER, name: str = "ShopDB") -> "Log":
        """The component is selected."""
        component = {"wszLogicalPath": None, "wszComponentName": name}
        given = {"writerId": writer, "ct": "VSS_CT_FILEGROUP", **component, "bSelectedForRestore": True}
        return self.line(_BC + "SetSelectedForRestore", "bc", given=given)

    def _states(self) -> "Log":
        self._wait("GatherWriterStatus")
        self.line(_BC + "GetWriterStatusCount", "bc", gives={"pcWriters": 1})
        state = {"pidInstance": LIVE, "pidWriter": WRITER, "pbstrWriter": "Shop Writer", "pnStatus": "VSS_WS_STABLE"}
        self.line(_BC + "GetWriterStatus", "bc", given={"iWriter": 0}, gives={**state, "phResultFailure": "S_OK"})
        return self.line(_BC + "FreeWriterStatus", "bc")

    def pre_restore(self) -> "Log":
        """PreRestore, waited for."""
        self._wait("PreRestore")
        return self._states()

    def read_target(self, target: str = "VSS_RT_ORIGINAL", *directed: dict[str, str]) -> "Log":
        """The component is read again: its restore target and directed targets."""
        writers, part = self._name("components"), self._name("component")
        kind = "IVssWriterComponentsExt::"
        self.line(_BC + "GetWriterComponentsCount", "bc", gives={"pcComponents": 1})
        self.line(_BC + "GetWriterComponents", "bc", given={"iWriter": 0}, gives={"ppWriter": writers})
        self.line(kind + "GetWriterInfo", writers, gives={"pidInstance": STORED, "pidWriter": WRITER})
        self.line(kind + "GetComponentCount", writers, gives={"pcComponents": 1})
        self.line(kind + "GetComponent", writers, given={"iComponent": 0}, gives={"ppComponent": part})
        self.line(_PART + "GetLogicalPath", part, "S_FALSE", gives={"pbstrPath": None})
        self.line(_PART + "GetComponentName", part, gives={"pbstrName": "ShopDB"})
        self.line(_PART + "GetRestoreTarget", part, gives={"pTarget": target})
        self.line(_PART + "GetDirectedTargetCount", part, gives={"pcDirectedTarget": len(directed)})
        for number, one in enumerate(directed):
            self.line(_PART + "GetDirectedTarget", part, given={"iDirectedTarget": number}, gives=one)
        self.line("IUnknown::Release", part, None)
        return self.line("IUnknown::Release", writers, None)

    def to(self, method: str, *mappings: tuple[str, str, bool, str], **more: Any) -> "Log":
        """Everything up to the files, as it should be."""
        more.setdefault("target", "VSS_RT_ORIGINAL")
        target, directed = more.pop("target"), more.pop("directed", ())
        self.begin().load(f"VSS_RME_{method}", *mappings, **more).gather().select().pre_restore()
        return self.read_target(target, *directed)

    def look(self, path: str, returns: str = DONE) -> "Log":
        """GetFileAttributes."""
        return self.line("GetFileAttributesW", None, returns, given={"lpFileName": path})

    def open(self, path: str, how: str = "OPEN_EXISTING", returns: str = DONE, **more: Any) -> str:
        """CreateFile; gives the handle. `existed` tells that GetLastError said that the file was there."""
        self._made += 4
        given = {"lpFileName": path, "dwDesiredAccess": 0x40000000, "dwShareMode": 0}
        given["dwCreationDisposition"] = _DISPOSITIONS[how]
        last = {"lastError": "ERROR_ALREADY_EXISTS"} if more.get("existed") else {}
        gives = {"hFile": hex(self._made), **last} if returns == DONE else None
        self.line("CreateFileW", None, returns, given=given, gives=gives)
        return hex(self._made)

    def write(self, handle: str) -> "Log":
        """WriteFile."""
        given = {"hFile": handle, "nNumberOfBytesToWrite": 65536}
        return self.line("WriteFile", None, DONE, given=given, gives={"lpNumberOfBytesWritten": 65536})

    def close(self, *handles: str) -> "Log":
        """CloseHandle."""
        for handle in handles:
            self.line("CloseHandle", None, DONE, given={"hObject": handle})
        return self

    def put(self, *paths: str, how: str = "CREATE_ALWAYS", existed: bool = False) -> "Log":
        """Open, write and close, file by file."""
        for path in paths:
            handle = self.open(path, how, existed=existed)
            self.write(handle).close(handle)
        return self

    def prove_and_put(self, *paths: str, how: str = "OPEN_ALWAYS") -> "Log":
        """Open all, then write all."""
        handles = [self.open(path, how, existed=how == "OPEN_ALWAYS") for path in paths]
        for handle in handles:
            self.write(handle)
        return self.close(*handles)

    def copy(self, source: str, to: str, returns: str = DONE) -> "Log":
        """CopyFile, over what is there."""
        given = {"lpExistingFileName": source, "lpNewFileName": to, "bFailIfExists": False}
        return self.line("CopyFileW", None, returns, given=given)

    def move(self, source: str, to: str, flags: int = 0) -> "Log":
        """MoveFileEx; 1 replaces, 2 may copy, 4 waits for the restart."""
        given = {"lpExistingFileName": source, "lpNewFileName": to, "dwFlags": flags}
        return self.line("MoveFileExW", None, DONE, given=given)

    def delete(self, path: str) -> "Log":
        """DeleteFile."""
        return self.line("DeleteFileW", None, DONE, given={"lpFileName": path})

    def stop(self) -> "Log":
        """The service is stopped, and is."""
        self.line("ControlService", None, DONE, given={"lpServiceName": SERVICE, "dwControl": 1})
        state = {"lpServiceStatus": {"dwCurrentState": "SERVICE_STOPPED"}}
        return self.line("QueryServiceStatus", None, DONE, given={"lpServiceName": SERVICE}, gives=state)

    def cannot_stop(self) -> "Log":
        """The service does not stop."""
        given = {"lpServiceName": SERVICE, "dwControl": 1}
        return self.line("ControlService", None, "ERROR_DEPENDENT_SERVICES_RUNNING", given=given)

    def start(self) -> "Log":
        """The service is started."""
        return self.line("StartServiceW", None, DONE, given={"lpServiceName": SERVICE})

    def record(self) -> "Log":
        """The mapping was used."""
        path, spec, recursive, to = MAPPING
        file_set = {"wszPath": path, "wszFilespec": spec, "bRecursive": recursive, "wszDestination": to}
        given = {"writerId": WRITER, "componentType": "VSS_CT_FILEGROUP", **_COMPONENT, **file_set}
        return self.line(_BC + "AddAlternativeLocationMapping", "bc", given=given)

    def tell(self, status: str = "ALL") -> "Log":
        """SetFileRestoreStatus."""
        given = {"writerId": WRITER, "ct": "VSS_CT_FILEGROUP", **_COMPONENT, "status": f"VSS_RS_{status}"}
        return self.line(_BC + "SetFileRestoreStatus", "bc", given=given)

    def end(self, *, service: bool = False) -> "Log":
        """PostRestore and the release; `service`: a stop and start between them."""
        self._wait("PostRestore")
        self._states()
        if service:
            self.stop().start()
        return self.line("IUnknown::Release", "bc", None)

    def boot(self) -> "Log":
        """The machine starts again."""
        self.entries.append({"happens": "reboot"})
        return self
