"""A component of the Backup Components Document, as a requester reads it."""

from vss_sim.requester.component_backup_calls import ComponentBackupCalls
from vss_sim.requester.component_file_calls import ComponentFileCalls
from vss_sim.requester.component_restore_calls import ComponentRestoreCalls


class Component(ComponentBackupCalls, ComponentRestoreCalls, ComponentFileCalls):
    """A component of the document: what the requester and the writer stored with it; an event for writers ends it.

    What writers set in their event handlers is read here, and not set. `IVssComponent` to `IVssComponentEx2`.
    """

    __slots__ = ()
