"""`--record FILE`: every simulation is written down as a trace of its own, as it happens.

The first is FILE, those that follow - after another `start`, or of other clients - are FILE with a number: `run.jsonl`,
`run-2.jsonl`, ... Each line is written at once and whole, so that a trace is complete whenever the server ends.
"""

import sys
from io import FileIO
from pathlib import Path
from threading import Lock
from typing import Final


class Recorder:
    """The files of one server; several conversations may write at a time."""

    def __init__(self, first: Path) -> None:
        """Make the first file anew, to learn now whether that is possible.

        Raises:
            OSError: it is not.
        """
        self._first: Final = first
        self._lock: Final = Lock()
        self._number = 0
        self.failed = False
        first.write_bytes(b"")

    def next_file(self) -> FileIO | None:
        """The file of the next trace; None where it cannot be made, which is told."""
        with self._lock:
            self._number += 1
            number = self._number
        path = self._first if number == 1 else self._first.with_stem(f"{self._first.stem}-{number}")
        try:
            return path.open("wb", buffering=0)
        except OSError as error:
            self.fail(error)
            return None

    def fail(self, error: OSError) -> None:
        """Something could not be written down: say so."""
        self.failed = True
        sys.stderr.write(f"vss-sim serve: the transcript is not complete: {error}\n")


class FileTranscript:
    """The transcript of one conversation."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._file: FileIO | None = None

    def begin(self) -> None:
        """A new trace, in a file of its own."""
        self.close()
        self._file = self._recorder.next_file()

    def write(self, line: bytes) -> None:
        """One line; after a failure, the rest of the trace is not written."""
        if self._file is None:
            return
        try:
            _write_all(self._file, line + b"\n")
        except OSError as error:
            self._recorder.fail(error)
            self.close()

    def close(self) -> None:
        """The conversation is over."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
