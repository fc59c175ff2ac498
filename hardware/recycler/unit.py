"""A recycler in words: what can be asked of it, without what it means."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from hardware.connection import Identity
from hardware.errors import DeviceRefusedError, ProtocolError, WrongDeviceError
from hardware.recycler import protocol_answers as answers
from hardware.recycler import protocol_words as words
from hardware.recycler.judgement import reading
from hardware.recycler.line import AGAIN_S, SspLine
from hardware.recycler.protocol_answers import Counters, Setup
from hardware.recycler.protocol_events import Told, parse_events
from hardware.recycler.protocol_words import RefusedError, Route, Word

_log = logging.getLogger(__name__)


class RecyclerUnit:
    """The device at the other end of one connection."""

    def __init__(self, line: SspLine, currency: str, fixed_key: int) -> None:
        """Meet it: synchronise, learn what it is, make a key where it needs one.

        Raises:
            WrongDeviceError: it counts in another currency, or is no note validator.
            DeviceError: it does not answer, or not as it should.
        """
        self._line = line
        line.synchronise()
        line.ask(bytes([Word.PROTOCOL, words.PROTOCOL_VERSION]))
        self.setup: Setup = answers.parse_setup(line.ask(bytes([Word.SETUP])))
        if self.setup.currency != currency:
            raise WrongDeviceError(f"the recycler takes {self.setup.currency}, but the settings say {currency}")
        self.serial = answers.parse_serial(line.ask(bytes([Word.SERIAL])))
        if self.setup.has_store:
            line.agree(fixed_key)
        self.levels: Mapping[int, int] = {}
        self._counters: Counters | None = None
        self._has_counters = True

    @property
    def identity(self) -> Identity:
        """Who it is."""
        kind = "SSP note recycler" if self.setup.has_store else "SSP note validator"
        return Identity(kind, self.serial, self.setup.firmware)

    def switch_off(self) -> None:
        """Hand back a note in escrow and take none."""
        self.reject()
        self.take_only(frozenset())

    def switch_on(self, stored: frozenset[int]) -> bool:
        """Route notes and make it ready, still taking none; return whether it can pay out."""
        can_pay = self.setup.has_store
        if self.setup.has_store:
            self.route(stored)
            try:
                self._line.ask(bytes([Word.PAYOUT_ON]))
            except RefusedError as error:
                _log.error("%s", error)
                can_pay = False
        self._line.ask(bytes([Word.ENABLE]))
        self.look()
        return can_pay

    def disable(self) -> None:
        """Put it to sleep."""
        self._line.ask(bytes([Word.DISABLE]))

    def route(self, stored: frozenset[int]) -> None:
        """Store notes of these values, all others go into the cash box; read back."""
        for value_minor in self.setup.values_minor.values():
            wanted = Route.STORE if value_minor in stored else Route.BOX
            if self._routed(value_minor) is not wanted:
                self._line.ask(words.set_route(value_minor, self.setup.currency, wanted))
                if self._routed(value_minor) is not wanted:
                    raise ProtocolError(f"the recycler does not keep the route of notes of {value_minor}")

    def take_only(self, values_minor: frozenset[int]) -> None:
        """Take notes of these values and no others."""
        channels = (channel for channel, value in self.setup.values_minor.items() if value in values_minor)
        self._line.ask(words.inhibits(frozenset(channels)))

    def poll(self) -> list[Told]:
        """Ask what has happened; takes a note in escrow."""
        answer = self._line.ask(bytes([Word.POLL]), AGAIN_S)
        return parse_events(answer, self.setup.currency, has_store=self.setup.has_store)

    def hold(self) -> bool:
        """Keep the note in escrow a while longer; return whether there is one."""
        return self._is_done(Word.HOLD)

    def reject(self) -> bool:
        """Hand back the note in escrow; return whether there is one."""
        return self._is_done(Word.REJECT)

    def pay(self, notes: Mapping[int, int]) -> None:
        """Order notes of given values."""
        self._line.ask(words.pay_notes(notes, self.setup.currency))

    def pay_amount(self, amount_minor: int) -> None:
        """Order an amount in any notes."""
        self._line.ask(words.pay_amount(amount_minor, self.setup.currency))

    def halt(self) -> None:
        """Stop a payout; it tells what was paid."""
        try:
            self._line.ask(bytes([Word.HALT]))
        except DeviceRefusedError as error:
            _log.info("nothing to stop: %s", error)

    def empty(self, *, counted: bool) -> None:
        """Move the store into the cash box."""
        self._line.ask(bytes([Word.SMART_EMPTY if counted else Word.EMPTY]))

    def moved_to_box(self) -> dict[int, int]:
        """Return what the last emptying moved."""
        return answers.parse_moved_to_box(self._line.ask(bytes([Word.MOVED_TO_BOX])), self.setup.currency)

    def look(self) -> dict[str, int]:
        """Read levels and counters."""
        if self.setup.has_store:
            self.levels = answers.parse_levels(self._line.ask(bytes([Word.LEVELS])), self.setup.currency)
        if self._has_counters:
            try:
                self._counters = answers.parse_counters(self._line.ask(bytes([Word.COUNTERS])))
            except RefusedError:
                self._has_counters = False
        return reading(self._counters, self.levels)

    def _routed(self, value_minor: int) -> Route:
        return answers.parse_route(self._line.ask(words.get_route(value_minor, self.setup.currency)))

    def _is_done(self, word: Word) -> bool:
        try:
            self._line.ask(bytes([word]))
        except RefusedError:
            return False
        return True
