"""Running the application: uvicorn on a socket that is already ours, until asked to stop."""

from __future__ import annotations

import contextlib
import gc
import socket
import ssl
import sys
from collections.abc import Callable, Iterator

import uvicorn

from program.errors import ProgramError, reason
from store_server.services.store import Store
from store_server.web.app import make_app

GOODBYE_S = 3
"""How long open requests and staff pages may take to end."""
BACKLOG = 128
SWITCH_S = 0.0005
"""How long a thread may keep others waiting; Python's own 5 ms is as long as a whole request."""


class StoreServing:
    """One run of the server."""

    def __init__(self, store: Store, ready: Callable[[], None], staff_port: int | None = None) -> None:
        """``staff_port`` is where another process has the staff page; None serves it here."""
        listen = store.settings.server
        config = uvicorn.Config(
            make_app(store, staff_port),
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GOODBYE_S,
            ssl_certfile=listen.tls_certificate,
            ssl_keyfile=listen.tls_key,
        )
        try:
            config.load()
        except (OSError, ssl.SSLError) as error:
            raise ProgramError(
                f"The TLS certificate or key cannot be used: {reason(error)}. Set tls_certificate and tls_key in [server],"
                " or run 'store-server make-ca'."
            ) from error
        self._server = _Announcing(config, ready)

    def run(self, listener: socket.socket) -> None:
        """Serve until :meth:`stop`."""
        sys.setswitchinterval(SWITCH_S)
        # What is loaded by now stays: without this, each full collection walks through all of it and everybody waits.
        gc.collect()
        gc.freeze()
        self._server.run(sockets=[listener])

    def stop(self) -> None:
        """Ask for the end; safe to call from a signal handler."""
        self._server.should_exit = True


class _Announcing(uvicorn.Server):
    """Says when it serves, and leaves signals to the program, so that SIGTERM ends with exit code 0."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
