"""What a device on a TCP port says first arrives whole."""

from __future__ import annotations

import socket
import threading

from hardware.link import Link

GREETING = b"hello, I am here"
TIMES = 20


def test_a_greeting_is_never_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = threading.Event()

        def greet() -> None:
            for _ in range(TIMES):
                client, _address = listener.accept()
                client.sendall(GREETING)
                client.recv(1)
                client.close()
            ended.set()

        greeter = threading.Thread(target=greet)
        greeter.start()
        for _ in range(TIMES):
            link = Link(f"socket://127.0.0.1:{port}")
            assert link.read_exactly(len(GREETING), 5.0) == GREETING
            link.close()
        greeter.join(5.0)
        assert ended.is_set()
