"""A folder of Writer Metadata Documents, written here by hand as those of real machines are: with all their quirks.

Quirks: UTF-16 and UTF-8, with a mark or without; ids in any case, with braces or without; attributes left out that
stand for no; paths with variables in any case, in lower case, of volumes without a drive letter, without a drive, with
a backslash at the end; thousands of file lists; other XML beside them.
"""

from pathlib import Path
from typing import Final

LISTS: Final = 3000
_NAMESPACE: Final = "x-schema:#VssWriterMetadataInfo"
_ID: Final = "a1a1a1a1-0000-4000-8000-{:012d}"
_METHOD: Final = '<RESTORE_METHOD method="{}" writerRestore="{}" rebootRequired="{}"/>'
_GROUP: Final = (
    '<FILE_GROUP {}componentName="{}" {}restoreMetadata="no" notifyOnBackupComplete="no" selectable="{}"'
    ' selectableForRestore="{}" componentFlags="{}">{}</FILE_GROUP>'
)


def _list(path: str, filespec: str, more: str = "", mask: int = 3855) -> str:
    return f'<FILE_LIST path="{path}" filespec="{filespec}" {more}filespecBackupType="{mask}"/>'


def _writer(number: int, name: str, inside: str, *, schema: str = "", of: str = "BOOTABLE_SYSTEM_STATE") -> str:
    return (
        f'<WRITER_METADATA xmlns="{_NAMESPACE}" version="1.2"{schema}>'
        f'<IDENTIFICATION writerId="{_ID.format(number).upper()}" instanceId="{_ID.format(100 + number)}"'
        f' friendlyName="{name}" usage="{of}" dataSource="OTHER" majorVersion="1" minorVersion="0"/>'
        f"{inside}</WRITER_METADATA>"
    )


def _system_files() -> str:
    lists = [_list("%systemroot%\\winsxs", "*.*", 'recursive="yes" ')]
    for number in range(LISTS):
        folder = f"c:\\windows\\system32\\part{number % 97}"
        lists.append(_list(folder, f"library{number}.dll", mask=257 if number % 3 else 3855))
    return "".join(lists)


_BOOT: Final = "\\\\?\\Volume{0a0a0a0a-0000-4000-8000-00000000000a}\\Boot"
_EXCLUDED: Final = '<EXCLUDE_FILES path="{}" filespec="{}" recursive="{}"/>'
_REBOOT: Final = _METHOD.format("REPLACE_AT_REBOOT_IF_CANNOT_REPLACE", "never", "no")

