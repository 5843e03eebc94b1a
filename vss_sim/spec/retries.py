"""What the pages advise a requester after a writer failed.

Pages: https://learn.microsoft.com/windows/win32/vss/writer-errors-and-vetoes and
https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-getwriterstatus
"""

from typing import Final

WAIT: Final = 600.0
"""Seconds to wait before another try (rule req-retryable-retry)."""

MOST_TRIES: Final = 3
"""Times to try again."""

TRY_AGAIN: Final = (
    "VSS_E_WRITERERROR_RETRYABLE",
    "VSS_E_WRITERERROR_TIMEOUT",
    "VSS_E_WRITERERROR_OUTOFRESOURCES",
)
"""Failures that may pass."""

GIVE_UP: Final = ("VSS_E_WRITERERROR_NONRETRYABLE", "VSS_E_WRITER_NOT_RESPONDING")
"""Failures that would come again unless something is changed (rule req-nonretryable-stop)."""

ADD_VOLUMES: Final = "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT"
"""The failure that asks for more volumes in the set (rule req-inconsistent-add-volumes)."""
