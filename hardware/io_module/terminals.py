"""The physics of a simulated I/O module: its terminals, flash timers and output modes. Knows no words and no clock."""

from __future__ import annotations

from collections.abc import Sequence

CHANNELS = 8
LINKED, TOGGLE_BY_RISE, TOGGLE_BY_EDGE = 1, 2, 3
"""Output modes beside 0, where the host decides."""


class Terminals:
    """Eight inputs and eight outputs."""

    def __init__(self, inputs: Sequence[bool], *, pulses_restart: bool) -> None:
        self.inputs = list(inputs)
        self.modes = [0] * CHANNELS
        self._pulses_restart = pulses_restart
        self._outputs = [False] * CHANNELS
        self._flash_ends: dict[int, tuple[float, bool]] = {}
        """Running flashes: when they end and what the output is then."""

    def lose_power(self) -> None:
        """Open every output; modes are kept."""
        self._outputs = [False] * CHANNELS
        self._flash_ends.clear()

    def outputs(self, now_s: float) -> tuple[bool, ...]:
        """Return which outputs are on; flashes that are over end."""
        for channel, (end_s, then) in list(self._flash_ends.items()):
            if now_s >= end_s:
                self._outputs[channel] = then
                del self._flash_ends[channel]
        return tuple(self._outputs)

    def set_input(self, index: int, *, on: bool) -> None:
        """Put voltage on an input or take it off; an output whose mode listens to it follows."""
        changes = on != self.inputs[index]
        self.inputs[index] = on
        mode = self.modes[index]
        if mode == LINKED:
            self._outputs[index] = on
        elif (mode == TOGGLE_BY_RISE and on and changes) or (mode == TOGGLE_BY_EDGE and changes):
            self._outputs[index] = not self._outputs[index]

    def set_mode(self, index: int, mode: int) -> None:
        """Say who decides about an output."""
        self.modes[index] = mode
        if mode == LINKED:
            self._outputs[index] = self.inputs[index]

    def switch(self, channel: int, *, on: bool) -> None:
        """Switch an output as the host says; ends its flash. An output linked to its input does not listen."""
        if self.modes[channel] != LINKED:
            self._flash_ends.pop(channel, None)
            self._outputs[channel] = on

    def flash(self, channel: int, now_s: float, duration_s: float, *, on: bool) -> None:
        """Switch an output for a time."""
        if self.modes[channel] == LINKED:
            return
        self.outputs(now_s)
        if channel in self._flash_ends and not self._pulses_restart:
            return
        self._outputs[channel] = on
        self._flash_ends[channel] = (now_s + duration_s, not on)
