"""A simulated hopper: a bowl of coins, a motor, an exit sensor, and counters of which some outlive the power."""

from __future__ import annotations

from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import (
    BLOCKING,
    ENABLE_KEY,
    FlowLevel,
    HopperFlag,
    HopperSensors,
    HopperStatus,
    dispense_count_bytes,
    hopper_sensors_byte,
    hopper_status_bytes,
    next_counter,
)
from hardware.cash.protocol_values import coin_id, serial_bytes
from hardware.cash.unit_simulator import ACK, NAK, Money, Reply, SimulatedUnit

JAM_S = 0.5
"""The motor strains so long before it gives up."""
LATE_COIN_S = 0.2
"""After an emergency stop a coin that was on its way falls."""
LOW_COINS = 20
HIGH_COINS = 400
_KEY_BYTES = 8
_PIN_BYTES = 4
_OPTO_BLOCKED = 0x81
_OPTOS_BLOCKED = HopperFlag.OPTO_BLOCKED_IDLE | HopperFlag.OPTO_BLOCKED_PAYING


class SimulatedHopper(SimulatedUnit):
    """The hopper's physics and words."""

    category = "Payout"

    def __init__(
        self,
        address: int,
        serial: int,
        money: Money,
        *,
        country: str,
        coin_minor: int,
        stock: int,
        coin_s: float,
        empty_s: float,
    ) -> None:
        super().__init__(address, serial)
        self.product = "SCH2"
        self.name = f"hopper-{coin_minor}"
        self.coin_minor = coin_minor
        self.stock = stock
        self.is_jammed = False
        self.loses_next_reply = False
        self.misses_next_order = False
        self.refuses_next_order = False
        self.dispensed = 0
        """Header 168: survives everything."""
        self._money = money
        self._country = country
        self._coin_s = coin_s
        self._empty_s = empty_s
        self._flags = HopperFlag(0)
        self._is_enabled = False
        self._event_counter = 0
        self._remaining = 0
        self._paid = 0
        self._unpaid = 0
        self._next_s = 0.0
        self._late_coin_s: float | None = None
        self.pin = ""
        """What must be entered before it pays; empty: nothing."""
        self._entered = ""

    @property
    def _is_flow(self) -> bool:
        return "FLOW" in self.product.upper()

    @property
    def _is_mk1(self) -> bool:
        return "MK1" in self.product.upper()

    @property
    def worth_minor(self) -> int:
        """What lies in the bowl."""
        return self.stock * self.coin_minor

    @property
    def is_paying(self) -> bool:
        """Whether the motor runs."""
        return self._remaining > 0

    def move(self, now_s: float) -> None:
        """Drop the coins that are due."""
        if self._late_coin_s is not None and self._late_coin_s <= now_s:
            self._late_coin_s = None
            self._drop()
        while self._remaining and self._next_s <= now_s:
            if self.is_jammed:
                self._give_up(HopperFlag.OVER_CURRENT)
            elif self.stock == 0:
                self._give_up(HopperFlag.PAYOUT_TIME_OUT)
            else:
                self._drop()
                self._remaining -= 1
                self._next_s += self._wait_s()

    def reset(self, now_s: float) -> None:
        """Stop; forget what is volatile. Paid, unpaid and the coin counter stay."""
        del now_s
        self._unpaid += self._remaining
        self._remaining = 0
        self._event_counter = 0
        self._flags = HopperFlag(0)
        self._is_enabled = False
        self._entered = ""
        self._late_coin_s = None

    def power_cycle(self, now_s: float) -> None:
        """Lose the power and get it back."""
        self.reset(now_s)
        self._flags = HopperFlag(0) if self._is_flow else HopperFlag.POWER_UP

    def answer_own(self, header: int, data: bytes, now_s: float) -> Reply | None:
        """Speak as a hopper."""
        if header == Header.DISPENSE:
            return self._dispense(data, now_s)
        if header == Header.ENABLE_HOPPER:
            self._is_enabled = data == bytes([ENABLE_KEY])
            return ACK
        if header == Header.EMERGENCY_STOP:
            return self._emergency_stop(now_s)
        if header == Header.HOPPER_STATUS:
            return Header.REPLY, hopper_status_bytes(
                HopperStatus(self._event_counter, self._remaining, self._paid, self._unpaid)
            )
        return self._state(header, data)

    def _state(self, header: int, data: bytes) -> Reply | None:
        if header == Header.DISPENSE_COUNT:
            return Header.REPLY, dispense_count_bytes(self.dispensed)
        if header == Header.TEST_HOPPER:
            flags = self._flags if self._is_enabled else self._flags | HopperFlag.DISABLED
            registers = int(flags).to_bytes(2, "little")
            return Header.REPLY, registers[:1] if self._is_flow or self._is_mk1 else registers
        if header == Header.HOPPER_COIN:
            return Header.REPLY, coin_id(self.coin_minor, self._country)
        if header in {Header.LEVEL, Header.OPTOS}:
            return self._level(header)
        if header == Header.ENTER_PIN and len(data) == _PIN_BYTES:
            self._entered = data.decode("ascii", "replace")
            return ACK
        return self._cipher(header, data)

    def _cipher(self, header: int, data: bytes) -> Reply | None:
        if header == Header.PUMP_RNG:
            return ACK if len(data) == _KEY_BYTES else NAK
        if header == Header.CIPHER_KEY:
            return Header.REPLY, bytes(_KEY_BYTES)
        return (Header.REPLY, b"\x00") if header == Header.SELF_CHECK else None

    def _level(self, header: Header | int) -> Reply | None:
        if self._is_flow:
            if header == Header.LEVEL:
                return None
            half = FlowLevel.HALF if self.stock < HIGH_COINS else FlowLevel.FULL
            return Header.REPLY, bytes([FlowLevel.EMPTY if self.stock < LOW_COINS else half])
        if header == Header.OPTOS:
            return Header.REPLY, bytes([_OPTO_BLOCKED if self._flags & _OPTOS_BLOCKED else 0])
        sensors = HopperSensors(self.stock < LOW_COINS, self.stock >= HIGH_COINS, has_low=True, has_high=True)
        return Header.REPLY, hopper_sensors_byte(sensors)

    def _dispense(self, data: bytes, now_s: float) -> Reply | None:
        if self.misses_next_order:
            self.misses_next_order = False
            return None
        self._event_counter = next_counter(self._event_counter)
        key, count = data[:-1], data[-1] if data else 0
        is_plain = "NOENCRYPT" in self.product.upper()
        key_fits = len(key) == _KEY_BYTES if is_plain else key == serial_bytes(str(self.serial))
        key_fits &= self._entered == self.pin or not self.pin
        refused = self.refuses_next_order or not self._is_enabled or bool(self._flags & BLOCKING) or self._remaining > 0
        self.refuses_next_order = False
        if refused or not key_fits or count == 0:
            return NAK
        self._flags = HopperFlag(0)
        self._remaining, self._paid, self._unpaid = count, 0, 0
        self._next_s = now_s + self._wait_s()
        if self.loses_next_reply:
            self.loses_next_reply = False
            return None
        return Header.REPLY, b"" if self._is_mk1 else bytes([self._event_counter])

    def _emergency_stop(self, now_s: float) -> Reply:
        left = self._remaining
        if left:
            self._late_coin_s = now_s + LATE_COIN_S if self.stock and not self.is_jammed else None
            self._unpaid, self._remaining = left, 0
            self._entered = ""
        self._is_enabled = False
        return Header.REPLY, bytes([left])

    def _drop(self) -> None:
        if self.stock == 0:
            return
        self.stock -= 1
        self._money.tray[self.coin_minor] += 1
        self.dispensed += 1
        self._paid += 1

    def _give_up(self, flag: HopperFlag) -> None:
        self._flags |= flag
        self._unpaid, self._remaining = self._remaining, 0

    def _wait_s(self) -> float:
        if self.is_jammed:
            return JAM_S
        return self._coin_s if self.stock else self._empty_s
