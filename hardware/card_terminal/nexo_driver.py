"""Driver of a terminal that speaks nexo Retailer JSON over HTTPS.

A payment's request stays open until the shopper is done, so it waits on a thread of its own; meanwhile the device's thread can
abort it on another connection. Everything else is one short request.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from hardware.card_terminal import protocol_nexo as nexo
from hardware.card_terminal.charges import REVERSE
from hardware.card_terminal.commands import Charge
from hardware.card_terminal.dialect import NotSentError
from hardware.card_terminal.events import DayEnded, Reason, Result, Verdict
from hardware.card_terminal.https import Exchange, Https, Trust
from hardware.card_terminal.protocol_json import parsed, written
from hardware.card_terminal.protocol_nexo_sealed import NONCE_BYTES, KeyName, keys_of, opened, sealed
from hardware.card_terminal.terminal import Patience, TerminalDriver
from hardware.connection import Identity
from hardware.errors import DeviceError, NoReplyError, ProtocolError, WrongDeviceError
from hardware.journal import MoneyJournal
from hardware.journal_entry import Entry

SHORT_TIMEOUT_S = 2.0
"""For everything but a payment and a reversal."""
NOT_FOUND_NEEDED = 2
"""So often a terminal must say that it knows nothing of a request: a request may still be on its way when it is asked."""


@dataclass(frozen=True, slots=True)
class NexoSettings:
    """How to reach and be understood by one terminal."""

    sale_id: str
    poi_id: str
    trust: Trust = field(default_factory=Trust)
    passphrase: str = ""
    """Empty: messages are not encrypted, which a terminal of a real shop does not accept."""
    key_identifier: str = "scanlane"
    key_version: int = 1
    login: bool = False
    """Whether the terminal wants a LoginRequest before it works; Adyen's do not."""


