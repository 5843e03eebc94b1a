"""TCP: a thread for each client, so many clients at most, and no client that another one waits for."""

import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Final

CLIENTS: Final = 32
"""So many clients are talked to at a time; one more is told so and hung up on."""

_CHUNK: Final = 1 << 16
_LOOK_UP: Final = 0.5
"""Where a signal cannot wake the server, it looks up so often, in seconds."""
_PATIENCE: Final = 60.0
"""A client that takes nothing of its replies for so many seconds is gone."""
_FAREWELL: Final = 2.0
_TURN: Final = 0.001
"""So many seconds a client that keeps the server busy works on while others wait: a fifth of what Python would give."""
_TOO_MANY: Final = b'{"id":null,"error":"there are %d clients; expected fewer, try again later"}\n' % CLIENTS


class Wire:
    """One client's end of the wire."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        client.settimeout(_PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def read(self) -> bytes:
        """What the client says next, however long it takes; nothing once it has hung up."""
        while True:
            try:
                return self._client.recv(_CHUNK)
            except TimeoutError:
                continue

    def send(self, data: bytes) -> None:
        """Send it all."""
        self._client.sendall(data)


Converse = Callable[[Wire], None]


class _Clients:
    """The clients of a server, each with its thread."""

    def __init__(self, converse: Converse) -> None:
        self._converse = converse
        self._lock = Lock()
        self._threads: dict[socket.socket, Thread] = {}

    def welcome(self, client: socket.socket) -> None:
        """Talk to a client, if there is room."""
        thread = Thread(target=self._talk, args=(client,), daemon=True)
        with self._lock:
            accepted = len(self._threads) < CLIENTS
            if accepted:
                self._threads[client] = thread
        if accepted:
            thread.start()
        else:
            _refuse(client)

    def _talk(self, client: socket.socket) -> None:
        try:
            self._converse(Wire(client))
        except OSError:
            pass  # the client is gone, and with it whoever could be told
        finally:
            with self._lock:
                del self._threads[client]
            client.close()

    def hang_up(self) -> None:
        """End every conversation, after the message that it is at."""
        with self._lock:
            threads = dict(self._threads)
        for client in threads:
            _shut(client)
        until = time.monotonic() + _FAREWELL
        for thread in threads.values():
            thread.join(max(until - time.monotonic(), 0))


def _refuse(client: socket.socket) -> None:
    with client, suppress(OSError):  # it may not wait for the answer
        client.settimeout(_LOOK_UP)
        client.sendall(_TOO_MANY)
        client.shutdown(socket.SHUT_WR)


def _shut(client: socket.socket) -> None:
    with suppress(OSError):  # it may be faster
        client.shutdown(socket.SHUT_RDWR)


def listen(address: str) -> socket.socket:
    """A socket that listens on `HOST:PORT`, IPv6 hosts in brackets; port 0 is any that is free.

    Raises:
        ValueError: this is no address.
        OSError: it cannot be listened on.
    """
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) >= 1 << 16:
        raise ValueError(f"{address!r} is no address; expected HOST:PORT, such as 127.0.0.1:0")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, int(port)), family=family)


def name_of(server: socket.socket) -> str:
    """Where a socket listens."""
    host, port, *_ = server.getsockname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve_clients(server: socket.socket, converse: Converse) -> None:
    """Talk to every client that comes, until an exception such as `KeyboardInterrupt` ends it."""
    sys.setswitchinterval(_TURN)
    clients = _Clients(converse)
    server.settimeout(_LOOK_UP)
    try:
        while True:
            try:
                client, _ = server.accept()
            except TimeoutError:
                continue
            except OSError:
                time.sleep(_LOOK_UP)  # no more sockets may be had for now; those that are taken go on
                continue
            clients.welcome(client)
    finally:
        server.close()
        clients.hang_up()
