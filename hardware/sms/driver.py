"""Sends texts by a modem and tells what became of them.

A message whose answer was lost may have been sent: it is sent once more at the most, and the owner is told that it may arrive
twice. What cannot be cleared up is told as uncertain. A wrong PIN is never tried again.
"""

from __future__ import annotations

import logging
import time

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import DeviceError, DeviceRefusedError, LinkLostError, NoReplyError, ProtocolError
from hardware.link import LineSettings, Link
from hardware.sms import outbox, protocol, protocol_pdu
from hardware.sms.conversation import TRIES_MAX, AnswerLostError, Conversation, RefusedError
from hardware.sms.events import NetworkChanged, Outcome, SendText, TextFinished, TextReported
from hardware.sms.outbox import Outbox, Waiting
from hardware.sms.protocol import Unasked
from hardware.sms.protocol_pdu import Number, Part, StatusReport
from hardware.sms.sending import Progress, Sender

_log = logging.getLogger(__name__)

LISTEN_S = 0.2
"""A command of the owner waits no longer."""
HEALTH_PERIOD_S = 3.0
SEND_TIMEOUT_S = 60.0
PIN_TIMEOUT_S = 8.0
EARLY_MAX = 50
PIN_TRIES = 2
"""The card locks itself after three wrong ones."""
_HOME, _ROAMING = 1, 5
_REPORTS_TO_US = "AT+CNMI=2,1,0,1,0"
_TEXT_WITH_REPORT = "AT+CSMP=49,167,0,0"
_PIN_BYTES = range(4, 9)


