"""Which provider may make the shadow copies of a context, and on which Windows."""

from typing import Final

SYSTEM_PROVIDER: Final = "b5946137-7b9f-4925-af80-51abd60b20d5"
"""Microsoft Software Shadow Copy provider 1.0, the same on every computer."""

CLIENT_ACCESSIBLE: Final = ("VSS_CTX_CLIENT_ACCESSIBLE", "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS")
CLIENT_ACCESSIBLE_RULES: Final = ("set-context-client-accessible-provider", "sn-client-accessible-system-provider")
TRANSPORTABLE: Final = "VSS_VOLSNAP_ATTR_TRANSPORTABLE"
TRANSPORTABLE_RULES: Final = ("set-context-transportable-editions", "im-hardware-only")
DEFAULT_PROVIDER_RULES: Final = ("add-to-set-default-provider", "sn-prov-default-order")
DEFAULT_CONTEXT_RULES: Final = ("set-context-default", "seq-setcontext-default")
REMOTE_SHARE: Final = "add-to-set-remote-share"
NO_CONTEXT_ON_XP: Final = ("set-context-xp", "obs-xp-no-context")

NOT_OF_THE_DEFAULT: Final = (
    "VSS_VOLSNAP_ATTR_PERSISTENT",
    "VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE",
    "VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE",
    "VSS_VOLSNAP_ATTR_NO_WRITERS",
)
"""Attributes that no shadow copy of VSS_CTX_BACKUP has."""
