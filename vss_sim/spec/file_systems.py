"""File systems: those of which a provider of Windows makes shadow copies, and those of which it makes lasting ones.

Page: https://learn.microsoft.com/windows/win32/vss/shadow-copy-context-configurations, which names NTFS; ReFS and
volumes shared in a cluster are newer than the page.
"""

from typing import Final

SUPPORTED_FILE_SYSTEMS: Final = ("NTFS", "REFS", "CSVFS", "FAT32", "FAT", "EXFAT")
PERSISTENT_FILE_SYSTEMS: Final = ("NTFS", "REFS", "CSVFS")
CLUSTERED: Final = "CSVFS"
"""That of the volumes which all nodes of a cluster have mounted."""
