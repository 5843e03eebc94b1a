"""Lines to a program and from it, each within a time: whoever else holds its pipes cannot make the runner wait.

A program may end and leave a child that keeps its pipes open, or never read what it is told. Where pipes can be waited
for (POSIX), a wait ends with the deadline, and soon after the program itself has ended; elsewhere reading blocks until
the watchdog has ended the program.
"""

import contextlib
import os
import select
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from subprocess import Popen

_CHUNK: Final = 1 << 16
_LOOK: Final = 0.05
"""Seconds after which it is looked whether the program has ended."""
_KEPT: Final = 1 << 12
_PATIENCE: Final = 2.0
_WAITS: Final = sys.platform != "win32"


class Pipes:
    """The standard input and output of a program."""

    def __init__(self, process: "Popen[bytes]", longest: int) -> None:
        """`longest`: bytes that a line may have."""
        if process.stdin is None or process.stdout is None:
            raise ValueError("the program was started without pipes")
        self._process = process
        self._input: IO[bytes] = process.stdin
        self._output: IO[bytes] = process.stdout
        self._longest = longest
        self._rest = b""
        if _WAITS:
            for pipe in (self._input, self._output):
                os.set_blocking(pipe.fileno(), False)

    def exchange(self, line: bytes, deadline: float) -> bytes:
        """Write a line, read a line; what is read has no end where there is none by the deadline, or no more to read.

        Raises:
            OSError, ValueError: a pipe is broken, or closed.
        """
        if not _WAITS:
            self._input.write(line)
            self._input.flush()
            return self._output.readline(self._longest)
        return self._read(deadline) if self._write(line, deadline) else b""

    def _write(self, line: bytes, deadline: float) -> bool:
        number, left = self._input.fileno(), memoryview(line)
        while left:
            try:
                left = left[os.write(number, left) :]
            except BlockingIOError:
                if not self._is_ready(number, select.POLLOUT, deadline):
                    return False
        return True

    def _read(self, deadline: float) -> bytes:
        number, parts, size = self._output.fileno(), [self._rest], len(self._rest)
        while b"\n" not in parts[-1] and size < self._longest and self._is_ready(number, select.POLLIN, deadline):
            chunk = os.read(number, _CHUNK)
            if not chunk:
                break
            parts.append(chunk)
            size += len(chunk)
        text, end, self._rest = b"".join(parts).partition(b"\n")
        return text + end

    def _is_ready(self, number: int, what: int, deadline: float) -> bool:
        """Whether a pipe can be read or written now; not, if time is up or the program has ended."""
        waiting = select.poll()
        waiting.register(number, what)
        while (left := deadline - time.monotonic()) > 0:
            ended = self._process.poll() is not None
            if waiting.poll(0 if ended else min(left, _LOOK) * 1000):
                return True
            if ended:
                return False
        return False


class LastWords:
    """Reads the standard error of a program, so that it never blocks, and keeps the end of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._said = b""
        self._over = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def end(self) -> str:
        """What was said last, once the program has ended."""
        self._over.set()
        self._listener.join(_PATIENCE)
        if not self._listener.is_alive():
            self._pipe.close()
        return self._said.decode("utf-8", "replace").strip()

    def _listen(self) -> None:
        number = self._pipe.fileno()
        with contextlib.suppress(OSError, ValueError):
            while self._more(number) and (chunk := os.read(number, _CHUNK)):
                self._said = (self._said + chunk)[-_KEPT:]

    def _more(self, number: int) -> bool:
        """Whether there is something to read; not, once the program has ended and nothing is left."""
        if not _WAITS:
            return True
        waiting = select.poll()
        waiting.register(number, select.POLLIN)
        while not self._over.is_set():
            if waiting.poll(_LOOK * 1000):
                return True
        return bool(waiting.poll(0))
