"""A simulated coin acceptor: coins fall past sensors into the coin box, or back into the tray."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.cash.protocol import Header
from hardware.cash.protocol_faults import RETURN_LEVER
from hardware.cash.protocol_values import coin_id
from hardware.cash.unit_simulator import ACK, NAK, Events, Money, Reply, SimulatedUnit

FALL_S = 0.12
"""From the slot to the sensors."""
UNPOLLED_S = 1.0
"""Not polled for so long, it takes no coin."""
FALLING_MAX = 50
_COIN_PATH = 1
_REJECTED = 1
_INHIBITED = 2


class SimulatedCoinAcceptor(SimulatedUnit):
    """The coin acceptor's physics and words."""

    category = "Coin Acceptor"
    product = "SCA1"

    def __init__(self, address: int, serial: int, money: Money, country: str, values_minor: Sequence[int]) -> None:
        super().__init__(address, serial)
        self._money = money
        self._country = country
        self._values_minor = tuple(values_minor)
        self._falling: list[tuple[float, int]] = []
        self.events = Events()
        self._mask = 0
        self._master = False
        self._polled_s = float("-inf")

    @property
    def falling_minor(self) -> int:
        """Coins between slot and sensors."""
        return sum(value_minor for _, value_minor in self._falling)

    @property
    def is_full(self) -> bool:
        """Whether no further coin fits into the slot."""
        return len(self._falling) >= FALLING_MAX

    def insert(self, value_minor: int, now_s: float) -> None:
        """Drop a coin into the slot."""
        self._falling.append((now_s + FALL_S, value_minor))

    def press_lever(self) -> None:
        """Press the coin return."""
        self.events.add((0, RETURN_LEVER))

    def move(self, now_s: float) -> None:
        """Let coins arrive at the sensors."""
        while self._falling and self._falling[0][0] <= now_s:
            arrived_s, value_minor = self._falling.pop(0)
            self._judge(value_minor, arrived_s)

    def reset(self, now_s: float) -> None:
        """Forget events and inhibits; everything is inhibited."""
        del now_s
        self.events = Events()
        self._mask = 0
        self._master = False

    def power_cycle(self, now_s: float) -> None:
        """Without power the gate is closed: what is falling comes out again."""
        for _, value_minor in self._falling:
            self._money.tray[value_minor] += 1
        self._falling.clear()
        self.reset(now_s)

    def answer_own(self, header: int, data: bytes, now_s: float) -> Reply | None:
        """Speak as a coin acceptor."""
        if header == Header.COIN_EVENTS:
            self._polled_s = now_s
            return self.events.reply()
        if header == Header.COIN_ID and len(data) == 1:
            return Header.REPLY, self._coin_id(data[0])
        if header == Header.MODIFY_INHIBITS:
            if len(data) != 2:  # noqa: PLR2004 - 16 channels
                return NAK
            self._mask = int.from_bytes(data, "little")
            return ACK
        if header == Header.MASTER_INHIBIT and len(data) == 1:
            self._master = bool(data[0] & 1)
            return ACK
        return self._state(header)

    def _state(self, header: int) -> Reply | None:
        if header == Header.INHIBIT_STATUS:
            return Header.REPLY, self._mask.to_bytes(2, "little")
        if header == Header.SELF_CHECK:
            return Header.REPLY, b"\x00"
        return (Header.REPLY, b"\x02\x14") if header == Header.POLLING_PRIORITY else None

    def _coin_id(self, channel: int) -> bytes:
        if 1 <= channel <= len(self._values_minor):
            return coin_id(self._values_minor[channel - 1], self._country)
        return b"......"

    def _judge(self, value_minor: int, now_s: float) -> None:
        if value_minor not in self._values_minor:
            self._reject(value_minor, _REJECTED)
            return
        channel = self._values_minor.index(value_minor) + 1
        is_open = self._master and self._mask >> channel - 1 & 1 and now_s - self._polled_s < UNPOLLED_S
        if is_open:
            self._money.coin_box[value_minor] += 1
            self.events.add((channel, _COIN_PATH))
        else:
            self._reject(value_minor, _INHIBITED)

    def _reject(self, value_minor: int, code: int) -> None:
        self._money.tray[value_minor] += 1
        self.events.add((0, code))
