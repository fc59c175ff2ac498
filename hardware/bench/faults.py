"""The faults that every device on a wire can have, played between a simulator and its host; pure.

One "reply" is whatever the simulator sends at one moment, which for all our devices is one whole answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum

from hardware.bench.simulator import Action, ActionError, Greeting, Simulator

DELAY_MAX_MS = 60_000
GARBAGE_MAX = 4096
HELD_BYTES_MAX = 65_536


class NextReply(Enum):
    """What happens to the next reply."""

    WHOLE = "whole"
    DROPPED = "dropped"
    CORRUPT = "corrupt"
    TRUNCATED = "truncated"
    DUPLICATED = "duplicated"


def damaged(reply: bytes, damage: NextReply) -> bytes:
    """Return ``reply`` as it arrives after ``damage``; a corrupt one has the lowest bit of its middle byte flipped."""
    if damage is NextReply.DROPPED:
        return b""
    if damage is NextReply.TRUNCATED:
        return reply[: len(reply) // 2]
    if damage is NextReply.DUPLICATED:
        return reply + reply
    if damage is NextReply.CORRUPT:
        middle = len(reply) // 2
        return reply[:middle] + bytes([reply[middle] ^ 0x01]) + reply[middle + 1 :]
    return reply


_DAMAGES = {
    "drop_next_reply": (NextReply.DROPPED, "Lose the device's next {what}."),
    "corrupt_next_reply": (NextReply.CORRUPT, "Flip one bit in the device's next {what}."),
    "truncate_next_reply": (NextReply.TRUNCATED, "Cut the device's next {what} in half."),
    "dup_next_reply": (NextReply.DUPLICATED, "Send the device's next {what} twice."),
}


def damage_actions(damage_next: Callable[[NextReply], None], what: str = "reply") -> dict[str, Action]:
    """Return the actions that damage what a device sends next.

    Args:
        damage_next: is told what to do to it.
        what: how the actions' descriptions call it.
    """

    def action(damage: NextReply, description: str) -> Action:
        def play() -> None:
            damage_next(damage)

        play.__doc__ = description.format(what=what)
        return play

    return {name: action(damage, description) for name, (damage, description) in _DAMAGES.items()}


def delay_s_of(delay_ms: int) -> float:
    """Return an operator's delay in seconds; ActionError beyond :data:`DELAY_MAX_MS`."""
    if not 0 <= delay_ms <= DELAY_MAX_MS:
        raise ActionError(f"A delay is between 0 and {DELAY_MAX_MS} milliseconds.")
    return delay_ms / 1000


def garbage_of(text: str) -> bytes:
    """Return an operator's bytes, written in hexadecimal; ActionError where they are none, or beyond :data:`GARBAGE_MAX`."""
    try:
        data = bytes.fromhex(text)
    except ValueError as error:
        raise ActionError(f"Write bytes as pairs of hexadecimal digits, like '02 FF': {error}.") from error
    if len(data) > GARBAGE_MAX:
        raise ActionError(f"At most {GARBAGE_MAX} bytes at once.")
    return data


class FaultyLine:
    """A simulator behind a line that can be silent, late, noisy and lossy, and that may lead to another device."""

    def __init__(
        self, simulator: Simulator, another: Callable[[], Simulator] | None = None, *, held_bytes_max: int = HELD_BYTES_MAX
    ) -> None:
        """Lay the line.

        Args:
            simulator: the device at its end.
            another: makes a device of the same kind with another identity, for ``wrong_device``.
            held_bytes_max: delayed bytes beyond this are lost, as in a device's own buffer.
        """
        self._held_bytes_max = held_bytes_max
        self._simulator = simulator
        self._another = another
        self._wrong: Simulator | None = None
        self._silent = False
        self._echoes = False
        self._next_reply = NextReply.WHOLE
        self._delay_s = 0.0
        self._on_the_way: deque[tuple[float, bytes]] = deque()

    def connected(self, now_s: float) -> None:
        """Tell a device that cares for it that a client has connected; bytes for an earlier one are lost."""
        device = self._wrong or self._simulator
        if isinstance(device, Greeting):
            self._on_the_way.clear()
            device.connected(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        """Pass bytes from the product to the device, unless it is silent."""
        if self._echoes:
            self._dispatch(data, now_s)
        if not self._silent:
            (self._wrong or self._simulator).receive(data, now_s)

    def send(self, now_s: float) -> bytes:
        """Return the bytes that reach the product by ``now_s``."""
        reply = self._simulator.send(now_s)
        if self._wrong is not None:
            reply = self._wrong.send(now_s)
        if reply and not self._silent:
            self._dispatch(damaged(reply, self._next_reply), now_s + self._delay_s)
            self._next_reply = NextReply.WHOLE
        if not self._on_the_way:
            return b""
        arrived = bytearray()
        while self._on_the_way and self._on_the_way[0][0] <= now_s:
            arrived += self._on_the_way.popleft()[1]
        return bytes(arrived)

    def damage_next(self, damage: NextReply) -> None:
        """Damage the next reply."""
        self._next_reply = damage

    @property
    def is_busy(self) -> bool:
        """Whether bytes are on their way."""
        return bool(self._on_the_way)

    def power_cycle(self, now_s: float) -> None:
        """Cut the device's power for a moment; bytes on their way are lost."""
        self._on_the_way.clear()
        self._simulator.power_cycle(now_s)

    def actions(self) -> Mapping[str, Action]:
        """Return the faults an operator can play."""
        return {
            "power_cycle": self._act_power_cycle,
            "reset": self._act_reset,
            "silent": self._act_silent,
            "delay_ms": self._act_delay_ms,
            "garbage": self._act_garbage,
            **damage_actions(self.damage_next),
            "wrong_device": self._act_wrong_device,
            "echo": self._act_echo,
        }

    def _dispatch(self, data: bytes, due_s: float) -> None:
        if data and sum(len(waiting) for _due, waiting in self._on_the_way) + len(data) <= self._held_bytes_max:
            self._on_the_way.append((due_s, data))

    def _act_power_cycle(self, now_s: float) -> None:
        """Switch the device off and on again."""
        self.power_cycle(now_s)

    def _act_reset(self, now_s: float) -> None:
        """Let the device start again by itself: it loses what a power cycle loses."""
        self.power_cycle(now_s)

    def _act_silent(self, *, on: bool) -> None:
        """Let the device hear and say nothing, or end that."""
        self._silent = on

    def _act_delay_ms(self, delay_ms: int) -> None:
        """Let every reply come this much later; 0 ends it."""
        self._delay_s = delay_s_of(delay_ms)

    def _act_wrong_device(self, *, on: bool) -> None:
        """Put a device of the same kind with another serial number in its place, or the right one back."""
        if on and self._another is None:
            raise ActionError("There is no other device of this kind.")
        self._wrong = self._another() if on and self._another is not None else None
        self._on_the_way.clear()

    def _act_echo(self, *, on: bool) -> None:
        """Let the line return everything that is sent, as a single wire does, or end that."""
        self._echoes = on

    def _act_garbage(self, now_s: float, hex: str) -> None:  # noqa: A002 - the name that the control API gives it
        """Send these bytes, written in hexadecimal, without being asked."""
        self._dispatch(garbage_of(hex), now_s)
