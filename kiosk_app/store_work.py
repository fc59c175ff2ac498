"""Talking to the store server without holding up the screen: fetch orders, settle, deliver letters.

Two workers with a connection each, so that a slow delivery never delays a payment. Answers come as session events on the GUI
thread; what nobody can know is reported as such and asked again by the session.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer

from kiosk_app import session_events as on
from kiosk_app.journal import Journal, JournalError, Letter
from kiosk_app.session_commands import FetchOrder, Settle, SettleCard
from kiosk_app.settings import StoreSettings
from program.qt.background import Background
from store_server.contract.box_messages import EmptyBox, MoveNotes
from store_server.contract.cash_messages import CashReport, Settlement
from store_server.contract.client import StoreClient, StoreRefusedError, StoreUnreachableError
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal
from store_server.contract.shop_messages import Shop
from store_server.contract.tender_messages import BeginTendering

FETCH_TRIES = 2
SHOP_PERIOD_MS = 5000
DELIVERY_PERIOD_MS = 2000
SHOP_FILE = "shop.json"
_NOT_AN_ANSWER = frozenset({Refusal.SERVER_BUSY, Refusal.UNAUTHENTICATED, Refusal.FORBIDDEN})
"""A server that says this has not looked at the matter itself; an earlier try may have been carried out."""

_log = logging.getLogger(__name__)


class StoreWork(QObject):
    """The kiosk's connections to the store server."""

    def __init__(
        self, settings: StoreSettings, folder: Path, journal: Journal, feed: Callable[[on.Event], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client = StoreClient(settings.url, settings.token, ca=settings.ca)
        self._courier = StoreClient(settings.url, settings.token, ca=settings.ca)
        self._payments = Background("store-payments", self)
        self._deliveries = Background("store-deliveries", self)
        self._journal = journal
        self._feed = feed
        self._shop_file = folder / SHOP_FILE
        self.shop: Shop | None = _read_shop(self._shop_file)
        """None until the server was heard once."""
        self.shop_changed: Callable[[], None] = lambda: None
        self.journal_failed: Callable[[JournalError], None] = lambda _error: None
        self.awaits_order: Callable[[UUID], bool] = lambda _session_id: False
        self._delivering = False
        self._timer = QTimer(self)
        self._timer.setInterval(DELIVERY_PERIOD_MS)
        self._timer.timeout.connect(self.deliver)

    def start(self) -> None:
        """Learn about the shop and begin to deliver."""
        self._learn_shop()
        self._timer.start()
        self.deliver()

    def stop(self) -> None:
        """Finish the running requests; what was not answered is asked again at the next start."""
        self._timer.stop()
        self._payments.stop()
        self._deliveries.stop()
        self._client.close()
        self._courier.close()

    def stop_delivering(self) -> None:
        """Leave the letters where they are."""
        self._timer.stop()

    def fetch(self, command: FetchOrder) -> None:
        """Ask for an order; a lost answer is asked for again under the same id."""
        request = BeginTendering(session_id=command.session_id, claim=command.claim, order_number=command.order_number)

        def ask() -> tuple[Shop, Order]:
            for _ in range(FETCH_TRIES - 1):
                try:
                    return self.shop or self._client.shop(), self._client.begin_tendering(request)
                except StoreUnreachableError as error:
                    _log.warning("asking again for the order: %s", error)
            return self.shop or self._client.shop(), self._client.begin_tendering(request)

        self._payments.run(
            ask,
            lambda answer: self._found(command.session_id, *answer),
            lambda error: self._not_found(command.session_id, error),
        )

    def settle(self, command: Settle) -> None:
        """Send the payment once; the session asks again if nobody knows what became of it."""
        self._payments.run(lambda: self._client.settle_cash(command.request), self._settled, self._not_settled)

    def settle_card(self, command: SettleCard) -> None:
        """Write the charge down, then settle; both are repeated with the same ids until the server has answered."""

        def ask() -> Settlement | StoreRefusedError:
            self._client.record_card(command.session_id, command.record)
            try:
                return self._client.settle_order(command.settle)
            except StoreRefusedError as error:
                if error.refusal in _NOT_AN_ANSWER:
                    raise
                return error  # the charge is in the books already

        self._payments.run(ask, self._card_settled, self._not_settled)

    def _card_settled(self, answer: Settlement | StoreRefusedError) -> None:
        if isinstance(answer, StoreRefusedError):
            _log.error("the card was charged and written down, but the order is not paid: %s", answer.sentence)
            self._feed(on.CardKept(answer.refusal, answer.sentence))
        else:
            self._settled(answer)

    def deliver(self) -> None:
        """Send the oldest letter; the next one follows its answer."""
        if self._delivering:
            return
        try:
            letter = self._journal.next_letter()
        except JournalError as error:
            self.journal_failed(error)
            return
        if letter is None:
            return
        self._delivering = True
        self._deliveries.run(
            lambda: self._send(letter),
            lambda _done: self._answered(letter, "accepted"),
            lambda error: self._not_delivered(letter, error),
        )

    def _found(self, session_id: UUID, shop: Shop, order: Order) -> None:
        self._know_shop(shop)
        if self.awaits_order(session_id):
            self._feed(on.OrderFound(session_id, order, shop.cash_rounding_minor))
        else:
            self._feed(on.OrderFoundLate(session_id))

    def _not_found(self, session_id: UUID, error: Exception) -> None:
        if not self.awaits_order(session_id):
            self._feed(on.OrderFoundLate(session_id))
        elif isinstance(error, StoreRefusedError):
            _log.info("no order: %s (%s)", error.sentence, error.refusal)
            self._feed(on.OrderRefused(error.refusal, error.sentence, uuid4()))
        else:
            _log.warning("no answer about the order: %s", error, exc_info=_unexpected(error))
            self._feed(on.StoreUnreachable(uuid4()))

    def _settled(self, settlement: Settlement) -> None:
        self._feed(on.Settled(settlement))

    def _not_settled(self, error: Exception) -> None:
        if isinstance(error, StoreRefusedError) and error.refusal not in _NOT_AN_ANSWER:
            _log.error("payment refused: %s (%s)", error.sentence, error.refusal)
            self._feed(on.SettleRefused(error.refusal, error.sentence))
        else:
            _log.warning("payment not answered: %s", error, exc_info=_unexpected(error))
            self._feed(on.StoreUnreachable(uuid4()))

    def _send(self, letter: Letter) -> None:
        if letter.kind == "release":
            self._courier.release_tendering(letter.session_id)
        elif letter.kind == "report":
            self._courier.report_cash(CashReport.model_validate_json(letter.body))
        elif letter.kind == "emptied":
            self._courier.empty_box(EmptyBox.model_validate_json(letter.body))
        else:
            self._courier.move_notes(MoveNotes.model_validate_json(letter.body))

    def _answered(self, letter: Letter, answer: str) -> None:
        self._delivering = False
        try:
            self._journal.answered(letter, answer)
        except JournalError as error:  # it is sent again after a restart; the server knows it then
            self.journal_failed(error)
            return
        self.deliver()

    def _not_delivered(self, letter: Letter, error: Exception) -> None:
        self._delivering = False
        if isinstance(error, StoreRefusedError) and error.refusal not in _NOT_AN_ANSWER:
            level = logging.INFO if letter.kind == "release" else logging.ERROR
            _log.log(level, "%s of session %s refused: %s", letter.kind, letter.session_id, error.sentence)
            self._answered(letter, f"refused: {error.refusal}")
        else:
            _log.warning("%s of session %s waits: %s", letter.kind, letter.session_id, error, exc_info=_unexpected(error))

    def _learn_shop(self) -> None:
        self._deliveries.run(self._courier.shop, self._know_shop, self._shop_unknown)

    def _shop_unknown(self, error: Exception) -> None:
        _log.warning("the shop is not known yet: %s", error, exc_info=_unexpected(error))
        QTimer.singleShot(SHOP_PERIOD_MS, self, self._learn_shop)

    def _know_shop(self, shop: Shop) -> None:
        if shop != self.shop:
            self.shop = shop
            self.shop_changed()
            try:
                self._shop_file.write_text(shop.model_dump_json(), encoding="utf-8")
            except OSError as error:  # only the shop's name on the first screen after a restart depends on it
                _log.warning("cannot keep what is known of the shop: %s", error)


def _unexpected(error: Exception) -> Exception | None:
    """Return the error if its traceback belongs into the log."""
    return None if isinstance(error, StoreUnreachableError | StoreRefusedError) else error


def _read_shop(path: Path) -> Shop | None:
    try:
        return Shop.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
