"""The simulator behind its wire, as a program that misbehaves every so many messages; the tests run it.

`python -m tests.unsteady HOW EVERY`: HOW happens at every EVERY-th message, or after EVERY milliseconds of work.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

from vss_sim.wire.conversation import Conversation

_LONG: Final = 600
MARK: Final = "UNSTEADY_MARK"
"""Names the file that tells when the program hangs."""


def _misbehave(how: str, reply: bytes) -> bytes:
    """What is written in place of the reply, if the program goes on at all."""
    if how == "hangs":
        if mark := os.environ.get(MARK):
            Path(mark).touch()
        time.sleep(_LONG)
    elif how == "says half":
        sys.stdout.buffer.write(reply[: len(reply) // 2])
        sys.stdout.buffer.flush()
        os._exit(0)
    elif how == "crashes":
        sys.stderr.write("segmentation fault, said the unsteady one\n")
        sys.stderr.flush()
        os._exit(3)
    elif how == "writes without end":
        while True:
            sys.stdout.buffer.write(b"x" * (1 << 16))
    return {
        "writes garbage": b"Traceback (most recent call last):\n",
        "writes a list": b"[1]\n",
        "writes deep": b"[" * 100_000 + b"\n",
        "answers twice": reply + reply,
        "answers another": b'{"id": "another", "returns": "S_OK"}\n',
    }[how]


def main(how: str, every: int) -> None:
    """Serve until the input ends."""
    conversation = Conversation()
    if how == "dies at any moment":
        signal.setitimer(signal.ITIMER_PROF, every / 1000)  # its own time: a busy machine does not count
    for number, line in enumerate(sys.stdin.buffer, 1):
        reply = conversation.receive(line)
        if how != "dies at any moment" and number % every == 0:
            reply = _misbehave(how, reply)
        sys.stdout.buffer.write(reply)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
