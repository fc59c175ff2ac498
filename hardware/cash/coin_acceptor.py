"""A ccTalk coin acceptor: off until told, every accepted coin credited once."""

from __future__ import annotations

from hardware.cash.bus import CashBus
from hardware.cash.counters import NewEvent, after_event
from hardware.cash.events import COIN_BOX, CoinTaken, CounterMemory, ReturnLeverPressed, Severity, TroubleCode
from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import NO_EVENT
from hardware.cash.protocol_faults import RETURN_LEVER, coin_fault
from hardware.cash.protocol_values import ALL_INHIBITED, CHANNELS, inhibit_mask, parse_coin_id
from hardware.cash.unit import MoneyTaker, Voice
from hardware.errors import DeviceRefusedError


class CoinAcceptor(MoneyTaker):
    """The coin acceptor, as its master knows it."""

    kind = "coin acceptor"
    place = COIN_BOX
    events_header = Header.COIN_EVENTS

    def __init__(self, address: int, voice: Voice, memory: CounterMemory | None) -> None:
        super().__init__(address, voice, memory)
        self.values_minor: dict[int, int] = {}
        """Channel to value."""
        self.wanted = False
        """Whether coins are to be taken."""
        self._is_on: bool | None = None
        """What the device was told; None: nobody knows."""
        self._mask = ALL_INHIBITED

    def start(self, bus: CashBus, now_s: float) -> None:
        """Identify it, switch it off, learn its coins, take what was not yet credited."""
        del now_s
        self._is_on = None
        self._meet(bus)
        self.wanted = False
        self._apply(bus)
        self.poll_limit_s = self._ask_poll_limit(bus)
        self.values_minor = self._read_values(bus)
        self._check(bus)
        self._learn_inhibits(bus)
        self._recall(bus)

    def poll(self, bus: CashBus, now_s: float) -> None:
        """Switch it as wanted and read its events."""
        if self._is_on is not self.wanted:
            self._apply(bus)
        self._read_events(bus)
        if self._is_on:
            self._watch_inhibits(bus, self._mask, now_s)

    def _apply(self, bus: CashBus) -> None:
        wanted = self.wanted
        self._mask = inhibit_mask(self.values_minor, frozenset(self.values_minor.values())) if wanted else ALL_INHIBITED
        self._is_on = None
        bus.ask(self.address, Header.MODIFY_INHIBITS, self._mask)
        bus.ask(self.address, Header.MASTER_INHIBIT, bytes([wanted]))
        self._is_on = wanted

    def _read_values(self, bus: CashBus) -> dict[int, int]:
        told: dict[int, bytes] = {}
        for channel in range(1, CHANNELS + 1):
            try:
                told[channel] = bus.ask(self.address, Header.COIN_ID, bytes([channel]))
            except DeviceRefusedError:
                continue
        country = self._learn_country(told.values())
        values = {channel: parse_coin_id(data, country) for channel, data in told.items()}
        return {channel: value_minor for channel, value_minor in values.items() if value_minor is not None}

    def _take(self, event: NewEvent) -> None:
        channel, detail = event.pair
        value_minor = self.values_minor.get(channel) if channel else None
        self.memory = after_event(self.memory, event, credited=value_minor is not None)
        if value_minor is not None:
            self.voice.publish(
                CoinTaken(self.voice.device, self.place, self.memory.epoch, self.memory.seq, value_minor, self.memory)
            )
        elif channel:
            self._warn(TroubleCode.LOST_EVENTS, Severity.ALARM, f"A coin of the unknown channel {channel} was taken. Count it.")
        elif detail == RETURN_LEVER:
            self.voice.publish(ReturnLeverPressed(self.voice.device))
        elif event.pair != NO_EVENT:
            self.voice.trouble(self.place, coin_fault(detail))

    def _forget_settings(self) -> None:
        self._is_on = None
