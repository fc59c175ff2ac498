"""A network between a client and a server on TCP: it cuts what is sent into pieces, damages it, or ends the connection.

TCP itself keeps order and content, so what a bad network does to encrypted messages is this: pieces, a connection that ends at
any byte, and, where a box in between damages a byte, an encryption that no longer fits. All chance comes from one seed.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from typing import Self

from tests.support.shaped import PIECE_GAP_S, Shape

BAD_SHARE = 0.2
"""So many of the connections are damaged or end, each way."""
BAD_WITHIN_BYTES = 4000
"""A handshake and a message are about as long."""
PIECE_MAX = 300
STOP_TIMEOUT_S = 2.0


class Relay:
    """Listens on a port of its own and passes each connection on."""

    def __init__(self, port: int, shape: Shape, seed: int) -> None:
        self._port = port
        self._shape = shape
        self._random = random.Random(seed)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        self._end(*connections)
        self._thread.join(STOP_TIMEOUT_S)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._port))
                except OSError:
                    client.close()
                    continue
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open |= {client, server}
                for source, target in ((client, server), (server, client)):
                    seed = self._random.getrandbits(64)
                    threading.Thread(target=self._pass_on, args=(source, target, seed), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, seed: int) -> None:
        chance = random.Random(seed)
        is_bad = not self._shape.is_whole and chance.random() < BAD_SHARE
        bad_at = chance.randrange(BAD_WITHIN_BYTES) if is_bad else -1
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if passed <= bad_at < passed + len(data):
                    at = bad_at - passed
                    if self._shape is Shape.LOSSY:
                        target.sendall(data[:at])
                        break
                    data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
                passed += len(data)
                self._send(target, data, chance)
        self._end(source, target)

    def _send(self, target: socket.socket, data: bytes, chance: random.Random) -> None:
        longest = {Shape.SPLIT: PIECE_MAX, Shape.ONE_BYTE: 1}.get(self._shape, len(data))
        while data:
            size = chance.randint(1, longest)
            target.sendall(data[:size])
            data = data[size:]
            if data and self._shape is Shape.SPLIT:
                time.sleep(PIECE_GAP_S)

    def _end(self, *connections: socket.socket) -> None:
        with self._lock:
            self._open -= set(connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
