"""The structures that methods hand out, member by member, as C programs see them.

Page: https://learn.microsoft.com/windows/win32/vss/volume-shadow-copy-api-structures
"""

from typing import Final

STRUCTURES: Final[dict[str, dict[str, str]]] = {
    "VSS_SNAPSHOT_PROP": {
        "m_SnapshotId": "VSS_ID",
        "m_SnapshotSetId": "VSS_ID",
        "m_lSnapshotsCount": "LONG",
        "m_pwszSnapshotDeviceObject": "VSS_PWSZ",
        "m_pwszOriginalVolumeName": "VSS_PWSZ",
        "m_pwszOriginatingMachine": "VSS_PWSZ",
        "m_pwszServiceMachine": "VSS_PWSZ",
        "m_pwszExposedName": "VSS_PWSZ",
        "m_pwszExposedPath": "VSS_PWSZ",
        "m_ProviderId": "VSS_ID",
        "m_lSnapshotAttributes": "LONG",
        "m_tsCreationTimestamp": "VSS_TIMESTAMP",
        "m_eStatus": "VSS_SNAPSHOT_STATE",
    },
    "VSS_PROVIDER_PROP": {
        "m_ProviderId": "VSS_ID",
        "m_pwszProviderName": "VSS_PWSZ",
        "m_eProviderType": "VSS_PROVIDER_TYPE",
        "m_pwszProviderVersion": "VSS_PWSZ",
        "m_ProviderVersionId": "VSS_ID",
        "m_ClassId": "CLSID",
    },
    "VSS_OBJECT_UNION": {"Snap": "VSS_SNAPSHOT_PROP", "Prov": "VSS_PROVIDER_PROP"},
    "VSS_OBJECT_PROP": {"Type": "VSS_OBJECT_TYPE", "Obj": "VSS_OBJECT_UNION"},
    "VSS_COMPONENTINFO": {
        "type": "VSS_COMPONENT_TYPE",
        "bstrLogicalPath": "BSTR",
        "bstrComponentName": "BSTR",
        "bstrCaption": "BSTR",
        "pbIcon": "BYTE*",
        "cbIcon": "UINT",
        "bRestoreMetadata": "bool",
        "bNotifyOnBackupComplete": "bool",
        "bSelectable": "bool",
        "bSelectableForRestore": "bool",
        "dwComponentFlags": "DWORD",
        "cFileCount": "UINT",
        "cDatabases": "UINT",
        "cLogFiles": "UINT",
        "cDependencies": "UINT",
    },
}
"""Structure → its members in order, each with its type; of a union, one member is there."""

_BY_TYPE: Final = {kind: name for name in STRUCTURES for kind in (name, f"P{name.replace('_', '')}")}


def structure_of(type_name: str) -> str | None:
    """The structure that a parameter of this type is, or points to; None where it is none."""
    return _BY_TYPE.get(type_name.rstrip("*"))


_ANY: Final = "*"
_FLAGS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "lContext": {_ANY: ("VSS_SNAPSHOT_CONTEXT", "VSS_VOLUME_SNAPSHOT_ATTRIBUTES")},
    "lAttributes": {_ANY: ("VSS_VOLUME_SNAPSHOT_ATTRIBUTES",)},
    "dwBreakFlags": {_ANY: ("VSS_HARDWARE_OPTIONS",)},
    "dwFlags": {
        "IVssBackupComponentsEx3::RecoverSet": ("VSS_RECOVERY_OPTIONS",),
        "IVssHardwareSnapshotProviderEx::OnLunStateChange": ("VSS_HARDWARE_OPTIONS",),
    },
}
"""Numeric parameter → a call, or any → the enumerations of which flags may be joined in it."""


def flags_of(call: str, parameter: str) -> tuple[str, ...]:
    """The enumerations of which flags may be joined in a parameter of a call, by its full name; none as a rule."""
    by_call = _FLAGS.get(parameter, {})
    return by_call.get(call) or by_call.get(_ANY, ())
