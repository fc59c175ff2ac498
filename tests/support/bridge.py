"""Two ptys joined like a null-modem cable: two programs that both open a port can talk."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import tty
from typing import Self


class Bridge:
    """A cable with two ports."""

    def __init__(self) -> None:
        self._ends = [pty.openpty(), pty.openpty()]
        for master, slave in self._ends:
            tty.setraw(master)
            tty.setraw(slave)
            os.set_blocking(master, False)
        self.first, self.second = (os.ttyname(slave) for _, slave in self._ends)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bridge")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        for master, slave in self._ends:
            os.close(master)
            os.close(slave)

    def _run(self) -> None:
        (one, _), (other, _) = self._ends
        across = {one: other, other: one}
        while not self._ending.is_set():
            ready, _, _ = select.select([one, other], [], [], 0.05)
            for end in ready:
                with contextlib.suppress(BlockingIOError):
                    os.write(across[end], os.read(end, 4096))
