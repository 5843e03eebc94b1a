"""Clients of the wire for the tests: in this process, over the streams of another one, and over TCP."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from vss_sim.wire.conversation import Conversation

Message = dict[str, Any]

SERVE: Final = [sys.executable, "-m", "vss_sim", "serve"]
PATIENCE: Final = 20.0


def say(conversation: Conversation, message: Message) -> Message:
    """The reply to a message, in this process."""
    return one_reply(conversation.receive(json.dumps(message).encode()))


def one_reply(data: bytes) -> Message:
    """The one reply that `data` is."""
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    reply = json.loads(data)
    assert isinstance(reply, dict)
    return reply


def create(conversation: Conversation) -> str:
    """A new backup components object."""
    handle = say(conversation, {"call": "CreateVssBackupComponents"})["out"]["ppBackup"]
    assert isinstance(handle, str)
    return handle


def good_backup() -> list[Message]:
    """A backup without components, as a requester makes it in the default world, whose handles are known before."""
    backup = "IVssBackupComponents::"
    state = {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": "VSS_BT_COPY"}
    copy = "{000005aa-0000-4000-8000-000000000005}"
    return [
        {"call": "CreateVssBackupComponents"},
        {"call": backup + "InitializeForBackup", "on": "bc1", "in": {"bstrXML": None}},
        {"call": backup + "SetBackupState", "on": "bc1", "in": state},
        {"call": backup + "GatherWriterMetadata", "on": "bc1"},
        *_finished("async3"),
        {"call": backup + "StartSnapshotSet", "on": "bc1"},
        {"call": backup + "AddToSnapshotSet", "on": "bc1", "in": {"pwszVolumeName": "C:\\"}},
        {"call": backup + "PrepareForBackup", "on": "bc1"},
        *_finished("async6"),
        {"call": backup + "DoSnapshotSet", "on": "bc1"},
        *_finished("async7"),
        {"call": backup + "GetSnapshotProperties", "on": "bc1", "in": {"SnapshotId": copy}},
        {"call": backup + "BackupComplete", "on": "bc1"},
        *_finished("async8"),
        {"call": backup + "GatherWriterStatus", "on": "bc1"},
        *_finished("async9"),
        {"call": backup + "FreeWriterStatus", "on": "bc1"},
        {"call": "IUnknown::Release", "on": "bc1"},
    ]


def _finished(handle: str) -> list[Message]:
    return [
        {"call": "IVssAsync::Wait", "on": handle},
        {"call": "IVssAsync::QueryStatus", "on": handle},
        {"call": "IUnknown::Release", "on": handle},
    ]


def as_lines(messages: list[Message]) -> bytes:
    """Messages as a client sends them."""
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def served(data: bytes, *options: str) -> tuple[int, list[Message], str]:
    """What `vss-sim serve` answers to an input: the exit code, the replies, what is on standard error."""
    done = subprocess.run([*SERVE, *options], input=data, capture_output=True, check=False, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


class Client:
    """A client over TCP."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._replies = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._replies.close()
        self.socket.close()

    def say(self, message: Message) -> Message:
        """The reply to a message."""
        self.socket.sendall(as_lines([message]))
        return self.hear()

    def hear(self) -> Message:
        """The next reply."""
        return one_reply(self._replies.readline())

    def over(self) -> bool:
        """Whether the server hung up."""
        return self._replies.readline() == b""


class Server:
    """A server on TCP."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    def client(self) -> Client:
        """A new client."""
        return Client(self.port)

    def peak_memory(self) -> int:
        """The most bytes that the server ever held; only where Linux tells."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:  # noqa: PTH123 - no file of ours
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read())
        assert found is not None
        return int(found[1]) << 10


@contextmanager
def server(*options: str) -> Iterator[Server]:
    """A server on a free port, ended by SIGTERM: without a word, and with the exit code of that signal."""
    command = [*SERVE, "--tcp", "127.0.0.1:0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        try:
            listening = process.stderr.readline()
            yield Server(process, int(listening.rpartition(":")[2]))
        finally:
            process.send_signal(signal.SIGTERM)
            said = process.stderr.read()
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
        assert said == ""
