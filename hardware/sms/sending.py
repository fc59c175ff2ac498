"""Sends one message of a text: at most twice, and the second time only when the first cannot have harmed or is told."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hardware.errors import DeviceError
from hardware.sms import protocol_gsm7, protocol_pdu
from hardware.sms.conversation import AnswerLostError, Conversation, PromptMissingError, RefusedError
from hardware.sms.protocol_pdu import Number, Part

_log = logging.getLogger(__name__)


@dataclass
class Progress:
    """How far a text has come."""

    references: list[int]
    """The numbers that the modem gave to its messages."""
    taken: int = 0
    doubtful: bool = False
    """An answer was lost, and the message sent again."""


class Sender:
    """How messages go out."""

    def __init__(self, *, text_mode: bool, timeout_s: float) -> None:
        """Set the way.

        Args:
            text_mode: send short plain texts in the modem's text mode.
            timeout_s: how long the network may take for one message.
        """
        self._text_mode = text_mode
        self._timeout_s = timeout_s

    def send(self, modem: Conversation, number: Number, text: str, part: Part, progress: Progress) -> int | None:
        """Send one message, a second time when the modem did not ask for it or its answer was lost; return its number.

        Raises:
            RefusedError: modem or network said no.
            AnswerLostError: nobody knows whether it was sent.
            DeviceError: the modem does not answer; nothing was sent.
        """
        try:
            return self._once(modem, number, text, part)
        except PromptMissingError:
            modem.wake()
        except AnswerLostError as error:
            progress.doubtful = True
            _log.warning("%s; the message is sent once more and may arrive twice", error)
            try:
                modem.wake()
            except DeviceError as silence:
                raise AnswerLostError(f"{error}, and then: {silence}") from silence
        try:
            return self._once(modem, number, text, part)
        except RefusedError as error:
            if progress.doubtful:
                raise AnswerLostError(f"an answer was lost, and the second time: {error}") from error
            raise

    def _once(self, modem: Conversation, number: Number, text: str, part: Part) -> int | None:
        codes = protocol_gsm7.encode(text)
        if self._text_mode and not part.has_header and codes is not None and all(map(_is_typed, codes)):
            modem.ask("AT+CMGF=1")
            try:
                return modem.send(f'AT+CMGS="{number.text}"', bytes(code[0] for code in codes), self._timeout_s)
            finally:
                self._back_to_pdus(modem)
        pdu = protocol_pdu.submit(number, part)
        return modem.send(f"AT+CMGS={len(pdu) - 1}", pdu.hex().upper().encode(), self._timeout_s)

    @staticmethod
    def _back_to_pdus(modem: Conversation) -> None:
        """Reports come as PDUs; where the modem does not answer now, the next question will tell."""
        try:
            modem.ask("AT+CMGF=0")
        except DeviceError as error:
            _log.debug("back to PDU mode: %s", error)


def _is_typed(code: tuple[int, ...]) -> bool:
    """Whether a character is safe in text mode: one septet that no modem takes for a key such as escape or backspace."""
    return len(code) == 1 and code[0] >= 0x20  # noqa: PLR2004 - a blank
