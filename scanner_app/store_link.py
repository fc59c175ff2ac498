"""Questions to the store server, asked in the background; each answer comes back as an event of the trip.

Orders and prices have a worker and a connection each, so that a slow price book never holds an order up.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import structlog
from PySide6.QtCore import QObject, Signal

from program.qt.background import Background
from scanner_app.catalogue import write_changes, write_price_book
from scanner_app.trip_events import AskingRefused, Event, OrderDropped, StoreUnreachable, SubmitAccepted, SubmitRefused, seen
from store_server.contract.client import StoreClient, StoreRefusedError, StoreUnreachableError
from store_server.contract.order_messages import Order, SubmitOrder
from store_server.contract.price_changes import PriceChangesError
from store_server.contract.refusals import Refusal

_log = structlog.get_logger(__name__)


class StoreLink(QObject):
    """The handheld's two connections to the store."""

    happened = Signal(object)
    """An event of the trip."""
    heard = Signal(bool, object)
    """Whether the store answered, and the :class:`Refusal` that it answered with, if any."""
    prices_changed = Signal()
    """A newer price book lies on the disk."""

    def __init__(self, url: str, token: str, folder: Path, parent: QObject | None = None, *, ca: Path | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._orders = StoreClient(url, token, ca=ca)
        self._prices = StoreClient(url, token, ca=ca)
        self._order_work = Background("orders", self)
        self._price_work = Background("prices", self)
        self._asking_prices = False
        self._answered: bool | None = None

    def submit(self, order: SubmitOrder) -> None:
        """Hand an order in."""
        self._order_work.run(
            lambda: self._orders.submit_order(order),
            lambda answer: self._tell(SubmitAccepted(answer)),
            lambda error: self._fail(error, lambda refusal: SubmitRefused(order.order_id, refusal)),
        )

    def ask_order(self, order_id: UUID) -> None:
        """Ask how an order is."""

        def refused(refusal: Refusal) -> Event:
            return OrderDropped(order_id) if refusal is Refusal.UNKNOWN_ORDER else AskingRefused(refusal)

        self._order_work.run(lambda: self._orders.order(order_id), self._tell_order, lambda error: self._fail(error, refused))

    def ask_prices(self, held_version: int | None) -> None:
        """Fetch what has changed since ``held_version``, or the whole price book; one question at a time."""
        if not self._asking_prices:
            self._asking_prices = True
            self._price_work.run(lambda: self._fetch_prices(held_version), self._prices_told, self._prices_failed)

    def stop(self) -> None:
        """Wait for what is being asked, ask no more."""
        self._order_work.stop()
        self._price_work.stop()
        self._orders.close()
        self._prices.close()

    def _fetch_prices(self, held_version: int | None) -> bool:
        if held_version is not None:
            try:
                return self._fetch_changes(held_version)
            except (StoreRefusedError, PriceChangesError) as error:
                _log.info("the whole price book is fetched", reason=str(error))
        book = self._prices.price_book(held_version)
        if book is not None:
            write_price_book(self._folder, book, self._prices.shop())
        return book is not None

    def _fetch_changes(self, held_version: int) -> bool:
        changes = self._prices.price_book_changes(held_version)
        if changes.terms.version == held_version:
            return False
        write_changes(self._folder, changes, self._prices.shop())
        return True

    def _prices_told(self, changed: bool) -> None:  # noqa: FBT001 - the worker's result
        self._asking_prices = False
        self._hear(answered=True)
        if changed:
            self.prices_changed.emit()

    def _prices_failed(self, error: Exception) -> None:
        self._asking_prices = False
        if isinstance(error, StoreUnreachableError):
            self._hear(answered=False, reason=str(error))
        elif isinstance(error, StoreRefusedError):
            self._hear(answered=True, refusal=error.refusal)
        else:
            _log.error("the new price book cannot be used; the old one stays", reason=str(error))

    def _tell_order(self, order: Order) -> None:
        self._tell(seen(order))

    def _tell(self, event: Event) -> None:
        self._hear(answered=True)
        self.happened.emit(event)

    def _fail(self, error: Exception, refused: Callable[[Refusal], Event]) -> None:
        if isinstance(error, StoreRefusedError) and error.refusal is not Refusal.SERVER_BUSY:
            self._hear(answered=True, refusal=error.refusal)
            self.happened.emit(refused(error.refusal))
            return
        if not isinstance(error, StoreUnreachableError | StoreRefusedError):
            _log.error("asking the store failed through a mistake of our own", exc_info=error)
        self._hear(answered=False, reason=str(error))
        self.happened.emit(StoreUnreachable())

    def _hear(self, *, answered: bool, refusal: Refusal | None = None, reason: str = "") -> None:
        if answered != self._answered:
            self._answered = answered
            if answered:
                _log.info("the store answers")
            else:
                _log.warning("the store does not answer; orders wait, scanning goes on", reason=reason)
        self.heard.emit(answered, refusal)