DOCUMENTS: Final[dict[str, bytes]] = {
    "WM0-tasks.xml": _writer(
        1,
        "Task Keeper",
        _REBOOT
        + "<BACKUP_LOCATIONS>"
        + _GROUP.format("", "Tasks", 'caption="Tasks &amp; &quot;jobs&quot;" ', "no", "no", "0",
                        _list("%WinDir%\\Tasks", "*", 'recursive="yes" '))
        + "</BACKUP_LOCATIONS>",
    ).encode("utf-8"),
    "WM1-store.xml": _writer(2, "Store", "<BACKUP_LOCATIONS/>").encode("utf-16"),
    "WM2-counters.xml": b"\xef\xbb\xbf"
    + _writer(
        3,
        "Counters",
        _REBOOT
        + "<BACKUP_LOCATIONS>"
        + _GROUP.format("", "Counters", "", "yes", "no", "1",
                        _list("%SystemRoot%\\System32", "count???.dat") + _list("%SystemRoot%\\System32\\", "c?.h"))
        + "</BACKUP_LOCATIONS>",
    ).encode("utf-8"),
    "WM3-system.xml": _writer(
        4,
        "The System",
        _METHOD.format("REPLACE_AT_REBOOT_IF_CANNOT_REPLACE", "never", "yes")
        + "<BACKUP_LOCATIONS>"
        + _GROUP.format("", "System Files", "", "yes", "no", "0", _system_files())
        + "</BACKUP_LOCATIONS>",
        schema=' backupSchema="0"',
    ).encode("utf-16-le"),
    "WM4-recovery.xml": _writer(
        5,
        "Recovery",
        _METHOD.format("RESTORE_IF_CAN_BE_REPLACED", "always", "yes")
        + "<BACKUP_LOCATIONS>"
        + _GROUP.format('logicalPath="Boot" ', "Boot", "", "no", "no", "0", _list(_BOOT, "*.*", 'recursive="yes" '))
        + _GROUP.format('logicalPath="Disks" ', "disk0", "", "yes", "yes", "0", "")
        + "</BACKUP_LOCATIONS>",
    ).encode("utf-8"),
    "WM5-database.xml": _writer(
        6,
        "Database",
        _METHOD.format("RESTORE_IF_CAN_BE_REPLACED", "always", "no")
        + "<BACKUP_LOCATIONS>"
        + '<DATABASE logicalPath="SERVER" componentName="shop" caption="" restoreMetadata="yes"'
        + ' notifyOnBackupComplete="yes" selectable="yes" selectableForRestore="yes" componentFlags="6">'
        + '<DATABASE_FILES path="E:\\data" filespec="shop.mdf" filespecBackupType="3855"/>'
        + '<DATABASE_LOGFILES path="F:\\log" filespec="shop*.ldf" filespecBackupType="3855"/></DATABASE>'
        + "</BACKUP_LOCATIONS>",
        schema=' backupSchema="31"',
        of="USER_DATA",
    ).encode("utf-16"),
    "WM6-optimizer.xml": _writer(
        7,
        "Optimizer",
        "<BACKUP_LOCATIONS>"
        + _EXCLUDED.format("\\System Volume Information\\Heat", "*.*", "yes")
        + '<EXCLUDE_FILES_FROM_SNAPSHOT path="C:\\Users\\somebody\\AppData" filespec="*.ost" recursive="no"/>'
        + "</BACKUP_LOCATIONS>",
        of="OTHER",
    ).encode("utf-8"),
    "WM7-transfers.xml": _writer(
        8,
        "Transfers",
        "<BACKUP_LOCATIONS>" + _EXCLUDED.format("C:\\ProgramData\\Transfers\\", "queue*.db", "no")
        + "</BACKUP_LOCATIONS>",
        of="SYSTEM_SERVICE",
    ).encode("utf-8"),
    "WM8-shared.xml": _writer(
        9,
        "Shared",
        "<BACKUP_LOCATIONS>"
        + _GROUP.format("", "share", "", "yes", "yes", "0", _list("\\\\server\\share", "*", 'recursive="yes" '))
        + "</BACKUP_LOCATIONS>",
    ).encode("utf-8"),
    "wm9-registry.XML": (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- saved by hand -->\n'
        + _writer(
            10,
            "Registry",
            _METHOD.format("REPLACE_AT_REBOOT", "never", "yes")
            + "<BACKUP_LOCATIONS>\n"
            + _GROUP.format(
                "", "Registry", "", "no", "no", "0",
                _list("c:\\Windows\\system32\\config", "SYSTEM") + _list("C:\\windows\\System32", "config")
            )
            + "</BACKUP_LOCATIONS>",
        )
    ).encode("utf-8"),
    "WM10-classes.xml": _writer(
        11,
        "Gr\u00f6\u00dfe \U0001f5c4",
        _REBOOT
        + "<BACKUP_LOCATIONS>"
        + _GROUP.format("", "Classes", "", "yes", "no", "0", _list("%SystemRoot%\\Registration", "*.clb"))
        + "</BACKUP_LOCATIONS>",
    ).encode("utf-16"),
}  # fmt: skip
"""Name of the file → document; the writers are in the order of the numbers in the names."""

BESIDE: Final[dict[str, bytes]] = {
    "BCDocument.xml": b'<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata" version="1.2"/>',
    "Manifest.xml": "<Manifest><Writers Count='11'/></Manifest>".encode("utf-16-le"),
    "readme.txt": b"no XML",
}
"""What lies beside them."""


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """The folder with these files in it."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
