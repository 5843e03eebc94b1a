"""`vss-sim serve`: conversations over standard input and output, or over TCP with as many clients as there is room for.

Reading and writing block, each client in its own thread: one that does not read is not listened to, one that sends
slowly keeps a thread asleep, and the interpreter shares the processor among those that are awake.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from vss_sim.cli.tcp import Wire, listen, name_of, serve_clients
from vss_sim.cli.transcripts import FileTranscript, Recorder
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.report.words import printable
from vss_sim.spec.table import Profile
from vss_sim.wire.conversation import Conversation, Setting
from vss_sim.wire.exchange import exchange

UNUSABLE: Final = 2
_BY_SIGNAL: Final = 128
_CHUNK: Final = 1 << 16
_HINT: Final = 'one JSON object a line, such as {"call": "CreateVssBackupComponents", "id": 1}; {"stop": true} ends'


class CannotServe(Exception):  # noqa: N818 - it says what it says
    """What the command line asks for cannot be done."""


def serve(world: str | None, profile: Profile, record: str | None, tcp: str | None) -> int:
    """Serve until the input ends, the client says `stop`, or a signal comes; return the exit code."""
    signal.signal(signal.SIGTERM, _end)
    try:
        setting = Setting(profile=profile) if world is None else _setting(world, profile)
        recorder = None if record is None else _recorder(record)
        if tcp is None:
            _serve_streams(setting, recorder)
        else:
            _serve_tcp(tcp, setting, recorder)
    except CannotServe as reason:
        sys.stderr.write(f"vss-sim serve: {reason}\n")
        return UNUSABLE
    return UNUSABLE if recorder is not None and recorder.failed else 0


def _end(number: int, _: FrameType | None) -> NoReturn:
    """A signal ends the server in order; what was recorded is complete."""
    raise SystemExit(_BY_SIGNAL + number)


def _setting(world: str, profile: Profile) -> Setting:
    name = printable(world)
    try:
        return Setting(read_world(Path(world).read_bytes()), profile, name)
    except OSError as error:
        raise CannotServe(f"{name}: cannot be read: {error.strerror or error}") from None
    except WorldError as error:
        raise CannotServe(printable(error.in_file(name))) from None


def _recorder(record: str) -> Recorder:
    try:
        return Recorder(Path(record))
    except OSError as error:
        raise CannotServe(f"{printable(record)}: cannot be written: {error.strerror or error}") from None


def _serve_streams(setting: Setting, recorder: Recorder | None) -> None:
    if sys.stdin is not None and sys.stdin.isatty():
        sys.stderr.write(f"vss-sim serve: {_HINT}\n")
    transcript = FileTranscript(recorder) if recorder else None
    exchange(Conversation(setting, transcript), _read, _write)


def _read() -> bytes:
    try:
        return os.read(sys.stdin.fileno(), _CHUNK)
    except (OSError, AttributeError) as error:
        raise CannotServe(f"standard input cannot be read: {error}") from None


def _write(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotServe(f"standard output cannot be written: {error}") from None


def _serve_tcp(address: str, setting: Setting, recorder: Recorder | None) -> None:
    try:
        server = listen(address)
    except ValueError as error:
        raise CannotServe(str(error)) from None
    except OSError as error:
        raise CannotServe(f"cannot listen on {printable(address)}: {error.strerror or error}") from None

    def converse(wire: Wire) -> None:
        transcript = FileTranscript(recorder) if recorder else None
        try:
            exchange(Conversation(setting, transcript), wire.read, wire.send)
        finally:
            if transcript is not None:
                transcript.close()

    sys.stderr.write(f"vss-sim serve: listening on {name_of(server)}\n")
    sys.stderr.flush()
    serve_clients(server, converse)
