"""Talks to the store server on two threads of its own, so that no lane ever waits for the network.

The *asker* asks whether a pass may leave, lets go of abandoned attempts and looks after an order in the lane. The *reporter*
reports lanes each second and hears staff's commands, uploads exits from the record until the server has them, and refreshes
keys and prices. Answers come back as events through ``publish`` (pass ``queue.put``).
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from gate_controller.offline import Trust
from gate_controller.passes_used import PassesUsed, RecordError
from gate_controller.settings import StoreSettings
from gate_controller.shop_cache import ShopCache
from store_server.contract.client import StoreClient, StoreError, StoreRefusedError, StoreUnreachableError
from store_server.contract.lane_messages import EnterLane, LaneReport, LeaveLane, StaffCommand
from store_server.contract.order_messages import Order
from store_server.contract.price_changes import PriceChangesError, apply_changes
from store_server.contract.refusals import Refusal
from store_server.contract.shop_messages import OfflineCaps

QUESTIONS_MAX = 100
ENTRY_TIMEOUT_S = 4.0
"""A shopper waits at the lane for this answer; after it the signature decides."""
REPORT_TIMEOUT_S = 4.0
HEARD_STEP_S = 10
"""The disk learns at most so often that the server was heard."""
FIRST_REFRESH_RETRY_S = 2.0
STOP_TIMEOUT_S = 10.0
_NO_CAPS = OfflineCaps(value_minor=0, exits=0, away_s=0)
_OUR_MISTAKE = frozenset({Refusal.UNAUTHENTICATED, Refusal.FORBIDDEN, Refusal.SERVER_BUSY})
"""Refusals that say nothing about the order: repeat once the device is enrolled."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EntryAnswered:
    """What the server said about a pass: an order, a refusal, or nothing at all."""

    lane: str
    entry_id: UUID
    order: Order | None = None
    refusal: Refusal | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """How the order in a lane stands; None when the server did not say."""

    lane: str
    order: Order | None


@dataclass(frozen=True, slots=True)
class CommandsHeard:
    """What staff wants a lane to do."""

    lane: str
    commands: tuple[StaffCommand, ...]


LinkEvent: TypeAlias = EntryAnswered | OrderSeen | CommandsHeard


@dataclass(frozen=True, slots=True)
class _OrderQuestion:
    lane: str
    order_id: UUID


