"""A simulated I/O module behind a pty whose bytes take the time that they take on a real line; a process of its own.

The line is half duplex: 10 bits for a byte, and after a question 3.5 characters of silence (1.75 ms above 19200 baud) before
the module answers, because only the silence tells it that the question is over.
"""

from __future__ import annotations

import os
import pty
import select
import sys
import time
import tty

from hardware.io_module.simulator import build

BITS_A_BYTE = 10
SILENT_CHARACTERS, SILENT_BITS = 3.5, 11
FAST_BAUD, FAST_SILENCE_S = 19_200, 0.00175


def silence_s(baud: int) -> float:
    """Return how long a line of this speed is silent between frames."""
    return FAST_SILENCE_S if baud > FAST_BAUD else SILENT_CHARACTERS * SILENT_BITS / baud


def byte_s(baud: int) -> float:
    """Return how long a byte takes."""
    return BITS_A_BYTE / baud


def serve(module: str, baud: int) -> None:
    """Answer until standard input ends; print the port's path first."""
    master, slave = pty.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    sys.stdout.write(f"{os.ttyname(slave)}\n")
    sys.stdout.flush()
    simulator = build({"map": module}, 0)
    while True:
        ready, _, _ = select.select([master, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        question = os.read(master, 4096)
        heard_s = time.monotonic() + len(question) * byte_s(baud)
        simulator.receive(question, heard_s)
        answer = simulator.send(heard_s)
        _say(master, answer, heard_s + silence_s(baud), byte_s(baud))


def _say(master: int, answer: bytes, from_s: float, each_s: float) -> None:
    """Send each byte when its last bit is over."""
    for place in range(len(answer)):
        _until(from_s + (place + 1) * each_s)
        os.write(master, answer[place : place + 1])


def _until(due_s: float) -> None:
    while (left_s := due_s - time.monotonic()) > 0:
        # The kernel wakes a sleeper some 60 us late: the last stretch is waited for awake.
        if left_s > 0.0002:
            time.sleep(left_s - 0.0002)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