class NexoDriver(TerminalDriver[Https]):
    """One terminal."""

    def __init__(self, settings: NexoSettings, journal: MoneyJournal, patience: Patience | None = None) -> None:
        super().__init__(journal, patience)
        self._settings = settings
        self._till = nexo.Till(settings.sale_id, settings.poi_id)
        self._key = KeyName(settings.key_identifier, settings.key_version)
        self._keys = keys_of(settings.passphrase) if settings.passphrase else None
        self._answers: queue.Queue[tuple[UUID, bytes | DeviceError]] = queue.Queue()
        self._not_found: tuple[UUID | None, int] = (None, 0)

    def open(self, url: str) -> Https:
        """Connect once, to see whether somebody answers whose certificate is right."""
        https = Https(url, self._settings.trust)
        https.connect().close()
        return https

    def hang_up(self, port: Https) -> None:
        """Nothing stays open between two requests; a payment's thread ends with its own connection."""

    def identify(self, port: Https) -> Identity:
        """Log in where that is wanted; let the terminal diagnose itself."""
        service = _fresh_service()
        if self._settings.login:
            body = self._short(port, "Login", service, nexo.login(self._till, service, _now()))
            if not nexo.is_success(body):
                raise ProtocolError(f"the terminal refused to log in: {nexo.condition(body)}")
        self.beat(port)
        model, _, serial = self._till.poi_id.rpartition("-")
        return Identity(model=model, serial_number=serial)

    def beat(self, port: Https) -> None:
        """Ask for a diagnosis; a busy terminal is there too."""
        service = _fresh_service()
        nexo.is_success(self._short(port, "Diagnosis", service, nexo.diagnosis(self._till, service)))

    def counters(self) -> Mapping[str, int]:
        """Nothing: a request is known by its ServiceID."""
        return {}

    def details(self, entry_id: UUID, currency: str) -> Mapping[str, str]:
        """Return the ServiceID under which the terminal is asked afterwards."""
        del currency
        return {"service": nexo.service_id(entry_id), "poi": self._till.poi_id}

    def why_not(self, command: Charge) -> str:
        """Any currency is the terminal's own business."""
        return "" if len(command.currency) == 3 else f"{command.currency!r} is no currency"  # noqa: PLR2004 - ISO 4217

    def send(self, port: Https, entry: Entry) -> None:
        """Connect, then send and wait on a thread of its own."""
        message = self._written(self._message_of(entry))
        try:
            exchange = port.connect()
        except DeviceError as error:
            raise NotSentError(str(error)) from error
        entry_id = entry.intent.entry_id
        threading.Thread(target=self._carry, args=(exchange, entry_id, message), name=f"card-{self.name}", daemon=True).start()

    def hear(self, port: Https, entry: Entry) -> Result | None:
        """Look whether the thread has brought the answer."""
        del port
        while not self._answers.empty():
            entry_id, answer = self._answers.get_nowait()
            if entry_id != entry.intent.entry_id:
                continue  # of a request that was asked after meanwhile
            if isinstance(answer, DeviceError):
                return Result(Verdict.UNKNOWN, sentence=str(answer))
            return self._read(answer, entry)
        return None

    def ask(self, port: Https, entry: Entry) -> Result | None:
        """Ask for the transaction's status."""
        service = _fresh_service()
        category, asked = _category(entry), entry.intent.details["service"]
        body = self._short(port, "TransactionStatus", service, nexo.status(self._till, service, category, asked))
        original = nexo.repeated(body, self._till, category, asked)
        if original is not None:
            self._not_found = (None, 0)
            result = self._result(original, entry)
            if result.verdict is Verdict.UNKNOWN and nexo.condition(original) != "InProgress":
                # The terminal repeats that it failed, for a reason that this program does not know.
                result = Result(Verdict.REFUSED, reason=Reason.UNAVAILABLE, sentence=result.sentence)
            return result
        error = nexo.condition(body)
        if error != "NotFound":
            return None  # InProgress, Busy, or something to be waited for
        known, times = self._not_found
        times = times + 1 if known == entry.intent.entry_id else 1
        self._not_found = (entry.intent.entry_id, times)
        if times < NOT_FOUND_NEEDED:
            return None
        return Result(Verdict.REFUSED, reason=Reason.NOT_STARTED, sentence="the terminal knows nothing of it")

    def abort(self, port: Https, entry: Entry) -> None:
        """Ask to give up, on a connection of its own; what comes of it is in the payment's answer."""
        service = _fresh_service()
        message = nexo.abort(self._till, service, entry.intent.details["service"])
        with contextlib.suppress(NoReplyError, ProtocolError):
            port.post(self._written(message), SHORT_TIMEOUT_S)

    def end_day(self, port: Https) -> DayEnded:
        """Adyen's terminals have no end of day."""
        del port
        return DayEnded(self.name, done=True, sentence="this terminal settles by itself")

    def _carry(self, exchange: Exchange, entry_id: UUID, message: bytes) -> None:
        """Send and wait; runs on the payment's own thread."""
        answer: bytes | DeviceError
        try:
            exchange.send(message)
            answer = exchange.answer(self._patience.answer_limit_s)
        except DeviceError as error:
            answer = error
        finally:
            exchange.close()
        self._answers.put((entry_id, answer))

    def _message_of(self, entry: Entry) -> dict[str, Any]:
        intent = entry.intent
        if intent.action == REVERSE:
            return nexo.reversal(self._till, intent.entry_id, intent.details["original"], _now())
        return nexo.payment(self._till, intent.entry_id, intent.amount_minor, intent.details["currency"], _now())

    def _read(self, answer: bytes, entry: Entry) -> Result:
        """Read the answer to a payment; one that makes no sense is asked after."""
        category, service = _category(entry), entry.intent.details["service"]
        try:
            return self._result(nexo.body_of(self._opened(answer), self._till, category, service), entry)
        except (ProtocolError, WrongDeviceError) as error:
            return Result(Verdict.UNKNOWN, sentence=str(error))

    def _result(self, body: dict[str, Any], entry: Entry) -> Result:
        intent = entry.intent
        if intent.action == REVERSE:
            return nexo.reversal_result(body, intent.amount_minor)
        return nexo.payment_result(body, intent.amount_minor, intent.details["currency"])

    def _short(self, port: Https, category: str, service: str, message: dict[str, Any]) -> dict[str, Any]:
        answer = port.post(self._written(message), SHORT_TIMEOUT_S)
        return nexo.body_of(self._opened(answer), self._till, category, service)

    def _written(self, message: dict[str, Any]) -> bytes:
        if self._keys is None:
            return written(message).encode("utf-8")
        return sealed(message, self._keys, self._key, os.urandom(NONCE_BYTES))

    def _opened(self, answer: bytes) -> Any:
        clear = parsed(answer)
        nexo.check_sender(clear, self._till)
        return clear if self._keys is None else opened(answer, self._keys, self._key)


def _category(entry: Entry) -> str:
    return "Reversal" if entry.intent.action == REVERSE else "Payment"


def _fresh_service() -> str:
    return nexo.service_id(uuid4())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
