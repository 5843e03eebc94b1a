"""An implementation as a child process: a line in, a line out, and whatever else it does is survived.

It may crash, hang, write garbage, end in the middle of a reply or never read: the exchange raises `BrokenError` with
what was seen, and the next message starts the program anew. A watchdog ends a program that is too slow; what it started
and left behind is ended with it, unless that made itself a session of its own.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Any, Final, Self

from .dialogue import BrokenError
from .pipes import LastWords, Pipes

LONGEST_REPLY: Final = 16 << 20
"""Bytes that a reply may have."""
_SHOWN: Final = 200
_PATIENCE: Final = 2.0
_WORDS: Final = 1000
"""Characters of the last words that are told."""

Line = dict[str, Any]


class NoProgramError(Exception):
    """The command cannot be started."""


class Implementation:
    """A program that is started when something is said to it, and ended with its whole process group."""

    def __init__(self, command: tuple[str, ...], limit: float) -> None:
        """`limit`: the seconds that a case may take."""
        self._command = command
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: Pipes | None = None
        self._deadline = 0.0
        self._watchdog: threading.Timer | None = None
        self._late = False
        self._words: LastWords | None = None
        self._said = ""
        self.name = ""
        self.answered = False
        """Whether it ever gave a reply."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self) -> None:
        """A case begins: from now on its time is measured."""
        self._late = False
        self._deadline = time.monotonic() + self._limit
        self._watchdog = threading.Timer(self._limit, self._give_up)
        self._watchdog.daemon = True
        self._watchdog.start()

    def end(self, *, fresh: bool) -> None:
        """A case is over; `fresh`: the next one gets a process of its own."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        if fresh:
            self.close()

    def say(self, message: Line) -> Line:
        """The reply to a message.

        Raises:
            BrokenError: there is none that can be read.
            NoProgramError: the program cannot be started.
        """
        pipes = self._pipes or self._start()
        try:
            text = pipes.exchange(json.dumps(message).encode() + b"\n", self._deadline)
        except (OSError, ValueError):
            text = b""
        self._late = self._late or (not text.endswith(b"\n") and time.monotonic() >= self._deadline)
        return self._read(text, message)

    def _read(self, text: bytes, message: Line) -> Line:
        if not text.endswith(b"\n"):
            raise BrokenError(self._why(text))
        try:
            reply = json.loads(text)
        except (ValueError, RecursionError):
            self.close()
            wanted = "one JSON object a line and nothing else; what is for people goes to standard error"
            raise BrokenError(f"it wrote {_cut(text)}; expected {wanted}") from None
        if not isinstance(reply, dict) or reply.get("id") != message["id"]:
            self.close()
            raise BrokenError(f'it wrote {_cut(text)}; expected one JSON object with "id": {message["id"]}')
        self.answered = True
        if "start" in message and isinstance(reply.get("implementation"), str):
            self.name = f"{reply['implementation']} {reply.get('version', '')}".strip()[:_SHOWN]
        return reply

    def _why(self, text: bytes) -> str:
        """Why no whole line came; the process is ended."""
        self.close()
        if self._late:
            return f"it gave no reply within {self._limit:g} seconds, the time of a case; it was ended"
        if len(text) >= LONGEST_REPLY:
            return f"it wrote more than {LONGEST_REPLY} bytes without a line end"
        where = f"in the middle of a reply, {_cut(text)}" if text else "instead of a reply"
        code = self._code
        how = "" if code is None else f" by signal {-code}" if code < 0 else f" with exit code {code}"
        words = f"; its last words: {self._said[-_WORDS:]}" if self._said else ""
        return f"it ended {where}{how}{words}"

    def _start(self) -> Pipes:
        more: dict[str, Any] = {} if sys.platform == "win32" else {"start_new_session": True}
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=pipe, **more)  # noqa: S603
        except (OSError, ValueError) as error:
            raise NoProgramError(f"{self._command[0]}: cannot be started: {error}") from None
        self._code: int | None = None
        self._words = None if process.stderr is None else LastWords(process.stderr)
        self._process, self._pipes = process, Pipes(process, LONGEST_REPLY)
        return self._pipes

    def _give_up(self) -> None:
        self._late = True
        self.kill()

    def kill(self) -> None:
        """End the program from another thread: whoever waits for its reply learns that it ended."""
        process = self._process
        if process is not None:
            _kill(process)

    def close(self) -> None:
        """End the program, if it runs."""
        process, self._process, self._pipes = self._process, None, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()
        try:
            self._code = process.wait(_PATIENCE if not self._late else 0)
        except subprocess.TimeoutExpired:
            self._code = None
        _kill(process)
        process.wait()
        if self._words is not None:
            self._said = self._words.end()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _cut(text: bytes) -> str:
    shown = text[:_SHOWN].decode("utf-8", "replace").rstrip("\n")
    return repr(shown) + ("..." if len(text) > _SHOWN else "")
