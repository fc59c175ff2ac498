"""Several processes that serve the same books on one socket, and the process that watches over them.

Workers share nothing but the database: whatever a request needs is a row there, or a cache of rows that never change. The staff
page keeps its widgets in memory between a click and the next, so it is bound to one process with a port of its own; the others
send browsers there. A worker that dies is started again; when the watcher dies, its workers end by themselves.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from program.errors import ProgramError
from program.start import EXIT_DEFECT, EXIT_MISTAKE

STARTS_AGAIN_MAX = 20
PAUSE_BEFORE_AGAIN_S = 1.0

_STOPS = (signal.SIGTERM, signal.SIGINT)

Serve = Callable[[int, Callable[[], None]], None]
"""``serve(number, ready)``: serves as worker ``number`` until SIGTERM, and calls ``ready`` once it does."""

_log = logging.getLogger(__name__)


class Workers:
    """Starts processes by fork, so call it before any thread runs."""

    def __init__(self, count: int, serve: Serve) -> None:
        self._count = count
        self._serve = serve
        self._running: dict[int, int] = {}
        """Process id to the worker's number."""
        self._stopping = False
        self._alive, self._held = os.pipe()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until :meth:`stop`; ``ready`` is called once every worker serves.

        Raises:
            ProgramError: a worker does not start, or they die again and again.
        """
        try:
            for told in [self._start(number) for number in range(self._count)]:
                _await_ready(told)
            if not self._is_stopping():
                ready()
            self._watch()
        finally:
            self.stop()
            while self._running:
                self._one_ended()

    def stop(self) -> None:
        """Ask every worker for its end; safe to call from a signal handler."""
        self._stopping = True
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)

    def _is_stopping(self) -> bool:
        return self._stopping

    def _watch(self) -> None:
        again = 0
        while not self._is_stopping():
            number = self._one_ended()
            if self._is_stopping():
                return
            again += 1
            if again > STARTS_AGAIN_MAX:
                raise ProgramError("The server's processes end again and again; its log tells why.")
            _log.error("worker %d ended by itself and is started again", number)
            time.sleep(PAUSE_BEFORE_AGAIN_S)
            os.close(self._start(number))

    def _one_ended(self) -> int:
        process, _status = os.wait()
        return self._running.pop(process)

    def _start(self, number: int) -> int:
        """Fork a worker; return the end of a pipe on which it says that it serves."""
        told, tell = os.pipe()
        # Until the worker has put the watcher's own way of stopping away, a signal has to wait.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        process = os.fork()
        if process == 0:
            for stop in _STOPS:
                signal.signal(stop, signal.SIG_DFL)
            os.close(told)
            os.close(self._held)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            self._be(number, tell)
        os.close(tell)
        self._running[process] = number
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        if self._is_stopping():
            self.stop()
        return told

    def _be(self, number: int, tell: int) -> None:
        """Be a worker; never returns."""
        code = EXIT_DEFECT
        try:
            threading.Thread(target=_end_with, args=(self._alive,), daemon=True).start()
            self._serve(number, lambda: _tell(tell))
            code = 0
        except ProgramError as error:
            sys.stderr.write(f"{error}\n")
            code = EXIT_MISTAKE
        except BaseException:  # noqa: BLE001 - the last resort of a process
            _log.exception("worker %d failed", number)
        finally:
            sys.stderr.flush()
            os._exit(code)


def _await_ready(told: int) -> None:
    said = os.read(told, 1)
    os.close(told)
    if not said:
        raise ProgramError("A process of the server did not start; its log tells why.")


def _tell(tell: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        # A worker that was started again has nobody listening.
        os.write(tell, b".")
    os.close(tell)


def _end_with(alive: int) -> None:
    """Wait for the watcher's end of a pipe to close, which its death does as well."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
