"""Slow work off the GUI thread: one worker per :class:`Background`, answers on the GUI thread.

One worker, so that requests to the store server keep their order and share one connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Slot

from program.qt.bridge import Bridge

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Background(QObject):
    """Runs operations one after another on a thread of its own."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._answer)
        self._stopped = False

    def run(
        self,
        operation: Callable[[], Result],
        success: Callable[[Result], None],
        failure: Callable[[Exception], None],
    ) -> None:
        """Run ``operation`` on the worker (no widgets there), then ``success`` or ``failure`` on the GUI thread."""

        def work() -> None:
            try:
                result = operation()
            except Exception as error:  # noqa: BLE001 - every mistake is handed to the caller's ``failure``
                caught = error
                self._bridge.carry(lambda: failure(caught))
            else:
                self._bridge.carry(lambda: success(result))

        if not self._stopped:
            self._pool.submit(work)

    def stop(self) -> None:
        """Wait for the running operation, drop the waiting ones and their answers."""
        self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    @Slot(object)
    def _answer(self, answer: Callable[[], None]) -> None:
        if not self._stopped:
            answer()
