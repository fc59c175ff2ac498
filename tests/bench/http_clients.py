"""Clients over HTTP that cost next to nothing: they share two cores with the server that is measured.

One thread waits for all connections. Requests are bytes before the clock starts; of an answer only its status and length are
read, what it says is for whoever asked, later.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import time
from collections import deque
from dataclasses import dataclass

from tests.bench.timed import Timed

ANSWER_S = 30.0
"""An answer that takes longer ends the run."""
_PIECE = 1 << 18
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request."""

    method: str
    path: str
    token: str
    body: bytes = b""

    def wire(self, host: str) -> bytes:
        """Return the request as it is sent."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self.token}\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return f"{head}\r\n".encode() + self.body


class _Client:
    """One connection and the request that is under way on it."""

    __slots__ = ("_wanted", "began", "got", "number", "socket")

    def __init__(self, host: str) -> None:
        name, port = host.rsplit(":", 1)
        self.socket = socket.create_connection((name, int(port)), ANSWER_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = 0
        self.began = 0.0
        self.got = b""
        self._wanted = 0

    def ask(self, number: int, request: bytes) -> None:
        """Send a request."""
        self.number, self.got, self._wanted = number, b"", 0
        self.began = time.monotonic()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what came; True once the answer is whole."""
        piece = self.socket.recv(_PIECE)
        if not piece:
            raise ConnectionResetError("the server closed a connection")
        self.got += piece
        if not self._wanted:
            head = self.got.find(b"\r\n\r\n")
            if head < 0:
                return False
            length = _LENGTH.search(self.got, 0, head + 2)
            assert length is not None, self.got[:head]
            self._wanted = head + 4 + int(length[1])
        return len(self.got) >= self._wanted


def request_all(host: str, requests: list[bytes], clients: int, seconds: float) -> Timed:
    """Send each request once, by ``clients`` connections at once, until all are answered or the time is up."""
    waiting = deque(enumerate(requests))
    answers: list[bytes | None] = [None] * len(requests)
    spans: list[float] = []
    with contextlib.ExitStack() as stack:
        poll = stack.enter_context(contextlib.closing(select.epoll()))
        busy: dict[int, _Client] = {}
        for _ in range(min(clients, len(requests))):
            client = _Client(host)
            stack.enter_context(client.socket)
            poll.register(client.socket, select.EPOLLIN)
            busy[client.socket.fileno()] = client
        cpu = time.process_time()
        begin = time.monotonic()
        for client in busy.values():
            client.ask(*waiting.popleft())
        end = begin
        while busy:
            ready = poll.poll(ANSWER_S)
            if not ready:
                raise TimeoutError(f"no answer within {ANSWER_S:.0f} s")
            for number, _event in ready:
                client = busy[number]
                if client.is_answered():
                    end = time.monotonic()
                    spans.append(end - client.began)
                    answers[client.number] = client.got
                    if waiting and end - begin < seconds:
                        client.ask(*waiting.popleft())
                    else:
                        del busy[number]
        cpu = time.process_time() - cpu
    return Timed([_body(answer) for answer in answers if answer is not None], spans, begin, end, cpu)


def _body(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1] != b"200":
        raise RuntimeError(f"{head.splitlines()[0]!r} {body[:300]!r}")
    return body
