"""The physics of a simulated I/O module: its terminals, flash timers, output modes, counters and watchdog. Knows no words."""

from __future__ import annotations

from collections.abc import Sequence

LINKED, TOGGLE_BY_RISE, TOGGLE_BY_EDGE = 1, 2, 3
"""Output modes beside 0, where the host decides."""
_COUNT_END = 1 << 32


class Watchdog:
    """Switches outputs off when nobody has spoken for a time."""

    def __init__(self, after_s: float | None, *, stays: bool) -> None:
        """Begin unarmed; armed by the first question.

        Args:
            after_s: how long a silence it bears; None when it is switched off.
            stays: whether outputs obey again only after somebody ended the safe state.
        """
        self.after_s = after_s
        self.has_acted = False
        """Whether it ever switched off since power came."""
        self.is_safe = False
        """Whether outputs do not obey."""
        self._stays = stays
        self._heard_s: float | None = None

    def lose_power(self) -> None:
        """Begin anew."""
        self.has_acted = self.is_safe = False
        self._heard_s = None

    def hear(self, now_s: float) -> None:
        """Somebody spoke."""
        self._heard_s = now_s
        if not self._stays:
            self.is_safe = False

    def end_safe_state(self) -> None:
        """Let outputs obey again."""
        self.is_safe = False

    def acts(self, now_s: float) -> bool:
        """Whether it switches off now; true once for each silence."""
        if self.after_s is None or self._heard_s is None or now_s - self._heard_s < self.after_s:
            return False
        self._heard_s = None
        self.has_acted = self.is_safe = True
        return True


class Terminals:
    """Inputs and outputs."""

    def __init__(
        self, inputs: Sequence[bool], outputs: int = 8, *, pulses_restart: bool = True, watchdog: Watchdog | None = None
    ) -> None:
        self.modes = [0] * outputs
        self.counting = [False] * len(inputs)
        self.counts = [0] * len(inputs)
        self.watchdog = watchdog or Watchdog(None, stays=False)
        self._contacts = list(inputs)
        self._broken = [False] * len(inputs)
        self._pulses_restart = pulses_restart
        self._outputs = [False] * outputs
        self._flash_ends: dict[int, tuple[float, bool]] = {}
        """Running flashes: when they end and what the output is then."""

    @property
    def inputs(self) -> list[bool]:
        """What the module reads: a contact behind a broken wire reads as off."""
        return [on and not broken for on, broken in zip(self._contacts, self._broken, strict=True)]

    def lose_power(self) -> None:
        """Open every output and forget counts; modes are kept."""
        self._outputs = [False] * len(self._outputs)
        self._flash_ends.clear()
        self.counts = [0] * len(self.counts)
        self.counting = [False] * len(self.counting)
        self.watchdog.lose_power()

    def outputs(self, now_s: float) -> tuple[bool, ...]:
        """Return which outputs are on; flashes that are over end, and so does everything when the watchdog acts."""
        if self.watchdog.acts(now_s):
            self._outputs = [False] * len(self._outputs)
            self._flash_ends.clear()
        for channel, (end_s, then) in list(self._flash_ends.items()):
            if now_s >= end_s:
                self._outputs[channel] = then
                del self._flash_ends[channel]
        return tuple(self._outputs)

    def set_input(self, index: int, *, on: bool) -> None:
        """Close a contact or open it."""
        before = self.inputs[index]
        self._contacts[index] = on
        self._follow(index, before)

    def break_wire(self, index: int, *, broken: bool) -> None:
        """Break an input's wire or mend it."""
        before = self.inputs[index]
        self._broken[index] = broken
        self._follow(index, before)

    def _follow(self, index: int, before: bool) -> None:  # noqa: FBT001 - a level, no switch
        """Count a rise; an output whose mode listens to the input follows it."""
        on = self.inputs[index]
        rises = on and not before
        if rises and self.counting[index]:
            self.counts[index] = (self.counts[index] + 1) % _COUNT_END
        mode = self.modes[index] if index < len(self.modes) else 0
        if mode == LINKED:
            self._outputs[index] = on
        elif (mode == TOGGLE_BY_RISE and rises) or (mode == TOGGLE_BY_EDGE and on != before):
            self._outputs[index] = not self._outputs[index]

    def set_mode(self, index: int, mode: int) -> None:
        """Say who decides about an output."""
        self.modes[index] = mode
        if mode == LINKED:
            self._outputs[index] = self.inputs[index]

    def switch(self, channel: int, *, on: bool) -> None:
        """Switch an output as the host says; ends its flash. An output linked to its input does not listen, nor a safe one."""
        if self.modes[channel] != LINKED and not self.watchdog.is_safe:
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
