"""Which outputs should be on, and which the module should switch off by itself, at a given time. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.io_module.protocol import CHANNELS

HOLD_PULSE_S = 1.0
"""How long a held output stays on after this program died."""
RENEW_S = 0.4
"""A held pulse is renewed this often: two renewals may be lost before it ends."""
SLACK_S = 0.25
"""Around a pulse's end nobody knows whether it is on: the module counts in steps of 0.1 s, the line takes its time."""


@dataclass(frozen=True, slots=True)
class _Pulse:
    sent_s: float
    duration_s: float
    held: bool


class Outputs:
    """What this program wants of each channel."""

    def __init__(self, count: int = CHANNELS, *, self_ending: bool = True) -> None:
        """Begin with everything off.

        Args:
            count: how many channels there are.
            self_ending: whether the module ends pulses by itself; otherwise this program must end them.
        """
        self._count = count
        self._self_ending = self_ending
        self._lit: set[int] = set()
        self._pulses: dict[int, _Pulse] = {}

    def switch(self, channel: int, *, on: bool) -> None:
        """Note that a channel was switched, until it is switched again."""
        self._pulses.pop(channel, None)
        if on:
            self._lit.add(channel)
        else:
            self._lit.discard(channel)

    def pulse(self, channel: int, now_s: float, duration_s: float, *, held: bool = False) -> None:
        """Note that a pulse was sent."""
        self._lit.discard(channel)
        self._pulses[channel] = _Pulse(now_s, duration_s, held)

    def to_renew(self, now_s: float) -> list[int]:
        """Return the held channels whose pulse is due for renewal."""
        if not self._self_ending:
            return []
        return [channel for channel, pulse in self._pulses.items() if pulse.held and now_s - pulse.sent_s >= RENEW_S]

    def to_end(self, now_s: float) -> list[int]:
        """Return the channels whose pulse is over and has to be ended by this program."""
        if self._self_ending:
            return []
        return [
            channel for channel, pulse in self._pulses.items() if not pulse.held and now_s - pulse.sent_s >= pulse.duration_s
        ]

    def is_held(self, channel: int) -> bool:
        """Whether the channel's pulse is renewed."""
        pulse = self._pulses.get(channel)
        return pulse is not None and pulse.held

    def pulse_left_s(self, channel: int, now_s: float) -> float | None:
        """Return how long the channel's pulse still lasts; None where there is none."""
        pulse = self._pulses.get(channel)
        return pulse.sent_s + pulse.duration_s - now_s if pulse is not None else None

    def expected(self, now_s: float) -> tuple[bool | None, ...]:
        """Return what each channel should be; None where a pulse may just be ending."""
        return tuple(self._expected(channel, now_s) for channel in range(self._count))

    def disagreeing(self, found: tuple[bool, ...], now_s: float) -> list[int]:
        """Return the channels that are not as they should be."""
        wanted = self.expected(now_s)
        return [channel for channel in range(self._count) if wanted[channel] not in {None, found[channel]}]

    def _expected(self, channel: int, now_s: float) -> bool | None:
        pulse = self._pulses.get(channel)
        if pulse is None:
            return channel in self._lit
        if not self._self_ending:
            return True
        age_s = now_s - pulse.sent_s
        if age_s < pulse.duration_s - SLACK_S:
            return True
        return None if age_s < pulse.duration_s + SLACK_S or pulse.held else False
