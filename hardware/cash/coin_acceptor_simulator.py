"""A simulated coin acceptor: coins fall past sensors into the coin box, or back into the tray."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import dispense_count_bytes
from hardware.cash.protocol_faults import RETURN_LEVER
from hardware.cash.protocol_values import coin_id
from hardware.cash.unit_simulator import ACK, NAK, Events, Money, Reply, SimulatedUnit

FALL_S = 0.12
"""From the slot to the sensors."""
PAST_THE_GATE_S = 0.03
"""The last part of the fall: no reset brings the coin back."""
UNPOLLED_S = 1.0
"""Not polled for so long, it takes no coin."""
FALLING_MAX = 50
_COIN_PATH = 1
_SETTINGS = {Header.MODIFY_INHIBITS: 2, Header.MASTER_INHIBIT: 1}
"""Headers that set something, and how many bytes they bring."""
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
        self.inserted = self.accepted = 0

    @property
    def falling_minor(self) -> int:
        """Coins between slot and sensors."""
        return sum(value_minor for _, value_minor in self._falling)

    @property
    def takes(self) -> list[int]:
        """Values that are not inhibited, as the light at the slot tells."""
        if not self._master:
            return []
        return [value for channel, value in enumerate(self._values_minor) if self._mask >> channel & 1]

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
        """Forget events and inhibits; everything is inhibited. A coin past the gate falls into the box, and nobody is told."""
        while self._is_open(now_s) and self._falling and self._falling[0][0] - now_s <= PAST_THE_GATE_S:
            _, value_minor = self._falling.pop(0)
            if value_minor in self._values_minor:
                self.inserted += 1
                self._money.coin_box[value_minor] += 1
            else:
                self._reject(value_minor, _REJECTED)
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
        if header == Header.COIN_ID:
            return (Header.REPLY, self._coin_id(data[0])) if len(data) == 1 else NAK
        if header == Header.INHIBIT_STATUS:
            return Header.REPLY, self._mask.to_bytes(2, "little")
        return self._set(header, data) if header in _SETTINGS else self._state(header)

    def _set(self, header: int, data: bytes) -> Reply:
        if len(data) != _SETTINGS[Header(header)]:
            return NAK
        if header == Header.MODIFY_INHIBITS:
            self._mask = int.from_bytes(data, "little")
        else:
            self._master = bool(data[0] & 1)
        return ACK

    def _state(self, header: int) -> Reply | None:
        told = {
            Header.SELF_CHECK: b"\x00",
            Header.STATUS: b"\x00",
            Header.MASTER_INHIBIT_STATUS: bytes([self._master]),
            Header.POLLING_PRIORITY: b"\x02\x14",
            Header.OPTION_FLAGS: b"\x00",
            Header.DATABASE_VERSION: b"\x00",
            Header.INSERTION_COUNT: dispense_count_bytes(self.inserted),
            Header.ACCEPT_COUNT: dispense_count_bytes(self.accepted),
            Header.REJECT_COUNT: dispense_count_bytes(self.inserted - self.accepted),
            Header.FRAUD_COUNT: dispense_count_bytes(0),
        }
        return (Header.REPLY, told[Header(header)]) if header in told else None

    def _coin_id(self, channel: int) -> bytes:
        if 1 <= channel <= len(self._values_minor):
            return coin_id(self._values_minor[channel - 1], self._country)
        return b"......"

    def _is_open(self, now_s: float) -> bool:
        return self._master and now_s - self._polled_s < UNPOLLED_S

    def _judge(self, value_minor: int, now_s: float) -> None:
        self.inserted += 1
        if value_minor not in self._values_minor:
            self._reject(value_minor, _REJECTED)
            return
        channel = self._values_minor.index(value_minor) + 1
        if self._is_open(now_s) and self._mask >> channel - 1 & 1:
            self.accepted += 1
            self._money.coin_box[value_minor] += 1
            self.events.add((channel, _COIN_PATH))
        else:
            self._reject(value_minor, _INHIBITED)

    def _reject(self, value_minor: int, code: int) -> None:
        self._money.tray[value_minor] += 1
        self.events.add((0, code))
