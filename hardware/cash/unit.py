"""What every device on the cash bus has: an address, a serial number, a way to start and a way to be polled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from hardware.cash.bus import SLOW_REPLY_S, CashBus
from hardware.cash.counters import NewEvent, News, after_reset, read_news, recall
from hardware.cash.events import CashTrouble, CounterMemory, CounterMoved, Severity, TroubleCode
from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import EventBuffer, parse_event_buffer
from hardware.cash.protocol_faults import Fault, self_check_sentence
from hardware.cash.protocol_values import country_of, parse_polling_priority
from hardware.connection import Identity
from hardware.device import DeviceEvent
from hardware.errors import DeviceError, DeviceRefusedError, LinkLostError, NoReplyError, ProtocolError, WrongDeviceError

INHIBITS_CHECK_S = 1.0
"""How often a device that takes money is asked whether it still knows what it may take."""


@dataclass(slots=True)
class Voice:
    """How the devices of one bus speak to the owner."""

    device: str
    publish: Callable[[DeviceEvent], None]

    country: str = ""
    """The two letters that coin and bill ids begin with; empty until a device has told."""
    pinned: Mapping[int, str] = field(default_factory=dict)
    """The serial number that a device must have, by address."""

    def trouble(self, place: str, fault: Fault, amount_minor: int = 0) -> None:
        """Tell the owner what is wrong at a place."""
        self.publish(CashTrouble(self.device, place, fault.code, fault.severity, fault.sentence, amount_minor))


class Unit(ABC):
    """One device on the bus."""

    kind: str
    """What people call it."""
    identity: Identity = Identity()
    poll_limit_s: float | None = None
    """The longest time between two polls, where the device tells one."""

    def __init__(self, address: int, voice: Voice) -> None:
        self.address = address
        self.voice = voice

    @property
    @abstractmethod
    def place(self) -> str:
        """Where its money is; troubles name it."""

    @abstractmethod
    def start(self, bus: CashBus, now_s: float) -> None:
        """Identify and initialise it, everything off; read what happened while nobody looked."""

    @abstractmethod
    def poll(self, bus: CashBus, now_s: float) -> None:
        """Ask what has happened."""

    def _meet(self, bus: CashBus) -> None:
        bus.ask(self.address, Header.SIMPLE_POLL)
        self.identity = bus.identify(self.address)
        pinned = self.voice.pinned.get(self.address, "")
        if pinned and self.identity.serial_number != pinned:
            raise WrongDeviceError(
                f"the {self.kind} has serial number {self.identity.serial_number!r}, the settings say {pinned!r}: plug in the"
                f" right device or correct the settings"
            )

    def _ask_poll_limit(self, bus: CashBus) -> float | None:
        """Ask how long the device may be left alone; many do not tell."""
        try:
            return parse_polling_priority(bus.order(self.address, Header.POLLING_PRIORITY))
        except LinkLostError:
            raise
        except DeviceError:
            return None

    def _learn_country(self, money_ids: Iterable[bytes]) -> str:
        """Return the currency's country; the first device with money of any tells it where the settings do not."""
        if not self.voice.country:
            self.voice.country = country_of(money_ids)
        return self.voice.country

    def _check(self, bus: CashBus) -> None:
        try:
            answer = bus.ask(self.address, Header.SELF_CHECK, reply_s=SLOW_REPLY_S)
        except (DeviceRefusedError, NoReplyError):
            return
        if sentence := self_check_sentence(answer[0] if answer else 0):
            fault = Fault(TroubleCode.DEVICE_FAULT, Severity.OUT_OF_SERVICE, f"The {self.kind} is out of order: {sentence}.")
            self.voice.trouble(self.place, fault)


class MoneyTaker(Unit):
    """A device that takes money in and counts its events: coin acceptor, note validator."""

    events_header: Header

    def __init__(self, address: int, voice: Voice, memory: CounterMemory | None) -> None:
        super().__init__(address, voice)
        self._tells_inhibits = False
        self._check_at_s = 0.0
        self.memory = memory or CounterMemory("", 0, 0, 0)
        self._is_known = memory is not None

    @abstractmethod
    def _take(self, event: NewEvent) -> None:
        """Credit or report one event and remember its counter."""

    @abstractmethod
    def _forget_settings(self) -> None:
        """Nobody knows any more what the device may take: tell it again."""

    def _was_reset(self) -> None:
        """Forget what the device forgot."""
        self._forget_settings()

    def _read_events(self, bus: CashBus) -> EventBuffer:
        """Read the buffer and take what is new; a reset or a gap only when it is read twice."""
        buffer = self._ask_events(bus)
        news = read_news(self.memory, buffer)
        if news.is_suspicious and self._ask_events(bus) != buffer:
            return buffer
        self._digest(news)
        return buffer

    def _recall(self, bus: CashBus) -> EventBuffer:
        """Find out where reading goes on after a start, a return or a swap, and take what is new."""
        buffer = self._ask_events(bus)
        known = self.memory if self._is_known else None
        met = recall(known, self.identity.serial_number, buffer)
        if known is not None and met.serial != known.serial:
            self._warn(
                TroubleCode.DEVICE_REPLACED,
                Severity.ALARM,
                f"Another {self.kind} than before, no. {met.serial}, answers; what it took before is not credited.",
            )
        self._is_known = True
        if met != self.memory:
            self._remember(met)
        return self._read_events(bus)

    def _learn_inhibits(self, bus: CashBus) -> None:
        """Find out whether the device tells its inhibits; some do not."""
        try:
            bus.ask(self.address, Header.INHIBIT_STATUS)
        except (DeviceRefusedError, NoReplyError):
            self._tells_inhibits = False
        else:
            self._tells_inhibits = True

    def _watch_inhibits(self, bus: CashBus, mask: bytes, now_s: float) -> None:
        """Notice that the device no longer has the inhibits that were set: a restart, of which only counter 0 tells nothing."""
        if not self._tells_inhibits or now_s < self._check_at_s:
            return
        self._check_at_s = now_s + INHIBITS_CHECK_S
        answer = bus.ask(self.address, Header.INHIBIT_STATUS)
        if len(answer) != len(mask):
            raise ProtocolError(f"inhibits are {len(mask)} bytes, not {len(answer)}")
        if answer != mask:
            self._forget_settings()
            if self.memory.counter == 0:
                self._warn_of_reset()

    def _warn_of_reset(self) -> None:
        self._warn(
            TroubleCode.DEVICE_RESET,
            Severity.ALARM,
            f"The {self.kind} restarted. Money put in just before may be in it without a credit.",
        )

    def _ask_events(self, bus: CashBus) -> EventBuffer:
        return parse_event_buffer(bus.ask(self.address, self.events_header))

    def _digest(self, news: News) -> None:
        before = self.memory
        if news.was_reset:
            self.memory = after_reset(self.memory)
            self._warn_of_reset()
            self._was_reset()
        if news.lost:
            self._warn(
                TroubleCode.LOST_EVENTS,
                Severity.ALARM,
                f"{news.lost} events of the {self.kind} were lost; money may be in it without a credit.",
            )
        for event in news.events:
            self._take(event)
        if self.memory != before:
            self._remember(self.memory)

    def _remember(self, memory: CounterMemory) -> None:
        self.memory = memory
        self.voice.publish(CounterMoved(self.voice.device, self.place, memory.epoch, memory.counter, memory))

    def _warn(self, code: TroubleCode, severity: Severity, sentence: str) -> None:
        self.voice.trouble(self.place, Fault(code, severity, sentence))
