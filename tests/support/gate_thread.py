"""A gate controller in this process: real ptys and a real store around it, no start of another interpreter."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from gate_controller.controller import Controller
from gate_controller.passes_used import PassesUsed
from gate_controller.settings import GateSettings
from gate_controller.shop_cache import ShopCache
from hardware.speaker.speaker import Speaker
from program.data_dir import claimed
from program.settings import load_settings


class GateThread:
    """Runs as ``gate-controller --settings FILE`` does, until :meth:`close`."""

    def __init__(self, settings: Path) -> None:
        loaded = load_settings(GateSettings, settings)
        self._claim = contextlib.ExitStack()
        self.folder = self._claim.enter_context(claimed(loaded.data_dir, "gate-controller"))
        try:
            self.record = PassesUsed(self.folder)
            self._claim.callback(self.record.close)
            self.record.leave_abandoned()
            self.controller = Controller(loaded, self.record, ShopCache(self.folder), Speaker("silent", volume_percent=100))
            self.controller.start()
        except BaseException:
            self._claim.close()
            raise
        self._thread = threading.Thread(target=self.controller.run, name="gate", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End as SIGTERM does."""
        self.controller.stop()
        self._thread.join(30)
        self._claim.close()


@contextlib.contextmanager
def gate_thread(settings: Path) -> Iterator[GateThread]:
    """A controller that ends with the block."""
    gate = GateThread(settings)
    try:
        yield gate
    finally:
        gate.close()
