"""Programs that end with whoever started them, also when that one is killed: a killed demo or test leaves nobody behind.

Linux tells a child when the thread that started it is gone (``PR_SET_PDEATHSIG``). This file, run as a script, asks for that
and then becomes the program; it imports next to nothing, because it runs before every program. The signal is SIGTERM: every
program of Scanlane ends in order on it, devices safe and connections closed.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def leashed(command: list[str]) -> list[str]:
    """Return the command that starts ``command`` so that it ends with the thread that starts it, at the latest."""
    if sys.platform != "linux":
        return command
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _become(parent: int, command: list[str]) -> None:
    import ctypes  # noqa: PLC0415 - whoever imports this module has no use for it

    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() == parent:  # else it went before this program could ask to be told
        os.execvp(command[0], command)  # noqa: S606 - our own programs


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
