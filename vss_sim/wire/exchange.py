"""A conversation carried over any two ends that bytes come from and go to."""

from collections.abc import Callable, Iterator
from typing import Final

from vss_sim.wire.conversation import Conversation
from vss_sim.wire.lines import Lines

_ENOUGH: Final = 1 << 16
"""So many bytes of replies are sent off before the next line is looked at."""


def exchange(conversation: Conversation, read: Callable[[], bytes], send: Callable[[bytes], object]) -> None:
    """Answer what `read` gives until it gives nothing more or the client says `stop`.

    Nothing is read while replies wait to be sent, so a client that does not take its replies is not listened to.
    """
    lines = Lines()
    while not conversation.ended and (chunk := read()):
        _answer(conversation, lines.feed(chunk), send)
    _answer(conversation, lines.end(), send)


def _answer(conversation: Conversation, lines: Iterator[bytes], send: Callable[[bytes], object]) -> None:
    ready = bytearray()
    for line in lines:
        if conversation.ended:
            break
        ready += conversation.receive(line)
        if len(ready) >= _ENOUGH:
            send(bytes(ready))
            ready.clear()
    if ready:
        send(bytes(ready))
