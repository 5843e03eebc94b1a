"""The ids of VSS as types, so that a type checker sees one taken for another. Each is a GUID as text."""

from typing import NewType

WriterId = NewType("WriterId", str)
"""The class of a writer: the same on every machine."""

InstanceId = NewType("InstanceId", str)
"""One running instance of a writer."""

SnapshotId = NewType("SnapshotId", str)
"""A shadow copy."""

SnapshotSetId = NewType("SnapshotSetId", str)
"""A shadow copy set."""

ProviderId = NewType("ProviderId", str)
"""A provider."""

SessionId = NewType("SessionId", str)
"""One backup, restore or other operation of an object."""