class SmsDriver(SerialDriver):
    """Driver of one modem."""

    poll_period_s = 0.0

    def __init__(
        self,
        *,
        pin: str = "",
        text_mode: bool = False,
        send_timeout_s: float = SEND_TIMEOUT_S,
        line: LineSettings | None = None,
    ) -> None:
        """Set how to send.

        Args:
            pin: the SIM card's; empty for a card without.
            text_mode: send short plain texts in the modem's text mode, for modems that are better at it; the others go as PDUs.
            send_timeout_s: how long the network may take for one message.
            line: how the wire is clocked; 115200 8N1 when left out.
        """
        if pin and not (pin.isascii() and pin.isdigit() and len(pin) in _PIN_BYTES):
            raise ValueError("a PIN has 4 to 8 digits")
        self.line = line or LineSettings(baud=115200)
        self._pin = pin
        self._pin_tries_left = PIN_TRIES
        self._text_mode = text_mode
        self._sender = Sender(text_mode=text_mode, timeout_s=send_timeout_s)
        self._modem: Conversation | None = None
        self._outbox: Outbox = ()
        self._network: NetworkChanged | None = None
        self._concatenation = 0
        self._sending = False
        self._early: list[StatusReport] = []
        self._health_at_s = 0.0

    # The connection.

    def probe(self, port: Link) -> Identity:
        """Learn who it is, unlock the card, set everything up."""
        modem = self._modem = Conversation(port, self._take)
        self._network = None
        modem.wake()
        modem.ask("AT+CMEE=1")
        identity = Identity(
            model=self._tell(modem, "AT+CGMM"), serial_number=self._imei(modem), firmware=self._tell(modem, "AT+CGMR")
        )
        self._unlock(modem)
        modem.ask('AT+CSCS="GSM"')
        modem.ask("AT+CMGF=0")
        if self._text_mode:
            modem.ask(_TEXT_WITH_REPORT)
        modem.ask("AT+CREG=1")
        self._ask_for_reports(modem)
        self._check_centre(modem)
        self._look(modem)
        self._health_at_s = time.monotonic() + HEALTH_PERIOD_S
        return identity

    def poll(self, port: Link) -> None:
        """Hear what the modem says unasked; ask for network and signal now and then."""
        modem = self._speaking(port)
        modem.listen(LISTEN_S)
        if time.monotonic() >= self._health_at_s:
            self._look(modem, tries=1)  # a look in vain is repeated by the next poll, and three in a row lose the modem
            self._health_at_s = time.monotonic() + HEALTH_PERIOD_S

    def _speaking(self, port: Link) -> Conversation:
        assert self._modem is not None, f"{port.url} was never probed"
        return self._modem

    @staticmethod
    def _tell(modem: Conversation, question: str) -> str:
        """Ask for a text that not every modem tells."""
        try:
            lines = modem.ask(question)
        except RefusedError:
            return ""
        return lines[0].split(":")[-1].strip().strip('"') if lines else ""

    @classmethod
    def _imei(cls, modem: Conversation) -> str:
        """Ask for the serial number until its check digit is right, where it has one."""
        for _try in range(3):
            told = cls._tell(modem, "AT+CGSN")
            if len(told) != 15 or not told.isdigit() or _luhn_fits(told):  # noqa: PLR2004 - an IMEI
                return told
        raise ProtocolError(f"the modem's serial number {told!r} is broken again and again")

    def _unlock(self, modem: Conversation) -> None:
        """Give the card its PIN; a second time only when the first answer was lost, so that a wrong one never locks the card.

        Raises:
            DeviceRefusedError: the card is missing, locked, or wants another PIN.
        """
        state = protocol.values(modem.ask_line("AT+CPIN?", "+CPIN:"), "+CPIN:")[0]
        if state == "READY":
            self._pin_tries_left = PIN_TRIES
            return
        if state != "SIM PIN":
            raise DeviceRefusedError(f"the SIM card wants {state}: put it into a phone and unlock it there")
        if not self._pin:
            raise DeviceRefusedError("the SIM card wants its PIN: write it into the settings, or take the lock off in a phone")
        if self._pin_tries_left <= 0:
            raise DeviceRefusedError("the SIM card did not take the PIN of the settings; it is not tried again: correct it")
        self._pin_tries_left -= 1
        try:
            modem.ask(f'AT+CPIN="{self._pin}"', tries=1, timeout_s=PIN_TIMEOUT_S)
        except RefusedError as error:
            self._pin_tries_left = 0
            raise DeviceRefusedError(f"the SIM card did not take the PIN: {error}") from error
        except NoReplyError:
            self._unlock(modem)  # only the card can say whether it was taken
        else:
            self._pin_tries_left = PIN_TRIES

    def _ask_for_reports(self, modem: Conversation) -> None:
        try:
            modem.ask(_REPORTS_TO_US)
        except RefusedError as error:
            _log.warning("%s passes on no delivery reports: %s", self.name, error)

    def _check_centre(self, modem: Conversation) -> None:
        try:
            centre = protocol.values(modem.ask_line("AT+CSCA?", "+CSCA:"), "+CSCA:")[0]
        except RefusedError:
            return  # not every modem tells it; a message then fails with a reason of its own
        if not centre:
            _log.warning("%s knows no service centre: set its number with AT+CSCA, or ask the operator", self.name)

    def _look(self, modem: Conversation, *, tries: int = TRIES_MAX) -> None:
        """Ask for network and signal."""
        state = protocol.registration(modem.ask_line("AT+CREG?", "+CREG:", tries=tries))
        signal = protocol.signal_dbm(modem.ask_line("AT+CSQ", "+CSQ:", tries=tries))
        self._tell_network(state, signal)

    def _tell_network(self, state: int, signal_dbm: int | None) -> None:
        is_there = state in {_HOME, _ROAMING}
        news = NetworkChanged(self.name, is_there, state == _ROAMING, signal_dbm)
        if news != self._network:
            self._network = news
            self.publish(news)

    # Unasked lines.

    def _take(self, unasked: Unasked) -> None:
        """Hear of reports and of the network; nothing else matters."""
        try:
            if protocol.is_registration_news(unasked.line):
                self._tell_network(protocol.registration(unasked.line), self._network.signal_dbm if self._network else None)
            elif unasked.line.startswith("+CDS:"):
                self._take_report(unasked)
        except ProtocolError as error:
            _log.warning("%s: %s", self.name, error)

    def _take_report(self, unasked: Unasked) -> None:
        told = protocol.text_report(unasked.line)
        report = StatusReport(*told) if told is not None else protocol_pdu.parse_report(bytes.fromhex(unasked.data))
        if self._sending:
            # It may speak of a message whose number is not known yet, or of one part while another is on its way.
            self._early = [*self._early, report][-EARLY_MAX:]
        else:
            self._publish_report(report)

    def _publish_report(self, report: StatusReport) -> None:
        self._outbox, key = outbox.reported(self._outbox, report)
        if key is not None:
            self.publish(TextReported(self.name, key, report.delivery, report.reason))

    # Sending.

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Send a text."""
        if not isinstance(command, SendText):
            super().perform(port, command)
            return
        try:
            number = Number.parse(command.number)
            self._concatenation = (self._concatenation + 1) & 0xFF
            parts = protocol_pdu.split(command.text, self._concatenation)
        except ValueError as error:
            self._finish(command, Progress([]), Outcome.NOT_SENT, str(error))
            return
        self._sending = True
        try:
            self._send_all(self._speaking(port), command, number, parts)
        finally:
            self._sending = False
            early, self._early = self._early, []
            for report in early:
                self._publish_report(report)

    def abandon(self, command: DeviceCommand) -> None:
        """Say that nothing was sent."""
        if isinstance(command, SendText):
            self.publish(
                TextFinished(self.name, command.key, Outcome.NOT_SENT, "the modem is not connected", worth_repeating=True)
            )

    def _send_all(self, modem: Conversation, command: SendText, number: Number, parts: list[Part]) -> None:
        progress = Progress([])
        try:
            for part in parts:
                reference = self._sender.send(modem, number, command.text, part, progress)
                progress.taken += 1
                if reference is not None:
                    progress.references.append(reference)
        except RefusedError as error:
            reason = str(error) if not progress.taken else f"{error}; {progress.taken} of {len(parts)} messages went before"
            is_passing = error.final.code is not None and f"{_kind(error.final)} {error.final.code}" in protocol.LATER
            self._finish(command, progress, Outcome.NOT_SENT, reason, worth_repeating=is_passing)
            return
        except AnswerLostError as error:
            self._wait_for(command, number, progress, is_uncertain=True)
            self._finish(command, progress, Outcome.UNCERTAIN, str(error))
            if isinstance(error.__cause__, LinkLostError):
                raise error.__cause__ from error
            raise
        except DeviceError as error:
            outcome = Outcome.UNCERTAIN if progress.doubtful else Outcome.NOT_SENT
            self._finish(command, progress, outcome, str(error), worth_repeating=not progress.doubtful)
            raise
        self._wait_for(command, number, progress, is_uncertain=len(progress.references) < len(parts))
        self._finish(command, progress, Outcome.SENT)

    def _wait_for(self, command: SendText, number: Number, progress: Progress, *, is_uncertain: bool) -> None:
        self._outbox = outbox.added(
            self._outbox, Waiting(command.key, number.text, tuple(progress.references), is_uncertain=is_uncertain)
        )

    def _finish(
        self, command: SendText, progress: Progress, outcome: Outcome, reason: str = "", *, worth_repeating: bool = False
    ) -> None:
        self.publish(
            TextFinished(
                self.name,
                command.key,
                outcome,
                reason,
                messages=progress.taken,
                may_arrive_twice=progress.doubtful,
                worth_repeating=worth_repeating,
            )
        )


def _kind(final: protocol.Final) -> str:
    return "CMS" if "(CMS " in final.reason else "CME"


def _luhn_fits(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(digits)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
