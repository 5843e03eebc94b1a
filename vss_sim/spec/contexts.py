"""Which Windows has which shadow copy context and which attribute that a requester adds to one.

Pages: https://learn.microsoft.com/windows/win32/api/vss/ne-vss-vss_snapshot_context,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.systems import Generation, edition_of, system_named


class Offer(Struct, frozen=True):
    """A context or attribute: the oldest generation of clients (None: no client) and of servers that has it.

    `later_in` are editions of a server that have it from this service pack on only. `rules` say so.
    """

    name: str
    client: Generation | None
    server: Generation
    rules: tuple[str, ...]
    later_in: tuple[str, ...] = ()
    service_pack: int = 0


_XP: Final = ("set-context-xp", "obs-xp-no-context")
_SINCE: Final = ("set-context-attributes-since",)

OFFERS: Final = (
    Offer("VSS_CTX_BACKUP", Generation.XP, Generation.SERVER_2003, _XP),
    Offer("VSS_CTX_FILE_SHARE_BACKUP", Generation.VISTA, Generation.SERVER_2003, _XP),
    Offer("VSS_CTX_NAS_ROLLBACK", Generation.VISTA, Generation.SERVER_2003, _XP),
    Offer("VSS_CTX_APP_ROLLBACK", Generation.VISTA, Generation.SERVER_2003, _XP),
    Offer("VSS_CTX_CLIENT_ACCESSIBLE", Generation.VISTA, Generation.SERVER_2003, _XP),
    Offer(
        "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS",
        Generation.VISTA,
        Generation.VISTA,
        ("set-context-client-accessible-provider", "sn-client-accessible-system-provider"),
    ),
    Offer("VSS_CTX_ALL", Generation.VISTA, Generation.SERVER_2003, _XP),
    Offer(
        "VSS_VOLSNAP_ATTR_TRANSPORTABLE",
        None,
        Generation.SERVER_2003,
        ("set-context-transportable-editions", "im-server-only"),
        later_in=("Standard", "Web"),
        service_pack=1,
    ),
    Offer("VSS_VOLSNAP_ATTR_NO_AUTORECOVERY", Generation.VISTA, Generation.VISTA, _SINCE),
    Offer("VSS_VOLSNAP_ATTR_NOT_TRANSACTED", Generation.VISTA, Generation.VISTA, _SINCE),
    Offer("VSS_VOLSNAP_ATTR_TXF_RECOVERY", Generation.WINDOWS_7, Generation.VISTA, _SINCE),
    Offer("VSS_VOLSNAP_ATTR_DELAYED_POSTSNAPSHOT", Generation.WINDOWS_7, Generation.VISTA, _SINCE),
)
"""What is not on every Windows; a context or attribute that does not stand here is.

Which editions have TRANSPORTABLE is told in three ways (dispute C69): any server from Windows Server 2003 SP1 on, and
all but the Standard and Web Edition before.
"""

_BY_NAME: Final = {offer.name: offer for offer in OFFERS}


@cache
def lacking(system_name: str, context: str, attributes: tuple[str, ...]) -> Offer | None:
    """The context, or the first of its attributes, that a system does not have; None where it has all."""
    system, edition = system_named(system_name), edition_of(system_name)
    for name in (context, *attributes):
        offer = _BY_NAME.get(name)
        if offer is None:
            continue
        oldest = offer.server if system.server else offer.client
        later = edition in offer.later_in and system.generation is Generation.SERVER_2003
        if oldest is None or system.generation < oldest or (later and system.service_pack < offer.service_pack):
            return offer
    return None
