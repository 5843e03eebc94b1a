"""Logs of a set on its way, as a recorder on each of two machines would write them, line by line, by hand."""

import json
from typing import Any, Final

from tests.support import SET_ID, SNAPSHOT_ID, Entry, asynchronous, call, check, create

CONTEXT: Final = "VSS_CTX_FILE_SHARE_BACKUP|VSS_VOLSNAP_ATTR_TRANSPORTABLE"
DEVICE: Final = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1"


def on_machine(machine: str | None, *lines: Entry) -> list[Entry]:
    """The lines as the recorder of one machine writes them."""
    return [{**line, "machine": machine} if machine else line for line in lines]


def release(on: str = "bc") -> Entry:
    """The object is given up."""
    return call("IUnknown::Release", on, returns=None)


def export(machine: str | None = "one", on: str = "bc", document: str = "document") -> list[Entry]:
    """A set is made to be transported, and its document saved."""
    return on_machine(
        machine,
        create(on),
        call("InitializeForBackup", on, bstrXML=None),
        call("SetContext", on, lContext=CONTEXT),
        call("StartSnapshotSet", on, out={"pSnapshotSetId": SET_ID}),
        call("AddToSnapshotSet", on, pwszVolumeName="F:\\", out={"pidSnapshot": SNAPSHOT_ID}),
        *asynchronous("DoSnapshotSet", f"made by {on}", on),
        call("SaveAsXML", on, out={"pbstrXML": document}),
    )


def import_it(machine: str | None = "two", on: str = "bc2", document: str = "document") -> list[Entry]:
    """Another object begins with it, and imports."""
    begun = call("InitializeForBackup", on, bstrXML=document)
    return on_machine(machine, create(on), begun, *asynchronous("ImportSnapshots", f"imported by {on}", on))


def import_rules(lines: list[Entry], world: Any = None) -> set[str]:
    """The rules about imports that a check finds broken."""
    found = check(lines, world=world) if world else check(lines)
    return {finding.rule for finding in found.findings if finding.rule.startswith(("im-", "import-"))}


def looks(on: str = "bc2", machine: str = "two") -> list[Entry]:
    """The importer asks for the properties of the copy, and is told that it is not there."""
    return on_machine(machine, call("GetSnapshotProperties", on, "VSS_E_OBJECT_NOT_FOUND", SnapshotId=SNAPSHOT_ID))


def persistent(lines: list[Entry]) -> list[Entry]:
    """The same lines, in a context whose copies are persistent."""
    text = json.dumps(lines).replace("VSS_CTX_FILE_SHARE_BACKUP", "VSS_CTX_NAS_ROLLBACK")
    return json.loads(text)  # type: ignore[no-any-return]