class StoreLink:
    """The connection of all lanes to the store server."""

    def __init__(
        self, settings: StoreSettings, record: PassesUsed, cache: ShopCache, publish: Callable[[LinkEvent], None]
    ) -> None:
        self._settings = settings
        self._record = record
        self._cache = cache
        self._publish = publish
        self._questions: queue.Queue[EnterLane | _OrderQuestion | None] = queue.Queue(QUESTIONS_MAX)
        self._reports: dict[str, LaneReport] = {}
        self._reports_lock = threading.Lock()
        self._report_now = threading.Event()
        self._stopping = threading.Event()
        self._heard_mono_s: float | None = None
        self._heard_stored = record.server_heard_at()
        self._is_away = False
        self._refresh_at = 0.0
        self._threads = [
            threading.Thread(target=self._ask_forever, name="store-asker", daemon=True),
            threading.Thread(target=self._report_forever, name="store-reporter", daemon=True),
        ]

    def start(self) -> None:
        """Begin to talk; keys and prices come first."""
        self._report_now.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads; what was not sent stays in the record."""
        self._stopping.set()
        self._report_now.set()
        self._put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_TIMEOUT_S)

    def ask_entry(self, request: EnterLane) -> None:
        """Ask whether a pass may leave; answered by :class:`EntryAnswered`."""
        self._put(request)

    def ask_order(self, lane: str, order_id: UUID) -> None:
        """Ask how an order stands; answered by :class:`OrderSeen`."""
        self._put(_OrderQuestion(lane, order_id))

    def flush_entries(self) -> None:
        """Let go soon of attempts that were marked to be left."""
        self._put(None)

    def report(self, report: LaneReport, *, now: bool) -> None:
        """Keep what a lane says of itself for the next report; ``now`` does not wait for the next second."""
        with self._reports_lock:
            self._reports[report.lane] = report
        if now:
            self._report_now.set()

    def trust(self) -> Trust:
        """Return how far a signature alone may be trusted at this moment."""
        shop = self._cache.shop
        return Trust(
            caps=shop.offline_caps if shop is not None else _NO_CAPS,
            exits=self._record.exits_without_server(),
            away_s=self._away_s(),
        )

    def _away_s(self) -> float | None:
        if self._heard_mono_s is not None:
            return time.monotonic() - self._heard_mono_s
        return None if self._heard_stored is None else time.time() - self._heard_stored

    def _put(self, question: EnterLane | _OrderQuestion | None) -> None:
        try:
            self._questions.put_nowait(question)
        except queue.Full:
            _log.warning("too many questions wait for the store server; %s is dropped", type(question).__name__)

    # the asker

    def _ask_forever(self) -> None:
        client = StoreClient(self._settings.url, self._settings.token, answer_timeout_s=ENTRY_TIMEOUT_S, ca=self._settings.ca)
        while not self._stopping.is_set():
            try:
                question = self._questions.get(timeout=self._settings.report_period_s)
            except queue.Empty:
                question = None
            try:
                self._leave_entries(client)
            except (StoreUnreachableError, RecordError) as error:
                _log.debug("entries are released later: %s", error)
            if isinstance(question, EnterLane):
                self._publish(self._entry_answer(client, question))
            elif question is not None:
                self._publish(self._order_answer(client, question))
        client.close()

    def _leave_entries(self, client: StoreClient) -> None:
        for entry_id in self._record.entries_to_leave():
            try:
                client.leave_lane(LeaveLane(entry_id=entry_id))
            except StoreRefusedError as error:
                if error.refusal in _OUR_MISTAKE:
                    return
                _log.info("entry %s needs no release: %s", entry_id, error)
            self._record.end_entry(entry_id)

    def _entry_answer(self, client: StoreClient, request: EnterLane) -> EntryAnswered:
        try:
            self._record.begin_entry(request.entry_id)
            order = client.enter_lane(request)
        except StoreRefusedError as error:
            self._heard()
            self._end_entry(request.entry_id)
            refusal = Refusal.OFFLINE_CAP if error.refusal in _OUR_MISTAKE else error.refusal
            sentence = "" if error.refusal in _OUR_MISTAKE else error.sentence
            if error.refusal in _OUR_MISTAKE:
                _log.error("the store server does not serve this controller: %s", error)
            return EntryAnswered(request.lane, request.entry_id, refusal=refusal, sentence=sentence)
        except (StoreUnreachableError, RecordError) as error:
            _log.warning("the server did not decide about a pass: %s", error)
            return EntryAnswered(request.lane, request.entry_id)
        self._heard()
        return EntryAnswered(request.lane, request.entry_id, order=order)

    def _end_entry(self, entry_id: UUID) -> None:
        try:
            self._record.end_entry(entry_id)
        except RecordError as error:
            _log.warning("%s", error)

    def _order_answer(self, client: StoreClient, question: _OrderQuestion) -> OrderSeen:
        try:
            order = client.order(question.order_id)
        except StoreError as error:
            _log.debug("no news of order %s: %s", question.order_id, error)
            return OrderSeen(question.lane, None)
        self._heard()
        return OrderSeen(question.lane, order)

    # the reporter

    def _report_forever(self) -> None:
        client = StoreClient(self._settings.url, self._settings.token, answer_timeout_s=REPORT_TIMEOUT_S, ca=self._settings.ca)
        while not self._stopping.is_set():
            self._report_now.wait(self._settings.report_period_s)
            self._report_now.clear()
            try:
                self._report_lanes(client)
                self._report_exits(client)
                self._refresh(client)
            except StoreUnreachableError as error:
                self._away(str(error))
            except StoreRefusedError as error:
                self._away(f"it refuses this controller: {error}")
            except RecordError:
                _log.exception("the record of used passes failed")
        client.close()

    def _report_lanes(self, client: StoreClient) -> None:
        with self._reports_lock:
            reports = list(self._reports.values())
        for report in reports:
            answer = client.report_lane(report)
            self._heard()
            if answer.commands:
                self._publish(CommandsHeard(report.lane, tuple(answer.commands)))

    def _report_exits(self, client: StoreClient) -> None:
        for exit_report in self._record.exits_to_report():
            try:
                client.report_exit(exit_report)
            except StoreRefusedError as error:
                if error.refusal in _OUR_MISTAKE:
                    raise
                _log.error("exit %s of order %s is refused: %s", exit_report.exit_id, exit_report.order_id, error)
                self._record.exit_answered(exit_report.exit_id, error.refusal.value)
            else:
                self._record.exit_answered(exit_report.exit_id, "recorded")
                _log.info("exit of order %s is reported", exit_report.order_id)

    def _refresh(self, client: StoreClient) -> None:
        if time.monotonic() < self._refresh_at:
            return
        self._refresh_at = time.monotonic() + FIRST_REFRESH_RETRY_S
        self._cache.keep_shop(client.shop())
        self._refresh_prices(client)
        self._refresh_at = time.monotonic() + self._settings.refresh_period_s

    def _refresh_prices(self, client: StoreClient) -> None:
        held = self._cache.price_book
        if held is not None:
            try:
                changes = client.price_book_changes(held.version)
                if changes.terms.version != held.version:
                    self._cache.keep_price_book(apply_changes(held, changes))
            except (StoreRefusedError, PriceChangesError) as error:
                _log.info("the whole price book is fetched: %s", error)
            else:
                return
        book = client.price_book(held.version if held is not None else None)
        if book is not None:
            self._cache.keep_price_book(book)

    def _heard(self) -> None:
        self._heard_mono_s = time.monotonic()
        now = int(time.time())
        if self._is_away:
            _log.info("the store server is back")
        if self._is_away or self._heard_stored is None or abs(now - self._heard_stored) >= HEARD_STEP_S:
            self._is_away = False
            self._heard_stored = now
            try:
                self._record.server_heard(now)
            except RecordError as error:
                _log.warning("%s", error)

    def _away(self, reason: str) -> None:
        if not self._is_away:
            _log.warning("the store server is away: %s", reason)
        self._is_away = True
