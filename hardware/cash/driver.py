"""The driver of a whole ccTalk bus: coin acceptor, note validator and hoppers on one port.

The bus works as long as one of its devices answers. A device that is silent is reported missing and looked for again; one that
comes back is started anew, everything off. Acceptance ends with :class:`StopAccepting`, with the connection, and with the
program. See :mod:`hardware.cash.commands` and :mod:`hardware.cash.events` for what can be asked and heard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from hardware.cash.bus import CashBus
from hardware.cash.coin_acceptor import CoinAcceptor
from hardware.cash.commands import (
    AcceptCash,
    AskPayoutOutcome,
    EmergencyStop,
    PayOut,
    ReturnNote,
    StackNote,
    StopAccepting,
)
from hardware.cash.entries import DISPENSE, payout_finished, question_of
from hardware.cash.events import (
    COIN_BOX,
    NOTE_BOX,
    CashDevices,
    CounterMemory,
    HopperInfo,
    PayoutFinished,
    PayoutReason,
)
from hardware.cash.hopper import Hopper
from hardware.cash.hopper_dialect import HopperSetup
from hardware.cash.note_validator import NoteValidator
from hardware.cash.payout_state import COUNT_MAX
from hardware.cash.protocol import Checksum
from hardware.cash.seat import Seat
from hardware.cash.unit import Unit, Voice
from hardware.connection import Identity
from hardware.device import DeviceCommand, DeviceEvent, SerialDriver
from hardware.errors import DeviceError, NoReplyError
from hardware.journal import MemoryJournal, MoneyJournal
from hardware.journal_entry import Entry
from hardware.link import Link

_NO_COUNTERS: Mapping[str, CounterMemory] = {}
_ALL_USUAL: Mapping[int, HopperSetup] = {}
_ALL_THE_SAME: Mapping[int, Checksum] = {}
_ANY_SERIAL: Mapping[int, str] = {}
POLL_PERIOD_S = 0.1
POLL_PERIOD_MIN_S = 0.05
SILENT_DEVICES = 2
"""After so many silent ones, one right after the other, the rest of a round is not asked."""


class CashBusDriver(SerialDriver):
    """A ccTalk bus with its devices.

    Args:
        coin_acceptor: its address; None: there is none.
        note_validator: its address; None: there is none.
        hoppers: their addresses, most willing first where two hold the same coin.
        checksum: how the devices are set up.
        echo: whether the adapter returns what is sent, as a single wire does.
        currency_country: the two letters that coin and bill ids begin with; empty: what most ids of the first device say.
        last_counters: the newest journalled memory of each place, from credits and CounterMoved.
        journal: remembers durably what was told to move and what moved; None: forgets it with the program.
        hopper_setups: how the hopper of an address differs from the usual: its coin, dialect, key, PIN.
        checksums: addresses of devices that are set up otherwise than the rest.
        serial_numbers: the only device that is accepted at an address.
        clock: monotonic seconds.
    """

    poll_period_s = POLL_PERIOD_S

    def __init__(
        self,
        coin_acceptor: int | None = 2,
        note_validator: int | None = 40,
        hoppers: Sequence[int] = (3, 4, 5),
        checksum: Checksum = "sum8",
        *,
        echo: bool = True,
        currency_country: str = "CN",
        last_counters: Mapping[str, CounterMemory] = _NO_COUNTERS,
        journal: MoneyJournal | None = None,
        hopper_setups: Mapping[int, HopperSetup] = _ALL_USUAL,
        checksums: Mapping[int, Checksum] = _ALL_THE_SAME,
        serial_numbers: Mapping[int, str] = _ANY_SERIAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checksum: Checksum = checksum
        self._echo = echo
        self._clock = clock
        self._voice = Voice("", _nobody_listens, currency_country, serial_numbers)
        self._checksums = checksums
        self._journal: MoneyJournal = MemoryJournal() if journal is None else journal
        self._coins = None if coin_acceptor is None else CoinAcceptor(coin_acceptor, self._voice, last_counters.get(COIN_BOX))
        self._notes = (
            None
            if note_validator is None
            else NoteValidator(note_validator, self._voice, last_counters.get(NOTE_BOX), self._journal)
        )
        self._hoppers = tuple(
            Hopper(address, self._voice, hopper_setups.get(address, HopperSetup()), self._journal) for address in hoppers
        )
        units = (unit for unit in (self._coins, self._notes, *self._hoppers) if unit is not None)
        self._seats = tuple(Seat(unit, self._voice, clock) for unit in units)
        self._bus: CashBus | None = None
        self._told: CashDevices | None = None
        self._begin_at = 0
        """Where the next round begins on a silent bus."""

    def open(self, url: str) -> Link:
        """Open the line."""
        self._voice.device = self.name
        self._voice.publish = self.publish
        return super().open(url)

    def leave_safe(self, port: Link) -> None:
        """Take nothing any more, and hand a note in escrow back."""
        self._accept(coins=False, notes=frozenset())
        self.poll(port)

    def probe(self, port: Link) -> Identity:
        """Find the devices, everything off; judge payouts that were running when the connection was lost."""
        bus = CashBus(port, self._checksum, echo=self._echo, checksums=self._checksums)
        reasons = [reason for seat in self._seats if (reason := seat.start(bus))]
        present = [seat.unit for seat in self._seats if seat.is_present]
        if not present:
            raise NoReplyError(f"no device on the cash bus can be used: {'; '.join(reasons)}")
        self._bus = bus
        self._told = None
        limits_s = [unit.poll_limit_s for unit in present if unit.poll_limit_s is not None]
        self.poll_period_s = max(POLL_PERIOD_MIN_S, min([POLL_PERIOD_S, *(limit_s / 2 for limit_s in limits_s)]))
        self._name_hoppers()
        for hopper in self._hoppers:
            hopper.link_returned(self._clock())
        self._ask_open_payouts()
        self._tell_devices()
        return Identity(", ".join(unit.identity.model for unit in present), present[0].identity.serial_number)

    def poll(self, port: Link) -> None:
        """Ask every device what has happened; look for missing ones now and then.

        A bus that has lost its power should be noticed soon: when the first two devices are silent the others are not asked,
        and in the next round one only, another than before, until one answers.
        """
        del port
        bus = self._bus
        assert bus is not None
        questions, answers, unanswered, errors = bus.questions, bus.answers, 0, list[DeviceError]()
        unanswered_max = 1 if bus.is_silent else SILENT_DEVICES
        begin_at = self._begin_at if bus.is_silent else 0
        for at, seat in enumerate((*self._seats[begin_at:], *self._seats[:begin_at]), begin_at + 1):
            asked_before = bus.questions
            if seat.search(bus):
                self._name_hoppers()
                self._ask_open_payouts()
            error = seat.poll(bus)
            if bus.is_silent and bus.questions == asked_before:
                error = seat.knock(bus)
            errors += [error] if error else []
            if bus.answers > answers:
                bus.is_silent = False
                continue
            bus.is_silent |= isinstance(error, NoReplyError)
            unanswered += bus.questions > asked_before
            if unanswered >= unanswered_max:
                self._begin_at = at % len(self._seats)
                break
        self._tell_devices()
        bus.is_silent = bus.questions > questions and bus.answers == answers
        if bus.is_silent:
            raise errors[0] if errors else NoReplyError("no device on the cash bus answers")

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Carry out one command."""
        if isinstance(command, AcceptCash):
            self._accept(coins=command.coins, notes=command.notes)
        elif isinstance(command, StopAccepting):
            self._accept(coins=False, notes=frozenset())
        elif isinstance(command, StackNote | ReturnNote):
            if self._notes is not None:
                self._notes.stack() if isinstance(command, StackNote) else self._notes.hand_back()
        elif isinstance(command, PayOut | AskPayoutOutcome):
            self._begin(command)
        elif isinstance(command, EmergencyStop):
            self._stop(command)
        else:
            super().perform(port, command)
        self.poll(port)

    def abandon(self, command: DeviceCommand) -> None:
        """Answer a payout that cannot be begun; all else ends with the connection anyway."""
        if not isinstance(command, PayOut | AskPayoutOutcome):
            return
        if not self._is_answered(command, self._journal.entry(command.payout_id)):
            self._refuse(command, PayoutReason.UNREACHABLE)

    def _accept(self, *, coins: bool, notes: frozenset[int]) -> None:
        if self._coins is not None:
            self._coins.wanted = coins
        if self._notes is not None:
            self._notes.accept(notes)

    def _begin(self, command: PayOut | AskPayoutOutcome) -> None:
        entry = self._journal.entry(command.payout_id)
        if self._is_answered(command, entry):
            return
        if self._journal.was_settled(command.payout_id):
            self._refuse(command, PayoutReason.LONG_AGO)
            return
        question = question_of(entry) if entry is not None and isinstance(command, PayOut) else command
        hopper = next((hopper for hopper in self._hoppers if hopper.name == question.hopper), None)
        reason = _objection(question, hopper)
        if reason is not None:
            self._refuse(question, reason)
        elif isinstance(question, AskPayoutOutcome):
            assert hopper is not None
            hopper.ask_outcome(question, self._clock())
        else:
            assert hopper is not None
            hopper.pay_out(question, self._clock())

    def _ask_open_payouts(self) -> None:
        """Learn from the hoppers' counters what the payouts did that an earlier start left open."""
        running = {hopper.payout.payout_id for hopper in self._hoppers if hopper.payout is not None}
        for entry in self._journal.open_entries():
            bus, _, _ = entry.intent.device.partition("/")
            if bus != self.name or entry.intent.action != DISPENSE or entry.intent.entry_id in running:
                continue
            for hopper in self._hoppers:
                if hopper.info.serial == entry.intent.serial and hopper.payout is None and self._is_present(hopper):
                    hopper.ask_outcome(question_of(entry), self._clock())

    def _is_answered(self, command: PayOut | AskPayoutOutcome, entry: Entry | None) -> bool:
        """Answer from the journal what is settled; say nothing yet about what still runs."""
        if entry is not None and entry.outcome is not None and entry.outcome.is_certain:
            self.publish(payout_finished(self.name, entry))
            return True
        return any(hopper.payout is not None and hopper.payout.payout_id == command.payout_id for hopper in self._hoppers)

    def _refuse(self, command: PayOut | AskPayoutOutcome, reason: PayoutReason) -> None:
        # What was written down may have moved: only the counters can tell.
        known = self._journal.entry(command.payout_id) is not None or self._journal.was_settled(command.payout_id)
        is_uncertain = isinstance(command, AskPayoutOutcome) or known
        self.publish(PayoutFinished(self.name, command.payout_id, command.hopper, command.count, 0, is_uncertain, reason))

    def _stop(self, command: EmergencyStop) -> None:
        assert self._bus is not None
        for hopper in self._hoppers:
            if hopper.name == command.hopper:
                hopper.stop(self._bus)

    def _name_hoppers(self) -> None:
        taken: set[str] = set()
        for hopper in self._hoppers:
            if hopper.info.coin_minor and hopper.payout is None:
                plain = f"hopper-{hopper.info.coin_minor}"
                hopper.name = plain if plain not in taken else f"{plain}-{hopper.address}"
            taken.add(hopper.name)

    def _tell_devices(self) -> None:
        coins = self._coins.values_minor.values() if self._coins and self._is_present(self._coins) else ()
        notes = self._notes.values_minor.values() if self._notes and self._is_present(self._notes) else ()
        hoppers: dict[str, HopperInfo] = {hopper.name: hopper.info for hopper in self._hoppers if self._is_present(hopper)}
        news = CashDevices(self.name, tuple(sorted(set(coins))), tuple(sorted(set(notes))), hoppers, self._voice.country)
        if news != self._told:
            self._told = news
            self.publish(news)

    def _is_present(self, unit: Unit) -> bool:
        return any(seat.unit is unit and seat.is_present for seat in self._seats)


def _objection(command: PayOut | AskPayoutOutcome, hopper: Hopper | None) -> PayoutReason | None:
    if hopper is None:
        return PayoutReason.UNKNOWN_HOPPER
    if hopper.payout is not None:
        return PayoutReason.BUSY
    if isinstance(command, AskPayoutOutcome):
        return PayoutReason.OTHER_HOPPER if command.serial and command.serial != hopper.info.serial else None
    return None if 1 <= command.count <= COUNT_MAX else PayoutReason.BAD_COUNT


def _nobody_listens(event: DeviceEvent) -> None:
    raise AssertionError(f"{event} before the driver has an owner")


__all__ = ["CashBusDriver"]
