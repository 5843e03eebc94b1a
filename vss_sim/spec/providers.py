"""Which provider may make the shadow copies of a context, and on which Windows."""

from typing import Final

from vss_sim.spec.enums import ProviderType

SYSTEM_PROVIDER: Final = "b5946137-7b9f-4925-af80-51abd60b20d5"
"""Microsoft Software Shadow Copy provider 1.0, the same on every computer."""

CLIENT_ACCESSIBLE: Final = ("VSS_CTX_CLIENT_ACCESSIBLE", "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS")
CLIENT_ACCESSIBLE_RULES: Final = ("set-context-client-accessible-provider", "sn-client-accessible-system-provider")
TRANSPORTABLE: Final = "VSS_VOLSNAP_ATTR_TRANSPORTABLE"
TRANSPORTABLE_RULES: Final = ("set-context-transportable-editions", "im-hardware-only")
DEFAULT_PROVIDER_RULES: Final = ("add-to-set-default-provider", "sn-prov-default-order")
REMOTE_SHARE: Final = "add-to-set-remote-share"
NO_CONTEXT_ON_XP: Final = ("set-context-xp", "obs-xp-no-context")

NOT_OF_THE_DEFAULT: Final = (
    "VSS_VOLSNAP_ATTR_PERSISTENT",
    "VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE",
    "VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE",
    "VSS_VOLSNAP_ATTR_NO_WRITERS",
)
"""Attributes that no shadow copy of VSS_CTX_BACKUP has."""

MOST_VOLUMES: Final = 64
"""Volumes in a shadow copy set (rule sn-vol-max-64)."""

MOST_SNAPSHOTS: Final = 512
"""Shadow copies of a volume (rule sn-vol-max-512)."""

PROVIDER_ORDER: Final = (ProviderType.HARDWARE, ProviderType.SOFTWARE, ProviderType.FILESHARE, ProviderType.SYSTEM)
"""In which order providers are asked for a volume when none is named (rule sn-prov-default-order)."""

MECHANISMS: Final[dict[ProviderType, tuple[str, ...]]] = {
    ProviderType.HARDWARE: (TRANSPORTABLE, "VSS_VOLSNAP_ATTR_DIFFERENTIAL", "VSS_VOLSNAP_ATTR_PLEX"),
    ProviderType.SOFTWARE: ("VSS_VOLSNAP_ATTR_DIFFERENTIAL", "VSS_VOLSNAP_ATTR_PLEX"),
    ProviderType.SYSTEM: ("VSS_VOLSNAP_ATTR_DIFFERENTIAL",),
    ProviderType.FILESHARE: (),
    ProviderType.UNKNOWN: (),
}
"""The mechanisms that a provider of each kind knows, where its description does not say (rule sn-attr-unsupported)."""
