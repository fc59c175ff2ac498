from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.bench.http_clients import Call, request_all

CLIENTS = 3


class Answering:
    """Answers every request with its path, in two pieces; counts connections."""

    def __init__(self, status: str = "200 OK") -> None:
        self._status = status
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.connections = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as lines:
            while (request := lines.readline()) != b"":
                while lines.readline() != b"\r\n":
                    pass
                body = request.split()[1]
                head = f"HTTP/1.1 {self._status}\r\nserver: x\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body[:1])
                connection.sendall(body[1:])


@pytest.fixture
def answering() -> Iterator[Answering]:
    server = Answering()
    yield server
    server.close()


def wires(server: Answering, number: int) -> list[bytes]:
    return [Call("GET", f"/{index}", "t").wire(server.host) for index in range(number)]


def test_each_request_is_answered_once_in_the_order_of_the_work(answering: Answering) -> None:
    done = request_all(answering.host, wires(answering, 50), CLIENTS, 60)
    assert done.answers == [f"/{index}".encode() for index in range(50)]
    assert len(done.spans_s) == 50
    assert 0 < max(done.spans_s) <= done.end - done.begin
    assert answering.connections == CLIENTS


def test_the_time_ends_a_run(answering: Answering) -> None:
    done = request_all(answering.host, wires(answering, 50), CLIENTS, 0)
    assert len(done.answers) == CLIENTS, "what was sent is still waited for"


def test_a_refusal_is_no_figure() -> None:
    server = Answering("503 Service Unavailable")
    try:
        with pytest.raises(RuntimeError, match="503 Service Unavailable"):
            request_all(server.host, wires(server, 1), 1, 60)
    finally:
        server.close()
