"""Who may call VSS: groups that may by default, and what the registry grants or denies an account.

Pages: https://learn.microsoft.com/windows/win32/vss/security-considerations-for-requestors and
security-considerations-for-writers
"""

from typing import Final

ALLOWED_GROUPS: Final = frozenset({"administrators", "backup operators", "local system"})
"""The groups whose members may be requesters and writers (rule sec-account), in lower case."""

DENIED: Final = 0
"""The value of VssAccessControl that denies an account (rule sec-registry-deny)."""

GRANTED_TO_REQUESTERS: Final = frozenset({2, 3})
"""The values that let an account be a requester (rule sec-registry-grant)."""

GRANTED_TO_WRITERS: Final = frozenset({1, 3})
"""The values that let an account be a writer (rule sec-registry-grant)."""
