"""An implementation that forgets that a shadow copy set was begun: the simulator behind its wire, without one need."""

import sys
from typing import Final

from msgspec.structs import replace

from vss_sim.engine import protocol, ruling
from vss_sim.spec.protocol import METHODS
from vss_sim.wire.conversation import Conversation

FORGETS: Final = "StartSnapshotSet"


def main() -> None:
    """Serve until the input ends."""
    method = METHODS[FORGETS]
    METHODS[FORGETS] = replace(method, needs=method.needs[:2], claim=None)
    ruling.rule_on.cache_clear()
    protocol.column.cache_clear()
    conversation = Conversation()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(conversation.receive(line))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
