"""Every HRESULT that VSS answers with: its name, its number and what it means.

A code is written once, here; everything else names it. Success is told by the sign bit, as in COM: ``S_FALSE`` and
``VSS_S_ASYNC_PENDING`` are successes that carry news.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Self

SIGN_BIT: Final = 0x80000000
"""An HRESULT with this bit is a failure."""


class HResult(IntEnum):
    """An answer of VSS, by its documented name.

    The value is the unsigned 32-bit number (``0x80042301``); `meaning` is one clause for people.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """A member from its number and what it means."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    def __str__(self) -> str:
        return self.name

    S_OK = 0x00000000, "Plain success."
    S_FALSE = (
        0x00000001,
        "Success without a value (unset attribute, end of list) or, for CVssWriter::Initialize, nothing done.",
    )
    VSS_S_ASYNC_PENDING = 0x00042309, "Async operation still running."
    VSS_S_ASYNC_FINISHED = 0x0004230A, "Async operation finished successfully."
    VSS_S_ASYNC_CANCELLED = 0x0004230B, "Async operation was cancelled."
    VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED = (
        0x00042321,
        "Import worked for part of the shadow copies (success form; same low 16 bits as the error form).",
    )
    E_NOTIMPL = 0x80004001, "Not implemented (SetContext on XP; provider cannot revert or resync)."
    E_NOINTERFACE = 0x80004002, "The object has no such interface (QueryInterface)."
    E_POINTER = 0x80004003, "Required pointer is NULL."
    E_FAIL = 0x80004005, "Unspecified internal failure."
    E_UNEXPECTED = 0x8000FFFF, "Unexpected failure; stands for VSS_E_UNEXPECTED before Server 2008 R2 / Windows 7."
    VSS_E_BAD_STATE = (
        0x80042301,
        "Call not allowed in the current state of the object (not initialised, wrong operation, wrong order).",
    )
    VSS_E_UNEXPECTED = (
        0x80042302,
        "Unexpected VSS failure; code is in the event log; Server 2008 R2 / Windows 7 and later, earlier E_UNEXPECTED.",
    )
    VSS_E_PROVIDER_ALREADY_REGISTERED = 0x80042303, "Provider is already registered."
    VSS_E_PROVIDER_NOT_REGISTERED = 0x80042304, "Provider id is not registered."
    VSS_E_PROVIDER_VETO = (
        0x80042306,
        "Provider refused or failed in an expected way and logged it; on Break*: set made by a software provider.",
    )
    VSS_E_PROVIDER_IN_USE = 0x80042307, "Provider in use, cannot be unregistered now."
    VSS_E_OBJECT_NOT_FOUND = (
        0x80042308,
        "Named object (shadow copy, set, volume, component, writer, list index) does not exist.",
    )
    VSS_E_VOLUME_NOT_SUPPORTED = (
        0x8004230C,
        "No provider supports the volume (or requested attributes); also volume cannot be reverted or resynced.",
    )
    VSS_E_OBJECT_ALREADY_EXISTS = 0x8004230D, "Object to add exists already (component, metadata, registered writer)."
    VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER = 0x8004230E, "The named provider does not support the volume."
    VSS_E_UNEXPECTED_PROVIDER_ERROR = 0x8004230F, "Provider failed with an unexpected code."
    VSS_E_CORRUPT_XML_DOCUMENT = (
        0x80042310,
        "Obsolete, and no page's answer; see VSS_E_INVALID_XML_DOCUMENT.",
    )
    VSS_E_INVALID_XML_DOCUMENT = 0x80042311, "XML document not well formed or not matching the schema."
    VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED = 0x80042312, "Snapshot set is full (64 volumes)."
    VSS_E_FLUSH_WRITES_TIMEOUT = 0x80042313, "Provider could not flush writes of a volume in time; may be transient."
    VSS_E_HOLD_WRITES_TIMEOUT = 0x80042314, "Provider could not hold writes of a volume in time; may be transient."
    VSS_E_UNEXPECTED_WRITER_ERROR = 0x80042315, "VSS had trouble sending events to writers."
    VSS_E_SNAPSHOT_SET_IN_PROGRESS = 0x80042316, "Another shadow copy set is being created on the system."
    VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED = 0x80042317, "Volume has its maximum number of shadow copies."
    VSS_E_WRITER_INFRASTRUCTURE = 0x80042318, "Writers cannot be reached (Event System or VSS service not working)."
    VSS_E_WRITER_NOT_RESPONDING = 0x80042319, "Writer gave no answer to the status query."
    VSS_E_WRITER_ALREADY_SUBSCRIBED = 0x8004231A, "Writer has subscribed before."
    VSS_E_UNSUPPORTED_CONTEXT = (
        0x8004231B,
        "Context / shadow copy type not supported for the operation (e.g. revert of a non-persistent shadow copy).",
    )
    VSS_E_VOLUME_IN_USE = 0x8004231D, "Volume (or its diff area) is in use."
    VSS_E_MAXIMUM_DIFFAREA_ASSOCIATIONS_REACHED = (
        0x8004231E,
        "Volume has its maximum number of diff area associations.",
    )
    VSS_E_INSUFFICIENT_STORAGE = 0x8004231F, "Too little space for the shadow copy data."
    VSS_E_NO_SNAPSHOTS_IMPORTED = 0x80042320, "Import brought in no shadow copy."
    VSS_E_SOME_SNAPSHOTS_NOT_IMPORTED = 0x80042321, "Import worked for part of the shadow copies (error form)."
    VSS_E_MAXIMUM_NUMBER_OF_REMOTE_MACHINES_REACHED = 0x80042322, "Too many remote machines in one operation."
    VSS_E_REMOTE_SERVER_UNAVAILABLE = 0x80042323, "Remote server cannot be reached."
    VSS_E_REMOTE_SERVER_UNSUPPORTED = 0x80042324, "VSS on the remote server cannot make remote shadow copies."
    VSS_E_REVERT_IN_PROGRESS = 0x80042325, "Volume is being reverted already."
    VSS_E_REVERT_VOLUME_LOST = 0x80042326, "Volume went away during its revert."
    VSS_E_REBOOT_REQUIRED = 0x80042327, "Restart needed."
    VSS_E_TRANSACTION_FREEZE_TIMEOUT = 0x80042328, "Transaction managers (DTC, KTM) not frozen in time."
    VSS_E_TRANSACTION_THAW_TIMEOUT = 0x80042329, "Transaction managers (DTC, KTM) not thawed in time."
    VSS_E_UNSELECTED_VOLUME = 0x8004232A, "Resync would overwrite a volume not explicitly selected."
    VSS_E_SNAPSHOT_NOT_IN_SET = 0x8004232B, "Snapshot id is not in the Backup Components Document."
    VSS_E_NESTED_VOLUME_LIMIT = 0x8004232C, "Volume nested too deeply (VHD in VHD)."
    VSS_E_VOLUME_NOT_LOCAL = 0x8004232D, "Volume is not mounted on this host."
    VSS_E_CLUSTER_TIMEOUT = 0x8004232E, "Cluster shared volume not ready for backup in time."
    VSS_E_NOT_SUPPORTED = 0x8004232F, "Operation or value not supported (used for express writers)."
    VSS_E_WRITERERROR_PARTIAL_FAILURE = (
        0x80042336,
        "Writer failure: some components failed, see component-level errors.",
    )
    VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT = (
        0x800423F0,
        "Writer failure: set holds only part of the volumes the writer needs.",
    )
    VSS_E_WRITERERROR_OUTOFRESOURCES = 0x800423F1, "Writer failure: resource allocation failed."
    VSS_E_WRITERERROR_TIMEOUT = 0x800423F2, "Writer failure: freeze-to-thaw window exceeded."
    VSS_E_WRITERERROR_RETRYABLE = 0x800423F3, "Writer failure: transient, a retry of the whole backup may work."
    VSS_E_WRITERERROR_NONRETRYABLE = 0x800423F4, "Writer failure: permanent, a retry will likely fail again."
    VSS_E_WRITERERROR_RECOVERY_FAILED = 0x800423F5, "Writer failure: recovery on the shadow copy failed."
    VSS_E_BREAK_REVERT_ID_FAILED = (
        0x800423F6,
        "Break could not set disk/partition identities back (target identity present; mask it first).",
    )
    VSS_E_LEGACY_PROVIDER = 0x800423F7, "Hardware provider version too old for the operation."
    VSS_E_MISSING_DISK = 0x800423F8, "Expected disk did not show up."
    VSS_E_MISSING_HIDDEN_VOLUME = 0x800423F9, "Expected hidden volume did not show up."
    VSS_E_MISSING_VOLUME = 0x800423FA, "Expected volume did not show up."
    VSS_E_AUTORECOVERY_FAILED = 0x800423FB, "Auto-recovery of the shadow copy failed."
    VSS_E_DYNAMIC_DISK_ERROR = 0x800423FC, "Failure in handling dynamic disks."
    VSS_E_NONTRANSPORTABLE_BCD = (
        0x800423FD,
        "Document belongs to a non-transportable shadow copy, operation needs a transportable one.",
    )
    VSS_E_CANNOT_REVERT_DISKID = 0x800423FE, "MBR signature or GPT id could not be set as intended."
    VSS_E_RESYNC_IN_PROGRESS = 0x800423FF, "Another LUN resync is running."
    VSS_E_CLUSTER_ERROR = 0x80042400, "Clustered disks could not be listed or put into maintenance mode."
    VSS_E_ASRERROR_DISK_ASSIGNMENT_FAILED = 0x80042401, "ASR: too few disks or disks too small for the backup layout."
    VSS_E_ASRERROR_DISK_RECREATION_FAILED = 0x80042402, "ASR: a needed disk could not be recreated."
    VSS_E_ASRERROR_NO_ARCPATH = 0x80042403, "ASR: restart needed before the disk can be prepared."
    VSS_E_ASRERROR_MISSING_DYNDISK = 0x80042404, "ASR: disk of a dynamic volume missing at backup."
    VSS_E_ASRERROR_SHARED_CRIDISK = 0x80042405, "ASR: critical volume lies on a cluster shared disk."
    VSS_E_ASRERROR_DATADISK_RDISK0 = 0x80042406, "ASR: BIOS boot disk is a data disk."
    VSS_E_ASRERROR_RDISK0_TOOSMALL = 0x80042407, "ASR: BIOS boot disk too small for the system disk."
    VSS_E_ASRERROR_CRITICAL_DISKS_TOO_SMALL = (
        0x80042408,
        "ASR: not enough disks of sufficient size for all critical disks.",
    )
    VSS_E_WRITER_STATUS_NOT_AVAILABLE = (
        0x80042409,
        "Writer status cannot be had, e.g. writer reached its session limit.",
    )
    VSS_E_ASRERROR_DYNAMIC_VHD_NOT_SUPPORTED = 0x8004240A, "ASR: critical dynamic disk is a VHD."
    VSS_E_CRITICAL_VOLUME_ON_INVALID_DISK = 0x80042411, "ASR: critical volume on a disk ASR cannot back up."
    VSS_E_ASRERROR_RDISK_FOR_SYSTEM_DISK_NOT_FOUND = 0x80042412, "ASR: no disk usable as system disk."
    VSS_E_ASRERROR_NO_PHYSICAL_DISK_AVAILABLE = 0x80042413, "ASR: no fixed disk usable for the volumes."
    VSS_E_ASRERROR_FIXED_PHYSICAL_DISK_AVAILABLE_AFTER_DISK_EXCLUSION = (
        0x80042414,
        "ASR: no usable disk left after exclusions (offline, shared or excluded disks).",
    )
    VSS_E_ASRERROR_CRITICAL_DISK_CANNOT_BE_EXCLUDED = 0x80042415, "ASR: a critical disk was excluded."
    VSS_E_ASRERROR_SYSTEM_PARTITION_HIDDEN = 0x80042416, "ASR: system partition is hidden."
    VSS_E_FSS_TIMEOUT = 0x80042417, "File share shadow copy operation timed out."
    E_ACCESSDENIED = 0x80070005, "Caller lacks backup privilege or is not an administrator."
    E_OUTOFMEMORY = 0x8007000E, "Out of memory or other resources."
    E_INVALIDARG = 0x80070057, "Bad parameter value."

    @classmethod
    def of(cls, value: int) -> "HResult | None":
        """The code with this number, signed or unsigned; None where VSS has none."""
        return _BY_VALUE.get(value & 0xFFFFFFFF)

    @property
    def succeeded(self) -> bool:
        """Whether COM counts this code as a success (sign bit clear)."""
        return self < SIGN_BIT

    @property
    def failed(self) -> bool:
        """Whether COM counts this code as a failure (sign bit set)."""
        return self >= SIGN_BIT

    @property
    def signed(self) -> int:
        """The number as a signed 32-bit integer, as debuggers and .NET print it."""
        return self - 0x100000000 if self.failed else int(self)


_BY_VALUE: Final[dict[int, HResult]] = {int(code): code for code in HResult}
CODES: Final[Mapping[str, HResult]] = dict(HResult.__members__)
"""Name → code. To ask the class itself, for a name or for a member, takes as long as a call of a function."""

S_OK: Final = HResult.S_OK
